"""Reader of SPSS files (.sav and .zsav), case by case, a chunk at a time.

A question is found by the name of its variable (`source`, or the question's code), else by the variable's label. A
choice is found by the value (`source`), else by the value's label. A multiple choice is a set of yes-or-no variables,
whose counted value means chosen (`source` of a choice is its variable), or a set of categories: several variables that
say one choice each, which together are the question (`source` of the question is the name of the set). Values that the
file declares missing are no answers; the notes count them. `source_row` of a landed answer is the number of the case.

Here: what a value of a variable means. Not here: cells (common/values.py), which variable is which question
(headings.py).
Facts: pyreadstat and the description of the format in PSPP's developers' guide.
"""

from __future__ import annotations

import re
import shutil
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from os import SEEK_CUR
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from orchestration.common.problems import Problem
from orchestration.common.processes import start_processes
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, cell_text
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import SPSS, require_kind
from orchestration.extracts.limits import check_cells, check_columns
from orchestration.extracts.parts import Part
from orchestration.readers.headings import Heading, Placed, Spelling, known_headers, match_headings, recognise
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import Layout, RowCollector, layout_of
from orchestration.rounds.card import RoundCard
from orchestration.rounds.choices import Ticks, spellings, tick_key
from orchestration.rounds.codebook import NUMBER_TYPES, Choice, Codebook, Question

if TYPE_CHECKING:
    from pyreadstat import metadata_container

Value = float | str | None
Convert = Callable[[Value], Cell]

_CELLS_A_CHUNK = 1_000_000
_BYTES_A_CHUNK = 1 << 27
_SIZE_OF_HEADER, _SIZE_OF_VARIABLE, _VARIABLE, _MOST_MISSING = 176, 32, 2, 3
_EPOCH = datetime(1582, 10, 14)
_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS", "MOYR", "QYR", "WKYR")
_TIMES = ("TIME", "DTIME", "MTIME")
_CATEGORIES = "C"

_SAVE_AGAIN = "save it again from SPSS as .sav, or fetch it again from where it was exported"


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read SPSS files. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = RowCollector(codebook, card)
    for part in parts:
        yield from _read_part(part, codebook, card, collector)
    yield collector.finish()


