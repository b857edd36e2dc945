"""Codebooks from anywhere: a platform's own description of a questionnaire → questions.csv and choices.csv.

Here: which importer reads which format, and what every importer returns or raises. One module a format (xlsform.py,
limesurvey.py, eusurvey.py, spss.py, sheet.py); what they share is in draft.py. Not here: answers (readers/), what a
well-formed codebook is (orchestration/codebook.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from orchestration.tabular import FileProblemsError

if TYPE_CHECKING:
    from pathlib import Path

FORMATS: Mapping[str, str] = {
    "xlsform": "orchestration.codebooks.xlsform",
    "limesurvey": "orchestration.codebooks.limesurvey",
    "eusurvey": "orchestration.codebooks.eusurvey",
    "spss": "orchestration.codebooks.spss",
    "sheet": "orchestration.codebooks.sheet",
}


class CodebookImportError(FileProblemsError):
    """A file that no codebook can be made of; each problem names file, place, reason and remedy."""


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

    `language` is the language of `label`, empty where the file does not say; `languages` are all that it has.
    """

    questions: tuple[ImportedQuestion, ...]
    choices: tuple[ImportedChoice, ...]
    notes: tuple[Note, ...]
    language: str = ""
    languages: tuple[str, ...] = ()

    def choices_of(self, list_name: str) -> Sequence[ImportedChoice]:
        """The choices of a list, in order."""
        return [choice for choice in self.choices if choice.list_name == list_name]


class Importer(Protocol):
    """What a format's module offers."""

    def read(self, path: Path, language: str = "") -> ImportedCodebook:
        """Read a file; `label` is taken in the given language. Raises CodebookImportError."""


def import_codebook(path: Path, format_name: str | None = None, language: str = "") -> ImportedCodebook:
    """Read a questionnaire of a format of FORMATS; without one, of the format that its content shows.

    Raises CodebookImportError for a file of another kind, a damaged file, or one without questions.
    """
    from orchestration.codebooks.detect import detected_format

    importer = cast(Importer, import_module(FORMATS[format_name or detected_format(path)]))
    return importer.read(path, language)
