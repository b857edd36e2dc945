"""Reader of Microsoft Forms' workbooks: one sheet, the platform's own columns first, then one column a question.

The choices of a multiple-choice question stand in one cell, each ended by a semicolon. What a respondent wrote for
"Other" stands among them: it goes to the text question `<name>_other` of the codebook, if there is one. The row of a
Likert grid is headed by its statement alone. A ranking is one cell in order of rank: questions of one matrix whose
matrix text is the header take one rank each. Headers are unique: the platform writes "Comment2" for the second one.

Here: what these columns mean, and cells that answer several questions. Not here: opening workbooks (workbook.py),
values (common/values.py).

Source: headers as public code that processes such files names them; Microsoft documents none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, cell_text, is_blank, moment
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import XLSX
from orchestration.extracts.parts import Part
from orchestration.readers.headings import Heading, Placed, Spelling, match_headings
from orchestration.readers.platform_columns import columns_of
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import Layout, RowCollector, below_the_round, layout_of
from orchestration.readers.workbook import CELL_LIMIT, Table, Workbook, read_table
from orchestration.rounds.card import RoundCard
from orchestration.rounds.choices import ChoiceReader
from orchestration.rounds.codebook import Codebook, Question

ID, START, COMPLETION, EMAIL, NAME, MODIFIED, LANGUAGE, POINTS, FEEDBACK = (
    "id", "start", "completion", "email", "name", "modified", "language", "points", "feedback",
)  # fmt: skip
JOINT = ";"
OTHER_SUFFIX = "_other"
OTHER_CHOICE = "other"

_NUMBERED = re.compile(r"(.+?)([2-9]|[1-9][0-9])")
_OF_A_QUIZ = re.compile(r"(?:Points|Feedback) - (.+)")
_AGAIN = "open the results in Excel from Microsoft Forms again, and do not edit the file"


class FormsSpelling(Spelling):
    """Headers of a grid's rows: with the grid's text, or the statement alone."""

    def whole(self, question: Question) -> Iterable[str]:
        """Headers of a column that holds all answers of a question."""
        yield from super().whole(question)
        if question.matrix:
            yield f"{question.matrix}.{question.label}"
            yield question.label
            yield from question.labels.values()


@dataclass(frozen=True)
class _Apart:
    """A cell that answers several questions: its column, and what takes it apart.

    The first value stays in the column, the others go to columns at the end of the row, in order.
    """

    column: int
    questions: tuple[Question, ...]
    take: Callable[[Cell], tuple[Cell, ...]]


@dataclass(frozen=True)
class _Export:
    """One workbook: its layout, its table, and the cells of it that are taken apart."""

    part: Part
    table: Table
    layout: Layout
    start: int | None
    aparts: Sequence[_Apart]
    notes: Sequence[str]

    def id_of(self, cells: Sequence[Cell]) -> str:
        """The id of a response; empty if it has none."""
        return clean_label(cell_text(cells[self.layout.response_id or 0]))

    def prepared(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The cells of a row with as many as the layout has columns."""
        prepared = list(cells)
        for apart in self.aparts:
            kept, *others = apart.take(cells[apart.column])
            prepared[apart.column] = kept
            prepared += others
        return prepared


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read workbooks of Microsoft Forms. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = RowCollector(codebook, card)
    are_forms_apart = len(parts) > 1 and _are_forms_apart(_read_export(part, codebook, card) for part in parts)
    for part in parts:
        export = _read_export(part, codebook, card)
        collector.begin(export.layout)
        for note in export.notes:
            collector.note(note)
        name = below_the_round(part.name)
        if are_forms_apart:
            collector.note(f"{part.shown}: ids start again in each file, so they are landed as '{name} 1' and so on")
        for row in export.table.source_rows():
            if row.fault is not None:
                collector.take_row(row)
                continue
            delivered = export.id_of(row.cells)
            made = f"{name} {delivered}" if are_forms_apart and delivered else None
            collector.take(row.line, export.prepared(row.cells), response_id=made)
        yield collector.flush()
    yield collector.finish()


