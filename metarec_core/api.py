"""The front door: everything a page, a script or the command line does goes through these functions.

::

    tables = read_tables("behaviour.csv", "items.csv")
    for report in train(tables, RunConfig.preset("balanced", seed=7), store="workspace"):
        print(report.stage, report.validation)
    run = report.run
    print(evaluate(run).frame)
    recommender = open_recommender(run)
    recs = recommender.recommend(["u42"], k=10)
    why = explain(recommender, user_id="u42", item_id=recs.item_ids[0])

Importing this module loads no torch; it is loaded when a model is trained or opened.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from metarec_core import __version__
from metarec_core.audit import deed
from metarec_core.config import CleaningConfig, RunConfig
from metarec_core.data.clean import read_ids, read_tables
from metarec_core.data.dataset import Dataset, Float32Array
from metarec_core.data.decode import Source
from metarec_core.data.encode import encode
from metarec_core.data.importers import Importer, detect, open_files, read_layout
from metarec_core.data.originals import Brought, keep_originals, open_originals, read_brought, why_not_kept
from metarec_core.data.preview import Preview, preview
from metarec_core.data.profile import Profile, profile
from metarec_core.data.pseudonyms import KEY_FILE, IdKind, identities, read_key, workspace_key
from metarec_core.data.pseudonyms import pseudonymise as replace_ids
from metarec_core.data.read import Reading
from metarec_core.data.split import SPLITS, Split
from metarec_core.data.store import (
    TablesSummary,
    delete_tables,
    list_tables,
    open_tables,
    remembered_mapping,
    tables_state,
    write_tables,
)
from metarec_core.data.tables import CleaningReport, Tables
from metarec_core.data.verdict import Verdict, verdict
from metarec_core.errors import ConfigError, InputError, RunError
from metarec_core.evaluation.ablation import Ablation, variant_ranks
from metarec_core.evaluation.ablation import ablation as measure_ablation
from metarec_core.evaluation.answers import Answers, answers_of
from metarec_core.evaluation.evaluate import Measured, measure
from metarec_core.evaluation.leaderboard import HEADLINE, RUN_NAME, Evaluation, leaderboard
from metarec_core.evaluation.learning_curve import Point
from metarec_core.evaluation.learning_curve import learning_curve as learn_on_shares
from metarec_core.evaluation.lists import Yardstick, yardstick
from metarec_core.evaluation.meta_knowledge import Look
from metarec_core.evaluation.meta_knowledge import look as look_at_meta_knowledge
from metarec_core.evaluation.slices import Slice
from metarec_core.evaluation.slices import slices as cut_slices
from metarec_core.evaluation.standings import Contender, Standing
from metarec_core.evaluation.standings import standings as order_runs
from metarec_core.evaluation.transfer import Transfer
from metarec_core.evaluation.transfer import transfer as take_meta_knowledge
from metarec_core.evaluation.trust import Trust
from metarec_core.evaluation.trust import trust as look_at
from metarec_core.explain.attention_trust import measured_trust
from metarec_core.explain.counterfactual import counterfactuals
from metarec_core.explain.explain import explain
from metarec_core.explain.explanation import AttentionTrust, Counterfactuals, Explanation
from metarec_core.explain.path_quality import PathQuality, kept_paths, measured_paths
from metarec_core.explain.paths import paths
from metarec_core.graph.knowledge_graph import KnowledgeGraph
from metarec_core.graph.paths import Paths
from metarec_core.language import say
from metarec_core.limits import require_space
from metarec_core.metrics import ndcg
from metarec_core.models.device import peak_gpu_memory_mb
from metarec_core.models.new_items import Lending
from metarec_core.recommend.audience import Audience
from metarec_core.recommend.audience import audience as look_at_users
from metarec_core.recommend.comparison import Comparison, Stability, compare, stability
from metarec_core.recommend.diversity import cost_of_diversity
from metarec_core.recommend.embedding_map import EmbeddingMap, drawn_map, embedding_map, kept_map, leading_parts
from metarec_core.recommend.new_item import Draft, NewItem, new_item
from metarec_core.recommend.recommender import Recommendations, Recommender
from metarec_core.recommend.scenario import Scenario
from metarec_core.recommend.selection import Selection, number_ranges
from metarec_core.recommend.what_if import WhatIf, scenario_of, unfolding, what_if
from metarec_core.review.report import Evidence, ReviewPack
from metarec_core.review.report import evidence as review_evidence
from metarec_core.review.report import review_pack as pack_review
from metarec_core.review.sample import Plan, sample
from metarec_core.review.verdicts import Review, judge, open_review, reviews, sign_off, undo
from metarec_core.review.verdicts import start_review as keep_review
from metarec_core.runs.archive import export_run, import_run, run_zip
from metarec_core.runs.deletion import MadeFrom, delete_with_runs, made_from
from metarec_core.runs.lock import hold
from metarec_core.runs.made_with import code_hash, versions
from metarec_core.runs.manifest import Manifest
from metarec_core.runs.memory import peak_memory_mb
from metarec_core.runs.run import Run, RunFolder, run_folder
from metarec_core.runs.seeds import by_seed
from metarec_core.runs.store import (
    Request,
    RunSummary,
    create_run,
    delete_run,
    finish_run,
    list_runs,
    open_run,
    read_arrays,
    read_checkpoint,
    read_config,
    read_json,
    read_request,
    write_arrays,
    write_checkpoint,
    write_json,
)
from metarec_core.text.reader import TextReader
from metarec_core.training.questioning import ask_together

if TYPE_CHECKING:
    import pandas as pd

    from metarec_core.models.metarec import MetaRec
    from metarec_core.text.encoder import TextEncoder
    from metarec_core.training.trainer import TrainingReport

__all__ = [
    "KEY_FILE",
    "Ablation",
    "AttentionTrust",
    "Audience",
    "Brought",
    "CleaningConfig",
    "CleaningReport",
    "Comparison",
    "Counterfactuals",
    "Draft",
    "EmbeddingMap",
    "Evaluation",
    "Evidence",
    "Explanation",
    "KnowledgeGraph",
    "Look",
    "MadeFrom",
    "NewItem",
    "PathQuality",
    "Paths",
    "Plan",
    "Point",
    "Preview",
    "Profile",
    "Progress",
    "Reading",
    "Recommendations",
    "Recommender",
    "Replaced",
    "Request",
    "Review",
    "ReviewPack",
    "Run",
    "RunConfig",
    "RunSummary",
    "Scenario",
    "Selection",
    "Slice",
    "Stability",
    "Standing",
    "Tables",
    "TablesSummary",
    "TextReader",
    "Transfer",
    "Trust",
    "Verdict",
    "WhatIf",
    "ablation",
    "attention_trust",
    "audience",
    "baseline_of",
    "baselines_to_compare",
    "bring",
    "clean_again",
    "compare",
    "counterfactuals",
    "delete_run",
    "delete_tables",
    "delete_with_runs",
    "diversity_cost",
    "drawn_map",
    "embedding_map",
    "encode",
    "evaluate",
    "explain",
    "export_run",
    "import_run",
    "judge",
    "kept_map",
    "kept_meta_knowledge",
    "kept_transfer",
    "knowledge_graph",
    "known_path_quality",
    "layout_of",
    "leading_parts",
    "learned_curve",
    "learning_curve",
    "list_runs",
    "list_tables",
    "made_from",
    "meta_knowledge",
    "new_item",
    "number_ranges",
    "open_recommender",
    "open_review",
    "open_run",
    "open_tables",
    "original_rules",
    "path_quality",
    "paths",
    "preview",
    "profile",
    "pseudonym_key",
    "pseudonymise",
    "read_layout",
    "read_tables",
    "reidentify",
    "remembered_mapping",
    "request_run",
    "requested_run",
    "require_space",
    "resume",
    "review_evidence",
    "review_pack",
    "reviews",
    "run_zip",
    "sample_domains",
    "sample_tables",
    "scenario_of",
    "sign_off",
    "slices",
    "stability",
    "standings",
    "start_review",
    "store_tables",
    "tables_state",
    "text_reader",
    "train",
    "transfer",
    "trust",
    "undo",
    "unfolding",
    "verdict",
    "what_if",
    "why_not_kept",
]

SAMPLE_DATA: Final = Path(__file__).resolve().parents[1] / "sample_data"
USER_ATTRIBUTES: Final = "user_attributes"
"""In what a run has learned: attributes of users that it takes for context. Runs without the word knew of none."""


@dataclass(frozen=True)
class Progress:
    """The progress of a training.

    Attributes:
        run_id: Which run.
        stage: What is being done, in the order of ``training.trainer.STAGES``, then "evaluation" and "done".
        epoch: Finished passes over the data, of ``epochs`` at most.
        step: Finished steps of the current epoch, of ``steps``.
        loss: Mean training loss since the epoch began.
        validation: Validation measures, at the end of an epoch or stage.
        examples_per_s: Training events a second.
        elapsed_s: Seconds of training; of earlier sittings of a resumed run what their last checkpoint kept.
        remaining_s: Estimated seconds to go, None where it cannot be told.
        run: The finished run, in the last report only.
    """

    run_id: str
    stage: str
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    validation: Mapping[str, float] | None = None
    examples_per_s: float | None = None
    elapsed_s: float = 0.0
    remaining_s: float | None = None
    run: Run | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the run."""
        return {name: value for name, value in vars(self).items() if name != "run"}


