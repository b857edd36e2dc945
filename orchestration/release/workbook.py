"""The workbook of a release: its tables as people read them, one a sheet, with what is needed to read them.

Here: what stands on which sheet. Not here: numbers (the Parquet files of the release) and meanings (description.py).
The file is compressed by zlib: the same tables make the same bytes with the same build of it.
Guidance: UK Government Analysis Function, releasing statistics in spreadsheets (one marked-up table a sheet from its
first column on, no merged cells, shorthand in brackets that a cover explains).
"""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.disclosure.rules import ALL, REASONS, Reason
from orchestration.disclosure.tables import CONF_STATUS, HIDDEN_REASON, LOW_RELIABILITY, OBS_STATUS, SUPPRESSED
from orchestration.release.description import LICENCE_ADDRESSES, Column, Headings, Release, Table, report_table_label
from orchestration.release.dictionary import dictionary_rows
from orchestration.release.draft import IS_SYNTHETIC
from orchestration.release.workbook_charts import add_chart, choose_cells

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WORKBOOK = "workbook.xlsx"
STYLE = Path(__file__).with_suffix(".yml")
# Of longer tables the rows of whole cohorts are shown, of still longer ones those that were tested, or they are left to
# CSV and Parquet; the contents say so.
MOST_ROWS = 500
# A table of more columns is shown with a line a cell.
MOST_COLUMNS = 5
HIDDEN, UNRELIABLE, SYNTHETIC = "[c]", "[u]", "[s]"
ALL_SYNTHETIC = (
    "All numbers that are computed from answers are of synthetic ones, which no city gave: do not cite them."
)
SOME_SYNTHETIC = f"Rows marked {SYNTHETIC} are computed from synthetic answers, which no city gave: do not cite them."
MERGED = "Shown by merged classes, so that less has to be hidden: the report prints more classes."
ERRATA_TABLE = "gaps/gap_errata"
EVIDENCE_TABLE = "gaps/gap_evidence"
NOTES = "Notes"
# Why a table has no sheet.
_ELSEWHERE, _EMPTY, _ALL_HIDDEN = "only as CSV and Parquet", "no rows in this wave", "all numbers are confidential"
# A ranking stands in its order within each of these.
_RANKS = ("item_rank", "share_rank", "need_rank")
_RANKED_WITHIN = (
    "cohort_code", "comparison_cohort_code", "dimension_code", "member_code", "item_set", "ranking_measure",
    "evidence_kind",
)  # fmt: skip
# Stands for whichever column of a line, where all say the same.
_ANY = ""
_LABELS = _COHORT, _ROW, _COLUMN = "Cohort", "Row", "Column"
_SYNTHETIC_WORDS = {ALL_SYNTHETIC: "yes", SOME_SYNTHETIC: "some rows", None: "no"}
# Columns that are left out where they say the same in all rows; the base names the cohort.
_TOLD = (*_LABELS, NOTES)
_HEADINGS = {
    "n": "n",
    "base_n": "base n",
    "share_pct": "%",
    "share_low_pct": "interval from, %",
    "share_high_pct": "interval to, %",
    "value": "value",
}
# What a column of a report table shows by its measure, where two columns show the same cells.
_MEASURES = {"count": "n", "share": "share_pct"}
_UNITS = {"percent": "%", "percentage points": "percentage points"}
_SHARE, _ENDS = "share_pct", ("share_low_pct", "share_high_pct")
_PERCENT, _FRACTION, _WHOLE = "percent", "fraction", "whole"
_NARROWEST, _WIDEST, _FIRST_WIDEST, _NOTES_WIDEST = 9, 36, 50, 40
# Characters that a printed page can hold and still be read.
_PAGE_WIDTH = 230
_LETTERS_IN_WIDTH = 1.2
_A4 = 9
_COVER_WIDTH = 100
_LINE_HEIGHT = 16
_LINE_HEIGHTS = {"title": 26, "heading": 24}


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet: one list a row; a number is a count unless `decimals` names the format of its column.

    `shares` are the places of the columns that a chart draws.
    """

    name: str
    title: str
    notes: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    decimals: Mapping[int, str] = field(default_factory=dict)
    label_columns: int = 1
    synthetic_note: str | None = None
    shares: tuple[int, ...] = ()


def write_workbook(release: Release, headings: Headings, folder: Path, path: Path) -> None:
    """Write the workbook of a release for one audience; the same bytes for the same tables.

    `folder` holds the Parquet files of the release.
    """
    import xlsxwriter
    import yaml

    style = yaml.safe_load(STYLE.read_text(encoding="utf-8"))
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    sheets, left_out = _sheets(release, headings, folder, style)
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
        formats = {name: book.add_format({**style["base"], **more}) for name, more in style["formats"].items()}
        cover, contents = book.add_worksheet("Cover"), book.add_worksheet("Contents")
        _write_cover(cover, release, headings, style["how_to_read"], formats)
        _write_contents(contents, sheets, left_out, formats)
        for sheet in sheets:
            written = book.add_worksheet(sheet.name)
            below = _write_sheet(written, sheet, release, formats)
            _draw(book, written, sheet, below, style["chart"])


def _sheets(
    release: Release, headings: Headings, folder: Path, style: Mapping[str, Any]
) -> tuple[list[Sheet], list[tuple[str, Table]]]:
    """The sheets, and the tables without one, each with why."""
    sheets: list[Sheet] = []
    left_out: list[tuple[str, Table]] = []
    # Tables of the report first, its errata last.
    for table in sorted(release.tables, key=lambda table: (not table.is_report_table, table.name == ERRATA_TABLE)):
        shown = _rows(table, folder)
        rows = shown.rows
        if rows and all(map(_is_all_hidden, rows)):
            left_out.append((_ALL_HIDDEN, table))
        elif table.is_report_table:
            sheets.append(_report_sheet(table, rows, headings, style["axes"]))
        elif rows:
            note = f"{shown.which} only; all {shown.rows_n} rows are in {table.name}.csv." if shown.which else None
            drawn = style["charts"].get(table.model, ("", ""))
            sheets.append(_tidy_sheet(table, _rank(rows), headings, note, style["words"], drawn))
        else:
            left_out.append((_ELSEWHERE if shown.rows_n else _EMPTY, table))
    return [*sheets, _dictionary_sheet(release)], left_out


def _is_all_hidden(row: Mapping[str, Any]) -> bool:
    """Whether a row has a number that is hidden, and none that is shown; a base tells nothing of an answer."""
    return row.get(OBS_STATUS) == SUPPRESSED and all(row.get(name) is None for name in ("n", "share_pct", "value"))


def _rank(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Rows of a ranking in its order, the others as they come."""
    rank = next((name for name in _RANKS if rows and name in rows[0]), None)
    if rank is None:
        return rows
    within = [name for name in _RANKED_WITHIN if name in rows[0]]
    return sorted(rows, key=lambda row: (*(str(row[name]) for name in within), row[rank] is None, row[rank] or 0))


