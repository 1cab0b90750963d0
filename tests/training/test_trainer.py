import json
from dataclasses import replace

import numpy as np
import pytest

from metarec_core.config import RunConfig
from metarec_core.data.split import Split, leave_one_out
from metarec_core.data.vocabulary import Vocabulary
from metarec_core.errors import ConfigError
from metarec_core.models import metarec
from metarec_core.models.batch import user_batch
from metarec_core.models.content import directions_of_modes, of_length_one
from metarec_core.models.graph import fit_graph
from metarec_core.models.memory import fit_ease
from metarec_core.models.metarec import PART_NAMES
from metarec_core.models.popularity import fit_popularity
from metarec_core.training import calibrate, meta, sequence, trainer
from metarec_core.training.memories import usual_l2
from metarec_core.training.questions import Questions
from metarec_core.training.trainer import STAGES, Checkpoint, fit
from tests.contracts.scorer_contract import ITEMS as SHOP_ITEMS
from tests.contracts.scorer_contract import ScorerContract, shop
from tests.small_world import attribute, dataset

ITEMS = [f"i{number}" for number in range(12)]
CONFIG = RunConfig.from_dict(
    {
        "seed": 3,
        "model": {"embedding_dim": 8},
        "train": {"epochs": 3, "patience": 3, "refit_epochs": 2, "batch_events": 64},
    }
)


SHORES = {"shore": attribute("shore", [["east" if number < 6 else "west"] for number in range(12)])}


def round_trips(last: str | None = None, attributes=SHORES, catalogue=ITEMS) -> Split:
    """Users who go round the items in order, from different beginnings; ``last`` replaces every test event."""
    events = {}
    for user in range(30):
        items = [ITEMS[(user + step) % 12] for step in range(3 + user % 6)]
        events[f"u{user}"] = [*items[:-1], last or items[-1]]
    return leave_one_out(dataset(events, catalogue, attributes=attributes))


def round_trips_and_a_new_item() -> Split:
    shores = [["east" if number < 6 else "west"] for number in range(13)]
    return round_trips(attributes={"shore": attribute("shore", shores)}, catalogue=[*ITEMS, "i12"])


def train(split, config=CONFIG, checkpoint=None):
    return list(fit(split, config, "cpu", checkpoint))


def kept(reports):
    """When checkpoints were made."""
    return [(report.stage, report.epoch) for report in reports if report.checkpoint]


def stored(checkpoint):
    """A checkpoint as it comes back from a file."""
    return Checkpoint(dict(checkpoint.arrays), json.loads(json.dumps(checkpoint.numbers)))


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


class TestTrained(ScorerContract):
    def make(self):
        return train(leave_one_out(shop()))[-1].model

    def remake(self, state):
        return metarec.load(CONFIG, state, n_items=len(SHOP_ITEMS))


def test_stages_come_in_order_and_the_last_report_carries_the_model():
    reports = train(round_trips())
    stages = [report.stage for report in reports]
    assert sorted(set(stages), key=stages.index) == list(STAGES)
    assert [report.model is not None for report in reports] == [False] * (len(reports) - 1) + [True]
    last = reports[-1]
    assert last.device == "cpu"
    assert set(last.timings_s) == set(STAGES)
    assert list(last.learned["weights"]) == [name for name in PART_NAMES if name not in ("text", "modes", "context")]
    json.dumps(last.learned)


def test_each_pass_ends_with_what_was_measured_and_with_what_is_needed_to_go_on():
    ends = [report for report in train(round_trips()) if report.stage == "sequence" and report.validation]
    assert [report.epoch for report in ends] == [1, 2, 3]
    assert all(report.checkpoint is not None for report in ends)
    assert all(report.loss > 0 and 0 <= report.validation["ndcg@10"] <= 1 for report in ends)


def test_progress_within_a_pass_counts_its_steps():
    steps = [(report.step, report.steps) for report in train(round_trips()) if report.stage == "sequence"]
    assert all(0 < step <= total for step, total in steps)


def test_a_pattern_is_learned():
    last = train(round_trips())[-1]
    assert last.validation["ndcg@10"] > 0.9
    batch = user_batch(dataset({"new": ["i3", "i4", "i5"]}, ITEMS), np.array([1], dtype=np.int32), 10)
    assert ITEMS[last.model.score(batch).total[0, 1:].argmax()] == "i6"


def test_the_same_seed_gives_the_same_model_and_another_seed_another():
    one, again = train(round_trips())[-1].model, train(round_trips())[-1].model
    assert same(one.state(), again.state())
    other = train(round_trips(), CONFIG.model_copy(update={"seed": 4}))[-1].model
    assert not same(one.state(), other.state())


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])  # three passes that are measured, two of the refit
def test_a_training_that_was_stopped_gives_the_model_of_one_that_was_not(after):
    whole = train(round_trips())
    ends = [report for report in whole if report.checkpoint and report.epoch]
    end = ends[after - 1]
    resumed = train(round_trips(), checkpoint=stored(end.checkpoint))
    left = kept(whole)[kept(whole).index((end.stage, end.epoch)) + 1 :]
    assert kept(resumed) == left, "what was chosen is not chosen again"
    assert same(resumed[-1].model.state(), whole[-1].model.state())
    assert resumed[-1].learned == whole[-1].learned
    assert resumed[-1].examples_per_s > 0


