"""Reader of plain delimited text: one header row, one row a response.

Encoding and delimiter are those of round.yml, else detected and told. Here: which records are rows that can be trusted,
and which delimiter parts the header. Not here: encodings and records (extracts/), values (common/values.py), the
header's labels (headings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from orchestration.common.csv_records import Record, csv_records
from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Fault
from orchestration.extracts.encoding import encoding_of, head_of, utf8_blocks
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import kind_of
from orchestration.extracts.parts import Part
from orchestration.extracts.records import Rows, Shape, Text, body, first_record, is_fragment
from orchestration.readers.headings import Heading, Spelling, known_headers, match_headings
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import EMPTY_ROW, Harvest, Layout, layout_of
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook

# Fewer rows wait for those that follow.
ROWS_A_CHUNK = 5_000
DELIMITERS = (",", ";", "\t", "|")
_EXPORT_AGAIN = "export it again and replace the file"

REPEATED_HEADER = Fault(
    "repeated_header",
    "the row is the header again: several exports may have been put together",
    "deliver one export of the whole round",
)
BESIDE_FRAGMENT = Fault(
    "beside_broken_row",
    "a row of a single field stands next to this row: a line break may have cut a field of it",
    "join the broken lines at their source, or delete the line that is no row",
)

# Whether a header is one of the codebook's.
IsKnown = Callable[[str], bool]
# The layout of a file by its header, and the remedy where no header is known.
LayoutOf = Callable[[Record, str | None], Layout]


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read delimited text files. Raises ExtractError for a file that cannot be trusted as a whole."""
    harvest = Harvest(codebook, card)
    known = known_headers(codebook, Spelling())
    for part in parts:
        layout = partial(_layout, part, codebook)
        yield from take_file(part, card, harvest, lambda header: clean_label(header) in known, layout)
    yield harvest.finish()


def take_file(
    part: Part, card: RoundCard, harvest: Harvest, is_known: IsKnown, layout_by: LayoutOf
) -> Iterator[ReadResult]:
    """Take the rows of a file, a block of rows at a time; those that cannot be trusted are rejected, none is shifted.

    Raises ExtractError for a file that cannot be trusted as a whole.
    """
    _check_kind(part)
    encoding = encoding_of(part, card, lambda text: max(_known_n(text, other, is_known) for other in DELIMITERS))
    delimiter = card.delimiter or _delimiter_of(part, head_of(part, encoding), is_known)
    _note_detected(part, card, encoding, delimiter, harvest)
    text = Text(utf8_blocks(part, encoding))
    header = _header(part, text, delimiter)
    harvest.begin(layout_by(header, _delimiter_hint(header, delimiter)))
    shape = Shape(delimiter, header.fields, harvest.columns)
    taker, handed_over_n = _Taker(harvest, shape), 0
    for found in body(text, shape):
        taker.take(found)
        if taker.taken_n - handed_over_n >= ROWS_A_CHUNK:
            handed_over_n = taker.taken_n
            yield harvest.flush()
    taker.end()
    if not taker.taken_n:
        raise ExtractError([Problem(part.shown, "the file has a header, but no response", _EXPORT_AGAIN, row=1)])
    yield harvest.flush()


def _check_kind(part: Part) -> None:
    with part.open() as file:
        head = file.read(1 << 12)
    kind = kind_of(part.read() if head.startswith(b"PK\x03\x04") else head)
    if kind is not None:
        remedy = "export the responses as CSV, or set the platform of this file in round.yml"
        raise ExtractError([Problem(part.shown, f"not delimited text as its platform says, but {kind}", remedy)])


def _first_fields(text: str, delimiter: str) -> tuple[str, ...]:
    header = next(csv_records(text, delimiter), None)
    return header.fields if header else ()


def _known_n(text: str, delimiter: str, is_known: IsKnown) -> int:
    """How many fields of a text's first record are headers of the codebook."""
    return sum(map(is_known, _first_fields(text, delimiter)))


def _note_detected(part: Part, card: RoundCard, encoding: str, delimiter: str, harvest: Harvest) -> None:
    written = {"encoding": encoding, "delimiter": '"\\t"' if delimiter == "\t" else f'"{delimiter}"'}
    found = [f"`{name}: {value}`" for name, value in written.items() if not getattr(card, name)]
    if found:
        harvest.note(f"{part.name}: detected {' and '.join(found)}: say so in round.yml to be sure")


