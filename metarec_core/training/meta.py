"""Learn when to trust which part, on validation answers that the parts have not seen, and prove it on others.

Users are dealt into folds; one network a fold learns from the other folds, so that every answer is judged by a network that
has not seen it, nor another answer of its user. From those judgements alone the trust dial ρ is chosen, and meta-knowledge is
kept only where its gain over the fixed weights is beyond chance; otherwise the simpler combination stays. What is kept is the
average of the folds' networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from metarec_core import metrics
from metarec_core.models.meta import MetaKnowledge, meta_features, standardised
from metarec_core.models.scorer import Float32Array
from metarec_core.models.separable import Network, SeparableK, item_features, user_features
from metarec_core.training.seeding import numpy_generator, seed_torch
from metarec_core.training.shortlists import Shortlists
from metarec_core.training.worth import surely

Net = TypeVar("Net", bound=nn.Module)
Knowledge = TypeVar("Knowledge", SeparableK, MetaKnowledge)

FOLDS: Final = 3
HIDDEN: Final = 32
HIDDEN_SEPARABLE: Final = 16
PASSES: Final = 12
STEPS_A_PASS: Final = 50
LARGEST_BATCH: Final = 256
RATE: Final = 3e-3
"""Of batches of 64 answers; larger ones learn faster by the square root of their size."""

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
        low: Lower end of the gain's 95% interval, over users.
        fixed: NDCG@10 of the fixed weights.
        answers: How many answers were judged.
    """

    kept: bool
    trust: float
    gain: float
    low: float
    fixed: float
    answers: int


@dataclass(frozen=True)
class Lesson(Generic[Knowledge]):
    """What was learned, and what it does to answers that it was not learned from.

    Attributes:
        knowledge: None where there was too little to learn from.
        verdict: Whether it earned its place.
        ndcg: float64 [Q], NDCG@10 of each answer with the verdict's dial, by a network that has not seen it.
    """

    knowledge: Knowledge | None
    verdict: Verdict
    ndcg: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Episode:
    """The world with less known of it: users with few events, or items without.

    Attributes:
        shortlists: What is listed then.
        log_counts: float32 [N + 1], log(1 + events) of each item that are known of then.
    """

    shortlists: Shortlists
    log_counts: Float32Array

    @property
    def learnable(self) -> Episode:
        return Episode(self.shortlists.learnable, self.log_counts)


def learn_meta(
    shortlists: Shortlists,
    log_counts: Float32Array,
    seed: int,
    episodes: Sequence[Episode] = (),
    start: MetaKnowledge | None = None,
) -> Iterator[Lesson[MetaKnowledge] | None]:
    """Learn k(u, i) of the shortlisted items.

    Args:
        shortlists: Of a model whose weights are chosen, as it serves.
        log_counts: float32 [N + 1], log(1 + training events) of each item.
        seed: Seed of folds, initial weights, dropout and order.
        episodes: What is learned from too; nothing is judged by it.
        start: Meta-knowledge from elsewhere, to go on from; it sees features as it did there. With too few answers to learn
            from it stays as it came.

    Yields:
        None after each fold; at last the lesson.
    """
    if (shortlists.place >= 0).sum() < FEWEST_ANSWERS:
        yield Lesson(None if start is None else start.with_counts(log_counts), *_nothing(shortlists))
        return
    worlds = [world.learnable for world in (Episode(shortlists, log_counts), *episodes)]
    raw = np.concatenate([_meta_features(world) for world in worlds])
    mean = raw.mean(axis=(0, 1)) if start is None else start.mean
    scale = raw.std(axis=(0, 1)) + np.float32(1e-3) if start is None else start.scale
    features = standardised(raw, mean, scale)
    del raw
    n_parts = shortlists.values.shape[2]
    others = [world.shortlists for world in worlds[1:]]

    def begun(fold: int) -> _Pairwise:
        network = _Pairwise(features.shape[2], n_parts)
        if start is not None:
            _take(network.layers, start.network, fold)
        return network

    networks, verdict, ndcg = yield from _cross_fit(shortlists, others, [features], begun, seed)
    knowledge = MetaKnowledge(log_counts, mean, scale, _stacked([net.layers for net in networks]), verdict.trust)
    yield Lesson(knowledge, verdict, ndcg)


