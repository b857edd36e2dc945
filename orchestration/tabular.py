"""Tables as text, read so that no value can shift, and the one form in which a problem in a file is told.

Here: records of strict CSV, header and arity checks, nearest names, `Problem`. Not here: what columns mean
(codebook.py, knowledge.py) and the extracts of survey platforms (readers/).
"""

from __future__ import annotations

import csv
import difflib
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Below this width a line of prose with a few commas looks like a row of its own.
MIN_WIDTH_OF_SWALLOWED_ROWS = 4
MAX_PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One fault of a file: where it is, what it is and what to do about it."""

    file: str
    reason: str
    remedy: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet is not None:
            place.append(f"sheet {self.sheet}")
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.reason}. To do: {self.remedy}."


class FileProblemsError(ValueError):
    """A file that cannot be used; `problems` holds every fault found, the message names each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:MAX_PROBLEMS_SHOWN]]
        hidden = len(self.problems) - len(shown)
        if hidden:
            shown.append(f"... and {hidden} more of the kind.")
        super().__init__("\n".join(shown))


class TableError(FileProblemsError):
    """A text table that is not the strict CSV it has to be."""


@dataclass(frozen=True)
class Record:
    """One record of a CSV text: its first line, its fields, its raw text and, if it is damaged, how."""

    line: int
    fields: tuple[str, ...]
    raw: str
    fault: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the record says nothing: an empty line, or only empty fields."""
        return self.fault is None and not any(field.strip() for field in self.fields)


class _Lines:
    """Physical lines as an iterator that can be set back to the line after the first that is kept."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = iter(lines)
        self.kept: list[str] = []
        self.at = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at == len(self.kept):
            self.kept.append(next(self._source))
        self.at += 1
        return self.kept[self.at - 1]

    def has_more(self) -> bool:
        if self.at == len(self.kept):
            self.kept.extend(itertools.islice(self._source, 1))
        return self.at < len(self.kept)

    def used(self, lines_n: int) -> list[str]:
        """Let go of lines; the one behind them is the next."""
        used, self.kept, self.at = self.kept[:lines_n], self.kept[lines_n:], 0
        return used


def physical_lines(text: str) -> Iterator[str]:
    """The lines of a text with their ends: a line feed, a carriage return or both."""
    return io.StringIO(text, newline="")


def csv_records(text: str, delimiter: str = ",") -> Iterator[Record]:
    """Yield the records of a CSV text; see `records_of_lines`."""
    return records_of_lines(physical_lines(text), delimiter)


def records_of_lines(
    physical: Iterable[str], delimiter: str = ",", width: int = 0, first_line: int = 1
) -> Iterator[Record]:
    """Yield the records of CSV lines, damaged ones with their fault instead of their fields.

    Python's strict reader still lets a stray quote merge rows, so a quote inside an unquoted field and a
    quoted text that holds whole rows are faults too. After a fault reading goes on with the next physical
    line: a quote that is never closed costs one row, not the rest of the file. `width` is the number of fields of a
    row; by default the first record tells. The `raw` texts of all records are the whole text.
    """
    lines = _Lines(physical)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = first_line
    while lines.has_more():
        fields: tuple[str, ...] = ()
        try:
            fields = tuple(next(reader))
            fault = _fault_of(fields, lines.kept[: lines.at], delimiter, width)
        except csv.Error as error:
            fault = str(error)
        if fault is None:
            width = width or len(fields)
            raw_lines = lines.used(lines.at)
            yield Record(line, fields, "".join(raw_lines))
            line += len(raw_lines)
            continue
        (raw,) = lines.used(1)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield Record(line, (), raw, fault)
        line += 1


def _fault_of(fields: Sequence[str], raw_lines: Sequence[str], delimiter: str, width: int) -> str | None:
    raw = "".join(raw_lines)
    for field in fields:
        if '"' in field and '"' + field.replace('"', '""') + '"' not in raw:
            return "a quotation mark stands inside a field that is not quoted"
    looks_like_rows = (
        len(raw_lines) > 1
        and width >= MIN_WIDTH_OF_SWALLOWED_ROWS
        and all(line.count(delimiter) == width - 1 for line in raw_lines)
    )
    if looks_like_rows:
        return f"a quoted text runs over {len(raw_lines)} lines that each look like a row of their own"
    return None


def read_csv_strict(
    path: Path, columns: Sequence[str] | None = None, optional: re.Pattern[str] | None = None
) -> list[tuple[int, dict[str, str]]]:
    """Read a small UTF-8 CSV with a header row as a list of (line number, row by column).

    `columns` are the columns that it must have, in any order, and no others but those that `optional` matches. Blank
    lines at the end are no rows. Raises TableError that lists every problem at once.
    """
    file = shown_path(path)
    records = list(csv_records(_decoded(path, file)))
    while records and records[-1].is_blank:
        records.pop()
    if not records:
        raise TableError([Problem(file, "the file is empty", "write at least its header row", row=1)])
    header, body = records[0], records[1:]
    _check_header(file, header, columns, optional)
    problems = list(_record_problems(file, header, body))
    if problems:
        raise TableError(problems)
    return [(record.line, dict(zip(header.fields, record.fields, strict=True))) for record in body]


def _decoded(path: Path, file: str) -> str:
    try:
        return path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except FileNotFoundError as error:
        raise TableError([Problem(file, "the file is missing", "add it, with at least its header row")]) from error
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        reason = f"not UTF-8 text: byte 0x{error.object[error.start]:02x} at offset {error.start}"
        raise TableError([Problem(file, reason, "save the file as UTF-8", row=row)]) from error


def _check_header(file: str, header: Record, columns: Sequence[str] | None, optional: re.Pattern[str] | None) -> None:
    if header.fault is not None:
        raise TableError([Problem(file, f"the header is not CSV: {header.fault}", "correct the header row", row=1)])
    problems = [
        Problem(
            file,
            f"the column stands {n} times in the header",
            "remove or rename the repetition",
            None,
            1,
            name,
        )
        for name, n in Counter(header.fields).items()
        if n > 1
    ]
    if columns is not None:
        extra = [name for name in header.fields if name not in columns and not (optional and optional.fullmatch(name))]
        missing = [name for name in columns if name not in header.fields]
        problems += [
            Problem(file, "the column is missing", f"add it{_if_misspelt(name, extra)}", None, 1, name)
            for name in missing
        ]
        problems += [
            Problem(
                file,
                "no such column is known",
                f"remove it{_if_misspelt(name, missing)}",
                None,
                1,
                repr(name),
            )
            for name in extra
        ]
    if problems:
        raise TableError(problems)


def _if_misspelt(name: str, others: Sequence[str]) -> str:
    near = nearest(name, others)
    return f", or correct the spelling: {near!r} is near" if near else ""


def _record_problems(file: str, header: Record, body: Iterable[Record]) -> Iterator[Problem]:
    width = len(header.fields)
    for record in body:
        if record.fault is not None:
            yield Problem(file, f"the row is not CSV: {record.fault}", "correct its quotation marks", row=record.line)
        elif len(record.fields) != width:
            reason = f"the row has {len(record.fields)} fields, the header {width}"
            yield Problem(file, reason, "quote fields that contain a comma", row=record.line)


def nearest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The candidate most like a name, or None if none is."""
    found = difflib.get_close_matches(name, list(candidates), n=1, cutoff=cutoff)
    return found[0] if found else None


def shown_path(path: Path) -> str:
    """A path as messages show it: relative to the working directory where it lies below it."""
    absolute = path.absolute()
    base = Path.cwd()
    return str(absolute.relative_to(base)) if absolute.is_relative_to(base) else str(path)
