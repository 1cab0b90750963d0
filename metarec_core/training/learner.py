"""The sequence part while it learns: an encoder, its optimiser, and how far they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from metarec_core.config import RunConfig
from metarec_core.data.dataset import Int64Array, Interactions
from metarec_core.models.item_vectors import Float32Array, ItemKnowledge
from metarec_core.models.losses import Sampler, bpr_loss, gbce_loss, sampled_softmax_loss, softmax_loss
from metarec_core.models.sequence import SequenceEncoder, SequencePart
from metarec_core.training import distributed
from metarec_core.training.batches import batches, cut_sequences, rectangles
from metarec_core.training.optimiser import compiles, make_optimiser, precision, rate_share
from metarec_core.training.seeding import numpy_generator, seed_torch, torch_generator
from metarec_core.training.threads import MANY_PRODUCTS, threads_worth_their_wait

REPORT_EVERY_S = 0.5


@dataclass(frozen=True)
class Progress:
    """How far a pass over the events is.

    Attributes:
        step: Finished steps, of ``steps``.
        loss: Mean loss of the pass so far.
        examples_per_s: Predictions learned from in a second.
    """

    step: int
    steps: int
    loss: float
    examples_per_s: float


class Step(nn.Module):
    """A step's loss in one call, which is where DistributedDataParallel looks."""

    def __init__(self, encoder: SequenceEncoder, loss: Callable[..., Tensor]) -> None:
        super().__init__()
        self.encoder = encoder
        self.loss = loss

    def forward(self, inputs: Tensor, targets: Tensor, times: Int64Array, draw_alone: Callable[[], None]) -> Tensor:
        """Mean loss over the predictions of a rectangle.

        Args:
            inputs: int64 [B, L].
            targets: int64 [B, L], 0 where there is none.
            times: int64 [B, L].
            draw_alone: Called between what all processes draw alike and what each draws for itself.
        """
        vectors, bias = self.encoder.items()
        draw_alone()
        real = targets > 0
        loss: Tensor = self.loss(self.encoder(inputs, times, vectors)[real], targets[real], vectors, bias)
        return loss


