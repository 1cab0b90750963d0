"""What a process has cost so far."""

from __future__ import annotations

import resource


def cpu_seconds() -> float:
    """User and system seconds of this process and of its ended children."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)
