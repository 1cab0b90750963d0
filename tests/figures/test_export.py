import pandas as pd

from metarec_core.figures.export import csv_bytes


def test_csv_has_a_byte_order_mark_one_header_and_no_formulas() -> None:
    frames = [
        pd.DataFrame({"title": ["=HYPERLINK(1)"], "score": [-1.5]}),
        pd.DataFrame({"title": ["Zelt"], "score": [2.0]}),
    ]
    assert csv_bytes(frames).decode() == "\ufefftitle,score\n'=HYPERLINK(1),-1.5\nZelt,2.0\n"


def test_names_of_rows_are_a_column():
    named = pd.DataFrame({"Value": [1.5]}, index=pd.Index(["=Score"], name="Part"))
    assert csv_bytes([named]).decode("utf-8-sig") == "Part,Value\n'=Score,1.5\n"
