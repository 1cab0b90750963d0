import pandas as pd

from metarec_core.figures.audience import order_title, users_table
from metarec_core.figures.diversity import cost_curve, cost_table, cost_words

USERS = pd.DataFrame(
    {
        "user_id": ["ann", "bob"],
        "events": [3, 2],
        "ndcg": [0.5, float("nan")],
        "place": [2.5, float("nan")],
        "part_text": [0.75, float("nan")],
        "part_popularity": [0.25, float("nan")],
    }
)
COST = pd.DataFrame({"diversity": [0.0, 0.5], "ndcg": [0.2, 0.15], "alike": [0.6, 0.3], "questions": [1200, 1200]})


def test_what_users_are_sorted_by_is_in_words():
    assert order_title("cold") == "Cold: fewest events"
    assert order_title("part:text") == "Most explained by Text"


def test_a_users_row_names_the_part_that_carries_the_list():
    table = users_table(USERS)
    assert table["Main part"].tolist() == ["Text 75%", ""]
    assert table["Rank of the answer"].tolist()[0] == 2  # a mean of several questions, in whole ranks
    assert "NDCG@10" not in users_table(USERS.assign(ndcg=float("nan")))
    assert users_table(USERS.iloc[:0]).empty


def test_the_cost_of_diversity_is_said_and_drawn():
    assert cost_words(COST, 0.5) == (
        "NDCG@10 is 0.1500 instead of 0.2000 (-25.0%) on 1,200 test questions; the similarity of two items in a list "
        "is 0.30 on average instead of 0.60."
    )
    assert cost_words(COST, 0.0).startswith("NDCG@10 is 0.2000 on 1,200 test questions")
    assert "(" not in cost_words(COST.assign(ndcg=0.0), 0.5)
    curve = cost_curve(COST, 0.5)
    assert list(curve.data[0].y) == [0.2, 0.15]
    assert list(curve.data[1].x) == [0.5]
    assert cost_table(COST)["NDCG@10"].tolist() == [0.2, 0.15]
