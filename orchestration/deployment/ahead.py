"""The suppression patterns of several waves, each found in a process of its own while others are drafted.

Finding one takes most of the time of a draft and one core. Not here: how it is found (release/disclosure.py), drafting
(waves.py).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestration.release.disclosure import find_pattern
from orchestration.release.store import ReleaseError, ReleaseStore
from orchestration.settings import Settings

if TYPE_CHECKING:
    from orchestration.disclosure.protect import SuppressionPattern


class WavePattern(NamedTuple):
    """What was found ahead for a wave, and the public folders of its earlier revisions, which were opened for it."""

    pattern: SuppressionPattern
    earlier: Sequence[Path]


FindAhead = Callable[[str], WavePattern | None]


class PatternsAhead:
    """Patterns that were begun with; whoever drafts a wave asks for its own, and finds it alone if there is none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._begun: dict[str, tuple[Future[SuppressionPattern], Sequence[Path]]] = {}

    @contextmanager
    def begin(self, waves: Sequence[str]) -> Iterator[None]:
        """Begin with the patterns of some waves, and end all that is left of it.

        Of one wave, or on one core, nothing is found ahead.
        """
        workers_n = min(len(waves), os.cpu_count() or 1)
        with ExitStack() as opened:
            if workers_n > 1:
                # A forked process would keep the locks of Dagster's and DuckDB's threads.
                executor = ProcessPoolExecutor(workers_n, multiprocessing.get_context("spawn"), _ignore_interrupt)
                opened.callback(_end, executor)
                store, limits = ReleaseStore(self._settings.releases), self._settings.disclosure
                for wave in waves:
                    # The draft says what is wrong with an earlier revision.
                    with suppress(ReleaseError):
                        earlier = opened.enter_context(store.public_folders(wave))
                        found = executor.submit(find_pattern, self._settings.checked_database, wave, limits, earlier)
                        self._begun[wave] = found, earlier
            yield

    def find(self, wave: str) -> WavePattern | None:
        """The pattern of a wave, once it is found; None where it was not, whether for a reason that its draft will meet
        and tell, or because its process was ended from outside.
        """
        found, earlier = self._begun.pop(wave, (None, ()))
        return WavePattern(found.result(), earlier) if found and not found.exception() else None


def _ignore_interrupt() -> None:
    """Ctrl-C reaches all processes of a terminal: the one that waits ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(executor: ProcessPoolExecutor) -> None:
    """End the processes, in the midst of a pattern too, where nobody will ask for it."""
    for process in multiprocessing.active_children():
        process.kill()
    # The executor reaps them in a thread of its own: until it has, they count as processes that are left.
    executor.shutdown(wait=True, cancel_futures=True)