class _Shown(NamedTuple):
    """The rows that a sheet shows of a table, how many it has, and which they are where they are not all."""

    rows: list[dict[str, Any]]
    rows_n: int
    which: str = ""


def _rows(table: Table, folder: Path) -> _Shown:
    """What a sheet shows of a table; nothing of the cells, which stand in their tables."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = found = pq.read_table(folder / f"{table.name}.parquet")
    if "/" not in table.name:
        return _Shown([], len(rows))
    if len(rows) <= MOST_ROWS or table.name == ERRATA_TABLE:
        return _Shown(rows.to_pylist(), len(rows))
    which = ""
    for name, is_shown, words in (
        ("dimension_code", lambda values: pc.equal(values, ALL), "Whole cohorts"),
        ("p_value", pc.is_valid, "Whole cohorts that were tested"),
    ):
        if len(found) > MOST_ROWS and name in rows.column_names:
            found, which = found.filter(is_shown(found[name])), words
    return _Shown(found.to_pylist() if which and len(found) <= MOST_ROWS else [], len(rows), which)


def _report_sheet(
    table: Table, rows: Sequence[Mapping[str, Any]], headings: Headings, axes: Mapping[str, str] = MappingProxyType({})
) -> Sheet:
    """A report table: its columns side by side as it is printed, or below each other where they are many.

    `axes` has words for what rows and columns of a table list.
    """
    is_wide = len({row["column_code"] for row in rows}) <= MOST_COLUMNS
    note = find_synthetic_note(rows)
    header, body, decimals, shares = (_wide if is_wide else _long)(rows, headings, note == SOME_SYNTHETIC)
    meaning = "n is a number of cities, % a share of the base."
    base = f"Base: {'; '.join(tell_bases(rows, headings))}."
    told = [place for place, name in enumerate(header) if _is_told(name, {row[place] for row in body})]
    if len({row["row_label"] for row in rows}) == len({(row["row_label"], row["cohort_code"]) for row in rows}):
        told = [place for place in told if header[place] != _COHORT or _ROW not in map(header.__getitem__, told)]
    axis = headings.axes.get(table.name)
    # A line of numbers alone says not of whom it is.
    if axis and not {_ROW, _COLUMN, _COHORT} & {header[place] for place in told}:
        told.insert(0, header.index(_ROW))
    listed = dict(zip((_ROW, _COLUMN), axis or (), strict=False))
    listed = {name: axes.get(axis, axis) for name, axis in listed.items()}
    shown = [header[place] for place in told]
    if _ROW not in shown:
        listed.setdefault(_COLUMN, _ROW)
    names = [listed.get(name, name) for name in shown]
    return Sheet(
        name=_sheet_name(table.name),
        title=table.title,
        notes=tuple(filter(None, (note, find_merged_note(rows), base, meaning))),
        header=_unique(names),
        rows=tuple(tuple(row[place] for place in told) for row in body),
        decimals={number: decimals[place] for number, place in enumerate(told) if place in decimals},
        label_columns=max(1, sum(header[place] in _LABELS for place in told)),
        synthetic_note=note,
        shares=tuple(number for number, place in enumerate(told) if place in shares),
    )


def _is_told(name: str, values: Collection[Any]) -> bool:
    """Whether a column of a report table says something, and not the same in all rows what the base says."""
    return values != {None} and (name not in _TOLD or len(values) > 1)


def find_merged_note(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """That a sheet has fewer classes than the printed table."""
    return MERGED if any(row.get("is_merged") for row in rows) else None


def find_synthetic_note(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """What a sheet says of synthetic answers; None where it has none."""
    marks = {bool(row.get(IS_SYNTHETIC)) for row in rows}
    return SOME_SYNTHETIC if marks == {True, False} else ALL_SYNTHETIC if marks == {True} else None


# Header, rows, formats of columns and the columns of shares.
_Body = tuple[list[str], list[tuple[Any, ...]], dict[int, str], set[int]]


def _long(rows: Sequence[Mapping[str, Any]], headings: Headings, is_mixed: bool) -> _Body:
    """A line a cell."""
    kinds = [kind for kind in _HEADINGS if kind != "value" or any(map(_is_statistic, rows))]
    header = [*_LABELS, *(_HEADINGS[kind] for kind in kinds), NOTES]
    body = [
        (
            headings.cohorts.get(row["cohort_code"], row["cohort_code"]),
            row["row_label"],
            row["column_label"],
            *(_show(row, kind) for kind in kinds),
            _line_notes([row], is_mixed),
        )
        for row in rows
    ]
    decimals = {len(_LABELS) + place: _PERCENT for place, kind in enumerate(kinds) if not kind.endswith("n")}
    return header, body, decimals, {len(_LABELS) + kinds.index(_SHARE)}


def _wide(rows: Sequence[Mapping[str, Any]], headings: Headings, is_mixed: bool) -> _Body:
    """A line a row and cohort; counts before shares, and one base where all columns have the same."""
    lines: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault((row["cohort_code"], row["row_code"]), {})[row["column_code"]] = row
    columns = {row["column_code"]: row["column_label"] for row in rows}
    cells = {code: [line[code] for line in lines.values() if code in line] for code in columns}
    measured = _find_measures(cells)
    numbers = {code for code in columns if all(map(_is_statistic, cells[code]))}
    counted = [code for code in columns if code not in numbers | measured.keys()]
    has_one_base = all(len({cell["base_n"] for cell in line.values()}) == 1 for line in lines.values())
    blocks = [("value", code) for code in columns if code in numbers]
    blocks += [("n", code) for code in columns if code in counted or measured.get(code) == "n"]
    blocks += [("base_n", code) for code in ([_ANY] if has_one_base else columns)]
    for code in columns:
        if code in counted or measured.get(code) == "share_pct":
            has_interval = any(cell["share_low_pct"] is not None for cell in cells[code])
            blocks += [(kind, code) for kind in (_SHARE, *(_ENDS if has_interval else ()))]
    header = [
        columns[code] if code in measured and kind not in _ENDS else _make_heading(kind, columns.get(code))
        for kind, code in blocks
    ]
    body = []
    for (cohort, _), line in lines.items():
        some = next(iter(line.values()))
        shown = {_ANY: some, **line}
        values = [_show(shown[code], kind) if code in shown else None for kind, code in blocks]
        notes = _line_notes(line.values(), is_mixed)
        body.append((headings.cohorts.get(cohort, cohort), some["row_label"], *values, notes))
    decimals = {2 + place: _PERCENT for place, (kind, _) in enumerate(blocks) if not kind.endswith("n")}
    shares = {2 + place for place, (kind, _) in enumerate(blocks) if kind == _SHARE}
    return [*_LABELS[:2], *header, NOTES], body, decimals, shares


def _find_measures(cells: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Columns that show the same cells as another one, with what each shows of them: the count or the share."""
    same: dict[tuple[tuple[Any, ...], ...], list[str]] = {}
    for code, own in cells.items():
        names = ("cohort_code", "item_code", "choice_code", "dimension_code", "member_code", "row_code")
        same.setdefault(tuple(tuple(cell[name] for name in names) for cell in own), []).append(code)
    measures = {code: own[0]["measure_code"] for code, own in cells.items()}
    return {
        code: _MEASURES[measures[code]]
        for codes in same.values()
        if len(codes) > 1 and {measures[code] for code in codes} <= _MEASURES.keys()
        for code in codes
    }


