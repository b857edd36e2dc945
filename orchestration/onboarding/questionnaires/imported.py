"""A codebook as an importer makes it of a questionnaire's file: rows in their order, and notes on them.

Not here: importers (one module a format), writing (write.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from orchestration.common.problems import FileProblemsError, Problem
from orchestration.onboarding.questionnaires.scored import Scoring


class CodebookImportError(FileProblemsError):
    """A file that no codebook can be made of; each problem names file, place, reason and remedy."""


def check_language(file: str, language: str, languages: Sequence[str], sheet: str | None = None) -> None:
    """Raise CodebookImportError for a wanted language that a questionnaire has no texts in, if it names languages."""
    if language and languages and language not in languages:
        remedy = f"choose one of {', '.join(filter(None, languages))}"
        raise CodebookImportError([Problem(file, f"it has no texts in {language!r}", remedy, sheet)])


class Kind(StrEnum):
    """What a note is about."""

    LEFT_OUT = "left out"
    CHANGED = "changed"
    LOOK = "to look at"


@dataclass(frozen=True)
class Note:
    """Something that a person should know: what was left out or changed and why, or what waits for a decision."""

    kind: Kind
    subject: str
    text: str


@dataclass(frozen=True)
class ImportedQuestion:
    """A row of questions.csv; `labels` and `matrix_labels` are its texts in further languages."""

    type: str
    name: str
    label: str
    source: str = ""
    hint: str = ""
    is_required: bool = False
    relevant: str = ""
    constraint: str = ""
    section: str = ""
    question_number: str = ""
    matrix: str = ""
    role: str = ""
    is_personal: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    matrix_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_type(self) -> str:
        """The type without its choice list."""
        return self.type.split()[0]

    @property
    def list_name(self) -> str:
        """The choice list of a select question; empty for any other."""
        return self.type.partition(" ")[2]


@dataclass(frozen=True)
class ImportedChoice:
    """A row of choices.csv; its position is its place in its list."""

    list_name: str
    name: str
    label: str
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportedCodebook:
    """What an importer makes of a file: rows in their order, and notes on them.

    `language` is the language of `label`, empty where the file does not say; `languages` are all that it has;
    `scoring` is there where the file tells points.
    """

    questions: tuple[ImportedQuestion, ...]
    choices: tuple[ImportedChoice, ...]
    notes: tuple[Note, ...]
    language: str = ""
    languages: tuple[str, ...] = ()
    scoring: Scoring | None = None

    def choices_of(self, list_name: str) -> Sequence[ImportedChoice]:
        """The choices of a list, in order."""
        return [choice for choice in self.choices if choice.list_name == list_name]
