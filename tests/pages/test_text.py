import pytest

from pages._ui.table import column_formats
from pages._ui.text import plain


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("![x](http://a/b)", "\\!\\[x\\]\\(http\\:\u2060\\/\\/a\\/b\\)"),
        ("www.a.b ann@a.b", "www\u2060\\.a\\.b ann\u2060\\@a\\.b"),
        (":red[x] $y$", r"\:red\[x\] \$y\$"),
        ("# 1. <b>\n- two", r"\# 1\. \<b\> \- two"),
        ("Zelt für zwei", "Zelt für zwei"),
    ],
)
def test_every_sign_with_a_meaning_in_markdown_is_escaped(text: str, escaped: str) -> None:
    assert plain(text) == escaped


def test_whole_numbers_and_others_get_their_formats_and_texts_only_a_tooltip() -> None:
    import pandas as pd

    frame = pd.DataFrame({"n": [1000], "x": [0.123456], "p": [0.12], "t": ["a"], "u": ["b"]})
    formats = column_formats(frame, {"t": "what t is"}, percentages=["p"])
    assert formats.keys() == {"n", "x", "p", "t"}
    assert formats["n"]["type_config"]["format"] == "localized"
    assert formats["x"]["type_config"]["format"] == "%.3f"
    assert formats["p"]["type_config"]["format"] == "percent"
    assert formats["t"]["help"] == "what t is"
