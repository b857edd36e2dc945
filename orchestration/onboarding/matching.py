"""Which question of an earlier round is which question of a new one, by code and by text, one to one.

Here: pairs, their scores, and the crosswalk that they suggest. Not here: how scales differ
(orchestration/rounds/crosswalk.py), what follows from a confirmed crosswalk (confirm.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.common.text import clean_label
from orchestration.rounds.codebook import Codebook
from orchestration.rounds.crosswalk import (
    FAR_TEXT,
    NEAR_TEXT,
    Basis,
    CrosswalkRow,
    Verdict,
    scale_difference,
    text_score,
)

SAME_TEXT = 100
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


def match_questions(new: Sequence[Asked], earlier: Sequence[Asked], near: int = NEAR_TEXT) -> tuple[Pair, ...]:
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


def propose_crosswalk(
    codebook: Codebook, earlier: Codebook, earlier_round: str, *, has_own_codes: bool
) -> tuple[CrosswalkRow, ...]:
    """A row for each question of both rounds: those of the new round in their order, then those that are dropped.

    Without `has_own_codes` the codes were made here from texts, so they are no reason by themselves: only those of a
    platform are.
    """
    new = [
        Asked(question.name if has_own_codes or question.source else "", question.header)
        for question in codebook.questions
    ]
    old = [Asked(question.name, question.header) for question in earlier.questions]
    pairs = {pair.new: pair for pair in match_questions(new, old)}
    rows = []
    for i, question in enumerate(codebook.questions):
        if i not in pairs:
            rows.append(CrosswalkRow(question.name, "", "", None, "new", "", False, ""))
            continue
        pair, partner = pairs[i], earlier.questions[pairs[i].earlier]
        note = scale_difference(question, codebook, partner, earlier).words
        verdict: Verdict = "new scale" if note else "same" if pair.score == SAME_TEXT else "reworded"
        rows.append(
            CrosswalkRow(question.name, earlier_round, partner.name, pair.score, verdict, pair.basis, False, note)
        )
    paired = {pair.earlier for pair in pairs.values()}
    dropped = [question.name for j, question in enumerate(earlier.questions) if j not in paired]
    return (*rows, *(CrosswalkRow("", earlier_round, code, None, "dropped", "", False, "") for code in dropped))


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
