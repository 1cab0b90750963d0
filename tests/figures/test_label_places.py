from itertools import combinations

from metarec_core.figures.label_places import PLACES, label_places


def test_a_label_far_from_others_stands_right_above_its_point():
    assert label_places([(0.0, 0.0, "Popular"), (1.0, 1.0, "EASE")]) == ["top right", "top right"]
    assert label_places([(0.3, 0.3, "alone")]) == ["top right"]
    assert label_places([]) == []


def test_labels_of_points_that_lie_together_go_to_different_sides():
    close = [(0.0, 0.0, "far away"), (1.0, 1.0, "This run"), (1.0, 1.001, "Transition"), (0.999, 1.0, "EASE")]
    places = label_places(close)
    assert all(one != other for one, other in combinations(places[1:], 2))
    assert set(places) <= set(PLACES)


def test_a_label_does_not_cover_another_point():
    crossed = [(0.0, 0.0, "a long label of the first"), (0.1, 0.03, "x"), (1.0, 1.0, "y")]
    assert label_places(crossed)[0] != "top right"


def test_a_label_does_not_lie_on_the_bar_of_another_point():
    beside = [(0.0, 0.0, "Popular"), (0.45, 0.5, "Item-kNN"), (0.5, 0.4, "EASE"), (1.0, 1.0, "This run")]
    assert label_places(beside)[1] == "top right"
    assert label_places(beside, [(0.5, 0.3, 0.7)])[1] == "top left"


def test_a_label_does_not_run_into_the_numbers_of_the_axis():
    beside = [(0.0, 0.0, "Recently popular"), (0.01, 0.1, "Popular"), (1.0, 1.0, "This run")]
    assert label_places(beside, [(0.01, 0.0, 0.2)])[0] == "bottom right"
