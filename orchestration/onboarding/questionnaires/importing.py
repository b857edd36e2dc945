"""Importing a questionnaire's file of any format.

Here: which module imports which format. Not here: which format a file has (detect.py).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from orchestration.onboarding.questionnaires.imported import ImportedCodebook

if TYPE_CHECKING:
    from pathlib import Path


# Formats of questionnaires, each with a module of its name.
FORMATS = ("xlsform", "limesurvey", "eusurvey", "spss", "sheet")


class Importer(Protocol):
    """What a format's module offers."""

    def read(self, path: Path, language: str = "") -> ImportedCodebook:
        """Read a file; `label` is taken in the given language. Raises CodebookImportError."""


def import_codebook(path: Path, format_name: str | None = None, language: str = "") -> ImportedCodebook:
    """Read a questionnaire of a format of FORMATS; without one, of the format that its content shows.

    Raises CodebookImportError for a file of another kind, a damaged file, or one without questions.
    """
    from orchestration.onboarding.questionnaires.detect import detected_format

    importer = cast(
        Importer, import_module(f"orchestration.onboarding.questionnaires.{format_name or detected_format(path)}")
    )
    return importer.read(path, language)
