"""Scores of the small world, by hand: cake 3, milk 2.25, jam 2, tea 1.5 for everybody; nobody gets what was had before.

So ann's list is jam; bob's is cake, jam; cat's is milk, jam, tea.
"""

from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.errors import ConfigError, InputError, UnknownIdError
from metarec_core.explain.explain import explain
from metarec_core.explain.explanation import Curve, Faithfulness, Orders
from metarec_core.models.popularity import Popularity
from metarec_core.review import sample as module
from metarec_core.review.sample import RULES, Plan, sample, with_pairs
from metarec_core.training.baselines import Baseline
from tests.explain.planted import CAUSES, ITEMS, TARGET, planted
from tests.small_world import recommender

WORLD = recommender()
SPLIT = leave_one_out(WORLD.dataset)


def drawn(plan, world=WORLD):
    return sample(world, plan, SPLIT)


def pairs(found):
    return [(item.user_id, item.item_id) for item in found.chosen]


def test_random_takes_every_user_before_any_a_second_time():
    found = drawn(Plan(rule="random", n=3, k=3))
    assert {user for user, _ in pairs(found)} == {"ann", "bob", "cat"}
    assert found.words == "3 recommendations: random users, and a random item from each list, lists of 3. Seed 0."


def test_the_same_seed_draws_the_same_and_other_seeds_draw_others():
    assert drawn(Plan(n=3, k=3)) == drawn(Plan(n=3, k=3))
    assert len({tuple(pairs(drawn(Plan(n=3, k=3, seed=seed)))) for seed in range(8)}) > 2


def test_when_users_run_out_they_come_again_with_other_items_and_the_words_say_when_too_few_were_found():
    found = drawn(Plan(n=50, k=3))
    assert sorted(pairs(found)) == [
        ("ann", "jam"), ("bob", "cake"), ("bob", "jam"), ("cat", "jam"), ("cat", "milk"), ("cat", "tea"),
    ]  # fmt: skip
    assert found.words.startswith("6 recommendations: ")
    assert found.words.endswith(" Fewer than the 50 requested were found.")


def test_cold_users_come_first_and_the_reason_says_how_cold():
    found = drawn(Plan(rule="cold", n=2))
    assert [(item.user_id, item.reason) for item in found.chosen] == [
        ("cat", "the user has 1 event"),
        ("bob", "the user has 2 events"),
    ]


def test_the_worst_served_are_those_whose_test_item_ranks_lowest():
    world = recommender({"taste": [4.0, 3.0, 1.0, 2.0]})  # cake, ann's test item, comes after jam
    found = drawn(Plan(rule="worst_served", n=5), world)
    assert pairs(found) == [("ann", "jam")]
    assert found.chosen[0].reason == "Lemon cake came next, but was ranked 2 of 4"
    assert "among all 1 users" in found.words


def test_popularity_is_weighed_by_the_size_of_its_parts():
    #  share of popularity: tea .75, milk .5, cake .25, jam 0; all scores are 4, so lists are in the order of the catalogue
    world = recommender({"taste": [1.0, 2.0, 3.0, 4.0], "popularity": [3.0, 2.0, 1.0, 0.0]})
    found = drawn(Plan(rule="popular_only", n=4, k=2), world)
    assert pairs(found) == [("cat", "tea"), ("bob", "cake"), ("ann", "jam"), ("cat", "milk")]
    assert found.chosen[0].reason == "75% of the score, by size of its parts, is popularity"


def test_a_run_without_popularity_cannot_be_sampled_by_it():
    with pytest.raises(
        InputError, match="This run has no popularity part that could decide alone: choose another rule"
    ):
        drawn(Plan(rule="popular_only"))


def test_disagreement_takes_what_the_baseline_ranks_lowest():
    #  popular counts tea 2, milk 2, cake 1 (ann's cake is the test), jam 0; cat has had cake, so jam is third of three
    found = drawn(Plan(rule="disagreement", n=3, k=2, baseline="popular"))
    assert pairs(found) == [("cat", "jam"), ("bob", "jam"), ("ann", "jam")]
    assert found.chosen[0].reason == "#2 here, #3 by the baseline popular"


def test_a_baseline_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="There is no baseline 'best'"):
        drawn(Plan(rule="disagreement", baseline="best"))


def badged(badge):
    flat = Curve((0.0,), 0.0)
    orders = Orders(flat, flat, flat, flat)
    return Faithfulness(badge, "because", None, None, (0,), orders, orders)


def test_misleading_attention_is_searched_among_the_first_items_of_lists(monkeypatch):
    def explained(recommender, *, user_id, item_id):
        badge = "misleading" if user_id == "bob" else "agrees"
        return replace(explain(recommender, user_id=user_id, item_id=item_id), faithfulness=badged(badge))

    monkeypatch.setattr(module, "explain", explained)
    found = drawn(Plan(rule="misleading", n=2))
    assert pairs(found) == [("bob", "cake")]
    assert found.chosen[0].reason == "because"
    assert "3 of 3 users were checked" in found.words


