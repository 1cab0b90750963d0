"""The app without a browser, over workspaces of its own: empty, with a tiny sample, or with a trained run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from metarec_core import api
from metarec_core.config import RunConfig
from tests.tiny_files import BEHAVIOUR, N_ITEMS, NO_NET, SMALL_NET, WORDED_ITEMS, write_files

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty workspace, and a sample folder without samples."""
    (tmp_path / "no_samples").mkdir()
    monkeypatch.setenv("METAREC_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setattr(api, "SAMPLE_DATA", tmp_path / "no_samples")
    yield tmp_path / "workspace"
    st.cache_resource.clear()


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sample, called like the first of the real ones, so small that it takes no time."""
    folder = tmp_path / "samples" / "shop"
    folder.mkdir(parents=True)
    write_files(folder)
    (folder / "facts.csv").write_text("item_id,relation,entity\ni00,made_by,Acme\n", encoding="utf-8")
    monkeypatch.setattr(api, "SAMPLE_DATA", tmp_path / "samples")


@pytest.fixture(scope="session")
def trained_workspace(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace with one finished run, and the run's id."""
    folder = tmp_path_factory.mktemp("trained")
    behaviour, items = write_files(folder)
    config = RunConfig.preset("fast").with_settings(NO_NET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("metarec_core.training.calibrate.FEWEST_ANSWERS", 10)  # so that it has chances to show
        for progress in api.train(api.read_tables(behaviour, items, name="tiny"), config, store=folder / "workspace"):
            run_id = progress.run_id
    return folder / "workspace", run_id


@pytest.fixture
def run_id(workspace: Path, trained_workspace: tuple[Path, str]) -> str:
    """A finished run in the test's own workspace."""
    shutil.copytree(trained_workspace[0], workspace)
    return trained_workspace[1]


@pytest.fixture(scope="session")
def trained_on_words(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A workspace with runs on items whose titles are words: ids of ``counts`` and ``counts again`` (another seed), of one
    that goes by ``words`` alone, and of a ``network`` with several heads."""
    folder = tmp_path_factory.mktemp("trained on words")
    tables = api.read_tables(*write_files(folder, WORDED_ITEMS), name="tiny")
    others = ("transition", "cooccurrence", "regression", "graph", "popularity", "recent", "context", "meta")
    settings = {
        "counts": NO_NET,
        "counts again": (*NO_NET, "seed=1"),
        "words": (*NO_NET, *(f"model.{part}=false" for part in others)),
        "network": ("model.encoder=transformer", *SMALL_NET),
    }
    runs = {}
    for name, pairs in settings.items():
        config = RunConfig.preset("fast").with_settings(pairs)
        *_, last = api.train(tables, config, store=folder / "workspace")
        runs[name] = last.run_id
    return folder / "workspace", runs


@pytest.fixture
def runs(workspace: Path, trained_on_words: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Those runs in the test's own workspace."""
    shutil.copytree(trained_on_words[0], workspace)
    return trained_on_words[1]


@pytest.fixture
def other_run_id(run_id: str, workspace: Path, tmp_path: Path) -> str:
    """A second run, on other data: one more user, who has had every item."""
    behaviour, items = write_files(tmp_path)
    everything = "".join(f"zoe,i{item:02},2026-02-01T00:00:{item:02}\n" for item in range(N_ITEMS))
    behaviour.write_text(BEHAVIOUR + everything, encoding="utf-8")
    config = RunConfig.preset("fast").with_settings(NO_NET)
    for progress in api.train(api.read_tables(behaviour, items, name="more"), config, store=workspace):
        other = progress.run_id
    return other


@pytest.fixture
def lists_of_two(monkeypatch: pytest.MonkeyPatch) -> Callable[[api.Recommender, str], list[str]]:
    """Pages list the best two items only, so that some are left over; the best four of a user, by the recommender itself."""
    recommend = api.Recommender.recommend

    def best_two(self: api.Recommender, user_ids: list[str], k: int = 10, *selection: api.Selection) -> object:
        return recommend(self, user_ids, min(k, 2), *selection)

    monkeypatch.setattr(api.Recommender, "recommend", best_two)
    return lambda recommender, user_id: recommend(recommender, [user_id], 4).item_ids


@pytest.fixture
def demo_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_workspace: tuple[Path, str]) -> str:
    """A small demo is shipped; the id of its run."""
    store, run_id = trained_workspace
    monkeypatch.setattr(api, "SAMPLE_DATA", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()
    api.export_run(api.open_run(store, run_id), tmp_path / "shipped" / "demo.zip")
    return run_id


@pytest.fixture
def open_page() -> Open:
    """Opens the app on a page with parameters in the address, and what is folded away there under these keys."""

    def open_(page: str = "home", unfolded: tuple[str, ...] = (), **parameters: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.run()
        app.switch_page(f"pages/{page}.py")
        for name, value in parameters.items():
            app.query_params[name] = value
        for key in unfolded:
            app.session_state[key] = True
        return app.run()

    return open_


def said(app: AppTest) -> str:
    """Everything that is worded on the page."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "success", "warning", "error")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def button(app: AppTest, label: str) -> object:
    """The button with a label."""
    return next(found for found in app.button if found.label == label)


def address(app: AppTest) -> dict[str, str]:
    """The parameters in the address."""
    return {name: value[-1] if isinstance(value, list) else value for name, value in app.query_params.items()}
