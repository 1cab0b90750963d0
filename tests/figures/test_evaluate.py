"""Verdicts and tables on intervals written out by hand."""

from dataclasses import replace

import pytest

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import Evaluation
from metarec_core.evaluation.leakage import Leakage
from metarec_core.evaluation.significance import PValue
from metarec_core.figures import evaluate as figures


def evaluation(gain: Interval) -> Evaluation:
    return Evaluation(
        split="test",
        n_queries=800,
        n_users=800,
        n_items=400,
        models={
            "popular": {"ndcg@10": Interval(0.05, 0.04, 0.06), "coverage@10": Interval(0.025, None, None)},
            "metarec": {"ndcg@10": Interval(0.12, 0.10, 0.14), "coverage@10": Interval(0.5, None, None)},
            "ease": {"ndcg@10": Interval(0.10, 0.08, 0.12), "coverage@10": Interval(0.4, None, None)},
        },
        differences={"popular": {"ndcg@10": Interval(0.07, 0.05, 0.09)}, "ease": {"ndcg@10": gain}},
    )


@pytest.mark.parametrize(
    ("gain", "kind", "headline"),
    [
        (Interval(0.02, 0.01, 0.03), "better", "Better than the best simple model (EASE)."),
        (Interval(-0.02, -0.03, -0.01), "worse", "Worse than the best simple model (EASE). Use that instead."),
        (Interval(0.02, -0.01, 0.05), "level", "No clear difference from the best simple model (EASE)."),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(gain: Interval, kind: str, headline: str) -> None:
    verdict = figures.verdict(evaluation(gain))
    assert (verdict.kind, verdict.headline) == (kind, headline)


def test_a_verdict_says_what_was_measured_in_plain_words() -> None:
    assert figures.verdict(evaluation(Interval(0.02, 0.01, 0.03))).details == (
        "NDCG@10 is 0.120 against 0.100: +0.020, or +20% (95% interval of the difference +0.010 to +0.030). "
        "Measured on 800 users, each ranking the whole catalogue of 400 items."
    )


def test_a_run_without_baselines_is_not_called_better() -> None:
    alone = Evaluation("test", 8, 8, 4, {"metarec": {"ndcg@10": Interval(0.1, 0.0, 0.2)}}, {})
    assert figures.verdict(alone).kind == "alone"


GAIN = Interval(0.02, 0.01, 0.03)
BY_TIME = {
    "protocol": "time",
    "targets": "successive",
    "n_queries": 9_924,
    "n_users": 166,
    "validation_from": 889_237_269,
    "test_from": 891_382_309,
}


def test_a_verdict_over_several_questions_a_user_counts_both() -> None:
    shown = replace(evaluation(Interval(0.02, 0.01, 0.03)), **BY_TIME)
    assert figures.verdict(shown).details.endswith(
        "Measured on 9,924 events from 166 users, each ranking the whole catalogue of 400 items."
    )


def test_leave_one_out_is_told_in_one_sentence() -> None:
    assert figures.protocol_words(evaluation(Interval(0.02, 0.01, 0.03))) == (
        "Leave-one-out: 800 questions, the last event of each of 800 users."
    )


def test_a_time_split_is_told_in_one_sentence_with_its_dates_and_what_was_left_out() -> None:
    shown = replace(evaluation(Interval(0.02, 0.01, 0.03)), **BY_TIME, n_without_history=76, ties_are_sets=True)
    assert figures.protocol_words(shown) == (
        "Split by time: 9,924 questions, every event of 166 users from 31 Mar 1998, 22:11 UTC on; settings were chosen "
        "on events from 7 Mar 1998, 02:21 UTC on; left out: 76 events without an earlier event of the same user; events of "
        "a user within one second do not count as history for each other."
    )


def test_questions_that_were_drawn_from_more_say_so() -> None:
    shown = replace(evaluation(Interval(0.02, 0.01, 0.03)), **BY_TIME, n_not_drawn=90_076)
    assert figures.protocol_words(shown).endswith("; drawn at random from 100,000 such questions.")
    rows = dict(figures.protocol_table(shown).itertuples(index=False))
    assert rows["Not asked, because there were enough"] == "90,076"


def test_the_method_begins_with_the_protocol() -> None:
    shown = evaluation(Interval(0.02, 0.01, 0.03))
    assert figures.method_words(shown).startswith(figures.protocol_words(shown))


def test_the_leaderboard_is_best_first_with_three_digits_and_differences_in_words() -> None:
    table = figures.leaderboard_table(evaluation(Interval(0.02, 0.01, 0.03)), 10)
    assert list(table["Model"]) == ["This run", "EASE", "Popular"]
    assert list(table["NDCG"]) == [0.12, 0.10, 0.05]
    assert list(table["95% interval"]) == ["0.100 to 0.140", "0.080 to 0.120", "0.040 to 0.060"]
    assert list(table["Run minus model"]) == ["", "+0.020 (+0.010 to +0.030)", "+0.070 (+0.050 to +0.090)"]
    tested = replace(
        evaluation(Interval(0.02, 0.01, 0.03)), p_values={"ease": PValue(0.01, 0.02), "popular": PValue(0, 0)}
    )
    assert list(figures.leaderboard_table(tested, 10)["p-value"]) == ["", "p = 0.020", "p < 0.001"]


def test_a_difference_that_three_digits_would_make_look_like_none_gets_a_fourth() -> None:
    close = evaluation(Interval(0.005, 0.0004, 0.009))
    assert figures.leaderboard_table(close, 10)["Run minus model"][1] == "+0.005 (+0.0004 to +0.009)"
    assert "+0.005, or +5% (95% interval of the difference +0.0004 to +0.009)" in figures.verdict(close).details


def test_measures_stand_in_tables_of_their_own_where_they_were_measured() -> None:
    shown = evaluation(Interval(0.02, 0.01, 0.03))
    beside = figures.measures_table(shown, 10, figures.BESIDE)
    assert list(beside.columns) == ["Model", "Coverage"]
    assert list(beside["Coverage"]) == [0.5, 0.4, 0.025]
    assert list(figures.measures_table(shown, 10, figures.ACCURACY).columns) == ["Model", "NDCG"]
    assert figures.scatter_measures(shown, 10) == ["ndcg", "coverage"]


def test_a_scatter_has_a_point_a_model_with_intervals_where_there_are_any() -> None:
    shown = evaluation(Interval(0.02, 0.01, 0.03))
    drawn = figures.scatter(shown, "coverage", "ndcg", 10)
    others, run = drawn.data  # the run is on top
    assert list(zip(run.x, run.y, run.text, strict=True)) == [(0.5, 0.12, "This run")]
    assert list(zip(others.x, others.y, others.text, strict=True)) == [(0.025, 0.05, "Popular"), (0.4, 0.1, "EASE")]
    assert run.marker.symbol == "diamond"
    assert list(others.error_x.array) == [None, None]
    assert others.error_y.array[0] == pytest.approx(0.01)
    assert figures.scatter_words(shown, "coverage", "ndcg", 10).startswith(
        "Coverage@10 and NDCG@10: Popular 0.025 and 0.050, This run 0.500 and 0.120"
    )


def test_a_scatter_is_a_table_too_with_the_ends_of_intervals_where_there_are_any() -> None:
    table = figures.scatter_table(evaluation(GAIN), "coverage", "ndcg", 10)
    assert list(table.columns) == ["Model", "Coverage@10", "NDCG@10", "NDCG@10, from", "NDCG@10, to"]
    assert table.to_numpy().tolist()[:2] == [["Popular", 0.025, 0.05, 0.04, 0.06], ["This run", 0.5, 0.12, 0.1, 0.14]]
    alike = figures.scatter_table(evaluation(GAIN), "ndcg", "ndcg", 10)
    assert list(alike.columns) == ["Model", "NDCG@10", "NDCG@10, from", "NDCG@10, to"]


def test_unseen_users_and_last_targets_are_told_in_one_sentence() -> None:
    users = replace(
        evaluation(Interval(0.02, 0.01, 0.03)), protocol="users", targets="successive", n_queries=5_000, n_users=90
    )
    assert figures.protocol_words(users) == (
        "Unseen users: 5,000 questions, every event after the first of 90 users that training never saw."
    )
    last = replace(evaluation(Interval(0.02, 0.01, 0.03)), **{**BY_TIME, "targets": "last"}, repeats=True)
    assert "Split by time: 9,924 questions, the last event of 166 users from" in figures.protocol_words(last)
    assert figures.protocol_words(last).endswith("; items that a user already had may come again.")


def test_counts_and_cut_dates_are_in_a_table() -> None:
    leaks = Leakage(learned_answers=0, tied_answers=7, later_events=0.5, unborn_answers=2, n_queries=9_924)
    rows = dict(figures.protocol_table(replace(evaluation(GAIN), **BY_TIME, leakage=leaks)).itertuples(index=False))
    assert rows["Questions from"] == "31 Mar 1998, 22:11 UTC"
    assert rows["Questions"] == "9,924, each in turn"
    assert rows["Answers at the same time as the previous event"] == "7"
    assert rows["Training events after the question, on average"] == "50%"


def test_the_forest_draws_the_interval_around_each_mean_best_on_top() -> None:
    figure = figures.forest(evaluation(Interval(0.02, 0.01, 0.03)), "ndcg@10")
    run, others = figure.data
    assert figure.layout.yaxis.categoryarray == ("This run", "EASE", "Popular")
    assert (run.y, others.y) == (("This run",), ("EASE", "Popular"))
    assert (run.marker.symbol, others.marker.symbol) == ("diamond", "circle-open")
    assert others.text == ("0.080 to 0.120", "0.040 to 0.060")
    assert run.error_x.array[0] == pytest.approx(0.02)
    assert run.error_x.arrayminus[0] == pytest.approx(0.02)


def test_the_difference_forest_has_a_line_at_zero() -> None:
    figure = figures.difference_forest(evaluation(Interval(0.02, 0.01, 0.03)), "ndcg@10")
    assert [trace.y for trace in figure.data] == [("minus EASE", "minus Popular")]
    assert [shape.x0 for shape in figure.layout.shapes] == [0]


def test_the_export_has_a_row_for_every_model_and_measure_unrounded() -> None:
    rows = figures.leaderboard_export(evaluation(Interval(1 / 3, 0.01, 0.5)))
    assert len(rows) == 6
    ease = rows[(rows["model"] == "ease") & (rows["measure"] == "ndcg@10")].iloc[0]
    assert ease["run_minus_model"] == 1 / 3


def test_the_export_has_the_luck_that_the_leaderboard_shows() -> None:
    shown = replace(evaluation(GAIN), p_values={"ease": PValue(0.01, 0.02), "popular": PValue(0.001, 0.002)})
    rows = figures.leaderboard_export(shown).set_index(["measure", "model"])
    luck = {
        model: (rows.loc[("ndcg@10", model), "p"], rows.loc[("ndcg@10", model), "p_holm"]) for model in shown.p_values
    }
    assert luck == {"ease": (0.01, 0.02), "popular": (0.001, 0.002)}
    assert rows["p"].notna().sum() == 2  # of no other measure, and not of the run itself


def test_charts_have_a_sentence_for_those_who_cannot_see_them() -> None:
    shown = evaluation(Interval(0.02, 0.01, 0.03))
    assert figures.forest_words(shown, "ndcg@10") == ("NDCG@10, best first: This run 0.120, EASE 0.100, Popular 0.050")
    assert figures.difference_words(shown, "ndcg@10") == (
        "This run minus each baseline, NDCG@10: Popular +0.070, EASE +0.020"
    )
