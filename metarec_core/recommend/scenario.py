"""A situation that somebody thought up: what the past, the request and the model would have to be. It travels as a short text.

::

    link    see ``recommend.link``        file    the same JSON, readable

Both are read as if a stranger had written them: sizes are limited before anything is unpacked, every value is checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self, TypeVar

from metarec_core.errors import InputError
from metarec_core.language import say
from metarec_core.recommend.link import LARGEST, LONGEST, pack, unpack

T = TypeVar("T")

FORMAT: Final = 1

LARGEST_FILE: Final = LARGEST
"""Bytes of the JSON, in a file and unpacked from a link."""

MOST_EVENTS: Final = 1_000

LONGEST_TEXT: Final = 500
"""Characters of one id, value or of the words."""

LARGEST_SCALE: Final = 10.0

_KEY: Final = "metarec_scenario"
_LARGEST_TIME: Final = 2**53
_MOST_ENTRIES: Final = 200


@dataclass(frozen=True)
class Scenario:
    """What a list is asked for.

    Attributes:
        user_id: Whose list it is set beside, and whose items stay out of it; None for somebody new.
        items: Item ids of the history, oldest first.
        times: When, one an item, never falling, in the unit of ``Interactions.times``.
        now: The moment of the request, in the same unit.
        context: Value of a context column or of what counts as one (``Dataset.request_vocabularies``), by column; the others
            are unknown.
        scales: What a part's share of the score is multiplied by, by part: 0 mutes it; parts not named count as they are.
        excluded: Values by attribute; items that have one of them stay out of the list.
        words: A taste in words, read by the text part as one more event of the history.
    """

    user_id: str | None = None
    items: tuple[str, ...] = ()
    times: tuple[int, ...] = ()
    now: int = 0
    context: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: str = ""

    def without(self, place: int) -> Self:
        """The same without the event at a place."""
        return replace(self, items=_without(self.items, place), times=_without(self.times, place))

    def followed_by(self, item_id: str) -> Self:
        """The same after one item more, chosen at the moment of the request."""
        return replace(self, items=(*self.items, item_id), times=(*self.times, max((self.now, *self.times[-1:]))))

    def moved(self, place: int, by: int) -> Self:
        """The same with an event ``by`` places later, or earlier; the others close up, and times stay in order."""
        target = min(max(place + by, 0), len(self.items) - 1)
        items = list(_without(self.items, place))
        items.insert(target, self.items[place])
        return replace(self, items=tuple(items))

    def ordered(self, places: Sequence[int]) -> Self:
        """The same with only the events at some places, in that order; the times are theirs, rising."""
        return replace(
            self, items=tuple(self.items[p] for p in places), times=tuple(sorted(self.times[p] for p in places))
        )

    def in_context(self, column: str, value: str | None) -> Self:
        """The same with a context column's value; None makes it unknown."""
        return replace(self, context=_changed(self.context, column, value))

    def scaled(self, part: str, factor: float) -> Self:
        """The same with a part that counts ``factor`` times as much."""
        return replace(self, scales=_changed(self.scales, part, None if factor == 1 else factor))

    def excluding(self, attribute: str, values: Sequence[str]) -> Self:
        """The same without items that have one of the values."""
        return replace(self, excluded=_changed(self.excluded, attribute, tuple(values) or None))

    def said(self, words: str) -> Self:
        """The same with other words for the taste."""
        return replace(self, words=" ".join(words.split())[:LONGEST_TEXT])

    def at(self, now: int) -> Self:
        """The same, asked for at another moment; events after it would be of the future, and stay out."""
        kept = [place for place, time in enumerate(self.times) if time <= now]
        return replace(self.ordered(kept), now=now)

    def to_json(self) -> str:
        """As a file, which ``from_json`` reads."""
        return json.dumps(self._plain(), ensure_ascii=False, indent=1)

    def to_link(self) -> str:
        """As text for an address, which ``from_link`` reads.

        Raises:
            InputError: It is too long for a link.
        """
        text = pack(self._plain())
        if len(text) > LONGEST:
            raise InputError(
                say(
                    "This scenario is too long for a link ({n_text:,} of {longest_link:,} characters): "
                    "remove some events.",
                    n_text=len(text),
                    longest_link=LONGEST,
                )
            )
        return text

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a file.

        Raises:
            InputError: It is not a scenario, or too large for one.
        """
        if len(text) > LARGEST_FILE:
            raise _wrong(say("it is larger than {most:,} bytes", most=LARGEST_FILE))
        try:
            return cls._read(json.loads(text))
        except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, numbers without end
            raise _wrong(say("it is not JSON")) from error

    @classmethod
    def from_link(cls, text: str) -> Self:
        """Read the text of an address.

        Raises:
            InputError: It is not a scenario, or too large for one.
        """
        if len(text) > LONGEST:
            raise _wrong(say("its link is too long"))
        try:
            return cls.from_json(unpack(text))
        except ValueError as error:
            raise _wrong(say("its link is damaged")) from error

    def _plain(self) -> dict[str, Any]:
        """Plain values, the empty ones left out; times as steps, which are short."""
        steps = [time - before for time, before in zip(self.times, (0, *self.times), strict=False)]
        values = {
            "user": self.user_id,
            "items": list(self.items),
            "time_steps": steps,
            "now": self.now,
            "context": dict(self.context),
            "scales": dict(self.scales),
            "excluded": {name: list(values) for name, values in self.excluded.items()},
            "words": self.words,
        }
        return {_KEY: FORMAT, **{name: value for name, value in values.items() if value}}

    @classmethod
    def _read(cls, values: Any) -> Self:
        if not isinstance(values, dict) or _KEY not in values:
            raise _wrong(say("it contains no scenario"))
        if values[_KEY] != FORMAT:
            raise _wrong(
                say("it has format {found!r}; this version reads {format}", found=str(values[_KEY])[:20], format=FORMAT)
            )
        known = {_KEY, "user", "items", "time_steps", "now", "context", "scales", "excluded", "words"}
        if unknown := sorted(str(name) for name in values.keys() - known):
            raise _wrong(say("{name!r} is not known", name=unknown[0][:40]))
        items = _texts(values.get("items", []), "items", MOST_EVENTS)
        times: list[int] = []
        for step in _list(values.get("time_steps", []), "time_steps", MOST_EVENTS):
            times.append((times[-1] if times else 0) + _whole(step, "time_steps"))
            if times[-1] < (times[-2] if len(times) > 1 else -_LARGEST_TIME):
                raise _wrong(say("its times go backwards"))
        if len(times) != len(items):
            raise _wrong(say("it does not have one time per item"))
        user = values.get("user")
        return cls(
            user_id=None if user is None else _text(user, "user"),
            items=items,
            times=tuple(times),
            now=_whole(values.get("now", 0), "now"),
            context={_text(n, "context"): _text(v, "context") for n, v in _map(values.get("context"), "context")},
            scales={_text(n, "scales"): _scale(v) for n, v in _map(values.get("scales"), "scales")},
            excluded={
                _text(n, "excluded"): _texts(v, "excluded", MOST_EVENTS)
                for n, v in _map(values.get("excluded"), "excluded")
            },
            words=_text(values.get("words", ""), "words"),
        )


def _wrong(what: str) -> InputError:
    return InputError(say("This scenario cannot be opened, {what}: ask for the link or the file again.", what=what))


def _list(value: Any, name: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _wrong(say("{name} is not a list of at most {most:,}", name=name, most=most))
    return value


def _map(value: Any, name: str) -> Sequence[tuple[Any, Any]]:
    if value is None:
        return ()
    if not isinstance(value, dict) or len(value) > _MOST_ENTRIES:
        raise _wrong(say("{name} is not a table of at most {most} entries", name=name, most=_MOST_ENTRIES))
    return tuple(value.items())


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise _wrong(
            say(
                "{name} contains something that is not a text of at most {most} characters",
                name=name,
                most=LONGEST_TEXT,
            )
        )
    return value


def _texts(value: Any, name: str, most: int) -> tuple[str, ...]:
    return tuple(_text(text, name) for text in _list(value, name, most))


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_TIME:
        raise _wrong(say("{name} contains something that is not a time", name=name))
    return value


def _scale(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LARGEST_SCALE:
        raise _wrong(say("scales contains something that is not a number from 0 to {most:g}", most=LARGEST_SCALE))
    return float(value) if math.isfinite(value) else 0.0


def _without(values: tuple[T, ...], place: int) -> tuple[T, ...]:
    return (*values[:place], *values[place + 1 :])


def _changed(values: Mapping[str, T], name: str, value: T | None) -> dict[str, T]:
    kept = {key: old for key, old in values.items() if key != name}
    return kept if value is None else {**kept, name: value}
