"""Reviews and what people say in them, kept in the run's folder, in the one file of it that changes after training.

Verdicts are only added; one that was taken back stays, with the time at which it was. Every verb opens the file, does one
thing in one transaction and closes it, so two reviewers, in two processes, do not lose each other's verdicts.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, Final, Literal, get_args

from metarec_core.audit import deed
from metarec_core.errors import InputError, RunError
from metarec_core.language import later, say
from metarec_core.review.sample import Plan, Sample, Sampled
from metarec_core.runs.run import Run

VerdictName = Literal["good", "questionable", "wrong", "harmful"]
VERDICTS: Final[tuple[VerdictName, ...]] = get_args(VerdictName)

LONGEST_NAME: Final = 80
LONGEST_TEXT: Final = 4_000
"""Signs in a comment or a statement."""
PATIENCE_S: Final = 30.0
"""How long one writer waits for another."""
FORMAT: Final = 1
"""Version of the file's layout, in its ``user_version``."""

_TABLES: Final = """
CREATE TABLE review (id TEXT PRIMARY KEY, created TEXT NOT NULL, words TEXT NOT NULL, plan TEXT NOT NULL) STRICT;
CREATE TABLE item (
    review TEXT NOT NULL REFERENCES review, position INTEGER NOT NULL,
    user_id TEXT NOT NULL, item_id TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (review, position)
) STRICT;
CREATE TABLE verdict (
    number INTEGER PRIMARY KEY AUTOINCREMENT, review TEXT NOT NULL, position INTEGER NOT NULL,
    reviewer TEXT NOT NULL, verdict TEXT NOT NULL CHECK (verdict IN ('good', 'questionable', 'wrong', 'harmful')),
    comment TEXT NOT NULL, time TEXT NOT NULL, undone TEXT,
    FOREIGN KEY (review, position) REFERENCES item
) STRICT;
CREATE INDEX verdict_place ON verdict (review, position, reviewer);
CREATE TABLE sign_off (
    number INTEGER PRIMARY KEY AUTOINCREMENT, review TEXT NOT NULL REFERENCES review,
    name TEXT NOT NULL, time TEXT NOT NULL, statement TEXT NOT NULL, verdicts TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Review:
    """A queue of recommendations to look at.

    Attributes:
        review_id: Eight hex digits; unique within its run.
        created: ISO 8601 UTC.
        words: How the recommendations were sampled.
        plan: What was asked for.
        items: The recommendations; their positions are 1, 2, ….
    """

    review_id: str
    created: str
    words: str
    plan: Plan
    items: tuple[Sampled, ...]

    def at(self, position: int) -> Sampled:
        """The recommendation at a position.

        Raises:
            InputError: There is no such position.
        """
        if not 1 <= position <= len(self.items):
            raise InputError(
                say(
                    "Review {review_id} has no position {position}: positions are 1 to {n_items}.",
                    review_id=self.review_id,
                    position=position,
                    n_items=len(self.items),
                )
            )
        return self.items[position - 1]


@dataclass(frozen=True)
class Verdict:
    """What one reviewer said of one recommendation.

    Attributes:
        position: Of the recommendation in its review, from 1.
        reviewer: A name, as given.
        verdict: One of ``VERDICTS``.
        comment: May be empty.
        time: ISO 8601 UTC.
        undone: When it was taken back, or None. One that was changed has a later one beside it.
    """

    position: int
    reviewer: str
    verdict: VerdictName
    comment: str
    time: str
    undone: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree on what both saw.

    Attributes:
        reviewers: Their names.
        both: Recommendations on which both have a verdict.
        agreed: Those with the same one.
        kappa: Cohen's kappa, 1 for full agreement and 0 for what chance would give; None where both used a single verdict,
            the same one, or saw nothing together.
    """

    reviewers: tuple[str, str]
    both: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True)
class SignOff:
    """Somebody's name under a review.

    Attributes:
        name: Who.
        time: ISO 8601 UTC.
        statement: What is stated.
        stands: Whether the verdicts are still those that were signed.
    """

    name: str
    time: str
    statement: str
    stands: bool


def start_review(run: Run, sample: Sample) -> Review:
    """Keep a sample as a queue to work through.

    Raises:
        RunError: The run's folder cannot be written.
    """
    review = Review(secrets.token_hex(4), _now(), sample.words, sample.plan, sample.chosen)
    with _open(run) as file, file:
        plan = json.dumps(review.plan.to_dict(), ensure_ascii=False)
        file.execute("INSERT INTO review VALUES (?, ?, ?, ?)", (review.review_id, review.created, review.words, plan))
        rows = [
            (review.review_id, position, item.user_id, item.item_id, item.reason)
            for position, item in enumerate(review.items, start=1)
        ]
        file.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?)", rows)
    return review


def reviews(run: Run) -> tuple[Review, ...]:
    """All reviews of a run, newest first.

    Raises:
        RunError: The run's reviews cannot be read.
    """
    if not run.folder.review.is_file():
        return ()
    with _open(run) as file:
        found = file.execute("SELECT id, created, words, plan FROM review ORDER BY created DESC, rowid DESC").fetchall()
        return tuple(_review(file, row) for row in found)


