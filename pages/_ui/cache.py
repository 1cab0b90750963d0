"""The only caches of the app. Keys are short ids of things that never change: stored tables and finished runs. What looks at
whether they are still there has their state in its key.

Frames are kept as shared objects (``cache_resource``), not copied at each hit; nobody changes them. What holds sentences has
the language in its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import streamlit as st

from metarec_core import api
from metarec_core.language import language, say
from pages._ui import session

TableName = Literal["events", "items", "facts", "users"]


def tables(fingerprint: str) -> api.Tables:
    """Stored tables.

    Raises:
        RunError: They are gone or damaged.
    """
    return _tables(session.workspace(), fingerprint)


def profile(fingerprint: str) -> api.Profile:
    """What stored tables look like.

    Raises:
        RunError: They are gone or damaged.
    """
    return _profile(session.workspace(), fingerprint, language())


def recommender(run_id: str) -> api.Recommender:
    """A finished run, loaded for recommending.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)  # cheap, and sees a folder that was deleted meanwhile
    with st.spinner(say("Opening the run")):
        return _recommender(run.folder.store, run.run_id, run.manifest.created)


def evaluation(run_id: str) -> api.Evaluation:
    """What a finished run was measured to be.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    return _evaluation(run.folder.store, run.run_id, run.manifest.created)


def ablation(run_id: str) -> api.Ablation | None:
    """What a finished run would be with less, where that was measured.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    return _ablation(run.folder.store, run.run_id, run.manifest.created)


def slices(run_id: str) -> tuple[api.Slice, ...]:
    """How kinds of users, items and requests are served by a finished run.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    return _slices(run.folder.store, run.run_id, run.manifest.created)


def learned_curve(run_id: str) -> tuple[api.Point, ...]:
    """Quality against share of the data, where somebody asked for it; small, so read anew each time.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    return api.learned_curve(api.open_run(session.workspace(), run_id))


def path_quality(run_id: str) -> api.PathQuality | None:
    """What the paths of a run are like, where somebody asked for it; small, so read anew each time.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    return api.known_path_quality(api.open_run(session.workspace(), run_id))


def trust(run_id: str) -> api.Trust:
    """Whether to believe a finished run; looked at again when runs come or go, which may be the same with other seeds, and
    when its tables are changed, deleted or brought back.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    tables = api.tables_state(run.folder.store, run.manifest.tables_fingerprint)
    return _trust(run.folder.store, run.run_id, run.manifest.created, _run_ids(), tables, language())


def standings(run_id: str) -> tuple[api.Standing, ...]:
    """All runs on the data and split of a finished run, in one order.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    return _standings(run.folder.store, run.run_id, run.manifest.created, _run_ids())


def _run_ids() -> tuple[str, ...]:
    return tuple(run.run_id for run in api.list_runs(session.workspace()))


def text_reader(run_id: str) -> api.TextReader | None:
    """Reads new texts as a finished run has read its items; None where it reads none.

    Raises:
        RunError: The run is gone, unfinished or damaged.
        ConfigError: The run's text model is not on this machine.
    """
    run = api.open_run(session.workspace(), run_id)
    return _text_reader(run.folder.store, run.run_id, run.manifest.created)


def audience(run_id: str) -> api.Audience:
    """All users of a finished run, to be searched.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    with st.spinner(say("Going through all users")):
        return _audience(run.folder.store, run.run_id, run.manifest.created)


def diversity_cost(run_id: str) -> Any:
    """What varied lists would have cost a finished run, a row a diversity.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    with st.spinner(say("Measuring what variety costs")):
        return _diversity_cost(run.folder.store, run.run_id, run.manifest.created)


def embedding_map(run_id: str) -> api.EmbeddingMap:
    """The main axes of the space in which a finished run knows its items.

    Raises:
        RunError: The run is gone, unfinished or damaged.
        InputError: The run knows items by their events only.
    """
    run = api.open_run(session.workspace(), run_id)
    return _embedding_map(run.folder.store, run.run_id, run.manifest.created)


def kept_map(run_id: str) -> api.EmbeddingMap | None:
    """The map with neighbours together, where it was drawn already.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    return api.kept_map(api.open_run(session.workspace(), run_id), recommender(run_id))


def leading_parts(run_id: str) -> Mapping[int, str]:
    """The part that carries each item and user on the map of a finished run.

    Raises:
        RunError: The run is gone, unfinished or damaged.
    """
    run = api.open_run(session.workspace(), run_id)
    with st.spinner(say("Finding which part contributes most")):
        return _leading_parts(run.folder.store, run.run_id, run.manifest.created)


def baseline(run_id: str, name: str) -> api.Recommender:
    """A simple model fitted on the data of a finished run.

    Raises:
        RunError: The run is gone, unfinished or damaged.
        ConfigError: There is no such baseline.
    """
    run = api.open_run(session.workspace(), run_id)
    with st.spinner(say("Fitting the simple model")):
        return _baseline(run.folder.store, run.run_id, run.manifest.created, name)


