"""What MetaRec is made of: known vulnerabilities of what is installed, and the licences of what is pinned: ``make audit``.

A vulnerability is exit status 1. Where no database can be reached one sentence says so, and nothing else fails.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def vulnerabilities(report: Any) -> tuple[int, list[str]]:
    """How many packages a report of pip-audit looked at, and a line for each vulnerability that it found."""
    looked_at = [package for package in report["dependencies"] if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {one['id']}, mended in {', '.join(one['fix_versions']) or 'no version yet'}"
        for package in looked_at
        for one in package["vulns"]
    ]
    return len(looked_at), found


def verdict(report: Any | None) -> tuple[int, str]:
    """The exit status, and what to say of a report; None: there is none."""
    n_all = 0 if report is None else len(report["dependencies"])
    n_looked_at, found = (0, []) if report is None else vulnerabilities(report)
    if found:
        return 1, "\n".join(["Known vulnerabilities:", *found])
    if not n_looked_at:
        return 0, "No database of vulnerabilities can be reached from here: run make audit where there is a network."
    return (
        0,
        f"No known vulnerability in {n_looked_at} of {n_all} installed packages; the others are unknown to the database.",
    )


def pinned(files: Sequence[Path]) -> list[str]:
    """Names of the packages that requirement files pin."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return sorted({found[1] for line in lines if (found := re.match(r"([A-Za-z0-9._-]+)==", line))}, key=str.lower)


def _asked() -> Any | None:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--local",
        "--progress-spinner",
        "off",
        "--timeout",
        "15",
        "--format",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  a fixed command
    try:
        return json.loads(done.stdout)
    except ValueError:  # it could not ask: it says so on stderr, and prints no report
        return None


def _licences() -> int:
    packages = pinned([ROOT / "requirements.txt", ROOT / "requirements-extras.txt"])
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=markdown", "--packages", *packages]
    return subprocess.run(command, check=False).returncode  # noqa: S603  names from our own files


def main() -> int:
    """Print both; 1 where a vulnerability is known, or licences cannot be told."""
    status, words = verdict(_asked())
    print(words, end="\n\n", flush=True)
    return status | _licences()


if __name__ == "__main__":
    sys.exit(main())
