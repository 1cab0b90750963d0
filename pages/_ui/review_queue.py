"""One recommendation of a review at a time: verdict buttons with keys, comment, previous and next, progress, the record."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from metarec_core import api
from metarec_core.figures import review as figures
from metarec_core.figures.review_pack import VERDICT_TITLES, review_html
from metarec_core.figures.text import when
from metarec_core.language import say
from metarec_core.review import verdicts
from metarec_core.review.verdicts import LONGEST_NAME, LONGEST_TEXT, VERDICTS, Verdict, VerdictName
from pages._ui import cache, session
from pages._ui.access import named
from pages._ui.errors import shown
from pages._ui.export import told
from pages._ui.table import table
from pages._ui.text import plain


def bar(run: api.Run, review: api.Review, position: int, history: Sequence[Verdict]) -> None:
    """Who judges, how far it is, and what can be said of the recommendation at a position."""
    standing = verdicts.standing(history)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if named() is None:
            session.type_in("reviewer", say("Your name"), help=say("At most {n} characters.", n=LONGEST_NAME))
        st.button(
            say("Previous"), icon=":material/arrow_back:", shortcut="p", on_click=_go, args=(review, position - 1)
        )
        st.button(say("Next"), icon=":material/arrow_forward:", shortcut="n", on_click=_go, args=(review, position + 1))
        st.button(say("All reviews"), icon=":material/list:", on_click=session.choose, args=("review", None))
    reviewer = " ".join(who_judges().split())
    done = figures.done_by(review, standing, reviewer)
    st.progress(
        done / len(review.items),
        say("{position} of {n}; you have judged {done}", position=position, n=len(review.items), done=done),
    )
    own = next((v for v in standing if v.position == position and v.reviewer == reviewer), None)
    key = _comment_key(review, position, reviewer)
    before_named = st.session_state.get(_comment_key(review, position, "")) or ""
    st.text_area(
        say("Comment (optional)"),
        own.comment if own else before_named,
        max_chars=LONGEST_TEXT,
        height=68,
        key=key,
        help=say("Saved with the verdict; until then it stays here while you move through the review."),
        persist_state="session",
    )
    drafts = _drafts(review, standing, reviewer)
    with st.container(horizontal=True, vertical_alignment="center"):
        for name in VERDICTS:
            st.button(
                say(VERDICT_TITLES[name]),
                key=f"review.{name}",
                type="primary" if own is not None and own.verdict == name else "secondary",
                shortcut=figures.VERDICT_KEYS[name],
                help=say(figures.VERDICT_HELP[name]),
                disabled=not reviewer,
                on_click=_judge,
                args=(run, review, position, reviewer, name, key),
            )
        st.button(
            say("Undo"),
            icon=":material/undo:",
            key="review.undo",
            shortcut="u",
            type="tertiary",
            disabled=not done,
            on_click=_undo,
            args=(run, review, reviewer),
        )
    if not reviewer:
        st.info(say("Enter your name to give verdicts."), icon=":material/person:")
    elif drafts:
        st.warning(figures.draft_words(drafts, position), icon=":material/edit_note:")
    elif done == len(review.items):
        st.success(say("You have judged everything. You can sign and export the record below."))
    else:
        st.caption(say(figures.KEYS_WORDS))


def record(run: api.Run, review: api.Review, history: Sequence[Verdict]) -> None:
    """What was said by all, who agrees, signature and export."""
    standing = verdicts.standing(history)
    st.subheader(say("The record"))
    if standing:
        table(
            figures.tally_table(standing),
            say("How often each reviewer gave each verdict"),
            file=f"metarec-{run.run_id}-review-{review.review_id}-verdicts.csv",
        )
        for words in figures.agreement_words(verdicts.agreements(standing)):
            st.caption(plain(words))
    else:
        st.caption(say("No verdict has been given yet."))
    for signed in verdicts.sign_offs(run, review.review_id):
        words = say("Signed by {name}, {time} UTC.", name=signed.name, time=when(signed.time))
        changed = "" if signed.stands else f" {say('Verdicts have changed since.')}"
        st.markdown(plain(f"{words} {signed.statement}{changed}"))
    with st.form("review.sign", border=False):
        statement = st.text_area(
            say("Statement"),
            max_chars=LONGEST_TEXT,
            height=68,
            placeholder=say("What you found, and what it is suitable for"),
        )
        name = who_judges()
        if st.form_submit_button(say("Sign"), icon=":material/draw:", disabled=not name):
            with shown():
                api.sign_off(run, review.review_id, name=name, statement=statement or "")
                st.rerun()
    with st.container(horizontal=True):
        stem = f"metarec-{run.run_id}-review-{review.review_id}"
        st.download_button(
            say("Record as HTML"),
            told(lambda: review_html(_pack(run, review)).encode(), f"{stem}.html"),
            f"{stem}.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
            help=say("One self-contained file, suitable for printing."),
        )
        st.download_button(
            say("Record as JSON"),
            told(lambda: _pack(run, review).to_json().encode(), f"{stem}.json"),
            f"{stem}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )


def who_judges() -> str:
    """Who is logged in; where there is no login, the name in the address."""
    name = named()
    return name[:LONGEST_NAME] if name is not None else session.chosen("reviewer") or ""


def _pack(run: api.Run, review: api.Review) -> api.ReviewPack:
    places = range(1, len(review.items) + 1)
    found = [cache.evidence(run.run_id, review.review_id, position) for position in places]
    return api.review_pack(run, review.review_id, cache.recommender(run.run_id), found)


def _comment_key(review: api.Review, position: int, reviewer: str) -> str:
    return f"review.comment.{review.review_id}.{position}.{reviewer}"


def _drafts(review: api.Review, standing: Sequence[Verdict], reviewer: str) -> list[int]:
    """Positions whose comment was written here and is not saved."""
    saved = {v.position: v.comment for v in standing if v.reviewer == reviewer}
    written = {p: st.session_state.get(_comment_key(review, p, reviewer)) for p in range(1, len(review.items) + 1)}
    return [p for p, text in written.items() if text is not None and text.strip() != saved.get(p, "")]


def _go(review: api.Review, position: int) -> None:
    size = len(review.items)
    session.choose("position", str(1 + (position - 1) % size))


def _judge(
    run: api.Run, review: api.Review, position: int, reviewer: str, verdict: VerdictName, comment_key: str
) -> None:
    with shown():
        comment = str(st.session_state.get(comment_key) or "")
        api.judge(run, review.review_id, position, reviewer=reviewer, verdict=verdict, comment=comment)
        standing = verdicts.standing(verdicts.history(run, review.review_id))
        session.choose("position", str(verdicts.next_open(review, standing, reviewer, position) or position))


def _undo(run: api.Run, review: api.Review, reviewer: str) -> None:
    with shown():
        position = api.undo(run, review.review_id, reviewer=reviewer)
        if position is not None:
            session.choose("position", str(position))
