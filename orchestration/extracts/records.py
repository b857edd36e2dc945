"""Records of delimited text of any size, in a bounded part of the memory.

Here: which bytes are a record. A stretch of text in which every record is plainly regular is cut by its bytes and read
as columns in one go; whatever is not goes record by record through `tabular.records_of_lines`, with the same result as
if all of the text had. Not here: what becomes of a record that is no row (delimited.py), encodings (encoding.py).

Regular is a stretch that begins at the begin of a record, in which each quotation mark opens a field, closes one or is
doubled within one, each record has as many fields as the header, none is blank or the header again, no carriage return
stands without a line feed, none holds a mark of damage, and no quoted text could be rows that a stray quotation mark
has swallowed.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from orchestration.common.csv_records import MIN_WIDTH_OF_SWALLOWED_ROWS, Record, physical_lines, records_of_lines
from orchestration.extracts.encoding import DAMAGE
from orchestration.extracts.limits import beyond
from orchestration.settings import ReadingLimits

Integers = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

# Text is looked at in pieces of this size. Where a record is not regular, a stretch is read record by record; pieces
# are small after it, and grow again.
BLOCK_SIZE = 1 << 23
STRETCH = 1 << 15
AFTER_DAMAGE = 1 << 18
# So many signs that part or quote fields are looked at in one go: each costs some tens of bytes.
SIGNS_A_PIECE = 1 << 21
# Below this many records, at least 2, the way by columns is not the faster one.
FEWEST_RECORDS = 200

_LINE_FEED, _RETURN, _QUOTE = b'\n\r"'
_DAMAGE = DAMAGE.encode()
_ONE_LINE = ("\n", "\r\n")


class Text:
    """Valid UTF-8 that is used up from its begin and fetched block by block; `line` is the number of the next line.

    `file` and `limits` are for a row that is longer than one may be: reading its lines raises ExtractError.
    """

    def __init__(self, blocks: Iterator[bytes], file: str = "", limits: ReadingLimits | None = None) -> None:
        self._file = file
        self._row_size = (limits or ReadingLimits()).row_size
        self._blocks = blocks
        self._buffer = b""
        self._base = self._at = 0
        self.is_ended = False
        self.line = 1

    @property
    def used(self) -> int:
        """How many bytes have been used."""
        return self._at

    @property
    def ahead(self) -> memoryview:
        """What has been fetched and not been used."""
        return memoryview(self._buffer)[self._at - self._base :]

    def fetch(self, size: int) -> None:
        """Fetch until at least so many bytes are ahead, or the text ends."""
        while len(self._buffer) - (self._at - self._base) < size and self._fetch_block():
            pass

    def _fetch_block(self) -> bool:
        block = None if self.is_ended else next(self._blocks, None)
        if block is None:
            self.is_ended = True
            return False
        self._buffer = b"".join((self.ahead, block))
        self._base = self._at
        return True

    def use(self, size: int, lines_n: int) -> None:
        """Go on by so many bytes, which are so many lines."""
        self._at += size
        self.line += lines_n

    def damage_ahead(self, size: int) -> int | None:
        """How far ahead, within so many bytes, a mark of damage stands."""
        at = self._at - self._base
        found = self._buffer.find(_DAMAGE, at, at + size)
        return None if found < 0 else found - at

    def _check_row(self, at: int) -> None:
        """Refuse a row that reaches from what has been used to here."""
        if at - self._at > self._row_size:
            reason = f"a row does not end within {self._row_size:,} bytes"
            raise beyond(self._file, reason, "row_size", row=self.line)

    def lines(self) -> Iterator[str]:
        """The lines from here on, fetched as they are asked for; going on does not move them."""
        at = self._at
        while True:
            end = self._buffer.find(b"\n", at - self._base + STRETCH) + 1
            if not end and not self.is_ended:
                # A line may go on in what has not been fetched.
                end = self._buffer.rfind(b"\n", at - self._base) + 1
                if not end:
                    self._check_row(self._base + len(self._buffer))
                    self._fetch_block()
                    continue
            piece = self._buffer[at - self._base : end or None]
            if not piece:
                return
            # A piece is a stretch and what its last row has beyond it.
            self._check_row(at + len(piece) - STRETCH)
            at += len(piece)
            yield from physical_lines(piece.decode())


@dataclass(frozen=True)
class Rows:
    """Regular rows: the line of each, the columns asked for as dictionaries of text, and all fields of any row."""

    lines: Integers
    columns: Mapping[int, pa.DictionaryArray]
    fields: Callable[[int], tuple[str, ...]]

    def first(self, n: int) -> Rows:
        """The first rows alone."""
        return Rows(self.lines[:n], {column: cells[:n] for column, cells in self.columns.items()}, self.fields)


@dataclass(frozen=True)
class Shape:
    """What a record of a file has to look like: the header's fields, and which columns are read of it."""

    delimiter: str
    header: tuple[str, ...]
    columns: Collection[int]

    @property
    def width(self) -> int:
        """The number of fields."""
        return len(self.header)


