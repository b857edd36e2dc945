"""Importer of LimeSurvey survey structures (.lss), old (texts in the rows) and new (texts in *_l10ns tables).

Sources are what LimeSurvey heads its columns with: `code`, `code[SQ001]`, `code[other]`, `code[SQ001][1]`; of a choice
its answer code, of a multiple choice its subquestion. Not here: answers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.common.html_text import plain
from orchestration.common.problems import Problem, shown_path
from orchestration.extracts.parts import local_part
from orchestration.onboarding.questionnaires.draft import Asked, Condition, Draft, Option, bounds
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, check_language
from orchestration.onboarding.questionnaires.markup import parse_xml
from orchestration.onboarding.questionnaires.texts import Texts, language_code
from orchestration.onboarding.wording import words_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The database of LimeSurvey 1.90: before it, subquestions were answers.
_FIRST_VERSION = 145
_OTHER = "-oth-"
_RELEVANCE = re.compile(
    r"(?P<question>[A-Za-z]\w*)(?:\.(?:NAOK|code|value|valueNAOK))?\s*(?:===?|=|\beq\b)\s*"
    r"(?P<quote>[\"'])(?P<choice>[^\"']*)(?P=quote)"
)

Fields = Mapping[str, str]


@dataclass(frozen=True)
class _Item:
    """A question, subquestion or answer: its code, texts and the fields of its row."""

    code: str
    texts: Texts
    row: Fields

    @property
    def id(self) -> str:
        return self.row.get("qid", "")

    @property
    def scale(self) -> str:
        return self.row.get("scale_id") or "0"


def read(path: Path, language: str = "") -> ImportedCodebook:
    """Read a LimeSurvey survey structure. Raises CodebookImportError."""
    file = shown_path(path)
    root = parse_xml(file, local_part(path).read())
    kind = (root.findtext("LimeSurveyDocType") or "").strip()
    if root.tag != "document" or kind != "Survey":
        reason = f"not the structure of a LimeSurvey survey, but {kind or root.tag!r}"
        raise CodebookImportError([Problem(file, reason, "export the survey as `Survey structure (.lss)`")])
    version = (root.findtext("DBVersion") or "").strip()
    if version.isdigit() and int(version) < _FIRST_VERSION:
        reason = f"written by a LimeSurvey of before 1.90 (DBVersion {version})"
        raise CodebookImportError([Problem(file, reason, "import it into a newer LimeSurvey and export it there")])
    survey = _Survey(root)
    check_language(file, language, survey.languages)
    return _Import(survey, language).codebook()


class _Survey:
    """The tables of a structure, old or new, as questions with their subquestions and answers in order."""

    def __init__(self, root: Element) -> None:
        settings = next(iter(_rows(root, "surveys")), {})
        named = [settings.get("language", ""), *(element.text or "" for element in root.iterfind("languages/language"))]
        self.languages = tuple(dict.fromkeys(code for code in map(language_code, named) if code))
        questions = _items(root, ("questions", "subquestions"), "question_l10ns", "qid", "title", "question")
        self.questions = [item for item in questions if item.row.get("parent_qid") in (None, "", "0")]
        self.subquestions = _by(questions, "parent_qid", "question_order")
        self.answers = _by(_items(root, ("answers",), "answer_l10ns", "aid", "code", "answer"), "qid", "sortorder")
        groups = _items(root, ("groups",), "group_l10ns", "gid", "gid", "group_name")
        self.groups = {group.row["gid"]: group for group in groups}
        self.questions.sort(key=self._place)
        self.hints = _texts(root, ("questions", "question_l10ns"), "qid", "help")
        self.attributes: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        for row in _rows(root, "question_attributes"):
            key = (row.get("attribute", ""), language_code(row.get("language", "")))
            self.attributes[row.get("qid", "")][key] = row.get("value", "")
        self.conditioned = {row.get("qid") for row in _rows(root, "conditions")}

    def _place(self, question: _Item) -> tuple[int, int]:
        group = self.groups.get(question.row.get("gid", ""))
        return _order(group.row, "group_order") if group else 0, _order(question.row, "question_order")

    def attribute(self, question: _Item, name: str) -> str:
        """An attribute of a question that has one value for all languages."""
        return self.attributes[question.id].get((name, ""), "").strip()

    def texts_of(self, question: _Item, name: str) -> Texts:
        """An attribute of a question that is a text in each language."""
        found = self.attributes[question.id].items()
        return {language: plain(value) for (key, language), value in found if key == name and plain(value)}


def _rows(root: Element, table: str) -> list[Fields]:
    return [{field.tag: (field.text or "").strip() for field in row} for row in root.iterfind(f"{table}/rows/row")]


def _items(root: Element, tables: Sequence[str], translations: str, key: str, code: str, text: str) -> list[_Item]:
    """The items of tables that have a row an item (new) or a row an item and language (old)."""
    first: dict[str, Fields] = {}
    for row in (row for table in tables for row in _rows(root, table)):
        first.setdefault(_key(row, key), row)
    texts = _texts(root, (*tables, translations), key, text)
    return [_Item(row.get(code, ""), texts[item], row) for item, row in first.items()]


def _texts(root: Element, tables: Sequence[str], key: str, column: str) -> Mapping[str, dict[str, str]]:
    """By the key of an item: the text of a column in each language."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in (row for table in tables for row in _rows(root, table)):
        text, language = plain(row.get(column, "")), language_code(row.get("language", ""))
        if text and language:
            texts[_key(row, key)][language] = text
    return texts


