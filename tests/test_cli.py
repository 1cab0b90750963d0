"""The command line as scripts call it: real processes, exit statuses, what is on stdout and what on stderr."""

import csv
import io
import json
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest

from metarec_core import api, cli
from metarec_core.config import RunConfig
from metarec_core.data.store import open_tables
from metarec_core.recommend.scenario import Scenario
from metarec_core.review.report import SCHEMA
from metarec_core.runs.made_with import code_hash
from metarec_core.runs.run import run_folder, run_folders
from metarec_core.runs.store import open_run
from metarec_core.training.estimate import Estimate
from metarec_core.training.tune import SPACE
from tests.tiny_files import BEHAVIOUR, ITEMS, LONG_NET, N_EVENTS, N_ITEMS, N_USERS, NO_NET, SMALL_NET, write_files

ROOT = Path(__file__).parents[1]


class Memory(NamedTuple):
    """Of a machine, in bytes."""

    total: int
    available: int


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "metarec_core", *map(str, words)]


def run(*words: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(*words), cwd=ROOT, capture_output=True, timeout=300, check=False)


@pytest.fixture
def call(capfdbinary):
    """Run a command in this process, which saves loading everything again; the same result as of a process."""

    def run_here(*words: object) -> subprocess.CompletedProcess[bytes]:
        capfdbinary.readouterr()
        status = cli.main([str(word) for word in words])
        said = capfdbinary.readouterr()
        return subprocess.CompletedProcess(words, status, said.out, said.err)

    return run_here


def settings(*pairs: str) -> list[str]:
    return [word for pair in pairs for word in ("--set", pair)]


