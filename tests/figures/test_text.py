import pytest

from metarec_core.figures.text import count, duration, label, percent, when


def test_a_label_keeps_html_from_plotly_and_one_short_line() -> None:
    assert label("<b>Tent</b>\n& pegs") == "&lt;b&gt;Tent&lt;/b&gt; &amp; pegs"
    assert label("a" * 50, longest=10) == "a" * 9 + "…"


@pytest.mark.parametrize(("number", "words"), [(1, "1 user"), (0, "0 users"), (1204, "1,204 users")])
def test_numbers_agree_with_their_noun(number: int, words: str) -> None:
    assert count(number, "user") == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.2, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (59.7, "1 min 0 s")]
)
def test_durations_use_the_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0%"),
        (0.00099, "< 0.1%"),
        (0.001, "0.1%"),
        (0.034, "3.4%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.34, "34%"),
        (1, "100%"),
    ],
)
def test_a_share_is_written_with_two_digits_and_nothing_only_where_it_is(share: float, words: str) -> None:
    assert percent(share) == words


def test_times_are_written_without_leading_zero() -> None:
    assert when("2026-11-04T08:30:00+00:00") == "4 Nov 2026, 08:30"
