"""Questions and choices as the data alone suggest them: a proposal that a person reviews.

Here: what all values of a column can be, which columns are one question, roles, personal columns, choices. Not here:
codes and choices of earlier rounds (inherit.py), the files that are written (files.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, takewhile

from orchestration.common.problems import list_some
from orchestration.common.text import clean_label
from orchestration.common.values import Cell, Fault, cell_text, day, moment, number
from orchestration.onboarding.extract_table import ExtractTable, are_perhaps_thousands
from orchestration.onboarding.joints import LIKELY, OF_NAMES, SURE, is_of_xlsform, joined_choices
from orchestration.onboarding.names import (
    HeadingParts,
    begin_of_ticks,
    begin_with_codes,
    country_code,
    question_slug,
    slug,
    take_apart,
    unused,
)
from orchestration.onboarding.questionnaires.texts import valid_name
from orchestration.onboarding.wording import (
    asks_for_free_text,
    id_likeness,
    is_personal_heading,
    may_name_persons,
    personal_phrase,
    role_likeness,
)
from orchestration.rounds.choices import known_ticks, tick_key
from orchestration.rounds.codebook import BaseType
from orchestration.rounds.platforms import PLATFORMS

MOST_CHOICES = 60
# So many values are kept as they stand: an earlier round may know them as choices.
MOST_TEXTS_KEPT = 200
LONGEST_USUAL_LABEL = 120
LEAST_REPEATS = 3.0
LEAST_SHARE_REPEATED = 0.8
LEAST_SHARE_WHOLE = 0.9
LONGEST_ID = 64
LEAST_BEGIN = 3
# Of an organisation many a question speaks; its name is asked for in few words.
LEAST_ORGANISATION = 0.25
MOST_SHOWN = 6

_JOINED = "cells join choices by {!r}: look whether the choices are whole"
_ROLES = (
    "response_id", "country", "city_name", "organisation", "geonameid", "population", "latitude", "longitude",
)  # fmt: skip
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LAST_WORD = re.compile(r"\w+$")
_LEADING_ZERO = re.compile(r"0[0-9]")
_LEADING_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class ProposedChoice:
    """A choice as the data have it: its label, how often it was given, the platform's code of it if that is known."""

    label: str
    count: int
    code: str = ""
    source: str = ""