def _read_part(part: Part, codebook: Codebook, card: RoundCard, collector: RowCollector) -> Iterator[ReadResult]:
    with _open_copy(part, card) as file:
        _, metadata = file.cases(is_metadata_alone=True)
        columns_n = len(metadata.column_names)
        check_cells(part.shown, columns_n * max(metadata.number_rows or 0, 0), part.size, part.limits)
        variables = _Variables(part, metadata, codebook, card.ticks)
        collector.begin(variables.layout)
        width = sum(metadata.variable_storage_width.values())
        size = max(1, min(_CELLS_A_CHUNK // columns_n, _BYTES_A_CHUNK // max(1, width)))
        taken = 0
        while True:
            columns, _ = file.cases(taken, size)
            cases = list(zip(*variables.cells(columns), strict=True))
            for number, cells in enumerate(cases, taken + 1):
                collector.take(number, cells)
            taken += len(cases)
            part.clock.check()
            if len(cases) < size:
                break
            yield collector.flush()
    if not taken:
        raise ExtractError([Problem(part.shown, "the file has variables, but no case", _SAVE_AGAIN)])
    for note in variables.notes():
        collector.note(note)
    yield collector.flush()


@dataclass(frozen=True)
class _File:
    """A copy of a file on disk, read by a process of its own: a damaged file may crash the library that reads it."""

    part: Part
    path: str
    encoding: str | None
    reader: ProcessPoolExecutor

    def cases(
        self, offset: int = 0, limit: int = 0, is_metadata_alone: bool = False
    ) -> tuple[Mapping[str, Sequence[Value]], metadata_container]:
        """Some cases by variable, dates as seconds, system-missing as None; and what the file says of its variables."""
        try:
            found = self.reader.submit(_cases, self.path, self.encoding, offset, limit, is_metadata_alone).result()
        except BrokenProcessPool as error:
            raise ExtractError([_unreadable(self.part, "reading it broke off")]) from error
        if isinstance(found, str):
            raise ExtractError([_unreadable(self.part, found.replace(self.path, self.part.shown))])
        return found


@contextmanager
def _open_copy(part: Part, card: RoundCard) -> Iterator[_File]:
    with part.open() as file, NamedTemporaryFile(suffix=".sav") as copy:
        require_kind(part, SPSS, "save it as .sav, or set the platform in round.yml")
        check_columns(part.shown, _variables_n(file), part.limits)
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        # An SPSS file says its encoding; only another one than the usual is meant to correct that.
        encoding = None if card.encoding in (None, "", "utf-8") else card.encoding
        with start_processes(1) as reader:
            yield _File(part, copy.name, encoding, reader)


def _variables_n(file: BinaryIO) -> int:
    """How many variables a file declares, before the library reads it: to it many cost the square of their number.

    Source: PSPP's developers' guide, File Header Record and Variable Record.
    """
    head = file.read(_SIZE_OF_HEADER)
    order = "<" if head[64:68] in (b"\x02\0\0\0", b"\x03\0\0\0") else ">"
    n = 0
    while len(record := file.read(_SIZE_OF_VARIABLE)) == _SIZE_OF_VARIABLE:
        kind, width, is_labelled, missing_n = struct.unpack_from(f"{order}4i", record)
        if kind != _VARIABLE:
            break
        # Further places of a long text are records without a width.
        n += width >= 0
        label_size = struct.unpack(f"{order}i", file.read(4).ljust(4, b"\0"))[0] if is_labelled else 0
        file.seek(max(0, label_size + 3) // 4 * 4 + 8 * min(abs(missing_n), _MOST_MISSING), SEEK_CUR)
    return n


def _cases(
    path: str, encoding: str | None, offset: int, limit: int, is_metadata_alone: bool
) -> tuple[Mapping[str, Sequence[Value]], metadata_container] | str:
    """What `_File.cases` gives, or why there is none."""
    import pyreadstat

    try:
        return pyreadstat.read_sav(
            path,
            metadataonly=is_metadata_alone,
            row_offset=offset,
            row_limit=limit,
            output_format="dict",
            user_missing=True,
            disable_datetime_conversion=True,
            encoding=encoding,
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        return str(error)


def _unreadable(part: Part, message: str) -> Problem:
    if "encoding" in message or "decode" in message:
        reason = f"its texts are not in the encoding that the file says: {message}"
        return Problem(part.shown, reason, "write the encoding in round.yml, for example `encoding: cp1252`")
    return Problem(part.shown, f"the file is truncated or damaged: {message}", _SAVE_AGAIN)


class _Headers(Spelling):
    """Variables are known by their names first; each choice of a set by its variable."""

    def whole(self, question: Question) -> Iterable[str]:
        """Names of the variable, or of the set of categories, of a question."""
        yield from (question.source, question.name)
        yield from super().whole(question)

    def split(self, question: Question, choice: Choice) -> Iterable[str]:
        """Names of the variable that stands for one choice."""
        if question.base_type == "select_multiple":
            yield choice.source
            yield from super().split(question, choice)
            yield from (choice.label, *choice.labels.values())


class _Variables:
    """The variables of a file against the codebook: turns their values into cells."""

    def __init__(self, part: Part, metadata: metadata_container, codebook: Codebook, ticks: Ticks) -> None:
        self._part = part
        self._metadata = metadata
        self._codebook = codebook
        self._ticks = ticks
        self._names: Sequence[str] = metadata.column_names
        self._missing: Counter[str] = Counter()
        self._codes: set[str] = set()
        known = known_headers(codebook, _Headers())
        self._sets = self._sets_of_categories(known)
        headings = tuple(
            Heading(part.shown, None, None, number, self._text(name, known))
            for number, name in enumerate(self._names, 1)
        )
        placed = match_headings(
            [heading for heading in headings if self._names[heading.column - 1] not in self._members()],
            codebook,
            if_none="write the names of the variables into `source` of questions.csv",
            if_missing="save all variables, or write the variable's name into `source` of questions.csv",
            spelling=_Headers(),
        )
        self.layout: Layout = layout_of(part, headings, placed)
        self._check(placed)
        self._converters = dict(self._converters_of(placed))

    def cells(self, columns: Mapping[str, Sequence[Value]]) -> Iterator[Iterable[Cell]]:
        """The cells of some cases, variable by variable; those of personal questions stay empty."""
        for index, name in enumerate(self._names):
            convert = self._converters.get(index)
            if convert is None:
                yield [None] * len(columns[name])
            elif name in self._sets:
                several = zip(*(self._answered(other, columns[other]) for other in self._sets[name][1]), strict=True)
                yield [";".join(cell_text(convert(value)) for value in said if value is not None) for said in several]
            else:
                yield [convert(value) for value in self._answered(name, columns[name])]

    def notes(self) -> Iterator[str]:
        """What a person should know: how many values the file itself declares missing."""
        if self._missing:
            counts = ", ".join(f"{name} {self._missing[name]}" for name in self._names if self._missing[name])
            yield f"{self._part.shown}: values that the file declares missing, read as no answer: {counts}"
        if self._codes:
            names = ", ".join(name for name in self._names if name in self._codes)
            remedy = "declare them missing in SPSS, or write both bounds into `constraint` if they are numbers"
            yield f"{self._part.shown}: labelled values among the numbers of {names} are rejected: {remedy}"

    def _answered(self, name: str, values: Iterable[Value]) -> Iterator[Value]:
        """Values of a variable, None for those that the file declares missing."""
        ranges = self._metadata.missing_ranges.get(name, ())
        for value in values:
            if ranges and value is not None and _is_missing(value, ranges):
                self._missing[name] += 1
                yield None
            else:
                yield value

    def _sets_of_categories(self, known: frozenset[str]) -> Mapping[str, tuple[str, Sequence[str]]]:
        """Sets of categories that the codebook asks for: by their first variable what they are called and hold."""
        by_lower = {name.casefold(): name for name in self._names}
        found: dict[str, tuple[str, Sequence[str]]] = {}
        for set_name, response_set in sorted(self._metadata.mr_sets.items()):
            text = recognise((set_name, response_set["label"]), known)
            if response_set["type"] != _CATEGORIES or not text:
                continue
            absent = [name for name in response_set["variable_list"] if name.casefold() not in by_lower]
            if absent or not response_set["variable_list"]:
                reason = f"the set {set_name} names no variables of the file: {', '.join(absent)}"
                raise ExtractError([Problem(self._part.shown, reason, _SAVE_AGAIN)])
            variables = [by_lower[name.casefold()] for name in response_set["variable_list"]]
            found[variables[0]] = (text, variables)
        return found

    def _members(self) -> set[str]:
        """Variables of sets of categories but for the first, which stands for its set."""
        return {name for _, variables in self._sets.values() for name in variables[1:]}

    def _text(self, name: str, known: frozenset[str]) -> str:
        if name in self._sets:
            return self._sets[name][0]
        label = self._metadata.column_names_to_labels.get(name) or ""
        return recognise((name, name.lower(), name.upper(), label), known) or name

    def _check(self, placed: Sequence[Placed]) -> None:
        """Refuse values that codebook and file explain differently, and numbers that are no dates."""
        problems = [problem for entry in placed for problem in self._problems(entry)]
        if problems:
            raise ExtractError(problems)

    def _problems(self, placed: Placed) -> Iterator[Problem]:
        name = self._names[placed.columns[0]]
        heading = self.layout.headings[placed.columns[0]]
        if placed.question.base_type == "date" and not self._is_text(name) and self._format(name) not in _DATES:
            reason = f"the question is a date, the variable a number of format {self._format(name)}"
            yield heading.problem(reason, "give the variable a date format in SPSS, or change the question's type")
        if placed.choices or placed.question.list_name is None:
            return
        choices = self._codebook.choices_of(placed.question)
        labels = self._labels(name)
        of_several = {label for label, n in Counter(map(clean_label, labels.values())).items() if n > 1}
        for value, label in labels.items():
            by_value = next((choice for choice in choices if choice.source == _code(value)), None)
            by_label = next((choice for choice in choices if _is_labelled(choice, label)), None)
            text = clean_label(label)
            # A codebook tells values of one label apart: `Other`, `Other [9]`.
            is_told_apart = text in of_several and by_value and clean_label(by_value.label).startswith(text)
            if by_value and by_label and by_value is not by_label and not is_told_apart:
                reason = (
                    f"the value {_code(value)} is labelled {label!r} as choice {by_label.name}, "
                    f"but is the source of choice {by_value.name}"
                )
                yield heading.problem(reason, "correct `source` in choices.csv, or the label in SPSS")

    def _labels(self, name: str) -> Mapping[Any, str]:
        return self._metadata.variable_value_labels.get(name, {})

    def _is_text(self, name: str) -> bool:
        return bool(self._metadata.readstat_variable_types[name] == "string")

    def _format(self, name: str) -> str:
        return str(self._metadata.original_variable_types[name]).rstrip("0123456789.")

    def _converters_of(self, placed: Sequence[Placed]) -> Iterator[tuple[int, Convert]]:
        for entry in placed:
            if entry.question.is_personal:
                continue
            for column in entry.columns:
                name = self._names[column]
                yield column, self._tick(name) if entry.choices else self._converter(name, entry.question)

    def _tick(self, name: str) -> Convert:
        """Whether a variable of a set says that its choice was chosen."""
        counted = self._counted(name)
        labels = self._labels(name)

        def convert(value: Value) -> Cell:
            if value is None or value == "":
                return None
            if counted is not None:
                return "1" if _code(value) == counted else "0"
            label = labels.get(value, "")
            is_tick = tick_key(label) in self._ticks.ticked | self._ticks.not_ticked
            return label if is_tick else _code(value)

        return convert

    def _counted(self, name: str) -> str | None:
        """The value that means chosen; None for texts, which the file's sets do not tell reliably."""
        for response_set in self._metadata.mr_sets.values():
            members = {member.casefold() for member in response_set["variable_list"]}
            if name.casefold() in members and response_set["type"] != _CATEGORIES and not self._is_text(name):
                counted = response_set["counted_value"]
                return None if counted is None else _code(float(counted))
        return None

    def _converter(self, name: str, question: Question) -> Convert:
        if question.list_name is not None:
            return self._choice(name, question)
        if question.base_type == "text":
            labels: Mapping[Any, str] = {} if question.roles else self._labels(name)
            format_name = self._format(name)
            return lambda value: None if value is None else labels.get(value) or _as_formatted(value, format_name)
        if question.base_type == "date" and not self._is_text(name):
            return lambda value: None if value is None else _as_formatted(value, "DATE")
        return self._number(name, question) if question.base_type in NUMBER_TYPES else lambda value: value

    def _number(self, name: str, question: Question) -> Convert:
        """Values as they are; one that is labelled is a code among numbers, and is shown so, to be rejected."""
        codes = {
            value: label for value, label in self._labels(name).items() if not _is_of_scale(value, label, question)
        }

        def convert(value: Value) -> Cell:
            if value not in codes:
                return value
            self._codes.add(name)
            return f"{_code(cast(float | str, value))} = {codes[value]}"

        return convert

    def _choice(self, name: str, question: Question) -> Convert:
        """The label of the choice that a value is the source of, else the value's label, else the value."""
        by_source = {c.source: c.label for c in self._codebook.choices_of(question) if c.source}
        labels = self._labels(name)

        def convert(value: Value) -> Cell:
            if value is None or value == "":
                return None
            return by_source.get(_code(value)) or labels.get(value) or _code(value)

        return convert


def _is_missing(value: float | str, ranges: Iterable[Any]) -> bool:
    for entry in ranges:
        low, high = (entry["lo"], entry["hi"]) if isinstance(entry, dict) else (entry, entry)
        if isinstance(value, str) == isinstance(low, str) and low <= value <= high:
            return True
    return False


def _is_of_scale(value: float | str, label: str, question: Question) -> bool:
    """Whether a labelled value is a number: it is within the bounds of its question, or its label begins with it."""
    bounds = question.constraint
    if bounds and bounds.minimum is not None and bounds.maximum is not None and not isinstance(value, str):
        return bounds.minimum <= value <= bounds.maximum
    return bool(re.match(rf"{re.escape(_code(value))}(?![\d.,])", clean_label(label)))


def _is_labelled(choice: Choice, label: str) -> bool:
    texts = spellings(choice)[: 1 + len(choice.labels)]
    return clean_label(label) in map(clean_label, texts)


def _code(value: float | str) -> str:
    return value.strip() if isinstance(value, str) else cell_text(float(value))


def _as_formatted(value: float | str, format_name: str) -> Cell:
    """A value of a date or time format, which is seconds, as a date or a time of day; else as it is."""
    if isinstance(value, str):
        return value
    if format_name in _TIMES:
        hours, seconds = divmod(round(value), 3600)
        return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
    if format_name in _DATES:
        try:
            return _EPOCH + timedelta(milliseconds=round(value * 1000))
        except OverflowError:
            return value
    return value
