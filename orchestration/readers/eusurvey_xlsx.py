"""Reader of EUSurvey's XLSX export.

The workbook has the sheets Content, Content1, Content2 ...: each opens with a preamble of three rows and a
header row; a new sheet starts after 254 columns and is joined to the one before by row position only. The
platform's own columns (contribution id, dates, language, user) follow the last question. An export of more than
20,000 rows comes in several files of the same layout.

Here: workbooks → joined rows of cells, headers as the codebook has them. Not here: rows over several sheets and cells
over several rows (overflow.py), values (common/values.py), opening workbooks (workbook.py).

Source: EUSurvey's source code (github.com/EUSurvey/EUSURVEY), CommonExcelExportCreator.java and ReportingService.java.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, is_blank
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import XLSX
from orchestration.extracts.parts import Part
from orchestration.readers.headings import Heading, Placed, Spelling, match_headings
from orchestration.readers.overflow import ContentSheet, Response, join_responses
from orchestration.readers.platform_columns import columns_of
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import REPEATED_HEADER, Layout, RowCollector, SourceRow, below_the_round, layout_of
from orchestration.readers.workbook import CELL_LIMIT, Workbook
from orchestration.rounds.card import RoundCard
from orchestration.rounds.choices import ChoiceReader, spellings
from orchestration.rounds.codebook import Choice, Codebook, Question

PREAMBLE = ("Alias", "Export Date", "")
HEADER_ROW = len(PREAMBLE) + 1

INVITATION, CONTRIBUTION, USER, CREATED, UPDATED, LANGUAGES, SCORE = METADATA = (
    "invitation", "contribution", "user", "created", "updated", "languages", "score",
)  # fmt: skip
# What the platform writes for the ids of an anonymous survey, in every language.
ANONYMOUS = "Anonymous"

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2}")
_SHORT_NAME = re.compile(r"\s*\(([^()]*)\)(?=\s*(?:;|$))")
_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_MAX_IDS_SHOWN = 3

_EXPORT_AGAIN = "export the results from EUSurvey again as XLSX, and do not edit the file"
SHIFTED_ROW = Fault(
    "shifted_row",
    "a column of a split multiple-choice question says neither Yes nor No, so the row may be shifted from there on",
    "export the results without splitting multiple choice",
)


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read EUSurvey workbooks. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = RowCollector(codebook, card)
    delivery = _Delivery(codebook, has_parts=len(parts) > 1)
    for part in parts:
        delivery.take(part, collector)
        yield collector.flush()
    yield collector.finish()


class _Delivery:
    """The files of one export: of one layout, and no contribution in two of them without a word."""

    def __init__(self, codebook: Codebook, has_parts: bool) -> None:
        self._codebook = codebook
        self._has_parts = has_parts
        self._first: _Export | None = None
        self._seen: dict[str, str] = {}

    def take(self, part: Part, collector: RowCollector) -> None:
        """Hand the rows of one file to the collector."""
        export = _read_export(part, self._codebook)
        self._first = self._first or export
        _check_same_layout(self._first, export)
        collector.begin(export.layout)
        for note in export.notes:
            collector.note(note)
        self._note_ids(export, collector)
        for response in export.responses:
            if export.is_header(response):
                collector.take_row(SourceRow(response.row, response.cells, REPEATED_HEADER))
            elif any(group.is_shifted(response.cells) for group in export.splits):
                collector.take_row(SourceRow(response.row, response.cells, SHIFTED_ROW))
            else:
                cells = export.prepared(response.cells)
                collector.take(response.row, cells, response_id=self._made_id(export, response))

    def _made_id(self, export: _Export, response: Response) -> str | None:
        if export.id_of(response) != ANONYMOUS:
            return None
        row = f"row {response.row}"
        return f"{below_the_round(export.layout.file)} {row}" if self._has_parts else row

    def _note_ids(self, export: _Export, collector: RowCollector) -> None:
        ids = [export.id_of(response) for response in export.responses]
        named = [each for each in ids if each and each != ANONYMOUS]
        if ANONYMOUS in ids:
            collector.note(
                f"{export.file}: the survey is anonymous, so each response is identified by its row: a new export "
                "may number them otherwise"
            )
        repeated = []
        for each in named:
            if each in self._seen:
                repeated.append(each)
            self._seen[each] = export.file
        if repeated:
            shown = ", ".join(repeated[:_MAX_IDS_SHOWN])
            collector.note(
                f"{export.file}: {len(repeated)} contribution ids occur again ({shown}): their last response counts"
            )


@dataclass(frozen=True)
class _Split:
    """A multiple-choice question that is split: its own column stays empty, and each choice has one."""

    question: Question
    columns: tuple[int, ...]

    def is_shifted(self, cells: Sequence[Cell]) -> bool:
        """Whether the cells are anything but a Yes or No for each choice, or a row that ends early says nothing."""
        said = {cell_text(cells[column]) for column in self.columns}
        return not (said <= {"Yes", "No"} or (said == {""} and not is_blank(cells[-1])))


@dataclass(frozen=True)
class _Export:
    """One workbook: its layout, its responses in order, and how it was exported."""

    file: str
    layout: Layout
    responses: Sequence[Response]
    splits: Sequence[_Split]
    notes: Sequence[str]
    mends: Mapping[int, Callable[[Cell], Cell]]

    def id_of(self, response: Response) -> str:
        """The contribution id of a response; empty if it has none."""
        column = self.layout.response_id
        return "" if column is None else clean_label(cell_text(response.cells[column]))

    def is_header(self, response: Response) -> bool:
        """Whether a row is the header again: its contribution id is the header of that column."""
        return self.id_of(response) == self.layout.headings[self.layout.response_id or 0].text

    def prepared(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The cells of a row, as they would be without short names and split columns."""
        prepared = list(cells)
        for split in self.splits:
            for column in split.columns:
                prepared[column] = {"Yes": "1", "No": ""}.get(cell_text(prepared[column]), prepared[column])
        for column, mend in self.mends.items():
            prepared[column] = mend(prepared[column])
        return prepared