def preview(upload: Any, table: TableName, reading: api.Reading) -> api.Preview:
    """The head of an uploaded file, read as someone wants it read.

    Raises:
        DataError: It is not a text table.
    """
    return _preview(upload.file_id, table, reading, language(), upload)


def evidence(run_id: str, review_id: str, position: int) -> api.Evidence:
    """What there is to judge one recommendation of a review by.

    Raises:
        RunError: The run or the review is gone, or damaged.
        InputError: The review has no such position.
    """
    run = api.open_run(session.workspace(), run_id)
    return _evidence(run.folder.store, run.run_id, run.manifest.created, review_id, position, language())


def forget_runs() -> None:
    """Let go of all that was read from tables and runs: their files are others now."""
    for kept in _OF_RUNS:
        kept.clear()


@st.cache_resource(max_entries=1_000, show_spinner=False)
def _evidence(store: Path, run_id: str, created: str, review_id: str, position: int, language: str) -> api.Evidence:
    review = api.open_review(api.open_run(store, run_id), review_id)
    return api.review_evidence(_recommender(store, run_id, created), review.at(position), review.plan.k)


@st.cache_resource(max_entries=12, show_spinner=False, scope="session")
def _preview(file_id: str, table: TableName, reading: api.Reading, language: str, _upload: Any) -> api.Preview:
    return api.preview(_upload, table, reading=reading)


@st.cache_resource(max_entries=4, show_spinner=False)
def _tables(store: Path, fingerprint: str) -> api.Tables:
    return api.open_tables(store, fingerprint)


@st.cache_resource(max_entries=16, show_spinner=False)
def _profile(store: Path, fingerprint: str, language: str) -> api.Profile:
    return api.profile(_tables(store, fingerprint))


@st.cache_resource(max_entries=2, show_spinner=False)
def _recommender(store: Path, run_id: str, created: str) -> api.Recommender:
    return api.open_recommender(api.open_run(store, run_id), threads=1)


@st.cache_resource(max_entries=32, show_spinner=False)
def _evaluation(store: Path, run_id: str, created: str) -> api.Evaluation:
    return api.evaluate(api.open_run(store, run_id))


@st.cache_resource(max_entries=32, show_spinner=False)
def _ablation(store: Path, run_id: str, created: str) -> api.Ablation | None:
    return api.ablation(api.open_run(store, run_id))


@st.cache_resource(max_entries=32, show_spinner=False)
def _slices(store: Path, run_id: str, created: str) -> tuple[api.Slice, ...]:
    return api.slices(api.open_run(store, run_id))


@st.cache_resource(max_entries=32, show_spinner=False)
def _trust(
    store: Path,
    run_id: str,
    created: str,
    run_ids: tuple[str, ...],
    tables: tuple[tuple[str, int, int], ...],
    language: str,
) -> api.Trust:
    return api.trust(api.open_run(store, run_id))


@st.cache_resource(max_entries=32, show_spinner=False)
def _standings(store: Path, run_id: str, created: str, run_ids: tuple[str, ...]) -> tuple[api.Standing, ...]:
    return api.standings(api.open_run(store, run_id))


@st.cache_resource(max_entries=2, show_spinner=False)
def _audience(store: Path, run_id: str, created: str) -> api.Audience:
    return api.audience(api.open_run(store, run_id), _recommender(store, run_id, created))


@st.cache_resource(max_entries=32, show_spinner=False)
def _diversity_cost(store: Path, run_id: str, created: str) -> Any:
    return api.diversity_cost(api.open_run(store, run_id), _recommender(store, run_id, created))


@st.cache_resource(max_entries=2, show_spinner=False)
def _text_reader(store: Path, run_id: str, created: str) -> api.TextReader | None:
    return api.text_reader(api.open_run(store, run_id))


@st.cache_resource(max_entries=8, show_spinner=False)
def _embedding_map(store: Path, run_id: str, created: str) -> api.EmbeddingMap:
    return api.embedding_map(_recommender(store, run_id, created))


@st.cache_resource(max_entries=8, show_spinner=False)
def _leading_parts(store: Path, run_id: str, created: str) -> Mapping[int, str]:
    recommender = _recommender(store, run_id, created)
    return api.leading_parts(recommender, api.embedding_map(recommender).nodes)


@st.cache_resource(max_entries=2, show_spinner=False)
def _baseline(store: Path, run_id: str, created: str, name: str) -> api.Recommender:
    return api.baseline_of(api.open_run(store, run_id), name, _recommender(store, run_id, created))


_OF_RUNS: Final = (
    _evidence,
    _tables,
    _profile,
    _recommender,
    _evaluation,
    _ablation,
    _slices,
    _trust,
    _standings,
    _audience,
    _diversity_cost,
    _text_reader,
    _embedding_map,
    _leading_parts,
    _baseline,
)
