"""The codebook of a round, questions.csv and choices.csv: typed, and every fault of both told at once.

Not here: the source card (card.py), other seeds (knowledge/), reading extracts (readers/), whether the answers keep the
codebook's promise (expectations/door.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

import pydantic.dataclasses
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from orchestration.common.problems import FileProblemsError, nearest
from orchestration.common.rows import FieldError, RowTable, YesOrEmpty, read_rows, require_known, require_match
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
BaseType = Literal["select_one", "select_multiple", "integer", "decimal", "text", "date"]
BASE_TYPES = get_args(BaseType)

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_RELEVANT = re.compile(r"\$\{\s*(?P<question>[^}]*?)\s*\}\s*=\s*(?P<quote>['\"])(?P<choice>.*?)(?P=quote)")
_BOUND = re.compile(r"\.\s*(?P<sign>>=|<=)\s*(?P<number>-?\d+(?:\.\d+)?)")


class CodebookError(FileProblemsError):
    """A source card or codebook that cannot be used; names every fault with file, line, column and remedy."""


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


def _require_label(text: str) -> str:
    if not clean_label(text):
        raise FieldError("the row has no label", "write the label as the extract has it")
    return text


def _read_relevant(text: str) -> Relevant | None:
    match = _RELEVANT.fullmatch(text)
    if text and match is None:
        raise FieldError(f"{text!r} cannot be read", "write it as ${other} = 'choice'")
    return match and Relevant(match["question"], match["choice"])


def _read_constraint(text: str) -> Constraint | None:
    bounds: dict[str, float] = {}
    for part in re.split(r"\s+and\s+", text) if text else ():
        match = _BOUND.fullmatch(part.strip())
        if match is None or match["sign"] in bounds:
            raise FieldError(f"{text!r} cannot be read", "write it as `. >= 0 and . <= 100`")
        bounds[match["sign"]] = float(match["number"])
    if bounds.get(">=", -math.inf) > bounds.get("<=", math.inf):
        raise FieldError(f"no number can satisfy {text!r}", "exchange the bounds")
    return Constraint(bounds.get(">="), bounds.get("<=")) if bounds else None


# What is wrong with a question: column, reason, remedy.
Fault = tuple[str, str, str]
Label = Annotated[str, AfterValidator(_require_label)]
Role = Annotated[str, require_known("role", ROLES)]


@pydantic.dataclasses.dataclass(frozen=True)
class Choice:
    """One choice of a choice list.

    `source` is the platform's own code of it, `labels` its label in further languages.
    """

    list_name: Annotated[str, require_match(_NAME, "cannot name a list", "use letters, digits and _")]
    name: Annotated[str, require_match(r"\S+", "cannot name a choice", "write a code without spaces")]
    label: Label
    position: Annotated[int, require_match("[0-9]+", "is not a position", "number the choices of a list 1, 2, 3 ...")]
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@pydantic.dataclasses.dataclass(frozen=True)
class Question:
    """One question of a round, or one row of a matrix question.

    `source` is the platform's own id of its column; `labels` and `matrices` are its texts in further languages.
    """

    base_type: Annotated[BaseType, require_known("type", BASE_TYPES), Field(validation_alias="type")]
    list_name: str | None
    name: Annotated[str, require_match(_NAME, "cannot name a question", "use letters, digits and _")]
    label: Label
    hint: str
    is_required: Annotated[YesOrEmpty, Field(validation_alias="required")]
    relevant: Annotated[Relevant | None, BeforeValidator(_read_relevant)]
    constraint: Annotated[Constraint | None, BeforeValidator(_read_constraint)]
    section: str
    question_number: str
    matrix: str
    roles: Annotated[tuple[Role, ...], BeforeValidator(str.split), Field(validation_alias="role")]
    is_personal: YesOrEmpty
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


_CHOICE = TypeAdapter(Choice)
_QUESTION = TypeAdapter(Question)


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

    @property
    def countries(self) -> tuple[str, ...]:
        """The codes of the countries of which the round asks for one; none where it asks by no list."""
        question = self.with_role("country")
        codes = [choice.name for choice in self.choices_of(question)] if question is not None else []
        return tuple(code for code in codes if len(code) == 2)

    def choices_of(self, question: Question) -> tuple[Choice, ...]:
        """The choices of a select question; none for any other."""
        return self.choices[question.list_name] if question.list_name is not None else ()


def load_codebook(folder: Path) -> Codebook:
    """Read `questions.csv` and `choices.csv` of a round's folder.

    Raises CodebookError that lists every fault of both files.
    """
    choices = read_rows(folder / "choices.csv", CHOICE_COLUMNS, _make_choice, OPTIONAL_COLUMNS)
    questions = read_rows(folder / "questions.csv", QUESTION_COLUMNS, _make_question, OPTIONAL_COLUMNS)
    _check_repetitions(choices)
    lists: dict[str, list[Choice]] = {}
    for choice in choices.rows.values():
        lists.setdefault(choice.list_name, []).append(choice)
    codebook = Codebook(
        folder,
        tuple(questions.rows.values()),
        {name: tuple(sorted(listed, key=lambda choice: choice.position)) for name, listed in lists.items()},
    )
    _check_questions(questions)
    if not questions.problems and not choices.problems:
        # Only then: what refers to a faulty row would be told as a fault of its own.
        for line, question in questions.rows.items():
            for column, reason, remedy in _reference_faults(question, codebook):
                questions.add_problem(line, column, reason, remedy)
    if problems := [*questions.problems, *choices.problems]:
        raise CodebookError(problems)
    return codebook


def _make_choice(_line: int, fields: Mapping[str, str]) -> Choice:
    texts = {column: text.strip() for column, text in fields.items()}
    return _CHOICE.validate_python({**texts, "labels": _translations(texts, "label")})


def _make_question(_line: int, fields: Mapping[str, str]) -> Question:
    texts = {column: text.strip() for column, text in fields.items()}
    base_type, *lists = texts["type"].split() or [""]
    translated = {"labels": _translations(texts, "label"), "matrices": _translations(texts, "matrix")}
    return _QUESTION.validate_python({**texts, "type": base_type, "list_name": " ".join(lists) or None, **translated})


def _translations(texts: Mapping[str, str], column: str) -> Mapping[str, str]:
    """The texts of `column::xx` by language xx; an empty one is none."""
    return {
        name.removeprefix(f"{column}::"): text
        for name, text in sorted(texts.items())
        if name.startswith(f"{column}::") and text
    }


def _check_repetitions(choices: RowTable[Choice]) -> None:
    first: dict[tuple[str, str, str], int] = {}
    for line, choice in choices.rows.items():
        own = {"name": choice.name, "label": clean_label(choice.label), "position": str(choice.position)}
        for column, value in own.items():
            seen = first.setdefault((choice.list_name, column, value), line)
            if seen != line:
                reason = f"{value!r} stands in the list {choice.list_name} on line {seen} already"
                choices.add_problem(line, column, reason, "give each choice of a list its own")


def _check_questions(questions: RowTable[Question]) -> None:
    """Find what is wrong with questions without their choices, each by itself and beside the others."""
    if not questions.rows and not questions.problems:
        questions.add_problem(1, "name", "the codebook has no question", "add one row a question")
    names: dict[str, int] = {}
    roles: dict[str, int] = {}
    for line, question in questions.rows.items():
        for column, reason, remedy in _question_faults(question):
            questions.add_problem(line, column, reason, remedy)
        first = names.setdefault(question.name, line)
        if first != line:
            reason = f"question {question.name} stands on line {first} already"
            questions.add_problem(line, "name", reason, "give each question its own code")
        for role in question.roles:
            first = roles.setdefault(role, line)
            if first != line:
                reason = f"the question on line {first} has the role {role}"
                questions.add_problem(line, "role", reason, "give it to one only")


def _question_faults(question: Question) -> Iterator[Fault]:
    kind = question.base_type
    if kind not in SELECT_TYPES and question.list_name is not None:
        yield "type", f"the type {kind} takes no list", f"write {kind} alone"
    if kind in SELECT_TYPES and len((question.list_name or "").split()) != 1:
        yield "type", f"{kind} {question.list_name or ''!r} does not name one choice list", f"write `{kind} LIST`"
    if question.constraint is not None and kind not in NUMBER_TYPES:
        yield "constraint", f"a {kind} question cannot have bounds", "leave it empty"
    if question.roles and question.is_personal:
        yield "is_personal", "a personal answer is never landed, so it can have no role", "drop one of both"
    if "response_id" in question.roles and kind not in ("text", "integer"):
        yield "type", f"a {kind} question cannot identify a response", "make it text"


def _reference_faults(question: Question, codebook: Codebook) -> Iterator[Fault]:
    """What is wrong with a question's choice list, and with the condition under which it is asked."""
    if question.list_name is not None and question.list_name not in codebook.choices:
        near = nearest(question.list_name, codebook.choices)
        remedy = "add its choices to choices.csv" + (f", or write {near}" if near else "")
        yield "type", f"the choice list {question.list_name} has no choices", remedy
        return
    choices = codebook.choices_of(question)
    if "status" in question.roles and (
        question.base_type != "select_one" or not {choice.name for choice in choices} <= set(STATUSES)
    ):
        remedy = f"make it a select_one question whose choice codes are among {', '.join(STATUSES)}"
        yield "role", "a question with the role status must say whether a response is whole", remedy
    for choice in choices if "country" in question.roles else ():
        if iso := NO_ISO_COUNTRIES.get(choice.name):
            reason = f"{choice.name} ({choice.label}) is no ISO 3166-1 code: no city of the country would be found"
            yield "role", reason, f"write {iso} as the name of that choice; its label may stay"
    if question.relevant is not None:
        yield from _condition_faults(question, question.relevant, codebook)


def _condition_faults(question: Question, relevant: Relevant, codebook: Codebook) -> Iterator[Fault]:
    other = codebook.by_name.get(relevant.question)
    if other is None:
        near = nearest(relevant.question, codebook.by_name)
        remedy = f"write {near}" if near else "name a question of this codebook"
        yield "relevant", f"refers to an unknown question {relevant.question!r}", remedy
    elif other is question:
        yield "relevant", "the question refers to itself", "name another question"
    elif other.base_type != "select_one":
        remedy = "refer to a select_one question"
        yield "relevant", f"refers to {other.name}, a {other.base_type} question", remedy
    elif other.is_personal and not question.is_personal:
        remedy = "refer to a question that is landed"
        yield "relevant", f"refers to {other.name}, whose answers are personal and dropped", remedy
    elif other.list_name in codebook.choices:
        names = [choice.name for choice in codebook.choices_of(other)]
        if relevant.choice not in names:
            reason = f"{relevant.choice!r} is no choice of {other.name}"
            yield "relevant", reason, f"use one of {', '.join(names[:8])}"
