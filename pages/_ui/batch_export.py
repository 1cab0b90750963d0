"""Lists of all users as a file that is written block by block, with progress."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import streamlit as st

from metarec_core import api
from metarec_core.audit import doing
from metarec_core.figures.export import KINDS, lists_command, write_lists
from metarec_core.language import say
from pages._ui import session
from pages._ui.access import offered

FOLDER = ".exports"
"""Of a workspace."""
LARGEST = 200_000_000
"""Bytes that are handed to a browser; the server holds them in memory for that."""


def batch_export(run_id: str, recommender: api.Recommender, k: int, selection: api.Selection) -> None:
    """Choose a format, make the file, take it away."""
    if not offered("export"):
        return
    wanted = (run_id, k, repr(selection))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            say("Lists for all users"), list(KINDS), default="csv", required=True, key="batch.kind"
        )
        made = st.session_state.get("_batch")
        if st.button(say("Create the file"), icon=":material/database:", key="batch.make"):
            with doing(session.workspace(), "export", run=run_id, lists="all"):
                made = st.session_state["_batch"] = _made(recommender, k, selection, kind, (*wanted, kind))
    if made is None or made[0] != (*wanted, kind):
        return
    file, size = made[1], made[2]
    if size > LARGEST:
        st.info(
            say("The file is {size:,.0f} MB, too large for a browser. Write it on the server:", size=size / 1e6),
            icon=":material/terminal:",
        )
        st.code(lists_command(session.workspace(), run_id, k, selection, kind), language=None, wrap_lines=True)
        return
    st.download_button(
        say("Download {size:,.1f} MB", size=size / 1e6),
        lambda: _whole(file), f"metarec-{run_id}-all-users.{kind}", KINDS[kind],
        icon=":material/download:", on_click="ignore", key="batch.download",
    )  # fmt: skip


def _made(recommender: api.Recommender, k: int, selection: api.Selection, kind: str, of: Any) -> Any:
    """What the file is of, the file, and its size.

    It lies on the disk of the workspace, as a folder for what passes is often memory, and has no name there: it goes with the
    session, or with the server, however that ends.

    Raises:
        RunError: The disk or the workspace is full.
    """
    store = session.workspace()
    bar, n_users = st.progress(0.0, say("Making recommendations")), len(recommender.user_ids)

    def blocks() -> Iterator[Any]:
        done = 0
        for number, block in enumerate(recommender.recommend_all(k, selection), start=1):
            api.require_space(store)
            done = min(number * recommender.block_size, n_users)
            bar.progress(done / n_users, say("{done:,} of {n_users:,} users", done=done, n_users=n_users))
            yield block.frame

    folder = store / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file: Any = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed when the session lets go of it
    try:
        write_lists(blocks(), file, kind)
    except BaseException:
        file.close()
        raise
    finally:
        bar.empty()
    return of, file, file.tell()


def _whole(file: Any) -> bytes:
    file.seek(0)
    content: bytes = file.read()
    return content
