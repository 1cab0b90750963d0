"""Two teams that choose different things, and somebody of whom nothing but the team is known."""

import json

import numpy as np
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.evaluation.leaderboard import RUN_NAME
from metarec_core.recommend.scenario import Scenario

TEAMS, ITEMS = ("red", "blue"), [f"{team}{number}" for team in ("red", "blue") for number in range(6)]
PARTS = ("sequence", "transition", "cooccurrence", "regression", "text", "graph", "recent")
CONFIG = RunConfig.preset("fast").with_settings(
    [*(f"model.{part}=false" for part in PARTS), "evaluation.bootstrap_draws=100", "evaluation.baselines=popular"]
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("files"), np.random.default_rng(0)
    events, users = ["user_id,item_id,time"], ["user_id,team,nick"]
    for number in range(40):
        team = TEAMS[number % 2]
        users.append(f"u{number:02},{team},n{number}")
        own = [item for item in ITEMS if item.startswith(team)]
        events += [f"u{number:02},{item},{step}" for step, item in enumerate(rng.permutation(own)[:4])]
    users.append("newcomer,blue,nobody")
    for name, lines in (("behaviour", events), ("items", ["item_id", *ITEMS]), ("users", users)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return api.read_tables(folder / "behaviour.csv", folder / "items.csv", users=folder / "users.csv")


def trained(tables, store, config=CONFIG):
    *_, last = api.train(tables, config, store=store)
    return last.run


@pytest.fixture(scope="module")
def run(tables, tmp_path_factory):
    return trained(tables, tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def recommender(run):
    return api.open_recommender(run)


def test_a_run_says_which_attributes_it_takes_for_context_and_trusts_them_where_they_help(run):
    assert run.manifest.learned["user_attributes"] == ["team"]  # a nick is nobody else's
    assert run.manifest.learned["weights"]["context"] > 0


def test_somebody_without_a_history_gets_what_the_own_team_chooses(recommender):
    assert recommender.user_ids[-1] == "newcomer"
    listed = recommender.recommend(["newcomer"], k=6).item_ids
    assert sorted(listed) == [item for item in ITEMS if item.startswith("blue")]
    assert recommender.history("newcomer").empty


def test_everybody_with_a_history_is_served_by_the_own_row_too(recommender):
    for user in ("u00", "u01"):  # four of six items are had; two of the own team are left
        team = TEAMS[int(user[1:]) % 2]
        assert all(item.startswith(team) for item in recommender.recommend([user], k=2).item_ids)


def test_the_explanation_names_the_attribute(recommender):
    item = recommender.recommend(["newcomer"], k=1).item_ids[0]
    parts = {part.name: part for part in api.explain(recommender, user_id="newcomer", item_id=item).parts}
    (situation,) = parts["context"].situations
    assert (situation.column, situation.value) == ("team", "blue")
    assert situation.times > 1.3
    assert parts["context"].reason == (f"With team blue it is chosen {situation.times:.2f} times as often as overall.")


def test_the_desks_can_change_the_attribute(recommender):
    own = api.scenario_of(recommender, "newcomer")
    assert own.context == {"team": "blue"}
    unchanged = api.what_if(recommender, own, k=6)
    assert set(unchanged.frame["move"]) == {"same"}
    moved = api.what_if(recommender, own.in_context("team", "red"), k=6)
    assert sorted(moved.item_ids) == [item for item in ITEMS if item.startswith("red")]
    unknown = api.what_if(recommender, Scenario(), k=12)  # somebody new, of whom nothing is known
    assert unknown.frame["part_context"].tolist() == [0] * 12
    somebody = api.what_if(recommender, Scenario(context={"team": "red"}), k=6)
    assert sorted(somebody.item_ids) == [item for item in ITEMS if item.startswith("red")]


def test_what_would_change_the_list_may_be_the_attribute(recommender):
    item = recommender.recommend(["newcomer"], k=1).item_ids[0]
    change = api.counterfactuals(recommender, user_id="newcomer", item_id=item, k=5).context
    assert (change.column, change.value, change.instead_of) == ("team", "red", "blue")


def test_switched_off_users_are_those_of_the_log_and_there_is_no_context(tables, tmp_path):
    run = trained(tables, tmp_path, CONFIG.with_settings(["model.user_attributes=false"]))
    recommender = api.open_recommender(run)
    assert "user_attributes" not in run.manifest.learned
    assert recommender.part_names == ("popularity",)
    assert "newcomer" not in recommender.user_ids


def test_a_run_of_an_earlier_version_opens_and_scores_as_before(tables, tmp_path):
    run = trained(tables, tmp_path, CONFIG.with_settings(["model.user_attributes=false"]))
    before = api.open_recommender(run).recommend(["u00", "u01"], k=5).frame
    path = run.folder.config
    config = json.loads(path.read_text())
    del config["model"]["user_attributes"]  # it did not know the setting, which is on by default
    path.write_text(json.dumps(config))
    again = api.open_run(tmp_path, run.run_id)
    assert again.config.model.user_attributes
    recommender = api.open_recommender(again)
    assert recommender.recommend(["u00", "u01"], k=5).frame.equals(before)
    assert len(recommender.user_ids) == 40
    assert recommender.dataset.request_vocabularies == ()


def test_a_run_is_asked_again_about_the_users_it_knew(run):
    again = api.evaluate(run, ["transition"]).models[RUN_NAME]["ndcg@10"]  # fits a baseline that training did not
    assert again == api.evaluate(run).models[RUN_NAME]["ndcg@10"]
