import pandas as pd

from metarec_core.text.template import DESCRIPTION_WORDS, item_texts


def items(**columns):
    frame = pd.DataFrame(columns)
    return frame.assign(row=range(2, len(frame) + 2))


def test_a_text_is_title_then_maker_then_the_other_attributes_then_the_description():
    frame = items(
        item_id=["i1"],
        title=["Alien"],
        genre=["horror|space"],
        director=["Ridley Scott"],
        description=["A crew wakes."],
    )
    assert item_texts(frame) == ["Alien. Ridley Scott. horror, space. A crew wakes."]


def test_what_is_missing_leaves_no_trace():
    frame = items(item_id=["i1", "i2"], title=["Alien", "Heat"], genre=["", "crime"], description=["", " "])
    assert item_texts(frame) == ["Alien", "Heat. crime"]


def test_a_title_that_only_repeats_the_id_is_no_text():
    assert item_texts(items(item_id=["i1", "i2"], title=["i1", "Heat"])) == ["", "Heat"]


def test_years_and_levels_stay_and_prices_long_numbers_and_addresses_go():
    frame = items(
        item_id=["i1"],
        title=["Heat"],
        year=["1995"],
        price=["12.99"],
        maker_code=["00482911"],
        image=["https://example.org/heat.jpg"],
        tags=["crime|3|"],
    )
    assert item_texts(frame) == ["Heat. 1995. crime, 3"]


def test_only_the_start_of_a_description_is_read():
    words = [f"w{i}" for i in range(DESCRIPTION_WORDS + 5)]
    (text,) = item_texts(items(item_id=["i1"], title=["i1"], description=["  ".join(words)]))
    assert text.split() == words[:DESCRIPTION_WORDS]


def test_a_description_without_spaces_is_cut_as_well():
    (text,) = item_texts(items(item_id=["i1"], title=["i1"], description=["茶" * 100_000]))
    assert set(text) == {"茶"}
    assert len(text) < 10_000


def test_other_scripts_are_text():
    frame = items(item_id=["i1"], title=["绿茶"], 品牌=["龙井"], tags=["чай|☕"])
    assert item_texts(frame) == ["绿茶. 龙井. чай"]


def test_a_table_of_ids_alone_has_no_text():
    assert item_texts(items(item_id=["i1", "i2"])) == ["", ""]


def test_an_empty_table_has_no_texts():
    assert item_texts(items(item_id=[], title=[])) == []


def test_an_image_says_nothing_in_words():
    assert item_texts(items(item_id=["i1"], title=["Alien"], poster=["data:image/png;base64,AAAA"])) == ["Alien"]