@deed("import", gives="tables")
def store_tables(tables: Tables, store: Path | str) -> str:
    """Store tables in a workspace; identical tables are stored once.

    Returns:
        Their fingerprint, by which ``open_tables`` finds them.
    """
    write_tables(tables, Path(store))
    return tables.fingerprint


Replaced = Literal["none", "users", "all"]


@deed("import", gives="tables")
def bring(
    brought: Brought,
    store: Path | str,
    cleaning: CleaningConfig = CleaningConfig(),  # noqa: B008  frozen
    *,
    replace_ids_of: Replaced = "none",
    keep: bool = False,
) -> Tables:
    """Read, clean and store files.

    Args:
        brought: The files.
        store: The workspace.
        cleaning: The rules.
        replace_ids_of: Whose ids become pseudonyms before anything is stored.
        keep: Keep the files beside the tables for ``clean_again``, where nothing was left out or replaced.

    Raises:
        DataError: The files cannot be used.
        RunError: The workspace cannot be written.
    """
    require_space(Path(store))
    tables = read_brought(brought, cleaning)
    if replace_ids_of != "none":
        tables = pseudonymise(tables, store, items=replace_ids_of == "all")
    write_tables(tables, Path(store))
    if keep:
        keep_originals(Path(store), tables, brought, cleaning)
    return tables


