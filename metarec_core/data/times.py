"""Times as people write them (epoch numbers, ISO dates, plain counters) into one scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data.read import is_missing
from metarec_core.language import later

FORMATS = later(
    "epoch seconds, milli-, micro- or nanoseconds, 2024-01-31, 2024-01-31 23:59:59, 2024-01-31T23:59:59+02:00, 20240131, "
    "31.01.2024 23:59, 1/31/2024 11:59 PM"
)
"""What is understood, for messages."""

SMALLEST_EPOCH = 1e8
"""Numbers below (as a column's median) are an order, not a clock: 1e8 seconds is March 1973."""

_UNITS = (
    (1e11, "seconds", 1e6),
    (1e14, "milliseconds", 1e3),
    (1e17, "microseconds", 1.0),
    (np.inf, "nanoseconds", 1e-3),
)
_YEAR_1, _YEAR_9999 = -62_135_596_800_000_000, 253_402_300_799_999_999
_HALF_DAY = 43_200_000_000
_NUMBER = r"^[+-]?\d+(\.\d*)?([eE]\+?\d+)?$"
_DAY_FIRST = r"^(\d{1,2})([-/. ])(\d{1,2})[-/. ](\d{4})([ T,].*)?$"
_COMPACT = r"^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])([0-5]\d)([0-5]\d))?(?:\.0*)?$"


@dataclass(frozen=True)
class Times:
    """A column of times.

    Attributes:
        values: int64 [n], microseconds since 1970 UTC, or positions where the column is only an order; 0 where unknown.
        is_clock: Whether the values are microseconds.
        missing: bool [n], cells without a time.
        unparsable: bool [n], cells with a text that is no time.
        format: What the column was read as, for people.
    """

    values: npt.NDArray[np.int64]
    is_clock: bool
    missing: npt.NDArray[np.bool_]
    unparsable: npt.NDArray[np.bool_]
    format: str


def parse_times(texts: pa.ChunkedArray) -> Times:
    """A column of texts as times. What most cells are decides for all of them; a time without zone is UTC."""
    texts = pc.utf8_trim_whitespace(texts)
    missing = is_missing(texts)
    n_present = len(texts) - int(missing.sum())
    numeric = pc.match_substring_regex(texts, _NUMBER).to_numpy()
    if 2 * int(numeric.sum()) > n_present:
        compact = pc.match_substring_regex(texts, _COMPACT).to_numpy()
        if 2 * int(compact.sum()) <= n_present:
            return _numbers(texts, missing, numeric)
    return _dates(texts, missing)


def _numbers(texts: pa.ChunkedArray, missing: npt.NDArray[np.bool_], numeric: npt.NDArray[np.bool_]) -> Times:
    numbers = pc.cast(pc.if_else(pa.array(numeric), texts, "nan"), pa.float64()).to_numpy()
    numeric = np.isfinite(numbers)
    if not numeric.any():  # 1e999
        return _dates(texts, missing)
    middle = float(np.quantile(np.abs(numbers[numeric]), 0.5, method="inverted_cdf"))
    if middle < SMALLEST_EPOCH:
        usable = numeric & (np.abs(numbers) < 2**53)
        numbers = np.where(usable, numbers, 0.0)
        if (numbers != np.floor(numbers)).any():  # 0.5, 1.5 …: only which comes first matters
            numbers = np.unique(numbers, return_inverse=True)[1].astype(np.float64)
        return Times(
            numbers.astype(np.int64), False, missing, ~usable & ~missing, "positions in a sequence, not clock times"
        )
    unit, microseconds = next((unit, scale) for below, unit, scale in _UNITS if middle < below)
    with np.errstate(over="ignore", invalid="ignore"):
        numbers = np.rint(numbers * microseconds)
        usable = numeric & (numbers >= _YEAR_1) & (numbers <= _YEAR_9999)
    values = np.where(usable, numbers, 0.0).astype(np.int64)
    return Times(values, True, missing, ~usable & ~missing, f"{unit} since 1970")


def _dates(texts: pa.ChunkedArray, missing: npt.NDArray[np.bool_]) -> Times:
    format_ = "dates, UTC where they name no zone"
    for zone in (None, "UTC"):  # a column that is ISO throughout, the usual case, is read at once
        try:
            read = pc.cast(pc.if_else(pa.array(missing), None, texts), pa.timestamp("us", zone))
        except pa.ArrowInvalid:
            continue
        return Times(pc.cast(read, pa.int64()).fill_null(0).to_numpy(), True, missing, np.zeros_like(missing), format_)
    encoded = texts.combine_chunks().dictionary_encode()
    distinct, order = _year_first(encoded.dictionary)
    values, usable = _parse_distinct(distinct)
    numbers = encoded.indices.to_numpy(zero_copy_only=False)
    if order:
        format_ = f"dates, {order}, {format_.removeprefix('dates, ')}"
    return Times(values[numbers], True, missing, ~usable[numbers] & ~missing, format_)


def _year_first(texts: pa.Array) -> tuple[pa.Array, str]:
    """Dates with the year at their end, year first; and in words which of the others was taken for the day.

    A part above 12 anywhere says which one is the day; where none says it, the day comes first, as in most countries.
    """
    texts = pc.replace_substring_regex(texts, r"^(\d{4})年(\d{1,2})月(\d{1,2})日\s*", r"\1-\2-\3 ")
    texts = pc.utf8_trim_whitespace(texts)
    fits = pc.match_substring_regex(texts, _DAY_FIRST)
    if 2 * pc.sum(fits).as_py() <= len(texts):
        return texts, ""
    first, second = (
        pc.cast(pc.replace_substring_regex(texts.filter(fits), _DAY_FIRST, part), pa.int32()).to_numpy(
            zero_copy_only=False
        )
        for part in (r"\1", r"\3")
    )
    month_first = (second > 12).sum() > (first > 12).sum()
    order = "month first" if month_first else "day first"
    if not (first > 12).any() and not (second > 12).any():
        order += " (no date has a part above 12 that would tell)"
    iso = pc.replace_substring_regex(texts, _DAY_FIRST, r"\4-\1-\3\5" if month_first else r"\4-\3-\1\5")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(iso, r"^([-\d]+),?\s*", r"\1 ")), order


