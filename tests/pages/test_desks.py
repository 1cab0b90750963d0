import json
from datetime import timedelta
from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.figures.comparison import stability_words
from pages._ui import cache
from tests.pages.conftest import Open, address, button, said
from tests.tiny_files import NO_NET, write_files


def test_an_event_taken_out_moves_the_list_and_is_in_the_address(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u03", desk="what_if")
    assert not app.exception
    assert "Nothing moved." in said(app)
    app.multiselect[0].set_value([7]).run()
    next(b for b in app.button if b.label == "Remove").click().run()
    assert not app.exception
    scenario = api.Scenario.from_link(address(app)["scenario"])
    assert (scenario.user_id, len(scenario.items)) == ("u03", 7)
    moved = app.dataframe[-1].value
    assert "Move" in moved
    assert "What changed" in said(app)
    again = open_page("recommendations", **address(app))
    assert again.dataframe[-1].value["Move"].tolist() == moved["Move"].tolist()
    next(b for b in again.button if b.label == "Start over").click().run()
    assert "scenario" not in address(again)
    assert "Nothing moved." in said(again)


def test_a_scenario_waits_while_another_desk_or_user_is_looked_at(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u03", desk="what_if")
    app.selectbox(key="desk.add.8").set_value("i11").run()
    mine = address(app)["scenario"]
    app.segmented_control(key="_pick_desk").set_value("new_user").run()
    assert "scenario" not in address(app)
    app.selectbox(key="desk.add.0").set_value("i02").run()
    newcomers = address(app)["scenario"]
    app.segmented_control(key="_pick_desk").set_value("what_if").run()
    assert address(app)["scenario"] == mine
    app.selectbox(key="_pick_user").set_value("u04").run()
    assert "scenario" not in address(app)
    app.segmented_control(key="_pick_desk").set_value("new_user").run()
    assert address(app)["scenario"] == newcomers
    next(b for b in app.button if b.label == "Start over").click().run()
    assert "scenario" not in address(app)
    assert not app.exception


def test_an_earlier_moment_leaves_out_what_came_after_it(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("desk.situation",), run=run_id, user="u03", desk="what_if")
    now = app.datetime_input[0].value
    app.datetime_input[0].set_value(now - timedelta(minutes=5)).run()
    assert not app.exception
    scenario = api.Scenario.from_link(address(app)["scenario"])
    whole = api.scenario_of(cache.recommender(run_id), "u03")
    assert scenario.items == tuple(i for i, t in zip(whole.items, whole.times, strict=True) if t < whole.now)
    assert scenario.now == (whole.now // 60 - 5) * 60  # the field knows minutes


def test_a_muted_part_and_an_added_item_are_part_of_the_scenario(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", ("desk.situation",), run=run_id, user="u03", desk="what_if")
    app.select_slider[0].set_value(0.0).run()
    app.selectbox(key="desk.add.8").set_value("i11").run()
    assert not app.exception
    scenario = api.Scenario.from_link(address(app)["scenario"])
    assert scenario.items[-1] == "i11"
    assert list(scenario.scales.values()) == [0.0]


def test_a_scenario_too_long_for_a_link_works_on_and_is_sent_as_a_file(
    run_id: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metarec_core.recommend.scenario.LONGEST", 40)
    app = open_page("recommendations", ("desk.situation",), run=run_id, user="u03", desk="what_if")
    app.selectbox(key="desk.add.8").set_value("i11").run()
    assert "too long for a link" in said(app)
    assert "use *Save* to send" in said(app)
    assert len(app.dataframe[0].value) == 9  # the history with the item more
    app.select_slider[0].set_value(0.0).run()
    assert not app.exception
    recommender = cache.recommender(run_id)
    whole = api.scenario_of(recommender, "u03").followed_by("i11").scaled(recommender.part_names[0], 0.0)
    moved = app.dataframe[-1].value["Title"].tolist()
    assert moved == [recommender.title(item) for item in api.what_if(recommender, whole).frame.item_id]
    app.segmented_control(key="_pick_desk").set_value("list").run()
    app.segmented_control(key="_pick_desk").set_value("what_if").run()
    assert len(app.dataframe[0].value) == 9
    button(app, "Start over").click().run()
    assert "too long for a link" not in said(app)

    app.file_uploader(key="desk.file").upload("scenario.json", whole.to_json().encode()).run()
    button(app, "Open this scenario").click().run()
    assert not app.exception
    assert app.dataframe[-1].value["Title"].tolist() == moved

    elsewhere = open_page("recommendations", **address(app))
    assert "kept only where it was made: ask for its file" in elsewhere.error[0].value.replace("\\", "")
    assert "Nothing moved." in said(elsewhere)


def test_a_link_that_is_no_scenario_is_told_in_one_sentence(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, user="u03", desk="what_if", scenario="rubbish")
    assert "This scenario cannot be opened, its link is damaged" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_somebody_new_picks_items_and_watches_the_list(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, desk="new_user")
    assert "Nothing is known yet" in said(app)
    app.selectbox(key="desk.add.0").set_value("i02").run()
    assert not app.exception
    assert "Based on 1 picked item." in said(app)
    assert "Event by event" in said(app)
    assert app.dataframe[-1].value["Events known"].tolist() == [0, 1]


def test_what_is_known_of_users_can_be_changed_at_both_desks(tmp_path: Path, workspace: Path, open_page: Open) -> None:
    behaviour, items = write_files(tmp_path)
    users = tmp_path / "users.csv"
    users.write_text(
        "user_id,team\n" + "".join(f"u{n:02},{('red', 'blue')[n % 2]}\n" for n in range(24)), encoding="utf-8"
    )
    config = RunConfig.preset("fast").with_settings(NO_NET)
    *_, last = api.train(api.read_tables(behaviour, items, users=users), config, store=workspace)
    app = open_page("recommendations", ("desk.situation",), run=last.run_id, user="u03", desk="what_if")
    assert app.selectbox(key="desk.context.team.blue").label == "Team"
    app.selectbox(key="desk.context.team.blue").set_value("red").run()
    assert not app.exception
    assert api.Scenario.from_link(address(app)["scenario"]).context == {"team": "red"}
    app = open_page("recommendations", ("desk.situation",), run=last.run_id, desk="new_user")
    assert "Nothing is known yet" in said(app)
    app.selectbox(key="desk.context.team.").set_value("red").run()
    assert not app.exception
    assert "Based on what is known about the user and the situation." in said(app)


def test_a_new_item_is_scored_for_every_user(run_id: str, open_page: Open) -> None:
    app = open_page("recommendations", run=run_id, desk="new_item")
    assert "Write a title" in app.info[0].value
    app.text_input(key="new.title").set_value("Title 3")
    next(b for b in app.button if b.label == "Who would get it?").click().run()
    assert not app.exception
    assert "It would be in the top 10 of" in said(app)
    assert "It has no events" in said(app).replace("\\", "")
    assert len(app.dataframe[0].value) == 20


def test_somebody_new_says_what_they_like_in_words(runs: dict[str, str], open_page: Open) -> None:
    app = open_page("recommendations", run=runs["words"], desk="new_user")
    app.text_input[0].set_value("some tea").run()
    assert not app.exception
    assert api.Scenario.from_link(address(app)["scenario"]).words == "some tea"
    assert "Based on the words." in said(app)
    recommender, reader = cache.recommender(runs["words"]), cache.text_reader(runs["words"])
    scenario = api.scenario_of(recommender, None).said("some tea")
    best = [recommender.title(item) for item in api.what_if(recommender, scenario, 10, reader.read).item_ids[:3]]
    assert sorted(best) == ["Black tea", "Green tea", "Mint tea"]
    rows = json.loads(app.get("bidi_component")[0].proto.json)["rows"]
    assert [row["name"] for row in rows[:3]] == [f"{rank}. {title}" for rank, title in enumerate(best, start=1)]
    app.text_input[0].set_value("zzz").run()
    assert "No item has anything in common with these words: they change nothing." in said(app).replace("\\", "")


def test_a_run_is_set_beside_another_run(runs: dict[str, str], open_page: Open) -> None:
    first, second = runs["counts"], runs["words"]
    app = open_page("recommendations", run=first, user="u03", desk="compare", other=second)
    assert not app.exception
    here, there = (cache.recommender(run).recommend(["u03"]).item_ids for run in (first, second))
    table = app.dataframe[0].value.set_index("Item ID")
    assert f"{len(set(here) & set(there))} of 10 items in common" in said(app)
    assert set(table.index) == {*here, *there}
    assert app.selectbox(key="_pick_other").value == second
    found = api.compare(cache.recommender(first), cache.recommender(second), "u03", 10).frame
    assert table.index.tolist() == found.item_id.tolist()


def test_lists_and_reasons_are_compared_with_those_of_another_seed(runs: dict[str, str], open_page: Open) -> None:
    app = open_page("recommendations", run=runs["counts"], user="u03", desk="compare", other="popular")
    button(app, "Compare lists and reasons").click().run()
    assert not app.exception
    pair = [cache.recommender(runs[name]) for name in ("counts", "counts again")]
    found = api.stability(pair, pair[0].user_ids, 10)
    assert stability_words(found) in said(app)
    assert len(app.dataframe[-1].value) == 1
    alone = open_page("recommendations", run=runs["words"], user="u03", desk="compare", other="popular")
    assert "Compare lists and reasons" not in [found.label for found in alone.button]


@pytest.mark.parametrize("other", ["popular", "item_knn"])
def test_a_run_is_set_beside_a_simple_model(run_id: str, open_page: Open, other: str) -> None:
    app = open_page("recommendations", run=run_id, user="u03", desk="compare", other=other)
    assert not app.exception
    recommender = cache.recommender(run_id)
    table = app.dataframe[0].value
    listed = table["Item ID"][table["In the list of"] != "the other"]
    assert listed.tolist() == recommender.recommend(["u03"]).item_ids
    assert "items in common" in said(app)
