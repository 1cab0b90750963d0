import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.test_theme import CONFIG

INK = {name: CONFIG["theme"][name]["textColor"] for name in ("light", "dark")}
"""Of which another test says that it can be read."""


def draw(theme: str | None) -> Any:
    """Layout of a chart with two words of its own."""

    def script(theme: str | None) -> None:
        from types import SimpleNamespace
        from unittest import mock

        import plotly.graph_objects as go
        import streamlit as st

        from pages._ui.chart import chart

        figure = go.Figure(go.Bar(x=[1], y=["a"]))
        figure.add_annotation(text="plain")
        figure.add_annotation(text="white", font={"color": "white"})
        with mock.patch.object(type(st.context), "theme", SimpleNamespace(type=theme)):
            chart(figure, key="one", alt="A bar")

    app = AppTest.from_function(script, args=(theme,)).run()
    assert not app.exception
    return json.loads(app.get("plotly_chart")[0].proto.spec)["layout"]


@pytest.mark.parametrize("theme", INK)
def test_words_have_the_ink_of_the_theme_and_keep_a_colour_of_their_own(theme: str) -> None:
    layout = draw(theme)
    assert layout["font"]["color"] == layout["legend"]["font"]["color"] == INK[theme]
    for axis in ("xaxis", "yaxis"):
        assert layout[axis]["tickfont"]["color"] == layout[axis]["title"]["font"]["color"] == INK[theme]
    assert [one.get("font", {}).get("color") for one in layout["annotations"]] == [None, "white"]


def test_a_session_that_does_not_know_its_theme_yet_is_left_to_the_framework() -> None:
    assert "color" not in draw(None).get("font", {})
