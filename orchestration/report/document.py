"""The draft report as an editable DOCX: headings, captions, tables with repeated headers, pictures with their texts.

The same report makes the same bytes: no clock is read, and the parts of the file carry a fixed date. Not here: what
stands in it (content.py).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.report.charts import draw
from orchestration.report.content import Block, Figure, Grid, Heading, Paragraph, Report

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph as DocxParagraph

# Earliest date that a ZIP file can have.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_PAGE_CM, _MARGIN_CM = (21.0, 29.7), 2.2
_TEXT_CM = _PAGE_CM[0] - 2 * _MARGIN_CM
# Of a table of many columns the letters are smaller, so that numbers stay on one line.
_MANY_COLUMNS, _SMALLER = 7, 1.5
_NARROWEST_CM = 1.5
# Width of a letter of the header, which is bold.
_LETTER_CM = 0.18
_LANGUAGE = "en-GB"
_STYLES = {"title": "Title", "subtitle": "Subtitle", "bullet": "List Bullet"}


def write_document(report: Report, chapters: Mapping[str, Any]) -> bytes:
    """The bytes of the DOCX of a report."""
    import docx

    document = docx.Document()
    _set_up(document, report, chapters["look"])
    headings = [block for block in report.blocks if isinstance(block, Heading)]
    marks = {id(heading): f"_Toc{number:06d}" for number, heading in enumerate(headings, start=1)}
    has_contents = False
    for block in report.blocks:
        if isinstance(block, Heading) and not has_contents:
            has_contents = True
            _write_contents(document, chapters["contents"], headings, marks)
        _write(document, block, chapters, marks)
    file = io.BytesIO()
    document.save(file)
    return _fix_dates(file.getvalue())


def _set_up(document: Document, report: Report, look: Mapping[str, Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = (Cm(length) for length in _PAGE_CM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    made = datetime(report.year, 1, 1)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = report.title, "", ""
    properties.last_modified_by, properties.revision, properties.language = "", 1, _LANGUAGE
    properties.created = properties.modified = made
    for name in ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "Caption", "List Bullet"):
        style = document.styles[name]
        style.font.name = look["font"]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{kind}"), look["font"])
        if name not in ("Normal", "List Bullet"):
            style.font.color.rgb = RGBColor.from_string(look["heading_colour"])
    document.styles["Normal"].font.size = Pt(look["body_size"])
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    document.styles["List Bullet"].paragraph_format.space_after = Pt(2)
    document.styles["Caption"].font.size = Pt(look["body_size"])
    document.styles["Caption"].paragraph_format.keep_with_next = True
    document.styles["Caption"].paragraph_format.space_before = Pt(10)
    language = document.styles["Normal"].element.get_or_add_rPr()
    _append(language, "w:lang", {"w:val": _LANGUAGE})
    header = section.header.paragraphs[0]
    for words in report.page_words:
        run = header.add_run(f"{words} ")
        run.bold, run.font.size = True, Pt(look["table_size"])
        run.font.color.rgb = RGBColor.from_string(look["notice_colour"])
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = footer.add_run(f"{report.title}, {report.release}   ")
    run.font.size = Pt(look["table_size"])
    _add_field(footer, "PAGE", "1")


def _write(document: Document, block: Block, chapters: Mapping[str, Any], marks: Mapping[int, str]) -> None:
    if isinstance(block, Heading):
        heading = document.add_heading(block.text, block.level)
        if block.level == 1:
            heading.paragraph_format.space_before = document.styles["Heading 1"].paragraph_format.space_before
        _bookmark(heading, marks[id(block)], list(marks).index(id(block)))
    elif isinstance(block, Paragraph):
        _write_paragraph(document, block)
    elif isinstance(block, Figure):
        _write_figure(document, block, chapters)
    else:
        _write_grid(document, block, chapters["look"])


def _write_paragraph(document: Document, block: Paragraph) -> None:
    paragraph = document.add_paragraph(style=_STYLES.get(block.style))
    run = paragraph.add_run(block.text)
    if block.style == "lead":
        run.bold = True
        paragraph.paragraph_format.keep_with_next = True


def _write_figure(document: Document, figure: Figure, chapters: Mapping[str, Any]) -> None:
    from docx.image.image import Image
    from docx.oxml.ns import qn
    from docx.shared import Cm

    document.add_paragraph(figure.caption, style="Caption")
    picture = draw(figure, chapters["charts"])
    image = Image.from_blob(picture)
    # The picture is as wide as the text, unless it were higher than two thirds of a page.
    wide = min(_TEXT_CM, _PAGE_CM[1] * 0.6 * image.px_width / image.px_height)
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Cm(wide))
    properties = shape._inline.find(qn("wp:docPr"))
    properties.set("descr", figure.alternative)
    properties.set("name", figure.key)


def _write_grid(document: Document, grid: Grid, look: Mapping[str, Any]) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm, Pt

    document.add_paragraph(grid.caption, style="Caption")
    for note in grid.notes:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_after = Pt(2)
        run = paragraph.add_run(note)
        run.font.size, run.italic = Pt(look["table_size"]), True
    table = document.add_table(rows=0, cols=len(grid.header), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    _append(table._tbl.tblPr, "w:tblCaption", {"w:val": grid.caption})
    widths = _widths(grid)
    size = look["table_size"] - (_SMALLER if len(grid.header) > _MANY_COLUMNS else 0)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for number, row in enumerate((grid.header, *grid.rows)):
        _write_row(table, row, grid, widths, size, look, number)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _write_row(
    table: Table,
    texts: Sequence[str],
    grid: Grid,
    widths: Sequence[float],
    size: float,
    look: Mapping[str, Any],
    number: int,
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt, RGBColor

    is_header = number == 0
    row = table.add_row()  # type: ignore[no-untyped-call]
    properties = row._tr.get_or_add_trPr()
    # A row is not torn apart, and the header stands on each page.
    _append(properties, "w:cantSplit", {})
    if is_header:
        _append(properties, "w:tblHeader", {})
    for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = Cm(widths[place])
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.paragraph_format.space_before = Pt(1)
        # Together with the next row at the top, so that no header stands alone at the end of a page.
        paragraph.paragraph_format.keep_with_next = number < min(2, len(grid.rows))
        if place in grid.numbers:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(text)
        run.font.size = Pt(size)
        if is_header:
            run.bold = True
            run.font.color.rgb = RGBColor(255, 255, 255)
            _shade(cell, look["header_fill"])
        elif number % 2 == 0:
            _shade(cell, look["stripe_fill"])


def _widths(grid: Grid) -> list[float]:
    """Widths in centimetres: room by the longest text of a column, and never less than its longest word needs."""
    columns = list(zip(grid.header, *grid.rows, strict=True))
    least = [
        max(_NARROWEST_CM, _LETTER_CM * max((len(word) for text in column for word in text.split()), default=0) + 0.45)
        for column in columns
    ]
    if sum(least) >= _TEXT_CM:
        return [width * _TEXT_CM / sum(least) for width in least]
    wanted = [
        max(0.0, _LETTER_CM * max(map(len, column)) + 0.45 - low) for column, low in zip(columns, least, strict=True)
    ]
    # A narrow table does not fill the page.
    share = min(1.0, (_TEXT_CM - sum(least)) / (sum(wanted) or 1.0))
    return [width + share * more for width, more in zip(least, wanted, strict=True)]


def _write_contents(document: Document, title: str, headings: Sequence[Heading], marks: Mapping[int, str]) -> None:
    """A field that the program fills with page numbers when it is updated; until then the titles, each a link."""
    from docx.enum.text import WD_BREAK
    from docx.shared import Cm, Pt

    lead = document.add_paragraph()
    lead.add_run(title).bold = True
    first: DocxParagraph | None = None
    for heading in headings:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.paragraph_format.left_indent = Cm(0.6 * (heading.level - 1))
        if first is None:
            first = paragraph
            _start_field(paragraph, 'TOC \\o "1-3" \\h \\z \\u')
        link = _append(paragraph._p, "w:hyperlink", {"w:anchor": marks[id(heading)]})
        link.append(paragraph.add_run(heading.text)._r)
    end = document.add_paragraph()
    _field_mark(end, "end")
    end.add_run().add_break(WD_BREAK.PAGE)


def _bookmark(paragraph: DocxParagraph, name: str, number: int) -> None:
    _append(paragraph._p, "w:bookmarkStart", {"w:id": str(number), "w:name": name})
    _append(paragraph._p, "w:bookmarkEnd", {"w:id": str(number)})


def _add_field(paragraph: DocxParagraph, code: str, shown: str) -> None:
    _start_field(paragraph, code)
    paragraph.add_run(shown)
    _field_mark(paragraph, "end")


def _start_field(paragraph: DocxParagraph, code: str) -> None:
    _field_mark(paragraph, "begin")
    text = _append(paragraph.add_run()._r, "w:instrText", {"xml:space": "preserve"})
    text.text = f" {code} "
    _field_mark(paragraph, "separate")


def _field_mark(paragraph: DocxParagraph, kind: str) -> None:
    _append(paragraph.add_run()._r, "w:fldChar", {"w:fldCharType": kind})


def _shade(cell: _Cell, fill: str) -> None:
    _append(cell._tc.get_or_add_tcPr(), "w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": fill})


def _append(parent: Any, name: str, attributes: Mapping[str, str]) -> Any:
    """A new element of WordprocessingML at the end of another: python-docx has no function for it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(name)
    for attribute, value in attributes.items():
        element.set(qn(attribute), value)
    parent.append(element)
    return element


def _fix_dates(content: bytes) -> bytes:
    """The file with the same date on each part: the library writes the time of day."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _ZIP_DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return fixed.getvalue()
