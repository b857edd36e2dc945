"""What stands in the draft report of a wave: its chapters, read from one release and the reviewed words beside it.

Here: which blocks follow each other, each with the text of its cells. Every number is one of the release. Not here: how
they look (document.py, charts.py), the words (chapters.yml).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.disclosure.rules import ALL
from orchestration.disclosure.tables import LOW_RELIABILITY, OBS_STATUS, SUPPRESSED
from orchestration.knowledge.rows.cohorts import Cohort, Wave
from orchestration.knowledge.rows.report import Measure, MeasureTerm, PublishedCell, ReportTable, Statement
from orchestration.release.description import Headings
from orchestration.release.draft import AUDIENCES, IS_SYNTHETIC, Audience
from orchestration.release.workbook import (
    HIDDEN,
    SOME_SYNTHETIC,
    SYNTHETIC,
    UNRELIABLE,
    find_merged_note,
    find_synthetic_note,
    tell_bases,
)

if TYPE_CHECKING:
    from orchestration.knowledge.load import Knowledge

CHAPTERS = Path(__file__).with_name("chapters.yml")
Row = Mapping[str, Any]
# What a column of the release shows by the measure of a cell.
_SHOWN = {"count": "n", "share": "share_pct"}
# A row of more cells is turned: its columns become rows.
_MOST_COLUMNS = 6
# Numbers of four digits, so years, have no thousands apart in a sentence.
_APART_FROM = 10_000
_LEVELS = {"1", "2", "3", "4", "5"}


class ReportError(ValueError):
    """A wave of which no report can be written; the message says why and what to do."""


@dataclass(frozen=True)
class Heading:
    """Title of a chapter; the level is 1 for the largest."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; its style is `text`, `note`, `bullet`, `title`, `subtitle` or `notice`."""

    text: str
    style: str = "text"


