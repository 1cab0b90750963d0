import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from metarec_core.runs import memory
from metarec_core.runs.memory import peak_memory_mb

ROOT = Path(__file__).parents[2]


def said_by(program: str) -> float:
    lines = f"from metarec_core.runs.memory import peak_memory_mb\n{program}\nprint(peak_memory_mb())"
    return float(subprocess.run([sys.executable, "-c", lines], cwd=ROOT, check=True, capture_output=True).stdout)


def test_the_highest_memory_counts_and_not_what_is_left_of_it():
    assert said_by("held = b'x' * 200 * 2**20; del held") > 200


def test_memory_of_the_starting_process_does_not_count():
    held = np.ones(300 * 2**17)  # 300 MiB
    assert said_by("") < 100
    assert peak_memory_mb() > held.nbytes / 2**20


def test_where_there_is_no_proc_the_system_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", "linux")
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert peak_memory_mb() == pytest.approx(held / 2**10, abs=0.06)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert peak_memory_mb() == pytest.approx(held / 2**20, abs=0.06)
