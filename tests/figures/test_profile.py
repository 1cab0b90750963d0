"""The charts of a profile, told and counted: five events by hand, as in the tests of the charts themselves."""

from dataclasses import replace

import pandas as pd
import pytest

from metarec_core.data.profile import Coverage, Profile
from metarec_core.figures import profile as figures

DAYS = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"], utc=True)


@pytest.fixture
def shape() -> Profile:
    """Two users with four events and one, on four items, the most popular of which has three."""
    return Profile(
        n_users=2,
        n_items=4,
        n_events=5,
        n_facts=0,
        user_events=pd.array([4, 1]).to_numpy(dtype="int64"),
        item_events=pd.array([3, 2, 0, 0]).to_numpy(dtype="int64"),
        repeats=2,
        activity=pd.DataFrame({"start": DAYS, "events": [1, 4, 0]}),
        period="day",
        first=DAYS[0],
        last=DAYS[1],
        coverage=(Coverage("items", "colour", 0.75, 3), Coverage("users", "country", 0.5, 1)),
    )


def test_activity_is_told_by_its_ends_its_range_and_its_peak(shape: Profile) -> None:
    assert figures.activity_words(shape) == (
        "Events per day, 1 Jan 2026 to 3 Jan 2026: from 0 to 4, the peak at 2 Jan 2026."
    )
    assert figures.activity_table(shape).to_numpy().tolist() == [
        ["1 Jan 2026", 1],
        ["2 Jan 2026", 4],
        ["3 Jan 2026", 0],
    ]


def test_activity_in_an_order_without_times_is_told_by_places(shape: Profile) -> None:
    ordered = replace(shape, period="events", activity=pd.DataFrame({"start": [0, 1_000], "events": [3, 2]}))
    assert figures.activity_words(ordered) == "Events in file order, 0 to 1,000: from 2 to 3, the peak at 0."
    nothing = replace(shape, period="events", activity=pd.DataFrame({"start": [], "events": []}))
    assert figures.activity_words(nothing) == "Events in file order"
    assert len(figures.activity_table(nothing)) == 0


def test_the_long_tail_is_told_by_what_the_top_has(shape: Profile) -> None:
    assert figures.tail_words(shape) == (
        "Share of events by share of the catalogue: the most popular 1% of items have 60%, the top 10% 60%, the top half "
        "100%."
    )
    assert figures.tail_table(shape).to_numpy().tolist() == [
        [0, 0, 0], [1, 0.25, 0.6], [2, 0.5, 1], [3, 0.75, 1], [4, 1, 1],
    ]  # fmt: skip


def test_lengths_are_told_by_the_fewest_the_most_and_the_middle_and_counted_in_bins_that_double(shape: Profile) -> None:
    assert figures.lengths_words(shape) == "Users by number of events: from 1 to 4 events, with a median of 2."
    assert figures.lengths_table(shape).to_numpy().tolist() == [["1", 1], ["2 to 3", 0], ["4 to 7", 1]]
    nobody = replace(shape, user_events=shape.user_events[:0])
    assert figures.lengths_words(nobody) == "Users by number of events"


def test_coverage_is_told_attribute_by_attribute_and_says_whose_it_is(shape: Profile) -> None:
    assert figures.coverage_words(shape) == (
        "Share of rows with a value, by attribute: colour 75%, country (users) 50%"
    )
    assert figures.coverage_table(shape).to_numpy().tolist() == [["colour", 0.75, 3], ["country (users)", 0.5, 1]]
