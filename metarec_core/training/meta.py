"""Learn when to trust which part, on validation answers that the parts have not seen, and prove it on others.

The answers are dealt into folds; one network a fold learns from the other folds, so that every answer is judged by a
network that has not seen it. From those judgements alone the trust dial ρ is chosen, and meta-knowledge is kept only where
its gain over the fixed weights is beyond chance; otherwise the simpler combination stays. What is kept is the average of the
folds' networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from metarec_core import metrics
from metarec_core.models.meta import SHORTLIST, MetaKnowledge, meta_features, standardised
from metarec_core.models.scorer import Float32Array
from metarec_core.training.seeding import numpy_generator, seed_torch
from metarec_core.training.weights import Candidates

FOLDS: Final = 3
HIDDEN: Final = 64
PASSES: Final = 12
BATCH: Final = 64
RATE: Final = 3e-3
DECAY: Final = 2e-2
DROPOUT: Final = 0.2
DIAL: Final = (0.25, 0.5, 0.75, 1.0)
FEWEST_ANSWERS: Final = 300
"""Shortlisted answers below which nothing is learned: a network would learn them by heart."""


@dataclass(frozen=True)
class Verdict:
    """Whether meta-knowledge earned its place.

    Attributes:
        trust: The dial ρ that ranked best, 0 where nothing was kept.
        gain: Mean gain in NDCG@10 of that dial over the fixed weights, on answers its networks had not seen.
        low: Lower end of the gain's 95 % interval, over users.
        fixed: NDCG@10 of the fixed weights.
        answers: How many answers were judged.
    """

    trust: float
    gain: float
    low: float
    fixed: float
    answers: int


def learn_meta(
    candidates: Candidates, log_counts: Float32Array, seed: int
) -> Iterator[tuple[MetaKnowledge | None, Verdict] | None]:
    """Learn k(u, i) of the shortlisted items.

    Args:
        candidates: Of a model whose weights are chosen, with its values under those weights.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        seed: Seed of folds, initial weights, dropout and order.

    Yields:
        None after each fold; at last the meta-knowledge, or None where it is not kept, and the verdict.
    """
    short = _shortlist(candidates)
    fixed = metrics.ndcg(short.ranks, 10)
    learnable = np.flatnonzero(short.place >= 0)
    n = len(short.ranks)
    if len(learnable) < FEWEST_ANSWERS:
        yield None, Verdict(0.0, 0.0, 0.0, float(fixed.mean()), n)
        return
    raw = meta_features(short.values, short.items, candidates.lengths, candidates.last_items, log_counts)
    mean = raw[learnable].mean(axis=(0, 1))
    scale = raw[learnable].std(axis=(0, 1)) + np.float32(1e-3)
    features = standardised(raw, mean, scale)
    del raw
    fold = numpy_generator(seed, "meta folds").integers(FOLDS, size=n)
    k = np.zeros_like(short.values)
    networks = []
    for held_out in range(FOLDS):
        others = learnable[fold[learnable] != held_out]
        network = _learn(features, short, others, seed, held_out)
        judged = np.flatnonzero(fold == held_out)
        k[judged] = _predict(network, features[judged])
        networks.append(network)
        yield None
    gains = {dial: metrics.ndcg(short.reranked(dial * k), 10) - fixed for dial in DIAL}
    trust, gain = max(gains.items(), key=lambda pair: float(pair[1].mean()))
    low = float(gain.mean() - 1.96 * gain.std() / np.sqrt(n))
    verdict = Verdict(trust if low > 0 else 0.0, float(gain.mean()), low, float(fixed.mean()), n)
    if low <= 0:
        yield None, verdict
        return
    hidden_weights, hidden_bias, out_weights, out_bias = _stacked(networks)
    yield MetaKnowledge(log_counts, mean, scale, hidden_weights, hidden_bias, out_weights, out_bias, trust), verdict


@dataclass(frozen=True)
class _Shortlists:
    """The best candidates of each question under the fixed weights.

    Attributes:
        values: float32 [Q, M, P], best first; 0 where a list is shorter.
        items: int32 [Q, M].
        place: int64 [Q], where the answer stands in the list, -1 where it does not.
        ranks: float64 [Q], the answers' ranks under the fixed weights.
    """

    values: Float32Array
    items: npt.NDArray[np.int32]
    place: npt.NDArray[np.int64]
    ranks: npt.NDArray[np.float64]

    def reranked(self, k: Float32Array) -> npt.NDArray[np.float64]:
        """The answers' ranks with k on top of the fixed weights; those outside of their lists stay where they are."""
        totals = (self.values * (1 + k)).sum(axis=2)
        totals[self.items == 0] = -np.inf
        own = np.take_along_axis(totals, np.maximum(self.place, 0)[:, None], axis=1)
        ranks = (totals > own).sum(axis=1) + ((totals == own).sum(axis=1) + 1) / 2
        return np.where(self.place >= 0, ranks, self.ranks)


