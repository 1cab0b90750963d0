import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metarec_core.config import CleaningConfig
from metarec_core.data.clean import read_tables
from metarec_core.data.tables import Tables
from metarec_core.errors import DataError

LOG = """user_id,item_id,time,rating,device
ann,tea,2024-01-01 10:00:00,5,phone
bob,milk,2024-01-01 11:00:00,4,desk
ann,milk,2024-01-02 10:00:00,3,
"""
ITEMS = """item_id,title,kind
tea,Green tea,hot|leaf
jam,,sweet
"""
FACTS = """item_id,relation,entity
tea,grows_in,Assam
"""


def upload(text: str | bytes, name: str = "log.csv") -> io.BytesIO:
    file = io.BytesIO(text.encode() if isinstance(text, str) else text)
    file.name = name
    return file


def read(log: str, items: str | None = None, facts: str | None = None, **options) -> Tables:
    return read_tables(
        upload(log),
        upload(items, "items.csv") if items else None,
        upload(facts, "facts.csv") if facts else None,
        **options,
    )


def touched(tables: Tables) -> dict[str, int]:
    """Rows by rule, "kept" remarks left out."""
    return {step.rule: step.rows for step in tables.report.steps if step.action != "kept"}


def rows(tables: Tables, rule: str) -> list[tuple[int, str]]:
    affected = tables.report.affected
    affected = affected[affected["rule"] == rule]
    return list(zip(affected["row"], affected["text"], strict=True))


def assert_adds_up(tables: Tables) -> None:
    report = tables.report
    for table, kept in report.rows_kept.items():
        change = {"dropped": -1, "added": 1, "coerced": 0, "kept": 0}
        changes = sum(change[step.action] * step.rows for step in report.steps if step.table == table)
        assert kept == report.rows_read.get(table, 0) + changes


def test_clean_files_become_tables_with_canonical_columns():
    tables = read(LOG, ITEMS, FACTS)
    assert tables.name == "log"
    assert tables.events.drop(columns="time").to_dict("list") == {
        "user_id": ["ann", "bob", "ann"],
        "item_id": ["tea", "milk", "milk"],
        "rating": [5.0, 4.0, 3.0],
        "context_device": ["phone", "desk", ""],
        "row": [2, 3, 4],
    }
    assert tables.events["time"].tolist() == [
        pd.Timestamp("2024-01-01 10:00", tz="UTC"),
        pd.Timestamp("2024-01-01 11:00", tz="UTC"),
        pd.Timestamp("2024-01-02 10:00", tz="UTC"),
    ]
    assert tables.items.to_dict("list") == {
        "item_id": ["tea", "jam", "milk"],
        "title": ["Green tea", "jam", "milk"],
        "kind": ["hot|leaf", "sweet", ""],
        "row": [2, 3, 0],
    }
    assert tables.facts is not None
    assert tables.facts.to_dict("list") == {
        "item_id": ["tea"],
        "relation": ["grows_in"],
        "entity": ["Assam"],
        "row": [2],
    }
    assert touched(tables) == {"missing_title": 1, "unlisted_item": 1}
    assert_adds_up(tables)


def test_the_types_are_those_that_tables_promise():
    tables = read(LOG, ITEMS)
    assert tables.events.dtypes.astype(str).to_dict() == {
        "user_id": "str",
        "item_id": "str",
        "time": "datetime64[us, UTC]",
        "rating": "float64",
        "context_device": "str",
        "row": "int64",
    }
    assert set(tables.items.drop(columns="row").dtypes.astype(str)) == {"str"}


def test_without_an_item_file_the_items_are_those_of_the_events():
    tables = read(LOG)
    assert tables.items.to_dict("list") == {"item_id": ["tea", "milk"], "title": ["tea", "milk"], "row": [0, 0]}
    assert tables.report.rows_read == {"events": 3}
    assert tables.facts is None
    assert_adds_up(tables)


def test_the_same_files_give_the_same_tables_whatever_they_are_called():
    first, again = read(LOG, ITEMS, FACTS), read(LOG, ITEMS, FACTS, name="other")
    assert again.name == "other"
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != read(LOG, ITEMS).fingerprint


