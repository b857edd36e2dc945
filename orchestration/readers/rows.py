"""Rows of cells → responses, answers and rejected: the part that all readers share.

Here: what becomes of a row and of each of its cells, and the shape of the three tables. Not here: how a
platform's file is cut into rows (eusurvey.py, delimited.py), round and landing columns (landing.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from orchestration.readers import ReadResult
from orchestration.readers.cells import (
    Cell,
    ChoiceReader,
    Fault,
    cell_text,
    day,
    free_text,
    is_blank,
    moment,
    number,
    quoted,
)
from orchestration.readers.headings import Heading

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.codebook import Codebook, Question

MISSING_ID = Fault("missing_response_id", "the row has no response id", "restore the id at its source")
EMPTY_ROW = Fault("empty_row", "the row is empty, but rows follow", "delete it, or restore its content")


@dataclass(frozen=True)
class Layout:
    """Which column of an extract means what; columns are counted from 0 over all sheets."""

    file: str
    headings: tuple[Heading, ...]
    questions: tuple[tuple[int, Question], ...]
    response_id: int
    personal: frozenset[int]
    submitted_at: int | None = None
    updated_at: int | None = None
    language: int | None = None
    # A sheet's cell holds no longer text: one of this length has lost its end.
    text_limit: int | None = None


@dataclass(frozen=True)
class Value:
    """What one answer row says; exactly one of its fields is given."""

    choice_code: str | None = None
    text: str | None = None
    number: float | None = None
    date: date | None = None


class Harvest:
    """Takes the rows of an extract in order and keeps what becomes of them.

    Every row handed in ends either as one response or as one rejected row.
    """

    def __init__(self, layout: Layout, codebook: Codebook) -> None:
        self.layout = layout
        self._may_show_rows = not layout.personal
        self._names = _distinct([heading.text for heading in layout.headings])
        self._readers = [
            (column, question, _reader_of(question, codebook, layout.text_limit))
            for column, question in layout.questions
        ]
        self._sheet = layout.headings[0].sheet
        self._row_of_id: dict[str, int] = {}
        self._responses: list[tuple[Any, ...]] = []
        self._answers: list[tuple[Any, ...]] = []
        self._rejected: list[tuple[Any, ...]] = []
        self._rows_in = 0

    def take(self, row: int, cells: Sequence[Cell]) -> None:
        """Take a row with as many cells as the layout has columns."""
        response_id = free_text(cells[self.layout.response_id])
        if response_id is None:
            self.reject(row, EMPTY_ROW if all(map(is_blank, cells)) else MISSING_ID, self._shown(cells))
            return
        first = self._row_of_id.setdefault(response_id, row)
        if first != row:
            self.reject(row, _duplicate(response_id, first), self._shown(cells), response_id)
            return
        self._keep_response(row, response_id, cells)

    def _keep_response(self, row: int, response_id: str, cells: Sequence[Cell]) -> None:
        self._rows_in += 1
        layout = self.layout
        self._responses.append(
            (
                response_id,
                layout.file,
                self._sheet,
                row,
                self._moment(row, response_id, cells, layout.submitted_at),
                self._moment(row, response_id, cells, layout.updated_at),
                None if layout.language is None else free_text(cells[layout.language]),
            )
        )
        for column, question, read in self._readers:
            cell = cells[column]
            if cell is None or cell == "":
                continue
            found = read(cell)
            if isinstance(found, Fault):
                self._reject_answer(row, column, response_id, question.name, found, cell)
                continue
            for value in found:
                self._answers.append(
                    (
                        response_id,
                        question.name,
                        value.choice_code,
                        value.text,
                        value.number,
                        value.date,
                        row,
                        column + 1,
                    )
                )

    def take_untrusted(self, row: int, cells: Sequence[Cell], fault: Fault) -> None:
        """Take a row of the right width whose content cannot be trusted."""
        self.reject(row, fault, self._shown(cells))

    def take_broken(self, row: int, fault: Fault, text: str, fields: Sequence[str]) -> None:
        """Take a row without the layout's columns; withheld where a personal column may be among them."""
        if self._may_show_rows:
            raw: Any = list(fields) or text
        else:
            raw = {
                "withheld": "the round has personal columns",
                "fields": len(fields),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        self.reject(row, fault, json.dumps(raw, ensure_ascii=False))

    def reject(self, row: int, fault: Fault, raw: str, response_id: str | None = None) -> None:
        """Keep a row as rejected, with its reason."""
        self._rows_in += 1
        self._keep("row", response_id, None, self._sheet, row, None, fault, raw)

    def _moment(self, row: int, response_id: str, cells: Sequence[Cell], column: int | None) -> datetime | None:
        if column is None or is_blank(cells[column]):
            return None
        found = moment(cells[column])
        if isinstance(found, datetime):
            return found
        self._reject_answer(row, column, response_id, None, found, cells[column])
        return None

    def _reject_answer(
        self, row: int, column: int, response_id: str, question: str | None, fault: Fault, cell: Cell
    ) -> None:
        sheet = self.layout.headings[column].sheet
        self._keep("answer", response_id, question, sheet, row, column + 1, fault, cell_text(cell))

    def _keep(
        self,
        scope: str,
        response_id: str | None,
        question: str | None,
        sheet: str | None,
        row: int,
        column: int | None,
        fault: Fault,
        raw: str,
    ) -> None:
        reason = f"{fault.reason}. To do: {fault.remedy}."
        self._rejected.append(
            (scope, response_id, question, self.layout.file, sheet, row, column, fault.code, reason, raw)
        )

    def _shown(self, cells: Sequence[Cell]) -> str:
        shown = {
            self._names[column]: cell_text(cell)
            for column, cell in enumerate(cells)
            if column not in self.layout.personal and not is_blank(cell)
        }
        return json.dumps(shown, ensure_ascii=False)

    def result(self) -> ReadResult:
        """The three tables, sorted by source row, then column, then choice position."""
        self._rejected.sort(key=lambda row: (row[5], row[6] or 0))
        schemas = table_schemas()
        return ReadResult(
            responses=_table(schemas["responses"], self._responses),
            answers=_table(schemas["answers"], self._answers),
            rejected=_table(schemas["rejected"], self._rejected),
            rows_in=self._rows_in,
        )


def _duplicate(response_id: str, first: int) -> Fault:
    reason = f"response id {quoted(response_id)} stands in row {first} already, which is kept"
    return Fault("duplicate_response_id", reason, "delete the row that is out of date")


def table_schemas() -> Mapping[str, pa.Schema]:
    """Columns and types of the tables that a reader returns, by table name."""
    import pyarrow as pa

    text, whole = pa.string(), pa.int32()
    return {
        "responses": pa.schema(
            [
                ("response_id", text),
                ("source_file", text),
                ("source_sheet", text),
                ("source_row", whole),
                ("submitted_at", pa.timestamp("us")),
                ("updated_at", pa.timestamp("us")),
                ("language", text),
            ]
        ),
        "answers": pa.schema(
            [
                ("response_id", text),
                ("question_code", text),
                ("choice_code", text),
                ("value_text", text),
                ("value_number", pa.float64()),
                ("value_date", pa.date32()),
                ("source_row", whole),
                ("source_column", whole),
            ]
        ),
        "rejected": pa.schema(
            [
                ("scope", text),
                ("response_id", text),
                ("question_code", text),
                ("source_file", text),
                ("source_sheet", text),
                ("source_row", whole),
                ("source_column", whole),
                ("reason_code", text),
                ("reason", text),
                ("raw", text),
            ]
        ),
    }


def _table(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _distinct(names: Sequence[str]) -> list[str]:
    """Header names with a number after each repetition, so that none overwrites another in a JSON object."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _reader_of(
    question: Question, codebook: Codebook, text_limit: int | None
) -> Callable[[Cell], tuple[Value, ...] | Fault]:
    if question.list_name is not None:
        return _choice_values(question, codebook)
    readers: dict[str, Callable[[Cell], tuple[Value, ...] | Fault]] = {
        "integer": lambda cell: _number_value(cell, is_whole=True),
        "decimal": lambda cell: _number_value(cell, is_whole=False),
        "date": _date_value,
        "text": lambda cell: _text_value(cell, text_limit),
    }
    return readers[question.base_type]


def _choice_values(question: Question, codebook: Codebook) -> Callable[[Cell], tuple[Value, ...] | Fault]:
    choices = ChoiceReader(
        str(question.list_name), codebook.choices_of(question), question.base_type == "select_multiple"
    )

    def read(cell: Cell) -> tuple[Value, ...] | Fault:
        if is_blank(cell):
            return ()
        found = choices.read(cell)
        return found if isinstance(found, Fault) else tuple(Value(choice_code=choice.name) for choice in found)

    return read


def _number_value(cell: Cell, is_whole: bool) -> tuple[Value, ...] | Fault:
    if is_blank(cell):
        return ()
    found = number(cell, is_whole)
    return found if isinstance(found, Fault) else (Value(number=found),)


def _date_value(cell: Cell) -> tuple[Value, ...] | Fault:
    if is_blank(cell):
        return ()
    found = day(cell)
    return found if isinstance(found, Fault) else (Value(date=found),)


def _text_value(cell: Cell, text_limit: int | None) -> tuple[Value, ...] | Fault:
    if text_limit is not None and isinstance(cell, str) and len(cell) >= text_limit:
        reason = f"the text fills the cell ({text_limit} characters), so its end is missing"
        return Fault("text_cut", reason, "take the whole text from the survey platform")
    found = free_text(cell)
    return () if found is None else (Value(text=found),)
