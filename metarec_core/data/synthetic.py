"""Make the sample data: four domains with structure a good model finds and popularity does not.

``python -m metarec_core.data.synthetic --out sample_data`` writes the committed files again, byte for byte. What is planted:

- *long tail*: within a topic, items are chosen by a power law;
- *taste that drifts*: each user's interests move from some topics to the ones after them;
- *loyalty*: everybody has favourite makers, whatever the topic, so who reads a whole history knows more than who reads its end;
- *errands*: within a session people go on to the next step of what they took last, or compare it with its like, mostly by their
  favourite makers; now and then they stay within one line of five steps, or take the one companion that goes with it;
- *coming back*: a session may go on from what an earlier one was about;
- *beginnings*: the first events go by what everyone looks at, later ones by interests;
- *sessions*: a few events minutes apart, on one device at one time of day, as the person is used to;
- *situations*: every topic has a time of day at which it is looked at more;
- *new items*: one in eight appears late, so it has few events or none; for two weeks it is looked at more;
- *dirt*: the rows that ``DIRT`` counts, as exports have them.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.data.sample_domains import DOMAINS, Domain, Step, Topic

SEED: Final = 20_260_101
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 180
N_USERS: Final = 800
MEAN_EVENTS: Final = 19.4
N_LINES: Final = 8
N_STEPS: Final = 5

TAIL: Final = 1.05
"""Within a topic, the item of rank r is chosen in proportion to 1 / r to this power."""
FLATTENED: Final = 0.6
"""Where somebody's own interests choose, popularity counts to this power only."""
CONTINUE: Final = 0.8
"""Chance that an event within a session goes on with the session's errand."""
COME_BACK: Final = 0.4
"""Chance that a session opens with the next step of something taken earlier, mostly two or three events ago."""
INTEREST: Final = 0.8
"""Chance that any other event comes from the user's interests of the moment, once these are formed; else from what everyone
looks at."""
FORMED: Final = 8.0
"""Events after which two thirds of that chance are reached."""
ERRANDS: Final[Mapping[str, float]] = MappingProxyType(
    {"next step": 2.0, "its like": 1.4, "same line": 0.2, "companion": 0.2}
)
"""What sessions are for, and how common that is."""
HABIT: Final = 0.3
"""Concentration of a person's errands: the lower, the more each person has one kind only."""
LOYALTY: Final = 0.15
"""Concentration of a person's liking for makers; a maker without any counts ``STRANGER`` all the same."""
STRANGER: Final = 0.02
NEW_FOR: Final = 14.0
"""Days for which an item that has appeared interests ``NEWS`` times as much."""
NEWS: Final = 3.0

DIRT: Final[Mapping[str, int]] = MappingProxyType(
    {
        "duplicate rows": 40,
        "rows without user": 12,
        "rows without item": 8,
        "unreadable times": 10,
        "rows of a bot": 2_100,
    }
)
USER_COLUMN, ITEM_COLUMN, TIME_COLUMN, RATING_COLUMN = 0, 1, 2, 5
BOT_DAY: Final = 108
IMPOSSIBLE_RATINGS: Final = 15
"""In the domain with ratings: 99 on a scale of 1 to 5."""