def test_ids_keep_their_zeros_and_lose_a_decimal_point_that_a_number_column_left():
    tables = read("user_id,item_id\n1.0,001\n2.0,002\n,003\n3,001\n")
    assert tables.events["user_id"].tolist() == ["1", "2", "3"]
    assert tables.events["item_id"].tolist() == ["001", "002", "001"]
    assert touched(tables) == {"decimal_user_id": 2, "missing_id": 1, "unlisted_item": 2}


def test_ids_that_are_versions_stay_as_they_are():
    assert read("user_id,item_id\nu,1.0\nv,1.10\n").events["item_id"].tolist() == ["1.0", "1.10"]


def test_rows_without_user_or_item_are_dropped_and_shown():
    tables = read("user_id,item_id\nann,tea\n,tea\nbob,nan\nbob, \ncat,milk\n")
    assert rows(tables, "missing_id") == [(3, ",tea"), (4, "bob,nan"), (5, "bob, ")]
    assert tables.events["user_id"].tolist() == ["ann", "cat"]
    assert_adds_up(tables)


def test_ragged_rows_are_dropped_and_shown():
    tables = read("user_id,item_id\nann,tea\nann,tea,milk\nbob,milk\n")
    assert rows(tables, "ragged") == [(3, "ann,tea,milk")]
    assert tables.report.rows_read == {"events": 3}
    assert tables.events["row"].tolist() == [2, 4]
    assert_adds_up(tables)


def test_an_unclosed_quotation_mark_is_mended_and_shown():
    tables = read('user_id,item_id\nann,"tea\nbob,milk\ncat,jam\n')
    assert tables.events["item_id"].tolist() == ["tea", "milk", "jam"]
    assert rows(tables, "unclosed_quote") == [(2, "")]


def test_rows_without_a_usable_time_are_dropped_each_under_its_reason():
    tables = read(
        "user_id,item_id,time\nann,tea,2024-01-01\nann,tea,\nann,tea,soon\nann,tea,1970-01-01\nann,tea,2999-01-01\n"
        "bob,jam,2024-01-02\n"
    )
    assert touched(tables) == {"missing_time": 1, "unparsable_time": 1, "impossible_time": 2, "unlisted_item": 2}
    assert rows(tables, "impossible_time") == [(5, "ann,tea,1970-01-01"), (6, "ann,tea,2999-01-01")]
    assert_adds_up(tables)


def test_impossible_times_can_be_let_in():
    log = "user_id,item_id,time\nann,tea,1980-01-01\nbob,jam,2024-01-02\n"
    assert len(read(log, cleaning=CleaningConfig(drop_impossible_times=False)).events) == 2


def test_without_a_time_column_the_rows_are_the_order_and_repeats_are_no_duplicates():
    tables = read("user_id,item_id\nann,tea\nann,tea\nbob,milk\n")
    assert not tables.has_clock_times
    assert tables.events["time"].tolist() == [2, 3, 4]
    assert [step.rule for step in tables.report.steps] == ["row_order", "unlisted_item"]


def test_small_integer_times_are_an_order():
    tables = read("user_id,item_id,timestamp\nann,tea,7\nbob,milk,0\n")
    assert not tables.has_clock_times
    assert tables.events["time"].tolist() == [7, 0]


def test_a_row_that_repeats_user_item_and_time_is_dropped_once():
    log = "user_id,item_id,time\nann,tea,5\nbob,tea,5\nann,tea,6\nann,tea,5\nann,milk,5\n"
    tables = read(log)
    assert rows(tables, "duplicate") == [(5, "ann,tea,5")]
    assert tables.events["row"].tolist() == [2, 3, 4, 6]
    assert len(read(log, cleaning=CleaningConfig(drop_duplicates=False)).events) == 5
    assert_adds_up(tables)


def test_a_rating_that_is_no_number_is_emptied_and_the_event_kept():
    tables = read('user_id,item_id,rating\nann,tea,good\nann,milk,\nbob,tea,"3,5"\nbob,jam,inf\n')
    np.testing.assert_array_equal(tables.events["rating"], [np.nan, np.nan, 3.5, np.nan])
    assert rows(tables, "unparsable_rating") == [(2, "ann,tea,good"), (5, "bob,jam,inf")]
    assert_adds_up(tables)


