from dataclasses import replace

from metarec_core.explain.path_quality import PathQuality
from metarec_core.figures.path_quality import table, words

FOUND = PathQuality(
    users=2,
    recommendations=20,
    paths=100,
    counted=0.95,
    any=1.0,
    edges=300,
    grounded=1.0,
    leads=0,
    backed=None,
    untrue=(),
    kinds={"people": 0.25, "shared": 0.75},
    diversity=0.5,
    recency=0.9,
    popularity=0.125,
    seed=0,
)


def test_the_words_say_what_share_has_a_path_and_stands_on_lines():
    assert words(FOUND) == (
        "Of 20 recommendations to 2 users, 95% have a path that counts in their score. 100% of 300 edges are "
        "confirmed by their source rows."
    )
    wrong = replace(FOUND, grounded=0.9999, untrue=("user:ann → item:tea: chose, events 7",))
    assert words(wrong).endswith(
        "99.99% of 300 edges are confirmed by their source rows. Not confirmed: user:ann → item:tea: chose, events 7."
    )
    assert words(replace(FOUND, edges=0)) == "There are no paths to check."


def test_the_table_has_a_row_a_measure_and_a_kind():
    values = dict(zip(table(FOUND)["Measure"], table(FOUND)["Value"], strict=True))
    assert values["Confirmed edges"] == "100%"
    assert values["Learned steps backed by events"] == "–"
    assert values["Recency"] == "0.90"
    assert values["Kind: Shares"] == "75%"
