"""Training a MetaRec, as an iterator of reports: stop asking and it stops.

::

    memories   settings chosen on validation, with memories of training events
    sequence   passes over training events until validation stops improving
    weights    one number a part, by what ranks best on validation
    refit      with everything chosen, the parts learn from validation events too
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, TypeVar

import numpy as np

from metarec_core.config import RunConfig
from metarec_core.data.dataset import Int64Array, Interactions
from metarec_core.data.split import Split, before, prefixes
from metarec_core.graph.embed import FUSED_AXES, graph_axes, graph_vectors
from metarec_core.graph.values import item_values, relation_keys
from metarec_core.models.content import ContentPart, directions_of_modes, side_by_side
from metarec_core.models.device import resolve_device
from metarec_core.models.graph import GraphPart, fit_graph
from metarec_core.models.metarec import (
    CONTEXT,
    FIXED,
    GRAPH,
    MODES,
    PART_NAMES,
    POPULARITY,
    RECENT,
    SEQUENCE,
    TEXT,
    Block,
    MetaRec,
)
from metarec_core.models.new_items import nearest
from metarec_core.models.popularity import fit_context_popularity, fit_popularity, fit_recent_popularity
from metarec_core.models.scorer import Float32Array
from metarec_core.training.baselines import on_validation
from metarec_core.training.calibrate import learn_calibration
from metarec_core.training.combination import combine
from metarec_core.training.graph import choose_graph, choose_relations, relation_weights
from metarec_core.training.learner import Learner
from metarec_core.training.link_prediction import learned_axes, predict_links
from metarec_core.training.memories import MEMORIES, choose_content, usual_ease
from metarec_core.training.new_items import choose_borrowing, with_borrowed
from metarec_core.training.questions import Questions
from metarec_core.training.report import STAGES, Checkpoint, Stopwatch, TrainingReport
from metarec_core.training.seeding import numpy_generator
from metarec_core.training.sequence import Weights, learn_sequence, packed, refit_sequence
from metarec_core.training.weighed import Weighed, restored
from metarec_core.training.weights import gather, learn_weights, readable, without_each

__all__ = ["STAGES", "Checkpoint", "TrainingReport", "fit"]

QUESTIONS_TO_CHOOSE: Final = 3_000
"""Validation queries by which memory settings are chosen and passes compared."""

QUESTIONS_TO_WEIGH: Final = 10_000
"""Validation queries by which the parts' weights are learned."""

ANSWERS_FOR_META: Final = 20_000
"""Validation queries from which meta-knowledge is learned."""

Numbers = dict[str, Any]
Found = TypeVar("Found")


def fit(
    split: Split,
    config: RunConfig,
    device: str = "auto",
    checkpoint: Checkpoint | None = None,
    text: Float32Array | None = None,
) -> Iterator[TrainingReport]:
    """Train on ``split.train``, choose on ``split.validation``, refit on both; ``split.test`` is never looked at.

    Args:
        split: What may be learned from.
        config: Every setting that changes the result.
        device: "auto", "cpu", "cuda" or "mps".
        checkpoint: Of an earlier sitting of the same training; the result is that of one never interrupted.
        text: float32 [N + 1, D], what items are about; None without a text part.

    Yields:
        Reports, at least every half second while the sequence part learns; the last one carries the model.

    Raises:
        ConfigError: The machine has no such device.
    """
    return _timed(split, config, resolve_device(device), checkpoint, text)


def _timed(
    split: Split, config: RunConfig, device: str, checkpoint: Checkpoint | None, text: Float32Array | None
) -> Iterator[TrainingReport]:
    earlier = checkpoint.numbers.get("seconds", {}) if checkpoint else {}
    clock = Stopwatch({stage: seconds for stage, seconds in earlier.items() if stage in STAGES})
    for report in _stages(split, config, device, checkpoint, text, clock):
        if report.checkpoint is not None:
            numbers = {**report.checkpoint.numbers, "seconds": clock.so_far(report.stage)}
            report = replace(report, checkpoint=replace(report.checkpoint, numbers=numbers))
        yield replace(report, elapsed_s=clock.elapsed_s, device=device)


