from dataclasses import replace

import pytest

from metarec_core.explain.attention_trust import attention_trust
from metarec_core.explain.counterfactual import counterfactuals
from metarec_core.explain.explain import explain
from metarec_core.explain.explanation import (
    AttentionTrust,
    AttentionWeight,
    AttributeChange,
    ContextChange,
    Counterfactuals,
    ItemValue,
    PartValue,
)
from metarec_core.figures import attention as figures
from tests.explain.planted import CAUSES, TARGET, planted

RISING = {cause: 0.1 * (1 + number) for number, cause in enumerate(CAUSES)}


@pytest.fixture(scope="module")
def why():
    return explain(planted(RISING), user_id="eve", item_id=TARGET)


def title(item_id):
    return f"<b>{item_id}</b>"


def test_every_weight_has_its_event_and_its_effect_newest_first(why):
    table = figures.event_table(why, title)
    assert list(table.columns) == ["Title", "When", "Attention", "Effect", "Item ID"]
    assert list(table["Item ID"]) == CAUSES[::-1]
    assert table["Effect"].iloc[0] == pytest.approx(2.0, abs=1e-5)
    assert table["Attention"].sum() == pytest.approx(1, abs=1e-5)


def test_only_the_strongest_events_are_drawn_unless_all_are_asked_for(why, monkeypatch):
    monkeypatch.setattr(figures, "STRONGEST", 3)
    table = figures.event_table(why, title)
    assert list(figures.drawn_events(table, whole=False)["Item ID"]) == ["c19", "c18", "c17"]
    assert len(figures.drawn_events(table, whole=True)) == 20


def test_attention_is_drawn_beside_the_effects_with_titles_made_safe(why):
    figure = figures.heatmap(figures.event_table(why, title))
    shades, *_, bars = figure.data
    assert (shades.type, bars.type) == ("heatmap", "bar")
    assert len(shades.z) == len(bars.x) == 20
    assert "<b>" not in "".join(figure.layout.yaxis.ticktext)


def test_heads_stand_beside_the_attention_each_with_its_event(why):
    looked = (AttentionWeight("c0", "0", 0.25, (0.1, 0.4)), AttentionWeight("c1", "1", 0.75, (0.9, 0.6)))
    heads = replace(why, attention=looked, heads=("layer 1, head 1", "layer 1, head 2"), effects=why.effects[:2])
    table = figures.event_table(heads, title)
    assert list(table.columns) == [
        "Title", "When", "Attention", "Layer 1, head 1", "Layer 1, head 2", "Effect", "Item ID",
    ]  # fmt: skip
    assert table[["Item ID", "Layer 1, head 1", "Layer 1, head 2"]].to_numpy().tolist() == [
        ["c1", 0.9, 0.6],
        ["c0", 0.1, 0.4],
    ]
    shades, *_ = figures.heatmap(table).data
    assert list(shades.x) == ["Attention", "Layer 1, head 1", "Layer 1, head 2"]
    assert shades.z.tolist() == [[0.75, 0.9, 0.6], [0.25, 0.1, 0.4]]
    assert shades.zmax == 0.9  # one scale for all


def test_shares_are_written_in_the_themes_colour_and_in_white_on_the_deepest_shades(why):
    """Plotly would choose by the shade as it is on white, and dark words on a dark page cannot be read."""
    looked = tuple(AttentionWeight(f"c{n}", str(n), share) for n, share in enumerate((0.1, 0.3, 0.6)))
    table = figures.event_table(replace(why, attention=looked, effects=why.effects[:3]), title)
    _, plain, white, _ = figures.heatmap(table).data
    assert (plain.textfont.color, list(plain.text)) == (None, ["30%", "10%"])
    assert (white.textfont.color, list(white.text)) == ("white", ["60%"])


def test_curves_name_their_orders_with_their_areas(why):
    figure = figures.curves(why.faithfulness.deletion, why.faithfulness.steps, "deletion")
    assert [trace.name.partition(" (")[0] for trace in figure.data] == [
        "Most attended first",
        "Least attended first",
        "Random order",
        "Greatest effect first",
    ]
    assert figure.layout.xaxis.title.text == "Events taken out"


def test_a_heat_map_is_told_by_what_was_looked_at_most_and_by_what_does_most(why):
    table = figures.event_table(why, title)
    assert figures.heatmap_words(table) == (
        "Attention to past events, newest on top: most to <b>c19</b>, 9.5%. Effect of past events, newest on top: "
        "strongest for <b>c19</b>, +2.000."
    )
    assert figures.heatmap_words(table.drop(columns="Attention")).startswith("Effect of past events")
    unseen = table.assign(Attention=float("nan"))
    assert figures.heatmap_words(unseen).startswith("Effect of past events")


