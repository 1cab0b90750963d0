"""Items, relations and values in one space by what is known alone, and how well a space foretells what was held out of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import torch

from metarec_core.data.dataset import Attribute, Dataset, Float32Array, Int32Array
from metarec_core.graph.build import mirrored_relations
from metarec_core.graph.embed import Axes, graph_axes
from metarec_core.graph.values import item_values, relation_keys, value_columns
from metarec_core.training.seeding import numpy_generator, torch_generator

Embedding = Literal["linear", "distmult", "transe"]
BoolArray = npt.NDArray[np.bool_]

DIMENSIONS: Final = 64
ONE_IN: Final = 10
"""One in so many links is held out."""

FEWEST_LEFT: Final = 2
"""Items that a value must keep, so that there is something to foretell it from."""

PASSES: Final = 40
BATCH: Final = 256
CANDIDATES: Final = 2_048
RATE: Final = 0.01
DECAY: Final = 0.01


@dataclass(frozen=True)
class LinkPrediction:
    """How well held-out values of items are found among all values of the same attribute or relation.

    Attributes:
        n: Links asked for.
        mrr: Mean of 1 / rank, values that the item is known to have left out of the ranking; ties share the middle rank.
        hits: Share of ranks up to 10.

    Source: Bordes et al. 2013, "Translating Embeddings for Modeling Multi-relational Data", section 4.1 (filtered setting).
    """

    n: int
    mrr: float
    hits: float


@dataclass(frozen=True)
class Space:
    """Where things lie.

    Attributes:
        items: float32 [N + 1, D].
        relations: float32 [R, D].
        values: float32 [V, D], those of one attribute or relation beside each other.
        offsets: int64 [R + 1], where the values of each begin.
        embedding: How the three make a score.
    """

    items: Float32Array
    relations: Float32Array
    values: Float32Array
    offsets: npt.NDArray[np.int64]
    embedding: Embedding

    def scores(self, items: Int32Array, relation: int) -> Float32Array:
        """How likely items have each value of an attribute or relation, float32 [n, V_r]; only the order counts."""
        values = self.values[self.offsets[relation] : self.offsets[relation + 1]]
        heads = self.items[items]
        if self.embedding == "transe":
            asked = heads + self.relations[relation]
            return np.asarray(2 * asked @ values.T - (values * values).sum(axis=1), dtype=np.float32)
        return np.asarray((heads * self.relations[relation]) @ values.T, dtype=np.float32)


def named_links(dataset: Dataset) -> dict[str, Attribute]:
    """What is known of items by attribute and relation, without what gives other answers away: of relations that mirror each
    other the most frequent one, and no relation that is called like an attribute."""
    names = [group[0] for group in mirrored_relations(dataset.facts)]
    facts = {f"fact.{name}": dataset.facts[name] for name in names if name not in dataset.attributes}
    return {**{f"attribute.{name}": known for name, known in dataset.attributes.items()}, **facts}


def learn_space(links: dict[str, Attribute], n_items: int, embedding: Embedding, seed: int) -> Space:
    """Learn DistMult or TransE: for each link, its value among those of its relation (softmax, sampled where they are many).

    TransE goes by squared distances, so that both models are one product of matrices.

    Source: Yang et al. 2015, "Embedding Entities and Relations for Learning and Inference in Knowledge Bases", equation 2
    (DistMult); Bordes et al. 2013, equation 1 (TransE); Ruffinelli et al. 2020 for softmax in place of margins.
    """
    offsets = np.cumsum([0, *(len(known.vocabulary) for known in links.values())]).astype(np.int64)
    draw = torch_generator(seed, "graph space")

    def table(n: int) -> torch.Tensor:
        drawn: torch.Tensor = torch.randn((n, DIMENSIONS), generator=draw) / DIMENSIONS**0.5
        return drawn.requires_grad_()

    items, values, relations = table(n_items + 1), table(int(offsets[-1])), table(len(links))
    if embedding == "distmult":
        relations = torch.ones((len(links), DIMENSIONS), requires_grad=True)
    optimiser = torch.optim.AdamW([items, values, relations], lr=RATE, weight_decay=DECAY)
    order = numpy_generator(seed, "graph space")
    pairs = [(_owners(known), known.value_numbers.astype(np.int64) - 1) for known in links.values()]
    batches = [
        (relation, start) for relation, (owners, _) in enumerate(pairs) for start in range(0, len(owners), BATCH)
    ]
    for _ in range(PASSES):
        shuffled = [order.permutation(len(owners)) for owners, _ in pairs]
        for place in order.permutation(len(batches)).tolist():
            relation, start = batches[place]
            rows = shuffled[relation][start : start + BATCH]
            heads = torch.from_numpy(pairs[relation][0][rows])
            candidates, answers = _candidates(pairs[relation][1][rows], len_of(offsets, relation), order)
            tails = values[torch.from_numpy(candidates + offsets[relation])]
            if embedding == "transe":
                logits = 2 * (items[heads] + relations[relation]) @ tails.T - (tails * tails).sum(dim=1)
            else:
                logits = (items[heads] * relations[relation]) @ tails.T
            loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(answers))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    known_items = np.zeros(n_items + 1, dtype=bool)
    for owners, _ in pairs:
        known_items[owners] = True
    vectors = items.detach().numpy() * known_items[:, None]
    return Space(vectors, relations.detach().numpy(), values.detach().numpy(), offsets, embedding)


def linear_space(dataset: Dataset, links: dict[str, Attribute], weights: Float32Array | None = None) -> Space:
    """The main axes as a space. An item has the values of items that have its values: item → value → item → value, as a product
    A Aᵀ A, which on the axes is each of them times its squared size."""
    offsets = np.cumsum([0, *(len(known.vocabulary) for known in links.values())]).astype(np.int64)
    axes = graph_axes(item_values(dataset, weights), DIMENSIONS)
    places, numbers = value_columns(dataset)
    values = np.zeros((int(offsets[-1]), axes.values.shape[1]), dtype=np.float32)
    values[offsets[places] + numbers - 1] = axes.values
    sizes = (axes.items * axes.items).sum(axis=0)
    return Space(axes.items, np.tile(sizes, (len(links), 1)), values, offsets, "linear")


def learned_axes(dataset: Dataset, embedding: Embedding, seed: int) -> Axes:
    """A learned space's items on its main axes, as ``graph_axes`` gives them; no score is a sum over values there."""
    items = learn_space(named_links(dataset), dataset.n_items, embedding, seed).items
    _, _, turn = np.linalg.svd(items, full_matrices=False)
    return Axes(np.ascontiguousarray(items @ turn.T), np.zeros((0, items.shape[1]), dtype=np.float32))


