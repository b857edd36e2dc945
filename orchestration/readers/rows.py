"""Rows of cells → responses, answers and rejected: the part that all readers share.

Here: what becomes of a row and of each of its cells, and the shape of the three tables. Not here: how a
platform's file is cut into rows (eusurvey.py, delimited.py), round and landing columns (landing/).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.common.personal import remove_personal
from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, is_blank, quote
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part
from orchestration.readers.answers import moment_reader, readers_of, text_reader
from orchestration.readers.columns import (
    Column,
    ColumnReader,
    Flags,
    Integers,
    Kind,
    Read,
    Values,
    at,
    flags,
    identifiers,
    pooled,
    repeated,
    suspects,
)
from orchestration.readers.headings import Heading, Placed
from orchestration.readers.occurrences import Occurrences
from orchestration.readers.pseudonyms import Pseudonyms
from orchestration.readers.result import ReadResult, packed_schemas
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import STATUSES, Codebook, Question
from orchestration.rounds.corrections import Correction, check_corrections, load_corrections
from orchestration.settings import load_settings

MISSING_ID = Fault("missing_response_id", "the row has no response id", "restore the id at its source")
EMPTY_ROW = Fault("empty_row", "the row is empty, but rows follow", "delete it, or restore its content")
REPEATED_HEADER = Fault(
    "repeated_header",
    "the row is the header again: several exports may have been put together",
    "deliver one export of the whole round",
)

COMPLETE, INCOMPLETE, TEST = STATUSES
_OF_RESPONSES = ("response_id", "submitted_at", "updated_at", "language")


@dataclass(frozen=True)
class Layout:
    """Which column of a file means what; columns are counted from 0 over all sheets.

    Where one cell answers several questions, the reader takes it apart: the further columns stand at the end, with
    headings that name the column of the file.
    """

    file: str
    headings: tuple[Heading, ...]
    questions: tuple[Placed, ...]
    # By role: what the platform's own columns and questions say of a response. Without an id the row is the response.
    columns: Mapping[str, int]
    personal: frozenset[int]
    # A sheet's cell holds no longer text: one of this length has lost its end.
    text_limit: int | None = None

    @property
    def response_id(self) -> int | None:
        """The column of the ids of responses."""
        return self.columns.get("response_id")


def below_the_round(name: str) -> str:
    """The name of a part without instrument and round: what tells the files of a round apart."""
    return name.split("/", 2)[-1]


def layout_of(
    part: Part,
    headings: tuple[Heading, ...],
    placed: Sequence[Placed],
    personal: Iterable[int] = (),
    text_limit: int | None = None,
    **own: int | None,
) -> Layout:
    """The layout of a file: personal questions apart.

    `personal` are further columns, of the platform; `own` are its columns by role, which go before those of questions.
    """
    personal = {*personal, *(column for entry in placed if entry.question.is_personal for column in entry.columns)}
    by_role = {role: entry.columns[0] for entry in placed for role in entry.question.roles}
    columns = by_role | {role: column for role, column in own.items() if column is not None}
    landed = tuple(entry for entry in placed if not entry.question.is_personal)
    return Layout(part.name, headings, landed, columns, frozenset(personal), text_limit)


@dataclass(frozen=True)
class Batch:
    """Rows of one layout: the line of each, the columns that are read, and what the reader said of status and id."""

    lines: Integers
    columns: Mapping[int, Column]
    statuses: Sequence[str | None] | None = None
    ids: Sequence[str | None] | None = None

    def taken(self, rows: Integers) -> Batch:
        """Some of the rows."""
        return Batch(
            self.lines[rows],
            {column: cells.taken(rows) for column, cells in self.columns.items()},
            self.statuses and [self.statuses[row] for row in rows],
            self.ids and [self.ids[row] for row in rows],
        )


@dataclass(frozen=True)
class _Asked:
    """A column of a question: its name in corrections, and how its cells are read."""

    column: int
    question: Question
    named: str
    reader: ColumnReader


@dataclass(frozen=True)
class _Answers:
    """The answers of one column of a batch: the row of each, and where in `values` it stands."""

    asked: _Asked
    rows: Integers
    places: Integers
    values: pa.Array
    source_texts: Mapping[int, str]


@dataclass(frozen=True)
class SourceRow:
    """A row of a file, and the fault for which it cannot be trusted; `raw` is its text if it has not all columns."""

    line: int
    cells: Sequence[Cell]
    fault: Fault | None = None
    raw: str | None = None


class RowCollector:
    """Takes the rows of an extract in order and keeps what becomes of them.

    Every row handed in ends either as one response or as one rejected row. `begin` names the file whose rows follow,
    `flush` hands over what has been taken since the last time, `finish` the rest: it raises ExtractError if a
    correction fits no answer. Rows come one by one (`take`) or as columns (`take_columns`); either way a column's
    distinct cells are read once, and answers come out by column, then by row. `files` is how many have been begun.
    """

    def __init__(self, codebook: Codebook, card: RoundCard) -> None:
        self._codebook = codebook
        self._card = card
        self._corrections = load_corrections(card.folder)
        check_corrections(self._corrections, codebook, card)
        self._corrected: set[tuple[str, str]] = set()
        self._pseudonyms = Pseudonyms(load_settings())
        self._countries = card.countries or codebook.countries
        self._problems: list[Problem] = []
        self._submissions = Occurrences()
        self._position = 0
        self.files = 0
        self._notes: list[str] = []
        self._waiting: list[tuple[int, Sequence[Cell], str | None, str | None]] = []
        self._clear()

    def _clear(self) -> None:
        self._responses: list[pa.Table] = []
        self._answers: list[pa.Table] = []
        self._rejected: list[pa.Table] = []
        self._rejected_rows: list[tuple[int, Fault, str]] = []
        self._rows_in = 0

    def begin(self, layout: Layout) -> None:
        """Take the rows that follow as rows of a file of this layout."""
        self._take_waiting()
        self._take_rejected_rows()
        self.layout = layout
        # Where a file has no ids, rows of the same number in two files are two responses.
        self._unnamed = f"{below_the_round(layout.file)} row" if self.files else "row"
        self.files += 1
        self._may_show_rows = not layout.personal
        self._names = _distinct([heading.text for heading in layout.headings])
        self._sheet = layout.headings[0].sheet
        self._respondent = layout.columns.get("respondent")
        notes = self._notes
        told = cache(lambda note: notes.append(f"{layout.file}: {note}"))
        self._moments, self._languages = moment_reader(), text_reader(told)
        for placed in layout.questions:
            if placed.repeats:
                texts = ", ".join(repr(layout.headings[column].text) for column in placed.repeats)
                told(f"not read, as the column of {placed.question.name} says it too: {texts}")
        self._asked = [
            _Asked(column, placed.question, named, reader)
            for placed in layout.questions
            for column, named, reader in readers_of(placed, self._codebook, self._card, layout.text_limit, told)
        ]
        self._country = next((asked for asked in self._asked if "country" in asked.question.roles), None)
        own = [layout.columns[role] for role in _OF_RESPONSES if role in layout.columns]
        self.columns = frozenset([*(asked.column for asked in self._asked), *own])

    def note(self, note: str) -> None:
        """Keep what a person should know of how the file was read."""
        self._notes.append(note)

    def take(self, row: int, cells: Sequence[Cell], status: str | None = None, response_id: str | None = None) -> None:
        """Take a row with as many cells as the layout has columns.

        `status` is what the platform says of the response; by default what the question with that role says, else
        complete. `response_id` is an id that the reader had to make; by default the layout's column has it.
        """
        self._waiting.append((row, cells, status, response_id))

    def take_columns(
        self, lines: Integers, columns: Mapping[int, pa.DictionaryArray], fields: Callable[[int], Sequence[Cell]]
    ) -> None:
        """Take many rows at once: the line of each, the texts of `self.columns`, and all fields of any row."""
        self._take_waiting()
        self._take_batch(Batch(lines, {column: Column.of_texts(texts) for column, texts in columns.items()}), fields)

    def _take_waiting(self) -> None:
        if not self._waiting:
            return
        lines, rows, statuses, ids = zip(*self._waiting, strict=True)
        self._waiting = []
        columns = {column: Column.of(cells[column] for cells in rows) for column in self.columns}
        self._take_batch(Batch(np.array(lines, np.int32), columns, statuses, ids), rows.__getitem__)

    def meant(self, batch: Batch) -> Batch:
        """Rows as their platform means them; overridden where cells do not mean what they say."""
        return batch

    def _take_batch(self, batch: Batch, fields: Callable[[int], Sequence[Cell]]) -> None:
        batch = self.meant(batch)
        delivered = self._delivered_ids(batch)
        is_known = flags(delivered.is_valid())
        for row in np.flatnonzero(~is_known):
            cells = fields(int(row))
            fault = EMPTY_ROW if all(map(is_blank, cells)) else MISSING_ID
            self.reject(int(batch.lines[row]), fault, self._shown(cells))
        if not is_known.all():
            batch, delivered = batch.taken(np.flatnonzero(is_known)), delivered.drop_null()
        if len(delivered):
            self._take_responses(batch, delivered)

    def _delivered_ids(self, batch: Batch) -> pa.StringArray:
        column = self.layout.response_id
        if column is None:
            found = pa.array([f"{self._unnamed} {line}" for line in batch.lines], pa.string())
        else:
            found = at(self._identifiers(batch.columns[column]), batch.columns[column].codes)
        if batch.ids is None or not any(batch.ids):
            return found
        return pa.array([made or own for made, own in zip(batch.ids, found.to_pylist(), strict=True)], pa.string())

    def _identifiers(self, cells: Column) -> pa.StringArray:
        return identifiers(cells, lambda text: self._pseudonyms.name(text, self.layout.file))

    def _take_responses(self, batch: Batch, delivered: pa.StringArray) -> None:
        """Keep the responses and answers of rows that have an id."""
        response_ids = self._response_ids(delivered)
        ids = _Ids(response_ids, self._regions(batch), self._countries)
        corrected = self._corrected_rows(response_ids)
        answers = []
        statuses = list(batch.statuses or [None] * len(delivered))
        for asked in self._asked:
            found, cells, values = self._answers_of(asked, batch, ids, corrected)
            answers.append(found)
            if "status" in asked.question.roles:
                said = values.first_of(cells.codes).to_pylist()
                statuses = [status or code for status, code in zip(statuses, said, strict=True)]
        for row in corrected:
            correction = self._corrections.get((ids.response(row), ""))
            if correction is not None:
                status = statuses[row] or COMPLETE
                self._check_correction(correction, status, lambda cell: (cell_text(cell),), ())
                statuses[row] = correction.corrected
        self._answers.append(self._answers_table(_impersonal_answers(answers, ids), batch, ids))
        self._responses.append(self._responses_table(batch, ids, delivered, statuses))
        self._rows_in += len(delivered)
        self._position += len(delivered)

    def _response_ids(self, delivered: pa.StringArray) -> pa.StringArray:
        """The ids as they came; one that came before with the number of its submission."""
        texts = delivered.to_pylist()
        numbers = self._submissions.numbers(texts)
        if numbers.max() == 1:
            return delivered
        again = [f"{text}#{number}" for text, number in zip(texts, numbers, strict=True) if number > 1]
        return pc.replace_with_mask(delivered, pa.array(numbers > 1), pa.array(again))

    def _regions(self, batch: Batch) -> pa.DictionaryArray | None:
        """The code of the country that each response names, if they are asked for one."""
        if self._country is None or self._country.reader.kind not in ("choice_code", "value_text"):
            return None
        cells = batch.columns[self._country.column]
        return self._country.reader.values(cells).first_of(cells.codes).dictionary_encode()

    def _answers_of(
        self, asked: _Asked, batch: Batch, ids: _Ids, corrected: Sequence[int]
    ) -> tuple[_Answers, Column, Values]:
        """The answers of a column, its cells after correction and what they say; those with a fault are rejected."""
        cells, source_texts = self._as_corrected(asked, batch.columns[asked.column], ids, corrected)
        values = asked.reader.values(cells)
        self._reject_answers(asked.column, asked.question.name, batch, ids, cells, values)
        rows, places = values.of_rows(cells.codes)
        return _Answers(asked, rows, places, values.flat, source_texts), cells, values

    def _corrected_rows(self, response_ids: pa.StringArray) -> Sequence[int]:
        if not self._corrections:
            return ()
        named = pa.array({response_id for response_id, _ in self._corrections}, pa.string())
        return [int(row) for row in np.flatnonzero(flags(pc.is_in(response_ids, named)))]

    def _as_corrected(
        self, asked: _Asked, cells: Column, ids: _Ids, corrected: Sequence[int]
    ) -> tuple[Column, Mapping[int, str]]:
        """Cells after their reviewed corrections, and the delivered texts of those that have one, by row."""
        new: dict[int, Cell] = {}
        delivered: dict[int, str] = {}
        for row in corrected:
            correction = self._corrections.get((ids.response(row), asked.named))
            if correction is not None:
                cell, regions = cells.cell(row), ids.regions(row)
                self._check_correction(correction, cell, asked.reader.read, regions)
                new[row] = correction.corrected
                delivered[row] = _impersonal(cell_text(cell), regions)
        return cells.with_cells(new), delivered

    def _check_correction(self, correction: Correction, cell: Cell, read: Read, regions: Sequence[str]) -> None:
        self._corrected.add((correction.response_id, correction.question_code))
        # A correction knows the text as it was landed.
        shown = _impersonal(cell_text(cell), regions)
        if _is_said(cell, correction.expected, read) or _is_said(shown, correction.expected, read):
            return
        said = quote(shown) if not is_blank(cell) else "nothing"
        is_mended = _is_said(cell, correction.corrected, read)
        self._problems.append(
            correction.problem(
                f"the correction expects {quote(correction.expected)}, but the extract says {said}",
                "the source has been corrected: delete this line"
                if is_mended
                else "decide anew: correct `expected`, or delete this line",
                "expected",
            )
        )

    def _reject_answers(
        self, column: int, question: str | None, batch: Batch, ids: _Ids, cells: Column, values: Values
    ) -> None:
        rows = values.faulty_rows(cells.codes)
        if not len(rows):
            return
        codes, which = np.unique(cells.codes[rows], return_inverse=True)
        faults = [values.faults[int(code)] for code in codes]
        raws = pa.array(map(cell_text, cells.at(codes)), pa.string())
        raws, places = _impersonal_texts(raws, suspects(raws), rows, which, ids)
        heading = self.layout.headings[column]
        rejected = {
            "response_id": pooled([(0, rows, ids.responses)], len(rows)),
            "reason_code": pooled([(0, which, pa.array([fault.code for fault in faults]))], len(rows)),
            "reason": pooled([(0, which, pa.array(map(_reason, faults), pa.string()))], len(rows)),
            "raw": pooled([(0, places, raws)], len(rows)),
        }
        place = {"source_file": self.layout.file, "source_sheet": heading.sheet, "source_column": heading.column}
        lines = batch.lines[rows]
        self._rejected.append(_table_of("rejected", lines, scope="answer", question_code=question, **place, **rejected))

    def _answers_table(self, answers: Sequence[_Answers], batch: Batch, ids: _Ids) -> pa.Table:
        sizes = [len(found.rows) for found in answers]
        begins = np.concatenate(([0], np.cumsum(sizes)))
        size = int(begins[-1])
        placed = list(zip(map(int, begins), answers, strict=False))
        rows = np.concatenate([np.empty(0, np.int64), *(found.rows for found in answers)])
        questions = pa.array([found.asked.question.name for found in answers], pa.string())
        columns = [self.layout.headings[found.asked.column].column for found in answers]

        def of_kind(kind: Kind) -> list[tuple[int, _Answers]]:
            return [(begin, found) for begin, found in placed if found.asked.reader.kind == kind]

        return _table_of(
            "answers",
            batch.lines[rows],
            response_id=pooled([(0, rows, ids.responses)], size),
            question_code=pooled([(0, np.repeat(np.arange(len(answers)), sizes), questions)], size),
            choice_code=pooled([(begin, found.places, found.values) for begin, found in of_kind("choice_code")], size),
            value_text=pooled([(begin, found.places, found.values) for begin, found in of_kind("value_text")], size),
            value_number=_scattered(of_kind("value_number"), size, pa.float64()),
            value_date=_scattered(of_kind("value_date"), size, pa.date32()),
            source_text=pooled([_source_texts(begin, found) for begin, found in placed], size),
            source_column=np.repeat(np.array(columns, np.int32), sizes),
        )

    def _responses_table(
        self, batch: Batch, ids: _Ids, delivered: pa.StringArray, statuses: Sequence[str | None]
    ) -> pa.Table:
        respondents = delivered
        if self._respondent is not None:
            cells = batch.columns[self._respondent]
            respondents = at(self._identifiers(cells), cells.codes)
        return _table_of(
            "responses",
            batch.lines,
            response_id=ids.responses,
            respondent_id=respondents,
            position=np.arange(self._position + 1, self._position + len(delivered) + 1),
            status=pa.array([status or COMPLETE for status in statuses], pa.string()),
            source_file=self.layout.file,
            source_sheet=self._sheet,
            submitted_at=self._said("submitted_at", self._moments, batch, ids),
            updated_at=self._said("updated_at", self._moments, batch, ids),
            language=self._said("language", self._languages, batch, ids),
        )

    def _said(self, what: str, reader: ColumnReader, batch: Batch, ids: _Ids) -> pa.Array | None:
        """What a column of the platform's own says of each response."""
        column = self.layout.columns.get(what)
        if column is None:
            return None
        cells = batch.columns[column]
        values = reader.values(cells)
        self._reject_answers(column, None, batch, ids, cells, values)
        return values.first_of(cells.codes)

    def take_row(self, row: SourceRow) -> None:
        """Take a row, or keep it as rejected; withheld where it may hold a personal column that cannot be told."""
        if row.fault is None:
            self.take(row.line, row.cells)
        elif row.raw is None:
            self.reject(row.line, row.fault, self._shown(row.cells))
        elif self._may_show_rows:
            countries = self._countries
            shown = [_impersonal(cell_text(cell), countries) for cell in row.cells] or _impersonal(row.raw, countries)
            self.reject(row.line, row.fault, json.dumps(shown, ensure_ascii=False))
        else:
            withheld = {
                "withheld": "the round has personal columns",
                "fields": len(row.cells),
                "sha256": hashlib.sha256(row.raw.encode()).hexdigest(),
            }
            self.reject(row.line, row.fault, json.dumps(withheld, ensure_ascii=False))

    def reject(self, row: int, fault: Fault, raw: str) -> None:
        """Keep a row as rejected, with its reason."""
        self._rows_in += 1
        self._rejected_rows.append((row, fault, raw))

    def _take_rejected_rows(self) -> None:
        if not self._rejected_rows:
            return
        lines, faults, raws = zip(*self._rejected_rows, strict=True)
        self._rejected_rows = []
        self._rejected.append(
            _table_of(
                "rejected",
                np.array(lines, np.int32),
                scope="row",
                source_file=self.layout.file,
                source_sheet=self._sheet,
                reason_code=pa.array(fault.code for fault in faults).dictionary_encode(),
                reason=pa.array(map(_reason, faults)).dictionary_encode(),
                raw=pa.array(raws).dictionary_encode(),
            )
        )

    def _shown(self, cells: Sequence[Cell]) -> str:
        shown = {
            self._names[column]: _impersonal(cell_text(cell), self._countries)
            for column, cell in enumerate(cells)
            if column not in self.layout.personal and not is_blank(cell)
        }
        return json.dumps(shown, ensure_ascii=False)

    def flush(self) -> ReadResult:
        """What has been made of the rows taken since the last time; texts of answers are dictionaries."""
        self._take_waiting()
        self._take_rejected_rows()
        schemas = packed_schemas()
        result = ReadResult(
            responses=_joined(self._responses, schemas["responses"]),
            answers=_joined(self._answers, schemas["answers"]),
            rejected=_by_place(_joined(self._rejected, schemas["rejected"])),
            rows_in=self._rows_in,
            notes=tuple(self._notes),
            former_ids=dict(self._pseudonyms.former),
        )
        self._notes.clear()
        self._clear()
        return result

    def finish(self) -> ReadResult:
        """The last rows. Raises ExtractError if a correction fits no answer of the extract."""
        self._take_waiting()
        self._problems += [
            self._unapplied(correction) for key, correction in self._corrections.items() if key not in self._corrected
        ]
        if self._problems:
            raise ExtractError(self._problems)
        return self.flush()

    def _unapplied(self, correction: Correction) -> Problem:
        question = correction.question_code
        split = [asked.named for asked in self._asked if question and asked.named.startswith(f"{question}[")]
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


