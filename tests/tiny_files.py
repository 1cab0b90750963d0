"""Files so small that a training on them takes a moment, and settings that keep it so."""

from __future__ import annotations

from pathlib import Path

N_USERS, N_ITEMS, N_EVENTS = 24, 12, 8
"""Every user walks on from item to item, each from another start: what comes next can be learned."""

BEHAVIOUR = "user_id,item_id,time\n" + "".join(
    f"u{user:02},i{(user + step) % N_ITEMS:02},2026-01-{1 + step:02}T00:00:{user:02}\n"
    for user in range(N_USERS)
    for step in range(N_EVENTS)
)
ITEMS = "item_id,title\n" + "".join(f"i{item:02},Title {item}\n" for item in range(N_ITEMS))

FEW_DRAWS = "evaluation.bootstrap_draws=100"
NO_NET = ("model.sequence=false", FEW_DRAWS)
"""Only the parts that are counted, not learned."""
SMALL_NET = ("model.embedding_dim=8", "train.epochs=2", "train.batch_events=64", FEW_DRAWS)
LONG_NET = ("model.embedding_dim=128", "train.epochs=500", "train.patience=50", "train.batch_events=64", FEW_DRAWS)
"""Long enough to be caught at it."""


WORDED_ITEMS = """item_id,title
i00,Green tea
i01,Black tea
i02,Mint tea
i03,Oat milk
i04,Almond milk
i05,Lemon cake
i06,Carrot cake
i07,Plum jam
i08,Fig jam
i09,Rye bread
i10,Corn bread
i11,Salt butter
"""
"""The same items with titles in words that some of them share."""


def write_files(folder: Path, items_text: str = ITEMS) -> tuple[Path, Path]:
    """Write the behaviour and the item file."""
    behaviour, items = folder / "behaviour.csv", folder / "items.csv"
    behaviour.write_text(BEHAVIOUR, encoding="utf-8")
    items.write_text(items_text, encoding="utf-8")
    return behaviour, items
