"""The workbook of a release: its tables as people read them, one a sheet, with what is needed to read them.

Here: what stands on which sheet. Not here: numbers (the Parquet files of the release) and meanings (description.py).
Guidance: UK Government Analysis Function, releasing statistics in spreadsheets (one marked-up table a sheet from its
first column on, no merged cells, shorthand in brackets that a cover explains).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.disclosure.tables import CONF_STATUS, HIDDEN_REASON, LOW_RELIABILITY, OBS_STATUS
from orchestration.release.description import Headings, Release, Table
from orchestration.release.dictionary import dictionary_rows

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

WORKBOOK = "workbook.xlsx"
# Longer tables are left to CSV and Parquet; the contents say so.
MOST_ROWS = 500
# A table of more columns is shown with a line a cell.
MOST_COLUMNS = 5
HIDDEN, UNRELIABLE = "[c]", "[u]"
ERRATA_TABLE = "gaps/gap_errata"
REASONS = {
    "small_count": "too few cities gave the answer",
    "small_base": "too few cities are in the group",
    "whole_group": "all cities of a small group answered the same",
    "complement": "it would tell another hidden number",
    "group_size": "the size of the group is hidden",
    "derived": "it is computed from hidden numbers, or would tell one",
    "earlier_release": "an earlier release hid it",
}
NOTES = "Notes"
_HEADINGS = {"n": "n", "base_n": "base n", "share_pct": "%", "value": "value"}
_WIDEST, _NARROWEST, _NOTES = 62, 9, 40
_FIRST_ROW = 5
_A4 = 9
_COVER_WIDTH = 100
_LINE_HEIGHT = 16
_LINE_HEIGHTS = {"title": 26, "heading": 24}


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet: one list a row; a number is a count unless its column is one of `decimals`."""

    name: str
    title: str
    notes: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    decimals: frozenset[int] = frozenset()
    label_columns: int = 1


def write_workbook(release: Release, headings: Headings, folder: Path, path: Path) -> None:
    """Write the workbook of a release for one audience; the same bytes for the same tables.

    `folder` holds the Parquet files of the release.
    """
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    sheets, left_out = _sheets(release, headings, folder)
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": release.title,
                "subject": release.description,
                "author": release.publisher.name,
                "keywords": ", ".join(release.publisher.keywords),
                "created": datetime(release.year or 1980, 1, 1),
            }
        )
        formats = _formats(book)
        cover, contents = book.add_worksheet("Cover"), book.add_worksheet("Contents")
        _write_cover(cover, release, headings, formats)
        _write_contents(contents, sheets, left_out, formats)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, release, formats)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    styles: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_size": 16, "font_color": "#1F3864"},
        "heading": {"bold": True, "font_size": 12, "font_color": "#1F3864"},
        "text": {"text_wrap": True},
        "note": {"font_color": "#404040"},
        "notice": {"bold": True, "text_wrap": True, "bg_color": "#FFF2CC", "border": 1},
        "link": {"font_color": "#0563C1", "underline": 1},
        "header": {"bold": True, "text_wrap": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "border": 1},
        "count": {"num_format": "#,##0", "align": "right"},
        "decimal": {"num_format": "#,##0.0", "align": "right"},
        "mark": {"align": "right", "font_color": "#595959"},
    }
    return {name: book.add_format({**base, **more}) for name, more in styles.items()}


def _sheets(release: Release, headings: Headings, folder: Path) -> tuple[list[Sheet], list[Table]]:
    sheets: list[Sheet] = []
    left_out: list[Table] = []
    for table in sorted(release.tables, key=lambda table: not table.name.startswith("tables/")):
        rows = _read(folder / f"{table.name}.parquet") if "/" in table.name else []
        if table.name.startswith("tables/"):
            sheets.append(_report_sheet(table, rows, headings))
        elif table.name == ERRATA_TABLE:
            continue
        elif rows and len(rows) <= MOST_ROWS:
            sheets.append(_tidy_sheet(table, rows))
        else:
            left_out.append(table)
    errata = [table for table in release.tables if table.name == ERRATA_TABLE]
    sheets += [_tidy_sheet(table, _read(folder / f"{table.name}.parquet"), "Errata") for table in errata]
    return [*sheets, _dictionary_sheet(release)], left_out


