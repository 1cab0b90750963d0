"""The benchmark of peers without the peers: split files, alignment, ranks and table on data small enough to count by hand."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import __main__ as command
from benchmarks.peers import environment, running, train
from benchmarks.peers.ranking import rank_targets
from benchmarks.peers.results import peer_ranks, table
from benchmarks.peers.search import climb
from benchmarks.peers.split import Events, digest, read_split, write_split
from metarec_core.data.split import Split, leave_one_out
from metarec_core.evaluation.evaluate import measure
from tests.small_world import WrittenScores, dataset
from tests.tiny_files import N_USERS, write_files

EVENTS = {
    "ann": ["tea", "milk", "cake"],
    "bob": ["milk", "tea"],
    "cat": ["cake", "tea", "jam", "milk"],
    "dan": ["jam", "jam", "jam"],
}


def split(events: dict[str, list[str]] = EVENTS) -> Split:
    """Items are tea 1, milk 2, cake 3 and jam 4; bob has too few events to be asked."""
    return leave_one_out(dataset(events))


def result(folder: Path, peer: str, of: Split, **changed: object) -> None:
    """What a peer's process leaves behind: one user ranks first, one second, one was seen before."""
    facts = {"peer": peer, "split": digest(of), "seed": 7, "settings": {"K": 20}, "budget_cpu_s": 120.0}
    facts |= {"note": "best of 3 settings"} | changed
    costs = {"cpu_s": 28.61, "chosen_cpu_s": 27.4, "wall_s": 41.2, "peak_mb": 109, "versions": {"numpy": "1.26.4"}}
    name = f"{peer}-{facts['budget_cpu_s']:g}s"
    (folder / f"{name}.json").write_text(json.dumps({**facts, **costs}), encoding="utf-8")
    np.save(folder / f"{name}.npy", np.array([1.0, 2.0, np.inf]))


def test_split_files_have_metarecs_numbers_in_metarecs_order(tmp_path: Path):
    write_split(split(), tmp_path)
    assert (tmp_path / "train.csv").read_text() == "user,item\n1,1\n2,2\n2,1\n3,3\n3,1\n4,4\n"
    assert (tmp_path / "validation.csv").read_text() == "user,item\n1,2\n3,4\n4,4\n"
    assert (tmp_path / "test.csv").read_text() == "user,item\n1,3\n3,2\n4,4\n"
    read = read_split(tmp_path)
    assert (read.n_users, read.n_items, read.digest) == (4, 4, digest(split()))
    assert read.known.users.tolist() == [1, 1, 2, 2, 3, 3, 3, 4, 4]
    assert read.known.items.tolist() == [1, 2, 2, 1, 3, 1, 4, 4, 4]
    assert read.matrix(read.known).toarray()[4].tolist() == [0, 0, 0, 0, 1]  # jam twice counts once


def test_a_peer_with_a_models_scores_gets_the_models_ranks_in_the_models_order(tmp_path: Path):
    written = WrittenScores({"taste": [5, 2, 2, 2]})
    write_split(split(), tmp_path)
    read = read_split(tmp_path)

    def score(history: Events, users: np.ndarray) -> np.ndarray:
        return np.tile(np.array([9, 5, 2, 2, 2], dtype=np.float32), (len(users), 1))

    ranks = rank_targets(read, score, read.known, read.test)
    # ann is left cake and jam, which tie; cat is left milk; dan has had jam.
    assert ranks.tolist() == [1.5, 1, np.inf]
    assert measure(written, split(), split().test, 10).ranks.tolist() == ranks.tolist()


def test_a_peer_sees_the_histories_of_those_it_is_asked_about(tmp_path: Path):
    write_split(split(), tmp_path)
    read, asked = read_split(tmp_path), []

    def score(history: Events, users: np.ndarray) -> np.ndarray:
        asked.append((history.users.tolist(), history.items.tolist(), users.tolist()))
        return np.zeros((len(users), 5), dtype=np.float32)

    rank_targets(read, score, read.train, read.validation)
    assert asked == [([1, 3, 3, 4], [1, 3, 1, 4], [1, 3, 4])]


def test_ranks_count_only_for_the_split_they_were_measured_on(tmp_path: Path):
    result(tmp_path, "ials", split())
    result(tmp_path, "bm25", split(), failed="no memory left")
    result(tmp_path, "ials", split(), budget_cpu_s=60)
    ranks = peer_ranks(tmp_path, split())
    assert list(ranks) == ["ials, 60 s", "ials, 120 s"]
    assert ranks["ials, 120 s"].tolist() == [1, 2, np.inf]
    assert peer_ranks(tmp_path, split({**EVENTS, "bob": ["tea", "milk"]})) == {}
    assert peer_ranks(tmp_path / "nowhere", split()) == {}


