"""A column of images is for looking: on the cards, and nowhere as a value."""

import base64
from pathlib import Path

import pytest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.pages.conftest import Open, said
from tests.tiny_files import N_ITEMS, NO_NET, write_files

DOT = f"data:image/png;base64,{base64.b64encode(bytes.fromhex('89504e470d0a1a0a') + b' dot').decode()}"


@pytest.fixture
def illustrated(tmp_path: Path, workspace: Path) -> str:
    """A run on items that have a kind, and a poster as data or as an address."""
    behaviour, items = write_files(tmp_path)
    posters = (DOT, "https://posters.example/1.png")
    rows = [f'i{n:02},Title {n},{("tea", "tool")[n % 2]},"{posters[n % 2]}"' for n in range(N_ITEMS)]
    items.write_text("\n".join(["item_id,title,kind,Poster", *rows]), encoding="utf-8")
    *_, last = api.train(
        api.read_tables(behaviour, items, name="shop"), RunConfig.preset("fast").with_settings(NO_NET), store=workspace
    )
    assert last.run is not None
    return last.run.run_id


def test_cards_show_images_and_no_filter_node_or_text_is_made_of_them(illustrated: str, open_page: Open) -> None:
    app = open_page("recommendations", ("filters",), run=illustrated, user="u00", shown="cards")
    assert "Click an item" not in said(app)  # a card is not to be clicked
    assert not app.exception
    images = [image.proto.imgs[0].url for image in app.get("image")]
    assert images == [DOT, DOT]  # of the items 8 to 11; those that are addresses are not shown
    keys = [element.key for element in app.multiselect]
    assert "filter.value.kind" in keys
    assert "filter.value.poster" not in keys
    graph = open_page("knowledge_graph", run=illustrated)
    assert not any("poster" in str(option).lower() for option in graph.multiselect(key="knowledge_graph.kinds").options)
    assert any("kind" in str(option).lower() for option in graph.multiselect(key="knowledge_graph.kinds").options)
