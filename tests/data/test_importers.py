import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from metarec_core.data.importers import IMPORTERS, detect, open_files, read_layout
from metarec_core.errors import DataError

GENRES_OF_ONE = "0|0|0|1|0|1" + "|0" * 13

LAYOUTS: dict[str, dict[str, bytes]] = {
    "movielens-100k": {
        "u.data": b"196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t302\t1\t881250999\n",
        "u.item": f'242|Kolya "K" (1996)|24-Jan-1997||http://x|{GENRES_OF_ONE}\n302|Caf\xe9|||http://y|1{"|0" * 18}\n'.encode(
            "latin-1"
        ),
        "u.user": b"196|49|M|writer|55105\n186|39|F|executive|00000\n",
        "u.genre": b"unknown|0\n",
        "README": b"read me",
    },
    "movielens-1m": {
        "ratings.dat": b"196::242::3::881250949\n186::302::3::891717742\n196::302::1::881250999\n",
        "movies.dat": 'Kolya: "K" (1996)'.join(["242::", "::Animation|Comedy\n302::Café::Drama\n"]).encode("latin-1"),
        "users.dat": b"196::M::49::1::55105\n186::F::39::2::00000\n",
    },
    "movielens": {
        "ratings.csv": b"userId,movieId,rating,timestamp\n196,242,3,881250949\n186,302,3.5,891717742\n196,302,1.0,881250999\n",
        "movies.csv": b'movieId,title,genres\n242,"Kolya, a film (1996)",Animation|Comedy\n302,Rum,(no genres listed)\n',
        "tags.csv": b"userId,movieId,tag,timestamp\n196,242, Sad ,1\n186,242,sad,2\n",
        "links.csv": b"movieId,imdbId,tmdbId\n242,1,2\n",
    },
    "recbole": {
        "x.inter": b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n"
        b"186\t302\t3\t891717742\n196\t302\t1\t881250999\n",
        "x.item": b'item_id:token\tmovie_title:token_seq\tclass:token_seq\tv:float_seq\n242\tKolya "K\t'
        b"Animation Comedy\t1 2 3 4\n302\tRum\t\t5 6 7 8\n",
        "x.user": b"user_id:token\tage:token\n196\t49\n186\t39\n",
        "x.kg": b"head_id:token\trelation_id:token\ttail_id:token\nm.1\tactor\tm.7\nm.9\tactor\tm.7\n",
        "x.link": b"item_id:token\tentity_id:token\n242\tm.1\n",
    },
    "article": {
        "user_data.csv": b"user_id,item_id,meta_data,label\n196,242,home,1\n186,302,work,1\n196,302,home,0\n186,242,home,1\n",
        "item_data.csv": b"item_id,title,meta_data\n242,Kolya,Animation|Comedy\n302,Rum,\n",
    },
    "plain": {
        "behaviour.csv": b"user_id,item_id,time\n196,242,2024-01-01\n186,302,2024-01-02\n",
        "items.parquet": b"",
    },
    "amazon": {
        "Beauty.jsonl": b"\n".join(
            json.dumps(line).encode()
            for line in (
                {
                    "user_id": "196",
                    "asin": "a",
                    "parent_asin": "242",
                    "rating": 3.0,
                    "timestamp": 1588687728923,
                    "text": "x",
                },
                {
                    "user_id": "186",
                    "asin": "b",
                    "parent_asin": "302",
                    "rating": 5.0,
                    "timestamp": 1588687728924,
                    "text": "y",
                },
            )
        ),
        "meta_Beauty.jsonl.gz": gzip.compress(
            json.dumps(
                {
                    "parent_asin": "242",
                    "title": "Kolya",
                    "description": ["One.", "Two."],
                    "categories": ["Animation", "Comedy"],
                    "store": "S",
                    "price": 3.5,
                    "images": [{"large": "http://x"}],
                }
            ).encode()
        ),
    },
}
del LAYOUTS["plain"]["items.parquet"]


def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(content)
    return tmp_path / "set"


def uploads(files: dict[str, bytes]) -> list[io.BytesIO]:
    opened = []
    for name, content in files.items():
        file = io.BytesIO(content)
        file.name = name
        opened.append(file)
    return opened