NEW_SESSION: Final = 0.28
"""Chance that an event opens a session; a session has three to four."""
TIMES_OF_DAY: Final = ("morning", "afternoon", "evening", "night")
HOURS: Final = np.array([6.5, 12.5, 18.5, 21.5])
"""When each time of day begins; sessions begin within two hours of it."""
DEVICES: Final = ("phone", "tablet", "computer")
FITTING: Final = 2.5
"""How much more a topic interests at its time of day."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Rows = list[list[str]]


@dataclass(frozen=True)
class _Catalogue:
    """Items in numbers: item = (topic · lines + line) · steps + step."""

    topic: IntArray
    step: IntArray
    follower: IntArray  # the line's next step, -1 after the last
    companion: IntArray  # an item of the next topic that goes with it
    maker: IntArray
    appeal: FloatArray
    released: FloatArray  # day

    @property
    def n_items(self) -> int:
        return len(self.topic)


def generate(domain: Domain, seed: int = SEED, n_users: int = N_USERS) -> dict[str, Rows]:
    """One domain's files as rows of text, headers first: "behaviour", "items", "facts".

    Args:
        domain: Words and shape.
        seed: The same seed gives the same rows.
        n_users: How many people, at least 25, so that there are rows to plant dirt in. Items do not depend on it.
    """
    shape, words, people = np.random.default_rng([seed, *domain.item_prefix.encode()]).spawn(3)
    catalogue = _catalogue(domain, shape)
    items, facts = _describe(domain, words)
    return {"behaviour": _behave(domain, catalogue, n_users, people), "items": items, "facts": facts}


def _catalogue(domain: Domain, rng: np.random.Generator) -> _Catalogue:
    n_topics = len(domain.topics)
    makers = [_maker(domain, position, line) for position in range(n_topics) for line in range(N_LINES)]
    maker = np.repeat(np.unique(makers, return_inverse=True)[1], N_STEPS)
    in_topic = N_LINES * N_STEPS
    n_items = n_topics * in_topic
    number = np.arange(n_items)
    topic, step = number // in_topic, number % N_STEPS
    follower = np.where(step < N_STEPS - 1, number + 1, -1)
    companion = (topic + 1) % n_topics * in_topic + rng.integers(in_topic, size=n_items)
    rank = np.concatenate([1 + rng.permutation(in_topic) for _ in range(n_topics)])
    appeal = np.repeat(rng.lognormal(0, 0.6, n_topics), in_topic) * rank**-TAIL * 0.8**step
    released = np.where(rng.random(n_items) < 0.125, rng.uniform(0.4, 0.97, n_items) * DAYS, 0.0)
    return _Catalogue(topic, step, follower, companion, maker, appeal, released)


def _line(domain: Domain, position: int, line: int) -> int:
    """Which of the domain's lines a topic's line is."""
    return (position * 3 + line) % len(domain.lines)


def _maker(domain: Domain, position: int, line: int) -> str:
    """Who makes a line of the topic at a position: its makers take turns, or the domain's with their lines."""
    topic = list(domain.topics.values())[position]
    if topic.makers:
        return topic.makers[line % len(topic.makers)]
    return domain.makers[_line(domain, position, line) % len(domain.makers)]


def _describe(domain: Domain, rng: np.random.Generator) -> tuple[Rows, Rows]:
    columns = (domain.maker_column, domain.kind_column, domain.place_column, domain.number_column)
    items = [["item_id", "title", "description", "category", "tags", *columns]]
    facts = [["item_id", "relation", "entity"]]
    dearness = dict(zip(domain.makers, rng.uniform(0.8, 1.3, len(domain.makers)), strict=True))
    for position, (name, topic) in enumerate(domain.topics.items()):
        for line in range(N_LINES):
            words = {
                "subject": topic.subject,
                "line": domain.lines[_line(domain, position, line)],
                "maker": _maker(domain, position, line),
                "place": str(rng.choice(domain.places)),
            }
            title = str(rng.choice(domain.titles))
            level = dearness.get(words["maker"], 1.0)
            for part, step in enumerate(topic.steps, start=1):
                item_id = _item_id(domain, len(items) - 1)
                values = words | {"step": step.name, "part": str(part)}
                value = step.number * level * rng.uniform(0.9, 1.1)
                items.append(
                    [
                        item_id,
                        title.format(**values),
                        _description(domain, topic, step, values, rng),
                        topic.category,
                        "|".join(sorted(rng.choice(topic.tags, size=2, replace=False))),
                        words["maker"],
                        step.kind,
                        words["place"],
                        f"{value:.{domain.number_decimals}f}",
                    ]
                )
                facts += [
                    [item_id, domain.maker_column, words["maker"]],
                    [item_id, domain.kind_column, step.kind],
                    [item_id, domain.place_column, words["place"]],
                    [item_id, "part_of", f"{words['line']} ({name})"],
                    [item_id, "about", name],
                ]
                if part > 1:
                    facts.append([item_id, domain.order_relation, _item_id(domain, len(items) - 3)])
    return items, facts


