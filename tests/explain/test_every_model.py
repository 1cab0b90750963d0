"""Breakdowns of every model, over the lists of a hundred users: what is said adds up to what ranked."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metarec_core.config import RunConfig
from metarec_core.data.split import leave_one_out
from metarec_core.explain.breakdown import part_values, score_row, trust_of, with_evidence
from metarec_core.explain.explain import explain
from metarec_core.explain.history import history_of
from metarec_core.explain.item_values import Variants
from metarec_core.models.meta import MetaKnowledge, corrected_part
from metarec_core.models.separable import Network, SeparableK
from metarec_core.models.variants import item_scores, total_scores
from metarec_core.recommend.recommender import Recommender
from metarec_core.training import sasrec, tri_tower
from metarec_core.training.baselines import baseline_names, fit_baselines
from metarec_core.training.trainer import fit
from tests.small_world import attribute, dataset

N_USERS, N_ITEMS, K = 100, 30, 10
SIZES = {"model": {"embedding_dim": 8}, "train": {"epochs": 1, "refit_epochs": 0, "batch_events": 256}}


def world():
    """Users who go on by ones or by threes, with a colour for every item."""
    items = [f"i{number:02}" for number in range(N_ITEMS)]
    steps = {f"u{user:03}": (user, 1 if user % 2 else 3) for user in range(N_USERS)}
    events = {
        user: [items[(start + step * move) % N_ITEMS] for move in range(6 + start % 5)]
        for user, (start, step) in steps.items()
    }
    colours = attribute("colour", [[["red", "green", "blue"][number % 3]] for number in range(N_ITEMS)])
    return dataset(events, items, attributes={"colour": colours}), items


def at_work(scorer):
    data, items = world()
    table = pd.DataFrame({"item_id": items, "title": [f"Title {item}" for item in items]})
    return Recommender(data, scorer, table, max_history=20)


@pytest.fixture(scope="module")
def trained():
    """A whole model with every part that this data feeds, text made up."""
    data, items = world()
    text = np.random.default_rng(0).normal(size=(len(items) + 1, 6)).astype(np.float32)
    text[0] = 0
    text[1:] /= np.linalg.norm(text[1:], axis=1, keepdims=True)
    *_, last = fit(leave_one_out(data), RunConfig.from_dict(SIZES), "cpu", text=text)
    return last.model


def small_network(n_features, n_parts, seed):
    draw = np.random.default_rng(seed).normal(size=(n_features + n_parts + 2, 4)).astype(np.float32)
    return Network(
        draw[None, :n_features],
        draw[None, -1],
        draw[None, n_features : n_features + n_parts].mT,
        np.zeros((1, n_parts)),
    )


def with_separable(model):
    n = len(model.parts)
    counts = np.log1p(np.arange(N_ITEMS + 1)).astype(np.float32)
    return replace(model, separable=SeparableK(counts, small_network(4, n, 1), small_network(3, n, 2), 0.5))


def with_meta(model):
    n = len(model.parts)
    features = 4 * n + 8
    counts = np.log1p(np.arange(N_ITEMS + 1)).astype(np.float32)
    mean, scale = np.zeros(features, np.float32), np.ones(features, np.float32)
    return replace(model, meta=MetaKnowledge(counts, mean, scale, small_network(features, n, 3), 0.5))


MODELS = {
    "fixed weights": lambda model: model,
    "separable k": with_separable,
    "pairwise k": with_meta,
    "both": lambda model: with_meta(with_separable(model)),
}


def assert_adds_up(recommender):
    """Of every listed item of all users: parts to the score in the list; of some: what carries a part to the part.

    Returns:
        Names of the parts that are carried by events.
    """
    data, by_events = recommender.dataset, set()
    lists = recommender.recommend(data.users.ids, k=K).frame
    assert len(lists) == N_USERS * K
    for number, (user, rows) in enumerate(lists.groupby("user_id", sort=False)):
        history = history_of(recommender, user)
        batch = history.whole()
        scored = score_row(recommender.scorer, batch)
        for row in rows.itertuples():
            item = data.items.number(row.item_id)
            parts = part_values(scored, item, history.had)
            assert sum(part.value for part in parts) == pytest.approx(row.score, abs=1e-4)
        if number % 10 == 0:
            for part in with_evidence(parts, recommender, batch, item):
                if part.events:
                    by_events.add(part.name)
                    carried = sum(event.value for event in part.events) + part.other_events
                    assert carried == pytest.approx(part.value, abs=1e-4)
    return by_events


@pytest.mark.parametrize("name", MODELS)
def test_parts_and_what_carries_them_add_up_to_the_ranked_score(trained, name):
    recommender = at_work(MODELS[name](trained))
    weighs = {part for part, k in recommender.scorer.k.items() if k > -1}  # some were not shown to rank better
    by_events = assert_adds_up(recommender)
    assert by_events == weighs & {"transition", "cooccurrence", "regression", "text", "graph"}
    assert len(by_events) >= 3


@pytest.mark.parametrize("name", baseline_names())
def test_a_baseline_has_one_part_and_what_carries_it_adds_up(name, monkeypatch):
    monkeypatch.setattr(sasrec, "PASSES", 1)
    monkeypatch.setattr(tri_tower, "MOST_PASSES", 1)
    data, _ = world()
    (baseline,) = fit_baselines([name], data.events, data, seed=0)
    by_events = assert_adds_up(at_work(baseline))
    assert by_events == ({name} if name in ("item_knn", "ease", "ease_decayed", "transition") else set())


def test_corrections_are_what_meta_knowledge_of_the_pair_adds(trained):
    model = with_separable(trained)
    recommender, plain = at_work(model), at_work(trained)
    item = plain.recommend(["u007"], 1).item_ids[0]
    with_k = explain(recommender, user_id="u007", item_id=item, effects=False)
    without = explain(plain, user_id="u007", item_id=item, effects=False)
    for part, fixed in zip(with_k.parts, without.parts, strict=True):
        assert part.value - part.correction == pytest.approx(fixed.value, abs=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_the_fast_ways_to_score_variants_give_the_models_own_scores(trained, name):
    model = MODELS[name](trained)
    recommender = at_work(model)
    history = history_of(recommender, "u009")
    batch = history.without(np.tri(len(history.items), len(history.items), -1, dtype=bool))
    whole = model.score(batch).total
    for item in (1, 17):
        np.testing.assert_allclose(item_scores(model, batch, item), whole[:, item], atol=1e-5)
    np.testing.assert_allclose(total_scores(model, batch), whole, atol=1e-5)


def test_effects_are_those_of_really_leaving_events_out(trained):
    recommender = at_work(with_meta(trained))
    why = explain(recommender, user_id="u010", item_id="i25")
    history = history_of(recommender, "u010")
    item = recommender.dataset.items.number("i25")
    for place, event in enumerate(why.effects):
        left_out = np.zeros((1, len(history.items)), dtype=bool)
        left_out[0, place] = True
        alone = recommender.scorer.score(history.without(left_out)).total[0, item]
        assert event.effect == pytest.approx(why.score - float(alone), abs=1e-4)


def test_gradients_of_the_network_add_up_to_what_it_says_beyond_average_items(trained):
    why = explain(at_work(trained), user_id="u010", item_id="i25")
    found = why.completeness
    sequence = next(part for part in why.parts if part.name == "sequence")
    assert found.value == pytest.approx(sequence.value, abs=1e-4)
    assert sum(event.gradient for event in why.effects) == pytest.approx(found.total, abs=1e-5)
    assert found.total == pytest.approx(found.value - found.start, abs=abs(found.value - found.start) * 0.05 + 1e-5)
    assert found.residual < 0.05


def test_every_part_says_in_words_what_it_goes_by(trained):
    why = explain(at_work(with_meta(trained)), user_id="u010", item_id="i25")
    assert all(part.reason for part in why.parts)
    by_name = {part.name: part for part in why.parts}
    assert by_name["popularity"].reason.startswith("It was chosen ")
    assert by_name["popularity"].count.n_items == N_ITEMS
    assert "colour: " in " ".join(text for event in by_name["graph"].events for text in event.shared)
    assert by_name["transition"].events[0].others >= 1


def test_the_reason_of_k_is_what_moved_it_when_the_network_is_run_again(trained):
    recommender = at_work(with_meta(trained))
    model, batch = recommender.scorer, history_of(recommender, "u010").whole()
    item_id = recommender.recommend(["u010"], 1).item_ids[0]
    item = recommender.dataset.items.number(item_id)
    plain = {name: corrected_part(said[0, item], model.k[name]) for name, said in model.plain_parts(batch).items()}
    moved = trust_of(recommender, model, batch, item).moved
    why = explain(recommender, user_id="u010", item_id=item_id, effects=False)
    for place, part in enumerate(why.parts):
        assert {reason.feature: reason.effect for reason in part.trust} == {
            feature: pytest.approx(float(change[place])) for feature, change in moved.items()
        }
        change = part.value / plain[part.name] - 1 if plain[part.name] else 0.0
        if abs(change) < 0.005:
            continue
        more = "more" if change > 0 else "less"
        assert part.trust_reason.startswith(f"{part.name} counts {abs(change):.0%} {more} than for everyone")
        towards = max((reason for reason in part.trust), key=lambda reason: reason.effect * np.sign(change))
        assert f"mainly for this reason: {towards.words} ({towards.effect:+.0%})" in part.trust_reason


NOT_LOOKED_AT = (
    "Meta-knowledge of pairs looks at the {n} best items that are not in the history; this is not one of them, so its k is 0 "
    "here."
)


@pytest.mark.parametrize("name", ["pairwise k", "both"])
def test_where_meta_knowledge_does_not_look_at_a_pair_that_is_said(trained, name, monkeypatch):
    for module in ("models.metarec", "explain.breakdown"):
        monkeypatch.setattr(f"metarec_core.{module}.SHORTLIST", 5)
    recommender = at_work(MODELS[name](trained))
    batch = history_of(recommender, "u010").whole()
    items, _ = recommender.scorer.shortlist(batch, recommender.scorer.retrieval_parts(batch))
    looked_at = {recommender.dataset.items.id(int(item)) for item in items[0]}
    others = [item for item in recommender.dataset.items.ids if item not in looked_at]
    assert len(looked_at) == 5
    for item in (others[0], others[-1], "i10"):  # u010 began with i10
        for part in explain(recommender, user_id="u010", item_id=item, effects=False).parts:
            assert part.trust_reason.endswith(NOT_LOOKED_AT.format(n=5))
            by_user = part.trust_reason.startswith(f"{part.name} counts ")
            assert by_user == (name == "both")  # what goes by the user and the item alone is said all the same
    for item in looked_at:
        for part in explain(recommender, user_id="u010", item_id=item, effects=False).parts:
            assert part.trust_reason.startswith(f"{part.name} counts ")
            assert "none of them" not in part.trust_reason


def test_where_k_is_the_same_for_all_there_is_no_reason_for_it(trained):
    why = explain(at_work(trained), user_id="u010", item_id="i25", effects=False)
    assert {(part.trust, part.trust_reason) for part in why.parts} == {((), "")}


@pytest.mark.parametrize("name", MODELS)
def test_an_item_made_anew_with_all_its_values_is_scored_as_it_was_and_otherwise_differs(trained, name):
    recommender = at_work(MODELS[name](trained))
    history = history_of(recommender, "u010")
    whole = score_row(recommender.scorer, history.whole()).total
    for item in (2, 5, 9):
        found = Variants(recommender, history, item)
        assert {"graph", "sequence"} <= set(found.read_by)
        scores = found.scores(np.array([[True], [False]]))
        assert scores[0] == pytest.approx(float(whole[0, item]), abs=1e-4)
        assert scores[1] != pytest.approx(float(whole[0, item]), abs=1e-4)


def test_without_tests_the_reasons_are_the_same_and_nothing_was_left_out(trained):
    recommender = at_work(trained)
    pair = {"user_id": "u001", "item_id": "i10"}
    whole, reasons = explain(recommender, **pair), explain(recommender, **pair, tests=False)
    assert "reading of the latest events" in next(part.reason for part in whole.parts if part.name == "sequence")
    assert reasons == replace(whole, effects=(), faithfulness=None)
    assert len(whole.effects) == len(history_of(recommender, "u001").items)
