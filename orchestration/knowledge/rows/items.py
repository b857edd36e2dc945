"""Rows of the seeds that harmonise questions over rounds."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from orchestration.knowledge.rows.base import Row, YesNo

# The method of an item that codings of an open answer tell.
CODED = "coded"


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
    """A question harmonised across rounds.

    One that follows the city is a fact about it (its size, a membership), which cohorts of other rounds share; an
    opinion is not.
    """

    item_code: str
    label: str
    kind: Literal["single", "multiple", "number"]
    scale_code: str | None
    theme_code: str
    item_set: str | None
    direction: Literal["higher_is_more_need", "lower_is_more_need"] | None
    is_dimension: YesNo
    base_rule: Literal["all", "answered"]
    follows_city: YesNo = "no"


class Translation(Row):
    """The label of a cohort, theme, need, item or choice in a further language; the parent of a choice is its scale."""

    label_kind: Literal["cohort", "theme", "need", "item", "choice"]
    parent_code: str
    code: str
    language: str
    label: str


class ItemSource(Row):
    """The question of a round that an item comes from, and how its answers become choices of the item.

    `pick` says which of a city's records tells the item, in rounds of records only: any, the latest, their count, or
    `none`, that standing in no record of a complete register says `no` or `none`. Of responses without `only_choice` in
    `only_question` nothing is read.
    """

    item_code: str
    instrument: str
    round: str
    question_code: str
    method: Literal["same", "map", "combine", "class", "number", "count", "link", "answered", "coded"]
    choice_map: str | None
    comparability: Literal["same", "reworded", "other source", "new scale"]
    note: str | None
    pick: Literal["any", "count", "latest", "none"] | None = None
    only_question: str | None = None
    only_choice: str | None = None

    @model_validator(mode="after")
    def _has_a_whole_condition(self) -> ItemSource:
        if (self.only_question is None) is not (self.only_choice is None):
            raise ValueError("only_question needs only_choice, and the other way round")
        return self


class ChoiceMapping(Row):
    """A choice of a codebook read as a choice of an item."""

    choice_map: str
    source_choice: str
    choice_code: str


class ClassMerge(Row):
    """A choice of an item, and the choice of another item that stands for it in what everybody may see."""

    item_code: str
    choice_code: str
    merged_item_code: str
    merged_choice_code: str


class NumberClass(Row):
    """A class of a number: lower bound inclusive, upper bound exclusive."""

    choice_map: str
    choice_code: str
    lower_inclusive: float
    upper_exclusive: float | None
