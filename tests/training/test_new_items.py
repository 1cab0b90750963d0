import numpy as np
import pytest

from metarec_core.data.split import leave_one_out
from metarec_core.models.batch import user_batch
from metarec_core.models.content import ContentPart
from metarec_core.models.memory import fit_transition
from metarec_core.models.metarec import POPULARITY, TEXT, TRANSITION, MetaRec
from metarec_core.models.new_items import nearest
from metarec_core.models.popularity import fit_popularity
from metarec_core.training.new_items import STRENGTHS, choose_borrowing, with_borrowed
from metarec_core.training.questions import Questions
from tests.small_world import dataset

ITEMS = [f"i{number}" for number in range(44)]
KINDS = np.concatenate([np.arange(40) // 10, np.arange(4)])  # four kinds of ten items, and a new item of each
CONTENT = np.vstack([np.zeros(4), np.eye(4)[KINDS]]).astype(np.float32)
NEW = [41, 42, 43, 44]


@pytest.fixture
def walks():
    """Users who go round the kinds in order, taking any item of each but the new ones."""
    rng = np.random.default_rng(0)
    events = {
        f"u{user}": [ITEMS[10 * ((user + step) % 4) + int(rng.integers(10))] for step in range(6)] for user in range(80)
    }
    split = leave_one_out(dataset(events, ITEMS))
    parts = {TRANSITION: fit_transition(split.train), POPULARITY: fit_popularity(split.train)}
    model = MetaRec(44, parts, dict.fromkeys(parts, 1.0), dict.fromkeys(parts, 0.0))
    log_counts = parts[POPULARITY].log_counts
    return model, log_counts, nearest(CONTENT, log_counts == 0, most=10), Questions(split.dataset, split.validation, 10)


def test_new_items_are_called_for_by_what_calls_for_their_kind(walks):
    model, log_counts, lenders, _ = walks
    parts, counts = with_borrowed(model.parts, log_counts, lenders, 1.5)
    plain = model.parts[TRANSITION].matrix.toarray()
    np.testing.assert_allclose(
        parts[TRANSITION].matrix.toarray()[:, 41], 1.5 * plain[:, 1:11].mean(axis=1), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(counts[41], log_counts[1:11].mean(), rtol=1e-6)
    np.testing.assert_array_equal(counts[:41], log_counts[:41])


def test_parts_that_know_content_and_catalogues_without_new_items_stay_as_they_are(walks):
    model, log_counts, lenders, _ = walks
    text = ContentPart(CONTENT)
    assert with_borrowed({TEXT: text}, log_counts, lenders, 1.0)[0][TEXT] is text
    parts, counts = with_borrowed(model.parts, log_counts, nearest(CONTENT, np.zeros(45, bool)), 1.0)
    assert parts == model.parts
    assert counts is log_counts


def test_a_higher_price_lets_new_items_borrow_more_and_be_shown_more(walks):
    model, log_counts, lenders, questions = walks
    found = [choose_borrowing(model, lenders, log_counts, questions, price) for price in (0.0, 0.1, 0.5)]
    strengths = [borrowing.strength for borrowing in found]
    assert strengths == sorted(strengths)
    assert strengths[0] < strengths[-1]
    shown = list(found[0].shown.values())
    assert shown == sorted(shown)
    assert (shown[0], found[0].new_items) == (0, 4)
    assert list(found[0].ndcg) == [f"{strength:g}" for strength in STRENGTHS]


def test_fewer_new_items_may_cost_less(walks):
    model, log_counts, lenders, questions = walks
    tenth = choose_borrowing(model, lenders, log_counts, questions, 0.2)
    one = nearest(CONTENT * (np.arange(45) < 42)[:, None], log_counts == 0, most=10)
    single = choose_borrowing(model, one, log_counts, questions, 0.2)
    assert single.new_items == 1
    for borrowing, price in ((tenth, 0.2 * 4 / 44 / 0.1), (single, 0.2 * 1 / 44 / 0.1)):
        least = (1 - price) * max(borrowing.ndcg.values())
        at = list(borrowing.ndcg).index(f"{borrowing.strength:g}")
        assert list(borrowing.ndcg.values())[at] >= least
        assert all(value < least for value in list(borrowing.ndcg.values())[at + 1 :])


def test_what_is_measured_is_what_the_borrowing_model_scores(walks):
    model, log_counts, lenders, questions = walks
    found = choose_borrowing(model, lenders, log_counts, questions, 0.1)
    served = model.with_parts(*with_borrowed(model.parts, log_counts, lenders, 2.0))
    assert found.ndcg["2"] == pytest.approx(questions.ndcg(lambda batch: served.score(batch).total))
    everybody = user_batch(questions.dataset, np.arange(1, 81, dtype=np.int32), 10)
    assert served.score(everybody).total[:, NEW].min() > 0
