"""What can be wrong with a delivery, each fault by its name: of its content, of its bytes, or of its workbook.

Here: how a fault is made. Not here: the sound delivery (platforms.py), what a reader has to make of a fault
(test_matrix.py).
"""

from __future__ import annotations

import io
import re
import zipfile
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.orchestration.readers.deliveries import workbook
from tests.orchestration.readers.platforms import FORMULA_ERROR, HEADER_AGAIN, Column, Delivery
from tests.orchestration.readers.spreadsheets import edited, zipped

Edit = Callable[[bytes], bytes]


def _same(content: bytes) -> bytes:
    return content


@dataclass(frozen=True)
class Fault:
    """A fault: what it changes in the delivery before it is written, and in the file afterwards.

    `file` may differ by column of the matrix; a column that it does not name cannot have the fault. `card` is what
    round.yml says of the file.
    """

    content: Callable[[Delivery], None] = lambda delivery: None
    file: Edit | Mapping[str, Edit] = field(default=_same)
    card: Mapping[str, str] = field(default_factory=dict)

    def written(self, name: str, column: Column) -> bytes:
        """The file of a column with this fault."""
        delivery = Delivery()
        self.content(delivery)
        edit = self.file[name] if isinstance(self.file, Mapping) else self.file
        return edit(column.write(delivery))


def _put(question: str, cell: Any) -> Fault:
    """One cell of response 12 is another."""
    return Fault(lambda delivery: delivery.put("12", question, cell))


def _edit(old: str, new: str | bytes) -> Edit:
    """A text is replaced in the file, once; it has to be there."""

    def edit(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode() if isinstance(new, str) else new, 1)

    return edit


def _inside(member: str, old: str, new: str | bytes) -> Edit:
    """A text is replaced in a file of a workbook."""
    return lambda content: edited(content, member, _edit(old, new))


def _drop(name: str) -> Callable[[Delivery], None]:
    def content(delivery: Delivery) -> None:
        index = delivery.columns.index(name)
        for row in (delivery.columns, *delivery.rows):
            del row[index]

    return content


def _add(name: str, of: Callable[[list[Any]], Any]) -> Callable[[Delivery], None]:
    """A further column at the end."""

    def content(delivery: Delivery) -> None:
        delivery.columns.append(name)
        for row in delivery.rows:
            row.append(of(row))

    return content


def _insert(row: Callable[[Delivery], Any]) -> Callable[[Delivery], None]:
    """A further row before the last."""
    return lambda delivery: delivery.rows.insert(2, row(delivery))


def _nameless(delivery: Delivery) -> None:
    delivery.labels["target"] = ""


def _without_rows(delivery: Delivery) -> None:
    delivery.rows.clear()


def _with_blank_end(delivery: Delivery) -> None:
    delivery.rows += [[None] * len(delivery.columns) for _ in range(3)]


def _again(delivery: Delivery) -> Any:
    """Response 12, delivered again with another remark."""
    return [*delivery.row("12")[:-1], "Said anew"]


def _swollen(delivery: Delivery) -> None:
    """A cell too many in row 12, so that all that follow stand one column further right."""
    delivery.row("12").insert(3, "one too many")


def _cut(part: float) -> Edit:
    return lambda content: content[: int(len(content) * part)]


def _cut_inside(text: str) -> Edit:
    """The file ends behind a text."""

    def edit(content: bytes) -> bytes:
        end = content.index(text.encode()) + len(text.encode())
        return content[:end]

    return edit


def _flip(content: bytes) -> bytes:
    """One bit of a text is another; where the texts are packed, of the byte in the middle."""
    place = content.index(b"Gamma") if b"Gamma" in content else len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def _hide_ods_row(content: bytes) -> bytes:
    """The row of response 12 is hidden."""

    def hide(xml: bytes) -> bytes:
        rows = xml.split(b"<table:table-row>")
        return (
            b"<table:table-row>".join(rows[:3])
            + b'<table:table-row table:visibility="collapse">'
            + rows[3]
            + (b"<table:table-row>" + rows[4])
        )

    return edited(content, "content.xml", hide)


def _in_front(sheet: str) -> Edit:
    """An empty sheet stands in front of all others."""

    def edit(content: bytes) -> bytes:
        content = edited(
            content,
            "xl/workbook.xml",
            lambda xml: xml.replace(b"<sheets>", f'<sheets><sheet name="{sheet}" sheetId="9" r:id="rId99"/>'.encode()),
        )
        content = edited(
            content,
            "xl/_rels/workbook.xml.rels",
            lambda xml: xml.replace(b"</Relationships>", _LINK + b"</Relationships>"),
        )
        return _with_member(content, "xl/worksheets/sheet99.xml", _SHEET % b"")

    return edit


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINK = f'<Relationship Id="rId99" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet99.xml"/>'.encode()
_SHEET = f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>%s</sheetData></worksheet>'.encode()
_FILLED = b'<row r="1"><c r="A1"><v>1</v></c></row>'


