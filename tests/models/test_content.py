import numpy as np
import pytest

from metarec_core.models.batch import user_batch
from metarec_core.models.content import ContentPart, directions_of_modes
from tests.small_world import dataset

#          padding  tea     milk    cake        jam: nothing known
VECTORS = np.float32([[0, 0], [1, 0], [0, 1], [0.6, 0.8], [0, 0]])


def test_a_score_is_the_cosine_with_the_decayed_mean_of_the_history():
    # ann: tea, milk, cake. With decay 0.5: 0.25·tea + 0.5·milk + cake = (0.85, 1.3)
    batch = user_batch(dataset(), np.array([1], dtype=np.int32), 10)
    taste = np.array([0.85, 1.3]) / np.hypot(0.85, 1.3)
    expected = [0, taste[0], taste[1], taste @ [0.6, 0.8], 0]
    assert ContentPart(VECTORS, decay=0.5).scores(batch)[0] == pytest.approx(expected)


def test_a_history_of_which_nothing_is_known_scores_zero():
    data = dataset({"ann": ["jam"], "bob": ["tea"]})
    batch = user_batch(data, np.array([1, 2], dtype=np.int32), 10)
    scores = ContentPart(VECTORS).scores(batch)
    assert not scores[0].any()
    assert scores[1, 1] == pytest.approx(1.0)


def test_its_state_makes_the_same_part_again():
    part = ContentPart(VECTORS, decay=0.4)
    again = ContentPart.from_state(part.state())
    assert again.decay == 0.4
    assert np.array_equal(again.vectors, part.vectors)
    assert again.n_items == 4


def test_modes_lie_side_by_side_as_they_differ_from_the_mean_of_those_that_have_one():
    image = np.float32([[0, 0], [3, 1], [1, 1], [0, 0]])  # tea and milk have one; their mean is (2, 1)
    audio = np.float32([[0, 0], [0, 2], [0, 0], [0, 4]])  # tea and cake; (0, 3)
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
        directions_of_modes({"image": image, "audio": audio}),
        [[0, 0, 0, 0], [half, 0, 0, -half], [-1, 0, 0, 0], [0, 0, 0, 1]],
        atol=1e-6,
    )


def test_without_modes_there_are_no_directions_and_a_mode_of_one_item_says_nothing():
    assert directions_of_modes({}) is None
    assert not directions_of_modes({"image": np.float32([[0, 0], [3, 1], [0, 0]])}).any()
