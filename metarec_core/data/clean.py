"""The analyst's files in, cleaned tables out, and a report of every row that was dropped, coerced or noticed.

The rules, in their order; each counts only rows that those before it left, so that the counts add up to the file's rows::

    reading     ragged, unclosed_quote, undecodable
    ids         missing_id, test_account
    times       missing_time, unparsable_time, impossible_time, too_early, too_late
    values      negative_label or low_label, impossible_rating, low_rating, unparsable_*, impossible_weight
    repeats     duplicate, near_duplicate
    robots      bot, regular_bot, burst
    too little  too_few
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.config import CleaningConfig
from metarec_core.data import columns, privacy, rules
from metarec_core.data.columns import Match, TableName, match_columns, missing_columns
from metarec_core.data.decode import Source
from metarec_core.data.ledger import Ledger
from metarec_core.data.read import AS_FOUND, RawTable, Reading, is_missing, read_raw
from metarec_core.data.reasons import reason, reason_said
from metarec_core.data.tables import CleaningReport, CleaningStep, Tables, make_tables
from metarec_core.data.times import FORMATS, parse_times
from metarec_core.data.vectors import VectorSource, lay_beside, read_vectors, take_vectors
from metarec_core.errors import DataError
from metarec_core.language import later, say

DEFAULT_CLEANING = CleaningConfig()

MAX_CONTEXT_VALUES = 1_000
"""A behaviour column with more different values than this is not a situation that comes again."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Behaviour logs are not older; an earlier time is a clock that was not set."""

_DAY_ZERO = EARLIEST.replace(year=1970).toordinal()
_YES, _NO = ("1", "1.0", "true", "True", "yes"), ("0", "0.0", "false", "False", "no")

BoolArray = npt.NDArray[np.bool_]


def read_tables(
    behaviour: Source | RawTable,
    items: Source | RawTable | None = None,
    facts: Source | RawTable | None = None,
    *,
    users: Source | RawTable | None = None,
    vectors: Mapping[str, VectorSource] | None = None,
    name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    reading: Mapping[TableName, Reading] | None = None,
    cleaning: CleaningConfig = DEFAULT_CLEANING,
) -> Tables:
    """Read and clean an analyst's files.

    A bad row never stops reading: it is dropped or mended, counted under a rule, and shown in the report.

    Args:
        behaviour: Who did something with which item, when; optionally rating, weight and contexts. Without a time
            column the order of the rows is the order of the events.
        items: What the items are: title, description, attributes.
        facts: item, relation, entity.
        users: What the users are: attributes.
        vectors: Numbers that something else made of items, by mode ("image", "audio" …): see ``read_vectors``. Columns of
            vectors in the item file are found there.
        name: What to call the tables; the behaviour file's name if not given.
        mapping: Overrides of what columns are used as, each a column inside MetaRec → the file's column, or "" for
            "there is none": ``{"user_id": "who", "rating": "", "items.title": "label", "facts.entity": "what"}``. Names
            without prefix are the behaviour file's.
        reading: How files are to be read, by table, where someone knows better than what is found in them.
        cleaning: The rules.

    Returns:
        The tables, their ``report`` included.

    Raises:
        DataError: The files cannot be used; the message names every blocking problem.
    """
    overrides = _by_table(mapping or {})
    raw: dict[TableName, tuple[RawTable, Match]] = {}
    problems = []
    sources: dict[TableName, Source | RawTable | None] = {
        "events": behaviour,
        "items": items,
        "facts": facts,
        "users": users,
    }
    for table, source in sources.items():
        if source is None:
            continue
        try:
            read = read_raw(source, (reading or {}).get(table, AS_FOUND))
            match = match_columns(read.cells.column_names, table, overrides[table])
            problem = missing_columns(match, table, read.name)
        except DataError as error:
            problem = str(error)
        if problem is not None:
            problems.append(problem)
        else:
            raw[table] = read, match
    numbers = {}
    for mode, vector_source in (vectors or {}).items():
        try:
            numbers[mode] = read_vectors(vector_source)
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError(" ".join(problems))

    ledgers: dict[TableName, Ledger] = {}
    for table in tuple(
        raw
    ):  # which only the ledgers hold from here on: they let go of cells that have done their service
        kept_read, kept_match, remarks = privacy.hold_back(table, *raw.pop(table), cleaning)
        ledgers[table] = Ledger(table, kept_read, kept_match)
        ledgers[table].steps += remarks
    del source, read, kept_read
    event_frame = _clean_events(ledgers["events"], cleaning)
    item_frame, added = _clean_items(ledgers.get("items"), event_frame[columns.ITEM_ID])
    fact_frame = _clean_facts(ledgers["facts"], item_frame[columns.ITEM_ID]) if "facts" in ledgers else None

    user_frame = _clean_users(ledgers["users"], event_frame[columns.USER_ID]) if "users" in ledgers else None
    item_frame, inline = take_vectors(item_frame)
    laid = {mode: lay_beside(raw_vectors, item_frame[columns.ITEM_ID], mode) for mode, raw_vectors in numbers.items()}

    steps = [step for ledger in ledgers.values() for step in ledger.steps]
    if added is not None:
        steps.append(added)
    kept: dict[str, int] = {"events": len(event_frame), "items": len(item_frame)}
    if fact_frame is not None:
        kept["facts"] = len(fact_frame)
    if user_frame is not None:
        kept["users"] = len(user_frame)
    rows_read: dict[str, int] = {table: ledger.raw.n_rows for table, ledger in ledgers.items()}
    for mode, (_, vector_steps) in laid.items():
        steps += vector_steps
        rows_read[f"vectors.{mode}"] = len(numbers[mode].ids)
        dropped = sum(step.rows for step in vector_steps if step.action == "dropped")
        kept[f"vectors.{mode}"] = len(numbers[mode].ids) - dropped
    report = CleaningReport(
        rows_read=rows_read,
        rows_kept=kept,
        steps=tuple(steps),
        matched={table: dict(ledger.used) for table, ledger in ledgers.items()},
        ignored={table: ledger.ignored for table, ledger in ledgers.items()},
        affected=pd.concat([ledger.affected() for ledger in ledgers.values()], ignore_index=True),
        files={table: ledger.raw.name for table, ledger in ledgers.items()},
    )
    return make_tables(
        name or _stem(ledgers["events"].raw.name),
        event_frame,
        item_frame,
        fact_frame,
        report,
        users=user_frame,
        vectors={**inline, **{mode: array for mode, (array, _) in laid.items()}},
    )


