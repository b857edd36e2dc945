"""The header of an extract against the codebook: which column holds which question.

Here: matching by cleaned label. Not here: columns that a platform adds (eusurvey.py), values (common/values.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from orchestration.common.problems import Problem, nearest
from orchestration.common.text import clean_label
from orchestration.extracts.errors import ExtractError
from orchestration.rounds.codebook import Choice, Codebook, Question

# How platforms name the column of one choice, by question and choice.
COLUMN_OF_A_CHOICE = (
    "{} [{}]", "{}: {}", "{}[{}]", "{}/{}", "[{}]{}", "[{}] {}", "{} - {}", "{} | {}", "{}.{}", "{}_{}", "{}___{}",
    "{}:{}", "{1}:{0}", "{} - Selected Choice - {}",
)  # fmt: skip
_NEAR_ENOUGH = 0.4


@dataclass(frozen=True)
class Placed:
    """A question and the columns of its answers: one, or one a choice where the platform splits multiple choice.

    `repeats` are columns of single choices beside the one that holds them all.
    """

    question: Question
    columns: tuple[int, ...]
    choices: tuple[Choice, ...] = ()
    repeats: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heading:
    """A header cell: its place in the file (columns from 1, over all sheets) and its cleaned text.

    `row` is None in files that name columns without a row for it.
    """

    file: str
    sheet: str | None
    row: int | None
    column: int
    text: str

    def problem(self, reason: str, remedy: str) -> Problem:
        """A problem of this column."""
        return Problem(self.file, reason, remedy, self.sheet, self.row, f"{self.column} ({self.text!r})")


class Spelling:
    """How a platform may head the columns of a question, surest first. Platforms override what they do otherwise."""

    def whole(self, question: Question) -> Iterable[str]:
        """Headers of a column that holds all answers of a question."""
        return (question.header, *question.translated_headers, question.source, question.name)

    def split(self, question: Question, choice: Choice) -> Iterable[str]:
        """Headers of a column that holds one choice of a multiple-choice question."""
        for asked, chosen in _said(question, choice):
            for form in COLUMN_OF_A_CHOICE:
                yield form.format(asked, chosen)


def known_headers(codebook: Codebook, spelling: Spelling) -> frozenset[str]:
    """All headers, cleaned, that a platform may write for the codebook's questions and choices."""
    texts: list[str] = []
    for question in codebook.questions:
        texts += spelling.whole(question)
        for choice in codebook.choices_of(question) if question.base_type == "select_multiple" else ():
            texts += spelling.split(question, choice)
    return frozenset(filter(None, map(clean_label, texts)))


def recognise(names: Iterable[str], known: Container[str]) -> str | None:
    """The first of a column's names, cleaned, that the codebook knows; None if it knows none."""
    return next((text for text in map(clean_label, names) if text and text in known), None)


def _said(question: Question, choice: Choice) -> Iterator[tuple[str, str]]:
    """What a question and a choice of it may be called beside each other: in one language, or by their codes."""
    yield question.header, choice.label
    for language, header in zip(question.labels, question.translated_headers, strict=True):
        yield header, choice.labels.get(language, choice.label)
    codes = dict.fromkeys(filter(None, (choice.source, choice.name)))
    yield from ((question.header, code) for code in codes)
    for name in dict.fromkeys(filter(None, (question.source, question.name))):
        yield from ((name, chosen) for chosen in (*codes, choice.label))


