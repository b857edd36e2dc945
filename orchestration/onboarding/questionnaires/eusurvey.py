"""Importer of EUSurvey's XML export of results: the description of the form that stands before the answers.

`Results/Survey` has one `Elements` a language; questions, answers and matrix parts follow each other in it, each with
its id, which is the source (of a table's cell: `row[column]`). The export does not say which questions are required
and which numbers they admit. Facts: XmlExportCreator of the open-source EUSurvey.
Not here: the answer sets, which are not even read; who answered is no part of a codebook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.common.html_text import plain
from orchestration.common.problems import Problem, shown_path
from orchestration.extracts.parts import local_part
from orchestration.onboarding.questionnaires.draft import Asked, Condition, Draft, Option
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, check_language
from orchestration.onboarding.questionnaires.markup import parse_xml
from orchestration.onboarding.questionnaires.texts import language_code
from orchestration.onboarding.wording import words_of
from orchestration.rounds.codebook import SELECT_TYPES

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass
class _FormPart:
    """A question or a part of one, in all languages: the element of the first, and the texts of each."""

    element: Element
    texts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[_FormPart]] = field(default_factory=lambda: defaultdict(list))

    @property
    def id(self) -> str:
        return self.element.get("id", "")

    @property
    def type(self) -> str:
        return self.element.get("type", "")

    @property
    def code(self) -> str:
        """The short name that its authors gave it, if it was exported."""
        return self.element.get("bid", "")


def read(path: Path, language: str = "") -> ImportedCodebook:
    """Read the form of a EUSurvey XML export. Raises CodebookImportError."""
    file = shown_path(path)
    root = parse_xml(file, local_part(path).read(), until="Survey")
    elements = root.findall("Survey/Elements")
    if root.tag != "Results" or not elements:
        reason = "not EUSurvey's export of results as XML: it has no form (Results/Survey/Elements)"
        raise CodebookImportError([Problem(file, reason, "export the results as XML, not the survey")])
    languages = tuple(language_code(form.get("lang", "")) for form in elements)
    check_language(file, language, languages)
    return _Import(_questions(elements, languages), Draft(language, languages)).codebook()


def _questions(elements: Sequence[Element], languages: Sequence[str]) -> list[_FormPart]:
    """The questions of the form, each with its parts and the texts of all languages."""
    questions: dict[str, _FormPart] = {}
    known: dict[str, _FormPart] = {}
    parts = words_of("eusurvey", "part")
    for form, language in zip(elements, languages, strict=True):
        for number, child in enumerate(form):
            key = child.get("id") or f"{child.get('qid')}/{child.get('aid')}/{number}"
            part = known.get(key)
            if part is None:
                part = known[key] = _FormPart(child)
                if child.tag not in parts:
                    questions[key] = part
                elif questions:
                    next(reversed(questions.values())).parts[parts[child.tag]].append(part)
            _say(part, child, language)
    return list(questions.values())


def _say(part: _FormPart, element: Element, language: str) -> None:
    title = element.findtext("ResultText") or element.findtext("CellTitle") if element.tag == "Cell" else element.text
    part.texts[language] = plain(title or "")
    for position, child in enumerate(element.findall("Answer")):
        if position == len(part.parts["answers"]):
            part.parts["answers"].append(_FormPart(child))
        part.parts["answers"][position].texts[language] = plain(child.text or "")


class _Import:
    """Turns the elements of a form into the questions of a codebook."""

    def __init__(self, questions: Sequence[_FormPart], draft: Draft) -> None:
        self.questions = questions
        self.draft = draft
        self.section = ""
        self.shown_by = _dependencies(questions)
        self.matrices: Mapping[str, Callable[[_FormPart], None]] = {
            "MatrixTitle": self._matrix,
            "TableTitle": self._table,
            "ComplexTableTitle": self._complex_table,
        }

    def codebook(self) -> ImportedCodebook:
        left_out = words_of("eusurvey", "left out")
        for question in self.questions:
            tag = question.element.tag
            if tag == "Section":
                self.section = self.draft.text(question.texts)
                self._note_hidden(question)
            elif tag in self.matrices:
                self.matrices[tag](question)
            elif question.type in left_out:
                self.draft.left_out(self.draft.text(question.texts) or question.id, left_out[question.type])
            elif question.type == "Rating":
                self._rating(question)
            else:
                self._question(question)
        self.draft.look("required, constraint", "the export does not tell them: add them where they matter")
        return self.draft.finished()

    def _note_hidden(self, section: _FormPart) -> None:
        if section.id in self.shown_by:
            said = " or ".join(condition.text for condition in self.shown_by[section.id])
            self.draft.left_out(f"section {self.section}", f"its condition is not that of its questions: {said}")

    def _condition(self, shown: _FormPart, subject: str) -> Condition | None:
        conditions = self.shown_by.get(shown.id, [])
        if len(conditions) > 1:
            said = " or ".join(condition.text for condition in conditions)
            self.draft.left_out(subject, f"its condition cannot be expressed: {said}")
        return conditions[0] if len(conditions) == 1 else None

    def _asked(self, part: _FormPart, base_type: str, matrix: _FormPart | None = None) -> Asked:
        return Asked(
            base_type,
            code=part.code,
            source=part.id,
            texts=part.texts,
            choices=_options(part.parts["answers"]) if base_type in SELECT_TYPES else (),
            condition=self._condition(matrix or part, self.draft.text((matrix or part).texts)),
            section=self.section,
            matrix=matrix.texts if matrix else {},
        )

    def _question(self, question: _FormPart) -> None:
        base_type = words_of("eusurvey", "select").get(question.type) or words_of("eusurvey", "type").get(question.type)
        subject = self.draft.text(question.texts)
        if base_type is None:
            self.draft.look(subject, f"its type {question.type!r} is not known: a text question here")
        if question.type == "E-mail":
            self.draft.look(subject, "marked personal: it asks for an e-mail address")
        if question.type in ("Gallery", "Ranking"):
            self.draft.look(subject, f"a {question.type.lower()}: its answer is a text here")
        self.draft.ask(replace(self._asked(question, base_type or "text"), is_personal=question.type == "E-mail"))

    def _matrix(self, matrix: _FormPart) -> None:
        options = _options(matrix.parts["answers"])
        for row in matrix.parts["rows"]:
            base_type = "select_multiple" if row.type.startswith("Multiple") else "select_one"
            self.draft.ask(replace(self._asked(row, base_type, matrix), choices=options, list_name=matrix.code))

    def _table(self, table: _FormPart) -> None:
        for row in table.parts["rows"]:
            for column in table.parts["answers"]:
                texts = {key: f"{text} – {column.texts.get(key, '')}" for key, text in row.texts.items()}
                code = f"{row.code}_{column.code}" if row.code and column.code else ""
                source = f"{row.id}[{column.id}]"
                self.draft.ask(replace(self._asked(row, "text", table), texts=texts, code=code, source=source))

    def _complex_table(self, table: _FormPart) -> None:
        types = words_of("eusurvey", "cell type")
        for cell in table.parts["rows"]:
            if cell.type in types:
                self.draft.ask(self._asked(cell, types[cell.type], table))
            elif cell.type == "Formula":
                self.draft.left_out(self.draft.text(cell.texts) or cell.id, "a calculated field, which nobody answers")

    def _rating(self, rating: _FormPart) -> None:
        for row in rating.parts["rows"]:
            texts = {key: text.removeprefix(f"{rating.texts.get(key, '')}: ") for key, text in row.texts.items()}
            self.draft.ask(replace(self._asked(row, "integer", rating), texts=texts))


def _options(answers: Sequence[_FormPart]) -> list[Option]:
    return [Option(answer.id, answer.texts, answer.code) for answer in answers]


def _dependencies(questions: Sequence[_FormPart]) -> Mapping[str, list[Condition]]:
    """By the id of an element: the choices that show it."""
    shown: dict[str, list[Condition]] = defaultdict(list)
    for question in questions:
        title = next(iter(question.texts.values()), "")
        for answer in question.parts["answers"]:
            said = f"{title!r} = {next(iter(answer.texts.values()), '')!r}"
            for element in answer.element.get("dependentElements", "").split(";"):
                if element:
                    shown[element].append(Condition(question.id, answer.id, said))
        for cell in question.parts["cells"]:
            row, column = cell.element.get("qid", ""), cell.element.get("aid", "")
            for element in cell.element.get("dependentElements", "").split(";"):
                if element:
                    shown[element].append(Condition(row, column, f"{title!r}, a cell of the matrix"))
    return shown