def _check_same_layout(first: _Export, export: _Export) -> None:
    headers = [heading.text for heading in first.layout.headings]
    for heading, expected in zip(export.layout.headings, headers, strict=False):
        if heading.text != expected:
            reason = f"the column is another than in {first.file}, which has {expected!r} here"
            raise ExtractError([heading.problem(reason, "deliver the files of one export, or export again in one go")])
    if len(export.layout.headings) != len(headers):
        reason = f"the file has {len(export.layout.headings)} columns, but {first.file} {len(headers)}"
        raise ExtractError([Problem(export.file, reason, "deliver the files of one export", row=HEADER_ROW)])


def _read_export(part: Part, codebook: Codebook) -> _Export:
    workbook = Workbook(part, (XLSX,), "export the results as XLSX, or set the platform in round.yml")
    sheets = _sheets(workbook)
    headings = _headings(part.shown, sheets)
    metadata, notes = _metadata(headings, sheets)
    questions = headings[: len(headings) - len(metadata)] if metadata else headings
    spelled = _Spelled(codebook, questions or headings, sheets)
    placed = _questions(headings, metadata, spelled)
    layout = layout_of(
        part,
        headings,
        placed,
        personal=[column for name, column in metadata.items() if name in columns_of("eusurvey_xlsx").personal],
        response_id=metadata[CONTRIBUTION],
        submitted_at=metadata.get(CREATED),
        updated_at=metadata.get(UPDATED),
        language=metadata.get(LANGUAGES),
        text_limit=CELL_LIMIT,
    )
    return _Export(
        file=part.shown,
        layout=layout,
        responses=join_responses(part.shown, sheets, metadata[CONTRIBUTION], _EXPORT_AGAIN),
        splits=spelled.splits,
        notes=(*notes, *spelled.notes()),
        mends=_mends(placed, codebook) if spelled.has_short_names else {},
    )


