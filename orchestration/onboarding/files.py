"""The files of a round as texts: questions.csv, choices.csv, round.yml.

Here: their form, and the placeholders for what only a person knows. Not here: what stands in them (inherit.py,
questionnaires/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import yaml

from orchestration.common.strict_csv import csv_text
from orchestration.rounds.card import PLACEHOLDER
from orchestration.rounds.codebook import CHOICE_COLUMNS, OPTIONAL_COLUMNS, QUESTION_COLUMNS

Row = Mapping[str, Any]
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
    "title", "producer", "platform", "extract", "sha256", "encoding", "delimiter", "decimal", "joined_by", "ticked",
    "not_ticked", "sheet", "language",
    "fieldwork_start", "fieldwork_end", "licence", "citation", "expected_responses", "rejected_share_limit",
    "synthetic", "unit", "confidential", "complete_for", "note",
)  # fmt: skip


def codebook_texts(questions: Iterable[Row], choices: Iterable[Row]) -> dict[str, str]:
    """The contents of questions.csv and choices.csv of rows in their order; positions are those within each list.

    Columns that a codebook may have, such as the platform's ids, are written where a row fills them.
    """
    positions: Counter[str] = Counter()
    placed = []
    for choice in choices:
        positions[choice["list_name"]] += 1
        placed.append({**choice, "position": str(positions[choice["list_name"]])})
    tables = (("questions.csv", QUESTION_COLUMNS, list(questions)), ("choices.csv", CHOICE_COLUMNS, placed))
    return {name: csv_text([*columns, *_optional_columns(rows)], rows) for name, columns, rows in tables}


def _optional_columns(rows: Iterable[Row]) -> list[str]:
    filled = {name for row in rows for name, text in row.items() if text and OPTIONAL_COLUMNS.fullmatch(name)}
    return sorted(filled, key=lambda name: (name != "source", name))


def card_text(values: Mapping[str, Value]) -> str:
    """The content of round.yml: the given values, and a placeholder for each that only a person knows."""
    asked = {key: f"{PLACEHOLDER}: {words}" for key, words in ASKED.items() if key not in values}
    return "".join(_line(key, {**asked, **values}[key]) for key in CARD_KEYS if key in values or key in asked)


def _line(key: str, value: Value) -> str:
    return str(yaml.safe_dump({key: value}, allow_unicode=True, width=10**6, default_flow_style=False))
