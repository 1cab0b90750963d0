"""Make the sample data: four domains with structure a good model finds and popularity does not.

``python -m metarec_core.data.synthetic --out sample_data`` writes the committed files again, byte for byte. What is planted:

- *long tail*: within a topic, items are chosen by a power law;
- *taste that drifts*: each user's interests move from some topics to the ones after them;
- *order*: lines of five steps taken one after the other, and companions, items that follow an item of another topic;
- *situations*: the time of day and the device go together, and with the person;
- *new items*: one in eight appears late, so it has few events or none;
- *dirt*: the rows that ``DIRT`` counts, as exports have them.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from metarec_core.data.sample_domains import DOMAINS, Domain

SEED: Final = 20_260_101
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
DAYS: Final = 180
N_USERS: Final = 800
MEAN_EVENTS: Final = 18.75
N_LINES: Final = 8
N_STEPS: Final = 5

CONTINUE: Final = 0.45
"""Chance that the next event follows from an earlier one: the line's next step, or a companion."""
INTEREST: Final = 0.45
"""Chance that it comes from the user's interests of the moment; the rest is what everyone looks at."""

DIRT: Final[Mapping[str, int]] = MappingProxyType(
    {
        "duplicate rows": 40,
        "rows without user": 12,
        "rows without item": 8,
        "unreadable times": 10,
        "rows of a bot": 2_100,
    }
)
IMPOSSIBLE_RATINGS: Final = 15
"""In the domain with ratings: 99 on a scale of 1 to 5."""

TIMES_OF_DAY: Final = {"morning": 8, "afternoon": 14, "evening": 20, "night": 23}
DEVICES: Final = ("phone", "tablet", "computer")

FloatArray = npt.NDArray[np.float64]
Rows = list[list[str]]