@deed("import", gives="tables", again="fingerprint")
def clean_again(store: Path | str, fingerprint: str, cleaning: CleaningConfig) -> str:
    """Clean the same files by other rules; the result is stored next to the first.

    Returns:
        Their fingerprint: the same one where the rules take the same rows.

    Raises:
        RunError: The files of these tables were not kept.
        DataError: The rules leave nothing to learn from.
    """
    found = open_originals(Path(store), fingerprint)
    if found is None:
        raise RunError(
            say("The files of data set {fingerprint} were not kept: import them again.", fingerprint=fingerprint)
        )
    return bring(found[0], store, cleaning, keep=True).fingerprint


def original_rules(store: Path | str, fingerprint: str) -> CleaningConfig | None:
    """The rules that stored tables were cleaned by, if their files were kept and can be cleaned again.

    Raises:
        RunError: What was kept is damaged.
    """
    found = open_originals(Path(store), fingerprint)
    return None if found is None else found[1]


def pseudonymise(tables: Tables, store: Path | str, *, items: bool = False) -> Tables:
    """Tables in which users (and items, if wanted) are keyed hashes, under the workspace's key, created at first use.

    Raises:
        RunError: The key cannot be written or read.
    """
    return replace_ids(tables, workspace_key(Path(store)), items=items)


@deed("key")
def pseudonym_key(store: Path | str) -> str:
    """The workspace's pseudonym key, 64 digits 0-9, a-f, to be kept safe elsewhere.

    Raises:
        RunError: There is none, or its file is damaged.
    """
    return read_key(Path(store) / KEY_FILE).hex()


def reidentify(
    behaviour: Source, key_file: Path | str, *, mapping: Mapping[str, str] | None = None, kind: IdKind = "user"
) -> pd.DataFrame:
    """Match pseudonyms to IDs: pseudonym and user_id (or item_id), for anyone with the original file and the key.

    Args:
        behaviour: The file as it was imported.
        key_file: The workspace's ``pseudonyms.key``, or a copy.
        mapping: What columns were used as, as in ``read_tables``.
        kind: Whose pseudonyms.

    Raises:
        RunError: The key cannot be read.
        DataError: The file cannot be used.
    """
    key = read_key(Path(key_file))
    return identities(read_ids(behaviour, f"{kind}_id", mapping=mapping), key, kind)


def layout_of(source: Source | Sequence[Source]) -> Importer | None:
    """The public layout of a folder, a zip file or several files; None if it is not a known one.

    Raises:
        DataError: The files cannot be opened.
    """
    return detect(open_files(source)[0])


def sample_domains() -> tuple[str, ...]:
    """Names of the built-in sample data sets."""
    return tuple(sorted(folder.name for folder in SAMPLE_DATA.iterdir() if (folder / "behaviour.csv").is_file()))


def sample_tables(domain: str) -> Tables:
    """One built-in sample, read and cleaned like an upload.

    Raises:
        InputError: There is no such sample.
    """
    if domain not in sample_domains():
        raise InputError(
            say(
                "There is no sample {domain!r}: choose one of {sample_domains}.",
                domain=domain,
                sample_domains=", ".join(sample_domains()),
            )
        )
    folder = SAMPLE_DATA / domain
    return read_tables(folder / "behaviour.csv", folder / "items.csv", folder / "facts.csv", name=f"{domain} (sample)")


@deed("train", gives="run", tables="tables_fingerprint")
def request_run(tables_fingerprint: str, config: RunConfig, *, store: Path | str, device: str = "auto") -> str:
    """Reserve a run of stored tables without training it yet; ``resume`` trains it, here or in another process.

    Returns:
        The run id.

    Raises:
        RunError: The store has no such tables.
        ConfigError: A baseline of the config is unknown, or what it needs is not installed.
    """
    from metarec_core.training.baselines import require_baselines

    require_baselines(config.evaluation.baselines)
    tables = open_tables(Path(store), tables_fingerprint)
    return create_run(Path(store), config, Request(tables.fingerprint, tables.name, device)).run_id


