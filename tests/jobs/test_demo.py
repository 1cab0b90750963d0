"""The demo: that what is shipped works with today's code, and that putting it back touches nothing else."""

import io
import shutil
import zipfile

import pytest

from metarec_core import api, audit, config
from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.jobs import demo
from metarec_core.jobs.forecast import forecast
from metarec_core.jobs.status import JobState, read_status
from metarec_core.runs.archive import export_run
from metarec_core.runs.lock import hold
from tests.tiny_files import NO_NET, write_files

TINY = RunConfig.preset("fast").with_settings([*NO_NET, "evaluation.ablation=false"])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run on few events."""
    store = tmp_path_factory.mktemp("trained")
    *_, last = api.train(api.read_tables(*write_files(store), name="tiny (sample)"), TINY, store=store, device="cpu")
    return last.run


@pytest.fixture
def run_id(trained, tmp_path, monkeypatch):
    """A demo of few events is shipped; the id of its run."""
    (tmp_path / "samples").mkdir()
    export_run(trained, tmp_path / "samples" / "demo.zip")
    monkeypatch.setattr(api, "SAMPLE_DATA", tmp_path / "samples")
    return trained.run_id


@pytest.fixture
def store(tmp_path):
    return tmp_path / "workspace"


def contents(folder):
    """Every file but the audit log."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != audit.FILE)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _changed(whole):
    """The zip with another events table in it."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"PAR1" if name == "tables/events.parquet" else source.read(name))
        target.comment = source.comment
    return changed.getvalue()


def test_the_shipped_demo_loads_recommends_and_explains_with_todays_code(store):
    run = demo.reset(store)
    assert run.run_id == demo.demo_run_id()
    recommender = api.open_recommender(run)
    listed = recommender.recommend([recommender.user_ids[0]], k=10)
    assert len(listed.item_ids) == 10
    why = api.explain(recommender, user_id=recommender.user_ids[0], item_id=listed.item_ids[0])
    assert sum(part.value for part in why.parts) == pytest.approx(why.score, abs=1e-4)
    assert why.attention
    assert api.evaluate(run).n_users > 0
    assert api.slices(run)
    assert api.known_path_quality(run) is not None
    assert api.kept_meta_knowledge(run) is not None
    assert api.learned_curve(run)
    (own,) = (standing for standing in api.standings(run) if standing.is_run)
    assert own.name == run.run_id
    assert own.gain is not None  # compared answer by answer


def test_the_shipped_demo_is_of_the_sample_and_the_preset_as_they_are(store):
    """Where this fails: python -m metarec_core demo --build."""
    run = demo.reset(store)
    assert run.manifest.tables_fingerprint == api.sample_tables(demo.DOMAIN).fingerprint
    assert run.config == RunConfig.preset(demo.PRESET)
    assert demo.shipped().stat().st_size < 5_000_000


def test_the_demo_is_built_from_the_sample_with_all_that_its_pages_measure(tmp_path, monkeypatch):
    shop = tmp_path / "samples" / demo.DOMAIN
    shop.mkdir(parents=True)
    write_files(shop)
    (shop / "facts.csv").write_text("item_id,relation,entity\ni00,made_by,Acme\n", encoding="utf-8")
    monkeypatch.setattr(api, "SAMPLE_DATA", tmp_path / "samples")
    monkeypatch.setitem(config.PRESETS, demo.PRESET, TINY.to_dict() | {"seed": 0})
    said = list(demo.build(demo.shipped()))
    assert (said[0], said[-1]) == ("training: text", "learning from shares of the users")
    assert [path.name for path in sorted((tmp_path / "samples").iterdir())] == ["demo.zip", "shop"]
    run = demo.bring(tmp_path / "workspace")
    assert run.manifest.tables_name == "shop (sample)"
    assert api.learned_curve(run)
    assert run.folder.map.is_file()


def test_a_run_that_came_from_elsewhere_says_how_its_training_went(run_id, trained, store):
    run = demo.reset(store)
    now = read_status(run.folder)
    assert (now.state, now.device) == (JobState.DONE, "cpu")
    assert now.elapsed_s == trained.manifest.timings_s["total"] > 0
    assert now.memory_mb == trained.manifest.peak_memory_mb > 0
    run.folder.manifest.write_text("{}")
    assert read_status(run.folder).elapsed_s == 0


def test_what_the_demo_took_elsewhere_foretells_nothing_here(run_id, store):
    fingerprint = demo.reset(store).manifest.tables_fingerprint
    assert forecast(store, fingerprint, TINY, "cpu").n_past == 0


def test_a_demo_that_is_there_is_not_brought_again(run_id, store):
    demo.bring(store)
    before = contents(store)
    (store / "runs" / run_id / "review.sqlite").write_bytes(b"said")
    assert demo.bring(store).run_id == run_id
    assert contents(store) == before | {f"runs/{run_id}/review.sqlite": b"said"}


def test_a_demo_that_was_deleted_or_changed_is_put_back_as_shipped(run_id, store):
    fingerprint = demo.reset(store).manifest.tables_fingerprint
    shipped = contents(store)
    api.delete_with_runs(store, fingerprint)
    assert contents(store) == {}
    demo.reset(store)
    assert contents(store) == shipped
    (store / "runs" / run_id / "weights.safetensors").write_bytes(b"")
    (store / "runs" / run_id / "manifest.json").unlink()
    (store / "runs" / run_id / "review.sqlite").write_bytes(b"said")
    (store / "tables" / fingerprint / "events.parquet").write_bytes(b"")
    (store / "attention").mkdir()
    (store / "attention" / f"{run_id}-100.json").write_text("{}")
    demo.reset(store)
    assert contents(store) == shipped


def test_putting_the_demo_back_leaves_everything_else_alone(trained, run_id, store, tmp_path):
    demo.reset(store)
    own = store / "runs" / "20260101-000000-aaaaaa"
    shutil.copytree(trained.folder.root, own)  # of the demo's own tables
    other = tmp_path / "other"
    other.mkdir()
    behaviour, items = write_files(other)
    items.write_text(items.read_text(encoding="utf-8").replace("Title", "Thing"), encoding="utf-8")
    api.store_tables(api.read_tables(behaviour, items, name="mine"), store)
    (store / "tables" / trained.manifest.tables_fingerprint / "originals").mkdir()
    (store / "attention").mkdir()
    (store / "attention" / f"{own.name}-100.json").write_text("{}")
    before = contents(store)
    demo.reset(store)
    assert contents(store) == before
    (store / "tables" / trained.manifest.tables_fingerprint / "events.parquet").write_bytes(b"")
    demo.reset(store)
    assert contents(store) == before
    assert (store / "tables" / trained.manifest.tables_fingerprint / "originals").is_dir()
    assert {run.run_id for run in api.list_runs(store)} == {run_id, own.name}


def test_a_demo_that_somebody_works_on_is_not_put_back(run_id, store):
    with (
        hold(demo.reset(store).folder),
        pytest.raises(RunError, match=f"The demo's run {run_id} is in use: wait for it to finish, then reset the demo"),
    ):
        demo.reset(store)


def test_a_demo_that_is_not_shipped_or_damaged_is_told_and_nothing_is_touched(run_id, store):
    demo.reset(store)
    before = contents(store)
    whole = demo.shipped().read_bytes()
    demo.shipped().write_bytes(whole[:200])
    assert demo.demo_run_id() is None
    with pytest.raises(RunError, match=r"demo\.zip cannot be read: it is not a zip file, or it is damaged"):
        demo.reset(store)
    demo.shipped().write_bytes(_changed(whole))
    with pytest.raises(RunError, match=r"The data set in .* is damaged"):
        demo.reset(store)
    demo.shipped().unlink()
    assert demo.demo_run_id() is None
    with pytest.raises(RunError, match=r"demo\.zip cannot be imported: No such file or directory"):
        demo.reset(store)
    assert contents(store) == before