def match_headings(
    headings: Sequence[Heading], codebook: Codebook, if_none: str, if_missing: str, spelling: Spelling | None = None
) -> list[Placed]:
    """Find the columns of each question, in order of columns (numbered from 0 as in Layout).

    Labels that a questionnaire repeats are matched in order when the file repeats them as often. `if_none`
    and `if_missing` are the platform's remedies. Raises ExtractError naming every missing, extra and repeated
    column.
    """
    spelling = spelling or Spelling()
    found: dict[str, list[Heading]] = defaultdict(list)
    for heading in headings:
        found[heading.text].append(heading)
    # A column of a question is none of another one's choices.
    whole = [_cleaned(spelling.whole(question)) for question in codebook.questions]
    free = found.keys() - set(chain.from_iterable(whole))
    expected: dict[str, list[_Wanted]] = defaultdict(list)
    repeats: dict[str, str] = {}
    for question, texts in zip(codebook.questions, whole, strict=True):
        choices = codebook.choices_of(question) if free and question.base_type == "select_multiple" else ()
        split = [_first_found(_cleaned(spelling.split(question, choice)), free) for choice in choices]
        own = _first_found(texts, found)
        for wanted in _wanted(question, own, choices, split):
            expected[wanted.text].append(wanted)
        if own:
            repeats |= dict.fromkeys(filter(None, split), question.name)
    if not expected.keys() & found.keys():
        first = headings[0]
        reason = f"no header here: none of the {len(headings)} cells of the row is a label of the codebook"
        raise ExtractError([Problem(first.file, reason, if_none, first.sheet, first.row)])
    others = {text: headings for text, headings in found.items() if text not in repeats or text in expected}
    problems = [*_missing(expected, others, headings[0], if_missing), *_extra(expected, others)]
    if problems:
        raise ExtractError(problems)
    placed = _placed(pair for text, wanted in expected.items() for pair in zip(found[text], wanted, strict=True))
    repeated: dict[str, list[int]] = defaultdict(list)
    for text in repeats.keys() - expected.keys():
        repeated[repeats[text]] += [heading.column - 1 for heading in found[text]]
    return [replace(entry, repeats=tuple(sorted(repeated[entry.question.name]))) for entry in placed]


@dataclass(frozen=True)
class _Wanted:
    """A column that the file has to have: of a question, or of one choice of it."""

    text: str
    question: Question
    choice: Choice | None = None

    @property
    def name(self) -> str:
        return f"{self.question.name}, choice {self.choice.name}" if self.choice else self.question.name


def _wanted(
    question: Question, own: str | None, choices: Sequence[Choice], split: Sequence[str | None]
) -> Iterator[_Wanted]:
    """The columns of a question as the file heads them; where it has none of them, as the codebook does."""
    if own is not None or not any(split):
        yield _Wanted(own or clean_label(question.header), question)
        return
    for choice, text in zip(choices, split, strict=True):
        yield _Wanted(text or clean_label(f"{question.header} [{choice.label}]"), question, choice)


def _cleaned(texts: Iterable[str]) -> list[str]:
    return [text for text in map(clean_label, texts) if text]


def _first_found(texts: Iterable[str], found: Container[str]) -> str | None:
    return next((text for text in texts if text in found), None)


def _placed(pairs: Iterable[tuple[Heading, _Wanted]]) -> list[Placed]:
    by_question: dict[str, list[tuple[Heading, _Wanted]]] = defaultdict(list)
    for heading, wanted in sorted(pairs, key=lambda pair: pair[0].column):
        by_question[wanted.question.name].append((heading, wanted))
    return [
        Placed(
            found[0][1].question,
            tuple(heading.column - 1 for heading, _ in found),
            tuple(wanted.choice for _, wanted in found if wanted.choice is not None),
        )
        for found in by_question.values()
    ]


def _missing(
    expected: Mapping[str, Sequence[_Wanted]],
    found: Mapping[str, Sequence[Heading]],
    first: Heading,
    remedy: str,
) -> Iterator[Problem]:
    unexpected = [text for text in found if text and text not in expected]
    for label, wanted in expected.items():
        present = len(found.get(label, ()))
        if present < len(wanted):
            near = nearest(label, unexpected, _NEAR_ENOUGH)
            hint = (
                f"; the file has {near!r}: if it is the same question, write its label so in questions.csv"
                if near
                else ""
            )
            reason = f"the column of question {wanted[present].name} is missing"
            yield Problem(first.file, reason, remedy + hint, None, first.row, repr(label))


def _extra(expected: Mapping[str, Sequence[_Wanted]], found: Mapping[str, Sequence[Heading]]) -> Iterator[Problem]:
    absent = [label for label in expected if label not in found]
    for text, headings in found.items():
        wanted = expected.get(text, ())
        for heading in headings[len(wanted) :]:
            if not text:
                yield heading.problem("the column has no header", "delete the column, or write its header")
            elif wanted:
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
