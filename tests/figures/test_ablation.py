from dataclasses import replace

from metarec_core.evaluation.ablation import Ablation
from metarec_core.evaluation.bootstrap import Interval
from metarec_core.figures import ablation as figures
from metarec_core.figures.palette import BLUE, GREY
from metarec_core.models.metarec import FIXED, PAIRWISE

MEASURED = Ablation(
    queries={"all": 1_000, "users with up to 5 events": 60},
    users={"all": 800, "users with up to 5 events": 1},
    ndcg={
        FIXED: {"all": Interval(0.1, 0.08, 0.12)},
        PAIRWISE: {"all": Interval(0.11, 0.09, 0.13)},
        "without text": {"all": Interval(0.09, 0.07, 0.11)},
    },
    gains={
        FIXED: {"all": Interval(0.0, 0.0, 0.0)},
        PAIRWISE: {"all": Interval(0.01, 0.005, 0.015), "users with up to 5 events": Interval(0.02, -0.1, 0.1)},
        "without text": {"all": Interval(-0.01, -0.02, 0.001)},
    },
)


def test_the_chart_has_a_point_for_everything_but_the_yardstick():
    figure = figures.gains(MEASURED, "all")
    assert figure.layout.yaxis.categoryarray == ("Meta-knowledge k(u, i)", "Without “text”")
    assert {one: x for trace in figure.data for one, x in zip(trace.y, trace.x, strict=True)} == {
        "Meta-knowledge k(u, i)": 0.01,
        "Without “text”": -0.01,
    }


def test_the_chart_in_words_says_what_changes_by_how_much():
    assert figures.words(MEASURED, "all") == (
        "On all questions (800 users), fixed weights reach NDCG@10 0.1000; "
        "the difference is meta-knowledge k(u, i) +0.0100, without “text” -0.0100."
    )


def test_the_table_has_intervals_and_shares_of_the_yardstick():
    table = figures.table(MEASURED, "all").set_index("Variant")
    assert table.loc["Meta-knowledge k(u, i)", "Difference"] == "+0.0100 (+0.0050 to +0.0150)"
    assert table.loc["Meta-knowledge k(u, i)", "In percent"] == "+10.0%"
    assert table.loc["Fixed weights", "Difference"] == ""
    assert table.loc["Fixed weights", ["NDCG@10", "95% interval"]].tolist() == ["0.1000", "0.0800 to 0.1200"]


def test_a_part_that_no_score_has_makes_no_difference():
    idle = {"without sequence": {"all": Interval(0.0, 0.0, 0.0)}}
    ndcg = MEASURED.ndcg | {"without sequence": MEASURED.ndcg[FIXED]}
    shown = replace(MEASURED, ndcg=ndcg, gains=MEASURED.gains | idle)
    row = figures.table(shown, "all").set_index("Variant").loc["Without “sequence”"]
    assert row[["Difference", "In percent"]].tolist() == ["none", ""]


def test_a_slice_is_named_with_its_size():
    assert figures.slice_title("users with up to 5 events", MEASURED) == "users with up to 5 events (1 user)"
    old = replace(MEASURED, users={})
    assert figures.slice_title("users with up to 5 events", old) == "users with up to 5 events (60 questions)"


def test_a_slice_of_few_users_is_drawn_in_grey_circles_and_said_to_be_too_small():
    few, whole = replace(MEASURED, gains={PAIRWISE: MEASURED.gains[PAIRWISE]}), MEASURED
    (grey,) = figures.gains(few, "users with up to 5 events").data
    (blue,) = figures.gains(whole, "all").data
    assert (grey.marker.symbol, grey.marker.color, grey.x) == ("circle-open", GREY, (0.02,))
    assert (blue.marker.symbol, blue.marker.color) == ("diamond", BLUE)
    assert figures.gains_caption(few, "users with up to 5 events").endswith(
        "Grey: fewer than 50 users, too few to judge."
    )
    assert "Grey" not in figures.gains_caption(whole, "all")


def test_a_network_that_paid_at_once_is_said_to():
    words = figures.network_words({"network": {"kept": True, "gain": 0.02, "low": 0.01, "low_with_meta": None}})
    assert words == (
        "The sequence network is part of this run: it adds +0.0200 NDCG@10 on validation under fixed weights "
        "(at least +0.0100 with 97.5% certainty)."
    )


def test_a_network_that_is_not_trusted_says_what_was_tried():
    found = {"kept": False, "gain": 0.001, "low": -0.001, "gain_with_meta": -0.002, "low_with_meta": -0.003}
    assert figures.network_words({"network": found}) == (
        "The sequence network is left out of every score, because no improvement was proven: it adds +0.0010 NDCG@10 on "
        "validation under fixed weights (at least -0.0010 with 97.5% certainty), and -0.0020 where meta-knowledge "
        "knows when to trust it (at least -0.0030)."
    )


def test_a_network_that_serves_alone_is_said_to():
    found = {"kept": True, "gain": 0.001, "low": -0.001, "alone": True}
    assert figures.network_words({"network": found}) == (
        "The sequence network serves alone: on validation, all other parts together rank worse than it does."
    )


def test_where_there_was_nothing_to_choose_nothing_is_said():
    assert figures.network_words({}) is None
    assert figures.network_words({"network": {"kept": True}}) is None  # a run of an earlier version
