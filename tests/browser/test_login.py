"""A login through an identity provider, in a real browser: who may what, and nobody sees anything before."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metarec_core import access, api, audit
from metarec_core.config import RunConfig
from metarec_core.figures.review_pack import review_html

pytest.importorskip("authlib", reason="a login needs authlib: pip install -r requirements-extras.txt")

from tests import identity_provider
from tests.browser import workbench
from tests.browser.workbench import settled, taken
from tests.identity_provider import CLIENT_ID, Provider
from tests.tiny_files import NO_NET, write_files

pytestmark = pytest.mark.browser

COOKIE_SECRET = "cookie-secret-that-nobody-may-ever-read"
PEOPLE = {
    "vic": {"email": "vic@example.com", "email_verified": True},
    "ana": {"email": "ana@example.com", "email_verified": True},
    "ann": {"email": "ann@example.com", "groups": ["metarec-admins"]},
    "eve": {"email": "eve@example.com", "email_verified": True},
    "mallory": {"email": "ann@example.com", "email_verified": False},
}
SECRETS = """
[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{cookie_secret}"
client_id = "{client_id}"
client_secret = "{client_secret}"
server_metadata_url = "{address}/.well-known/openid-configuration"

[metarec]
claim = "groups"

[metarec.roles]
admin = ["metarec-admins", "ann@example.org"]
analyst = ["ana@example.com"]
viewer = ["vic@example.com"]
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Knows five people."""
    with identity_provider.serving(Provider(PEOPLE)) as provider:
        yield provider


@pytest.fixture(scope="module")
def run_id(store: Path) -> str:
    """A run on pseudonymised tables."""
    behaviour, items = write_files(store.parent)
    brought = api.Brought(files={"events": behaviour, "items": items}, name="Secret shop")
    tables = api.bring(brought, store, replace_ids_of="users")
    for progress in api.train(tables, RunConfig.preset("fast").with_settings(NO_NET), store=store):
        run_id = progress.run_id
    return run_id


@pytest.fixture(scope="module")
def base(store: Path, provider: Provider, run_id: str) -> Iterator[str]:
    """A workbench with a login, started anew, whose first visitor is the first test's."""
    file = store.parent / "secrets.toml"
    file.write_text(
        SECRETS.format(
            cookie_secret=COOKIE_SECRET,
            client_id=CLIENT_ID,
            client_secret=provider.client_secret,
            address=provider.address,
        ),
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_SECRETS_FILES", str(file))
        patch.setenv("METAREC_REQUIRE_LOGIN", "1")
        with workbench.serving(store) as address:
            yield address.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(browser: Any, base: str, provider: Provider) -> Iterator[Any]:
    """A page of a browser that nobody has used before."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page, faults = workbench.new_page(context, base)
    yield page
    context.close()
    assert [fault for fault in faults if provider.address not in fault] == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with workbench.browser() as chromium:
        yield chromium


def log_in(page: Any, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url("http://localhost:*/**")
    settled(page)


def seen(page: Any) -> str:
    """All text, without the joiners that keep addresses from becoming links."""
    return str(page.locator("body").inner_text()).replace("\u2060", "")


def told(store: Path) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.action, entry.outcome) for entry in audit.read(store)]


def test_the_first_visitor_of_a_fresh_server_sees_only_the_door_and_comes_back_to_a_deep_link(
    page: Any, base: str, run_id: str, store: Path
) -> None:
    page.goto(f"{base}/evaluate?run={run_id}&lang=en")
    page.get_by_role("button", name="Log in").wait_for()
    settled(page)
    for words in (run_id, "Secret shop", "Evaluate", "Leaderboard", "Choose a run"):
        assert words not in seen(page), words
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="vic", exact=True).click()
    page.get_by_role("heading", name="Leaderboard").wait_for()
    settled(page)
    assert f"/evaluate?run={run_id}" in page.evaluate("location.href")
    assert "vic@example.com · viewer" in seen(page)
    assert ("vic@example.com", "login", "done") in told(store)


@pytest.mark.parametrize("stem", ["", "data", "train", "recommendations", "attention", "knowledge_graph", "review"])
def test_without_a_login_no_page_shows_anything(page: Any, base: str, run_id: str, stem: str) -> None:
    page.goto(f"{base}/{stem}?run={run_id}")
    page.get_by_role("button", name="Log in").wait_for()
    settled(page)
    assert "Secret shop" not in seen(page)
    assert page.get_by_test_id("stSidebarNavLink").count() == 0


def test_a_viewer_looks_and_is_offered_nothing_else(page: Any, base: str, run_id: str, store: Path) -> None:
    log_in(page, f"{base}/train", "vic")
    page.get_by_text("You need the role analyst to start or resume training").wait_for()
    settled(page)
    assert "to start or resume training; vic@example.com has the role viewer." in seen(page)
    assert page.get_by_role("button", name="Train", exact=True).count() == 0
    page.goto(f"{base}/recommendations?run={run_id}")
    page.get_by_text("Why this item?").wait_for()
    page.goto(f"{base}/data")
    page.get_by_text("First rows").click()
    settled(page)
    for user in ("u00", "u07", "u23"):
        assert user not in seen(page)
    page.get_by_text("Privacy", exact=True).click()
    settled(page)
    assert page.get_by_role("button", name="Download the key").count() == 0
    assert page.get_by_role("button", name="Delete").count() == 0
    page.get_by_text("Upload files").click()
    page.get_by_text("You need the role analyst").wait_for()
    assert page.locator("input[type=file]").count() == 0


def test_an_analyst_trains_and_the_log_says_so(page: Any, base: str, store: Path) -> None:
    log_in(page, f"{base}/train", "ana")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="See recommendations").or_(
        page.get_by_role("button", name="Cancel")
    ).first.wait_for()
    assert ("ana@example.com", "train", "done") in told(store)
    page.get_by_text("Import a run").wait_for()
    page.get_by_role("button", name="See recommendations").wait_for(timeout=120_000)


def test_an_admin_by_group_reads_the_log(page: Any, base: str) -> None:
    log_in(page, base, "ann")
    page.get_by_text("Audit log").click()
    page.get_by_role("button", name="Download the full log").wait_for()
    download = taken(page, page.get_by_role("button", name="Download the full log"))
    text = Path(download.path()).read_text(encoding="utf-8-sig")
    assert ",ann@example.com,admin,login,done," in text
    assert ",vic@example.com,viewer,login,done," in text


@pytest.mark.parametrize(("name", "known_as"), [("eve", "eve@example.com"), ("mallory", "mallory")])
def test_who_has_no_role_is_told_so_and_sees_nothing(
    page: Any, base: str, store: Path, name: str, known_as: str
) -> None:
    log_in(page, f"{base}/data", name)
    page.get_by_text("is logged in but has no role here").wait_for()
    assert f"{known_as} is logged in but has no role here: ask your MetaRec administrator for one." in seen(page)
    assert "Secret shop" not in seen(page)
    assert (known_as, "login", "refused") in told(store)


def test_an_address_that_nobody_has_checked_is_told_as_unverified(page: Any, base: str, store: Path) -> None:
    log_in(page, f"{base}/data", "mallory")
    page.get_by_text("is logged in but has no role here").wait_for()
    refused = [entry for entry in audit.read(store) if entry.outcome == "refused" and entry.action == "login"]
    assert {entry.who: dict(entry.what) for entry in refused}["mallory"] == {"address": "unverified"}
    assert "ann@example.com" not in [entry.who for entry in refused]


def test_who_logs_out_is_before_the_door_again(page: Any, base: str) -> None:
    log_in(page, base, "vic")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in").wait_for()
    page.goto(f"{base}/data")
    page.get_by_role("button", name="Log in").wait_for()
    assert "Secret shop" not in seen(page)


def test_a_cookie_of_ones_own_making_opens_nothing(page: Any, base: str) -> None:
    page.context.add_cookies(
        [{"name": "_streamlit_user", "value": '{"email": "ann@example.com", "is_logged_in": true}', "url": base}]
    )
    page.goto(f"{base}/data")
    page.get_by_role("button", name="Log in").wait_for()


def test_no_secret_is_in_what_the_workspace_the_server_and_exports_hold(
    store: Path, base: str, provider: Provider, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_ask", access.system)  # pages that ran in this process would ask their session
    key = api.pseudonym_key(store)
    planted = [secret.encode() for secret in (COOKIE_SECRET, provider.client_secret, key)] + [bytes.fromhex(key)]
    run = api.open_run(store, run_id)
    review = api.start_review(run, api.Plan("random", 2))
    pack = api.review_pack(run, review.review_id)
    (tmp_path / "review.html").write_text(review_html(pack), encoding="utf-8")
    (tmp_path / "review.json").write_text(pack.to_json(), encoding="utf-8")
    api.export_run(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    server_log = store.parent / f"server-{base.rpartition(':')[2]}.log"
    files = [*store.rglob("*"), server_log, *tmp_path.rglob("*")]
    looked_at = [file for file in files if file.is_file() and file.name != api.KEY_FILE]
    names = {"audit.jsonl", "manifest.json", "config.json", "log.txt", "review.html", server_log.name}
    assert names <= {file.name for file in looked_at}
    assert server_log.stat().st_size > 0
    assert [file.name for file in looked_at if any(secret in file.read_bytes() for secret in planted)] == []
