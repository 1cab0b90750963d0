"""The analyst's tables after reading and cleaning: canonical columns, string ids, UTC times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class CleaningStep:
    """One rule and what it did.

    Attributes:
        rule: Short stable name ("duplicate", "missing_id", …).
        table: "events", "items", "facts", "users" or "vectors.<mode>".
        action: "dropped" (row is gone), "coerced" (a value was made empty or changed), "kept" (only noticed) or "added"
            (a row that no file has: an item that only events mention).
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
    """What reading and cleaning did. The counts add up: rows read, less dropped, plus added, are rows kept.

    Attributes:
        rows_read: Rows of each file, by table name.
        rows_kept: Rows of each table, by table name.
        steps: In the order they were applied.
        matched: Canonical column → the file's column, by table name.
        ignored: Columns of the files that no one uses, by table name.
        affected: Dropped and coerced rows: table, row (line of the file), rule, text (the line as read).
        files: Names of the files, by table name.
    """

    rows_read: Mapping[str, int]
    rows_kept: Mapping[str, int]
    steps: tuple[CleaningStep, ...]
    matched: Mapping[str, Mapping[str, str]]
    ignored: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    affected: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["table", "row", "rule", "text"]))
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tables:
    """Cleaned tables. Never changed after they are made.

    Attributes:
        name: For people: the sample's domain or the uploaded file's name.
        events: user_id, item_id (str), time (datetime64[us, UTC], or int64 where the data has only an order), row (int64),
            and where brought: rating, weight (float64), context_* (str, missing as empty text).
        items: item_id, title (str; the id where there is none), row (int64; 0 where only events mention the item), and
            where brought: description and attributes (str,
            several values separated by ``|``, missing as empty text). Every item of ``events`` has a row.
        facts: item_id, relation, entity, row, or None.
        report: What was dropped, coerced or kept.
        fingerprint: 16 hex digits of a hash of the contents: equal tables, equal fingerprint.
        users: user_id, attributes (str, several values separated by ``|``, missing as empty text) and row, or None. Users
            without events have a row as well; users of events may have none.
        vectors: What other encoders say of items (images, audio …), by mode: float32 [n_items, D], a row for each row of
            ``items``, zeros where an item has none.
    """

    name: str
    events: pd.DataFrame
    items: pd.DataFrame
    facts: pd.DataFrame | None
    report: CleaningReport
    fingerprint: str
    users: pd.DataFrame | None = None
    vectors: Mapping[str, Vectors] = field(default_factory=dict)

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
        """Item columns that are neither id, title, description nor images."""
        known = {columns.ITEM_ID, columns.TITLE, columns.DESCRIPTION, columns.ROW, *columns.IMAGES}
        return tuple(c for c in self.items.columns if c not in known)

    @property
    def user_attribute_names(self) -> tuple[str, ...]:
        """User columns other than the id."""
        if self.users is None:
            return ()
        return tuple(c for c in self.users.columns if c not in {columns.USER_ID, columns.ROW})


def make_tables(
    name: str,
    events: pd.DataFrame,
    items: pd.DataFrame,
    facts: pd.DataFrame | None,
    report: CleaningReport,
    *,
    users: pd.DataFrame | None = None,
    vectors: Mapping[str, Vectors] | None = None,
) -> Tables:
    """Tables with their fingerprint; what the columns must be, ``Tables`` says."""
    vectors = vectors or {}
    print_ = fingerprint(events, items, facts, users, vectors)
    return Tables(name, events, items, facts, report, print_, users, vectors)


def fingerprint(
    events: pd.DataFrame,
    items: pd.DataFrame,
    facts: pd.DataFrame | None,
    users: pd.DataFrame | None = None,
    vectors: Mapping[str, Vectors] | None = None,
) -> str:
    """16 hex digits of a hash of the contents, the same whatever library version holds them."""
    digest = hashlib.sha256()
    for table, frame in (("events", events), ("items", items), ("facts", facts), ("users", users)):
        if frame is None:
            continue
        digest.update(f"{table} {len(frame)}\n".encode())
        for column in frame.columns:
            kind, contents = _contents(frame[column])
            digest.update(f"{column} {kind}\n".encode())
            for content in contents:
                digest.update(content)
    for mode, numbers in sorted((vectors or {}).items()):
        digest.update(f"vectors {mode} {numbers.shape[0]} {numbers.shape[1]}\n".encode())
        digest.update(np.ascontiguousarray(numbers + np.float32(0), dtype="<f4").tobytes())
    return digest.hexdigest()[:16]


def _contents(values: pd.Series) -> tuple[str, list[memoryview | bytes]]:
    """A column as bytes: little-endian numbers; texts as their lengths and their UTF-8."""
    if pd.api.types.is_datetime64_any_dtype(values):
        microseconds = values.dt.as_unit("us").astype("int64").to_numpy()
        return "time", [microseconds.astype("<i8").tobytes()]
    if pd.api.types.is_integer_dtype(values):
        return "integer", [values.to_numpy().astype("<i8").tobytes()]
    if pd.api.types.is_float_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, copy=True)
        numbers[np.isnan(numbers)] = np.nan  # one NaN of the many
        return "number", [(numbers + 0.0).astype("<f8").tobytes()]
    texts = as_texts(values)
    parts: list[memoryview | bytes] = [pc.binary_length(texts).to_numpy().astype("<i8").tobytes()]
    for chunk in texts.chunks:
        _, ends, contents = chunk.buffers()
        first, last = np.frombuffer(ends, dtype=np.int64)[chunk.offset :][[0, len(chunk)]]
        if last > first:
            parts.append(memoryview(contents)[first:last])
    return "text", parts


def as_texts(values: pd.Series) -> pa.ChunkedArray:
    """A column of texts in Arrow's form, large_string."""
    column = pa.Table.from_pandas(values.to_frame("texts"), preserve_index=False).column(0)
    return column.cast(pa.large_string())
