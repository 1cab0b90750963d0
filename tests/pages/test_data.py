from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import api
from tests.pages.conftest import Open, address, button, said
from tests.tiny_files import BEHAVIOUR, ITEMS


def upload(app: AppTest, behaviour: bytes, items: bytes | None = None) -> AppTest:
    """Choose files on the upload view."""
    app.segmented_control(key="_chosen_data_view").set_value("upload").run()
    app.file_uploader(key="upload.events").upload("behaviour.csv", behaviour)
    if items is not None:
        app.file_uploader(key="upload.items").upload("items.csv", items)
    return app.run()


def test_without_data_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("data")
    assert app.info[0].value.startswith("Take a sample")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]
    button(app, "Upload").click().run()
    assert len(app.file_uploader) == 3


def test_an_upload_is_imported_and_shown_with_what_was_cleaned(workspace: Path, open_page: Open) -> None:
    dirty = BEHAVIOUR + "u00,,2026-01-09T00:00:00\n"
    app = upload(open_page("data"), dirty.encode("utf-8-sig"), ITEMS.encode())
    button(app, "Import").click().run()
    (stored,) = api.list_tables(workspace)
    assert (stored.name, stored.n_users, stored.n_items, stored.n_events) == ("behaviour", 24, 12, 192)
    assert address(app)["data"] == stored.fingerprint
    assert [(metric.label, metric.value) for metric in app.metric][:3] == [
        ("Users", "24"),
        ("Items", "12"),
        ("Events", "192"),
    ]
    assert "192 of 193 rows of the behaviour file were kept, 1 dropped." in said(app).replace("\\", "")
    assert not app.exception


def test_columns_are_recognised_and_can_be_corrected(workspace: Path, open_page: Open) -> None:
    renamed = BEHAVIOUR.replace("user_id,item_id,time", "who,item_id,time")
    app = upload(open_page("data"), renamed.encode())
    chosen = {box.label: box.value for box in app.selectbox}
    assert (chosen["User (required)"], chosen["Item (required)"], chosen["Time"]) == (None, "item_id", "time")
    next(box for box in app.selectbox if box.label == "User (required)").set_value("who").run()
    button(app, "Import").click().run()
    assert api.list_tables(workspace)[0].n_users == 24


def test_a_missing_column_is_told_in_one_sentence_and_nothing_is_stored(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data"), BEHAVIOUR.replace("user_id", "who").encode())
    button(app, "Import").click().run()
    assert "behaviour.csv has no column for user_id" in app.error[0].value.replace("\\", "")
    assert not app.exception
    assert api.list_tables(workspace) == ()


def test_a_cleaning_rule_can_be_switched_off(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data"), (BEHAVIOUR + BEHAVIOUR.splitlines()[1] + "\n").encode())
    app.toggle(key="cleaning.drop_duplicates").set_value(False).run()
    button(app, "Import").click().run()
    assert api.list_tables(workspace)[0].n_events == 193


def test_a_setting_out_of_bounds_is_told_in_one_sentence(open_page: Open) -> None:
    app = upload(open_page("data"), BEHAVIOUR.encode())
    app.text_input(key="cleaning.rating_scale").set_value("low, high").run()
    button(app, "Import").click().run()
    assert "rating_scale" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"user_id,item_id,time\n", "no rows"), (b"%PDF-1.7 ...", "is a PDF document")],
)
def test_a_file_that_is_no_table_is_told_in_one_sentence(content: bytes, words: str, open_page: Open) -> None:
    app = upload(open_page("data"), content)
    if not app.error:
        button(app, "Import").click().run()
    assert words in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_a_sample_is_loaded_with_one_click(sample: None, workspace: Path, open_page: Open) -> None:
    app = open_page("data")
    app.segmented_control(key="_chosen_data_view").set_value("sample").run()
    button(app, "Load sample").click().run()
    assert address(app)["data"] == api.list_tables(workspace)[0].fingerprint
    assert "Train on this data" in [found.label for found in app.button]


def test_a_data_set_that_is_gone_is_told_in_one_sentence(sample: None, open_page: Open) -> None:
    app = open_page("data", data="0123456789abcdef")
    assert "There are no tables 0123456789abcdef" in app.error[0].value.replace("\\", "")
    assert not app.exception
