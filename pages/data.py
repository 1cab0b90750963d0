"""Data: bring files or take a sample, see what cleaning did, and what the data looks like."""

import streamlit as st

from metarec_core import api
from metarec_core.figures import home as figures
from metarec_core.language import later, say
from pages._ui import sample, session
from pages._ui.access import may, offered
from pages._ui.errors import shown
from pages._ui.frame import require_frame
from pages._ui.tables_view import tables_view
from pages._ui.upload import upload_form

require_frame("data")
st.title(say("Data"))

tables = {summary.fingerprint: summary for summary in api.list_tables(session.workspace())}
VIEWS = {"workspace": later("In the workspace"), "upload": later("Upload files"), "sample": later("Samples")}
view = session.switch("view", say("View"), VIEWS)

if view != "workspace" and not offered("import"):
    st.stop()
if view == "upload":
    fingerprint = upload_form()
    if fingerprint is not None:
        session.open_page("data", data=fingerprint, view="workspace")
elif view == "sample":
    with st.grid(4, min_column_width=220):
        for domain in api.sample_domains():
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{domain.capitalize()}**")
                st.caption(say(sample.DESCRIPTIONS.get(domain, sample.ANY)))
                if st.button(say("Load sample"), key=f"sample.{domain}", icon=":material/download_done:"):
                    with shown():
                        fingerprint = sample.import_sample(domain)
                        session.open_page("data", data=fingerprint, view="workspace")
elif not tables:
    st.info(
        say("Load a sample to look around, or upload a behaviour log and an item table."),
        title=say("There is no data in the workspace yet"),
        icon=":material/info:",
    )
    if offered("import"):
        with st.container(horizontal=True):
            st.button(say("Load sample"), type="primary", on_click=session.choose, args=("view", "sample"))
            st.button(say("Upload"), on_click=session.choose, args=("view", "upload"))
else:
    fingerprint = session.chosen_or("data", next(iter(tables)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = session.pick("data", say("Data set"), list(tables), lambda id_: figures.tables_title(tables[id_]))
        if may("train") and st.button(
            say("Train on this data"), type="primary", icon=":material/model_training:", disabled=chosen is None
        ):
            session.open_page("train")
    with shown():
        tables_view(fingerprint)
