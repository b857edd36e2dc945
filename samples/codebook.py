"""Codebook and card of a round, as the generator needs them.

Belongs here: reading `questions.csv` and `choices.csv`, writing the checksum into `round.yml`. Not here:
answers.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samples.published import SEEDS, read_csv


@dataclass(frozen=True)
class Question:
    """One row of questions.csv; `asked_if` is the question and the choice that it is asked for."""

    name: str
    kind: str
    list_name: str
    label: str
    header: str
    asked_if: tuple[str, str] | None = None


@dataclass(frozen=True)
class Codebook:
    """Questions in order, and the labels of each choice list by choice name."""

    folder: Path
    questions: tuple[Question, ...]
    choices: dict[str, dict[str, str]]

    def question(self, name: str) -> Question:
        """The question of that name; raises LookupError."""
        for question in self.questions:
            if question.name == name:
                return question
        raise LookupError(f"{self.folder / 'questions.csv'} has no question {name!r}")

    def labels(self, name: str) -> dict[str, str]:
        """Choice labels by choice name of the question's list."""
        return self.choices[self.question(name).list_name]


@cache
def load(instrument: str, round_name: str) -> Codebook:
    """The codebook of a round below `seeds/rounds`."""
    folder = SEEDS / "rounds" / instrument / round_name
    choices: dict[str, dict[str, str]] = {}
    for row in read_csv(folder / "choices.csv"):
        choices.setdefault(row["list_name"], {})[row["name"]] = row["label"]
    questions = tuple(_question(row) for row in read_csv(folder / "questions.csv"))
    return Codebook(folder, questions, choices)


def _question(row: dict[str, str]) -> Question:
    kind, _, list_name = row["type"].partition(" ")
    header = f"{row['matrix']}: {row['label']}" if row["matrix"] else row["label"]
    condition = re.fullmatch(r"\$\{(\w+)\} = '(\w+)'", row["relevant"])
    asked_if = (condition[1], condition[2]) if condition else None
    return Question(row["name"], kind, list_name, row["label"], header, asked_if)


def stamp(folder: Path, extract: str) -> str:
    """Write the SHA-256 of the extract into the `sha256:` line of round.yml and return it."""
    digest = hashlib.sha256((folder / extract).read_bytes()).hexdigest()
    card = folder / "round.yml"
    text = card.read_text(encoding="utf-8")
    stamped, count = re.subn(r"(?m)^sha256: .*$", f'sha256: "{digest}"', text)
    if count != 1:
        raise ValueError(f"{card} needs exactly one line 'sha256:', found {count}")
    if stamped != text:
        card.write_text(stamped, encoding="utf-8")
    return digest
