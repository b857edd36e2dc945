"""How far something long has come, for whoever looks on: said where it is done, shown where somebody asked.

Here: the way from the one to the other. Not here: showing it (cli/console.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Tell = Callable[[str], object]
_LISTENER: ContextVar[Tell] = ContextVar("listener", default=str)


def listener() -> Tell:
    """Who is told; threads that are started later take it with them."""
    return _LISTENER.get()


def tell_progress(how_far: str) -> None:
    """Say how far it has come, such as `12,000 rows`."""
    listener()(how_far)


@contextmanager
def listen(to: Tell) -> Iterator[None]:
    """Be told of what is done within."""
    token = _LISTENER.set(to)
    try:
        yield
    finally:
        _LISTENER.reset(token)
