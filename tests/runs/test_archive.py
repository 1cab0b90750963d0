import json
import shutil
import zipfile

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.jobs.reproduce import compare
from metarec_core.runs import archive
from metarec_core.runs.archive import export_run, import_run
from tests.tiny_files import NO_NET, write_files


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A finished run, and the zip of it."""
    store = tmp_path_factory.mktemp("store")
    config = RunConfig.preset("fast").with_settings([*NO_NET, "evaluation.ablation=false"])
    *_, last = api.train(api.read_tables(*write_files(store)), config, store=store, device="cpu")
    export_run(last.run, store / "run.zip")
    return last.run, store / "run.zip"


def rewritten(exported, tmp_path, change):
    """The zip with its entries changed: ``change(entries)``, by name."""
    run, whole = exported
    with zipfile.ZipFile(whole) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    change(entries)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
        target.comment = run.run_id.encode()
    return tmp_path / "bad.zip"


def test_a_run_goes_elsewhere_with_its_tables_and_says_the_same_there(exported, tmp_path):
    run, file = exported
    there = import_run(file, tmp_path)
    assert there.manifest == run.manifest
    same = compare(run, there)
    assert (same.same_weights, same.equal, same.differences) == (True, True, {})
    assert same.words == (
        f"Run {run.run_id} is reproduced: lists and measures are equal. Code, versions and device are the same."
    )
    assert not list(tmp_path.glob(".import*"))
    with pytest.raises(RunError, match=f"Run {run.run_id} is already in .*: delete it there first, or keep it"):
        import_run(file, tmp_path)


def test_what_was_measured_goes_with_a_run(exported, tmp_path):
    run, _ = exported
    first = import_run(exported[1], tmp_path / "first")
    assert first.folder.slices.read_bytes() == run.folder.slices.read_bytes()
    assert first.folder.answers.read_bytes() == run.folder.answers.read_bytes()
    later = ("learning_curve", "path_quality", "meta_knowledge", "map")
    for name in later:
        getattr(first.folder, name).write_bytes(name.encode())
    export_run(first, tmp_path / "run.zip")
    there = import_run(tmp_path / "run.zip", tmp_path / "second")
    assert [getattr(there.folder, name).read_bytes() for name in later] == [name.encode() for name in later]
    assert api.standings(there) == api.standings(run)
    assert all(standing.gain is not None for standing in api.standings(there) if standing.is_run)


def test_what_reviewers_said_stays_where_it_was_said(exported, tmp_path):
    first = import_run(exported[1], tmp_path / "first")
    first.folder.review.write_bytes(b"said")
    export_run(first, tmp_path / "run.zip")
    assert not import_run(tmp_path / "run.zip", tmp_path / "second").folder.review.exists()


def test_what_differs_is_said(exported, tmp_path):
    run, file = exported
    there = import_run(file, tmp_path)
    manifest = json.loads(there.folder.manifest.read_text())
    manifest["versions"]["numpy"] = "1.0"
    there.folder.manifest.write_text(json.dumps(manifest))
    there.folder.leaderboard.write_text(there.folder.leaderboard.read_text().replace("ndcg", "ncdg"))
    same = compare(run, api.open_run(tmp_path, run.run_id))
    assert not same.equal
    assert "is not reproduced: measures differ. What differs: numpy" in same.words
    assert "1.0 now" in same.words


def test_a_run_of_changed_code_and_one_that_did_not_say_its_code_are_told_apart(exported, tmp_path):
    run, file = exported
    there = import_run(file, tmp_path)
    manifest = json.loads(there.folder.manifest.read_text())
    there.folder.manifest.write_text(json.dumps({**manifest, "code": "0123456789ab"}))
    changed = compare(run, api.open_run(tmp_path, run.run_id))
    assert changed.words.endswith(f"What differs: code {run.manifest.code} then, 0123456789ab now.")
    del (
        manifest["code"],
        manifest["versions"]["scipy"],
        manifest["peak_gpu_memory_mb"],
    )  # as an earlier version wrote it
    there.folder.manifest.write_text(json.dumps(manifest))
    old = compare(api.open_run(tmp_path, run.run_id), run)
    assert old.differences["code"] == ("not recorded", run.manifest.code)
    assert old.differences["scipy"] == ("not recorded", run.manifest.versions["scipy"])


@pytest.mark.parametrize(
    "name",
    ["run/evil.py", "run/weights.pkl", "../run/config.json", "/etc/passwd", "run/../../x", "run\\config.json", "a/"],
)
def test_a_file_that_is_not_of_a_run_is_refused(exported, tmp_path, name):
    file = rewritten(exported, tmp_path, lambda entries: entries.update({name: b"x"}))
    with pytest.raises(RunError, match=r"bad\.zip was rejected: it contains .*, which is not a file of a run"):
        import_run(file, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_bomb_is_refused(exported, tmp_path, monkeypatch):
    file = rewritten(exported, tmp_path, lambda entries: entries.update({"run/history.jsonl": b"0" * 2_000_000}))
    with pytest.raises(RunError, match=r"was rejected: run/history\.jsonl would unpack to 2 MiB"):
        import_run(file, tmp_path / "store")
    monkeypatch.setattr(archive, "MOST_MIB", 0)
    with pytest.raises(RunError, match="was rejected: it would unpack to more than 0 MiB"):
        import_run(exported[1], tmp_path / "store")


def test_half_a_run_is_refused(exported, tmp_path):
    file = rewritten(exported, tmp_path, lambda entries: entries.pop("run/weights.safetensors"))
    with pytest.raises(RunError, match=r"bad\.zip is not a complete run: run/weights\.safetensors is missing"):
        import_run(file, tmp_path / "store")


def test_a_fingerprint_that_is_a_path_is_refused(exported, tmp_path):
    def change(entries):
        manifest = json.loads(entries["run/manifest.json"]) | {"tables_fingerprint": "../../x"}
        entries["run/manifest.json"] = json.dumps(manifest).encode()

    with pytest.raises(RunError, match=r"was rejected: '\.\./\.\./x' is not the ID of a data set"):
        import_run(rewritten(exported, tmp_path, change), tmp_path / "store")
    entries = {"run/manifest.json": b"[]"}
    with pytest.raises(RunError, match="its manifest does not say which data set the run was trained on"):
        import_run(rewritten(exported, tmp_path, lambda old: old.update(entries)), tmp_path / "store")


def test_tables_that_were_changed_are_refused_and_nothing_is_kept(exported, tmp_path):
    file = rewritten(exported, tmp_path, lambda entries: entries.update({"tables/events.parquet": b"PAR1"}))
    with pytest.raises(RunError):
        import_run(file, tmp_path / "store")
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["audit.jsonl"]


def test_what_is_no_zip_of_a_run_is_refused(exported, tmp_path):
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(
        RunError, match=r"text\.zip cannot be read: it is not a zip file, or it is damaged or encrypted"
    ):
        import_run(tmp_path / "text.zip", tmp_path)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a", "b")
    with pytest.raises(RunError, match=r"other\.zip is not a run that MetaRec exported"):
        import_run(tmp_path / "other.zip", tmp_path)
    with pytest.raises(RunError, match=r"none\.zip cannot be imported: No such file or directory"):
        import_run(tmp_path / "none.zip", tmp_path)


def test_a_run_whose_tables_are_gone_is_not_exported(exported, tmp_path):
    _, file = exported
    there = import_run(file, tmp_path)
    with pytest.raises(RunError, match=r"cannot be written to .*: No such file or directory"):
        export_run(there, tmp_path / "nowhere" / "run.zip")
    shutil.rmtree(tmp_path / "tables")
    with pytest.raises(RunError, match="There is no data set"):
        export_run(there, tmp_path / "again.zip")