def test_ratings_outside_the_given_scale_are_dropped():
    log = "user_id,item_id,rating\nann,tea,0\nann,milk,1\nbob,tea,5\nbob,jam,6\n"
    tables = read(log, cleaning=CleaningConfig(rating_scale=(1, 5)))
    assert rows(tables, "impossible_rating") == [(2, "ann,tea,0"), (5, "bob,jam,6")]


def test_without_a_given_scale_only_slips_are_dropped_and_rare_ratings_stay():
    ratings = [5] * 300 + [1, 0, 2, -1, 99]
    log = "user_id,item_id,rating\n" + "".join(f"u{n},i{n},{rating}\n" for n, rating in enumerate(ratings))
    tables = read(log)
    assert rows(tables, "impossible_rating") == [(305, "u303,i303,-1"), (306, "u304,i304,99")]


def test_ratings_around_zero_are_a_scale_too():
    log = "user_id,item_id,rating\nann,tea,-10\nann,milk,0\nbob,tea,10\n"
    assert read(log).events["rating"].tolist() == [-10.0, 0.0, 10.0]


def test_a_rating_column_without_any_number_is_ignored():
    tables = read("user_id,item_id,rating\nann,tea,good\nbob,milk,bad\n")
    assert "rating" not in tables.events
    assert tables.report.ignored["events"] == ("rating",)


def test_weights_that_cannot_weigh_are_emptied():
    tables = read("user_id,item_id,count\nann,tea,2\nann,milk,0\nbob,tea,-3\nbob,jam,x\n")
    np.testing.assert_array_equal(tables.events["weight"], [2.0, np.nan, np.nan, np.nan])
    assert rows(tables, "impossible_weight") == [(3, "ann,milk,0"), (4, "bob,tea,-3")]
    assert rows(tables, "unparsable_weight") == [(5, "bob,jam,x")]


def test_a_weight_column_without_any_weight_is_ignored():
    tables = read("user_id,item_id,count\nann,tea,0\nbob,milk,0\n")
    assert "weight" not in tables.events
    assert tables.report.ignored["events"] == ("count",)


def test_an_offer_that_was_not_chosen_is_no_event():
    log = "user_id,item_id,meta_data,label\nann,tea,x,1\nann,milk,x,0\nbob,milk,y,1\n"
    tables = read(log)
    assert rows(tables, "negative_label") == [(3, "ann,milk,x,0")]
    assert tables.events["context_meta_data"].tolist() == ["x", "y"]
    assert "label" not in tables.events
    kept = read(log, cleaning=CleaningConfig(drop_negative_labels=False))
    assert len(kept.events) == 3
    assert kept.report.ignored["events"] == ("label",)


def test_a_label_that_says_anything_else_is_ignored():
    tables = read("user_id,item_id,label\nann,tea,good\nbob,milk,0\n")
    assert len(tables.events) == 2
    assert tables.report.ignored["events"] == ("label",)


def test_a_user_with_too_many_events_on_one_day_is_a_bot_and_goes_altogether():
    log = "user_id,item_id,time\n" + "".join(
        f"{user},{item},2024-01-{day:02} 10:00:00\n"
        for user, item, day in [
            *[("bot", "tea", 1), ("bot", "milk", 1), ("bot", "jam", 1), ("bot", "tea", 5)],
            *[("ann", "tea", 1), ("ann", "milk", 2), ("ann", "jam", 3), ("bob", "tea", 1), ("bob", "milk", 1)],
        ]
    )
    tables = read(log, cleaning=CleaningConfig(max_events_per_day=2))
    assert [row for row, _ in rows(tables, "bot")] == [2, 3, 4, 5]
    assert set(tables.events["user_id"]) == {"ann", "bob"}
    assert_adds_up(tables)


