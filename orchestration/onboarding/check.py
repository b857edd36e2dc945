"""`needs round check`: what a person looks at before confirming: the extract landed aside, and nothing kept.

Here: which responses count, what the reader rejects, counted and with the nearest choices. Not here: reading and
landing (readers/, landing/), the crosswalk's rules (rounds/crosswalk.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.extracts.errors import ExtractError
from orchestration.landing.codings import OpenAnswer, landing_problems, load_frames, open_answers
from orchestration.landing.landing import Landed, land, read_source
from orchestration.landing.submissions import COUNTED, SUPERSEDED
from orchestration.onboarding.confirm import load_one_round
from orchestration.rounds.card import RoundCard
from orchestration.rounds.choices import ChoiceReader
from orchestration.rounds.codebook import Choice, Codebook
from orchestration.rounds.codings import CodingsError, coding_problems, load_codings
from orchestration.rounds.crosswalk import round_problems, text_score

MOST_NEAREST = 3
LEAST_SCORE = 50
_OF_ONE_ID = (
    "If they correct each other, all is well; if each row is a response of its own, give the role response_id to the "
    "question that tells them apart"
)


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
class OpenQuestion:
    """How many responses answer a question that an item is coded from, and how many answers wait for a coding."""

    question: str
    answered_n: int
    uncoded_n: int
    differing_n: int
    changed_n: int


@dataclass(frozen=True)
class RoundCheck:
    """What landing the extract would give; without counts where the file cannot be read as a whole.

    `responses_n` count, `set_aside` are the other rows by why; `remarks` are on what a refresh will make of these.
    """

    problems: tuple[Problem, ...]
    crosswalk_problems: tuple[Problem, ...]
    unconfirmed_n: int
    expected_responses: int | None
    rows_in: int = 0
    responses_n: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    rejected_rows: tuple[RejectedRows, ...] = ()
    unknown_values: tuple[UnknownValue, ...] = ()
    questions: tuple[QuestionCount, ...] = ()
    coding_problems: tuple[Problem, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()


def check_round(seeds: Path, name: str) -> RoundCheck:
    """Land the extract of `instrument/round` aside, as a refresh will, and keep nothing of it.

    Raises CodebookError, CrosswalkError or KnowledgeError for source cards, codebooks, a crosswalk or seeds that cannot
    be read.
    """
    import pyarrow.parquet as pq

    found = load_one_round(seeds, name)
    checked = RoundCheck(
        problems=(),
        crosswalk_problems=tuple(round_problems(found.card, found.cards, found.codebooks, are_confirmed=False)),
        unconfirmed_n=sum(not row.is_confirmed for row in found.crosswalk.rows) if found.crosswalk else 0,
        expected_responses=found.card.expected_responses,
    )
    with TemporaryDirectory() as aside:
        try:
            landed = land(found.card, Path(aside), read_source(found.card, found.codebook))
        except ExtractError as error:
            return replace(checked, problems=error.problems)
        rejected = pq.read_table(landed.path / "rejected.parquet", partitioning=None).to_pylist()
        columns = ["response_id", "question_code", "choice_code"]
        answers = pq.read_table(landed.path / "answers.parquet", columns=columns, partitioning=None)
        frames = load_frames(found.card, seeds)
        try:
            codings = load_codings(found.card.folder)
            checked = replace(
                checked,
                coding_problems=(
                    *coding_problems(codings, found.codebook, frames),
                    *landing_problems(codings, landed.path, found.card.key),
                ),
                open_questions=tuple(_open_questions(open_answers(found.card, landed, frames), frames)),
            )
        except CodingsError as error:
            checked = replace(checked, coding_problems=error.problems)
    return replace(
        checked,
        rows_in=landed.rows_in,
        responses_n=landed.responses_n,
        set_aside={
            "superseded": landed.superseded_n,
            "incomplete": landed.incomplete_n,
            "test": landed.test_n,
            "rejected": landed.rejected_rows_n,
        },
        notes=landed.notes,
        remarks=tuple(_count_remarks(landed, found.card)),
        rejected_rows=rejected_rows(rejected),
        unknown_values=unknown_values(rejected, found.codebook, found.card.joined_by),
        questions=question_counts(answers.to_pylist(), found.codebook),
    )


def _open_questions(answers: Sequence[OpenAnswer], questions: Iterable[str]) -> Iterator[OpenQuestion]:
    for question in questions:
        states = Counter(answer.state for answer in answers if answer.question_code == question)
        yield OpenQuestion(
            question, states.total(), states["not coded"], states["coders differ"], states["text changed"]
        )


def _count_remarks(landed: Landed, card: RoundCard) -> Iterator[str]:
    """Which responses do not count and why, and what a refresh will say of their number."""
    if landed.superseded_n:
        submissions = landed.submissions.to_pylist()
        complete = Counter(row["respondent_id"] for row in submissions if row["standing"] in (COUNTED, SUPERSEDED))
        again = [n for n in complete.values() if n > 1]
        ids = "1 id comes" if len(again) == 1 else f"{len(again)} ids come"
        yield f"{ids} again: {sum(again)} submissions count as {len(again)}, the last of each. {_OF_ONE_ID}"
    counted_n = landed.responses_n + landed.rejected_rows_n
    if card.expected_responses not in (None, counted_n):
        yield (
            f"a refresh will refuse the round: {landed.responses_n} responses count and {landed.rejected_rows_n} rows "
            f"are rejected, {card.expected_responses} are expected. Ask the producer for the whole extract, or write "
            f"`expected_responses: {counted_n}` in round.yml"
        )


def rejected_rows(rejected: Sequence[Mapping[str, Any]]) -> tuple[RejectedRows, ...]:
    """Rejected rows by reason, the most frequent first."""
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rejected:
        if row["scope"] == "row":
            groups[row["reason_code"]].append((row["source_row"], row["reason"]))
    found = [RejectedRows(code, len(rows), min(rows)[0], min(rows)[1]) for code, rows in groups.items()]
    return tuple(sorted(found, key=lambda rows: (-rows.count, rows.reason_code)))


def unknown_values(
    rejected: Sequence[Mapping[str, Any]], codebook: Codebook, joint: str = ""
) -> tuple[UnknownValue, ...]:
    """Rejected answers by question (in the codebook's order) and value, the most frequent first."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in rejected:
        if row["scope"] == "answer":
            key = (row["question_code"] or "", clean_label(row["raw"]), row["reason_code"])
            groups[key].append(row["source_row"])
    order = {question.name: position for position, question in enumerate(codebook.questions)}
    found = [
        UnknownValue(question, value, len(rows), min(rows), code, _nearest(value, question, codebook, joint))
        for (question, value, code), rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda unknown: (order.get(unknown.question, -1), -unknown.count, unknown.value)))


def _nearest(value: str, question: str, codebook: Codebook, joint: str) -> tuple[tuple[str, int], ...]:
    """The choices most like a value, with their scores; for a multiple choice, like any part that is none."""
    asked = codebook.by_name.get(question)
    choices = codebook.choices_of(asked) if asked is not None else ()
    parts = [value]
    if asked is not None and asked.base_type == "select_multiple":
        parts = [*ChoiceReader(str(asked.list_name), choices, True, joint).split(value).unknown] or parts

    def score(choice: Choice) -> int:
        return max(text_score(part, choice.label) for part in parts)

    scored = sorted(((choice.name, score(choice)) for choice in choices), key=lambda pair: (-pair[1], pair[0]))
    return tuple(pair for pair in scored if pair[1] >= LEAST_SCORE)[:MOST_NEAREST]


def question_counts(answers: Iterable[Mapping[str, Any]], codebook: Codebook) -> tuple[QuestionCount, ...]:
    """How the landed questions were answered, in the codebook's order."""
    answered: dict[str, set[str]] = defaultdict(set)
    chosen: Counter[tuple[str, str]] = Counter()
    for row in answers:
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
