"""Interrupts (Ctrl-C, the end of a service) during a run in this process, whatever the libraries make of them.

Dagster keeps an interrupt back between two steps and forgets it at the end of a run; dbt ends as if it had failed. Not
here: how a command ends (cli/console.py).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Dagster treats both alike.
_INTERRUPTS = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def raise_keyboard_interrupts() -> Iterator[None]:
    """Interrupts as Python has them, whoever set a handler: for libraries that know no others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def watch_interrupts() -> Iterator[Callable[[], bool]]:
    """Whether this process was interrupted since, whoever handled it; outside the main thread nobody is."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    came, tell = os.pipe()
    os.set_blocking(came, False)
    os.set_blocking(tell, False)
    # Python writes each signal there before its handler runs, so that no handler can keep it.
    before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)

    def is_interrupted() -> bool:
        try:
            return bool(_INTERRUPTS.intersection(os.read(came, 1024)))
        except BlockingIOError:
            return False

    try:
        yield is_interrupted
    finally:
        signal.set_wakeup_fd(before)
        os.close(came)
        os.close(tell)
