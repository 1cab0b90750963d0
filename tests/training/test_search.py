from metarec_core.training.search import coordinate_search

VALUES = {"x": (0.0, 1.0, 2.0, 3.0), "y": (0.0, 1.0, 2.0, 3.0)}


def moves(name, _):
    return VALUES[name]


def test_the_search_climbs_one_setting_after_the_other():
    best, value = coordinate_search({"x": 0.0, "y": 0.0}, moves, lambda s: -((s["x"] - 2) ** 2) - (s["y"] - 1) ** 2, 3)
    assert best == {"x": 2.0, "y": 1.0}
    assert value == 0


def test_of_equals_the_first_is_kept():
    assert coordinate_search({"x": 1.0, "y": 3.0}, moves, lambda _: 5.0, 3) == ({"x": 1.0, "y": 3.0}, 5.0)


def test_settings_are_measured_once_each():
    measured = []

    def measure(settings):
        measured.append(tuple(settings.values()))
        return -abs(settings["x"] - settings["y"])

    coordinate_search({"x": 0.0, "y": 3.0}, moves, measure, 5)
    assert len(measured) == len(set(measured))


def test_the_search_stops_when_it_may_not_go_round_again():
    # y can only rise after x did, and x again only after y: each round climbs one step
    def measure(settings):
        return settings["x"] + settings["y"] if abs(settings["x"] - settings["y"]) <= 1 else -1.0

    def steps(_, value):
        return (value + 1,)

    best, _ = coordinate_search({"x": 0.0, "y": 0.0}, steps, measure, most_sweeps=2)
    assert best == {"x": 2.0, "y": 2.0}
