"""Primary suppression: which cells are sensitive, how well a suppressed one has to be protected, and the codes of both.

Here: the rules on a single cell. Not here: which other cells have to be suppressed for its sake (protect.py).
Source: Handbook on Statistical Disclosure Control, ESSnet SDC (2010), chapter 5: threshold rule and group disclosure.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from orchestration.settings import DisclosureLimits

# Dimension and member of a cell that counts a whole cohort.
ALL = "all"
# Between the names of two nested cohorts, what the outer has more is named by both.
DIFFERENCE = " without "


class Reason(StrEnum):
    """Why a value is hidden; `docs/reason-codes.md` says each in words."""

    SMALL_COUNT = "small_count"
    SMALL_BASE = "small_base"
    WHOLE_GROUP = "whole_group"
    COMPLEMENT = "complement"
    GROUP_SIZE = "group_size"
    EARLIER_RELEASE = "earlier_release"
    DERIVED = "derived"
    MERGED_CLASSES = "merged_classes"


# Each in the words that readers of a release see: "not public: …".
REASONS = {
    Reason.SMALL_COUNT: "too few cities gave the answer",
    Reason.SMALL_BASE: "too few cities are in the group",
    Reason.WHOLE_GROUP: "all cities of a small group answered the same",
    Reason.COMPLEMENT: "another hidden number could be worked out from it",
    Reason.GROUP_SIZE: "the size of the group is hidden",
    Reason.DERIVED: "it is computed from hidden numbers, or one could be worked out from it",
    Reason.EARLIER_RELEASE: "an earlier release hid it",
    Reason.MERGED_CLASSES: "it is shown by merged classes",
}


# Primary suppressions: the cell itself is sensitive. By the other reasons it would disclose another cell.
PRIMARY = frozenset({Reason.SMALL_COUNT, Reason.SMALL_BASE, Reason.WHOLE_GROUP})
# Protection level of a cell that is not sensitive itself: any width rules out exact disclosure.
_NOT_EXACT = 0.01


class Key(NamedTuple):
    """A cell of the crosstab cube of one wave."""

    cohort: str
    item: str
    choice: str
    dimension: str
    member: str


class Cell(NamedTuple):
    """A cell with its counts of responses. `is_level` is false for those that did or did not answer at all.

    An open one is public by itself, and there only because others can be subtracted from it.
    """

    key: Key
    n: int
    base_n: int
    answered_n: int
    is_multiple: bool
    is_level: bool
    is_open: bool = False

    @property
    def external_bound(self) -> int:
        """Most that anybody takes the count for: those that answered, or of those that did not, all."""
        return self.answered_n if self.is_level else self.base_n


class Nested(NamedTuple):
    """Two cohorts of which the outer holds every response of the inner."""

    outer: str
    inner: str


def is_by_definition(key: Key, conditions: Collection[tuple[str, ...]]) -> bool:
    """Whether a count says no more than who is in its cohort: all its cities meet the cohort's conditions."""
    return key[:2] in conditions or key[:3] in conditions


def find_primary_reason(
    n: int, base_n: int, answered_n: int, *, is_multiple: bool, limits: DisclosureLimits
) -> Reason | None:
    """Why a cell of `n` of `base_n` responses is sensitive: it tells what a city, or all of a group, said; None if not.

    A choice of several that may be ticked has a second cell, of those that did not tick it.
    """
    if base_n == 0:
        return None
    if base_n < limits.minimum_base:
        return Reason.SMALL_BASE
    if 0 < n < limits.minimum_frequency or (is_multiple and 0 < base_n - n < limits.minimum_frequency):
        return Reason.SMALL_COUNT
    is_group_disclosure = n in (0, base_n) if is_multiple else n == answered_n > 0
    return Reason.WHOLE_GROUP if is_group_disclosure and base_n < limits.minimum_group else None


def get_protection_level(reason: Reason | None, limits: DisclosureLimits) -> float:
    """Sliding protection level of a cell that is suppressed for a reason: the least width of its feasibility interval.

    A complement, of this or an earlier release, may be estimated closely, but never exactly.
    """
    if reason is None or reason is Reason.DERIVED:
        return 0
    return _NOT_EXACT if reason in (Reason.COMPLEMENT, Reason.EARLIER_RELEASE) else limits.minimum_frequency
