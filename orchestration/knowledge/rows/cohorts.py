"""Rows of the seeds that say what a wave draws on and whom it compares."""

from __future__ import annotations

from typing import Literal

from orchestration.knowledge.rows.base import Row, YesNo


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
    is_confidential: YesNo
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
