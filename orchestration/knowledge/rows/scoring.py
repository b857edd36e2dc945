"""Rows of the seeds that make indices of what a city answered."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from orchestration.knowledge.rows.base import Row, YesNo
from orchestration.knowledge.rows.needs import Basis


class Index(Row):
    """An index of cities; indices of a family are scored by the same versions."""

    index_code: str
    label: str
    index_family: str
    position: int


class Scoring(Row):
    """A version of the scoring of a family: one way to make its indices of answers; one of a family is the default."""

    scoring_version: str
    index_family: str
    label: str
    is_default: YesNo
    description: str


class ScoringComponent(Row):
    """A component of an index; `missing_rule` says what no answer counts as: 0 points, or left out of the index.

    A component may count in several indices, as a question does in its section and in those around it.
    """

    scoring_version: str
    index_code: str
    component_code: str
    label: str
    weight: float
    missing_rule: Literal["zero", "left_out"]
    position: int


class ScoringPoint(Row):
    """Points (0 to 1) that a choice gives in a component; of several choices the best counts."""

    scoring_version: str
    component_code: str
    item_code: str
    choice_code: str
    points: float


class ScoringCondition(Row):
    """When a component's weight is another: a city has the choices of all rows of a position; the first that holds.

    Without item a position always holds. With the factor 0 the component does not apply to the city.
    """

    scoring_version: str
    component_code: str
    position: int
    item_code: str | None
    choice_code: str | None
    factor: float

    @model_validator(mode="after")
    def _has_a_whole_term(self) -> ScoringCondition:
        if (self.item_code is None) is not (self.choice_code is None):
            raise ValueError("item_code needs choice_code, and the other way round")
        return self


class ScoringGroup(Row):
    """A range of an index that the cities of a group are in: lower bound inclusive, upper bound exclusive."""

    scoring_version: str
    group_code: str
    label: str
    position: int
    index_code: str
    lower_inclusive: float
    upper_exclusive: float | None


class ReadinessLevel(Row):
    """A level of readiness: an index reaches it from its lower bound on, up to that of the next one."""

    index_code: str
    level_code: str
    label: str
    lower_bound: float
    position: int


class PathwayRule(Row):
    """A support pathway that a level of an index leads to; `why` completes a sentence that names index and level."""

    index_code: str
    level_code: str
    pathway_code: str
    why: str
    basis: Basis
    line: int | None
