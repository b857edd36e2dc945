"""The one form in which a problem in a file is told: where it is, what it is and what to do about it.

Not here: finding problems.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One fault of a file: where it is, what it is and what to do about it."""

    file: str
    reason: str
    remedy: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = {"sheet": self.sheet, "row": self.row, "column": self.column}
        place = [self.file, *(f"{part} {value}" for part, value in parts.items() if value is not None)]
        return f"{', '.join(place)}: {self.reason}. To do: {self.remedy}."


class FileProblemsError(ValueError):
    """A file that cannot be used; `problems` holds every fault found, the message names each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:MAX_PROBLEMS_SHOWN]]
        hidden = len(self.problems) - len(shown)
        if hidden:
            shown.append(f"... and {hidden} more of the kind.")
        super().__init__("\n".join(shown))


def list_some(texts: Sequence[str], most: int = 6) -> str:
    """Texts as a message names them: the first few, and how many more."""
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")


def suggest(name: str, candidates: Sequence[str], if_none: str) -> str:
    """What to write instead of a name: the candidate most like it, else one of them, else what is said for none."""
    near = nearest(name, candidates)
    return f"write {near}" if near else f"write one of {list_some(candidates)}" if candidates else if_none


def nearest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The candidate most like a name, or None if none is."""
    found = difflib.get_close_matches(name, list(candidates), n=1, cutoff=cutoff)
    return found[0] if found else None


def shown_path(path: Path) -> str:
    """A path as messages show it: relative to the working directory where it lies below it."""
    absolute = path.absolute()
    base = Path.cwd()
    return str(absolute.relative_to(base)) if absolute.is_relative_to(base) else str(path)
