"""What a rule found, in one form for every stage.

Here: `Outcome`, how it is told and recorded. Not here: rules (door.py, release_gate.py), running them (runner.py),
Dagster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Severity = Literal["error", "warn"]
MAX_KEYS = 5


@dataclass(frozen=True)
class Outcome:
    """The result of one rule: how many rows broke it, up to five of their keys, and what to do about it.

    `expectations` are what Great Expectations evaluated for it: type, arguments, success, and counts without values.
    """

    rule: str
    description: str
    severity: Severity
    passed: bool
    count: int
    keys: tuple[str, ...]
    remedy: str
    expectations: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Outcome:
        """The outcome that a mapping of its fields describes; other keys of the mapping are ignored."""
        known = {field.name: entry[field.name] for field in fields(cls) if field.name in entry}
        return cls(**{**known, "keys": tuple(known["keys"]), "expectations": tuple(known.get("expectations", ()))})

    def summary(self) -> str:
        """The outcome as text: rule and description; if it failed, also count, keys and remedy."""
        if self.passed:
            return f"{self.rule}: passed. {self.description}"
        more = f" and {self.count - len(self.keys)} more" if self.count > len(self.keys) else ""
        where = f" ({'; '.join(self.keys)}{more})" if self.keys else ""
        word = "failed" if self.severity == "error" else "warns"
        return f"{self.rule}: {word}, {self.count} found{where}. {self.description} To do: {self.remedy}"


def errors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Outcomes that stop what comes after them."""
    return [outcome for outcome in outcomes if not outcome.passed and outcome.severity == "error"]


def unreadable(why: str) -> Outcome:
    """That a file could not be read at all, so that no rule was asked; `why` says what to do."""
    return Outcome("can_be_read", "The file can be read by its codebook.", "error", False, 1, (), why)


def failure_text(stage: str, failed: Sequence[Outcome]) -> str:
    """What failed, a rule a paragraph."""
    return f"{stage}: {len(failed)} rule(s) failed\n" + "\n".join(outcome.summary() for outcome in failed)


def entries_of(stage: str, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Outcomes as manifest entries."""
    return [{"tool": "great_expectations", "stage": stage, **asdict(outcome)} for outcome in outcomes]
