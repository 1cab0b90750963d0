import hashlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from metarec_core.errors import InputError, RunError
from metarec_core.review import verdicts
from metarec_core.review.verdicts import Agreement, agreements, cohens_kappa, history, judge, next_open, standing, undo
from tests.review.conftest import SAMPLE, finished_run

ROOT = Path(__file__).parents[2]


def said(run, review):
    return [(v.position, v.reviewer, v.verdict) for v in standing(history(run, review.review_id))]


def test_a_review_is_kept_with_the_run_and_opened_again(run, review):
    assert review.words == SAMPLE.words
    assert review.items == SAMPLE.chosen
    assert verdicts.open_review(run, review.review_id) == review
    assert verdicts.reviews(run) == (review,)
    assert review.at(2).item_id == "cake"


def test_a_run_without_reviews_gets_no_file_by_being_looked_at(run):
    assert verdicts.reviews(run) == ()
    assert not run.folder.review.exists()


def test_the_newest_review_is_listed_first(run, review):
    second = verdicts.start_review(run, SAMPLE)
    assert [found.review_id for found in verdicts.reviews(run)] == [second.review_id, review.review_id]


def test_no_other_file_of_the_run_changes(run):
    def prints():
        files = [file for file in run.folder.root.iterdir() if not file.name.startswith("review.sqlite")]
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    before = prints()
    review = verdicts.start_review(run, SAMPLE)
    judge(run, review.review_id, 1, reviewer="Ada", verdict="good")
    verdicts.sign_off(run, review.review_id, name="Ada", statement="")
    assert prints() == before
    assert sorted(file.name for file in run.folder.root.iterdir() if file.name not in before) == ["review.sqlite"]
    with sqlite3.connect(run.folder.review) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()


def test_a_changed_verdict_stands_and_the_first_one_stays_in_the_history(run, review):
    judge(run, review.review_id, 1, reviewer="Ada", verdict="good")
    judge(run, review.review_id, 1, reviewer=" Ada ", verdict="wrong", comment=" why jam? ")
    assert said(run, review) == [(1, "Ada", "wrong")]
    first, second = history(run, review.review_id)
    assert (first.verdict, first.undone) == ("good", None)
    assert second.comment == "why jam?"


def test_undo_takes_back_the_last_verdict_again_and_again_and_keeps_it_in_the_history(run, review):
    judge(run, review.review_id, 1, reviewer="Ada", verdict="good")
    judge(run, review.review_id, 1, reviewer="Ada", verdict="wrong")
    judge(run, review.review_id, 3, reviewer="Ada", verdict="harmful")
    judge(run, review.review_id, 2, reviewer="Bo", verdict="good")
    assert undo(run, review.review_id, reviewer="Ada") == 3
    assert undo(run, review.review_id, reviewer="Ada") == 1
    assert said(run, review) == [(1, "Ada", "good"), (2, "Bo", "good")]
    assert undo(run, review.review_id, reviewer="Ada") == 1
    assert undo(run, review.review_id, reviewer="Ada") is None
    assert said(run, review) == [(2, "Bo", "good")]
    assert len(history(run, review.review_id)) == 4


def test_a_reviewer_goes_on_at_the_next_open_position_and_around(run, review):
    for position in (1, 3):
        judge(run, review.review_id, position, reviewer="Ada", verdict="good")
    found = standing(history(run, review.review_id))
    assert next_open(review, found, "Ada") == 2
    assert next_open(review, found, "Ada", after=3) == 2
    assert next_open(review, found, "Bo", after=3) == 1
    judge(run, review.review_id, 2, reviewer="Ada", verdict="good")
    assert next_open(review, standing(history(run, review.review_id)), "Ada") is None


WRITER = """
import sys, pathlib
from metarec_core.runs.store import open_run
from metarec_core.review import verdicts
from tests.review.conftest import SAMPLE
store, run_id, review_id, name = sys.argv[1:]
run = open_run(pathlib.Path(store), run_id)
print("ready", flush=True)
sys.stdin.readline()
verdicts.start_review(run, SAMPLE)
if review_id:
    for turn in range(30):
        verdicts.judge(run, review_id, 1 + turn % 3, reviewer=name, verdict=verdicts.VERDICTS[turn % 4], comment=str(turn))
"""


