"""Reader of plain delimited text: one header row, one row a response.

UTF-8 and commas, unless `encoding` and `delimiter` of round.yml say otherwise. Here: bytes → text → records,
and which records cannot be trusted. Not here: values (cells.py), the header's labels (headings.py).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

from orchestration.codebook import Codebook, RoundCard
from orchestration.extracts import Part
from orchestration.readers import ExtractError, ReadResult
from orchestration.readers.cells import Fault
from orchestration.readers.files import kind_of
from orchestration.readers.headings import Heading, match_headings
from orchestration.readers.labels import clean_label
from orchestration.readers.rows import EMPTY_ROW, Harvest, Layout, layout_of
from orchestration.tabular import Problem, Record, csv_records

_OTHER_ENCODINGS = ("utf-8", "cp1252", "iso8859-15", "cp1250")
_OTHER_DELIMITERS = (",", ";", "\t", "|")
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Bytes that cp1252 leaves undefined or that Latin-1 reads as control characters: no text has them.
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")

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


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read delimited text files. Raises ExtractError for a file that cannot be trusted as a whole."""
    harvest = Harvest(codebook, card)
    for part in parts:
        _read_part(part, codebook, card, harvest)
        yield harvest.flush()
    yield harvest.finish()


def _read_part(part: Part, codebook: Codebook, card: RoundCard, harvest: Harvest) -> None:
    header, body = header_and_body(part, card)
    harvest.begin(_layout(part, header, codebook, card))
    take_all(header, body, harvest)


def header_and_body(part: Part, card: RoundCard) -> tuple[Record, list[Record]]:
    """The first record of a file and those that follow it. Raises ExtractError if a file has not both."""
    file, data = part.shown, part.read()
    _check_kind(file, data, card)
    records = list(csv_records(_decoded(file, data, card), card.delimiter))
    while records and records[-1].is_blank:
        records.pop()
    if not records:
        raise ExtractError([Problem(file, "the file is empty", "export it again and replace the file", row=1)])
    header = records[0]
    if header.fault is not None or header.is_blank:
        reason = f"no header here: {header.fault or 'the row is empty'}"
        remedy = delimiter_hint(header, card) or "put the labels of the questions into the first row"
        raise ExtractError([Problem(file, reason, remedy, row=header.line)])
    if len(records) == 1:
        reason = "the file has a header, but no response"
        raise ExtractError([Problem(file, reason, "export it again and replace the file", row=header.line)])
    return header, records[1:]


def _check_kind(file: str, data: bytes, card: RoundCard) -> None:
    kind = kind_of(data)
    if kind is not None:
        remedy = "export the responses as CSV, or set the platform of this file in round.yml"
        raise ExtractError([Problem(file, f"not delimited text as its platform says, but {kind}", remedy)])
    offset = data.find(b"\x00")
    if offset < 0 or card.encoding.startswith(("utf-16", "utf-32")):
        return
    if data.startswith(_UTF_16_MARKS):
        reason = f"the file is UTF-16, not {card.encoding}"
        raise ExtractError([Problem(file, reason, "write `encoding: utf-16` in round.yml", row=1)])
    row = data[:offset].count(b"\n") + 1
    reason = f"a NUL byte at offset {offset}: the file is damaged or not text"
    raise ExtractError([Problem(file, reason, "export it again and replace the file", row=row)])


def _decoded(file: str, data: bytes, card: RoundCard) -> str:
    try:
        text = data.decode(card.encoding)
    except UnicodeDecodeError as error:
        raise ExtractError([_encoding_problem(file, data, card, error.start)]) from error
    if card.encoding.startswith("utf"):
        return text.removeprefix("\ufeff")
    if _decodes(data, "utf-8") and not data.isascii():
        offset = next(i for i, byte in enumerate(data) if byte > 127)
        row = data[:offset].count(b"\n") + 1
        reason = f"the file is UTF-8, not {card.encoding}: the bytes from offset {offset} on are valid UTF-8"
        raise ExtractError([Problem(file, reason, "write `encoding: utf-8` in round.yml", row=row)])
    return text


def _encoding_problem(file: str, data: bytes, card: RoundCard, offset: int) -> Problem:
    row = data[:offset].count(b"\n") + 1
    reason = f"not {card.encoding} text: byte 0x{data[offset]:02x} at offset {offset}"
    others = [name for name in _OTHER_ENCODINGS if name != card.encoding and _decodes(data, name)]
    remedy = "export the file as UTF-8"
    if others:
        remedy += f", or, if its accents look right so, write `encoding: {others[0]}` in round.yml"
        remedy += f" (it also decodes as {', '.join(others[1:])})" if others[1:] else ""
    return Problem(file, reason, remedy, row=row)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        return not _NO_TEXT.search(data.decode(encoding))
    except UnicodeDecodeError:
        return False


def _layout(part: Part, header: Record, codebook: Codebook, card: RoundCard) -> Layout:
    headings = tuple(
        Heading(part.shown, None, header.line, column, clean_label(field))
        for column, field in enumerate(header.fields, 1)
    )
    placed = match_headings(
        headings,
        codebook,
        if_none=delimiter_hint(header, card) or "export the file with a header row in the language of the codebook",
        if_missing="export the file with all questions in the language of the codebook",
    )
    return layout_of(part, headings, placed)


def delimiter_hint(header: Record, card: RoundCard) -> str | None:
    """The remedy for a header that is one field because another delimiter parts it; None if none does."""
    counts = {other: header.raw.count(other) for other in _OTHER_DELIMITERS if other != card.delimiter}
    best = max(counts, key=lambda other: counts[other])
    if len(header.fields) > 1 or not counts[best]:
        return None
    seen = f"the row has {counts[best]} of them and no {card.delimiter!r}"
    return f"write `delimiter: {best!r}` in round.yml: {seen}"


def take_all(header: Record, records: Sequence[Record], harvest: Harvest) -> None:
    """Take the records of a file as rows; those that cannot be trusted are rejected, none is shifted."""
    width = len(header.fields)
    cut = set(_beside_fragments(records, width))
    for index, record in enumerate(records):
        if record.fault is not None:
            fault = Fault("not_csv", record.fault, "correct the quotation marks of the row at its source")
            harvest.take_broken(record.line, fault, record.raw, ())
        elif record.is_blank:
            harvest.reject(record.line, EMPTY_ROW, "{}")
        elif len(record.fields) != width:
            reason = f"the row has {len(record.fields)} fields, the header {width}"
            fault = Fault("wrong_field_count", reason, "quote fields that hold the delimiter or a line break")
            harvest.take_broken(record.line, fault, record.raw, record.fields)
        elif record.fields == header.fields:
            harvest.take_untrusted(record.line, record.fields, REPEATED_HEADER)
        elif index in cut:
            harvest.take_untrusted(record.line, record.fields, BESIDE_FRAGMENT)
        else:
            harvest.take(record.line, record.fields)


def _beside_fragments(records: Sequence[Record], width: int) -> Iterator[int]:
    """Rows that may have lost part of their first or last field to a line break.

    A line break inside a row leaves pieces of k and n + 1 - k fields; only with a piece of one field does the
    other still have the right width, so that nothing else would show the cut.
    """
    written = [index for index, record in enumerate(records) if not record.is_blank]
    for before, index, after in zip([-1, *written], written, [*written[1:], -1], strict=False):
        record = records[index]
        if record.fault is None and len(record.fields) == 1 and width > 1:
            yield from (before, after)
