"""Which format a questionnaire's file has, by its content.

Not here: reading it (one module a format).
"""

from __future__ import annotations

from pathlib import Path

from orchestration.common.problems import Problem
from orchestration.extracts.kind import ODS, SPSS, TEXT, XLSX, is_xml, kind_of
from orchestration.extracts.parts import Part, local_part
from orchestration.onboarding.questionnaires.imported import CodebookImportError
from orchestration.onboarding.questionnaires.markup import root_tag
from orchestration.onboarding.questionnaires.tables import column_name
from orchestration.readers.workbook import Workbook

_REMEDY = (
    "give an XLSForm workbook, a LimeSurvey structure (.lss), an EUSurvey XML export, an SPSS .sav, or a codebook as "
    "CSV, XLSX or ODS"
)


def detected_format(path: Path) -> str:
    """The format of a file, a key of FORMATS.

    Raises ExtractError for a file that cannot be read, CodebookImportError for one of another kind.
    """
    part = local_part(path)
    kind = kind_of(part)
    if kind == SPSS:
        return "spss"
    if kind in (XLSX, ODS):
        names = {column_name(name) for name in Workbook(part, (XLSX, ODS), _REMEDY).visible_names}
        return "xlsform" if {"survey", "choices"} <= names else "sheet"
    if is_xml(part):
        return _xml_format(part)
    if kind != TEXT:
        raise CodebookImportError([_unknown(part, kind)])
    return "sheet"


def _xml_format(part: Part) -> str:
    root = root_tag(part.shown, part.read())
    if root == "document":
        return "limesurvey"
    if root == "Results":
        return "eusurvey"
    raise CodebookImportError([_unknown(part, f"an XML document of another kind ({root})")])


def _unknown(part: Part, kind: str) -> Problem:
    return Problem(part.shown, f"{kind} is no questionnaire that can be imported", _REMEDY)