@dataclass(frozen=True)
class _Catalogue:
    """Items in numbers: item = (topic · lines + line) · steps + step."""

    topic: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    follower: npt.NDArray[np.int64]  # the line's next step, -1 after the last
    companion: npt.NDArray[np.int64]  # an item of the next topic that goes with it
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
        n_users: How many people.
    """
    rng = np.random.default_rng([seed, *domain.item_prefix.encode()])
    catalogue = _catalogue(len(domain.topics), rng)
    items, facts = _describe(domain, catalogue, rng)
    behaviour = _behave(domain, catalogue, n_users, rng)
    return {"behaviour": behaviour, "items": items, "facts": facts}


def _catalogue(n_topics: int, rng: np.random.Generator) -> _Catalogue:
    n_items = n_topics * N_LINES * N_STEPS
    number = np.arange(n_items)
    topic, step = number // (N_LINES * N_STEPS), number % N_STEPS
    follower = np.where(step < N_STEPS - 1, number + 1, -1)
    next_topic = (topic + 1) % n_topics
    companion = next_topic * N_LINES * N_STEPS + rng.integers(N_LINES * N_STEPS, size=n_items)
    rank = np.empty(n_items)
    for first in range(0, n_items, N_LINES * N_STEPS):
        rank[first : first + N_LINES * N_STEPS] = 1 + rng.permutation(N_LINES * N_STEPS)
    released = np.where(rng.random(n_items) < 0.125, rng.uniform(0.4, 0.97, n_items) * DAYS, 0.0)
    appeal = rank**-0.9 * 0.8**step
    return _Catalogue(topic, step, follower, companion, appeal, released)


def _describe(domain: Domain, catalogue: _Catalogue, rng: np.random.Generator) -> tuple[Rows, Rows]:
    items = [["item_id", "title", "description", "category", "tags", domain.maker_column, domain.number_column]]
    facts = [["item_id", "relation", "entity"]]
    low, high = domain.number_range
    number = 0
    for position, (name, topic) in enumerate(domain.topics.items()):
        lines = [domain.lines[(position * 3 + i) % len(domain.lines)] for i in range(N_LINES)]
        for line in lines:
            maker = str(rng.choice(domain.makers))
            place = str(rng.choice(domain.places))
            for step in topic.steps:
                words = {"maker": maker, "line": line, "step": step, "category": topic.category, "place": place}
                detail = str(rng.choice(topic.details))
                description = str(rng.choice(domain.descriptions)).format(**words, detail=detail)
                tags = sorted(rng.choice(topic.tags, size=2, replace=False))
                value = low * (high / low) ** rng.beta(2, 2)
                item_id = _item_id(domain, number)
                items.append(
                    [
                        item_id,
                        domain.title.format(**words),
                        description[0].upper() + description[1:],
                        topic.category,
                        "|".join(tags),
                        maker,
                        f"{value:.2f}" if high < 10 else f"{value:.0f}",
                    ]
                )
                facts += [
                    [item_id, domain.maker_column, maker],
                    [item_id, "part_of", f"{line} ({name})"],
                    [item_id, domain.place_relation, place],
                    [item_id, "about", name],
                ]
                number += 1
    return items, facts


def _behave(domain: Domain, catalogue: _Catalogue, n_users: int, rng: np.random.Generator) -> Rows:
    header = ["user_id", "item_id", "timestamp", "device", "time_of_day"]
    if domain.has_ratings:
        header.append("rating")
    events: list[tuple[float, list[str]]] = []
    for user in range(n_users):
        events += _one_user(domain, catalogue, f"u{user + 1:04d}", rng)
    events.sort(key=lambda event: event[0])
    rows = [row for _, row in events]
    return [header, *_with_dirt(domain, catalogue, rows, rng)]


def _one_user(
    domain: Domain, catalogue: _Catalogue, user_id: str, rng: np.random.Generator
) -> list[tuple[float, list[str]]]:
    n_topics = len(domain.topics)
    n_events = int(np.clip(rng.lognormal(np.log(MEAN_EVENTS) - 0.32, 0.8), 4, 120))
    days = np.sort(_session_days(n_events, rng))
    early = rng.dirichlet(np.full(n_topics, 0.18))
    late = 0.6 * np.roll(early, 1) + 0.4 * rng.dirichlet(np.full(n_topics, 0.18))
    favourite = np.where(
        np.isin(np.arange(catalogue.n_items) // N_STEPS % N_LINES, rng.choice(N_LINES, 3, False)), 4.0, 1.0
    )
    hours = rng.dirichlet([1.2, 1.0, 1.6, 0.4])
    device_habit = rng.dirichlet([2.0, 0.5, 1.2])
    seen = np.zeros(catalogue.n_items, dtype=bool)
    recent: list[int] = []
    events: list[tuple[float, list[str]]] = []
    for day in days:
        open_to = ~seen & (catalogue.released <= day)
        item = _follow(catalogue, recent, open_to, rng)
        if item is None:
            share = day / DAYS
            by_interest = rng.random() < INTEREST / (1 - CONTINUE)
            interest = ((1 - share) * early + share * late)[catalogue.topic] * favourite if by_interest else 1.0
            chances = catalogue.appeal * interest * open_to
            item = int(rng.choice(catalogue.n_items, p=chances / chances.sum()))
        seen[item] = True
        recent.append(item)
        time_of_day = str(rng.choice(list(TIMES_OF_DAY), p=hours))
        work = np.array([1.0, 1.0, 3.0 if time_of_day == "afternoon" else 0.7]) * device_habit
        device = str(rng.choice(DEVICES, p=work / work.sum()))
        moment = np.floor(day) + (TIMES_OF_DAY[time_of_day] + rng.uniform(-1.5, 0.9)) / 24 + len(events) * 1e-6
        row = [user_id, _item_id(domain, item), _iso(moment), device, time_of_day]
        if domain.has_ratings:
            liking = early[catalogue.topic[item]] + late[catalogue.topic[item]]
            row.append(str(int(np.clip(round(3.2 + 2.2 * liking + rng.normal(0, 0.9)), 1, 5))))
        events.append((float(moment), row))
    return _in_order_chosen(events)


def _in_order_chosen(events: list[tuple[float, list[str]]]) -> list[tuple[float, list[str]]]:
    """Moments sorted, each with its own hour and device, given to the items in the order they were chosen."""
    chosen = [row[1] for _, row in events]
    ratings = [row[5:] for _, row in events]
    moments = sorted(events, key=lambda event: event[0])
    return [
        (moment, [row[0], item, *row[2:5], *rating])
        for (moment, row), item, rating in zip(moments, chosen, ratings, strict=True)
    ]


def _session_days(n_events: int, rng: np.random.Generator) -> FloatArray:
    """Days of events: a start, then sittings of about three events with gaps of days between them."""
    starts_session = rng.random(n_events) < 0.35
    gaps = np.where(starts_session, rng.exponential(1.0, n_events), 0.02)
    passed = np.cumsum(gaps)
    first = rng.uniform(0, 0.75) * DAYS
    room = (DAYS - 0.5 - first) * rng.uniform(0.5, 1.0)
    days: FloatArray = first + passed / passed[-1] * room
    return days


def _follow(
    catalogue: _Catalogue, recent: Sequence[int], open_to: npt.NDArray[np.bool_], rng: np.random.Generator
) -> int | None:
    """What follows from one of the last events, mostly the very last; None when nothing does this time."""
    if not recent or rng.random() > CONTINUE:
        return None
    back = min(int(rng.geometric(0.65)), len(recent))
    origin = recent[-back]
    follower = catalogue.follower[origin] if rng.random() < 0.7 else catalogue.companion[origin]
    return int(follower) if follower >= 0 and open_to[follower] else None


def _with_dirt(domain: Domain, catalogue: _Catalogue, rows: Rows, rng: np.random.Generator) -> Rows:
    """The rows with planted dirty ones among them."""
    dirty = [list(row) for row in rows]
    places = rng.permutation(len(dirty))
    taken = 0

    def some(count: int) -> Iterable[int]:
        nonlocal taken
        taken += count
        return places[taken - count : taken]

    copies = [list(dirty[i]) for i in some(DIRT["duplicate rows"])]
    broken: Rows = []
    for count, column, value in (
        (DIRT["rows without user"], 0, ""),
        (DIRT["rows without item"], 1, ""),
        (DIRT["unreadable times"], 2, "not recorded"),
    ):
        for i in some(count):
            row = list(dirty[i])
            row[column] = value
            broken.append(row)
    if domain.has_ratings:
        for i in some(IMPOSSIBLE_RATINGS):
            dirty[i][5] = "99"
    bot_day = DAYS * 0.6
    for i in range(DIRT["rows of a bot"]):
        item = _item_id(domain, int(rng.integers(catalogue.n_items)))
        bot = ["crawler-7", item, _iso(np.floor(bot_day) + i * 30 / 86_400), "computer", "night"]
        copies.append([*bot, "3"] if domain.has_ratings else bot)
    # Dirt lands near its time, so that the file stays in order as a log is; a row without a readable time anywhere.
    for row in [*copies, *broken]:
        position = int(rng.integers(len(dirty))) if row[2] == "not recorded" else _place(dirty, row[2])
        dirty.insert(position, row)
    return dirty


def _place(rows: Rows, time: str) -> int:
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle][2] <= time or not rows[middle][2].startswith("2"):
            low = middle + 1
        else:
            high = middle
    return low


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
