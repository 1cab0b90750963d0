import json
from dataclasses import replace

import jsonschema
import pytest

from metarec_core import api
from metarec_core.errors import RunError
from metarec_core.evaluation.trust import Check, Trust
from metarec_core.review import report, verdicts
from metarec_core.review.report import SCHEMA, evidence, review_pack
from metarec_core.review.sample import Sampled
from tests.small_world import HALVED, recommender

WORLD = recommender(calibration=HALVED)


def judged(run, review):
    verdicts.judge(run, review.review_id, 1, reviewer="Ada", verdict="wrong", comment="Jam again")
    verdicts.judge(run, review.review_id, 1, reviewer="Ada", verdict="good", comment="It is plum")
    verdicts.judge(run, review.review_id, 1, reviewer="Bo", verdict="questionable")
    verdicts.sign_off(run, review.review_id, name="Ada", statement="Looked at all.")
    return review_pack(run, review.review_id, WORLD)


def test_evidence_holds_history_list_and_explanation_with_titles():
    found = evidence(WORLD, Sampled("bob", "cake"), k=2)
    assert found.title == "Lemon cake"
    assert [(event.item_id, event.time) for event in found.history] == [
        ("tea", "1970-01-01T00:00:04+00:00"),
        ("milk", "1970-01-01T00:00:03+00:00"),
    ]
    assert found.n_earlier == 0
    assert [(item.rank, item.item_id, item.score) for item in found.listed] == [(1, "cake", 3.0), (2, "jam", 2.0)]
    assert found.explanation == api.explain(WORLD, user_id="bob", item_id="cake")
    assert found.titles == {"cake": "Lemon cake", "jam": "Plum jam", "milk": "Oat milk", "tea": "Green tea"}


def test_a_long_history_is_cut_and_says_how_much_is_left(monkeypatch):
    monkeypatch.setattr(report, "MOST_EVENTS", 2)
    found = evidence(WORLD, Sampled("ann", "jam"), k=2)
    assert [event.item_id for event in found.history] == ["cake", "milk"]
    assert found.n_earlier == 1


def test_the_json_is_what_the_schema_says(run, review):
    pack = judged(run, review)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(pack.to_json()), schema)
    assert schema["$id"].endswith(f":{report.FORMAT}")


def test_the_json_says_of_what_with_what_and_by_whom(run, review):
    found = json.loads(judged(run, review).to_json())
    assert found["run"]["tables_fingerprint"] == "0123456789abcdef"
    assert found["config"] == run.config.to_dict()
    assert found["seed"] == 4
    assert found["metrics"] == json.loads(run.folder.leaderboard.read_text())
    first, second, third = found["recommendations"]
    assert (first["position"], first["user_id"], first["item_id"]) == (1, "ann", "jam")
    assert second["reason"] == "the user has 2 events"
    assert [(v["reviewer"], v["verdict"], v["comment"]) for v in first["verdicts"]] == [
        ("Ada", "good", "It is plum"),
        ("Bo", "questionable", ""),
    ]
    assert third["verdicts"] == []
    assert [v["verdict"] for v in found["verdict_history"]] == ["wrong", "good", "questionable"]
    assert found["agreement"] == [{"reviewers": ["Ada", "Bo"], "both": 1, "agreed": 0, "kappa": 0.0}]
    assert [(s["name"], s["statement"], s["stands"]) for s in found["sign_offs"]] == [("Ada", "Looked at all.", True)]


def test_the_trust_card_and_the_paths_are_in_the_json(run, review):
    card = Trust(
        (Check("leakage", "good", "No answer leaks.", "protocol"), Check("users", "bad", "Few users.", "protocol"))
    )
    pack = review_pack(run, review.review_id, WORLD, trust=card)
    found = json.loads(pack.to_json())
    jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert found["trust"] == card.to_dict()
    assert found["trust"]["state"] == "bad"
    for said, known in zip(found["recommendations"], pack.evidence, strict=True):
        assert said["explanation"]["paths"] == json.loads(json.dumps(known.explanation.paths.to_dict()))
    # ann had tea and milk like bob, who had cake: others who chose what bob chose chose cake
    people = found["recommendations"][1]["explanation"]["paths"]["evidence"]
    assert {path["kind"] for path in people} == {"people"}
    assert {step["target"]["id"] for path in people for step in path["steps"]} <= {"tea", "milk", "cake", "ann"}


def test_the_parts_in_the_json_add_up_to_the_score(run, review):
    for found in json.loads(judged(run, review).to_json())["recommendations"]:
        why = found["explanation"]
        assert sum(part["value"] for part in why["parts"]) == pytest.approx(why["score"], abs=1e-4)


def test_evidence_that_was_looked_up_before_is_taken_over(run, review):
    known = tuple(evidence(WORLD, item, review.plan.k) for item in review.items)
    other = replace(WORLD, max_history=1)
    assert review_pack(run, review.review_id, other, known).evidence == known


def test_a_review_that_is_not_there_is_told(run):
    with pytest.raises(RunError, match="has no review 'abcd1234'"):
        review_pack(run, "abcd1234", WORLD)