def _is_statistic(cell: Mapping[str, Any]) -> bool:
    return cell["choice_code"] is None


def _make_heading(kind: str, label: str | None) -> str:
    if kind == "value":
        return label or ""
    return f"{label}, {_HEADINGS[kind]}" if label else _HEADINGS[kind]


def _show(cell: Mapping[str, Any], column: str) -> Any:
    """A value, or the mark of a hidden one; a statistic has no share."""
    is_hidden = cell[column] is None and cell[OBS_STATUS] == SUPPRESSED
    return HIDDEN if is_hidden and not (column.startswith("share_") and _is_statistic(cell)) else cell[column]


def _line_notes(rows: Iterable[Mapping[str, Any]], is_mixed: bool) -> str | None:
    """Which numbers of a line are synthetic on a mixed sheet, are hidden, may not leave, or have a small base."""
    found = list(rows)
    notes = [f"{SYNTHETIC} synthetic"] if is_mixed and any(row[IS_SYNTHETIC] for row in found) else []
    reasons = dict.fromkeys(Reason(row[HIDDEN_REASON]) for row in found if row.get(HIDDEN_REASON))
    notes += [f"not public: {', '.join(REASONS[reason] for reason in reasons)}"] if reasons else []
    if any(row[OBS_STATUS] == SUPPRESSED for row in found):
        notes.append(f"{HIDDEN} confidential")
    if any(row[OBS_STATUS] == LOW_RELIABILITY for row in found):
        notes.append(f"{UNRELIABLE} small base")
    return "; ".join(notes) or None


