"""Training of the three towers: binary cross-entropy, each event against a few items that the user did not choose then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from metarec_core.data.dataset import Dataset, Int64Array, Interactions
from metarec_core.models.tri_tower import DIM, LENGTH, TriTower, TriTowerPart, item_sequences, magnitudes
from metarec_core.training.batches import Sequences, batches, cut_sequences
from metarec_core.training.seeding import numpy_generator, seed_torch
from metarec_core.training.threads import threads_worth_their_wait

NEGATIVES: Final = 4
"""Items drawn for each event as examples of the label 0, all items with events alike."""

STEPS: Final = 50
"""Steps of a pass, unless its batches would then be smaller than the first or larger than the second of ``BATCH_EVENTS``."""

BATCH_EVENTS: Final = (128, 2_048)
RATE: Final = 3e-3

PREDICTIONS: Final = 1_500_000
"""Events learned from in all passes together: about a minute on one core. Small logs are passed over ``MOST_PASSES`` times."""

MOST_PASSES: Final = 20

CONTEXT_DROPOUT: Final = 0.5
"""Share of examples whose contexts are blanked, as they are unknown when a list is made for somebody."""


def fit_tri_tower(interactions: Interactions, dataset: Dataset, seed: int) -> TriTowerPart:
    """Learn the three towers.

    Rows with the label 0 are no events and do not get this far (``data.clean`` drops them): the examples of the label 0 are
    sampled, as they are for logs without a label.

    Args:
        interactions: What to learn from, each user's first events among those of ``dataset``.
        dataset: Contexts of the events, and attributes of the items.
        seed: Of everything random.
    """
    counts = np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1)
    sequences, n_tokens = item_sequences(dataset, counts)
    context_starts = np.cumsum([0, *(len(values) + 1 for values in dataset.context_vocabularies)])
    seed_torch(seed, "tri_tower")
    network = TriTower(sequences, n_tokens, magnitudes(counts), context_starts)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE)
    pieces = cut_sequences(interactions, LENGTH)
    passes = int(np.clip(PREDICTIONS // max(pieces.n_predictions, 1), 1, MOST_PASSES))
    batch_events = int(np.clip(pieces.n_predictions // STEPS, *BATCH_EVENTS))
    with threads_worth_their_wait(batch_events * (1 + NEGATIVES) * DIM * DIM):
        for epoch in range(passes):
            seed_torch(seed, "tri_tower", epoch + 1)
            for loss in _losses(network, pieces, batch_events, dataset, numpy_generator(seed, "tri_tower", epoch)):
                optimiser.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
    return TriTowerPart(network.eval())


def _losses(
    network: TriTower, pieces: Sequences, batch_events: int, dataset: Dataset, rng: np.random.Generator
) -> Iterator[Tensor]:
    """The loss of each step of a pass."""
    events = pieces.interactions
    users, ends = events.user_numbers(), events.history_ends()
    contexts = dataset.contexts if dataset.contexts.size else np.zeros((dataset.events.n_events, 0), dtype=np.int32)
    in_dataset = np.arange(events.n_events) + (dataset.events.offsets - events.offsets)[users]
    candidates = np.unique(events.item_numbers)
    for group in batches(pieces, batch_events, rng):
        history, rows, places, targets = _examples(pieces, group, ends)
        known = rng.random((len(targets), 1)) >= CONTEXT_DROPOUT
        last = ends[targets] - 1
        lengths = np.minimum(ends[targets] - events.offsets[users[targets]], LENGTH)
        requests = network.users(torch.from_numpy(history))[rows, places] + network.meta(
            torch.from_numpy(magnitudes(lengths)),
            torch.from_numpy(events.item_numbers[last].astype(np.int64)),
            torch.from_numpy(contexts[in_dataset[targets]].astype(np.int64) * known),
        )
        asked = rng.choice(candidates, (len(targets), 1 + NEGATIVES))
        asked[:, 0] = events.item_numbers[targets]
        different, asked_places = np.unique(asked, return_inverse=True)
        items = network.items(torch.from_numpy(different.astype(np.int64)))[torch.from_numpy(asked_places)]
        labels = torch.zeros(asked.shape)
        labels[:, 0] = 1.0
        counted = torch.from_numpy((asked != asked[:, :1]).astype(np.float32)) + labels  # a drawn target is no example
        yield functional.binary_cross_entropy_with_logits(network.logits(requests[:, None], items), labels, counted)


def _examples(
    pieces: Sequences, group: Int64Array, ends: Int64Array
) -> tuple[Int64Array, Int64Array, Int64Array, Int64Array]:
    """Histories int64 [B, L] of some pieces; row and place of the state that each example is asked from; its event."""
    starts, lengths = pieces.starts[group], pieces.lengths[group]
    positions = np.arange(lengths.max())[None, :]
    real = positions < lengths[:, None]
    source = np.where(real, starts[:, None] + positions, 0)
    history = np.where(real, pieces.interactions.item_numbers[source], 0)[:, :-1].astype(np.int64)
    rows, later = np.nonzero(real[:, 1:])
    targets = source[rows, later + 1]
    places = ends[targets] - 1 - starts[rows]
    inside = places >= 0  # a set of ties may begin before its piece
    return history, rows[inside], places[inside], targets[inside]