def _parse_distinct(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    iso = pc.replace_substring_regex(texts, r"^(\d{4})[-/.](\d)[-/.]", r"\1-0\2-")
    iso = pc.replace_substring_regex(iso, r"^(\d{4})[/.](\d\d)[/.]", r"\1-\2-")
    iso = pc.replace_substring_regex(iso, r"^(\d{4}-\d\d-)(\d)([ T]|$)", r"\10\2\3")
    iso = pc.replace_substring_regex(iso, r"(\.\d{6})\d+", r"\1")  # nanoseconds would narrow the years that fit
    iso = pc.replace_substring_regex(iso, r" (UTC|GMT)$", "Z")
    iso = pc.replace_substring_regex(iso, r"([ T])(\d:)", r"\10\2")
    half = pc.utf8_upper(
        pc.replace_substring_regex(iso, r"^.*\d\s*([AaPp])\.?[Mm]\.?$", r"\1")
    )  # A, P or the whole text
    iso = pc.replace_substring_regex(iso, r"(\d)\s*[AaPp]\.?[Mm]\.?$", r"\1")
    noon = pc.match_substring_regex(iso, r"[ T]12(:\d\d)+(\.\d+)?$")
    later = pc.and_not(pc.equal(half, "P"), noon).to_numpy(zero_copy_only=False)
    earlier = pc.and_(pc.equal(half, "A"), noon).to_numpy(zero_copy_only=False)
    compact = pc.match_substring_regex(iso, _COMPACT)
    long = pc.match_substring_regex(iso, r"^\d{14}")
    iso = pc.if_else(pc.and_(compact, long), pc.replace_substring_regex(iso, _COMPACT, r"\1-\2-\3T\4:\5:\6"), iso)
    iso = pc.if_else(pc.and_not(compact, long), pc.replace_substring_regex(iso, _COMPACT, r"\1-\2-\3"), iso)
    iso = pc.if_else(pc.match_substring_regex(iso, r"^\d{4}-\d\d"), iso, "")  # pandas would read "now" as well
    parsed = pd.to_datetime(iso.to_pandas(), format="ISO8601", utc=True, errors="coerce").dt.as_unit("us")
    usable = parsed.notna().to_numpy()
    values = parsed.astype("int64").to_numpy(dtype=np.int64) + _HALF_DAY * (later.astype(np.int64) - earlier)
    return np.where(usable, values, 0), usable
