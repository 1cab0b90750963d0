"""The script that takes the README's pictures: it looks for what pages really say, and knows every page."""

from typing import get_args

from metarec_core.language import catalogue
from pages._ui.session import Page
from tests.docs_script import docs_script

SCRIPT = docs_script("screenshots")


def test_what_a_picture_must_not_show_is_said_somewhere_in_the_app():
    messages = catalogue("zh")
    unwanted = [words for found in SCRIPT.UNWANTED.values() for words in found]
    assert [words for words in unwanted if not any(words in message for message in messages)] == []


def test_every_page_has_a_picture_of_its_height():
    assert set(SCRIPT.HEIGHTS) == set(get_args(Page))
    assert set(SCRIPT.UNWANTED) <= set(SCRIPT.HEIGHTS)
