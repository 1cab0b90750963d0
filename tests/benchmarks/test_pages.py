"""The benchmark of the pages: what it makes of its figures, and that it knows every page."""

from benchmarks import pages as benchmark
from benchmarks.pages import PLACES, Measured
from tests.browser.workbench import ROOT


def test_every_page_of_the_app_is_looked_at():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert {place.path.partition("?")[0] or "home" for place in PLACES} == files


def test_a_percentile_is_whole_milliseconds_bold_from_its_target_on_and_a_dash_of_nothing():
    values = [100.0, 200.0, 300.0, 400.0, 9_000.0]
    assert benchmark.cell(values, 50) == "300"
    assert benchmark.cell(values, 50, 500) == "300"
    assert benchmark.cell(values, 95, 1_500) == "**7,280**"
    assert benchmark.cell([500.0], 50, 500) == "**500**"
    assert benchmark.cell([], 50, 500) == "–"


def test_a_page_is_a_row_with_its_targets_above_and_memory_below():
    home = PLACES[0]
    measured = Measured([3_000.0], [700.0], [1_900.0], [900.0, 1_100.0, 1_300.0], [100.0, 200.0], [800.0])
    lines = benchmark.table([(home, measured)], Measured(paint=[600.0], warm=[1_700.0]), 31.25).splitlines()
    assert len(lines) == 6
    assert len({line.count("|") for line in lines}) == 1
    assert "| *target* |  | < 1,000 |  | < 1,000 |  |  | < 500 | < 1,500 |" in lines[2]
    assert lines[3] == (
        "| Home | 3,000 | 700 | 1,900 | **1,100** | 1,280 | a link to another page | 150 | 195 | 800 | 800 |"
    )
    assert "| 600 | 1,700 |" in lines[4]
    assert lines[5].startswith("| an idle session: **31.2** MB (target < 30) |")
    assert len(benchmark.table([(home, measured)], Measured(), None).splitlines()) == 4


def test_an_address_names_the_review_and_who_judges():
    review = PLACES[-1]
    assert benchmark.address("http://localhost", review, "r1", "Ada 3") == (
        "http://localhost/review?review=r1&reviewer=Ada 3"
    )
