"""Columns that tell who somebody is, found before anything is stored, and left out unless someone wants them.

Content is judged by a sample of the column's values:

* e-mail: half of them are addresses;
* card: four fifths have 13 to 19 digits and the right check digit (Luhn, ISO/IEC 7812-1), at least five values;
* phone: half of them are written like one (+49 …, 00 …, 555-123-4567, a Chinese mobile number), or the column is called so and
  half are digits;
* name: the column is called so. Names cannot be told from other words by their letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.config import CleaningConfig
from metarec_core.data import columns
from metarec_core.data.columns import Match, TableName
from metarec_core.data.read import RawTable, is_missing
from metarec_core.data.reasons import BY_NAME, BY_SAMPLE, IS_ID, IS_LEFT_OUT, IS_TEXT, KIND_WORDS, WAS_KEPT
from metarec_core.data.tables import CleaningStep
from metarec_core.language import ENGLISH, say, speaking

Kind = Literal["email", "phone", "card", "name", "text"]

SAMPLE_ROWS: Final = 2_000
TEXT_CHARACTERS: Final = 40
"""A column whose values are longer than this on average is free text."""
LEFT_OUT: Final = "[left out]"
"""What stands in the report for a cell of a column that was left out."""
LEFT_OUT_RULE: Final = "left_out"
"""The remark in the report about such a column."""

_ENOUGH, _ENOUGH_CARDS, _FEWEST_CARDS = 0.5, 0.8, 5
_EMAIL = r"^[^\s@,;]+@[^\s@,;]+\.[\pL]{2,}$"
_PHONE = r"^(?:(?:\+|00)\d[\d ().\-/]{5,18}\d|(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}|1[3-9]\d{9})$"
_DIGITS = r"^\+?\(?\d[\d ().\-/]{4,18}\d$"
_CARD = r"^\d[\d \-]{11,21}\d$"
_NUMBER = r"\d.{4,}\d"
"""What every phone and card number has."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PHONE_NAMES = _names("phone phonenumber telephone tel mobile mobilephone cellphone msisdn 电话 手机 手机号 联系电话")
_EMAIL_NAMES = _names("email emailaddress mail 邮箱 电子邮箱 邮件")
_PERSON_NAMES = _names(
    "firstname lastname surname familyname givenname fullname realname username customername membername reviewername "
    "clientname studentname contactname 姓名 真实姓名 用户名"
)


@dataclass(frozen=True)
class PersonalColumn:
    """A column that tells who somebody is, or is free text in which someone may.

    Attributes:
        column: Its name in the file.
        kind: What its values seem to be.
        share: Which share of a sample of its values look so, 0 to 1; None where only its name says so.
    """

    column: str
    kind: Kind
    share: float | None

    @property
    def words(self) -> str:
        """What it is, for a sentence: ``Column 'mail' looks like e-mail addresses (98% of a sample)``."""
        if self.kind == "text":
            return say(IS_TEXT, column=self.column)
        kind = say(KIND_WORDS[self.kind])
        if self.share is None:
            return say(BY_NAME, column=self.column, kind=kind)
        return say(BY_SAMPLE, column=self.column, kind=kind, share=self.share)


def personal_columns(cells: pa.Table, table: TableName) -> tuple[PersonalColumn, ...]:
    """Columns that look personal, then those of free text, each kind in the order of the file.

    Args:
        cells: Columns of text under the file's names.
        table: What the file is; a "name" of an item is its title, one of a user is a person's.
    """
    places = np.unique(np.linspace(0, max(cells.num_rows - 1, 0), min(cells.num_rows, SAMPLE_ROWS)).astype(np.int64))
    personal, texts = [], []
    for name, column in zip(cells.column_names, cells.take(places).columns, strict=True):
        values = pc.utf8_trim_whitespace(column)
        values = values.filter(pa.array(~is_missing(values)))
        if len(values) == 0:
            continue
        found = _personal(name, values, table)
        if found is not None:
            personal.append(found)
        elif pc.mean(pc.utf8_length(values)).as_py() > TEXT_CHARACTERS:
            texts.append(PersonalColumn(name, "text", None))
    return (*personal, *texts)


