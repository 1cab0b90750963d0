"""Which recommendations a review looks at: drawn by a rule that can be said in a sentence, and again with the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.dataset import Int32Array, Int64Array
from metarec_core.data.split import Split
from metarec_core.errors import InputError
from metarec_core.evaluation.evaluate import measure
from metarec_core.explain.effects import attention_weights
from metarec_core.explain.explain import explain
from metarec_core.explain.faithfulness import FEWEST, RULE
from metarec_core.language import ENGLISH, later, say, speaking
from metarec_core.language.kept import again
from metarec_core.models import ranking
from metarec_core.models.batch import user_batch
from metarec_core.models.scorer import Scorer
from metarec_core.recommend.recommender import Recommender

Float64Array = npt.NDArray[np.float64]

RuleName = Literal["random", "cold", "worst_served", "misleading", "popular_only", "disagreement", "given"]
RULES: Final[tuple[RuleName, ...]] = get_args(RuleName)
RULE_WORDS: Final[Mapping[RuleName, str]] = MappingProxyType(
    {
        "random": later("random users, and a random item from each list"),
        "cold": later("users with the fewest events, and a random item from each list"),
        "worst_served": later("users whose held-out test item the model ranks worst, and the first item of each list"),
        "misleading": later("first items of random lists where attention does not show what moves the score"),
        "popular_only": later("items whose score comes most from popularity, the strongest case in each list"),
        "disagreement": later("items that a baseline ranks lowest for the same user, the lowest in each list"),
        "given": later("pairs of a user and an item that were named"),
    }
)
"""What each rule takes, in plain words."""

_MADE: Final = later("{n} recommendations: {how}. Seed {seed}.")
_FEWER: Final = later("{n} recommendations: {how}. Seed {seed}. Fewer than the {asked} requested were found.")
_LISTED: Final = later("{which}, lists of {k}")
_AMONG_ALL: Final = later("{rule}, among all {n:,} users")
_AMONG_SOME: Final = later("{rule}, among {some:,} random users of {n:,}")
_LOOKED: Final = later("{rule}; {looked} of {n:,} users were checked")
_CAME_NEXT: Final = later("{title} came next, but was ranked {rank:,.0f} of {n:,}")
_POPULAR: Final = later("{share:.0f}% of the score, by size of its parts, is popularity")
_RANKED: Final = later("#{ours} here, #{theirs:,.0f} by the baseline {baseline}")
_ONE_EVENT: Final = later("the user has 1 event")
_EVENTS: Final = later("the user has {n} events")
_KEPT: Final = (
    *(_FEWER, _MADE, _LISTED, _AMONG_ALL, _AMONG_SOME, _LOOKED, *RULE_WORDS.values()),
    *(_CAME_NEXT, _POPULAR, _RANKED, _ONE_EVENT, _EVENTS, RULE),
)
"""Sentences that a review keeps in English, the longer first where both may be found."""

POPULARITY_PARTS: Final = ("popularity", "recent")
"""Parts of a score that are the same for every user."""

MOST: Final = 500
"""A review of more recommendations is nobody's work."""
MOST_USERS: Final = 2_000
"""Users among whom a rule looks that has to score each; with more, so many are drawn first."""
MOST_EXPLAINED: Final = 200
"""Recommendations that are explained in search of misleading attention; each takes a good part of a second."""


