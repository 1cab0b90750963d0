"""Training a MetaRec, as an iterator of reports: stop asking and it stops.

::

    memories   settings chosen on validation, with memories of training events
    sequence   passes over training events until validation stops improving
    weights    one number a part, by what ranks best on validation
    refit      with everything chosen, the parts learn from validation events too
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
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
from metarec_core.models.graph import fit_graph
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
from metarec_core.training.weighed import Weighed, restored
from metarec_core.training.weights import gather, learn_weights, readable, without_each

__all__ = ["STAGES", "Checkpoint", "TrainingReport", "fit"]

QUESTIONS_TO_CHOOSE: Final = 3_000
"""Validation queries by which memory settings are chosen and passes compared."""

QUESTIONS_TO_WEIGH: Final = 10_000
"""Validation queries by which the parts' weights are learned."""

ANSWERS_FOR_META: Final = 20_000
"""Validation queries from which meta-knowledge is learned."""

CHECKPOINT_EVERY_S: Final = 60.0
"""Longest time of learning within a pass that a kill may cost; two minutes are promised."""

Numbers = dict[str, Any]
Weights = dict[str, np.ndarray]
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


def _stages(
    split: Split,
    config: RunConfig,
    device: str,
    checkpoint: Checkpoint | None,
    text: Float32Array | None,
    clock: Stopwatch,
) -> Iterator[TrainingReport]:
    train, n_items = split.train, split.dataset.n_items
    validation = Questions(split.dataset, split.validation, config.data.max_history)
    questions = validation.sample(QUESTIONS_TO_CHOOSE, numpy_generator(config.seed, "questions to choose"))
    parts: dict[str, Block] = {}
    numbers: Numbers = dict(checkpoint.numbers) if checkpoint else {"settings": {}}
    settings = numbers["settings"]

    for name, memory in MEMORIES.items():
        if getattr(config.model, name):
            yield TrainingReport("memories")
            if name in settings:
                parts[name] = memory.fit(train, settings[name])
            else:
                settings[name], parts[name] = memory.choose(train, questions)
                yield _chosen(numbers)
    modes = directions_of_modes(split.dataset.vectors) if config.model.modes else None
    content = {
        name: vectors for name, vectors in ((TEXT, text), (MODES, modes)) if vectors is not None and vectors.any()
    }
    for name, vectors in content.items():
        yield TrainingReport("memories")
        if name not in settings:
            settings[name] = choose_content(vectors, questions)
            yield _chosen(numbers)
        parts[name] = ContentPart(vectors, settings[name]["decay"])
    axes, relations = None, np.zeros(0, dtype=np.float32)
    if config.model.graph and relation_keys(split.dataset):
        yield TrainingReport("memories")
        if config.model.graph_embedding == "linear":
            if GRAPH not in settings:
                settings[GRAPH] = {"relations": choose_relations(train, split.dataset, questions)}
                yield _chosen(numbers)
            relations = relation_weights(split.dataset, settings[GRAPH].get("relations", {}))
            axes = graph_axes(item_values(split.dataset, relations))
        else:
            axes = learned_axes(split.dataset, config.model.graph_embedding, config.seed)
    if axes is not None and axes.items.any():
        yield TrainingReport("memories")
        if "dimensions" not in settings.get(GRAPH, {}):
            settings[GRAPH] = {**settings.get(GRAPH, {}), **choose_graph(train, axes.items, questions)}
            yield _chosen(numbers)
        dimensions = settings[GRAPH]["dimensions"]
        vectors, entities = graph_vectors(axes.items, dimensions), axes.values[:, :dimensions].copy()
        parts[GRAPH] = fit_graph(train, vectors)
        content[GRAPH] = graph_vectors(axes.items, FUSED_AXES)
    parts |= _counts(split, split.train_ends, config)
    clock.end_stage("memories")

    learned: Numbers = {"settings": settings}
    if GRAPH in parts:
        foretold = predict_links(split.dataset, config.model.graph_embedding, config.seed, relations)
        links = {name: vars(found) for name, found in foretold.items()}
        learned[GRAPH] = {"embedding": config.model.graph_embedding, "link_prediction": links}
        yield TrainingReport("memories")
    alike = side_by_side(n_items, content.values())
    fused = alike if config.model.fused else side_by_side(n_items, ())

    def learner_of(events: Interactions, use: str, passes: int, rate: float) -> Learner:
        clocked = split.dataset.has_clock_times
        return Learner(
            events, config, device, use=use, passes=passes, rate=rate, content=fused, has_clock_times=clocked
        )

    best_weights: Weights = {}
    if config.model.sequence:
        learner = learner_of(train, "sequence", config.train.epochs, config.train.rate)
        best_weights = yield from _sequence(learner, questions, numbers, checkpoint)
        learned["best_epoch"] = numbers["best_epoch"]
        parts[SEQUENCE] = learner.part()
        clock.end_stage("sequence")

    yield TrainingReport("weights")
    own: dict[str, Block] = {name: parts[name] for name in PART_NAMES if name in parts}
    bare = MetaRec(n_items, own, units=dict.fromkeys(own, 1.0), k=dict.fromkeys(own, 0.0))
    to_weigh = validation.sample(QUESTIONS_TO_WEIGH, numpy_generator(config.seed, "questions to weigh"))
    candidates = cache(lambda: gather(bare, to_weigh))  # not asked for where an earlier sitting found everything
    log_counts = fit_popularity(train).log_counts

    def kept(report: TrainingReport) -> TrainingReport:
        numbers.update(stage="weights", weighed=weighed.numbers())
        return replace(report, checkpoint=Checkpoint(_packed(best_weights) | weighed.arrays(), dict(numbers)))

    earlier = restored(checkpoint, bare)
    if earlier is None:
        model, alone = learn_weights(bare, candidates())
        asked = validation.sample(ANSWERS_FOR_META, numpy_generator(config.seed, "questions for meta-knowledge"))
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
    strength, lenders = 0.0, nearest(alike, log_counts == 0)
    if lenders.nnz:
        if "new_items" not in weighed.learned:
            yield TrainingReport("weights")
            asked = validation.sample(QUESTIONS_TO_CHOOSE, numpy_generator(config.seed, "questions about new items"))
            borrowing = choose_borrowing(weighed.model, lenders, log_counts, asked, config.model.new_item_price)
            weighed.learned["new_items"] = vars(borrowing)
        strength = weighed.learned["new_items"]["strength"]
        borrowed = with_borrowed(weighed.model.parts, log_counts, lenders, strength)
        weighed.model = weighed.model.with_parts(*borrowed)
    model = weighed.model
    if "calibration" not in weighed.learned:
        yield TrainingReport("weights")
        calibration, weighed.learned["calibration"] = learn_calibration(
            lambda batch: model.score(batch).total, validation, config.seed
        )
        weighed.model = model = replace(model, calibration=calibration)
        numbers["measured"] = questions.measure(lambda batch: model.score(batch).total)
        simple: dict[str, float] = {}
        for name, ndcg in on_validation(
            config.evaluation.baselines, train, questions, config.seed, usual_ease(train, parts, settings)
        ):
            simple[name] = ndcg
            yield TrainingReport("weights")
        weighed.learned["baselines_on_validation"] = {
            "questions": len(questions),
            "run": numbers["measured"]["ndcg@10"],
            "baselines": simple,
        }
        yield kept(TrainingReport("weights", validation=numbers["measured"]))
    measured: Mapping[str, float] = numbers["measured"]
    learned |= weighed.learned
    clock.end_stage("weights")

    known = split.known
    refitted = dict(model.parts)
    if config.model.sequence and config.train.refit_epochs:
        learner = learner_of(known, "refit", config.train.refit_epochs, config.train.rate)
        kept_beside = _packed(best_weights) | weighed.arrays()
        refitted[SEQUENCE] = yield from _refit_sequence(learner, best_weights, kept_beside, numbers, checkpoint)
    for name, memory in MEMORIES.items():
        if name in parts:
            yield TrainingReport("refit")
            refitted[name] = memory.fit(known, settings[name])
    if GRAPH in parts:
        yield TrainingReport("refit")
        refitted[GRAPH] = replace(fit_graph(known, vectors, entities), relations=relations)
    refitted |= _counts(split, split.known_ends, config)
    log_counts = fit_popularity(known).log_counts
    refitted, log_counts = with_borrowed(refitted, log_counts, nearest(alike, log_counts == 0), strength)
    clock.end_stage("refit")
    yield TrainingReport(
        "refit",
        validation=measured,
        examples_per_s=numbers.get("events_per_s"),
        remaining_s=0.0,
        model=model.with_parts(refitted, log_counts),
        variants={name: variant.with_parts(refitted, log_counts) for name, variant in weighed.variants.items()},
        timings_s=clock.stages,
        learned=learned,
    )


