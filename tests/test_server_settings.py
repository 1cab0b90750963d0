"""What the app is served with, setting by setting: each is there for somebody's safety, and none may go by accident."""

import tomllib
from pathlib import Path

import pytest
from streamlit import config as streamlit_config

CONFIG = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
SAFE = {
    "server.address": "127.0.0.1",  # nobody but this machine, until a login and a proxy are set up
    "server.fileWatcherType": "none",  # torch's modules are not watched
    "server.maxUploadSize": 500,
    "server.maxCacheDataSize": "1gb",
    "server.enableXsrfProtection": True,  # a foreign page cannot post
    "server.enableCORS": True,  # nor open a socket
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,  # nothing is sent home
    "client.toolbarMode": "minimal",  # nobody is offered to deploy
    "client.showErrorDetails": "type",  # what went wrong inside stays in the log
    "client.showErrorLinks": False,  # an error is not searched for elsewhere
    "client.disableDataExport": True,  # that export leaves formulas in cells
}


@pytest.mark.parametrize("name", SAFE)
def test_a_setting_is_the_safe_one_and_one_that_the_server_knows(name: str) -> None:
    section, _, key = name.partition(".")
    assert CONFIG[section][key] == SAFE[name]
    assert name in streamlit_config.get_config_options()


def test_nothing_else_is_set_but_the_theme() -> None:
    found = {f"{section}.{key}" for section, keys in CONFIG.items() if section != "theme" for key in keys}
    assert found == set(SAFE)