def _with_member(content: bytes, name: str, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({**{each: archive.read(each) for each in archive.namelist()}, name: data})


def _with_filled_sheet(content: bytes) -> bytes:
    empty = _in_front("Notes")(content)
    return edited(empty, "xl/worksheets/sheet99.xml", lambda _: _SHEET % _FILLED)


def _ods_sheet(cell: str) -> Edit:
    row = f"<table:table-row>{cell}</table:table-row>"
    sheet = f'<table:table table:name="Notes">{row}</table:table>'
    return _inside("content.xml", "<office:spreadsheet>", f"<office:spreadsheet>{sheet}")


_ODS_NOTE = '<table:table-cell office:value-type="string"><text:p>note</text:p></table:table-cell>'


def _swapped(content: bytes) -> bytes:
    """The two sheets of EUSurvey's workbook in another order."""

    def swap(xml: bytes) -> bytes:
        first, second = re.findall(rb"<sheet [^>]*/>", xml)
        return xml.replace(first + second, second + first)

    return edited(content, "xl/workbook.xml", swap)


def _merged(ref: str) -> Edit:
    merge = f'</sheetData><mergeCells count="1"><mergeCell ref="{ref}"/></mergeCells>'
    return _inside("xl/worksheets/sheet1.xml", "</sheetData>", merge)


_BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_EXTERNAL = '<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


def _entity(doctype: str) -> Mapping[str, Edit]:
    """A document type in front of the root, and its entity in place of the city of response 13."""

    def of(root: str) -> Edit:
        def edit(xml: bytes) -> bytes:
            return _edit("Gamma", "&b;")(_edit(root, doctype + root)(xml))

        return edit

    def inside(member: str, root: str) -> Edit:
        return lambda content: edited(content, member, of(root))

    shared = inside("xl/sharedStrings.xml", "<sst")
    return {
        "eusurvey_xml": of("<Results"),
        "eusurvey_xlsx": shared,
        "forms_xlsx": shared,
        "sheet_xlsx": shared,
        "sheet_ods": inside("content.xml", "<office:document-content"),
    }


def _cp1252(content: bytes) -> bytes:
    """The bytes of one accent in another encoding than the file's, as many as before."""
    return _edit("ê", b"\xea ")(content)


def _recoded(encoding: str) -> Edit:
    return lambda content: content.decode().removeprefix("\ufeff").encode(encoding)


def _line_ends(end: bytes) -> Edit:
    return lambda content: content.replace(b"\r\n", b"\n").replace(b"\n", end)


_TEXTS = ("delimited", "limesurvey_csv")
_MARKED = (*_TEXTS, "eusurvey_xml")
_BOOKS = ("eusurvey_xlsx", "forms_xlsx", "sheet_xlsx")


def _of(names: tuple[str, ...], edit: Edit) -> Mapping[str, Edit]:
    return dict.fromkeys(names, edit)


LONG_TEXT = "é" * 5_000_000
HYPERLINK = '=HYPERLINK("http://x.example";"click")'

FAULTS: Mapping[str, Fault] = {
    # Answers
    "unknown choice": _put("target", "Perhaps"),
    "unknown choice among several": _put("support", ("Money", "Rest")),
    "choice in other case": _put("target", "NO TARGET"),
    "choice with no-break and zero-width spaces": _put("target", "\u200bNo\u00a0target "),
    "number with unit": _put("population", "42 km²"),
    "decimal comma": _put("share", "0,25"),
    "comma between thousands": _put("population", "1,042"),
    "fraction of a whole number": _put("population", 42.5),
    "impossible date": _put("adopted", "1999-02-31"),
    "year for a date": _put("adopted", "1999"),
    "day and month in words": _put("adopted", "31 Dec 1999"),
    "formula text": _put("remark", HYPERLINK),
    "10 MB cell": _put("remark", LONG_TEXT),
    "e-mail address in free text": _put("remark", "write to bob@city.example, please"),
    # Rows
    "missing id": _put("code", None),
    "duplicate id": Fault(_insert(_again)),
    "empty row": Fault(_insert(lambda delivery: [None] * len(delivery.columns))),
    "blank rows at the end": Fault(_with_blank_end),
    "header twice": Fault(_insert(lambda _: HEADER_AGAIN)),
    "no response": Fault(_without_rows),
    # Columns
    "missing column": Fault(_drop("target")),
    "extra column": Fault(_add("Mayor", lambda row: "Ms X")),
    "repeated column": Fault(_add("target", lambda row: row[3])),
    "blank label": Fault(_nameless),
    # Separators and quotes
    "one extra separator": Fault(_swollen),
    "one separator too few": Fault(
        file={
            "delimited": _edit(",No target,", "No target,"),
            "limesurvey_csv": _edit(',"A3",', '"A3",'),
        }
    ),
    "stray quote": Fault(
        file={"delimited": _edit("All is well", 'All is "well'), "limesurvey_csv": _edit("All is well", 'All is "well')}
    ),
    "quote never closed": Fault(
        file={"delimited": _edit("All is well", '"All is well'), "limesurvey_csv": _edit('All is well"', "All is well")}
    ),
    # Encodings and line ends
    "UTF-16 without mark": Fault(file=_of(_MARKED, _recoded("utf-16-le")), card={"encoding": "utf-8"}),
    "UTF-16 with mark": Fault(file=_of(_MARKED, _recoded("utf-16")), card={"encoding": "utf-8"}),
    "cp1252 bytes in UTF-8": Fault(
        file={**_of(_MARKED, _cp1252), "spss_sav": _cp1252, "parquet": _cp1252}
        | _of(_BOOKS, lambda content: edited(content, "xl/sharedStrings.xml", _cp1252))
        | {"sheet_ods": lambda content: edited(content, "content.xml", _cp1252)},
        card={"encoding": "utf-8"},
    ),
    "byte order mark": Fault(file=_of(_MARKED, lambda content: BOM_UTF8 + content.removeprefix(BOM_UTF8))),
    "Windows line ends": Fault(file=_of(_MARKED, _line_ends(b"\r\n"))),
    "old Macintosh line ends": Fault(file=_of(_MARKED, _line_ends(b"\r"))),
    # Damage
    "truncated in the first row": Fault(
        file={**_of(_MARKED, _cut_inside("quoted")), **_of((*_BOOKS, "sheet_ods", "spss_sav", "parquet"), _cut(0.25))}
    ),
    "truncated in the middle": Fault(
        file={**_of(_MARKED, _cut_inside("All is")), **_of((*_BOOKS, "sheet_ods", "spss_sav", "parquet"), _cut(0.5))}
    ),
    "truncated in the last row": Fault(
        file={**_of(_MARKED, _cut_inside("No more")), **_of((*_BOOKS, "sheet_ods", "spss_sav", "parquet"), _cut(0.9))}
    ),
    "truncated by a byte": Fault(file=lambda content: content[:-1]),
    "flipped bit": Fault(file=_flip),
    "file of another day": Fault(_insert(_again), card={"sha256": "ab" * 32}),
    # Other files
    "empty file": Fault(file=lambda _: b""),
    "blank file": Fault(file=lambda _: b"\n \r\n\n"),
    "PDF": Fault(file=lambda _: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    "login page": Fault(file=lambda _: b"<!DOCTYPE html>\n<html><body>Please log in</body></html>"),
    "ZIP of something": Fault(file=lambda _: zipped({"notes.txt": "a note", "photo.jpg": b"\xff\xd8"})),
    "another platform's workbook": Fault(file=lambda _: workbook({"Other": [["Year", "Sum"], [2024, 1]]})),
    "another questionnaire in text": Fault(file=lambda _: b"Year,Sum\n2024,1\n"),
    # Workbooks
    "sheets in another order": Fault(
        file={
            "eusurvey_xlsx": _swapped,
            **_of(("forms_xlsx", "sheet_xlsx"), _in_front("Notes")),
            "sheet_ods": _ods_sheet("<table:table-cell/>"),
        }
    ),
    "extra sheet": Fault(file={**_of(_BOOKS, _with_filled_sheet), "sheet_ods": _ods_sheet(_ODS_NOTE)}),
    "formula error in a hidden row": Fault(
        content=lambda delivery: delivery.put("12", "population", FORMULA_ERROR),
        file={
            "eusurvey_xlsx": _inside("xl/worksheets/sheet1.xml", '<row r="6"', '<row r="6" hidden="1"'),
            **_of(
                ("forms_xlsx", "sheet_xlsx"), _inside("xl/worksheets/sheet1.xml", '<row r="3"', '<row r="3" hidden="1"')
            ),
            "sheet_ods": _hide_ods_row,
        },
    ),
    "merged cells": Fault(
        file={
            "eusurvey_xlsx": _merged("B6:C6"),
            **_of(("forms_xlsx", "sheet_xlsx"), _merged("B3:C3")),
            "sheet_ods": _inside(
                "content.xml",
                '<table:table-cell office:value-type="string"><text:p>Bêta',
                '<table:table-cell office:value-type="string" table:number-columns-spanned="2"><text:p>Bêta',
            ),
        }
    ),
    # Markup
    "entity bomb": Fault(file=_entity(_BOMB)),
    "external entity": Fault(file=_entity(_EXTERNAL)),
}
