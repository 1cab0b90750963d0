"""Review: sampled recommendations with their evidence, one at a time; verdicts, signature, and the record as a file."""

from functools import partial

import streamlit as st

from metarec_core import api
from metarec_core.figures import recommendations
from metarec_core.figures import review as figures
from metarec_core.language import say
from metarec_core.review import verdicts
from metarec_core.review.sample import kept_said
from pages._ui import cache, review_queue, session
from pages._ui.bars import bars
from pages._ui.empty import opened_run
from pages._ui.errors import shown
from pages._ui.folded import folded
from pages._ui.frame import require_frame
from pages._ui.reasons import reasons_of
from pages._ui.review_start import review_start
from pages._ui.table import still, table
from pages._ui.text import plain

require_frame("review")
st.title(say("Review"))

run = opened_run("review")
if run is None:
    st.stop()
review = None
with shown():
    if review_id := session.chosen("review"):
        review = api.open_review(run, review_id)
if review is None:
    session.choose("position", None)
    with shown():
        review_start(run)
    st.stop()

with shown():
    history = verdicts.history(run, review.review_id)
    reviewer = review_queue.who_judges()
    first = verdicts.next_open(review, verdicts.standing(history), reviewer) or 1
    wanted = session.chosen_or("position", str(first))
    position = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
    st.caption(plain(kept_said(review.words)))
    found = cache.evidence(run.run_id, review.review_id, position)
    why = found.explanation

    st.subheader(plain(found.title))
    st.caption(plain(figures.item_words(found)))
    review_queue.bar(run, review, position, history)

    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(say("**Why: the score and its parts**"))
        bars(recommendations.waterfall(why), key="waterfall", alt=recommendations.waterfall_words(why))
        still(
            recommendations.breakdown_table(why),
            say("The parts of the score and their sum"),
            file=f"metarec-{run.run_id}-parts.csv",
        )
        st.caption(plain(recommendations.effect_words(why)))
    with right:
        st.markdown(say("**The user's history**"))
        table(
            figures.events_table(found),
            say("The user's events, newest first"),
            height=380,
            help=figures.EVENT_HELP,
            percentages=(figures.ATTENTION,),
            widths={"Title": 134, "When": 88},
            file=f"metarec-{run.run_id}-review-history.csv",
        )
        if words := figures.badge_words(found):
            st.caption(plain(words))
        st.markdown(say("**The user's list**"))
        table(
            figures.listed_table(found),
            say("The items recommended to this user"),
            widths={"Title": 232},
            file=f"metarec-{run.run_id}-review-list.csv",
        )
    reasons_of(why, found.titles.__getitem__)
    said = figures.said_table(history, position)
    if len(said):
        words = say("Every verdict given here, in order")
        given = partial(table, said, words, file=f"metarec-{run.run_id}-said.csv")
        folded(say("Verdicts on this recommendation"), given, key="review.given", icon=":material/history:")
    review_queue.record(run, review, history)
