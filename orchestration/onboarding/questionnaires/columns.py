"""An imported codebook against the header of a delivered file: which column holds what.

A plain codebook does not know what the platform heads its columns with. Where a column says the code and the text of a
question (LimeSurvey's `code[sub]. text [subtext]`), its id becomes the question's source; what has no column is left
out of the codebook, what has no question is told. Not here: reading answers (readers/).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.common.text import clean_label
from orchestration.extracts.delimited import TextForm, open_delimited
from orchestration.extracts.kind import ODS, XLSX, kind_of
from orchestration.extracts.parts import local_part
from orchestration.onboarding.joints import is_of_xlsform
from orchestration.onboarding.names import read_coded
from orchestration.onboarding.questionnaires.imported import ImportedCodebook, ImportedQuestion, Kind, Note
from orchestration.onboarding.questionnaires.texts import distinct, valid_name
from orchestration.onboarding.wording import words_of
from orchestration.readers.headings import COLUMN_OF_A_CHOICE
from orchestration.readers.workbook import Workbook, read_table
from orchestration.rounds.codebook import ROLES

_OTHER_KIND = "give the delivered file as CSV, XLSX or ODS"


@dataclass(frozen=True)
class _DeliveredColumn:
    """A column of the delivered file: its whole header and, if it tells them, code, bracketed parts and text."""

    number: int
    header: str
    code: str = ""
    subs: tuple[str, ...] = ()
    text: str = ""

    @property
    def id(self) -> str:
        return self.code + "".join(f"[{sub}]" for sub in self.subs)

    @property
    def texts(self) -> Iterator[str]:
        """What it may say the question's text is: as it stands, without empty brackets, what is in brackets."""
        text = self.text or self.header
        yield text
        yield text.removesuffix("[]").strip()
        if text.startswith("[") and text.endswith("]"):
            yield text[1:-1].strip()


def read_header(path: Path) -> list[str]:
    """The header of a delivered CSV, XLSX or ODS file, as its reader finds it. Raises ExtractError."""
    part = local_part(path)
    if kind_of(part) in (XLSX, ODS):
        table = read_table(Workbook(part, (XLSX, ODS), _OTHER_KIND), "", "give the delivered file with its header")
        return [heading.text for heading in table.headings]
    return [field.strip() for field in open_delimited(part, TextForm()).header.fields]


def fit_to_columns(codebook: ImportedCodebook, headers: Sequence[str], file: str) -> ImportedCodebook:
    """The codebook of what was delivered: sources as the file's header has them, no question without a column."""
    columns = [_column(number, header) for number, header in enumerate(headers, 1)]
    codebook = replace(codebook, questions=(*codebook.questions, *_of_platform(codebook, headers)))
    repeats = _repeats(codebook)
    sources: dict[str, str] = {}
    notes: list[Note] = []
    per_code = Counter(column.code for column in columns)
    if not columns[0].header and not any("response_id" in question.role for question in codebook.questions):
        notes.append(
            Note(Kind.CHANGED, file, "column 1 has no header: the ids of responses, as LimeSurvey's reader takes it")
        )
        columns = columns[1:]
    for column in columns:
        question = _question_of(column, codebook, is_only=per_code[column.code] == 1)
        if question is None and column.header in repeats:
            continue
        if question is None:
            text = f"column {column.number} ({column.header!r}) has no question: add one, or delete the column"
            notes.append(Note(Kind.LOOK, file, text))
            continue
        is_part = question.base_type == "select_multiple" and column.id != question.source
        sources[question.name] = question.source if is_part else column.id or question.source
        if column.text and not is_part and clean_label(_whole_text(question)) not in _said(column):
            said = f"the column {column.id} says {column.text!r}, the codebook {question.label!r}"
            notes.append(Note(Kind.LOOK, question.name, said))
    return _without_columns(codebook, sources, notes, file)


