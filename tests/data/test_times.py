from datetime import UTC, datetime

import pyarrow as pa
import pytest

from metarec_core.data.times import parse_times

MORNING = 1_704_448_800_000_000  # 2024-01-05 10:00:00 UTC in microseconds


def times(*texts: str):
    return parse_times(pa.chunked_array([list(texts)], type=pa.string()))


def test_the_expected_moment_is_the_one_of_the_standard_library():
    assert datetime(2024, 1, 5, 10, tzinfo=UTC).timestamp() * 1e6 == MORNING


@pytest.mark.parametrize(
    "text",
    [
        "1704448800",
        "1704448800.0",
        "1.7044488e9",
        "1704448800000",
        "1704448800000000",
        "1704448800000000000",
        "2024-01-05 10:00",
        "2024-01-05 10:00:00",
        "2024-01-05T10:00:00",
        "2024-01-05T10:00:00Z",
        "2024-01-05T12:00:00+02:00",
        "2024-01-05T10:00:00.000000000Z",
        "2024-01-05 10:00:00 UTC",
        "2024/1/5 10:00",
        "20240105100000",
        "  2024-01-05 10:00:00 ",
    ],
)
def test_one_moment_is_the_same_however_it_is_written(text):
    read = times(text)
    assert read.is_clock
    assert read.values.tolist() == [MORNING]
    assert not read.missing.any()
    assert not read.unparsable.any()


def test_a_date_is_its_first_moment():
    ten_hours = 10 * 3_600_000_000
    assert times("2024-01-05").values.tolist() == [MORNING - ten_hours]
    assert times("20240105").values.tolist() == [MORNING - ten_hours]
    assert times("2024/1/5").values.tolist() == [MORNING - ten_hours]


def test_fractions_of_a_second_are_kept_to_the_microsecond():
    assert times("2024-01-05T10:00:00.123456").values.tolist() == [MORNING + 123_456]
    assert times("1704448800.5").values.tolist() == [MORNING + 500_000]


def test_small_numbers_are_an_order():
    read = times("0", "1", "2", "99999999")
    assert not read.is_clock
    assert read.values.tolist() == [0, 1, 2, 99_999_999]


def test_fractional_positions_keep_their_order():
    assert times("0.5", "2.5", "1.5", "0.5").values.tolist() == [0, 2, 1, 0]


def test_most_cells_decide_so_one_odd_number_does_not_change_the_unit():
    read = times("1704448800", "1704448801", "9e30", "0")
    assert read.is_clock
    assert read.values.tolist() == [MORNING, MORNING + 1_000_000, 0, 0]
    assert read.unparsable.tolist() == [False, False, True, False]


def test_missing_and_unparsable_cells_are_told_apart():
    for first in ("2024-01-05T10:00:00", "1704448800"):
        read = times(*[first] * 4, "", "nan", "soon", "now", "2024-13-45")
        assert read.missing.tolist() == [False] * 4 + [True, True, False, False, False]
        assert read.unparsable.tolist() == [False] * 4 + [False, False, True, True, True]


def test_missing_cells_among_clean_dates_are_missing():
    read = times("2024-01-05 10:00:00", "", "NULL")
    assert read.values.tolist() == [MORNING, 0, 0]
    assert read.missing.tolist() == [False, True, True]
    assert not read.unparsable.any()


def test_numbers_beyond_all_numbers_are_unparsable():
    assert times("1e999", "1e999").unparsable.tolist() == [True, True]


@pytest.mark.parametrize(
    "texts",
    [
        ("05/01/2024 10:00", "31/01/2024 10:00"),
        ("5.1.2024 10:00", "31.1.2024 10:00"),
        ("05-01-2024 10:00:00", "31-01-2024 10:00:00"),
        ("1/5/2024 10:00 AM", "1/31/2024 10:00 AM"),
        ("1/5/2024, 10:00:00 a.m.", "1/31/2024, 10:00:00 a.m."),
        ("2024年1月5日 10:00", "2024年1月31日 10:00"),
    ],
)
def test_dates_with_the_year_last_are_read_by_the_part_that_can_only_be_a_day(texts):
    read = times(*texts)
    assert read.values.tolist() == [MORNING, MORNING + 26 * 86_400_000_000]
    assert not read.unparsable.any()


def test_which_part_was_taken_for_the_day_is_said():
    assert times("05/01/2024", "31/01/2024").format == "dates, day first, UTC where they name no zone"
    assert times("1/5/2024", "1/31/2024").format == "dates, month first, UTC where they name no zone"
    ambiguous = times("05/01/2024", "06/02/2024")
    assert ambiguous.format.startswith("dates, day first (no date has a part above 12 that would tell)")
    assert ambiguous.values.tolist() == times("2024-01-05", "2024-02-06").values.tolist()


def test_noon_and_midnight_of_the_half_day_clock():
    read = times("1/31/2024 12:00 AM", "1/31/2024 12:30 PM", "1/31/2024 1:00 PM")
    assert read.values.tolist() == times("2024-01-31 00:00", "2024-01-31 12:30", "2024-01-31 13:00").values.tolist()


def test_a_day_that_no_month_has_is_unparsable():
    assert times("31/01/2024", "31/02/2024", "99/99/2024").unparsable.tolist() == [False, True, True]
