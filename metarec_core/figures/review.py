"""The Review page: names of rules and verdicts, how far a review is, who agrees with whom, and the events beside an item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import pandas as pd

from metarec_core.figures.review_pack import BADGE_WORDS, VERDICT_TITLES, event_time
from metarec_core.figures.text import count, listed, sentences, when
from metarec_core.language import later, say
from metarec_core.review.report import Evidence
from metarec_core.review.sample import kept_said
from metarec_core.review.verdicts import VERDICTS, Agreement, Review, Verdict

RULE_TITLES: Final = {
    "random": later("At random"),
    "cold": later("Cold users"),
    "worst_served": later("Worst served users"),
    "misleading": later("Misleading attention"),
    "popular_only": later("Popularity only"),
    "disagreement": later("Largest disagreement with a baseline"),
    "given": later("Pairs that I name"),
}
VERDICT_KEYS: Final = {"good": "1", "questionable": "2", "wrong": "3", "harmful": "4"}
"""The key that gives a verdict."""
KEYS_WORDS: Final = later("Keys: 1 to 4 give a verdict, P and N move back and forward, U undoes the last verdict.")
VERDICT_HELP: Final = {
    "good": later("Fits this user, and the reasons hold"),
    "questionable": later("Might fit, but the reasons do not convince"),
    "wrong": later("Does not fit this user"),
    "harmful": later("Should not be shown to this user"),
}
ATTENTION: Final = later("Attention")
EFFECT: Final = later("Effect")
EVENT_HELP: Final = {
    ATTENTION: later("Where the encoder looked, not why."),
    EFFECT: later("The score minus the score without this event, with the whole model run again."),
}


def draft_words(positions: Sequence[int], here: int) -> str:
    """Which comments are not saved yet."""
    if list(positions) == [here]:
        return say("This comment is not saved yet: it is saved with your verdict.")
    return say(
        "Comments that are not saved yet: {where}. Each is saved with your verdict there.",
        where=listed(map(str, positions)),
    )


def review_title(review: Review) -> str:
    """A review's name for people: ``At random, 50 recommendations, 24 Nov 2026, 08:30``."""
    return listed(
        (say(RULE_TITLES[review.plan.rule]), count(len(review.items), "recommendation"), when(review.created))
    )


def done_by(review: Review, verdicts: Sequence[Verdict], reviewer: str) -> int:
    """Recommendations of a review on which somebody has a standing verdict."""
    return len({v.position for v in verdicts if v.reviewer == reviewer})


def progress_words(review: Review, verdicts: Sequence[Verdict]) -> str:
    """How far everybody is: ``Ada 12 of 50, Bo 3 of 50``."""
    done = Counter(v.reviewer for v in verdicts)
    size = len(review.items)
    said = (say("{name} {n} of {size}", name=name, n=n, size=size) for name, n in sorted(done.items()))
    return listed(said) or say("no verdicts yet")


def tally_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """How often each reviewer gave each verdict: Reviewer, a column a verdict."""
    names = sorted({v.reviewer for v in verdicts})
    given = Counter((v.reviewer, v.verdict) for v in verdicts)
    return pd.DataFrame(
        [{later("Reviewer"): name, **{VERDICT_TITLES[v]: given[name, v] for v in VERDICTS}} for name in names]
    )


def agreement_words(agreements: Sequence[Agreement]) -> list[str]:
    """A sentence for each two reviewers."""
    return [
        say(
            "{one} and {two} both judged {both} and agreed on {agreed}: Cohen's kappa is undefined, "
            "because both used only one verdict."
            if a.kappa is None
            else "{one} and {two} both judged {both} and agreed on {agreed}: Cohen's kappa {kappa:.2f}.",
            one=a.reviewers[0],
            two=a.reviewers[1],
            both=a.both,
            agreed=a.agreed,
            kappa=a.kappa,
        )
        for a in agreements
    ]


def said_table(verdicts: Sequence[Verdict], position: int) -> pd.DataFrame:
    """What was ever said of one recommendation, in order: Reviewer, Verdict, Comment, When, Stands."""
    last = {v.reviewer: number for number, v in enumerate(verdicts) if v.position == position and v.undone is None}
    rows = [
        (
            v.reviewer,
            say(VERDICT_TITLES[v.verdict]),
            v.comment,
            when(v.time),
            _standing(v, last.get(v.reviewer) == number),
        )
        for number, v in enumerate(verdicts)
        if v.position == position
    ]
    return pd.DataFrame(
        rows, columns=[later("Reviewer"), later("Verdict"), later("Comment"), later("When (UTC)"), later("Counts")]
    )


def events_table(found: Evidence) -> pd.DataFrame:
    """The history beside an item, newest first: Title, When, and attention and effect of each event where they are known."""
    attention = {(a.item_id, a.time): a.weight for a in found.explanation.attention}
    effects = {(e.item_id, e.time): e.effect for e in found.explanation.effects}
    places = [(event.item_id, event.time) for event in found.history]
    shown: dict[str, list[object]] = {
        later("Title"): [found.titles[event.item_id] for event in found.history],
        later("When"): [event_time(event) for event in found.history],
    }
    if attention:
        shown[ATTENTION] = [attention.get(place) for place in places]
    if effects:
        shown[EFFECT] = [effects.get(place) for place in places]
    return pd.DataFrame(shown)


def listed_table(found: Evidence) -> pd.DataFrame:
    """The user's list with the reviewed item marked: Rank, Title, Score."""
    return pd.DataFrame(
        {
            later("Rank"): [item.rank for item in found.listed],
            later("Title"): [
                ("→ " if item.item_id == found.sampled.item_id else "") + found.titles[item.item_id]
                for item in found.listed
            ],
            later("Score"): [round(item.score, 3) for item in found.listed],
        }
    )


def item_words(found: Evidence) -> str:
    """Whose item it is, where it stands, and why it is looked at."""
    why = found.explanation
    place = say("already had") if why.rank is None else say("rank {rank:,}", rank=why.rank)
    words = say("For user {user}, {place}.", user=found.sampled.user_id, place=place)
    reason = kept_said(found.sampled.reason) if found.sampled.reason else ""
    return sentences(words, say("Sampled because: {reason}.", reason=reason) if reason else "")


def badge_words(found: Evidence) -> str | None:
    """Whether attention can be believed here, and by which rule; None where that was not tested."""
    tested = found.explanation.faithfulness
    return None if tested is None else sentences(say(BADGE_WORDS[tested.badge]), tested.rule)


def _standing(verdict: Verdict, is_last: bool) -> str:
    if verdict.undone is not None:
        return say("undone {when}", when=when(verdict.undone))
    return say("yes" if is_last else "changed later")
