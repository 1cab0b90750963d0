"""The audit log as a table: newest first, ids as they are in the workspace."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from metarec_core.audit import Entry


def table(entries: Sequence[Entry]) -> pd.DataFrame:
    """A row an entry."""
    rows = [
        (
            entry.time.replace("T", " ")[:19],
            entry.who,
            entry.role,
            entry.action,
            entry.outcome,
            ", ".join(f"{name} {value}" for name, value in entry.what.items()),
        )
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["When (UTC)", "Who", "Role", "What", "Outcome", "Of what"])
