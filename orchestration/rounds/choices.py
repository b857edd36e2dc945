"""What an extract may write for the choices of a question, and which choices a cell means.

Here: how choices are spelled and joined in one cell, and what ticks a column that stands for one choice (`ticks.csv`).
Not here: choice lists as a codebook has them (codebook.py), other values (common/values.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from orchestration.common.problems import nearest
from orchestration.common.rows import FieldError
from orchestration.common.strict_csv import read_csv_strict
from orchestration.common.text import clean_label, unescape_entities
from orchestration.common.values import Cell, Fault, cell_text, number_key, quote
from orchestration.rounds.codebook import Choice

# What choices of a cell are joined by where round.yml does not say it: the first, unless another spells choices alone.
JOINTS = (";", "\n", "|", ",", " ")

_MAX_LABELS = 6


def read_joint(text: str) -> str:
    """The sign that joins choices: without the spaces around it, unless it is a space or a line break itself.

    Raises FieldError for what could be part of a word.
    """
    sign = text.strip() or ("\n" if "\n" in text else text[:1].replace("\t", " "))
    if len(sign) > 2 or any(letter.isalnum() for letter in sign):
        remedy = "write the sign between two choices of a cell, such as ', ' or ' ' or \"\\n\""
        raise FieldError(f"{text!r} cannot join choices", remedy)
    return clean_label(sign) or sign


def spellings(choice: Choice) -> tuple[str, ...]:
    """What an extract may write for a choice, surest first: label, further languages, the platform's code, our code."""
    return (choice.label, *choice.labels.values(), choice.source, choice.name)


def _by_spelling(choices: Sequence[Choice], comparable: Callable[[str], str]) -> dict[str, Choice]:
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
        spelled = [(comparable(text), choice) for text, choice in zip(kind, choices, strict=True) if text]
        meant = dict(spelled)
        if all(meant[text] is choice and found.get(text, choice) is choice for text, choice in spelled):
            found |= meant
    return found


@dataclass(frozen=True)
class Split:
    """A cell taken apart: its choices in order, and the parts that are none."""

    choices: tuple[Choice, ...]
    unknown: tuple[str, ...]


class _Joined:
    """The choices of a list in cells that join them by a sign, which may stand in the text of a choice too."""

    def __init__(self, choices: Sequence[Choice], joint: str) -> None:
        self.joint = joint
        self._around = re.compile(rf"\s*{re.escape(joint)}\s*")
        self._by_text = _by_spelling(choices, self._comparable)
        self._longest = max((text.count(joint) + 1 for text in self._by_text), default=1)

    @cached_property
    def _by_number(self) -> dict[str, Choice]:
        keyed = [(key, choice) for text, choice in self._by_text.items() if (key := number_key(text))]
        meant = dict(keyed)
        return {key: choice for key, choice in meant.items() if all(other is choice for k, other in keyed if k == key)}

    def _comparable(self, text: str) -> str:
        if self.joint == "\n":
            return "\n".join(filter(None, map(clean_label, text.splitlines())))
        return self._around.sub(self.joint, clean_label(text))

    def whole(self, text: str) -> Choice | None:
        """The choice that a text is as a whole; numbers are compared as numbers."""
        return self._choice_of(self._comparable(text))

    def _choice_of(self, comparable: str) -> Choice | None:
        found = self._by_text.get(comparable)
        return found or ((key := number_key(comparable)) and self._by_number.get(key)) or None

    def split(self, text: str) -> Split:
        """The choices that the parts of a text spell, longest first; where not all do, as many as come in order."""
        parts = [part for part in self._comparable(text).split(self.joint) if part]
        ends = self._ends(parts)
        choices, unknown, at = [], [], 0
        while at < len(parts):
            found = ends[at] or next(self._choices_at(parts, at), None)
            if found is None:
                unknown.append(at)
                at += 1
            else:
                at, choice = found
                choices.append(choice)
        delivered = self._as_delivered(text, parts) if unknown else ()
        return Split(tuple(choices), tuple(delivered[at] for at in unknown))

    def _ends(self, parts: Sequence[str]) -> list[tuple[int, Choice] | None]:
        """For each part the longest choice that begins there, and its end, such that choices account for the rest."""
        ends: list[tuple[int, Choice] | None] = [None] * len(parts)
        for at in range(len(parts) - 1, -1, -1):
            found = self._choices_at(parts, at)
            ends[at] = next((way for way in found if way[0] == len(parts) or ends[way[0]]), None)
        return ends

    def _choices_at(self, parts: Sequence[str], at: int) -> Iterator[tuple[int, Choice]]:
        for end in range(min(len(parts), at + self._longest), at, -1):
            choice = self._choice_of(self.joint.join(parts[at:end]))
            if choice is not None:
                yield end, choice

    def _as_delivered(self, text: str, parts: Sequence[str]) -> Sequence[str]:
        """The parts with the letters that the cell has, where these are in the same places."""
        text = unescape_entities(text)
        own = text.splitlines() if self.joint == "\n" else text.split(None if self.joint == " " else self.joint)
        own = [part for part in map(str.strip, own) if clean_label(part)]
        return own if len(own) == len(parts) else parts


