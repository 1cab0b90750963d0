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
    assert all(way.endswith("Title 11") for way in table["Way from the past item"])


def test_a_node_that_is_not_there_is_a_sentence_and_the_search_stays(open_page, run_id):
    app = open_page("knowledge_graph", run=run_id, node="item:rum")
    assert not app.exception
    assert "The knowledge graph has no" in app.error[0].value.replace("\\", "")
    assert app.text_input(key="knowledge_graph.search")


def test_a_filter_leaves_out_what_is_not_chosen(open_page, run_id):
    app = open_page("knowledge_graph", run=run_id, node="user:u00")
    app.multiselect(key="knowledge_graph.kinds").set_value(["item"]).run()
    assert set(app.dataframe[0].value["Relation"]) == {"Chose"}
