"""The table of quality, from the command: real trainings on data small enough, peers by a stand-in for their interpreter."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import over_seeds, quality
from benchmarks.peers import running
from benchmarks.trained import Trained, split_of, train
from metarec_core.evaluation.bootstrap import bootstrap
from tests.tiny_files import N_USERS, NO_NET, write_files

PEER = """#!{python}
import json, sys
import numpy as np
_, _, _, peer, split, out, *_ = sys.argv
facts = {{"peer": peer, "split": json.load(open(split + "/split.json"))["digest"], "seed": 0, "settings": {{}}, "note": ""}}
costs = {{"budget_cpu_s": 120, "cpu_s": 3, "chosen_cpu_s": 2, "wall_s": 4, "peak_mb": 50, "versions": {{"numpy": "1"}}}}
json.dump({{**facts, **costs}}, open(out + "/" + peer + "-120s.json", "w"))
np.save(out + "/" + peer + "-120s.npy", np.full({users}, 2.0))
"""
"""A peer that puts every answer second."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Next items can be told from the latest one with certainty; the files are read from here."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    write_files(folder)
    return folder


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A run with ablations, and no network."""
    files = tmp_path_factory.mktemp("files")
    write_files(files)
    return train(files, tmp_path_factory.mktemp("store"), "fast", 3, [quality.AS_IN_PAPERS, *NO_NET])


def printed(monkeypatch, capsys, *words: str) -> list[list[list[str]]]:
    """Cells of the tables that the command prints, by table and row."""
    settings = ["--preset", "fast", "--set", *NO_NET, "evaluation.baselines=popular,transition", "model.meta=false"]
    monkeypatch.setattr(sys, "argv", ["quality.py", *words, *settings])
    quality.main()
    rows: list[list[list[str]]] = [[]]
    for line in capsys.readouterr().out.splitlines():
        if line.startswith("|"):
            rows[-1].append([cell.strip() for cell in line.split("|")[1:-1]])
        elif rows[-1]:
            rows.append([])
    return [table[2:] for table in rows]


def test_a_run_is_a_process_of_its_own_and_says_what_that_cost(once: Trained):
    assert once.run.config.seed == 3
    assert once.run.config.preset_name is None  # the settings were taken
    assert once.wall_s > once.run.manifest.timings_s["total"]
    assert once.cpu_s > 1
    assert 100 < once.run.manifest.peak_memory_mb < 2_000


def test_a_runs_answers_and_its_variants_are_those_of_its_split(once: Trained):
    split = split_of(once.run)
    assert once.answers.events.tolist() == split.test.events.tolist()
    measured = over_seeds.variants([once.answers])
    assert {"fixed weights", "without transition"} <= set(measured)
    assert all(len(ndcg) == N_USERS for ndcg in measured.values())


def test_what_parts_are_worth_has_intervals_of_the_mean_over_seeds(once: Trained):
    worse = {"fixed weights": np.full(N_USERS, 1.0), "without text": np.where(np.arange(N_USERS) < 6, np.inf, 1.0)}
    other = {"fixed weights": np.full(N_USERS, 1.0), "without text": np.full(N_USERS, 1.0)}
    seeds = [
        Trained(once.run, type(once.answers)(once.answers.user_numbers, once.answers.events, {}, ranks), 0, 0)
        for ranks in (worse, other)
    ]
    fixed, text = quality._worth("tiny", seeds, split_of(once.run))
    assert fixed == "| tiny | fixed weights | 1.0000 |  |  |  |  |"
    losses = np.where(np.arange(N_USERS) < 6, -0.5, 0.0)  # one seed of two lists no answer to a quarter of the users
    (interval,) = bootstrap(losses[:, None], 100)
    assert text.startswith(
        f"| tiny | without text | 0.8750 | -0.1250 ({interval.low:+.4f} to {interval.high:+.4f}) | -12.5% |"
    )


def test_the_command_prints_a_row_a_seed_their_mean_baselines_and_what_parts_are_worth(folder, monkeypatch, capsys):
    models, worth = printed(monkeypatch, capsys, "--data", str(folder), "--seeds", "0", "1")
    assert [row[:3] for row in models] == [
        ["tiny", "metarec", "0"],
        ["tiny", "metarec", "1"],
        ["tiny", "metarec", "mean"],
        ["tiny", "transition", ""],
        ["tiny", "popular", ""],
    ]
    assert models[2][3] == "1.0000 (1.0000 to 1.0000)"
    assert [bool(row[7]) for row in models] == [False, False, False, True, True]
    assert [all(row[8:]) for row in models] == [True, True, True, False, False]
    assert worth[0][:3] == ["tiny", "fixed weights", "1.0000"]
    assert [row[1] for row in worth[1:]][:2] == ["without transition", "without cooccurrence"]


def test_the_command_runs_peers_and_holds_metarec_against_them(folder, tmp_path, monkeypatch, capsys):
    python = tmp_path / "python"
    python.write_text(PEER.format(python=sys.executable, users=N_USERS))
    python.chmod(0o755)
    monkeypatch.setattr(running, "BUILD", tmp_path / "build")
    monkeypatch.setattr(running, "peers_python", lambda folder: python)
    words = ["--data", str(folder), "--peers", "ials", "bm25"]
    _, _, peers, beside = printed(monkeypatch, capsys, *words)
    assert [row[:2] for row in peers] == [["tiny", "bm25"], ["tiny", "ials"]]
    second = 1 / np.log2(3)
    assert peers[0][3] == f"{second:.4f} ({second:.4f} to {second:.4f})"
    better = f"{1 - second:+.4f}"
    assert beside == [["tiny", f"{peer}, 120 s", f"{better} ({better} to {better})"] for peer in ("bm25", "ials")]

    python.unlink()  # none runs again
    assert printed(monkeypatch, capsys, "--data", str(folder), "--peers", "earlier")[3] == beside


def test_peers_are_not_held_against_questions_they_cannot_answer(folder, monkeypatch, capsys):
    words = ["quality.py", "--data", str(folder), "--peers", "--set", "data.ties=sets"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit):
        quality.main()
    assert "peers know only the last event of each user, in the order of the file" in capsys.readouterr().err


def test_a_training_that_fails_says_why(tmp_path: Path):
    with pytest.raises(SystemExit, match=r"empty, seed 0: .*Training needs --behaviour"):
        train(tmp_path / "empty", tmp_path / "store", "fast", 0, [])