@dataclass(frozen=True)
class Grid:
    """A table as it is printed: texts alone. Columns from `first_number` on are numbers; `key` is its printed name."""

    key: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A chart: one bar a row and column; a hidden value is None. Levels and parts are drawn in one bar."""

    key: str
    caption: str
    alternative: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    unit: str
    is_stacked: bool
    has_levels: bool


Block = Heading | Paragraph | Grid | Figure


@dataclass(frozen=True)
class Report:
    """A report for one audience: its name, what each page says, and its blocks in order."""

    release: str
    audience: Audience
    title: str
    year: int
    page_words: tuple[str, ...]
    blocks: tuple[Block, ...]


def read_chapters(path: Path = CHAPTERS) -> dict[str, Any]:
    """The words and the structure of the report."""
    import yaml

    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def make_report(
    folder: Path, manifest: Mapping[str, Any], knowledge: Knowledge, chapters: Mapping[str, Any], audience: Audience
) -> Report:
    """The report of a release, whose audiences are in `folder`. Raises ReportError for a wave that no seed knows."""
    if audience not in AUDIENCES or not (folder / audience).is_dir():
        raise ReportError(f"{folder}: this release has no {audience} tables. Publish the wave again, then write it.")
    writer = _Writer(folder / audience, manifest, knowledge, chapters, audience)
    wave = writer.wave
    words = {"wave": wave.label, "release": manifest["release"], "report": wave.report}
    notices = [chapters["internal"]] if audience == "internal" else []
    notices += [manifest["notice"]] if manifest["notice"] else []
    return Report(
        release=manifest["release"],
        audience=audience,
        title=chapters["title"].format(**words),
        year=wave.report_year,
        page_words=tuple(notices),
        blocks=tuple(writer.write()),
    )


class _Writer:
    """Reads the tables of one release for one audience and makes blocks of them."""

    def __init__(
        self,
        folder: Path,
        manifest: Mapping[str, Any],
        knowledge: Knowledge,
        chapters: Mapping[str, Any],
        audience: Audience,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.knowledge = knowledge
        self.chapters = chapters
        self.audience = audience
        waves = {wave.wave: wave for wave in knowledge.waves()}
        if manifest["wave"] not in waves:
            raise ReportError(
                f"waves.csv: wave {manifest['wave']} is not there, so nothing says what its report is. Add it."
            )
        self.wave: Wave = waves[manifest["wave"]]
        cohorts = {row.cohort_code: row.label for row in _of(knowledge, "cohorts", Cohort)}
        self.headings = Headings(self.wave.label, self.wave.report, {}, cohorts)
        self.marks = {"hidden": HIDDEN, "unreliable": UNRELIABLE, "synthetic": SYNTHETIC}

    def write(self) -> Iterator[Block]:
        """All blocks, in the order of print."""
        yield from self._cover()
        sections = self._sections()
        shown: set[str] = set()
        order = list(self.chapters["sections"])
        for section in sorted(sections, key=lambda section: order.index(section) if section in order else -1):
            for part in _parents(section):
                if part not in shown:
                    shown.add(part)
                    numbered = f"{part} " if part[0].isdigit() else ""
                    yield Heading(f"{numbered}{self._title_of(part)}", min(part.count(".") + 1, 3))
            yield from sections[section]
        number = 0
        for gap in self.chapters["gaps"]:
            for block in self._gap_section(gap, number + 1):
                number += isinstance(block, Grid)
                yield block
        yield Heading(self.chapters["sources"], 1)
        for citation in dict.fromkeys(" ".join(source["citation"].split()) for source in self.manifest["sources"]):
            yield Paragraph(citation, "bullet")

    def _cover(self) -> Iterator[Block]:
        words = {
            "wave": self.wave.label,
            "release": self.manifest["release"],
            "report": self.wave.report,
            "description": self.manifest["notice"] or "",
        }
        yield Paragraph(self.chapters["title"].format(**words), "title")
        yield Paragraph(self.chapters["subtitle"].format(**words), "subtitle")
        for sentence in self.chapters["first_words"]:
            if text := sentence.format(**words):
                yield Paragraph(text)
        how_to_read = self.chapters["how_to_read"]
        yield Heading(how_to_read["title"], 1)
        for sentence in how_to_read["words"]:
            yield Paragraph(sentence.format(**self.marks), "bullet")

    def _title_of(self, section: str) -> str:
        title = self.chapters["sections"].get(section)
        if title is None:
            raise ReportError(
                f"{CHAPTERS.name}: section {section} has no title, and a table or sentence of wave {self.wave.wave} "
                "names it. Add its title to `sections`, at its place."
            )
        return str(title)

    # Chapters of the printed report.

    def _sections(self) -> dict[str, list[Block]]:
        """Blocks of each section: its sentences, then its tables and figures by their numbers."""
        found: dict[str, list[Block]] = defaultdict(list)
        for section, sentences in self._sentences().items():
            found[section] += [Paragraph(self.chapters["statements"]["title"], "lead")]
            found[section] += [Paragraph(sentence, "bullet") for sentence in sentences]
        tables = [row for row in _of(self.knowledge, "tables", ReportTable) if row.wave == self.wave.wave]
        lines = self._printed_lines()
        for table in sorted(tables, key=lambda row: (lines.get((row.source, row.number), 0), row.number, row.source)):
            found[table.section] += self._table(table)
        return found

    def _printed_lines(self) -> dict[tuple[str, int | None], int]:
        """Where each table and figure stands in print; nothing for a wave of which none was printed."""
        lines: dict[tuple[str, int | None], int] = {}
        for cell in _of(self.knowledge, "published_cells", PublishedCell):
            if cell.wave == self.wave.wave and cell.line is not None:
                place = (cell.source, cell.number)
                lines[place] = min(cell.line, lines.get(place, cell.line))
        return lines

    def _table(self, table: ReportTable) -> Iterator[Block]:
        name = f"{table.source}_{table.number:02d}"
        rows = self._read(f"tables/{name}")
        if not rows:
            return
        key = f"{table.source.capitalize()} {table.number}"
        caption = f"{key}: {table.title}"
        grid = self._grid(key, caption, rows)
        if table.source == "table":
            yield grid
            return
        yield _figure(
            key, caption, self.chapters, rows, is_stacked=table.row_axis in self.chapters["charts"]["stacked"]
        )
        yield Grid(
            key, self.chapters["table_of_figure"].format(label=key), grid.header, grid.rows, grid.notes, grid.numbers
        )

    def _grid(self, key: str, caption: str, rows: Sequence[Row]) -> Grid:
        """A report table as it is printed: one text a cell, with the base of each row where they differ."""
        row_labels = _labels(rows, "row")
        column_labels = _labels(rows, "column")
        synthetic = find_synthetic_note(rows)
        cells = {(_line(row), row["column_code"]): row for row in rows}
        lines = {_line(row): row for row in rows}
        bases = {line: {row["base_n"] for row in rows if _line(row) == line} for line in lines}
        has_bases = all(len(found) == 1 for found in bases.values()) and len({*map(tuple, bases.values())}) > 1
        body = []
        for line, first in lines.items():
            mark = f" {SYNTHETIC}" if synthetic == SOME_SYNTHETIC and first[IS_SYNTHETIC] else ""
            values = [_print(cells.get((line, code)), _measure(cells.get((line, code)))) for code in column_labels]
            base = [_print(first, "base_n")] if has_bases else []
            body.append((f"{row_labels[line]}{mark}", *values, *base))
        header = ["", *column_labels.values(), *([self.chapters["base_column"]] if has_bases else [])]
        if len(body) == 1 and len(column_labels) > 1:
            header, body = ["", body[0][0]], list(zip(header[1:], body[0][1:], strict=True))
        elif len(header) - 1 > _MOST_COLUMNS and len(body) < len(header) - 1:
            turned = list(zip(header, *body, strict=True))
            header, body = list(turned[0]), turned[1:]
        base = self.chapters["base"].format(bases="; ".join(tell_bases(rows, self.headings)))
        units = self.chapters["units"]
        told = " ".join(units[name] for name in sorted({_measure(row) for row in rows} & units.keys()))
        synthetic = synthetic if synthetic == SOME_SYNTHETIC else None
        notes = tuple(filter(None, (f"{base} {told}".rstrip(), find_merged_note(rows), synthetic)))
        return Grid(key, caption, tuple(header), tuple(body), notes, frozenset(range(1, len(header))))

    # Sentences.

    def _sentences(self) -> dict[str, list[str]]:
        """Sentences of each section, in the order of print; each measure once a section."""
        measures = {row.measure_id: row for row in _of(self.knowledge, "measures", Measure)}
        stated = {
            row.cell_id: row.measure_id
            for row in _of(self.knowledge, "statements", Statement)
            if row.wave == self.wave.wave and row.measure_id is not None
        }
        prose = [
            cell
            for cell in _of(self.knowledge, "published_cells", PublishedCell)
            if cell.wave == self.wave.wave and cell.source == "prose" and cell.cell_id in stated and cell.section
        ]
        numbers = self._measured(measures)
        found: dict[str, list[str]] = defaultdict(list)
        for cell in sorted(prose, key=lambda cell: (cell.line or 0, cell.cell_id)):
            measure = measures[str(stated[cell.cell_id])]
            if (number := numbers.get(measure.measure_id)) is None:
                continue
            sentence = self._sentence(measure, number)
            section = str(cell.section)
            if sentence not in found[section]:
                found[section].append(sentence)
        return {section: sentences for section, sentences in found.items() if sentences}

    def _sentence(self, measure: Measure, number: Row) -> str:
        words = self.chapters["statements"]["words"]
        told = {
            "label": measure.label,
            "n": _print(number, "n"),
            "base_n": _print(number, "base_n"),
            "share": _print(number, "share_pct"),
            "value": _print(number, "value"),
            "plain": _print(number, "value").replace(",", "" if abs(number.get("value") or 0) < _APART_FROM else ","),
        }
        return str(words.get(measure.statistic, words["other"])).format(**told)

    def _measured(self, measures: Mapping[str, Measure]) -> dict[str, Row]:
        """The number of each measure: of the release's own table where it has one, else the cell of the cube it is."""
        own = self._read("gaps/gap_measure")
        if own:
            return {
                row["measure_id"]: {**row, "share_pct": row["value"] if row["statistic"] == "share" else None}
                for row in own
                if row["value"] is not None
            }
        cube = {
            (row["cohort_code"], row["item_code"], row["choice_code"]): row
            for row in self._read("gaps/gap_cube")
            if row["dimension_code"] == ALL and row["n"] is not None
        }
        terms: dict[str, list[MeasureTerm]] = defaultdict(list)
        for term in _of(self.knowledge, "measure_terms", MeasureTerm):
            terms[term.measure_id].append(term)
        return {
            measure_id: cell
            for measure_id, measure in measures.items()
            if (cell := _cell_of(measure, terms[measure_id], cube)) is not None
        }

    # Chapters of gap tables.

    def _gap_section(self, gap: Mapping[str, Any], number: int) -> Iterator[Block]:
        rows = [
            row
            for row in self._read(f"gaps/{gap['table']}")
            if all(row[name] in allowed for name, allowed in gap.get("where", {}).items())
        ]
        if not rows and "otherwise" not in gap:
            return
        yield Heading(gap["title"], 1)
        if not rows:
            yield Paragraph(gap["otherwise"])
            return
        yield from (Paragraph(sentence) for sentence in gap["words"])
        rows = _sort(rows, gap)
        columns = {name: label for name, label in gap["columns"].items() if any(row[name] is not None for row in rows)}
        numbers = {name for name in columns if any(isinstance(row[name], int | float) for row in rows)}
        notes = []
        if gap.get("leaves_hidden_out"):
            told_rows = [row for row in rows if any(row[name] is not None for name in numbers)]
            if hidden_n := len(rows) - len(told_rows):
                notes.append(self.chapters["left_out"].format(rows=hidden_n))
            rows = told_rows
        shown = rows[: gap["most"]]
        if len(shown) < len(rows):
            told = {"shown": len(shown), "all": len(rows), "name": f"gaps/{gap['table']}"}
            notes.append(self.chapters["most"].format(**told))
        synthetic = find_synthetic_note(rows)
        notes += [synthetic] if synthetic == SOME_SYNTHETIC else []
        first = next(iter(columns))
        body = []
        for row in shown:
            mark = f" {SYNTHETIC}" if synthetic == SOME_SYNTHETIC and row[IS_SYNTHETIC] else ""
            cells = [self._tell(row, name, is_number=name in numbers) for name in columns]
            body.append((f"{cells[0]}{mark}" if first not in numbers else cells[0], *cells[1:]))
        places = frozenset(place for place, name in enumerate(columns) if name in numbers)
        caption = self.chapters["gap_caption"].format(number=number, title=gap["title"])
        yield Grid(gap["table"], caption, tuple(columns.values()), tuple(body), tuple(notes), places)

    def _tell(self, row: Row, name: str, *, is_number: bool) -> str:
        if is_number:
            return _print(row, name)
        value = row[name]
        if name.endswith("cohort_code"):
            return str(self.headings.cohorts.get(value, value or ""))
        return "" if value is None else str(value).replace("_", " ") if name.endswith("_code") else str(value)

    def _read(self, name: str) -> list[dict[str, Any]]:
        """Rows of a table of the release; none where it has no such table."""
        import pyarrow.parquet as pq

        path = self.folder / f"{name}.parquet"
        found: list[dict[str, Any]] = pq.read_table(path).to_pylist() if path.exists() else []
        return found


