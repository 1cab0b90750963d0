import numpy as np
import pytest
from scipy import sparse

from metarec_core.models.content import ContentPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.new_items import Lending, Lends, nearest
from metarec_core.models.popularity import ContextPopularity, Popularity
from tests.small_world import dataset

NEW = np.array([False, False, False, False, True])  # jam

#   tea and milk are drinks, cake is sweet, jam is sweet with a drop of tea
CONTENT = np.float32([[0, 0], [1, 0], [2, 0], [0, 3], [3, 4]])


def test_a_new_item_borrows_from_its_nearest_by_squared_cosine():
    lenders = nearest(CONTENT, NEW, most=3).toarray()
    assert lenders.shape == (5, 5)
    #   cosines .6, .6, .8: squares .36, .36, .64 of 1.36
    np.testing.assert_allclose(lenders[4], [0, 0.36 / 1.36, 0.36 / 1.36, 0.64 / 1.36, 0], rtol=1e-6)
    assert not lenders[:4].any()


def test_it_borrows_from_no_more_than_the_nearest():
    np.testing.assert_allclose(nearest(CONTENT, NEW, most=1).toarray()[4], [0, 0, 0, 1, 0])


@pytest.mark.parametrize(
    ("content", "new"),
    [
        (CONTENT * 0, NEW),  # nothing is known of anything
        (CONTENT * np.float32([[1], [1], [1], [1], [0]]), NEW),  # nothing is known of the new item
        (CONTENT, NEW * False),  # nothing is new
        (CONTENT, np.array([False, True, True, True, True])),  # nobody could lend
        (np.zeros((5, 0), np.float32), NEW),
    ],
)
def test_without_content_new_items_or_lenders_nobody_borrows(content, new):
    assert nearest(content, new).nnz == 0


def test_an_item_like_no_other_borrows_nothing():
    content = np.float32([[0, 0], [1, 0], [1, 0], [1, 0], [0, 1]])
    assert nearest(content, NEW).nnz == 0


LENDERS = sparse.csr_array(np.float32([[0] * 5, [0] * 5, [0] * 5, [0] * 5, [0, 0.25, 0, 0.75, 0]]))


def test_what_calls_for_lenders_calls_for_the_borrower():
    matrix = sparse.csr_array(np.float32([[0] * 5, [0, 0, 4, 8, 1], [0, 4, 0, 0, 9], [0, 0, 2, 0, 0], [0] * 5]))
    lent = ItemMemory(matrix, 0.5).lent(LENDERS)
    assert lent.decay == 0.5
    assert lent.matrix.toarray().tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0, 4, 8, 6],  # .25 of what tea calls for tea, .75 of what it calls for cake; what it had is gone
        [0, 4, 0, 0, 1],
        [0, 0, 2, 0, 0],
        [0, 0, 0, 0, 0],
    ]


def test_a_borrower_is_as_popular_as_its_lenders_and_in_their_contexts():
    assert Popularity(np.float32([0, 4, 2, 8, 0])).lent(LENDERS).log_counts.tolist() == [0, 4, 2, 8, 7]
    context = ContextPopularity(np.float32([[0] * 5, [0, 4, 0, 0, 0], [0, 0, 1, -4, 5]]), np.array([0]))
    lent = context.lent(LENDERS)
    assert lent.lifts.tolist() == [[0, 0, 0, 0, 0], [0, 4, 0, 0, 1], [0, 0, 1, -4, -3]]
    assert lent.starts.tolist() == [0]


def test_parts_that_know_items_by_events_lend():
    assert isinstance(Popularity(np.zeros(dataset().n_items + 1, np.float32)), Lends)
    assert not isinstance(ContentPart(CONTENT), Lends), "what it knows of an item needs no events"


def test_what_the_model_has_no_events_of_is_new():
    lending = Lending.of(1.5, dataset().events)
    assert lending.strength == 1.5
    assert np.flatnonzero(lending.new).tolist() == [0, 4]  # padding, and jam
