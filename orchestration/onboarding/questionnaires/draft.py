"""A codebook in the making: what all importers share.

Here: codes made valid and unique, equal choice lists made one, languages, conditions and bounds as far as a codebook
can express them. Whatever it cannot is noted, never dropped silently. Not here: any platform's format.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestration.common.html_text import squeeze
from orchestration.common.text import clean_label
from orchestration.onboarding.questionnaires.imported import (
    ImportedChoice,
    ImportedCodebook,
    ImportedQuestion,
    Kind,
    Note,
)
from orchestration.onboarding.questionnaires.review import review
from orchestration.onboarding.questionnaires.texts import Texts, code_of_label, distinct, valid_code, valid_name
from orchestration.rounds.codebook import NUMBER_TYPES, SELECT_TYPES

_BOUND = re.compile(r"\.\s*(?P<sign>>=|<=|>|<)\s*(?P<number>-?\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Option:
    """A choice as a platform has it: its own code (empty if it has none) and its label by language.

    `name` is what its name is made of where that is not the code; empty for its label.
    """

    code: str
    texts: Texts
    name: str | None = None


@dataclass(frozen=True)
class Condition:
    """When a question is asked: another one (by source or code) has a choice (by source, code or label)."""

    question: str
    choice: str
    text: str


@dataclass(frozen=True)
class Asked:
    """A question as a platform has it; `code` is what its name is made of, `choices` its list."""

    type: str
    code: str
    source: str
    texts: Texts
    choices: Sequence[Option] = ()
    list_name: str = ""
    hint: str = ""
    is_required: bool = False
    condition: Condition | None = None
    constraint: str = ""
    section: str = ""
    number: str = ""
    matrix: Texts = field(default_factory=dict)
    role: str = ""
    is_personal: bool = False


class Draft:
    """Takes the questions of a questionnaire in order and makes a codebook of them.

    `language` is the language of `label`; where a text lacks it, the first that it has is taken.
    """

    def __init__(self, language: str = "", languages: Sequence[str] = ()) -> None:
        self.language = language or (languages[0] if languages else "")
        self.languages = tuple(languages)
        self._questions: list[ImportedQuestion] = []
        self._conditions: list[Condition | None] = []
        self._lists: dict[str, tuple[ImportedChoice, ...]] = {}
        self._notes: list[Note] = []
        self._has_unnamed_language = False

    def left_out(self, subject: str, reason: str) -> None:
        """Note that something of the questionnaire is not in the codebook."""
        self._notes.append(Note(Kind.LEFT_OUT, subject, reason))

    def changed(self, subject: str, text: str) -> None:
        """Note that something is not as the questionnaire has it."""
        self._notes.append(Note(Kind.CHANGED, subject, text))

    def look(self, subject: str, text: str) -> None:
        """Note that a person has to decide something."""
        self._notes.append(Note(Kind.LOOK, subject, text))

    def ask(self, asked: Asked) -> None:
        """Take a question."""
        name = self._name(asked)
        label, labels = self._said(asked.texts, name)
        matrix, matrices = self._said(asked.matrix) if asked.matrix else ("", {})
        if not clean_label(label):
            label = matrix or squeeze(asked.code) or name
            matrix, matrices = "", {}
            self.changed(name, f"it has no text: its label is {label!r}")
        self._questions.append(
            ImportedQuestion(
                type=self._type(asked, name),
                name=name,
                label=label,
                source=squeeze(asked.source),
                hint=squeeze(asked.hint),
                is_required=asked.is_required,
                constraint=self._constraint(asked, name),
                section=squeeze(asked.section),
                question_number=squeeze(asked.number),
                matrix=matrix,
                role=asked.role,
                is_personal=asked.is_personal,
                labels=labels,
                matrix_labels=matrices,
            )
        )
        self._conditions.append(asked.condition)

    def ask_beside(self, asked: Asked, what: str) -> None:
        """Take the free text that stands beside a question: what `other` is, or a comment."""
        texts = {language: f"{text} – {what}" for language, text in asked.texts.items() if text}
        self.ask(replace(asked, type="text", texts=texts, is_required=False, constraint="", role=""))

    def text(self, texts: Texts) -> str:
        """The text in the codebook's language, else the first that there is."""
        return texts.get(self.language) or next(filter(None, texts.values()), "")

    def finished(self) -> ImportedCodebook:
        """The codebook, with its conditions resolved."""
        questions = tuple(
            replace(question, relevant=self._relevant(question, condition)) if condition else question
            for question, condition in zip(self._questions, self._conditions, strict=True)
        )
        choices = tuple(choice for choices in self._lists.values() for choice in choices)
        if self._has_unnamed_language:
            self.left_out("texts", f"those of no language, where there are texts in {self.language}")
        codebook = ImportedCodebook(
            questions, choices, tuple(dict.fromkeys(self._notes)), self.language, self.languages
        )
        return review(codebook)

    def _name(self, asked: Asked) -> str:
        taken = {question.name for question in self._questions}
        wanted = valid_name(asked.code) or valid_name(code_of_label(self._said(asked.texts)[0]))
        wanted = wanted or f"question_{len(taken) + 1}"
        name = distinct(wanted, taken)
        if name != wanted:
            self.changed(name, f"the code {wanted} is taken by another question")
        return name

    def _said(self, texts: Texts, subject: str = "") -> tuple[str, Mapping[str, str]]:
        """The text in the codebook's language, and the texts in all others."""
        said = {language: squeeze(text) for language, text in texts.items() if squeeze(text)}
        if not said:
            return "", {}
        language = self.language if self.language in said else next(iter(said))
        if subject and self.language and language and language != self.language:
            self.changed(subject, f"it has no text in {self.language}: {language} is taken")
        self._has_unnamed_language |= bool(language) and "" in said
        return said[language], {key: text for key, text in said.items() if key and key != self.language}

    def _type(self, asked: Asked, name: str) -> str:
        if asked.type not in SELECT_TYPES:
            return asked.type
        if not asked.choices:
            self.look(name, f"a {asked.type} question without choices: it is a text question here")
            return "text"
        return f"{asked.type} {self._list(asked.list_name or name, asked.choices)}"

    def _list(self, wanted: str, options: Sequence[Option]) -> str:
        """The list that has these choices; a new one if there is none."""
        choices = self._choices(wanted, options)
        for list_name, known in self._lists.items():
            if [replace(choice, list_name="") for choice in known] == choices:
                return list_name
        list_name = distinct(valid_name(wanted) or "list", self._lists)
        self._lists[list_name] = tuple(replace(choice, list_name=list_name) for choice in choices)
        return list_name

    def _choices(self, list_name: str, options: Sequence[Option]) -> list[ImportedChoice]:
        choices: dict[str, ImportedChoice] = {}
        labels: set[str] = set()
        for position, option in enumerate(options, 1):
            label, translations = self._said(option.texts)
            wanted = (
                valid_code(option.code if option.name is None else option.name)
                or code_of_label(label)
                or f"choice_{position}"
            )
            name = distinct(wanted, choices)
            label = label if clean_label(label) else squeeze(option.code) or name
            if clean_label(label) in labels:
                same = label
                while clean_label(label) in labels:
                    label = f"{label} [{name}]"
                self.changed(f"list {list_name}", f"the label {same!r} stands twice: the second is {label}")
            labels.add(clean_label(label))
            choices[name] = ImportedChoice("", name, label, squeeze(option.code), translations)
        return list(choices.values())

    def _constraint(self, asked: Asked, name: str) -> str:
        if not asked.constraint:
            return ""
        expressed = expressed_constraint(asked.constraint, asked.type)
        if not expressed:
            self.left_out(name, f"its constraint cannot be expressed: {asked.constraint}")
        return expressed

    def _relevant(self, question: ImportedQuestion, condition: Condition) -> str:
        reason, relevant = "it names no question of the codebook", ""
        other = self._question_of(condition.question)
        if other is question:
            reason = "it names the question itself"
        elif other is not None and other.base_type != "select_one":
            reason = f"{other.name} is a {other.base_type} question"
        elif other is not None and other.is_personal and not question.is_personal:
            reason = f"the answers to {other.name} are personal"
        elif other is not None:
            choice = self._choice_of(other, condition.choice)
            reason = f"{condition.choice!r} is no choice of {other.name}"
            relevant = f"${{{other.name}}} = '{choice.name}'" if choice else ""
        if not relevant:
            self.left_out(question.name, f"its condition cannot be expressed ({reason}): {condition.text}")
        return relevant

    def _question_of(self, code: str) -> ImportedQuestion | None:
        return next((q for q in self._questions if q.source == code), None) or next(
            (q for q in self._questions if q.name in (code, valid_name(code))), None
        )

    def _choice_of(self, question: ImportedQuestion, code: str) -> ImportedChoice | None:
        ways: tuple[Callable[[ImportedChoice], str], ...] = (
            lambda choice: choice.source,
            lambda choice: choice.name,
            lambda choice: clean_label(choice.label).casefold(),
        )
        for way, wanted in zip(ways, (code, code, clean_label(code).casefold()), strict=True):
            for choice in self._lists[question.list_name]:
                if way(choice) == wanted:
                    return choice
        return None


def bounds(minimum: str, maximum: str) -> str:
    """A constraint of the least and the greatest number, each empty or as a platform writes it."""
    parts = [f". {sign} {number.strip()}" for sign, number in ((">=", minimum), ("<=", maximum)) if number.strip()]
    return " and ".join(parts)


def expressed_constraint(text: str, base_type: str) -> str:
    """A constraint as a codebook writes it; empty if it cannot express it.

    `. > 0` is `. >= 1` for whole numbers and cannot be expressed for others.
    """
    if base_type not in NUMBER_TYPES:
        return ""
    limits: dict[str, float] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        match = _BOUND.fullmatch(part.strip().strip("()").strip())
        if match is None:
            return ""
        sign, number = match["sign"], float(match["number"])
        if sign in ("<", ">"):
            if base_type != "integer":
                return ""
            number = math.floor(number) + 1 if sign == ">" else math.ceil(number) - 1
        if sign[0] in limits:
            return ""
        limits[sign[0]] = number
    if limits.get(">", -math.inf) > limits.get("<", math.inf):
        return ""
    return " and ".join(f". {sign}= {_number(limits[sign])}" for sign in (">", "<") if sign in limits)


def _number(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:f}".rstrip("0")