def tell_bases(rows: Sequence[Mapping[str, Any]], headings: Headings) -> list[str]:
    """The base of each cohort of a report table, in words."""
    told = []
    for cohort in dict.fromkeys(row["cohort_code"] for row in rows):
        bases = [row["base_n"] for row in rows if row["cohort_code"] == cohort and row["base_n"] is not None]
        span = "not shown" if not bases else str(bases[0]) if len(set(bases)) == 1 else f"{min(bases)} to {max(bases)}"
        told.append(f"{headings.cohorts.get(cohort, cohort)}, n = {span}")
    return told


def _tidy_sheet(
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    headings: Headings,
    note: str | None = None,
    words: Mapping[str, str] = MappingProxyType({}),
    drawn: tuple[str, str] = ("", ""),
) -> Sheet:
    """A table of gaps: labels rather than codes; what is the same in all rows stands above them.

    `drawn` has the first column and the share of a table that gets a chart.
    """
    names = {column.name for column in table.columns}
    columns = [
        column
        for column in table.columns
        if column.name not in (IS_SYNTHETIC, OBS_STATUS, CONF_STATUS, HIDDEN_REASON, "wave")
        and column.name.removesuffix("_code") + "_label" not in names - {column.name}
        and (column.name,) != table.primary_key
        and any(row[column.name] is not None for row in rows)
    ]
    values = {column.name: [_tidy(row, column, headings, words) for row in rows] for column in columns}
    fixed = [column for column in columns if len(rows) > 1 and len(set(values[column.name])) == 1]
    free = [column for column in columns if column not in fixed]
    same = "; ".join(f"{_heading(column)}: {values[column.name][0]}" for column in fixed)
    synthetic_note = find_synthetic_note(rows)
    reasons = [_line_notes([row], synthetic_note == SOME_SYNTHETIC) for row in rows]
    notes = [synthetic_note, note, table.description, f"In all rows: {same}." if same else None]
    label, share = drawn
    is_drawn = bool(free) and free[0].name == label
    return Sheet(
        name=_sheet_name(table.name),
        title=table.title,
        notes=tuple(text for text in notes if text),
        header=_unique([*map(_heading, free), *([NOTES] if any(reasons) else [])]),
        rows=tuple(zip(*(values[column.name] for column in free), *([reasons] if any(reasons) else []), strict=True)),
        decimals={
            place: _PERCENT if column.unit in _UNITS else _FRACTION if column.type == "number" else _WHOLE
            for place, column in enumerate(free)
            if column.unit != "count"
        },
        synthetic_note=synthetic_note,
        shares=tuple(place for place, column in enumerate(free) if is_drawn and column.name == share),
    )