def requested_run(run_id: str, *, store: Path | str) -> tuple[Request, RunConfig]:
    """The data and settings that a run, finished or not, was requested with.

    Raises:
        RunError: There is no such run, or its folder is damaged.
    """
    folder = run_folder(Path(store), run_id)
    return read_request(folder), read_config(folder)


def train(tables: Tables, config: RunConfig, *, store: Path | str, device: str = "auto") -> Iterator[Progress]:
    """Train, measure and store a run, as an iterator of progress: leave the loop and it stops, ready to be resumed.

    Args:
        tables: What to learn from; stored beside the run.
        config: Every setting that changes the result.
        store: Workspace folder.
        device: "auto", "cpu", "cuda" or "mps".

    Yields:
        Progress; the last one carries the finished run.
    """
    run_id = request_run(store_tables(tables, store), config, store=store, device=device)
    return resume(run_id, store=store)


def resume(run_id: str, *, store: Path | str, device: str | None = None) -> Iterator[Progress]:
    """Train a requested run, from its last checkpoint if it has one; the result is the same as without an interruption.

    Args:
        run_id: An unfinished run.
        store: Workspace folder.
        device: Where to go on; as requested when not given.

    Raises:
        RunError: There is no such run, it is finished already, or its tables or checkpoint are gone or damaged.
    """
    folder = run_folder(Path(store), run_id)
    if folder.is_finished:
        raise RunError(say("Run {run_id} is already finished: open it, or train a new one.", run_id=run_id))
    request = read_request(folder)
    config = read_config(folder)
    tables = open_tables(folder.store, request.tables_fingerprint)
    return _alone(folder, _train(folder, tables, config, device or request.device))


def learnable(tables: Tables, config: RunConfig, store: Path) -> tuple[Split, Any]:
    """What a training of these tables starts from: the split, and float32 [N + 1, D] of items' texts (None without)."""
    from metarec_core.text.encoder import choose_encoder, encoding
    from metarec_core.text.template import item_texts

    text = None
    if config.model.text:
        encoder = choose_encoder(config.model.text_encoder, item_texts(tables.items))
        for reading in encoding(tables.items, encoder, store / "text"):
            text = reading.vectors
    return _split(_encoded(tables, config), config), text


def open_recommender(run: Run, device: str = "cpu", threads: int | None = None) -> Recommender:
    """Load a finished run for recommending and explaining.

    Args:
        run: Which one.
        device: "cpu", "cuda" or "mps".
        threads: How many torch may use in this process from now on, for whatever it does; as many as before when not given. One
            answers soonest beside a training: threads that wait for each other take turns with it, hundreds of times an answer.

    Raises:
        RunError: The run or its tables are damaged, gone, or do not belong together.
    """
    from metarec_core.models import metarec
    from metarec_core.models.device import use_threads

    if threads is not None:
        use_threads(threads)
    tables = open_tables(run.folder.store, run.manifest.tables_fingerprint)
    dataset = _encoded(tables, run.config, run)
    if read_json(run.folder.users) != list(dataset.users.ids) or read_json(run.folder.items) != list(dataset.items.ids):
        raise RunError(
            say(
                "Run {run_id} and its data set {fingerprint} have different users or items: train again.",
                run_id=run.run_id,
                fingerprint=tables.fingerprint,
            )
        )
    state = read_arrays(run.folder.weights)
    try:
        scorer = metarec.load(run.config, state, n_items=dataset.n_items, device=device)
    except (KeyError, ValueError, RuntimeError) as error:
        raise RunError(
            say(
                "Run {run_id} cannot be opened: its {name} does not match its config. Train it again.",
                run_id=run.run_id,
                name=run.folder.weights.name,
            )
        ) from error
    lending = None
    if "new_items" in run.manifest.learned:
        lending = Lending.of(run.manifest.learned["new_items"]["strength"], _split(dataset, run.config).known)
    return Recommender(dataset, scorer, tables.items, run.config.data.max_history, lending)


def baseline_of(run: Run, name: str, recommender: Recommender | None = None) -> Recommender:
    """A simple model in place of a run's own, trained on all events of its data.

    Args:
        run: A finished run.
        name: One of ``baselines_to_compare()``.
        recommender: Of the run; opened when not given.

    Raises:
        ConfigError: There is no such baseline.
        RunError: The run or its tables are damaged or gone.
    """
    from metarec_core.training.baselines import fit_baselines

    recommender = recommender or open_recommender(run)
    data = recommender.dataset
    return replace(recommender, scorer=next(iter(fit_baselines((name,), data.events, data, run.config.seed))))


def baselines_to_compare() -> tuple[str, ...]:
    """Names of the simple models that a run can be compared with."""
    from metarec_core.training.baselines import baseline_names

    return tuple(baseline_names())


