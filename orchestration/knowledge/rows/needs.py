"""Rows of the seeds of needs, of the services that meet them and of the pathways that bundle services."""

from __future__ import annotations

from typing import Literal

from orchestration.knowledge.rows.base import Row, YesNo

Basis = Literal["stated", "inferred"]


class Need(Row):
    """An entry of the needs-and-barriers taxonomy."""

    need_code: str
    label: str
    theme_code: str


class NeedEvidence(Row):
    """A choice of an item that counts as stating a need: that it is chosen, or that none of the item's is.

    `basis` says whether the report itself takes the item for evidence of the need.
    """

    need_code: str
    item_code: str
    choice_code: str
    is_chosen: YesNo
    basis: Basis


class ThemeCrosswalk(Row):
    """A theme of another scheme (a deliverable, a chapter, a pathway) and our theme that it belongs to."""

    scheme: str
    theme_label: str
    position: int
    theme_code: str


class NeedStatement(Row):
    """A need that a printed text states; the line finds the text in published/<wave>/text.csv.

    `measure_id` is the statistic behind the text where no choices of one item are.
    """

    wave: str
    line: int
    cohort_code: str
    need_code: str
    measure_id: str | None


class Service(Row):
    """A service for cities; whether it runs in a wave is a `ServiceStatus`."""

    service_code: str
    label: str
    purpose: str
    owner: str
    channel: str | None
    format: str | None
    audience: str | None
    selection_rule: str | None
    capacity_limit: str | None
    line: int | None
    position: int


class ServiceStatus(Row):
    """What a service is from a wave on, and for whom; it stays so until the row of a later wave.

    `announced` is what a source says is to come: it is no more than planned until a row confirms it.
    """

    service_code: str
    wave: str
    status: Literal["planned", "under_development", "existing", "ended"]
    launched_on: str | None
    for_mission_cities: YesNo
    for_others: YesNo
    basis: Literal["stated", "inferred", "announced"]
    line: int | None
    source: str


class ServiceNeed(Row):
    """A need that a service addresses; `inferred` where the report does not say so."""

    service_code: str
    need_code: str
    basis: Basis
    line: int | None


class ServiceInterest(Row):
    """A choice of an item that counts as interest in a service."""

    service_code: str
    item_code: str
    choice_code: str
    basis: Basis
    line: int | None


class ServiceModule(Row):
    """A module, group, visit, webinar or kind of ticket of a service, and the pathway that it belongs to, if any."""

    module_code: str
    service_code: str
    label: str
    kind: str
    pathway_code: str | None
    position: int


class ModulePlaces(Row):
    """How many cities a module takes from a wave on, until the row of a later one; without a number all who come."""

    module_code: str
    wave: str
    places: int | None
    basis: Basis
    note: str | None


class ServiceStep(Row):
    """A step of a city on its way through a service, the item that tells it, and whether it is use of the service."""

    step_code: str
    label: str
    item_code: str
    is_use: YesNo
    position: int


class CoverageVerdict(Row):
    """A verdict on whether services cover a need, the best first."""

    verdict_code: str
    label: str
    position: int


class Pathway(Row):
    """A support pathway."""

    pathway_code: str
    label: str
    focus: str
    position: int
    line: int | None


class PathwayNeed(Row):
    """A need in the focus of a pathway."""

    pathway_code: str
    need_code: str
    basis: Basis
    line: int | None


class TransitionStep(Row):
    """A step of the Climate Transition Map."""

    step_code: str
    label: str
    position: int
    basis: Basis


class PathwayStep(Row):
    """A step of the Climate Transition Map that a pathway supports."""

    pathway_code: str
    step_code: str
    basis: Basis
    line: int | None


class InitiativeItem(Row):
    """An item that tells in which initiatives outside NetZeroCities a city takes part, or what these have in common."""

    item_code: str
    attribute: Literal["initiative", "kind", "level", "offer"]


class InitiativeNeed(Row):
    """A need that an initiative addresses; `inferred` where the report does not say so."""

    initiative_code: str
    need_code: str
    basis: Basis
    line: int | None


class SelfReport(Row):
    """What cities say and a register tells as well: a choice of an item, and the choice that it should go with."""

    item_code: str
    choice_code: str
    register_item_code: str
    register_choice_code: str
    note: str | None
