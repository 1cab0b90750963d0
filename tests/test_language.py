"""Messages and their catalogues: nothing said lacks a translation, nothing translated is unsaid, no place gets lost."""

import re
import string

import pytest

from metarec_core.language import LANGUAGES, catalogue, language, later, say, several, speaking
from tests.docs_script import docs_script

CATALOGUE = docs_script("catalogue")
OTHERS = [code for code in LANGUAGES if code != "en"]


def places(message: str) -> dict[str, str | None]:
    """Names of the places, and how each is written; a time is written as its language does."""
    found = [(name, form) for _, name, form, _ in string.Formatter().parse(message) if name]
    return {name: None if form and "%Y" in form else form for name, form in found}


@pytest.mark.parametrize("room", CATALOGUE.ROOMS)
@pytest.mark.parametrize("code", OTHERS)
def test_catalogues_have_the_keys_that_the_code_says(code: str, room: str):
    said, translated = set(CATALOGUE.said_in(room)), CATALOGUE.read(code, room)
    assert said - {key for key, value in translated.items() if value} == set(), "run docs/catalogue.py and translate"
    assert set(translated) - said == set(), "run docs/catalogue.py: nobody says these any more"


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_places_of_the_english_and_write_them_alike(code: str):
    wrong = {
        english: said
        for english, said in catalogue(code).items()
        if "{" in english and not places(said).items() <= places(english).items()
    }
    assert not wrong


@pytest.mark.parametrize("code", OTHERS)
def test_a_message_of_two_rooms_is_translated_alike(code: str):
    found: dict[str, set[str]] = {}
    for room in CATALOGUE.ROOMS:
        for english, said in CATALOGUE.read(code, room).items():
            found.setdefault(english, set()).add(said)
    assert not {english for english, said in found.items() if len(said) > 1}


@pytest.mark.parametrize("code", OTHERS)
def test_a_number_and_its_per_cent_sign_stand_together(code: str):
    apart = re.compile(r"[\d}] %(?![{\w])")
    both = (text for message in catalogue(code).items() for text in message)
    assert [text for text in both if apart.search(text)] == []


def test_a_message_is_said_in_english_unless_told_otherwise():
    assert language() == "en"
    assert say("Run") == "Run"
    with speaking("zh"):
        assert say("Language of nobody") == "Language of nobody"  # better English than nothing


def test_values_are_filled_in_and_never_read_as_messages():
    assert say("{n:,} events of {name}", n=1204, name="{n} <b>") == "1,204 events of {n} <b>"
    assert say("braces {mean} nothing without values") == "braces {mean} nothing without values"
    assert several(1, "{n} user", "{n} users") == "1 user"
    assert several(3, "{n} user", "{n} users") == "3 users"
    assert later("Train") == "Train"
