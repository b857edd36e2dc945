"""Rows of cells → responses, answers and rejected: the part that all readers share.

Here: what becomes of a row and of each of its cells, and the shape of the three tables. Not here: how a
platform's file is cut into rows (eusurvey.py, delimited.py), round and landing columns (landing.py).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from orchestration.corrections import check_corrections, load_corrections
from orchestration.personal import without_personal
from orchestration.readers import ExtractError, ReadResult
from orchestration.readers.cells import (
    NOT_TICKED,
    TICKED,
    Cell,
    ChoiceReader,
    Fault,
    cell_text,
    day,
    fills,
    free_text,
    identifier,
    is_blank,
    moment,
    number,
    quoted,
    spellings,
)
from orchestration.readers.headings import Heading, Placed
from orchestration.readers.labels import clean_label

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.codebook import Choice, Codebook, Question, RoundCard
    from orchestration.corrections import Correction
    from orchestration.extracts import Part
    from orchestration.tabular import Problem

MISSING_ID = Fault("missing_response_id", "the row has no response id", "restore the id at its source")
EMPTY_ROW = Fault("empty_row", "the row is empty, but rows follow", "delete it, or restore its content")

COMPLETE, INCOMPLETE, TEST = STATUSES = ("complete", "incomplete", "test")


@dataclass(frozen=True)
class Layout:
    """Which column of a file means what; columns are counted from 0 over all sheets.

    Where one cell answers several questions, the reader takes it apart: the further columns stand at the end, with
    headings that name the column of the file.
    """

    file: str
    headings: tuple[Heading, ...]
    questions: tuple[Placed, ...]
    # None where a platform gives no ids: the row is the response then.
    response_id: int | None
    personal: frozenset[int]
    submitted_at: int | None = None
    updated_at: int | None = None
    language: int | None = None
    # A sheet's cell holds no longer text: one of this length has lost its end.
    text_limit: int | None = None

    def column_with(self, role: str) -> int | None:
        """The column of the question that has a role."""
        return next((placed.columns[0] for placed in self.questions if role in placed.question.roles), None)


def below_the_round(name: str) -> str:
    """The name of a part without instrument and round: what tells the files of a round apart."""
    return name.split("/", 2)[-1]


def layout_of(part: Part, headings: tuple[Heading, ...], placed: Sequence[Placed], **columns: int | None) -> Layout:
    """The layout of a file: personal questions apart, the response id by its role unless `columns` names its column."""
    personal = {column for entry in placed if entry.question.is_personal for column in entry.columns}
    by_role = {role: entry.columns[0] for entry in placed for role in entry.question.roles}
    columns = {"response_id": by_role.get("response_id"), **columns}
    return Layout(
        file=part.name,
        headings=headings,
        questions=tuple(entry for entry in placed if not entry.question.is_personal),
        personal=frozenset(personal),
        **columns,
    )


@dataclass(frozen=True)
class Value:
    """What one answer row says; exactly one of its fields is given."""

    choice_code: str | None = None
    text: str | None = None
    number: float | None = None
    date: date | None = None


Read = Callable[[Cell], tuple[Value, ...] | Fault]


class Harvest:
    """Takes the rows of an extract in order and keeps what becomes of them.

    Every row handed in ends either as one response or as one rejected row. `begin` names the file whose rows follow,
    `flush` hands over what has been taken since the last time, `finish` the rest: it raises ExtractError if a
    correction fits no answer. `files` is how many files have been begun.
    """

    def __init__(self, codebook: Codebook, card: RoundCard) -> None:
        self._codebook = codebook
        self._card = card
        self._corrections = load_corrections(card.folder)
        check_corrections(self._corrections, codebook, card)
        self._corrected: set[tuple[str, str]] = set()
        self._problems: list[Problem] = []
        self._submissions: Counter[str] = Counter()
        self._position = 0
        self.files = 0
        self._region: str | None = None
        self._notes: list[str] = []
        self._clear()

    def _clear(self) -> None:
        self._responses: list[tuple[Any, ...]] = []
        self._answers: list[tuple[Any, ...]] = []
        self._rejected: list[tuple[Any, ...]] = []
        self._rows_in = 0

    def begin(self, layout: Layout) -> None:
        """Take the rows that follow as rows of a file of this layout."""
        self.layout = layout
        # Where a file has no ids, rows of the same number in two files are two responses.
        self._unnamed = f"{below_the_round(layout.file)} row" if self.files else "row"
        self.files += 1
        self._may_show_rows = not layout.personal
        self._names = _distinct([heading.text for heading in layout.headings])
        self._sheet = layout.headings[0].sheet
        self._submitted_at = _first_of(layout.submitted_at, layout.column_with("submitted_at"))
        self._updated_at = _first_of(layout.updated_at, layout.column_with("updated_at"))
        self._language = _first_of(layout.language, layout.column_with("language"))
        self._respondent = layout.column_with("respondent")
        self._readers = [
            (column, placed.question, named, read)
            for placed in layout.questions
            for column, named, read in _readers_of(placed, self._codebook, self._card, layout.text_limit)
        ]
        self._country = next(
            ((column, read) for column, question, _, read in self._readers if "country" in question.roles), None
        )

    def note(self, note: str) -> None:
        """Keep what a person should know of how the file was read."""
        self._notes.append(note)

    def take(self, row: int, cells: Sequence[Cell], status: str | None = None, response_id: str | None = None) -> None:
        """Take a row with as many cells as the layout has columns.

        `status` is what the platform says of the response; by default what the question with that role says, else
        complete. `response_id` is an id that the reader had to make; by default the layout's column has it.
        """
        delivered = response_id or self._delivered_id(row, cells)
        if delivered is None:
            self.reject(row, EMPTY_ROW if all(map(is_blank, cells)) else MISSING_ID, self._shown(cells))
            return
        self._submissions[delivered] += 1
        submission = self._submissions[delivered]
        response_id = delivered if submission == 1 else f"{delivered}#{submission}"
        respondent = delivered if self._respondent is None else identifier(cells[self._respondent])
        self._keep_response(row, response_id, respondent, cells, status)

    def _delivered_id(self, row: int, cells: Sequence[Cell]) -> str | None:
        column = self.layout.response_id
        return f"{self._unnamed} {row}" if column is None else identifier(cells[column])

    def _keep_response(
        self, row: int, response_id: str, respondent: str | None, cells: Sequence[Cell], status: str | None
    ) -> None:
        self._rows_in += 1
        self._position += 1
        self._region = self._region_of(cells)
        for column, question, named, read in self._readers:
            cell, delivered = self._as_corrected(response_id, named, cells[column], read)
            if cell is None or cell == "":
                continue
            found = read(cell)
            if isinstance(found, Fault):
                self._reject_answer(row, column, response_id, question.name, found, cell)
                continue
            if "status" in question.roles and found and status is None:
                status = found[0].choice_code
            for value in found:
                self._answers.append(
                    (
                        response_id,
                        question.name,
                        value.choice_code,
                        value.text and self._impersonal(value.text),
                        value.number,
                        value.date,
                        delivered and self._impersonal(delivered),
                        row,
                        self.layout.headings[column].column,
                    )
                )
        status, _ = self._as_corrected(response_id, "", status or COMPLETE, lambda cell: (Value(text=cell_text(cell)),))
        language = None if self._language is None else free_text(cells[self._language])
        self._responses.append(
            (
                response_id,
                respondent,
                self._position,
                status,
                self.layout.file,
                self._sheet,
                row,
                self._moment(row, response_id, cells, self._submitted_at),
                self._moment(row, response_id, cells, self._updated_at),
                language,
            )
        )
        self._region = None

    def _as_corrected(self, response_id: str, question: str, cell: Any, read: Read) -> tuple[Any, str | None]:
        """A cell after its reviewed correction, and the delivered text if it has one."""
        correction = self._corrections.get((response_id, question))
        if correction is None:
            return cell, None
        self._corrected.add((response_id, question))
        delivered = cell_text(cell)
        # A correction knows the text as it was landed.
        shown = self._impersonal(delivered)
        if not (_is_said(cell, correction.expected, read) or _is_said(shown, correction.expected, read)):
            said = quoted(shown) if not is_blank(cell) else "nothing"
            is_mended = _is_said(cell, correction.corrected, read)
            self._problems.append(
                correction.problem(
                    f"the correction expects {quoted(correction.expected)}, but the extract says {said}",
                    "the source has been corrected: delete this line"
                    if is_mended
                    else "decide anew: correct `expected`, or delete this line",
                    "expected",
                )
            )
        return correction.corrected, delivered

    def take_untrusted(self, row: int, cells: Sequence[Cell], fault: Fault) -> None:
        """Take a row of the right width whose content cannot be trusted."""
        self.reject(row, fault, self._shown(cells))

    def take_broken(self, row: int, fault: Fault, text: str, fields: Sequence[str]) -> None:
        """Take a row without the layout's columns; withheld where a personal column may be among them."""
        if self._may_show_rows:
            raw: Any = list(map(self._impersonal, fields)) or self._impersonal(text)
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
        heading = self.layout.headings[column]
        raw = self._impersonal(cell_text(cell))
        self._keep("answer", response_id, question, heading.sheet, row, heading.column, fault, raw)

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

    def _region_of(self, cells: Sequence[Cell]) -> str | None:
        """The code of the country that a response names."""
        if self._country is None:
            return None
        column, read = self._country
        found = read(cells[column])
        return found[0].choice_code or found[0].text if found and not isinstance(found, Fault) else None

    def _impersonal(self, text: str) -> str:
        return without_personal(text, self._region)[0]

    def _shown(self, cells: Sequence[Cell]) -> str:
        shown = {
            self._names[column]: self._impersonal(cell_text(cell))
            for column, cell in enumerate(cells)
            if column not in self.layout.personal and not is_blank(cell)
        }
        return json.dumps(shown, ensure_ascii=False)

    def flush(self) -> ReadResult:
        """The rows taken since the last time, in the order in which they came."""
        schemas = table_schemas()
        result = ReadResult(
            responses=_table(schemas["responses"], self._responses),
            answers=_table(schemas["answers"], self._answers),
            rejected=_table(schemas["rejected"], sorted(self._rejected, key=lambda row: (row[5], row[6] or 0))),
            rows_in=self._rows_in,
            notes=tuple(self._notes),
        )
        self._notes = []
        self._clear()
        return result

    def finish(self) -> ReadResult:
        """The last rows. Raises ExtractError if a correction fits no answer of the extract."""
        self._problems += [
            self._unapplied(correction) for key, correction in self._corrections.items() if key not in self._corrected
        ]
        if self._problems:
            raise ExtractError(self._problems)
        return self.flush()

    def _unapplied(self, correction: Correction) -> Problem:
        question = correction.question_code
        split = [named for _, _, named, _ in self._readers if question and named.startswith(f"{question}[")]
        if split:
            reason = f"the answers to {question} are delivered in columns of their own, one a choice"
            return correction.problem(reason, f"write one line a column, such as {split[0]}", "question_code")
        reason = f"no answer of {correction.response_id} to {question or 'anything'} is in the extract"
        if "[" in question:
            reason += "; a choice is named only where it has a column of its own"
        return correction.problem(reason, "correct the ids, or delete this line")