class Learner:
    """Learns from one set of events, pass by pass.

    Every pass has random numbers of its own, and within a pass the generators' states are kept with the weights, so that a
    learner restored at any step goes on exactly. Beside other processes (``training.distributed``) it learns its share.

    Args:
        interactions: The events.
        config: The encoder's and the steps' settings.
        device: Where to learn.
        use: Name of this learning among others of the run; gives it its own random numbers.
        passes: How many passes the learning rate's schedule is made for.
        rate: Highest learning rate.
        content: float32 [N + 1, C], what is known of items beside their events; C may be 0.
        has_clock_times: Whether the events' times are real.

    Attributes:
        epoch: Finished passes.
    """

    def __init__(
        self,
        interactions: Interactions,
        config: RunConfig,
        device: str,
        *,
        use: str,
        passes: int,
        rate: float,
        content: Float32Array,
        has_clock_times: bool,
    ) -> None:
        self.sequences = cut_sequences(interactions, config.model.sequence_length)
        self.config = config
        self.device = device
        self.use = use
        self.passes = passes
        self.rate = rate
        self.epoch = 0
        self.n_learned, self.learning_s = 0, 0.0
        self._step, self._total, self._seen = 0, 0.0, 0
        self._sampling = torch.Generator()
        self._generators: dict[str, Tensor] = {}
        counts = torch.from_numpy(np.bincount(interactions.item_numbers, minlength=interactions.n_items + 1))
        whole = config.train.loss == "softmax" and interactions.n_items <= config.train.full_softmax_items
        self.sampler = None if whole else Sampler.of(counts, device)
        seed_torch(config.seed, "encoder")
        knowledge = ItemKnowledge(content, counts.numpy() > 0)
        self.encoder = SequenceEncoder(knowledge, config.model, has_clock_times=has_clock_times).to(device)
        if compiles(config.train, device, passes * self.n_predictions // config.train.batch_events):
            self.encoder.body.compile(dynamic=True)
        self.optimiser = make_optimiser(self.encoder.parameters(), config.train, rate)
        self._world = distributed.world()
        if self._world.leads:
            words = {"use": use, "passes": passes, "rate": rate, "has_clock_times": has_clock_times, "device": device}
            words |= {"config": config.to_dict(), "n_items": interactions.n_items}
            distributed.tell("learner", words, distributed.describe(interactions, content))
        self._loss_of = distributed.shared(Step(self.encoder, self._loss), device)

    def part(self) -> SequencePart:
        """What has been learned so far, ready to score; of use until the learner goes on."""
        return SequencePart(self.encoder.eval(), self.config.model.sequence_length)

    def run_pass(self) -> Iterator[Progress]:
        """Go over all events once, or over what a restored pass has left; progress every half second, and at the end."""
        if self._world.leads and self._world.size > 1:
            distributed.tell("pass", {"epoch": self.epoch, "position": self.position()}, self.arrays())
        with threads_worth_their_wait(self._products_per_step if self.device == "cpu" else MANY_PRODUCTS):
            yield from self._steps()
        self.epoch += 1

    @property
    def _products_per_step(self) -> int:
        train = self.config.train
        candidates = self.encoder.items.ids.num_embeddings if self.sampler is None else train.negatives
        return train.batch_events * candidates * self.config.model.embedding_dim

    def _steps(self) -> Iterator[Progress]:
        seed, use = self.config.seed, self.use
        groups = batches(
            self.sequences, self.config.train.batch_events, numpy_generator(seed, f"{use} order", self.epoch)
        )
        seed_torch(seed, use, self.epoch)
        self._sampling = torch_generator(seed, f"{use} negatives", self.epoch)
        self._set_generators()
        before = self._seen
        began = reported = now = time.monotonic()
        self.encoder.train()
        for step, (inputs, targets, times) in enumerate(
            rectangles(self.sequences, groups[self._step :]), start=self._step + 1
        ):
            self._set_rate((self.epoch + step / len(groups)) / self.passes)
            n_predictions = int((targets > 0).sum())
            inputs, targets, times, weight = distributed.share(inputs, targets, times)
            if self._world.size > 1:
                seed_torch(seed, f"{use} step", self.epoch * len(groups) + step)
            with precision(self.config.train, self.device):
                loss = self._loss_of(inputs.to(self.device), targets.to(self.device), times, self._draw_alone)
                loss = loss * weight if weight != 1 else loss
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if self.config.train.gradient_clip:
                nn.utils.clip_grad_norm_(self.encoder.parameters(), self.config.train.gradient_clip)
            self.optimiser.step()
            mean = distributed.total(float(loss.detach()), self.device) / self._world.size
            self._step, self._total, self._seen = step, self._total + mean * n_predictions, self._seen + n_predictions
            now = time.monotonic()
            if now - reported >= REPORT_EVERY_S or step == len(groups):
                reported = now
                per_s = (self._seen - before) / max(now - began, 1e-9)
                yield Progress(step, len(groups), self._total / self._seen, per_s)
        self.n_learned += self._seen - before
        self.learning_s += now - began
        self._step, self._total, self._seen = 0, 0.0, 0

    @property
    def events_per_s(self) -> float | None:
        """Predictions learned from in a second, over all passes of this sitting; None before the first."""
        return self.n_learned / self.learning_s if self.learning_s else None

    @property
    def n_predictions(self) -> int:
        """How many events a pass learns to predict."""
        return self.sequences.n_predictions

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of what has been learned so far."""
        return {name: value.cpu().numpy().copy() for name, value in self.encoder.state_dict().items()}

    def load_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take weights back, not the optimiser's state."""
        self.encoder.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})

    def arrays(self) -> dict[str, np.ndarray]:
        """A copy of weights and optimiser state, and within a pass of the generators' states; ``restore`` takes them back."""
        arrays = {f"weights.{name}": value for name, value in self.weights().items()}
        for number, slots in self.optimiser.state_dict()["state"].items():
            arrays |= {f"optimiser.{number}.{name}": value.cpu().numpy().copy() for name, value in slots.items()}
        if self._step:
            states = dict(self._generators) or {
                "torch": torch.get_rng_state(),
                "negatives": self._sampling.get_state(),
            }
            if self.device.startswith("cuda") and not self._generators:
                states["cuda"] = torch.cuda.get_rng_state(self.device)
            arrays |= {f"generator.{name}": state.numpy().copy() for name, state in states.items()}
        return arrays

    def position(self) -> dict[str, Any]:
        """Where in the present pass this is, ready for JSON; ``restore`` takes it back."""
        return {"step": self._step, "total": self._total, "seen": self._seen}

    def restore(self, arrays: Mapping[str, np.ndarray], epoch: int, position: Mapping[str, Any] | None = None) -> None:
        """Go on from ``arrays``, taken after ``epoch`` passes, at ``position`` of the next one (its beginning if not given)."""
        self.load_weights({k.removeprefix("weights."): v for k, v in arrays.items() if k.startswith("weights.")})
        slots: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in arrays.items():
            if key.startswith("optimiser."):
                _, number, name = key.split(".")
                slots.setdefault(int(number), {})[name] = torch.from_numpy(np.array(value))
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": slots})
        self.epoch = epoch
        if position is not None:
            self._step, self._total, self._seen = position["step"], position["total"], position["seen"]
        self._generators = {
            key.removeprefix("generator."): torch.from_numpy(np.array(value))
            for key, value in arrays.items()
            if key.startswith("generator.")
        }

    def _set_generators(self) -> None:
        """Go on with the random numbers of a pass that was restored in its middle."""
        states, self._generators = self._generators, {}
        if states:
            torch.set_rng_state(states["torch"])
            self._sampling.set_state(states["negatives"])
            if "cuda" in states and self.device.startswith("cuda"):
                torch.cuda.set_rng_state(states["cuda"], self.device)

    def _draw_alone(self) -> None:
        """From here on a step's random numbers are this process's own."""
        if self._world.size > 1:
            seed_torch(int(torch.randint(2**62, ())), f"{self.use} process", self._world.rank)

    def _loss(self, states: Tensor, targets: Tensor, vectors: Tensor, bias: Tensor) -> Tensor:
        """Items without events are nobody's negatives: what was never offered was not turned down."""
        if self.sampler is None:
            bias = bias.masked_fill(~self.encoder.items.warm, torch.finfo(bias.dtype).min)
            return softmax_loss(states, targets, vectors, bias)
        sampled = self.sampler.draw(self.config.train.negatives, self._sampling).to(self.device)
        if self.config.train.loss == "bpr":
            return bpr_loss(states, targets, vectors, bias, sampled)
        if self.config.train.loss == "gbce":
            return gbce_loss(states, targets, vectors, bias, sampled)
        return sampled_softmax_loss(states, targets, vectors, bias, sampled, self.sampler.log_q)

    def _set_rate(self, share_done: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * rate_share(self.config.train.schedule, share_done)
