"""Public data sets as they are published: which files a layout has, and how each becomes a table.

A layout is a small declaration: a new one is a few lines here, its place in ``IMPORTERS``, and a test.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.config import CleaningConfig
from metarec_core.data import columns, decode
from metarec_core.data.archive import members, open_zip, take
from metarec_core.data.clean import DEFAULT_CLEANING, read_tables
from metarec_core.data.columns import TableName
from metarec_core.data.decode import Source, source_name
from metarec_core.data.read import AS_FOUND, RawTable, Reading, read_head, read_raw
from metarec_core.data.tables import Tables
from metarec_core.errors import DataError
from metarec_core.language import say

Shape = Callable[[pa.Table, pa.Table | None], pa.Table]
Files = Mapping[str, Callable[[], Source]]
"""Files by path; each is opened only when a layout wants it."""


@dataclass(frozen=True)
class File:
    """One file of a layout.

    Attributes:
        pattern: Regular expression for its whole name, case ignored.
        reading: How it is read.
        shape: Its cells, and those of the file beside it, into the columns that a table has.
        beside: Pattern of a file that ``shape`` needs as well.
        has: Columns that the file must have to be this one, where its name says too little: one of each group.
    """

    pattern: str
    reading: Reading = AS_FOUND
    shape: Shape | None = None
    beside: str | None = None
    has: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Importer:
    """A layout.

    Attributes:
        name: For the command line.
        title: For people.
        files: Its files by table; "events" must be there for the layout to be found.
    """

    name: str
    title: str
    files: Mapping[TableName, File] = field(repr=False)

    def find(self, files: Files) -> dict[TableName, str] | None:
        """Which file is which table; None where the behaviour file is not there."""
        found = {table: path for table, file in self.files.items() if (path := _first(file, files)) is not None}
        return found if "events" in found else None


def read_layout(
    source: Source | Sequence[Source],
    importer: str | None = None,
    *,
    name: str | None = None,
    cleaning: CleaningConfig = DEFAULT_CLEANING,
) -> Tables:
    """Read and clean a public data set as it was downloaded.

    Args:
        source: Its folder or zip file, or its files.
        importer: Name of the layout; found from the files when not given.
        name: What to call the tables.
        cleaning: The rules.

    Raises:
        DataError: The files are of no known layout, or cannot be used.
    """
    files, title = open_files(source)
    chosen = detect(files) if importer is None else named(importer)
    found = chosen.find(files) if chosen is not None else None
    if chosen is None or found is None:
        shown = ", ".join(sorted(PurePosixPath(path).name for path in files)[:6]) or say("nothing")
        known = "; ".join(f"{known.title} ({known.name})" for known in IMPORTERS)
        wanted = say("not a known layout") if chosen is None else say("not the layout {layout}", layout=chosen.title)
        raise DataError(
            say(
                "{title} contains {shown}, which is {wanted}: known layouts are {known}.",
                title=title,
                shown=shown,
                wanted=wanted,
                known=known,
            )
        )
    tables = {table: _table(chosen.files[table], path, files) for table, path in found.items()}
    return read_tables(
        tables["events"],
        tables.get("items"),
        tables.get("facts"),
        users=tables.get("users"),
        name=name or title,
        cleaning=cleaning,
    )


def detect(files: Files) -> Importer | None:
    """The layout that files have, or None."""
    return next((importer for importer in IMPORTERS if importer.find(files) is not None), None)


def named(name: str) -> Importer:
    """A layout by name.

    Raises:
        DataError: There is none.
    """
    for importer in IMPORTERS:
        if importer.name == name:
            return importer
    raise DataError(
        say(
            "There is no importer {name!r}: choose one of {importers}.",
            name=name,
            importers=", ".join(known.name for known in IMPORTERS),
        )
    )


def open_files(source: Source | Sequence[Source]) -> tuple[dict[str, Callable[[], Source]], str]:
    """The files of a folder, of a zip file, or those given, by path; and what to call them together.

    Raises:
        DataError: There is no such folder or file, or the archive is damaged or unsafe.
    """
    if isinstance(source, Sequence) and not isinstance(source, str):
        if len(source) != 1:
            return {source_name(file): _always(file) for file in source}, "the files"
        source = source[0]
    title = source_name(source)
    if isinstance(source, str | Path) and Path(source).is_dir():
        folder = Path(source)
        paths = sorted(path for path in (*folder.glob("*"), *folder.glob("*/*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): _always(path) for path in paths}, title
    content = decode.read_packed(source)
    if not content.startswith(b"PK"):
        return {title: _always(source)}, title
    archive = open_zip(content, title)
    names = sorted(members(archive, title))

    def opener(member: str) -> Callable[[], Source]:
        return lambda: _as_file(take(archive, member, title, decode.MAX_BYTES), member)

    return {member: opener(member) for member in names}, re.sub(r"\.zip$", "", title, flags=re.IGNORECASE)


def _always(file: Source) -> Callable[[], Source]:
    return lambda: file


def _as_file(content: bytes, path: str) -> Source:
    file = io.BytesIO(content)
    file.name = PurePosixPath(path).name  # a name for messages
    return file


def _first(file: File, files: Files) -> str | None:
    for path in sorted(files, key=lambda path: (path.count("/"), path)):
        if _fits(file.pattern, path) and (not file.has or _has(read_head(files[path]()).cells.column_names, file.has)):
            return path
    return None


def _fits(pattern: str, path: str) -> bool:
    return re.fullmatch(pattern, PurePosixPath(path).name, re.IGNORECASE) is not None


def _has(names: Iterable[str], groups: tuple[tuple[str, ...], ...]) -> bool:
    there = set(names)
    return all(there & set(group) for group in groups)


def _table(file: File, path: str, files: Files) -> RawTable:
    raw = read_raw(files[path](), file.reading)
    if file.shape is None:
        return raw
    beside = next((other for other in files if file.beside and _fits(file.beside, other)), None)
    other = read_raw(files[beside](), file.reading).cells if beside is not None else None
    return replace(raw, cells=file.shape(raw.cells, other))


def _picked(*wanted: tuple[str, tuple[str, ...]]) -> Shape:
    """Columns by the first name that the file has for them; those that it has none for are left out."""

    def shape(cells: pa.Table, _: pa.Table | None) -> pa.Table:
        there = cells.column_names
        found = {own: next((name for name in names if name in there), None) for own, names in wanted}
        return pa.table({own: cells.column(name) for own, name in found.items() if name is not None})

    return shape


def _with(cells: pa.Table, column: str, change: Callable[[Any], Any]) -> pa.Table:
    if column not in cells.column_names:
        return cells
    return cells.set_column(cells.column_names.index(column), column, change(cells.column(column)))


# --- MovieLens ----------------------------------------------------------------------------------------------------------------

_GENRES = (
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
)


def _movies_100k(cells: pa.Table, _: pa.Table | None) -> pa.Table:
    marks = [pc.if_else(pc.equal(cells.column(genre), "1"), genre, None) for genre in _GENRES]
    genres = pc.binary_join_element_wise(*marks, columns.VALUE_SEPARATOR, null_handling="skip")
    year = pc.replace_substring_regex(cells.column("release_date"), r"^.*(\d{4})$", r"\1")
    return pa.table(
        {"item_id": cells.column("item_id"), "title": cells.column("title"), "genres": genres, "year": year}
    )


def _movies(cells: pa.Table, _: pa.Table | None) -> pa.Table:
    return _with(cells, "genres", lambda genres: pc.replace_substring(genres, "(no genres listed)", ""))


def _tags(cells: pa.Table, _: pa.Table | None) -> pa.Table:
    entities = pc.utf8_lower(pc.utf8_trim_whitespace(cells.column("tag")))
    relation = pa.chunked_array([pa.repeat(pa.scalar("tag"), len(entities))])
    return pa.table({"item_id": cells.column("movieId"), "relation": relation, "entity": entities})


def _headless(separator: str, *header: str) -> Reading:
    return Reading(separator=separator, header=header, quotes=False)


_ML_100K = Importer(
    "movielens-100k",
    "MovieLens 100K",
    {
        "events": File(r"u\.data", _headless("\t", "user_id", "item_id", "rating", "timestamp")),
        "items": File(
            r"u\.item",
            _headless("|", "item_id", "title", "release_date", "video_release_date", "imdb_url", *_GENRES),
            _movies_100k,
        ),
        "users": File(r"u\.user", _headless("|", "user_id", "age", "gender", "occupation", "zip_code")),
    },
)
_ML_1M = Importer(
    "movielens-1m",
    "MovieLens 1M or 10M",
    {
        "events": File(r"ratings\.dat", _headless("::", "user_id", "item_id", "rating", "timestamp")),
        "items": File(r"movies\.dat", _headless("::", "item_id", "title", "genres"), _movies),
        "users": File(r"users\.dat", _headless("::", "user_id", "gender", "age", "occupation", "zip_code")),
    },
)
_ML_LATEST = Importer(
    "movielens",
    "MovieLens 20M, 25M, 32M or latest",
    {
        "events": File(r"ratings\.csv", has=(("userId",), ("movieId",))),
        "items": File(r"movies\.csv", shape=_movies, has=(("movieId",),)),
        "facts": File(r"tags\.csv", shape=_tags, has=(("movieId",), ("tag",))),
    },
)

# --- RecBole ------------------------------------------------------------------------------------------------------------------

_ATOMIC = Reading(separator="\t", quotes=False)
_WORDS = re.compile(r"title|name|desc|text|summary|review", re.IGNORECASE)


def _atomic(cells: pa.Table, _: pa.Table | None) -> pa.Table:
    """``genre:token_seq`` as a column ``genre`` of ``a|b``; sequences of words (titles) stay words, of floats are vectors."""
    shaped = {}
    for header, column in zip(cells.column_names, cells.columns, strict=True):
        name, _, kind = header.partition(":")
        if kind == "token_seq" and not _WORDS.search(name):
            column = pc.replace_substring(pc.utf8_trim_whitespace(column), " ", columns.VALUE_SEPARATOR)
        elif kind == "float_seq":
            column = pc.binary_join_element_wise("[", column, "]", "")
        shaped[name] = column
    return pa.table(shaped)


def _linked(cells: pa.Table, links: pa.Table | None) -> pa.Table:
    """Facts whose heads are entities, with the items in their place that the link file names."""
    facts = _atomic(cells, None)
    heads = facts.column(0)
    if links is not None:
        named_by = _atomic(links, None)
        places = pc.index_in(heads, value_set=named_by.column(1).combine_chunks())
        heads = pc.coalesce(named_by.column(0).combine_chunks().take(places.combine_chunks()), heads.combine_chunks())
        heads = pa.chunked_array([heads])
    return pa.table({"item_id": heads, "relation": facts.column(1), "entity": facts.column(2)})


_RECBOLE = Importer(
    "recbole",
    "RecBole atomic files",
    {
        "events": File(r".*\.inter", _ATOMIC, _atomic),
        "items": File(r".*\.item", _ATOMIC, _atomic),
        "users": File(r".*\.user", _ATOMIC, _atomic),
        "facts": File(r".*\.kg", _ATOMIC, _linked, beside=r".*\.link"),
    },
)

# --- Amazon reviews -----------------------------------------------------------------------------------------------------------

_JSON = r"\.(json|jsonl|ndjson)(\.gz)?"
_ASIN = ("parent_asin", "asin")


def _products(cells: pa.Table, beside: pa.Table | None) -> pa.Table:
    picked = _picked(
        ("item_id", _ASIN),
        ("title", ("title",)),
        ("description", ("description",)),
        ("categories", ("categories", "category")),
        ("main_category", ("main_category", "main_cat")),
        ("brand", ("brand", "store")),
        ("price", ("price",)),
    )(cells, beside)
    picked = _with(picked, "description", lambda texts: pc.replace_substring(texts, columns.VALUE_SEPARATOR, " "))
    # categories are lists, or lists of lists, which came as JSON
    return _with(picked, "categories", lambda texts: _flat(texts))


def _flat(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pc.replace_substring_regex(texts, r'"\]?, \[?"', columns.VALUE_SEPARATOR)
    return pc.replace_substring_regex(texts, r'[\[\]"]', "")


_AMAZON = Importer(
    "amazon",
    "Amazon reviews",
    {
        "events": File(
            rf"(?!meta_).*{_JSON}",
            shape=_picked(
                ("user_id", ("user_id", "reviewerID")),
                ("item_id", _ASIN),
                ("rating", ("rating", "overall")),
                ("timestamp", ("timestamp", "unixReviewTime")),
                ("context_verified", ("verified_purchase", "verified")),
            ),
            has=(("user_id", "reviewerID"), _ASIN, ("rating", "overall")),
        ),
        "items": File(rf"meta_.*{_JSON}", shape=_products, has=(_ASIN,)),
    },
)

# --- files by their plain names -----------------------------------------------------------------------------------------------

_TABLE = r"\.(csv|tsv|txt|json|jsonl|ndjson|parquet|xlsx)(\.gz)?"

_ARTICLE = Importer(
    "article",
    "user_data.csv with item_data.csv",
    {"events": File(r"user_data\.csv"), "items": File(r"item_data\.csv")},
)
_PLAIN = Importer(
    "plain",
    "behaviour, items, facts and users by name",
    {
        "events": File(rf"(behaviou?r|events|interactions){_TABLE}"),
        "items": File(rf"(items|products){_TABLE}"),
        "facts": File(rf"facts{_TABLE}"),
        "users": File(rf"users{_TABLE}"),
    },
)

IMPORTERS: Final = (_ML_100K, _ML_1M, _ML_LATEST, _RECBOLE, _ARTICLE, _PLAIN, _AMAZON)
"""Layouts, in the order in which they are looked for."""