@dataclass(frozen=True)
class _Ids:
    """Who answers in each row: the response, and the country that it names; else it is one of those of the round."""

    responses: pa.StringArray
    named: pa.DictionaryArray | None
    of_the_round: tuple[str, ...]

    def response(self, row: int) -> str:
        """The response id of a row."""
        return str(self.responses[int(row)])

    def regions(self, row: int) -> tuple[str, ...]:
        """The codes of the countries that a row may be of."""
        found: str | None = None if self.named is None else self.named[int(row)].as_py()
        return self.of_the_round if found is None else (found,)


def _impersonal(text: str, regions: Sequence[str]) -> str:
    return remove_personal(text, regions)[0]


def _impersonal_answers(answers: Sequence[_Answers], ids: _Ids) -> list[_Answers]:
    """Answers without personal data in their texts; all are searched at once."""
    is_text = [found.asked.reader.kind == "value_text" for found in answers]
    texts = [found.values for found, is_one in zip(answers, is_text, strict=True) if is_one]
    is_suspect = suspects(pa.concat_arrays([pa.array([], pa.string()), *texts]))
    ends = np.cumsum([len(found.values) if is_one else 0 for found, is_one in zip(answers, is_text, strict=True)])
    clean = []
    for found, is_one, end in zip(answers, is_text, map(int, ends), strict=True):
        if is_one:
            own = is_suspect[end - len(found.values) : end]
            values, places = _impersonal_texts(found.values, own, found.rows, found.places, ids)
            found = replace(found, values=values, places=places)
        clean.append(found)
    return clean


