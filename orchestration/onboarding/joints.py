"""Choices that the cells of one column join by a sign, told from the cells alone.

Here: which sign, and which parts are one choice. Not here: reading cells by a codebook (rounds/choices.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from orchestration.common.text import clean_label
from orchestration.onboarding.wording import words_of

# Signs that platforms join choices by and that are no part of most labels; XLSForm's joins names, which have no spaces.
SURE, LIKELY, OF_NAMES = ";", ("\n", "|", ", "), " "
LEAST_SHARE_ALONE = 0.5

AreChoices = Callable[[Mapping[str, int]], bool]


def is_of_xlsform(header: Sequence[str]) -> bool:
    """Whether an extract was written by a platform of XLSForm (Kobo, ODK), as two of its own columns tell."""
    return len(words_of("xlsform", "column").keys() & set(header)) > 1


def joined_choices(texts: Sequence[str], joint: str, are_choices: AreChoices) -> Counter[str] | None:
    """Counts of the choices that cells join, if these come as choices do; None where a cell is one value.

    By a sign that may be part of a label, parts that only ever come together are one choice (`Funding, grants and
    loans`), and there are fewer choices than cells of different content, of which many come alone in a cell.
    """
    if not any(joint in text for text in texts):
        return None
    split = [[part for part in map(clean_label, text.split(joint)) if part] for text in texts]
    if joint != SURE:
        split = _put_together(split, joint)
    if not any(len(parts) > 1 for parts in split):
        return None
    counts = Counter(part for parts in split for part in dict.fromkeys(parts))
    if len(counts) < 2 or not are_choices(counts):
        return None
    return counts if joint == SURE or _is_ticked(split, counts) else None


def _put_together(split: Sequence[Sequence[str]], joint: str) -> list[list[str]]:
    """Cells with parts joined again where each only ever comes behind the other."""
    after: dict[str, set[str]] = defaultdict(set)
    before: dict[str, set[str]] = defaultdict(set)
    times = Counter(part for parts in split for part in parts)
    for parts in split:
        for part, following in pairwise([*parts, ""]):
            after[part].add(following)
        for previous, part in pairwise(["", *parts]):
            before[part].add(previous)
    # Two choices of which each was ticked once, and by the same person, look so too: a label goes on in lower case.
    is_one = {
        part
        for part, following in after.items()
        for other in following
        if other and len(following) == 1 and before[other] == {part} and (times[part] > 1 or not other[0].isupper())
    }
    found = []
    for parts in split:
        cell: list[str] = []
        for previous, part in pairwise(["", *parts]):
            if previous in is_one:
                cell[-1] += f"{joint}{part}"
            else:
                cell.append(part)
        found.append(cell)
    return found


def _is_ticked(split: Sequence[Sequence[str]], counts: Mapping[str, int]) -> bool:
    """Whether cells look like several ticks of one list: always in its order, and each choice for itself."""
    orders = {
        pair
        for parts in split
        for at, part in enumerate(parts)
        for pair in ((part, other) for other in parts[at + 1 :])
    }
    alone = {parts[0] for parts in split if len(parts) == 1}
    return (
        len({tuple(parts) for parts in split}) > len(counts)
        and len(alone) >= LEAST_SHARE_ALONE * len(counts)
        and not any((other, part) in orders for part, other in orders)
    )
