from dataclasses import replace

import numpy as np
import pytest

from metarec_core.data.split import Queries
from metarec_core.models.content import ContentPart
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import Popularity
from metarec_core.recommend.diversity import content_of, cost_of_diversity, varied
from metarec_core.recommend.selection import Selection
from tests.small_world import recommender

#   tea and milk are the same, cake is unlike them, jam lies between
CONTENT = np.float32([[0, 0], [1, 0], [1, 0], [0, 1], [0.6, 0.8]])
SCORES = np.float32([[-np.inf, 10, 8, 5, 0]])


def test_without_diversity_the_list_is_by_score():
    assert varied(SCORES, CONTENT, 3, 0.0).tolist() == [[1, 2, 3]]


def test_each_place_goes_to_what_is_wanted_and_unlike_those_above():
    # relevance 1, .8, .5, 0. After tea, at d = .5: milk .4 - .5, cake .25 - 0, jam 0 - .3: cake; then milk -.1, jam -.4
    assert varied(SCORES, CONTENT, 4, 0.5).tolist() == [[1, 3, 2, 4]]
    # at d = .2: milk .64 - .2 = .44, cake .4 - 0 = .4
    assert varied(SCORES, CONTENT, 2, 0.2).tolist() == [[1, 2]]
    # at d = 1 relevance is nothing: cake 0, jam -.6, milk -1; then jam -.8 before milk -1
    assert varied(SCORES, CONTENT, 4, 1.0).tolist() == [[1, 3, 4, 2]]


def test_what_may_not_be_listed_is_not_and_rows_do_not_mix():
    hidden = np.float32([[-np.inf, 10, 8, -np.inf, -np.inf], [-np.inf] * 5, [-np.inf, 1, 1, 1, 1]])
    assert varied(hidden, CONTENT, 3, 0.9).tolist() == [[1, 2, 0], [0, 0, 0], [1, 3, 4]]


def _run():
    parts = {"popularity": Popularity(np.float32([0, 10, 8, 5, 0])), "text": ContentPart(CONTENT, 0.5)}
    model = MetaRec(4, parts, units={"popularity": 1.0, "text": 1e-6}, k=dict.fromkeys(parts, 0.0))
    return replace(recommender(), scorer=model)


def test_a_varied_list_of_a_run_is_by_its_content():
    run = _run()
    assert content_of(run.scorer).tolist() == CONTENT.tolist()
    assert run.recommend(["cat"], 3, Selection(seen=True)).item_ids == ["tea", "milk", "cake"]
    assert run.recommend(["cat"], 3, Selection(seen=True, diversity=0.5)).item_ids == ["tea", "cake", "milk"]
    assert content_of(recommender().scorer).shape == (5, 0)  # knows items by their events only


def test_the_cost_is_what_the_answers_lose():
    # bob had milk, then tea came: of tea 1, cake .5, jam 0 first is tea, whatever d is
    queries = Queries(np.int32([2]), np.array([4]), np.array([4]))
    found = cost_of_diversity(_run(), queries, [0.0, 0.5], k=2)
    assert found.ndcg.tolist() == [1.0, 1.0]
    assert found.questions.tolist() == [1, 1]
    assert found.alike.tolist() == pytest.approx([0.0, 0.0])  # tea and cake
    # ann had tea and milk, then cake came; before any history (ends at the start) milk is in place 2, at d = .5 in place 3
    queries = Queries(np.int32([1]), np.array([1]), np.array([0]))
    found = cost_of_diversity(_run(), queries, [0.0, 0.5], k=2)
    assert found.ndcg.tolist() == pytest.approx([1 / np.log2(3), 0.0])
    assert found.alike.tolist() == pytest.approx([1.0, 0.0])