def _impersonal_texts(
    texts: pa.StringArray, is_personal: Flags, rows: Integers, places: Integers, ids: _Ids
) -> tuple[pa.StringArray, Integers]:
    """Texts of answers without personal data, each read once a country, and the places of the rows in them."""
    is_suspect = is_personal[places]
    if not is_suspect.any():
        return texts, places
    found = places[is_suspect]
    countries_n, countries = 1, np.zeros(len(found), np.int64)
    if ids.named is not None:
        countries_n = len(ids.named.dictionary) + 1
        countries = ids.named.indices.fill_null(-1).to_numpy()[rows[is_suspect]] + 1
    pairs, which = np.unique(found * countries_n + countries, return_inverse=True)
    named = [] if ids.named is None else [(country,) for country in ids.named.dictionary.to_pylist()]
    regions = [ids.of_the_round, *named]
    said = at(texts, pairs // countries_n).to_pylist()
    clean = [_impersonal(text, regions[country]) for text, country in zip(said, pairs % countries_n, strict=True)]
    places = places.copy()
    places[is_suspect] = len(texts) + which
    return pa.concat_arrays([texts, pa.array(clean, pa.string())]), places


def _scattered(pieces: Sequence[tuple[int, _Answers]], size: int, type_: pa.DataType) -> pa.Array:
    """Numbers or dates of several columns in one array, null between."""
    plain = pa.int32() if pa.types.is_date32(type_) else type_
    values = np.zeros(size, plain.to_pandas_dtype())
    is_null = np.ones(size, bool)
    for begin, found in pieces:
        values[begin : begin + len(found.rows)] = found.values.cast(plain).to_numpy()[found.places]
        is_null[begin : begin + len(found.rows)] = False
    return pa.array(values, plain, mask=is_null).cast(type_)


def _source_texts(begin: int, found: _Answers) -> tuple[int, Integers, pa.StringArray]:
    """What corrections replaced, as a piece for `pooled`."""
    if not found.source_texts:
        return begin, np.empty(0, np.int64), pa.array([], pa.string())
    numbers = {row: number for number, row in enumerate(found.source_texts)}
    places = np.array([numbers.get(int(row), -1) for row in found.rows], np.int64)
    return begin, places, pa.array(found.source_texts.values(), pa.string())


def _table_of(name: str, lines: Integers, **values: Any) -> pa.Table:
    """A chunk of a table: arrays as they are, anything else, or nothing, in every row."""
    schema = packed_schemas()[name]

    def array(field: pa.Field) -> pa.Array:
        value = lines if field.name == "source_row" else values.get(field.name)
        if isinstance(value, pa.Array):
            return value
        if isinstance(value, np.ndarray):
            return pa.array(value, field.type)
        is_packed = pa.types.is_dictionary(field.type)
        return repeated(value, len(lines)) if is_packed else pa.repeat(pa.scalar(value, field.type), len(lines))

    return pa.Table.from_arrays([array(field) for field in schema], schema=schema)


def _joined(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables([schema.empty_table(), *tables]).unify_dictionaries()


def _by_place(rejected: pa.Table) -> pa.Table:
    """In the order of the file: by row, a row as a whole before its cells."""
    columns = rejected.column("source_column").fill_null(0)
    return rejected.take(np.lexsort([columns.to_numpy(), rejected.column("source_row").to_numpy()]))


def _reason(fault: Fault) -> str:
    return f"{fault.reason}. To do: {fault.remedy}."


def _distinct(names: Sequence[str]) -> list[str]:
    """Header names with a number after each repetition, so that none overwrites another in a JSON object."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct
