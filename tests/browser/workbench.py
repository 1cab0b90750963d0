"""The real server and a real browser, for the browser tests and for the screenshots in the README."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WATCH_RUNS = """() => {
  const runs = window.scriptRuns = {asked: true, begun: false, restSince: Infinity};
  const fields = (bytes) => {  // numbers of the top-level fields of a protobuf message, and where each value begins
    const found = []; let at = 0;
    const varint = () => {
      let value = 0, scale = 1, byte;
      do { byte = bytes[at++]; value += (byte & 127) * scale; scale *= 128; } while (byte & 128);
      return value;
    };
    while (at < bytes.length) {
      const tag = varint(); found.push([Math.floor(tag / 8), at]);
      if (tag % 8 === 0) varint(); else if (tag % 8 === 2) { const length = varint(); at += length; } else break;
    }
    return found;
  };
  const RERUN_SCRIPT = 11, NEW_SESSION = 4, SCRIPT_FINISHED = 6, EARLY = 2;
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({data}) => {
        if (!(data instanceof ArrayBuffer)) return;
        const bytes = new Uint8Array(data);
        for (const [field, at] of fields(bytes)) {
          if (field === NEW_SESSION) runs.begun = true;
          if (field === SCRIPT_FINISHED && runs.begun && bytes[at] !== EARLY) { runs.asked = runs.begun = false; }
        }
      });
    }
    send(data) {
      const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
      if (fields(bytes).some(([field]) => field === RERUN_SCRIPT)) { runs.asked = true; runs.begun = false; }
      super.send(data);
    }
  };
}"""
"""Knows of each run of the script that the page asked for whether it has come and gone: the page itself says that no script is
running until the server has begun it."""
SETTLED = """(asker, rest = 30) => {
  const app = document.querySelector('[data-testid=stApp]'), runs = window.scriptRuns;
  const rests = app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !(runs && runs.asked)
    && !document.querySelector('[data-testid=stSkeleton]') && !document.querySelector('[data-testid=stSpinner]');
  if (!runs) return rests;
  if (runs.asker !== asker) Object.assign(runs, {asker, restSince: Infinity});
  runs.restSince = rests ? Math.min(runs.restSince, performance.now()) : Infinity;
  return rests && performance.now() - runs.restSince >= rest;  // what was pressed just now has had time to ask
}"""
STILL = """() => {
  const pieces = document.querySelectorAll('[data-testid=stElementContainer]');
  const places = [...pieces].map((piece) => Math.round(piece.getBoundingClientRect().bottom)).join();
  if (places !== window.places) { window.places = places; window.placesSince = performance.now(); }
  return performance.now() - window.placesSince > 300;
}"""
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
)


def why_not() -> str | None:
    """Why there is no browser to drive, or None when there is one."""
    if shutil.which("chromium") is None:
        return "there is no chromium on PATH (Debian: apt-get install chromium)"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed (pip install -r requirements-dev.txt)"
    return None


@contextmanager
def serving(workspace: Path) -> Iterator[str]:
    """The workbench on a free port over a workspace of its own; gives its address and stops it at the end."""
    with server(workspace) as (address, _):
        yield address


@contextmanager
def server(workspace: Path, script: Path = ROOT / "app.py") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """As ``serving``, with the process that serves; another script than the workbench where one is given."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = workspace.parent / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(script),
                "--server.port",
                str(port),
                "--server.headless",
                "true",
            ],
            cwd=ROOT,
            env={**os.environ, "METAREC_WORKSPACE": str(workspace), "OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def browser(*flags: str) -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM_FLAGS, *flags])
        try:
            yield chromium
        finally:
            chromium.close()


def new_page(context: Any, base: str) -> tuple[Any, list[str]]:
    """A page and the faults that will be seen on it: script errors and requests to anywhere but the server."""
    faults: list[str] = []
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.add_init_script(f"({WATCH_RUNS})()")
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("request", lambda request: faults.extend(_outside(request.url, base)))
    return page, faults


def settled(page: Any) -> None:
    """Wait until each run of the script that was asked for is over and every lazily loaded piece of the page is there."""
    page.wait_for_function(SETTLED, arg=time.monotonic(), timeout=60_000)


OVERFLOW = """() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')].map(
  (place) => place.scrollWidth - place.clientWidth))"""


def overflow(page: Any, patience_ms: float = 10_000) -> int:
    """By how many pixels the page is wider than its place, so that people would have to scroll sideways; charts and tables are
    given time to take on a new width of the window."""
    from playwright.sync_api import TimeoutError as PatienceError

    with suppress(PatienceError):
        page.wait_for_function(f"() => ({OVERFLOW})() === 0", timeout=patience_ms)
    return int(page.evaluate(OVERFLOW))


def taken(page: Any, button: Any) -> Any:
    """The download that a button gives, pressed when nothing moves any more: a table that is drawn between the press and its
    release pushes the button from under it, and the press is none."""
    settled(page)
    page.wait_for_function(STILL, timeout=60_000)
    with page.expect_download() as download:
        button.click()
    return download.value


def _outside(url: str, base: str) -> list[str]:
    local = url.startswith((base, base.replace("http", "ws"), "data:", "blob:"))
    return [] if local else [f"request to the outside: {url}"]


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  our own address
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-2000:]}")
