from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from metarec_core.data.dataset import Attribute
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import InputError, UnknownIdError
from metarec_core.models.content import ContentPart
from metarec_core.models.memory import ItemMemory
from metarec_core.models.metarec import MetaRec
from metarec_core.models.popularity import ContextPopularity
from metarec_core.recommend.recommender import Recommender
from metarec_core.recommend.scenario import Scenario
from metarec_core.recommend.what_if import scenario_of, unfolding, what_if
from tests.small_world import recommender


def _following(**more: object) -> Recommender:
    """A model in which tea calls for cake (1) and jam (.5), milk for jam (1), and text knows tea and cake as alike."""
    calls = np.zeros((5, 5), np.float32)
    calls[1, 3], calls[1, 4], calls[2, 4] = 1.0, 0.5, 1.0
    vectors = np.float32([[0, 0], [1, 0], [0, 1], [1, 0], [0, 1]])
    parts = {"transition": ItemMemory(sparse.csr_array(calls), 0.5), "text": ContentPart(vectors, 0.5)}
    model = MetaRec(4, parts, units={"transition": 1.0, "text": 1.0}, k={"transition": 0.0, "text": -0.9})
    plain = recommender()
    kinds = Attribute(Vocabulary("kind", ["hot", "sweet"]), np.array([0, 0, 1, 1, 2, 3]), np.int32([1, 2, 2]))
    return replace(plain, dataset=replace(plain.dataset, attributes={"kind": kinds}, **more), scorer=model)


def test_a_user_as_things_are_gets_the_list_that_everybody_sees():
    model = _following()
    for user in ("ann", "bob", "cat"):
        found = what_if(model, scenario_of(model, user))
        assert found.item_ids == model.recommend([user]).item_ids
        assert set(found.frame["move"]) == {"same"}
        assert found.ignored == ()


def test_without_an_event_the_list_moves_and_says_by_which_part():
    model = _following()
    bob = scenario_of(model, "bob")
    assert bob.items == ("milk", "tea")
    # as is: cake 1 + .1·.894 (text: milk and tea, decayed), jam .5 + .5·1 + .1·.447; without tea: cake 0, jam 1 + .1
    frame = what_if(model, bob.without(1), k=1).frame
    assert frame.item_id.tolist() == ["jam", "cake"]
    assert frame["move"].tolist() == ["new", "gone"]
    assert frame["rank"].tolist() == [1, 2]
    assert frame.rank_before.tolist() == [2, 1]
    assert frame.change_transition.tolist() == pytest.approx([0.0, -1.0])
    assert frame.score.tolist() == pytest.approx([1.1, 0.0])
    assert (frame.part_transition + frame.part_text).tolist() == pytest.approx(frame.score.tolist())


def test_arrows_tell_who_rose_and_who_fell_within_the_list():
    model = _following()
    frame = what_if(model, scenario_of(model, "bob").without(1), k=2).frame
    assert list(zip(frame.item_id, frame["move"], frame["rank"], frame.rank_before, strict=True)) == [
        ("jam", "up", 1, 2),
        ("cake", "down", 2, 1),
    ]


def test_a_muted_part_counts_nothing_and_a_doubled_one_twice():
    model = _following()
    bob = scenario_of(model, "bob")
    muted = what_if(model, bob.scaled("transition", 0.0)).frame.set_index("item_id")
    assert muted.part_transition.tolist() == [0.0, 0.0]
    double = what_if(model, bob.scaled("transition", 2.0)).frame.set_index("item_id")
    assert double.part_transition["cake"] == pytest.approx(2.0)