def race(run, review_id):
    """Two processes that write at the same time, from the same moment on."""
    words = [sys.executable, "-c", WRITER, str(run.folder.store), run.run_id, review_id]
    writers = [
        subprocess.Popen(
            [*words, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for name in ("Ada", "Bo")
    ]
    for writer in writers:
        assert writer.stdout.readline() == b"ready\n", writer.communicate()[1]
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()


def test_two_processes_lose_none_of_each_others_verdicts_nor_reviews(tmp_path):
    run = finished_run(tmp_path / "store")
    race(run, "")  # both make the file
    first, _ = verdicts.reviews(run)
    race(run, first.review_id)
    found = history(run, first.review_id)
    for name in ("Ada", "Bo"):
        assert [v.comment for v in found if v.reviewer == name] == [str(turn) for turn in range(30)]
    assert len(verdicts.reviews(run)) == 4


FIRST = ["good", "good", "good", "wrong", "wrong", "questionable", "good", "harmful"]
OTHER = ["good", "good", "wrong", "wrong", "wrong", "questionable", "questionable", "good"]


def test_kappa_is_agreement_beyond_chance():
    #  5 of 8 agree; by chance (4·3 + 2·3 + 1·2 + 1·0) / 64 = 20 / 64; kappa = (40 - 20) / (64 - 20)
    assert cohens_kappa(FIRST, OTHER) == pytest.approx(20 / 44)
    assert cohens_kappa(FIRST, OTHER) == pytest.approx(cohen_kappa_score(FIRST, OTHER))
    assert cohens_kappa(["good", "wrong"], ["wrong", "good"]) == -1.0


def test_kappa_cannot_be_told_where_both_only_ever_say_the_same_or_nothing():
    assert cohens_kappa(["good", "good"], ["good", "good"]) is None
    assert cohens_kappa([], []) is None


def test_agreement_counts_only_what_both_judged(run, review):
    for position, verdict in ((1, "good"), (2, "wrong"), (3, "good")):
        judge(run, review.review_id, position, reviewer="Bo", verdict=verdict)
    for position, verdict in ((2, "wrong"), (3, "wrong")):
        judge(run, review.review_id, position, reviewer="Ada", verdict=verdict)
    #  both judged 2 and 3: one agrees; by chance (2·1 + 0·1) / 4 = 1/2; kappa = 0
    assert agreements(standing(history(run, review.review_id))) == (Agreement(("Ada", "Bo"), 2, 1, 0.0),)


def test_reviewers_who_saw_nothing_together_are_not_compared(run, review):
    judge(run, review.review_id, 1, reviewer="Ada", verdict="good")
    judge(run, review.review_id, 2, reviewer="Bo", verdict="good")
    assert agreements(standing(history(run, review.review_id))) == ()


def test_a_signature_stands_until_a_verdict_changes(run, review):
    judge(run, review.review_id, 1, reviewer="Ada", verdict="good")
    signed = verdicts.sign_off(run, review.review_id, name="Ada Lim", statement=" Fit for use. ")
    assert signed.statement == "Fit for use."
    assert verdicts.sign_offs(run, review.review_id) == (signed,)
    judge(run, review.review_id, 1, reviewer="Ada", verdict="wrong")
    assert [found.stands for found in verdicts.sign_offs(run, review.review_id)] == [False]
    undo(run, review.review_id, reviewer="Ada")
    assert [found.stands for found in verdicts.sign_offs(run, review.review_id)] == [True]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reviewer": "  "}, "A review needs a name: enter yours"),
        ({"reviewer": "x" * 81}, "The name 'xxxxxxxxxxxxxxxxxxxx'… is too long: use at most 80 characters"),
        ({"verdict": "fine"}, "'fine' is not a verdict: choose one of good, questionable, wrong, harmful"),
        ({"comment": "x" * 4001}, "The comment is too long: use at most 4,000 characters; it has 4,001"),
        ({"position": 4}, "has no position 4: positions are 1 to 3"),
        ({"position": 0}, "has no position 0"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(wrong, words, run, review):
    given = {"position": 1, "reviewer": "Ada", "verdict": "good"} | wrong
    with pytest.raises(InputError, match=words):
        judge(run, review.review_id, given.pop("position"), **given)
    assert history(run, review.review_id) == ()


def test_a_review_of_another_run_is_not_found(run):
    with pytest.raises(RunError, match=f"Run {run.run_id} has no review 'abcd1234': start one"):
        verdicts.open_review(run, "abcd1234")
    verdicts.start_review(run, SAMPLE)
    with pytest.raises(RunError, match="has no review 'abcd1234'"):
        judge(run, "abcd1234", 1, reviewer="Ada", verdict="good")


def test_a_damaged_file_is_told_in_a_sentence(run):
    run.folder.review.write_bytes(b"no database" * 100)
    with pytest.raises(
        RunError, match=r"The reviews of run .* cannot be used \(file is not a database\): check whether"
    ):
        verdicts.reviews(run)


def test_a_file_of_a_later_version_is_left_alone(run, review):
    with sqlite3.connect(run.folder.review) as file:
        file.execute("PRAGMA user_version = 9")
    file.close()
    with pytest.raises(RunError, match=r"have format 9; this version reads format 1\. Open them with the version"):
        verdicts.reviews(run)
