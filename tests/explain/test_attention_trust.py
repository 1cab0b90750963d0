"""Over a run: half of the users are told the truth by attention, half the contrary, and slices show who is who."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from metarec_core.explain.attention_trust import attention_trust, measured_trust
from metarec_core.explain.explanation import AttentionTrust
from metarec_core.models.popularity import fit_popularity
from metarec_core.training.baselines import Baseline
from tests.explain.planted import CAUSES, ITEMS, TARGET, planted
from tests.review.conftest import finished_run
from tests.small_world import attribute, dataset, recommender

FIRST, SECOND = CAUSES[:10], CAUSES[10:]
RISING = {cause: 0.2 * (1 + number % 10) for number, cause in enumerate(CAUSES)}
"""Of either half, each later event counts more."""


def world(each=10):
    """Of the first ten causes attention tells the truth, of the others the contrary; fans have had the target, and no more."""
    looks = np.array([RISING.get(item, 0.0) if item in FIRST else 2.2 - RISING.get(item, 2.2) for item in ITEMS])
    histories = {f"told{n}": FIRST for n in range(each)} | {f"fooled{n}": SECOND for n in range(each)}
    histories |= {f"fan{n}": [TARGET] for n in range(30)}
    groups = attribute("group", [["told"]] * each + [["fooled"]] * each + [["fan"]] * 30)
    plain = planted(RISING, looks)
    return replace(plain, dataset=replace(dataset(histories, ITEMS), user_attributes={"group": groups}))


def by_slice(trust):
    return {(row["kind"], row["slice"]): row for row in trust.rows}


def test_users_are_those_whose_history_is_long_enough_to_tell():
    assert attention_trust(world()).n_users == 20  # no fan
    assert attention_trust(world(), n_users=7).n_users == 7


def test_badges_are_counted_by_history_item_and_what_is_known_of_users():
    rows = by_slice(attention_trust(world()))
    assert list(rows) == [
        ("All", "all"),
        ("History", "up to 10 events"),
        # 20 causes with ten events each, and the target with 30: two thirds of all events are of items with up to ten
        ("Item popularity", "items with more than 10 events"),
        ("User: group", "told"),
        ("User: group", "fooled"),
    ]
    shares = {key: (row["pairs"], row["agrees"], row["weak"], row["misleading"]) for key, row in rows.items()}
    assert shares["All", "all"] == (20, 0.5, 0.0, 0.5)
    assert shares["User: group", "told"] == (10, 1.0, 0.0, 0.0)
    assert shares["User: group", "fooled"] == (10, 0.0, 0.0, 1.0)


def test_quartiles_of_the_correlation_say_how_far_users_differ():
    rows = by_slice(attention_trust(world()))

    def quartiles(*key):
        return [rows[key][name] for name in ("correlation_low", "correlation", "correlation_high")]

    assert quartiles("All", "all") == pytest.approx([-1, 0, 1])
    assert quartiles("User: group", "told") == pytest.approx([1, 1, 1])


def test_areas_are_smaller_under_deletion_and_larger_under_insertion_where_attention_tells_the_truth():
    rows = by_slice(attention_trust(world()))
    told, fooled = rows["User: group", "told"], rows["User: group", "fooled"]
    assert told["deletion"] < told["deletion_random"] < fooled["deletion"]
    assert told["insertion"] > told["insertion_random"] > fooled["insertion"]
    # taking out ten events of 2.0, 1.8 ... .2, the largest first: what is left, as a share of all, by trapezoids
    left = 1 - np.cumsum([0, *np.arange(10, 0, -1)]) / 55
    assert told["deletion"] == pytest.approx(np.trapezoid(left, dx=0.1))


def test_values_that_few_users_have_are_no_slices():
    assert [key for key in by_slice(attention_trust(world(each=9))) if key[0].startswith("User")] == []


def test_a_model_that_attends_to_nothing_has_no_badges_to_count():
    assert attention_trust(recommender(), n_users=10).rows == ()
    plain = world()
    popular = Baseline("popular", len(ITEMS), fit_popularity(plain.dataset.events))
    assert attention_trust(replace(plain, scorer=popular)).rows == ()


def test_what_was_measured_is_read_back_and_what_an_earlier_version_kept_is_measured_again(tmp_path: Path):
    run = finished_run(tmp_path / "store")
    kept = run.folder.store / "attention" / f"{run.run_id}-20.json"
    kept.parent.mkdir()
    kept.write_text(json.dumps({"rows": [{"slice": "all", "pairs": 3}], "n_users": 3, "seed": 4}))
    measured = measured_trust(run, world(), n_users=20)
    assert measured.n_users == 20
    assert AttentionTrust.from_dict(json.loads(kept.read_text())) == measured

    kept.write_text(json.dumps(replace(measured, n_users=19).to_dict()))
    assert measured_trust(run, world(), n_users=20).n_users == 19  # read, not measured
    for damaged in ("[]", "{", json.dumps(measured.to_dict() | {"format": 99})):
        kept.write_text(damaged)
        assert measured_trust(run, world(), n_users=20) == measured