def is_export(workbook: Workbook) -> bool:
    """Whether a workbook is an export of this platform, known without a codebook."""
    first = workbook.rows("Content", _EXPORT_AGAIN)[:1] if "Content" in workbook.visible_names else []
    return bool(first and first[0]) and clean_label(cell_text(first[0][0])) == PREAMBLE[0]


def read_responses(workbook: Workbook) -> tuple[tuple[Heading, ...], Mapping[str, int], list[Response]]:
    """The headings over all sheets, which of them are the platform's, and the responses, without a codebook."""
    sheets = _sheets(workbook)
    headings = _headings(workbook.file, sheets)
    metadata, _ = _metadata(headings, sheets)
    if CONTRIBUTION not in metadata:
        raise ExtractError([_missing_ids(headings)])
    return headings, metadata, join_responses(workbook.file, sheets, metadata[CONTRIBUTION], _EXPORT_AGAIN)


def _sheets(workbook: Workbook) -> list[ContentSheet]:
    names = list(workbook.visible_names)
    _check_sheet_names(workbook.file, names)
    ordered = sorted(names, key=lambda name: (len(name), name))
    cells = {name: workbook.rows(name, _EXPORT_AGAIN) for name in ordered}
    problems = [problem for name in ordered for problem in _preamble_problems(workbook.file, name, cells[name])]
    if problems:
        raise ExtractError(problems)
    sheets = [_sheet(name, cells[name], workbook.declared_height(name)) for name in ordered]
    used = [sheet for sheet in sheets if sheet.headings]
    if not used:
        reason = "no header here: the row is empty"
        raise ExtractError([Problem(workbook.file, reason, _EXPORT_AGAIN, sheets[0].name, HEADER_ROW)])
    return used


def _check_sheet_names(file: str, names: Sequence[str]) -> None:
    expected = ["Content", *(f"Content{number}" for number in range(1, len(names)))]
    if sorted(names) != sorted(expected):
        reason = f"the sheets are {', '.join(map(repr, names))}, not {', '.join(map(repr, expected))}"
        raise ExtractError([Problem(file, reason, _EXPORT_AGAIN)])


def _preamble_problems(file: str, name: str, rows: Sequence[Sequence[Cell]]) -> Iterator[Problem]:
    for number, expected in enumerate(PREAMBLE, 1):
        cells = rows[number - 1] if number <= len(rows) else ()
        found = clean_label(cell_text(cells[0])) if cells else ""
        is_as_expected = found == expected and (expected or all(map(is_blank, cells)))
        if not is_as_expected:
            wanted = f"to start with {expected!r}" if expected else "to be empty"
            reason = f"the preamble is not as expected: the row has {wanted}"
            yield Problem(file, reason, _EXPORT_AGAIN, name, number, "A")


def _sheet(name: str, rows: Sequence[Sequence[Cell]], declared_height: int) -> ContentSheet:
    header = [clean_label(cell_text(cell)) for cell in rows[HEADER_ROW - 1]] if len(rows) >= HEADER_ROW else []
    body = list(rows[HEADER_ROW:])
    while body and all(map(is_blank, body[-1])):
        body.pop()
    width = max((column for column, text in enumerate(header, 1) if text), default=0)
    return ContentSheet(name, tuple(header[:width]), body, HEADER_ROW + 1, max(0, declared_height - HEADER_ROW))


def _headings(file: str, sheets: Sequence[ContentSheet]) -> tuple[Heading, ...]:
    cells = [(sheet.name, text) for sheet in sheets for text in sheet.headings]
    return tuple(Heading(file, sheet, HEADER_ROW, column, text) for column, (sheet, text) in enumerate(cells, 1))


def _column(sheets: Sequence[ContentSheet], column: int) -> Iterator[Cell]:
    """What a column over all sheets says, blank cells left out."""
    for sheet in sheets:
        if column < len(sheet.headings):
            yield from (row[column] for row in sheet.body if column < len(row) and not is_blank(row[column]))
            return
        column -= len(sheet.headings)


