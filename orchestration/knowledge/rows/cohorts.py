"""Rows of the seeds that say what a wave draws on and whom it compares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from orchestration.knowledge.rows.base import Row, YesNo


class Wave(Row):
    """A yearly report wave; changes are told since its base wave, an earlier one.

    While it is open, its release is stale where it has been the same for longer than `renewed_every_days`.
    """

    wave: str
    label: str
    report: str
    status: Literal["open", "planned", "closed"]
    report_year: int
    base_wave: str | None = None
    renewed_every_days: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _follows_its_base(self) -> Wave:
        if self.base_wave is not None and self.base_wave >= self.wave:
            raise ValueError(f"base_wave {self.base_wave} is no wave before {self.wave}: name an earlier one")
        return self


class WaveRound(Row):
    """A round that a wave draws on; of several rounds that tell an item of a city, the one of the first rank counts.

    `read_as` names another instrument whose cohorts the round stands for in the wave: its cities were asked again.
    """

    wave: str
    instrument: str
    round: str
    rank: int
    read_as: str | None = None


class Cohort(Row):
    """A set of cities: those of an instrument's rounds in the wave that meet every condition of the cohort."""

    cohort_code: str
    label: str
    instrument: str
    position: int
    is_census: YesNo
    description: str


class CohortFilter(Row):
    """A condition of a cohort: a choice of an item that its cities have, or an instrument's round that they are in."""

    cohort_code: str
    item_code: str | None
    choice_code: str | None
    instrument: str | None = None

    @model_validator(mode="after")
    def _is_one_condition(self) -> CohortFilter:
        given = tuple(field is not None for field in (self.item_code, self.choice_code, self.instrument))
        if given not in ((True, True, False), (False, False, True)):
            raise ValueError("a condition is an item_code with its choice_code, or an instrument")
        return self


class FrameClass(Row):
    """How many cities of a size and region a cohort could have: invited, or all there are; without a wave, in each."""

    cohort_code: str
    kind: Literal["invited", "population"]
    wave: str | None
    size_class: str
    region: str
    cities_n: Annotated[int, Field(ge=0)]


class CohortPair(Row):
    """Two cohorts that gap tables compare."""

    cohort_code: str
    comparison_cohort_code: str
