"""Settings become widgets by their types alone."""

from datetime import date
from typing import Any

from streamlit.testing.v1 import AppTest


def page() -> None:
    from datetime import date
    from typing import Literal

    import streamlit as st
    from pydantic import BaseModel, ConfigDict, Field

    from pages._ui import forms

    class Inner(BaseModel):
        """What is inside."""

        model_config = ConfigDict(use_attribute_docstrings=True)
        kind: Literal["lstm", "transformer"] = "lstm"
        """Which network."""
        rate: float = Field(default=0.002, gt=0, lt=1)
        names: tuple[str, ...] = ("a", "b")
        scale: tuple[float, float] | None = None

    class Outer(BaseModel):
        on: bool = True
        size: int = Field(default=8, ge=2, le=16)
        most: int | None = Field(default=None, ge=1)
        least: float | None = Field(default=None, json_schema_extra={"empty": "the usual"})
        day: date | None = None
        inner: Inner = Inner()

    st.session_state["values"] = forms.settings(Outer(), "x")


def run(app: AppTest) -> dict[str, Any]:
    app.run()
    assert not app.exception
    return dict(app.session_state["values"])


def test_untouched_widgets_give_the_config_back() -> None:
    assert run(AppTest.from_function(page)) == {
        "on": True,
        "size": 8,
        "most": None,
        "least": None,
        "day": None,
        "inner": {"kind": "lstm", "rate": 0.002, "names": ["a", "b"], "scale": None},
    }


def test_what_is_changed_is_what_comes_out() -> None:
    app = AppTest.from_function(page).run()
    app.toggle(key="x.on").set_value(False)
    app.number_input(key="x.size").set_value(16)
    app.number_input(key="x.most").set_value(3)
    app.number_input(key="x.least").set_value(0.5)
    app.date_input(key="x.day").set_value(date(2024, 2, 1))
    app.selectbox(key="x.inner.kind").set_value("transformer")
    app.text_input(key="x.inner.names").set_value(" c ,d,")
    app.text_input(key="x.inner.scale").set_value("1, 5")
    assert run(app) == {
        "on": False,
        "size": 16,
        "most": 3,
        "least": 0.5,
        "day": date(2024, 2, 1),
        "inner": {"kind": "transformer", "rate": 0.002, "names": ["c", "d"], "scale": ["1", "5"]},
    }


def test_bounds_and_descriptions_reach_the_widgets() -> None:
    app = AppTest.from_function(page).run()
    rate, size = app.number_input(key="x.inner.rate"), app.number_input(key="x.size")
    assert (size.min, size.max) == (2, 16)
    assert 0 < rate.min < 0.001
    assert 0.999 < rate.max < 1
    assert app.selectbox(key="x.inner.kind").proto.help == "Which network."
    assert app.markdown[0].value == "**Inner**"


def test_an_empty_field_says_what_empty_means() -> None:
    app = AppTest.from_function(page).run()
    assert app.number_input(key="x.most").proto.placeholder == "off"
    assert app.number_input(key="x.least").proto.placeholder == "the usual"