def open_review(run: Run, review_id: str) -> Review:
    """One review.

    Raises:
        RunError: The run has no such review.
    """
    if run.folder.review.is_file():
        with _open(run) as file:
            row = file.execute("SELECT id, created, words, plan FROM review WHERE id = ?", (review_id,)).fetchone()
            if row is not None:
                return _review(file, row)
    raise RunError(
        say(
            "Run {run_id} has no review {review_id!r}: start one, or choose one of its reviews.",
            run_id=run.run_id,
            review_id=review_id,
        )
    )


@deed("judge", run="run", review="review_id", position="position", verdict="verdict")
def judge(
    run: Run, review_id: str, position: int, *, reviewer: str, verdict: VerdictName, comment: str = ""
) -> Verdict:
    """Give a verdict, or another one than before; the earlier one stays in the history.

    Raises:
        InputError: The name is empty or too long, the comment too long, or the verdict or the position unknown.
        RunError: The run has no such review.
    """
    reviewer = require_name(reviewer)
    if verdict not in VERDICTS:
        raise InputError(
            say(
                "{verdict!r} is not a verdict: choose one of {verdicts}.", verdict=verdict, verdicts=", ".join(VERDICTS)
            )
        )
    comment = _short_enough(comment.strip(), later("comment"))
    open_review(run, review_id).at(position)
    given = Verdict(position, reviewer, verdict, comment, _now())
    with _open(run) as file, file:
        file.execute(
            "INSERT INTO verdict (review, position, reviewer, verdict, comment, time) VALUES (?, ?, ?, ?, ?, ?)",
            (review_id, position, reviewer, verdict, comment, given.time),
        )
    return given


@deed("judge", run="run", review="review_id")
def undo(run: Run, review_id: str, *, reviewer: str) -> int | None:
    """Undo the last verdict of a reviewer; the one before it at the same position counts again.

    Returns:
        The position it was given at; None where nothing is left to take back.

    Raises:
        InputError: The name is empty or too long.
        RunError: The run has no such review.
    """
    reviewer = require_name(reviewer)
    open_review(run, review_id)
    with _open(run) as file, file:
        file.execute("BEGIN IMMEDIATE")  # nobody takes back the same one between looking and writing
        row = file.execute(
            "SELECT number, position FROM verdict WHERE review = ? AND reviewer = ? AND undone IS NULL "
            "ORDER BY number DESC LIMIT 1",
            (review_id, reviewer),
        ).fetchone()
        if row is None:
            return None
        file.execute("UPDATE verdict SET undone = ? WHERE number = ?", (_now(), row[0]))
        return int(row[1])


def history(run: Run, review_id: str) -> tuple[Verdict, ...]:
    """Every verdict ever given, also changed ones and those taken back, in the order they were given.

    Raises:
        RunError: The run has no such review.
    """
    open_review(run, review_id)
    with _open(run) as file:
        return _history(file, review_id)