def _description(domain: Domain, topic: Topic, step: Step, values: Mapping[str, str], rng: np.random.Generator) -> str:
    """What it is, then whose it is and what for, in either order."""
    sentences = [
        str(rng.choice(domain.openings)).format(**values),
        str(rng.choice(domain.purposes)).format(detail=rng.choice(topic.details)),
    ]
    return " ".join([step.about, *(sentences if rng.random() < 0.5 else reversed(sentences))])


def _behave(domain: Domain, catalogue: _Catalogue, n_users: int, rng: np.random.Generator) -> Rows:
    header = ["user_id", "item_id", "timestamp", "device", "time_of_day"]
    if domain.has_ratings:
        header.append("rating")
    rows = [row for user in range(n_users) for row in _one_user(domain, catalogue, f"u{user + 1:04d}", rng)]
    rows.sort(key=lambda row: row[TIME_COLUMN])
    return [header, *_with_dirt(domain, catalogue, rows, rng)]


def _one_user(domain: Domain, catalogue: _Catalogue, user_id: str, rng: np.random.Generator) -> Rows:
    n_topics = len(domain.topics)
    n_events = int(np.clip(rng.lognormal(np.log(MEAN_EVENTS) - 0.32, 0.8), 4, 120))
    days, part_of_day, device, opens = _moments(n_events, rng)
    early = rng.dirichlet(np.full(n_topics, 0.18))
    late = 0.6 * np.roll(early, 1) + 0.4 * rng.dirichlet(np.full(n_topics, 0.18))
    liking = STRANGER + rng.dirichlet(np.full(catalogue.maker.max() + 1, LOYALTY))[catalogue.maker]
    own = catalogue.appeal**FLATTENED * liking
    habit = rng.dirichlet(HABIT * np.array(list(ERRANDS.values())))
    errand = ""
    seen = np.zeros(catalogue.n_items, dtype=np.bool_)
    chosen: list[int] = []
    rows: Rows = []
    for day, part, tool, is_first in zip(days, part_of_day, device, opens, strict=True):
        open_to = ~seen & (catalogue.released <= day)
        if is_first:
            errand = list(ERRANDS)[rng.choice(len(ERRANDS), p=habit)]
        chances = np.zeros(catalogue.n_items)
        if chosen and rng.random() < (COME_BACK if is_first else CONTINUE):
            back = min(int(rng.geometric(0.5)) + 1, len(chosen)) if is_first else 1
            chances = own * _goes_on(catalogue, "next step" if is_first else errand, chosen[-back]) * open_to
        if not chances.any():
            chances = catalogue.appeal * np.where(catalogue.topic % 3 == part, FITTING, 1.0)
            chances = chances * np.where((catalogue.released > 0) & (day - catalogue.released < NEW_FOR), NEWS, 1.0)
            if rng.random() < INTEREST * (1 - np.exp(-(len(chosen) + 1) / FORMED)):
                taste = early + (late - early) * day / DAYS
                chances = chances**FLATTENED * taste[catalogue.topic] * liking
            chances = chances * open_to
        item = int(rng.choice(catalogue.n_items, p=chances / chances.sum()))
        seen[item] = True
        chosen.append(item)
        row = [user_id, _item_id(domain, item), _iso(day), DEVICES[tool], TIMES_OF_DAY[part]]
        if domain.has_ratings:
            interest = early[catalogue.topic[item]] + late[catalogue.topic[item]]
            row.append(str(int(np.clip(round(3.2 + 2.2 * interest + rng.normal(0, 0.9)), 1, 5))))
        rows.append(row)
    return rows


def _goes_on(catalogue: _Catalogue, errand: str, origin: int) -> npt.NDArray[np.bool_]:
    """Which items come after an item on an errand; none where a line ends."""
    if errand in ("next step", "its like"):
        ahead = 1 if errand == "next step" else 0
        fits = (catalogue.topic == catalogue.topic[origin]) & (catalogue.step == catalogue.step[origin] + ahead)
    else:
        one = catalogue.follower[origin] if errand == "same line" else catalogue.companion[origin]
        fits = np.arange(catalogue.n_items) == one
    return np.asarray(fits, dtype=np.bool_)