def _of_platform(codebook: ImportedCodebook, headers: Sequence[str]) -> Iterator[ImportedQuestion]:
    """Questions for the columns that a platform of XLSForm adds: the first that can be it gets the role of each."""
    given = {role for question in codebook.questions for role in question.role.split()}
    for header, meaning in words_of("xlsform", "column").items():
        if header in headers and is_of_xlsform(headers):
            name = distinct(valid_name(header), {question.name for question in codebook.questions})
            role = meaning if meaning in ROLES and meaning not in given else ""
            given.add(role)
            yield ImportedQuestion("text", name, header, header, role=role, is_personal=meaning == "personal")


def _repeats(codebook: ImportedCodebook) -> set[str]:
    """Headers of columns of one choice, which readers pass over beside the column that joins them."""
    return {
        clean_label(form.format(asked, chosen))
        for question in codebook.questions
        if question.base_type == "select_multiple"
        for choice in codebook.choices_of(question.list_name)
        for asked in (question.label, question.source, question.name)
        for chosen in (choice.label, choice.source, choice.name)
        for form in COLUMN_OF_A_CHOICE
    }


def _column(number: int, header: str) -> _DeliveredColumn:
    cleaned = clean_label(header)
    found = read_coded(cleaned)
    parts = (found.code, found.subs, found.text or "") if found else ()
    return _DeliveredColumn(number, cleaned, *parts)


def _said(column: _DeliveredColumn) -> set[str]:
    return {clean_label(text) for text in column.texts}


def _whole_text(question: ImportedQuestion) -> str:
    return f"{question.matrix} [{question.label}]" if question.matrix else question.label


def _question_of(column: _DeliveredColumn, codebook: ImportedCodebook, is_only: bool) -> ImportedQuestion | None:
    """The question of a column: by its id, as a choice of a multiple one, by code and text, by text alone."""
    questions = codebook.questions
    said = _said(column)
    by_id = [q for q in questions if column.id and q.source == column.id]
    by_choice = [q for q in questions if q.source == column.code and _has_choice(q, column, codebook)]
    by_code = [q for q in questions if _says_code(q, column, is_only) and clean_label(_whole_text(q)) in said]
    by_text = [q for q in questions if not column.code and {clean_label(q.label), q.source, q.name} & said]
    return next((found[0] for found in (by_id, by_choice, by_code, by_text) if len(found) == 1), None)


def _has_choice(question: ImportedQuestion, column: _DeliveredColumn, codebook: ImportedCodebook) -> bool:
    return (
        question.base_type == "select_multiple"
        and len(column.subs) == 1
        and any(choice.source == column.subs[0] for choice in codebook.choices_of(question.list_name))
    )


def _says_code(question: ImportedQuestion, column: _DeliveredColumn, is_only: bool) -> bool:
    """Whether a bracketed part is the question's code, or the column the only one of the question's code."""
    return question.source in column.subs or (is_only and bool(column.code) and question.source == column.code)


def _without_columns(
    codebook: ImportedCodebook, sources: dict[str, str], notes: Sequence[Note], file: str
) -> ImportedCodebook:
    kept = {question.name for question in codebook.questions if question.name in sources}
    notes = list(notes)
    questions = []
    for question in codebook.questions:
        if question.name not in kept:
            notes.append(Note(Kind.LEFT_OUT, question.name, f"no column of {file} holds its answers"))
            continue
        asked_of = re.match(r"\$\{(\w+)\}", question.relevant)
        if asked_of and asked_of[1] not in kept:
            notes.append(Note(Kind.LEFT_OUT, question.name, f"its condition names {asked_of[1]}, which has no column"))
            question = replace(question, relevant="")
        questions.append(replace(question, source=sources[question.name]))
    used = {question.list_name for question in questions}
    gone = set(sources) ^ {question.name for question in codebook.questions}
    return replace(
        codebook,
        questions=tuple(questions),
        choices=tuple(choice for choice in codebook.choices if choice.list_name in used),
        notes=(*(note for note in codebook.notes if note.subject not in gone), *notes),
    )