@dataclass(frozen=True)
class _Sitting:
    """What the stages of one sitting share.

    Attributes:
        validation: All validation queries.
        questions: The sample of them that chooses settings.
        numbers: What a checkpoint keeps beside arrays; each stage brings it up to date.
    """

    split: Split
    config: RunConfig
    device: str
    checkpoint: Checkpoint | None
    validation: Questions
    questions: Questions
    numbers: Numbers

    @property
    def settings(self) -> Numbers:
        settings: Numbers = self.numbers["settings"]
        return settings

    def sample(self, size: int, purpose: str) -> Questions:
        return self.validation.sample(size, numpy_generator(self.config.seed, purpose))

    def learner(self, events: Interactions, use: str, passes: int, fused: Float32Array) -> Learner:
        return Learner(
            events,
            self.config,
            self.device,
            use=use,
            passes=passes,
            rate=self.config.train.rate,
            content=fused,
            has_clock_times=self.split.dataset.has_clock_times,
        )


@dataclass(frozen=True)
class _Memories:
    """What the first stage leaves.

    Attributes:
        parts: All parts but the sequence.
        alike: What items are about, by which new ones borrow.
        relations: float32 [R], what each relation of the graph counts.
        entities: Vectors of the graph's values; None without a graph.
        learned: What was found on the way, ready for JSON.
    """

    parts: dict[str, Block]
    alike: Float32Array
    relations: Float32Array
    entities: Float32Array | None
    learned: Numbers


def _stages(
    split: Split,
    config: RunConfig,
    device: str,
    checkpoint: Checkpoint | None,
    text: Float32Array | None,
    clock: Stopwatch,
) -> Iterator[TrainingReport]:
    validation = Questions(split.dataset, split.validation, config.data.max_history)
    questions = validation.sample(QUESTIONS_TO_CHOOSE, numpy_generator(config.seed, "questions to choose"))
    numbers: Numbers = dict(checkpoint.numbers) if checkpoint else {"settings": {}}
    sitting = _Sitting(split, config, device, checkpoint, validation, questions, numbers)

    memories = yield from _memories(sitting, text)
    clock.end_stage("memories")

    fused = memories.alike if config.model.fused else side_by_side(split.dataset.n_items, ())
    parts = dict(memories.parts)
    best_weights: Weights = {}
    if config.model.sequence:
        learner = sitting.learner(split.train, "sequence", config.train.epochs, fused)
        best_weights = yield from learn_sequence(learner, questions, numbers, checkpoint)
        parts[SEQUENCE] = learner.part()
        clock.end_stage("sequence")

    weighed = yield from _weights(sitting, parts, memories.alike, best_weights)
    clock.end_stage("weights")

    finish = yield from _refit(sitting, memories, weighed, best_weights, fused)
    clock.end_stage("refit")
    best_epoch = {"best_epoch": numbers["best_epoch"]} if config.model.sequence else {}
    yield TrainingReport(
        "refit",
        validation=numbers["measured"],
        examples_per_s=numbers.get("events_per_s"),
        remaining_s=0.0,
        model=finish(weighed.model),
        variants={name: finish(variant) for name, variant in weighed.variants.items()},
        timings_s=clock.stages,
        learned={"settings": sitting.settings, **memories.learned, **best_epoch, **weighed.learned},
    )


