"""A run made on one machine and opened on another, where "auto" would choose something else."""

import json

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from metarec_core.errors import ConfigError
from metarec_core.text import sentence
from metarec_core.text.encoder import choose_encoder
from metarec_core.text.tfidf import TfidfEncoder
from tests.tiny_files import NO_NET, write_files

MODEL = "all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Made with "auto" where there is no language model."""
    folder = tmp_path_factory.mktemp("made")
    behaviour, items = write_files(folder)
    config = RunConfig().with_settings([*NO_NET, "model.text_encoder=auto"])
    with pytest.MonkeyPatch.context() as without:
        without.setattr(sentence, "find_spec", lambda name: None)
        *_, last = api.train(api.read_tables(behaviour, items), config, store=folder / "store")
    return last.run


def recorded(run, name):
    """The same run, had another encoder read its texts."""
    told = run.manifest.model_copy(update={"learned": {**run.manifest.learned, "text_encoder": name}})
    return type(run)(run.folder, run.config, told)


def test_new_texts_are_read_by_what_read_the_items(run):
    assert run.manifest.learned["text_encoder"] == "tf-idf"
    if sentence.bundled_folder() is not None:
        assert choose_encoder("auto", ["Title 3"]).name == MODEL, "what this machine would choose"
    assert isinstance(api.text_reader(run).encoder, TfidfEncoder)


def test_where_that_is_missing_one_sentence_says_so(run, monkeypatch):
    monkeypatch.setattr(sentence, "find_spec", lambda name: None)
    with pytest.raises(ConfigError) as refused:
        api.text_reader(recorded(run, MODEL))
    assert str(refused.value) == (
        f"Run {run.run_id} read its texts with all-MiniLM-L6-v2, which is not on this machine: install it here to read "
        "more texts, or train again."
    )


def test_a_run_that_did_not_say_is_read_as_its_config_says(run, monkeypatch):
    monkeypatch.setattr(sentence, "find_spec", lambda name: None)
    assert isinstance(api.text_reader(recorded(run, None)).encoder, TfidfEncoder)


def test_measuring_again_reads_the_items_by_it_too(run):
    assert api.evaluate(run, ["ease", "item_knn"]).models["ease"]["text_diversity@10"].mean >= 0
    path = run.folder.manifest
    before = path.read_text()
    path.write_text(
        json.dumps({**json.loads(before), "learned": {**run.manifest.learned, "text_encoder": "nowhere/none"}})
    )
    try:
        with pytest.raises(ConfigError, match="read its texts with nowhere/none, which is not on this machine"):
            next(api.learning_curve(api.open_run(run.folder.store, run.run_id)))
    finally:
        path.write_text(before)
