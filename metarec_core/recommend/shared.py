"""Lists of all users by several processes: each makes every n-th block, the first one has them all in their order."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from metarec_core.recommend.recommender import EVERYTHING, Recommender
from metarec_core.recommend.selection import Selection
from metarec_core.training import distributed


def recommend_all_together(
    recommender: Recommender, k: int, selection: Selection = EVERYTHING
) -> Iterator[pd.DataFrame]:
    """Frames as of ``Recommender.recommend_all``, in the first process; the others hand over theirs, and yield nothing.

    Blocks travel as Arrow, which holds values and no code. Memory grows neither with users nor with processes.

    Raises:
        UnknownIdError, InputError: As in ``Recommender.recommend``.
    """
    here = distributed.world()
    own = recommender.recommend_all(k, selection, share=(here.rank, here.size))
    if here.size == 1:
        yield from (block.frame for block in own)
        return
    for block in distributed.in_turn((_packed(lists.frame) for lists in own), recommender.n_blocks):
        yield pa.ipc.open_stream(block).read_pandas()


def _packed(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
