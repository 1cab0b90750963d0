import numpy as np
import pytest
from scipy import sparse

from metarec_core.graph.embed import graph_axes, graph_vectors

#                            padding  tea     milk       cake    jam
VALUES = sparse.csr_array(np.float32([[0, 0], [1, 0], [0.8, 0.6], [0, 1], [0, 0]]))


def test_on_all_axes_products_of_items_are_those_of_their_values():
    axes = graph_axes(VALUES).items
    assert axes.shape == (5, 2)
    assert axes @ axes.T == pytest.approx((VALUES @ VALUES.T).toarray(), abs=1e-6)
    assert (np.diff(np.square(axes).sum(axis=0)) <= 0).all()


def test_vectors_have_length_1_on_the_axes_that_are_kept_or_are_zeros():
    vectors = graph_vectors(graph_axes(VALUES).items, 1)
    assert np.abs(vectors[:, 0]) == pytest.approx([0, 1, 1, 1, 0])
    assert vectors.dtype == np.float32


def test_the_same_values_give_the_same_axes():
    assert np.array_equal(graph_axes(VALUES, 1).items, graph_axes(VALUES, 1).items)


def test_items_without_values_have_no_axes():
    assert graph_axes(sparse.csr_array((5, 0), dtype=np.float32)).items.shape == (5, 0)
    assert graph_axes(sparse.csr_array((5, 3), dtype=np.float32)).items.shape == (5, 0)
    assert graph_axes(sparse.csr_array((5, 3), dtype=np.float32)).values.shape == (3, 0)


def test_items_are_what_their_values_sum_to_even_on_axes_that_are_cut_off():
    generator = np.random.default_rng(0)
    for shape in ((40, 30), (30, 40)):
        values = sparse.random_array(shape, density=0.3, dtype=np.float32, rng=generator).tocsr()
        axes = graph_axes(values, 6)
        assert axes.values.shape == (shape[1], 6)
        assert values @ axes.values == pytest.approx(axes.items, abs=1e-5)
