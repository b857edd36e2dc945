"""Numbers that look random and never change: each is a hash of its key.

Belongs here: the only source of variation in the samples. Not here: any decision what varies.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def bits(*key: object) -> int:
    """64 bits that depend on the key alone, on every machine and version of Python."""
    text = "|".join(str(part) for part in key)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def unit(*key: object) -> float:
    """A number in [0, 1)."""
    return (bits(*key) >> 11) / (1 << 53)


def between(low: int, high: int, *key: object) -> int:
    """An integer in [low, high]."""
    return low + bits(*key) % (high - low + 1)


def one_of(options: Sequence[T], *key: object) -> T:
    """One of the options."""
    return options[bits(*key) % len(options)]


def shuffled(items: Iterable[T], *key: object) -> list[T]:
    """The items in an order that depends on the key alone; equal items may repeat."""
    return [item for _, item in sorted(enumerate(items), key=lambda pair: bits(*key, pair[0]))]


def identifier(*key: object) -> str:
    """A UUID, as the survey platform gives to contributions."""
    return str(uuid.UUID(int=bits("low", *key) << 64 | bits("high", *key), version=4))
