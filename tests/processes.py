"""Processes that live on this machine, whoever started them."""

from collections.abc import Callable

import psutil


def alive(wanted: Callable[[list[str]], bool]) -> list[psutil.Process]:
    """Those whose command line is the wanted one."""
    found = []
    for process in psutil.process_iter():
        try:
            if wanted(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:  # it has just gone
            continue
    return found
