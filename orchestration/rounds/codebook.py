"""Typed, self-validating loaders of a round: its source card (round.yml) and its codebook (two CSV files).

Here: what a well-formed round is, and every fault of its files told at once. Not here: other seeds
(knowledge/), reading extracts (readers/), whether the answers keep the codebook's promise
(expectations/door.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from orchestration.common.problems import FileProblemsError, Problem, nearest, shown_path
from orchestration.common.strict_csv import TableError, read_csv_strict
from orchestration.common.text import clean_label

QUESTION_COLUMNS = (
    "type", "name", "label", "hint", "required", "relevant", "constraint",
    "section", "question_number", "matrix", "role", "is_personal",
)  # fmt: skip
CHOICE_COLUMNS = ("list_name", "name", "label", "position")
# What a codebook may add: the platform's own ids, and texts in other languages (`label::fr`), as XLSForm has them.
OPTIONAL_COLUMNS = re.compile(r"source|(?:label|matrix)::(?P<language>[a-z]{2,3})")
ROLES = (
    "response_id", "respondent", "status", "submitted_at", "updated_at", "language",
    "city_name", "organisation", "city_pseudonym", "city_id", "geonameid", "country", "population",
    "latitude", "longitude",
)  # fmt: skip
# Codes of the European institutions that differ from ISO 3166-1.
NO_ISO_COUNTRIES = {"EL": "GR", "UK": "GB"}
STATUSES = ("complete", "incomplete", "test")
SELECT_TYPES = ("select_one", "select_multiple")
NUMBER_TYPES = ("integer", "decimal")
BASE_TYPES = (*SELECT_TYPES, *NUMBER_TYPES, "text", "date")

BaseType = Literal["select_one", "select_multiple", "integer", "decimal", "text", "date"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RELEVANT = re.compile(r"\$\{\s*(?P<question>[^}]*?)\s*\}\s*=\s*(?P<quote>['\"])(?P<choice>.*?)(?P=quote)")
_BOUND = re.compile(r"\.\s*(?P<sign>>=|<=)\s*(?P<number>-?\d+(?:\.\d+)?)")


class CodebookError(FileProblemsError):
    """A source card or codebook that cannot be used; names every fault with file, line, column and remedy."""


@dataclass(frozen=True)
class Choice:
    """One choice of a choice list.

    `source` is the platform's own code of it, `labels` its label in further languages.
    """

    list_name: str
    name: str
    label: str
    position: int
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Relevant:
    """The condition under which a question is asked: another question has a given choice."""

    question: str
    choice: str


@dataclass(frozen=True)
class Constraint:
    """The least and the greatest number that a question admits; None is no bound."""

    minimum: float | None
    maximum: float | None


@dataclass(frozen=True)
class Question:
    """One question of a round, or one row of a matrix question.

    `source` is the platform's own id of its column; `labels` and `matrices` are its texts in further languages.
    """

    base_type: BaseType
    list_name: str | None
    name: str
    label: str
    hint: str
    is_required: bool
    relevant: Relevant | None
    constraint: Constraint | None
    section: str
    question_number: str
    matrix: str
    roles: tuple[str, ...]
    is_personal: bool
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    matrices: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def header(self) -> str:
        """The header of its column in an extract."""
        return _header(self.matrix, self.label)

    @property
    def translated_headers(self) -> tuple[str, ...]:
        """The header in each further language that the codebook has."""
        return tuple(_header(self.matrices.get(language, ""), label) for language, label in self.labels.items())


def _header(matrix: str, label: str) -> str:
    return f"{matrix}: {label}" if matrix else label


@dataclass(frozen=True)
class Codebook:
    """The questions of a round in order, and its choice lists, each in order of position."""

    folder: Path
    questions: tuple[Question, ...]
    choices: Mapping[str, tuple[Choice, ...]]

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """Questions by their code."""
        return {question.name: question for question in self.questions}

    @property
    def landed_questions(self) -> tuple[Question, ...]:
        """The questions whose answers may be landed: all but the personal ones."""
        return tuple(question for question in self.questions if not question.is_personal)

    def with_role(self, role: str) -> Question | None:
        """The question that tells a given thing about the city, if the round has one."""
        return next((question for question in self.questions if role in question.roles), None)

    def choices_of(self, question: Question) -> tuple[Choice, ...]:
        """The choices of a select question; none for any other."""
        return self.choices[question.list_name] if question.list_name is not None else ()


def load_codebook(folder: Path) -> Codebook:
    """Read `questions.csv` and `choices.csv` of a round's folder.

    Raises CodebookError that lists every fault of both files.
    """
    problems: list[Problem] = []
    question_rows = _rows_of(folder / "questions.csv", QUESTION_COLUMNS, problems)
    choice_rows = _rows_of(folder / "choices.csv", CHOICE_COLUMNS, problems)
    if problems:
        raise CodebookError(problems)
    choices = _Choices(shown_path(folder / "choices.csv"), choice_rows)
    questions = _Questions(shown_path(folder / "questions.csv"), question_rows, choices.lists)
    problems = [*questions.problems, *choices.problems]
    if problems:
        raise CodebookError(problems)
    return Codebook(folder, tuple(questions.questions), choices.lists)


def _rows_of(path: Path, columns: Sequence[str], problems: list[Problem]) -> list[tuple[int, dict[str, str]]]:
    try:
        rows = read_csv_strict(path, columns, OPTIONAL_COLUMNS)
        return [(line, {k: v.strip() for k, v in row.items()}) for line, row in rows]
    except TableError as error:
        problems += error.problems
        return []


def _texts(row: Mapping[str, str], column: str) -> Mapping[str, str]:
    """The texts of `column::xx` by language xx; an empty one is none."""
    return {
        name.removeprefix(f"{column}::"): text
        for name, text in sorted(row.items())
        if name.startswith(f"{column}::") and text
    }


class _Choices:
    """The choice lists of `choices.csv`, and what is wrong with them."""

    def __init__(self, file: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> None:
        self.file = file
        self.problems: list[Problem] = []
        found: dict[str, list[Choice]] = {}
        self._seen: dict[tuple[str, str, str], int] = {}
        for line, row in rows:
            position = self._position(line, row["position"])
            self._check(line, row)
            found.setdefault(row["list_name"], []).append(
                Choice(
                    row["list_name"], row["name"], row["label"], position, row.get("source", ""), _texts(row, "label")
                )
            )
        self.lists: Mapping[str, tuple[Choice, ...]] = {
            name: tuple(sorted(choices, key=lambda choice: choice.position)) for name, choices in found.items()
        }

    def _add(self, line: int, column: str, reason: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, reason, remedy, row=line, column=column))

    def _position(self, line: int, text: str) -> int:
        if text.isascii() and text.isdigit():
            return int(text)
        self._add(line, "position", f"{text!r} is not a position", "number the choices of a list 1, 2, 3 ...")
        return 0

    def _check(self, line: int, row: Mapping[str, str]) -> None:
        list_name = row["list_name"]
        if not _NAME.fullmatch(list_name):
            self._add(line, "list_name", f"{list_name!r} cannot name a list", "use letters, digits and _")
        if not row["name"] or re.search(r"\s", row["name"]):
            self._add(line, "name", f"{row['name']!r} cannot name a choice", "write a code without spaces")
        if not clean_label(row["label"]):
            self._add(line, "label", "the choice has no label", "write the label as the extract has it")
        for column, value in (
            ("name", row["name"]),
            ("label", clean_label(row["label"])),
            ("position", row["position"]),
        ):
            first = self._seen.setdefault((list_name, column, value), line)
            if first != line:
                reason = f"{value!r} stands in the list {list_name} on line {first} already"
                self._add(line, column, reason, "give each choice of a list its own")


class _Questions:
    """The questions of `questions.csv`, and what is wrong with them."""

    def __init__(
        self,
        file: str,
        rows: Sequence[tuple[int, Mapping[str, str]]],
        lists: Mapping[str, tuple[Choice, ...]],
    ) -> None:
        self.file = file
        self.lists = lists
        self.problems: list[Problem] = []
        self.questions: list[Question] = []
        lines = [line for line, _ in rows]
        for line, row in rows:
            self.questions.append(self._question(line, row))
        if not rows:
            self._add(1, "name", "the codebook has no question", "add one row a question")
        self._check_names(lines)
        self._check_roles(lines)
        self._check_conditions(lines)

    def _add(self, line: int, column: str, reason: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, reason, remedy, row=line, column=column))

    def _question(self, line: int, row: Mapping[str, str]) -> Question:
        base_type, list_name = self._type(line, row["type"])
        if not _NAME.fullmatch(row["name"]):
            self._add(line, "name", f"{row['name']!r} cannot name a question", "use letters, digits and _")
        if not clean_label(row["label"]):
            self._add(line, "label", "the question has no label", "write the label as the extract has it")
        return Question(
            base_type=base_type,
            list_name=list_name,
            name=row["name"],
            label=row["label"],
            hint=row["hint"],
            is_required=self._yes_or_empty(line, row, "required"),
            relevant=self._relevant(line, row["relevant"]),
            constraint=self._constraint(line, row["constraint"], base_type),
            section=row["section"],
            question_number=row["question_number"],
            matrix=row["matrix"],
            roles=self._roles(line, row["role"]),
            is_personal=self._yes_or_empty(line, row, "is_personal"),
            source=row.get("source", ""),
            labels=_texts(row, "label"),
            matrices=_texts(row, "matrix"),
        )

    def _type(self, line: int, text: str) -> tuple[BaseType, str | None]:
        base_type, *arguments = text.split() or [""]
        if base_type not in BASE_TYPES:
            near = nearest(base_type, BASE_TYPES)
            remedy = f"use one of {', '.join(BASE_TYPES)}" + (f"; {near} is near" if near else "")
            self._add(line, "type", f"unknown type {text!r}", remedy)
            return "text", None
        known = cast(BaseType, base_type)
        if base_type not in SELECT_TYPES:
            if arguments:
                self._add(line, "type", f"the type {base_type} takes no list", f"write {base_type} alone")
            return known, None
        if len(arguments) != 1:
            self._add(line, "type", f"{text!r} does not name one choice list", f"write `{base_type} LIST`")
            return known, None
        if arguments[0] not in self.lists:
            near = nearest(arguments[0], self.lists)
            remedy = "add its choices to choices.csv" + (f", or write {near}" if near else "")
            self._add(line, "type", f"the choice list {arguments[0]} has no choices", remedy)
            return known, None
        return known, arguments[0]

    def _yes_or_empty(self, line: int, row: Mapping[str, str], column: str) -> bool:
        if row[column] not in ("", "yes"):
            self._add(line, column, f"{row[column]!r} is neither yes nor empty", "write yes, or leave it empty")
        return row[column] == "yes"

    def _relevant(self, line: int, text: str) -> Relevant | None:
        if not text:
            return None
        match = _RELEVANT.fullmatch(text)
        if match is None:
            self._add(line, "relevant", f"{text!r} cannot be read", "write it as ${other} = 'choice'")
            return None
        return Relevant(match["question"], match["choice"])

    def _constraint(self, line: int, text: str, base_type: str) -> Constraint | None:
        if not text:
            return None
        if base_type not in NUMBER_TYPES:
            self._add(line, "constraint", f"a {base_type} question cannot have bounds", "leave it empty")
            return None
        bounds: dict[str, float] = {}
        for part in re.split(r"\s+and\s+", text):
            match = _BOUND.fullmatch(part.strip())
            if match is None or match["sign"] in bounds:
                self._add(line, "constraint", f"{text!r} cannot be read", "write it as `. >= 0 and . <= 100`")
                return None
            bounds[match["sign"]] = float(match["number"])
        if bounds.get(">=", -math.inf) > bounds.get("<=", math.inf):
            self._add(line, "constraint", f"no number can satisfy {text!r}", "exchange the bounds")
        return Constraint(bounds.get(">="), bounds.get("<="))

    def _roles(self, line: int, text: str) -> tuple[str, ...]:
        for role in text.split():
            if role not in ROLES:
                near = nearest(role, ROLES)
                remedy = f"use {', '.join(ROLES)} or leave it empty" + (f"; {near} is near" if near else "")
                self._add(line, "role", f"unknown role {role!r}", remedy)
        return tuple(text.split())

    def _check_names(self, lines: Sequence[int]) -> None:
        first: dict[str, int] = {}
        for line, question in zip(lines, self.questions, strict=True):
            if first.setdefault(question.name, line) != line:
                reason = f"question {question.name} stands on line {first[question.name]} already"
                self._add(line, "name", reason, "give each question its own code")

    def _check_roles(self, lines: Sequence[int]) -> None:
        first: dict[str, int] = {}
        for line, question in zip(lines, self.questions, strict=True):
            if question.roles and question.is_personal:
                self._add(
                    line,
                    "is_personal",
                    "a personal answer is never landed, so it can have no role",
                    "drop one of both",
                )
            if "response_id" in question.roles and question.base_type not in ("text", "integer"):
                self._add(
                    line,
                    "type",
                    f"a {question.base_type} question cannot identify a response",
                    "make it text",
                )
            if "status" in question.roles:
                self._check_statuses(line, question)
            if "country" in question.roles:
                self._check_countries(line, question)
            for role in question.roles:
                if first.setdefault(role, line) != line:
                    self._add(
                        line,
                        "role",
                        f"the question on line {first[role]} has the role {role}",
                        "give it to one only",
                    )

    def _check_statuses(self, line: int, question: Question) -> None:
        codes = {choice.name for choice in self.lists.get(question.list_name or "", ())}
        if question.base_type != "select_one" or not codes <= set(STATUSES):
            remedy = f"make it a select_one question whose choice codes are among {', '.join(STATUSES)}"
            self._add(line, "role", "a question with the role status must say whether a response is whole", remedy)

    def _check_countries(self, line: int, question: Question) -> None:
        for choice in self.lists.get(question.list_name or "", ()):
            if iso := NO_ISO_COUNTRIES.get(choice.name):
                reason = f"{choice.name} ({choice.label}) is no ISO 3166-1 code: no city of the country would be found"
                self._add(line, "role", reason, f"write {iso} as the name of that choice; its label may stay")

    def _check_conditions(self, lines: Sequence[int]) -> None:
        by_name = {question.name: question for question in self.questions}
        for line, question in zip(lines, self.questions, strict=True):
            if question.relevant is not None:
                self._check_condition(line, question, question.relevant, by_name)

    def _check_condition(
        self, line: int, question: Question, relevant: Relevant, by_name: Mapping[str, Question]
    ) -> None:
        other = by_name.get(relevant.question)
        if other is None:
            near = nearest(relevant.question, by_name)
            remedy = f"write {near}" if near else "name a question of this codebook"
            self._add(line, "relevant", f"refers to an unknown question {relevant.question!r}", remedy)
        elif other is question:
            self._add(line, "relevant", "the question refers to itself", "name another question")
        elif other.base_type != "select_one":
            remedy = "refer to a select_one question"
            self._add(line, "relevant", f"refers to {other.name}, a {other.base_type} question", remedy)
        elif other.is_personal and not question.is_personal:
            remedy = "refer to a question that is landed"
            self._add(line, "relevant", f"refers to {other.name}, whose answers are personal and dropped", remedy)
        elif other.list_name is not None:
            names = [choice.name for choice in self.lists[other.list_name]]
            if relevant.choice not in names:
                reason = f"{relevant.choice!r} is no choice of {other.name}"
                self._add(line, "relevant", reason, f"use one of {', '.join(names[:8])}")
