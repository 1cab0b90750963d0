"""Columns that tell who somebody is, by a few values of each kind."""

import io

import pyarrow as pa
import pytest

from metarec_core.config import CleaningConfig
from metarec_core.data.clean import read_tables
from metarec_core.data.privacy import personal_columns

CARDS = ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009", "6011000000000004", "3530111333300000"]


def kinds(table="events", **values):
    return {found.column: found.kind for found in personal_columns(pa.table(values), table)}


def upload(text, name="log.csv"):
    file = io.BytesIO(text.encode())
    file.name = name
    return file


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["ann@example.com", "bob.b@mail.example.org", ""], "email"),
        (["+49 30 1234567", "0049301234567", "+1 (555) 123-4567"], "phone"),
        (["555-123-4567", "(555) 123-4567", "555.123.4567"], "phone"),
        (["13912345678", "18612345678"], "phone"),
        (CARDS, "card"),
    ],
)
def test_a_column_is_known_by_its_values(values, kind):
    assert kinds(x=values) == {"x": kind}


@pytest.mark.parametrize(
    "values",
    [
        ["2024-01-01", "2024-01-02"],
        ["2024-01-01 10:00:00", "2024-01-02 11:00:00"],
        ["1700000000", "1700000001"],
        ["1700000000123", "1700000001456", "1700000002789", "1700000003000", "1700000004111", "1700000005222"],
        ["978-3-16-148410-0", "978-0-306-40615-7"],
        ["3.99", "12.50"],
        ["Red", "Ann Lee"],
        ["[1, 2, 3]", "[4, 5, 6]"],
        CARDS[:4],  # four might be chance
        [*CARDS[:4], "4111 1111 1111 1112"],
    ],
)
def test_dates_numbers_and_words_are_nothing_personal(values):
    assert kinds(x=values) == {}


def test_some_columns_are_known_by_their_name_alone():
    assert kinds(phone=["12345678", "23456789"]) == {"phone": "phone"}
    assert kinds(手机=["8123 4567", "9123 4567"]) == {"手机": "phone"}
    assert kinds(**{"E-Mail": ["hidden", "hidden"]}) == {"E-Mail": "email"}
    assert kinds(姓名=["张三", "李四"], First_Name=["Ann", "Bob"]) == {"姓名": "name", "First_Name": "name"}


def test_a_name_is_a_persons_in_user_files_and_a_title_in_item_files():
    assert kinds("users", name=["Ann", "Bob"]) == {"name": "name"}
    assert kinds("items", name=["Tent", "Stove"]) == {}


def test_long_values_are_free_text():
    assert kinds(comment=["a rather long remark that someone wrote about something"]) == {"comment": "text"}


LOG = """user_id,item_id,device,email
ann,tea,phone,ann@example.com
bob,jam,desk,bob@example.com
,jam,desk,cat@example.com
"""
USERS = "user_id,phone,age\nann,+49 30 1234567,30\nbob,+49 30 7654321,40\n"


def test_personal_columns_are_left_out_of_tables_and_of_the_rows_that_are_shown():
    tables = read_tables(upload(LOG), users=upload(USERS, "users.csv"))
    assert list(tables.users.columns) == ["user_id", "age", "row"]
    assert tables.report.affected["text"].tolist() == [",jam,desk,[left out]"]
    reasons = [step.reason for step in tables.report.steps if step.rule == "left_out"]
    assert reasons == [
        "Column 'email' looks like e-mail addresses (100% of a sample): left out.",
        "Column 'phone' looks like phone numbers (100% of a sample): left out.",
    ]
    assert tables.report.ignored["users"] == ("phone",)


def test_personal_columns_are_kept_when_wanted_all_or_one_by_one():
    def columns(cleaning):
        return list(read_tables(upload(LOG), users=upload(USERS), cleaning=cleaning).users.columns)

    assert columns(CleaningConfig(leave_out_personal=False)) == ["user_id", "phone", "age", "row"]
    assert columns(CleaningConfig(keep_columns=("phone",))) == ["user_id", "phone", "age", "row"]


def test_ragged_rows_do_not_carry_personal_cells_either():
    tables = read_tables(upload(LOG + "dan,tea,phone,dan@example.com,more\n"))
    assert tables.report.affected.query("rule == 'ragged'")["text"].tolist() == ["[left out]"]


def test_ids_that_look_personal_stay_and_are_remarked():
    tables = read_tables(upload("user_id,item_id\nann@example.com,tea\nbob@example.com,jam\n"))
    assert tables.events["user_id"].tolist() == ["ann@example.com", "bob@example.com"]
    (remark,) = (step for step in tables.report.steps if step.rule == "personal_id")
    assert remark.reason == (
        "Column 'user_id' looks like e-mail addresses (100% of a sample), and IDs cannot be left out: "
        "replace them by pseudonyms."
    )


def test_free_text_is_left_out_only_when_asked_for_and_titles_stay():
    items = "item_id,title,description\ntea,Green tea,short\njam,Jam,words\n"
    kept = read_tables(upload(LOG), upload(items, "items.csv"))
    assert "description" in kept.items
    without = read_tables(upload(LOG), upload(items, "items.csv"), cleaning=CleaningConfig(leave_out_text=True))
    assert list(without.items.columns) == ["item_id", "title", "row"]