def audience(run: Run, recommender: Recommender | None = None) -> Audience:
    """All users of a run, to be searched by ID, attribute, length of history, quality and the main part of their lists.

    Args:
        run: A finished run.
        recommender: Of the run; opened when not given.

    Raises:
        RunError: The run or its tables are damaged or gone.
    """
    recommender = recommender or open_recommender(run)
    if not run.folder.answers.is_file():
        return look_at_users(recommender)
    answers = Answers.from_arrays(read_arrays(run.folder.answers))
    return look_at_users(recommender, answers.user_numbers, answers.ranks.get(RUN_NAME))


def diversity_cost(run: Run, recommender: Recommender | None = None) -> pd.DataFrame:
    """What varied lists would have cost a run on a sample of its test questions, as in ``cost_of_diversity``.

    Args:
        run: A finished run.
        recommender: Of the run; opened when not given.

    Raises:
        RunError: The run or its tables are damaged or gone.
    """
    recommender = recommender or open_recommender(run)
    return cost_of_diversity(recommender, _split(recommender.dataset, run.config).test)


def text_reader(run: Run) -> TextReader | None:
    """Reads new texts as the run read its items; None if it reads no text.

    Raises:
        RunError: The run's tables are damaged or gone.
        ConfigError: The run's text model is not on this machine.
    """
    if not run.config.model.text:
        return None
    items = open_tables(run.folder.store, run.manifest.tables_fingerprint).items
    return TextReader(items, _encoder(run, items), run.folder.store / "text")


def evaluate(run: Run, baselines: Sequence[str] | None = None) -> Evaluation:
    """The run compared with baselines on its test events, with 95% intervals.

    What training measured is read back; baselines that it did not measure are fitted now, on the same events.

    Args:
        run: A finished run.
        baselines: Names from ``training.baselines.baseline_names()``; those of the run's config when not given.

    Raises:
        RunError: The run or its tables are damaged or gone.
        ConfigError: There is no such baseline.
    """
    stored = Evaluation.from_dict(read_json(run.folder.leaderboard))
    names = run.config.evaluation.baselines if baselines is None else tuple(dict.fromkeys(baselines))
    if set(names) <= set(stored.models):
        return stored.among(names)
    recommender = open_recommender(run)
    split = _split(recommender.dataset, run.config)
    stick = yardstick(split, split.test, _text(run))
    measured = {RUN_NAME: measure(recommender.scorer, split, split.test, recommender.max_history, stick)}
    measured = _beside(measured, split, names, run.config, stick)
    return leaderboard(measured, split, run.config.evaluation.bootstrap_draws, run.config.seed, stick)


def ablation(run: Run) -> Ablation | None:
    """What a run would be without meta-knowledge and without each of its parts; None if that was not measured.

    Raises:
        RunError: The run is damaged.
    """
    return Ablation.from_dict(read_json(run.folder.ablation)) if run.folder.ablation.is_file() else None


def knowledge_graph(recommender: Recommender) -> KnowledgeGraph:
    """Users, items, attribute values, contexts and facts of a run's data as one typed graph; built once."""
    return recommender.knowledge_graph


def slices(run: Run) -> tuple[Slice, ...]:
    """How well a run serves kinds of users, items and requests; empty for runs that did not measure it.

    Raises:
        RunError: The run is damaged.
    """
    return tuple(map(Slice.from_dict, read_json(run.folder.slices))) if run.folder.slices.is_file() else ()


@deed("measure", run="run")
def learning_curve(run: Run) -> Iterator[Point]:
    """Train on growing shares of a run's users, without the network, and store the result with the run.

    Raises:
        RunError: The run or its tables are damaged or gone.
    """
    tables = open_tables(run.folder.store, run.manifest.tables_fingerprint)
    split = _split(_encoded(tables, run.config, run), run.config)
    points: list[Point] = []
    for point in learn_on_shares(split, run.config, _text(run)):
        points.append(point)
        write_json(run.folder.learning_curve, [point.to_dict() for point in points])
        yield point


def learned_curve(run: Run) -> tuple[Point, ...]:
    """The learning curve stored with a run; empty if none was computed.

    Raises:
        RunError: The run is damaged.
    """
    path = run.folder.learning_curve
    return tuple(map(Point.from_dict, read_json(path))) if path.is_file() else ()


@deed("measure", run="run")
def meta_knowledge(run: Run, recommender: Recommender | None = None) -> Iterator[Look]:
    """Measure what a run has learned about when to trust each part, and store it with the run.

    Args:
        run: A finished run.
        recommender: The run at work, where it is open already.

    Yields:
        The look as it grows; the last one is complete.

    Raises:
        RunError: The run or its tables are damaged or gone.
    """
    model, split, max_history = _at_work(run, recommender)
    for found in look_at_meta_knowledge(
        model, split, max_history, run.config.evaluation.bootstrap_draws, run.config.seed
    ):
        yield found
    write_json(run.folder.meta_knowledge, found.to_dict())


def kept_meta_knowledge(run: Run) -> Look | None:
    """What ``meta_knowledge`` found before; None if it was not run."""
    values = _kept(run.folder.meta_knowledge)
    return None if values is None else Look.from_dict(values)


