from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import api
from tests.pages.conftest import Open, address, button, said
from tests.tiny_files import BEHAVIOUR, ITEMS


def upload(app: AppTest, behaviour: bytes, items: bytes | None = None) -> AppTest:
    """Choose files on the upload view."""
    app.segmented_control(key="_pick_view").set_value("upload").run()
    app.file_uploader(key="upload.events").upload("behaviour.csv", behaviour)
    if items is not None:
        app.file_uploader(key="upload.items").upload("items.csv", items)
    return app.run()


def at_tab(app: AppTest, tab: str) -> AppTest:
    """The page of a data set with a tab open."""
    app.query_params["tab"] = tab
    return app.run()


def test_without_data_there_are_two_ways_to_begin(open_page: Open) -> None:
    app = open_page("data")
    assert app.info[0].value.startswith("Load a sample")
    assert [found.label for found in app.button] == ["Load sample", "Upload"]
    button(app, "Upload").click().run()
    assert len(app.file_uploader) == 6


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
    at_tab(app, "cleaned")
    assert "192 of 193 rows of the behaviour file were kept, 1 dropped." in said(app).replace("\\", "")
    assert not app.exception


def test_columns_are_recognised_and_can_be_corrected(workspace: Path, open_page: Open) -> None:
    renamed = BEHAVIOUR.replace("user_id,item_id,time", "who,item_id,time")
    app = upload(open_page("data"), renamed.encode())
    chosen = {box.label: box.value for box in app.selectbox}
    assert (chosen["User (required)"], chosen["Item (required)"], chosen["Time"]) == ("who", "item_id", "time")
    assert [caption.value for caption in app.caption if "sure" in caption.value] == ["60% sure", "99% sure", "99% sure"]
    button(app, "Import").click().run()
    assert api.list_tables(workspace)[0].n_users == 24


