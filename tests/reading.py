"""What of a Chinese page still reads as English, data aside."""

from __future__ import annotations

import re
from pathlib import Path

from metarec_core import api

ENGLISH = re.compile(r"\b[A-Za-z][a-z’']*(?: [A-Za-z][A-Za-z’'-]*){2,}")
"""Three words in a row, as no Chinese sentence has them."""

KEPT = (
    "Skip to main content",
    "RecBole atomic files",
    "python -m metarec_core recommend",
)
"""What is English in Chinese too: the framework's own words, names of formats, commands."""


def reads_as_english(text: str, data: set[str]) -> bool:
    """Whether words are left that are neither names nor of the data."""
    text = re.sub(r"\\(.)", r"\1", text)  # as it is shown
    text = re.sub(r"\S+://\S+|:material/\w+:|`[^`]*`|“[^”]*”", " · ", text)
    for cut in re.findall("[^·]+(?=…)", text):  # a title that a chart had no room for
        if any(title.startswith(cut.strip()) for title in data):
            text = text.replace(cut, " · ")
    for kept in (*KEPT, *sorted(data, key=len, reverse=True)):
        text = text.replace(kept, " · ")
    return bool(ENGLISH.search(text))


def chinese(text: str) -> bool:
    return bool(re.search("[\u4e00-\u9fff]", text))


def foreign(store: Path, run_id: str) -> set[str]:
    """Titles, ids, column names and values of the demo's data."""
    run = api.open_run(store, run_id)
    recommender = api.open_recommender(run)
    attributes = {**recommender.dataset.attributes, **recommender.dataset.user_attributes}
    names = [*attributes, *(vocabulary.kind for vocabulary in recommender.dataset.context_vocabularies)]
    return {
        *map(recommender.title, recommender.item_ids),
        *(str(value) for attribute in attributes.values() for value in attribute.vocabulary.ids),
        *(name.replace("_", " ").capitalize() for name in names),
        *(domain.capitalize() for domain in api.sample_domains()),
    }
