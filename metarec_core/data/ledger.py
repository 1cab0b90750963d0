"""The account of one file's rows while cleaning: which are still there, and what became of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns
from metarec_core.data.columns import Match, TableName
from metarec_core.data.read import AFFECTED_ROWS, RawTable
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
        self._affected: list[tuple[str, int, str, str]] = []
        if raw.n_ragged:
            self._step("ragged", "dropped", raw.n_ragged, "Rows with more or fewer cells than the header.")
            self._affected += [(table, line, "ragged", text) for line, text in raw.ragged]
        if raw.unbalanced:
            reason = "Lines with a quotation mark that is never closed: the mark was removed."
            self._step("unclosed_quote", "coerced", len(raw.unbalanced), reason)
            self._affected += [(table, line, "unclosed_quote", "") for line in raw.unbalanced[:AFFECTED_ROWS]]

    @property
    def ignored(self) -> tuple[str, ...]:
        used = set(self.used.values())
        return tuple(name for name in self.raw.cells.column_names if name not in used)

    def texts(self, column: str) -> pa.ChunkedArray:
        """A column's cells without spaces around them, rows that are gone included."""
        return pc.utf8_trim_whitespace(self.raw.cells.column(self.used[column]))

    def drop(self, rows: BoolArray, rule: str, reason: str) -> None:
        rows = rows & self.alive
        if self._note(rows, rule, "dropped", reason):
            self.alive &= ~rows

    def coerce(self, rows: BoolArray, rule: str, reason: str) -> None:
        self._note(rows & self.alive, rule, "coerced", reason)

    def keep(self, n_rows: int, rule: str, reason: str) -> None:
        self._step(rule, "kept", n_rows, reason)

    def affected(self) -> pd.DataFrame:
        frame = pd.DataFrame(self._affected, columns=["table", "row", "rule", "text"])
        return frame.astype({"table": "str", "row": "int64", "rule": "str", "text": "str"})

    def frame(self, values: Mapping[str, Any]) -> pd.DataFrame:
        """The rows that are left, with their lines."""
        arrays = {name: pa.chunked_array([v]) if isinstance(v, pa.Array) else v for name, v in values.items()}
        table = pa.table({**arrays, columns.ROW: self.raw.lines})
        frame: pd.DataFrame = table.filter(pa.array(self.alive)).to_pandas()
        return frame

    def _note(self, rows: BoolArray, rule: str, action: Literal["dropped", "coerced"], reason: str) -> int:
        positions = np.flatnonzero(rows)
        if len(positions):
            self._step(rule, action, len(positions), reason)
            shown = positions[:AFFECTED_ROWS]
            lines, texts = self.raw.lines[shown].tolist(), self.raw.texts(shown)
            self._affected += [(self.table, line, rule, text) for line, text in zip(lines, texts, strict=True)]
        return len(positions)

    def _step(self, rule: str, action: Literal["dropped", "coerced", "kept"], rows: int, reason: str) -> None:
        self.steps.append(CleaningStep(rule, self.table, action, rows, reason))
