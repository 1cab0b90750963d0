"""Roles on pages: what is not offered, and what is refused all the same when it is asked for."""

from __future__ import annotations

import ast
import importlib
import inspect
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metarec_core import access, api, audit
from metarec_core.access import Person
from metarec_core.errors import AccessError
from tests.pages.conftest import ROOT, button, said

SECRETS = {
    "auth": {"client_id": "metarec"},
    "metarec": {"roles": {"admin": ["ann@x"], "analyst": ["ana@x"], "viewer": ["vic@x"]}},
}
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))

LOOKS = {
    "metarec_core.api": {
        "ablation", "audience", "baseline_of", "baselines_to_compare", "compare", "counterfactuals", "diversity_cost",
        "embedding_map", "evaluate", "explain", "kept_map", "kept_meta_knowledge", "kept_transfer", "knowledge_graph",
        "known_path_quality", "layout_of", "leading_parts", "learned_curve", "list_runs", "list_tables", "made_from",
        "new_item", "number_ranges", "open_recommender", "open_review", "open_run", "open_tables", "original_rules",
        "other_seeds", "paths", "preview", "profile", "read_layout", "remembered_mapping", "requested_run", "require_space",
        "review_evidence", "review_pack", "reviews", "run_zip", "sample_domains", "sample_tables", "scenario_of", "slices",
        "stability", "standings", "tables_state", "text_reader", "trust", "unfolding", "verdict", "what_if", "why_not_kept",
    },
    "metarec_core.jobs.runner": {"history", "list_jobs", "log_tail", "status"},
    "metarec_core.jobs.search": {"best_run", "importance", "search_folders", "search_status", "trials"},
    "metarec_core.jobs.curve": {"curve_state", "said"},
    "metarec_core.jobs.map": {"map_state"},
    "metarec_core.jobs.seeds": {"twins"},
    "metarec_core.jobs.demo": {"bring", "demo_run_id", "shipped"},
    "metarec_core.jobs.forecast": {"error", "forecast", "warning"},
    "metarec_core.review.verdicts": {"agreements", "history", "next_open", "sign_offs", "standing"},
    "metarec_core.review.sample": {"kept_said", "with_pairs"},
}  # fmt: skip
"""What pages call that changes nothing. (``run_zip`` asks through ``export_run``, ``bring`` where it fetches.)"""


