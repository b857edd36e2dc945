"""Importer of self-assessments (CSV, XLSX, ODS): nested sections with points, down to the questions that cities answer.

A row a part, its place told by its identifier (`1.2.3` is in `1.2`); a part has points, or percent of the points around
it, or an equal share of what the others leave; rules say to which cities it does not apply or with which factor it
counts. The answers stand on a sheet or in a file `choices` beside it (name, label, points from 0 to 1; no points: the
question does not apply). Not here: what a rule says (rules.py), rows of seeds (onboarding/scoring.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from orchestration.common.html_text import squeeze
from orchestration.common.problems import Problem
from orchestration.extracts.kind import ODS, XLSX, kind_of
from orchestration.extracts.parts import Part, local_part
from orchestration.onboarding.questionnaires.draft import Asked, Draft, Option
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook
from orchestration.onboarding.questionnaires.rules import FORM, Branch, Term, nested, parse_rule
from orchestration.onboarding.questionnaires.scored import ScoredQuestion, Scoring, Section
from orchestration.onboarding.questionnaires.tables import (
    Row,
    Sheet,
    column_name,
    header_of,
    named_rows,
    text_sheet,
    workbook_sheets,
)
from orchestration.onboarding.questionnaires.texts import valid_name
from orchestration.onboarding.wording import meanings, phrases, words_of

_CHOICES = ("name", "label", "points", "source")


@dataclass
class _Part:
    """A row of the questionnaire, and the rows in it."""

    row: Row
    code: str
    label: str
    points: Fraction | None
    percent: Fraction | None
    branches: tuple[Branch, ...]
    parts: list[_Part] = field(default_factory=list)


def tells_points(part: Part) -> bool:
    """Whether a table is a self-assessment: it has identifiers, names, points and percent."""
    return any({"code", "label", "points", "percent"} <= _columns(sheet).keys() for sheet in _sheets(part))


def read(path: Path, language: str = "") -> ImportedCodebook:
    """Read a self-assessment with its answers. Raises ExtractError or CodebookImportError."""
    part = local_part(path)
    sheets = _sheets(part)
    questions = max(sheets, key=lambda sheet: len(_columns(sheet)))
    columns = _columns(questions)
    missing = [name for name in ("code", "label", "points") if name not in columns]
    if missing:
        reason = f"no self-assessment: no column of {', '.join(missing)}"
        raise CodebookImportError([questions.problem(reason, "head them, for example, `id`, `name`, `points`")])
    beside = path.parent / "choices.csv"
    answers = next((sheet for sheet in sheets if sheet is not questions), None)
    if answers is None and beside.exists() and beside != path:
        answers = text_sheet(local_part(beside), _CHOICES)
    if answers is None:
        reason = "the questionnaire does not say which answers it takes"
        remedy = "put choices.csv (name, label, points from 0 to 1) beside it, or a sheet `choices` in the workbook"
        raise CodebookImportError([questions.problem(reason, remedy)])
    return _Import(questions, columns, answers, language).codebook()


def _sheets(part: Part) -> list[Sheet]:
    return workbook_sheets(part) if kind_of(part) in (XLSX, ODS) else [text_sheet(part, meanings("assessment_columns"))]


def _columns(sheet: Sheet) -> dict[str, str]:
    names = [column_name(cell) for cell in header_of(sheet)]
    told = {
        meaning: next((spelling for spelling in spellings if spelling in names), "")
        for meaning, spellings in phrases("assessment_columns").items()
    }
    return {meaning: name for meaning, name in told.items() if name}


class _Import:
    """Turns the rows of a self-assessment into questions, and what they count."""

    def __init__(self, sheet: Sheet, columns: Mapping[str, str], answers: Sheet, language: str) -> None:
        self._sheet, self._columns, self._answers = sheet, columns, answers
        self._language = language
        self._draft = Draft(language, (language,) if language else ())
        self._problems: list[Problem] = []
        self._sections: list[Section] = []
        self._scored: list[ScoredQuestion] = []

    def codebook(self) -> ImportedCodebook:
        options, points = self._options()
        tops = self._tree()
        self._raise_problems()
        self._ask_facts(tops)
        for top in tops:
            self._walk(top, (), (), self._points_of(top, None), options)
        self._raise_problems()
        unread = [cell for cell in header_of(self._sheet) if cell and column_name(cell) not in self._columns.values()]
        if unread:
            self._draft.left_out("columns", f"not read: {', '.join(unread)}")
        scoring = Scoring(tuple(self._sections), tuple(self._scored), points)
        return replace(self._draft.finished(), scoring=scoring)

    def _raise_problems(self) -> None:
        if self._problems:
            raise CodebookImportError(self._problems)

    def _problem(self, row: Row, meaning: str, reason: str, remedy: str) -> None:
        self._problems.append(self._sheet.problem(reason, remedy, row.number, self._columns.get(meaning, meaning)))

    def _said(self, row: Row, meaning: str) -> str:
        return squeeze(row[self._columns[meaning]]) if meaning in self._columns else ""

    def _options(self) -> tuple[list[Option], dict[str, Fraction | None]]:
        options, points = [], {}
        for row in named_rows(self._answers):
            name = valid_name(row["name"])
            told = _fraction(row["points"])
            if not name or name in points or (row["points"] and (told is None or not 0 <= told <= 1)):
                reason = "an answer needs a name of its own and, if it counts, points from 0 to 1"
                self._problems.append(self._answers.problem(reason, "correct the row", row.number, "points"))
            options.append(Option(row["source"] or row["name"], {self._language: row["label"] or row["name"]}, name))
            points[name] = told
        if not options:
            self._problems.append(self._answers.problem("it has no answer", "add a row for each: name, label, points"))
        return options, points

    def _tree(self) -> list[_Part]:
        parts: dict[str, _Part] = {}
        for row in named_rows(self._sheet):
            code, label = self._said(row, "code").strip("."), self._said(row, "label")
            if not code and not label:
                continue
            if not code or code in parts:
                self._problem(row, "code", f"the identifier {code!r} is empty or stands twice", "give each row its own")
                continue
            points, percent = self._number(row, "points"), self._number(row, "percent")
            part = _Part(row, code, label or code, points, percent and percent / 100, self._branches(row, code))
            parts[code] = part
        tops = []
        for code, part in parts.items():
            around = code.rpartition(".")[0]
            if not around:
                tops.append(part)
            elif around in parts:
                parts[around].parts.append(part)
            else:
                self._problem(part.row, "code", f"there is no part {around} for {code} to be in", f"add a row {around}")
        return tops

    def _number(self, row: Row, meaning: str) -> Fraction | None:
        text = self._said(row, meaning)
        number = _fraction(text)
        if text and (number is None or number < 0):
            self._problem(row, meaning, f"{text!r} is no number of points or percent", "write a number, 0 or more")
        return number

    def _branches(self, row: Row, code: str) -> tuple[Branch, ...]:
        rules = []
        for meaning in ("not applicable", "factor"):
            text = self._said(row, meaning)
            try:
                rules.append(parse_rule(text, switches_off=meaning == "not applicable") if text else ())
            except ValueError as error:
                reason = f"its rule cannot be expressed ({error}), it counts in full for every city: {text}"
                self._draft.left_out(code, reason)
        return nested(rules)

    def _ask_facts(self, tops: Sequence[_Part]) -> None:
        """The questions about the city that rules name, with the choices that they name."""
        opposites = words_of(FORM, "opposite")
        asked: dict[tuple[str, str], dict[str, None]] = {}
        for term in _terms(tops):
            choices = asked.setdefault((term.question, term.kind), {})
            choices[term.choice] = None
            if term.kind == "select_one" and term.choice in opposites:
                choices[opposites[term.choice]] = None
        for (question, kind), names in asked.items():
            options = [Option(name, {self._language: name}) for name in sorted(names)]
            self._draft.ask(
                Asked(kind, question, question, {self._language: question}, options, section="about the city")
            )
            self._draft.look(question, "rules name it: give it its text, and choices that no rule names")

    def _points_of(self, part: _Part, around: Fraction | None) -> Fraction | None:
        if part.points is not None or part.percent is None or around is None:
            return part.points
        return part.percent * around

    def _walk(
        self,
        part: _Part,
        sections: tuple[_Part, ...],
        rules: tuple[Sequence[Branch], ...],
        points: Fraction | None,
        options: Sequence[Option],
    ) -> None:
        rules = (*rules, part.branches)
        if not part.parts:
            self._ask(part, sections, rules, points, options)
            return
        self._sections.append(Section(part.code, part.label))
        told = {inner.code: self._points_of(inner, points) for inner in part.parts}
        open_codes = [code for code, own in told.items() if own is None]
        if points is not None:
            left = points - sum(own for own in told.values() if own is not None)
            if left < 0 or (left and not open_codes):
                reason = f"its parts have {_shown(points - left)} points together, it has {_shown(points)}"
                self._problem(part.row, "points", reason, "correct the points or percent of one of them")
            told |= dict.fromkeys(open_codes, left / max(len(open_codes), 1))
        for inner in part.parts:
            self._walk(inner, (*sections, part), rules, told[inner.code], options)

    def _ask(
        self,
        part: _Part,
        sections: Sequence[_Part],
        rules: Sequence[Sequence[Branch]],
        points: Fraction | None,
        options: Sequence[Option],
    ) -> None:
        top = sections[0].label if sections else ""
        texts = {self._language: part.label}
        self._draft.ask(
            Asked("select_one", part.code, part.code, texts, options, "answer", section=top, number=part.code)
        )
        if points is None:
            self._problem(part.row, "points", f"nothing tells how many points {part.code} has", "add its points")
        elif points == 0:
            self._draft.look(part.code, "it has no points: it is asked and not scored")
        else:
            codes = tuple(section.code for section in sections)
            self._scored.append(
                ScoredQuestion(valid_name(part.code), part.code, part.label, codes, points, nested(rules))
            )


def _terms(parts: Sequence[_Part]) -> Iterator[Term]:
    for part in parts:
        for branch in part.branches:
            yield from sorted(branch.terms, key=lambda term: (term.question, term.choice))
        yield from _terms(part.parts)


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", ".").replace(" ", "").removesuffix("%")) if text else None
    except (ValueError, ZeroDivisionError):
        return None


def _shown(number: Fraction) -> str:
    return f"{float(number):g}"