def test_a_digest_knows_ties_as_sets_and_a_larger_catalogue():
    data = dataset(EVENTS)
    untied = split()
    sets = dataclasses.replace(data.events, ties_are_sets=True, times=np.array([0, 1, 1, *range(2, 11)]))
    tied = leave_one_out(dataclasses.replace(data, events=sets))
    larger = leave_one_out(dataset(EVENTS, ["tea", "milk", "cake", "jam", "bread"]))
    assert len({digest(each) for each in (untied, tied, larger)}) == 3
    assert digest(untied) == digest(split())


def test_the_table_has_a_row_a_peer_and_says_which_failed(tmp_path: Path):
    result(tmp_path, "ials", split())
    result(tmp_path, "sasrec", split(), failed="ended by signal 9")
    ials, sasrec = table("tiny", tmp_path, split())
    cells = [cell.strip() for cell in ials.split("|")[1:-1]]
    assert cells[:3] == ["tiny", "ials", "120"]
    assert cells[3].startswith("0.5436 (")  # (1 + 1 / log2(3) + 0) / 3
    assert cells[4:10] == ["0.6667", "29", "27", "41", "109", "7"]
    assert cells[10:] == ["numpy 1.26.4", "K 20; best of 3 settings"]
    assert sasrec == "| tiny | sasrec | 120 |  |  |  |  |  |  |  |  | did not run to its end: ended by signal 9 |"


def test_a_climb_goes_on_while_it_helps_and_tries_nothing_twice():
    ladders, tried = {"a": (1, 2, 4, 8), "b": (0.1, 1.0, 10.0)}, []

    def value(settings):
        tried.append(tuple(settings.values()))
        return -abs(settings["a"] - 8) - abs(settings["b"] - 0.1)

    best, reached, note = climb(value, ladders, {"a": 2, "b": 1.0}, float("inf"))
    assert best == {"a": 8, "b": 0.1}
    assert reached == 0
    assert tried == [(2, 1), (4, 1), (8, 1), (8, 10), (8, 0.1), (4, 0.1)]
    assert note == "best of 6 settings"


def test_a_climb_ends_with_the_budget():
    best, reached, note = climb(lambda settings: settings["a"], {"a": (1, 2, 4)}, {"a": 1}, seconds=0)
    assert (best, reached, note) == ({"a": 1}, 1, "best of 1 settings, search cut by the budget")


def test_a_peers_process_leaves_ranks_and_facts(tmp_path: Path, monkeypatch):
    write_split(split(), tmp_path / "split")
    monkeypatch.setattr(sys, "argv", ["train", "popular", str(tmp_path / "split"), str(tmp_path), "--seed", "7"])
    train.main()
    # known counts are tea 3, milk 2, cake 1, jam 2: ann's cake is behind jam, cat's milk alone, dan's jam seen.
    assert peer_ranks(tmp_path, split())["popular, 120 s"].tolist() == [2, 1, np.inf]
    facts = json.loads((tmp_path / "popular-120s.json").read_text())
    assert (facts["seed"], facts["budget_cpu_s"], facts["versions"]) == (7, 120, {"numpy": np.__version__})
    assert facts["cpu_s"] >= facts["trained_cpu_s"] > 0
    assert facts["peak_mb"] > 10


def test_the_command_writes_the_split_and_says_which_peer_failed_and_why(tmp_path: Path, monkeypatch, capsys):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho Traceback\necho MemoryError: no memory left\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(running, "BUILD", tmp_path / "build")
    monkeypatch.setattr(running, "peers_python", lambda folder: python)
    (tmp_path / "tiny").mkdir()
    write_files(tmp_path / "tiny")
    monkeypatch.setattr(sys, "argv", ["peers", "--data", str(tmp_path / "tiny"), "--peers", "ials"])
    command.main()
    assert len(read_split(tmp_path / "build" / "peers" / "tiny" / "split").test) == N_USERS
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1].endswith("| did not run to its end: MemoryError: no memory left |")
    assert printed.err.startswith("ials failed: MemoryError: no memory left (")


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch):
    (tmp_path / "requirements.txt").write_text(environment.REQUIREMENTS.read_text())
    monkeypatch.setattr(environment.subprocess, "run", lambda *command, **options: pytest.fail("ran a command"))
    assert environment.peers_python(tmp_path) == tmp_path / "bin" / "python"


def test_a_python_without_builds_of_the_peers_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(environment, "PYTHONS", ())
    with pytest.raises(SystemExit, match=r"The peers run on Python 3.11 and 3.12, this is 3\.\d+: start this command"):
        environment.peers_python(tmp_path)