def test_a_context_with_a_value_of_its_own_for_each_event_is_ignored(monkeypatch):
    monkeypatch.setattr("metarec_core.data.clean.MAX_CONTEXT_VALUES", 2)
    log = "user_id,item_id,device,scene\nann,tea,a,x\nbob,milk,b,y\nbob,tea,c,x\n"
    tables = read(log)
    assert tables.context_names == ("scene",)
    assert tables.report.ignored["events"] == ("device",)


def test_an_item_that_comes_twice_keeps_its_first_row():
    tables = read(LOG, "item_id,title\ntea,Green\ntea,Black\n,Nothing\nmilk,Milk\n")
    assert tables.items["title"].tolist() == ["Green", "Milk"]
    assert rows(tables, "duplicate") == [(3, "tea,Black")]
    assert rows(tables, "missing_id") == [(4, ",Nothing")]
    assert_adds_up(tables)


def test_facts_about_unknown_things_stay_and_repeated_or_empty_ones_go():
    tables = read(LOG, ITEMS, "item_id,relation,entity\ntea,in,Assam\nAssam,in,India\ntea,in,Assam\ntea,in,\n")
    assert tables.facts is not None
    assert tables.facts["row"].tolist() == [2, 3]
    assert [(step.rule, step.rows) for step in tables.report.steps if step.table == "facts"] == [
        ("missing_id", 1),
        ("duplicate", 1),
        ("unknown_item", 1),
    ]
    assert_adds_up(tables)


def test_a_mapping_overrides_what_the_names_suggest():
    tables = read(
        "user_id,buyer,sku\nx,ann,tea\ny,bob,milk\n",
        "sku,title,label\ntea,T,Green tea\n",
        mapping={"user_id": "buyer", "items.title": "label"},
    )
    assert tables.events["user_id"].tolist() == ["ann", "bob"]
    assert tables.items["title"].tolist() == ["Green tea", "milk"]
    assert tables.report.matched["events"] == {"user_id": "buyer", "item_id": "sku"}
    assert tables.report.ignored == {"events": ("user_id",), "items": ("title",)}


def test_a_mapping_of_an_unknown_table_is_refused():
    with pytest.raises(
        DataError, match=r"Column 'shops\.age' cannot be set: write column, items\.column, facts\.column or users"
    ):
        read(LOG, mapping={"shops.age": "age"})


def test_one_error_names_every_blocking_problem():
    with pytest.raises(DataError) as error:
        read("who,item_id\nann,tea\n", "title\nTea\n", "item_id,relation,entity\n")
    assert str(error.value) == (
        "log.csv has no column for user_id: it has item_id, who; rename or map columns. "
        "items.csv has no column for item_id: it has title; rename or map columns. "
        "facts.csv has a header but no rows: export it again with its data."
    )


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("user_id,item_id,when\nann,tea,x\nbob,tea,x\n", "After cleaning, log.csv has only one item"),
        ("user_id,item_id\nann,tea\nann,milk\n", "After cleaning, log.csv has only one user"),
        (
            "user_id,item_id,date\nann,tea,soon\nbob,jam,late\n",
            "No value in column 'date' of log.csv can be read as a time",
        ),
        ("user_id,item_id,date\nann,tea,\nbob,jam,\n", "No value in column 'date' of log.csv can be read as a time"),
        (
            "user_id,item_id\nann,\n,jam\n",
            r"Cleaning left no row of log.csv \(2 × rows without a user or an item\): check the columns",
        ),
        (
            "user_id,item_id,time\nann,tea,1700000000\nbob,jam,1700000000\n".replace("17", "1"),
            "Cleaning left no row of log.csv",
        ),
    ],
)
def test_a_log_that_no_recommender_can_learn_from_is_refused_in_one_sentence(log, message):
    with pytest.raises(DataError, match=message):
        read(log)


def attempt(content: bytes, cleaning: CleaningConfig | None = None) -> Tables | str:
    """Tables, or the sentence that says why not; any other exception fails the test."""
    try:
        return read_tables(upload(content), cleaning=cleaning or CleaningConfig())
    except DataError as error:
        return str(error)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(LOG) - 1), st.binary(max_size=3)), max_size=12))