def _is_said(cell: Cell, text: str, read: Read) -> bool:
    """Whether a cell says a text, or the same value in another spelling."""
    if clean_label(cell_text(cell)) == clean_label(text):
        return True
    found = read(cell)
    return not isinstance(found, Fault) and found == read(text)


def _first_of(*columns: int | None) -> int | None:
    return next((column for column in columns if column is not None), None)


def table_schemas() -> Mapping[str, pa.Schema]:
    """Columns and types of the tables that a reader returns, by table name."""
    import pyarrow as pa

    text, whole = pa.string(), pa.int32()
    return {
        "responses": pa.schema(
            [
                ("response_id", text),
                ("respondent_id", text),
                ("position", whole),
                ("status", text),
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
                ("source_text", text),
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


def _readers_of(
    placed: Placed, codebook: Codebook, card: RoundCard, text_limit: int | None
) -> Iterator[tuple[int, str, Read]]:
    """Each column of a question: its name in corrections, and how to read its cells."""
    if placed.choices:
        for column, choice in zip(placed.columns, placed.choices, strict=True):
            yield column, f"{placed.question.name}[{choice.name}]", _tick_reader(choice)
    else:
        yield placed.columns[0], placed.question.name, _reader_of(placed.question, codebook, card, text_limit)


def _reader_of(question: Question, codebook: Codebook, card: RoundCard, text_limit: int | None) -> Read:
    if question.list_name is not None:
        return _choice_values(question, codebook)
    readers: dict[str, Read] = {
        "integer": lambda cell: _number_value(cell, card.decimal, is_whole=True),
        "decimal": lambda cell: _number_value(cell, card.decimal, is_whole=False),
        "date": _date_value,
        "text": lambda cell: _text_value(cell, text_limit),
    }
    return readers[question.base_type]


def _tick_reader(choice: Choice) -> Read:
    """Reads a column that stands for one choice: ticked, not ticked, or neither; a No is one, whatever the label."""
    ticked = {*TICKED, *(clean_label(text).casefold() for text in spellings(choice))} - NOT_TICKED

    def read(cell: Cell) -> tuple[Value, ...] | Fault:
        text = clean_label(cell_text(cell)).casefold()
        if text in ticked:
            return (Value(choice_code=choice.name),)
        if not text or text in NOT_TICKED:
            return ()
        remedy = "correct the cell at its source"
        return Fault("unknown_choice", f"{quoted(cell)} does not say whether {choice.label!r} was chosen", remedy)

    return read


def _choice_values(question: Question, codebook: Codebook) -> Read:
    choices = ChoiceReader(
        str(question.list_name), codebook.choices_of(question), question.base_type == "select_multiple"
    )

    def read(cell: Cell) -> tuple[Value, ...] | Fault:
        if is_blank(cell):
            return ()
        found = choices.read(cell)
        return found if isinstance(found, Fault) else tuple(Value(choice_code=choice.name) for choice in found)

    return read


def _number_value(cell: Cell, decimal: str, is_whole: bool) -> tuple[Value, ...] | Fault:
    if is_blank(cell):
        return ()
    found = number(cell, is_whole, decimal)
    return found if isinstance(found, Fault) else (Value(number=found),)


def _date_value(cell: Cell) -> tuple[Value, ...] | Fault:
    if is_blank(cell):
        return ()
    found = day(cell)
    return found if isinstance(found, Fault) else (Value(date=found),)


def _text_value(cell: Cell, text_limit: int | None) -> tuple[Value, ...] | Fault:
    if text_limit is not None and fills(cell, text_limit):
        reason = f"the text fills the cell ({text_limit} characters), so its end is missing"
        return Fault("text_cut", reason, "take the whole text from the survey platform")
    found = free_text(cell)
    return () if found is None else (Value(text=found),)
