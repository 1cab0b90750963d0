import pytest

from metarec_core.config import RunConfig
from metarec_core.training import estimate as module
from metarec_core.training.estimate import Past, Sizes, estimate, questions_of, reference_memory_mb, reference_seconds

SHOP = Sizes(n_users=800, n_items=400, n_events=15_000)
FAST = RunConfig.preset("fast")


@pytest.fixture(autouse=True)
def reference_machine(monkeypatch):
    monkeypatch.setattr(module, "probe", lambda: module.REFERENCE_PROBE_S)


def past(factor=1.0, memory=1.0, config=FAST):
    timings = {stage: factor * seconds for stage, seconds in reference_seconds(SHOP, config).items()}
    return Past(SHOP, config, timings, memory * reference_memory_mb(SHOP, config))


def test_one_pass_is_its_steps_and_its_products():
    seconds = reference_seconds(SHOP, FAST)
    one_pass = 13_400 * (4.3e-3 / 256 + 3.4e-10 * 32 * 400)
    assert seconds["sequence"] == pytest.approx(10 * (one_pass + 2e-7 * 1_500 * 400))


@pytest.mark.parametrize(
    ("protocol", "events", "asked"),
    [
        ("leave_one_out", 15_000, (800, 800)),
        ("time", 15_000, (1_500, 1_500)),
        ("users", 4_000_000, (400_000, 20_000)),
        ("auto", 4_000, (800, 800)),
        ("auto", 4_000_000, (400_000, 20_000)),
    ],
)
def test_a_window_asks_about_a_tenth_of_the_events_and_at_most_twenty_thousand_judge(protocol, events, asked):
    config = FAST.with_settings([f"evaluation.protocol={protocol}"])
    assert questions_of(Sizes(800, 400, events), config) == asked


def test_what_a_training_split_by_time_took_on_the_reference_machine_is_foretold_within_a_quarter():
    took = {"text": 3.7, "memories": 17.7, "sequence": 34.6, "weights": 149.6, "refit": 16.3, "evaluation": 15.9}
    ml_100k = Sizes(n_users=943, n_items=1_682, n_events=100_000)  # 2026-11-24, preset fast, one thread
    expected = estimate(ml_100k, FAST)
    assert expected.seconds == pytest.approx(sum(took.values()), rel=0.25)
    again = estimate(ml_100k, FAST, [Past(ml_100k, FAST, took, 0.0)])
    assert again.seconds == pytest.approx(sum(took.values()), rel=1e-6)


@pytest.mark.parametrize("larger", [Sizes(8_000, 400, 150_000), Sizes(800, 4_000, 15_000), Sizes(800, 400, 150_000)])
def test_more_data_take_longer_and_more_memory(larger):
    assert estimate(larger, FAST).seconds > estimate(SHOP, FAST).seconds
    assert estimate(larger, FAST).memory_mb > estimate(SHOP, FAST).memory_mb


def test_a_gpu_holds_weights_with_their_moments_item_vectors_and_a_step():
    config = FAST.with_settings(["model.embedding_dim=64", "train.batch_events=512"])
    sizes = Sizes(n_users=800, n_items=1_000, n_events=15_000)
    parameters = 1_000 * (64 + 1) + 20 * 64 * 64
    bytes_ = 4 * (4 * parameters + 2 * 1_000 * 64 + 3 * 512 * 1_000)
    assert estimate(sizes, config).gpu_mb == pytest.approx(500 + bytes_ / 2**20)
    assert estimate(sizes, FAST.without_network()).gpu_mb == 0


def test_presets_are_in_their_order():
    seconds = [estimate(SHOP, RunConfig.preset(name)).seconds for name in ("fast", "balanced", "best")]
    assert seconds == sorted(seconds)


def test_without_a_network_there_are_no_passes():
    assert "sequence" not in reference_seconds(SHOP, FAST.without_network())


def test_a_slower_machine_takes_longer(monkeypatch):
    one = estimate(SHOP, FAST).seconds
    monkeypatch.setattr(module, "probe", lambda: 2 * module.REFERENCE_PROBE_S)
    assert estimate(SHOP, FAST).seconds == pytest.approx(2 * one)


def test_earlier_runs_correct_each_stage_and_memory():
    plain, corrected = estimate(SHOP, FAST), estimate(SHOP, FAST, [past(2.0, 1.5), past(8.0, 1.5)])
    assert corrected.seconds == pytest.approx(4 * plain.seconds)  # the geometric mean of 2 and 8
    assert corrected.memory_mb == pytest.approx(1.5 * plain.memory_mb)
    assert (plain.n_past, corrected.n_past) == (0, 2)


def test_a_run_that_slept_corrects_only_so_far():
    assert estimate(SHOP, FAST, [past(1e6)]).seconds == pytest.approx(20 * estimate(SHOP, FAST).seconds)
