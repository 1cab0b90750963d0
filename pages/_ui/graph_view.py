"""The drawn graph: pyvis's nodes and edges through the drawing library that it brings along, in the page and without a request.

All foreign text goes in as data, never into markup: labels are painted on a canvas, tooltips are set as text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from metarec_core.figures import knowledge_graph as figures

_TAIL = """
const drawn = new WeakMap();
export default ({ data, parentElement, setTriggerValue }) => {
  const box = parentElement.querySelector(".graph");
  box.style.height = data.height + "px";
  box.setAttribute("aria-label", data.words);
  const look = getComputedStyle(box);
  const ink = look.getPropertyValue("--st-text-color").trim() || "#1b2430";
  const paper = look.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const line = look.getPropertyValue("--st-border-color").trim() || "#9aa3ad";
  const sign = JSON.stringify([data.nodes, data.edges, ink]);
  let kept = drawn.get(box);
  if (kept && kept.sign === sign) { kept.send = setTriggerValue; return; }
  if (kept) kept.network.destroy();
  kept = { sign, send: setTriggerValue };
  drawn.set(box, kept);
  const face = look.fontFamily || "sans-serif";
  const font = { color: ink, size: 13, face, strokeWidth: 3, strokeColor: paper, multi: false };
  kept.network = new globalThis.vis.Network(box, { nodes: data.nodes, edges: data.edges }, {
    physics: false,
    layout: { improvedLayout: false },
    interaction: { hover: true, tooltipDelay: 120, keyboard: { enabled: true, bindToWindow: false }, zoomSpeed: 0.6 },
    nodes: { font },
    edges: { smooth: false, color: { color: line, hover: ink, highlight: ink, opacity: 0.8 },
             arrows: { to: { enabled: true, scaleFactor: 0.4 } }, selectionWidth: 2 },
  });
  box.network = kept.network;
  kept.network.fit({ animation: false, maxZoomLevel: 1.1 });
  kept.network.on("click", (event) => {
    if (event.nodes.length) {
      const node = data.nodes.find((one) => one.id === event.nodes[0]);
      if (node.more) kept.send("clicked", { more: true });
      else if (node.key) kept.send("clicked", { node: node.key });
    } else if (event.edges.length) kept.send("clicked", { edge: String(event.edges[0]) });
  });
  const button = parentElement.querySelector(".picture");
  button.onclick = () => {
    const canvas = box.querySelector("canvas");
    const copy = document.createElement("canvas");
    copy.width = canvas.width; copy.height = canvas.height;
    const pen = copy.getContext("2d");
    pen.fillStyle = paper; pen.fillRect(0, 0, copy.width, copy.height); pen.drawImage(canvas, 0, 0);
    const link = document.createElement("a");
    link.download = "metarec-graph.png"; link.href = copy.toDataURL("image/png"); link.click();
  };
  return () => { if (kept.network) kept.network.destroy(); drawn.delete(box); };
};
"""
_STYLE = """
.graph { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); outline-offset: 2px }
.graph:focus-visible { outline: 2px solid var(--st-primary-color) }
.frame { position: relative }
.picture { position: absolute; right: .5rem; bottom: .5rem; padding: .2rem .6rem; font: inherit; font-size: .8rem;
  cursor: pointer; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius) }
div.vis-tooltip { white-space: pre-line !important; background: var(--st-secondary-background-color) !important;
  color: var(--st-text-color) !important; border-color: var(--st-border-color) !important; font-family: inherit !important;
  max-width: 26rem }
"""


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., Any]:
    """Registered once a server, when the first graph is drawn: it reads 700 KB of script."""
    return st.components.v2.component(
        "metarec_graph",
        html='<div class="frame"><div class="graph" role="img" tabindex="0"></div>'
        '<button class="picture" type="button">PNG</button></div>',
        css=figures.vis_style() + _STYLE,
        js=figures.vis_script() + "\n" + _TAIL,
    )


def graph_view(drawing: figures.Drawing, key: str, on_click: Callable[[], None]) -> dict[str, Any] | None:
    """Draw, and say what was clicked.

    Args:
        drawing: What.
        key: The widget's key.
        on_click: Called before the run that follows a click; ``clicked`` says what it was.

    Returns:
        ``{"node": key}``, ``{"edge": id}`` or ``{"more": True}`` in the run that follows a click, otherwise None.
    """
    data = {"nodes": drawing.nodes, "edges": drawing.edges, "height": figures.HEIGHT, "words": drawing.words}
    result = _component()(data=data, key=key, height=figures.HEIGHT + 4, on_clicked_change=on_click)
    found: dict[str, Any] | None = result.clicked
    return found


def clicked(key: str) -> dict[str, Any]:
    """What was clicked, for ``on_click``."""
    return st.session_state[key].clicked or {}
