"""`needs round check`: what a person looks at before confirming: the extract read by its codebook, and nothing landed.

Here: what the reader rejects, counted and with the nearest choices. Not here: reading (readers/), the crosswalk's rules
(orchestration/rounds/crosswalk.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.extracts.errors import ExtractError
from orchestration.onboarding.confirm import load_one_round
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import Choice, Codebook
from orchestration.rounds.crosswalk import round_problems, text_score

MOST_NEAREST = 3
LEAST_SCORE = 50


@dataclass(frozen=True)
class UnknownValue:
    """A value that no answer of its question can be: how often it stands, where first, and the nearest choices."""

    question: str
    value: str
    count: int
    first_row: int
    reason_code: str
    nearest: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RejectedRows:
    """Rows that were rejected for one reason: how many, and the first."""

    reason_code: str
    count: int
    first_row: int
    reason: str


@dataclass(frozen=True)
class QuestionCount:
    """How many responses answer a question, and which of its choices nobody chose."""

    question: str
    answered_n: int
    unused_choices: tuple[str, ...]


@dataclass(frozen=True)
class RoundCheck:
    """What reading the extract by the codebook shows; without counts where the file cannot be read as a whole."""

    problems: tuple[Problem, ...]
    crosswalk_problems: tuple[Problem, ...]
    unconfirmed_n: int
    expected_responses: int | None
    rows_in: int
    responses_n: int
    notes: tuple[str, ...]
    rejected_rows: tuple[RejectedRows, ...]
    unknown_values: tuple[UnknownValue, ...]
    questions: tuple[QuestionCount, ...]


def check_round(seeds: Path, name: str) -> RoundCheck:
    """Read the extract of `instrument/round` without landing it.

    Raises CodebookError or CrosswalkError for source cards, codebooks or a crosswalk that cannot be read.
    """
    found = load_one_round(seeds, name)
    crosswalk_problems = tuple(round_problems(found.card, found.cards, found.codebooks, are_confirmed=False))
    unconfirmed_n = sum(not row.is_confirmed for row in found.crosswalk.rows) if found.crosswalk else 0
    problems: tuple[Problem, ...] = ()
    result = None
    try:
        result = read_extract(found.card, found.codebook)
    except ExtractError as error:
        problems = error.problems
    return RoundCheck(
        problems=problems,
        crosswalk_problems=crosswalk_problems,
        unconfirmed_n=unconfirmed_n,
        expected_responses=found.card.expected_responses,
        rows_in=result.rows_in if result else 0,
        responses_n=result.responses.num_rows if result else 0,
        notes=result.notes if result else (),
        rejected_rows=rejected_rows(result) if result else (),
        unknown_values=unknown_values(result, found.codebook) if result else (),
        questions=question_counts(result, found.codebook) if result else (),
    )


def rejected_rows(result: ReadResult) -> tuple[RejectedRows, ...]:
    """Rejected rows by reason, the most frequent first."""
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in result.rejected.to_pylist():
        if row["scope"] == "row":
            groups[row["reason_code"]].append((row["source_row"], row["reason"]))
    found = [RejectedRows(code, len(rows), min(rows)[0], min(rows)[1]) for code, rows in groups.items()]
    return tuple(sorted(found, key=lambda rows: (-rows.count, rows.reason_code)))


def unknown_values(result: ReadResult, codebook: Codebook) -> tuple[UnknownValue, ...]:
    """Rejected answers by question (in the codebook's order) and value, the most frequent first."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in result.rejected.to_pylist():
        if row["scope"] == "answer":
            key = (row["question_code"] or "", clean_label(row["raw"]), row["reason_code"])
            groups[key].append(row["source_row"])
    order = {question.name: position for position, question in enumerate(codebook.questions)}
    found = [
        UnknownValue(question, value, len(rows), min(rows), code, _nearest(value, question, codebook))
        for (question, value, code), rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda unknown: (order.get(unknown.question, -1), -unknown.count, unknown.value)))


def _nearest(value: str, question: str, codebook: Codebook) -> tuple[tuple[str, int], ...]:
    """The choices most like a value, with their scores; for a multiple choice, like any part that is none."""
    asked = codebook.by_name.get(question)
    choices = codebook.choices_of(asked) if asked is not None else ()
    parts = [value]
    if asked is not None and asked.base_type == "select_multiple":
        labels = {clean_label(choice.label) for choice in choices}
        parts = [part for part in map(str.strip, value.split(";")) if part and part not in labels] or parts

    def score(choice: Choice) -> int:
        return max(text_score(part, choice.label) for part in parts)

    scored = sorted(((choice.name, score(choice)) for choice in choices), key=lambda pair: (-pair[1], pair[0]))
    return tuple(pair for pair in scored if pair[1] >= LEAST_SCORE)[:MOST_NEAREST]


def question_counts(result: ReadResult, codebook: Codebook) -> tuple[QuestionCount, ...]:
    """How the landed questions were answered, in the codebook's order."""
    answered: dict[str, set[str]] = defaultdict(set)
    chosen: Counter[tuple[str, str]] = Counter()
    for row in result.answers.select(["response_id", "question_code", "choice_code"]).to_pylist():
        answered[row["question_code"]].add(row["response_id"])
        chosen[row["question_code"], row["choice_code"]] += 1
    return tuple(
        QuestionCount(
            question.name,
            len(answered[question.name]),
            tuple(choice.name for choice in codebook.choices_of(question) if not chosen[question.name, choice.name]),
        )
        for question in codebook.landed_questions
    )