@deed("measure", run="run_to", source="run_from")
def transfer(run_from: Run, run_to: Run, recommender: Recommender | None = None) -> Iterator[Transfer]:
    """Apply the meta-knowledge of one run to another and test it on the other's test answers. Stored with the other run.

    Args:
        run_from: Whose meta-knowledge; where it serves without, one is learned from its test answers.
        run_to: To which; its own fixed weights are what must be beaten.
        recommender: ``run_to`` at work, where it is open already.

    Yields:
        The transfer as its curve grows; the last one is complete.

    Raises:
        InputError: The runs are one, have other parts, or there is too little to learn from.
        RunError: A run or its tables are damaged or gone.
    """
    if run_from.run_id == run_to.run_id:
        raise InputError(say("A run cannot take meta-knowledge from itself: choose another run."))
    source, target = _at_work(run_from), _at_work(run_to, recommender)
    for found in take_meta_knowledge(source, target, run_to.config.evaluation.bootstrap_draws, run_to.config.seed):
        yield found
    write_json(run_to.folder.transfer(run_from.run_id), found.to_dict())


def kept_transfer(run_from: Run, run_to: Run) -> Transfer | None:
    """What ``transfer`` found before; None if it was not run."""
    values = _kept(run_to.folder.transfer(run_from.run_id))
    return None if values is None else Transfer.from_dict(values)


def trust(run: Run) -> Trust:
    """Whether to trust a run: leakage, simple models that it must beat, popular items, users, seeds, data.

    Raises:
        RunError: The run is damaged.
    """
    try:
        open_tables(run.folder.store, run.manifest.tables_fingerprint)
        data_problem = None
    except RunError as error:
        data_problem = str(error)
    evaluation = Evaluation.from_dict(read_json(run.folder.leaderboard))
    results = [evaluation.models[RUN_NAME][HEADLINE].mean]
    results += [other.leaderboard["models"][RUN_NAME][HEADLINE]["mean"] for other in other_seeds(run)]
    return look_at(evaluation, results, data_problem)


def other_seeds(run: Run) -> tuple[RunSummary, ...]:
    """The newest finished run of each other seed that differs from this one in nothing else that affects lists.

    Which baselines stand beside a run, how often is resampled and whether parts are left out does not count.

    Raises:
        RunError: The run is damaged.
    """
    finished = {summary.run_id: summary for summary in list_runs(run.folder.store)}
    newest = (
        next((finished[folder.run_id] for folder in folders if folder.run_id in finished), None)
        for seed, folders in by_seed(run.folder.store, run.run_id).items()
        if seed != run.config.seed
    )
    return tuple(summary for summary in newest if summary is not None)


def standings(run: Run) -> tuple[Standing, ...]:
    """This run, all others of the workspace on the same data and split, and its baselines, best first.

    Others that are damaged, or deleted meanwhile, are left out.

    Raises:
        RunError: The run is damaged.
    """
    contenders, asked = [_contender(run)], _questions(run)
    for summary in list_runs(run.folder.store):
        if summary.run_id != run.run_id and summary.tables_fingerprint == run.manifest.tables_fingerprint:
            with suppress(RunError):
                other = open_run(run.folder.store, summary.run_id)
                if _questions(other) == asked:
                    contenders.append(_contender(other))
    return order_runs(contenders, run.config.evaluation.bootstrap_draws)


def _at_work(run: Run, recommender: Recommender | None = None) -> tuple[MetaRec, Split, int]:
    """A run's model, its split and the longest history it looks at."""
    recommender = recommender or open_recommender(run)
    return recommender.scorer, _split(recommender.dataset, run.config), recommender.max_history  # type: ignore[return-value]


def _kept(path: Path) -> Any:
    """What a file holds; None without it, or where it is damaged: it is measured again then."""
    try:
        return read_json(path) if path.is_file() else None
    except RunError:
        return None


def _contender(run: Run) -> Contender:
    evaluation = Evaluation.from_dict(read_json(run.folder.leaderboard))
    answers = Answers.from_arrays(read_arrays(run.folder.answers)) if run.folder.answers.is_file() else None
    return Contender(run.run_id, run.config.preset_name, run.config.seed, evaluation, answers)


def _questions(run: Run) -> tuple[str, str, str, str]:
    """What decides what was asked: where it is the same, runs on the same data were asked the same."""
    evaluation = Evaluation.from_dict(read_json(run.folder.leaderboard))
    return evaluation.protocol, evaluation.targets, run.config.data.ties, run.config.data.repeats


@deed("measure", run="run")
def attention_trust(run: Run, recommender: Recommender | None = None, *, n_users: int = 100) -> AttentionTrust:
    """How often the attention of a run can be trusted, by length of history; measured once and stored in the workspace.

    Args:
        run: A finished run.
        recommender: The run at work, where it is open already.
        n_users: Users drawn, by the run's seed, each with the first item of the own list.

    Raises:
        RunError: The run or its tables are damaged or gone.
    """
    return measured_trust(run, recommender or open_recommender(run), n_users=n_users)


