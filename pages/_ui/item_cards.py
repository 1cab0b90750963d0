"""A list as cards: image where there is one that needs no outside request, title, what carries it most."""

from __future__ import annotations

from typing import Any

import streamlit as st

from metarec_core import api
from metarec_core.figures import item_images
from metarec_core.figures import recommendations as figures
from metarec_core.language import say
from pages._ui import session
from pages._ui.text import plain


def item_cards(recommender: api.Recommender, listed: Any) -> None:
    """One card an item, in the order of the list."""
    column = item_images.image_column(recommender.items.columns)
    with st.grid("auto", min_column_width=190):
        for item_id, rank, words in figures.card_words(listed):
            with st.container(border=True):
                if column is not None:
                    value = str(recommender.items[column].iat[recommender.dataset.items.number(item_id) - 1])
                    image = item_images.safe_image(value, session.workspace() / "images")
                    if image is None:
                        st.markdown(":material/image_not_supported:")
                    else:
                        st.image(image, width="stretch", alt="")
                st.markdown(f"{rank}\\. **{plain(recommender.title(item_id))}**")
                st.caption(plain(words))
    if column is not None:
        st.caption(
            say(
                "Images come from the table itself or from the workspace's folder “images”. Web "
                "addresses are not opened, so no item can contact another server from your browser."
            )
        )
