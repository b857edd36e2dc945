"""An extract before it has a codebook: its platform, its header and the rows that its reader would trust.

Here: which platform a file is of. Not here: encoding, delimiter, sheet and rows (extracts/ and readers/, by which the
round is read later), what the columns mean (proposals.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orchestration.common.problems import Problem, list_some
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, is_blank, may_be_thousands, number, quote
from orchestration.extracts.delimited import TextForm, knows_none, open_delimited
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.header import remedy_for_rows_above, response_in_header
from orchestration.extracts.kind import MARKUP, ODS, PARQUET, SPSS, XLSX, is_xml, kind_of
from orchestration.extracts.records import Rows
from orchestration.onboarding.names import begin_with_codes
from orchestration.onboarding.second_opinion import other_reading
from orchestration.onboarding.wording import role_likeness, speaks_as_heading
from orchestration.readers import eusurvey_xlsx, forms_xlsx
from orchestration.readers.delimited import read_rows
from orchestration.readers.limesurvey_csv import own_columns
from orchestration.readers.parquet import check_texts, damaged_problem, open_parquet
from orchestration.readers.rows import SourceRow
from orchestration.readers.workbook import Workbook, read_table

if TYPE_CHECKING:
    from orchestration.extracts.parts import Part

# A question, a name in code, a code with a number.
_ASKS = re.compile(r"[?:]$|_|^[A-Za-z]{1,4}\d+\b")


@dataclass(frozen=True)
class ExtractTable:
    """The table that an extract holds: questions' columns only where the platform adds columns of its own.

    `rows_n` counts every row below the header, also those that are damaged and not among `rows`.
    """

    platform: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rows_n: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    decimal: str = "."
    remarks: tuple[str, ...] = ()

    def column(self, index: int) -> list[Cell]:
        """The cells of a column that say something."""
        return [row[index] for row in self.rows if not is_blank(row[index])]


def read_extract_table(part: Part, said: TextForm, platform: str | None = None, sheet: str = "") -> ExtractTable:
    """Tell what an extract is and read it. Raises ExtractError if it is no table, or needs its own codebook."""
    if platform_with_codebook(part) is not None:
        reason = "this export brings its own codebook"
        remedy = "run `needs codebook import` on it first, then this command again"
        raise ExtractError([Problem(part.shown, reason, remedy)])
    kind = kind_of(part)
    own: Collection[int] = ()
    if kind == PARQUET:
        table = _read_parquet(part)
    elif kind in (XLSX, ODS):
        table, own = _read_workbook(part, platform, sheet)
    else:
        table, own = _read_text(part, platform, said)
    table = _questions_only(part, table, own)
    return replace(table, platform=platform or table.platform, decimal=_decimal_of(table))


def platform_with_codebook(part: Part) -> str | None:
    """The platform of an export that brings its own codebook; None for a table."""
    kind = kind_of(part)
    if kind == SPSS:
        return "spss_sav"
    return "eusurvey_xml" if kind == MARKUP and is_xml(part) else None


def _table_of(platform: str, header: Sequence[str], found: Iterable[Rows | SourceRow], **form: str) -> ExtractTable:
    """The rows that the reader trusts, with a remark on those that it rejects."""
    kept: list[tuple[Cell, ...]] = []
    rejected: list[int] = []
    for row in found:
        if isinstance(row, Rows):
            kept += zip(*(row.columns[column].to_pylist() for column in range(len(header))), strict=True)
        elif row.fault is None:
            kept.append(tuple(row.cells))
        else:
            rejected.append(row.line)
    n = len(rejected)
    remarks = (f"{n} rows are damaged, the first is row {rejected[0]}: they are left aside here",) if n else ()
    return ExtractTable(platform, tuple(header), tuple(kept), len(kept) + n, remarks=remarks, **form)


def _read_text(part: Part, platform: str | None, said: TextForm) -> tuple[ExtractTable, Collection[int]]:
    opened = open_delimited(part, said)
    header, line = opened.header.fields, opened.header.line
    _refuse_rows_above(part, None, line, opened.rows_above)
    names = [clean_label(field) for field in header]
    own = own_columns(names)
    is_limesurvey = platform is None and ("submitdate" in own or begin_with_codes(names))
    found = "limesurvey_csv" if is_limesurvey else "delimited"
    rows = read_rows(opened, range(len(names)))
    table = _table_of(found, names, rows, encoding=opened.encoding, delimiter=opened.delimiter)
    _refuse_response_as_header(part, line, header, table)
    doubts = ["" if said.encoding else other_reading(part, opened.encoding), _doubt_of_header(line, names, table)]
    table = replace(table, remarks=(*table.remarks, *filter(None, doubts)))
    if "limesurvey_csv" not in (platform, table.platform):
        return table, ()
    # Without ids the reader takes a first column without header for numbers of rows.
    return table, {*own.values(), *([0] if not names[0] and "id" not in own else [])}


def _read_workbook(part: Part, platform: str | None, sheet: str) -> tuple[ExtractTable, Collection[int]]:
    workbook = Workbook(part, (XLSX, ODS), "export the responses as CSV or XLSX")
    if eusurvey_xlsx.is_export(workbook):
        headings, metadata, responses = eusurvey_xlsx.read_responses(workbook)
        header = tuple(heading.text for heading in headings)
        rows = tuple(tuple(response.cells) for response in responses)
        return ExtractTable("eusurvey_xlsx", header, rows, len(rows)), metadata.values()
    table = read_table(workbook, sheet, "put one header row and one row a response on the sheet, and save it again")
    line, names = table.headings[0].row or 1, [heading.text for heading in table.headings]
    _refuse_rows_above(part, table.sheet, line, remedy_for_rows_above(table.texts(), knows_none))
    is_forms = forms_xlsx.is_export(table) if platform is None else platform == "forms_xlsx"
    if is_forms:
        own = forms_xlsx.platform_columns(table, {})[0].values()
        return _table_of("forms_xlsx", names, table.source_rows()), own
    found = _table_of("sheet", names, table.source_rows(), sheet=table.sheet)
    _refuse_response_as_header(part, line, names, found)
    doubt = _doubt_of_header(line, names, found)
    return replace(found, remarks=(*found.remarks, *filter(None, [doubt]))), ()


def _read_parquet(part: Part) -> ExtractTable:
    import pyarrow as pa

    with part.open() as source, open_parquet(part, source) as file:
        try:
            table = file.read()
        except (pa.ArrowException, OSError) as error:
            raise ExtractError([damaged_problem(part, error)]) from error
    for name, column in zip(table.column_names, table.columns, strict=True):
        for values in column.chunks if pa.types.is_dictionary(column.type) else ():
            check_texts(part, name, values)
    rows = tuple(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return ExtractTable("parquet", tuple(map(clean_label, table.column_names)), rows, table.num_rows)


def _refuse_rows_above(part: Part, sheet: str | None, row: int, remedy: str | None) -> None:
    if remedy is not None:
        reason = "no header here: the row is a title or a note"
        raise ExtractError([Problem(part.shown, reason, remedy, sheet, row)])


def _refuse_response_as_header(part: Part, row: int, header: Sequence[str], table: ExtractTable) -> None:
    """A respondent is never lost to a header: refuse one that says what the rows below it say."""
    columns = [set(map(cell_text, table.column(at))) for at in range(len(header))]
    if seen := response_in_header(header, columns):
        reason = f"the row looks like a response, not like a header: {', '.join(map(quote, seen))}"
        remedy = "write the labels of the questions into a row above it"
        raise ExtractError([Problem(part.shown, reason, remedy, table.sheet or None, row)])


def _doubt_of_header(row: int, header: Sequence[str], table: ExtractTable) -> str:
    """A remark where nothing tells the header from the responses below it; empty where something does."""
    if any(_is_told(heading, table.column(at)) for at, heading in enumerate(header)):
        return ""
    shown = list_some(list(map(quote, header)), 3)
    remedy = "if it is a response, write the labels of the questions into a row above it"
    return f"row {row} is taken for the header ({shown}), though its words could be those of a response: {remedy}"


def _is_told(heading: str, cells: Sequence[Cell]) -> bool:
    """Whether a heading is another thing than the cells below: it asks, it is a code, these are numbers or repeat."""
    texts = list(map(cell_text, cells))
    words = Counter(len(text.split()) for text in texts).most_common(1)
    return (
        _ASKS.search(heading) is not None
        or speaks_as_heading(heading)
        or (bool(words) and len(heading.split()) > max(2, 2 * words[0][0]))
        or any(_are_numbers(cells, sign) and not _are_numbers([heading], sign) for sign in ".,")
        or (heading not in texts and len(set(texts)) <= len(texts) / 2)
    )


def _questions_only(part: Part, table: ExtractTable, own: Collection[int]) -> ExtractTable:
    """Without the columns that the platform adds."""
    kept = [column for column in range(len(table.header)) if column not in own]
    blank = [column for column in kept if not table.header[column]]
    if blank or not kept:
        remedy = "write its header into the first row, or delete the column"
        problems = [Problem(part.shown, "the column has no header", remedy, None, 1, str(at + 1)) for at in blank]
        raise ExtractError(problems or [Problem(part.shown, "no column of a question here", "export all questions")])
    return replace(
        table,
        header=tuple(table.header[column] for column in kept),
        rows=tuple(tuple(row[column] for column in kept) for row in table.rows),
    )


def _decimal_of(table: ExtractTable) -> str:
    """A comma where columns are numbers with commas and none is numbers with points."""
    named = [(heading, table.column(index)) for index, heading in enumerate(table.header)]
    columns = [cells for heading, cells in named if not are_perhaps_thousands(heading, cells)]

    def has_only(decimal: str, other: str) -> bool:
        return any(_are_numbers(cells, decimal) and not _are_numbers(cells, other) for cells in columns)

    return "," if has_only(",", ".") and not has_only(".", ",") else "."


def are_perhaps_thousands(heading: str, cells: Sequence[Cell]) -> bool:
    """Whether numbers of a column may have thousands or decimals behind their sign; degrees have no thousands."""
    is_place = any(role_likeness(heading, role) for role in ("latitude", "longitude"))
    return not is_place and may_be_thousands(cells)


def _are_numbers(cells: Sequence[Cell], decimal: str) -> bool:
    """Whether all cells are numbers or percentages."""
    plain = [cell.rstrip("% ") if isinstance(cell, str) else cell for cell in cells]
    return bool(plain) and not any(isinstance(number(cell, False, decimal), Fault) for cell in plain)