def open_as(name: str | None, page: str = "home", **parameters: str) -> AppTest:
    """The app on a page with somebody logged in; None: nobody is."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.secrets = {**SECRETS}
    app.user = {"is_logged_in": False} if name is None else login(name)
    app.run()
    if name is not None:
        app.switch_page(f"pages/{page}.py")
    for key, value in parameters.items():
        app.query_params[key] = value
    return app.run()


def login(name: str, age_s: float = 0.0, **claims: Any) -> dict[str, Any]:
    return {"is_logged_in": True, "email": f"{name}@x", "iat": time.time() - age_s, **claims}


@pytest.fixture
def no_role_left() -> Iterator[None]:
    """Who is acting is asked for again as outside of any page."""
    yield
    access.asked_by(access.system)


pytestmark = pytest.mark.usefixtures("no_role_left")


def test_a_refused_login_is_told_under_no_address_that_nobody_has_checked(workspace: Path) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.secrets = {**SECRETS}
    app.user = login("ann", sub="mallory", email_verified=False)
    app.run()
    assert "mallory is logged in but has no role here" in said(app)
    (entry,) = audit.read(workspace)
    assert (entry.who, entry.action, entry.outcome) == ("mallory", "login", "refused")
    assert entry.what == {"address": "unverified"}


def test_every_function_that_pages_call_asks_for_the_right_or_changes_nothing() -> None:
    found: dict[str, set[str]] = {}
    for file in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        modules, names = _imports(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute | ast.Name):
                for module, name in _meant(node, modules, names):
                    found.setdefault(module, set()).add(name)
    assert {"bring", "delete_with_runs", "judge", "import_run"} <= found["metarec_core.api"]
    assert {"submit", "cancel", "resume"} <= found["metarec_core.jobs.runner"]
    unguarded = [
        f"{module}.{name}"
        for module, used in found.items()
        for name in sorted(used)
        if _is_function(module, name)
        and not hasattr(_value(module, name), "action")
        and name not in LOOKS.get(module, ())
    ]
    assert unguarded == [], "mark them with audit.deed, or list them as looking only"


def _imports(tree: ast.AST) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Doors of the core that a file imports: modules by the name they have there, and single functions."""
    modules: dict[str, str] = {}
    names: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("metarec_core"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if not whole.startswith(("metarec_core.api", "metarec_core.jobs", "metarec_core.review")):
                    continue
                try:
                    importlib.import_module(whole)
                    modules[alias.asname or alias.name] = whole
                except ModuleNotFoundError:
                    names[alias.asname or alias.name] = (str(node.module), alias.name)
    return modules, names


def _meant(node: ast.expr, modules: dict[str, str], names: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
        yield modules[node.value.id], node.attr
    elif isinstance(node, ast.Name) and node.id in names:
        yield names[node.id]


def _value(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _is_function(module: str, name: str) -> bool:
    return inspect.isroutine(_value(module, name))


@pytest.mark.parametrize("page", PAGES)
def test_without_a_login_a_page_is_a_door(page: str, run_id: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    app.secrets = {**SECRETS}
    app.user = {"is_logged_in": False}
    app.run()
    assert not app.exception
    assert [found.label for found in app.button] == ["Log in"]
    assert said(app) == "MetaRec\nLog in to continue."


def test_nobody_who_is_not_logged_in_is_let_into_the_frame(run_id: str) -> None:
    app = open_as(None)
    assert [found.label for found in app.button] == ["Log in"]
    assert run_id not in said(app)
    assert not app.selectbox


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_for_a_viewer(page: str, run_id: str) -> None:
    app = open_as("vic", page)
    assert not app.exception
    assert not app.error
    assert said(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_for_a_viewer_of_an_empty_workspace(page: str) -> None:
    app = open_as("vic", page)
    assert not app.exception
    assert not app.error


def test_a_viewer_is_told_in_one_sentence_what_is_not_for_them(run_id: str) -> None:
    app = open_as("vic", "train")
    locked = [caption.value for caption in app.caption if ":material/lock:" in caption.value]
    assert [words.replace("\\", "") for words in locked] == [
        ":material/lock: You need the role analyst to start or resume training; vic@x has the role viewer."
    ]
    assert "Train" not in [found.label for found in app.button]


@pytest.mark.parametrize(("name", "offered"), [("vic", False), ("ana", True)])
def test_lists_of_many_users_are_taken_away_by_who_may_take_all(name: str, offered: bool, run_id: str) -> None:
    app = open_as(name, "recommendations", run=run_id)
    app.session_state["find"] = True
    app.run()
    assert ("Lists for these users" in downloads(app)) == offered
    app = open_as(name, "recommendations", run=run_id, desk="new_item")
    app.text_input(key="new.title").set_value("Tea")
    button(app, "Who would get it?").click().run()
    assert "Who would get it" in said(app)
    assert ("All users" in downloads(app)) == offered
    assert not app.exception


def downloads(app: AppTest) -> list[str]:
    return [found.proto.label for found in app.get("download_button")]


DEEDS = {
    "train": "runner.submit(store, tables, RunConfig.preset('fast'))",
    "resume": "runner.resume(store, run)",
    "cancel": "runner.cancel(store, run)",
    "search": "search.submit_search(store, tables, RunConfig.preset('fast'), search.Budget(1))",
    "delete": "api.delete_with_runs(store, tables)",
    "delete a run": "api.delete_run(store, run)",
    "delete tables": "api.delete_tables(store, tables)",
    "upload": "api.bring(api.Brought(), store)",
    "sample": "api.store_tables(api.open_tables(store, tables), store)",
    "import": "api.import_run(store / 'run.zip', store)",
    "export": "api.run_zip(api.open_run(store, run))",
    "clean again": "api.clean_again(store, tables, api.CleaningConfig())",
    "reset": "demo.reset(store)",
    "key": "api.pseudonym_key(store)",
    "curve": "curve.learn_curve(store, run)",
    "map": "map.draw_map(store, run)",
    "seeds": "seeds.train_with_other_seeds(store, run)",
    "measure": "api.meta_knowledge(api.open_run(store, run))",
    "attention": "api.attention_trust(api.open_run(store, run))",
    "paths": "api.path_quality(api.open_run(store, run))",
    "transfer": "api.transfer(api.open_run(store, run), api.open_run(store, run))",
    "review": "api.start_review(api.open_run(store, run), api.Plan('random'))",
    "audit": "audit.require(store, 'audit')",
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_viewer_who_calls_an_action_directly_is_refused(deed: str, workspace: Path, run_id: str) -> None:
    fingerprint = api.list_tables(workspace)[0].fingerprint
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file() and path.name != audit.FILE}

    def script(deed: str, run: str, tables: str) -> None:
        import streamlit as st

        from metarec_core import api, audit
        from metarec_core.config import RunConfig
        from metarec_core.errors import AccessError
        from metarec_core.jobs import curve, demo, map, runner, search, seeds
        from pages._ui import access, session

        access.settle()
        names = {"store": session.workspace(), "run": run, "tables": tables, "api": api, "audit": audit, "map": map}
        names |= {
            "RunConfig": RunConfig,
            "runner": runner,
            "search": search,
            "demo": demo,
            "curve": curve,
            "seeds": seeds,
        }
        try:
            eval(deed, names)  # noqa: S307  one of the lines above
        except AccessError as error:
            st.error(str(error))

    app = AppTest.from_function(script, kwargs={"deed": DEEDS[deed], "run": run_id, "tables": fingerprint})
    app.secrets, app.user = {**SECRETS}, login("vic")
    app.run(timeout=60)
    assert not app.exception
    assert app.error[0].value.endswith("vic@x has the role viewer.")
    newest = audit.read(workspace, 1)[0]
    assert (newest.who, newest.outcome) == ("vic@x", "refused")
    after = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file() and path.name != audit.FILE}
    assert after == before


def test_an_analyst_trains_and_does_not_delete(workspace: Path, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metarec_core.jobs.runner.start_process", lambda *_: None)
    app = open_as("ana", "train")
    button(app, "Train").click().run()
    assert not app.exception
    newest = audit.read(workspace, 1)[0]
    assert (newest.who, newest.role, newest.action, newest.outcome) == ("ana@x", "analyst", "train", "done")
    app = open_as("ana", "data", tab="privacy")
    assert "Delete" not in [found.label for found in app.button]
    assert "You need the role admin to delete data; ana@x has the role analyst." in said(app).replace("\\", "")


def test_an_admin_deletes(workspace: Path, run_id: str) -> None:
    app = open_as("ann", "data", tab="privacy")
    fingerprint = api.list_tables(workspace)[0].fingerprint
    app.checkbox(key=f"sure.{fingerprint}").check().run()
    button(app, "Delete").click().run()
    assert api.list_tables(workspace) == ()
    newest = audit.read(workspace, 1)[0]
    assert (newest.who, newest.action, newest.what) == ("ann@x", "delete", {"tables": fingerprint, "runs": run_id})


def test_without_a_login_everybody_is_an_admin(workspace: Path, run_id: str, open_page: Any) -> None:
    app = open_page("data", tab="privacy")
    assert "Delete" in [found.label for found in app.button]
    assert "Log out" not in [found.label for found in app.button]
    app = open_page("home")
    app.session_state["audit"] = True
    app.run()
    assert "No activity yet." not in said(app)


def test_a_login_that_is_too_old_is_none(run_id: str) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.secrets, app.user = {**SECRETS}, login("ann", age_s=13 * 3600)
    app.run()
    assert [found.label for found in app.button] == ["Log in"]


def test_the_verdict_of_who_is_logged_in_is_theirs_whatever_name_is_in_the_address(
    workspace: Path, run_id: str
) -> None:
    run = api.open_run(workspace, run_id)
    review = api.start_review(run, api.Plan("random", 3))
    app = open_as("vic", "review", run=run_id, review=review.review_id, reviewer="ann@x")
    assert not app.text_input
    app.button(
        key="review.agree" if any(b.key == "review.agree" for b in app.button) else _first_verdict(app)
    ).click().run()
    assert not app.exception
    from metarec_core.review import verdicts

    (verdict,) = verdicts.history(run, review.review_id)
    assert verdict.reviewer == "vic@x"


def _first_verdict(app: AppTest) -> str:
    return next(str(b.key) for b in app.button if str(b.key).startswith("review.") and b.key != "review.undo")


def test_settings_that_are_wrong_close_the_door_with_a_sentence(run_id: str) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.secrets = {**SECRETS, "metarec": {"roles": {"boss": []}}}
    app.user = login("ann")
    app.run()
    assert (
        app.error[0].value.replace("\\", "")
        == "[metarec.roles] in secrets.toml has 'boss': the known settings are viewer, analyst, admin."
    )
    assert not app.button


def test_a_login_that_is_asked_for_and_got_lost_closes_the_door(
    monkeypatch: pytest.MonkeyPatch, run_id: str, open_page: Any
) -> None:
    monkeypatch.setenv("METAREC_REQUIRE_LOGIN", "1")
    app = open_page("data")
    assert app.error[0].value.replace("\\", "") == (
        "Login is required but not set up: your MetaRec administrator needs to add [auth] to secrets.toml."
    )
    assert [element.value for element in app.title] == ["MetaRec"]


def test_what_is_done_outside_of_a_session_needs_a_name_where_there_is_a_login(
    workspace: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages._ui import access as here

    monkeypatch.setattr(here, "_secrets", lambda: SECRETS)
    here.settle()
    with pytest.raises(AccessError, match=r"^Nobody is logged in: what is done later needs a name\.$"):
        api.delete_run(workspace, run_id)
    with access.acting(Person("ann@x", "admin")):
        api.delete_run(workspace, run_id)
