from dataclasses import replace

import pytest

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.leaderboard import Evaluation
from metarec_core.evaluation.leakage import Leakage
from metarec_core.evaluation.significance import PValue
from metarec_core.evaluation.trust import Trust, trust

GAIN = {"ndcg@10": Interval(0.02, 0.01, 0.03)}
SOUND = Evaluation(
    split="test",
    n_queries=800,
    n_users=800,
    n_items=1_682,
    models={
        "metarec": {
            "ndcg@10": Interval(0.12, 0.1, 0.14),
            "head@10": Interval(0.4, 0.39, 0.41),
            "early@10": Interval(0.0, 0.0, 0.0),
        }
    },
    differences=dict.fromkeys(("recent_popular", "item_knn", "transition"), GAIN),
    p_values={name: PValue(0.001, 0.003) for name in ("recent_popular", "item_knn", "transition")},
    leakage=Leakage(learned_answers=0, tied_answers=3, later_events=0.0, unborn_answers=0, n_queries=800),
    answered_head=0.25,
)


def said(card: Trust) -> dict[str, tuple[str, str]]:
    return {check.name: (check.state, check.said) for check in card.checks}


def test_a_sound_run_is_good_in_every_line_and_each_line_names_its_evidence():
    card = trust(SOUND, [0.12, 0.11, 0.13], None)
    assert card.state == "good"
    assert {check.evidence for check in card.checks} == {"protocol", "leaderboard", "lists", "runs", "data"}
    lines = said(card)
    assert lines["beats item_knn"][1] == "Better than item-kNN (NDCG@10 +0.020, +0.010 to +0.030, p = 0.003)."
    assert lines["ranking"][1] == "Answers were ranked among all 1,682 items, not among a sample of them."
    assert lines["seeds"][1] == "NDCG@10 ranges from 0.1100 to 0.1300 over 3 seeds."
    assert lines["popular items"][1] == (
        "The 100 most popular items fill 40% of list positions, against 25% of actual choices."
    )
    assert card.to_dict()["checks"][0] == {
        "name": "leakage",
        "state": "good",
        "said": "No test answer is among the training events.",
        "evidence": "protocol",
    }


def test_a_simple_model_that_is_not_beaten_is_bad_whether_by_its_interval_or_its_p_value():
    level = replace(SOUND, differences={**SOUND.differences, "item_knn": {"ndcg@10": Interval(0.01, -0.01, 0.03)}})
    card = trust(level, [0.12] * 3, None)
    assert card.state == "bad"
    assert said(card)["beats item_knn"] == (
        "bad",
        "Not proven better than item-kNN (NDCG@10 +0.010, -0.010 to +0.030, p = 0.003).",
    )
    lucky = replace(SOUND, p_values={**SOUND.p_values, "transition": PValue(0.03, 0.09)})
    assert said(trust(lucky, [0.12] * 3, None))["beats transition"][0] == "bad"
    alone = replace(SOUND, differences={})
    assert said(trust(alone, [0.12] * 3, None))["beats recent_popular"] == (
        "unsure",
        "Not compared with recent popularity (recent_popular).",
    )


def test_answers_among_learned_events_are_bad():
    leaky = replace(SOUND, leakage=replace(SOUND.leakage, learned_answers=8))
    assert said(trust(leaky, [0.12], None))["leakage"] == (
        "bad",
        "1.0% of the test answers are among the training events.",
    )


def test_a_future_that_was_learned_from_leaves_figures_unsure():
    loo = replace(SOUND, leakage=replace(SOUND.leakage, later_events=0.36))
    assert said(trust(loo, [0.12], None))["future"] == (
        "unsure",
        "On average, 36% of the training events happened after the question and would not have been available in real use. "
        "The figures are higher than in real use; models can still be compared. Split by time to avoid this.",
    )
    order = replace(SOUND, leakage=replace(SOUND.leakage, later_events=None, unborn_answers=None))
    lines = said(trust(order, [0.12], None))
    assert lines["future"][1].startswith("Times give only an order")
    assert "early items" not in lines


def early(share: Interval | None) -> tuple[str, str]:
    own = {name: value for name, value in SOUND.models["metarec"].items() if name != "early@10"}
    models = {"metarec": own if share is None else {**own, "early@10": share}}
    return said(trust(replace(SOUND, models=models), [0.12], None))["early items"]


def test_items_in_lists_before_anybody_had_chosen_them_are_told_also_where_nothing_later_was_learned_from():
    assert early(Interval(0.0171, 0.01, 0.02)) == (
        "unsure",
        "1.7% of list positions go to items that nobody had chosen by then. The data does not say when items came out: "
        "if these were not out yet, the positions were wasted, and the figures are slightly too low.",
    )
    assert early(Interval(0.0009, 0, 0.002)) == ("good", "Lists show hardly any item before someone had chosen it.")
    assert early(None) == ("unsure", "Whether lists show items before they exist was not measured.")


def test_answers_without_an_order_of_their_own_leave_it_unsure():
    tied = replace(SOUND, leakage=replace(SOUND.leakage, tied_answers=400))
    assert said(trust(tied, [0.12], None))["ties"] == (
        "unsure",
        "50.0% of the answers have the same time as the event before them, so only the order in the file says "
        "what came next: compare with data.ties=sets.",
    )


@pytest.mark.parametrize(("n", "state"), [(800, "good"), (499, "unsure"), (99, "bad")])
def test_few_users_say_little(n: int, state: str):
    assert said(trust(replace(SOUND, n_users=n), [0.12], None))["users"][0] == state


def test_lists_of_popular_items_only_are_unsure_unless_that_is_what_people_choose_or_all_there_is():
    popular = replace(SOUND, models={"metarec": {**SOUND.models["metarec"], "head@10": Interval(0.9, 0.8, 1)}})
    assert said(trust(popular, [0.12], None))["popular items"][0] == "unsure"
    assert said(trust(replace(popular, answered_head=0.6), [0.12], None))["popular items"][0] == "good"
    assert said(trust(replace(popular, n_items=150), [0.12], None))["popular items"][0] == "good"


def test_one_seed_and_data_that_are_gone_are_said():
    lines = said(trust(SOUND, [0.12], "There is no data set abc in store: import the files again."))
    assert lines["seeds"] == (
        "unsure",
        "1 of 3 seeds: train again with other seeds to see how much is chance.",
    )
    assert lines["data"] == ("bad", "There is no data set abc in store: import the files again.")


def test_a_run_of_an_earlier_version_is_unsure_where_nobody_looked():
    old = replace(SOUND, leakage=None, answered_head=None)
    lines = said(trust(old, [0.12], None))
    assert lines["leakage"][0] == lines["popular items"][0] == "unsure"
    assert "ties" not in lines
