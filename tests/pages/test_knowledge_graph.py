import time

from metarec_core.jobs.map import map_state
from tests.pages.conftest import address, said


def test_without_a_run_the_page_says_what_to_do(open_page):
    app = open_page("knowledge_graph")
    assert not app.exception
    assert "no trained recommender" in app.info[0].proto.title + app.info[0].value


def test_the_first_user_is_in_the_middle_until_a_node_is_chosen_and_the_address_says_so(open_page, run_id):
    app = open_page("knowledge_graph", run=run_id)
    assert not app.exception
    assert "User: u00, with" in said(app).replace("\\", "")
    assert address(app)["node"] == "user:u00"
    app = open_page("knowledge_graph", run=run_id, node="item:i05")
    assert "Item: Title 5, with" in said(app).replace("\\", "")


def test_a_search_offers_nodes_to_walk_to(open_page, run_id):
    app = open_page("knowledge_graph", run=run_id)
    app.text_input(key="knowledge_graph.search").set_value("title 7").run()
    app.button(key="knowledge_graph.item:i07").click().run()
    assert address(app)["node"] == "item:i07"
    assert "Item: Title 7, with" in said(app).replace("\\", "")


def test_the_paths_of_a_recommendation_follow_the_address(open_page, run_id):
    app = open_page("knowledge_graph", run=run_id, graph="paths", user="u03", item="i11")
    assert not app.exception
    assert "no graph part" in said(app)
    table = app.dataframe[0].value
    assert set(table["Kind"]) <= {"People", "Situation"}
    assert all(way.endswith("Title 11") for way in table["Path from the past item"])


def test_a_node_that_is_not_there_is_a_sentence_and_the_search_stays(open_page, run_id):
    app = open_page("knowledge_graph", run=run_id, node="item:rum")
    assert not app.exception
    assert "The knowledge graph has no" in app.error[0].value.replace("\\", "")
    assert app.text_input(key="knowledge_graph.search")


def test_a_filter_leaves_out_what_is_not_chosen(open_page, run_id):
    app = open_page("knowledge_graph", ("graph.files",), run=run_id, node="user:u00")
    app.multiselect(key="knowledge_graph.kinds").set_value(["item"]).run()
    assert set(app.dataframe[0].value["Relation"]) == {"Chose"}


def test_the_map_shows_its_main_axes_at_once_and_neighbours_together_when_they_are_drawn(open_page, run_id, workspace):
    app = open_page("knowledge_graph", run=run_id, graph="map")
    assert not app.exception
    assert "Main axes (PCA): 12 of 12 items; 24 of 24 users" in said(app)
    assert "is being drawn; until then, “Main axes” is shown" in said(app)
    for _ in range(1_200):
        if map_state(workspace, run_id) != "drawing":
            break
        time.sleep(0.1)
    app.run()
    assert "Neighbours together (t-SNE)" in said(app)
    assert "is being drawn" not in said(app)
    assert (workspace / "runs" / run_id / "map.safetensors").is_file()


def test_the_maps_layout_and_colour_follow_the_address(open_page, run_id):
    app = open_page("knowledge_graph", ("map.listed",), run=run_id, graph="map", layout="axes", colour="popularity")
    assert "Main axes (PCA)" in said(app)
    assert "is being drawn" not in said(app)
    assert app.dataframe[0].value["Colour"][app.dataframe[0].value["Type"] == "Item"].astype(int).gt(0).all()
    app.selectbox(key="_pick_colour").set_value("part").run()
    assert address(app)["colour"] == "part"
    assert (app.dataframe[0].value["Colour"] != "").any()


def test_a_map_that_could_not_be_drawn_is_told_and_can_be_tried_again(open_page, run_id, monkeypatch):
    begun = []
    monkeypatch.setattr("pages._ui.embedding_map.maps.map_state", lambda store, run: "failed")
    monkeypatch.setattr("pages._ui.embedding_map.maps.draw_map", lambda store, run: begun.append(run))
    app = open_page("knowledge_graph", run=run_id, graph="map")
    assert "could not be drawn" in app.warning[0].value
    assert begun == []
    next(button for button in app.button if button.label == "Try again").click().run()
    assert begun == [run_id]
