import numpy as np
import pytest

from metarec_core.text.tfidf import TfidfEncoder


def encode(*texts):
    return TfidfEncoder().encode(texts)


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_texts_that_share_words_are_more_alike():
    tea, pot, bike = encode("green tea leaves", "a pot for tea", "mountain bicycle")
    assert cosine(tea, pot) > cosine(tea, bike) + 0.1


def test_forms_of_a_word_are_alike():
    play, playing, bike = encode("play", "playing", "bike")
    assert cosine(play, playing) > cosine(play, bike) + 0.1


def test_texts_without_spaces_between_words_work():
    green, black, bike = encode("西湖绿茶", "正山红茶绿茶", "山地自行车")
    assert cosine(green, black) > cosine(green, bike) + 0.1


@pytest.mark.parametrize("texts", [("tea",), ("!", "?"), ("☕", "a", "\u0301"), ("same", "same")])
def test_the_smallest_and_strangest_texts_have_vectors(texts):
    vectors = encode(*texts)
    assert vectors.shape[0] == len(texts)
    assert 1 <= vectors.shape[1] <= 128
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def test_the_same_texts_give_the_same_vectors():
    texts = [f"item {i} of the {i % 3} kind" for i in range(20)]
    assert np.array_equal(encode(*texts), encode(*texts))