def read_ids(source: Source, column: str = columns.USER_ID, *, mapping: Mapping[str, str] | None = None) -> pa.Array:
    """Distinct ids of a behaviour file as the tables would have them, in order of appearance.

    Raises:
        DataError: The file cannot be used.
    """
    raw = read_raw(source)
    match = match_columns(raw.cells.column_names, "events", _by_table(mapping or {})["events"])
    problem = missing_columns(match, "events", raw.name)
    if problem is not None:
        raise DataError(problem)
    ids = pc.unique(_ids(Ledger("events", raw, match), column))
    return ids.filter(pa.array(~is_missing(ids)))


def _clean_events(ledger: Ledger, cleaning: CleaningConfig) -> pd.DataFrame:
    values: dict[str, Any] = {}
    for column in (columns.USER_ID, columns.ITEM_ID):
        values[column] = _ids(ledger, column)
    ledger.drop(
        is_missing(values[columns.USER_ID]) | is_missing(values[columns.ITEM_ID]),
        "missing_id",
    )
    _drop_test_accounts(ledger, values[columns.USER_ID], cleaning.test_accounts)
    times, is_clock = _times(ledger, cleaning)
    values[columns.TIME] = pa.array(times).cast(pa.timestamp("us", "UTC")) if is_clock else times
    _drop_by_label(ledger, cleaning)
    for column, clean in ((columns.RATING, _ratings), (columns.WEIGHT, _weights)):
        numbers = clean(ledger, cleaning) if column in ledger.used else None
        if numbers is not None:
            values[column] = numbers
    for column in [c for c in ledger.used if c.startswith(columns.CONTEXT_PREFIX)]:
        texts = _context(ledger, column)
        if texts is not None:
            values[column] = texts

    users, items = _codes(values[columns.USER_ID]), _codes(values[columns.ITEM_ID])
    _compare(ledger, users, items, times, is_clock, cleaning)
    _require_two(ledger, users, items)
    return ledger.frame(values)


def _ids(ledger: Ledger, column: str) -> pa.ChunkedArray:
    """Ids as text; ``1.0`` is ``1`` where the whole column is like that, as a column that once was numbers is."""
    texts = ledger.texts(column)
    decimal = pc.match_substring_regex(texts, r"^-?\d+\.0+$").to_numpy()
    if decimal.any() and (decimal | is_missing(texts) | pc.match_substring_regex(texts, r"^-?\d+$").to_numpy()).all():
        ledger.coerce(decimal, "decimal", column=column)
        texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    return texts