def first_record(text: Text, delimiter: str) -> Record | None:
    """The first record of a text, used up; None if the text is empty."""
    record = next(records_of_lines(text.lines(), delimiter), None)
    if record is not None:
        _use(text, record)
    return record


def is_blank_to_its_end(text: Text, delimiter: str) -> bool:
    """Whether a text has but blank records; what has been looked at is used up."""
    for record in records_of_lines(text.lines(), delimiter):
        _use(text, record)
        if not record.is_blank:
            return False
    return True


Found = Rows | list[Record]


def body(text: Text, shape: Shape) -> Iterator[Found]:
    """The records that follow, in order; while some are used, the next are made ready.

    Next to rows handed over by columns stands no record that has a single field of several, and none that is blank.
    """
    found = _find(text, shape)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, found, None)
        while (ready := coming.result()) is not None:
            coming = beside.submit(next, found, None)
            yield ready


def _find(text: Text, shape: Shape) -> Iterator[Found]:
    size = BLOCK_SIZE
    while True:
        text.fetch(size)
        seen = min(size, len(text.ahead))
        if not seen:
            return
        seen = min(seen, seen * SIGNS_A_PIECE // max(1, _signs_n(text.ahead[:seen], shape)))
        rows, used = _regular(text, shape, seen)
        if rows is not None:
            text.use(used, int(rows.lines[-1]) - text.line)
            yield rows.first(len(rows.lines) - 1)
        if rows is None or seen - used > STRETCH:
            yield from _one_by_one(text, shape)
            size = min(BLOCK_SIZE, AFTER_DAMAGE)
        elif text.is_ended and len(text.ahead) == seen - used:
            yield from _one_by_one(text, shape)
        else:
            size = min(BLOCK_SIZE, 4 * size)


def _signs_n(data: memoryview, shape: Shape) -> int:
    raw = np.frombuffer(data, np.uint8)
    return sum(int(np.count_nonzero(raw == sign)) for sign in (ord(shape.delimiter) & 0xFF, _LINE_FEED, _QUOTE))


def _one_by_one(text: Text, shape: Shape) -> Iterator[list[Record]]:
    """The records of a stretch, and on until one that is a whole row."""
    used, records = 0, []
    for record in records_of_lines(text.lines(), shape.delimiter, shape.width, text.line):
        used += _use(text, record)
        records.append(record)
        if used >= STRETCH:
            yield records
            used, records = 0, []
            if not record.is_blank and not is_fragment(record, shape.width):
                return
    yield records


def is_fragment(record: Record, width: int) -> bool:
    """Whether a record may be a piece of a row that a line break has cut: a single field where rows have several."""
    return record.fault is None and len(record.fields) == 1 and width > 1


def _use(text: Text, record: Record) -> int:
    raw = record.raw
    size = len(raw) if raw.isascii() else len(raw.encode())
    text.use(size, 1 if raw in _ONE_LINE else sum(1 for _ in physical_lines(raw)))
    return size


def _regular(text: Text, shape: Shape, seen: int) -> tuple[Rows | None, int]:
    """The regular rows at the begin of so many bytes ahead, and the size of all but the last of them.

    The last is for whom comes next: were it followed by a piece of a row, it might be the other piece.
    """
    ahead = text.ahead[:seen]
    # Arrow would take the mark for that of a file.
    if not shape.delimiter.isascii() or bytes(ahead[:3]) == codecs.BOM_UTF8:
        return None, 0
    ends, breaks = _regular_ends(ahead, shape, text.damage_ahead(seen))
    if len(ends) < FEWEST_RECORDS:
        return None, 0
    rows = _columns(ahead, ends, breaks + text.line, shape)
    n = 0 if rows is None else _plain_rows_n(rows, shape)
    if rows is None or n < FEWEST_RECORDS:
        return None, 0
    return rows.first(n), int(ends[n - 2])


def _regular_ends(data: memoryview, shape: Shape, damage: int | None) -> tuple[Integers, Integers]:
    """Where each regular record ends, up to the first that is not, and how many lines lie before it."""
    raw = np.frombuffer(data, np.uint8)
    delimiter = ord(shape.delimiter)
    at = np.flatnonzero((raw == delimiter) | (raw == _LINE_FEED) | (raw == _QUOTE) | (raw == _RETURN))
    kind = raw[at]
    is_quote, is_feed = kind == _QUOTE, kind == _LINE_FEED
    is_quoted = np.logical_xor.accumulate(is_quote)
    ends_field = np.flatnonzero(~is_quoted & ~is_quote & (kind != _RETURN))
    is_end = is_feed[ends_field]
    ends_record = ends_field[is_end]
    ends = at[ends_record] + 1

    regular_n = _regular_widths_n(is_end, shape.width)
    for bad in (_first_bad(raw, at, kind, is_quote, is_quoted, delimiter), damage):
        if bad is not None:
            regular_n = min(regular_n, int(np.searchsorted(ends, bad, "right")))
    ends, ends_record = ends[:regular_n], ends_record[:regular_n]
    lines_n = np.searchsorted(np.flatnonzero(is_feed), ends_record, "right")
    wrong = _too_long(at[ends_field], ends)
    if shape.width >= MIN_WIDTH_OF_SWALLOWED_ROWS and regular_n and lines_n[-1] > regular_n:
        delimiters_n = np.searchsorted(np.flatnonzero(kind == delimiter), ends_record, "right")
        wrong |= _may_hold_rows(delimiters_n, lines_n, shape.width)
    if wrong.any():
        regular_n = int(np.argmax(wrong))
    return ends[:regular_n], np.concatenate(([0], lines_n))[:regular_n]


def _regular_widths_n(is_end: Flags, width: int) -> int:
    """How many records from the first on have `width` fields, by which ends of fields are ends of records."""
    ends = np.flatnonzero(is_end)
    is_wrong = ends != np.arange(1, len(ends) + 1) * width - 1
    return int(np.argmax(is_wrong)) if is_wrong.any() else len(ends)


def _first_bad(raw: Any, at: Integers, kind: Any, is_quote: Flags, is_quoted: Flags, delimiter: int) -> int | None:
    """The place of the first quotation mark that does not belong where it is, or carriage return without line feed."""
    quotes = at[is_quote]
    opens = is_quoted[is_quote]
    before = raw[quotes - 1]
    if len(quotes) and quotes[0] == 0:
        before[0] = _LINE_FEED
    after = raw[np.minimum(quotes + 1, len(raw) - 1)]
    beside = np.where(opens, before, after)
    is_well = (beside == delimiter) | (beside == _LINE_FEED) | (beside == _QUOTE) | ((beside == _RETURN) & ~opens)
    returns = at[kind == _RETURN]
    is_lone = raw[np.minimum(returns + 1, len(raw) - 1)] != _LINE_FEED
    bad = [int(places[0]) for places in (quotes[~is_well], returns[is_lone]) if len(places)]
    return min(bad, default=None)


def _too_long(ends_of_fields: Integers, ends: Integers) -> Flags:
    """Which records hold a field that Python's reader would refuse, or may hold one."""
    lengths = np.diff(ends_of_fields, prepend=-1)
    places = ends_of_fields[lengths > csv.field_size_limit()]
    is_long = np.zeros(len(ends), bool)
    owners = np.searchsorted(ends, places, "right")
    is_long[owners[owners < len(ends)]] = True
    return is_long


def _may_hold_rows(delimiters_n: Integers, lines_n: Integers, width: int) -> Flags:
    """Which records have as many delimiters as whole rows over their lines would; both are counted from the first."""
    lines = np.diff(lines_n, prepend=0)
    delimiters = np.diff(delimiters_n, prepend=0)
    may_hold: Flags = (lines > 1) & (delimiters == lines * (width - 1))
    return may_hold


def _columns(data: memoryview, ends: Integers, lines: Integers, shape: Shape) -> Rows | None:
    """The records as columns; None should Arrow see other records than we do."""
    size = int(ends[-1])
    names = [str(column) for column in range(shape.width)]
    text = pa.dictionary(pa.int32(), pa.string())
    wanted = sorted(shape.columns)
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(pa.py_buffer(data[:size])),
            pyarrow.csv.ReadOptions(column_names=names, block_size=size + 1),
            pyarrow.csv.ParseOptions(delimiter=shape.delimiter, newlines_in_values=True, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, text),
                include_columns=[names[column] for column in wanted],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(ends):
        return None
    cells = {column: table.column(index).unify_dictionaries().combine_chunks() for index, column in enumerate(wanted)}

    def fields(row: int) -> tuple[str, ...]:
        start = int(ends[row - 1]) if row else 0
        raw = bytes(data[start : int(ends[row])]).decode()
        return tuple(next(csv.reader(physical_lines(raw), delimiter=shape.delimiter, strict=True)))

    return Rows(lines, cells, fields)


def _plain_rows_n(rows: Rows, shape: Shape) -> int:
    """How many rows come before the first that is blank or the header again, by a look at one column."""
    column = min(shape.columns)
    cells = rows.columns[column]
    texts = cells.dictionary
    is_suspect = pc.or_(pc.equal(pc.utf8_trim_whitespace(texts), ""), pc.equal(texts, shape.header[column]))
    suspects = np.flatnonzero(is_suspect.to_numpy(zero_copy_only=False)[cells.indices.to_numpy()])
    for row in map(int, suspects):
        fields = rows.fields(row)
        if fields == shape.header or not any(field.strip() for field in fields):
            return row
    return len(rows.lines)