def print_number(value: float | None) -> str:
    """A number as it is printed: whole where it is whole, else one decimal, half rounded up; empty for none."""
    if value is None:
        return ""
    rounded = Decimal(str(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{rounded:,.0f}" if isinstance(value, int) or value == int(value) else f"{rounded:,.1f}"


def _of(knowledge: Knowledge, name: str, model: type[Any]) -> Iterator[Any]:
    return (row for row in knowledge.rows[name] if isinstance(row, model))


def _print(row: Row | None, name: str) -> str:
    """A number of a row with its mark; of a hidden one the mark alone."""
    if row is None:
        return ""
    value = row.get(name)
    if value is None:
        return HIDDEN if row.get(OBS_STATUS) == SUPPRESSED else ""
    is_unreliable = row.get(OBS_STATUS) == LOW_RELIABILITY and not name.endswith("base_n")
    return f"{print_number(value)} {UNRELIABLE}" if is_unreliable else print_number(value)


def _measure(row: Row | None) -> str:
    """The column that has the number which a cell of a report table shows."""
    return _SHOWN.get(row["measure_code"], "value") if row is not None else "value"


def _line(row: Row) -> tuple[str, str]:
    return row["cohort_code"], row["row_code"]


def _labels(rows: Iterable[Row], axis: str) -> dict[Any, str]:
    if axis == "column":
        return {row["column_code"]: row["column_label"] or "" for row in rows}
    return {_line(row): row["row_label"] or "" for row in rows}


def _figure(key: str, caption: str, chapters: Mapping[str, Any], rows: Sequence[Row], *, is_stacked: bool) -> Figure:
    if drawn := [row for row in rows if row["measure_code"] == chapters["charts"]["statistic"]]:
        rows, is_stacked = drawn, False
    row_labels, columns = _labels(rows, "row"), _labels(rows, "column")
    cells = {(_line(row), row["column_code"]): row for row in rows}
    values = tuple(
        tuple(cell.get(_measure(cell)) if (cell := cells.get((line, code))) else None for code in columns)
        for line in row_labels
    )
    measures = {_measure(row) for row in rows}
    return Figure(
        key=key,
        caption=caption,
        alternative=chapters["alternative"].format(caption=caption),
        rows=tuple(row_labels.values()),
        columns=tuple(columns.values()),
        values=values,
        unit="%" if measures == {"share_pct"} else "n" if measures == {"n"} else "",
        is_stacked=is_stacked and len(row_labels) > 1,
        has_levels={str(code) for code in columns} & _LEVELS == _LEVELS,
    )


def _cell_of(
    measure: Measure, terms: Sequence[MeasureTerm], cube: Mapping[tuple[str | None, str, str], Row]
) -> Row | None:
    """The cell of the cube that a measure is: of one choice, with the base that the measure asks for."""
    if len(terms) != 1 or terms[0].part != "numerator" or not terms[0].is_chosen:
        return None
    cell = cube.get((measure.cohort_code, terms[0].item_code, terms[0].choice_code))
    if cell is None or measure.statistic not in _SHOWN:
        return None
    base = cell["answered_n"] if measure.base_rule == "answered" else cell["members_n"]
    return cell if cell["base_n"] == base else None


def _sort(rows: Sequence[dict[str, Any]], gap: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows by the reviewed order of codes, then by columns; what is not known stands last."""
    found = list(rows)
    for name in reversed(gap["order"]):
        column, is_down = name.removeprefix("-"), name.startswith("-")
        known = sorted((row for row in found if row[column] is not None), key=lambda row: row[column], reverse=is_down)
        found = [*known, *(row for row in found if row[column] is None)]
    for column, codes in gap.get("ranked", {}).items():
        places = {code: place for place, code in enumerate(codes)}
        found.sort(key=lambda row: places.get(row[column], len(places)))
    return found


def _parents(section: str) -> Iterator[str]:
    parts = section.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))
