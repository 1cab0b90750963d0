"""The peers' own environment: what they need does not go together with what MetaRec needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
PYTHONS: Final = ((3, 11), (3, 12))
"""What the pinned versions have builds for."""


def peers_python(folder: Path) -> Path:
    """The interpreter of the environment in ``folder``, made when missing and brought up to date when requirements changed.

    Raises:
        SystemExit: The running Python is one that the peers cannot be installed in.
        subprocess.CalledProcessError: The environment could not be made; what went wrong is on stderr.
    """
    python, stamp = folder / "bin" / "python", folder / REQUIREMENTS.name
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        if sys.version_info[:2] not in PYTHONS:
            raise SystemExit(
                f"The peers run on Python 3.11 and 3.12, this is {sys.version_info.major}.{sys.version_info.minor}: "
                "start this command with one of those."
            )
        print("Installing the peers (once; torch is large) ...", file=sys.stderr, flush=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", str(REQUIREMENTS)]
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
        subprocess.run(pip, check=True)  # noqa: S603
        stamp.write_text(wanted, encoding="utf-8")
    return python
