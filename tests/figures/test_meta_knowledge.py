from dataclasses import replace

from metarec_core.evaluation.ablation import Ablation
from metarec_core.evaluation.bootstrap import Interval
from metarec_core.evaluation.changed_lists import ChangedItem, ChangedLists, ChangedUser
from metarec_core.evaluation.meta_knowledge import LENGTH, POPULARITY, FewShot, KPoint, Look
from metarec_core.evaluation.transfer import Taught, Transfer
from metarec_core.figures import meta_knowledge as figures
from metarec_core.figures.palette import GREY
from metarec_core.models.metarec import FIXED, PAIRWISE, SEPARABLE

HALF, THIRD = Interval(0.5, 0.4, 0.6), Interval(0.3, 0.2, 0.4)
BETTER, LEVEL = Interval(0.2, 0.1, 0.3), Interval(0.0, -0.1, 0.1)
LOOK = Look(
    served=False,
    learned=True,
    taught=400,
    questions=1,
    k=(
        KPoint(LENGTH, 1, 1, "text", 0.25, 0.1, 0.4, 80),
        KPoint(LENGTH, 1, 1, "recent", 0, 0, 0, 80),
        KPoint(LENGTH, 20, 20, "text", -0.5, -0.6, -0.4, 60),
        KPoint(LENGTH, 20, 20, "recent", 0, 0, 0, 60),
        KPoint(POPULARITY, 4, 7, "text", 0.125, 0, 0.2, 10),
    ),
    few_shot=(FewShot(1, HALF, THIRD, THIRD, BETTER), FewShot(20, HALF, HALF, THIRD, LEVEL)),
    lists=ChangedLists(200, 150, (ChangedUser("ann", 3, 2, "tea"),), (ChangedItem("tea", 40, 12, 9),)),
)
REFUSED = {"kept": False, "trust": 1.0, "gain": -0.001, "low": -0.0031, "fixed": 0.25, "answers": 800}


def test_the_verdict_says_whether_meta_knowledge_is_at_work_and_by_what_it_was_judged():
    kept = {PAIRWISE: REFUSED, SEPARABLE: REFUSED | {"kept": True, "gain": 0.004, "low": 0.001}}
    said = figures.verdict(kept)
    assert (said.kind, said.headline) == ("success", "Meta-knowledge is in use: k of each user times k of each item")
    assert "0.2500 with fixed weights, and meta-knowledge changed it by +0.0040" in said.details
    said = figures.verdict({PAIRWISE: REFUSED, SEPARABLE: REFUSED})
    assert said.headline.startswith("Meta-knowledge was trained but is not used")
    assert "On 800 validation answers" in said.details
    assert "here -0.0031, is above 0." in said.details
    assert figures.verdict({PAIRWISE: REFUSED | {"trust": 0.0}}).headline.startswith("There was too little")
    assert figures.verdict({}).headline == "This run was trained without meta-knowledge"


def test_it_is_said_who_judges():
    said = figures.look_words(LOOK)
    assert "trained for information only, on 400 test answers from half of the users, and tested on 1 question" in said


def test_each_part_has_its_panel_and_colour_and_parts_without_weight_are_named():
    figure = figures.k_curves(LOOK, LENGTH)
    band, mean = figure.data
    assert (list(band.y), list(mean.y)) == ([0.1, -0.6, -0.4, 0.4], [0.25, -0.5])  # along its lower edge and back
    assert mean.line.color == "#d06ae8"
    assert figure.layout.annotations[0].text == "Text"
    assert figures.k_words(LOOK, LENGTH) == "Mean k as the user's history grows: text +0.25 to -0.50"
    assert figures.k_caption(LOOK, LENGTH).endswith("this run gives them no weight: recently popular.")
    assert figures.k_table(LOOK, POPULARITY)["Events known"].tolist() == ["4–7"]


