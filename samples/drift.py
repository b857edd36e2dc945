"""How answers move from one round to the next: `drift_2025.csv`.

Belongs here: the rows, and moving the answers to one question by them. Not here: who answers, and what a question that
is asked for the first time is answered with (second_survey.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samples import noise, published
from samples.workbook import Answer

ANY, HIGHER, LOWER = "any", "higher", "lower"
NONE = "none"


@dataclass(frozen=True)
class Move:
    """`share` of those who gave `choice` give `becomes` now.

    Of a question with several answers one side is empty: an answer is dropped, or named by a share of those who had not
    named it. Of a rating `choice` is any, and a level becomes the next higher or lower one.
    """

    choice: str
    becomes: str
    share: float


@cache
def moves() -> dict[str, tuple[Move, ...]]:
    """The rows by question."""
    found: dict[str, tuple[Move, ...]] = {}
    for row in published.read_csv(Path(__file__).with_name("drift_2025.csv")):
        move = Move(row["choice"], row["becomes"], int(row["share_pct"]) / 100)
        found[row["question"]] = (*found.get(row["question"], ()), move)
    return found


def drifted(question: str, given: Mapping[int, Answer], choices: Sequence[str]) -> dict[int, Answer]:
    """The answers after every move of the question; each is counted among the answers before all of them."""
    after = dict(given)
    moved: set[int] = set()
    for move in moves().get(question, ()):
        among = [number for number, answer in given.items() if _gives(answer, move)]
        several = "" in (move.choice, move.becomes)
        ranked = sorted(among, key=lambda n: noise.unit("drift", question, *(move.choice, move.becomes) * several, n))
        free = ranked if several else [number for number in ranked if number not in moved]
        for number in free[: round(move.share * len(among))]:
            after[number] = _moved(after[number], move, choices)
            moved.add(number)
    return after


def _gives(answer: Answer, move: Move) -> bool:
    if isinstance(answer, list):
        return move.choice in answer if move.choice else move.becomes not in answer
    return answer is not None and move.choice in (ANY, answer)


def _moved(answer: Answer, move: Move, choices: Sequence[str]) -> Answer:
    if isinstance(answer, list):
        left = [*({*answer, move.becomes} - {move.choice, "", NONE})]
        return [name for name in choices if name in left] or [NONE] * (NONE in choices)
    if move.choice != ANY:
        return move.becomes
    levels = sorted(choices)
    level = levels.index(str(answer)) + (1 if move.becomes == HIGHER else -1)
    return levels[min(max(level, 0), len(levels) - 1)]