def _chosen(numbers: Numbers) -> TrainingReport:
    """A setting was chosen, which need not be done again."""
    kept = {**numbers, "stage": "memories", "settings": dict(numbers["settings"])}
    return TrainingReport("memories", checkpoint=Checkpoint({}, kept))


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


def _sequence(
    learner: Learner, questions: Questions, numbers: Numbers, checkpoint: Checkpoint | None
) -> Generator[TrainingReport, None, Weights]:
    """Pass after pass until validation stops improving; leaves the learner with the weights of the best pass.

    Args:
        numbers: Of the checkpoint that is made or gone on from; brought up to date.

    Returns:
        The best pass's weights.
    """
    train = learner.config.train
    numbers |= {"best": -math.inf, "best_epoch": 0, **numbers}
    best: Weights = {}
    if checkpoint is not None:
        best = _unpacked("best", checkpoint.arrays)
        if numbers["stage"] == "sequence":
            learner.restore(checkpoint.arrays, numbers["epoch"], numbers.get("position"))
        elif numbers["stage"] in ("weights", "refit"):
            learner.epoch = train.epochs
    while learner.epoch < train.epochs and learner.epoch - numbers["best_epoch"] < train.patience:
        report = yield from _pass("sequence", learner, _packed(best), numbers, passes_after=train.refit_epochs)
        measured = questions.measure(learner.part().scores)
        if measured["ndcg@10"] > numbers["best"]:
            best = learner.weights()
            numbers |= {"best": measured["ndcg@10"], "best_epoch": learner.epoch}
        numbers["events_per_s"] = learner.events_per_s
        yield replace(report, validation=measured, checkpoint=_checkpoint("sequence", learner, _packed(best), numbers))
    learner.load_weights(best)
    return best


