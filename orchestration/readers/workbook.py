"""Spreadsheet workbooks as rows of cells: opened once for damage, then read sheet by sheet.

Here: what every workbook has to be, whoever wrote it: whole, not encrypted, without formula errors, of a size that fits
into memory; and a sheet that is one plain table. Not here: what its columns mean (eusurvey.py, forms.py, sheet.py).

XLSX (.xlsm too: its macros are not run) and ODS are read. Old Excel (.xls) and binary (.xlsb) workbooks are refused:
the old format carries no checksum, so that damage would not show, and nobody exports the other.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any, cast
from xml.parsers.expat import ExpatError  # nosec B407: an error alone

import python_calamine
from defusedxml import ElementTree

from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, is_blank
from orchestration.extracts.archives import open_zip
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.header import ROWS_LOOKED_AT, TextRows, repeated_header_problem
from orchestration.extracts.kind import ODS, ZIP_ERRORS, kind_of
from orchestration.extracts.limits import CELLS_WITHOUT_RATIO, DoctypeError, beyond, check_columns, check_markup
from orchestration.extracts.parts import Part
from orchestration.readers.formats import Shown, as_percentage, shown_by_style
from orchestration.readers.headings import Heading
from orchestration.readers.rows import REPEATED_HEADER, SourceRow

# No cell of Excel holds more (UTF-16 units): a text of this length has lost its end.
CELL_LIMIT = 32767
# Up to this size any ratio is possible for an honest sheet.
_SIZE_WITHOUT_RATIO = 1 << 24
_MOST_MEMBERS = 10_000

BEYOND_HEADER = Fault(
    "wrong_field_count",
    "a cell stands right of the last header cell",
    "move the cell to its column, or give its column a header",
)

FORMULA_REMEDY = "correct the formula at its source, or write its value into the cell"
CALCULATE = "open the file in a spreadsheet program, let it calculate, and save it"
_FETCH_AGAIN = "fetch the file again from where it was exported"
_CHUNK = 2**20
# Columns that need no look at every cell to know that a sheet is not too wide: A to ZZ.
_USUAL_WIDTH = 702
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")

_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^<>]*?\sr="(\d+)"')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b[^<>]*\st=["\']e["\'][^<>]*>')
_ERROR_TYPE = re.compile(rb'\st=["\']e["\']')
_FORMULA = re.compile(
    rb"(<(?:\w+:)?c\b[^<>]*>)\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\b[^<>]*>([^<]*))?"
)
_TEXT_TYPE = re.compile(rb'\st=["\']str["\']')
_STYLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\ss=["\'](\d+)["\'][^<>]*>')
_TO_CALCULATE = re.compile(rb'<(?:\w+:)?calcPr\b[^<>]*\sfullCalcOnLoad=["\'](?:1|true)["\']')
_PLACE = re.compile(rb'\sr=["\']([A-Z]+)(\d+)["\']')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*?\sref="([A-Z0-9:$]+)"')
_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\sr="([A-Z]+)(\d+)"(?:[^<>/]|/(?!>))*>')
_FAR_COLUMN = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\sr="[A-Z]{3}\d+"')
_ODS_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|(?:Err|Fehler|Erreur):\d+")


# The row and the letters of the column, as far as a cell says them.
Place = tuple[int | None, str | None]


@dataclass(frozen=True)
class _ShownCells:
    """Cells from a place on whose numbers are shown as another text."""

    place: Place
    shown: Shown
    rows_n: int = 1
    columns_n: int = 1


@dataclass
class _SheetFacts:
    """What the XML of a sheet says that its values do not: places (row, column) of formula errors, of formulas without
    value, and of numbers that are shown as another text; merged cells."""

    errors: list[Place] = field(default_factory=list)
    not_calculated: list[Place] = field(default_factory=list)
    shown: list[_ShownCells] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    last_row: int = 0
    last_filled_row: int = 0
    width: int = 0
    xml_size: int = 0


def column_letters(column: int) -> str:
    """The letters of a column counted from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class Workbook:
    """An opened workbook. Raises ExtractError unless it is undamaged, of an admitted kind and not too large."""

    def __init__(self, part: Part, kinds: Collection[str], if_other_kind: str) -> None:
        self.file = part.shown
        self._part = part
        self._limits = part.limits
        if part.size > self._limits.workbook_size:
            raise self._too_large(part.size)
        self._data = part.read()
        self.kind = self._checked_kind(kind_of(part), kinds, if_other_kind)
        self._archive = self._checked_archive()
        self._ods_facts = self._read_ods() if self.kind == ODS else {}
        for name, facts in self._ods_facts.items():
            self._check_extent(name, facts)
        self._calamine = self._load()

    @cached_property
    def visible_names(self) -> Mapping[str, bool]:
        """The worksheets in their order (no chart sheets), and whether each is shown."""
        return {
            sheet.name: sheet.visible == python_calamine.SheetVisibleEnum.Visible
            for sheet in self._calamine.sheets_metadata
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        }

    def rows(self, name: str, if_errors: str) -> list[list[Cell]]:
        """The cells of a sheet from A1 on, numbers as they are shown where that is another text.

        Raises ExtractError that names every cell with a formula error and every formula that was not calculated.
        """
        self._part.clock.check()
        facts = self._facts(name)
        self._check_extent(name, facts)
        error = "the cell holds a formula error such as #REF!"
        empty = "the cell holds a formula whose value was never calculated"
        problems = [
            *(Problem(self.file, error, if_errors, name, *place) for place in facts.errors),
            *(Problem(self.file, empty, CALCULATE, name, *place) for place in facts.not_calculated),
        ]
        if problems:
            raise ExtractError(problems)
        try:
            found = cast(list[list[Cell]], self._calamine.get_sheet_by_name(name).to_python(skip_empty_area=False))
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise ExtractError([self._damaged(str(error))]) from error
        check_columns(self.file, len(found[0]) if found else 0, self._limits, name)
        longest = max((len(cell) for row in found for cell in row if isinstance(cell, str)), default=0)
        if longest > self._limits.cell_size:
            reason = f"a cell has {longest:,} characters, more than the {self._limits.cell_size:,} that are read"
            raise beyond(self.file, reason, "cell_size", name)
        for cells in facts.shown:
            self._show(found, name, cells)
        return found

    def _show(self, rows: list[list[Cell]], name: str, cells: _ShownCells) -> None:
        row, letters = cells.place
        if row is None or letters is None:
            reason = "cells with a percentage or a code do not say where they stand"
            raise ExtractError([Problem(self.file, reason, CALCULATE, name)])
        column = _column_number(letters) - 1
        for line in rows[row - 1 : row - 1 + cells.rows_n]:
            line[column : column + cells.columns_n] = [
                cells.shown(cell) if isinstance(cell, float) else cell
                for cell in line[column : column + cells.columns_n]
            ]

    def merged(self, name: str) -> Sequence[str]:
        """The ranges of merged cells of a sheet."""
        return self._facts(name).merged

    def has_content(self, name: str) -> bool:
        """Whether any cell of a sheet says something, a formula error included."""
        self._check_extent(name, self._facts(name))
        sheet = self._calamine.get_sheet_by_name(name)
        return bool(self._facts(name).errors) or any(
            not is_blank(cast(Cell, cell)) for row in sheet.iter_rows() for cell in row
        )

    def declared_height(self, name: str) -> int:
        """The last row that a sheet of an XLSX workbook declares, be it empty; 0 if none."""
        return self._facts(name).last_row

    def _checked_kind(self, kind: str, kinds: Collection[str], if_other_kind: str) -> str:
        if kind in kinds:
            return kind
        wanted = " or ".join(kinds)
        reason = f"not {wanted} as its platform says, but {self._named(kind)}"
        raise ExtractError([Problem(self.file, reason, if_other_kind)])

    def _named(self, kind: str) -> str:
        if self._data.startswith(b"\xd0\xcf\x11\xe0"):
            is_encrypted = _ENCRYPTED_PACKAGE in self._data
            return "a password-protected workbook" if is_encrypted else "an old Excel workbook (.xls)"
        if kind == "a ZIP archive" and b"xl/workbook.bin" in self._data:
            return "a binary Excel workbook (.xlsb)"
        return kind

    def _damaged(self, detail: str) -> Problem:
        return Problem(self.file, f"the workbook is damaged: {detail}", _FETCH_AGAIN)

    def _checked_archive(self) -> zipfile.ZipFile:
        """Every file of the archive is read once: a damaged byte shows in its checksum, and only there."""
        try:
            archive = open_zip(io.BytesIO(self._data))
        except ZIP_ERRORS as error:
            raise ExtractError([self._damaged(str(error))]) from error
        self._check_unpacked(archive)
        try:
            for name in archive.namelist():
                with archive.open(name) as member:
                    if name.endswith((".xml", ".rels")):
                        check_markup(member, f"{self.file}, {name}", self._limits)
                    _read_through(member)
            manifest = archive.read("META-INF/manifest.xml") if self.kind == ODS else b""
        except DoctypeError as error:
            reason = "the workbook declares a document type or entities, which none does and which can do harm"
            raise ExtractError([Problem(self.file, reason, _FETCH_AGAIN)]) from error
        except ExpatError as error:
            raise ExtractError([self._damaged(f"{name} is no XML ({error})")]) from error
        except ExtractError:
            raise
        except (*ZIP_ERRORS, KeyError) as error:
            raise ExtractError([self._damaged(str(error))]) from error
        if b"encryption-data" in manifest:
            reason = "the workbook is protected by a password"
            raise ExtractError([Problem(self.file, reason, "remove the password and save the file again")])
        return archive

    def _check_unpacked(self, archive: zipfile.ZipFile) -> None:
        """Refuse a workbook that unpacks to too much, by what its files say of themselves: no more is read of them."""
        infos = archive.infolist()
        if len(infos) > _MOST_MEMBERS:
            reason = f"the workbook holds {len(infos):,} files, more than the {_MOST_MEMBERS:,} that are read"
            raise ExtractError([Problem(self.file, reason, _FETCH_AGAIN)])
        size = sum(info.file_size for info in infos)
        if size > self._limits.workbook_size:
            raise self._too_large(size)
        if size > max(_SIZE_WITHOUT_RATIO, len(self._data) * self._limits.workbook_ratio):
            reason = f"the workbook unpacks to {size:,} bytes, {size // len(self._data):,} times its own size"
            raise beyond(self.file, reason, "workbook_ratio")

    def _too_large(self, size: int) -> ExtractError:
        most = self._limits.workbook_size
        reason = f"the workbook unpacks to {size:,} bytes, more than the {most:,} that are read"
        remedy = "export it in several files; a small file that unpacks so far is no survey"
        return ExtractError([Problem(self.file, reason, f"{remedy} (or raise NEEDS_READING__WORKBOOK_SIZE)")])

    def _load(self) -> python_calamine.CalamineWorkbook:
        try:
            return python_calamine.load_workbook(io.BytesIO(self._data))
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise ExtractError([self._damaged(str(error))]) from error

    def _facts(self, name: str) -> _SheetFacts:
        try:
            if self.kind == ODS:
                return self._ods_facts[name]
            known = self._xlsx_facts
            xml = b"" if name in known else self._archive.read(self._xlsx_parts[name])
        except KeyError as error:
            raise ExtractError([self._damaged(f"its list of sheets is broken ({error})")]) from error
        if name not in known:
            known[name] = _xlsx_facts(xml, self._shown_by_style, self._is_never_calculated)
        return known[name]

    @cached_property
    def _shown_by_style(self) -> Mapping[str, Shown]:
        try:
            return shown_by_style(_tree(self._archive.read("xl/styles.xml")))
        except KeyError:
            return {}
        except (ValueError, SyntaxError) as error:
            raise ExtractError([self._damaged(f"its styles are broken ({error})")]) from error

    @cached_property
    def _is_never_calculated(self) -> bool:
        """Whether the workbook asks to be calculated: a program wrote it that calculates nothing."""
        return bool(_TO_CALCULATE.search(self._archive.read("xl/workbook.xml")))

    @cached_property
    def _xlsx_facts(self) -> dict[str, _SheetFacts]:
        return {}

    @cached_property
    def _xlsx_parts(self) -> Mapping[str, str]:
        """The file of the archive that holds each sheet."""
        try:
            book = _tree(self._archive.read("xl/workbook.xml"))
            links = _tree(self._archive.read("xl/_rels/workbook.xml.rels"))
            targets = {link.get("Id"): str(link.get("Target")) for link in links}
            sheets = [node for node in book.iter() if node.tag.rpartition("}")[2] == "sheet"]
            return {sheet.get("name"): _part_name(targets[_relation(sheet)]) for sheet in sheets}
        except (KeyError, ValueError, SyntaxError) as error:
            raise ExtractError([self._damaged(f"its list of sheets is broken ({error})")]) from error

    def _read_ods(self) -> dict[str, _SheetFacts]:
        try:
            with self._archive.open("content.xml") as content:
                return _ods_facts(content, self._archive.getinfo("content.xml").file_size)
        except (KeyError, ValueError, SyntaxError) as error:
            raise ExtractError([self._damaged(str(error))]) from error

    def _check_extent(self, name: str, facts: _SheetFacts) -> None:
        cells_n = facts.last_filled_row * facts.width
        if cells_n > CELLS_WITHOUT_RATIO:
            place = f"{column_letters(facts.width)}{facts.last_filled_row}"
            is_sparse = cells_n > facts.xml_size * self._limits.cells_a_byte
            most = CELLS_WITHOUT_RATIO if is_sparse else self._limits.sheet_cells
            if cells_n > most:
                reason = f"the sheet has cells as far as {place}: more than the {most:,} that are read"
                reason += ", most of them empty or all alike" if is_sparse else ""
                raise ExtractError([Problem(self.file, reason, "delete the stray cells far right or far below", name)])


