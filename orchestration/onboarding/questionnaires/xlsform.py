"""Importer of XLSForm workbooks (ODK, KoboToolbox, SurveyCTO): the sheets `survey`, `choices` and `settings`.

A question's source is its path in the form (`group/question`). Facts: xlsform.org.
Not here: any answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.common.html_text import plain
from orchestration.common.problems import Problem, nearest
from orchestration.extracts.parts import local_part
from orchestration.onboarding.questionnaires.draft import Asked, Condition, Draft, Option, bounds
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, check_language
from orchestration.onboarding.questionnaires.tables import (
    Row,
    Sheet,
    column_name,
    header_of,
    named_rows,
    workbook_sheets,
)
from orchestration.onboarding.questionnaires.texts import Texts, language_code
from orchestration.onboarding.wording import words_of

_SELECT = re.compile(
    r"(?P<kind>select[ _]one|select1|select[ _]multiple|select all that apply)(?: from)?\s+(?P<list>\S+)"
    r"(?P<other>\s+or[ _](?:specify[ _])?other)?",
    re.IGNORECASE,
)
_GROUP = re.compile(r"(?P<edge>begin|end)[ _](?P<kind>group|repeat|loop)", re.IGNORECASE)
_EQUALS = re.compile(r"\$\{\s*(?P<question>[^}]+?)\s*\}\s*=\s*(?P<quote>['\"])(?P<choice>[^'\"]*)(?P=quote)")
_SELECTED = re.compile(
    r"selected\(\s*\$\{\s*(?P<question>[^}]+?)\s*\}\s*,\s*(?P<quote>['\"])(?P<choice>[^'\"]*)(?P=quote)\s*\)"
)
_PARAMETER = re.compile(r"(\w+)\s*=\s*([^\s;,]+)")
_YES = ("yes", "true", "true()", "1")
_GRID = ("table-list", "list-nolabel", "kobomatrix")


@dataclass(frozen=True)
class _Group:
    name: str
    texts: Texts
    relevant: str
    is_grid: bool


def read(path: Path, language: str = "") -> ImportedCodebook:
    """Read an XLSForm workbook. Raises ExtractError or CodebookImportError."""
    part = local_part(path)
    sheets = {
        column_name(sheet.name or ""): sheet for sheet in workbook_sheets(part, ("survey", "choices", "settings"))
    }
    missing = [name for name in ("survey", "choices") if name not in sheets]
    if missing:
        remedy = "give the workbook of the form, or import it with --format sheet"
        raise CodebookImportError(
            [Problem(part.shown, f"the workbook has no sheet {name!r}", remedy) for name in missing]
        )
    return _Form(sheets, language).codebook()


class _Form:
    """An XLSForm being read: the open groups, and the columns of each language."""

    def __init__(self, sheets: Mapping[str, Sheet], language: str) -> None:
        self.survey = sheets["survey"]
        self.types, self.personal, self.left_out = (
            words_of("xlsform", kind) for kind in ("type", "personal", "left out")
        )
        settings = next(iter(named_rows(sheets["settings"])), Row(0, {})) if "settings" in sheets else Row(0, {})
        default = language_code(settings["default language"])
        self.labels = {name: _columns(sheets[name], ("label", "caption"), default) for name in ("survey", "choices")}
        self.hints = _columns(self.survey, ("hint",), default)
        languages = tuple(dict.fromkeys([code for code in self.labels["survey"].values() if code]))
        check_language(self.survey.file, language, languages, self.survey.name)
        first = default if default in self.labels["survey"].values() else next(iter(self.labels["survey"].values()), "")
        self.draft = Draft(language or first, languages)
        for header in header_of(self.survey):
            _, _, named = header.partition("::")
            if header.startswith("label::") and not language_code(named):
                self.draft.look(f"column {header}", f"write its language as a code too: label::{named} (xx)")
        self.lists = self._lists(sheets["choices"])
        self.groups: list[_Group] = []
        self.problems: list[Problem] = []

    def codebook(self) -> ImportedCodebook:
        for row in named_rows(self.survey):
            kind = row["type"].strip() or row["command"].strip()
            if kind:
                self._row(row, kind)
        if self.problems:
            raise CodebookImportError(self.problems)
        codebook = self.draft.finished()
        if not codebook.questions:
            remedy = "give the form with its questions, or another workbook by --format sheet"
            raise CodebookImportError([self.survey.problem("no question that somebody answers", remedy)])
        return codebook

    def _lists(self, sheet: Sheet) -> Mapping[str, list[Option]]:
        lists: dict[str, list[Option]] = {}
        for row in named_rows(sheet):
            name = row["list name"] or row["listname"]
            if name:
                lists.setdefault(name, []).append(
                    Option(row["name"] or row["value"], _texts(row, self.labels["choices"]))
                )
        return lists

    def _row(self, row: Row, kind: str) -> None:
        group, select = _GROUP.fullmatch(kind), _SELECT.fullmatch(kind)
        lower = kind.lower()
        if group:
            self._group(row, group)
        elif select:
            self._select(row, select)
        elif lower in self.left_out:
            self.draft.left_out(row["name"] or row["label"] or kind, self.left_out[lower])
        elif lower.startswith("select_one_from_file") or lower.startswith("select_multiple_from_file"):
            self.draft.look(row["name"], f"its choices are in a file beside the form ({kind}): a text question here")
            self._ask(row, "text")
        elif lower.split()[0] == "range":
            self._range(row)
        elif lower.split()[0] in self.types:
            self._plain(row, lower.split()[0])
        elif lower in self.personal:
            self.draft.look(row["name"], f"marked personal: {self.personal[lower]}")
            self._ask(row, "text", is_personal=True)
        else:
            near = nearest(lower, [*self.types, *self.left_out, "select_one", "select_multiple", "begin_group"])
            self._problem(row, f"unknown type {kind!r}", f"write {near}" if near else "use a type of XLSForm")

    def _problem(self, row: Row, reason: str, remedy: str) -> None:
        self.problems.append(self.survey.problem(reason, remedy, row.number, "type"))

    def _group(self, row: Row, group: re.Match[str]) -> None:
        if group["kind"].lower() != "group":
            if group["edge"].lower() == "begin":
                reason = f"the {group['kind'].lower()} {row['name']!r} has several answers a response"
                self._problem(
                    row, reason, "import the form without it, and bring its table in as an instrument of its own"
                )
            return
        if group["edge"].lower() == "begin":
            is_grid = any(word in row["appearance"] for word in _GRID)
            texts = _texts(row, self.labels["survey"])
            self.groups.append(_Group(row["name"], texts, row["relevant"] or row["relevance"], is_grid))
            self.draft.left_out(row["name"] or "group", "a group: it is the section of its questions")
        elif self.groups:
            self.groups.pop()
        else:
            self._problem(row, "the group that ends here never began", "delete the row, or begin the group")

    def _select(self, row: Row, select: re.Match[str]) -> None:
        options = self.lists.get(select["list"])
        if options is None:
            near = nearest(select["list"], self.lists)
            remedy = "add its choices to the sheet choices" + (f", or write {near}" if near else "")
            self._problem(row, f"the choice list {select['list']!r} has no choices", remedy)
            return
        base_type = (
            "select_one" if select["kind"].lower().replace(" ", "_") in ("select_one", "select1") else "select_multiple"
        )
        if not select["other"]:
            self._ask(row, base_type, options, select["list"])
            return
        other = Option("other", {self.draft.language: "Other"})
        self._ask(row, base_type, [*options, other], f"{select['list']}_or_other")
        asked = self._asked(row, "text")
        condition = Condition(asked.source, "other", "other") if base_type == "select_one" else None
        beside = replace(asked, code=f"{asked.code}_other", source=f"{asked.source}_other", condition=condition)
        self.draft.ask_beside(beside, "other")

    def _range(self, row: Row) -> None:
        parameters = dict(_PARAMETER.findall(row["parameters"]))
        step = parameters.get("step", "1")
        base_type = "integer" if re.fullmatch(r"\d+(\.0+)?", step) else "decimal"
        limits = bounds(parameters.get("start", ""), parameters.get("end", ""))
        self.draft.ask(replace(self._asked(row, base_type), constraint=row["constraint"] or limits))

    def _plain(self, row: Row, kind: str) -> None:
        if kind in ("datetime", "start", "end"):
            self.draft.changed(row["name"], f"a {kind} question: a date here, without its time of day")
        if kind == "rank":
            self.draft.look(row["name"], "a ranking: its answer, choices in their order, is a text here")
        if kind == "end":
            self.draft.look(row["name"], "may have the role submitted_at")
        self._ask(row, self.types[kind])

    def _ask(
        self, row: Row, base_type: str, options: Sequence[Option] = (), list_name: str = "", is_personal: bool = False
    ) -> None:
        asked = self._asked(row, base_type)
        self.draft.ask(replace(asked, choices=options, list_name=list_name, is_personal=is_personal))

    def _asked(self, row: Row, base_type: str) -> Asked:
        name = row["name"]
        required = row["required"].strip().lower()
        if required not in ("", "no", "false", "false()", "0", *_YES):
            self.draft.left_out(name, f"it is required under a condition: {row['required']}")
        named = [group for group in self.groups if group.name]
        titled = [group for group in self.groups if any(group.texts.values())]
        is_row = bool(titled) and (self.groups[-1].is_grid or "list-nolabel" in row["appearance"])
        section = [self.draft.text(group.texts) for group in titled]
        return Asked(
            base_type,
            code=name,
            source="/".join([*(group.name for group in named), name]),
            texts=_texts(row, self.labels["survey"]),
            hint=self.draft.text(_texts(row, self.hints)),
            is_required=required in _YES,
            condition=self._condition(row),
            constraint=row["constraint"],
            section=" / ".join(section),
            matrix=titled[-1].texts if is_row else {},
        )

    def _condition(self, row: Row) -> Condition | None:
        texts = [group.relevant for group in self.groups] + [row["relevant"] or row["relevance"]]
        said = [text.strip() for text in texts if text.strip()]
        if not said:
            return None
        match = _EQUALS.fullmatch(said[0]) or _SELECTED.fullmatch(said[0])
        if len(said) > 1 or match is None:
            self.draft.left_out(row["name"], f"its condition cannot be expressed: {' and '.join(said)}")
            return None
        return Condition(match["question"], match["choice"], said[0])


def _columns(sheet: Sheet, names: Sequence[str], default: str) -> dict[str, str]:
    """The columns of a text by name, each with its language; the plain column has the form's default language."""
    columns = {}
    for header in header_of(sheet):
        name, _, language = re.sub(r"\s*::?\s*", "::", header).partition("::")
        if column_name(name) in names:
            columns[column_name(header)] = language_code(language) if language else default
    return columns


def _texts(row: Row, columns: Mapping[str, str]) -> Texts:
    texts: dict[str, str] = {}
    for column, language in columns.items():
        if row[column]:
            texts.setdefault(language, plain(row[column]))
    return texts
