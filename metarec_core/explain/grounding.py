"""Whether what a path says is in the files: each line that a step names is looked up again, past the arrays it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from metarec_core.data import columns
from metarec_core.data.tables import Tables
from metarec_core.graph.build import PARTS_OF_DAY, TIME_OF_DAY, WEEKDAY, WEEKDAYS
from metarec_core.graph.knowledge_graph import KnowledgeGraph
from metarec_core.graph.paths import Node, Step


@dataclass(frozen=True)
class Grounds:
    """What steps are held against.

    Attributes:
        tables: The tables that a run was trained on.
        graph: The graph that paths go along: it knows which names of a file became one relation.
        ties_are_sets: Whether events of the same second are a set, so that none of them follows another.
    """

    tables: Tables
    graph: KnowledgeGraph
    ties_are_sets: bool = False

    def hold(self, step: Step) -> bool:
        """Whether there is a line, and every line that the step names says what the step says."""
        return bool(step.rows) and all(self._says(step, row) for row in step.rows)

    def _says(self, step: Step, row: int) -> bool:
        frame, rows = self._frames[step.table]
        order, sorted_rows = rows
        low, high = np.searchsorted(sorted_rows, [row, row + 1])
        return any(self._line_says(step, frame, int(order[place])) for place in range(low, high))

    @cached_property
    def _frames(
        self,
    ) -> dict[str, tuple[pd.DataFrame, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]]:
        """Each table, and its places in the order of their lines."""
        found = {}
        tables = self.tables
        named = {"events": tables.events, "items": tables.items, "facts": tables.facts, "users": tables.users}
        for name, frame in named.items():
            if frame is not None:
                rows = frame[columns.ROW].to_numpy(dtype=np.int64)
                order = np.argsort(rows, kind="stable")
                found[name] = frame, (order, rows[order])
        return found

    def _line_says(self, step: Step, frame: pd.DataFrame, place: int) -> bool:
        def cell(column: str) -> str:
            return str(frame[column].iat[place]) if column in frame else ""

        if step.relation == "leads to":
            return self._has(cell(columns.ITEM_ID), step.target) and self._has(self._came_before(place), step.source)
        ends = {end.kind.partition(".")[0]: end.id for end in (step.source, step.target)}
        group, _, name = step.relation.partition(".")
        if group in ("chose", "user in context", "user attribute") and cell(columns.USER_ID) != ends["user"]:
            return False
        if group in ("chose", "item in context", "attribute", "fact") and cell(columns.ITEM_ID) != ends["item"]:
            return False
        match group:
            case "chose":
                return True
            case "attribute" | "user attribute":
                return ends[group] in _values(cell(name))
            case "fact":
                return cell(columns.RELATION) in self._names(step.relation) and cell(columns.ENTITY) == ends["entity"]
            case _:
                return self._situation(frame, place, name) == ends["context"]

    def _situation(self, frame: pd.DataFrame, place: int, name: str) -> str:
        if columns.CONTEXT_PREFIX + name in frame:
            return str(frame[columns.CONTEXT_PREFIX + name].iat[place])
        time = pd.Timestamp(str(frame[columns.TIME].iat[place]))
        derived = {TIME_OF_DAY: PARTS_OF_DAY[time.hour // 6], WEEKDAY: WEEKDAYS[time.weekday()]}
        return derived.get(name, "")

    def _names(self, key: str) -> tuple[str, ...]:
        return next(((one.name, *one.merged) for one in self.graph.relations if one.key == key), ())

    def _has(self, item_id: str, value: Node) -> bool:
        """Whether an item has a value, whatever the table that says so."""
        group, _, name = value.kind.partition(".")
        return value.id in (self._entities.get(item_id, ()) if group == "entity" else self._known(name, item_id))

    def _known(self, attribute: str, item_id: str) -> Iterable[str]:
        place = self._item_places.get(item_id)
        return () if place is None else _values(str(self.tables.items[attribute].iat[place]))

    @cached_property
    def _item_places(self) -> dict[str, int]:
        return {item_id: place for place, item_id in enumerate(self.tables.items[columns.ITEM_ID])}

    @cached_property
    def _entities(self) -> dict[str, set[str]]:
        facts = self.tables.facts
        if facts is None:
            return {}
        return {str(item_id): set(of) for item_id, of in facts.groupby(columns.ITEM_ID)[columns.ENTITY]}

    def _came_before(self, place: int) -> str:
        return str(self._previous[place])

    @cached_property
    def _previous(self) -> npt.NDArray[np.object_]:
        """For each event the item that its user had chosen before; empty for a user's first."""
        events = self.tables.events
        order = events.sort_values([columns.USER_ID, columns.TIME, columns.ROW], kind="stable")
        users, moment = order[columns.USER_ID], order[columns.TIME]
        if self.ties_are_sets:
            moment = moment.dt.floor("s") if self.tables.has_clock_times else moment
            begins = (users != users.shift()) | (moment != moment.shift())
        else:
            begins = pd.Series(True, index=order.index)
        before = order[columns.ITEM_ID].shift().where((users == users.shift()) & begins)
        carried = before.where(begins).groupby(begins.cumsum()).transform("first").fillna("")
        return carried.reindex(events.index).to_numpy(dtype=object)


def _values(cell: str) -> set[str]:
    return {value.strip() for value in cell.split(columns.VALUE_SEPARATOR)}
