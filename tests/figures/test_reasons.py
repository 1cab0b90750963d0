import pytest

from metarec_core.explain.explanation import EventShare, Explanation, PartValue
from metarec_core.figures.reasons import SHARE_OF_PART, carriers_table, reasons_table

WHY = Explanation(
    "eve",
    "tent",
    2.5,
    1,
    (
        PartValue(
            "transition",
            2.0,
            4,
            reason="It is often chosen soon after “stove” (3 users made this step).",
            events=(EventShare("stove", "2026-01-02T08:30:00+00:00", 1.5, others=3), EventShare("cup", "7", -0.25)),
            other_events=0.75,
            n_other_events=2,
            trust_reason="transition counts 20% more than for everyone, because of this: the history has 2 events.",
        ),
        PartValue("graph", 0.5, 2, events=(EventShare("lamp", "9", 0.5, shared=("kind: light",)),)),
        PartValue("popularity", 0.0, 1, reason="It was chosen once overall: rank 9 of 9."),
    ),
    (),
)


def test_parts_that_count_say_what_they_go_by_and_why_they_are_trusted():
    table = reasons_table(WHY)
    assert list(table.index) == ["What follows", "Knowledge"]
    assert table["Based on"].iloc[0] == "It is often chosen soon after “stove” (3 users made this step)."
    assert table["Why it counts that much"].iloc[0].startswith("What follows counts 20% more than for everyone")


def test_events_that_carry_parts_come_with_their_shares_the_strongest_first():
    table = carriers_table(WHY, str.upper)
    assert list(table["Event"]) == ["STOVE", "LAMP", "CUP"]
    assert table[SHARE_OF_PART].tolist() == pytest.approx([0.75, 1.0, -0.125])
    assert list(table["Because"]) == ["3 users made this step", "kind: light", ""]
    assert list(table["When"]) == ["2 Jan 2026, 08:30", "event 9", "event 7"]


def test_an_item_that_nothing_carries_has_no_rows():
    assert len(reasons_table(Explanation("eve", "tent", 0.0, 1, (PartValue("graph", 0.0, 1),), ()))) == 0