def test_damaged_bytes_give_tables_that_add_up_or_a_sentence(damages):
    content = bytearray(LOG.encode())
    for position, bytes_ in damages:
        content[position : position + 1] = bytes_
    result = attempt(bytes(content))
    if isinstance(result, Tables):
        assert_adds_up(result)
    else:
        assert result.endswith(".")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='ab1,;|"\n\r\t -.:', max_size=60))
def test_any_rows_under_a_good_header_give_tables_that_add_up_or_a_sentence(body):
    result = attempt(f"user_id,item_id\nann,tea\nbob,milk\n{body}".encode())
    if isinstance(result, Tables):
        assert_adds_up(result)
        assert (result.events["row"] > 1).all()
    else:
        assert result.endswith(".")


def test_users_are_read_like_items_and_ids_that_do_not_meet_are_counted():
    users = upload("UserId,Age,Likes\n001,24,a|b\n,30,\n001,25,c\ncat,,\n", "users.csv")
    log = upload("user_id,item_id\n001,tea\nbob,jam\n", "log.csv")
    tables = read_tables(log, users=users)
    assert tables.users.to_dict("list") == {
        "user_id": ["001", "cat"],
        "age": ["24", ""],
        "likes": ["a|b", ""],
        "row": [2, 5],
    }
    assert tables.user_attribute_names == ("age", "likes")
    assert (tables.report.rows_read["users"], tables.report.rows_kept["users"]) == (4, 2)
    assert [(s.rule, s.action, s.rows) for s in tables.report.steps if s.table == "users"] == [
        ("missing_id", "dropped", 1),
        ("duplicate", "dropped", 1),
        ("unknown_user", "kept", 1),
        ("unlisted_user", "kept", 1),
    ]


def test_test_accounts_go_by_a_pattern_of_the_whole_id():
    log = "user_id,item_id\nann,tea\nTest7,tea\ntester,jam\nbob,jam\ndemo,jam\n"
    tables = read(log, cleaning=CleaningConfig(test_accounts=r"test\d*|demo"))
    assert rows(tables, "test_account") == [(3, "Test7,tea"), (6, "demo,jam")]
    with pytest.raises(DataError, match=r"The pattern of test accounts '\(' is not a regular expression"):
        read(log, cleaning=CleaningConfig(test_accounts="("))


def test_days_before_and_after_a_period_go():
    log = "user_id,item_id,time\n" + "".join(
        f"{user},{item},2024-01-0{day} 23:59:59\n" for user, item, day in [("a", "x", 1), ("a", "y", 2), ("b", "x", 3)]
    )
    tables = read(log + "b,y,2024-01-04\n", cleaning=CleaningConfig(first_day="2024-01-02", last_day="2024-01-03"))
    assert rows(tables, "too_early") == [(2, "a,x,2024-01-01 23:59:59")]
    assert rows(tables, "too_late") == [(5, "b,y,2024-01-04")]


def test_a_rating_below_what_counts_as_liked_is_no_event_and_one_without_a_rating_stays():
    log = "user_id,item_id,rating\nann,tea,4\nann,jam,3.5\nbob,tea,\nbob,jam,5\n"
    tables = read(log, cleaning=CleaningConfig(min_rating=4))
    assert rows(tables, "low_rating") == [(3, "ann,jam,3.5")]
    assert len(tables.events) == 3


def test_labels_other_than_yes_and_no_can_have_a_threshold():
    log = "user_id,item_id,label\nann,tea,0.9\nann,jam,0.2\nbob,tea,0.7\nbob,jam,\n"
    tables = read(log, cleaning=CleaningConfig(min_label=0.5))
    assert rows(tables, "low_label") == [(3, "ann,jam,0.2")]


def test_a_double_click_is_one_event_unless_the_rule_is_off():
    log = "user_id,item_id,time\n" + "".join(
        f"ann,{item},2024-01-01 10:00:0{second}\n" for item, second in [("tea", 0), ("tea", 1), ("tea", 3)]
    )
    log += "bob,jam,2024-01-01 10:00:00\n"
    assert rows(read(log), "near_duplicate") == [(3, "ann,tea,2024-01-01 10:00:01")]
    assert len(read(log, cleaning=CleaningConfig(repeat_window_s=0)).events) == 4


