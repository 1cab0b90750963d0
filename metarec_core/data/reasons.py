"""What each rule of cleaning did, in a sentence: kept with the tables in English, and told again in the reader's language."""

from __future__ import annotations

from typing import Final

from metarec_core.data.tables import CleaningStep
from metarec_core.language import later
from metarec_core.language.kept import again

REASONS: Final = {
    "ragged": later("Rows with more or fewer cells than the header."),
    "unclosed_quote": later("Lines with an unclosed quotation mark: the mark was removed."),
    "undecodable": later(
        "Rows with bytes that are invalid in the file's encoding: each was replaced by a placeholder character."
    ),
    "decimal": later("Whole numbers written with a decimal point in {column}: 1.0 is read as 1."),
    "unparsable": later("Rows whose {column} is not a number: the value was cleared."),
    "events.missing_id": later("Rows without a user or an item."),
    "items.missing_id": later("Rows without an item."),
    "facts.missing_id": later("Rows without an item, a relation or an entity."),
    "users.missing_id": later("Rows without a user."),
    "events.duplicate": later("Rows that repeat user, item and time of an earlier row."),
    "items.duplicate": later("Rows that repeat the item of an earlier row."),
    "facts.duplicate": later("Rows that repeat an earlier fact."),
    "users.duplicate": later("Rows that repeat the user of an earlier row."),
    "row_order": later("There is no time column: the order of the rows is used as the order of events."),
    "time_format": later("Column {source!r} was read as {format}."),
    "missing_time": later("Rows without a time."),
    "unparsable_time": later("Rows whose time cannot be read."),
    "impossible_time": later("Rows dated before {year} or in the future."),
    "too_early": later("Rows dated before {day}."),
    "too_late": later("Rows dated after {day}."),
    "test_account": later("All rows of users whose ID matches {pattern}."),
    "negative_label": later("Rows whose {source!r} is 0: offered, but not chosen."),
    "low_label": later("Rows whose {source!r} is below {least:g}."),
    "impossible_rating": later("Rows whose rating is below {low:g} or above {high:g}."),
    "low_rating": later("Rows whose rating is below {least:g}: not liked."),
    "impossible_weight": later("Rows whose weight is zero or negative: the value was cleared."),
    "many_contexts": later("Column {source!r} has {n:,} different values, too many for a situation: it is not used."),
    "near_duplicate": later("Rows within {seconds:g} s of the same user's last row with the same item."),
    "bot": later("All rows of users with more than {most:,} events on one day."),
    "regular_bot": later("All rows of users with more than {most} events at almost equal intervals."),
    "burst": later("Rows of a user with more than {most:,} events within a minute."),
    "too_few": later(
        "Rows of users with fewer than {users} rows or items with fewer than {items}, repeated until all have enough."
    ),
    "unlisted_item": later("Items that appear only in events: the ID is used as the title."),
    "missing_title": later("Items without a title: the ID is used as the title."),
    "unknown_item": later("Facts about things that are not in the catalogue, such as other entities."),
    "unknown_user": later("Users in the user table without any event."),
    "unlisted_user": later("Users with events who are not in the user table."),
    "vectors.missing_id": later("Vectors without an item."),
    "vectors.unparsable_vector": later("Vectors with a value that is not a finite number."),
    "vectors.duplicate": later("Vectors that repeat the item of an earlier row."),
    "vectors.unknown_item": later("Vectors of items that are not in the catalogue."),
    "vectors.no_vector": later("Items of the catalogue without a vector {mode!r}."),
    "pseudonym_users": later("User IDs were replaced by pseudonyms; the text of dropped and changed rows is not kept."),
    "pseudonym_users_and_items": later(
        "User and item IDs were replaced by pseudonyms; the text of dropped and changed rows is not kept."
    ),
}
"""By rule, with the table before it where the rule means something else for each."""


IS_TEXT: Final = later("Column {column!r} is free text")
BY_NAME: Final = later("Column {column!r} looks like {kind} (by its name)")
BY_SAMPLE: Final = later("Column {column!r} looks like {kind} ({share:.0%} of a sample)")
IS_ID: Final = later("{found}, and IDs cannot be left out: replace them by pseudonyms.")
IS_LEFT_OUT: Final = later("{found}: left out.")
WAS_KEPT: Final = later("{found}: kept.")
KIND_WORDS: Final = {
    "email": later("e-mail addresses"),
    "phone": later("phone numbers"),
    "card": later("card numbers"),
    "name": later("names of people"),
    "text": later("free text"),
}
"""What columns hold that tell who somebody is."""

_TIMES: Final = (
    later("{unit} since 1970"),
    later("seconds"),
    later("milliseconds"),
    later("microseconds"),
    later("nanoseconds"),
    later("positions in a sequence, not clock times"),
    later("dates, UTC where they name no zone"),
    later("dates, day first, UTC where they name no zone"),
    later("dates, day first (no date has a part above 12 that would tell), UTC where they name no zone"),
    later("dates, month first, UTC where they name no zone"),
)
"""How times are written, as ``parse_times`` names it."""
_PERSONAL: Final = (IS_ID, IS_LEFT_OUT, WAS_KEPT, IS_TEXT, BY_NAME, BY_SAMPLE, *KIND_WORDS.values())


def reason(rule: str, table: str, /, **values: object) -> str:
    """What a rule did, in English: it is kept.

    Args:
        rule: Its name; of rules about a column, without the column.
        table: The table, as in a report.
        values: What the sentence has places for.
    """
    words = REASONS.get(f"{table.partition('.')[0]}.{rule}") or REASONS[rule]
    return words.format(**values) if values else words


def reason_said(step: CleaningStep) -> str:
    """The kept reason of a step in the language of who reads."""
    return again(step.reason, (*REASONS.values(), *_PERSONAL, *_TIMES))
