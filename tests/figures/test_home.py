from dataclasses import replace
from datetime import UTC, datetime

from metarec_core.data.store import TablesSummary
from metarec_core.figures import home as figures
from metarec_core.runs.store import RunSummary

INTERVAL = {"mean": 0.1234567, "low": 0.1, "high": 0.15}
RUN = RunSummary(
    run_id="20261124-083015-a1b2c3",
    created="2026-11-24T08:31:00+00:00",
    tables_fingerprint="0" * 16,
    tables_name="shop (sample)",
    preset=None,
    seed=0,
    leaderboard={
        "split": "test",
        "n_queries": 10,
        "n_items": 5,
        "models": {"metarec": {"ndcg@10": INTERVAL}, "popular": {"ndcg@10": INTERVAL | {"mean": 0.05}}},
        "differences": {"popular": {"ndcg@10": {"mean": 0.07, "low": 0.02, "high": 0.1}}},
    },
)


def test_runs_are_listed_with_their_verdict_and_three_digits() -> None:
    row = figures.runs_overview([RUN]).iloc[0].to_dict()
    assert row == {
        "Data set": "shop (sample)",
        "Settings": "custom settings",
        "NDCG@10": 0.123,
        "Compared with baselines": "better",
        "Trained (UTC)": "24 Nov 2026, 08:31",
        "Run ID": RUN.run_id,
    }


def test_a_run_split_by_time_says_so_beside_its_figures() -> None:
    by_time = replace(RUN, leaderboard={**RUN.leaderboard, "n_users": 4, "test_from": 1, "validation_from": 0})
    assert figures.runs_overview([by_time]).iloc[0]["Settings"] == "custom settings, split by time"
    assert "split by time" in figures.run_caption(by_time)
    assert "split by time" not in figures.run_caption(RUN)


def test_a_run_and_a_data_set_have_titles_for_people() -> None:
    tables = TablesSummary("0" * 16, "shop", 800, 400, 15_000, 0, True, datetime(2026, 11, 4, 8, 0, tzinfo=UTC))
    assert figures.run_title(RUN) == "shop (sample), custom settings, 24 Nov 2026, 08:31"
    assert figures.tables_title(tables) == "shop, 15,000 events"
    assert figures.tables_overview([tables]).iloc[0].tolist() == ["shop", 800, 400, 15_000, "4 Nov 2026, 08:00"]


def test_an_empty_workspace_has_empty_tables_with_headings() -> None:
    assert "Compared with baselines" in figures.runs_overview([])
    assert len(figures.tables_overview([])) == 0


def test_the_newest_run_is_told_in_a_sentence_with_its_verdict() -> None:
    assert figures.run_words(RUN).endswith("Better than the best simple model (Popular).")


def test_jobs_under_way_are_counted() -> None:
    assert figures.job_words("shop, fast", 2).endswith("2 more training jobs waiting or running.")
    assert figures.job_words("shop, fast", 0).endswith("you close this page.")
