"""Settings become widgets by their types alone."""

from typing import Any

from streamlit.testing.v1 import AppTest


def page() -> None:
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
        "inner": {"kind": "lstm", "rate": 0.002, "names": ["a", "b"], "scale": None},
    }


def test_what_is_changed_is_what_comes_out() -> None:
    app = AppTest.from_function(page).run()
    app.toggle(key="x.on").set_value(False)
    app.number_input(key="x.size").set_value(16)
    app.selectbox(key="x.inner.kind").set_value("transformer")
    app.text_input(key="x.inner.names").set_value(" c ,d,")
    app.text_input(key="x.inner.scale").set_value("1, 5")
    assert run(app) == {
        "on": False,
        "size": 16,
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
