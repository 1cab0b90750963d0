import numpy as np
import pytest

from metarec_core.explain.explain import explain
from metarec_core.explain.faithfulness import badge_of
from tests.explain.planted import CAUSES, ITEMS, TARGET, planted
from tests.small_world import recommender

RISING = {cause: 0.1 * (1 + number) for number, cause in enumerate(CAUSES)}
"""Every event counts, each later one more."""


def explained(looks=None, weights=RISING):
    return explain(planted(weights, looks), user_id="eve", item_id=TARGET)


def shuffled(seed):
    """The true weights at the wrong items."""
    looks = np.array([RISING.get(item, 0.0) for item in ITEMS])
    looks[: len(CAUSES)] = np.random.default_rng(seed).permutation(looks[: len(CAUSES)])
    return looks


def test_the_effect_of_an_event_is_what_the_score_loses_without_it():
    why = explained()
    assert [event.item_id for event in why.effects] == CAUSES
    assert [event.effect for event in why.effects] == pytest.approx(list(RISING.values()), abs=1e-5)


def test_attention_on_the_planted_causes_agrees():
    found = explained().faithfulness
    assert found.badge == "agrees"
    assert found.correlation == pytest.approx(1)
    assert found.recovered == pytest.approx(1)
    assert found.rule.startswith(
        "Agrees: the correlation with the real effects is 0.5 or more, and deleting events in order of attention"
    )


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_attention_is_misleading(seed):
    found = explained(shuffled(seed)).faithfulness
    assert found.badge == "misleading"
    assert abs(found.correlation) < 0.7


def test_attention_the_wrong_way_round_is_worse_than_a_random_order():
    found = explained(np.array([2.2 - RISING.get(item, 2.2) for item in ITEMS])).faithfulness
    assert found.badge == "misleading"
    assert found.correlation == pytest.approx(-1)
    assert found.recovered < 0


def test_curves_take_events_out_and_put_them_back_in_the_order_of_attention():
    found = explained().faithfulness
    assert found.steps == (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20)
    whole = 0.1 * 210
    # most attended first: the last two of twenty, 2.0 and 1.9
    assert found.deletion.attention.scores[:2] == pytest.approx((whole, whole - 3.9), abs=1e-4)
    assert found.deletion.attention.scores[-1] == pytest.approx(0, abs=1e-4)
    assert found.insertion.attention.scores[:2] == pytest.approx((0, 3.9), abs=1e-4)
    assert found.deletion.reverse.scores[1] == pytest.approx(whole - 0.3, abs=1e-4)
    assert found.deletion.attention.area < found.deletion.random.area < found.deletion.reverse.area
    assert found.insertion.attention.area > found.insertion.random.area > found.insertion.reverse.area


def test_a_straight_fall_has_half_of_the_score_as_its_area():
    found = explained(weights=dict.fromkeys(CAUSES, 0.5), looks=np.ones(len(ITEMS))).faithfulness
    assert found.deletion.attention.area == pytest.approx(5.0, abs=1e-4)
    assert found.correlation is None
    assert found.badge == "misleading"


def test_attention_where_no_event_makes_a_difference_is_misleading():
    assert explained(shuffled(0), weights={}).faithfulness.badge == "misleading"


def test_the_rule_says_what_becomes_of_attention_that_is_the_same_for_all_events():
    found = explained(looks=np.ones(len(ITEMS))).faithfulness
    assert (found.badge, found.correlation) == ("misleading", None)
    assert "or there is none because attention or effects are the same for all events" in found.rule


@pytest.mark.parametrize(
    ("correlation", "recovered", "badge"),
    [
        (0.5, 0.5, "agrees"),
        (0.49, 0.9, "weak"),
        (0.9, 0.49, "weak"),
        (0.19, 0.9, "misleading"),
        (0.9, 0.0, "misleading"),
        (None, 0.9, "misleading"),
        (0.9, None, "weak"),
    ],
)
def test_the_badge_follows_its_rule(correlation, recovered, badge):
    assert badge_of(correlation, recovered) == badge


def test_few_events_or_no_attention_are_not_judged():
    assert explain(planted(RISING), user_id="ned", item_id=TARGET).badge is None
    assert explain(recommender(), user_id="ann", item_id="jam").badge is None


def test_without_effects_nothing_is_run_again():
    why = explain(planted(RISING), user_id="eve", item_id=TARGET, effects=False)
    assert why.effects == ()
    assert why.faithfulness is None
    assert len(why.attention) == 20