@dataclass(frozen=True)
class Plan:
    """What to sample.

    Attributes:
        rule: One of ``RULES``.
        n: How many recommendations; fewer where the rule finds fewer.
        seed: Of everything drawn.
        k: Length of the lists that are looked through.
        baseline: Whose ranking ``disagreement`` compares with.
        pairs: User and item ids, for ``given``.
    """

    rule: RuleName = "random"
    n: int = 50
    seed: int = 0
    k: int = 10
    baseline: str = "item_knn"
    pairs: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` gives the same plan back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Plan:
        """The plan that ``to_dict`` wrote."""
        return cls(**{**values, "pairs": tuple((str(user), str(item)) for user, item in values["pairs"])})


@dataclass(frozen=True)
class Sampled:
    """One recommendation to look at.

    Attributes:
        user_id: Whose.
        item_id: What.
        reason: What the rule found, in words; "" where it only drew. Titles in it are the analyst's text.
    """

    user_id: str
    item_id: str
    reason: str = ""


@dataclass(frozen=True)
class Sample:
    """What a rule gave.

    Attributes:
        plan: What was asked for.
        words: How it was sampled, in a sentence.
        chosen: What to look at, in order.
    """

    plan: Plan
    words: str
    chosen: tuple[Sampled, ...]


def sample(recommender: Recommender, plan: Plan, split: Split) -> Sample:
    """Choose recommendations by a rule.

    No user comes a second time before all users that the rule found came once. Equals are drawn by lot.

    Args:
        recommender: Whose recommendations.
        plan: Which and how many.
        split: Which of the run's events were held out.

    Raises:
        InputError: The plan cannot be followed.
        UnknownIdError: A pair names a user or an item that the data does not have.
        ConfigError: There is no such baseline.
    """
    _require(plan)
    rng = np.random.default_rng(plan.seed)
    found = _FINDERS[plan.rule](recommender, plan, split, rng)
    if not found.chosen:
        raise InputError(
            say(
                "The rule found nothing to review: {rule_words}. Choose another rule.",
                rule_words=say(RULE_WORDS[plan.rule]),
            )
        )
    made = _FEWER if len(found.chosen) < found.wanted else _MADE
    words = made.format(n=len(found.chosen), how=found.words, seed=plan.seed, asked=plan.n)
    return Sample(plan, words, found.chosen)


def kept_said(kept: str) -> str:
    """What a review keeps of how it was sampled, or of why an item was, in the language of who reads."""
    return again(kept, _KEPT)


@dataclass(frozen=True)
class _Found:
    chosen: tuple[Sampled, ...]
    words: str
    wanted: int


def _require(plan: Plan) -> None:
    if plan.rule not in RULES:
        raise InputError(
            say(
                "There is no rule {rule!r} to sample by: choose one of {rules}.", rule=plan.rule, rules=", ".join(RULES)
            )
        )
    if not 1 <= plan.n <= MOST:
        raise InputError(
            say("A review of {n} recommendations is not possible: ask for 1 to {most}.", n=plan.n, most=MOST)
        )
    if plan.k < 1:
        raise InputError(say("A list of {k} items is not possible: ask for 1 or more.", k=plan.k))
    if plan.rule == "given" and not plan.pairs:
        raise InputError(say("The rule 'given' needs pairs of a user and an item: name at least one."))
    if len(plan.pairs) > MOST:
        raise InputError(
            say(
                "A review of {n_pairs} recommendations is not possible: name at most {most} pairs.",
                n_pairs=len(plan.pairs),
                most=MOST,
            )
        )


def _random(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    users = _drawn(recommender, plan.n, rng)
    listed = _listed(recommender, users, plan.k)
    rows = _choose(listed, np.zeros(len(listed)), rng.random(len(listed)), plan.n)
    return _taken(listed, rows, [""] * len(rows), plan)


def _cold(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    lengths = recommender.dataset.events.lengths()[1:]
    users = np.lexsort((rng.random(len(lengths)), lengths))[: plan.n].astype(np.int32) + 1
    listed = _listed(recommender, users, plan.k)
    events = lengths[listed[_NUMBER].to_numpy() - 1]
    rows = _choose(listed, -events.astype(np.float64), rng.random(len(listed)), plan.n)
    return _taken(listed, rows, [_events_words(count) for count in events[rows]], plan)


def _worst_served(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    data = recommender.dataset
    asked = np.unique(split.test.user_numbers)
    among, words = _some(asked, rng, RULE_WORDS[plan.rule])
    queries = split.test.some(np.flatnonzero(np.isin(split.test.user_numbers, among)))
    ranks = measure(recommender.scorer, split, queries, recommender.max_history).ranks
    finite = np.flatnonzero(np.isfinite(ranks))  # an answer that the user had seen before has no rank
    finite = finite[np.argsort(-ranks[finite], kind="stable")]
    users, firsts = np.unique(queries.user_numbers[finite], return_index=True)
    worst = pd.Series(finite[firsts], index=users)  # each user's worst question
    worst = worst.iloc[np.lexsort((rng.random(len(worst)), -ranks[worst]))][: plan.n]
    listed = _listed(recommender, worst.index.to_numpy(dtype=np.int32), plan.k)
    questions = worst[listed[_NUMBER]].to_numpy()
    rows = _choose(listed, ranks[questions], listed[columns.RANK].to_numpy(dtype=np.float64), plan.n)
    answers = data.events.item_numbers[queries.events[questions[rows]]]
    reasons = [
        _CAME_NEXT.format(title=recommender.title(data.items.id(int(answer))), rank=rank, n=data.n_items)
        for answer, rank in zip(answers, ranks[questions[rows]], strict=True)
    ]
    return _taken(listed, rows, reasons, plan, words)


def _misleading(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    users = _drawn(recommender, MOST_EXPLAINED, rng)
    if attention_weights(recommender, user_batch(recommender.dataset, users[:1], recommender.max_history)) is None:
        raise InputError(say("This run has no attention that could mislead: choose another rule."))
    first = _listed(recommender, users, 1)
    chosen: list[Sampled] = []
    looked, n_tested = 0, 0
    for user_id, item_id in zip(first[columns.USER_ID], first[columns.ITEM_ID], strict=True):
        looked += 1
        with speaking(ENGLISH):  # what the rule found is kept with the review
            tested = explain(recommender, user_id=user_id, item_id=item_id).faithfulness
        if tested is None:  # too short a history to tell one order of its events from another
            continue
        n_tested += 1
        if tested.badge == "misleading":
            chosen.append(Sampled(user_id, item_id, tested.rule))
            if len(chosen) == plan.n:
                break
    if not n_tested:
        raise InputError(
            say(
                "Attention cannot be tested in this run: none of the {looked:,} users checked has "
                "{fewest} events that it looks at. Choose another rule.",
                looked=looked,
                fewest=FEWEST,
            )
        )
    words = _LOOKED.format(rule=RULE_WORDS["misleading"], looked=looked, n=recommender.dataset.n_users)
    return _Found(tuple(chosen), words, plan.n)


def _popular_only(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    among, words = _some(np.arange(1, recommender.dataset.n_users + 1, dtype=np.int32), rng, RULE_WORDS[plan.rule])
    listed = _listed(recommender, among, plan.k)
    parts = listed.filter(like=columns.PART_PREFIX).abs()
    named = [name for part in POPULARITY_PARTS if (name := columns.PART_PREFIX + part) in parts]
    if not named:
        raise InputError(say("This run has no popularity part that could decide alone: choose another rule."))
    share = (parts[named].sum(axis=1) / parts.sum(axis=1)).fillna(0.0).to_numpy()
    rows = _choose(listed, share, rng.random(len(listed)), plan.n)
    reasons = [_POPULAR.format(share=100 * found) for found in share[rows]]
    return _taken(listed, rows, reasons, plan, words)


def _disagreement(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    from metarec_core.training.baselines import fit_baselines

    data = recommender.dataset
    (baseline,) = fit_baselines([plan.baseline], split.known, data, plan.seed)
    among, words = _some(np.arange(1, data.n_users + 1, dtype=np.int32), rng, RULE_WORDS[plan.rule])
    listed = _listed(recommender, among, plan.k)
    theirs = _ranks_by(cast(Scorer, baseline), recommender, listed)
    rows = _choose(listed, theirs, rng.random(len(listed)), plan.n)
    ours = listed[columns.RANK].to_numpy()
    reasons = [_RANKED.format(ours=ours[row], theirs=theirs[row], baseline=plan.baseline) for row in rows]
    return _taken(listed, rows, reasons, plan, words)


def _given(recommender: Recommender, plan: Plan, split: Split, rng: np.random.Generator) -> _Found:
    recommender.dataset.users.numbers([user for user, _ in plan.pairs])
    recommender.dataset.items.numbers([item for _, item in plan.pairs])
    pairs = tuple(dict.fromkeys(plan.pairs))
    return _Found(tuple(Sampled(user, item) for user, item in pairs), RULE_WORDS["given"], len(pairs))


_Finder = Callable[[Recommender, Plan, Split, np.random.Generator], _Found]
_FINDERS: Final[Mapping[RuleName, _Finder]] = MappingProxyType(
    {
        "random": _random,
        "cold": _cold,
        "worst_served": _worst_served,
        "misleading": _misleading,
        "popular_only": _popular_only,
        "disagreement": _disagreement,
        "given": _given,
    }
)

_NUMBER: Final = "user_number"


def _drawn(recommender: Recommender, n: int, rng: np.random.Generator) -> Int32Array:
    """Up to ``n`` user numbers without repetition."""
    n_users = recommender.dataset.n_users
    return rng.choice(n_users, size=min(n, n_users), replace=False).astype(np.int32) + 1


def _some(users: Int32Array, rng: np.random.Generator, rule: str) -> tuple[Int32Array, str]:
    """All of these users, or as many as can be scored in a moment, and what is said of that."""
    if len(users) <= MOST_USERS:
        return users, _AMONG_ALL.format(rule=rule, n=len(users))
    some = np.sort(rng.choice(users, size=MOST_USERS, replace=False))
    return some, _AMONG_SOME.format(rule=rule, some=MOST_USERS, n=len(users))


def _listed(recommender: Recommender, users: Int32Array, k: int) -> pd.DataFrame:
    """Lists of some users with their parts, and each row's user number."""
    ids = [recommender.dataset.users.id(int(user)) for user in users]
    frame = recommender.recommend(ids, k).frame
    numbers = recommender.dataset.users.numbers(list(frame[columns.USER_ID]))
    return frame.assign(**{_NUMBER: numbers})


def _choose(listed: pd.DataFrame, keys: Float64Array, ties: Float64Array, n: int) -> Int64Array:
    """Rows with the greatest keys, every user's best before anybody's second best.

    Args:
        listed: R rows of lists.
        keys: float64 [R], greater is taken earlier.
        ties: float64 [R], lesser is taken earlier among equal keys.
        n: How many.
    """
    users = listed[_NUMBER].to_numpy()
    order = np.lexsort((ties, -keys, users))
    firsts = np.flatnonzero(np.r_[True, np.diff(users[order]) != 0]) if len(order) else order
    turn = np.arange(len(order)) - np.repeat(firsts, np.diff(np.r_[firsts, len(order)]))
    chosen: Int64Array = order[np.lexsort((ties[order], -keys[order], turn))][:n]
    return chosen


def _taken(listed: pd.DataFrame, rows: Int64Array, reasons: Sequence[str], plan: Plan, words: str = "") -> _Found:
    taken = listed.iloc[rows]
    chosen = tuple(map(Sampled, taken[columns.USER_ID], taken[columns.ITEM_ID], reasons))
    return _Found(chosen, _LISTED.format(which=words or RULE_WORDS[plan.rule], k=plan.k), plan.n)


def _ranks_by(scorer: Scorer, recommender: Recommender, listed: pd.DataFrame) -> Float64Array:
    """Where another model ranks each listed item for its user, float64 [R]."""
    data = recommender.dataset
    items = data.items.numbers(list(listed[columns.ITEM_ID]))
    users, owners = np.unique(listed[_NUMBER].to_numpy(dtype=np.int32), return_inverse=True)
    ranks = np.empty(len(listed))
    size = ranking.rows_per_block(data.n_items, len(scorer.part_names))
    for start in range(0, len(users), size):
        block = users[start : start + size]
        scores = scorer.score(user_batch(data, block, recommender.max_history)).total
        ends = data.events.offsets[block.astype(np.int64) + 1]
        ranking.hide_seen(scores, data, data.events.offsets[block], ends)
        rows = np.flatnonzero((owners >= start) & (owners < start + size))
        for place in np.split(rows, np.arange(size, len(rows), size)):  # so many at once that memory stays the same
            ranks[place] = ranking.ranks_of(scores[owners[place] - start], items[place])
    return ranks


def _events_words(count: int) -> str:
    return _ONE_EVENT if count == 1 else _EVENTS.format(n=count)


def with_pairs(plan: Plan, text: str) -> Plan:
    """A plan with the pairs of a text, a line each: user id, comma (or tab), item id; empty lines do not count.

    Raises:
        InputError: A line is no pair.
    """
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        user, separator, item = line.partition("\t") if "\t" in line else line.partition(",")
        if not separator or not user.strip() or not item.strip():
            raise InputError(
                say(
                    "Line {number} of the pairs, {strip!r}, is not a pair: write user ID, comma, item ID.",
                    number=number,
                    strip=line.strip(),
                )
            )
        pairs.append((user.strip(), item.strip()))
    return replace(plan, rule="given", pairs=tuple(pairs))
