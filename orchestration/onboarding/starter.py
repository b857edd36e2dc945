"""The knowledge that a new instrument starts with: an item a closed question, a cohort of all, a table an item.

Here: rows of the seeds as its codebook suggests them; a person reviews them. Not here: rounds after the first, whose
items are known (rounds/), writing the rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from orchestration.common.text import clean_label
from orchestration.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from orchestration.rounds.card import RoundCard
    from orchestration.rounds.codebook import Codebook, Question

Rows = dict[str, list[dict[str, Any]]]
# What a role tells of a response is not an opinion to count.
_UNCOUNTED = ("response_id", "respondent", "status", "language", "city_name", "city_pseudonym", "geonameid")
NO_SECTION = "answers"


def starting_rows(card: RoundCard, codebook: Codebook, wave: str, known: Mapping[str, Sequence[Any]]) -> Rows:
    """Rows by seed for the first round of an instrument; `known` are the rows that the seeds have already.

    Closed questions become items with the choices of their list as scale, numbers become items without one. Personal
    questions, texts and dates become none. Rows of a matrix share a table.
    """
    questions = [question for question in codebook.landed_questions if _is_counted(question)]
    names = _Names(card, codebook, known)
    cohort = f"ALL_{card.instrument.upper()}"
    rows: Rows = {
        "waves": _missing([_wave(card, wave)], known.get("waves", ()), "wave"),
        "wave_rounds": [{"wave": wave, "instrument": card.instrument, "round": card.round}],
        "cohorts": _missing([_cohort(card, cohort)], known.get("cohorts", ()), "cohort_code"),
        "themes": [],
        "scales": [],
        "items": [],
        "item_sources": [],
        "tables": [],
        "table_members": [],
        "thresholds": _missing(_thresholds(), known.get("thresholds", ()), "threshold_code"),
    }
    rows["themes"] = _missing(_themes(questions), known.get("themes", ()), "theme_code")
    for list_name in sorted({str(q.list_name) for q in questions if q.list_name}):
        rows["scales"] += _scale(codebook, list_name, names.scale(list_name))
    for question in questions:
        rows["items"].append(_item(question, names))
        rows["item_sources"].append(_item_source(card, question, names))
    first = 1 + max((row.number for row in known.get("tables", ()) if row.wave == wave), default=0)
    closed = [question for question in questions if question.list_name]
    for number, together in enumerate(_tables(closed), first):
        rows["tables"].append(_table(wave, number, together))
        rows["table_members"] += _members(wave, number, cohort, [names.item(question) for question in together])
    return rows


def questions_without_table(codebook: Codebook) -> Iterator[str]:
    """The questions that no table shows, in order, each with why."""
    for question in codebook.questions:
        if question.is_personal:
            yield f"{question.name}: personal, so it is dropped"
        elif set(question.roles) & set(_UNCOUNTED):
            yield f"{question.name}: it says who answered ({', '.join(question.roles)})"
        elif question.list_name is None:
            yield f"{question.name}: {question.base_type}; a table needs choices, or classes in number_classes.csv"


def _is_counted(question: Question) -> bool:
    is_countable = question.list_name is not None or question.base_type in ("integer", "decimal")
    return is_countable and not set(question.roles) & set(_UNCOUNTED)


class _Names:
    """Codes of items and scales that mean nothing else in the seeds yet."""

    def __init__(self, card: RoundCard, codebook: Codebook, known: Mapping[str, Sequence[Any]]) -> None:
        self._instrument = card.instrument
        self._items = {row.item_code for row in known.get("items", ())}
        self._scales: dict[str, dict[str, str]] = {}
        for row in known.get("scales", ()):
            self._scales.setdefault(row.scale_code, {})[row.choice_code] = row.label
        self._lists = {
            name: {choice.name: clean_label(choice.label) for choice in choices}
            for name, choices in codebook.choices.items()
        }

    def item(self, question: Question) -> str:
        return f"{self._instrument}_{question.name}" if question.name in self._items else question.name

    def scale(self, list_name: str) -> str:
        return f"{self._instrument}_{list_name}" if self._is_another(list_name) else list_name

    def _is_another(self, list_name: str) -> bool:
        return list_name in self._scales and self._scales[list_name] != self._lists[list_name]


def _missing(rows: Iterable[dict[str, Any]], known: Sequence[Any], key: str) -> list[dict[str, Any]]:
    there = {getattr(row, key) for row in known}
    return [row for row in rows if row[key] not in there]


def _wave(card: RoundCard, wave: str) -> dict[str, Any]:
    year = re.search(r"\d{4}", wave)
    return {
        "wave": wave,
        "label": f"Wave {wave}",
        "report": card.title,
        "status": "open",
        "report_year": int(year[0]) if year else card.fieldwork_end.year if card.fieldwork_end else 0,
    }


def _cohort(card: RoundCard, code: str) -> dict[str, Any]:
    return {
        "cohort_code": code,
        "label": "All respondents",
        "instrument": card.instrument,
        "position": 1,
        "is_census": "no",
        "is_confidential": "yes",
        "description": f"Everybody who answered: {card.title}",
    }


def _thresholds() -> list[dict[str, Any]]:
    """Limits of verdicts as this project has reviewed them: every deployment needs them."""
    with (PROJECT_ROOT / "seeds" / "thresholds.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _themes(questions: Iterable[Question]) -> Iterator[dict[str, Any]]:
    sections = list(dict.fromkeys(question.section or NO_SECTION for question in questions))
    for position, section in enumerate(sections, 1):
        yield {"theme_code": _slug(section), "label": section, "chapter": str(position), "position": position}


def _scale(codebook: Codebook, list_name: str, scale_code: str) -> Iterator[dict[str, Any]]:
    for choice in codebook.choices[list_name]:
        yield {
            "scale_code": scale_code,
            "choice_code": choice.name,
            "label": clean_label(choice.label),
            "position": choice.position,
            "value": None,
            "group_label": None,
        }


def _item(question: Question, names: _Names) -> dict[str, Any]:
    kinds = {"select_one": "single", "select_multiple": "multiple"}
    return {
        "item_code": names.item(question),
        "label": clean_label(question.label),
        "kind": kinds.get(question.base_type, "number"),
        "scale_code": names.scale(question.list_name) if question.list_name else None,
        "theme_code": _slug(question.section or NO_SECTION),
        "item_set": None,
        "direction": None,
        "is_dimension": "no",
        "base_rule": "all",
    }


def _item_source(card: RoundCard, question: Question, names: _Names) -> dict[str, Any]:
    return {
        "item_code": names.item(question),
        "instrument": card.instrument,
        "round": card.round,
        "question_code": question.name,
        "method": "same" if question.list_name else "number",
        "choice_map": None,
        "comparability": "same",
        "note": None,
    }


def _tables(closed: Iterable[Question]) -> Iterator[list[Question]]:
    """Questions that one table shows: the rows of a matrix with one list, else a question alone."""
    for _, together in groupby(closed, key=lambda q: (q.matrix, q.list_name) if q.matrix else q.name):
        yield list(together)


def _table(wave: str, number: int, questions: Sequence[Question]) -> dict[str, Any]:
    first = questions[0]
    return {
        "wave": wave,
        "table_id": f"T{number}",
        "source": "table",
        "number": number,
        "title": clean_label(first.matrix or first.label),
        "section": first.section or NO_SECTION,
        "row_axis": "item" if first.matrix else "cohort",
        "column_axis": "choice",
        "dimension_code": None,
        "measure": "count",
    }


def _members(wave: str, number: int, cohort: str, items: Sequence[str]) -> Iterator[dict[str, Any]]:
    members = [("cohort", cohort, 1), *(("item", item, position) for position, item in enumerate(items, 1))]
    for kind, code, position in members:
        yield {
            "wave": wave,
            "table_id": f"T{number}",
            "member_kind": kind,
            "member_code": code,
            "position": position,
        }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", clean_label(text).casefold()).strip("_") or NO_SECTION
