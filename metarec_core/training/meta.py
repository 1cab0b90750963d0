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
from metarec_core.models.meta import MetaKnowledge, meta_features, standardised
from metarec_core.models.scorer import Float32Array
from metarec_core.training.seeding import numpy_generator, seed_torch
from metarec_core.training.shortlists import Shortlists

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
        kept: Whether its gain is beyond chance.
        trust: The dial ρ that ranked best.
        gain: Mean gain in NDCG@10 of that dial over the fixed weights, on answers its networks had not seen.
        low: Lower end of the gain's 95 % interval, over users.
        fixed: NDCG@10 of the fixed weights.
        answers: How many answers were judged.
    """

    kept: bool
    trust: float
    gain: float
    low: float
    fixed: float
    answers: int


def learn_meta(
    shortlists: Shortlists, log_counts: Float32Array, seed: int
) -> Iterator[tuple[MetaKnowledge | None, Verdict] | None]:
    """Learn k(u, i) of the shortlisted items.

    Args:
        shortlists: Of a model whose weights are chosen.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        seed: Seed of folds, initial weights, dropout and order.

    Yields:
        None after each fold; at last the meta-knowledge, or None where there was too little to learn from, and the verdict.
    """
    fixed = metrics.ndcg(shortlists.ranks, 10)
    learnable = np.flatnonzero(shortlists.place >= 0)
    n = len(shortlists.ranks)
    if len(learnable) < FEWEST_ANSWERS:
        yield None, Verdict(False, 0.0, 0.0, 0.0, float(fixed.mean()), n)
        return
    raw = meta_features(shortlists.values, shortlists.items, shortlists.lengths, shortlists.last_items, log_counts)
    mean = raw[learnable].mean(axis=(0, 1))
    scale = raw[learnable].std(axis=(0, 1)) + np.float32(1e-3)
    features = standardised(raw, mean, scale)
    del raw
    fold = numpy_generator(seed, "meta folds").integers(FOLDS, size=n)
    k = np.zeros_like(shortlists.values)
    networks = []
    for held_out in range(FOLDS):
        others = learnable[fold[learnable] != held_out]
        network = _learn(features, shortlists, others, seed, held_out)
        judged = np.flatnonzero(fold == held_out)
        k[judged] = _predict(network, features[judged])
        networks.append(network)
        yield None
    gains = {dial: metrics.ndcg(shortlists.reranked(dial * k), 10) - fixed for dial in DIAL}
    trust, gain = max(gains.items(), key=lambda pair: float(pair[1].mean()))
    low = float(gain.mean() - 1.96 * gain.std() / np.sqrt(n))
    verdict = Verdict(low > 0, trust, float(gain.mean()), low, float(fixed.mean()), n)
    hidden_weights, hidden_bias, out_weights, out_bias = _stacked(networks)
    yield MetaKnowledge(log_counts, mean, scale, hidden_weights, hidden_bias, out_weights, out_bias, trust), verdict


def _learn(
    features: Float32Array, shortlists: Shortlists, rows: npt.NDArray[np.int64], seed: int, fold: int
) -> nn.Sequential:
    """Listwise softmax over the shortlist: the answer against all others, which is what the head of the list is about."""
    seed_torch(seed, "meta", fold)
    rng = numpy_generator(seed, "meta order", fold)
    n_parts = shortlists.values.shape[2]
    network = nn.Sequential(
        nn.Linear(features.shape[2], HIDDEN), nn.Tanh(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, n_parts), nn.Tanh()
    )
    last = network[3]
    nn.init.zeros_(last.weight)  # type: ignore[arg-type]
    nn.init.zeros_(last.bias)  # type: ignore[arg-type]
    log_temperature = nn.Parameter(torch.tensor(1.5))
    optimiser = torch.optim.AdamW([*network.parameters(), log_temperature], lr=RATE, weight_decay=DECAY)
    blank = torch.from_numpy(shortlists.items == 0)
    for _ in range(PASSES):
        for start in range(0, len(rows), BATCH):
            if start == 0:
                rows = rng.permutation(rows)
            batch = rows[start : start + BATCH]
            k: Tensor = network(torch.from_numpy(features[batch]))
            totals = ((1 + k) * torch.from_numpy(shortlists.values[batch])).sum(dim=2) * log_temperature.exp()
            totals = totals.masked_fill(blank[batch], torch.finfo(totals.dtype).min)
            loss = functional.cross_entropy(totals, torch.from_numpy(shortlists.place[batch]))
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
