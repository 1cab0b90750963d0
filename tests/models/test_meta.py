import numpy as np
import pytest

from metarec_core.models.meta import corrected_part, corrected_score


def vector(*values):
    return np.array(values, dtype=np.float32)


def test_the_articles_example_a_score_of_one_trusted_once_more_is_two():
    assert corrected_score(user=vector(1), item=vector(1), k=vector(1)) == 2


@pytest.mark.parametrize("k", [-1, 0, 1, 5])
def test_what_does_not_match_stays_zero_whatever_k_says(k):
    assert corrected_score(user=vector(0), item=vector(1), k=vector(k)) == 0


def test_without_meta_knowledge_the_score_is_the_dot_product():
    assert corrected_score(vector(1, 2, 3), vector(4, 5, 6), k=vector(0, 0, 0)) == 32


def test_k_weighs_each_dimension_of_the_product():
    # 1·4 + 2·5 + 3·6 = 32; and 0.5·4 + 0·10 - 1·18 = -16
    assert corrected_score(vector(1, 2, 3), vector(4, 5, 6), k=vector(0.5, 0, -1)) == 16


def test_one_k_a_part_makes_the_score_a_sum_of_corrected_parts():
    user, item = vector(1, 2, 3, 4), vector(5, 6, 7, 8)
    parts = [user[:3] @ item[:3], user[3:] @ item[3:]]  # 38 and 32
    whole = corrected_score(user, item, k=vector(0.5, 0.5, 0.5, -0.25))
    assert whole == corrected_part(parts[0], 0.5) + corrected_part(parts[1], -0.25) == 81
