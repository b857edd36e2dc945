"""How often each of many texts has come, in a small part of the memory that the texts would take.

Not here: what it means that an id comes again (rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from orchestration.readers.columns import Flags, Integers


class Occurrences:
    """Numbers the occurrences of texts.

    A text that came once is kept as two hashes of 64 bits, 16 bytes; one that came again by its name. That two texts
    have both hashes in common is less likely than 1 in 10^24 for ten million texts.
    """

    def __init__(self) -> None:
        # Sorted by the first hash, each at least twice as long as the next.
        self._hashes: list[tuple[Integers, Integers]] = []
        self._again: dict[str, int] = {}

    def numbers(self, texts: Sequence[str]) -> Integers:
        """For each of further texts, the how manieth of its kind it is, from 1."""
        if not texts:
            return np.empty(0, np.int64)
        first = np.fromiter(map(hash, texts), np.int64, len(texts))
        second = np.fromiter((hash(f"{text}\0") for text in texts), np.int64, len(texts))
        order = np.argsort(first, kind="stable")
        has_come = np.zeros(len(texts), bool)
        has_come[order] = self._have_come(first[order], second[order])
        is_like_next = first[order[1:]] == first[order[:-1]]
        is_like_another = np.zeros(len(texts), bool)
        is_like_another[order[1:]] |= is_like_next
        is_like_another[order[:-1]] |= is_like_next
        numbers = np.ones(len(texts), np.int64)
        for at in np.flatnonzero(has_come | is_like_another):
            text = texts[int(at)]
            numbers[at] = self._again[text] = self._again.get(text, int(has_come[at])) + 1
        self._keep(first[order], second[order])
        return numbers

    def _have_come(self, first: Integers, second: Integers) -> Flags:
        """Which of some hashes, sorted by the first, are kept."""
        have_come = np.zeros(len(first), bool)
        for firsts, seconds in self._hashes:
            begin = np.searchsorted(firsts, first)
            for at in np.flatnonzero(firsts[np.minimum(begin, len(firsts) - 1)] == first):
                end = np.searchsorted(firsts, first[at], "right")
                have_come[at] |= bool((seconds[begin[at] : end] == second[at]).any())
        return have_come

    def _keep(self, first: Integers, second: Integers) -> None:
        self._hashes.append((first, second))
        while len(self._hashes) > 1 and len(self._hashes[-2][0]) < 2 * len(self._hashes[-1][0]):
            pairs = self._hashes.pop(), self._hashes.pop()
            firsts, seconds = (np.concatenate(hashes) for hashes in zip(*pairs, strict=True))
            order = np.argsort(firsts, kind="stable")
            self._hashes.append((firsts[order], seconds[order]))
