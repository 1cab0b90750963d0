import json

import numpy as np
import pytest

from metarec_core.config import RunConfig
from metarec_core.errors import RunError
from metarec_core.runs.manifest import Manifest
from metarec_core.runs.run import RunFolder, new_run_id, run_folder, run_folders
from metarec_core.runs.store import (
    Request,
    create_run,
    delete_run,
    finish_run,
    list_runs,
    open_run,
    read_arrays,
    read_checkpoint,
    read_config,
    read_json,
    read_request,
    write_checkpoint,
    write_json,
)

REQUEST = Request("0123456789abcdef", "shop", "auto")
MANIFEST = Manifest(
    metarec_version="0.1.0",
    created="2026-01-01T00:00:00+00:00",
    tables_fingerprint=REQUEST.tables_fingerprint,
    tables_name=REQUEST.tables_name,
    n_users=1,
    n_items=2,
    n_events=3,
    device="cpu",
    versions={"python": "3.11"},
    timings_s={"total": 1.5},
    peak_memory_mb=100.0,
    learned={"k": {"popularity": 0.5}},
    validation={"ndcg@10": 0.1},
)


def finished(store):
    folder = create_run(store, RunConfig.preset("fast", seed=4), REQUEST)
    write_checkpoint(folder, {"a": np.arange(3)}, {"epoch": 1})
    return finish_run(
        folder,
        user_ids=["u"],
        item_ids=["x", "y"],
        state={"weights": np.float32([1, 2])},
        leaderboard={"split": "test"},
        manifest=MANIFEST,
    )


def test_a_finished_run_opens_with_everything_that_was_put_in(tmp_path):
    run = open_run(tmp_path, finished(tmp_path).run_id)
    assert run.config == RunConfig.preset("fast", seed=4)
    assert run.manifest == MANIFEST
    assert read_request(run.folder) == REQUEST
    assert read_arrays(run.folder.weights)["weights"].tolist() == [1, 2]
    assert read_json(run.folder.items) == ["x", "y"]


def test_the_checkpoint_is_gone_once_the_run_is_finished(tmp_path):
    assert not finished(tmp_path).folder.checkpoint.exists()


def test_a_finished_run_is_not_overwritten(tmp_path):
    run = finished(tmp_path)
    with pytest.raises(RunError, match="is already finished and was not overwritten"):
        finish_run(run.folder, user_ids=[], item_ids=[], state={}, leaderboard={}, manifest=MANIFEST)


def test_a_checkpoint_holds_arrays_and_numbers(tmp_path):
    folder = create_run(tmp_path, RunConfig(), REQUEST)
    write_checkpoint(folder, {"a": np.arange(3)}, {"epoch": 1})
    write_checkpoint(folder, {"a": np.arange(4)}, {"epoch": 2})
    arrays, numbers = read_checkpoint(folder)
    assert arrays["a"].tolist() == [0, 1, 2, 3]
    assert numbers == {"epoch": 2}
    assert not [path for path in folder.root.iterdir() if path.name.startswith(".")]


def test_runs_are_listed_newest_first_without_the_unfinished_and_the_damaged(tmp_path):
    good = finished(tmp_path)
    create_run(tmp_path, RunConfig(), REQUEST)
    damaged = finished(tmp_path)
    damaged.folder.manifest.write_text("{", encoding="utf-8")
    (summary,) = list_runs(tmp_path)
    assert (summary.run_id, summary.preset, summary.seed, summary.tables_name) == (good.run_id, "fast", 4, "shop")
    assert len(run_folders(tmp_path)) == 3


def test_an_empty_store_has_no_runs(tmp_path):
    assert list_runs(tmp_path / "nowhere") == ()


def test_an_unfinished_run_says_so(tmp_path):
    folder = create_run(tmp_path, RunConfig(), REQUEST)
    with pytest.raises(
        RunError, match=r"is not finished: its folder has no manifest.json. Wait for its training to finish"
    ):
        open_run(tmp_path, folder.run_id)


def test_an_unknown_run_is_named(tmp_path):
    with pytest.raises(RunError, match="There is no run 20260101-000000-abcdef in"):
        open_run(tmp_path, "20260101-000000-abcdef")


@pytest.mark.parametrize("run_id", ["../secrets", "latest", "", "20260101-000000-abcdef/..", "20260101-000000-ABCDEF"])
def test_what_is_no_run_id_never_touches_a_path(tmp_path, run_id):
    with pytest.raises(RunError, match="is not a run ID, which looks like"):
        run_folder(tmp_path, run_id)


