"""Reader of Parquet files: one row a response, read batch by batch.

A column's type says what its cells are: texts, numbers, dates and points in time as they are, a list one cell of
several choices. Missing values and NaN are no answers. `source_row` of a landed answer is the row's number in the file.

Here: typed columns → cells. Not here: values (common/values.py), which column is which question (headings.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, cell_text
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import PARQUET, require_kind
from orchestration.extracts.limits import beyond, check_cells, check_columns
from orchestration.extracts.parts import Part
from orchestration.readers.headings import Heading, Placed, Spelling, known_headers, match_headings, recognise
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import REPEATED_HEADER, Layout, RowCollector, SourceRow, layout_of
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook

# Fewer where rows are long.
_ROWS_A_BATCH = 10_000
_BYTES_A_BATCH = 1 << 26
_PLAIN_TYPES = "export it as text, number, date or, for several choices, a list of texts"
_FETCH_AGAIN = "fetch the file again from where it was exported"


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read Parquet files. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = RowCollector(codebook, card)
    for part in parts:
        yield from _read_part(part, codebook, collector)
    yield collector.finish()


def _read_part(part: Part, codebook: Codebook, collector: RowCollector) -> Iterator[ReadResult]:
    with part.open() as source, open_parquet(part, source) as file:
        try:
            yield from _read_rows(part, file, codebook, collector)
        except (pa.ArrowException, OSError) as error:
            raise ExtractError([damaged_problem(part, error)]) from error


def open_parquet(part: Part, source: BinaryIO) -> pq.ParquetFile:
    """Open the bytes of a Parquet file, its texts as dictionaries.

    Raises ExtractError for another kind of file, a damaged one, and one whose description is beyond a limit.
    """
    require_kind(part, PARQUET, "export it as Parquet, or set the platform in round.yml")
    try:
        file = pq.ParquetFile(source, page_checksum_verification=True)
        check_columns(part.shown, file.metadata.num_columns, part.limits)
        _check_extent(part, file.metadata)
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        return pq.ParquetFile(source, page_checksum_verification=True, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise ExtractError([damaged_problem(part, error)]) from error


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _check_extent(part: Part, metadata: pq.FileMetaData) -> None:
    """Refuse more values than are read: a list has several, and values that are all alike take no place."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    values_n = sum(group.column(column).num_values for group in groups for column in range(group.num_columns))
    check_cells(part.shown, values_n, part.size, part.limits)


def _rows_a_batch(metadata: pq.FileMetaData) -> int:
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    longest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0.0)
    return max(1, min(_ROWS_A_BATCH, int(_BYTES_A_BATCH / max(longest, 1.0))))


def damaged_problem(part: Part, error: Exception) -> Problem:
    """A file that cannot be read to its end."""
    reason = f"the file is truncated or damaged: {str(error).splitlines()[0]}"
    return Problem(part.shown, reason, _FETCH_AGAIN)


def _read_rows(part: Part, file: pq.ParquetFile, codebook: Codebook, collector: RowCollector) -> Iterator[ReadResult]:
    schema = file.schema_arrow
    if not len(schema) or not file.metadata.num_rows:
        reason = "the file has columns, but no row" if len(schema) else "the file has no column"
        raise ExtractError([Problem(part.shown, reason, _FETCH_AGAIN)])
    layout, placed = _layout(part, schema, codebook)
    readers = _readers(layout, placed, schema)
    collector.begin(layout)
    header = [None if read is None else name for name, read in zip(schema.names, readers, strict=True)]
    taken = 0
    for batch in file.iter_batches(_rows_a_batch(file.metadata)):
        columns = map(partial(_cells, part), layout.headings, readers, batch.columns)
        for number, cells in enumerate(zip(*columns, strict=True), taken + 1):
            if list(cells) == header:
                collector.take_row(SourceRow(number, cells, REPEATED_HEADER))
            else:
                collector.take(number, cells)
        taken += batch.num_rows
        yield collector.flush()


def _layout(part: Part, schema: pa.Schema, codebook: Codebook) -> tuple[Layout, list[Placed]]:
    known = known_headers(codebook, Spelling())
    headings = tuple(
        Heading(part.shown, None, None, number, recognise((name,), known) or clean_label(name))
        for number, name in enumerate(schema.names, 1)
    )
    placed = match_headings(
        headings,
        codebook,
        if_none="write the names of the columns into `source` of questions.csv",
        if_missing="export all questions, or write the column's name into `source` of questions.csv",
    )
    return layout_of(part, headings, placed), placed