def _memories(sitting: _Sitting, text: Float32Array | None) -> Generator[TrainingReport, None, _Memories]:
    """Parts that are fitted, not learned by passes; their settings are chosen unless an earlier sitting chose them."""
    split, config, questions, settings = sitting.split, sitting.config, sitting.questions, sitting.settings
    train, dataset = split.train, split.dataset
    parts: dict[str, Block] = {}

    def chosen() -> TrainingReport:
        """A setting was chosen, which need not be done again."""
        kept = {**sitting.numbers, "stage": "memories", "settings": dict(settings)}
        return TrainingReport("memories", checkpoint=Checkpoint({}, kept))

    for name, memory in MEMORIES.items():
        if getattr(config.model, name):
            yield TrainingReport("memories")
            if name in settings:
                parts[name] = memory.fit(train, settings[name])
            else:
                settings[name], parts[name] = memory.choose(train, questions)
                yield chosen()
    modes = directions_of_modes(dataset.vectors) if config.model.modes else None
    content = {
        name: vectors for name, vectors in ((TEXT, text), (MODES, modes)) if vectors is not None and vectors.any()
    }
    for name, vectors in content.items():
        yield TrainingReport("memories")
        if name not in settings:
            settings[name] = choose_content(vectors, questions)
            yield chosen()
        parts[name] = ContentPart(vectors, settings[name]["decay"])
    axes, relations = None, np.zeros(0, dtype=np.float32)
    if config.model.graph and relation_keys(dataset):
        yield TrainingReport("memories")
        if config.model.graph_embedding == "linear":
            if GRAPH not in settings:
                settings[GRAPH] = {"relations": choose_relations(train, dataset, questions)}
                yield chosen()
            relations = relation_weights(dataset, settings[GRAPH].get("relations", {}))
            axes = graph_axes(item_values(dataset, relations))
        else:
            axes = learned_axes(dataset, config.model.graph_embedding, config.seed)
    entities: Float32Array | None = None
    learned: Numbers = {}
    if axes is not None and axes.items.any():
        yield TrainingReport("memories")
        if "dimensions" not in settings.get(GRAPH, {}):
            settings[GRAPH] = {**settings.get(GRAPH, {}), **choose_graph(train, axes.items, questions)}
            yield chosen()
        dimensions = settings[GRAPH]["dimensions"]
        entities = axes.values[:, :dimensions].copy()
        parts[GRAPH] = fit_graph(train, graph_vectors(axes.items, dimensions))
        content[GRAPH] = graph_vectors(axes.items, FUSED_AXES)
        foretold = predict_links(dataset, config.model.graph_embedding, config.seed, relations)
        links = {name: vars(found) for name, found in foretold.items()}
        learned[GRAPH] = {"embedding": config.model.graph_embedding, "link_prediction": links}
        yield TrainingReport("memories")
    parts |= _counts(split, split.train_ends, config)
    return _Memories(parts, side_by_side(dataset.n_items, content.values()), relations, entities, learned)


def _weights(
    sitting: _Sitting, parts: Mapping[str, Block], alike: Float32Array, best_weights: Weights
) -> Generator[TrainingReport, None, Weighed]:
    """How far each part is trusted, on validation; what an earlier sitting found is not looked for again."""
    config, questions, numbers = sitting.config, sitting.questions, sitting.numbers
    train, n_items = sitting.split.train, sitting.split.dataset.n_items
    yield TrainingReport("weights")
    own: dict[str, Block] = {name: parts[name] for name in PART_NAMES if name in parts}
    bare = MetaRec(n_items, own, units=dict.fromkeys(own, 1.0), k=dict.fromkeys(own, 0.0))
    to_weigh = sitting.sample(QUESTIONS_TO_WEIGH, "questions to weigh")
    candidates = cache(lambda: gather(bare, to_weigh))  # not asked for where an earlier sitting found everything
    log_counts = fit_popularity(train).log_counts

    def kept(report: TrainingReport) -> TrainingReport:
        numbers.update(stage="weights", weighed=weighed.numbers())
        return replace(report, checkpoint=Checkpoint(packed(best_weights) | weighed.arrays(), dict(numbers)))

    earlier = restored(sitting.checkpoint, bare)
    if earlier is None:
        model, alone = learn_weights(bare, candidates())
        asked = sitting.sample(ANSWERS_FOR_META, "questions for meta-knowledge")
        combining = combine(model, candidates(), asked, log_counts, config.seed, meta=config.model.meta)
        combination, network = yield from _reporting("weights", combining)
        weighed = Weighed(combination.model, dict(combination.variants), dict(combination.learned))
        weighed.learned |= {"validation_ndcg@10": alone, "weights": readable(combination.model)}
        if network is not None:
            weighed.learned["network"] = vars(network)
        yield kept(TrainingReport("weights"))
    else:
        weighed = earlier
    if config.evaluation.ablation:
        worths = weighed.learned.setdefault("worth", {})
        left = [name for name in own if name not in worths]
        for name, smaller, worth in without_each(weighed.variants[FIXED], candidates(), left) if left else ():
            weighed.variants[f"without {name}"], worths[name] = smaller, vars(worth)
            yield kept(TrainingReport("weights"))
    candidates.cache_clear()
    lenders = nearest(alike, log_counts == 0)
    if lenders.nnz:
        if "new_items" not in weighed.learned:
            yield TrainingReport("weights")
            asked = sitting.sample(QUESTIONS_TO_CHOOSE, "questions about new items")
            borrowing = choose_borrowing(weighed.model, lenders, log_counts, asked, config.model.new_item_price)
            weighed.learned["new_items"] = vars(borrowing)
        borrowed = with_borrowed(weighed.model.parts, log_counts, lenders, weighed.borrowing)
        weighed.model = weighed.model.with_parts(*borrowed)
    if "calibration" not in weighed.learned:
        yield TrainingReport("weights")
        model = weighed.model
        calibration, weighed.learned["calibration"] = learn_calibration(
            lambda batch: model.score(batch).total, sitting.validation, config.seed
        )
        weighed.model = replace(model, calibration=calibration)
        numbers["measured"] = questions.measure(lambda batch: model.score(batch).total)
        simple: dict[str, float] = {}
        for name, ndcg in on_validation(
            config.evaluation.baselines, train, questions, config.seed, usual_ease(train, own, sitting.settings)
        ):
            simple[name] = ndcg
            yield TrainingReport("weights")
        weighed.learned["baselines_on_validation"] = {
            "questions": len(questions),
            "run": numbers["measured"]["ndcg@10"],
            "baselines": simple,
        }
        yield kept(TrainingReport("weights", validation=numbers["measured"]))
    return weighed


