"""Records of CSV text, read so that no value can shift from one row or column to another.

Not here: headers and arity (strict_csv.py), what columns mean.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Below this width a line of prose with a few commas looks like a row of its own.
MIN_WIDTH_OF_SWALLOWED_ROWS = 4


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

    def take(self, lines_n: int) -> list[str]:
        """Hand out lines and let go of them; the one behind them is the next."""
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
            raw_lines = lines.take(lines.at)
            yield Record(line, fields, "".join(raw_lines))
            line += len(raw_lines)
            continue
        (raw,) = lines.take(1)
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