def _delimiter_of(part: Part, head: str, is_known: IsKnown) -> str:
    """The delimiter that makes most known headers. Raises ExtractError where several do."""
    counts = {delimiter: _known_n(head, delimiter, is_known) for delimiter in DELIMITERS}
    most = max(counts.values())
    best = [delimiter for delimiter in DELIMITERS if counts[delimiter] == most]
    if most and len({_first_fields(head, delimiter) for delimiter in best}) > 1:
        found = " or ".join(map(repr, best))
        reason = f"the delimiter cannot be told: {found} make {most} known headers each"
        raise ExtractError([Problem(part.shown, reason, "write `delimiter` in round.yml", row=1)])
    return best[0]


def _header(part: Part, text: Text, delimiter: str) -> Record:
    header = first_record(text, delimiter)
    if header is None or (header.is_blank and not _has_more(text, delimiter)):
        raise ExtractError([Problem(part.shown, "the file is empty", _EXPORT_AGAIN, row=1)])
    if header.fault is not None or header.is_blank:
        reason = f"no header here: {header.fault or 'the row is empty'}"
        remedy = _delimiter_hint(header, delimiter) or "put the labels of the questions into the first row"
        raise ExtractError([Problem(part.shown, reason, remedy, row=header.line)])
    return header


def _has_more(text: Text, delimiter: str) -> bool:
    """Whether anything but blank records follows."""
    record = first_record(text, delimiter)
    while record is not None and record.is_blank:
        record = first_record(text, delimiter)
    return record is not None


def _layout(part: Part, codebook: Codebook, header: Record, hint: str | None) -> Layout:
    headings = tuple(
        Heading(part.shown, None, header.line, column, clean_label(field))
        for column, field in enumerate(header.fields, 1)
    )
    placed = match_headings(
        headings,
        codebook,
        if_none=hint or "export the file with a header row in the language of the codebook",
        if_missing="export the file with all questions in the language of the codebook",
    )
    return layout_of(part, headings, placed)


def _delimiter_hint(header: Record, delimiter: str) -> str | None:
    counts = {other: header.raw.count(other) for other in DELIMITERS if other != delimiter}
    best = max(counts, key=lambda other: counts[other])
    if len(header.fields) > 1 or not counts[best]:
        return None
    seen = f"the row has {counts[best]} of them and no {delimiter!r}"
    return f"write `delimiter: {best!r}` in round.yml: {seen}"


class _Taker:
    """Hands what follows the header to the harvest.

    A line break inside a row leaves pieces of k and n + 1 - k fields; only with a piece of one field does the other
    still have the right width, so that nothing else would show the cut. So a record waits until it is known what
    follows; blank ones, which end a file or stand between rows, wait too.
    """

    def __init__(self, harvest: Harvest, shape: Shape) -> None:
        self._harvest = harvest
        self._shape = shape
        self._waiting: Record | None = None
        self._is_beside = False
        self._blank: list[Record] = []
        self.taken_n = 0

    def take(self, found: Rows | list[Record]) -> None:
        """Take the next records, or rows none of which is beside a piece of a row."""
        if isinstance(found, Rows):
            self._go_on()
            self._harvest.take_columns(found.lines, found.columns, found.fields)
            self.taken_n += len(found.lines)
            return
        for record in found:
            self._take_record(record)

    def _take_record(self, record: Record) -> None:
        if record.is_blank:
            self._blank.append(record)
            return
        is_piece = is_fragment(record, self._shape.width)
        follows_piece = self._waiting is not None and is_fragment(self._waiting, self._shape.width)
        self._is_beside = self._is_beside or is_piece
        self._go_on()
        self._waiting, self._is_beside = record, follows_piece
        self.taken_n += 1

    def _go_on(self) -> None:
        self.end()
        for record in self._blank:
            self._harvest.reject(record.line, EMPTY_ROW, "{}")
        self._blank = []

    def end(self) -> None:
        """Nothing follows: blank records are no rows."""
        if self._waiting is not None:
            self._hand_over(self._waiting, self._is_beside)
        self._waiting = None

    def _hand_over(self, record: Record, is_beside: bool) -> None:
        harvest, fields, line = self._harvest, record.fields, record.line
        if record.fault is not None:
            fault = Fault("not_csv", record.fault, "correct the quotation marks of the row at its source")
            harvest.take_broken(line, fault, record.raw, ())
        elif len(fields) != self._shape.width:
            reason = f"the row has {len(fields)} fields, the header {self._shape.width}"
            fault = Fault("wrong_field_count", reason, "quote fields that hold the delimiter or a line break")
            harvest.take_broken(line, fault, record.raw, fields)
        elif fields == self._shape.header:
            harvest.take_untrusted(line, fields, REPEATED_HEADER)
        elif is_beside:
            harvest.take_untrusted(line, fields, BESIDE_FRAGMENT)
        else:
            harvest.take(line, fields)