def _refit_sequence(
    learner: Learner, best: Weights, beside: Weights, numbers: Numbers, checkpoint: Checkpoint | None
) -> Generator[TrainingReport, None, Block]:
    """Go on from the best weights with validation events among the events, at the full rate, or items that were new to the
    network stay as low as nobody's choices; there is nothing left to measure it by."""
    if checkpoint is not None and checkpoint.numbers["stage"] == "refit":
        learner.restore(checkpoint.arrays, checkpoint.numbers["epoch"], checkpoint.numbers.get("position"))
    else:
        learner.load_weights(best)
    while learner.epoch < learner.passes:
        report = yield from _pass("refit", learner, beside, numbers)
        yield replace(report, checkpoint=_checkpoint("refit", learner, beside, numbers))
    return learner.part()


def _pass(
    stage: str, learner: Learner, beside: Weights, numbers: Numbers, passes_after: int = 0
) -> Generator[TrainingReport, None, TrainingReport]:
    """One pass; its progress is yielded, now and then with a checkpoint, the report of its end returned.

    Args:
        beside: What a checkpoint keeps beside the learner.
    """
    kept = time.monotonic()
    report = TrainingReport(stage, learner.epoch, learner.passes)
    for progress in learner.run_pass():
        left = learner.passes - report.epoch - progress.step / progress.steps + passes_after
        remaining_s = left * learner.n_predictions / progress.examples_per_s
        report = replace(report, **vars(progress), remaining_s=remaining_s)
        due = progress.step < progress.steps and time.monotonic() - kept >= CHECKPOINT_EVERY_S
        yield replace(report, checkpoint=_checkpoint(stage, learner, beside, numbers)) if due else report
        kept = time.monotonic() if due else kept
    return replace(report, epoch=learner.epoch)


def _checkpoint(stage: str, learner: Learner, beside: Weights, numbers: Numbers) -> Checkpoint:
    numbers |= {"stage": stage, "epoch": learner.epoch, "position": learner.position()}
    return Checkpoint({**learner.arrays(), **beside}, dict(numbers))


def _packed(best: Weights) -> Weights:
    return {f"best.{name}": value for name, value in best.items()}


def _unpacked(prefix: str, arrays: Mapping[str, np.ndarray]) -> Weights:
    return {name.removeprefix(f"{prefix}."): value for name, value in arrays.items() if name.startswith(f"{prefix}.")}
