"""What an extract may write for the choices of a question, and which choices a cell means.

Not here: choice lists as a codebook has them (codebook.py), other values (common/values.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestration.common.problems import nearest
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, quote

if TYPE_CHECKING:
    from orchestration.rounds.codebook import Choice


# What a column that stands for one choice says: chosen or not (LimeSurvey, EUSurvey, SPSS; 1 and 0 everywhere).
TICKED = frozenset(("1", "1.0", "y", "yes", "x", "true", "checked", "selected", "ja", "oui", "sí", "si", "sì", "sim"))
NOT_TICKED = frozenset(
    ("0", "0.0", "n", "no", "false", "unchecked", "not selected", "nein", "non", "não", "nee", "nej")
)

_SEPARATOR = re.compile(r"\s*;\s*")
_MAX_LABELS = 6


def spellings(choice: Choice) -> tuple[str, ...]:
    """What an extract may write for a choice, surest first: label, further languages, the platform's code, our code."""
    return (choice.label, *choice.labels.values(), choice.source, choice.name)


def _by_spelling(choices: Sequence[Choice]) -> dict[str, Choice]:
    """Choices by what may be written for them.

    A kind of spelling (labels, codes …) of which one word would mean another choice by a surer kind is not read at all:
    where the codes of a list are 1, 2, 3 and its labels 3, 2, 1, a 1 is a label.
    """
    languages = sorted({language for choice in choices for language in choice.labels})
    of_choices = [
        (choice.label, *(choice.labels.get(language, "") for language in languages), choice.source, choice.name)
        for choice in choices
    ]
    found: dict[str, Choice] = {}
    for kind in zip(*of_choices, strict=True):
        spelled = [(_comparable(text), choice) for text, choice in zip(kind, choices, strict=True) if text]
        meant = dict(spelled)
        if all(meant[text] is choice and found.get(text, choice) is choice for text, choice in spelled):
            found |= meant
    return found


def _comparable(text: str) -> str:
    return _SEPARATOR.sub(";", clean_label(text))


class ChoiceReader:
    """Reads the cells of one select question; labels are compared in their clean form."""

    def __init__(self, list_name: str, choices: Sequence[Choice], is_multiple: bool) -> None:
        self._list_name = list_name
        self._choices = choices
        self._is_multiple = is_multiple
        self._by_label = _by_spelling(choices)

    def knows(self, text: str) -> bool:
        """Whether a text is one choice of the list."""
        return _comparable(text) in self._by_label

    def read(self, cell: Cell) -> tuple[Choice, ...] | Fault:
        """The choices of a cell in order of position; a fault if any part of it is no choice of the list."""
        text = _comparable(cell_text(cell))
        if text in self._by_label:
            return (self._by_label[text],)
        if not self._is_multiple:
            return self._unknown([text])
        parts = [part for part in text.split(";") if part]
        found = self._labels_of(parts)
        if found is None:
            return self._unknown(self._unreadable(parts))
        return tuple(sorted({self._by_label[label] for label in found}, key=lambda choice: choice.position))

    def _labels_of(self, parts: Sequence[str]) -> tuple[str, ...] | None:
        """The labels that a list of parts spells, longest first, since a label may hold the separator."""
        if not parts:
            return ()
        for end in range(len(parts), 0, -1):
            label = ";".join(parts[:end])
            if label in self._by_label:
                rest = self._labels_of(parts[end:])
                if rest is not None:
                    return (label, *rest)
        return None

    def _unreadable(self, parts: Sequence[str]) -> list[str]:
        """The parts that no label accounts for."""
        for end in range(len(parts), 0, -1):
            if ";".join(parts[:end]) in self._by_label:
                return self._unreadable(parts[end:])
        return [parts[0], *self._unreadable(parts[1:])] if parts else []

    def _unknown(self, unknown: Sequence[str]) -> Fault:
        labels = [clean_label(choice.label) for choice in self._choices]
        allowed = " | ".join(labels[:_MAX_LABELS])
        if len(labels) > _MAX_LABELS:
            allowed += f" | and {len(labels) - _MAX_LABELS} more"
        near = nearest(unknown[0], labels, cutoff=0.5)
        said = ", ".join(map(quote, unknown))
        reason = f"{said} is no choice of the list {self._list_name}; allowed: {allowed}"
        if near:
            reason += f"; nearest: {near!r}"
        return Fault("unknown_choice", reason, "correct the cell at its source, or add the choice to choices.csv")
