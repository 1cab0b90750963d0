"""Ids replaced by keyed hashes: who has the key and the original file can tell who is who, nobody else.

A pseudonym is the first 80 bits of HMAC-SHA-256(key, kind ‖ 0 ‖ id), written in 16 letters and digits (base32). A plain hash
would not do: whoever has a list of e-mail addresses would hash them all and compare. The same key gives the same pseudonyms,
so that tables of one workspace fit each other and a file that is imported twice gives the same tables.

Source: NIST FIPS 198-1 (HMAC).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from metarec_core.data import columns
from metarec_core.data.reasons import reason
from metarec_core.data.tables import CleaningStep, Tables, as_texts, make_tables
from metarec_core.errors import RunError
from metarec_core.language import say

IdKind = Literal["user", "item"]

KEY_FILE: Final = "pseudonyms.key"
KEY_BYTES: Final = 32
PSEUDONYM_RULE: Final = "pseudonym"
"""The remark in the report about ids that were replaced."""
PSEUDONYM_LETTERS: Final = 16


def workspace_key(store: Path) -> bytes:
    """The workspace's key, made at the first call, readable by its owner only; beside the tables, not among them.

    Raises:
        RunError: The file cannot be written, or holds no key.
    """
    path = store / KEY_FILE
    if not path.exists():
        part = path.with_name(f".{KEY_FILE}-{secrets.token_hex(4)}.part")
        try:
            store.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
            os.link(part, path)  # fails where another process was first: a key is never replaced
        except FileExistsError:
            pass
        except OSError as error:
            raise RunError(
                say(
                    "The pseudonym key cannot be written to {path} ({strerror}): check space and permissions.",
                    path=path,
                    strerror=error.strerror,
                )
            ) from None
        finally:
            with suppress(OSError):
                part.unlink()
    return read_key(path)


def read_key(path: Path) -> bytes:
    """A key from its file: 64 digits 0-9, a-f.

    Raises:
        RunError: There is no such file, or it holds no key.
    """
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise RunError(
            say(
                "There is no pseudonym key {path}: it is created when data is first imported with pseudonyms.",
                path=path,
            )
        ) from None
    except (OSError, ValueError):
        text = ""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise RunError(
            say(
                "{path} is not a pseudonym key (64 digits 0-9, a-f): restore it from your exported copy.",
                path=path,
            )
        )
    return bytes.fromhex(text)


def pseudonyms(ids: pa.Array, key: bytes, kind: IdKind) -> pa.Array:
    """Pseudonyms of distinct ids, large_string [n]."""
    prefix = kind.encode() + b"\0"
    digests = (hmac.digest(key, prefix + id_.encode(), hashlib.sha256) for id_ in ids.to_pylist())
    n_bytes = PSEUDONYM_LETTERS * 5 // 8
    return pa.array([base64.b32encode(digest[:n_bytes]).decode().lower() for digest in digests], pa.large_string())


def pseudonymise(tables: Tables, key: bytes, *, items: bool = False) -> Tables:
    """Tables in which users, and items if wanted, are pseudonyms.

    The text of dropped and changed rows, which holds ids, goes too; the lines of the file where they are stay.

    Args:
        tables: With ids as they were brought.
        key: 32 bytes.
        items: Replace ids of items as well, and titles that are but the id.
    """
    events, item_frame, facts, users = tables.events, tables.items, tables.facts, tables.users
    seen = [events[columns.USER_ID]] + ([] if users is None else [users[columns.USER_ID]])
    mapping = _mapping(seen, key, "user")
    events = _replaced(events, columns.USER_ID, mapping)
    users = None if users is None else _replaced(users, columns.USER_ID, mapping)
    replaced = "pseudonym_users"
    if items:
        replaced = "pseudonym_users_and_items"
        mapping = _mapping(
            [item_frame[columns.ITEM_ID]] + ([] if facts is None else [facts[columns.ITEM_ID]]), key, "item"
        )
        events = _replaced(events, columns.ITEM_ID, mapping)
        untitled = item_frame[columns.TITLE] == item_frame[columns.ITEM_ID]
        item_frame = _replaced(item_frame, columns.ITEM_ID, mapping)
        item_frame[columns.TITLE] = item_frame[columns.TITLE].where(~untitled, item_frame[columns.ITEM_ID])
        if facts is not None:
            facts = _replaced(_replaced(facts, columns.ITEM_ID, mapping), columns.ENTITY, mapping)
    step = CleaningStep(PSEUDONYM_RULE, "events", "kept", len(events), reason(replaced, "events"))
    report = replace(tables.report, steps=(*tables.report.steps, step), affected=tables.report.affected.assign(text=""))
    return make_tables(tables.name, events, item_frame, facts, report, users=users, vectors=tables.vectors)


def identities(ids: pa.Array, key: bytes, kind: IdKind = "user") -> pd.DataFrame:
    """Which pseudonym is which id: pseudonym, <kind>_id."""
    return pd.DataFrame({"pseudonym": pseudonyms(ids, key, kind).to_pandas(), f"{kind}_id": ids.to_pandas()})


def _mapping(series: list[pd.Series], key: bytes, kind: IdKind) -> tuple[pa.Array, pa.Array]:
    distinct = pc.unique(
        pa.chunked_array([chunk for ids in series for chunk in as_texts(ids).chunks], pa.large_string())
    )
    return distinct, pseudonyms(distinct, key, kind)


def _replaced(frame: pd.DataFrame, column: str, mapping: tuple[pa.Array, pa.Array]) -> pd.DataFrame:
    """The frame with known texts of a column replaced; others, such as entities that are no items, stay."""
    texts, (known, replacements) = as_texts(frame[column]), mapping
    new = pc.coalesce(replacements.take(pc.index_in(texts, value_set=known).combine_chunks()), texts.combine_chunks())
    return frame.assign(**{column: new.to_pandas().to_numpy()}).astype({column: "str"})