def zipped(files: dict[str, bytes], below: str = "set/") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(below + name, content)
    file.name = "set.zip"
    return file


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_found_and_gives_the_same_tables_from_a_folder_a_zip_and_its_files(tmp_path, name):
    files = LAYOUTS[name]
    found = detect(open_files(folder(tmp_path, files))[0])
    assert found is not None
    assert found.name == name
    tables = read_layout(tmp_path / "set")
    assert tables.name == "set"
    assert set(tables.events["user_id"]) == {"196", "186"}
    assert set(tables.items["item_id"]) == {"242", "302"}
    prints = {read_layout(source).fingerprint for source in (zipped(files), zipped(files, ""), uploads(files))}
    assert prints == {tables.fingerprint}


def test_every_layout_is_tried():
    assert {importer.name for importer in IMPORTERS} == set(LAYOUTS)


@pytest.mark.parametrize("name", ["movielens-100k", "movielens-1m"])
def test_movielens_has_titles_genres_and_users(name):
    tables = read_layout(uploads(LAYOUTS[name]))
    items = tables.items.set_index("item_id")
    assert items.loc["242", "genres"] == "Animation|Comedy"
    assert '"K" (1996)' in items.loc["242", "title"]
    assert items.loc["302", "title"] == "Café"
    assert tables.users.set_index("user_id").loc["186"].to_dict() | {"row": 0, "occupation": ""} == {
        "age": "39", "gender": "F", "occupation": "", "zip_code": "00000", "row": 0,
    }  # fmt: skip
    assert tables.has_clock_times
    assert tables.events["row"].tolist() == [1, 2, 3]


def test_newer_movielens_has_tags_as_facts():
    tables = read_layout(uploads(LAYOUTS["movielens"]))
    assert tables.items["genres"].tolist() == ["Animation|Comedy", ""]
    assert tables.facts[["item_id", "relation", "entity"]].to_numpy().tolist() == [["242", "tag", "sad"]]


def test_recbole_has_lists_titles_vectors_and_linked_facts():
    tables = read_layout(uploads(LAYOUTS["recbole"]))
    assert tables.items["title"].tolist() == ['Kolya "K', "Rum"]
    assert tables.items["class"].tolist() == ["Animation|Comedy", ""]
    assert tables.vectors["v"].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert tables.facts[["item_id", "relation", "entity"]].to_numpy().tolist() == [
        ["242", "actor", "m.7"],
        ["m.9", "actor", "m.7"],
    ]
    assert tables.user_attribute_names == ("age",)


def test_amazon_reviews_meet_their_metadata_by_parent():
    tables = read_layout(uploads(LAYOUTS["amazon"]))
    product = tables.items.iloc[0]
    assert product[["item_id", "title", "description", "categories", "brand", "price"]].tolist() == [
        "242", "Kolya", "One. Two.", "Animation|Comedy", "S", "3.5",
    ]  # fmt: skip
    assert tables.events["rating"].tolist() == [3.0, 5.0]
    assert tables.has_clock_times


def test_older_amazon_files_are_read_even_where_they_are_python_and_not_json():
    files = {
        "reviews_Beauty_5.json": b'{"reviewerID": "A1", "asin": "7", "overall": 5.0, "unixReviewTime": 1369699200}\n'
        b'{"reviewerID": "A2", "asin": "8", "overall": 3.0, "unixReviewTime": 1369699300}\n',
        "meta_Beauty.json": b"{'asin': '7', 'title': 'It\\'s', 'categories': [['Beauty', 'Hair'], ['Care']], 'price': 1.5}\n",
    }
    tables = read_layout(uploads(files))
    assert tables.items.iloc[0][["item_id", "title", "categories"]].tolist() == ["7", "It's", "Beauty|Hair|Care"]


def test_the_article_s_files_keep_context_and_drop_what_was_only_offered():
    tables = read_layout(uploads(LAYOUTS["article"]))
    assert tables.context_names == ("meta_data",)
    assert len(tables.events) == 3


def test_files_of_no_layout_are_named_in_one_sentence(tmp_path):
    with pytest.raises(
        DataError,
        match=r"set contains a\.csv, b\.txt, which is not a known layout: known layouts are MovieLens 100K \(",
    ):
        read_layout(folder(tmp_path, {"a.csv": b"1", "b.txt": b"2"}))
    with pytest.raises(
        DataError, match=r"set contains a\.csv, b\.txt, which is not the layout RecBole atomic files: known"
    ):
        read_layout(tmp_path / "set", "recbole")
    with pytest.raises(DataError, match=r"There is no importer 'netflix': choose one of movielens-100k, movielens-1m"):
        read_layout(tmp_path / "set", "netflix")


def test_a_link_in_a_zip_is_refused_here_as_well():
    with pytest.raises(DataError, match=r"which points outside the archive"):
        read_layout(zipped({"../u.data": b"1"}))
