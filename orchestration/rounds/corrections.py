"""Reviewed corrections of a round: one line a wrong answer, with the old value it expects.

Here: what a well-formed correction is, and whether its value reads under the codebook. Not here: applying it
(readers/rows.py), writing one (landing/corrections.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pydantic.dataclasses
from pydantic import TypeAdapter

from orchestration.common.problems import FileProblemsError, Problem, nearest, shown_path
from orchestration.common.rows import Day, Filled, read_rows
from orchestration.common.text import clean_label
from orchestration.common.values import Fault, day, number, quote
from orchestration.rounds.card import RoundCard
from orchestration.rounds.choices import ChoiceReader, Ticks, spellings, tick_key
from orchestration.rounds.codebook import STATUSES, Choice, Codebook, Question

# What these say of a response is read from its row as delivered, before any answer is corrected.
ROLES_OF_THE_ROW = ("response_id", "respondent", "submitted_at", "updated_at", "language")
_COLUMN = re.compile(r"(?P<question>[^\[\]]+)(?:\[(?P<choice>[^\[\]]+)\])?")
FILE = "corrections.csv"
COLUMNS = ("response_id", "question_code", "expected", "corrected", "reason", "decided_on")


class CorrectionsError(FileProblemsError):
    """Corrections that cannot be applied; names every fault with file, line, column and remedy."""


@pydantic.dataclasses.dataclass(frozen=True)
class Correction:
    """A decision about one answer: the delivered text that it expects and the text that takes its place.

    An empty text is no answer. `question_code` is empty where the status of the whole response is corrected, and
    `question[choice]` where the platform gives each choice of a question a column of its own.
    """

    file: str
    line: int
    response_id: Filled
    question_code: str
    expected: str
    corrected: str
    reason: Filled
    decided_on: Day

    def problem(self, reason: str, remedy: str, column: str | None = None) -> Problem:
        """A problem of this correction."""
        return Problem(self.file, reason, remedy, row=self.line, column=column)


_CORRECTION = TypeAdapter(Correction)
Corrections = Mapping[tuple[str, str], Correction]


def load_corrections(folder: Path) -> Corrections:
    """Corrections of a round's folder by response id and question; none where there is no file.

    Raises CorrectionsError.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    table = read_rows(
        path,
        COLUMNS,
        lambda line, fields: _CORRECTION.validate_python({**fields, "file": shown_path(path), "line": line}),
    )
    found: dict[tuple[str, str], Correction] = {}
    for line, correction in table.rows.items():
        first = found.setdefault((correction.response_id, correction.question_code), correction)
        if first is not correction:
            table.add_problem(line, None, f"the answer is corrected on line {first.line} already", "keep one of both")
        if correction.expected == correction.corrected:
            reason = "the corrected value is the expected one"
            table.add_problem(line, "corrected", reason, "delete the line, or correct it")
    if table.problems:
        raise CorrectionsError(table.problems)
    return found


def check_corrections(corrections: Corrections, codebook: Codebook, card: RoundCard) -> None:
    """Raise CorrectionsError unless each correction names a question that may be corrected and a value that reads."""
    problems = [
        correction.problem(fault.reason, fault.remedy, fault.code)
        for correction in corrections.values()
        for fault in correction_faults(correction.question_code, correction.corrected, codebook, card)
    ]
    if problems:
        raise CorrectionsError(problems)


def correction_faults(question_code: str, corrected: str, codebook: Codebook, card: RoundCard) -> Iterator[Fault]:
    """Why an answer cannot be corrected so; the code of a fault is the column of corrections.csv that it is about."""
    if not question_code:
        if corrected not in STATUSES:
            reason = f"{quote(corrected)} is no status of a response"
            yield Fault("corrected", reason, f"write one of {', '.join(STATUSES)}, or name a question")
        return
    column = _COLUMN.fullmatch(question_code)
    question = codebook.by_name.get(column["question"]) if column else None
    if column is None or question is None:
        near = nearest(question_code, codebook.by_name)
        remedy = f"write {near}" if near else "write a name of questions.csv"
        yield Fault("question_code", f"the codebook has no question {question_code!r}", remedy)
    elif refusal := _reason_against(question):
        yield Fault("question_code", refusal, "have it corrected at its source")
    elif column["choice"] is None:
        yield from _value_faults(corrected, question, codebook, card)
    else:
        choices = codebook.choices_of(question) if question.base_type == "select_multiple" else ()
        yield from _tick_faults(corrected, column["choice"], choices, card.ticks)


def _reason_against(question: Question) -> str | None:
    if question.is_personal:
        return f"the answers to {question.name} are personal and never landed"
    role = next((role for role in question.roles if role in ROLES_OF_THE_ROW), None)
    return role and f"question {question.name} tells the {role} of a row, which is read before corrections"


def _value_faults(text: str, question: Question, codebook: Codebook, card: RoundCard) -> Iterator[Fault]:
    if not clean_label(text):
        return
    found: object = text
    if question.list_name is not None:
        is_multiple = question.base_type == "select_multiple"
        choices = codebook.choices_of(question)
        found = ChoiceReader(question.list_name, choices, is_multiple, card.joined_by).read(text)
    elif question.base_type in ("integer", "decimal"):
        found = number(text, question.base_type == "integer", card.decimal)
    elif question.base_type == "date":
        found = day(text)
    if isinstance(found, Fault):
        yield Fault("corrected", found.reason, "write it as the codebook has it")
    elif question.constraint is not None and isinstance(found, float):
        least, most = question.constraint.minimum, question.constraint.maximum
        if (least is not None and found < least) or (most is not None and found > most):
            yield Fault("corrected", f"{quote(text)} is out of the bounds of {question.name}", "write what is possible")


def _tick_faults(text: str, code: str, choices: tuple[Choice, ...], ticks: Ticks) -> Iterator[Fault]:
    choice = next((choice for choice in choices if choice.name == code), None)
    if choice is None:
        yield Fault("question_code", f"{code!r} is no choice of a multiple-choice question", "write its code")
        return
    if tick_key(text) not in {*ticks.ticked, *ticks.not_ticked, *map(tick_key, spellings(choice)), ""}:
        yield Fault("corrected", f"{quote(text)} does not say whether it was chosen", "write yes or no")
