import numpy as np
import pytest

from metarec_core.text.cache import read_vectors, text_key, write_vectors

TEA, MILK = text_key("tea"), text_key("milk")


def vector(*numbers):
    return np.array(numbers, dtype=np.float32)


def test_what_is_written_is_read_and_nothing_else(tmp_path):
    write_vectors(tmp_path / "new", {TEA: vector(1, 2), MILK: vector(3, 4)})
    found = read_vectors(tmp_path / "new", [MILK, text_key("cake")])
    assert {key: row.tolist() for key, row in found.items()} == {MILK: [3, 4]}


def test_later_vectors_are_added_to_earlier_ones(tmp_path):
    write_vectors(tmp_path, {TEA: vector(1)})
    write_vectors(tmp_path, {MILK: vector(2)})
    assert set(read_vectors(tmp_path, [TEA, MILK])) == {TEA, MILK}


def test_nothing_is_stored_where_there_is_no_folder(tmp_path):
    assert read_vectors(tmp_path / "absent", [TEA]) == {}


@pytest.mark.parametrize("contents", [b"", b"not safetensors", b"\xff" * 100])
def test_a_damaged_file_is_as_good_as_absent(tmp_path, contents):
    write_vectors(tmp_path, {TEA: vector(1)})
    (stored,) = tmp_path.iterdir()
    stored.write_bytes(contents)
    write_vectors(tmp_path, {MILK: vector(2)})
    assert set(read_vectors(tmp_path, [TEA, MILK])) == {MILK}


def test_a_file_cut_short_is_as_good_as_absent(tmp_path):
    write_vectors(tmp_path, {TEA: vector(1, 2)})
    (stored,) = tmp_path.iterdir()
    stored.write_bytes(stored.read_bytes()[:-4])
    assert read_vectors(tmp_path, [TEA]) == {}


def test_vectors_that_are_not_numbers_are_not_used(tmp_path):
    write_vectors(tmp_path, {TEA: vector(np.nan), MILK: vector(2)})
    assert set(read_vectors(tmp_path, [TEA, MILK])) == {MILK}


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    write_vectors(tmp_path / "file", {TEA: vector(1)})
    assert read_vectors(tmp_path / "file", [TEA]) == {}


def test_a_lone_surrogate_has_a_key():
    assert text_key("\ud800") != text_key("?")
