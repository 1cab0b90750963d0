"""Attention: where the encoder looked, what each event really does, and whether the one tells the other."""

import streamlit as st

from metarec_core import api
from metarec_core.figures import attention as figures
from pages._ui import cache, export, session
from pages._ui.access import offered
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.frame import require_frame
from pages._ui.table import table
from pages._ui.text import plain
from pages._ui.user_picker import user_picker

require_frame("attention")
st.title("Attention")

run = opened_run("attention")
if run is None:
    st.stop()
with shown():
    recommender = cache.recommender(run.run_id)
    user_id, k = user_picker(recommender)
    listed = recommender.recommend([user_id], k=k)
    item_id = session.chosen_or("item", listed.item_ids[0])
    options = list(dict.fromkeys([*listed.item_ids, item_id]))
    session.pick("item", "For the item", options, recommender.title)
    why = api.explain(recommender, user_id=user_id, item_id=item_id)
    events = figures.event_table(why, recommender.title)

    if words := figures.unheard_words(why):  # a badge on what has no say would only startle
        st.info(words, icon=":material/volume_off:")
    elif said := figures.badge_words(why):
        {"success": st.success, "warning": st.warning, "error": st.error}[said.kind](said.details, title=said.headline)
        with st.expander("How this was tested", icon=":material/rule:"):
            st.write(plain(said.test))
    elif not why.attention:
        st.info(
            "Train with the sequence part to have a network that attends. What each event does is shown all the same.",
            title="This run has no network, so there is no attention",
            icon=":material/info:",
        )
    else:
        st.info(
            "The history is too short to tell one order of events from another.", title="Attention is not tested here"
        )

    st.subheader("Which past events?")
    st.caption(f"{figures.LOOKED} {figures.SAME}" if why.attention else figures.ONLY_EFFECTS)
    if len(events):
        whole = session.view("attention.events", {"strongest": "Strongest events", "all": "Whole history"}) == "all"
        drawn = figures.drawn_events(events, whole)
        st.plotly_chart(figures.heatmap(drawn), key="looked", alt="Attention and effect of past events, newest on top")
        with st.expander("As a table, and as a file", icon=":material/table_view:"):
            table(events, "Past events with attention and effect, newest first", help=figures.HELP)
            if words := figures.completeness_words(why):
                st.caption(words)
            export.csv_button("Download", lambda: [events], f"metarec-{run.run_id}-attention.csv")
    else:
        st.info("This user has no events yet.", icon=":material/info:")

    if why.faithfulness is not None:
        st.subheader("Does the order of attention matter?", help=figures.CURVES_HELP)
        left, right = st.columns(2, gap="large")
        for place, name, orders in (
            (left, "deletion", why.faithfulness.deletion),
            (right, "insertion", why.faithfulness.insertion),
        ):
            place.plotly_chart(
                figures.curves(orders, why.faithfulness.steps, name),
                key=name,
                alt=f"The item's score under {name} of attended events, in four orders",
            )

    st.subheader("What would have to be different?", help=figures.COUNTERFACTUAL_HELP)
    if st.button("Look for the smallest change", icon=":material/search:"):
        with st.spinner("Running the model again without this and that"):
            reader = cache.text_reader(run.run_id)
            read = None if reader is None else reader.read_item
            found = api.counterfactuals(recommender, user_id=user_id, item_id=item_id, k=k, read=read)
        for words in figures.counterfactual_words(found, recommender.title):
            st.markdown(plain(words))

    if why.attention:
        st.subheader("Over the whole run")
        if offered("measure") and st.button("Test the attention of 100 users", icon=":material/fact_check:"):
            with st.spinner("Testing"):
                trust = api.attention_trust(run, recommender)
            st.caption(figures.trust_words(trust))
            if trust.rows:
                overview = figures.trust_table(trust)
                table(overview, "How often attention can be believed", percentages=figures.TRUST_SHARES)
                export.csv_button("Download the test", lambda: [overview], f"metarec-{run.run_id}-attention-test.csv")
