"""The benchmark of the pages: what it makes of its figures, what it takes for a fault, and that it knows every page."""

from benchmarks import pages as benchmark
from benchmarks.pages import AT_ONCE, PLACES, Measured
from metarec_core.evaluation.bootstrap import Interval
from metarec_core.figures import attention
from metarec_core.figures.evaluate import verdict
from tests.browser.workbench import ROOT
from tests.figures.test_evaluate import evaluation


def test_every_page_of_the_app_is_looked_at_and_clicked_on_by_ten_at_once():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert {place.path.partition("?")[0] or "home" for place in PLACES[:AT_ONCE]} == files
    assert [place.name for place in PLACES if not place.linked] == ["What-if desk", "New-user desk"]


def test_a_percentile_is_whole_milliseconds_bold_from_its_target_on_and_a_dash_of_nothing():
    values = [100.0, 200.0, 300.0, 400.0, 9_000.0]
    assert benchmark.cell(values, 50) == "300"
    assert benchmark.cell(values, 50, 500) == "300"
    assert benchmark.cell(values, 95, 1_500) == "**7,280**"
    assert benchmark.cell([500.0], 50, 500) == "**500**"
    assert benchmark.cell([], 50, 500) == "–"


def test_a_page_is_a_row_with_its_targets_above_and_the_first_start_the_least_page_and_memory_below():
    home = PLACES[0]
    measured = Measured(
        cold_paint=[1_900.0, 2_000.0, 3_200.0],
        cold=[2_900.0, 3_000.0, 4_100.0],
        paint=[700.0],
        warm=[1_900.0],
        moved=[900.0, 1_100.0, 1_300.0],
        clicks=[100.0, 200.0],
        at_once=[800.0],
    )
    first, floor = Measured(cold_paint=[2_500.0], cold=[3_100.0]), Measured(paint=[600.0], warm=[1_700.0])
    lines = benchmark.table([(home, measured)], first, floor, 31.25).splitlines()
    assert len(lines) == 7
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| *target* | < 3,000 |  | < 1,000 |  | < 1,000 |  |  | < 500 | < 1,500 |")
    assert lines[3] == (
        "| Home | 2,000 | 3,000 | 700 | 1,900 | **1,100** | 1,280 | a link to another page | 150 | 195 | 800 | 800 |"
    )
    assert lines[4].startswith("| *first start, workspace empty: “Look around”, first list* | 2,500 | **3,100** |  |")
    assert lines[5].startswith("| *the least page with a chart* |  |  | 600 | 1,700 |  |")
    assert lines[6].startswith("| an idle session: **31.2** MB (target < 30) |")
    assert len(benchmark.table([(home, measured)], Measured(), Measured(), None).splitlines()) == 4


def test_what_is_red_is_a_fault_unless_it_is_what_was_found_of_the_run_or_of_its_attention():
    worse = f"cancel\n{verdict(evaluation(Interval(-0.02, -0.03, -0.01))).headline}"
    misleading = f"{attention.BADGES['misleading'][1]}\nRely on the effects below."
    fault = "error\nThere is no run '20260101-000000-abcdef'."
    assert benchmark.faults_among([worse, fault, misleading, "ValueError"]) == [fault, "ValueError"]


def test_an_address_names_the_review_and_who_judges_or_whose_history_is_changed():
    ids = {"review": "r1", "user": "u%2F2"}
    assert benchmark.address("http://localhost", PLACES[8], ids, "Ada 3") == (
        "http://localhost/review?review=r1&reviewer=Ada 3"
    )
    assert benchmark.address("http://localhost", PLACES[9], ids) == (
        "http://localhost/recommendations?desk=what_if&user=u%2F2"
    )


def test_what_a_visitor_runs_into_is_an_error_of_the_page_and_stops_nothing():
    measured = Measured()
    with benchmark.counted(measured, PLACES[1]):
        raise TimeoutError("it is not there\nafter 120 s")
    assert measured.errors == ["Data: it is not there"]