@dataclass(frozen=True)
class ProposedQuestion:
    """A question as its columns suggest it.

    `remark` is what a person has to look at, `texts` are the values of its cells as they stand (if not too many),
    `joined_by` is the sign between choices of a cell, `reviewed` the further columns of questions.csv that an earlier
    round has for it.
    """

    base_type: BaseType
    code: str
    label: str
    list_name: str = ""
    choices: tuple[ProposedChoice, ...] = ()
    source: str = ""
    array: str = ""
    matrix: str = ""
    roles: tuple[str, ...] = ()
    is_personal: bool = False
    answered_n: int = 0
    remark: str = ""
    texts: tuple[ProposedChoice, ...] = ()
    joined_by: str = ""
    reviewed: Mapping[str, str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        """The header of its column, as codebook.Question has it."""
        return f"{self.matrix}: {self.label}" if self.matrix else self.label


@dataclass(frozen=True)
class _ExtractColumn:
    """A column of the extract with its heading in parts and the cells that say something.

    `joints` are the signs that may join choices, `begin` is how all columns of its question begin, `ticks` are columns
    that say the same again, choice by choice.
    """

    heading: str
    parts: HeadingParts
    cells: tuple[Cell, ...]
    decimal: str = "."
    joints: tuple[str, ...] = LIKELY
    begin: str = ""
    ticks: tuple[_ExtractColumn, ...] = ()

    def beginning(self, begin: str, question: str) -> _ExtractColumn:
        """The same as the column of one choice of a question, which stands before it in the heading."""
        parts = HeadingParts("", question, "", self.heading.removeprefix(begin).strip())
        return replace(self, parts=parts, begin=begin)

    @property
    def is_other(self) -> bool:
        """Whether it holds what was written beside the choices of a question."""
        return self.parts.sub.casefold() == "other"

    def is_number(self, cell: Cell, is_whole: bool = False) -> bool:
        """Whether a cell can be read as a number."""
        return not isinstance(number(cell, is_whole, self.decimal), Fault)

    @property
    def asked(self) -> str:
        """What the question says, as far as its heading tells."""
        return self.parts.text or self.heading

    @cached_property
    def texts(self) -> list[str]:
        return [clean_label(cell_text(cell)) for cell in self.cells]

    @property
    def are_codes(self) -> bool:
        """Whether a value begins with a zero that a number would lose."""
        return any(map(_LEADING_ZERO.match, self.texts))

    def counts(self) -> Counter[str]:
        return Counter(self.texts)


def propose_questions(table: ExtractTable) -> tuple[ProposedQuestion, ...]:
    """One question a column, or one a group of ticked columns, in the order of the file, with codes of their own."""
    has_codes = table.platform == "limesurvey_csv" or begin_with_codes(table.header)
    joints = (*LIKELY, OF_NAMES) if is_of_xlsform(table.header) else LIKELY
    columns = [
        _ExtractColumn(heading, take_apart(heading, has_codes), tuple(table.column(index)), table.decimal, joints)
        for index, heading in enumerate(table.header)
    ]
    groups = _group(columns)
    is_eusurvey = table.platform == "eusurvey_xlsx"
    groups = groups if is_eusurvey else _group_by_begin(groups)
    groups = _without_repeated_ticks(groups)
    questions = _with_roles(_ask_of_ticks([_question(group) for group in groups], groups), groups, table)
    return _with_codes(_with_matrices(questions) if is_eusurvey else questions)


def _group(columns: Sequence[_ExtractColumn]) -> list[list[_ExtractColumn]]:
    """Columns that one question spans stand together; every other column stands alone."""
    groups: list[list[_ExtractColumn]] = []
    for column in columns:
        is_part = column.parts.question and not column.is_other
        if groups and is_part and groups[-1][0].parts.question == column.parts.question:
            groups[-1].append(column)
        else:
            groups.append([column])
    return [
        part
        for group in groups
        for part in ([group] if len(group) > 1 and all(map(_are_ticks, group)) else [[column] for column in group])
    ]


def _group_by_begin(groups: Sequence[list[_ExtractColumn]]) -> list[list[_ExtractColumn]]:
    """Neighbours of which headings begin alike and cells are ticks are the choices of one question too."""
    found: list[list[_ExtractColumn]] = []
    for group in groups:
        run = found[-1] if found else []
        is_alone = run and len(group) == 1
        begin, question = begin_of_ticks(run[-1].heading, group[0].heading) if is_alone else ("", "")
        both = [*run, *group] if len(run) == 1 else group
        new = [column.beginning(begin, question) for column in both] if begin else []
        if new and (len(run) == 1 or run[0].begin == begin) and all(map(_are_ticks, new)):
            found[-1] = new if len(run) == 1 else [*run, *new]
        else:
            found.append(group)
    return found


def _without_repeated_ticks(groups: Sequence[list[_ExtractColumn]]) -> list[list[_ExtractColumn]]:
    """Without the ticks that repeat what one column joins, as Kobo and ODK write both: readers pass over them.

    Where that column says something else, or no cell is ticked at all, they are questions of their own.
    """
    wholes = {group[0].heading: group[0] for group in groups if len(group) == 1}
    found: list[list[_ExtractColumn]] = []
    joined: dict[str, _ExtractColumn] = {}
    for group in groups:
        is_of_one = len(group) > 1 and not group[0].parts.code
        whole = wholes.get(group[0].parts.text) if is_of_one else None
        if whole is None and (not group[0].begin or any(column.cells for column in group)):
            found.append(group)
        elif whole and (joint := _joint_of([column.parts.sub_text for column in group], whole)):
            joined[whole.heading] = replace(whole, ticks=tuple(group), joints=(joint,))
        else:
            found += [[replace(column, parts=HeadingParts("", column.heading, "", ""), begin="")] for column in group]
    return [[joined[group[0].heading]] if group[0].heading in joined else group for group in found]


def _ask_of_ticks(
    questions: Sequence[ProposedQuestion], groups: Sequence[Sequence[_ExtractColumn]]
) -> list[ProposedQuestion]:
    """Ask of neighbours of 0 and 1 whose headings begin alike, in no known form, whether they are choices of one."""
    found = list(questions)
    is_tick = [
        q.base_type == "integer" and set(g[0].texts) <= {"0", "1"} for q, g in zip(questions, groups, strict=True)
    ]
    for at, near in pairwise(range(len(found))):
        pairs = zip(groups[at][0].heading, groups[near][0].heading, strict=False)
        begin = _LAST_WORD.sub("", "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)))
        if is_tick[at] and is_tick[near] and len(begin) >= LEAST_BEGIN:
            remark = f"it and its neighbour hold only 0 and 1 and begin with {begin!r}: choices of one question?"
            found[at], found[near] = (replace(found[place], remark=remark) for place in (at, near))
    return found


def _joint_of(choices: Sequence[str], column: _ExtractColumn) -> str:
    """What joins choices in the cells of a column, if it is nothing else that these say; else empty."""
    signs = (SURE, *LIKELY, OF_NAMES) if choices and column.cells else ()
    parts = ((sign, {clean_label(part) for text in column.texts for part in text.split(sign)}) for sign in signs)
    return next((sign for sign, found in parts if found - {""} <= set(choices)), "")


def _are_ticks(column: _ExtractColumn) -> bool:
    """Whether a column may be one choice of a question: each cell is a tick, its absence, or the choice's own label."""
    ticks = known_ticks()
    return set(map(tick_key, set(column.texts))) <= {*ticks.ticked, *ticks.not_ticked, tick_key(column.parts.sub_text)}


def _question(group: Sequence[_ExtractColumn]) -> ProposedQuestion:
    return _ticked_question(group) if len(group) > 1 else _single_question(group[0])


def _ticked_question(group: Sequence[_ExtractColumn]) -> ProposedQuestion:
    parts = group[0].parts
    choices = tuple(
        ProposedChoice(
            label=column.parts.sub_text or column.parts.sub,
            count=sum(n for text, n in column.counts().items() if tick_key(text) not in known_ticks().not_ticked),
            source=column.parts.sub,
        )
        for column in group
    )
    remark = f"{len(group)} columns that begin alike hold only ticks: taken for its choices, so an empty one is a No"
    return ProposedQuestion(
        base_type="select_multiple",
        code=parts.code,
        label=parts.text or parts.code,
        choices=choices,
        source=parts.code,
        answered_n=max(len(column.cells) for column in group),
        remark=remark if group[0].begin else "",
    )


def _single_question(column: _ExtractColumn) -> ProposedQuestion:
    parts = column.parts
    is_row = bool(parts.code and parts.text and parts.sub_text)
    label = (parts.sub_text or parts.text or parts.source) if parts.code else column.heading
    typed = _type_of(column)
    question = ProposedQuestion(
        base_type=typed.base_type,
        code=parts.source,
        label=label,
        matrix=parts.text if is_row else "",
        choices=tuple(ProposedChoice(text, count) for text, count in typed.counts.items()),
        source=parts.source,
        array=parts.code if parts.sub and not column.is_other else "",
        is_personal=_is_personal(column),
        answered_n=len(column.cells),
        remark=typed.remark,
        joined_by=typed.joined_by,
        texts=_texts(column),
        reviewed={"constraint": typed.constraint} if typed.constraint else {},
    )
    return _looked_at_for_persons(question, column.asked)


def _texts(column: _ExtractColumn) -> tuple[ProposedChoice, ...]:
    counts = column.counts()
    is_kept = len(counts) <= MOST_TEXTS_KEPT and not _is_personal(column)
    return tuple(ProposedChoice(text, count) for text, count in counts.items()) if is_kept else ()


@dataclass(frozen=True)
class _Typed:
    """What all values of a column can be, the counts of its choices, what joins them, and what a person looks at."""

    base_type: BaseType
    counts: Mapping[str, int] = field(default_factory=dict)
    joined_by: str = ""
    remark: str = ""
    constraint: str = ""


def _type_of(column: _ExtractColumn) -> _Typed:
    cells = column.cells
    if column.ticks:
        counts = {choice.label: choice.count for choice in _ticked_question(column.ticks).choices}
        return _Typed("select_multiple", counts, column.joints[0], _JOINED.format(column.joints[0]))
    if _is_personal(column):
        return _Typed("text")
    if not cells:
        return _Typed("text", remark="every cell is empty: the type is not known")
    if are_perhaps_thousands(column.heading, cells):
        shown = list_some([repr(text) for text in dict.fromkeys(column.texts) if "," in text or "." in text])
        remark = f"digits in threes: thousands or decimals? ({shown}): text keeps all, a number is one of both"
        return _Typed("text", remark=remark)
    if not column.are_codes:
        if all(column.is_number(cell, is_whole=True) for cell in cells):
            return _Typed("integer")
        if all(map(column.is_number, cells)):
            return _Typed("decimal")
    if _are_percentages(column):
        remark = "percentages: numbers of 100, as the constraint says"
        return _Typed("decimal", remark=remark, constraint=". >= 0 and . <= 100")
    if all(not isinstance(day(cell), Fault) for cell in cells):
        return _Typed(_date_or_moment(cells))
    if not (column.is_other or asks_for_free_text(column.parts.sub_text or column.asked)):
        for joint in (SURE, *column.joints):
            if (parts := joined_choices(list(map(cell_text, cells)), joint, _are_choices)) is not None:
                remark = _JOINED.format(joint) if joint != SURE else ""
                return _Typed("select_multiple", parts, joint, remark)
        counts = column.counts()
        if _are_choices(counts):
            return _Typed("select_one", counts)
    return _Typed("text", remark="" if column.are_codes else _near_number(column))


def _are_percentages(column: _ExtractColumn) -> bool:
    """Whether all values are numbers from 0 to 100, some of them with a sign for percent."""
    found = [number(text.rstrip("% "), False, column.decimal) for text in column.texts]
    return any(text.endswith("%") for text in column.texts) and all(
        not isinstance(value, Fault) and 0 <= value <= 100 for value in found
    )


def _date_or_moment(cells: Sequence[Cell]) -> BaseType:
    """A point in time is more than a date, so it stays text."""
    moments = [moment(cell) for cell in cells]
    has_time = any(not isinstance(found, Fault) and (found.hour or found.minute or found.second) for found in moments)
    return "text" if has_time else "date"


def _are_choices(counts: Mapping[str, int]) -> bool:
    """Whether few distinct short values repeat, as the choices of a question do."""
    answers = sum(counts.values())
    if {label.casefold() for label in counts} <= {"yes", "no", "true", "false"}:
        return True
    if not 2 <= len(counts) <= MOST_CHOICES or answers < LEAST_REPEATS * len(counts):
        return False
    repeated = sum(count for count in counts.values() if count > 1)
    usual = sorted(map(len, counts))[len(counts) // 2]
    return (
        repeated >= LEAST_SHARE_REPEATED * answers
        and usual <= LONGEST_USUAL_LABEL
        and not _are_enumerations(counts)
        and sum(bool(_ISO_DAY.search(label)) for label in counts) <= len(counts) / 2
    )


def _are_enumerations(counts: Mapping[str, int]) -> bool:
    """Whether most values list, with commas, parts that come back in other values."""
    split = [label.split(", ") for label in counts]
    parts = Counter(part for listed in split for part in listed)
    return sum(len(listed) > 1 for listed in split) >= len(counts) / 2 and sum(parts.values()) >= 2 * len(parts)


def _near_number(column: _ExtractColumn) -> str:
    """Says of a text column that most of its values are numbers."""
    others = Counter(text for cell, text in zip(column.cells, column.texts, strict=True) if not column.is_number(cell))
    n, numbers_n = len(column.cells), len(column.cells) - others.total()
    if numbers_n <= n / 2:
        return ""
    shown = ", ".join(f"{text!r} {count}" for text, count in others.most_common(MOST_SHOWN))
    return f"{numbers_n} of {n} values are numbers, others not ({shown}): text keeps all, decimal rejects the others"


def _is_personal(column: _ExtractColumn) -> bool:
    from orchestration.common.personal import is_personal_column

    return (
        is_personal_heading(column.asked)
        or is_personal_heading(column.parts.code)
        or is_personal_column(column.texts) is not None
    )


def _looked_at_for_persons(question: ProposedQuestion, asked: str) -> ProposedQuestion:
    """A text question with what it asks of persons: personal where its words say so, a remark where they may."""
    if question.base_type != "text" or question.is_personal:
        return question
    if phrase := personal_phrase(asked):
        remark = f"marked personal, so dropped: its text says {phrase!r}; clear is_personal if it asks for no person"
        return replace(question, is_personal=True, texts=(), remark=remark)
    remark = "it may name persons: if it does, write yes into is_personal, and it is dropped"
    return replace(question, remark=remark) if may_name_persons(asked) else question


def _with_roles(
    questions: Sequence[ProposedQuestion], groups: Sequence[Sequence[_ExtractColumn]], table: ExtractTable
) -> list[ProposedQuestion]:
    """Give each role to the question that deserves it most."""
    found = list(questions)
    for role in _ROLES:
        merits = [
            _merit(role, question, group[0], len(table.rows)) if len(group) == 1 else 0.0
            for question, group in zip(found, groups, strict=True)
        ]
        if role == "response_id" and PLATFORMS[table.platform] != "never":
            continue
        if role == "organisation" and not any("city_name" in question.roles for question in found):
            # It is read where a row has no city; without a column of cities every row would be one.
            continue
        best = max(merits, default=0.0)
        if role == "response_id":
            found = [_told_of_repeats(question, group[0]) for question, group in zip(found, groups, strict=True)]
        if best > 0:
            index = merits.index(best)
            found[index] = _in_role(found[index], role, groups[index][0])
    return found


def _told_of_repeats(question: ProposedQuestion, column: _ExtractColumn) -> ProposedQuestion:
    """A column that is headed as an id, but does not tell all rows apart: what that would mean is told."""
    again = [n for n in column.counts().values() if n > 1]
    if id_likeness(column.heading) < 1 or question.base_type not in ("integer", "text") or not again:
        return question
    remark = (
        f"{len(again)} of its values come again, in {sum(again)} rows, so it has not the role response_id: with it, "
    )
    return replace(question, remark=remark + "the last row of each would count")


def _merit(role: str, question: ProposedQuestion, column: _ExtractColumn, rows_n: int) -> float:
    """How much a question deserves a role; 0 where its values speak against it."""
    is_taken = bool(question.roles) and (question.roles, role) != (("response_id",), "city_name")
    if question.is_personal or is_taken or not column.cells:
        return 0.0
    counts = column.counts()
    if role == "response_id":
        is_unique = len(counts) == len(column.cells) == rows_n and max(map(len, counts)) <= LONGEST_ID
        is_unique = is_unique and not may_name_persons(column.asked)
        return 0.1 + id_likeness(column.heading) if is_unique and question.base_type in ("integer", "text") else 0.0
    likeness = role_likeness(column.asked, role)
    return likeness if likeness and _fits(role, question, column, counts) else 0.0


def _fits(role: str, question: ProposedQuestion, column: _ExtractColumn, counts: Mapping[str, int]) -> bool:
    if role == "country":
        return sum(n for label, n in counts.items() if country_code(label)) >= len(column.cells) / 2
    if role == "city_name":
        return question.base_type == "text"
    if role == "organisation":
        return question.base_type == "text" and role_likeness(column.asked, role) >= LEAST_ORGANISATION
    if role in ("latitude", "longitude"):
        return question.base_type == "decimal"
    return sum(column.is_number(cell, is_whole=True) for cell in column.cells) >= LEAST_SHARE_WHOLE * len(column.cells)


def _in_role(question: ProposedQuestion, role: str, column: _ExtractColumn) -> ProposedQuestion:
    if role == "country":
        choices = tuple(ProposedChoice(label, n, country_code(label) or "") for label, n in column.counts().items())
        return replace(question, base_type="select_one", choices=choices, roles=(role,), remark="")
    if role in ("latitude", "longitude"):
        return replace(question, roles=(role,))
    if role == "population":
        texts = zip(column.cells, column.texts, strict=True)
        others = [text for cell, text in texts if not column.is_number(cell, is_whole=True)]
        remark = f"no whole number, so rejected: {list_some(list(map(repr, others)))}" if others else ""
        return replace(question, base_type="integer", roles=(role,), remark=remark)
    base_type: BaseType = "integer" if role == "geonameid" else "text"
    return replace(question, base_type=base_type, choices=(), roles=(*question.roles, role), remark="")


def _with_matrices(questions: Sequence[ProposedQuestion]) -> list[ProposedQuestion]:
    """EUSurvey heads the rows of a matrix `Matrix: Row`: neighbours of one type that begin alike are rows of one."""
    prefixes = [question.label.partition(": ")[0] if ": " in question.label else "" for question in questions]
    found = []
    for index, (question, prefix) in enumerate(zip(questions, prefixes, strict=True)):
        neighbours = {
            near for near in (index - 1, index + 1)
            if 0 <= near < len(questions) and questions[near].base_type == question.base_type == "select_one"
        }  # fmt: skip
        is_row = prefix and any(prefixes[near] == prefix for near in neighbours)
        label = question.label.removeprefix(f"{prefix}: ") if is_row else question.label
        found.append(replace(question, matrix=prefix, label=label, array=prefix) if is_row else question)
    return found


def _with_codes(questions: Sequence[ProposedQuestion]) -> tuple[ProposedQuestion, ...]:
    """Each question with a code that no other has: the platform's own where it can be one, else a slug of the label."""
    used: set[str] = set()
    rows = Counter(question.array for question in questions)
    return tuple(
        replace(
            question,
            code=unused(_own_code(question, rows[question.array]) or question_slug(question.label, position), used),
        )
        for position, question in enumerate(questions, 1)
    )


def _own_code(question: ProposedQuestion, rows_n: int) -> str:
    """The platform's code as a question's code: `q1[tools]` is q1_tools, or q1 if that is its only row."""
    if question.source and question.array and rows_n == 1:
        return question.array
    return valid_name(question.code)


def in_order(choices: Sequence[ProposedChoice]) -> tuple[ProposedChoice, ...]:
    """Choices by the number that each label begins with, else the most frequent first, then by label."""
    numbers = [_LEADING_NUMBER.match(choice.label) for choice in choices]
    if choices and all(numbers):
        return tuple(sorted(choices, key=lambda choice: (_leading_number(choice.label), choice.label)))
    return tuple(sorted(choices, key=lambda choice: (-choice.count, choice.label)))


def _leading_number(label: str) -> float:
    match = _LEADING_NUMBER.match(label)
    return float(match[0]) if match else 0.0


def give_codes(choices: Sequence[ProposedChoice]) -> tuple[ProposedChoice, ...]:
    """Choices with a code each: their own, else a slug of the label."""
    used = {choice.code for choice in choices if choice.code}
    return tuple(
        choice if choice.code else replace(choice, code=unused(slug(choice.label, f"c{position}"), used))
        for position, choice in enumerate(choices, 1)
    )
