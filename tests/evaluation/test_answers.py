import numpy as np

from metarec_core.data.split import leave_one_out
from metarec_core.evaluation.answers import Answers, answers_of
from tests.small_world import dataset

QUERIES = leave_one_out(dataset({"ann": ["tea", "milk", "cake"], "bob": ["milk", "tea", "cake"]})).test


def test_answers_and_those_of_the_runs_variants_come_back_from_a_file_as_they_were():
    answers = answers_of({}, QUERIES, {"pairwise k": np.array([1.5, np.inf])})
    back = Answers.from_arrays(answers.arrays())
    assert back.ranks == {}
    assert back.variants["pairwise k"].tolist() == [1.5, np.inf]
    assert back.asks_like(answers)


def test_runs_of_earlier_versions_have_no_variants():
    arrays = {"user_numbers": QUERIES.user_numbers, "events": QUERIES.events, "ranks of popular": np.float32([1, 2])}
    back = Answers.from_arrays(arrays)
    assert list(back.ranks) == ["popular"]
    assert back.variants == {}