class ChoiceReader:
    """Reads the cells of one select question; labels are compared in their clean form.

    `joint` is what joins choices in a cell (`read_joint`), besides `;`. Where it is not said, a cell is taken apart by
    another sign only if choices account for all of it; `joints_found` are those signs.
    """

    def __init__(self, list_name: str, choices: Sequence[Choice], is_multiple: bool, joint: str = "") -> None:
        self._list_name = list_name
        self._choices = choices
        self._is_multiple = is_multiple
        self._is_joint_said = bool(joint)
        said = dict.fromkeys((joint, JOINTS[0])) if joint else dict.fromkeys(JOINTS)
        self._joints = tuple(said) if is_multiple else JOINTS[:1]
        self._joined = cache(lambda sign: _Joined(choices, sign))
        self.joints_found: set[str] = set()

    def knows(self, text: str) -> bool:
        """Whether a text is one choice of the list."""
        return self._joined(self._joints[0]).whole(text) is not None

    def read(self, cell: Cell) -> tuple[Choice, ...] | Fault:
        """The choices of a cell in order of position; a fault if any part of it is no choice of the list."""
        text = cell_text(cell)
        whole = self._joined(self._joints[0]).whole(text)
        if whole is not None:
            return (whole,)
        if not self._is_multiple:
            return self._unknown([text])
        found = self.split(text)
        if found.unknown:
            return self._unknown(found.unknown)
        return tuple(sorted(dict.fromkeys(found.choices), key=lambda choice: choice.position))

    def split(self, text: str) -> Split:
        """A cell taken apart by the sign that leaves least unknown; by none where two say different things."""
        splits = {}
        for sign in self._joints:
            splits[sign] = found = self._joined(sign).split(text)
            if not found.unknown and (self._is_joint_said or sign == JOINTS[0]):
                return found
        whole = {sign: found for sign, found in splits.items() if not found.unknown}
        if len({frozenset(choice.name for choice in found.choices) for found in whole.values()}) > 1:
            return Split((), (text,))
        if whole:
            self.joints_found.add(next(iter(whole)))
            return next(iter(whole.values()))
        return min(splits.values(), key=lambda found: (not found.choices, sum(map(len, found.unknown))))

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


@dataclass(frozen=True)
class Ticks:
    """What a column that stands for one choice says where it was chosen and where not, as `tick_key` compares it."""

    ticked: frozenset[str]
    not_ticked: frozenset[str]

    def with_own(self, ticked: Collection[str], not_ticked: Collection[str]) -> Ticks:
        """These and words of one's own, which go before."""
        yes, no = (frozenset(map(tick_key, words)) for words in (ticked, not_ticked))
        return Ticks(self.ticked - no | yes, self.not_ticked - yes | no)


def tick_key(text: str) -> str:
    """A tick as it is compared: without case and accents, numbers as numbers."""
    plain = unicodedata.normalize("NFKD", clean_label(text).casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return number_key(plain) or plain


@cache
def known_ticks() -> Ticks:
    """What platforms write in the languages of Europe."""
    rows = [row for _, row in read_csv_strict(Path(__file__).with_name("ticks.csv"))]
    ticked, not_ticked = (
        frozenset(tick_key(word) for row in rows for word in row[column].split("|") if word)
        for column in ("ticked", "not_ticked")
    )
    return Ticks(ticked, not_ticked)
