"""The header of an extract against the codebook: which column holds which question.

Here: matching by cleaned label. Not here: columns that a platform adds (eusurvey.py), values (cells.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.readers import ExtractError
from orchestration.readers.labels import clean_label
from orchestration.tabular import Problem, nearest

if TYPE_CHECKING:
    from orchestration.codebook import Codebook, Question

_NEAR_ENOUGH = 0.4


@dataclass(frozen=True)
class Heading:
    """A header cell: its place in the file (columns from 1, over all sheets) and its cleaned text."""

    file: str
    sheet: str | None
    row: int
    column: int
    text: str

    def problem(self, reason: str, remedy: str) -> Problem:
        """A problem of this column."""
        return Problem(self.file, reason, remedy, self.sheet, self.row, f"{self.column} ({self.text!r})")


def match_headings(
    headings: Sequence[Heading], codebook: Codebook, if_none: str, if_missing: str
) -> list[tuple[Heading, Question]]:
    """Pair each header cell with its question, in order of columns.

    Labels that a questionnaire repeats are matched in order when the file repeats them as often. `if_none`
    and `if_missing` are the platform's remedies. Raises ExtractError naming every missing, extra and repeated
    column.
    """
    expected: dict[str, list[Question]] = defaultdict(list)
    for question in codebook.questions:
        expected[clean_label(question.header)].append(question)
    found: dict[str, list[Heading]] = defaultdict(list)
    for heading in headings:
        found[heading.text].append(heading)
    if not expected.keys() & found.keys():
        first = headings[0]
        reason = f"no header here: none of the {len(headings)} cells of the row is a label of the codebook"
        raise ExtractError([Problem(first.file, reason, if_none, first.sheet, first.row)])
    problems = [*_missing(expected, found, headings[0], if_missing), *_extra(expected, found)]
    if problems:
        raise ExtractError(problems)
    pairs = [pair for label, questions in expected.items() for pair in zip(found[label], questions, strict=True)]
    return sorted(pairs, key=lambda pair: pair[0].column)


def _missing(
    expected: Mapping[str, Sequence[Question]],
    found: Mapping[str, Sequence[Heading]],
    first: Heading,
    remedy: str,
) -> Iterator[Problem]:
    unexpected = [text for text in found if text and text not in expected]
    for label, questions in expected.items():
        present = len(found.get(label, ()))
        if present < len(questions):
            near = nearest(label, unexpected, _NEAR_ENOUGH)
            hint = (
                f"; the file has {near!r}: if it is the same question, write its label so in questions.csv"
                if near
                else ""
            )
            reason = f"the column of question {questions[present].name} is missing"
            yield Problem(first.file, reason, remedy + hint, None, first.row, repr(label))


def _extra(expected: Mapping[str, Sequence[Question]], found: Mapping[str, Sequence[Heading]]) -> Iterator[Problem]:
    absent = [label for label in expected if label not in found]
    for text, headings in found.items():
        questions = expected.get(text, ())
        for heading in headings[len(questions) :]:
            if not text:
                yield heading.problem("the column has no header", "delete the column, or write its header")
            elif questions:
                reason = f"the column is repeated: column {headings[0].column} has the same header"
                yield heading.problem(
                    reason, "delete the repetition, or give it a question of its own in questions.csv"
                )
            elif len(headings) > 1 and heading is not headings[0]:
                continue
            else:
                near = nearest(text, absent, _NEAR_ENOUGH) or nearest(text, expected, _NEAR_ENOUGH)
                hint = f"; nearest label: {near!r} (question {expected[near][0].name})" if near else ""
                reason = f"the column is not in the codebook{hint}"
                yield heading.problem(reason, "add the question to questions.csv, or delete the column")
