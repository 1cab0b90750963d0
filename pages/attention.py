"""Attention: where the encoder looked, what each event really does, and whether the one tells the other."""

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import attention as figures
from metarec_core.language import later, say
from pages._ui import cache, export, session
from pages._ui.access import offered
from pages._ui.chart import chart
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.folded import TABLE, folded
from pages._ui.frame import require_frame
from pages._ui.item_picker import item_picker
from pages._ui.table import table
from pages._ui.text import plain
from pages._ui.twin import Numbers, twin
from pages._ui.user_picker import user_picker

require_frame("attention")
st.title(say("Attention"))

run = opened_run("attention")
if run is None:
    st.stop()
with shown():
    recommender = cache.recommender(run.run_id)
    user_id, k = user_picker(recommender)
    listed = recommender.recommend([user_id], k=k)
    item_id = item_picker(recommender, listed.item_ids, say("For the item"))
    why = api.explain(recommender, user_id=user_id, item_id=item_id)
    st.caption(figures.standing_words(why))
    events = figures.event_table(why, recommender.title)

    if words := figures.unheard_words(why):  # a badge on what has no say would only startle
        st.info(words, icon=":material/volume_off:")
    elif said := figures.badge_words(why):
        {"success": st.success, "warning": st.warning, "error": st.error}[said.kind](said.details, title=said.headline)
        with st.expander(say("How this was tested"), icon=":material/rule:"):
            st.write(plain(said.test))
    elif not why.attention:
        st.info(
            say(
                "Train with the sequence part to get a network with attention. The effect of each event "
                "is shown either way."
            ),
            title=say("This run has no network, so there is no attention"),
            icon=":material/info:",
        )
    else:
        st.info(
            say("The history is too short to tell one order of events from another."),
            title=say("Attention is not tested here"),
        )

    st.subheader(say("Which past events?"))
    st.caption(
        say("{looked} {same}", looked=say(figures.LOOKED), same=say(figures.SAME))
        if why.attention
        else say(figures.ONLY_EFFECTS)
    )
    if len(events):
        which = {"strongest": later("Strongest events"), "all": later("Whole history")}
        drawn = figures.drawn_events(events, session.switch("events", say("View"), which) == "all")
        chart(figures.heatmap(drawn), key="looked", alt=figures.heatmap_words(drawn))
        file = f"metarec-{run.run_id}-attention.csv"

        def every_event() -> None:
            table(events, say("Past events with attention and effect, newest first"), help=figures.HELP)
            if words := figures.completeness_words(why):
                st.caption(words)
            export.csv_button(
                say("Download"),
                lambda: [figures.event_table(why, recommender.title)],
                file,
            )

        folded(say("As a table, and as a file"), every_event, key="attention.events", icon=TABLE)
    else:
        st.info(say("This user has no events yet."), icon=":material/info:")

    if why.faithfulness is not None:
        st.subheader(say("Does the order of attention matter?"), help=say(figures.CURVES_HELP))
        left, right = st.columns(2, gap="large")
        numbers = []
        for place, words, name, orders in (
            (left, say("The item's score as events are taken out"), "deletion", why.faithfulness.deletion),
            (right, say("The item's score as events are put back"), "insertion", why.faithfulness.insertion),
        ):
            chart(
                figures.curves(orders, why.faithfulness.steps, name),
                key=name,
                alt=figures.curves_words(orders, name),
                place=place,
            )
            make = partial(figures.curves_table, orders, why.faithfulness.steps)
            numbers.append(Numbers(words, make, f"metarec-{run.run_id}-{name}.csv"))
        twin(*numbers)

    st.subheader(say("What would have to be different?"), help=say(figures.COUNTERFACTUAL_HELP))
    if st.button(say("Look for the smallest change"), icon=":material/search:"):
        with st.spinner(say("Running the model again with small changes")):
            reader = cache.text_reader(run.run_id)
            read = None if reader is None else reader.read_item
            found = api.counterfactuals(recommender, user_id=user_id, item_id=item_id, k=k, read=read)
        for words in figures.counterfactual_words(found, recommender.title):
            st.markdown(plain(words))

    if why.attention:
        st.subheader(say("Across the whole run"))
        if offered("measure") and st.button(say("Test the attention of 100 users"), icon=":material/fact_check:"):
            with st.spinner(say("Testing")):
                trust = api.attention_trust(run, recommender)
            st.caption(figures.trust_words(trust))
            if trust.rows:
                chart(
                    figures.trust_strips(trust),
                    key="trust",
                    alt=say("Shares of badges over all tested recommendations and over slices of them"),
                )
                overview = figures.trust_table(trust)
                table(overview, say("How often attention can be trusted"), percentages=figures.TRUST_SHARES)
                export.csv_button(
                    say("Download the test"),
                    lambda: [figures.trust_table(trust)],
                    f"metarec-{run.run_id}-attention-test.csv",
                )
