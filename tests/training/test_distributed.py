import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import torch

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.data.split import leave_one_out
from metarec_core.errors import JobError
from metarec_core.runs.run import RunFolder, run_folders
from metarec_core.runs.store import read_arrays, read_checkpoint
from metarec_core.training import distributed, questioning
from metarec_core.training.baselines import fit_baselines
from tests.small_world import dataset
from tests.tiny_files import SMALL_NET, write_files

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (
    *SMALL_NET, "model.dropout=0", "model.id_dropout=0", "model.text=false", "model.meta=false", "train.refit_epochs=1",
    "train.optimiser=sgd", "evaluation.baselines=popular,transition", "evaluation.ablation=false",
)  # fmt: skip
"""Adam would turn the rounding of gradients near 0 into whole steps."""
TOLERANCE = 1e-5


def two_processes(*words: object) -> subprocess.Popen[str]:
    """A command in two processes on this machine, started by torchrun itself."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return subprocess.Popen(
        [*torchrun, "-m", "--", "metarec_core", *map(str, words)],  # without --, torchrun takes --run for its own
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def together(*words: object) -> subprocess.CompletedProcess[str]:
    """The same, until its end."""
    with two_processes(*words) as both:
        stdout, stderr = both.communicate(timeout=600)
    return subprocess.CompletedProcess(both.args, both.returncode, stdout, stderr)


def test_two_processes_of_torchrun_make_the_run_of_one_and_its_lists(tmp_path):
    behaviour, items = write_files(tmp_path)
    settings = [word for pair in SETTINGS for word in ("--set", pair)]
    both = together(
        "train", "--behaviour", behaviour, "--items", items, "--preset", "fast", *settings, "--device", "cpu",
        "--store", tmp_path / "two",
    )  # fmt: skip
    assert both.returncode == 0, both.stderr
    assert len(list((tmp_path / "two" / "runs").iterdir())) == 1
    two = api.open_run(tmp_path / "two", both.stdout.strip())
    config = RunConfig.preset("fast").with_settings(SETTINGS)
    *_, last = api.train(api.read_tables(behaviour, items), config, store=tmp_path / "one", device="cpu")
    one = last.run
    assert one is not None
    weights, others = read_arrays(one.folder.weights), read_arrays(two.folder.weights)
    assert weights.keys() == others.keys()
    for name, value in weights.items():
        np.testing.assert_allclose(others[name], value, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)
    assert one.manifest.validation == pytest.approx(two.manifest.validation, abs=TOLERANCE)
    mine, theirs = api.evaluate(one).models, api.evaluate(two).models
    assert mine.keys() == theirs.keys() == {"metarec", "popular", "transition"}
    for model, measures in mine.items():
        means = {name: interval.mean for name, interval in measures.items()}
        assert means == pytest.approx({name: theirs[model][name].mean for name in means}, abs=TOLERANCE), model

    listed = tmp_path / "lists.csv"
    words = ("recommend", "--store", tmp_path / "two", "--run", two.run_id, "--all", "-k", "3", "--output", listed)
    made = together(*words)
    assert made.returncode == 0, made.stderr
    alone = pd.concat([block.frame for block in api.open_recommender(two).recommend_all(3)], ignore_index=True)
    pd.testing.assert_frame_equal(pd.read_csv(listed), alone, check_dtype=False, rtol=TOLERANCE)


def test_two_processes_that_were_killed_go_on_to_the_run_of_one(tmp_path):
    behaviour, items = write_files(tmp_path)
    chosen = (*SETTINGS, "train.epochs=8", "train.patience=8")
    settings = [word for pair in chosen for word in ("--set", pair)]
    store = tmp_path / "two"
    words = ("train", "--behaviour", behaviour, "--items", items, "--preset", "fast", *settings, "--device", "cpu")
    with two_processes(*words, "--store", store) as both:
        while not any(epochs(folder) for folder in run_folders(store)):
            assert both.poll() is None, both.stderr.read()
            time.sleep(0.01)
        for process in (torchrun := psutil.Process(both.pid), *torchrun.children(recursive=True)):
            process.kill()
    (folder,) = run_folders(store)
    assert 1 <= epochs(folder) < 8, "killed too late"
    assert not folder.is_finished

    resumed = together("train", "--resume", folder.run_id, "--store", store, "--device", "cpu")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.strip() == folder.run_id
    config = RunConfig.preset("fast").with_settings(chosen)
    *_, last = api.train(api.read_tables(behaviour, items), config, store=tmp_path / "one", device="cpu")
    weights, others = read_arrays(last.run.folder.weights), read_arrays(folder.weights)
    assert weights.keys() == others.keys()
    for name, value in weights.items():
        np.testing.assert_allclose(others[name], value, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)


def epochs(folder: RunFolder) -> int:
    """Passes that a training's checkpoint has behind it; 0 before the first."""
    return read_checkpoint(folder)[1].get("epoch", 0) if folder.checkpoint.is_file() else 0


