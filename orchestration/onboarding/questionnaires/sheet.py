"""Importer of plain codebook sheets (CSV, XLSX, ODS): one row a question, columns under any of their usual names.

Choices stand in the row itself (`1=Yes; 2=No`, `Yes | No` or a line each), on a sheet or in a file `choices`
(list_name, name, label), or in a file `answers/<list>.csv` of one label a line. A choice without a code of its own has
its position as source, as LimeSurvey numbers them. Not here: what the platform heads the columns with (columns.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from orchestration.common.html_text import squeeze
from orchestration.common.problems import Problem, nearest
from orchestration.common.text import clean_label
from orchestration.extracts.kind import ODS, XLSX, kind_of
from orchestration.extracts.parts import local_part
from orchestration.onboarding.questionnaires.draft import Asked, Condition, Draft, Option
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook
from orchestration.onboarding.questionnaires.tables import (
    Row,
    Sheet,
    column_name,
    header_of,
    named_rows,
    text_lines,
    text_sheet,
    workbook_sheets,
)
from orchestration.onboarding.questionnaires.texts import language_code
from orchestration.onboarding.wording import meanings, phrases
from orchestration.rounds.codebook import BASE_TYPES

_YES = ("y", "yes", "true", "1", "x")
_NO = ("", "n", "no", "false", "0", "-")
_SELECT = re.compile(r"(?P<kind>select_one|select_multiple)\s+(?P<list>\S+)", re.IGNORECASE)
_CODED = re.compile(r"(?P<code>[A-Za-z0-9_.-]+)\s*[=:]\s*(?P<label>.+)", re.DOTALL)
_QUOTES = dict.fromkeys(map(ord, "‘’‚′`"), "'")
_CONDITION = re.compile(
    r"(?:'(?P<choice>[^']+)'\s+(?:in|at)\s+(?P<question>\w+)"
    r"|\$\{\s*(?P<question_2>\w+)\s*\}\s*=\s*'(?P<choice_2>[^']+)'"
    r"|(?P<question_3>\w+)\s*==?\s*'(?P<choice_3>[^']+)')",
    re.IGNORECASE,
)


def read(path: Path, language: str = "") -> ImportedCodebook:
    """Read a codebook sheet, with the files of choices beside it. Raises ExtractError or CodebookImportError."""
    part = local_part(path)
    sheets = workbook_sheets(part) if kind_of(part) in (XLSX, ODS) else [text_sheet(part, meanings("sheet_columns"))]
    questions = max(sheets, key=lambda sheet: len(_columns(sheet)))
    columns = _columns(questions)
    if "label" not in columns or ("code" not in columns and "type" not in columns):
        reason = "no codebook: no sheet has a column of codes or types and a column of question texts"
        remedy = "head them, for example, `code`, `question`, `type` and `choices`"
        raise CodebookImportError([questions.problem(reason, remedy)])
    lists = _Lists(path, [sheet for sheet in sheets if sheet is not questions], language)
    return _Import(questions, columns, lists, language).codebook()


def _columns(sheet: Sheet) -> dict[str, str]:
    """By meaning: the column of a sheet that has it, the most usual spelling first."""
    names = [column_name(cell) for cell in header_of(sheet)]
    found: dict[str, str] = {}
    for meaning, spellings in phrases("sheet_columns").items():
        name = next((spelling for spelling in spellings if spelling in names and spelling not in found.values()), None)
        if name is not None:
            found[meaning] = name
    return found


class _Lists:
    """The choice lists that stand beside a sheet: on another sheet, in a file `choices`, in files `answers/<list>`."""

    def __init__(self, path: Path, sheets: Sequence[Sheet], language: str) -> None:
        self.folder = path.parent
        self.language = language
        self.named: dict[str, list[Option]] = {}
        beside = self.folder / "choices.csv"
        if not sheets and beside.exists() and beside != path:
            sheets = [text_sheet(local_part(beside), ("list name", "name", "label"))]
        for sheet in sheets:
            for row in named_rows(sheet):
                list_name = row["list name"] or row["list"]
                label = row["label"] or row["answer"] or row["text"]
                if list_name and label:
                    code = row["source"] or row["name"] or row["code"] or row["value"]
                    name = row["name"] or None
                    self.named.setdefault(list_name, []).append(Option(code, {language: squeeze(label)}, name))

    def get(self, name: str) -> list[Option] | None:
        """The choices of a list; None if there is no such list."""
        if name in self.named:
            return self.named[name]
        for place in (self.folder / "answers" / f"{name}.csv", self.folder / f"{name}.csv"):
            if place.is_file() and place.resolve().is_relative_to(self.folder.resolve()):
                return self.labelled(text_lines(local_part(place)))
        return None

    def labelled(self, labels: Sequence[str]) -> list[Option]:
        """Choices that have only labels, each once: their source is their position."""
        distinct = {clean_label(label): squeeze(label) for label in reversed(labels) if clean_label(label)}
        ordered = list(dict.fromkeys(clean_label(label) for label in labels if clean_label(label)))
        return [Option(str(n), {self.language: distinct[label]}, "") for n, label in enumerate(ordered, 1)]


class _Import:
    """Turns the rows of a sheet into questions."""

    def __init__(self, sheet: Sheet, columns: Mapping[str, str], lists: _Lists, language: str) -> None:
        self.sheet = sheet
        self.columns = columns
        self.lists = lists
        self.language = language
        self.translations = _translations(sheet)
        self.draft = Draft(
            language, tuple(dict.fromkeys([code for code in (language, *self.translations.values()) if code]))
        )
        # A plain `label` column is in no known language unless it is said.
        self.draft.language = language
        self.problems: list[Problem] = []

    def codebook(self) -> ImportedCodebook:
        rows = [row for row in named_rows(self.sheet) if any(row.texts.values())]
        for row in rows:
            self._row(row)
        if not rows:
            self.problems.append(self.sheet.problem("the sheet has no question", "add one row a question"))
        if self.problems:
            raise CodebookImportError(self.problems)
        read = {*self.columns.values(), *self.translations}
        unread = [cell for cell in header_of(self.sheet) if column_name(cell) not in read and cell]
        if unread:
            self.draft.left_out("columns", f"not read: {', '.join(unread)}")
        return self.draft.finished()

    def _said(self, row: Row, meaning: str) -> str:
        return squeeze(row[self.columns[meaning]]) if meaning in self.columns else ""

    def _problem(self, row: Row, meaning: str, reason: str, remedy: str) -> None:
        self.problems.append(self.sheet.problem(reason, remedy, row.number, self.columns.get(meaning, meaning)))

    def _row(self, row: Row) -> None:
        kind, list_name = self._kind(row)
        subject = self._said(row, "code") or self._said(row, "label")
        if kind == "note":
            self.draft.left_out(subject, f"nobody answers it: {self._said(row, 'type')}")
            return
        options = self._options(row, kind, list_name)
        kind = kind or self._kind_of(subject, options)
        asked = self._asked(row)
        if kind == "yes_no":
            self._yes_no(row, asked, options)
        elif kind == "ranking":
            self._ranking(asked, options, list_name)
        elif kind in ("select_one", "select_multiple"):
            self._select(row, asked, kind, options, list_name)
        else:
            constraint = self._said(row, "constraint") if "constraint" in self.columns else ""
            self.draft.ask(replace(asked, type=kind, constraint=constraint))

    def _kind(self, row: Row) -> tuple[str, str]:
        """What the row says its type is, empty if it does not, and the name of its list."""
        text, list_name = self._said(row, "type"), self._said(row, "list")
        select = _SELECT.fullmatch(text)
        if select:
            return select["kind"].lower(), select["list"]
        types = meanings("sheet_types")
        kind = types.get(column_name(text).replace("-", " "), "")
        if text and not kind:
            near = nearest(column_name(text), types)
            remedy = f"write one of {', '.join(BASE_TYPES)}" + (f"; {near} is near" if near else "")
            self._problem(row, "type", f"the type {text!r} is not known", remedy)
        return kind, list_name

    def _kind_of(self, subject: str, options: Sequence[Option]) -> str:
        kind = "select_one" if options else "text"
        self.draft.look(subject, f"the sheet does not tell its type: {kind}")
        return kind

    def _options(self, row: Row, kind: str, list_name: str) -> list[Option]:
        if list_name:
            options = self.lists.get(list_name)
            if options is not None:
                return options
            reason = (
                f"the list {list_name!r} is not on a sheet `choices`, nor in choices.csv or answers/{list_name}.csv"
            )
            self._problem(row, "list", reason, "add the list, or correct its name")
            return []
        choices = row[self.columns["choices"]] if "choices" in self.columns else ""
        options = list(self._inline(choices))
        if kind in ("select_one", "select_multiple", "ranking") and not options:
            self._problem(row, "choices", "the question has no choices", "add them, or make it a text question")
        return options

    def _inline(self, text: str) -> Iterator[Option]:
        parts = next((text.split(sign) for sign in ("\n", "|", ";") if sign in text), [text])
        parts = [part.strip() for part in parts if part.strip()]
        coded = [_CODED.fullmatch(part) for part in parts]
        if parts and all(coded):
            yield from (Option(match["code"], {self.language: squeeze(match["label"])}) for match in coded if match)
        else:
            yield from self.lists.labelled(parts)

    def _asked(self, row: Row) -> Asked:
        code, texts = self._said(row, "code"), {self.language: self._said(row, "label")}
        for column, language in self.translations.items():
            texts.setdefault(language, squeeze(row[column]))
        matrix = self._said(row, "matrix")
        return Asked(
            "text",
            code=code,
            source=code,
            texts=texts,
            hint=self._said(row, "hint"),
            is_required=self._is_yes(row, "required"),
            condition=self._condition(row, code),
            section=self._said(row, "section"),
            number=self._said(row, "number"),
            matrix={self.language: matrix} if matrix else {},
            role=self._said(row, "role"),
            is_personal=self._is_yes(row, "personal"),
        )

    def _is_yes(self, row: Row, meaning: str) -> bool:
        text = self._said(row, meaning).lower()
        if text not in (*_YES, *_NO):
            self._problem(row, meaning, f"{text!r} is neither yes nor no", "write yes, or leave it empty")
        return text in _YES

    def _condition(self, row: Row, code: str) -> Condition | None:
        text = self._said(row, "condition")
        if not text:
            return None
        match = _CONDITION.fullmatch(text.translate(_QUOTES).replace('"', "'"))
        if match is None:
            self.draft.left_out(code, f"its condition cannot be expressed: {text}")
            return None
        found = {key.partition("_")[0]: value for key, value in match.groupdict().items() if value}
        return Condition(found["question"], found["choice"], text)

    def _yes_no(self, row: Row, asked: Asked, options: Sequence[Option]) -> None:
        if "na" in self._said(row, "type").lower().split("/"):
            self.draft.changed(asked.code, "NA is no choice here: it is taken for no answer")
        yes_no = [Option(code, {self.language: label}, label.lower()) for code, label in (("Y", "Yes"), ("N", "No"))]
        self.draft.ask(replace(asked, type="select_one", choices=options or yes_no, list_name="yes_no"))

    def _ranking(self, asked: Asked, options: Sequence[Option], list_name: str) -> None:
        for rank in range(1, len(options) + 1):
            self.draft.ask(
                replace(
                    asked,
                    type="select_one",
                    code=f"{asked.code}_{rank}",
                    source=f"{asked.code}[{rank}]",
                    texts={self.language: f"Rank {rank}"},
                    matrix=asked.texts,
                    choices=options,
                    list_name=list_name,
                )
            )

    def _select(self, row: Row, asked: Asked, kind: str, options: Sequence[Option], list_name: str) -> None:
        has_other = self._is_yes(row, "other")
        is_one = kind == "select_one"
        is_listed = any(clean_label(option.texts[self.language]).casefold() == "other" for option in options)
        if has_other and is_one and not is_listed:
            options = [*options, Option("-oth-", {self.language: "Other"}, "other")]
            list_name = f"{list_name}_or_other" if list_name else ""
        self.draft.ask(replace(asked, type=kind, choices=options, list_name=list_name))
        if has_other:
            condition = Condition(asked.code, "Other", "other") if is_one else None
            code, source = f"{asked.code}_other", f"{asked.code}[other]"
            self.draft.ask_beside(replace(asked, code=code, source=source, condition=condition), "other")


def _translations(sheet: Sheet) -> dict[str, str]:
    """The columns `label::Language (xx)` of a sheet, each with its language."""
    found = {}
    for cell in header_of(sheet):
        name, separator, language = cell.partition("::")
        if separator and column_name(name) == "label" and language_code(language):
            found[column_name(cell)] = language_code(language)
    return found