def _refit(
    sitting: _Sitting, memories: _Memories, weighed: Weighed, best_weights: Weights, fused: Float32Array
) -> Generator[TrainingReport, None, Callable[[MetaRec], MetaRec]]:
    """Each part once more, from training and validation events; returns what gives them to a model."""
    split, config, settings = sitting.split, sitting.config, sitting.settings
    known = split.known
    refitted = dict(weighed.model.parts)
    if config.model.sequence and config.train.refit_epochs:
        learner = sitting.learner(known, "refit", config.train.refit_epochs, fused)
        beside = packed(best_weights) | weighed.arrays()
        refitted[SEQUENCE] = yield from refit_sequence(
            learner, best_weights, beside, sitting.numbers, sitting.checkpoint
        )
    for name, memory in MEMORIES.items():
        if name in memories.parts:
            yield TrainingReport("refit")
            refitted[name] = memory.fit(known, settings[name])
    graph = memories.parts.get(GRAPH)
    if isinstance(graph, GraphPart):
        yield TrainingReport("refit")
        refitted[GRAPH] = replace(fit_graph(known, graph.vectors, memories.entities), relations=memories.relations)
    refitted |= _counts(split, split.known_ends, config)
    counts = fit_popularity(known).log_counts
    parts, log_counts = with_borrowed(refitted, counts, nearest(memories.alike, counts == 0), weighed.borrowing)
    return lambda model: model.with_parts(parts, log_counts)


def _counts(split: Split, ends: Int64Array, config: RunConfig) -> dict[str, Block]:
    """The parts that only count, fitted on each user's events before ``ends``."""
    dataset = split.dataset
    events = prefixes(dataset.events, ends)
    parts: dict[str, Block] = {}
    if config.model.popularity:
        parts[POPULARITY] = fit_popularity(events)
    if config.model.recent:
        parts[RECENT] = fit_recent_popularity(events, has_clock_times=dataset.has_clock_times)
    if config.model.context and dataset.request_vocabularies:
        n_values = [len(values) for values in dataset.request_vocabularies]
        kept = np.flatnonzero(before(dataset.events, ends))
        found = fit_context_popularity(events, dataset.requests(events.user_numbers(), kept), n_values)
        if found is not None:
            parts[CONTEXT] = found
    return parts


def _reporting(stage: str, work: Generator[None, None, Found]) -> Generator[TrainingReport, None, Found]:
    """Go through work that says now and then that it goes on."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Found = end.value
            return found
        yield TrainingReport(stage)
