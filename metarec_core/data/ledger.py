"""The account of one file's rows while cleaning: which are still there, and what became of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns
from metarec_core.data.columns import Match, TableName
from metarec_core.data.read import RawTable
from metarec_core.data.reasons import reason
from metarec_core.data.tables import CleaningStep

BoolArray = npt.NDArray[np.bool_]


class Ledger:
    """Rules work on all rows of the file and say which they mean; rows that went before are not counted again.

    Attributes:
        table: Which table the file is.
        raw: The file.
        used: Column inside MetaRec → the file's column; a rule that cannot use a column removes it.
        alive: bool [n_rows], rows that are still there.
        steps: What was done, in order.
    """

    def __init__(self, table: TableName, raw: RawTable, match: Match) -> None:
        self.table, self.raw = table, raw
        self.used = dict(match.used)
        self.alive: BoolArray = np.ones(len(raw.lines), dtype=np.bool_)
        self.steps: list[CleaningStep] = []
        self._affected: list[tuple[str, npt.NDArray[np.int64], pa.ChunkedArray]] = []
        if raw.n_ragged:
            self._step("ragged", "dropped", raw.n_ragged)
            self._remember("ragged", [line for line, _ in raw.ragged], [text for _, text in raw.ragged])
        if raw.unbalanced:
            self._step("unclosed_quote", "coerced", len(raw.unbalanced))
            self._remember("unclosed_quote", raw.unbalanced, [""] * len(raw.unbalanced))
        if raw.undecodable:
            self._step("undecodable", "coerced", len(raw.undecodable))
            self._remember("undecodable", raw.undecodable, [""] * len(raw.undecodable))

    @property
    def ignored(self) -> tuple[str, ...]:
        used = set(self.used.values())
        return tuple(name for name in self.raw.cells.column_names if name not in used)

    def texts(self, column: str) -> pa.ChunkedArray:
        """A column's cells without spaces around them, rows that are gone included."""
        cells = self.raw.cells.column(self.used[column])
        trimmed = pc.utf8_trim_whitespace(cells)
        return (
            cells if _n_bytes(trimmed) == _n_bytes(cells) else trimmed
        )  # a copy only where there is something to trim

    def drop(self, rows: BoolArray, rule: str, **values: object) -> None:
        """Take rows; ``values`` are for the rule's sentence."""
        rows = rows & self.alive
        if self._note(rows, rule, "dropped", values):
            self.alive &= ~rows

    def coerce(self, rows: BoolArray, rule: str, **values: object) -> None:
        self._note(rows & self.alive, rule, "coerced", values)

    def keep(self, n_rows: int, rule: str, **values: object) -> None:
        self._step(rule, "kept", n_rows, **values)

    def affected(self) -> pd.DataFrame:
        """Every row that was dropped or coerced, in the order of the rules: table, row, rule, text."""
        tables = [
            pa.table(
                {
                    "table": pa.repeat(pa.scalar(self.table, pa.large_string()), len(lines)),
                    "row": lines,
                    "rule": pa.repeat(pa.scalar(rule, pa.large_string()), len(lines)),
                    "text": texts,
                }
            )
            for rule, lines, texts in self._affected
        ]
        names = {"table": pa.large_string(), "row": pa.int64(), "rule": pa.large_string(), "text": pa.large_string()}
        frame: pd.DataFrame = pa.concat_tables([pa.schema(names).empty_table(), *tables]).to_pandas()
        return frame

    def frame(self, values: dict[str, Any]) -> pd.DataFrame:
        """The rows that are left, with their lines. ``values`` and the file's cells are given up for it, column by column:
        a large file is not held twice."""
        self.raw = replace(self.raw, cells=self.raw.cells.schema.empty_table())
        left, rows = pa.array(self.alive), {}
        values[columns.ROW] = self.raw.lines
        while values:
            name = next(iter(values))
            value = values.pop(name)
            rows[name] = (value if isinstance(value, pa.ChunkedArray) else pa.chunked_array([value])).filter(left)
            del value
        frame: pd.DataFrame = pa.table(rows).to_pandas(split_blocks=True)
        return frame

    def _note(
        self, rows: BoolArray, rule: str, action: Literal["dropped", "coerced"], values: dict[str, object]
    ) -> int:
        positions = np.flatnonzero(rows)
        if len(positions):
            rule = self._step(rule, action, len(positions), **values)
            self._remember(rule, self.raw.lines[positions], self.raw.texts(positions))
        return len(positions)

    def _remember(self, rule: str, lines: npt.ArrayLike, texts: pa.ChunkedArray | list[str]) -> None:
        if isinstance(texts, list):
            texts = pa.chunked_array([texts], pa.large_string())
        self._affected.append((rule, np.asarray(lines, dtype=np.int64), texts))

    def _step(self, rule: str, action: Literal["dropped", "coerced", "kept"], rows: int, **values: object) -> str:
        """Write a step down; its rule's name, which has the column that the rule is about."""
        words = reason(rule, self.table, **values)
        name = f"{rule}_{values['column']}" if "column" in values else rule
        self.steps.append(CleaningStep(name, self.table, action, rows, words))
        return name


def _n_bytes(texts: pa.ChunkedArray) -> int:
    return pc.sum(pc.binary_length(texts)).as_py() or 0
