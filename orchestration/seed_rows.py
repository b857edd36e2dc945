"""What a well-formed row of each seed is: one model a file, fields in the order of the columns.

Here: columns and their types. Not here: reading the files (knowledge.py), what a column means (seeds/README.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

YesNo = Literal["yes", "no"]


class Row(BaseModel):
    """A row of a seed: no other columns, an empty field is a missing value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wave(Row):
    """A yearly report wave."""

    wave: str
    label: str
    report: str
    status: Literal["open", "planned", "closed"]
    report_year: int


class WaveRound(Row):
    """A round that a wave draws on."""

    wave: str
    instrument: str
    round: str


class Cohort(Row):
    """A group of responses of one instrument: all of them, or those that meet every filter of the cohort."""

    cohort_code: str
    label: str
    instrument: str
    position: int
    is_census: YesNo
    description: str


class CohortFilter(Row):
    """A choice of an item that a response of the cohort must have."""

    cohort_code: str
    item_code: str
    choice_code: str


class CohortPair(Row):
    """Two cohorts that gap tables compare."""

    cohort_code: str
    comparison_cohort_code: str


class Theme(Row):
    """A theme of the report with its chapter."""

    theme_code: str
    label: str
    chapter: str
    position: int


class ScaleChoice(Row):
    """A harmonised choice of a scale."""

    scale_code: str
    choice_code: str
    label: str
    position: int
    value: int | None
    group_label: str | None


class Item(Row):
    """A question harmonised across rounds."""

    item_code: str
    label: str
    kind: Literal["single", "multiple", "number"]
    scale_code: str | None
    theme_code: str
    direction: Literal["higher_is_more_need", "lower_is_more_need"] | None
    is_dimension: YesNo
    base_rule: Literal["all", "answered"]


class ItemSource(Row):
    """The question of a round that an item comes from, and how its answers become choices of the item."""

    item_code: str
    instrument: str
    round: str
    question_code: str
    method: Literal["same", "map", "combine", "class", "number", "link"]
    choice_map: str | None
    comparability: Literal["same", "reworded", "other source", "new scale"]
    note: str | None


class ChoiceMapping(Row):
    """A choice of a codebook read as a choice of an item."""

    choice_map: str
    source_choice: str
    choice_code: str


class NumberClass(Row):
    """A class of a number: lower bound inclusive, upper bound exclusive."""

    choice_map: str
    choice_code: str
    lower_inclusive: float
    upper_exclusive: float | None


class ReportTable(Row):
    """A table or figure of the report as a selection from the cube."""

    wave: str
    table_id: str
    source: Literal["table", "figure"]
    number: int
    title: str
    section: str
    row_axis: Literal["member", "choice", "choice_group", "item", "cohort", "all"]
    column_axis: Literal["member", "choice", "statistic", "measure"]
    dimension_code: str | None
    measure: Literal["count", "share", "count and share", "statistic"]


class TableMember(Row):
    """An item or a cohort that a report table shows."""

    wave: str
    table_id: str
    member_kind: Literal["item", "cohort"]
    member_code: str
    position: int


class TableLabel(Row):
    """A label that one report table prints instead of the usual one."""

    wave: str
    table_id: str
    axis: Literal["row", "column"]
    code: str
    label: str


class Need(Row):
    """An entry of the needs-and-barriers taxonomy."""

    need_code: str
    label: str
    theme_code: str


class NeedEvidence(Row):
    """A choice of an item that counts as stating a need."""

    need_code: str
    item_code: str
    choice_code: str


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
    is_synthetic: bool


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


SEED_FILES: Mapping[str, type[Row]] = {
    "waves": Wave,
    "wave_rounds": WaveRound,
    "cohorts": Cohort,
    "cohort_filters": CohortFilter,
    "cohort_pairs": CohortPair,
    "themes": Theme,
    "scales": ScaleChoice,
    "items": Item,
    "item_sources": ItemSource,
    "choice_maps": ChoiceMapping,
    "number_classes": NumberClass,
    "tables": ReportTable,
    "table_members": TableMember,
    "table_labels": TableLabel,
    "needs": Need,
    "need_evidence": NeedEvidence,
}
CODEBOOK_TABLES: Mapping[str, type[Row]] = {
    "rounds": Round,
    "questions": QuestionRow,
    "choices": ChoiceRow,
}