def _meta_features(world: Episode) -> Float32Array:
    lists = world.shortlists
    return meta_features(lists.values, lists.items, lists.lengths, lists.last_items, world.log_counts)


def learn_separable(
    shortlists: Shortlists,
    log_counts: Float32Array,
    seed: int,
    episodes: Sequence[Episode] = (),
    start: SeparableK | None = None,
) -> Iterator[Lesson[SeparableK] | None]:
    """Learn α(u) and β(i); arguments and what is yielded are those of ``learn_meta``."""
    if (shortlists.place >= 0).sum() < FEWEST_ANSWERS:
        yield Lesson(None if start is None else start.with_counts(log_counts), *_nothing(shortlists))
        return
    worlds = [world.learnable for world in (Episode(shortlists, log_counts), *episodes)]
    users = np.concatenate(
        [user_features(of.shortlists.lengths, of.shortlists.last_items, of.log_counts)[:, None, :] for of in worlds]
    )
    items = np.concatenate([item_features(of.log_counts[of.shortlists.items]) for of in worlds])
    n_parts = shortlists.values.shape[2]
    others = [world.shortlists for world in worlds[1:]]

    def begun(fold: int) -> _Separable:
        network = _Separable(users.shape[2], items.shape[2], n_parts)
        if start is not None:
            _take(network.users, start.users, fold)
            _take(network.items, start.items, fold)
        return network

    networks, verdict, ndcg = yield from _cross_fit(shortlists, others, [users, items], begun, seed)
    alpha, beta = _stacked([net.users for net in networks]), _stacked([net.items for net in networks])
    yield Lesson(SeparableK(log_counts, alpha, beta, verdict.trust), verdict, ndcg)


class _Pairwise(nn.Module):
    def __init__(self, n_features: int, n_parts: int) -> None:
        super().__init__()
        self.layers = _layers(n_features, HIDDEN, n_parts)

    def forward(self, features: Tensor, dial: float = 1.0) -> Tensor:
        """k of features [B, M, F], [B, M, P]."""
        k: Tensor = dial * self.layers(features)
        return k


class _Separable(nn.Module):
    def __init__(self, n_user: int, n_item: int, n_parts: int) -> None:
        super().__init__()
        self.users = _layers(n_user, HIDDEN_SEPARABLE, n_parts)
        self.items = _layers(n_item, HIDDEN_SEPARABLE, n_parts)

    def forward(self, users: Tensor, items: Tensor, dial: float = 1.0) -> Tensor:
        """k of features [B, 1, F] and [B, M, G], [B, M, P]."""
        k: Tensor = (1 + dial * self.users(users)) * (1 + dial * self.items(items)) - 1
        return k


def _layers(n_features: int, hidden: int, n_parts: int) -> nn.Sequential:
    layers = nn.Sequential(
        nn.Linear(n_features, hidden), nn.Tanh(), nn.Dropout(DROPOUT), nn.Linear(hidden, n_parts), nn.Tanh()
    )
    nn.init.zeros_(layers[3].weight)  # type: ignore[arg-type]
    nn.init.zeros_(layers[3].bias)  # type: ignore[arg-type]
    return layers