def _tidy(row: Mapping[str, Any], column: Column, headings: Headings, words: Mapping[str, str]) -> Any:
    value = row[column.name]
    if value is None:
        return HIDDEN if row[OBS_STATUS] == SUPPRESSED and column.type in ("integer", "number") else None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.name.endswith("cohort_code"):
        return headings.cohorts.get(value, value)
    is_code = column.name.endswith("_code") or column.values
    return words.get(value, value.replace("_", " ")) if is_code else value


def _heading(column: Column) -> str:
    """Its name in words, with the unit: `comparison_share_pct` is Comparison share, %."""
    unit = _UNITS.get(column.unit or "")
    name = column.name.rpartition("_")[0] if unit else column.name.removesuffix("_label").removesuffix("_code")
    words = name.replace("_", " ")
    words = words if words.partition(" ")[0] in ("n", "p") else words[0].upper() + words[1:]
    return f"{words}, {unit}" if unit else words


def _dictionary_sheet(release: Release) -> Sheet:
    rows = dictionary_rows(release)
    names = ("table", "column", "type", "unit", "description")
    body = tuple(tuple(row[name] for name in names) for row in rows)
    notes = ("Columns of all files of this release.",)
    return Sheet("Data dictionary", "Data dictionary", notes, names, body)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Headers of an Excel table differ, whatever their case; the second of a name gets a number."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        shown = name or "Value"
        seen[shown.lower()] += 1
        again = seen[shown.lower()]
        found.append(shown if again == 1 else f"{shown} [{again}]")
    return tuple(found)


