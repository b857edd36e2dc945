"""What tests of importers share: workbooks, and a codebook written and loaded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from orchestration.onboarding.questionnaires.imported import ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.write import write_codebook
from orchestration.rounds.codebook import Codebook, load_codebook

Rows = Sequence[Sequence[object]]


def write_workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Write an XLSX workbook."""
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def loaded(codebook: ImportedCodebook, folder: Path) -> Codebook:
    """The codebook as it is after it has been written and loaded."""
    write_codebook(folder, codebook)
    return load_codebook(folder)


def notes(codebook: ImportedCodebook, kind: Kind) -> dict[str, str]:
    """The notes of a kind, by subject."""
    return {note.subject: note.text for note in codebook.notes if note.kind is kind}
