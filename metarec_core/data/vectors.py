"""Item vectors that were made elsewhere (images, audio, any encoder): read from a file, laid beside the item table."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns
from metarec_core.data.columns import match_columns
from metarec_core.data.decode import Source, read_bytes, read_text, source_name
from metarec_core.data.read import RawTable, is_missing, read_raw
from metarec_core.data.reasons import reason
from metarec_core.data.tables import CleaningStep, Vectors, as_texts
from metarec_core.errors import DataError
from metarec_core.language import later, say
from metarec_core.limits import require_file, require_rows

VectorSource = Source | tuple[Source, Source]
"""A file that holds ids and numbers, or a numpy file of numbers and a file of ids, one a line."""

FEWEST_NUMBERS = 4
"""A list of numbers in a cell of the item table that has fewer is an attribute, not a vector."""

_EXPECTED = later(
    "provide Parquet (an ID column and a column of lists), CSV (an ID column and numbers), .npz (arrays "
    "ids and vectors) or .npy with a file of IDs"
)


@dataclass(frozen=True)
class RawVectors:
    """A file of vectors as it is.

    Attributes:
        name: The file's name.
        ids: Item ids as text, [n].
        numbers: float32 [n, D]; rows that hold something else are NaN throughout.
    """

    name: str
    ids: pa.Array
    numbers: Vectors


def read_vectors(source: VectorSource) -> RawVectors:
    """A file of vectors.

    Raises:
        DataError: It is missing, holds no vectors, or is larger than this workspace takes.
    """
    for file in source if isinstance(source, tuple) else (source,):
        require_file(file, source_name(file))
    raw = _raw(source)
    require_rows(len(raw.ids), raw.name)
    return raw


def _raw(source: VectorSource) -> RawVectors:
    if isinstance(source, tuple):
        numbers, ids = source
        return replace(_beside(_array(read_bytes(numbers), source_name(numbers)), ids), name=source_name(numbers))
    name, content = source_name(source), read_bytes(source)
    if content.startswith(b"\x93NUMPY"):
        raise DataError(
            say("{name} does not say which items its rows belong to: {expected}.", name=name, expected=say(_EXPECTED))
        )
    if content.startswith(b"PK") and (arrays := _npz(content, name)):
        return _named(arrays, name)
    return _from_table(read_raw(source))


def lay_beside(raw: RawVectors, item_ids: pd.Series, mode: str) -> tuple[Vectors, tuple[CleaningStep, ...]]:
    """Vectors in the order of the item table, float32 [n_items, D], zeros where an item has none; and what went or is missing.

    Raises:
        DataError: None of the vectors is about an item of the data.
    """
    table = f"vectors.{mode}"
    steps = []

    def note(rule: str, action: str, rows: int, **values: object) -> None:
        if rows:
            steps.append(CleaningStep(rule, table, action, rows, reason(rule, table, **values)))

    missing = is_missing(pa.chunked_array([raw.ids]))
    note("missing_id", "dropped", int(missing.sum()))
    unusable = ~np.isfinite(raw.numbers).all(axis=1)
    note(
        "unparsable_vector",
        "dropped",
        int((unusable & ~missing).sum()),
    )
    unusable |= missing
    repeated = ~unusable & pd.Series(raw.ids.to_pandas()).where(~unusable).duplicated().to_numpy()
    note("duplicate", "dropped", int(repeated.sum()))
    usable = np.flatnonzero(~unusable & ~repeated)
    known = _combined(as_texts(item_ids)).cast(pa.string())
    places = pc.index_in(raw.ids.take(pa.array(usable)), value_set=known).fill_null(-1).to_numpy()
    unknown = int((places < 0).sum())
    if unknown == len(places):
        example = repr(raw.ids[int(usable[0])].as_py()) if len(usable) else "none"
        raise DataError(
            say(
                "No vector in {name} belongs to an item of the data: its IDs look like {example}, those "
                "of the items like {iloc!r}.",
                name=raw.name,
                example=example,
                iloc=item_ids.iloc[0],
            )
        )
    note("unknown_item", "dropped", unknown)
    laid = np.zeros((len(item_ids), raw.numbers.shape[1]), dtype=np.float32)
    laid[places[places >= 0]] = raw.numbers[usable[places >= 0]]
    without = len(item_ids) - (len(places) - unknown)
    note("no_vector", "kept", without, mode=mode)
    return laid, tuple(steps)


def take_vectors(items: pd.DataFrame) -> tuple[pd.DataFrame, Mapping[str, Vectors]]:
    """The item table without its columns of vectors, and those: cells such as ``[0.1, -0.2, 0.5, 1]``, equally long.

    float32 [n_items, D], zeros where a cell is empty.
    """
    taken = {}
    for column in items.columns.difference(
        [columns.ITEM_ID, columns.TITLE, columns.DESCRIPTION, columns.ROW], sort=False
    ):
        numbers = _inline(_combined(as_texts(items[column])))
        if numbers is not None:
            taken[str(column)] = numbers
    return items.drop(columns=list(taken)), taken


def _inline(cells: pa.Array) -> Vectors | None:
    filled = pc.not_equal(cells, "").to_numpy(zero_copy_only=False)
    first = int(filled.argmax())
    if not filled[first] or not cells[first].as_py().startswith("["):
        return None
    numbers = _split(cells.filter(pa.array(filled)))
    if numbers is None or numbers.shape[1] < FEWEST_NUMBERS or not np.isfinite(numbers).all():
        return None
    laid = np.zeros((len(cells), numbers.shape[1]), dtype=np.float32)
    laid[filled] = numbers
    return laid


def _split(cells: pa.Array) -> Vectors | None:
    """Cells ``[1, 2]``, ``1 2`` or ``1|2`` as float32 [n, D]; None where their lengths differ or they are no numbers."""
    inner = pc.utf8_trim(cells, characters="[]() \t\r\n")
    lists = pc.split_pattern_regex(inner, r"\s*[,;|]\s*|\s+")
    lengths = np.unique(pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    if len(lengths) != 1:
        return None
    try:
        numbers = pc.cast(lists.flatten(), pa.float32()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return np.asarray(numbers, dtype=np.float32).reshape(len(cells), int(lengths[0]))


def _array(content: bytes, name: str) -> npt.NDArray[np.generic]:
    """One numpy array; arrays of Python objects would run code and are refused."""
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError):
        array = None
    if not isinstance(array, np.ndarray):
        raise DataError(
            say("{name} is not a numpy file of plain numbers: {expected}.", name=name, expected=say(_EXPECTED))
        )
    return array


def _npz(content: bytes, name: str) -> dict[str, npt.NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
            return {m.filename.removesuffix(".npy"): _array(archive.read(m), name) for m in members}
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return {}


def _named(arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> RawVectors:
    ids = next((array for array in arrays.values() if array.ndim == 1), None)
    numbers = next((array for array in arrays.values() if array.ndim == 2), None)
    if ids is None or numbers is None or len(ids) != len(numbers) or not np.issubdtype(numbers.dtype, np.number):
        raise DataError(
            say(
                "{name} needs an array ids [n] and an array vectors [n, D] of numbers: {expected}.",
                name=name,
                expected=say(_EXPECTED),
            )
        )
    texts = [id_.decode("utf-8", "replace") if isinstance(id_, bytes) else str(id_) for id_ in ids.tolist()]
    return RawVectors(name, pa.array(texts, pa.string()), np.asarray(numbers, dtype=np.float32))


def _beside(numbers: npt.NDArray[np.generic], ids: Source) -> RawVectors:
    name = source_name(ids)
    lines = [line.strip() for line in read_text(ids)[0].decode().splitlines()]
    lines = [line for line in lines if line]
    if len(lines) == len(numbers) + 1:  # a header
        lines = lines[1:]
    return _named({"ids": np.array(lines, dtype=np.str_), "vectors": numbers}, name)


def _from_table(raw: RawTable) -> RawVectors:
    match = match_columns(raw.cells.column_names, "items")
    id_column = match.used.get(columns.ITEM_ID, raw.cells.column_names[0])
    others = raw.cells.drop_columns([id_column])
    if others.num_columns == 1:
        numbers = _split(_combined(others.column(0)))
        if numbers is None:
            raise DataError(
                say(
                    "{name} has cells that are not lists of numbers of the same length: {expected}.",
                    name=raw.name,
                    expected=say(_EXPECTED),
                )
            )
    else:
        numbers = _side_by_side(others)
        if numbers is None:
            raise DataError(
                say(
                    "{name} has no columns of numbers besides {id_column!r}: {expected}.",
                    name=raw.name,
                    id_column=id_column,
                    expected=say(_EXPECTED),
                )
            )
    ids = _combined(pc.utf8_trim_whitespace(raw.cells.column(id_column)))
    return RawVectors(raw.name, pc.replace_substring_regex(ids, r"^(\d+)\.0+$", r"\1").cast(pa.string()), numbers)


def _side_by_side(cells: pa.Table) -> Vectors | None:
    """Columns of numbers as float32 [n, D], columns without any number left out."""
    stacked = []
    for column in cells.columns:
        texts = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", ".")
        numbers = pd.to_numeric(texts.to_pandas(), errors="coerce").to_numpy(dtype=np.float32)
        if not np.isnan(numbers).all():
            stacked.append(numbers)
    return np.stack(stacked, axis=1) if stacked else None


def _combined(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined
