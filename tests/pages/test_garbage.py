"""What stays is set aside from the garbage collection, and comes back to it when there is more."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from pages._ui import garbage


@pytest.fixture(autouse=True)
def taken_back() -> Iterator[None]:
    """Nothing stays set aside for the tests after these."""
    yield
    gc.unfreeze()


class Node:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_after_a_slow_collection_is_set_aside_and_not_looked_through_again():
    garbage._clock.last_s = garbage.SLOW_S * 2
    with garbage.set_aside():
        pass
    assert gc.get_freeze_count() > 10_000
    gc.collect()
    assert garbage._clock.last_s < garbage.SLOW_S


def test_while_collecting_is_quick_nothing_is_set_aside():
    garbage._clock.last_s = 0.0
    gc.unfreeze()
    with garbage.set_aside():
        pass
    assert gc.get_freeze_count() == 0


def test_what_was_in_use_when_it_was_set_aside_is_found_the_next_time():
    node = Node()
    gone = weakref.ref(node)
    garbage._clock.last_s = garbage.SLOW_S * 2
    with garbage.set_aside():
        pass
    del node
    gc.collect()
    assert gone() is not None
    garbage._clock.last_s = garbage.SLOW_S * 2
    with garbage.set_aside():
        pass
    assert gone() is None


def test_a_page_that_stops_early_sets_aside_all_the_same():
    gc.unfreeze()
    garbage._clock.last_s = garbage.SLOW_S * 2
    try:
        with garbage.set_aside():
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert gc.get_freeze_count() > 0
