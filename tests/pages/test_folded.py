"""What is folded away: made when it is open and not before, open at first where wanted, and its errors are sentences."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from metarec_core.errors import InputError
    from pages._ui.folded import folded

    def fails() -> None:
        raise InputError("There is no tea.")

    folded("Milk", lambda: st.write("made: milk"), key="milk", icon=":material/tune:")
    folded("Tea", fails, key="tea", icon=":material/tune:", steers=True)
    wanted = st.session_state.get("wanted", False)
    folded("Rum", lambda: st.write("made: rum"), key="rum", icon=":material/tune:", expanded=wanted, steers=True)


def made(app: AppTest) -> list[str]:
    assert not app.exception
    return [one.value for one in app.markdown]


def test_nothing_is_made_before_somebody_opens_it() -> None:
    app = AppTest.from_function(page).run()
    assert [one.label for one in app.expander] == ["Milk", "Tea", "Rum"]
    assert made(app) == []
    app.session_state["milk"] = True
    assert made(app.run()) == ["made: milk"]


def test_an_error_in_it_is_a_sentence_and_the_rest_of_the_page_stays() -> None:
    app = AppTest.from_function(page)
    app.session_state["tea"] = app.session_state["rum"] = True
    assert made(app.run()) == ["made: rum"]
    assert [one.value for one in app.error] == ["There is no tea\\."]


def test_one_that_is_open_at_first_can_be_closed_and_stays_closed_though_it_is_still_wanted_open() -> None:
    app = AppTest.from_function(page)
    app.session_state["wanted"] = True
    assert made(app.run()) == ["made: rum"]
    app.session_state["rum"] = False
    assert made(app.run()) == []
    app.session_state["wanted"] = False
    assert made(app.run()) == []
