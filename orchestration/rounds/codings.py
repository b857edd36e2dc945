"""Reviewed codings of a round's open answers: what each coder read out of a text, and which of them count.

Here: what a well-formed coding is, whether it fits codebook and coding frame, what counts where coders differ. Not
here: which choices a frame has (knowledge/frames.py), whether the text is still the one coded (landing/codings.py).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pydantic.dataclasses
from pydantic import BeforeValidator, Field, TypeAdapter

from orchestration.common.problems import FileProblemsError, Problem, list_some, shown_path, suggest
from orchestration.common.rows import Day, FieldError, Filled, YesOrEmpty, read_rows, require_match
from orchestration.common.strict_csv import csv_text
from orchestration.common.values import Fault, quote
from orchestration.rounds.codebook import Codebook

FILE = "codings.csv"
COLUMNS = ("response_id", "question_code", "codes", "coder", "coded_on", "final", "text_hash")
# As XLSForm joins the choices of a select_multiple answer.
JOINT = " "
_HASH_LENGTH = 12


class CodingsError(FileProblemsError):
    """Codings that cannot be used; names every fault with file, line, column and remedy."""


@dataclass(frozen=True)
class Frame:
    """The coding frame of an open question: labels of its choices by code, and whether an answer has one only."""

    labels: Mapping[str, str]
    is_single: bool


def _read_codes(text: str) -> tuple[str, ...]:
    codes = tuple(text.split())
    if not codes:
        raise FieldError(
            "says nothing", "write at least one code; an answer that fits none needs a choice that says so"
        )
    if len(set(codes)) < len(codes):
        raise FieldError(f"{text!r} has a code twice", "write each once")
    return codes


@pydantic.dataclasses.dataclass(frozen=True)
class Coding:
    """What one coder read out of one answer. A final one is the decision of an adjudicator, who may be a coder too."""

    file: str
    line: int
    response_id: Filled
    question_code: Filled
    codes: Annotated[tuple[str, ...], BeforeValidator(_read_codes)]
    coder: Annotated[Filled, require_match("[^@]*", "is an address", "write a name or short sign: seeds are shared")]
    coded_on: Day
    is_final: Annotated[YesOrEmpty, Field(validation_alias="final")]
    text_hash: Annotated[
        str,
        require_match(f"[0-9a-f]{{{_HASH_LENGTH}}}", "is no hash of a text", "have `needs coding add` write the row"),
    ]

    @property
    def answer(self) -> tuple[str, str]:
        """The answer that is coded: response id and question."""
        return self.response_id, self.question_code

    def problem(self, reason: str, remedy: str, column: str | None = None) -> Problem:
        """A problem of this coding."""
        return Problem(self.file, reason, remedy, row=self.line, column=column)


_CODING = TypeAdapter(Coding)
Codings = tuple[Coding, ...]


def text_hash(text: str) -> str:
    """What stands for a text in codings.csv, which quotes none: the beginning of the SHA-256 of its words."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:_HASH_LENGTH]


def load_codings(folder: Path) -> Codings:
    """Codings of a round's folder, in the order of the file; none where there is no file. Raises CodingsError."""
    path = folder / FILE
    if not path.exists():
        return ()
    table = read_rows(
        path, COLUMNS, lambda line, fields: make_coding({**fields, "file": shown_path(path), "line": line})
    )
    first: dict[tuple[object, ...], int] = {}
    for line, coding in table.rows.items():
        seen = first.setdefault((coding.answer, "final" if coding.is_final else coding.coder), line)
        if seen != line:
            reason = "the answer has a final coding" if coding.is_final else f"{coding.coder} has coded the answer"
            table.add_problem(line, None, f"{reason} on line {seen} already", "keep one of both")
    if table.problems:
        raise CodingsError(table.problems)
    return tuple(table.rows.values())


def make_coding(fields: Mapping[str, object]) -> Coding:
    """A coding of the texts of its row. Raises pydantic's ValidationError."""
    return _CODING.validate_python(fields)


def codings_text(codings: Iterable[Coding]) -> str:
    """The content of a codings.csv: sorted, so that two people who add rows meet in one place only by answer."""
    ordered = sorted(
        codings, key=lambda coding: (coding.question_code, coding.response_id, coding.is_final, coding.coder)
    )
    return csv_text(
        COLUMNS,
        ({**vars(row), "codes": JOINT.join(row.codes), "final": "yes" if row.is_final else ""} for row in ordered),
    )


def group_by_answer(codings: Iterable[Coding]) -> Mapping[tuple[str, str], Codings]:
    """Codings by the answer that they code."""
    groups: dict[tuple[str, str], list[Coding]] = defaultdict(list)
    for coding in codings:
        groups[coding.answer].append(coding)
    return {answer: tuple(group) for answer, group in groups.items()}


def decisive(codings: Sequence[Coding]) -> Codings:
    """Which codings of one answer count: the final one, else all where all coders agree, else none.

    Double coding with adjudication, the practice of content analysis: where two differ nobody's is chosen silently.
    """
    final = tuple(coding for coding in codings if coding.is_final)
    if final:
        return final
    return tuple(codings) if len({frozenset(coding.codes) for coding in codings}) == 1 else ()


def coding_problems(codings: Iterable[Coding], codebook: Codebook, frames: Mapping[str, Frame]) -> Iterator[Problem]:
    """Codings of questions that have no open answers to code, and codes that the question's frame does not have."""
    for coding in codings:
        for fault in coding_faults(coding.question_code, coding.codes, codebook, frames):
            yield coding.problem(fault.reason, fault.remedy, fault.code)


def coding_faults(
    question_code: str, codes: Sequence[str], codebook: Codebook, frames: Mapping[str, Frame]
) -> Iterator[Fault]:
    """Why an answer cannot be coded so; the code of a fault is the column of codings.csv that it is about."""
    question, frame = codebook.by_name.get(question_code), frames.get(question_code)
    if question is None:
        near = suggest(question_code, list(frames) or list(codebook.by_name), "write a name of questions.csv")
        yield Fault("question_code", f"the codebook has no question {question_code!r}", near)
    elif question.is_personal:
        yield Fault("question_code", f"the answers to {question_code} are personal and never landed", "delete the row")
    elif question.base_type != "text":
        reason = f"{question_code} is a {question.base_type} question, whose answers are codes already"
        yield Fault("question_code", reason, "name an open question")
    elif frame is None:
        remedy = (
            f"add a row for {question_code} with the method coded to item_sources.csv, whose item's scale has the codes"
        )
        yield Fault("question_code", f"no item is coded from {question_code}", remedy)
    else:
        for code in codes:
            if code not in frame.labels:
                remedy = suggest(code, list(frame.labels), "add the choice to scales.csv")
                yield Fault(
                    "codes", f"{quote(code)} is no choice of the item that is coded from {question_code}", remedy
                )
        if frame.is_single and len(codes) > 1:
            reason = f"{list_some(codes)} are several codes, and the item that is coded from {question_code} takes one"
            yield Fault("codes", reason, "keep the one that fits best")
