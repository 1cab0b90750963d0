import json
from dataclasses import fields, replace

import pytest

from metarec_core.errors import UnknownIdError
from metarec_core.explain.explain import explain
from metarec_core.explain.explanation import AttentionWeight, PartValue
from metarec_core.figures.recommendations import effect_words
from tests.small_world import HALVED, recommender


def test_parts_sum_to_the_score_and_say_what_rank_the_item_had_without_them():
    why = explain(recommender(), user_id="cat", item_id="milk")
    # cat has seen cake. Totals: milk 2.25, jam 2, tea 1.5. Without taste: .25, -2, .5. Without fame: 2, 4, 1.
    assert why.score == 2.25
    assert why.rank == 1
    assert why.parts == (PartValue("taste", 2.0, rank_without=2), PartValue("fame", 0.25, rank_without=2))


def test_the_score_is_the_one_in_the_list():
    whole = recommender()
    row = whole.recommend(["bob"], k=1).frame.iloc[0]
    assert explain(whole, user_id="bob", item_id=row.item_id).score == row.score


def test_attention_comes_with_its_events_oldest_first():
    why = explain(recommender(), user_id="bob", item_id="jam")
    assert why.attention == (
        AttentionWeight("milk", "1970-01-01T00:00:03+00:00", 0.0),
        AttentionWeight("tea", "1970-01-01T00:00:04+00:00", 1.0),
    )


def test_an_item_the_user_has_seen_has_a_score_but_no_rank():
    why = explain(recommender(), user_id="bob", item_id="tea")
    assert why.score == 1.5
    assert why.rank is None
    assert {part.rank_without for part in why.parts} == {None}


def test_where_items_may_come_again_the_rank_is_the_one_in_the_list_also_of_items_that_the_user_has_had():
    plain = recommender(calibration=HALVED)
    again = replace(plain, dataset=replace(plain.dataset, repeats=True))
    listed = again.recommend(["bob"], k=4).frame
    assert listed.item_id.tolist() == ["cake", "milk", "jam", "tea"]  # bob has had milk and tea
    for row in listed.itertuples():
        why = explain(again, user_id="bob", item_id=row.item_id)
        assert why.rank == row.rank
        assert why.probability == pytest.approx(row.probability)
        assert "not recommended again" not in effect_words(why)
    milk = explain(again, user_id="bob", item_id="milk")
    assert [part.rank_without for part in milk.parts] == [2, 3]  # taste only: 4, 3, 2, 1; fame only: .5, .25, 0, -2


def test_the_chance_is_the_one_in_the_list_and_there_is_none_for_what_the_user_has_had():
    whole = recommender(calibration=HALVED)
    assert explain(whole, user_id="bob", item_id="jam").probability == pytest.approx(0.125)
    assert explain(whole, user_id="bob", item_id="tea").probability is None
    assert explain(recommender(), user_id="bob", item_id="jam").probability is None


def test_a_single_part_has_no_rank_without_it():
    why = explain(recommender({"taste": [1, 2, 3, 4]}), user_id="cat", item_id="jam")
    assert why.parts == (PartValue("taste", 4.0, None),)


def test_an_explanation_is_plain_data():
    why = explain(recommender(), user_id="bob", item_id="jam")
    values = json.loads(json.dumps(why.to_dict()))
    assert values["parts"][0].items() >= {"name": "taste", "value": 4.0, "rank_without": 2, "correction": 0.0}.items()
    assert set(values) == {field.name for field in fields(why)}


@pytest.mark.parametrize(("user", "item"), [("zoe", "jam"), ("ann", "rum")])
def test_unknown_ids_are_refused(user, item):
    with pytest.raises(UnknownIdError):
        explain(recommender(), user_id=user, item_id=item)