def _moments(n_events: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray, IntArray, npt.NDArray[np.bool_]]:
    """When a person's events are, in order: day with its fraction, number of the time of day, number of the device, and whether
    it opens a session."""
    opens = rng.random(n_events) < NEW_SESSION
    opens[0] = True
    session = np.cumsum(opens) - 1
    n_sessions = int(session[-1]) + 1
    first = rng.beta(0.6, 0.9) * 0.97 * DAYS
    last = first + (DAYS - 1 - first) * rng.uniform(0.5, 1.0)
    habit = rng.dirichlet([1.2, 1.0, 1.6, 0.4])
    part_of_day = rng.choice(len(TIMES_OF_DAY), size=n_sessions, p=habit)
    begin = np.floor(rng.uniform(first, last, n_sessions)) + (HOURS[part_of_day] + rng.uniform(0, 2, n_sessions)) / 24
    order = np.argsort(begin)
    part_of_day, begin = part_of_day[order], begin[order]
    tools = rng.dirichlet([2.0, 0.5, 1.2]) * np.where(part_of_day[:, None] == 1, [1.0, 1.0, 3.0], [1.0, 1.0, 0.7])
    device = (rng.random((n_sessions, 1)) * tools.sum(axis=1, keepdims=True) > tools.cumsum(axis=1)).sum(axis=1)
    passed = np.cumsum(rng.lognormal(np.log(3), 0.8, n_events) + 0.2) / (24 * 60)
    within = passed - passed[opens][session]
    days = begin[session] + within
    sorted_by_time = np.argsort(days, kind="stable")
    session = session[sorted_by_time]
    opened = np.diff(session, prepend=-1) != 0
    return days[sorted_by_time], part_of_day[session], device[session], opened


def _with_dirt(domain: Domain, catalogue: _Catalogue, rows: Rows, rng: np.random.Generator) -> Rows:
    """The rows with planted dirty ones among them, near their time, so that the file stays in order as a log is."""
    rows = [list(row) for row in rows]
    places = iter(rng.permutation(len(rows)).tolist())
    if domain.has_ratings:
        for _ in range(IMPOSSIBLE_RATINGS):
            rows[next(places)][RATING_COLUMN] = "99"
    timed = [(row[TIME_COLUMN], row) for row in rows]
    for what, column, value in (
        ("duplicate rows", None, ""),
        ("rows without user", USER_COLUMN, ""),
        ("rows without item", ITEM_COLUMN, ""),
        ("unreadable times", TIME_COLUMN, "not recorded"),
    ):
        for _ in range(DIRT[what]):
            row = list(rows[next(places)])
            time = row[TIME_COLUMN]
            if column is not None:
                row[column] = value
            timed.append((time, row))
    for i, item in enumerate(rng.integers(catalogue.n_items, size=DIRT["rows of a bot"]).tolist()):
        time = _iso(BOT_DAY + i * 30 / 86_400)
        row = ["crawler-7", _item_id(domain, item), time, "computer", "night"]
        timed.append((time, [*row, "3"] if domain.has_ratings else row))
    return [row for _, row in sorted(timed, key=lambda one: one[0])]


def _item_id(domain: Domain, number: int) -> str:
    return f"{domain.item_prefix}-{number + 1:04d}"


def _iso(days: float) -> str:
    return (START + timedelta(seconds=round(float(days) * 86_400))).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(out: Path, seed: int = SEED) -> None:
    """Write every domain's files under ``out``."""
    for name, domain in DOMAINS.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, rows in generate(domain, seed).items():
            with (folder / f"{file}.csv").open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(rows)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m metarec_core.data.synthetic", description="Write the sample data.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the domains' folders")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="another seed gives other people with the same structure"
    )
    options = parser.parse_args(arguments)
    write(options.out, options.seed)


if __name__ == "__main__":
    main(sys.argv[1:])
