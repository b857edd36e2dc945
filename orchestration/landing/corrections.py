"""A reviewed decision about one answer becomes a line of corrections.csv, with the old value that the landing has.

Here: finding the old value, writing the line. Not here: what a correction may say (corrections.py), applying it
(readers/rows.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from orchestration.common.problems import Problem, shown_path
from orchestration.common.strict_csv import csv_text
from orchestration.common.values import cell_text, quote
from orchestration.common.whole_file import hold_folder, write_whole
from orchestration.landing.landing import Landed
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook, Question, load_codebook
from orchestration.rounds.corrections import (
    COLUMNS,
    FILE,
    Correction,
    Corrections,
    CorrectionsError,
    correction_faults,
    load_corrections,
)


def correct(
    card: RoundCard,
    landed: Landed,
    response_id: str,
    question_code: str,
    corrected: str,
    reason: str,
    decided_on: date,
    expected: str | None = None,
) -> Correction:
    """Write a correction into the round's corrections.csv; the old value is that of the landing unless it is given.

    `question_code` is empty to correct the status of the response, and `question[choice]` where each choice has a
    column of its own. Raises CorrectionsError where landing and codebook do not know such an answer or such a value.
    """
    codebook = load_codebook(card.folder)
    path = card.folder / FILE
    # Two commands at once would each write what the other has not read.
    with hold_folder(card.folder):
        kept = load_corrections(card.folder)
        key = (response_id, question_code)
        if key in kept:
            raise CorrectionsError(
                [kept[key].problem("the answer is corrected here already", "change or delete the line")]
            )
        if faults := list(correction_faults(question_code, corrected, codebook, card)):
            file = shown_path(path)
            raise CorrectionsError(Problem(file, fault.reason, fault.remedy, column=fault.code) for fault in faults)
        if not reason.strip():
            raise _refusal(card, "reason", "a correction needs its reason", "say who decided it and why")
        answers = _Answers(card, landed, codebook, response_id)
        if expected is None:
            expected = answers.delivered(question_code)
        if expected == corrected:
            raise _refusal(card, "corrected", f"the answer is {quote(corrected)} already", "give another one")
        line = dict(zip(COLUMNS, (*key, expected, corrected, reason, decided_on.isoformat()), strict=True))
        lines = [*({name: str(getattr(old, name)) for name in COLUMNS} for old in kept.values()), line]
        lines.sort(key=lambda line: (line["response_id"], line["question_code"]))
        write_whole(path, csv_text(COLUMNS, lines))
        return load_corrections(card.folder)[key]


def _refusal(card: RoundCard, column: str, reason: str, remedy: str) -> CorrectionsError:
    return CorrectionsError([Problem(shown_path(card.folder / FILE), reason, remedy, column=column)])


def _rows_of(landed: Landed, table: str, response_id: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    file = landed.path / f"{table}.parquet"
    rows = pq.read_table(file, filters=[("response_id", "=", response_id)], partitioning=None)
    found: list[dict[str, Any]] = rows.to_pylist()
    return found


class _Answers:
    """What a landing holds of one response."""

    def __init__(self, card: RoundCard, landed: Landed, codebook: Codebook, response_id: str) -> None:
        self._card = card
        self._codebook = codebook
        responses, self._answers, self._rejected = (
            _rows_of(landed, table, response_id) for table in ("responses", "answers", "rejected")
        )
        if not responses:
            reason = f"{card.key} has no response {response_id!r}"
            remedy = "take the id from `needs rejects` or facts.fct_submission"
            raise _refusal(card, "response_id", reason, remedy)
        self._status: str = responses[0]["status"]

    def delivered(self, question_code: str) -> str:
        """The delivered text of an answer; empty where none was given. Raises CorrectionsError."""
        if not question_code:
            return self._status
        name, _, choice = question_code.removesuffix("]").partition("[")
        given = [row for row in self._answers if row["question_code"] == name]
        rejected = [row for row in self._rejected if row["question_code"] == name]
        if choice:
            return self._tick_text(choice, given, rejected)
        if len({row["source_column"] for row in (*given, *rejected)}) > 1:
            reason = f"the answers to {name} are delivered in columns of their own, one a choice"
            raise _refusal(self._card, "question_code", reason, f"name the column: '{name}[CHOICE]'")
        if rejected:
            return str(rejected[0]["raw"])
        return self._answer_text(self._codebook.by_name[name], given)

    def _tick_text(self, choice: str, given: list[dict[str, Any]], rejected: list[dict[str, Any]]) -> str:
        """What the column of a choice says. A rejected cell of the question may be that of another choice."""
        ticked = next((row for row in given if row["choice_code"] == choice), None)
        if ticked is None and rejected:
            reason = "cells of the question were rejected, and it may be one of them"
            raise _refusal(self._card, "expected", reason, "give the delivered text by --expect")
        return "" if ticked is None else ticked["source_text"] or "yes"

    def _answer_text(self, question: Question, given: list[dict[str, Any]]) -> str:
        if not given:
            return ""
        row = given[0]
        if row["source_text"] is not None:
            return str(row["source_text"])
        if question.list_name is not None:
            labels = {choice.name: choice.label for choice in self._codebook.choices_of(question)}
            return ";".join(labels[answer["choice_code"]] for answer in given)
        if row["value_number"] is not None:
            return cell_text(row["value_number"]).replace(".", self._card.decimal)
        return cell_text(row["value_text"] or row["value_date"])


def corrections_by_round(cards: Iterable[RoundCard]) -> Mapping[str, Corrections]:
    """The corrections of each round that has any. Raises CorrectionsError."""
    loaded = {card.key: load_corrections(card.folder) for card in cards}
    return {key: corrections for key, corrections in loaded.items() if corrections}
