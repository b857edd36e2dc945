"""An extract before it has a codebook: its platform, its header and its rows of cells, told from the bytes alone.

Here: detection. Not here: what the columns mean (proposals.py), reading by a codebook (readers/).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

from orchestration.common.csv_records import Record, csv_records
from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, is_blank, number
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import kind_of
from orchestration.onboarding.names import begin_with_codes
from orchestration.readers.eusurvey_xlsx import HEADER_ROW, METADATA_HEADERS, PREAMBLE
from orchestration.readers.forms_xlsx import COMPLETION, ID, PLATFORM_HEADERS, START
from orchestration.readers.limesurvey_csv import own_columns

DELIMITERS = (",", ";", "\t", "|")
_RECORDS_TO_JUDGE_BY = 200
_OWN_CODEBOOK = {"sav": "spss_sav", "xml": "eusurvey_xml"}


@dataclass(frozen=True)
class Delivered:
    """The table that an extract holds: questions' columns only where the platform adds columns of its own.

    `rows_n` counts every row below the header, also those that are damaged and not among `rows`.
    """

    platform: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rows_n: int
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    decimal: str = "."
    remarks: tuple[str, ...] = ()

    def column(self, index: int) -> list[Cell]:
        """The cells of a column that say something."""
        return [row[index] for row in self.rows if not is_blank(row[index])]


def read_delivered(name: str, data: bytes, platform: str | None = None, sheet: str | None = None) -> Delivered:
    """Tell what an extract is and read it. Raises ExtractError if it is no table, or needs its own codebook."""
    if not data:
        raise ExtractError([Problem(name, "the file is empty", "export it again and replace the file")])
    found = _by_signature(data)
    if found in _OWN_CODEBOOK.values():
        reason = "this export brings its own codebook"
        raise ExtractError([Problem(name, reason, "run `needs codebook import` on it first, then this command again")])
    delivered = {"parquet": _parquet, "workbook": _workbook, "text": _text}[found](name, data, sheet)
    if platform is not None:
        delivered = replace(delivered, platform=platform)
    kept = _questions_only(name, delivered)
    return replace(kept, decimal=_decimal_of(kept))


def platform_by_signature(data: bytes) -> str | None:
    """The platform of an export that brings its own codebook; None for a table."""
    found = _by_signature(data)
    return found if found in _OWN_CODEBOOK.values() else None


def _by_signature(data: bytes) -> str:
    if data.startswith((b"$FL2", b"$FL3")):
        return _OWN_CODEBOOK["sav"]
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"PK\x03\x04") or (kind_of(data) or "").startswith("an Excel"):
        return "workbook"
    if data[:400].removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<?xml"):
        return _OWN_CODEBOOK["xml"]
    return "text"


def _text(name: str, data: bytes, _: str | None) -> Delivered:
    kind = kind_of(data)
    if kind is not None:
        raise ExtractError([Problem(name, f"not a table, but {kind}", "export the responses as CSV or XLSX")])
    text, encoding = _decoded(name, data)
    delimiter = _delimiter_of(text)
    records = list(csv_records(text, delimiter))
    while records and records[-1].is_blank:
        records.pop()
    if not records or records[0].fault or records[0].is_blank:
        reason = f"no header here: {records[0].fault if records and records[0].fault else 'the row is empty'}"
        raise ExtractError([Problem(name, reason, "put the labels of the questions into the first row", row=1)])
    header, body = records[0], records[1:]
    whole = [record for record in body if not record.fault and len(record.fields) == len(header.fields)]
    return Delivered(
        platform="delimited",
        header=_cleaned(header.fields),
        rows=tuple(record.fields for record in whole),
        rows_n=len(body),
        encoding=encoding,
        delimiter=delimiter,
        remarks=tuple(_damage(body, whole)),
    )


def _damage(body: Sequence[Record], whole: Sequence[Record]) -> Iterable[str]:
    if len(body) > len(whole):
        broken = next(record for record in body if record not in whole)
        yield f"{len(body) - len(whole)} rows are damaged, the first is row {broken.line}: they are left aside here"


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    """The text and the encoding that it was read in: a byte order mark, UTF-8, else what the letters make likely."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16"), "utf-16"
    try:
        return data.decode("utf-8").removeprefix("\ufeff"), "utf-8"
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None or b"\x00" in data:
        remedy = "export the file as UTF-8"
        raise ExtractError([Problem(name, "the file is damaged or no text of a known encoding", remedy)])
    return str(best), codecs.lookup(best.encoding).name


def _delimiter_of(text: str) -> str:
    """The delimiter by which most rows are as wide as the header, the widest first."""

    def fitness(delimiter: str) -> tuple[bool, float, int]:
        records = list(islice(csv_records(text[:1_000_000], delimiter), _RECORDS_TO_JUDGE_BY))
        width = len(records[0].fields) if records else 0
        alike = sum(len(record.fields) == width for record in records) / max(len(records), 1)
        return width > 1, round(alike, 1), width

    return max(DELIMITERS, key=fitness)


