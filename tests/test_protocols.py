"""Protocols and ties through the front door: from files to a measured run."""

from pathlib import Path

import numpy as np
import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import DataError
from metarec_core.evaluation.answers import Answers
from metarec_core.runs.store import read_arrays
from tests.tiny_files import ITEMS, N_ITEMS, NO_NET, SMALL_NET

N_USERS, N_EVENTS = 24, 8
BY_TIME = ("evaluation.protocol=time", "evaluation.baselines=popular")


def read(folder: Path, *, seconds: int = 60) -> api.Tables:
    """Users who come one after the other and walk on from item to item, an event every so many seconds."""
    lines = [
        f"u{user:02},i{(user + step) % N_ITEMS:02},{1_700_000_000 + seconds * (user * N_EVENTS + step)}\n"
        for user in range(N_USERS)
        for step in range(N_EVENTS)
    ]
    behaviour, items = folder / "behaviour.csv", folder / "items.csv"
    behaviour.write_text(f"user_id,item_id,time\n{''.join(lines)}", encoding="utf-8")
    items.write_text(ITEMS, encoding="utf-8")
    return api.read_tables(behaviour, items, name="tiny")


def trained(tables: api.Tables, store: Path, *settings: str) -> api.Run:
    for progress in api.train(tables, RunConfig.preset("fast").with_settings(settings), store=store, device="cpu"):
        run = progress.run
    assert run is not None
    return run


def test_a_run_split_by_time_asks_late_users_again_and_again(tmp_path: Path):
    run = trained(read(tmp_path), tmp_path / "store", *SMALL_NET, *BY_TIME)
    evaluation = api.evaluate(run)
    # Of 192 events the test begins with the 173rd: half of user 21's, and all but the first of each of users 22 and 23.
    assert (evaluation.n_queries, evaluation.n_users, evaluation.n_without_history) == (4 + 7 + 7, 3, 2)
    assert evaluation.test_from == 1_700_000_000 + 60 * 172
    assert evaluation.validation_from == 1_700_000_000 + 60 * 153
    assert {"sequence", "transition"} <= set(api.open_recommender(run).part_names)
    assert evaluation.models["metarec"]["ndcg@10"].mean > evaluation.models["popular"]["ndcg@10"].mean


def test_a_baseline_fitted_later_answers_the_questions_of_the_runs_protocol(tmp_path: Path):
    run = trained(read(tmp_path), tmp_path / "store", *NO_NET, *BY_TIME)
    later = api.evaluate(run, ["transition", "popular"])
    stored = api.evaluate(run)
    assert (later.n_queries, later.test_from) == (stored.n_queries, stored.test_from)
    assert later.models["metarec"] == stored.models["metarec"]
    assert later.models["popular"] == stored.models["popular"]


def test_ties_as_sets_reach_memories_and_questions_and_the_report(tmp_path: Path):
    tables = read(tmp_path, seconds=0)  # everything at once
    with pytest.raises(DataError, match="All events of each user happened at the same time"):
        trained(tables, tmp_path / "store", *NO_NET, "data.ties=sets")
    assert not api.evaluate(trained(tables, tmp_path / "store", *NO_NET)).ties_are_sets
    apart = read(tmp_path)
    assert api.evaluate(trained(apart, tmp_path / "store", *NO_NET, "data.ties=sets")).ties_are_sets


def test_sets_of_one_event_change_nothing(tmp_path: Path):
    tables = read(tmp_path)
    by_file, by_set = (
        api.evaluate(trained(tables, tmp_path / "store", *NO_NET, f"data.ties={ties}"))
        for ties in ("file_order", "sets")
    )
    assert by_set.models == by_file.models


def answers_of(run: api.Run) -> Answers:
    return Answers.from_arrays(read_arrays(run.folder.answers))


def test_where_items_may_come_again_one_that_was_had_can_be_the_answer_and_be_listed(tmp_path: Path):
    behaviour = tmp_path / "behaviour.csv"
    lines = [
        f"u{user:02},i{(user + step % 4) % N_ITEMS:02},{1_700_000_000 + 60 * step}\n"
        for user in range(N_USERS)
        for step in range(N_EVENTS)
    ]
    behaviour.write_text(f"user_id,item_id,time\n{''.join(lines)}", encoding="utf-8")  # four items, and those again
    tables = api.read_tables(behaviour)
    filtered, allowed = (
        trained(tables, tmp_path / "store", *NO_NET, "evaluation.protocol=leave_one_out", f"data.repeats={repeats}")
        for repeats in ("filtered", "allowed")
    )
    had = {f"i{item:02}" for item in range(4)}
    assert np.isinf(answers_of(filtered).ranks["metarec"]).all()
    assert had.isdisjoint(api.open_recommender(filtered).recommend(["u00"], k=5).item_ids)
    assert np.isfinite(answers_of(allowed).ranks["metarec"]).all()
    assert had & {*api.open_recommender(allowed).recommend(["u00"], k=5).item_ids}
    assert api.evaluate(allowed).repeats
    assert api.evaluate(allowed).models["metarec"]["hr@10"].mean > 0.9


def test_of_unseen_users_nothing_is_learned_whatever_they_did(tmp_path: Path):
    by_users = (*NO_NET, "evaluation.protocol=users")
    first = trained(read(tmp_path), tmp_path / "store", *by_users)
    users = api.open_recommender(first).dataset.users
    asked = {users.ids[number - 1] for number in answers_of(first).user_numbers}
    assert len(asked) == N_USERS // 10
    rows = [line.split(",") for line in (tmp_path / "behaviour.csv").read_text().splitlines()]
    changed = [(user, "i11" if user in asked else item, when) for user, item, when in rows]
    (tmp_path / "other.csv").write_text("\n".join(map(",".join, changed)))
    others = api.read_tables(tmp_path / "other.csv", tmp_path / "items.csv")
    again = trained(others, tmp_path / "store", *by_users)
    assert {users.ids[number - 1] for number in answers_of(again).user_numbers} == asked
    assert not np.array_equal(answers_of(again).ranks["metarec"], answers_of(first).ranks["metarec"])
    one, other = read_arrays(first.folder.weights), read_arrays(again.folder.weights)
    assert one.keys() == other.keys()
    assert [name for name in one if not np.array_equal(one[name], other[name])] == []


def test_a_log_with_only_an_order_is_refused_before_training(tmp_path: Path):
    behaviour = tmp_path / "behaviour.csv"
    lines = [f"u{user},i{step},{step}\n" for user in range(6) for step in range(4)]
    behaviour.write_text(f"user_id,item_id,position\n{''.join(lines)}", encoding="utf-8")
    tables = api.read_tables(behaviour, name="ordered", mapping={"time": "position"})
    assert not tables.has_clock_times
    with pytest.raises(DataError, match="The times in this log give only an order"):
        trained(tables, tmp_path / "store", *NO_NET, *BY_TIME)
