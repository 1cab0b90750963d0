"""What a list may have: attributes, numbers, seen and new items, and how unlike each other its items are."""

from __future__ import annotations

import streamlit as st

from metarec_core import api
from metarec_core.figures import diversity as figures
from metarec_core.language import say, several
from pages._ui import cache
from pages._ui.table import table
from pages._ui.text import plain


def filters(run_id: str, recommender: api.Recommender) -> api.Selection:
    """The controls, folded away until wanted."""
    ranges = api.number_ranges(recommender.dataset)
    with st.expander(say("Filters and variety"), icon=":material/tune:"):
        with st.grid("auto", min_column_width=260):
            values = {
                name: tuple(
                    st.multiselect(
                        name.replace("_", " ").capitalize(),
                        list(attribute.vocabulary.ids)[:1_000],
                        key=f"filter.{name}",
                        placeholder=say("any"),
                        persist_state="session",
                    )
                )
                for name, attribute in recommender.dataset.attributes.items()
                if name not in ranges
            }
            between = {name: _between(name, *whole) for name, whole in ranges.items()}
        with st.container(horizontal=True):
            unseen = st.toggle(say("Hide items already seen"), value=True, key="filter.unseen", persist_state="session")
            new = int(recommender.new_items.sum())
            tip = (
                several(new, "{n:,} item has no events.", "{n:,} items have no events.")
                if new
                else say("Every item of this run has events.")
            )
            only_new = st.toggle(
                say("Only items without events"), key="filter.new", disabled=not new, help=tip, persist_state="session"
            )
        diversity = 0.0
        if recommender.content.any():
            diversity = st.slider(
                say("Variety"), 0.0, 0.9, step=0.1, key="filter.diversity", persist_state="session",
                help=say(
                    "Each position goes to an item that scores high and differs from those above it, by text and knowledge."
                ),
            )  # fmt: skip
            if diversity:
                cost = cache.diversity_cost(run_id)
                words = figures.cost_words(cost, diversity)
                st.caption(plain(words))
                st.plotly_chart(figures.cost_curve(cost, diversity), key="cost", alt=words)
                with st.popover(say("As a table")):
                    table(
                        figures.cost_table(cost),
                        say("What each level of variety costs"),
                        file=f"metarec-{run_id}-variety.csv",
                    )
        else:
            st.caption(say("This model knows items only by their events, so it cannot tell how similar they are."))
    chosen = {name: found for name, found in between.items() if found != ranges[name]}
    return api.Selection(values, chosen, not unseen, only_new and bool(new), diversity)


def _between(name: str, low: float, high: float) -> tuple[float, float]:
    label = name.replace("_", " ").capitalize()
    found = st.slider(label, low, high, (low, high), key=f"filter.range.{name}", persist_state="session")
    return float(found[0]), float(found[1])