def test_an_unknown_format_names_the_version_that_wrote_it(tmp_path):
    run = finished(tmp_path)
    write_json(run.folder.manifest, MANIFEST.model_dump() | {"format": 99, "metarec_version": "7.0"})
    with pytest.raises(RunError, match=r"has format 99, written by MetaRec 7.0; version 0.1.0 reads format 1"):
        open_run(tmp_path, run.run_id)


def test_a_damaged_manifest_is_one_sentence(tmp_path):
    run = finished(tmp_path)
    write_json(run.folder.manifest, {"format": 1})
    with pytest.raises(RunError, match=r"its manifest.json is damaged. Train it again"):
        open_run(tmp_path, run.run_id)


def test_missing_or_damaged_files_are_one_sentence(tmp_path):
    run = finished(tmp_path)
    run.folder.weights.write_bytes(b"not safetensors")
    with pytest.raises(RunError, match=r"its weights.safetensors is missing or damaged"):
        read_arrays(run.folder.weights)
    run.folder.config.unlink()
    with pytest.raises(RunError, match=r"its config.json is missing or damaged"):
        read_config(run.folder)


def test_a_config_of_another_version_is_refused_with_its_reason(tmp_path):
    run = finished(tmp_path)
    write_json(run.folder.config, {"model": {"colour": "red"}})
    with pytest.raises(
        RunError, match=r"settings that version 0.1.0 rejects. The configuration cannot be used: model.colour"
    ):
        open_run(tmp_path, run.run_id)


def test_a_config_stored_before_there_were_protocols_left_one_out(tmp_path):
    folder = finished(tmp_path).folder
    stored = read_json(folder.config)
    del stored["evaluation"]["protocol"]
    write_json(folder.config, stored)
    assert read_config(folder) == RunConfig.preset("fast", seed=4).with_settings(["evaluation.protocol=leave_one_out"])


def test_a_damaged_request_is_one_sentence(tmp_path):
    folder = create_run(tmp_path, RunConfig(), REQUEST)
    write_json(folder.request, {"unknown": 1})
    with pytest.raises(RunError, match=r"its request.json is damaged"):
        read_request(folder)


def test_a_deleted_run_is_gone_and_others_stay(tmp_path):
    one, other = finished(tmp_path), finished(tmp_path)
    delete_run(tmp_path, one.run_id)
    assert [summary.run_id for summary in list_runs(tmp_path)] == [other.run_id]


def test_json_is_replaced_as_a_whole(tmp_path):
    write_json(tmp_path / "status.json", {"state": "running"})
    write_json(tmp_path / "status.json", {"state": "done"})
    assert json.loads((tmp_path / "status.json").read_text()) == {"state": "done"}
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]


def test_run_ids_are_fresh_and_their_folder_knows_its_store(tmp_path):
    assert new_run_id() != new_run_id()
    folder = create_run(tmp_path, RunConfig(), REQUEST)
    assert RunFolder(folder.root).store == tmp_path


def test_a_manifest_says_how_fast_training_and_scoring_were():
    learned = {"throughput": {"training_events_per_s": 8_431.7, "scored_users_per_s": 1_204.2}}
    assert MANIFEST.model_copy(update={"learned": learned}).speed == (
        "On this machine the run learned from 8,432 events per second and ranked the catalogue for 1,204 users per second."
    )
    assert MANIFEST.speed == ""


def test_a_manifest_says_which_simple_model_ranks_better_on_validation():
    def behind(**simple):
        found = {"questions": 1_943, "run": 0.121, "baselines": simple}
        return MANIFEST.model_copy(update={"learned": {"baselines_on_validation": found}}).behind

    assert behind(popular=0.04, ease=0.1234, transition=0.1211) == (
        "On 1,943 validation questions the simple model ease ranks better than this run: NDCG@10 0.1234 against 0.1210."
    )
    assert behind(popular=0.04, ease=0.121) == ""
    assert behind() == ""
    assert MANIFEST.behind == ""


def test_a_manifest_says_what_read_the_texts():
    def reading(name):
        return MANIFEST.model_copy(update={"learned": {"text_encoder": name}}).reading

    assert reading("all-MiniLM-L6-v2") == "The texts of items were read by the language model all-MiniLM-L6-v2."
    assert reading("tf-idf") == "The texts of items were read by TF-IDF, which counts words."
    assert reading(None) == ""
    assert MANIFEST.reading == ""