def _shortlist(candidates: Candidates) -> _Shortlists:
    totals = candidates.values.sum(axis=2)
    totals[candidates.hidden] = -np.inf
    kept = min(SHORTLIST, totals.shape[1])
    by_number = np.argsort(candidates.items, axis=1, kind="stable")  # ties go by item number, as they do in a list
    best = np.argsort(-np.take_along_axis(totals, by_number, axis=1), axis=1, kind="stable")[:, :kept]
    order = np.take_along_axis(by_number, best, axis=1)
    listed = np.isfinite(np.take_along_axis(totals, order, axis=1))
    items = np.where(listed, np.take_along_axis(candidates.items, order, axis=1), 0)
    answer = (order == 0) & listed
    place = np.where(answer.any(axis=1), answer.argmax(axis=1), -1)
    values = np.take_along_axis(candidates.values, order[:, :, None], axis=1) * listed[:, :, None]
    return _Shortlists(values, items.astype(np.int32), place, candidates.ranks(dict.fromkeys(candidates.names, 1.0)))


def _learn(
    features: Float32Array, short: _Shortlists, rows: npt.NDArray[np.int64], seed: int, fold: int
) -> nn.Sequential:
    """Listwise softmax over the shortlist: the answer against all others, which is what the head of the list is about."""
    seed_torch(seed, "meta", fold)
    rng = numpy_generator(seed, "meta order", fold)
    n_parts = short.values.shape[2]
    network = nn.Sequential(
        nn.Linear(features.shape[2], HIDDEN), nn.Tanh(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, n_parts), nn.Tanh()
    )
    last = network[3]
    nn.init.zeros_(last.weight)  # type: ignore[arg-type]
    nn.init.zeros_(last.bias)  # type: ignore[arg-type]
    log_temperature = nn.Parameter(torch.tensor(1.5))
    optimiser = torch.optim.AdamW([*network.parameters(), log_temperature], lr=RATE, weight_decay=DECAY)
    blank = torch.from_numpy(short.items == 0)
    for _ in range(PASSES):
        for start in range(0, len(rows), BATCH):
            if start == 0:
                rows = rng.permutation(rows)
            batch = rows[start : start + BATCH]
            k: Tensor = network(torch.from_numpy(features[batch]))
            totals = ((1 + k) * torch.from_numpy(short.values[batch])).sum(dim=2) * log_temperature.exp()
            totals = totals.masked_fill(blank[batch], torch.finfo(totals.dtype).min)
            loss = functional.cross_entropy(totals, torch.from_numpy(short.place[batch]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return network.eval()


@torch.inference_mode()
def _predict(network: nn.Sequential, features: Float32Array) -> Float32Array:
    blocks = [network(torch.from_numpy(features[i : i + 1_024])).numpy() for i in range(0, len(features), 1_024)]
    return np.concatenate(blocks) if blocks else np.zeros((0, features.shape[1], 1), np.float32)


def _stacked(networks: list[nn.Sequential]) -> list[Float32Array]:
    """Weights of all networks side by side, in the orientation of ``MetaKnowledge``."""
    states = [network.state_dict() for network in networks]
    return [
        np.stack([state[name].numpy().T for state in states]) for name in ("0.weight", "0.bias", "3.weight", "3.bias")
    ]
