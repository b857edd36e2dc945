"""Rows of the tables made of codebooks and source cards."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from orchestration.knowledge.rows.base import Row


class Round(Row):
    """A round as its source card describes it."""

    instrument: str
    round: str
    title: str
    producer: str
    platform: str
    licence: str
    citation: str
    fieldwork_start: date | None
    fieldwork_end: date | None
    expected_responses: int | None
    is_synthetic: bool = Field(validation_alias="synthetic")
    unit: str
    is_confidential: bool = Field(validation_alias="confidential")
    complete_for: Annotated[str, BeforeValidator(" ".join)]


class QuestionRow(Row):
    """A question of a codebook."""

    instrument: str
    round: str
    question_code: str
    label: str
    question_type: str
    list_name: str | None
    section: str | None
    question_number: str | None
    matrix: str | None
    role: str | None
    asked_if_question: str | None
    position: int
    is_personal: bool


class ChoiceRow(Row):
    """A choice of a codebook."""

    instrument: str
    round: str
    list_name: str
    choice_code: str
    label: str
    position: int


class LabelRow(Row):
    """A text of a codebook in a language (`und`: the source card names none); the parent of a choice is its list."""

    instrument: str
    round: str
    label_kind: Literal["question", "matrix", "choice"]
    parent_code: str
    code: str
    language: str
    label: str


class CodingRow(Row):
    """A code that a coder gave to an open answer; counted where the coders agree, or a final coding decides."""

    instrument: str
    round: str
    response_id: str
    question_code: str
    choice_code: str
    coder: str
    coded_on: date
    is_final: bool
    is_counted: bool
