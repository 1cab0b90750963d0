import json
import re
from pathlib import Path

import pytest
import streamlit as st
from filelock import FileLock

from metarec_core import api
from metarec_core.cli import main
from metarec_core.config import RunConfig
from metarec_core.figures.evaluate import LUCK_HELP
from metarec_core.jobs import curve, seeds
from tests.pages.conftest import Open, address, button, said

NDCG = {"mean": 0.4, "low": 0.3, "high": 0.5}


def test_without_a_run_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("evaluate")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]


def test_a_run_is_beside_its_baselines_with_a_verdict_in_words(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    assert not app.exception
    assert "24 users, each ranking the whole catalogue of 12 items" in said(app)
    assert "The texts of items were read by TF-IDF, which counts words." in said(app).replace("\\", "")
    assert {"This run", "Popular", "Item-kNN", "EASE", "Transitions"} <= set(app.dataframe[0].value["Model"])
    assert len(app.get("plotly_chart")) == 5
    assert [found.label for found in app.get("download_button")] == [
        "Download all measures",
        "Download all runs",
        "Download all slices",
        "Download chances",
        "Download what was asked",
    ]


def test_a_simple_model_that_ranks_better_on_validation_is_named_beside_the_verdict(
    run_id: str, workspace: Path, open_page: Open
) -> None:
    assert not any("ranks better than this run" in found.value for found in open_page("evaluate", run=run_id).warning)
    path = workspace / "runs" / run_id / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["learned"]["baselines_on_validation"]["baselines"]["ease"] = 1.5
    path.write_text(json.dumps(manifest))
    st.cache_resource.clear()
    words = [found.value for found in open_page("evaluate", run=run_id).warning]
    assert any("On 24 validation questions the simple model ease ranks better than this run" in said for said in words)


def test_columns_of_the_leaderboard_and_of_all_runs_say_what_they_mean(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    columns = [json.loads(table.proto.columns) for table in app.dataframe]
    for leaderboard in (columns[0], columns[4]):
        assert str(LUCK_HELP).startswith(leaderboard["p-value"]["help"][:40])


def test_the_trust_card_says_line_by_line_whether_to_believe_it_and_links_to_what_is_on_the_page(
    run_id: str, open_page: Open
) -> None:
    app = open_page("evaluate", run=run_id)
    words = said(app)
    assert "**Can these results be trusted?**" in words
    assert "Only 24 users were tested" in words
    assert "the fingerprints match" in words
    linked = set(re.findall(r"\(#([a-z-]+)\)", words))
    assert linked == {"what-was-asked", "leaderboard", "beside-right", "all-runs"}
    assert linked <= {heading.proto.anchor for heading in app.subheader}


def test_the_trust_card_looks_again_when_the_tables_are_deleted_changed_or_brought_back(
    run_id: str, workspace: Path, open_page: Open
) -> None:
    app = open_page("evaluate", run=run_id)
    assert "the fingerprints match" in said(app)
    (tables,) = (workspace / "tables").iterdir()
    kept = tables.rename(workspace / "kept")
    assert f"There is no data set {tables.name}" in said(app.run())
    kept.rename(tables)
    assert "the fingerprints match" in said(app.run())
    (tables / "events.parquet").write_bytes(b"PAR1")
    assert f"The data set in {tables} is damaged" in said(app.run()).replace("\\", "")


def test_measures_beside_right_and_all_runs_have_tables(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    assert {"Novelty", "Serendipity"} <= set(app.dataframe[2].value.columns)
    assert {"Gini", "Entropy", "Popularity lift"} <= set(app.dataframe[3].value.columns)
    rows = app.dataframe[4].value["Model"]
    assert sum(model.startswith("This run: ") for model in rows) == 1
    assert "Item-kNN" in set(rows)


def test_slices_are_cut_as_chosen_and_small_ones_say_so(run_id: str, workspace: Path, open_page: Open) -> None:
    found = {
        "n_queries": 60,
        "ndcg": {"metarec": NDCG, "popular": NDCG},
        "gain": {"mean": 0.1, "low": 0.0, "high": 0.2},
    }
    cuts = [
        {"kind": "History", "name": "1 to 5 events", "n_users": 60} | found,
        {"kind": "Cold or warm", "name": "new items", "n_users": 49} | found,
    ]
    (workspace / "runs" / run_id / "slices.json").write_text(json.dumps(cuts), encoding="utf-8")
    app = open_page("evaluate", run=run_id)
    grey = "Grey: fewer than 50 users, too few to judge."
    assert [caption.value for caption in app.caption].count(grey) == 0
    app.selectbox(key="_pick_slice").set_value("Cold or warm").run()
    assert address(app)["slice"] == "Cold or warm"
    assert open_page("evaluate", **address(app)).selectbox(key="_pick_slice").value == "Cold or warm"
    assert [caption.value for caption in app.caption].count(grey) == 1
    assert "Download all groups" in [found.label for found in app.get("download_button")]


def test_measures_are_drawn_against_each_other_as_chosen(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    app.selectbox(key="_pick_across").set_value("novelty").run()
    assert not app.exception
    assert any("Novelty@10" in chart.proto.spec for chart in app.get("plotly_chart"))


def test_a_run_that_kept_no_answers_and_slices_opens_with_what_it_has(
    run_id: str, workspace: Path, open_page: Open
) -> None:
    folder = workspace / "runs" / run_id
    (folder / "answers.safetensors").unlink()
    (folder / "slices.json").unlink()
    board = json.loads((folder / "leaderboard.json").read_text(encoding="utf-8"))
    kept = ("ndcg", "hr", "recall", "mrr", "map", "coverage")
    board["models"] = {
        model: {label: i for label, i in row.items() if label.split("@")[0] in kept}
        for model, row in board["models"].items()
    }
    for name in ("p_values", "protocol", "targets", "repeats", "leakage", "answered_head"):
        del board[name]
    (folder / "leaderboard.json").write_text(json.dumps(board), encoding="utf-8")
    app = open_page("evaluate", run=run_id)
    assert not app.exception
    assert "Leakage was not checked" in said(app)
    assert "For whom does it work?" not in said(app)


def test_chances_are_held_against_what_came(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    assert "Do the predicted chances hold?" in said(app)
    assert "percentage points on average (expected calibration error)" in said(app)
    assert list(app.table[0].value.columns) == ["Chance", "Came true", "95% interval", "Items"]
    assert app.table[0].value["Items"].astype(int).sum() > 0


def test_a_run_of_before_there_were_chances_opens_without_them(run_id: str, workspace: Path, open_page: Open) -> None:
    path = workspace / "runs" / run_id / "leaderboard.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    del written["reliability"]
    path.write_text(json.dumps(written), encoding="utf-8")
    app = open_page("evaluate", run=run_id)
    assert not app.exception
    assert "chances" not in said(app)
    assert len(app.get("plotly_chart")) == 4


def test_who_was_asked_what_is_one_sentence(run_id: str, workspace: Path, open_page: Open) -> None:
    assert "Leave-one-out: 24 questions, the last event of each of 24 users." in said(open_page("evaluate", run=run_id))


def test_a_run_split_by_time_says_so(run_id: str, workspace: Path, open_page: Open) -> None:
    board = workspace / "runs" / run_id / "leaderboard.json"
    by_time = {
        "protocol": "time",
        "targets": "successive",
        "n_queries": 18,
        "n_users": 3,
        "validation_from": 1_700_000_000,
        "test_from": 1_700_003_600,
    }
    board.write_text(json.dumps(json.loads(board.read_text()) | by_time))
    app = open_page("evaluate", run=run_id)
    assert "Split by time: 18 questions, every event of 3 users from 14 Nov 2023, 23:13 UTC on" in said(app)
    assert not app.exception


def test_a_run_of_an_earlier_version_still_opens(run_id: str, workspace: Path, open_page: Open) -> None:
    board = workspace / "runs" / run_id / "leaderboard.json"
    stored = json.loads(board.read_text())
    for name in ("n_users", "n_without_history", "ties_are_sets", "validation_from", "test_from"):
        del stored[name]
    board.write_text(json.dumps(stored))
    assert "Leave-one-out: 24 questions" in said(open_page("evaluate", run=run_id))


def test_list_length_and_measure_change_what_is_shown(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    app.segmented_control(key="_pick_k").set_value("5")
    app.segmented_control(key="_pick_measure").set_value("mrr").run()
    assert "MRR@5" in app.get("plotly_chart")[0].proto.spec
    assert not app.exception


def test_a_run_that_is_gone_is_told_in_one_sentence_and_the_page_stays(
    run_id: str, workspace: Path, open_page: Open
) -> None:
    app = open_page("evaluate", run="20260101-000000-abcdef")
    assert "There is no run" in app.error[0].value
    assert not app.exception


def test_a_half_written_run_is_told_in_one_sentence(run_id: str, workspace: Path, open_page: Open) -> None:
    (workspace / "runs" / run_id / "leaderboard.json").unlink()
    app = open_page("evaluate", run=run_id)
    assert "missing or damaged" in app.error[0].value
    assert not app.exception


def test_load_sample_is_an_error_in_a_sentence_where_there_is_none(open_page: Open) -> None:
    app = open_page("evaluate")
    button(app, "Load sample").click().run()
    assert "There is no sample" in app.error[0].value


def test_what_each_part_is_worth_is_shown_by_slice(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    assert "What is each part worth?" in said(app)
    shown = next(table.value for table in app.dataframe if "Variant" in table.value)
    assert "Fixed weights" in set(shown["Variant"])
    assert any(variant.startswith("Without ") for variant in shown["Variant"])
    slices = app.selectbox(key="_pick_worth")
    assert slices.options[0] == "all questions (24 users)"
    slices.select_index(len(slices.options) - 1).run()
    assert not app.exception


def test_a_run_without_ablations_shows_none(run_id: str, workspace: Path, open_page: Open) -> None:
    (workspace / "runs" / run_id / "ablation.json").unlink()
    app = open_page("evaluate", run=run_id)
    assert "What is each part worth?" not in said(app)
    assert not app.exception


def test_a_learning_curve_is_shown_once_somebody_asked_for_one(
    run_id: str, workspace: Path, open_page: Open, capsys
) -> None:
    app = open_page("evaluate", run=run_id)
    assert button(app, "Compute the curve")
    assert "NDCG@10 without the network goes" not in said(app)
    assert main(["learning-curve", "--store", str(workspace), "--run", run_id]) == 0
    assert [point["share"] for point in json.loads(capsys.readouterr().out)] == [0.1, 0.2, 0.4, 0.7, 1.0]
    app = open_page("evaluate", run=run_id)
    assert not app.exception
    assert "From 10% of the users to 100%, NDCG@10 without the network goes from" in said(app)


def test_the_paths_of_a_run_are_checked_when_asked_for_and_read_back_after(run_id: str, open_page: Open) -> None:
    app = open_page("evaluate", run=run_id)
    button(app, "Check the paths of 50 users").click().run()
    assert not app.exception
    assert "100% of" in said(app)
    app = open_page("evaluate", run=run_id)
    assert "are confirmed by their source rows" in said(app)


def test_a_learning_curve_is_learned_beside_the_page_at_a_press(
    run_id: str, workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(curve, "start_beside", lambda folder, module, log: started.append((folder.run_id, module)))
    app = open_page("evaluate", run=run_id)
    button(app, "Compute the curve").click().run()
    assert not app.exception
    assert started == [(run_id, "metarec_core.jobs.curve")]
    folder = workspace / "runs" / run_id
    (folder / "learning_curve.log").write_text("There is no room.\n", encoding="utf-8")
    app = open_page("evaluate", run=run_id)
    assert any("There is no room" in warning.value for warning in app.warning)
    with FileLock(folder / "learning_curve.lock"):
        app = open_page("evaluate", run=run_id)
        assert "Compute the curve" not in [found.label for found in app.button]


def test_two_more_seeds_are_queued_at_a_press_and_watched(
    run_id: str, workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def submit(store: Path, fingerprint: str, config: RunConfig, device: str) -> str:
        asked.append(config.seed)
        new = api.request_run(fingerprint, config, store=store, device=device)
        status = {"run_id": new, "state": "starting", "updated": "2999-01-01T00:00:00+00:00"}
        (workspace / "runs" / new / "status.json").write_text(json.dumps(status), encoding="utf-8")
        return new

    monkeypatch.setattr(seeds, "submit", submit)
    app = open_page("evaluate", run=run_id)
    assert "1 of 3 seeds" in said(app)
    button(app, "Train two more seeds").click().run()
    assert not app.exception
    assert asked == [1, 2]
    assert "Other seeds: 0 is done, 1 is starting, 2 is starting." in said(app)
    assert button(app, "Watch the training")