def standing(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """What counts of a history: of each reviewer and position the last verdict not taken back, by position, then name."""
    last = {(v.position, v.reviewer): v for v in verdicts if v.undone is None}
    return tuple(last[place] for place in sorted(last))


def next_open(review: Review, verdicts: Sequence[Verdict], reviewer: str, after: int = 0) -> int | None:
    """The next position without this reviewer's verdict, from the first again after the last; None when all have one.

    Args:
        review: Whose positions.
        verdicts: Standing verdicts.
        reviewer: Whose verdicts.
        after: Where to begin looking.
    """
    done = {v.position for v in verdicts if v.reviewer == reviewer}
    size = len(review.items)
    ahead = (*range(after + 1, size + 1), *range(1, min(after, size) + 1))
    return next((position for position in ahead if position not in done), None)


def agreements(verdicts: Sequence[Verdict]) -> tuple[Agreement, ...]:
    """How far each two reviewers agree, those who saw something together.

    Args:
        verdicts: Standing verdicts.

    Source: Cohen 1960, "A coefficient of agreement for nominal scales", eq. 1.
    """
    by_reviewer: dict[str, dict[int, VerdictName]] = {}
    for v in verdicts:
        by_reviewer.setdefault(v.reviewer, {})[v.position] = v.verdict
    found = []
    for one, other in combinations(sorted(by_reviewer), 2):
        shared = sorted(by_reviewer[one].keys() & by_reviewer[other].keys())
        if shared:
            firsts = [by_reviewer[one][position] for position in shared]
            seconds = [by_reviewer[other][position] for position in shared]
            agreed = sum(a == b for a, b in zip(firsts, seconds, strict=True))
            found.append(Agreement((one, other), len(shared), agreed, cohens_kappa(firsts, seconds)))
    return tuple(found)


def cohens_kappa(firsts: Sequence[str], seconds: Sequence[str]) -> float | None:
    """Agreement of two judges beyond chance; None where chance alone would make them agree fully.

    Args:
        firsts: What one said of each case.
        seconds: What the other said of the same cases.

    Source: Cohen 1960, eq. 1: (p_o - p_e) / (1 - p_e).
    """
    n = len(firsts)
    observed = sum(a == b for a, b in zip(firsts, seconds, strict=True)) * n
    by_chance = sum(firsts.count(name) * seconds.count(name) for name in set(firsts))  # whole numbers: no rounding
    return None if by_chance == n * n else (observed - by_chance) / (n * n - by_chance)


@deed("judge", run="run", review="review_id", signed="name")
def sign_off(run: Run, review_id: str, *, name: str, statement: str) -> SignOff:
    """Put a name under a review as it stands; later verdicts are told apart from what was signed.

    Raises:
        InputError: The name is empty or too long, or the statement too long.
        RunError: The run has no such review.
    """
    signed = SignOff(require_name(name), _now(), _short_enough(statement.strip(), later("statement")), True)
    open_review(run, review_id)
    with _open(run) as file, file:
        file.execute("BEGIN IMMEDIATE")  # what is signed is what is there
        digest = _digest(_history(file, review_id))
        file.execute(
            "INSERT INTO sign_off (review, name, time, statement, verdicts) VALUES (?, ?, ?, ?, ?)",
            (review_id, signed.name, signed.time, signed.statement, digest),
        )
    return signed


def sign_offs(run: Run, review_id: str) -> tuple[SignOff, ...]:
    """Everybody who signed a review, in order.

    Raises:
        RunError: The run has no such review.
    """
    open_review(run, review_id)
    with _open(run) as file:
        now = _digest(_history(file, review_id))
        rows = file.execute(
            "SELECT name, time, statement, verdicts FROM sign_off WHERE review = ? ORDER BY number", (review_id,)
        )
        return tuple(SignOff(name, time, statement, signed == now) for name, time, statement, signed in rows)


def require_name(name: str) -> str:
    """A reviewer's name without surrounding space.

    Raises:
        InputError: It is empty or too long.
    """
    name = " ".join(name.split())
    if not name:
        raise InputError(say("A review needs a name: enter yours."))
    if len(name) > LONGEST_NAME:
        raise InputError(
            say(
                "The name {name!r}… is too long: use at most {longest_name} characters.",
                name=name[:20],
                longest_name=LONGEST_NAME,
            )
        )
    return name


def _short_enough(text: str, what: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise InputError(
            say(
                "The {what} is too long: use at most {longest_text:,} characters; it has {n_text:,}.",
                what=say(what),
                longest_text=LONGEST_TEXT,
                n_text=len(text),
            )
        )
    return text


def _review(file: sqlite3.Connection, row: tuple[str, str, str, str]) -> Review:
    review_id, created, words, plan = row
    items = file.execute("SELECT user_id, item_id, reason FROM item WHERE review = ? ORDER BY position", (review_id,))
    return Review(review_id, created, words, Plan.from_dict(json.loads(plan)), tuple(Sampled(*item) for item in items))


def _history(file: sqlite3.Connection, review_id: str) -> tuple[Verdict, ...]:
    rows = file.execute(
        "SELECT position, reviewer, verdict, comment, time, undone FROM verdict WHERE review = ? ORDER BY number",
        (review_id,),
    )
    return tuple(Verdict(*row) for row in rows)


def _digest(verdicts: Sequence[Verdict]) -> str:
    """What standing verdicts boil down to."""
    said = [(v.position, v.reviewer, v.verdict, v.comment) for v in standing(verdicts)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@contextmanager
def _open(run: Run) -> Iterator[sqlite3.Connection]:
    """The run's file of reviews, made where there is none yet."""
    try:
        with closing(sqlite3.connect(run.folder.review, timeout=PATIENCE_S, isolation_level="IMMEDIATE")) as file:
            file.execute("PRAGMA foreign_keys = ON")
            (found,) = file.execute("PRAGMA user_version").fetchone()
            if found == 0:
                _create(file)
            elif found != FORMAT:
                raise RunError(
                    say(
                        "The reviews of run {run_id} have format {found}; this version reads format {format}. Open "
                        "them with the version that wrote them.",
                        run_id=run.run_id,
                        found=found,
                        format=FORMAT,
                    )
                )
            yield file
    except sqlite3.Error as error:
        raise RunError(
            say(
                "The reviews of run {run_id} cannot be used ({error}): check whether {name} in its "
                "folder is damaged or cannot be written.",
                run_id=run.run_id,
                error=error,
                name=run.folder.review.name,
            )
        ) from error


def _create(file: sqlite3.Connection) -> None:
    """Make the tables, unless another process just did."""
    _write_ahead(file)
    with file:
        file.execute("BEGIN IMMEDIATE")
        if file.execute("PRAGMA user_version").fetchone() == (0,):
            for statement in _TABLES.split(";\n"):
                file.execute(statement)
            file.execute(f"PRAGMA user_version = {FORMAT}")


def _write_ahead(file: sqlite3.Connection) -> None:
    """Let one write while others read. SQLite does not wait for others by itself where they do the same."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            file.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
