"""Peers of RecTools: SASRec and eSASRec by published recipes, the number of epochs chosen on validation within a budget."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import Callback, LightningModule, Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from rectools.models.nn.transformers.ligr import LiGRLayers

from benchmarks.peers.clock import cpu_seconds
from benchmarks.peers.epochs import fit_epochs
from benchmarks.peers.ranking import Fitted, Float32Array
from benchmarks.peers.split import Events, Int64Array, PeerSplit

SPARSE: Final = {"n_factors": 64, "n_blocks": 1, "n_heads": 1, "dropout_rate": 0.2}
"""Recipe of the eSASRec study for its Amazon sets."""
DENSE: Final = {"n_factors": 64, "n_blocks": 2, "n_heads": 1, "dropout_rate": 0.1}
"""Recipe of the eSASRec study for MovieLens."""
DENSE_FROM = 50
"""Events a user from which on the second recipe is taken."""

SESSION_MAX_LEN = 50
"""The study's 200 for MovieLens cost four times as much an epoch: in minutes on one core they reach half as much."""
BATCH_SIZE, FEWEST_BATCHES = 128, 32
"""The library's default; fewer users a batch where an epoch would be a handful of steps: more is reached in the same time."""


def fit_sasrec(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """SASRec with cross-entropy over the whole catalogue.

    Source: Kang and McAuley 2018; loss after Klenitskiy and Vasilev 2023.
    """
    return _fit(split, seed, seconds, {"loss": "softmax"})


def fit_esasrec(split: PeerSplit, seed: int, seconds: float) -> Fitted:
    """eSASRec: LiGR layers and sampled softmax of 256 uniform negatives.

    Source: Tikhonovich et al. 2025, arXiv 2508.06450.
    """
    recipe = {"loss": "sampled_softmax", "n_negatives": 256, "transformer_layers_type": LiGRLayers}
    return _fit(split, seed, seconds, {**recipe, "use_key_padding_mask": True})


class StopAt(Callback):
    """Ends an epoch where the budget ends."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *batch: Any) -> None:
        """Look at the clock."""
        trainer.should_stop = cpu_seconds() > self.seconds


class Network:
    """One of RecTools' networks on some events.

    Attributes:
        n_items: Size of the catalogue.
        events: What it learns from.
        model: The library's.
    """

    def __init__(self, n_items: int, events: Events, settings: Mapping[str, Any], seed: int, seconds: float) -> None:
        seed_everything(seed)
        self.n_items = n_items
        self.events = _dataset(events)
        self.model = SASRecModel(**settings, get_trainer_func=lambda: _trainer(seconds))

    def epoch(self) -> None:
        """Pass over the events once more."""
        self.model.fit_partial(self.events, min_epochs=0, max_epochs=1)

    def score(self, history: Events, users: Int64Array) -> Float32Array:
        """Session vector times item vectors, as ``recommend`` has it, but of all items; those not trained on are not listed."""
        return _score(self.model, history, users, self.n_items)


def _fit(split: PeerSplit, seed: int, seconds: float, recipe: dict[str, Any]) -> Fitted:
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning|rectools")
    torch.set_num_threads(1)
    lengths = np.bincount(split.train.users)[1:]
    settings: dict[str, Any] = {**(DENSE if lengths.mean() >= DENSE_FROM else SPARSE), **recipe}
    # Rows are padded to session_max_len, so room that next to no history fills would only cost the peer epochs.
    settings["session_max_len"] = min(SESSION_MAX_LEN, int(np.ceil(np.quantile(lengths, 0.95))))
    settings["batch_size"] = max(min(BATCH_SIZE, split.n_users // FEWEST_BATCHES), 1)
    reported = {name: getattr(setting, "__name__", setting) for name, setting in settings.items()}

    def begin(events: Events, until: float) -> Network:
        return Network(split.n_items, events, settings, seed, until)

    return fit_epochs(split, begin, reported, seconds)


def _trainer(seconds: float) -> Trainer:
    """The library's own trainer with the budget in it, on the processor."""
    return Trainer(
        accelerator="cpu",
        devices=1,
        deterministic=True,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        callbacks=[StopAt(seconds)],
    )


def _dataset(events: Events) -> Dataset:
    """Times are places in the sorted log, so that RecTools keeps its order where times are equal."""
    times = pd.to_datetime(np.arange(len(events)), unit="s")
    columns = {Columns.User: events.users, Columns.Item: events.items, Columns.Weight: 1.0, Columns.Datetime: times}
    return Dataset.construct(pd.DataFrame(columns))


def _score(sasrec: SASRecModel, history: Events, users: Int64Array, n_items: int) -> Float32Array:
    preparator, network = sasrec.data_preparator, sasrec.torch_model.eval()
    sessions = preparator.transform_dataset_u2i(_dataset(history), np.unique(history.users))
    with torch.no_grad():
        item_vectors = network.item_model.get_all_embeddings()
        loader = preparator.get_dataloader_recommend(sessions, batch_size=256)
        session_vectors = torch.cat([network.encode_sessions(batch, item_vectors)[:, -1] for batch in loader]).numpy()
    items = preparator.get_known_item_ids().astype(np.int64)
    found = np.isin(users, sessions.user_id_map.external_ids)  # some have no item that was trained on
    rows = sessions.user_id_map.convert_to_internal(users[found])
    scores = np.full((len(users), n_items + 1), -np.inf, dtype=np.float32)
    scores[np.ix_(found, items)] = session_vectors[rows] @ item_vectors.numpy()[-len(items) :].T
    return scores
