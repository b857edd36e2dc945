"""Which format a questionnaire's file has, by its content.

Not here: reading it (one module a format).
"""

from __future__ import annotations

from pathlib import Path

from orchestration.common.problems import Problem, shown_path
from orchestration.extracts.kind import kind_of
from orchestration.onboarding.questionnaires.imported import CodebookImportError
from orchestration.onboarding.questionnaires.markup import root_tag
from orchestration.onboarding.questionnaires.tables import column_name, file_bytes, is_workbook, workbook_sheets

_SPSS = (b"$FL2", b"$FL3")
_REMEDY = (
    "give an XLSForm workbook, a LimeSurvey structure (.lss), an EUSurvey XML export, an SPSS .sav, or a codebook as "
    "CSV, XLSX or ODS"
)


def detected_format(path: Path) -> str:
    """The format of a file, a key of FORMATS. Raises CodebookImportError for a file of another kind."""
    data = file_bytes(path)
    if data.startswith(_SPSS):
        return "spss"
    if is_workbook(data):
        names = {column_name(sheet.name or "") for sheet in workbook_sheets(path, data)}
        return "xlsform" if {"survey", "choices"} <= names else "sheet"
    if _starts_as_xml(data):
        return _xml_format(path, data)
    kind = kind_of(data)
    if kind is not None:
        raise CodebookImportError([_unknown(path, kind)])
    return "sheet"


def _starts_as_xml(data: bytes) -> bool:
    return data[:400].removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<?xml", b"<document", b"<Results"))


def _xml_format(path: Path, data: bytes) -> str:
    root = root_tag(shown_path(path), data)
    if root == "document":
        return "limesurvey"
    if root == "Results":
        return "eusurvey"
    raise CodebookImportError([_unknown(path, f"an XML document of another kind ({root})")])


def _unknown(path: Path, kind: str) -> Problem:
    return Problem(shown_path(path), f"{kind} is no questionnaire that can be imported", _REMEDY)
