"""One network, many processes: what ``torchrun`` started learns and scores a share, and the first process leads.

The first process trains as if it were alone. When it makes a learner, begins a pass of it, asks a model the test questions
(``training/questioning.py``), or ends, it tells the others, who do nothing else; so only the first needs the files, counts what
is counted, and writes the run. What is told travels as safetensors with a few words of JSON, never as code.

At each step every process takes every n-th sequence of the step's rectangle. Its loss is the mean over its own predictions
times their share of the step's, so that the mean gradient over processes, which DistributedDataParallel makes, is that of one
process. Which items are drawn as negatives, and whose learned vectors are blanked (ID dropout), is drawn alike everywhere; the
masks of dropout are each process's own. So without dropout the result is that of one process but for rounding; with it, it is
one of as many equally good ones. (Under BPR, predictions count alike, not pairs.)

Source: Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", section 3.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
import torch
import torch.distributed as processes
from safetensors.numpy import load, save
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from metarec_core.config import RunConfig
from metarec_core.data.dataset import Int64Array, Interactions
from metarec_core.errors import JobError
from metarec_core.language import say

if TYPE_CHECKING:
    from metarec_core.training.learner import Learner

LONGEST_WAIT: Final = timedelta(days=2)
"""How long the others wait for the first process to say something."""

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class World:
    """Which process this is, of how many."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0


def world() -> World:
    """Where this process stands; alone unless it has joined others."""
    if not (processes.is_available() and processes.is_initialized()):
        return World()
    return World(processes.get_rank(), processes.get_world_size())


@contextmanager
def joined(device: str) -> Iterator[World]:
    """Meet the other processes: gradients travel by nccl between GPUs and by gloo between CPUs, words always by gloo.

    Args:
        device: Where to learn, resolved; each process of a machine takes the GPU of its number.
    """
    on_gpu = device.startswith("cuda")
    if on_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    processes.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo", timeout=LONGEST_WAIT)
    try:
        yield world()
    finally:
        processes.destroy_process_group()


def leave() -> NoReturn:
    """End this process at once, its group with it: taking a group apart aborts now and then where the other end is gone."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def end() -> None:
    """Let the others go; said by the first process once the run is written."""
    tell("end")


def follow() -> None:
    """What every process but the first does: learn and score its share whenever the first one says, until it says that it ends.

    Raises:
        JobError: The first process is gone.
    """
    from metarec_core.training.questioning import answer_share

    learner: Learner | None = None
    try:
        while True:
            words, arrays = _hear()
            if words["what"] == "end":
                return
            if words["what"] == "ask":
                answer_share(words, arrays)
            elif words["what"] == "learner":
                learner = _learner(words, arrays)
            elif learner is not None:
                learner.restore(arrays, words["epoch"], words["position"])
                for _ in learner.run_pass():
                    pass
    except RuntimeError as error:
        raise JobError(
            say("The first process ended before the training did, or cannot be reached: see its output.")
        ) from error


def tell(what: str, words: Mapping[str, Any] | None = None, arrays: Arrays | None = None) -> None:
    """Say something to all other processes; nothing where there are none. Only the first process speaks."""
    if world().size == 1:
        return
    message = np.frombuffer(save(dict(arrays or {}), {"words": json.dumps({"what": what, **(words or {})})}), np.uint8)
    processes.broadcast(torch.tensor([len(message)]), src=0)
    processes.broadcast(torch.from_numpy(message.copy()), src=0)


def describe(events: Interactions, content: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays that a learner is made of."""
    return {
        "offsets": events.offsets,
        "item_numbers": np.asarray(events.item_numbers),
        "times": np.asarray(events.times),
        "content": np.ascontiguousarray(content),
    }


def shared(step: nn.Module, device: str) -> nn.Module:
    """A step whose gradients become the mean over processes; the step itself where there is only one."""
    if world().size == 1:
        return step
    own_gpu = [torch.cuda.current_device()] if device.startswith("cuda") else None
    return DistributedDataParallel(step, device_ids=own_gpu, broadcast_buffers=False)


def share(inputs: Tensor, targets: Tensor, times: Int64Array) -> tuple[Tensor, Tensor, Int64Array, float]:
    """This process's sequences of a rectangle, and by what the mean loss over them counts.

    A process for which none are left takes one that does not count, because gradients wait for everybody.

    Args:
        inputs: int64 [B, L].
        targets: int64 [B, L], 0 where there is none.
        times: int64 [B, L].
    """
    here = world()
    if here.size == 1:
        return inputs, targets, times, 1.0
    mine = slice(here.rank, None, here.size) if here.rank < len(targets) else slice(0, 1)
    n_mine = int((targets[mine] > 0).sum()) if here.rank < len(targets) else 0
    return inputs[mine], targets[mine], times[mine], n_mine * here.size / int((targets > 0).sum())


def gathered(mine: np.ndarray, n: int) -> list[np.ndarray]:
    """The rows that each process has of ``n`` which were dealt out one by one, by rank; empty in all but the first process."""
    here = world()
    if here.size == 1:
        return [mine]
    most = -(-n // here.size)
    row = torch.zeros((most, *mine.shape[1:]), dtype=torch.from_numpy(mine).dtype)
    row[: len(mine)] = torch.from_numpy(mine)
    places = [torch.empty_like(row) for _ in range(here.size)] if here.leads else None
    processes.gather(row, places, dst=0)
    return [place[: len(range(rank, n, here.size))].numpy() for rank, place in enumerate(places or ())]


def in_turn(blocks: Iterator[bytes], n: int) -> Iterator[bytes]:
    """All of ``n`` blocks in their order, in the first process: each has made every n-th; the others hand theirs over when it
    is their turn, so that no process holds more than one."""
    here = world()
    for turn in range(n):
        owner = turn % here.size
        if owner == here.rank:
            block = next(blocks)
            if here.leads:
                yield block
            else:
                processes.send(torch.tensor([len(block)]), dst=0)
                processes.send(torch.frombuffer(bytearray(block), dtype=torch.uint8), dst=0)
        elif here.leads:
            length = torch.zeros(1, dtype=torch.int64)
            processes.recv(length, src=owner)
            message = torch.empty(int(length), dtype=torch.uint8)
            processes.recv(message, src=owner)
            yield message.numpy().tobytes()


def total(value: float, device: str) -> float:
    """The sum of a number over all processes."""
    if world().size == 1:
        return value
    summed = torch.tensor([value], dtype=torch.float64, device=device if device.startswith("cuda") else "cpu")
    processes.all_reduce(summed)
    return float(summed)


def _hear() -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    length = torch.zeros(1, dtype=torch.int64)
    processes.broadcast(length, src=0)
    message = torch.empty(int(length), dtype=torch.uint8)
    processes.broadcast(message, src=0)
    raw = message.numpy().tobytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    return json.loads(header["__metadata__"]["words"]), load(raw)


def _learner(words: Mapping[str, Any], arrays: Arrays) -> Learner:
    from metarec_core.training.learner import Learner

    events = Interactions(arrays["offsets"], arrays["item_numbers"], arrays["times"], words["n_items"])
    return Learner(
        events,
        RunConfig.from_dict(words["config"]),
        words["device"],
        use=words["use"],
        passes=words["passes"],
        rate=words["rate"],
        content=arrays["content"],
        has_clock_times=words["has_clock_times"],
    )
