import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from streamlit.testing.v1 import AppTest

from metarec_core import api
from metarec_core.figures.parts import PART_STYLES
from pages._ui import cache
from tests.pages.conftest import ROOT, Open, address, button, said


def listed_items(app: AppTest) -> pd.DataFrame:
    """The table of recommendations, whatever other tables the page has."""
    return next(frame.value for frame in app.dataframe if "Score" in frame.value)


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("recommendations")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_history_is_beside_the_list_and_all_ids_are_in_the_address(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id)
    assert not app.exception
    assert address(app).keys() == {"run", "user", "item"}
    assert address(app)["user"] == "u00"
    history = app.dataframe[0].value
    assert history["Title"].iloc[0] == "Title 7"
    assert len(history) == 8


def test_the_parts_of_every_item_add_up_to_its_score(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("list.downloads",), run=run_id, user="u03")
    listed = listed_items(app)
    parts = [style.title for style in PART_STYLES.values() if style.title in listed]
    assert len(parts) >= 2
    assert (listed[parts].sum(axis=1) - listed["Score"]).abs().max() <= 0.0005 * (len(parts) + 1)


def test_the_breakdown_of_one_item_ends_with_its_sum(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u03")
    table = app.table[0].value
    values = pd.to_numeric(table["Value"])
    assert list(table.index)[-1] == "Score"
    assert values.iloc[:-1].sum() == pytest.approx(values.iloc[-1], abs=0.0005 * len(values))


def test_each_item_has_its_chance_of_being_next(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("list.downloads",), run=run_id, user="u03")
    chances = listed_items(app)["Chance of being next"]
    assert chances.between(0, 1).all()
    assert (chances.diff().dropna() <= 0).all()
    assert "On the right: the chance of being next." in said(app)
    assert "Chance of being next: " in said(app)
    assert any("very next choice" in caption.help for caption in app.caption if caption.help)


def test_a_run_that_knows_no_chances_shows_none(run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metarec_core.recommend.recommender.calibration_of", lambda scorer: None)
    monkeypatch.setattr("metarec_core.explain.explain.calibration_of", lambda scorer: None)
    app = open_page("recommendations", ("list.downloads",), run=run_id, user="u03")
    assert "Chance of being next" not in listed_items(app)
    assert "hance" not in said(app)
    assert not app.exception


def test_a_link_opens_the_same_user_and_item(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u05", item="i09")
    assert app.selectbox(key="_pick_user").value == "u05"
    assert app.selectbox(key="_pick_item").value == "i09"
    assert address(app) == {"run": run_id, "user": "u05", "item": "i09"}


def test_of_two_items_with_one_title_each_can_be_picked(
    run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.Recommender, "title", lambda self, item_id: "Tea")
    app = open_page("recommendations", run=run_id, user="u05")
    second = cache.recommender(run_id).recommend(["u05"]).item_ids[1]
    app.selectbox(key="_pick_item").set_value(second).run()
    assert address(app)["item"] == second
    assert f"Tea ({second})" in app.selectbox(key="_pick_item").options


def test_any_item_of_the_catalogue_can_be_explained_by_its_title(
    run_id: str, open_page: Open, lists_of_two: Callable[[api.Recommender, str], list[str]]
) -> None:
    app = open_page("recommendations", run=run_id, user="u05")
    recommender = cache.recommender(run_id)
    first, second, third, _ = lists_of_two(recommender, "u05")
    rest = [item for item in recommender.item_ids if item not in (first, second)]
    picker = app.selectbox(key="_pick_item")
    assert picker.options == [recommender.title(item) for item in (first, second, *rest)]
    picker.set_value(third).run()
    assert address(app)["item"] == third
    assert app.table[0].value["Rank without it"].iloc[-1] == "#3"
    app.selectbox(key="_pick_item").set_value(recommender.history("u05").item_id[0]).run()
    assert "it is scored, but not recommended again" in said(app)
    assert not app.exception


def test_items_of_the_same_title_are_told_apart_and_stay_chosen(
    run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = api.Recommender.title
    monkeypatch.setattr(
        api.Recommender, "title", lambda self, item: "Twin" if item in ("i02", "i03") else title(self, item)
    )
    app = open_page("recommendations", run=run_id, user="u05")
    picker = app.selectbox(key="_pick_item")
    assert {"Twin (i02)", "Twin (i03)", "Title 4"} <= set(picker.options)
    for twin in ("i02", "i03"):
        app.selectbox(key="_pick_item").set_value(twin).run()
        app.segmented_control(key="_pick_k").set_value("5").run()  # something else
        app.segmented_control(key="_pick_k").set_value("10").run()
        assert address(app)["item"] == twin


def test_in_a_very_large_catalogue_an_item_outside_the_list_is_typed_by_its_id(
    run_id: str,
    open_page: Open,
    monkeypatch: pytest.MonkeyPatch,
    lists_of_two: Callable[[api.Recommender, str], list[str]],
) -> None:
    monkeypatch.setattr("pages._ui.item_picker.MOST_OPTIONS", 10)
    app = open_page("recommendations", run=run_id, user="u05")
    recommender = cache.recommender(run_id)
    first, second, third, _ = lists_of_two(recommender, "u05")
    assert app.selectbox(key="_pick_item").options == [recommender.title(item) for item in (first, second)]
    app.text_input(key="_type_item").set_value(third).run()
    assert app.selectbox(key="_pick_item").value == third
    assert app.table[0].value["Rank without it"].iloc[-1] == "#3"
    app.text_input(key="_type_item").set_value("nothing").run()
    assert "There is no item 'nothing'" in app.error[0].value.replace("\\", "")
    app.text_input(key="_type_item").set_value(first).run()
    assert not app.error
    assert app.table[0].value["Rank without it"].iloc[-1] == "#1"


def test_another_user_is_in_the_address_and_gets_an_item_of_the_own_list(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u05", item="i09")
    app.selectbox(key="_pick_user").set_value("u11").run()
    recommender = cache.recommender(run_id)
    assert address(app)["user"] == "u11"
    assert address(app)["item"] == recommender.recommend(["u11"]).item_ids[0]


def test_a_random_user_is_a_user_of_the_data(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u05")
    button(app, "Random user").click().run()
    assert address(app)["user"] in cache.recommender(run_id).user_ids
    assert not app.exception


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"user": "nobody"}, "There is no user 'nobody'"),
        ({"user": "u01", "item": "nothing"}, "There is no item 'nothing'"),
        ({"run": "20260101-000000-abcdef"}, "There is no run"),
        ({"run": "no id at all"}, "is not a run ID"),
    ],
)
def test_an_unknown_id_in_the_address_is_told_in_one_sentence(
    wrong: dict[str, str], words: str, run_id: str, open_page: Open
) -> None:
    app = open_page("recommendations", **({"run": run_id} | wrong))
    assert words in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_titles_are_no_markup_wherever_they_are_shown(
    run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "![x](http://evil.example/p.png) <b>bold</b>"
    monkeypatch.setattr(api.Recommender, "title", lambda self, item_id: evil)
    app = open_page("recommendations", run=run_id)
    assert "![x](" not in said(app)
    drawn = app.get("bidi_component")[0].proto
    assert json.loads(drawn.json)["rows"][0]["name"] == f"1. {evil}"  # goes in as data, and is set as text
    assert evil not in drawn.html_content + drawn.js_content


def test_a_filter_and_a_wish_for_variety_make_another_list(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("filters", "list.downloads"), run=run_id, user="u03")
    plain = listed_items(app)["Item ID"].tolist()
    recommender = cache.recommender(run_id)
    app.slider(key="filter.diversity").set_value(0.9).run()
    assert not app.exception
    varied = recommender.recommend(["u03"], 10, api.Selection(diversity=0.9)).item_ids
    assert "NDCG@10 is" in said(app).replace("\\", "")
    assert app.dataframe[-1].value["Item ID"].tolist() == varied
    app.slider(key="filter.diversity").set_value(0.0).run()
    app.toggle(key="filter.unseen").set_value(False).run()
    seen = recommender.recommend(["u03"], 10, api.Selection(seen=True)).item_ids
    assert listed_items(app)["Item ID"].tolist() == seen
    assert seen != plain


def test_users_are_found_by_behaviour_and_by_a_part_of_their_id(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("filters", "list.downloads"), run=run_id, user="u03")
    app.session_state["find"] = True
    app.run()
    assert not app.exception
    app.selectbox(key="find.order").set_value("worst").run()
    found = cache.audience(run_id).find(order="worst")
    assert app.dataframe[0].value["User"].tolist() == found["user_id"].tolist()
    app.text_input(key="find.text").set_value("u1").run()
    assert sorted(app.dataframe[0].value["User"]) == [f"u1{number}" for number in range(10)]
    app.text_input(key="find.text").set_value("nobody").run()
    assert "No matching users" in "".join(info.value for info in app.info)


def test_cards_say_what_carries_each_item(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("filters", "list.downloads"), run=run_id, user="u03")
    next(c for c in app.segmented_control if c.label == "View" and "cards" in str(c.options).lower()).set_value(
        "cards"
    ).run()
    assert not app.exception
    first = cache.recommender(run_id).recommend(["u03"]).item_ids[0]
    assert cache.recommender(run_id).title(first) in said(app)
    assert "mostly from" in said(app)


def test_the_lists_of_all_users_are_made_with_progress_on_the_disk_of_the_workspace(
    run_id: str, open_page: Open, workspace: Path
) -> None:
    app = open_page("recommendations", ("filters", "list.downloads"), run=run_id, user="u03")
    app.button(key="batch.make").click().run()
    assert not app.exception
    file, size = app.session_state["_batch"][1:]
    assert os.readlink(f"/proc/self/fd/{file.fileno()}").startswith(str(workspace))
    file.seek(0)
    lines = file.read().decode("utf-8-sig").splitlines()
    file.close()
    n_users = len(cache.recommender(run_id).user_ids)
    assert lines[0].startswith("user_id,item_id,rank,score")
    assert len({line.split(",")[0] for line in lines[1:]}) == n_users
    assert size > 0


def test_lists_too_large_for_a_browser_come_with_the_command_that_writes_the_same(
    run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pages._ui.batch_export.LARGEST", 0)
    app = open_page("recommendations", ("filters", "list.downloads"), run=run_id, user="u03")
    app.toggle(key="filter.unseen").set_value(False).run()
    app.slider(key="filter.diversity").set_value(0.5).run()
    app.segmented_control(key="batch.kind").set_value("parquet").run()
    app.button(key="batch.make").click().run()
    app.session_state["_batch"][1].close()
    assert "too large for a browser" in said(app)
    python, *words = shlex.split(app.code[0].value)
    assert python == "python"
    subprocess.run([sys.executable, *words], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    (file,) = tmp_path.glob("*.parquet")
    wanted = api.Selection(seen=True, diversity=0.5)
    expected = [block.frame for block in cache.recommender(run_id).recommend_all(10, wanted)]
    assert pq.read_table(file).to_pandas()["item_id"].tolist() == pd.concat(expected)["item_id"].tolist()


def test_a_full_disk_stops_the_lists_of_all_users_with_a_sentence(
    run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    app = open_page("recommendations", ("list.downloads",), run=run_id, user="u03")
    monkeypatch.setenv("METAREC_MIN_FREE_MB", str(10**9))
    app.button(key="batch.make").click().run()
    assert "free some space" in app.error[0].value
    assert not app.exception
    assert list((workspace / ".exports").iterdir()) == []


def test_pages_answer_with_one_thread_so_that_a_training_beside_does_not_hold_them_up(
    run_id: str, open_page: Open
) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        open_page("recommendations", run=run_id)
        with ThreadPoolExecutor(1) as session:  # each has a thread of its own, as many as come later
            assert session.submit(torch.get_num_threads).result() == 1
    finally:
        torch.set_num_threads(before)