def _metadata(headings: Sequence[Heading], sheets: Sequence[ContentSheet]) -> tuple[dict[str, int], list[str]]:
    """The platform's columns: read from the end, since a question may bear the same label; and what to say of it.

    The ids are known by their UUIDs too, and all six columns by place and content, whatever the exporter's language.
    """
    found: dict[str, int] = {}
    notes: list[str] = []
    for heading in reversed(headings):
        name = columns_of("eusurvey_xlsx").of(heading.text)
        if name is None and CONTRIBUTION not in found and _are_ids(_column(sheets, heading.column - 1)):
            name = CONTRIBUTION
            notes.append(f"{heading.file}: {heading.text!r} holds the contribution ids, as its content shows")
        if name is None or name in found:
            break
        found[name] = heading.column - 1
    if SCORE in found:
        notes.append(f"{headings[0].file}: the total score of the quiz is not landed")
    if CONTRIBUTION in found or not _end_as_the_platform_writes(headings, sheets):
        return found, notes
    by_place = dict(zip(METADATA, range(len(headings) - 6, len(headings)), strict=False))
    shown = ", ".join(f"{headings[column].text!r} as {name}" for name, column in by_place.items())
    return by_place, [f"{headings[0].file}: the platform's columns are known by their place and content: {shown}"]


def _are_ids(cells: Iterator[Cell]) -> bool:
    said = {cell_text(cell) for cell in cells}
    return bool(said) and all(_UUID.fullmatch(text) or text == ANONYMOUS for text in said)


def _end_as_the_platform_writes(headings: Sequence[Heading], sheets: Sequence[ContentSheet]) -> bool:
    """Whether the last six columns hold what the platform writes there, all of them being exported."""
    if len(headings) <= len(METADATA) - 1:
        return False
    invitation, contribution, _, created, updated, languages = (
        list(_column(sheets, column)) for column in range(len(headings) - 6, len(headings))
    )
    return (
        (not invitation or _are_ids(iter(invitation)))
        and _are_ids(iter(contribution))
        and all(isinstance(cell, date | datetime) for cell in (*created, *updated))
        and bool(languages)
        and all(_LANGUAGE.fullmatch(cell_text(cell)) for cell in languages)
    )


class _Spelled:
    """The headers of the questions as the codebook has them: without short names, split choices with their question."""

    def __init__(self, codebook: Codebook, headings: Sequence[Heading], sheets: Sequence[ContentSheet]) -> None:
        self.codebook = codebook
        self._sheets = sheets
        spelling = Spelling()
        self._by_text = {
            clean_label(text): question
            for question in reversed(codebook.questions)
            for text in (*spelling.whole(question), *_with_short_name(question))
            if text
        }
        self.has_short_names = False
        self.splits: list[_Split] = []
        self.headings = self._unsplit([self._without_short_name(heading) for heading in headings])

    def notes(self) -> Iterator[str]:
        """What the export leaves in doubt: the platform finds a split choice by its label ending the list of labels."""
        for split in self.splits:
            labels = [clean_label(choice.label) for choice in self.codebook.choices_of(split.question)]
            doubtful = [a for a in labels if any(a != b and b.endswith(a) for b in labels)]
            if doubtful:
                yield (
                    f"question {split.question.name}: EUSurvey may say Yes for {', '.join(map(repr, doubtful))} where "
                    "only a choice whose label ends so was chosen; export it without splitting multiple choice"
                )

    def _without_short_name(self, heading: Heading) -> Heading:
        if heading.text in self._by_text:
            question = self._by_text[heading.text]
            if heading.text in map(clean_label, _with_short_name(question)):
                self.has_short_names = True
                return replace(heading, text=clean_label(question.source))
            return heading
        short = _SHORT_NAME.sub("", heading.text)
        if short != heading.text and short in self._by_text:
            self.has_short_names = True
            return replace(heading, text=short)
        return heading

    def _unsplit(self, headings: Sequence[Heading]) -> list[Heading]:
        kept: list[Heading] = []
        at = 0
        while at < len(headings):
            split = self._split_at(headings, at)
            if split is None:
                kept.append(headings[at])
                at += 1
            else:
                kept += split
                at += 1 + len(split)
        return kept

    def _split_at(self, headings: Sequence[Heading], at: int) -> list[Heading] | None:
        """The columns of the choices of a question that stands here, if it is split."""
        question = self._by_text.get(headings[at].text)
        if question is None or question.base_type != "select_multiple":
            return None
        if next(_column(self._sheets, headings[at].column - 1), None) is not None:
            return None
        by_label = {
            clean_label(text): choice
            for choice in reversed(self.codebook.choices_of(question))
            for text in spellings(choice)
            if text
        }
        found: list[Heading] = []
        for heading in headings[at + 1 :]:
            choice = _choice_of(heading.text, by_label)
            if choice is None or not self._says_yes_or_no(heading):
                break
            found.append(replace(heading, text=clean_label(f"{question.header} [{choice.label}]")))
        if found:
            self.splits.append(_Split(question, tuple(heading.column - 1 for heading in found)))
        return found or None

    def _says_yes_or_no(self, heading: Heading) -> bool:
        """Whether a column is one of a split question: some other cell may have been shifted into it."""
        said = {cell_text(cell) for cell in _column(self._sheets, heading.column - 1)}
        return not said or bool(said & {"Yes", "No"})