def _workbook(name: str, data: bytes, sheet: str | None) -> Delivered:
    import python_calamine

    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        sheets = {
            title: cast(list[list[Cell]], workbook.get_sheet_by_name(title).to_python(skip_empty_area=False))
            for title in workbook.sheet_names
        }
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        remedy = "fetch the file again from where it was exported"
        raise ExtractError([Problem(name, f"not a workbook, or damaged: {error}", remedy)]) from error
    if _is_eusurvey(sheets):
        return _eusurvey(sheets)
    filled = {title: rows for title, rows in sheets.items() if any(not all(map(is_blank, row)) for row in rows)}
    if sheet is not None and sheet not in filled:
        reason = f"there is no sheet {sheet!r} with content"
        raise ExtractError([Problem(name, reason, f"name one of {', '.join(map(repr, filled))}")])
    if not filled:
        raise ExtractError([Problem(name, "the workbook is empty", "export it again and replace the file")])
    title = sheet or next(iter(filled))
    others = [other for other in filled if other != title]
    remarks = [f"read from the sheet {title!r}; not read: {', '.join(map(repr, others))}"] if others else []
    return _from_rows("sheet", filled[title], title, remarks)


def _from_rows(platform: str, rows: Sequence[Sequence[Cell]], sheet: str | None, remarks: Sequence[str]) -> Delivered:
    header = [clean_label(cell_text(cell)) for cell in rows[0]]
    width = max((column for column, text in enumerate(header, 1) if text), default=0)
    body = [tuple(row[:width]) for row in rows[1:]]
    while body and all(map(is_blank, body[-1])):
        body.pop()
    return Delivered(platform, tuple(header[:width]), tuple(body), len(body), sheet=sheet, remarks=tuple(remarks))


def _is_eusurvey(sheets: dict[str, list[list[Cell]]]) -> bool:
    first = sheets.get("Content")
    return bool(first and first[0] and clean_label(cell_text(first[0][0])) == PREAMBLE[0])


def _eusurvey(sheets: dict[str, list[list[Cell]]]) -> Delivered:
    ordered = sorted(sheets, key=lambda title: (len(title), title))
    parts = [_from_rows("eusurvey_xlsx", sheets[title][HEADER_ROW - 1 :], None, ()) for title in ordered]
    height = max(part.rows_n for part in parts)
    padded = [[*part.rows, *([(None,) * len(part.header)] * (height - part.rows_n))] for part in parts]
    rows = tuple(tuple(cell for part in line for cell in part) for line in zip(*padded, strict=True))
    return Delivered("eusurvey_xlsx", tuple(text for part in parts for text in part.header), rows, height)


def _parquet(name: str, data: bytes, _: str | None) -> Delivered:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError) as error:
        remedy = "fetch the file again from where it was exported"
        raise ExtractError([Problem(name, f"not a Parquet file, or damaged: {error}", remedy)]) from error
    rows = tuple(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return Delivered("parquet", _cleaned(table.column_names), rows, table.num_rows)


def _cleaned(header: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean_label(text) for text in header)


def _decimal_of(delivered: Delivered) -> str:
    """A comma where columns are numbers with commas and none is numbers with points."""
    columns = [delivered.column(index) for index in range(len(delivered.header))]

    def only_with(decimal: str, other: str) -> bool:
        return any(_are_numbers(cells, decimal) and not _are_numbers(cells, other) for cells in columns)

    return "," if only_with(",", ".") and not only_with(".", ",") else "."


def _are_numbers(cells: Sequence[Cell], decimal: str) -> bool:
    return bool(cells) and not any(isinstance(number(cell, False, decimal), Fault) for cell in cells)


def _questions_only(name: str, delivered: Delivered) -> Delivered:
    """Without the columns that the platform adds; known by them where the bytes say no more than a table."""
    if not delivered.header:
        raise ExtractError([Problem(name, "no header here", "put the labels of the questions into the first row")])
    platform = _platform_of(delivered)
    own = _own_columns(platform, delivered.header)
    kept = [column for column in range(len(delivered.header)) if column not in own]
    blank = [column for column in kept if not delivered.header[column]]
    if blank:
        remedy = "write its header into the first row, or delete the column"
        problems = [Problem(name, "the column has no header", remedy, None, 1, str(column + 1)) for column in blank]
        raise ExtractError(problems)
    return replace(
        delivered,
        platform=platform,
        header=tuple(delivered.header[column] for column in kept),
        rows=tuple(tuple(row[column] for column in kept) for row in delivered.rows),
    )


def _own_columns(platform: str, header: Sequence[str]) -> set[int]:
    """The columns that the platform adds to the questions."""
    if platform == "limesurvey_csv":
        own = own_columns(header)
        # Without ids the reader takes a first column without header for numbers of rows.
        return set(own.values()) | ({0} if not header[0] and "id" not in own else set())
    headers = {"eusurvey_xlsx": METADATA_HEADERS, "forms_xlsx": PLATFORM_HEADERS}.get(platform, {})
    return {column for column, text in enumerate(header) if text.casefold() in headers}


def _platform_of(delivered: Delivered) -> str:
    """The platform that a table's header tells."""
    header = delivered.header
    if delivered.platform == "delimited" and ("submitdate" in own_columns(header) or begin_with_codes(header)):
        return "limesurvey_csv"
    begin = tuple(PLATFORM_HEADERS.get(text.casefold()) for text in header[:3])
    is_forms = delivered.platform == "sheet" and begin == (ID, START, COMPLETION)
    return "forms_xlsx" if is_forms else delivered.platform