@deed("measure", run="run")
def path_quality(run: Run, recommender: Recommender | None = None, *, n_users: int = 50) -> PathQuality:
    """What the paths of a run are like: how many recommendations have one, whether every row they cite says so in the tables,
    how diverse and recent they are; measured once and kept with the run.

    Args:
        run: A finished run.
        recommender: The run at work, where it is open already.
        n_users: Users drawn, by the run's seed, each with the whole list of ten.

    Raises:
        RunError: The run or its tables are damaged or gone.
    """
    return measured_paths(run, recommender or open_recommender(run), n_users=n_users)


def known_path_quality(run: Run) -> PathQuality | None:
    """``path_quality`` as last measured; None if it was not run.

    Raises:
        RunError: The run is damaged.
    """
    return kept_paths(run)


@deed("review", gives="review", run="run")
def start_review(run: Run, plan: Plan, recommender: Recommender | None = None) -> Review:
    """Sample recommendations of a run by a rule, and store them in its folder as a queue for reviewers.

    Args:
        run: A finished run.
        plan: Which recommendations, and how many.
        recommender: Of the run; opened when not given.

    Raises:
        InputError: The plan cannot be followed.
        UnknownIdError: A pair names a user or an item that the data does not have.
        RunError: The run is damaged, or its folder cannot be written.
    """
    recommender = recommender or open_recommender(run)
    return keep_review(run, sample(recommender, plan, _split(recommender.dataset, run.config)))


def review_pack(
    run: Run, review_id: str, recommender: Recommender | None = None, evidence: Sequence[Evidence] = ()
) -> ReviewPack:
    """The current record of a review: the run's trust card, evidence with its paths, verdicts and signatures.

    Args:
        run: A finished run.
        review_id: One of its reviews.
        recommender: Of the run; opened when not given.
        evidence: Of each recommendation, where it was looked up before.

    Raises:
        RunError: The run has no such review, or is damaged.
    """
    return pack_review(run, review_id, recommender or open_recommender(run), evidence, trust(run))


def _alone(folder: RunFolder, training: Iterator[Progress]) -> Iterator[Progress]:
    """A training that nobody else works on at the same time; everybody can see that someone does."""
    with hold(folder):
        yield from training


def _train(folder: RunFolder, tables: Tables, config: RunConfig, device: str) -> Iterator[Progress]:
    from metarec_core.text.encoder import choose_encoder, encoding
    from metarec_core.text.template import item_texts
    from metarec_core.training import trainer

    started, code = time.monotonic(), code_hash()
    split = _split(_encoded(tables, config), config)
    checkpoint = trainer.Checkpoint(*read_checkpoint(folder)) if folder.checkpoint.is_file() else None
    earlier = checkpoint.numbers.get("seconds", {}) if checkpoint is not None else {}
    text, text_encoder = None, None
    if config.model.text:
        yield Progress(folder.run_id, "text")
        encoder = choose_encoder(config.model.text_encoder, item_texts(tables.items))
        text_encoder = encoder.name
        for reading in encoding(tables.items, encoder, folder.store / "text"):
            text = reading.vectors
            elapsed = sum(earlier.values()) + time.monotonic() - started
            yield Progress(folder.run_id, "text", step=reading.done, steps=reading.total, elapsed_s=elapsed)
    text_s = earlier.get("text", 0.0) + time.monotonic() - started
    report: TrainingReport | None = None
    for report in trainer.fit(split, config, device, checkpoint, text):
        progress = _progress(folder.run_id, report, text_s + report.elapsed_s)
        if report.validation is not None:  # before the checkpoint: what it holds is not measured again
            _append_history(folder, progress)
        if report.checkpoint is not None:
            seconds = {"text": text_s, **report.checkpoint.numbers["seconds"]}
            write_checkpoint(folder, report.checkpoint.arrays, {**report.checkpoint.numbers, "seconds": seconds})
        yield progress
    if report is None or report.model is None:
        raise RuntimeError("training ended without a model")
    trained_s = text_s + report.elapsed_s
    yield Progress(folder.run_id, "evaluation", report.epoch, report.epochs, elapsed_s=trained_s)
    began = scoring = time.monotonic()
    stick = yardstick(split, split.test, text)
    asking = partial(ask_together, config)
    measured = {RUN_NAME: measure(report.model, split, split.test, config.data.max_history, stick, asking)}
    scored_per_s = len(split.test) / max(time.monotonic() - scoring, 1e-9)
    measured = _beside(measured, split, config.evaluation.baselines, config, stick)
    draws = config.evaluation.bootstrap_draws
    evaluation = leaderboard(measured, split, draws, config.seed, stick)
    without, ranks = None, {}
    if config.evaluation.ablation:
        ranks = variant_ranks(report.variants, split, config.data.max_history)
        without = measure_ablation({name: ndcg(found, 10) for name, found in ranks.items()}, split, draws, config.seed)
    answers = answers_of(measured, split.test, ranks)
    found = cut_slices(answers, split, evaluation.best_baseline, draws, config.seed)
    write_arrays(folder.answers, answers.arrays())
    write_json(folder.slices, [cut.to_dict() for cut in found])
    dataset = split.dataset
    traits = [vocabulary.kind for vocabulary in dataset.trait_vocabularies]
    timings = {"text": text_s, **report.timings_s}
    timings["evaluation"] = time.monotonic() - began
    timings["total"] = trained_s + timings["evaluation"]
    run = finish_run(
        folder,
        user_ids=dataset.users.ids,
        item_ids=dataset.items.ids,
        state=report.model.state(),
        leaderboard=evaluation.to_dict(),
        ablation=None if without is None else without.to_dict(),
        manifest=Manifest(
            metarec_version=__version__,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            tables_fingerprint=tables.fingerprint,
            tables_name=tables.name,
            n_users=dataset.n_users,
            n_items=dataset.n_items,
            n_events=dataset.events.n_events,
            device=report.device,
            versions=versions(text_encoder, config.evaluation.baselines),
            timings_s={stage: round(seconds, 3) for stage, seconds in timings.items()},
            peak_memory_mb=peak_memory_mb(),
            peak_gpu_memory_mb=peak_gpu_memory_mb(report.device),
            code=code,
            learned={
                **report.learned,
                **({USER_ATTRIBUTES: traits} if config.model.context and config.model.user_attributes else {}),
                "text_encoder": text_encoder,
                "throughput": {"training_events_per_s": report.examples_per_s, "scored_users_per_s": scored_per_s},
            },
            validation=dict(report.validation or {}),
        ),
    )
    yield Progress(
        folder.run_id,
        "done",
        report.epoch,
        report.epochs,
        validation=report.validation,
        elapsed_s=timings["total"],
        remaining_s=0.0,
        run=run,
    )