SPLIT = leave_one_out(dataset({user: [*["tea", "milk", "cake", "jam"][n:], "tea"] for n, user in enumerate("abcd")}))


def test_a_share_of_the_questions_is_asked_from_arrays_alone(monkeypatch):
    """Both processes in one: what the first tells is what the second hears, and what each gathers is kept."""
    baseline = next(fit_baselines(["transition"], SPLIT.known, SPLIT.dataset, seed=0))
    whole, told, shares = questioning.ask(baseline, SPLIT.dataset, SPLIT.test, 10), [], {0: [], 1: []}

    def gathered(mine, n):
        shares[rank].append(mine)
        return [mine, np.zeros((n // 2, *mine.shape[1:]), mine.dtype)]

    monkeypatch.setattr(distributed, "tell", lambda what, words, arrays: told.append((words, arrays)))
    monkeypatch.setattr(distributed, "gathered", gathered)
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "world", lambda rank=rank: distributed.World(rank, 2))
        if rank == 0:
            questioning.ask_together(RunConfig(), baseline, SPLIT.dataset, SPLIT.test, 10)
        else:
            questioning.answer_share(*told[0])
    for place, field in enumerate(("ranks", "top", "candidates", "chances")):
        for rank in (0, 1):
            np.testing.assert_array_equal(shares[rank][place], getattr(whole, field)[rank::2])


def test_alone_all_questions_are_asked_and_blocks_come_as_they_are():
    baseline = next(fit_baselines(["popular"], SPLIT.known, SPLIT.dataset, seed=0))
    one, other = (
        questioning.ask(baseline, SPLIT.dataset, SPLIT.test, 10),
        questioning.ask_together(RunConfig(), baseline, SPLIT.dataset, SPLIT.test, 10),
    )
    np.testing.assert_array_equal(one.ranks, other.ranks)
    assert list(distributed.in_turn(iter([b"a", b"b"]), 2)) == [b"a", b"b"]


@pytest.mark.parametrize(("rank", "rows", "weight"), [(0, [0, 2], 8 / 5), (1, [1], 2 / 5)])
def test_a_process_takes_every_second_sequence_and_counts_by_its_predictions(monkeypatch, rank, rows, weight):
    monkeypatch.setattr(distributed, "world", lambda: distributed.World(rank, 2))
    targets = torch.tensor([[4, 5], [6, 0], [7, 8]])
    inputs, mine, times, counts = distributed.share(targets - 1, targets, np.arange(6).reshape(3, 2))
    assert mine.tolist() == targets[rows].tolist()
    assert inputs.tolist() == (targets - 1)[rows].tolist()
    assert times.tolist() == np.arange(6).reshape(3, 2)[rows].tolist()
    assert counts == pytest.approx(weight)


def test_a_process_for_which_no_sequence_is_left_takes_one_that_does_not_count(monkeypatch):
    monkeypatch.setattr(distributed, "world", lambda: distributed.World(1, 2))
    targets = torch.tensor([[4, 5]])
    _, mine, _, counts = distributed.share(targets, targets, np.zeros((1, 2), dtype=np.int64))
    assert (mine.tolist(), counts) == ([[4, 5]], 0.0)


def test_alone_nothing_is_shared_told_or_summed():
    assert distributed.world() == distributed.World(0, 1)
    targets = torch.tensor([[4, 5]])
    assert distributed.share(targets, targets, np.zeros((1, 2), dtype=np.int64))[3] == 1.0
    distributed.tell("pass")
    assert distributed.total(2.5, "cpu") == 2.5


def test_without_the_first_process_the_others_say_so(monkeypatch):
    def gone():
        raise RuntimeError("Connection closed by peer")

    monkeypatch.setattr(distributed, "_hear", gone)
    with pytest.raises(JobError, match="The first process ended before the training did, or cannot be reached"):
        distributed.follow()
