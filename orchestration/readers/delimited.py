"""Reader of plain delimited text: one header row, one row a response.

Encoding and delimiter are those of round.yml, else detected and told. Here: which records are rows that can be trusted.
Not here: encodings, delimiters and records (extracts/), values (common/values.py), the header's labels (headings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from orchestration.common.csv_records import Record
from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Fault
from orchestration.extracts.delimited import EXPORT_AGAIN, DelimitedText, TextForm, delimiter_remedy, open_delimited
from orchestration.extracts.encoding import DAMAGE
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.header import IsKnown
from orchestration.extracts.limits import beyond, check_cells
from orchestration.extracts.parts import Part
from orchestration.extracts.records import Rows, Shape, body, is_fragment
from orchestration.readers.headings import Heading, Spelling, known_headers, match_headings
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import EMPTY_ROW, REPEATED_HEADER, Layout, RowCollector, SourceRow, layout_of
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook

# Fewer rows wait for those that follow, and less text.
ROWS_A_CHUNK = 5_000
TEXT_A_CHUNK = 1 << 26
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

NOT_UTF8 = Fault(
    "not_utf8",
    "the row holds bytes that are no UTF-8, as the rest of the file is",
    "restore its characters at their source",
)
BESIDE_FRAGMENT = Fault(
    "beside_broken_row",
    "a row of a single field stands next to this row: a line break may have cut a field of it",
    "join the broken lines at their source, or delete the line that is no row",
)

# The layout of a file by its header, and the remedy where no header is known.
LayoutOf = Callable[[Record, str | None], Layout]


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read delimited text files. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = RowCollector(codebook, card)
    known = known_headers(codebook, Spelling())
    for part in parts:
        layout = partial(_layout, part, codebook)
        yield from take_file(part, card, collector, lambda header: clean_label(header) in known, layout)
    yield collector.finish()


def take_file(
    part: Part, card: RoundCard, collector: RowCollector, is_known: IsKnown, layout_by: LayoutOf
) -> Iterator[ReadResult]:
    """Take the rows of a file, a block of rows at a time; those that cannot be trusted are rejected, none is shifted.

    Raises ExtractError for a file that cannot be trusted as a whole.
    """
    opened = open_delimited(part, TextForm(card.encoding, card.delimiter, card.language), is_known)
    header, delimiter = opened.header, opened.delimiter
    _note_detected(part, card, opened.encoding, delimiter, collector)
    collector.begin(layout_by(header, opened.rows_above or delimiter_remedy(header, delimiter)))
    rows_n = flushed_n = flushed_size = 0
    for found in read_rows(opened, collector.columns):
        if isinstance(found, Rows):
            collector.take_columns(found.lines, found.columns, found.fields)
            rows_n += len(found.lines)
        else:
            collector.take_row(found)
            rows_n += 1
        if rows_n - flushed_n >= ROWS_A_CHUNK or opened.text.used - flushed_size >= TEXT_A_CHUNK:
            check_cells(part.shown, rows_n * len(header.fields), part.size, part.limits)
            flushed_n, flushed_size = rows_n, opened.text.used
            yield collector.flush()
    yield collector.flush()


def read_rows(opened: DelimitedText, columns: Collection[int]) -> Iterator[Rows | SourceRow]:
    """The rows below a header, in order: many at once, read as columns, or one by one with what is wrong with it.

    A line break inside a row leaves pieces of k and n + 1 - k fields; only with a piece of one field does the other
    still have the right width, so that nothing else would show the cut. So a record waits until it is known what
    follows; blank ones, which end a file or stand between rows, wait too. Raises ExtractError where no row follows, and
    for more blank ones than may follow each other.
    """
    shape = Shape(opened.delimiter, opened.header.fields, columns)
    most_blank = opened.limits.blank_rows
    waiting: Record | None = None
    is_beside = is_any = False
    blank: list[int] = []
    for found in body(opened.text, shape):
        for record in [found] if isinstance(found, Rows) else found:
            if isinstance(record, Record) and record.is_blank:
                blank.append(record.line)
                if len(blank) > most_blank:
                    reason = f"more than {most_blank:,} rows without content follow each other"
                    raise beyond(opened.file, reason, "blank_rows", row=blank[0])
                continue
            is_piece = isinstance(record, Record) and is_fragment(record, shape.width)
            if waiting is not None:
                yield _source_row(waiting, shape, is_beside or is_piece)
            yield from (SourceRow(line, (), EMPTY_ROW) for line in blank)
            blank.clear()
            is_any, is_beside = True, waiting is not None and is_fragment(waiting, shape.width)
            waiting = None
            if isinstance(record, Rows):
                yield record
            else:
                waiting = record
    if waiting is not None:
        yield _source_row(waiting, shape, is_beside)
    if not is_any:
        raise ExtractError([Problem(opened.file, "the file has a header, but no response", EXPORT_AGAIN, row=1)])


def _source_row(record: Record, shape: Shape, is_beside: bool) -> SourceRow:
    raw = record.raw.replace(DAMAGE, REPLACEMENT)
    fields = tuple(field.replace(DAMAGE, REPLACEMENT) for field in record.fields)
    if record.fault is not None:
        fault = Fault("not_csv", record.fault, "correct the quotation marks of the row at its source")
        return SourceRow(record.line, (), fault, raw)
    if len(fields) != shape.width:
        reason = f"the row has {len(fields)} fields, the header {shape.width}"
        fault = Fault("wrong_field_count", reason, "quote fields that hold the delimiter or a line break")
        return SourceRow(record.line, fields, fault, raw)
    if raw != record.raw:
        return SourceRow(record.line, fields, NOT_UTF8)
    if fields == shape.header:
        return SourceRow(record.line, fields, REPEATED_HEADER)
    return SourceRow(record.line, fields, BESIDE_FRAGMENT if is_beside else None)


def _note_detected(part: Part, card: RoundCard, encoding: str, delimiter: str, collector: RowCollector) -> None:
    written = {"encoding": encoding, "delimiter": '"\\t"' if delimiter == "\t" else f'"{delimiter}"'}
    found = [f"`{name}: {value}`" for name, value in written.items() if not getattr(card, name)]
    if found:
        collector.note(f"{part.name}: detected {' and '.join(found)}: say so in round.yml to be sure")


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