def refused(result: subprocess.CompletedProcess[bytes]) -> str:
    """The one sentence of a refusal."""
    assert result.returncode == 2, result.stderr.decode()
    assert result.stdout == b""
    said = result.stderr.decode()
    assert "Traceback" not in said
    return said.rstrip("\n")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A store with one run, its id, and what the training said."""
    store = tmp_path_factory.mktemp("store")
    behaviour, items = write_files(tmp_path_factory.mktemp("files"))
    result = run(
        "train", "--behaviour", behaviour, "--items", items, "--preset", "fast", *settings(*SMALL_NET),
        "--seed", 3, "--device", "cpu", "--store", store,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr.decode()
    return store, result.stdout.decode().splitlines()[-1], result


@pytest.fixture
def priced(tmp_path):
    """A store and its run, whose items are even or odd and cost as many as their number."""
    behaviour, items = write_files(tmp_path)
    kinds = [f"i{n:02},Title {n},{('even', 'odd')[n % 2]},{n}" for n in range(N_ITEMS)]
    items.write_text("\n".join(["item_id,title,kind,price", *kinds]), encoding="utf-8")
    config = RunConfig.preset("fast").with_settings(NO_NET)
    for progress in api.train(api.read_tables(behaviour, items), config, store=tmp_path / "store"):
        run_id = progress.run_id
    return tmp_path / "store", run_id


def test_train_ends_with_the_simple_model_that_ranks_better_on_validation(call, tmp_path):
    behaviour, items = write_files(tmp_path)
    parts = "transition", "cooccurrence", "regression", "text", "graph", "recent"
    without = [f"model.{part}=false" for part in parts]  # what is left says the same to everyone
    result = call(
        "train", "--behaviour", behaviour, "--items", items, "--device", "cpu", "--store", tmp_path / "store",
        *settings(*without, *NO_NET, "evaluation.baselines=popular,transition"),
    )  # fmt: skip
    assert (
        "On 24 validation questions the simple model transition ranks better than this run: NDCG@10 1.0000 against 0.4608."
        in result.stderr.decode().splitlines()
    )


def test_train_prints_the_run_id_on_stdout_and_progress_on_stderr(trained):
    store, run_id, result = trained

    assert result.stdout.decode() == f"{run_id}\n"
    said = result.stderr.decode()
    assert "The texts of items were read by TF-IDF, which counts words." in said.splitlines()
    assert f"events: {N_USERS * N_EVENTS} rows read, {N_USERS * N_EVENTS} kept" in said
    assert "epoch 2/2, loss" in said
    assert re.search(
        r"On this machine the run learned from [\d,]+ events per second and ranked the catalogue for [\d,]+ users", said
    )
    assert re.search(r"Estimated \d+ s, took \d+ s \([\d,.]+% (more|less)\)\.", said)
    assert run_folder(store, run_id).is_finished


@pytest.fixture
def huge(monkeypatch):
    """Every training is expected to need a pebibyte."""
    monkeypatch.setattr("metarec_core.jobs.forecast.forecast", lambda *asked: Estimate(1.0, 2.0**30, 1.0))


def test_what_does_not_fit_is_refused_whichever_way_it_is_asked_for(trained, call, huge, tmp_path):
    store, run_id, _ = trained
    before = {folder.run_id for folder in run_folders(store)}
    fingerprint = open_run(store, run_id).manifest.tables_fingerprint
    stopped = api.request_run(fingerprint, RunConfig.preset("fast"), store=store)
    for words in (
        ["train", "--store", store, "--tables", fingerprint],
        ["train", "--store", store, "--resume", stopped],
        ["reproduce", "--store", store, "--run", run_id, "--device", "cpu"],
    ):
        result = call(*words)
        assert (result.returncode, result.stdout) == (1, b""), words
        said = result.stderr.decode()
        assert said.startswith("This training needs about 1048576.0 GiB of memory and this machine has"), words
    assert {folder.run_id for folder in run_folders(store)} == {*before, stopped}, "nothing was begun"
    shutil.rmtree(run_folder(store, stopped).root)


def test_what_fits_the_machine_but_not_what_is_free_is_trained_with_a_warning(call, monkeypatch, tmp_path):
    behaviour, items = write_files(tmp_path)
    monkeypatch.setattr("metarec_core.jobs.forecast.psutil.virtual_memory", lambda: Memory(2**60, 2**20))
    result = call(
        "train", "--behaviour", behaviour, "--items", items, *settings(*NO_NET), "--device", "cpu",
        "--store", tmp_path / "store",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr.decode()
    said = result.stderr.decode()
    assert "GiB of memory and 0.0 GiB are free now: wait for other work to finish, or it may be killed." in said


def test_a_baseline_that_cannot_be_fitted_is_refused_before_anything_is_trained(call, tmp_path):
    behaviour, items = write_files(tmp_path)
    result = call(
        "train", "--behaviour", behaviour, "--items", items, *settings("evaluation.baselines=popular,best"),
        "--store", tmp_path / "store",
    )  # fmt: skip
    assert "There is no baseline 'best': choose from popular, recent_popular" in refused(result)
    assert json.loads(call("runs", "--store", tmp_path / "store", "--format", "json").stdout) == []


def test_train_keeps_the_settings_it_was_given(trained):
    store, run_id, _ = trained
    config = json.loads(run_folder(store, run_id).config.read_text())

    assert config["seed"] == 3
    assert config["model"]["embedding_dim"] == 8
    assert config["train"]["patience"] == RunConfig.preset("fast").train.patience, "the rest is the preset's"


def test_runs_lists_the_run(call, trained):
    store, run_id, _ = trained

    (listed,) = json.loads(call("runs", "--store", store, "--format", "json").stdout)

    assert listed["run_id"] == run_id
    assert listed["tables_name"] == "behaviour"
    assert listed["seed"] == 3
    assert 0.0 <= listed["metrics"]["ndcg@10"] <= 1.0


def test_runs_of_a_store_that_does_not_exist_yet_is_an_empty_list(call, tmp_path):
    assert json.loads(call("runs", "--store", tmp_path / "new").stdout) == []


def test_evaluate_prints_each_model_with_its_intervals(call, trained):
    store, run_id, _ = trained

    result = call("evaluate", "--store", store, "--run", run_id, "--baselines", "popular,ease", "--format", "json")

    evaluation = json.loads(result.stdout)
    assert evaluation["split"] == "test"
    assert set(evaluation["models"]) == {"metarec", "popular", "ease"}
    interval = evaluation["models"]["popular"]["ndcg@10"]
    assert set(interval) == {"mean", "low", "high"}
    assert interval["low"] <= interval["mean"] <= interval["high"]


def test_recommend_prints_csv_whose_parts_sum_to_the_score(call, trained):
    store, run_id, _ = trained

    result = call(
        "recommend",
        "--store",
        store,
        "--run",
        run_id,
        "--user",
        "u00",
        "u05",
        "--user",
        "u07",
        "-k",
        3,
        "--format",
        "csv",
    )

    rows = list(csv.DictReader(io.StringIO(result.stdout.decode("utf-8"))))
    assert [row["user_id"] for row in rows] == ["u00"] * 3 + ["u05"] * 3 + ["u07"] * 3
    assert [row["rank"] for row in rows] == ["1", "2", "3"] * 3
    assert list(rows[0])[:4] == ["user_id", "item_id", "rank", "score"]
    parts = [name for name in rows[0] if name.startswith("part_")]
    assert len(parts) >= 2
    for row in rows:
        assert sum(float(row[part]) for part in parts) == pytest.approx(float(row["score"]), abs=1e-5)


def test_recommend_for_all_users_gives_the_same_rows_in_every_format(call, trained, tmp_path):
    store, run_id, _ = trained
    asked = ("recommend", "--store", store, "--run", run_id, "--all", "-k", 2)

    as_csv = list(csv.DictReader(io.StringIO(call(*asked).stdout.decode())))
    as_json = json.loads(call(*asked, "--format", "json").stdout)
    as_parquet = pq.read_table(io.BytesIO(run(*asked, "--format", "parquet").stdout)).to_pylist()
    to_file = call(*asked, "--format", "parquet", "--output", tmp_path / "lists.parquet")

    assert len(as_csv) == 2 * N_USERS
    assert [row["item_id"] for row in as_csv] == [row["item_id"] for row in as_json]
    assert list(as_csv[0]) == list(as_json[0]) == list(as_parquet[0])
    assert as_json == as_parquet
    assert to_file.stdout == b""
    assert pq.read_table(tmp_path / "lists.parquet").to_pylist() == as_parquet
    assert [path.name for path in tmp_path.iterdir()] == ["lists.parquet"]


def test_recommend_takes_the_filters_that_the_page_has(call, priced):
    store, run_id = priced
    asked = ("recommend", "--store", store, "--run", run_id, "--user", "u00", "--format", "json")

    def listed(*words: str) -> set[str]:
        return {row["item_id"] for row in json.loads(call(*asked, *words).stdout)}

    assert listed("--seen", "--filter", "kind=even") == {"i00", "i02", "i04", "i06", "i08", "i10"}
    assert listed("--seen", "--filter", "kind=even", "--between", "price=3:6") == {"i04", "i06"}
    assert listed("--filter", "kind=even", "--filter", "kind=odd") == {"i08", "i09", "i10", "i11"}
    assert listed("--only-new") == set()
    assert "write it like --filter colour=red" in refused(call(*asked, "--filter", "kind"))
    assert "write it like --between price=1:10" in refused(call(*asked, "--between", "price=1"))
    assert "A diversity of 2 is not possible" in refused(call(*asked, "--variety", "2"))


def test_explain_prints_parts_that_sum_to_the_score_and_attention_with_its_events(call, trained):
    store, run_id, _ = trained
    asked = ("--store", store, "--run", run_id, "--user", "u00")
    (first,) = json.loads(call("recommend", *asked, "-k", 1, "--format", "json").stdout)

    why = json.loads(call("explain", *asked, "--item", first["item_id"], "--format", "json").stdout)

    assert (why["user_id"], why["item_id"], why["rank"]) == ("u00", first["item_id"], 1)
    assert why["score"] == pytest.approx(first["score"], abs=1e-4)
    assert sum(part["value"] for part in why["parts"]) == pytest.approx(why["score"], abs=1e-4)
    assert [weight["item_id"] for weight in why["attention"]] == [f"i{step:02}" for step in range(N_EVENTS)]
    assert why["attention"][0]["time"].startswith("2026-01-01T00:00:00")
    assert sum(weight["weight"] for weight in why["attention"]) == pytest.approx(1.0, abs=1e-4)


def test_paths_are_printed_with_the_lines_they_stand_on_and_the_graph_can_be_taken_away(call, trained, tmp_path):
    store, run_id, _ = trained
    asked = ("--store", store, "--run", run_id)
    found = json.loads(call("paths", *asked, "--user", "u00", "--item", "i09").stdout)

    assert (found["part"], found["counted"]) == (None, [])  # these items have neither attributes nor facts
    lines = BEHAVIOUR.splitlines()
    for step in (step for path in found["evidence"] if path["kind"] == "people" for step in path["steps"]):
        ends = sorted(end["id"] for end in (step["source"], step["target"]))
        assert [sorted(lines[row - 1].split(",")[:2]) for row in step["rows"]] == [ends]

    rows = list(csv.DictReader(io.StringIO(call("graph", *asked).stdout.decode())))
    assert sum(row["relation"] == "chose" for row in rows) == N_USERS * N_EVENTS
    assert call("graph", *asked, "--format", "graphml", "--output", tmp_path / "graph.xml").returncode == 0
    assert "item:i09" in (tmp_path / "graph.xml").read_text(encoding="utf-8")
    places = list(csv.DictReader(io.StringIO(call("map", *asked, "--layout", "axes").stdout.decode())))
    assert [row["title"] for row in places if row["id"] == "i09"] == ["Title 9"]
    assert sum(row["type"] == "user" for row in places) == N_USERS
    assert refused(call("paths", *asked, "--user", "u00", "--item", "i09", "-k", -1)) == (
        "-k -1 paths cannot be listed: ask for 0 or more."
    )


def test_the_same_seed_gives_the_same_lists(call, trained, tmp_path):
    store, run_id, _ = trained
    behaviour, items = write_files(tmp_path)
    again = call(
        "train", "--behaviour", behaviour, "--items", items, "--preset", "fast", *settings(*SMALL_NET),
        "--seed", 3, "--device", "cpu", "--store", tmp_path / "store",
    )  # fmt: skip
    lists = [
        call("recommend", "--store", where, "--run", which, "--all").stdout
        for where, which in ((store, run_id), (tmp_path / "store", again.stdout.decode().strip()))
    ]

    assert lists[0] == lists[1]


def test_formulas_in_ids_are_escaped_in_csv_only(call, tmp_path):
    (tmp_path / "b.csv").write_text(BEHAVIOUR.replace("u00,", "=1+1,"), encoding="utf-8")
    trained = call("train", "--behaviour", tmp_path / "b.csv", *settings(*NO_NET), "--store", tmp_path / "store")
    asked = ("recommend", "--store", tmp_path / "store", "--run", trained.stdout.decode().strip(), "--user", "=1+1")

    as_csv = list(csv.DictReader(io.StringIO(call(*asked, "-k", 1).stdout.decode())))
    as_json = json.loads(call(*asked, "-k", 1, "--format", "json").stdout)

    assert as_csv[0]["user_id"] == "'=1+1"
    assert as_json[0]["user_id"] == "=1+1"


def test_an_interrupted_training_says_how_to_go_on_and_goes_on(tmp_path):
    behaviour, items = write_files(tmp_path)
    store = tmp_path / "store"
    words = (
        "train",
        "--behaviour",
        behaviour,
        "--items",
        items,
        *settings(*LONG_NET),
        "--device",
        "cpu",
        "--store",
        store,
    )
    with subprocess.Popen(
        command(*words),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs do not hear of it
    ) as process:
        deadline = time.monotonic() + 120
        while not any(folder.checkpoint.exists() for folder in run_folders(store)):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    (folder,) = run_folders(store)

    assert process.returncode == 130
    assert stdout == b""
    assert f"--store {store} --resume {folder.run_id}" in stderr.decode().splitlines()[-1]
    assert "Traceback" not in stderr.decode()
    assert folder.checkpoint.exists()

    resumed = run("train", "--store", store, "--resume", folder.run_id)
    assert resumed.returncode == 0, resumed.stderr.decode()
    assert resumed.stdout.decode() == f"{folder.run_id}\n"


# Bad input


BEHAVIOUR_FILES = {
    "empty": ("", "b.csv"),
    "header only": ("user_id,item_id,time\n", "b.csv"),
    "missing columns": ("colour,size\nred,3\n", "b.csv"),
    "no parsable time": ("user_id,item_id,time\nu1,i1,soon\nu2,i2,later\n", "b.csv"),
    "one user": ("user_id,item_id,time\n" + "".join(f"u1,i{n},2026-01-0{n}\n" for n in range(1, 6)), "b.csv"),
    "one item": ("user_id,item_id,time\n" + "".join(f"u{n},i1,2026-01-0{n}\n" for n in range(1, 6)), "b.csv"),
    "wrong type": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "b.csv"),
}


@pytest.mark.parametrize("case", BEHAVIOUR_FILES)
def test_a_behaviour_file_that_cannot_be_used_is_one_sentence(call, case, tmp_path):
    content, name = BEHAVIOUR_FILES[case]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "items.csv").write_text(ITEMS)

    said = refused(
        call("train", "--behaviour", tmp_path / name, "--items", tmp_path / "items.csv", "--store", tmp_path / "store")
    )

    assert name in said
    assert said.endswith(".")
    assert "\n" not in said
    assert not (tmp_path / "store").exists(), "nothing half-made is left"


def test_a_file_that_does_not_exist_is_one_sentence(tmp_path):
    said = refused(run("train", "--behaviour", tmp_path / "no.csv", "--store", tmp_path / "store"))

    assert str(tmp_path / "no.csv") in said or "no.csv" in said


def test_an_item_file_without_items_is_one_sentence(call, tmp_path):
    behaviour, items = write_files(tmp_path)
    items.write_text("")

    assert "items.csv" in refused(
        call("train", "--behaviour", behaviour, "--items", items, "--store", tmp_path / "store")
    )


@pytest.mark.parametrize("verb", ["evaluate", "recommend", "explain", "resume"])
def test_an_unknown_run_is_one_sentence(call, verb, tmp_path):
    asked = {
        "evaluate": ["evaluate", "--run"],
        "recommend": ["recommend", "--all", "--run"],
        "explain": ["explain", "--user", "u", "--item", "i", "--run"],
        "resume": ["train", "--resume"],
    }[verb]

    unknown = refused(call(*asked, "20260131-142500-1a2b3c", "--store", tmp_path))
    malformed = refused(call(*asked, "../../etc", "--store", tmp_path))

    assert unknown.startswith(f"There is no run 20260131-142500-1a2b3c in {tmp_path}")
    assert "\n" not in unknown
    assert malformed == "'../../etc' is not a run ID, which looks like 20260131-142500-1a2b3c."


def test_an_unknown_user_and_an_unknown_item_are_one_sentence(call, trained):
    store, run_id, _ = trained

    user = refused(call("recommend", "--store", store, "--run", run_id, "--user", "nobody"))
    item = refused(call("explain", "--store", store, "--run", run_id, "--user", "u00", "--item", "nothing"))

    assert user == "There is no user 'nobody' in this data (24 users). IDs look like 'u00'."
    assert item == "There is no item 'nothing' in this data (12 items). IDs look like 'i00'."


def test_a_half_written_run_is_one_sentence(call, tmp_path):
    run_id = "20260131-142500-1a2b3c"
    half = tmp_path / "runs" / run_id
    half.mkdir(parents=True)
    (half / "config.json").write_text("{")

    said = refused(call("evaluate", "--store", tmp_path, "--run", run_id))

    assert said == (
        f"Run {run_id} is not finished: its folder has no manifest.json. Wait for its training to finish, or resume it."
    )


def test_a_run_without_its_weights_is_one_sentence(call, trained, tmp_path):
    store, run_id, _ = trained
    shutil.copytree(store, tmp_path / "store")
    (tmp_path / "store" / "runs" / run_id / "weights.safetensors").write_bytes(b"half")

    said = refused(call("recommend", "--store", tmp_path / "store", "--run", run_id, "--all"))

    assert said.startswith(f"Run {run_id} cannot be read: its weights.safetensors is missing or damaged.")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "The following arguments are required: VERB: see python -m metarec_core --help."),
        (
            ["train", "--store", "s"],
            "Training needs --behaviour, or --resume to continue a run: see python -m metarec_core train --help.",
        ),
        (
            ["train", "--store", "s", "--behaviour", "b", "--preset", "quick"],
            "There is no preset 'quick': choose one of fast, balanced, best.",
        ),
        (
            ["train", "--store", "s", "--behaviour", "b", "--seed", "x"],
            "The configuration cannot be used: seed = 'x': input should be a valid integer, "
            "unable to parse string as an integer.",
        ),
        (
            ["train", "--store", "s", "--behaviour", "b", "--column", "user_id"],
            "--column 'user_id' is not NAME=COLUMN: write it like --column user_id=who.",
        ),
        (
            ["train", "--store", "s", "--resume", "x", "--seed", "1"],
            "--seed cannot be given with --resume: a run keeps the data and settings it started with.",
        ),
    ],
)
def test_words_that_make_no_sense_are_one_sentence(call, words, expected):
    assert refused(call(*words)) == expected


def test_an_unknown_setting_names_the_known_ones(call):
    said = refused(call("train", "--store", "s", "--behaviour", "b", "--set", "model.size=3"))

    assert said.startswith("Setting 'model.size=3' is not known: write section.name=value, with one of seed, ")
    assert "model.embedding_dim" in said


def test_an_unknown_device_is_refused_before_anything_is_read(call):
    assert "invalid choice: 'tpu'" in refused(call("train", "--store", "s", "--behaviour", "b", "--device", "tpu"))


def test_a_device_that_is_not_there_is_refused_before_anything_is_stored(call, tmp_path):
    behaviour, _ = write_files(tmp_path)
    device = next((name for name in ("mps", "cuda") if not _has(name)), None)
    if device is None:
        pytest.skip("this machine has every device")

    said = refused(call("train", "--behaviour", behaviour, "--device", device, "--store", tmp_path / "store"))

    assert said.startswith(f"This machine has no {device} device")
    assert not (tmp_path / "store").exists()


def _has(device: str) -> bool:
    import torch

    return torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()


def test_a_list_of_no_items_is_refused(call, trained):
    store, run_id, _ = trained

    assert "ask for 1 or more" in refused(call("recommend", "--store", store, "--run", run_id, "--all", "-k", 0))


def test_output_into_a_folder_that_is_not_there_is_one_sentence(call, trained, tmp_path):
    store, run_id, _ = trained
    output = tmp_path / "no" / "lists.csv"

    said = refused(call("recommend", "--store", store, "--run", run_id, "--all", "--output", output))

    assert said == f"Cannot write to {output}: No such file or directory; choose another file for --output."


def test_a_fault_of_ours_is_one_sentence_and_status_1(capsys, monkeypatch, tmp_path):
    def broken(store):
        raise ZeroDivisionError("detail")

    monkeypatch.setattr("metarec_core.api.list_runs", broken)

    assert cli.main(["runs", "--store", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "This is an internal error in MetaRec, not a problem with your input (ZeroDivisionError): --debug shows where.\n"
    )
    assert cli.main(["runs", "--store", str(tmp_path), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_help_of_tune_lists_what_is_searched(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["tune", "--help"])
    said = capsys.readouterr().out.splitlines()
    for name, values in SPACE.items():
        assert f"  {name + ':':<24}{values}" in said


def test_help_of_train_explains_every_setting(capsys):
    from metarec_core.config import setting_names

    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])

    said = capsys.readouterr().out
    assert [name for name in setting_names() if f"  {name}=" not in said] == []
    assert "None" not in said, "every setting has its text"


def test_explain_says_what_takes_an_item_out_of_a_list_and_what_if_agrees(call, trained, tmp_path):
    store, run_id, _ = trained
    asked = ("explain", "--store", store, "--run", run_id, "--user", "u03", "--item")
    (first,) = json.loads(
        call("recommend", "--store", store, "--run", run_id, "--user", "u03", "-k", "1", "--format", "json").stdout
    )
    found = json.loads(call(*asked, first["item_id"], "--counterfactuals", "1").stdout)
    assert (found["rank"], found["k"]) == (1, 1)
    assert found["removal"]["rank"] > 1
    whole = api.scenario_of(api.open_recommender(open_run(store, run_id)), "u03")
    gone = [event["item_id"] for event in found["removal"]["events"]]
    assert 1 <= len(gone) < len(whole.items)
    left = whole.ordered([place for place, item in enumerate(whole.items) if item not in gone])
    (tmp_path / "scenario.json").write_text(left.to_json(), encoding="utf-8")
    asked_too = ("what-if", "--store", store, "--run", run_id, "--scenario", tmp_path / "scenario.json", "-k", "12")
    ranks = {row["item_id"]: row["rank"] for row in json.loads(call(*asked_too).stdout)["list"]}
    assert ranks[first["item_id"]] == found["removal"]["rank"]
    quick = json.loads(call(*asked, first["item_id"], "--quick").stdout)
    assert quick["effects"] == []


def test_the_command_line_gives_the_values_of_the_api(call, trained, tmp_path):
    store, run_id, _ = trained
    store = shutil.copytree(store, tmp_path / "store")  # a review is kept with its run
    run = api.open_run(store, run_id)
    recommender, reader = api.open_recommender(run), api.text_reader(run)
    verb = ("--store", store, "--run", run_id)
    item_id = recommender.recommend(["u03"], 5).item_ids[0]
    pair = {"user_id": "u03", "item_id": item_id}

    def same(words, value):
        printed, given = json.loads(call(*words).stdout), json.loads(json.dumps(value))
        assert json.dumps(printed, sort_keys=True) == json.dumps(given, sort_keys=True)

    ask = ("explain", *verb, "--user", "u03", "--item", item_id)
    same(ask, api.explain(recommender, **pair).to_dict())
    found = api.counterfactuals(recommender, **pair, k=3, read=reader.read_item)
    same((*ask, "--counterfactuals", 3), found.to_dict())
    same(("paths", *verb, "--user", "u03", "--item", item_id), api.paths(recommender, **pair).to_dict())
    there = shutil.copytree(store, tmp_path / "measured there")  # what one measures, the other would read back
    same(("attention", *verb, "--users", 4), api.attention_trust(api.open_run(there, run_id), n_users=4).to_dict())
    assert len(list((there / "attention").iterdir())) == len(list((store / "attention").iterdir())) == 1
    beside = api.compare(recommender, api.baseline_of(run, "ease", recommender), "u03", 5)
    given = {"common": beside.common, "k": beside.k, "items": beside.frame.to_dict("records")}
    same(("compare", *verb, "--user", "u03", "--other", "ease", "-k", 5), given)
    scenario = api.scenario_of(recommender, "u03")
    (tmp_path / "scenario.json").write_text(scenario.to_json(), encoding="utf-8")
    supposed = api.what_if(recommender, scenario, 5)
    given = {"list": supposed.frame.to_dict("records"), "ignored": supposed.ignored}
    same(("what-if", *verb, "-k", 5, "--scenario", tmp_path / "scenario.json"), given)
    agreed = api.stability([recommender, recommender], recommender.user_ids, 5)
    given = {**vars(agreed), "frame": agreed.frame.to_dict("records")}
    same(("stability", *verb, "--others", run_id, "-k", 5), given)
    review = api.start_review(run, api.Plan("given", pairs=(("u03", item_id),)))
    printed = json.loads(call("review", "export", *verb, "--review", review.review_id, "--format", "json").stdout)
    pack = json.loads(api.review_pack(run, review.review_id).to_json())
    assert printed | {"exported": None} == pack | {"exported": None}


def test_the_record_of_a_run_with_a_network_is_what_its_schema_says(call, trained, tmp_path):
    store = shutil.copytree(trained[0], tmp_path / "store")
    run = api.open_run(store, trained[1])
    review = api.start_review(run, api.Plan(n=5, seed=2))
    verb = ("review", "export", "--store", store, "--run", trained[1], "--review", review.review_id)
    record = json.loads(call(*verb, "--format", "json").stdout)
    jsonschema.validate(record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert len(record["recommendations"]) == 5
    for found in record["recommendations"]:
        why = found["explanation"]
        assert len(why["attention"]) == len(why["effects"]) == N_EVENTS
        assert sum(event["weight"] for event in why["attention"]) == pytest.approx(1, abs=1e-4)
        assert why["faithfulness"]["badge"] in ("agrees", "weak", "misleading")
        assert "sequence" in {part["name"] for part in why["parts"]}
        assert why["completeness"]["residual"] >= 0


def test_attention_says_over_a_run_how_often_it_can_be_believed_and_the_second_time_reads_it_back(
    call, trained, tmp_path
):
    store = shutil.copytree(trained[0], tmp_path / "store")
    asked = ("attention", "--store", store, "--run", trained[1], "--users", "5")
    measured = json.loads(call(*asked).stdout)
    assert measured["n_users"] == 5
    everyone = measured["rows"][0]
    assert (everyone["kind"], everyone["pairs"]) == ("All", 5)
    assert everyone["agrees"] + everyone["weak"] + everyone["misleading"] == pytest.approx(1)
    (kept,) = (store / "attention").iterdir()
    kept.write_text(json.dumps(measured | {"seed": 77}), encoding="utf-8")
    assert json.loads(call(*asked).stdout)["seed"] == 77  # read, not measured


def test_ids_become_pseudonyms_and_back_and_data_goes_with_its_runs(call, tmp_path):
    behaviour = tmp_path / "log.csv"
    behaviour.write_text(BEHAVIOUR)
    store = tmp_path / "store"
    words = ("--behaviour", behaviour, "--store", store, "--clean", "drop_duplicates=false", "--pseudonymise", "users")
    trained = call("train", *words, "--preset", "fast", *settings(*NO_NET))
    assert trained.returncode == 0, trained.stderr
    run_id = trained.stdout.decode().split()[-1]
    told = list(csv.DictReader(io.StringIO(call("reidentify", *words[:4]).stdout.decode())))
    known = json.loads(run_folder(store, run_id).users.read_text())
    assert sorted(row["pseudonym"] for row in told) == sorted(known)
    assert {row["user_id"] for row in told} == {f"u{n:02}" for n in range(N_USERS)}
    assert re.fullmatch(rb"[0-9a-f]{64}\n", call("key", "--store", store).stdout)

    (tables,) = (path.name for path in (store / "tables").iterdir())
    asked = call("delete", "--store", store, "--tables", tables)
    assert json.loads(asked.stdout) == {"tables": tables, "runs": [run_id], "deleted": False}
    assert run_folder(store, run_id).root.is_dir()
    assert json.loads(call("delete", "--store", store, "--tables", tables, "--yes").stdout)["deleted"]
    assert not list((store / "runs").iterdir())
    assert not list((store / "tables").iterdir())
    assert "There is no data set" in refused(call("delete", "--store", store, "--tables", tables, "--yes"))


def test_a_cleaning_rule_that_is_none_is_refused(call, tmp_path):
    (tmp_path / "log.csv").write_text(BEHAVIOUR)
    result = call("train", "--behaviour", tmp_path / "log.csv", "--store", tmp_path, "--clean", "bots=off")
    assert "Cleaning rule 'bots=off' is not known: write name=value, with one of test_accounts," in refused(result)


def test_path_quality_says_what_the_paths_of_a_run_are_like(call, trained):
    store, run_id, _ = trained
    found = json.loads(call("path-quality", "--store", store, "--run", run_id, "--users", "2").stdout)
    assert (found["users"], found["grounded"], found["untrue"]) == (2, 1.0, [])


def test_a_review_is_sampled_listed_and_written_as_a_file(call, trained, tmp_path):
    store, run_id, _ = trained
    where = ("--store", store, "--run", run_id)
    nothing = refused(call("review", "export", *where))
    sampled = json.loads(call("review", "sample", *where, "--rule", "random", "-n", 2, "--seed", 5).stdout)
    (listed,) = json.loads(call("review", "list", *where).stdout)
    pack = json.loads(call("review", "export", *where, "--format", "json").stdout)
    written = call("review", "export", *where, "--review", listed["review_id"], "--output", tmp_path / "record.html")

    assert nothing == f"Run {run_id} has no review yet: start one with python -m metarec_core review sample."
    assert listed == sampled
    assert [item["position"] for item in listed["items"]] == [1, 2]
    assert [one["item_id"] for one in pack["recommendations"]] == [item["item_id"] for item in listed["items"]]
    assert written.stdout == b""
    assert (tmp_path / "record.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_a_review_of_named_pairs_is_of_those_pairs(call, trained, tmp_path):
    store, run_id, _ = trained
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("u03,i05\n", encoding="utf-8")
    words = ("review", "sample", "--store", store, "--run", run_id, "--rule", "given", "--pairs")
    (item,) = json.loads(call(*words, pairs).stdout)["items"]

    assert (item["user_id"], item["item_id"]) == ("u03", "i05")
    assert (
        refused(call(*words, tmp_path / "none"))
        == f"Cannot read {tmp_path / 'none'} as text: choose another file for --pairs."
    )


def test_what_if_lists_what_would_be_beside_what_is(call, trained, tmp_path):
    store, run_id, _ = trained
    scenario = tmp_path / "scenario.json"
    scenario.write_text(Scenario("u00", ("i00", "i01"), (1, 2), now=3).to_json(), encoding="utf-8")
    words = ("what-if", "--store", store, "--run", run_id, "-k", 3, "--scenario")
    found = json.loads(call(*words, scenario).stdout)

    listed = [row for row in found["list"] if row["move"] != "gone"]
    assert [row["rank"] for row in listed] == [1, 2, 3]
    assert {"i00", "i01"}.isdisjoint(row["item_id"] for row in listed)
    assert found["ignored"] == []
    assert (
        refused(call(*words, tmp_path / "none"))
        == f"Cannot read {tmp_path / 'none'}: choose another file for --scenario."
    )


def test_compare_sets_two_lists_side_by_side(call, trained):
    store, run_id, _ = trained
    found = json.loads(
        call("compare", "--store", store, "--run", run_id, "--user", "u00", "--other", "popular", "-k", 3).stdout
    )

    assert found["k"] == 3
    assert found["common"] == sum(row["in"] == "both" for row in found["items"])
    assert len(found["items"]) == 2 * 3 - found["common"]


def test_a_run_agrees_with_itself(call, trained):
    store, run_id, _ = trained
    found = json.loads(call("stability", "--store", store, "--run", run_id, "--others", run_id, "-k", 3).stdout)

    assert (found["overlap"], found["n_users"]) == (1.0, N_USERS)
    assert found["correlation"] == pytest.approx(1.0)


def test_a_run_says_by_what_code_and_packages_it_was_made_on_what_and_how_long_each_stage_took(trained):
    store, run_id, _ = trained
    made = open_run(store, run_id).manifest
    assert made.code == code_hash()
    assert made.device == "cpu"
    packages = ("torch", "numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "safetensors")  # texts by TF-IDF
    assert made.versions == {"python": platform.python_version()} | {name: version(name) for name in packages}
    assert made.timings_s.keys() == {"text", "memories", "sequence", "weights", "refit", "evaluation", "total"}
    stages = sum(seconds for stage, seconds in made.timings_s.items() if stage != "total")
    assert 0 < stages <= made.timings_s["total"] + 0.1
    assert made.peak_memory_mb > 100
    assert made.peak_gpu_memory_mb == 0


def test_a_run_goes_out_as_a_zip_comes_in_elsewhere_and_is_reproduced_there(trained, call, tmp_path):
    store, run_id, _ = trained
    packed, elsewhere = tmp_path / "run.zip", tmp_path / "elsewhere"
    assert call("export-run", "--store", store, "--run", run_id, "--output", packed).returncode == 0
    taken = call("import-run", packed, "--store", elsewhere)
    assert (taken.returncode, taken.stdout.decode()) == (0, f"{run_id}\n")
    again = call("reproduce", "--store", elsewhere, "--run", run_id)
    assert again.returncode == 0, again.stderr.decode()
    told = json.loads(again.stdout)
    assert told["run_id"] == run_id
    assert (told["equal"], told["same_weights"], told["differences"]) == (True, True, {})
    assert f"Run {run_id} is reproduced: lists and measures are equal. Code, versions" in again.stderr.decode()


def test_files_of_every_kind_are_imported_and_trained_on_by_fingerprint(call, tmp_path):
    behaviour, items = write_files(tmp_path)
    behaviour.write_text(BEHAVIOUR.replace("u00", "马可"), encoding="gb18030")
    (tmp_path / "users.csv").write_text("user_id,age\nu01,30\n马可,40\n", encoding="gb18030")
    items.write_text(ITEMS, encoding="gb18030")
    np.save(tmp_path / "image.npy", np.eye(2, dtype=np.float32))
    (tmp_path / "image.txt").write_text("i00\ni01\n")
    words = (
        "import", "--store", tmp_path / "store", "--behaviour", behaviour, "--items", items,
        "--users", tmp_path / "users.csv", "--vectors", f"image={tmp_path / 'image.npy'},{tmp_path / 'image.txt'}",
        "--encoding", "gb18030", "--name", "walks",
    )  # fmt: skip
    looked = call(*words, "--dry-run")
    assert looked.stdout == b""
    assert "events: 192 rows read, 192 kept" in looked.stderr.decode()
    assert not (tmp_path / "store").exists()
    done = call(*words)
    assert done.returncode == 0, done.stderr
    fingerprint = done.stdout.decode().strip()
    tables = open_tables(tmp_path / "store", fingerprint)
    assert (tables.name, len(tables.events), tables.users["user_id"].tolist()) == ("walks", 192, ["u01", "马可"])
    assert tables.vectors["image"][:2].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    trained = call(
        "train", "--store", tmp_path / "store", "--tables", fingerprint, "--preset", "fast", *settings(*NO_NET)
    )
    assert trained.returncode == 0, trained.stderr
    run_id = trained.stdout.decode().split()[-1]
    assert open_run(tmp_path / "store", run_id).manifest.tables_fingerprint == fingerprint


def test_a_public_data_set_is_imported_as_it_is_by_a_real_process(tmp_path):
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "u.data").write_text("1\t7\t3\t881250949\n2\t8\t4\t881250950\n")
    done = run("import", "--store", tmp_path / "store", "--import", tmp_path / "ml")
    assert done.returncode == 0, done.stderr
    tables = open_tables(tmp_path / "store", done.stdout.decode().strip())
    assert (tables.name, tables.events["item_id"].tolist()) == ("ml", ["7", "8"])


def test_what_is_personal_is_said_before_anything_is_stored_and_files_are_kept_only_without_it(call, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("user_id,item_id,mail\nann,tea,ann@example.com\nbob,jam,bob@example.com\n")
    words = ("import", "--store", tmp_path / "store", "--behaviour", log, "--keep-files")
    left_out = "Column 'mail' looks like e-mail addresses (100% of a sample): left out."
    assert left_out in call(*words, "--dry-run").stderr.decode()
    said = call(*words).stderr.decode()
    assert "The files were not kept, because they contain columns that were left out." in said
    kept = call(*words, "--clean", "keep_columns=mail").stdout.decode().strip()
    assert (tmp_path / "store" / "tables" / kept / "originals" / "0").read_bytes() == log.read_bytes()
    replaced = call(*words, "--clean", "keep_columns=mail", "--pseudonymise", "all")
    assert "because they contain the IDs that were replaced by pseudonyms" in replaced.stderr.decode()
    tables = open_tables(tmp_path / "store", replaced.stdout.decode().strip())
    assert not {"ann", "bob", "tea", "jam"} & {*tables.events["user_id"], *tables.events["item_id"]}


def test_imports_that_make_no_sense_are_refused(call, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(BEHAVIOUR)
    store = ("--store", tmp_path / "store")
    assert refused(call("import", *store)).startswith("There is nothing to read: give --behaviour or --import, see")
    assert refused(call("import", *store, "--import", tmp_path, "--items", log)) == (
        "--items cannot be given with --import, which finds all files of a data set."
    )
    assert refused(call("train", *store, "--behaviour", log, "--tables", "0123456789abcdef")) == (
        "--tables names a data set that is already stored: leave out the files and the options for them."
    )
    assert "There is no data set 0123456789abcdef" in refused(call("train", *store, "--tables", "0123456789abcdef"))
    assert "is not in utf-16: byte" in refused(call("import", *store, "--behaviour", log, "--encoding", "utf-16"))
    assert "--vectors 'image' is not MODE=FILE" in refused(
        call("import", *store, "--behaviour", log, "--vectors", "image")
    )


def test_the_demo_is_put_into_a_workspace_as_it_is_shipped(call, tmp_path):
    done = call("demo", "--store", tmp_path)
    assert done.returncode == 0
    (run_id,) = done.stdout.decode().split()
    assert [summary.run_id for summary in api.list_runs(tmp_path)] == [run_id]


def test_the_demo_is_either_put_somewhere_or_built(call):
    assert refused(call("demo")).startswith("One of the arguments --store --build is required")
