"""How the cells of a question's columns are read: text, number, date, choices, or the fault why they have no value.

Here: which reader a question has, by its type and by how the platform delivers it. Not here: what a value may look like
(common/values.py), columns of cells (columns.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from orchestration.common.text import clean_label, lost_signs
from orchestration.common.values import (
    Cell,
    Fault,
    cell_text,
    day,
    fills,
    free_text,
    is_blank,
    moment,
    number,
    number_key,
    quote,
)
from orchestration.readers.columns import ColumnReader, Read
from orchestration.readers.headings import Placed
from orchestration.rounds.card import RoundCard
from orchestration.rounds.choices import ChoiceReader, Ticks, spellings, tick_key
from orchestration.rounds.codebook import Choice, Codebook, Question

_PERCENTAGE = re.compile(r"(?P<number>[^%]*[^%\s])\s*%")
# Takes what a person should know of how a file was read.
Note = Callable[[str], None]


def readers_of(
    placed: Placed, codebook: Codebook, card: RoundCard, text_limit: int | None, note: Note
) -> Iterator[tuple[int, str, ColumnReader]]:
    """Each column of a question: its name in corrections, and how to read its cells; `note` takes what was guessed."""
    question = placed.question
    if not placed.choices:
        yield placed.columns[0], question.name, _reader_of(question, codebook, card, text_limit, note)
        return
    for column, choice in zip(placed.columns, placed.choices, strict=True):
        yield column, f"{question.name}[{choice.name}]", ColumnReader(_tick_reader(choice, card.ticks), "choice_code")


def moment_reader() -> ColumnReader:
    """Reads points in time."""
    return ColumnReader(lambda cell: _only(cell, moment(cell)), "moment")


def text_reader(note: Note = lambda _: None, text_limit: int | None = None) -> ColumnReader:
    """Reads free text; `note` takes what was guessed."""
    return ColumnReader(lambda cell: _text(cell, text_limit, note), "value_text", is_free_text=text_limit is None)


def _reader_of(
    question: Question, codebook: Codebook, card: RoundCard, text_limit: int | None, note: Note
) -> ColumnReader:
    if question.list_name is not None:
        return ColumnReader(_choices_reader(question, codebook, card, note), "choice_code")
    if question.base_type == "text":
        return text_reader(note, text_limit)
    if question.base_type == "date":
        return ColumnReader(lambda cell: _only(cell, day(cell)), "value_date")
    is_whole = question.base_type == "integer"
    return ColumnReader(
        lambda cell: _only(cell, _number(cell, question, card.decimal)),
        "value_number",
        is_whole=is_whole if card.decimal == "." else None,
    )


def _number(cell: Cell, question: Question, decimal: str) -> float | Fault:
    """The number of a cell; a percentage is one of 1 or of 100, as the bounds of the question say."""
    is_whole = question.base_type == "integer"
    share = _PERCENTAGE.fullmatch(clean_label(cell)) if isinstance(cell, str) and "%" in cell else None
    # What a workbook shows as a percentage has a point, whatever sign its texts have.
    sign = "." if share and number_key(share["number"]) and "." in share["number"] else decimal
    found = number(share["number"], False, sign) if share else None
    if found is None or isinstance(found, Fault):
        return number(cell, is_whole, decimal)
    most = question.constraint.maximum if question.constraint else None
    if most is None:
        remedy = "write in `constraint` of questions.csv which: `. <= 100` or `. <= 1`"
        return Fault("not_a_number", f"{quote(cell)} is a share of 1 or of 100, which is not said", remedy)
    return number(found if most > 1 else float(Decimal(repr(found)) / 100), is_whole)


def _only(cell: Cell, found: Any) -> tuple[Any, ...] | Fault:
    if is_blank(cell):
        return ()
    return found if isinstance(found, Fault) else (found,)


def _tick_reader(choice: Choice, ticks: Ticks) -> Read:
    """Reads a column that stands for one choice: ticked, not ticked, or neither; a No is one, whatever the label."""
    ticked = {*ticks.ticked, *map(tick_key, spellings(choice))} - ticks.not_ticked

    def read(cell: Cell) -> tuple[Any, ...] | Fault:
        text = tick_key(cell_text(cell))
        if text in ticked:
            return (choice.name,)
        if not text or text in ticks.not_ticked:
            return ()
        remedy = "write it into `ticked` or `not_ticked` of round.yml, or correct the cell at its source"
        return Fault("unknown_choice", f"{quote(cell)} does not say whether {choice.label!r} was chosen", remedy)

    return read


def _choices_reader(question: Question, codebook: Codebook, card: RoundCard, note: Note) -> Read:
    is_multiple = question.base_type == "select_multiple"
    choices = ChoiceReader(str(question.list_name), codebook.choices_of(question), is_multiple, card.joined_by)

    def read(cell: Cell) -> tuple[Any, ...] | Fault:
        if is_blank(cell):
            return ()
        found = choices.read(cell)
        for joint in choices.joints_found:
            said = f"`joined_by: {json.dumps(joint)}` in round.yml says so for sure"
            note(f"the choices of {question.name} are taken to be joined by {joint!r}: {said}")
        return found if isinstance(found, Fault) else tuple(choice.name for choice in found)

    return read


def _text(cell: Cell, text_limit: int | None, note: Note) -> tuple[Any, ...] | Fault:
    if text_limit is not None and fills(cell, text_limit):
        reason = f"the text fills the cell ({text_limit} characters), so its end is missing"
        return Fault("text_cut", reason, "take the whole text from the survey platform")
    found = free_text(cell)
    for control, sign in lost_signs(cell).items() if isinstance(cell, str) else ():
        if not sign:
            reason = f"the text holds {control!r}, a control character where a letter was lost"
            return Fault("control_character", reason, "restore the letter at its source")
        note(f"{control!r}, a control character, is read as {sign!r}, which it is in cp1252")
    return () if found is None else (found,)