def _sheet_name(name: str) -> str:
    """At most 31 characters: `gaps/gap_evidence` is Evidence."""
    stem = name.rpartition("/")[2].removeprefix("gap_")
    return report_table_label(name) or stem.replace("_", " ").capitalize()[:31]


def _write_cover(
    sheet: Worksheet, release: Release, headings: Headings, how_to_read: Sequence[str], formats: Mapping[str, Any]
) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _COVER_WIDTH + 10)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    terms = {"hidden": HIDDEN, "unreliable": UNRELIABLE, "synthetic": SYNTHETIC, "evidence": EVIDENCE_TABLE}
    lines: list[tuple[str, str]] = [("title", release.title), ("text", headings.report), ("text", release.description)]
    if release.notice:
        lines.append(("notice", release.notice))
    lines += [
        ("heading", "How to read it"),
        *(("text", words.format_map(terms)) for words in how_to_read),
        ("heading", "Sources"),
        *(("text", citation) for citation in dict.fromkeys(source.citation for source in release.sources)),
        ("heading", "Licence"),
        *(("text", ": ".join(filter(None, (name, LICENCE_ADDRESSES.get(name))))) for name in release.licences),
        ("heading", "Publisher"),
        *(("text", text) for text in _contact(release)),
    ]
    for row, (style, text) in enumerate(lines):
        sheet.write_string(row, 0, text, formats[style])
        sheet.set_row(row, _LINE_HEIGHTS.get(style, _LINE_HEIGHT) * -(-len(text) // _COVER_WIDTH))
    sheet.write_url(len(lines), 0, "internal:'Contents'!A1", formats["link"], "Contents")
    sheet.fit_to_pages(1, 1)


def _contact(release: Release) -> Iterable[str]:
    """Who publishes, whom to ask, and when cities were asked; what is not known is left out."""
    publisher = release.publisher
    asked = [day.isoformat() for day in release.fieldwork if day]
    told = (
        publisher.name,
        publisher.homepage,
        " ".join(filter(None, (publisher.contact_name, publisher.contact_email))),
        f"Issued: {release.issued.isoformat()}" if release.issued else None,
        f"Cities were asked: {' to '.join(dict.fromkeys(asked))}" if asked else None,
    )
    return filter(None, told)


def _write_contents(
    sheet: Worksheet, sheets: Sequence[Sheet], left_out: Sequence[tuple[str, Table]], formats: Mapping[str, Any]
) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Contents", formats["title"])
    for column, (name, width) in enumerate((("Sheet", 28), ("Title", 90), ("Rows", 8), ("Synthetic", 12))):
        sheet.write_string(2, column, name, formats["header"])
        sheet.set_column(column, column, width)
    for row, table in enumerate(sheets, start=3):
        sheet.write_url(row, 0, f"internal:'{table.name}'!A1", formats["link"], table.name)
        sheet.write_string(row, 1, table.title, formats["text"])
        sheet.write_number(row, 2, len(table.rows), formats["count"])
        sheet.write_string(row, 3, _SYNTHETIC_WORDS[table.synthetic_note], formats["text"])
    for row, (why, absent) in enumerate(left_out, start=len(sheets) + 4):
        sheet.write_string(row, 0, why, formats["note"])
        sheet.write_string(row, 1, f"{absent.title}: {absent.name}.csv", formats["text"])
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    sheet.fit_to_pages(1, 0)


def _draw(book: Workbook, sheet: Worksheet, table: Sheet, below: int, style: Mapping[str, Any]) -> None:
    """Put the chart of a table below it, where its shares can be compared."""
    if drawn := choose_cells(table.rows, table.shares, table.label_columns):
        add_chart(book, sheet, drawn, table.title, below - len(table.rows), below + 1, style)


def _write_sheet(sheet: Worksheet, table: Sheet, release: Release, formats: Mapping[str, Any]) -> int:
    """Write a table; the row below its last one."""
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, table.title, formats["title"])
    sheet.set_row(0, _LINE_HEIGHTS["title"])
    for row, note in enumerate(table.notes, start=1):
        sheet.write_string(row, 0, note, formats["warning" if note == table.synthetic_note else "note"])
    # The header stands below the title, the notes, the link back and an empty row.
    first_row = len(table.notes) + 3
    columns = [[row[place] for row in table.rows] for place in range(len(table.header))]
    sheet.write_url(first_row - 2, 0, "internal:'Contents'!A1", formats["link"], "Contents")
    sheet.add_table(
        first_row,
        0,
        first_row + max(len(table.rows), 1),
        len(table.header) - 1,
        {
            "name": "".join(part.capitalize() for part in table.name.split()),
            "columns": [
                {"header": name, "header_format": formats["number header" if _is_number(values) else "header"]}
                for name, values in zip(table.header, columns, strict=True)
            ],
            "style": "Table Style Light 1",
        },
    )
    for row, values in enumerate(table.rows, start=first_row + 1):
        for column, value in enumerate(values):
            _write_value(sheet, row, column, value, formats[table.decimals.get(column, "count")], formats)
    widths = [
        _width(name, values, _FIRST_WIDEST if not place else _NOTES_WIDEST if name == NOTES else _WIDEST)
        for place, (name, values) in enumerate(zip(table.header, columns, strict=True))
    ]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(first_row, _LINE_HEIGHT * max(_lines(*pair) for pair in zip(table.header, widths, strict=True)))
    for row, values in enumerate(table.rows, start=first_row + 1):
        texts = [(value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str)]
        sheet.set_row(row, _LINE_HEIGHT * max((_lines(*text) for text in texts), default=1))
    sheet.freeze_panes(first_row + 1, table.label_columns)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(math.ceil(sum(widths) / _PAGE_WIDTH), 0)
    sheet.repeat_rows(first_row)
    sheet.repeat_columns(0, table.label_columns - 1)
    # An ampersand starts a code.
    sheet.set_header("&L" + table.title.replace("&", "&&"))
    sheet.set_footer("&L" + release.title.replace("&", "&&") + "&R&P / &N")
    return first_row + 1 + len(table.rows)


def _write_value(sheet: Worksheet, row: int, column: int, value: Any, number: Any, formats: Mapping[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value, formats["mark" if value == HIDDEN else "indented" if column else "text"])
    else:
        sheet.write_number(row, column, value, number)


def _is_number(values: Sequence[Any]) -> bool:
    return any(value == HIDDEN or not isinstance(value, str) for value in values if value is not None)


def _width(header: str, values: Sequence[Any], widest: float) -> float:
    """Width in characters: of the longest text up to a limit, and of the longest word of the header."""
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    words = max((len(word) for word in header.split()), default=0)
    return max(_NARROWEST, min(longest + 3, widest), words + 4)


def _lines(text: str, width: float) -> int:
    """Lines that a text takes, words kept whole; a letter is narrower than the digit that widths are measured by."""
    room = int(width * _LETTERS_IN_WIDTH)
    if len(text) <= room:
        return 1
    lines = textwrap.wrap(" ".join(text.split()), room, break_long_words=False, break_on_hyphens=False)
    return max(len(lines), 1)
