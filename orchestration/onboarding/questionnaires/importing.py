"""Importing a questionnaire's file of any format: which format a file has, and which module imports it.

Not here: reading it (one module a format), what a file is by its bytes (extracts/kind.py).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from orchestration.common.problems import Problem, shown_path
from orchestration.extracts.kind import ODS, SPSS, TEXT, XLSX, is_xml, kind_of
from orchestration.extracts.parts import Part, local_part
from orchestration.onboarding.questionnaires.assessment import tells_points
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.markup import root_tag
from orchestration.onboarding.questionnaires.tables import column_name
from orchestration.readers.workbook import Workbook

if TYPE_CHECKING:
    from pathlib import Path


# Formats of questionnaires, each with a module of its name.
FORMATS = ("xlsform", "limesurvey", "eusurvey", "spss", "sheet", "assessment")
_REMEDY = (
    "give an XLSForm workbook, a LimeSurvey structure (.lss), an EUSurvey XML export, an SPSS .sav, or a codebook or "
    "self-assessment as CSV, XLSX or ODS"
)


class Importer(Protocol):
    """What a format's module offers."""

    def read(self, path: Path, language: str = "") -> ImportedCodebook:
        """Read a file; `label` is taken in the given language. Raises ExtractError or CodebookImportError."""


def import_codebook(path: Path, format_name: str | None = None, language: str = "") -> ImportedCodebook:
    """Read a questionnaire of a format of FORMATS; without one, of the format that its content shows.

    Raises ExtractError for a file that cannot be read, CodebookImportError for one of another kind or without question.
    """
    module = f"orchestration.onboarding.questionnaires.{format_name or detect_format(path)}"
    codebook = cast(Importer, import_module(module)).read(path, language)
    if not codebook.questions:
        left_out = ", ".join(dict.fromkeys(note.text for note in codebook.notes if note.kind == Kind.LEFT_OUT))
        reason = "no question that somebody answers" + (f" (left out: {left_out})" if left_out else "")
        raise CodebookImportError([Problem(shown_path(path), reason, "give the file with the questions")])
    return codebook


def detect_format(path: Path) -> str:
    """The format of a file, a key of FORMATS.

    Raises ExtractError for a file that cannot be read, CodebookImportError for one of another kind.
    """
    part = local_part(path)
    kind = kind_of(part)
    if kind == SPSS:
        return "spss"
    if kind in (XLSX, ODS):
        names = {column_name(name) for name in Workbook(part, (XLSX, ODS), _REMEDY).visible_names}
        return "xlsform" if {"survey", "choices"} <= names else _table_format(part)
    if is_xml(part):
        return _xml_format(part)
    if kind != TEXT:
        raise CodebookImportError([_unknown(part, kind)])
    return _table_format(part)


def _table_format(part: Part) -> str:
    return "assessment" if tells_points(part) else "sheet"


def _xml_format(part: Part) -> str:
    root = root_tag(part.shown, part.read())
    if root == "document":
        return "limesurvey"
    if root == "Results":
        return "eusurvey"
    raise CodebookImportError([_unknown(part, f"an XML document of another kind ({root})")])


def _unknown(part: Part, kind: str) -> Problem:
    return Problem(part.shown, f"{kind} is no questionnaire that can be imported", _REMEDY)