def test_another_situation_moves_the_list_and_says_by_which_part():
    # on a phone jam is chosen e times as often as anywhere, cake 1/e times
    lifts = np.float32([[0, 0, 0, 0, 0], [0, 0, 0, -1, 1]])
    plain = _following(contexts=np.zeros((6, 1), np.int32), context_vocabularies=(Vocabulary("device", ("phone",)),))
    parts = {**plain.scorer.parts, "context": ContextPopularity(lifts, np.array([0]))}
    ones = dict.fromkeys(parts, 1.0)
    model = replace(plain, scorer=MetaRec(4, parts, units=ones, k={**plain.scorer.k, "context": 0.0}))
    bob = scenario_of(model, "bob")
    assert what_if(model, bob).item_ids == ["cake", "jam"]
    frame = what_if(model, bob.in_context("device", "phone")).frame
    assert list(zip(frame.item_id, frame["move"], frame["rank"], frame.rank_before, strict=True)) == [
        ("jam", "up", 1, 2),
        ("cake", "down", 2, 1),
    ]
    assert frame.change_context.tolist() == pytest.approx([1.0, -1.0])
    assert frame.change_transition.tolist() == pytest.approx([0.0, 0.0])


def test_an_earlier_moment_moves_the_list_to_what_it_was_then():
    model = _following()
    bob = scenario_of(model, "bob")
    assert (bob.times, bob.now) == ((3, 4), 4)
    frame = what_if(model, bob.at(3)).frame  # before the tea, which calls for cake
    assert frame.item_id.tolist() == ["jam", "cake"]
    assert frame["move"].tolist() == ["up", "down"]
    assert frame.change_transition.tolist() == pytest.approx([0.0, -1.0])


def test_items_with_an_excluded_value_are_in_no_new_list():
    model = _following()
    frame = what_if(model, scenario_of(model, "bob").excluding("kind", ["sweet"])).frame
    # cake and jam are sweet, and bob has had the others
    assert frame["move"].tolist() == ["gone", "gone"]
    assert frame["rank"].isna().all()


def test_somebody_new_has_no_list_before_and_items_had_stay_out():
    model = _following()
    nobody = scenario_of(model, None).followed_by("tea")
    frame = what_if(model, nobody).frame
    assert frame.item_id.tolist()[:2] == ["cake", "jam"]
    assert "tea" not in frame.item_id.tolist()
    assert frame.rank_before.isna().all()
    assert frame.change_transition.tolist() == frame.part_transition.tolist()


def test_a_taste_in_words_is_one_more_event_of_the_text_part():
    model = _following()
    words = scenario_of(model, None).said("something hot")
    found = what_if(model, words, read=lambda text: np.float32([1, 0]))
    assert found.item_ids[:2] == ["tea", "cake"]
    assert found.frame.part_text.tolist()[:2] == pytest.approx([0.1, 0.1])
    assert what_if(model, words).ignored == ("This model reads no text: the words change nothing.",)
    unread = what_if(model, words, read=lambda text: np.zeros(2, np.float32))
    assert unread.ignored == ("No item has anything in common with these words: they change nothing.",)


def test_a_list_unfolds_event_by_event():
    model = _following()
    steps = unfolding(model, Scenario(items=("milk", "tea"), times=(1, 2), now=2), k=1)
    assert steps.step.tolist() == [0, 1, 2]
    assert steps.item_id.tolist() == ["tea", "jam", "cake"]  # nothing known: the first number; then what is called for
    assert steps.part_transition.tolist() == pytest.approx([0.0, 1.0, 1.0])


def test_what_the_data_or_the_model_does_not_have_is_named():
    model = _following()
    with pytest.raises(UnknownIdError, match="There is no item 'rum'"):
        what_if(model, Scenario(items=("rum",), times=(1,)))
    with pytest.raises(UnknownIdError, match="There is no user 'zoe'"):
        what_if(model, Scenario("zoe"))
    with pytest.raises(InputError, match=r"This model has no part 'magic': choose one of transition, text"):
        what_if(model, Scenario(scales={"magic": 0.0}))
    with pytest.raises(InputError, match=r"There is no item attribute 'colour': choose one of kind"):
        what_if(model, Scenario(excluded={"colour": ("red",)}))
    with pytest.raises(UnknownIdError, match="There is no kind 'salty'"):
        what_if(model, Scenario(excluded={"kind": ("salty",)}))
    with pytest.raises(InputError, match="There is no request context 'moon': choose one of "):
        what_if(model, Scenario(context={"moon": "full"}))
    for make in (what_if, unfolding):
        with pytest.raises(InputError, match="A list of 0 items is not possible: ask for 1 or more"):
            make(model, Scenario(), k=0)
