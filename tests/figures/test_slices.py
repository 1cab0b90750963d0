import re

from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.slices import Slice
from metarec_core.figures import slices as figures
from metarec_core.figures.palette import BLUE, GREY
from metarec_core.language import speaking

NDCG = {"metarec": Interval(0.2, 0.1, 0.3), "popular": Interval(0.1, 0.05, 0.15)}
GAIN = Interval(0.1, 0.02, 0.18)
MANY = Slice("User: age", "18 to 25", 60, 50, NDCG, GAIN)
FEW = Slice("User: age", "26 to 80", 900, 49, NDCG, GAIN)


def test_a_slice_of_fewer_than_fifty_users_is_a_grey_circle_however_many_questions_they_were_asked():
    enough, small = figures.forest([MANY, FEW], "User: age").data
    assert (enough.y, enough.marker.symbol, enough.marker.color) == (("18 to 25 (50 users)",), "diamond", BLUE)
    assert (small.y, small.marker.symbol, small.marker.color) == (("26 to 80 (49 users)",), "circle-open", GREY)


def test_its_row_of_the_table_is_grey_and_a_line_below_says_why():
    table = figures.table([MANY, FEW], "User: age", "popular")
    styles, _, _ = table.to_html().partition("</style>")
    assert GREY in styles
    assert set(re.findall(r"row(\d)_col\d", styles)) == {"1"}
    assert figures.why_grey(any_small=True) == "Grey: fewer than 50 users, too few to judge."
    assert figures.why_grey(any_small=False) == ""


def test_the_table_has_size_interval_and_difference_in_words():
    row = figures.table([MANY], "User: age", "popular").data.iloc[0].to_dict()
    assert row == {
        "Slice": "18 to 25",
        "Questions": 60,
        "Users": 50,
        "This run": "0.200",
        "95% interval": "0.100 to 0.300",
        "Popular": "0.100",
        "Difference": "+0.100 (+0.020 to +0.180)",
    }


def test_bands_of_numbers_are_said_in_the_language_of_who_reads_and_values_of_a_file_stay_as_they_are():
    with speaking("zh"):
        table = figures.table([MANY, Slice("User: age", "18 to be", 60, 50, NDCG, None)], "User: age", None)
    assert table.data["Slice"].tolist() == ["18 至 25", "18 to be"]


def test_kinds_are_named_for_people():
    assert figures.kind_title("Item popularity") == "Item popularity"
    assert figures.kind_title("User: age") == "User: age"
    assert figures.name_title("6 to 20 events") == "6 to 20 events"
    assert figures.words([MANY, FEW], "User: age") == (
        "NDCG@10 of this run by user: age: 18 to 25 (50 users) 0.200, 26 to 80 (49 users) 0.200"
    )