def test_a_training_that_was_stopped_within_a_pass_gives_the_model_of_one_that_was_not(monkeypatch):
    whole = train(round_trips())[-1]
    monkeypatch.setattr("metarec_core.training.learner.REPORT_EVERY_S", 0.0)
    monkeypatch.setattr("metarec_core.training.sequence.CHECKPOINT_EVERY_S", 0.0)
    within = [report for report in train(round_trips()) if report.checkpoint and 0 < report.step < report.steps]
    assert {report.stage for report in within} == {"sequence", "refit"}
    for report in within[:: len(within) // 5]:
        resumed = train(round_trips(), checkpoint=stored(report.checkpoint))[-1]
        assert same(resumed.model.state(), whole.model.state())


def test_a_kill_costs_two_minutes_at_most():
    assert sequence.CHECKPOINT_EVERY_S <= 120


def test_parts_that_were_combined_are_not_combined_again(monkeypatch):
    monkeypatch.setattr(calibrate, "FEWEST_ANSWERS", 10)
    monkeypatch.setattr(meta, "FEWEST_ANSWERS", 10)
    split = round_trips_and_a_new_item()
    whole = train(split)
    checkpoints = [report.checkpoint for report in whole if report.checkpoint and report.stage == "weights"]
    n_parts = len(whole[-1].model.part_names)
    assert len(checkpoints) == 1 + n_parts + 1, "parts combined, the worth of each, and the end"
    assert {"fixed weights", "separable k", "pairwise k", "without graph"} <= set(whole[-1].variants)

    def again(*asked, **options):
        raise AssertionError("this was done before")

    for name in ("learn_weights", "combine"):
        monkeypatch.setattr(trainer, name, again)
    for checkpoint in checkpoints:
        if checkpoint is checkpoints[-1]:
            for name in ("gather", "without_each", "choose_borrowing", "learn_calibration"):
                monkeypatch.setattr(trainer, name, again)
        resumed = train(split, checkpoint=stored(checkpoint))[-1]
        assert resumed.learned == whole[-1].learned
        assert resumed.validation == whole[-1].validation
        assert same(resumed.model.state(), whole[-1].model.state())
        assert resumed.variants.keys() == whole[-1].variants.keys()
        for name, variant in whole[-1].variants.items():
            assert same(resumed.variants[name].state(), variant.state()), name


def test_timings_of_a_training_that_was_stopped_are_of_all_its_sittings():
    whole = train(round_trips())
    *_, last = [report for report in whole if report.checkpoint]
    assert set(last.checkpoint.numbers["seconds"]) == set(STAGES)
    assert 0 < sum(last.checkpoint.numbers["seconds"].values()) <= last.elapsed_s
    before = {"text": 7.0, "memories": 1000.0, "sequence": 5000.0, "weights": 2000.0, "refit": 400.0}
    again = Checkpoint(last.checkpoint.arrays, {**last.checkpoint.numbers, "seconds": before})
    first, *_, end = train(round_trips(), checkpoint=again)
    assert 8400 < first.elapsed_s < end.elapsed_s < 8500
    assert end.timings_s.keys() == set(STAGES), "text is read before"
    assert all(before[stage] < seconds < before[stage] + 100 for stage, seconds in end.timings_s.items())


def test_a_setting_that_was_chosen_is_kept_before_the_next_one_is():
    first = next(report for report in train(round_trips()) if report.checkpoint)
    assert (first.stage, list(first.checkpoint.numbers["settings"])) == ("memories", ["transition"])
    resumed = train(round_trips(), checkpoint=first.checkpoint)[-1]
    assert same(resumed.model.state(), train(round_trips())[-1].model.state())


def test_test_events_are_never_looked_at():
    assert same(train(round_trips())[-1].model.state(), train(round_trips(last="i0"))[-1].model.state())


def test_the_sequence_part_learns_from_validation_events_in_the_end():
    config = CONFIG.with_settings(["model.transition=false", "model.cooccurrence=false", "model.regression=false"])
    reports = train(round_trips(), config)
    refitted = reports[-1].model.state()
    left = train(round_trips(), config.with_settings(["train.refit_epochs=0"]))[-1].model.state()
    assert not np.array_equal(refitted["sequence.items.ids.weight"], left["sequence.items.ids.weight"])
    assert refitted["sequence.k"] == left["sequence.k"]
    assert [report.epoch for report in reports if report.stage == "refit" and report.checkpoint] == [1, 2]


def test_memories_know_validation_events_in_the_end():
    split = round_trips()
    popularity = train(split)[-1].model.parts["popularity"]
    counts = np.bincount(split.known.item_numbers, minlength=13)
    np.testing.assert_allclose(popularity.log_counts, np.log1p(counts), rtol=1e-6)


def test_training_stops_when_validation_stops_improving():
    eager = CONFIG.with_settings(["train.epochs=200", "train.patience=2", "train.learning_rate=1e-6"])
    last = [report for report in train(round_trips(), eager) if report.stage == "sequence"][-1]
    assert last.epoch < 200


IMAGES = np.float32([[0, 0, 0], *([number % 3, number % 4, 1] for number in range(12))])
TEXTS = of_length_one(np.float32([[0, 0], *([1, number] for number in range(12))]))
"""What pictures and texts say of items, padding first."""

BRIEF = CONFIG.with_settings(["train.epochs=1", "train.refit_epochs=1"])


def of_everything() -> Split:
    """Round trips with something to know for every part."""
    data = round_trips().dataset
    device = (np.arange(data.events.n_events) % 2 + 1).astype(np.int32)[:, None]
    known = {"contexts": device, "context_vocabularies": (Vocabulary("device", ["phone", "tv"]),)}
    return leave_one_out(replace(data, vectors={"image": IMAGES}, **known))


@pytest.mark.parametrize("part", PART_NAMES)
def test_a_part_can_be_left_out(part):
    config = BRIEF.with_settings([f"model.{part}=false"])
    text = TEXTS if config.model.text else None
    reports = list(fit(of_everything(), config, "cpu", None, text))
    assert reports[-1].model.part_names == tuple(name for name in PART_NAMES if name != part)
    assert (part == "sequence") == ("sequence" not in {report.stage for report in reports})
    metarec.load(config, reports[-1].model.state(), n_items=12)


def test_what_pictures_say_is_a_part_and_content_of_the_network():
    config = BRIEF.with_settings(["model.text=false", "model.graph=false"])
    last = list(fit(of_everything(), config, "cpu"))[-1]
    modes = last.model.parts["modes"]
    directions = directions_of_modes({"image": IMAGES})
    assert np.array_equal(modes.vectors, directions)
    assert modes.decay == last.learned["settings"]["modes"]["decay"]
    np.testing.assert_allclose(last.model.parts["sequence"].encoder.items.content, directions, atol=1e-6)
    plain = list(fit(of_everything(), config.with_settings(["model.fused=false"]), "cpu"))[-1]
    assert plain.model.parts["sequence"].encoder.items.content.shape == (13, 0)


def test_items_without_attributes_and_facts_have_no_graph_part():
    state = train(round_trips(attributes={}))[-1].model.state()
    assert not any(name.startswith("graph.") for name in state)
    assert "graph" not in metarec.load(CONFIG, state, n_items=12).part_names


def test_the_graph_part_learns_from_validation_events_in_the_end():
    split = round_trips()
    last = train(split)[-1]
    graph = last.model.parts["graph"]
    assert last.learned["settings"]["graph"] == {"relations": {}, "dimensions": 2}
    assert np.array_equal(graph.leads, fit_graph(split.known, graph.vectors).leads)


def test_chances_are_learned_where_there_are_answers_enough(monkeypatch):
    few = train(round_trips())[-1]
    assert few.model.calibration is None
    assert few.learned["calibration"] == {"questions": 30}
    monkeypatch.setattr(calibrate, "FEWEST_ANSWERS", 10)
    last = train(round_trips())[-1]
    assert last.model.calibration.temperature == last.learned["calibration"]["temperature"]
    json.dumps(last.learned)


def test_a_device_that_is_not_there_is_refused_before_anything_is_trained():
    with pytest.raises(ConfigError, match="There is no device 'abacus'"):
        fit(round_trips(), CONFIG, "abacus")


def test_a_network_that_is_not_shown_to_rank_better_is_not_trusted():
    last = train(round_trips())[-1]  # what comes next is known from the last item alone
    verdict = last.learned["network"]
    assert verdict["kept"] is False
    assert verdict["low"] <= 0
    assert last.model.k["sequence"] == -1
    assert last.learned["weights"]["sequence"] == 0


def test_simple_models_are_set_beside_the_run_on_validation():
    split = round_trips()
    last = train(split)[-1]
    found = last.learned["baselines_on_validation"]
    assert (found["questions"], found["run"]) == (30, last.validation["ndcg@10"])
    assert list(found["baselines"]) == list(CONFIG.evaluation.baselines)
    asked = Questions(split.dataset, split.validation, CONFIG.data.max_history)
    assert found["baselines"]["popular"] == asked.ndcg(fit_popularity(split.train).scores)
    assert found["baselines"]["ease"] == pytest.approx(
        asked.ndcg(fit_ease(split.train, l2=usual_l2(split.train), decay=1.0).scores)
    )