def _times(ledger: Ledger, cleaning: CleaningConfig) -> tuple[npt.NDArray[np.int64], bool]:
    """Microseconds since 1970 or positions, int64 [n_rows], and whether they are microseconds."""
    if columns.TIME not in ledger.used:
        ledger.keep(int(ledger.alive.sum()), "row_order")
        return ledger.raw.lines, False
    times = parse_times(ledger.texts(columns.TIME))
    source = ledger.used[columns.TIME]
    if (times.missing | times.unparsable).all():
        unparsable = np.flatnonzero(times.unparsable)
        example = ledger.texts(columns.TIME)[int(unparsable[0])].as_py()[:40] if len(unparsable) else ""
        raise DataError(
            say(
                "No value in column {source!r} of {name} can be read as a time (for example "
                "{example!r}): write times as {formats}, or choose another column.",
                source=source,
                name=ledger.raw.name,
                example=example,
                formats=say(FORMATS),
            )
        )
    ledger.keep(int(ledger.alive.sum()), "time_format", source=source, format=times.format)
    ledger.drop(times.missing, "missing_time")
    ledger.drop(times.unparsable, "unparsable_time")
    if times.is_clock and cleaning.drop_impossible_times:
        latest = datetime.now(UTC) + timedelta(days=1)
        impossible = (times.values < EARLIEST.timestamp() * 1e6) | (times.values > latest.timestamp() * 1e6)
        ledger.drop(impossible, "impossible_time", year=EARLIEST.year)
    if times.is_clock:
        days = times.values // rules.DAY
        first, last = (
            None if day is None else day.toordinal() - _DAY_ZERO for day in (cleaning.first_day, cleaning.last_day)
        )
        if first is not None:
            ledger.drop(days < first, "too_early", day=cleaning.first_day)
        if last is not None:
            ledger.drop(days > last, "too_late", day=cleaning.last_day)
    return times.values, times.is_clock


def _drop_test_accounts(ledger: Ledger, users: pa.ChunkedArray, pattern: str) -> None:
    if not pattern:
        return
    try:
        found = pc.match_substring_regex(users, f"^(?:{pattern})$", ignore_case=True)
    except pa.ArrowInvalid:
        raise DataError(
            say(
                "The pattern of test accounts {pattern!r} is not a regular expression: write one like (test|demo).*",
                pattern=pattern,
            )
        ) from None
    ledger.drop(found.to_numpy(), "test_account", pattern=pattern)


def _drop_by_label(ledger: Ledger, cleaning: CleaningConfig) -> None:
    """Where a label says 1 for what happened and 0 for what was only offered, the offers are no events."""
    if columns.LABEL not in ledger.used:
        return
    source, texts = ledger.used[columns.LABEL], ledger.texts(columns.LABEL)
    yes, no = (pc.is_in(texts, value_set=pa.array(values)).to_numpy() for values in (_YES, _NO))
    says_whether = bool((yes | no | is_missing(texts)).all() and yes.any() and no.any())
    if says_whether and cleaning.drop_negative_labels:
        ledger.drop(no, "negative_label", source=source)
    elif not says_whether and cleaning.min_label is not None:
        below = _numbers(ledger, columns.LABEL) < cleaning.min_label
        ledger.drop(below, "low_label", source=source, least=cleaning.min_label)
    else:
        del ledger.used[columns.LABEL]


def _numbers(ledger: Ledger, column: str) -> npt.NDArray[np.float64]:
    """A column as float64 [n_rows]; NaN where it is empty or no number, the latter noted."""
    texts = ledger.texts(column)
    missing = is_missing(texts)
    numeric = pc.match_substring_regex(texts, r"^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$").to_numpy()
    plain = pc.if_else(pa.array(numeric), pc.replace_substring(texts, ",", "."), "nan")
    numbers = pc.cast(plain, pa.float64()).to_numpy()
    unparsable = ~missing & ~np.isfinite(numbers)
    ledger.coerce(unparsable, "unparsable", column=column)
    return np.where(unparsable, np.nan, numbers)


def _ratings(ledger: Ledger, cleaning: CleaningConfig) -> npt.NDArray[np.float64] | None:
    numbers = _numbers(ledger, columns.RATING)
    present = numbers[np.isfinite(numbers) & ledger.alive]
    if len(present) == 0:
        del ledger.used[columns.RATING]
        return None
    low, high = cleaning.rating_scale or _likely_scale(present)
    outside = (numbers < low) | (numbers > high)
    ledger.drop(outside, "impossible_rating", low=low, high=high)
    if cleaning.min_rating is not None:
        ledger.drop(numbers < cleaning.min_rating, "low_rating", least=cleaning.min_rating)
    return numbers


