import numpy as np
import pytest

from metarec_core.training.link_prediction import (
    Space,
    _ranks,
    learned_axes,
    named_links,
    predict_links,
)
from tests.small_world import attribute, dataset

N = 60
ITEMS = [f"i{n}" for n in range(N)]
MAKER = attribute("maker", [[f"maker {n % 6}"] for n in range(N)])
LAND = attribute("land", [[f"land {n % 6}"] for n in range(N)])  # each maker has a land of its own
SHOP = attribute("shop", [[f"shop {n % 6}"] for n in range(N)])
KNOWN = dataset({"u": ITEMS[:3]}, ITEMS, attributes={"maker": MAKER, "land": LAND}, facts={"sold.by": SHOP})


@pytest.mark.parametrize("embedding", ["linear", "distmult", "transe"])
def test_what_is_held_out_of_a_regular_world_is_foretold_and_better_than_by_frequency(embedding):
    found = predict_links(KNOWN, embedding, seed=0)
    assert found[embedding].n == found["frequency"].n > 5
    assert found[embedding].mrr > 0.9 > found["frequency"].mrr
    assert found[embedding].hits == 1.0  # there are only six values


def test_a_relation_that_gives_away_another_is_not_asked_for():
    facts = {"film.actor": SHOP, "actor.film": SHOP, "maker": MAKER}
    assert list(named_links(dataset({"u": ITEMS[:3]}, ITEMS, attributes={"maker": MAKER}, facts=facts))) == [
        "attribute.maker",
        "fact.film.actor",
    ]


def test_known_values_are_left_out_of_the_ranking_and_ties_share_the_middle():
    known = attribute("kind", [["a", "b"], ["c"], ["d"], []])
    scores = np.float32([[9, 5, 5, 1]])
    # b of tea: a is known of it too and left out; c ties with b
    assert _ranks(scores, np.array([1]), np.int32([1]), known).tolist() == [1.5]


def test_translations_rank_by_distance():
    space = Space(
        np.float32([[0, 0], [1, 0]]),
        np.float32([[0, 1]]),
        np.float32([[1, 1], [5, 5], [1, 0]]),
        np.array([0, 3]),
        "transe",
    )
    assert np.argsort(-space.scores(np.int32([1]), 0)[0]).tolist() == [0, 2, 1]


def test_learned_axes_are_the_largest_first_and_nothing_where_nothing_is_known():
    axes = learned_axes(dataset({"u": ITEMS[:3]}, [*ITEMS, "bare"], attributes={"maker": bare(MAKER)}), "distmult", 0)
    lengths = np.linalg.norm(axes.items, axis=0)
    assert (np.diff(lengths) <= 1e-4).all()
    assert not axes.items[[0, N + 1]].any()


def bare(known):
    return attribute("maker", [*([value] for value in [known.vocabulary.ids[n - 1] for n in known.value_numbers]), []])