def _with_short_name(question: Question) -> tuple[str, ...]:
    headers = (question.header, *question.translated_headers)
    return tuple(f"{header} ({question.source})" for header in headers) if question.source else ()


def _choice_of(text: str, by_label: Mapping[str, Choice]) -> Choice | None:
    return by_label.get(text) or by_label.get(_SHORT_NAME.sub("", text))


def _questions(headings: Sequence[Heading], metadata: Mapping[str, int], spelled: _Spelled) -> list[Placed]:
    problems: list[Problem] = []
    if CONTRIBUTION not in metadata:
        problems.append(_missing_ids(headings))
    try:
        placed = match_headings(
            spelled.headings,
            spelled.codebook,
            if_none=_EXPORT_AGAIN,
            if_missing="export all questions in a language of the codebook",
        )
    except ExtractError as error:
        raise ExtractError([*problems, *error.problems]) from error
    if problems:
        raise ExtractError(problems)
    return placed


def _missing_ids(headings: Sequence[Heading]) -> Problem:
    remedy = "choose Contribution Id among the columns to export, and export again, if need be in English"
    last = headings[-1]
    return Problem(last.file, "the column is missing", remedy, last.sheet, HEADER_ROW, "'Contribution Id'")


def _mends(placed: Sequence[Placed], codebook: Codebook) -> dict[int, Callable[[Cell], Cell]]:
    """What to do with the cells of an export with short names: choices bear them, and dates are text."""
    mends: dict[int, Callable[[Cell], Cell]] = {}
    for entry in placed:
        if entry.question.list_name is not None and not entry.choices:
            mends[entry.columns[0]] = _without_short_names(entry.question, codebook)
        elif entry.question.base_type == "date":
            mends[entry.columns[0]] = _as_iso_day
    return mends


def _without_short_names(question: Question, codebook: Codebook) -> Callable[[Cell], Cell]:
    is_multiple = question.base_type == "select_multiple"
    choices = ChoiceReader(str(question.list_name), codebook.choices_of(question), is_multiple)

    def mend(cell: Cell) -> Cell:
        if not isinstance(cell, str) or not isinstance(choices.read(cell), Fault):
            return cell
        short = _SHORT_NAME.sub("", cell)
        return cell if isinstance(choices.read(short), Fault) else short

    return mend


def _as_iso_day(cell: Cell) -> Cell:
    found = _DAY.fullmatch(clean_label(cell)) if isinstance(cell, str) else None
    return f"{found[3]}-{found[2]}-{found[1]}" if found else cell
