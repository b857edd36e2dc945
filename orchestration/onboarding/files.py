"""The files of a new round as texts: questions.csv, choices.csv, round.yml.

Here: their form, and the placeholders for what only a person knows. Not here: what is proposed (proposals.py,
inherit.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import yaml

from orchestration.common.strict_csv import csv_text
from orchestration.onboarding.inherit import ProposedCodebook
from orchestration.onboarding.proposals import ProposedQuestion
from orchestration.rounds.card import PLACEHOLDER
from orchestration.rounds.codebook import CHOICE_COLUMNS, QUESTION_COLUMNS

Value = str | int | float | bool | date | list[str] | None

# What each placeholder of round.yml asks for, in the order of the file.
ASKED: Mapping[str, str] = {
    "title": "what the survey is called",
    "producer": "who made the survey",
    "fieldwork_start": "the first day of the fieldwork as YYYY-MM-DD, or null if it is not known",
    "fieldwork_end": "its last day, or null",
    "licence": "under which licence or terms the answers may be used",
    "citation": "how the data are to be cited",
    "synthetic": "true if the answers were made up, false if somebody gave them",
}
CARD_KEYS = (
    "title", "producer", "platform", "extract", "sha256", "encoding", "delimiter", "decimal", "sheet", "language",
    "fieldwork_start", "fieldwork_end", "licence", "citation", "expected_responses", "rejected_share_limit",
    "synthetic", "unit", "confidential", "complete_for", "note",
)  # fmt: skip


def questions_text(codebook: ProposedCodebook) -> str:
    """The content of questions.csv; the column `source` only where a platform's ids are known."""
    columns = [*QUESTION_COLUMNS, *(["source"] if any(question.source for question in codebook.questions) else [])]
    return csv_text(columns, (_question_row(question) for question in codebook.questions))


def _question_row(question: ProposedQuestion) -> Mapping[str, str]:
    return {
        "type": f"{question.base_type} {question.list_name}".strip(),
        "name": question.code,
        "label": question.label,
        "matrix": question.matrix,
        "role": " ".join(question.roles),
        "is_personal": "yes" if question.is_personal else "",
        "source": question.source,
        **question.reviewed,
    }


def choices_text(codebook: ProposedCodebook) -> str:
    """The content of choices.csv."""
    has_source = any(choice.source for listed in codebook.lists for choice in listed.choices)
    rows = (
        {
            "list_name": listed.name,
            "name": choice.code,
            "label": choice.label,
            "position": str(position),
            "source": choice.source,
        }
        for listed in codebook.lists
        for position, choice in enumerate(listed.choices, 1)
    )
    return csv_text([*CHOICE_COLUMNS, *(["source"] if has_source else [])], rows)


def card_text(values: Mapping[str, Value]) -> str:
    """The content of round.yml: the given values, and a placeholder for each that only a person knows."""
    asked = {key: f"{PLACEHOLDER}: {words}" for key, words in ASKED.items() if key not in values}
    return "".join(_line(key, {**asked, **values}[key]) for key in CARD_KEYS if key in values or key in asked)


def _line(key: str, value: Value) -> str:
    return str(yaml.safe_dump({key: value}, allow_unicode=True, width=10**6, default_flow_style=False))
