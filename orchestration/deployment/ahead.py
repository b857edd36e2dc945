"""The suppression patterns of several waves, each found in a process of its own while others are drafted.

Finding one takes most of the time of a draft and one core. Not here: how it is found (release/disclosure.py), drafting
(waves.py).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestration.common.processes import start_processes
from orchestration.release.disclosure import find_pattern, load_libraries
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
        self._executor: ProcessPoolExecutor | None = None
        self._opened = ExitStack()
        self._begun: dict[str, tuple[Future[SuppressionPattern], Sequence[Path]]] = {}

    @contextmanager
    def hold_processes(self, waves_n: int) -> Iterator[None]:
        """Have processes for so many waves that have imported what they need before they are asked; ends what is left.

        For one wave, or on one core, there are none: nothing is found ahead.
        """
        workers_n = min(waves_n, os.cpu_count() or 1)
        with self._opened:
            if workers_n > 1:
                self._executor = start_processes(workers_n)
                self._opened.callback(_end, self._executor)
                for _ in range(workers_n):
                    self._executor.submit(load_libraries)
            yield

    def begin(self, waves: Sequence[str]) -> None:
        """Begin with the patterns of some waves of the checked database."""
        if self._executor is None:
            return
        store, limits = ReleaseStore(self._settings.releases), self._settings.disclosure
        for wave in waves:
            # The draft says what is wrong with an earlier revision.
            with suppress(ReleaseError):
                earlier = self._opened.enter_context(store.public_folders(wave))
                found = self._executor.submit(find_pattern, self._settings.checked_database, wave, limits, earlier)
                self._begun[wave] = found, earlier

    def find(self, wave: str) -> WavePattern | None:
        """The pattern of a wave, once it is found; None where it was not, whether for a reason that its draft will meet
        and tell, or because its process was ended from outside.
        """
        found, earlier = self._begun.pop(wave, (None, ()))
        return WavePattern(found.result(), earlier) if found and not found.exception() else None


def _end(executor: ProcessPoolExecutor) -> None:
    """End the processes, in the midst of a pattern too, where nobody will ask for it."""
    for process in multiprocessing.active_children():
        process.kill()
    # The executor reaps them in a thread of its own: until it has, they count as processes that are left.
    executor.shutdown(wait=True, cancel_futures=True)
