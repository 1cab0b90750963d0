import base64
import json
import zlib

import pytest

from metarec_core.errors import InputError
from metarec_core.recommend.link import LONGEST
from metarec_core.recommend.scenario import FORMAT, LARGEST_FILE, Scenario

ANN = Scenario("ann", ("tea", "milk", "cake"), (10, 20, 20), 20)


def _link(plain: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(plain)).decode().rstrip("=")


def test_a_scenario_comes_back_from_its_link_and_from_its_file():
    whole = Scenario(
        "ann",
        ("tea", "cake"),
        (10, 20),
        25,
        {"device": "手机"},
        {"text": 0.0},
        {"kind": ("sweet", "hot")},
        "sour & <b>",
    )
    for scenario in (whole, ANN, Scenario()):
        assert Scenario.from_link(scenario.to_link()) == scenario
        assert Scenario.from_json(scenario.to_json()) == scenario
        assert Scenario.from_json(scenario.to_json().encode()) == scenario


def test_events_are_taken_out_put_in_and_moved():
    assert ANN.without(1) == Scenario("ann", ("tea", "cake"), (10, 20), 20)
    assert ANN.followed_by("jam") == Scenario("ann", ("tea", "milk", "cake", "jam"), (10, 20, 20, 20), 20)
    assert ANN.moved(0, 1).items == ("milk", "tea", "cake")
    assert ANN.moved(0, 1).times == (10, 20, 20)  # times stay in order
    assert ANN.moved(2, 5) == ANN
    assert ANN.moved(2, -2).items == ("cake", "tea", "milk")
    assert ANN.ordered([2, 0]) == Scenario("ann", ("cake", "tea"), (10, 20), 20)
    assert ANN.at(15) == Scenario("ann", ("tea",), (10,), 15)


def test_what_is_back_to_normal_is_not_kept():
    assert ANN.scaled("text", 0.0).scaled("text", 1.0) == ANN
    assert ANN.in_context("device", "phone").in_context("device", None) == ANN
    assert ANN.excluding("kind", ["hot"]).excluding("kind", []) == ANN
    assert ANN.said("  a   b ").words == "a b"


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ("[]", "it contains no scenario"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"metarec_scenario": 2}', "it has format '2'; this version reads 1"),
        ('{"metarec_scenario": 1, "x": 1}', "'x' is not known"),
        ('{"metarec_scenario": 1, "user": 7}', "user contains something that is not a text of at most 500 characters"),
        ('{"metarec_scenario": 1, "items": "tea"}', "items is not a list of at most 1,000"),
        ('{"metarec_scenario": 1, "items": ["tea"]}', "it does not have one time per item"),
        ('{"metarec_scenario": 1, "items": ["a", "b"], "time_steps": [5, -1]}', "its times go backwards"),
        (
            '{"metarec_scenario": 1, "items": ["a"], "time_steps": [1e400]}',
            "time_steps contains something that is not a time",
        ),
        (
            '{"metarec_scenario": 1, "scales": {"text": -1}}',
            "scales contains something that is not a number from 0 to 10",
        ),
        (
            '{"metarec_scenario": 1, "scales": {"text": NaN}}',
            "scales contains something that is not a number from 0 to 10",
        ),
        ('{"metarec_scenario": 1, "context": []}', "context is not a table of at most 200 entries"),
    ],
)
def test_what_is_no_scenario_is_refused_with_the_reason(plain: str, words: str):
    with pytest.raises(InputError) as from_file:
        Scenario.from_json(plain)
    assert str(from_file.value) == f"This scenario cannot be opened, {words}: ask for the link or the file again."
    with pytest.raises(InputError) as from_link:
        Scenario.from_link(_link(plain.encode()))
    assert str(from_link.value) == str(from_file.value)


def test_a_damaged_link_and_one_that_unpacks_to_far_too_much_are_refused():
    for damaged in ("%%%", "abcd", ANN.to_link()[:-6], "é"):
        with pytest.raises(InputError, match="its link is damaged"):
            Scenario.from_link(damaged)
    with pytest.raises(InputError, match="its link is too long"):
        Scenario.from_link("A" * (LONGEST + 1))
    bomb = _link(b" " * 4_000_000)
    assert len(bomb) < LONGEST
    with pytest.raises(InputError, match="it is larger than 200,000 bytes"):
        Scenario.from_link(bomb)
    with pytest.raises(InputError, match="it is larger than 200,000 bytes"):
        Scenario.from_json(" " * (LARGEST_FILE + 1))


def test_a_scenario_too_long_for_a_link_says_so():
    long = Scenario(None, tuple(f"{n * 7919 % 10**9:09}{n**3 % 977}" for n in range(1_000)), (0,) * 1_000)
    with pytest.raises(InputError, match=r"This scenario is too long for a link .* remove some events"):
        long.to_link()
    assert json.loads(long.to_json())["metarec_scenario"] == FORMAT
