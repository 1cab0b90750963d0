"""Filters of the Recommendations page, driven: by an attribute, by a range of numbers, only what nobody has had yet."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.pages.conftest import Open
from tests.tiny_files import NO_NET, write_files

NEW = ["i12", "i13"]
"""Nobody has had them."""
KINDS = ("tea", "tool")
"""Even items are tea, odd ones tools; each costs its number."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with a run on items that have a kind, a price and a maker, and the run's id."""
    folder = tmp_path_factory.mktemp("shop")
    behaviour, items = write_files(folder)
    rows = [f"i{item:02},{KINDS[item % 2].capitalize()} {item},{KINDS[item % 2]},{item}" for item in range(14)]
    items.write_text("\n".join(["item_id,title,kind,price", *rows]), encoding="utf-8")
    *_, last = api.train(
        api.read_tables(behaviour, items, name="shop"),
        RunConfig.preset("fast").with_settings(NO_NET),
        store=folder / "workspace",
    )
    assert last.run is not None
    return folder / "workspace", last.run.run_id


@pytest.fixture
def app(workspace: Path, shop: tuple[Path, str], open_page: Open) -> AppTest:
    """The page of a user who has had items 0 to 7."""
    shutil.copytree(shop[0], workspace)
    return open_page("recommendations", ("filters", "list.downloads"), run=shop[1], user="u00")


def listed(app: AppTest) -> set[str]:
    """The items in the table of recommendations."""
    assert not app.exception
    return set(next(frame.value for frame in app.dataframe if "Score" in frame.value)["Item ID"])


def ids(numbers: Iterable[int]) -> set[str]:
    return {f"i{number:02}" for number in numbers}


def test_without_a_filter_all_that_was_not_had_is_listed(app: AppTest) -> None:
    assert listed(app) == ids(range(8, 14))


def test_an_attribute_leaves_its_items_and_two_values_leave_both(app: AppTest) -> None:
    kind = app.multiselect(key="filter.value.kind")
    assert kind.options == list(KINDS)
    kind.set_value(["tea"]).run()
    assert listed(app) == ids([8, 10, 12])
    app.multiselect(key="filter.value.kind").set_value(["tea", "tool"]).run()
    assert listed(app) == ids(range(8, 14))


def test_a_range_of_numbers_leaves_what_lies_within_and_at_its_ends(app: AppTest) -> None:
    price = app.slider(key="filter.range.price")
    assert (price.min, price.max, price.value) == (0.0, 13.0, (0.0, 13.0))
    price.set_value((9.0, 11.0)).run()
    assert listed(app) == ids([9, 10, 11])


def test_only_new_leaves_what_nobody_has_had(app: AppTest) -> None:
    only_new = app.toggle(key="filter.new")
    assert not only_new.disabled
    assert only_new.help == "2 items have no events."
    only_new.set_value(True).run()
    assert listed(app) == set(NEW)


def test_filters_add_up_and_what_nothing_fits_is_told(app: AppTest) -> None:
    app.toggle(key="filter.new").set_value(True)
    app.multiselect(key="filter.value.kind").set_value(["tool"]).run()
    assert listed(app) == {"i13"}
    app.slider(key="filter.range.price").set_value((0.0, 12.0)).run()
    assert not app.exception
    assert "No matching items. Relax the filters." in [info.value for info in app.info]


def test_what_was_had_is_listed_where_that_is_wanted(app: AppTest) -> None:
    app.toggle(key="filter.unseen").set_value(False)
    app.slider(key="filter.range.price").set_value((6.0, 8.0)).run()
    assert listed(app) == ids([6, 7, 8])


def test_where_every_item_has_events_only_new_cannot_be_asked_for(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("filters", "list.downloads"), run=run_id, user="u03")
    assert app.toggle(key="filter.new").disabled
    assert app.toggle(key="filter.new").help == "Every item of this run has events."