def _are_forms_apart(exports: Iterable[_Export]) -> bool:
    """Whether files are of several forms, each with ids from 1 on. Raises ExtractError where that cannot be told.

    An id that stands in two files is one response, delivered again, if it was begun at the same time. It is two if
    not: then a file's name is part of the id.
    """
    begun: dict[str, Cell] = {}
    same: list[str] = []
    apart: list[str] = []
    file = ""
    for export in exports:
        file = export.part.shown
        here: dict[str, Cell] = {}
        for _, cells in export.table.rows:
            here[export.id_of(cells)] = None if export.start is None else cells[export.start]
        for each in sorted(here.keys() & begun.keys() - {""}):
            is_same = not is_blank(here[each]) and here[each] == begun[each]
            (same if is_same else apart).append(each)
        begun |= here
    if same and apart:
        reason = (
            f"ids of the other files occur again: {len(same)} were begun at the same time and so are the same "
            f"responses ({', '.join(same[:3])}), {len(apart)} were not ({', '.join(apart[:3])})"
        )
        remedy = "deliver one export a form, or each form as a round of its own"
        raise ExtractError([Problem(file, reason, remedy, column="'ID'")])
    return bool(apart)


def _read_export(part: Part, codebook: Codebook, card: RoundCard) -> _Export:
    remedy = "open the results in Excel from Microsoft Forms and save them as XLSX, or set the platform in round.yml"
    table = read_table(Workbook(part, (XLSX,), remedy), card.sheet, _AGAIN)
    spelling = FormsSpelling()
    texts = Counter(
        text
        for question in codebook.questions
        for text in {clean_label(text) for text in spelling.whole(question) if text}
    )
    platform, notes = platform_columns(table, texts)
    own = set(platform.values())
    questions = [heading for heading in table.filled if heading.column - 1 not in own]
    asked = [heading for heading in questions if not _is_of_a_quiz(heading, questions)]
    if len(asked) < len(questions) or POINTS in platform:
        notes = [*notes, f"{part.shown}: points and feedback of a quiz are not landed"]
    headings = [_without_number(heading, texts) for heading in asked or table.headings]
    aparts = list(_aparts(headings, codebook, texts))
    placed = _placed(part.shown, headings, platform, codebook, aparts, spelling)
    further = [(table.headings[apart.column], question) for apart in aparts for question in apart.questions]
    layout = layout_of(
        part,
        (*table.headings, *(replace(heading, text=clean_label(question.header)) for heading, question in further)),
        [*placed, *(Placed(entry[1], (at,)) for at, entry in enumerate(further, len(table.headings)))],
        personal=[column for name, column in platform.items() if name in columns_of("forms_xlsx").personal],
        response_id=platform[ID],
        submitted_at=platform.get(COMPLETION),
        updated_at=platform.get(MODIFIED),
        language=platform.get(LANGUAGE),
        text_limit=CELL_LIMIT,
    )
    return _Export(part, table, layout, platform.get(START), aparts, notes)


def platform_columns(table: Table, texts: Mapping[str, int]) -> tuple[dict[str, int], list[str]]:
    """The platform's columns, which come first; and what to say of it."""
    found: dict[str, int] = {}
    for heading in table.headings:
        name = columns_of("forms_xlsx").of(heading.text)
        if name is None or name in found:
            break
        found[name] = heading.column - 1
    if {ID, START, COMPLETION} <= found.keys() or not _begins_as_the_platform_writes(table, texts):
        return found, []
    found = dict(zip((ID, START, COMPLETION, EMAIL, NAME), range(5), strict=True))
    further = table.headings[5:6]
    if further and further[0].text not in texts and _are_moments(table, 5):
        found[MODIFIED] = 5
    shown = ", ".join(f"{table.headings[column].text!r} as {name}" for name, column in found.items())
    return found, [f"{table.headings[0].file}: the platform's columns are known by their place and content: {shown}"]


def is_export(table: Table) -> bool:
    """Whether a table is an export of this platform, known without a codebook.

    Where the headers are in no known language, the fourth column has to hold addresses, or the word for no address.
    """
    platform, notes = platform_columns(table, {})
    emails = {cell_text(cells[platform[EMAIL]]) for _, cells in table.rows} if EMAIL in platform else set()
    return {ID, START, COMPLETION} <= platform.keys() and (
        not notes or len(emails) == 1 or all("@" in email for email in emails)
    )


def _begins_as_the_platform_writes(table: Table, texts: Mapping[str, int]) -> bool:
    if len(table.headings) < 5 or any(heading.text in texts for heading in table.headings[:5]):
        return False
    ids = [cells[0] for _, cells in table.rows]
    are_ids = all(isinstance(each, float) and each.is_integer() for each in ids) and len(set(ids)) == len(ids)
    return are_ids and _are_moments(table, 1) and _are_moments(table, 2)


def _are_moments(table: Table, column: int) -> bool:
    cells = [cells[column] for _, cells in table.rows if not is_blank(cells[column])]
    return bool(cells) and all(isinstance(moment(cell), datetime) for cell in cells)


def _is_of_a_quiz(heading: Heading, headings: Sequence[Heading]) -> bool:
    """Whether a column holds the points or the feedback for another."""
    found = _OF_A_QUIZ.fullmatch(heading.text)
    return bool(found) and any(found is not None and other.text == found[1] for other in headings)


