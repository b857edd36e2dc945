"""Which question of an earlier round is which question of a new one, by code and by text, one to one.

Here: pairs and their scores. Not here: what follows for the scale (orchestration/crosswalk.py), who confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.crosswalk import FAR_TEXT, NEAR_TEXT, Basis, text_score
from orchestration.readers.labels import clean_label

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Asked:
    """What matching sees of a question: its code, empty where it has none of its own yet, and its whole text."""

    code: str
    text: str


@dataclass(frozen=True)
class Pair:
    """A question of the new round and one of the earlier round, by their positions, with score (0 to 100) and basis."""

    new: int
    earlier: int
    score: int
    basis: Basis


def matched(new: Sequence[Asked], earlier: Sequence[Asked], near: int = NEAR_TEXT) -> tuple[Pair, ...]:
    """Pair questions one to one, surest first: same text, same code with a text not far, near text.

    The score is that of the texts. Sorted by position in the new round. One code with two far texts is no pair: the
    crosswalk's checks call it a reused code.
    """
    candidates = [
        candidate
        for i, question in enumerate(new)
        for j, other in enumerate(earlier)
        if (candidate := _candidate(i, j, question, other, near)) is not None
    ]
    pairs: list[Pair] = []
    taken_new: set[int] = set()
    taken_earlier: set[int] = set()
    for _, _, i, j, pair in sorted(candidates, key=lambda candidate: candidate[:4]):
        if i not in taken_new and j not in taken_earlier:
            pairs.append(pair)
            taken_new.add(i)
            taken_earlier.add(j)
    return tuple(sorted(pairs, key=lambda pair: pair.new))


def _candidate(i: int, j: int, new: Asked, earlier: Asked, near: int) -> tuple[int, int, int, int, Pair] | None:
    """A possible pair with its rank: the surer and the higher the score, the smaller."""
    has_same_code = bool(new.code) and new.code == earlier.code
    has_same_text = clean_label(new.text).casefold() == clean_label(earlier.text).casefold()
    score = text_score(new.text, earlier.text)
    basis: Basis = "same code" if has_same_code else "same text" if has_same_text else "near text"
    if has_same_text:
        rank = 0 if has_same_code else 1
    elif has_same_code and score >= FAR_TEXT:
        rank = 2
    elif score >= near and _numbers(new.text) == _numbers(earlier.text):
        rank = 3
    else:
        return None
    return rank, -score, i, j, Pair(i, j, score, basis)


def _numbers(text: str) -> frozenset[str]:
    """The numbers in a text that are no years: scope 1 is not scope 2, whatever else is alike."""
    return frozenset(_NUMBER.findall(_YEAR.sub("", text)))