def _progress(run_id: str, report: TrainingReport, elapsed_s: float) -> Progress:
    return Progress(
        run_id,
        report.stage,
        report.epoch,
        report.epochs,
        report.step,
        report.steps,
        report.loss,
        report.validation,
        report.examples_per_s,
        elapsed_s,
        report.remaining_s,
    )


def _append_history(folder: RunFolder, progress: Progress) -> None:
    """Add a line, on a new one where the last was cut off by a kill or a full disk."""
    with folder.history.open("ab+") as file:
        if size := file.tell():
            file.seek(size - 1)
        begin = b"" if file.read(1) in (b"", b"\n") else b"\n"
        file.write(begin + json.dumps(progress.to_dict()).encode() + b"\n")


def _beside(
    measured: Mapping[str, Measured], split: Split, baselines: Sequence[str], config: RunConfig, stick: Yardstick
) -> dict[str, Measured]:
    """What was measured, and the baselines fitted on the same events and asked the same."""
    from metarec_core.training.baselines import fit_baselines

    asking = partial(ask_together, config)
    fitted = {
        baseline.name: measure(baseline, split, split.test, config.data.max_history, stick, asking)
        for baseline in fit_baselines(baselines, split.known, split.dataset, config.seed)
    }
    return {**measured, **fitted}


def _text(run: Run) -> Float32Array | None:
    """What items are about, as the run read it; None where it reads no text.

    Raises:
        ConfigError: What read it is not on this machine.
    """
    from metarec_core.text.encoder import encode_items

    if not run.config.model.text:
        return None
    items = open_tables(run.folder.store, run.manifest.tables_fingerprint).items
    return encode_items(items, _encoder(run, items), run.folder.store / "text")


def _encoder(run: Run, items: pd.DataFrame) -> TextEncoder:
    """What read the texts of a run, not what its config would choose on this machine; runs of old did not say.

    Raises:
        ConfigError: It is not on this machine.
    """
    from metarec_core.text.encoder import choose_encoder
    from metarec_core.text.template import item_texts

    name = run.manifest.learned.get("text_encoder") or run.config.model.text_encoder
    try:
        return choose_encoder(name, item_texts(items))
    except ConfigError as error:
        raise ConfigError(
            say(
                "Run {run_id} read its texts with {name}, which is not on this machine: install it here "
                "to read more texts, or train again.",
                run_id=run.run_id,
                name=name,
            )
        ) from error


def _encoded(tables: Tables, config: RunConfig, run: Run | None = None) -> Dataset:
    """Tables in numbers, as a config asks for; with a finished run, as it had them: older ones knew no attributes of users."""
    asked = config.model.context and config.model.user_attributes
    return encode(
        tables,
        ties_are_sets=config.data.ties == "sets",
        repeats=config.data.repeats == "allowed",
        user_attributes=asked if run is None else USER_ATTRIBUTES in run.manifest.learned,
    )


def _split(dataset: Dataset, config: RunConfig) -> Split:
    return SPLITS[config.evaluation.protocol](dataset, config.evaluation.targets)