def _cross_fit(
    shortlists: Shortlists,
    others: Sequence[Shortlists],
    features: Sequence[Float32Array],
    network: Callable[[int], Net],
    seed: int,
) -> Generator[None, None, tuple[list[Net], Verdict, npt.NDArray[np.float64]]]:
    """A network a fold, the verdict, and NDCG@10 of each question's answer, by the network that has not learned from it.

    Args:
        others: Learnable questions to learn from too, of users of whom there are questions in ``shortlists``.
        features: What the network sees of each learnable question, then of the others, in their order.
    """
    lists = shortlists.learnable
    to_learn = lists.and_also(others)
    users = np.unique(shortlists.users)
    fold_of_user = numpy_generator(seed, "meta folds").integers(FOLDS, size=len(users))
    fold = fold_of_user[np.searchsorted(users, to_learn.users)]
    ranks = {dial: lists.ranks.copy() for dial in DIAL}
    networks = []
    for held_out in range(FOLDS):
        seed_torch(seed, "meta", held_out)
        rng = numpy_generator(seed, "meta order", held_out)
        learned = _learn(network(held_out), features, to_learn, np.flatnonzero(fold != held_out), rng)
        judged = np.flatnonzero(fold[: len(lists.users)] == held_out)
        for dial in DIAL:
            ranks[dial][judged] = lists.some(judged).reranked(_predict(learned, features, judged, dial))
        networks.append(learned)
        yield None
    fixed = metrics.ndcg(shortlists.ranks, 10)
    trust = max(DIAL, key=lambda dial: float(metrics.ndcg(ranks[dial], 10).sum()))
    gain = np.zeros(len(fixed))  # an answer that is not listed stays where it is
    gain[shortlists.place >= 0] = metrics.ndcg(ranks[trust], 10) - metrics.ndcg(lists.ranks, 10)
    low = surely(gain, shortlists.users)
    return networks, Verdict(low > 0, trust, float(gain.mean()), low, float(fixed.mean()), len(fixed)), fixed + gain


def _learn(
    network: Net,
    features: Sequence[Float32Array],
    shortlists: Shortlists,
    rows: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> Net:
    """Listwise softmax over the shortlist: the answer against all others, which is what the head of the list is about."""
    size = min(max(len(rows) // STEPS_A_PASS, 32), LARGEST_BATCH)
    log_temperature = nn.Parameter(torch.tensor(1.5))
    optimiser = torch.optim.AdamW(
        [*network.parameters(), log_temperature], lr=RATE * math.sqrt(size / 64), weight_decay=DECAY
    )
    for _ in range(PASSES):
        rows = rng.permutation(rows)
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            k: Tensor = network(*(torch.from_numpy(side[batch]) for side in features))
            totals = ((1 + k) * torch.from_numpy(shortlists.values[batch])).sum(dim=2) * log_temperature.exp()
            blank = torch.from_numpy(shortlists.items[batch] == 0)
            totals = totals.masked_fill(blank, torch.finfo(totals.dtype).min)
            loss = functional.cross_entropy(totals, torch.from_numpy(shortlists.place[batch]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return network.eval()


@torch.inference_mode()
def _predict(
    network: nn.Module, features: Sequence[Float32Array], rows: npt.NDArray[np.int64], dial: float
) -> Float32Array:
    blocks = [
        network(*(torch.from_numpy(side[rows[start : start + 1_024]]) for side in features), dial).numpy()
        for start in range(0, len(rows), 1_024)
    ]
    return np.concatenate(blocks)


def _nothing(shortlists: Shortlists) -> tuple[Verdict, npt.NDArray[np.float64]]:
    fixed = metrics.ndcg(shortlists.ranks, 10)
    return Verdict(False, 0.0, 0.0, 0.0, float(fixed.mean()), len(fixed)), fixed


def _take(layers: nn.Sequential, network: Network, fold: int) -> None:
    """Begin with one of the networks that are averaged elsewhere."""
    names = ("0.weight", "0.bias", "3.weight", "3.bias")
    one = fold % len(network.hidden_weights)
    state = {
        name: torch.from_numpy(array[one].T.copy()) for name, array in zip(names, vars(network).values(), strict=True)
    }
    layers.load_state_dict(state)


def _stacked(networks: list[nn.Sequential]) -> Network:
    """All networks side by side, in the orientation of ``Network``."""
    states = [network.state_dict() for network in networks]
    names = ("0.weight", "0.bias", "3.weight", "3.bias")
    return Network(*(np.stack([state[name].numpy().T for state in states]) for name in names))