def hold_back(
    table: TableName, raw: RawTable, match: Match, cleaning: CleaningConfig
) -> tuple[RawTable, Match, list[CleaningStep]]:
    """A file without the columns that ``cleaning`` leaves out, and a remark about each of them.

    Their cells are gone from the rows that the report shows too. Ids cannot be left out: that they look personal is remarked,
    so that they can be replaced by pseudonyms.
    """
    meanings = {source: column for column, source in match.used.items()}
    steps, left_out = [], []
    for found in personal_columns(raw.cells, table):
        meaning = meanings.get(found.column)
        wanted = cleaning.leave_out_text if found.kind == "text" else cleaning.leave_out_personal
        if meaning in (columns.TITLE, columns.RELATION, columns.ENTITY) and found.kind in ("text", "name"):
            continue
        if meaning in columns.REQUIRED[table]:
            if found.kind != "text":
                steps.append(_remark("personal_id", table, raw, IS_ID, found))
        elif wanted and found.column not in (cleaning.keep_columns or ()):
            left_out.append(found.column)
            steps.append(_remark(LEFT_OUT_RULE, table, raw, IS_LEFT_OUT, found))
        elif found.kind != "text" and meaning is not None:
            steps.append(_remark("personal_column", table, raw, WAS_KEPT, found))
    if columns.DESCRIPTION in match.used and cleaning.leave_out_text:
        source = match.used[columns.DESCRIPTION]
        if source not in left_out and source not in (cleaning.keep_columns or ()):
            left_out.append(source)
            steps.append(_remark(LEFT_OUT_RULE, table, raw, IS_LEFT_OUT, PersonalColumn(source, "text", None)))
    return _without(raw, left_out), _unused(match, left_out), steps


def _remark(rule: str, table: TableName, raw: RawTable, message: str, found: PersonalColumn) -> CleaningStep:
    with speaking(ENGLISH):  # it is kept
        return CleaningStep(rule, table, "kept", raw.n_rows, say(message, found=found.words))


def _without(raw: RawTable, left_out: Sequence[str]) -> RawTable:
    if not left_out:
        return raw
    cells = raw.cells
    for name in left_out:
        blank = pa.repeat(LEFT_OUT, cells.num_rows)
        cells = cells.set_column(cells.column_names.index(name), name, blank)
    return replace(raw, cells=cells, ragged=tuple((line, LEFT_OUT) for line, _ in raw.ragged))


def _unused(match: Match, left_out: Sequence[str]) -> Match:
    used = {column: source for column, source in match.used.items() if source not in left_out}
    return Match(used, (*match.ignored, *(name for name in left_out if name not in match.ignored)))


def _personal(name: str, values: pa.ChunkedArray, table: TableName) -> PersonalColumn | None:
    called = re.sub(r"[\W_]+", "", name.lower())
    shares: list[tuple[Kind, float]] = []
    if _any(pc.match_substring(values, "@")):  # a file may have thousands of columns: most need no closer look
        shares.append(("email", _share(values, _EMAIL)))
    if _any(pc.match_substring_regex(values, _NUMBER)):
        written = _share(values, _PHONE)
        shares.append(("phone", max(written, _share(values, _DIGITS)) if called in _PHONE_NAMES else written))
        shares.append(("card", _card_share(values)))
    for kind, share in shares:
        if share >= _ENOUGH:
            return PersonalColumn(name, kind, share)
    if called in _EMAIL_NAMES:
        return PersonalColumn(name, "email", None)
    is_name = called in _PERSON_NAMES or (called == "name" and table in ("events", "users"))
    if is_name and _share(values, r"\pL") >= _ENOUGH:
        return PersonalColumn(name, "name", None)
    return None


def _any(found: pa.ChunkedArray) -> bool:
    return bool(pc.any(found).as_py())


def _share(values: pa.ChunkedArray, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(values, pattern)).as_py())


def _card_share(values: pa.ChunkedArray) -> float:
    """Share of card numbers; 0 where it is not sure enough: one random number in ten has the right check digit."""
    likely = pc.unique(values.filter(pc.match_substring_regex(values, _CARD))).to_pylist()
    numbers = [re.sub(r"\D", "", text) for text in likely]
    valid = sum(13 <= len(number) <= 19 and _has_check_digit(number) for number in numbers)
    share = valid / len(pc.unique(values))
    return share if valid >= _FEWEST_CARDS and share >= _ENOUGH_CARDS else 0.0


def _has_check_digit(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