def test_robots_and_bursts_are_taken_only_when_asked_for():
    start = pd.Timestamp("2024-01-01")
    log = "user_id,item_id,time\n" + "".join(
        [f"clock,i{n % 7},{start + pd.Timedelta(minutes=n)}\n" for n in range(60)]
        + [f"ann,i{n},{start + pd.Timedelta(seconds=n)}\n" for n in range(5)]
        + [f"{user},i{n},{start + pd.Timedelta(hours=n)}\n" for user in ("bob", "cat") for n in range(3)]
    )
    assert "regular_bot" not in touched(read(log))
    tables = read(log, cleaning=CleaningConfig(drop_regular=True, max_events_per_minute=4))
    assert touched(tables) == {"regular_bot": 60, "burst": 5, "unlisted_item": 3}
    assert_adds_up(tables)


def test_users_and_items_with_too_few_rows_go_in_turn():
    log = "user_id,item_id\nann,tea\nann,jam\nbob,tea\nbob,jam\ncat,jam\ndan,rum\ndan,tea\n"
    tables = read(log, cleaning=CleaningConfig(min_user_events=2, min_item_events=2))
    assert rows(tables, "too_few") == [(6, "cat,jam"), (7, "dan,rum"), (8, "dan,tea")]


def test_every_dropped_row_is_kept_with_its_text_however_many():
    log = "user_id,item_id\n" + 'ann,"a ""tea"", hot"\nbob,jam\n' + ',"x, y"\n' * 3_000
    tables = read(log)
    assert rows(tables, "missing_id") == [(n, ',"x, y"') for n in range(4, 3_004)]


def test_cleaning_again_with_a_rule_off_gives_a_second_set_of_tables():
    log = LOG + LOG.splitlines()[1] + "\n"
    assert read(log).fingerprint != read(log, cleaning=CleaningConfig(drop_duplicates=False)).fingerprint


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "test1", ""]),
        st.sampled_from(["tea", "jam", "rum", ""]),
        st.sampled_from([1_700_000_000, 1_700_000_001, 1_700_000_050, 1_700_100_000, 5, ""]),
        st.sampled_from([1, 3, 5, 99, "x", ""]),
        st.sampled_from([0, 1]),
    ),
    max_size=30,
)
RULES = st.fixed_dictionaries(
    {
        "test_accounts": st.sampled_from(["", r"test.*"]),
        "drop_impossible_times": st.booleans(),
        "first_day": st.sampled_from([None, "2023-11-15"]),
        "last_day": st.sampled_from([None, "2023-11-15"]),
        "drop_negative_labels": st.booleans(),
        "rating_scale": st.sampled_from([None, (1, 5)]),
        "min_rating": st.sampled_from([None, 3]),
        "drop_duplicates": st.booleans(),
        "repeat_window_s": st.sampled_from([0, 1, 60]),
        "max_events_per_day": st.sampled_from([None, 3]),
        "drop_regular": st.booleans(),
        "max_events_per_minute": st.sampled_from([None, 2]),
        "min_user_events": st.integers(1, 3),
        "min_item_events": st.integers(1, 3),
    }
)


@settings(max_examples=100, deadline=None)
@given(ROWS, RULES)
def test_whatever_the_rules_the_counts_add_up_and_every_row_is_accounted_for(body, chosen):
    log = "user_id,item_id,timestamp,rating,label\n" + "".join(",".join(map(str, row)) + "\n" for row in body)
    log += "u1,tea,1700000000,5,1\nu2,jam,1700200000,5,1\n"
    tables = attempt(log.encode(), CleaningConfig(**chosen))
    if isinstance(tables, str):
        return
    assert_adds_up(tables)
    affected = tables.report.affected
    dropped = {step.rule for step in tables.report.steps if step.action == "dropped"}
    lines = [*affected[affected["rule"].isin(dropped)]["row"], *tables.events["row"]]
    assert sorted(lines) == list(range(2, len(body) + 4))
