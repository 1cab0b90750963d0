import numpy as np
import pytest

from metarec_core.explain import smallest
from metarec_core.explain.smallest import SmallestSet, smallest_set


def out_of_the_list_without(*needed):
    """A rank of 9 where any of the sets is gone, else 1."""

    def ranks(out):
        gone = np.zeros(len(out), dtype=bool)
        for places in needed:
            gone |= out[:, list(places)].all(axis=1)
        return np.where(gone, 9, 1)

    return ranks


@pytest.mark.parametrize(
    ("needed", "places"),
    [
        ([(0,)], (0,)),
        ([(3,)], (3,)),  # not the most promising, found when thinning out
        ([(1, 4)], (1, 4)),
        ([(0, 1, 2), (3, 4)], (3, 4)),  # greedy finds three, trying all finds two
    ],
)
def test_the_smallest_set_is_found_and_proven(needed, places):
    assert smallest_set(5, out_of_the_list_without(*needed), k=5) == SmallestSet(places, 9, proven=True)


def test_what_is_too_much_to_try_is_not_called_proven(monkeypatch):
    monkeypatch.setattr(smallest, "MOST_SETS", 4)
    assert smallest_set(5, out_of_the_list_without((0, 1, 2), (3, 4)), k=5) == SmallestSet((0, 1, 2), 9, proven=False)


def test_where_nothing_is_enough_there_is_no_set():
    assert smallest_set(4, out_of_the_list_without(), k=5) is None
    assert smallest_set(0, out_of_the_list_without(), k=5) is None
