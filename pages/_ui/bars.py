"""Bars drawn from boxes and text, in the page and without a library. All foreign text goes in as data and is set as text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from metarec_core.figures.bars import Bars

_SCRIPT: Final = """
const made = (kind, name, text) => {
  const one = document.createElement(kind);
  one.className = name;
  if (text !== undefined) one.textContent = text;
  return one;
};
export default ({ data, parentElement, setTriggerValue }) => {
  const legend = made("div", "legend");
  for (const [name, colour] of data.legend) {
    const entry = made("span", "entry", name), square = made("i", "square");
    square.style.background = colour;
    entry.prepend(square);
    legend.append(entry);
  }
  const rows = made("ol", data.beside ? "rows beside" : "rows");
  rows.setAttribute("aria-label", data.words);
  for (const row of data.rows) {
    const line = made("li", "row"), name = made(data.picks ? "button" : "span", "name", row.name);
    name.title = row.name;
    const head = made("div", "head"), bar = made("div", "bar"), zero = made("i", "zero");
    head.append(name);
    if (row.note) head.append(made("span", "note", row.note));
    zero.style.left = data.zero + "%";
    bar.append(zero);
    for (const piece of row.pieces) {
      const box = made("i", piece.colour ? "piece" : "piece outline");
      box.style.left = piece.left + "%"; box.style.width = piece.width + "%";
      if (piece.colour) box.style.background = piece.colour;
      if (piece.left > 50) box.classList.add("late");
      box.dataset.words = piece.words;
      bar.append(box);
    }
    const value = made("span", "value", row.value);
    value.style.left = row.end + "%";
    bar.append(value);
    line.append(head, bar);
    if (data.picks) {
      line.classList.add("picks");
      if (row.id === data.chosen) { line.classList.add("chosen"); name.setAttribute("aria-current", "true"); }
      line.onclick = () => setTriggerValue("picked", row.id);
    }
    rows.append(line);
  }
  const box = parentElement.querySelector(".bars"), held = parentElement.getRootNode().activeElement;
  const at = held ? [...box.querySelectorAll("button")].indexOf(held) : -1;
  box.replaceChildren(...(data.legend.length ? [legend, rows] : [rows]));
  if (at >= 0) box.querySelectorAll("button")[at]?.focus();
};
"""
_STYLE: Final = """
.bars { color: var(--st-text-color); font-size: .875rem; line-height: 1.25 }
.legend { display: flex; flex-wrap: wrap; gap: .15rem .9rem; margin-bottom: .5rem; font-size: .8rem }
.entry { display: inline-flex; align-items: center; gap: .35rem }
.square { width: .7rem; height: .7rem; border-radius: 2px }
.rows { list-style: none; margin: 0; padding: 0; display: grid; gap: .1rem }
.row { padding: .15rem .4rem; border-radius: var(--st-base-radius); min-width: 0 }
.head { display: flex; justify-content: space-between; gap: .75rem }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0;
  font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: start }
.note { flex: none }
.bar { position: relative; height: 1rem; margin-right: 3.4rem }
.piece { position: absolute; top: .1rem; bottom: .1rem; min-width: 1px }
.outline { border: 2px solid var(--st-border-color); box-sizing: border-box; border-radius: 2px }
.zero { position: absolute; top: -.1rem; bottom: -.1rem; width: 1px; background: var(--st-border-color) }
.value { position: absolute; top: 0; padding-left: .4rem; font-variant-numeric: tabular-nums; font-size: .8rem }
.beside { grid-template-columns: fit-content(45%) 1fr; column-gap: .6rem }
.beside .row { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; align-items: center }
.beside .bar { height: 1.35rem }
.beside .value { top: .1rem }
.picks { cursor: pointer }
.picks .name { cursor: pointer }
.picks:hover { background: var(--st-secondary-background-color) }
.chosen { background: var(--st-secondary-background-color); box-shadow: inset 3px 0 0 var(--st-primary-color) }
.name:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 2px }
.piece:hover { outline: 2px solid var(--st-text-color); z-index: 2 }
.piece:hover::after { content: attr(data-words); position: absolute; left: 0; top: calc(100% + .3rem); z-index: 3;
  white-space: nowrap; padding: .2rem .5rem; font-style: normal; font-size: .8rem; pointer-events: none;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius) }
.late:hover::after { left: auto; right: 0 }
"""


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    """Registered once a server."""
    return st.components.v2.component("metarec_bars", html='<div class="bars"></div>', css=_STYLE, js=_SCRIPT)


def bars(
    figure: Bars, *, key: str, alt: str, chosen: str | None = None, on_pick: Callable[[str], None] | None = None
) -> None:
    """Draw them.

    Args:
        figure: What.
        key: One of its kind on the page.
        alt: The bars in a sentence, for who does not see them.
        chosen: The row that is marked.
        on_pick: Called with the id of a row that was clicked, before the run that follows; without it they are not to be
            clicked.
    """
    data = figure.drawn() | {"words": alt, "chosen": chosen, "picks": on_pick is not None}
    told = {} if on_pick is None else {"on_picked_change": partial(_picked, key, on_pick)}
    _component()(data=data, key=key, **told)


def _picked(key: str, on_pick: Callable[[str], None]) -> None:
    if found := st.session_state[key].picked:
        on_pick(str(found))
