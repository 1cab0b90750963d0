import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import JobError
from metarec_core.runs.store import read_arrays
from metarec_core.training import distributed
from tests.tiny_files import SMALL_NET, write_files

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (
    *SMALL_NET, "model.dropout=0", "model.id_dropout=0", "model.text=false", "model.meta=false", "train.refit_epochs=1",
    "train.optimiser=sgd", "evaluation.baselines=popular", "evaluation.ablation=false",
)  # fmt: skip
"""Adam would turn the rounding of gradients near 0 into whole steps."""
TOLERANCE = 1e-5


def together(*words: object) -> list[subprocess.CompletedProcess[str]]:
    """The same command in two processes that know of each other, as torchrun starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "metarec_core", *map(str, words)]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, env=env | {"RANK": str(rank)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=600) for process in started]
    return [
        subprocess.CompletedProcess(command, process.returncode, *words)
        for process, words in zip(started, said, strict=True)
    ]


def test_two_processes_make_the_run_of_one(tmp_path):
    behaviour, items = write_files(tmp_path)
    settings = [word for pair in SETTINGS for word in ("--set", pair)]
    first, second = together(
        "train", "--behaviour", behaviour, "--items", items, "--preset", "fast", *settings, "--device", "cpu",
        "--store", tmp_path / "two",
    )  # fmt: skip
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (second.stdout, len(list((tmp_path / "two" / "runs").iterdir()))) == ("", 1)
    two = api.open_run(tmp_path / "two", first.stdout.strip())
    config = RunConfig.preset("fast").with_settings(SETTINGS)
    *_, last = api.train(api.read_tables(behaviour, items), config, store=tmp_path / "one", device="cpu")
    one = last.run
    assert one is not None
    weights, others = read_arrays(one.folder.weights), read_arrays(two.folder.weights)
    assert weights.keys() == others.keys()
    for name, value in weights.items():
        np.testing.assert_allclose(others[name], value, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)
    assert one.manifest.validation == pytest.approx(two.manifest.validation, abs=TOLERANCE)


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
