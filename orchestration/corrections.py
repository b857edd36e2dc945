"""Reviewed corrections of a round: one line a wrong answer, with the old value it expects.

Here: what a well-formed correction is. Not here: applying it (readers/rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.tabular import FileProblemsError, Problem, read_csv_strict, shown_path

FILE = "corrections.csv"
COLUMNS = ("response_id", "question_code", "expected", "corrected", "reason", "decided_on")


class CorrectionsError(FileProblemsError):
    """Corrections that cannot be applied; names every fault with file, line, column and remedy."""


@dataclass(frozen=True)
class Correction:
    """A decision about one answer: the delivered text that it expects and the text that takes its place.

    An empty text is no answer. `question_code` is empty where the status of the whole response is corrected.
    """

    file: str
    line: int
    response_id: str
    question_code: str
    expected: str
    corrected: str
    reason: str
    decided_on: date

    def problem(self, reason: str, remedy: str, column: str | None = None) -> Problem:
        """A problem of this correction."""
        return Problem(self.file, reason, remedy, row=self.line, column=column)


Corrections = Mapping[tuple[str, str], Correction]


def load_corrections(folder: Path) -> Corrections:
    """Corrections of a round's folder by response id and question; none where there is no file.

    Raises TableError or CorrectionsError.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    file = shown_path(path)
    found: dict[tuple[str, str], Correction] = {}
    problems = []
    for line, row in read_csv_strict(path, COLUMNS):
        key = (row["response_id"], row["question_code"])
        problems += [
            Problem(file, "the field is empty", "fill it in", row=line, column=column)
            for column in ("response_id", "reason")
            if not row[column].strip()
        ]
        if key in found:
            reason = f"the answer is corrected on line {found[key].line} already"
            problems.append(Problem(file, reason, "keep one of both", row=line))
        if row["expected"] == row["corrected"]:
            reason = "the corrected value is the expected one"
            problems.append(Problem(file, reason, "delete the line, or correct it", row=line, column="corrected"))
        try:
            decided_on = date.fromisoformat(row["decided_on"])
        except ValueError:
            reason = f"{row['decided_on']!r} is not a date"
            problems.append(Problem(file, reason, "write it as YYYY-MM-DD", row=line, column="decided_on"))
            continue
        found[key] = Correction(file, line, *key, row["expected"], row["corrected"], row["reason"], decided_on)
    if problems:
        raise CorrectionsError(problems)
    return found
