"""Which counts tell what a single city said, and by which code a table says so.

Here: the rules on one count. Not here: what else has to be hidden so that it cannot be computed (protect.py).
Source: Handbook on Statistical Disclosure Control, ESSnet SDC (2010), chapter 5: threshold rule and group disclosure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from orchestration.settings import DisclosureLimits


class Reason(StrEnum):
    """Why a value is hidden; `docs/reason-codes.md` says each in words."""

    SMALL_COUNT = "small_count"
    SMALL_BASE = "small_base"
    WHOLE_GROUP = "whole_group"
    COMPLEMENT = "complement"
    GROUP_SIZE = "group_size"
    EARLIER_RELEASE = "earlier_release"
    DERIVED = "derived"


# Each in the words that readers of a release see: "not public: …".
REASONS = {
    Reason.SMALL_COUNT: "too few cities gave the answer",
    Reason.SMALL_BASE: "too few cities are in the group",
    Reason.WHOLE_GROUP: "all cities of a small group answered the same",
    Reason.COMPLEMENT: "it would tell another hidden number",
    Reason.GROUP_SIZE: "the size of the group is hidden",
    Reason.DERIVED: "it is computed from hidden numbers, or would tell one",
    Reason.EARLIER_RELEASE: "an earlier release hid it",
}


# Least width of what others may tell of a count that is hidden for the sake of another.
NEVER_EXACTLY = 0.01
# A value hidden by these tells about a city by itself; by the others, it would tell about another value.
PRIMARY = frozenset({Reason.SMALL_COUNT, Reason.SMALL_BASE, Reason.WHOLE_GROUP})


class Key(NamedTuple):
    """A cell of the crosstab cube of one wave."""

    cohort: str
    item: str
    choice: str
    dimension: str
    member: str


class Cell(NamedTuple):
    """A cell with its counts of responses. `is_level` is false for those that did or did not answer at all."""

    key: Key
    n: int
    base_n: int
    answered_n: int
    members_n: int
    is_multiple: bool
    is_level: bool


def primary_reason(
    n: int, base_n: int, answered_n: int, *, is_multiple: bool, limits: DisclosureLimits
) -> Reason | None:
    """Why `n` of `base_n` responses tells what a single city, or every city of a group, said; None where it does not.

    A choice of several that may be ticked has a second cell, of those that did not tick it.
    """
    if base_n == 0:
        return None
    if base_n < limits.minimum_base:
        return Reason.SMALL_BASE
    if 0 < n < limits.minimum_frequency or (is_multiple and 0 < base_n - n < limits.minimum_frequency):
        return Reason.SMALL_COUNT
    said_by_all = n in (0, base_n) if is_multiple else n == answered_n > 0
    return Reason.WHOLE_GROUP if said_by_all and base_n < limits.minimum_group else None


def needed_width(reason: Reason | None, limits: DisclosureLimits) -> float:
    """How uncertain others have to be of a count that is hidden for a reason: the least width of what they can tell.

    A count that only hides another, or did in an earlier release, may be told closely, but never exactly.
    """
    if reason is None or reason is Reason.DERIVED:
        return 0
    return NEVER_EXACTLY if reason in (Reason.COMPLEMENT, Reason.EARLIER_RELEASE) else limits.minimum_frequency