def test_curves_are_told_by_their_mean_heights_and_counted(why):
    orders, steps = why.faithfulness.insertion, why.faithfulness.steps
    told = figures.curves_words(orders, "insertion")
    assert told.startswith(
        f"The item's score as events are put back. Mean height: most attended first {orders.attention.area:.2f}, "
    )
    assert figures.curves_words(why.faithfulness.deletion, "deletion").startswith(
        "The item's score as events are taken out."
    )
    table = figures.curves_table(orders, steps)
    assert table["Events"].tolist() == list(steps)
    assert table["Most attended first"].tolist() == list(orders.attention.scores)
    assert list(table.columns[2:]) == ["Least attended first", "Random order", "Greatest effect first"]


def test_a_network_without_weight_is_said_to_have_no_say(why):
    assert figures.unheard_words(why) is None
    silent = replace(why, parts=(PartValue("sequence", 0.0, 1), PartValue("transition", 0.5, 2)))
    assert figures.unheard_words(silent).startswith("The network has no say in this score")
    heard = replace(why, parts=(PartValue("sequence", 0.1, 1), PartValue("transition", 0.5, 2)))
    assert figures.unheard_words(heard) is None


def test_the_badge_is_told_with_what_was_measured_and_its_rule(why):
    said = figures.badge_words(why)
    assert said.kind == "success"
    assert said.headline == "Attention can be trusted here."
    assert "orrelation" not in said.details
    assert "effects: +1.00." in said.test
    assert said.test.endswith(why.faithfulness.rule)


def test_what_would_have_to_be_different_is_told_with_titles_and_times():
    found = counterfactuals(planted({"c3": 1.5}), user_id="eve", item_id=TARGET, k=1)
    words = figures.counterfactual_words(found, str.upper)
    assert words[0] == (
        "History: without “C3” (1 Jan 1970, 00:00) it would be at #2 and not in the list. No smaller set is enough."
    )


def test_what_the_item_and_the_situation_would_have_to_be_is_told():
    change = AttributeChange((ItemValue("made_by", "Acme"), ItemValue("kind", "tent")), (), 23, smallest=True)
    found = Counterfactuals("eve", "c3", 10, 1, None, ContextChange("device", "tv", 23, "mobile"), None, (), change)
    assert figures.counterfactual_words(found, str) == [
        "The item: without made by “Acme”, kind “tent” it would be at #23 and not in the list. No smaller set is enough.",
        "Situation: with device tv instead of mobile it would be at #23.",
    ]
    more = replace(change, removed=(), added=(ItemValue("kind", "tent"),), rank=4)
    found = replace(found, attributes=more, context=ContextChange("device", "tv", 2))
    assert figures.counterfactual_words(found, str) == [
        "The item: with kind “tent” as well it would be at #4.",
        "Situation: with device tv instead of an unknown one it would be at #2.",
    ]


def test_a_run_is_told_in_a_table_and_in_words():
    trust = attention_trust(planted(RISING), n_users=5)
    table = figures.trust_table(trust)
    assert list(zip(table["By"], table["Slice"], strict=True)) == [
        ("All", "All users"),
        ("History", "11 to 50 events"),
        ("Item popularity", "items with up to 1 events"),
    ]
    assert table[["… lower quartile", "Correlation", "… upper quartile"]].iloc[0].tolist() == pytest.approx([1, 1, 1])
    assert figures.trust_words(trust).startswith("Of 1 recommendation tested")


def test_a_run_is_drawn_as_a_strip_of_badges_for_each_slice():
    def row(kind, name, pairs, *shares):
        return {"kind": kind, "slice": name, "pairs": pairs} | dict(
            zip(("agrees", "weak", "misleading"), shares, strict=True)
        )

    rows = (row("All", "all", 40, 0.5, 0.3, 0.2), row("User: city", "<b>Oslo</b>", 12, 0.95, 0.05, 0.0))
    figure = figures.trust_strips(AttentionTrust(rows, 40, 0))
    assert [(trace.name, list(trace.x)) for trace in figure.data] == [
        ("Agrees", [0.5, 0.95]),
        ("Weak", [0.3, 0.05]),
        ("Misleading", [0.2, 0.0]),
    ]
    assert figure.layout.barmode == "stack"
    first, second = figure.layout.yaxis.ticktext
    assert first == "All users (40 tested)"
    assert second.startswith("User: city: ")
    assert second.endswith(" (12 tested)")
    assert "<b>" not in second
    assert list(figure.data[1].text) == ["30%", ""]  # no room for 5%