Convert = Callable[[Any], Cell]


def _readers(layout: Layout, placed: Sequence[Placed], schema: pa.Schema) -> list[Convert | None]:
    """How to read the values of each column; None for personal ones. Raises ExtractError for types without cells."""
    readers: list[Convert | None] = [None] * len(schema)
    problems: list[Problem] = []
    for entry in placed:
        may_be_list = entry.question.base_type == "select_multiple" and not entry.choices
        for column in entry.columns:
            kind, heading = schema.field(column).type, layout.headings[column]
            reader = _reader(kind, may_be_list, is_number=entry.question.base_type in ("integer", "decimal"))
            if reader is None:
                reason = f"the column is of type {kind}, which is no answer to a {entry.question.base_type} question"
                problems.append(heading.problem(reason, _PLAIN_TYPES))
            elif not entry.question.is_personal:
                readers[column] = reader
    if problems:
        raise ExtractError(problems)
    return readers


def _reader(kind: pa.DataType, may_be_list: bool, is_number: bool) -> Convert | None:
    import pyarrow.types as pt

    if pt.is_dictionary(kind):
        kind = kind.value_type
    if pt.is_decimal(kind):
        return _exact_number if is_number else _exact_text
    if pt.is_timestamp(kind):
        return _point_in_time
    if pt.is_floating(kind):
        return _number
    is_list = pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind)
    if is_list and may_be_list:
        each = _reader(kind.value_type, may_be_list=False, is_number=False)
        return None if each is None else lambda values: _several(values, each)
    is_plain = (
        pt.is_string(kind)
        or pt.is_large_string(kind)
        or pt.is_string_view(kind)
        or pt.is_integer(kind)
        or pt.is_boolean(kind)
        or pt.is_date(kind)
        or pt.is_time(kind)
        or pt.is_null(kind)
    )
    return _as_it_is if is_plain else None


def _cells(part: Part, heading: Heading, read: Convert | None, values: pa.Array) -> Sequence[Cell]:
    if read is None:
        return [None] * len(values)
    try:
        if pa.types.is_dictionary(values.type):
            return _cells_by_code(part, heading, read, values)
        return [None if value is None else read(value) for value in _in_microseconds(values).to_pylist()]
    except UnicodeDecodeError as error:
        remedy = "export the texts as UTF-8"
        raise ExtractError([heading.problem(f"a text of the column is not UTF-8: {error.reason}", remedy)]) from error


def check_texts(part: Part, name: str, values: pa.DictionaryArray) -> None:
    """Raise ExtractError where a text of a column is longer than a cell may be."""
    if _is_text(values.type.value_type):
        longest = pc.max(pc.binary_length(values.dictionary)).as_py() or 0
        if longest > part.limits.cell_size:
            reason = f"{name!r} has a text of {longest:,} bytes, more than the {part.limits.cell_size:,} of a cell"
            raise beyond(part.shown, reason, "cell_size")


def _cells_by_code(part: Part, heading: Heading, read: Convert, values: pa.DictionaryArray) -> Sequence[Cell]:
    """Each distinct value once, however many rows have it."""
    check_texts(part, heading.text, values)
    texts = [None if value is None else read(value) for value in _in_microseconds(values.dictionary).to_pylist()]
    return [None if code is None else texts[code] for code in values.indices.to_pylist()]


def _in_microseconds(values: pa.Array) -> pa.Array:
    """Points in time as Python has them: what is finer than a microsecond is cut."""
    import pyarrow.types as pt

    if pt.is_timestamp(values.type):
        return values.cast(pa.timestamp("us", values.type.tz), safe=False)
    if pt.is_time64(values.type):
        return values.cast(pa.time64("us"), safe=False)
    return values


def _as_it_is(value: Any) -> Cell:
    return value  # type: ignore[no-any-return]


def _number(value: float) -> Cell:
    return None if value != value else value


def _exact_number(value: Decimal) -> Cell:
    return float(value)


def _exact_text(value: Decimal) -> Cell:
    return int(value) if value == value.to_integral_value() else format(value, "f")


def _point_in_time(value: datetime) -> Cell:
    """With a zone as ISO text, so that its day is the one that was written."""
    return value.isoformat() if value.tzinfo else value


def _several(values: Sequence[Any], each: Convert) -> Cell:
    return ";".join(cell_text(each(value)) for value in values if value is not None)
