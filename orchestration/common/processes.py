"""Processes that this one starts for a part of its work.

Not here: what they do.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor


def start_processes(number: int) -> ProcessPoolExecutor:
    """An executor whose processes end with this one, however that ends, and leave Ctrl-C to it.

    They are spawned: a forked process would keep the locks of Dagster's and DuckDB's threads.
    """
    return ProcessPoolExecutor(number, multiprocessing.get_context("spawn"), _follow_parent)


def _follow_parent() -> None:
    """Ctrl-C reaches all processes of a terminal: the one that waits ends the others, but for where it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
