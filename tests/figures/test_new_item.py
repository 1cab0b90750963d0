import pandas as pd
import pytest

from metarec_core.figures.new_item import reach_words
from metarec_core.recommend.new_item import NewItem


@pytest.mark.parametrize(
    ("ranks", "n_users", "words"),
    [
        ([1, 10, 11, 40], 4, "It would be in the top 10 of 2 lists (50% of 4 users)."),
        ([11, 40], 2, "It would be in nobody's top 10 (of 2 users)."),
        ([11, 40], 900, "It would be in nobody's top 10 (of 2 users checked, out of 900)."),
    ],
)
def test_it_is_told_in_how_many_lists_a_new_item_would_be(ranks, n_users, words):
    assert reach_words(NewItem(pd.DataFrame({"rank": ranks}), pd.DataFrame(), n_users, ())) == words
