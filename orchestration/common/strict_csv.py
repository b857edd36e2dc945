"""Small tables of the seeds as CSV text, read so that no value can shift, and written as they are read.

Here: header and arity checks. Not here: records of CSV (csv_records.py), what columns mean (rounds/, knowledge/), the
extracts of survey platforms (readers/), the CSV that leaves the warehouse (csv_output.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.common.csv_records import Record, csv_records
from orchestration.common.problems import FileProblemsError, Problem, nearest, shown_path


class TableError(FileProblemsError):
    """A text table that is not the strict CSV it has to be."""


def read_csv_strict(
    path: Path, columns: Sequence[str] | None = None, optional: re.Pattern[str] | None = None
) -> list[tuple[int, dict[str, str]]]:
    """Read a small UTF-8 CSV with a header row as a list of (line number, row by column).

    `columns` are the columns that it must have, in any order, and no others but those that `optional` matches. Blank
    lines at the end are no rows. Raises TableError that lists every problem at once.
    """
    file = shown_path(path)
    records = list(csv_records(_decode(path, file)))
    while records and records[-1].is_blank:
        records.pop()
    if not records:
        raise TableError([Problem(file, "the file is empty", "write at least its header row", row=1)])
    header, body = records[0], records[1:]
    _check_header(file, header, columns, optional)
    if problems := list(_record_problems(file, header, body)):
        raise TableError(problems)
    return [(record.line, dict(zip(header.fields, record.fields, strict=True))) for record in body]


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, has_header: bool = True) -> str:
    """Rows as CSV text; what a row does not have in one of the columns is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore", lineterminator="\n")
    if has_header:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _decode(path: Path, file: str) -> str:
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
    found = [
        (name, f"the column stands {n} times in the header", "remove or rename the repetition")
        for name, n in Counter(header.fields).items()
        if n > 1
    ]
    if columns is not None:
        extra = [name for name in header.fields if name not in columns and not (optional and optional.fullmatch(name))]
        missing = [name for name in columns if name not in header.fields]
        found += [(name, "the column is missing", f"add it{_if_misspelt(name, extra)}") for name in missing]
        found += [(repr(name), "no such column is known", f"remove it{_if_misspelt(name, missing)}") for name in extra]
    if found:
        raise TableError(Problem(file, reason, remedy, row=1, column=name) for name, reason, remedy in found)


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
