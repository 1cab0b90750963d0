"""Begin a review, or go on with one."""

from __future__ import annotations

import streamlit as st

from metarec_core import api
from metarec_core.figures import review as figures
from metarec_core.figures.evaluate import model_title
from metarec_core.language import say
from metarec_core.review import verdicts
from metarec_core.review.sample import MOST, RULE_WORDS, RULES, with_pairs
from pages._ui import cache, session
from pages._ui.access import offered
from pages._ui.errors import shown
from pages._ui.text import plain


def review_start(run: api.Run) -> None:
    """The run's reviews with a button each, and the form for a new one."""
    earlier = api.reviews(run)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(say("New review"))
        with shown():
            if offered("review"):
                _form(run)
    with right:
        st.subheader(say("Reviews of this run"))
        if not earlier:
            st.caption(say("None yet. A review is saved with the run; you can leave it and continue later."))
        for review in earlier:
            with st.container(border=True):
                st.markdown(f"**{plain(figures.review_title(review))}**")
                said = verdicts.standing(verdicts.history(run, review.review_id))
                st.caption(plain(figures.progress_words(review, said)))
                st.button(
                    say("Continue"),
                    icon=":material/resume:",
                    key=f"review.open.{review.review_id}",
                    on_click=_open,
                    args=(review.review_id,),
                )


def _form(run: api.Run) -> None:
    rule = st.selectbox(
        say("Which recommendations"), RULES, format_func=lambda rule: say(figures.RULE_TITLES[rule]), key="review.rule"
    )
    words = say(RULE_WORDS[rule])
    st.caption(say("{words}.", words=f"{words[:1].upper()}{words[1:]}"))
    plan = api.Plan(rule)
    text, n, baseline = "", plan.n, plan.baseline
    if rule == "given":
        text = st.text_area(
            say("Pairs"),
            key="review.pairs",
            placeholder=say("user ID, item ID"),
            help=say("One pair per line: user ID, comma, item ID."),
        )
    else:
        n = int(st.number_input(say("How many"), 1, MOST, 20, key="review.n"))
    if rule == "disagreement":
        known = run.config.evaluation.baselines or (plan.baseline,)
        baseline = st.selectbox(say("Baseline"), known, format_func=model_title, key="review.baseline")
    seed = int(
        st.number_input(
            say("Seed"), 0, 2**31 - 1, 0, key="review.seed", help=say("The same seed draws the same sample.")
        )
    )
    if st.button(say("Start the review"), type="primary", icon=":material/play_arrow:", key="review.start"):
        plan = api.Plan(rule, n, seed, baseline=baseline)
        if rule == "given":
            plan = with_pairs(plan, text)
        with st.spinner(say("Sampling")):
            review = api.start_review(run, plan, cache.recommender(run.run_id))
        _open(review.review_id)
        st.rerun()


def _open(review_id: str) -> None:
    session.choose("review", review_id)
    session.choose("position", None)
