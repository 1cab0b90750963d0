"""The analyst's tables after reading and cleaning: canonical columns, string ids, UTC times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from metarec_core.data import columns


@dataclass(frozen=True)
class CleaningStep:
    """One rule and what it did.

    Attributes:
        rule: Short stable name ("duplicate", "missing_id", …).
        table: "events", "items" or "facts".
        action: "dropped" (row is gone), "coerced" (a value was made empty or changed) or "kept" (only noticed).
        rows: How many rows it touched.
        reason: One sentence for people.
    """

    rule: str
    table: str
    action: str
    rows: int
    reason: str


@dataclass(frozen=True)
class CleaningReport:
    """What reading and cleaning did; the counts add up to the files' rows.

    Attributes:
        rows_read: Rows of each file, by table name.
        rows_kept: Rows of each table, by table name.
        steps: In the order they were applied.
        matched: Canonical column → the file's column, by table name.
        ignored: Columns of the files that no one uses, by table name.
        affected: Dropped and coerced rows: table, row (line of the file), rule, text (the line as read). Capped per rule.
    """

    rows_read: Mapping[str, int]
    rows_kept: Mapping[str, int]
    steps: tuple[CleaningStep, ...]
    matched: Mapping[str, Mapping[str, str]]
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    affected: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["table", "row", "rule", "text"]))


@dataclass(frozen=True)
class Tables:
    """Cleaned tables. Never changed after they are made.

    Attributes:
        name: For people: the sample's domain or the uploaded file's name.
        events: user_id, item_id (str), time (datetime64[us, UTC], or int64 where the data has only an order), row (int64),
            and where brought: rating, weight (float64), context_* (str, missing as empty text).
        items: item_id, title (str; the id where there is none), and where brought: description and attributes (str,
            several values separated by ``|``, missing as empty text). Every item of ``events`` has a row.
        facts: item_id, relation, entity, row, or None.
        report: What was dropped, coerced or kept.
        fingerprint: 16 hex digits of a hash of the contents: equal tables, equal fingerprint.
    """

    name: str
    events: pd.DataFrame
    items: pd.DataFrame
    facts: pd.DataFrame | None
    report: CleaningReport
    fingerprint: str

    @property
    def has_clock_times(self) -> bool:
        """True where times are real, False where the data has only an order."""
        return bool(pd.api.types.is_datetime64_any_dtype(self.events[columns.TIME]))

    @property
    def context_names(self) -> tuple[str, ...]:
        """Names of the context columns, without their prefix."""
        prefix = columns.CONTEXT_PREFIX
        return tuple(c.removeprefix(prefix) for c in self.events.columns if c.startswith(prefix))

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """Item columns that are neither id, title nor description."""
        known = {columns.ITEM_ID, columns.TITLE, columns.DESCRIPTION, columns.ROW}
        return tuple(c for c in self.items.columns if c not in known)