def _read(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def _report_sheet(table: Table, rows: Sequence[Mapping[str, Any]], headings: Headings) -> Sheet:
    """A report table: its columns side by side as it is printed, or below each other where they are many."""
    labels = list(dict.fromkeys(row["column_label"] for row in rows))
    is_wide = len(labels) <= MOST_COLUMNS
    header, body, decimals = (_wide if is_wide else _long)(rows, labels, headings)
    cohorts = list(dict.fromkeys(row["cohort_code"] for row in rows))
    return Sheet(
        name=_sheet_name(table.name),
        title=table.title,
        notes=(
            f"Base: {'; '.join(_bases(rows, cohorts, headings))}.",
            "n is a number of cities, % a share of the base.",
        ),
        header=_unique(header),
        rows=tuple(body),
        decimals=frozenset(decimals),
        label_columns=2,
    )


def _long(
    rows: Sequence[Mapping[str, Any]], labels: Sequence[str], headings: Headings
) -> tuple[list[str], list[tuple[Any, ...]], list[int]]:
    """A line a cell; a column of row labels only where they differ."""
    has_rows = len({row["row_label"] for row in rows}) > 1
    kinds = ["n", "base_n", "share_pct"] + ["value"] * any(_is_statistic(row) for row in rows)
    header = ["Cohort", *(["Row"] if has_rows else []), "Column", *(_HEADINGS[kind] for kind in kinds), NOTES]
    body = [
        (
            headings.cohorts.get(row["cohort_code"], row["cohort_code"]),
            *([row["row_label"]] if has_rows else []),
            row["column_label"],
            *(_shown(row, kind) for kind in kinds),
            _line_notes([row]),
        )
        for row in rows
    ]
    return (
        header,
        body,
        [place for place, name in enumerate(header) if name in (_HEADINGS["share_pct"], _HEADINGS["value"])],
    )


def _wide(
    rows: Sequence[Mapping[str, Any]], labels: Sequence[str], headings: Headings
) -> tuple[list[str], list[tuple[Any, ...]], list[int]]:
    """A line a row label and cohort; counts before shares."""
    lines: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault((row["cohort_code"], row["row_label"]), {})[row["column_label"]] = row
    is_number = {label: all(_is_statistic(line[label]) for line in lines.values() if label in line) for label in labels}
    counted = [label for label in labels if not is_number[label]]
    has_one_base = all(len({cell["base_n"] for cell in line.values()}) == 1 for line in lines.values())
    blocks = [("value", label) for label in labels if is_number[label]]
    blocks += [("n", label) for label in counted]
    blocks += [("base_n", label) for label in (labels[:1] if has_one_base else labels)]
    blocks += [("share_pct", label) for label in counted]
    titles = [_HEADINGS[kind] if kind == "base_n" and has_one_base else _titled(kind, label) for kind, label in blocks]
    body = [
        (
            headings.cohorts.get(cohort, cohort),
            label,
            *(_shown(line[column], kind) if column in line else None for kind, column in blocks),
            _line_notes(line.values()),
        )
        for (cohort, label), line in lines.items()
    ]
    decimals = [2 + place for place, (kind, _) in enumerate(blocks) if kind in ("share_pct", "value")]
    return ["Cohort", "Row", *titles, NOTES], body, decimals


def _is_statistic(cell: Mapping[str, Any]) -> bool:
    return cell["choice_code"] is None


def _titled(kind: str, label: str) -> str:
    return label if kind == "value" else f"{label}, {_HEADINGS[kind]}" if label else _HEADINGS[kind]


def _shown(cell: Mapping[str, Any], column: str) -> Any:
    value = cell[column]
    return HIDDEN if value is None and cell[HIDDEN_REASON] else value


def _line_notes(cells: Iterable[Mapping[str, Any]]) -> str | None:
    found = list(cells)
    reasons = dict.fromkeys(cell[HIDDEN_REASON] for cell in found if cell["n"] is None and cell[HIDDEN_REASON])
    notes = [f"{HIDDEN} {', '.join(REASONS[reason] for reason in reasons)}"] if reasons else []
    if any(cell[OBS_STATUS] == LOW_RELIABILITY for cell in found):
        notes.append(f"{UNRELIABLE} small base")
    return "; ".join(notes) or None


def _bases(rows: Sequence[Mapping[str, Any]], cohorts: Sequence[str], headings: Headings) -> list[str]:
    told = []
    for cohort in cohorts:
        bases = [row["base_n"] for row in rows if row["cohort_code"] == cohort and row["base_n"] is not None]
        span = "not shown" if not bases else str(bases[0]) if len(set(bases)) == 1 else f"{min(bases)} to {max(bases)}"
        told.append(f"{headings.cohorts.get(cohort, cohort)}, n = {span}")
    return told


def _tidy_sheet(table: Table, rows: Sequence[Mapping[str, Any]], name: str | None = None) -> Sheet:
    columns = [column for column in table.columns if column.name not in (OBS_STATUS, CONF_STATUS, "wave")]
    body = [
        tuple(
            HIDDEN
            if row[column.name] is None and row[HIDDEN_REASON] and column.type in ("integer", "number")
            else _words(row[column.name])
            for column in columns
        )
        for row in rows
    ]
    decimals = frozenset(place for place, column in enumerate(columns) if column.type == "number")
    return Sheet(
        name=name or _sheet_name(table.name),
        title=name or table.title,
        notes=(table.description,),
        header=tuple(column.name for column in columns),
        rows=tuple(body),
        decimals=decimals,
    )


def _dictionary_sheet(release: Release) -> Sheet:
    rows = dictionary_rows(release)
    names = ("table", "column", "type", "unit", "description")
    body = tuple(tuple(row[name] for name in names) for row in rows)
    notes = ("Columns of all files of this release.",)
    return Sheet("Data dictionary", "Data dictionary", notes, names, body)


def _words(value: Any) -> Any:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Headers of an Excel table differ, whatever their case; the second of a name gets a number."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        shown = name or "Value"
        seen[shown.lower()] = seen.get(shown.lower(), 0) + 1
        again = seen[shown.lower()]
        found.append(shown if again == 1 else f"{shown} [{again}]")
    return tuple(found)


def _sheet_name(name: str) -> str:
    """At most 31 characters: `tables/table_09` is Table 9."""
    folder, _, stem = name.rpartition("/")
    if folder == "tables":
        source, _, number = stem.rpartition("_")
        return f"{source.capitalize()} {int(number)}"
    return stem.removeprefix("gap_").replace("_", " ").capitalize()[:31]


def _write_cover(sheet: Worksheet, release: Release, headings: Headings, formats: Mapping[str, Any]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _COVER_WIDTH + 10)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    lines: list[tuple[str, str]] = [("title", release.title), ("text", headings.report), ("text", release.description)]
    if release.is_synthetic:
        lines.append(("notice", release.notice or ""))
    lines += [
        ("heading", "How to read it"),
        ("text", "Each sheet has one table. n is a number of cities; the base is how many cities a share is of."),
        (
            "text",
            f"{HIDDEN} stands for a number that is not shown, so that nobody can tell what a single city said; the "
            "notes of the row say why. It is never zero.",
        ),
        ("text", f"{UNRELIABLE} marks rows with a small base: a few cities more or less would change the share much."),
        (
            "text",
            "The cities that answered chose to. Intervals and verdicts describe how much a share could vary by "
            "chance under a simple model; they do not make the answers representative of other cities.",
        ),
        ("text", "Every number is also in the CSV and Parquet files beside this workbook, with its status columns."),
        ("heading", "Sources"),
        *(("text", source.citation) for source in release.sources),
        ("heading", "Licence"),
        ("text", release.licence or "; ".join(release.licences)),
        ("heading", "Publisher"),
        ("text", release.publisher.name),
    ]
    for row, (style, text) in enumerate(lines):
        sheet.write_string(row, 0, text, formats[style])
        sheet.set_row(row, _LINE_HEIGHTS.get(style, _LINE_HEIGHT) * -(-len(text) // _COVER_WIDTH))
    sheet.write_url(len(lines), 0, "internal:'Contents'!A1", formats["link"], "Contents")
    sheet.fit_to_pages(1, 1)


def _write_contents(
    sheet: Worksheet, sheets: Sequence[Sheet], left_out: Sequence[Table], formats: Mapping[str, Any]
) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Contents", formats["title"])
    for column, (name, width) in enumerate((("Sheet", 28), ("Title", 90), ("Rows", 8))):
        sheet.write_string(2, column, name, formats["header"])
        sheet.set_column(column, column, width)
    for row, table in enumerate(sheets, start=3):
        sheet.write_url(row, 0, f"internal:'{table.name}'!A1", formats["link"], table.name)
        sheet.write_string(row, 1, table.title, formats["text"])
        sheet.write_number(row, 2, len(table.rows), formats["count"])
    for row, absent in enumerate(left_out, start=len(sheets) + 4):
        sheet.write_string(row, 0, "only as CSV and Parquet", formats["note"])
        sheet.write_string(row, 1, f"{absent.title}: {absent.name}.csv", formats["text"])
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    sheet.fit_to_pages(1, 0)


def _write_sheet(sheet: Worksheet, table: Sheet, release: Release, formats: Mapping[str, Any]) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, table.title, formats["title"])
    sheet.set_row(0, _LINE_HEIGHTS["title"])
    for row, note in enumerate(table.notes, start=1):
        sheet.write_string(row, 0, note, formats["note"])
    sheet.write_url(_FIRST_ROW - 2, 0, "internal:'Contents'!A1", formats["link"], "Contents")
    last_row, last_column = _FIRST_ROW + max(len(table.rows), 1), len(table.header) - 1
    sheet.add_table(
        _FIRST_ROW,
        0,
        last_row,
        last_column,
        {
            "name": "".join(part.capitalize() for part in table.name.split()),
            "columns": [{"header": name, "header_format": formats["header"]} for name in table.header],
            "style": "Table Style Light 1",
        },
    )
    for row, values in enumerate(table.rows, start=_FIRST_ROW + 1):
        for column, value in enumerate(values):
            _write_value(sheet, row, column, value, column in table.decimals, formats)
    widths = [_width(name, [values[column] for values in table.rows]) for column, name in enumerate(table.header)]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(_FIRST_ROW, _LINE_HEIGHT * max(_lines(*pair) for pair in zip(table.header, widths, strict=True)))
    for row, values in enumerate(table.rows, start=_FIRST_ROW + 1):
        texts = [(value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str)]
        sheet.set_row(row, _LINE_HEIGHT * max((_lines(*text) for text in texts), default=1))
    sheet.freeze_panes(_FIRST_ROW + 1, table.label_columns)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_FIRST_ROW)
    sheet.set_footer(f"&L{release.title.replace('&', '&&')}&R&P / &N")


def _write_value(
    sheet: Worksheet, row: int, column: int, value: Any, is_decimal: bool, formats: Mapping[str, Any]
) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value, formats["mark" if value == HIDDEN else "text"])
    else:
        sheet.write_number(row, column, value, formats["decimal" if is_decimal else "count"])


def _width(header: str, values: Sequence[Any]) -> float:
    """Width in characters: of the longest text up to a limit, and of the longest word of the header."""
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    words = max((len(word) for word in header.split()), default=0)
    return max(_NARROWEST, min(longest + 2, _NOTES if header == NOTES else _WIDEST), words + 4)


def _lines(text: str, width: float) -> int:
    """Lines that a text takes, words kept whole."""
    lines, room = 1, width - 2
    left = room
    for word in text.split():
        if len(word) > left and left < room:
            lines, left = lines + 1, room
        left -= len(word) + 1
    return lines