def predict_links(
    dataset: Dataset, embedding: Embedding, seed: int, weights: Float32Array | None = None
) -> dict[str, LinkPrediction]:
    """Hold a tenth of what is known out, learn the rest, and ask for it.

    Args:
        dataset: What is known of items.
        embedding: In which space.
        seed: Of what is held out and of learning.
        weights: float32 [R], of ``item_values`` for the linear space.

    Returns:
        ``embedding``, and ``frequency``: the same with the most frequent values first for every item.
    """
    links = named_links(dataset)
    if weights is not None:
        weights = weights[_places(dataset, links)]
    held = _held_out(links, dataset.n_items, seed)
    left = {name: _without(known, held[name]) for name, known in links.items()}
    # One table of what is left: facts as attributes, so that relations keep their places.
    rest = replace(dataset, attributes=left, facts={})
    space = (
        linear_space(rest, left, weights)
        if embedding == "linear"
        else learn_space(left, dataset.n_items, embedding, seed)
    )
    ranks: dict[str, list[npt.NDArray[np.float64]]] = {embedding: [], "frequency": []}
    for relation, (name, known) in enumerate(links.items()):
        items, values = _owners(known)[held[name]], known.value_numbers[held[name]] - 1
        if len(items) == 0:
            continue
        counts = np.bincount(left[name].value_numbers - 1, minlength=len(known.vocabulary)).astype(np.float32)
        for way, scores in (
            (embedding, space.scores(items.astype(np.int32), relation)),
            ("frequency", np.tile(counts, (len(items), 1))),
        ):
            ranks[way].append(_ranks(scores, items, values, known))
    return {way: _summary(np.concatenate(found)) for way, found in ranks.items() if found}


def len_of(offsets: npt.NDArray[np.int64], relation: int) -> int:
    """How many values a relation has."""
    return int(offsets[relation + 1] - offsets[relation])


def _places(dataset: Dataset, links: dict[str, Attribute]) -> list[int]:
    keys = relation_keys(dataset)
    return [keys.index(name) for name in links]


def _owners(known: Attribute) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(len(known.offsets) - 1, dtype=np.int64), np.diff(known.offsets))


def _candidates(
    answers: npt.NDArray[np.int64], n_values: int, draw: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Values to compare, all where they are few, and where among them the answers are."""
    if n_values <= CANDIDATES:
        return np.arange(n_values), answers
    chosen = np.unique(np.concatenate([answers, draw.integers(n_values, size=CANDIDATES)]))
    return chosen, np.searchsorted(chosen, answers)


def _held_out(links: dict[str, Attribute], n_items: int, seed: int) -> dict[str, BoolArray]:
    """Which links of each relation are asked for: a random tenth, of those that leave item and value enough."""
    draw = numpy_generator(seed, "held-out links")
    drawn = {name: draw.random(len(known.value_numbers)) < 1 / ONE_IN for name, known in links.items()}
    kept_of_item = np.zeros(n_items + 1, dtype=np.int64)
    for name, known in links.items():
        kept_of_item += np.bincount(_owners(known)[~drawn[name]], minlength=n_items + 1)
    held = {}
    for name, known in links.items():
        left = np.bincount(known.value_numbers[~drawn[name]], minlength=len(known.vocabulary) + 1)
        enough = (left[known.value_numbers] >= FEWEST_LEFT) & (kept_of_item[_owners(known)] > 0)
        held[name] = drawn[name] & enough
    return held


def _without(known: Attribute, held: BoolArray) -> Attribute:
    counts = np.bincount(_owners(known)[~held], minlength=len(known.offsets) - 1)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return replace(known, offsets=offsets, value_numbers=known.value_numbers[~held], rows=None)


def _ranks(
    scores: Float32Array, items: npt.NDArray[np.int64], values: npt.NDArray[np.int32], known: Attribute
) -> npt.NDArray[np.float64]:
    """Rank of each value among those that its item is not known to have, float64 [n]; ties share the middle."""
    rows = np.arange(len(items))
    own = scores[rows, values]
    lengths = np.diff(known.offsets)[items]
    others = np.repeat(rows, lengths)
    firsts = np.repeat(known.offsets[items] - (np.cumsum(lengths) - lengths), lengths)
    scores = scores.copy()
    scores[others, known.value_numbers[np.arange(len(others)) + firsts] - 1] = -np.inf
    higher = (scores > own[:, None]).sum(axis=1)
    equal = (scores == own[:, None]).sum(axis=1)
    return np.asarray(1 + higher + equal / 2, dtype=np.float64)


def _summary(ranks: npt.NDArray[np.float64]) -> LinkPrediction:
    return LinkPrediction(len(ranks), float((1 / ranks).mean()), float((ranks <= 10).mean()))