def test_users_whose_history_is_too_short_to_test_are_passed_over():
    #  eve's twenty events are looked at in the wrong order; ned has one event only
    rising = {cause: 0.1 * (1 + number) for number, cause in enumerate(CAUSES)}
    world = planted(rising, np.array([2.2 - rising.get(item, 2.2) for item in ITEMS]))
    split = leave_one_out(world.dataset)
    first = {seed: sample(world, Plan(n=1, seed=seed), split).chosen[0].user_id for seed in range(8)}
    assert set(first.values()) == {"eve", "ned"}  # drawn in either order
    for seed in first:
        found = sample(world, Plan(rule="misleading", n=1, seed=seed), split)
        assert pairs(found) == [("eve", TARGET)]


def test_without_attention_nothing_misleads():
    world = replace(WORLD, scorer=Baseline("popular", 4, Popularity(np.float32([0, 2, 2, 2, 0]))))
    with pytest.raises(InputError, match="This run has no attention that could mislead: choose another rule"):
        drawn(Plan(rule="misleading"), world)


def test_where_all_histories_are_too_short_to_test_that_is_said():
    with pytest.raises(
        InputError,
        match="Attention cannot be tested in this run: none of the 3 users checked has 4 events that it looks at",
    ):
        drawn(Plan(rule="misleading"))  # the small world looks at the last event only


def test_a_rule_that_finds_nothing_says_so(monkeypatch):
    monkeypatch.setattr(
        module, "explain", lambda *_, **pair: replace(explain(WORLD, **pair), faithfulness=badged("agrees"))
    )
    with pytest.raises(InputError, match="The rule found nothing to review: first items of random lists"):
        drawn(Plan(rule="misleading"))


def test_given_pairs_are_taken_in_order_each_once_listed_or_not():
    found = drawn(Plan(rule="given", pairs=(("cat", "jam"), ("ann", "tea"), ("cat", "jam"))))
    assert pairs(found) == [("cat", "jam"), ("ann", "tea")]
    assert found.words == "2 recommendations: pairs of a user and an item that were named. Seed 0."


def test_pairs_are_read_from_text_with_commas_or_tabs():
    plan = with_pairs(Plan(), "cat, jam\n\nann\ttea, green\n")
    assert plan.rule == "given"
    assert plan.pairs == (("cat", "jam"), ("ann", "tea, green"))


def test_a_line_that_is_no_pair_is_named():
    with pytest.raises(InputError, match="Line 2 of the pairs, 'ann', is not a pair: write user ID, comma, item ID"):
        with_pairs(Plan(), "cat,jam\nann\n")


@pytest.mark.parametrize(
    ("plan", "error", "words"),
    [
        (Plan(n=0), InputError, "A review of 0 recommendations is not possible: ask for 1 to 500"),
        (Plan(n=501), InputError, "A review of 501 recommendations is not possible"),
        (Plan(k=0), InputError, "A list of 0 items is not possible: ask for 1 or more"),
        (Plan(rule="best"), InputError, "There is no rule 'best' to sample by: choose one of random, cold,"),
        (Plan(rule="given"), InputError, "The rule 'given' needs pairs of a user and an item: name at least one"),
        (Plan(rule="given", pairs=(("a", "b"),) * 501), InputError, "name at most 500 pairs"),
        (Plan(rule="given", pairs=(("eve", "jam"),)), UnknownIdError, "There is no user 'eve'"),
        (Plan(rule="given", pairs=(("ann", "ham"),)), UnknownIdError, "There is no item 'ham'"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_in_a_sentence(plan, error, words):
    with pytest.raises(error, match=words):
        drawn(plan)


@pytest.mark.parametrize("rule", ["popular_only", "disagreement"])
def test_rules_that_score_everybody_look_at_a_part_of_many_users_and_say_so(rule, monkeypatch):
    monkeypatch.setattr(module, "MOST_USERS", 2)
    world = recommender({"taste": [1.0, 2.0, 3.0, 4.0], "popularity": [3.0, 2.0, 1.0, 0.0]})
    found = drawn(Plan(rule=rule, n=9, baseline="popular"), world)
    assert len({user for user, _ in pairs(found)}) == 2
    assert "among 2 random users of 3" in found.words


def test_a_plan_is_kept_as_plain_values():
    plan = Plan(rule="given", pairs=(("ann", "jam"),), seed=3)
    assert Plan.from_dict(plan.to_dict()) == plan
    assert set(RULES) == set(module.RULE_WORDS) == set(module._FINDERS)
