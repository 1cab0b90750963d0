"""The Data page's figures on five events by hand."""

import io

import pandas as pd
import pytest

from metarec_core.data.clean import read_tables
from metarec_core.data.preview import preview
from metarec_core.data.profile import Profile, profile
from metarec_core.data.tables import Tables
from metarec_core.data.verdict import verdict
from metarec_core.figures import data as figures
from metarec_core.runs.deletion import MadeFrom

BEHAVIOUR = """user,item,time,device,colour
ann,i1,2026-01-01,phone,red
ann,i2,2026-01-02,phone,red
ann,i1,2026-01-10,laptop,red
bob,i1,2026-01-03,phone,red
bob,i1,2026-01-03,phone,red
,i2,2026-01-04,phone,red
"""
ITEMS = "id,name,tags\ni1,Tent,a|b\ni2,Stove,c\ni3,Rope,\ni4,Axe,\n"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(io.BytesIO(BEHAVIOUR.encode()), io.BytesIO(ITEMS.encode()), name="camping")


@pytest.fixture(scope="module")
def shape(tables: Tables) -> Profile:
    return profile(tables)


def test_activity_has_a_bar_a_day(shape: Profile) -> None:
    figure = figures.activity(shape)
    assert figure.layout.title.text == "Events per day"
    assert list(figure.data[0].y) == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1]


def test_the_long_tail_runs_from_nothing_to_everything(shape: Profile) -> None:
    curve = figures.long_tail(shape).data[0]
    assert list(curve.x) == [0, 0.25, 0.5, 0.75, 1]
    assert list(curve.y) == [0, 0.75, 1, 1, 1]


def test_history_lengths_are_counted_in_bins_that_double(shape: Profile) -> None:
    bars = figures.history_lengths(shape).data[0]
    assert (list(bars.x), list(bars.y), list(bars.customdata)) == (["1", "2"], [1, 1], ["1", "2 to 3"])


def test_headline_numbers_have_units_and_few_digits(shape: Profile) -> None:
    assert {label: value for label, value, _ in figures.headline_numbers(shape)} == {
        "Users": "2",
        "Items": "4",
        "Events": "4",
        "Density": "37.50%",
        "Time span": "10 days",
    }


def test_little_data_is_told_what_it_lacks_and_what_to_bring(shape: Profile) -> None:
    said = verdict(shape)
    assert said.headline == "This data can support popularity only. New items cannot be placed."
    assert [support.enough for support in said.ladder] == [True, False, False, False]
    words = figures.support_words(said.others[2])
    assert words.startswith("Testing needs users with three events or more, 200 for narrow intervals; there are 1.")
    assert words.endswith("Use a log with more users who have three events or more.")


def test_numbers_without_a_chart_are_told_with_their_meaning(shape: Profile) -> None:
    facts = figures.profile_facts(shape).set_index("Measure")["Value"].to_dict()
    assert facts["Top 10% of items"] == "75% of events"
    assert facts["Repeats"] == "25.0% of events"
    assert facts["Ties"] == "0.0% of events"
    assert facts["Sessions"] == "4, with a median of 1 events"
    assert facts["Text"] == "0% of items, 4 characters"


def test_attributes_are_drawn_by_how_far_they_are_filled(shape: Profile) -> None:
    bars = figures.coverage(shape).data[0]
    assert (list(bars.y), list(bars.x)) == (["tags"], [0.5])


def test_rows_that_a_rule_took_can_be_looked_at_and_downloaded(tables: Tables) -> None:
    rules = figures.rules_with_rows(tables.report)
    assert rules["events.missing_id"] == "Behaviour: Rows without a user or an item (1)"
    assert figures.rows_of_rule(tables.report, "events.missing_id").to_numpy().tolist() == [
        [7, ",i2,2026-01-04,phone,red"]
    ]
    first = figures.affected_rows(tables.report).iloc[0]
    assert first.to_dict() == {
        "file": "the uploaded file",
        "line": 7,
        "rule": "missing_id",
        "reason": "Rows without a user or an item.",
        "text": ",i2,2026-01-04,phone,red",
    }


def test_what_goes_with_a_data_set_is_said_before() -> None:
    assert figures.deletion_words(MadeFrom((), ())) == "The data will be deleted permanently. No run was trained on it."
    assert (
        figures.deletion_words(MadeFrom(("a", "b"), ()))
        == "The data will be deleted permanently, and with it 2 runs: a, b."
    )
    assert figures.deletion_words(MadeFrom(("a",), ("a",))).startswith("Run a of this data is in progress")


def test_what_was_held_back_is_said(tables: Tables) -> None:
    assert figures.privacy_words(tables.report)[0].startswith("No column looked like")


def test_cleaning_is_told_in_a_sentence_and_two_tables(tables: Tables) -> None:
    assert figures.cleaning_words(tables.report) == "4 of 6 rows of the behaviour file were kept, 2 dropped."
    assert figures.cleaning_summary(tables.report).to_numpy().tolist() == [
        ["Behaviour", 6, 2, 0, 4],
        ["Items", 4, 0, 0, 4],
    ]
    steps = figures.cleaning_steps(tables.report)
    dropped = steps[steps["What happened"] == "Dropped"]
    assert dropped[["Table", "Rows"]].to_numpy().tolist() == [["Behaviour", 1], ["Behaviour", 1]]


def test_every_column_of_the_files_is_accounted_for(tables: Tables) -> None:
    uses = figures.matched_columns(tables.report).set_index("Column in the file")["Used as"].to_dict()
    assert uses == {
        "user": "user_id",
        "item": "item_id",
        "time": "time",
        "device": "context_device",
        "id": "item_id",
        "name": "title",
        "tags": "tags",
        "colour": "not used",
    }


def test_columns_to_match_have_the_keys_that_reading_takes() -> None:
    fields = {field.key: field.required for field in figures.mapping_fields("items")}
    assert fields == {"items.item_id": True, "items.title": False, "items.description": False}
    assert [field.key for field in figures.mapping_fields("events") if field.required] == ["user_id", "item_id"]


def test_what_is_carried_along_and_what_is_not_is_said() -> None:
    head = preview(io.BytesIO(BEHAVIOUR.encode()), "events")
    assert figures.carried_words(head, "events") == "As context: device. Not used: colour."


def test_a_column_that_is_proposed_is_not_called_unused() -> None:
    head = preview(io.BytesIO(b"name\nann\nbob\n"), "events")
    assert head.guesses["user_id"].source == "name"
    assert figures.carried_words(head, "events") == ""


def test_first_events_are_shown_with_titles(tables: Tables) -> None:
    assert list(figures.events_head(tables, rows=2)["title"]) == ["Tent", "Stove"]


def test_data_without_clock_times_is_drawn_by_position() -> None:
    ordered = read_tables(io.BytesIO(b"user,item\na,x\na,y\nb,x\n"), name="ordered")
    shape = profile(ordered)
    assert shape.period == "events"
    assert figures.activity(shape).layout.title.text == "Events in file order"
    assert {label: value for label, value, _ in figures.headline_numbers(shape)}["Time span"] == "order only"


def test_activity_over_years_is_by_week_or_month() -> None:
    rows = "".join(
        f"u{day % 3},i{day % 5},{time:%Y-%m-%d}\n" for day, time in enumerate(pd.date_range("2020", "2025", freq="3D"))
    )
    shape = profile(read_tables(io.BytesIO(("user,item,time\n" + rows).encode()), name="years"))
    assert shape.period == "month"
    assert shape.activity["events"].sum() == shape.n_events