def _read_through(member: IO[bytes]) -> None:
    while member.read(_CHUNK):
        pass


def _tree(data: bytes) -> Any:
    return ElementTree.fromstring(data)


def _relation(sheet: Any) -> str:
    return next(str(value) for key, value in sheet.attrib.items() if key.endswith("}id"))


def _part_name(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _xlsx_facts(xml: bytes, shown_by_style: Mapping[str, Shown], is_never_calculated: bool) -> _SheetFacts:
    formulas = _FORMULA.findall(xml) if b"<f" in xml or b":f" in xml else ()
    facts = _SheetFacts(
        errors=[_place(tag) for tag in _ERROR_CELL.findall(xml)] if _ERROR_TYPE.search(xml) else [],
        not_calculated=[
            _place(cell)
            for cell, value in formulas
            # An empty text is a result; programs that do not calculate write nothing, or a 0.
            if (not value and not _TEXT_TYPE.search(cell)) or (value == b"0" and is_never_calculated)
        ],
        shown=[
            _ShownCells(_place(match[0]), shown_by_style[match[1].decode()])
            for match in (_STYLED_CELL.finditer(xml) if shown_by_style else ())
            if match[1].decode() in shown_by_style
        ],
        merged=[ref.decode() for ref in _MERGED.findall(xml)],
        last_row=max(map(int, _ROW_NUMBER.findall(xml)), default=0),
        width=_USUAL_WIDTH,
        xml_size=len(xml),
    )
    facts.last_filled_row = facts.last_row
    if facts.last_row * facts.width > CELLS_WITHOUT_RATIO or _FAR_COLUMN.search(xml):
        columns, rows = set(), set()
        for match in _FILLED_CELL.finditer(xml):
            columns.add(match[1])
            rows.add(match[2])
        facts.width = max((_column_number(column.decode()) for column in columns), default=0)
        facts.last_filled_row = max(map(int, rows), default=0)
    return facts


def _place(tag: bytes) -> Place:
    """Row and column of a cell's tag; a writer may leave them out."""
    match = _PLACE.search(tag)
    return (int(match[2]), match[1].decode()) if match else (None, None)


_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def _ods_facts(content: IO[bytes], size: int) -> dict[str, _SheetFacts]:
    """Facts of each sheet of an ODS. Source: OpenDocument 1.3, part 3, section 9 (repeated and spanned cells)."""
    found: dict[str, _SheetFacts] = {}
    facts = _SheetFacts()
    for event, node in ElementTree.iterparse(content, events=("start", "end")):
        if event == "start" and node.tag == f"{_TABLE}table":
            facts = found[str(node.get(f"{_TABLE}name"))] = _SheetFacts(xml_size=size)
        elif event == "end" and node.tag == f"{_TABLE}table-row":
            _note_ods_row(node, facts)
            node.clear()
    return found


def _note_ods_row(row: Any, facts: _SheetFacts) -> None:
    column = 0
    is_filled = False
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if cell.get(f"{_OFFICE}value-type") or len(cell):
            is_filled = True
            facts.width = max(facts.width, column + repeated)
        place = (facts.last_row + 1, column_letters(column + 1))
        if _is_ods_error(cell):
            facts.errors.append(place)
        elif cell.get(f"{_TABLE}formula") is not None and not cell.get(f"{_OFFICE}value-type"):
            facts.not_calculated.append(place)
        elif cell.get(f"{_OFFICE}value-type") == "percentage":
            rows_n = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
            facts.shown.append(_ShownCells(place, as_percentage, rows_n, repeated))
        across, down = (int(cell.get(f"{_TABLE}number-{way}-spanned", "1")) for way in ("columns", "rows"))
        if across > 1 or down > 1:
            end = f"{column_letters(column + across)}{place[0] + down - 1}"
            facts.merged.append(f"{place[1]}{place[0]}:{end}")
        column += repeated
    facts.last_row += int(row.get(f"{_TABLE}number-rows-repeated", "1"))
    if is_filled:
        facts.last_filled_row = facts.last_row


def _is_ods_error(cell: Any) -> bool:
    if cell.get(_CALC_TYPE) == "error":
        return True
    is_formula = cell.get(f"{_TABLE}formula") is not None
    return is_formula and bool(_ODS_ERROR.fullmatch("".join(cell.itertext()).strip()))


@dataclass(frozen=True)
class Table:
    """A sheet as one table: a header, and rows of as many cells or more, with their numbers in the sheet."""

    sheet: str
    headings: tuple[Heading, ...]
    rows: Sequence[tuple[int, Sequence[Cell]]]
    above: int

    @property
    def filled(self) -> tuple[Heading, ...]:
        """The headings without those of columns that are empty from top to bottom."""
        used = {
            heading.column
            for heading in self.headings
            if heading.text or any(not is_blank(cells[heading.column - 1]) for _, cells in self.rows)
        }
        return tuple(heading for heading in self.headings if heading.column in used)

    def source_rows(self) -> Iterator[SourceRow]:
        """The rows, with what is wrong with those whose cells do not stand under the header."""
        width = len(self.headings)
        header = [heading.text for heading in self.headings]
        for row, cells in self.rows:
            if not all(map(is_blank, cells[width:])):
                yield SourceRow(row, cells, BEYOND_HEADER, "")
            else:
                is_header = [clean_label(cell_text(cell)) for cell in cells[:width]] == header
                yield SourceRow(row, cells[:width], REPEATED_HEADER if is_header else None)

    def texts(self) -> TextRows:
        """The first rows from the header on, as texts."""
        first = (self.headings[0].row or 1, [heading.text for heading in self.headings])
        return [first, *((row, [cell_text(cell) for cell in cells]) for row, cells in self.rows[:ROWS_LOOKED_AT])]


def read_table(workbook: Workbook, wanted: str, again: str) -> Table:
    """The table on the sheet that is wanted, or on the only one with content. Raises ExtractError if it is no table."""
    name, rows = _choose_sheet(workbook, wanted, again)
    top = next((index for index, row in enumerate(rows) if not all(map(is_blank, row))), None)
    if top is None:
        raise ExtractError([Problem(workbook.file, "the sheet is empty", again, name)])
    header = [clean_label(cell_text(cell)) for cell in rows[top]]
    width = max(column for column, text in enumerate(header, 1) if text)
    body = list(enumerate(rows[top + 1 :], top + 2))
    while body and all(map(is_blank, body[-1][1])):
        body.pop()
    if workbook.merged(name):
        reason = "cells are merged, so that it is not plain which column and row their value belongs to"
        remedy = "unmerge them and write the value into each cell that it is meant for"
        raise ExtractError(
            Problem(workbook.file, reason, remedy, name, column=place) for place in workbook.merged(name)
        )
    if not body:
        reason = "the sheet has a header, but no response"
        raise ExtractError([Problem(workbook.file, reason, again, name, top + 1)])
    headings = tuple(
        Heading(workbook.file, name, top + 1, column, text) for column, text in enumerate(header[:width], 1)
    )
    table = Table(name, headings, body, top)
    problem = repeated_header_problem(workbook.file, name, table.texts())
    if problem is not None:
        raise ExtractError([problem])
    return table


def _choose_sheet(workbook: Workbook, wanted: str, again: str) -> tuple[str, list[list[Cell]]]:
    names = workbook.visible_names
    if wanted:
        if wanted not in names:
            reason = f"the workbook has no sheet {wanted!r}; it has {_listed(names)}"
            raise ExtractError([Problem(workbook.file, reason, "correct `sheet` in round.yml, or --sheet")])
        return wanted, workbook.rows(wanted, FORMULA_REMEDY)
    shown = [name for name, is_visible in names.items() if is_visible]
    if len(shown) > 1:
        shown = [name for name in shown if workbook.has_content(name)]
    if len(shown) > 1:
        reason = f"several sheets have content: {_listed(dict.fromkeys(shown, True))}"
        remedy = "name the sheet of the responses: `sheet:` in round.yml, --sheet for `needs round new`"
        raise ExtractError([Problem(workbook.file, reason, remedy)])
    if not shown:
        reason = f"no sheet that is shown has content; the sheets are {_listed(names)}"
        raise ExtractError([Problem(workbook.file, reason, again)])
    return shown[0], workbook.rows(shown[0], FORMULA_REMEDY)


def _listed(names: Mapping[str, bool]) -> str:
    return ", ".join(repr(name) if is_visible else f"{name!r} (hidden)" for name, is_visible in names.items())
