import base64
from pathlib import Path

from metarec_core.figures.item_images import image_column, safe_image

DOT = base64.b64encode(b"\x89PNG\r\n\x1a\n dot").decode()


def test_the_image_column_is_told_by_its_name():
    assert image_column(["item_id", "title", "Poster", "cover"]) == "cover"
    assert image_column(["item_id", "IMAGE_URL"]) == "IMAGE_URL"
    assert image_column(["item_id", "title"]) is None


def test_data_and_files_of_the_folder_are_images(tmp_path: Path):
    uri = f"data:image/png;base64,{DOT}"
    assert safe_image(uri, tmp_path) == uri
    assert safe_image(f"data:image/gif;base64,{DOT}", tmp_path) == uri  # under the kind that it is
    (tmp_path / "dot.jpg").write_bytes(base64.b64decode(DOT))
    assert safe_image("dot.jpg", tmp_path) == uri


def test_addresses_documents_and_files_elsewhere_are_none(tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(base64.b64decode(DOT))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "text.png").write_text("no image")
    (folder / "large.png").write_bytes(base64.b64decode(DOT) + bytes(300_001))
    svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()
    for value in (
        "https://evil.example/p.png",
        "//evil.example/p.png",
        "http:\\evil",
        "javascript:alert(1)",
        f"data:image/svg+xml;base64,{svg}",
        f"data:image/png;base64,{svg}",
        "data:text/html,<script>",
        "data:image/png;base64,A",
        "../secret.png",
        str(tmp_path / "secret.png"),
        "link.png",
        "text.png",
        "large.png",
        "a\0b",
        "x" * 300,
        "",
        " ",
    ):
        assert safe_image(value, folder) is None, value