def test_a_missing_column_is_told_in_one_sentence_and_nothing_is_stored(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data"), BEHAVIOUR.replace("user_id", "who").replace("\nu", "\nsome words u").encode())
    button(app, "Import").click().run()
    assert "behaviour.csv has no column for user_id" in app.error[0].value.replace("\\", "")
    assert not app.exception
    assert api.list_tables(workspace) == ()


def test_a_cleaning_rule_can_be_switched_off(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data", ("cleaning.rules",)), (BEHAVIOUR + BEHAVIOUR.splitlines()[1] + "\n").encode())
    app.toggle(key="cleaning.drop_duplicates").set_value(False).run()
    button(app, "Import").click().run()
    assert api.list_tables(workspace)[0].n_events == 193


def test_a_setting_out_of_bounds_is_told_in_one_sentence(open_page: Open) -> None:
    app = upload(open_page("data", ("cleaning.rules",)), BEHAVIOUR.encode())
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
    app.segmented_control(key="_pick_view").set_value("sample").run()
    button(app, "Load sample").click().run()
    assert address(app)["data"] == api.list_tables(workspace)[0].fingerprint
    assert "Train on this data" in [found.label for found in app.button]


def test_a_data_set_that_is_gone_is_told_in_one_sentence(sample: None, open_page: Open) -> None:
    app = open_page("data", data="0123456789abcdef")
    assert "There is no data set 0123456789abcdef" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_what_was_corrected_is_offered_again_for_a_file_with_the_same_columns(workspace: Path, open_page: Open) -> None:
    odd = BEHAVIOUR.replace("user_id,item_id,time", "item,user,when").encode()
    app = upload(open_page("data"), odd)
    for label, column in (("User (required)", "item"), ("Item (required)", "user")):
        next(box for box in app.selectbox if box.label == label).set_value(column)
    button(app.run(), "Import").click().run()
    assert api.list_tables(workspace)[0].n_users == 24
    app = upload(open_page("data"), odd + b"u00,i00,2026-02-01T00:00:00\n")
    chosen = {box.label: box.value for box in app.selectbox}
    assert (chosen["User (required)"], chosen["Item (required)"], chosen["Time"]) == ("item", "user", "when")
    assert "100% sure" in said(app)


def test_an_encoding_can_be_chosen_and_the_rows_follow(open_page: Open) -> None:
    app = upload(open_page("data"), "user_id;item_id\n张三;红茶\n李四;绿茶\n".encode("gb18030"))
    assert "Read as gb18030, separated by semicolon." in said(app).replace("\\", "")
    assert app.dataframe[0].value["user_id"].tolist() == ["张三", "李四"]
    next(box for box in app.selectbox if box.label == "Encoding").set_value("utf-8").run()
    assert "is not in utf-8" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_users_and_vectors_come_along(workspace: Path, open_page: Open) -> None:
    app = open_page("data")
    app.segmented_control(key="_pick_view").set_value("upload").run()
    app.file_uploader(key="upload.events").upload("behaviour.csv", BEHAVIOUR.encode())
    app.file_uploader(key="upload.users").upload("users.csv", b"user_id,age\nu00,24\n")
    app.file_uploader(key="upload.vectors").upload("image.csv", b"item_id,x,y\ni00,1,2\n")
    button(app.run(), "Import").click().run()
    tables = api.open_tables(workspace, api.list_tables(workspace)[0].fingerprint)
    assert tables.users["age"].tolist() == ["24"]
    assert tables.vectors["image"][0].tolist() == [1.0, 2.0]
    assert not app.exception


def test_a_public_data_set_is_taken_as_it_is(workspace: Path, open_page: Open) -> None:
    app = open_page("data")
    app.segmented_control(key="_pick_view").set_value("upload").run()
    app.file_uploader(key="upload.layout").upload("u.data", b"1\t7\t3\t881250949\n2\t8\t4\t881250950\n")
    assert "This is MovieLens 100K" in said(app.run())
    button(app, "Import").click().run()
    assert api.list_tables(workspace)[0].n_events == 2


NOTE = "a remark that is long enough to be the free text of some person"
PERSONAL = "user_id,item_id,time,mail,note\n" + "".join(
    f"{line},ann@example.com,{NOTE}\n" for line in BEHAVIOUR.splitlines()[1:]
)


def test_personal_columns_are_flagged_before_anything_is_stored_and_left_out_unless_wanted(
    workspace: Path, open_page: Open
) -> None:
    app = upload(open_page("data"), PERSONAL.encode())
    assert "Column 'mail' looks like e-mail addresses (100% of a sample)" in app.warning[0].value.replace("\\", "")
    assert not api.list_tables(workspace)
    assert list(app.multiselect(key="privacy.columns").options) == ["mail", "note"]
    button(app, "Import").click().run()
    (left_out,) = api.list_tables(workspace)
    at_tab(app, "privacy")
    assert ": left out" in said(app).replace("\\", "")
    at_tab(app, "cleaned")
    assert "The files were not kept, because they contain columns that were left out." in said(app).replace("\\", "")
    assert api.original_rules(workspace, left_out.fingerprint) is None


def test_ids_are_replaced_before_storing_and_the_key_can_be_downloaded(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data"), BEHAVIOUR.encode())
    app.selectbox(key="privacy.ids").set_value("users").run()
    assert app.toggle(key="privacy.keep").disabled
    button(app, "Import").click().run()
    (stored,) = api.list_tables(workspace)
    assert not any(user.startswith("u") and len(user) == 3 for user in _users(workspace, stored.fingerprint))
    at_tab(app, "privacy")
    assert "anyone with the key and the original file can tell which hash is whose" in said(app)
    assert [found.label for found in app.get("download_button")][-1] == "Download the key"


def _users(workspace: Path, fingerprint: str) -> set[str]:
    return set(api.open_tables(workspace, fingerprint).events["user_id"])


def test_kept_files_are_cleaned_again_by_other_rules_without_another_upload(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data"), (BEHAVIOUR + BEHAVIOUR.splitlines()[1] + "\n").encode())
    button(app, "Import").click().run()
    first = api.list_tables(workspace)[0]
    at_tab(app, "cleaned")
    app.session_state["again.rules"] = True
    app.run()
    button(app, "Clean again").click().run()
    assert "These rules affect the same rows: nothing changed." in said(app)
    app.toggle(key=f"again.{first.fingerprint}.drop_duplicates").set_value(False).run()
    button(app, "Clean again").click().run()
    assert not app.exception
    assert address(app)["data"] != first.fingerprint
    assert sorted(tables.n_events for tables in api.list_tables(workspace)) == [192, 193]


def test_files_are_not_kept_when_nobody_wants_it(workspace: Path, open_page: Open) -> None:
    app = upload(open_page("data"), BEHAVIOUR.encode())
    app.toggle(key="privacy.keep").set_value(False).run()
    button(app, "Import").click().run()
    at_tab(app, "cleaned")
    assert "The files were not kept with this data. To clean them with different rules, import them again" in said(
        app
    ).replace("\\", "")


def test_files_whose_ids_hardly_meet_are_told(open_page: Open) -> None:
    app = open_page("data")
    app.segmented_control(key="_pick_view").set_value("upload").run()
    app.file_uploader(key="upload.events").upload("behaviour.csv", BEHAVIOUR.encode())
    app.file_uploader(key="upload.items").upload("items.csv", ITEMS.replace("i0", "item 0").encode())
    app.file_uploader(key="upload.facts").upload(
        "facts.csv", b"item_id,relation,entity\ni00,by,Acme\n0,by,Acme\n1,by,Acme\n"
    )
    app.file_uploader(key="upload.users").upload("users.csv", b"user_id,age\nu00,24\n0,30\n")
    button(app.run(), "Import").click().run()
    assert [warning.value.replace("\\", "") for warning in app.warning] == [
        "10 of 12 items with events are not in the item file: check that both files write IDs the same way.",
        "2 of 3 facts are about IDs that are not items. Facts about other entities are fine, but these are most of them: "
        "check that both files write IDs the same way.",
        "23 of 24 users with events are not in the user file: check that both files write IDs the same way.",
    ]
    assert not app.exception
