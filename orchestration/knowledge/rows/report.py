"""Rows of the seeds that say what the report shows and states, and what it printed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from orchestration.knowledge.rows.base import Row, YesNo

# A place of a report: what it says stands in a line of its text, or in a table or figure.
PrintedAt = Annotated[str, Field(pattern=r"^(Line|Table|Figure) [1-9][0-9]*$")]


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


class Measure(Row):
    """A number that a sentence of the report states: a statistic of the responses that meet its terms."""

    measure_id: str
    label: str
    cohort_code: str | None
    statistic: Literal["share", "count", "mean", "median", "min", "max", "smallest", "largest", "known"]
    subject: str | None
    base_rule: Literal["all", "answered"]


class MeasureTerm(Row):
    """A choice that a response has, or has not, to be in a part of a measure.

    Of one item any of the choices will do, and every item has to be met; `answered` stands for any answer.
    """

    measure_id: str
    part: Literal["numerator", "base"]
    item_code: str
    choice_code: str
    is_chosen: YesNo


class Statement(Row):
    """A number printed in prose and the measure that it states, or the reason why there is none."""

    wave: str
    cell_id: str
    measure_id: str | None
    reason: str | None


class Claim(Row):
    """A sentence that claims without a number: a measure against half, or against another one, or a table's pattern.

    A claim that compares with several measures has a row each; `refers_to` is the table or figure that it cites.
    """

    wave: str
    claim_id: str
    line: int
    says: str
    logic: Literal["majority", "all", "largest", "smallest", "part", "some", "pattern", "no pattern"]
    measure_id: str | None
    than_measure_id: str | None
    table_id: str | None
    refers_to: str | None


class ReportFact(Row):
    """What a place of a report says of one thing in words; wherever it says so again, it has to say the same."""

    wave: str
    printed_at: PrintedAt
    subject: str
    attribute: str
    value: str


class ReportList(Row):
    """A list that a report gives; each of its members has to stand in the list that it is within."""

    wave: str
    list_id: str
    printed_at: PrintedAt
    says: str
    within_list_id: str | None


class ReportListMember(Row):
    """A member of a list of a report: the code of a need, or its name."""

    wave: str
    list_id: str
    member: str


class Threshold(Row):
    """A limit that a verdict or the link of a city depends on, with its reason."""

    threshold_code: str
    value: float
    unit: str
    used_by: str
    reason: str


class Term(Row):
    """A word that a reader of the release meets, and what it means there."""

    term_code: str
    label: str
    definition: str
    position: int


class ErrataRule(Row):
    """A rule by which a printed report is compared with itself, or a likely explanation of what a rule finds."""

    kind: Literal["rule", "explanation"]
    code: str
    label: str


class PublishedCell(Row):
    """A number that a printed report shows, as read by a person; the wave is the name of its folder."""

    wave: str
    cell_id: str
    source: Literal["table", "figure", "prose"]
    number: int | None
    title: str | None
    section: str | None
    cohort: str | None
    row_dimension: str | None
    row_label: str | None
    column_dimension: str | None
    column_label: str | None
    measure: str
    value: str
    unit: str | None
    printed: str
    refers_to: str | None
    base_as_stated: str | None
    note: str | None
    confidence: str | None
    line: int | None


class PublishedText(Row):
    """A text that a table of a printed report shows; the wave is the name of its folder."""

    wave: str
    source: Literal["table"]
    number: int
    title: str
    section: str
    cohort: str
    row_dimension: str
    row_label: str
    column_dimension: str | None
    column_label: str | None
    measure: Literal["text"]
    value: str
    line: int
