"""What a sample domain is made of: topics, lines and steps in words, from which ``synthetic`` makes items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Step(NamedTuple):
    """One of the five things that people of a topic take in order.

    Attributes:
        name: Its part of titles.
        kind: Value of the domain's ``kind_column``.
        number: Typical value of the domain's ``number_column``.
        about: What it is, as a whole sentence.
    """

    name: str
    kind: str
    number: float
    about: str


@dataclass(frozen=True)
class Topic:
    """One subject of a domain.

    Attributes:
        subject: The topic inside titles.
        category: Where it stands in the catalogue.
        tags: Of its items; every item has two of them.
        details: What its items are good for, for the domain's ``purposes``.
        steps: What the five items of each line are, in the order people take them.
        makers: Who makes its items, where that goes by topic and not by line.
    """

    subject: str
    category: str
    tags: tuple[str, ...]
    details: tuple[str, ...]
    steps: tuple[Step, Step, Step, Step, Step]
    makers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Domain:
    """One sample data set.

    Templates know ``{maker}``, ``{line}``, ``{step}``, ``{subject}``, ``{place}`` and ``{part}`` (1 to 5).

    Attributes:
        item_prefix: Begins item ids.
        maker_column: Item column, and fact relation, for who makes an item.
        makers: Who makes the lines, in the order of ``lines``, from the start again when they run out.
        lines: Names of lines; every topic uses eight of them.
        titles: Templates, one drawn a line.
        openings: Sentence templates, each with ``{line}``, so that no two items have the same description.
        purposes: Sentence templates with ``{detail}``.
        places: Where things come from.
        place_column: Item column, and fact relation, for places.
        kind_column: Item column, and fact relation, for ``Step.kind``.
        order_relation: Fact relation from an item to the item one step before it.
        number_column: A numeric item column.
        number_decimals: How many digits it has after the point.
        has_ratings: Whether people rate what they use.
        topics: By name; also the order in which tastes drift.
    """

    item_prefix: str
    maker_column: str
    makers: tuple[str, ...]
    lines: tuple[str, ...]
    titles: tuple[str, ...]
    openings: tuple[str, ...]
    purposes: tuple[str, ...]
    places: tuple[str, ...]
    place_column: str
    kind_column: str
    order_relation: str
    number_column: str
    number_decimals: int
    has_ratings: bool
    topics: Mapping[str, Topic]