def test_few_shot_lines_are_named_at_their_ends_and_told_in_words():
    figure = figures.few_shot(LOOK)
    assert {note.text for note in figure.layout.annotations} == {"Popularity", "Without", "With meta-knowledge"}
    assert figures.few_shot_words(LOOK) == (
        "With 1 event known per user, the fixed weights reach NDCG@10 0.300; with 20, 0.500. Popularity reaches 0.300. "
        "Meta-knowledge is measurably better with 1 event."
    )
    assert figures.few_shot_table(LOOK)["Difference"].tolist() == ["+0.2000", "+0.0000"]


def test_changed_lists_are_counted_and_named_by_title():
    assert "changes the items of 50 (25%)" in figures.lists_words(LOOK)
    assert figures.users_table(LOOK, str.upper).iloc[0].tolist() == ["ann", 3, "2 of 10", "TEA"]
    assert figures.items_table(LOOK, str.upper).iloc[0].tolist() == ["TEA", 40, 12, 9, "+3", "tea"]


def test_slices_show_the_better_kind_minus_the_fixed_weights():
    ndcg = {FIXED: {"all": THIRD}, SEPARABLE: {"all": THIRD}, PAIRWISE: {"all": HALF}}
    gains = {FIXED: {"all": LEVEL}, SEPARABLE: {"all": LEVEL}, PAIRWISE: {"all": BETTER}}
    ablation = Ablation({"all": 90}, ndcg, gains, users={"all": 60})
    assert figures.has_slices(ablation)
    words = "NDCG@10 with meta-knowledge minus without: all questions (60 users) +0.2000"
    assert figures.slices_words(ablation) == words
    assert figures.slices(ablation).data[0].x == (0.2,)
    row = figures.slices_table(ablation).iloc[0].tolist()
    assert row == ["all", 90, 60, "0.3000", "0.5000", "+0.2000", "+0.1000 to +0.3000"]
    assert not figures.has_slices(None)


def test_a_slice_of_few_users_is_a_grey_circle_and_says_so_and_earlier_versions_did_not_count_them():
    ndcg = {FIXED: {"all": THIRD}, PAIRWISE: {"all": HALF}}
    few = Ablation({"all": 90}, ndcg, {FIXED: {"all": LEVEL}, PAIRWISE: {"all": BETTER}}, users={"all": 49})
    (circle,) = figures.slices(few).data
    assert (circle.marker.symbol, circle.marker.color) == ("circle-open", GREY)
    assert figures.slices_grey(few) == "Grey: fewer than 50 users, too few to judge."
    assert figures.slices_grey(replace(few, users={"all": 50})) == ""
    assert "Users" not in figures.slices_table(replace(few, users={}))


def test_a_transfer_says_accepted_or_refused_and_which_answers_judge():
    found = Transfer(
        True, 90, 80, THIRD, HALF, BETTER, (Taught(20, False, THIRD, LEVEL), Taught(40, True, HALF, BETTER)),
        (Taught(20, False, HALF, BETTER), Taught(40, True, HALF, BETTER)),
    )  # fmt: skip
    said = figures.transfer_verdict(found)
    assert said.headline.startswith("Accepted")
    assert "tested on 90 test questions from 80 users of this run" in said.details
    assert figures.transfer_words(found).endswith(
        "From 40 answers its gain over the fixed weights is +0.2000 (+0.1000 to +0.3000). Adapted: the transferred k continues "
        "to learn here; from 40 answers its gain is +0.2000 (+0.1000 to +0.3000)."
    )
    assert figures.transfer_table(found)["k"].tolist() == [
        "Fixed weights",
        "Transferred",
        "Learned here: too few answers",
        "Learned here",
        "Adapted",
        "Adapted",
    ]
    assert [trace.name for trace in figures.transfer_curve(found).data if trace.name] == [
        "Fixed weights",
        "Transferred",
        "Learned here",
        "Adapted",
    ]
    poorer = Transfer(False, 90, 80, THIRD, THIRD, LEVEL, (Taught(20, False, THIRD, LEVEL),))
    assert figures.transfer_verdict(poorer).headline.startswith("Rejected")
    assert "20 answers per half are too few" in figures.transfer_words(poorer)