def _likely_scale(ratings: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Bounds that only slips (99 on a scale to 5, -1 for "none") lie outside of: wide, because rare ratings are real."""
    low, high = np.quantile(ratings, [0.01, 0.99], method="inverted_cdf")
    span = high - min(low, 0.0)
    return (0.0 if low >= 0 else float(low - span)), float(high + span)


def _weights(ledger: Ledger, cleaning: CleaningConfig) -> npt.NDArray[np.float64] | None:
    numbers = _numbers(ledger, columns.WEIGHT)
    ledger.coerce(numbers <= 0, "impossible_weight")
    numbers = np.where(numbers <= 0, np.nan, numbers)
    if not np.isfinite(numbers[ledger.alive]).any():
        del ledger.used[columns.WEIGHT]
        return None
    return numbers


def _context(ledger: Ledger, column: str) -> pa.ChunkedArray | None:
    texts = _values(ledger, column)
    n_values = pc.count_distinct(texts).as_py()
    if n_values > MAX_CONTEXT_VALUES:
        source = ledger.used.pop(column)
        ledger.keep(int(ledger.alive.sum()), "many_contexts", source=source, n=n_values)
        return None
    return texts


def _values(ledger: Ledger, column: str) -> pa.ChunkedArray:
    """A column of texts, empty where there is no value."""
    texts = ledger.texts(column)
    missing = is_missing(texts)
    return pc.if_else(pa.array(missing), "", texts) if missing.any() else texts


def _codes(ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Equal ids, equal number, int64 [n]."""
    return np.concatenate([np.zeros(0, np.int64), *(chunk.indices for chunk in ids.dictionary_encode().chunks)])


def _compare(
    ledger: Ledger,
    users: npt.NDArray[np.int64],
    items: npt.NDArray[np.int64],
    times: npt.NDArray[np.int64],
    is_clock: bool,
    cleaning: CleaningConfig,
) -> None:
    """The rules that look at several events at once."""
    again = rules.come_again(users, items, ledger.alive)
    if cleaning.drop_duplicates and columns.TIME in ledger.used:
        taken = rules.repeated(users, items, times, ledger.alive & again)
        ledger.drop(taken, "duplicate")
    if is_clock and cleaning.repeat_window_s:
        taken = rules.repeated_within(
            users, items, times, ledger.alive & again, int(cleaning.repeat_window_s * rules.SECOND)
        )
        ledger.drop(taken, "near_duplicate", seconds=cleaning.repeat_window_s)
    if is_clock and cleaning.max_events_per_day is not None:
        taken = rules.busy(users, times, ledger.alive, cleaning.max_events_per_day)
        ledger.drop(taken, "bot", most=cleaning.max_events_per_day)
    if is_clock and cleaning.drop_regular:
        ledger.drop(rules.regular(users, times, ledger.alive), "regular_bot", most=rules.FEWEST_GAPS)
    if is_clock and cleaning.max_events_per_minute is not None:
        taken = rules.bursts(users, times, ledger.alive, cleaning.max_events_per_minute)
        ledger.drop(taken, "burst", most=cleaning.max_events_per_minute)
    if cleaning.min_user_events > 1 or cleaning.min_item_events > 1:
        taken = rules.too_few(users, items, ledger.alive, cleaning.min_user_events, cleaning.min_item_events)
        ledger.drop(taken, "too_few", users=cleaning.min_user_events, items=cleaning.min_item_events)


def _require_two(ledger: Ledger, users: npt.NDArray[np.int64], items: npt.NDArray[np.int64]) -> None:
    name = ledger.raw.name
    if not ledger.alive.any():
        dropped = sorted((s for s in ledger.steps if s.action == "dropped"), key=lambda step: -step.rows)
        reasons = [(step.rows, reason_said(step).rstrip(".。")) for step in dropped[:3]]
        why = say("; ").join(f"{rows:,} × {words[0].lower()}{words[1:]}" for rows, words in reasons)
        raise DataError(
            say(
                "Cleaning left no row of {name} ({why}): check the columns or relax the cleaning rules.",
                name=name,
                why=why,
            )
        )
    for message, codes in (
        (
            later("After cleaning, {name} has only one user: a recommender needs at least two users and two items."),
            users,
        ),
        (
            later("After cleaning, {name} has only one item: a recommender needs at least two users and two items."),
            items,
        ),
    ):
        left = codes[ledger.alive]
        if (left == left[0]).all():
            raise DataError(say(message, name=name))


def _clean_items(ledger: Ledger | None, event_items: pd.Series) -> tuple[pd.DataFrame, CleaningStep | None]:
    """The item table, items that only events mention added at its end, and a step that says how many those are."""
    listed = _listed_items(ledger) if ledger is not None else None
    unlisted = event_items.drop_duplicates()
    if listed is not None:
        unlisted = unlisted[~unlisted.isin(listed[columns.ITEM_ID])]
    frame = pd.DataFrame({columns.ITEM_ID: unlisted, columns.TITLE: unlisted}).assign(**{columns.ROW: np.int64(0)})
    if listed is not None:
        texts = {c: "" for c in listed.columns if c not in frame}
        frame = pd.concat([listed, frame.assign(**texts)[list(listed.columns)]])
    step = None
    if len(unlisted):
        words = reason("unlisted_item", "items")
        step = CleaningStep("unlisted_item", "items", "added", len(unlisted), words)
    return frame.reset_index(drop=True), step


def _listed_items(ledger: Ledger) -> pd.DataFrame:
    ids = _ids(ledger, columns.ITEM_ID)
    ledger.drop(is_missing(ids), "missing_id")
    repeats = ledger.alive & pd.Series(_codes(ids)).duplicated().to_numpy()
    ledger.drop(repeats, "duplicate")
    values: dict[str, Any] = {columns.ITEM_ID: ids, columns.TITLE: ids}
    if columns.TITLE in ledger.used:
        titles = _values(ledger, columns.TITLE)
        untitled = pc.equal(titles, "")
        ledger.coerce(untitled.to_numpy(), "missing_title")
        values[columns.TITLE] = pc.if_else(untitled, ids, titles)
    for column in ledger.used:
        if column not in values:
            values[column] = _values(ledger, column)
    return ledger.frame(values)


def _clean_facts(ledger: Ledger, known_items: pd.Series) -> pd.DataFrame:
    values: dict[str, Any] = {columns.ITEM_ID: _ids(ledger, columns.ITEM_ID)}
    for column in (columns.RELATION, columns.ENTITY):
        values[column] = ledger.texts(column)
    missing = np.logical_or.reduce([is_missing(texts) for texts in values.values()])
    ledger.drop(missing, "missing_id")
    codes = pd.DataFrame({column: _codes(texts) for column, texts in values.items()})
    ledger.drop(ledger.alive & codes.duplicated().to_numpy(), "duplicate")
    frame = ledger.frame(values)
    unknown = int((~frame[columns.ITEM_ID].isin(known_items)).sum())
    if unknown:
        ledger.keep(unknown, "unknown_item")
    return frame


def _clean_users(ledger: Ledger, event_users: pd.Series) -> pd.DataFrame:
    ids = _ids(ledger, columns.USER_ID)
    ledger.drop(is_missing(ids), "missing_id")
    repeats = ledger.alive & pd.Series(_codes(ids)).duplicated().to_numpy()
    ledger.drop(repeats, "duplicate")
    values = {column: ids if column == columns.USER_ID else _values(ledger, column) for column in ledger.used}
    frame = ledger.frame(values)
    seen = event_users.drop_duplicates()
    without_events = int((~frame[columns.USER_ID].isin(seen)).sum())
    if without_events:
        ledger.keep(without_events, "unknown_user")
    unlisted = int((~seen.isin(frame[columns.USER_ID])).sum())
    if unlisted:
        ledger.keep(unlisted, "unlisted_user")
    return frame


def _by_table(mapping: Mapping[str, str]) -> dict[TableName, dict[str, str]]:
    by_table: dict[TableName, dict[str, str]] = {table: {} for table in get_args(TableName)}
    for key, source in mapping.items():
        prefix, dot, column = key.rpartition(".")
        table = next((t for t in by_table if t == (prefix if dot else "events")), None)
        if table is None:
            raise DataError(
                say("Column {key!r} cannot be set: write column, items.column, facts.column or users.column.", key=key)
            )
        by_table[table][column] = source
    return by_table


def _stem(name: str) -> str:
    inner = re.sub(r"\.(gz|zip)$", "", Path(name).name, flags=re.IGNORECASE)
    return re.sub(r"\.(csv|tsv|txt|jsonl?|ndjson|parquet|xlsx)$", "", inner, flags=re.IGNORECASE) or name
