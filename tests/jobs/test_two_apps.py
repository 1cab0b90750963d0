"""Two apps on one workspace: two real processes that submit, look and cancel, and see the same."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metarec_core import api
from tests.tiny_files import LONG_NET, NO_NET, write_files

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
APP = """
import json, sys
from metarec_core.config import RunConfig
from metarec_core.errors import MetaRecError
from metarec_core.jobs import runner

for line in sys.stdin:
    verb, *asked = json.loads(line)
    try:
        if verb == "submit":
            said = runner.submit(*asked[:2], RunConfig.preset("fast").with_settings(asked[2]), "cpu")
        elif verb == "states":
            said = {job.run_id: job.state.value for job in runner.list_jobs(*asked)}
        else:
            said = getattr(runner, verb)(*asked)
    except MetaRecError as error:
        said = str(error)
    print(json.dumps(said), flush=True)
"""


class App:
    """What an app does with the runner, in a process of its own."""

    def __init__(self, store):
        self.store = str(store)
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def ask(self, verb, *asked):
        self.process.stdin.write(json.dumps([verb, self.store, *asked]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def states(self):
        return self.ask("states")

    def close(self):
        self.process.communicate(timeout=20)


@pytest.fixture
def workspace(tmp_path):
    behaviour, items = write_files(tmp_path)
    return tmp_path, api.store_tables(api.read_tables(behaviour, items), tmp_path)


@pytest.fixture
def apps(workspace):
    store, _ = workspace
    both = App(store), App(store)
    yield both
    left = [app for app in both if app.process.poll() is None]
    for run_id, state in left[0].states().items():
        if state in ("starting", "queued", "running"):
            left[0].ask("cancel", run_id)
    wait(left, lambda states: not {"starting", "queued", "running"} & set(states.values()))
    for app in left:
        app.close()


def wait(apps, until):
    """Ask both in turn until one sees it; at no moment do two trainings run on the device."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        for app in apps:
            states = app.states()
            assert list(states.values()).count("running") <= 1, states
            if until(states):
                return states
        assert time.monotonic() < deadline, states
        time.sleep(0.05)


def test_one_training_a_device_and_each_app_sees_what_the_other_started_and_may_cancel_it(workspace, apps):
    _, fingerprint = workspace
    one, other = apps
    first = one.ask("submit", fingerprint, LONG_NET)
    wait(apps, lambda states: states[first] == "running")
    second = other.ask("submit", fingerprint, LONG_NET)
    third = one.ask("submit", fingerprint, NO_NET)
    wait(apps, lambda states: [states[second], states[third]] == ["queued", "queued"])
    assert one.states() == other.states() == {first: "running", second: "queued", third: "queued"}

    assert other.ask("cancel", first) is None
    wait(apps, lambda states: states[second] == "running" or states[third] == "running")
    assert one.states()[first] == other.states()[first] == "cancelled"

    assert one.ask("cancel", second) is None
    wait(apps, lambda states: states[third] == "done")
    assert one.states() == other.states() == {first: "cancelled", second: "cancelled", third: "done"}
    assert "is not being trained (cancelled)" in one.ask("cancel", first)
    assert "finished: open it" in other.ask("resume", third)


def test_a_training_outlives_the_app_that_started_it_and_another_sees_it_end(workspace, apps):
    _, fingerprint = workspace
    one, other = apps
    run_id = one.ask("submit", fingerprint, LONG_NET)
    wait(apps, lambda states: states[run_id] == "running")
    one.process.kill()
    one.process.communicate()
    assert other.states() == {run_id: "running"}
    seen = []
    wait([other], lambda states: seen.append(states[run_id]) or states[run_id] != "running")
    assert seen[-1] == "done", seen


def test_two_apps_that_resume_the_same_run_make_it_once(workspace, apps):
    _, fingerprint = workspace
    one, other = apps
    run_id = one.ask("submit", fingerprint, LONG_NET)
    wait(apps, lambda states: states[run_id] == "running")
    one.ask("cancel", run_id)
    wait(apps, lambda states: states[run_id] == "cancelled")
    said = [app.ask("resume", run_id) for app in apps]
    assert said[0] is None
    assert said[1] is None or "is still being trained" in said[1]
    wait(apps, lambda states: states[run_id] == "running")
    assert one.states() == other.states() == {run_id: "running"}
