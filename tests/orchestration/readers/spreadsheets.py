"""Workbooks as programs write them, for tests of readers: ODS, and XLSX with a fault inside."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from tests.orchestration.readers.deliveries import workbook

_NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
ODS_ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
    ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def edited(content: bytes, name: str, edit: Callable[[bytes], bytes]) -> bytes:
    """A ZIP archive with one of its files changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped(
            {each: edit(archive.read(each)) if each == name else archive.read(each) for each in archive.namelist()}
        )


def ods(sheets: Mapping[str, Sequence[Sequence[Any] | str]], manifest: str = "") -> bytes:
    """An ODS workbook; a row given as text is its XML, a cell that starts with `<` too."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_row, rows))}</table:table>'
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f"{tables}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def exported_by_eusurvey(header: Sequence[str], rows: Sequence[Sequence[Any]], limit: int = 32767) -> bytes:
    """An XLSX workbook as EUSurvey's exporter writes it, long texts in rows of their own: its steps one by one."""
    sheets: dict[int, dict[tuple[int, int], Any]] = defaultdict(dict)
    next_row = 4
    for number, label in enumerate(header):
        sheets[number // 254][3, number % 254] = label
    for cells in rows:
        at, sheet = next_row, 0
        next_row += 1
        added: list[tuple[int, int]] = []
        for number, cell in enumerate(cells):
            if number // 254 != sheet:
                sheet, at = number // 254, next_row - 1
            place = (sheet, at, number % 254)
            level = 0
            units = cell.encode("utf-16-le") if isinstance(cell, str) else b""
            is_question = number < len(header) - 6 or len(header) == 2
            while is_question and len(units) > 2 * limit:
                sheets[place[0]][place[1:]] = units[: 2 * limit].decode("utf-16-le", "replace")
                units = units[2 * limit :]
                cell = units.decode("utf-16-le", "replace")
                level += 1
                if len(added) < level:
                    added.append((sheet, next_row))
                    next_row += 1
                place = (*added[level - 1], (number + 1) % 255)
            if cell is not None:
                sheets[place[0]][place[1:]] = cell
    preamble = {(0, 0): "Alias", (0, 1): "test", (1, 0): "Export Date", (1, 1): 45430.0}
    return workbook(
        {f"Content{number or ''}": _dense(preamble | content) for number, content in sorted(sheets.items())}
    )


def _dense(cells: Mapping[tuple[int, int], Any]) -> list[list[Any]]:
    height = max(row for row, _ in cells) + 1
    width = max(column for _, column in cells) + 1
    return [[cells.get((row, column)) for column in range(width)] for row in range(height)]


def _row(row: Sequence[Any] | str) -> str:
    return row if isinstance(row, str) else f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>"


def _cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str) and cell.startswith("<"):
        return cell
    kinds = {bool: "boolean", date: "date", str: "string"}
    kind = next((name for of, name in kinds.items() if isinstance(cell, of)), "float")
    value = {
        "boolean": lambda: f' office:boolean-value="{str(cell).lower()}"',
        "date": lambda: f' office:date-value="{cell.isoformat()}"',
        "string": lambda: "",
        "float": lambda: f' office:value="{cell}"',
    }[kind]()
    text = escape(str(cell))
    return f'<table:table-cell office:value-type="{kind}"{value}><text:p>{text}</text:p></table:table-cell>'