def _key(row: Fields, key: str) -> str:
    """What tells an item from others; answers of old structures have no id of their own."""
    return row.get(key) or "/".join([row.get("qid", ""), row.get("scale_id", ""), row.get("code", "")])


def _by(items: Sequence[_Item], parent: str, order: str) -> Mapping[str, list[_Item]]:
    found: dict[str, list[_Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (item.scale, _order(item.row, order))):
        found[item.row.get(parent, "")].append(item)
    return found


def _order(row: Fields, column: str) -> int:
    text = row.get(column, "")
    return int(text) if text.lstrip("-").isdigit() else 0


class _Import:
    """Turns the questions of a survey into those of a codebook, one method a family of types."""

    def __init__(self, survey: _Survey, language: str) -> None:
        self.survey = survey
        self.draft = Draft(language, survey.languages)
        self.lists = words_of("limesurvey", "list")
        self.families: Mapping[str, Callable[[_Item], None]] = {
            **dict.fromkeys("L!O", self._list),
            **dict.fromkeys("5GY", self._fixed),
            **dict.fromkeys("MP", self._multiple),
            **dict.fromkeys("FHABCE", self._array),
            "1": self._dual_array,
            **dict.fromkeys(":;", self._table),
            "R": self._ranking,
            **dict.fromkeys("NSTUDI", self._single),
            **dict.fromkeys("KQ", self._several),
        }

    def codebook(self) -> ImportedCodebook:
        left_out = words_of("limesurvey", "left out")
        for question in self.survey.questions:
            kind = question.row.get("type", "")
            if kind in self.families:
                self.families[kind](question)
            else:
                self.draft.left_out(question.code, left_out.get(kind, f"its type {kind!r} is not known"))
        return self.draft.finished()

    def _asked(self, question: _Item, base_type: str, subs: Sequence[str] = ()) -> Asked:
        """A question's column; `subs` are what stands in brackets behind its code."""
        group = self.survey.groups.get(question.row.get("gid", ""))
        return Asked(
            base_type,
            code="_".join([question.code, *subs]),
            source=question.code + "".join(f"[{sub}]" for sub in subs),
            texts=question.texts,
            hint=self.draft.text(self.survey.hints[question.id]),
            is_required=question.row.get("mandatory") == "Y",
            condition=self._condition(question, group),
            section=self.draft.text(group.texts) if group else "",
        )

    def _row(self, question: _Item, base_type: str, subs: Sequence[str], texts: Texts) -> Asked:
        """A row of a matrix: `texts` are its own, the question's are the matrix."""
        asked = self._asked(question, base_type, subs)
        return replace(asked, texts=texts, matrix=question.texts) if any(texts.values()) else asked

    def _condition(self, question: _Item, group: _Item | None) -> Condition | None:
        said = [question.row.get("relevance", ""), group.row.get("grelevance", "") if group else ""]
        said = [text for text in said if text not in ("", "1")]
        if not said and question.id in self.survey.conditioned:
            said = ["conditions of an old LimeSurvey"]
        if not said:
            return None
        text = " and ".join(said)
        match = _RELEVANCE.fullmatch(_without_brackets(text))
        if match is None:
            self.draft.left_out(question.code, f"its condition cannot be expressed: {text}")
        return Condition(match["question"], match["choice"], text) if match else None

    def _options(self, question: _Item, scale: str = "0") -> list[Option]:
        return [Option(a.code, a.texts) for a in self.survey.answers[question.id] if a.scale == scale]

    def _subs(self, question: _Item, scale: str = "0") -> list[_Item]:
        return [sub for sub in self.survey.subquestions[question.id] if sub.scale == scale]

    def _fixed_options(self, kind: str) -> list[Option]:
        if self.draft.language != "en" and not kind.isdigit() and kind not in "AB":
            self.draft.look(f"list {self.lists[kind]}", "its labels are English: write them as the export has them")
        return [
            Option(code, {self.draft.language: label})
            for code, label in words_of("limesurvey", f"choices {kind}").items()
        ]

    def _has_other(self, question: _Item) -> bool:
        return question.row.get("other") == "Y"

    def _list(self, question: _Item) -> None:
        options = self._options(question)
        if self._has_other(question):
            options.append(Option(_OTHER, self._other_texts(question), "other"))
        self.draft.ask(replace(self._asked(question, "select_one"), choices=options))
        if self._has_other(question):
            self._text_beside(question, "other", Condition(question.code, _OTHER, "other"))
        if question.row.get("type") == "O":
            self._text_beside(question, "comment")

    def _other_texts(self, question: _Item) -> Texts:
        return self.survey.texts_of(question, "other_replace_text") or {self.draft.language: "Other"}

    def _text_beside(
        self, question: _Item, sub: str, condition: Condition | None = None, of: Texts | None = None
    ) -> None:
        """A free text that belongs to a question: what `other` is, or a comment."""
        what = "comment" if sub.endswith("comment") else "other"
        texts = {
            language: " – ".join(filter(None, (text, (of or {}).get(language, ""))))
            for language, text in question.texts.items()
        }
        asked = replace(self._asked(question, "text", (sub,)), texts=texts, condition=condition)
        self.draft.ask_beside(asked, what)

    def _fixed(self, question: _Item) -> None:
        kind = question.row["type"]
        asked = self._asked(question, "select_one")
        self.draft.ask(replace(asked, choices=self._fixed_options(kind), list_name=self.lists[kind]))

    def _multiple(self, question: _Item) -> None:
        subs = self._subs(question)
        options = [Option(sub.code, sub.texts) for sub in subs]
        self.draft.ask(replace(self._asked(question, "select_multiple"), choices=options))
        has_comments = question.row["type"] == "P"
        for sub in subs if has_comments else ():
            self._text_beside(question, f"{sub.code}comment", of=sub.texts)
        if self._has_other(question):
            self._text_beside(question, "other")
            if has_comments:
                self._text_beside(question, "othercomment", of={self.draft.language: "other"})

    def _array(self, question: _Item) -> None:
        kind = question.row["type"]
        options = self._fixed_options(kind) if kind in self.lists else self._options(question)
        list_name = self.lists.get(kind, question.code)
        for sub in self._subs(question):
            asked = self._row(question, "select_one", (sub.code,), sub.texts)
            self.draft.ask(replace(asked, choices=options, list_name=list_name))

    def _dual_array(self, question: _Item) -> None:
        for sub in self._subs(question):
            for scale, header in enumerate(("dualscale_headerA", "dualscale_headerB")):
                headers = self.survey.texts_of(question, header)
                texts = {
                    language: f"{text} [{headers.get(language) or f'Scale {scale + 1}'}]"
                    for language, text in sub.texts.items()
                }
                asked = self._row(question, "select_one", (sub.code, str(scale + 1)), texts)
                options = self._options(question, str(scale))
                self.draft.ask(replace(asked, choices=options, list_name=f"{question.code}_{scale + 1}"))

    def _table(self, question: _Item) -> None:
        is_text = question.row["type"] == ";"
        for row in self._subs(question):
            for column in self._subs(question, "1"):
                texts = {
                    language: " – ".join(part for part in (text, column.texts.get(language, "")) if part)
                    for language, text in row.texts.items()
                }
                sub = f"{row.code}_{column.code}"
                self.draft.ask(self._row(question, "text" if is_text else "decimal", (sub,), texts))

    def _ranking(self, question: _Item) -> None:
        options = self._options(question) or [Option(sub.code, sub.texts) for sub in self._subs(question)]
        limits = [self.survey.attribute(question, name) for name in ("max_subquestions", "max_answers")]
        ranks = next((int(limit) for limit in limits if limit.isdigit() and int(limit)), len(options))
        for rank in range(1, min(ranks, len(options)) + 1):
            texts = dict.fromkeys(question.texts, f"Rank {rank}")
            asked = self._row(question, "select_one", (str(rank),), texts)
            self.draft.ask(replace(asked, choices=options, list_name=question.code))

    def _single(self, question: _Item) -> None:
        kind = question.row["type"]
        base_type = {"N": self._number_type(question), "D": "date"}.get(kind, "text")
        if kind == "I":
            self.draft.look(question.code, "the language switch: may have the role language")
        self.draft.ask(replace(self._asked(question, base_type), constraint=self._bounds(question, kind)))

    def _several(self, question: _Item) -> None:
        kind = question.row["type"]
        base_type = self._number_type(question) if kind == "K" else "text"
        for sub in self._subs(question):
            asked = self._row(question, base_type, (sub.code,), sub.texts)
            self.draft.ask(replace(asked, constraint=self._bounds(question, kind)))

    def _number_type(self, question: _Item) -> str:
        return "integer" if self.survey.attribute(question, "num_value_int_only") == "1" else "decimal"

    def _bounds(self, question: _Item, kind: str) -> str:
        if kind not in "NK":
            return ""
        limits = (self.survey.attribute(question, name) for name in ("min_num_value_n", "max_num_value_n"))
        return bounds(*limits)


def _without_brackets(text: str) -> str:
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text