def _without_number(heading: Heading, texts: Mapping[str, int]) -> Heading:
    """A repeated header without the number that makes it unique."""
    found = _NUMBERED.fullmatch(heading.text)
    if found is None or heading.text in texts or found[1] not in texts:
        return heading
    repeats = texts[found[1]] + (columns_of("forms_xlsx").of(found[1]) is not None)
    return replace(heading, text=found[1]) if int(found[2]) <= repeats else heading


def _placed(
    file: str,
    headings: Sequence[Heading],
    platform: Mapping[str, int],
    codebook: Codebook,
    aparts: Sequence[_Apart],
    spelling: Spelling,
) -> list[Placed]:
    problems: list[Problem] = []
    if ID not in platform:
        problems.append(Problem(file, "the column is missing", _AGAIN, row=headings[0].row, column="'ID'"))
    further = {question.name for apart in aparts for question in apart.questions}
    rankings = {apart.column for apart in aparts if len(apart.questions) > 1}
    others = [heading for heading in headings if heading.column - 1 not in rankings]
    rest = replace(codebook, questions=tuple(each for each in codebook.questions if each.name not in further))
    remedy = "export all questions in a language of the codebook"
    try:
        placed = match_headings(others or headings, rest, _AGAIN, remedy, spelling) if others or rest.questions else []
    except ExtractError as error:
        raise ExtractError([*problems, *error.problems]) from error
    if problems:
        raise ExtractError(problems)
    return placed


def _aparts(headings: Sequence[Heading], codebook: Codebook, texts: Mapping[str, int]) -> Iterator[_Apart]:
    """The columns whose cells answer several questions of the codebook."""
    spelling = FormsSpelling()
    found = {heading.text for heading in headings}
    absent = {
        question.name: question
        for question in codebook.questions
        if found.isdisjoint(clean_label(text) for text in spelling.whole(question) if text)
    }
    ranked = _ranked(list(absent.values()))
    by_text = {
        clean_label(text): question
        for question in reversed(codebook.questions)
        if question.list_name is not None
        for text in spelling.whole(question)
        if text
    }
    for heading in headings:
        ranks = ranked.get(heading.text, ()) if heading.text not in texts else ()
        if len(ranks) > 1:
            yield _Apart(heading.column - 1, ranks, _ranks(ranks, codebook))
        question = by_text.get(heading.text)
        other = absent.get(f"{question.name}{OTHER_SUFFIX}") if question else None
        if question and other and other.base_type == "text":
            yield _Apart(heading.column - 1, (other,), _own_and_other(question, codebook))


def _ranked(questions: Sequence[Question]) -> Mapping[str, tuple[Question, ...]]:
    """Questions that take one rank each, by the header of their ranking."""
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.base_type == "select_one":
            for text in {clean_label(text) for text in (question.matrix, *question.matrices.values()) if text}:
                found[text].append(question)
    return {text: tuple(ranks) for text, ranks in found.items() if len({question.list_name for question in ranks}) == 1}


def _ranks(questions: Sequence[Question], codebook: Codebook) -> Callable[[Cell], tuple[Cell, ...]]:
    """Takes a ranking apart. What is no ranking of the list goes to the first rank as it is, to be rejected there."""
    choices = ChoiceReader(str(questions[0].list_name), codebook.choices_of(questions[0]), True, JOINT)

    def take(cell: Cell) -> tuple[Cell, ...]:
        found = choices.split(cell_text(cell))
        ranks = [choice.label for choice in found.choices]
        if found.unknown or len(ranks) > len(questions):
            return (None, cell, *[None] * (len(questions) - 1))
        return (None, *ranks, *[None] * (len(questions) - len(ranks)))

    return take


def _own_and_other(question: Question, codebook: Codebook) -> Callable[[Cell], tuple[Cell, ...]]:
    """Takes the respondent's own text out of the choices of a cell; of several texts none is told from the others."""
    listed = codebook.choices_of(question)
    choices = ChoiceReader(str(question.list_name), listed, True, JOINT)
    marker = [choice.label for choice in listed if choice.name == OTHER_CHOICE]

    def take(cell: Cell) -> tuple[Cell, ...]:
        text = cell_text(cell)
        if is_blank(cell) or choices.knows(text):
            return cell, None
        if question.base_type == "select_one":
            return (marker[0] if marker else None), text
        found = choices.split(text)
        if len(found.unknown) != 1:
            return cell, None
        return JOINT.join((*(choice.label for choice in found.choices), *marker)), found.unknown[0]

    return take
