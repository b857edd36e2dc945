"""The knowledge that a new instrument starts with: an item a closed question, a cohort of all, a table an item.

Here: what its codebook says for the rows of `starter.yml`; a person reviews them. Not here: rounds after the first,
whose items are known (confirm.py), writing the rows (start.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from orchestration.common.text import clean_label
from orchestration.onboarding.additions import next_rank
from orchestration.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from orchestration.rounds.card import RoundCard
    from orchestration.rounds.codebook import Codebook, Question

Rows = dict[str, list[dict[str, Any]]]
# What a role tells of a response is not an opinion to count.
_UNCOUNTED = ("response_id", "respondent", "status", "language", "city_name", "city_pseudonym", "geonameid")
NO_SECTION = "answers"
# Roles that name a city, best first.
_NAMING = ("city_name", "geonameid", "city_pseudonym")
# What every deployment that knows its cities can group by: rows of this project's seeds, by the column that names them.
_PROFILE = (
    ("items", "item_code", {"size_class", "region"}),
    ("scales", "scale_code", {"size_class", "region"}),
    ("themes", "theme_code", {"profile"}),
    ("number_classes", "choice_map", {"size_class"}),
    ("choice_maps", "choice_map", {"country_to_region"}),
)
# What says that a city stands in a register.
_YES_NO = ("scales", "scale_code", {"yes_no"})
# A city with several records may have several choices.
_KINDS_OF_RECORDS = {"select_one": "multiple", "select_multiple": "multiple"}
_KINDS = {"select_one": "single", "select_multiple": "multiple"}
# The column by which a row that is there already is known.
_KEYS = {"waves": "wave", "cohorts": "cohort_code", "themes": "theme_code", "thresholds": "threshold_code"}


def starting_rows(card: RoundCard, codebook: Codebook, wave: str, known: Mapping[str, Sequence[Any]]) -> Rows:
    """Rows by seed for the first round of an instrument; `known` are the rows that the seeds have already.

    Closed questions become items with the choices of their list as scale, numbers become items without one. Personal
    questions, texts and dates become none. Rows of a matrix share a table.
    """
    templates = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    first = 1 + max((row.number for row in known.get("tables", ()) if row.wave == wave), default=0)
    rows: Rows = {seed: [] for seed in templates}
    for seed, said in _said(card, codebook, wave, known, first):
        rows[seed].append({column: str(text).format_map(said) for column, text in templates[seed].items()})
    # Limits of verdicts as this project has reviewed them: every deployment needs them.
    rows["thresholds"] = _reviewed("thresholds")
    for seed, key in _KEYS.items():
        there = {str(getattr(row, key)) for row in known.get(seed, ())}
        rows[seed] = [row for row in rows[seed] if row[key] not in there]
    if _naming(codebook) is not None:
        for seed, column, codes in _PROFILE if card.unit == "city" else (*_PROFILE, _YES_NO):
            there = {getattr(row, column) for row in known.get(seed, ())}
            rows.setdefault(seed, []).extend(row for row in _reviewed(seed) if row[column] in codes - there)
    return rows


def _reviewed(seed: str) -> list[dict[str, Any]]:
    """The rows of a seed as this project has reviewed them."""
    with (PROJECT_ROOT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _naming(codebook: Codebook) -> Question | None:
    """The question that says which city a row is about."""
    return next((question for role in _NAMING for question in [codebook.with_role(role)] if question), None)


def _said(
    card: RoundCard, codebook: Codebook, wave: str, known: Mapping[str, Sequence[Any]], first: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each row says beside what is always so, by seed."""
    questions = [question for question in codebook.landed_questions if _is_counted(question)]
    names = _Names(card, codebook, known)
    year = re.search(r"\d{4}", wave)
    report_year = year[0] if year else card.fieldwork_end.year if card.fieldwork_end else 0
    of_all = {
        "wave": wave,
        "instrument": card.instrument,
        "round": card.round,
        "title": card.title,
        "year": report_year,
        "rank": next_rank(known.get("wave_rounds", ()), wave),
        **_name_cohort(card, {row.label for row in known.get("cohorts", ())}),
        # Facts of a register follow the city, opinions do not.
        "follows_city": "no" if card.unit == "city" else "yes",
        "pick": "",
    }
    of_all["cohort"] = f"ALL_{card.instrument.upper()}"
    for seed in ("waves", "wave_rounds", "cohorts"):
        yield seed, of_all
    sections = dict.fromkeys(question.section or NO_SECTION for question in questions)
    for position, section in enumerate(sections, 1):
        yield "themes", {"theme": _slug(section), "section": section, "position": position}
    for list_name in sorted({question.list_name for question in questions if question.list_name}):
        for choice in codebook.choices[list_name]:
            label = clean_label(choice.label)
            said = {"choice": choice.name, "label": label, "position": choice.position}
            yield "scales", {"scale": names.scale(list_name), **said}
    for question in questions:
        said = {
            "item": names.item(question),
            "label": clean_label(question.label),
            "kind": (_KINDS if card.unit == "city" else _KINDS_OF_RECORDS).get(question.base_type, "number"),
            "scale": names.scale(question.list_name) if question.list_name else "",
            "theme": _slug(question.section or NO_SECTION),
            "question": question.name,
            "method": "same" if question.list_name else "number",
        }
        if card.unit == "record":
            said["pick"] = "any" if question.list_name else "latest"
        yield "items", {**of_all, **said}
        yield "item_sources", {**of_all, **said}
    named = _naming(codebook)
    if card.unit == "record" and named is not None:
        for said in _memberships(card, named):
            yield "items", {**of_all, **said}
            # To stand in no record of a complete register says something, too.
            for pick in (said["pick"], "none"):
                yield "item_sources", {**of_all, **said, "pick": pick}
    closed = [question for question in questions if question.list_name]
    for number, together in enumerate(_tables(closed), first):
        shown = together[0]
        of_table = {
            "wave": wave,
            "number": number,
            "label": clean_label(shown.matrix or shown.label),
            "section": shown.section or NO_SECTION,
            "row_axis": "item" if shown.matrix else "cohort",
        }
        yield "tables", of_table
        yield "table_members", {**of_table, "member_kind": "cohort", "member": of_all["cohort"], "position": 1}
        for position, question in enumerate(together, 1):
            member = {"member_kind": "item", "member": names.item(question), "position": position}
            yield "table_members", {**of_table, **member}


def _name_cohort(card: RoundCard, taken: Collection[str]) -> dict[str, str]:
    """What the cohort of all cities is called: nobody answered a register, and two of them are told apart."""
    if card.unit == "record":
        return {"of_cohort": f"All cities of the register: {card.title}", "who": "Every city with a record"}
    if not card.confidential:
        return {"of_cohort": f"All cities: {card.title}", "who": "Every city"}
    label = "All respondents"
    return {"of_cohort": f"{label}: {card.title}" if label in taken else label, "who": "Everybody who answered"}


def _memberships(card: RoundCard, named: Question) -> Iterator[dict[str, Any]]:
    """Whether a city stands in the register, and in how many records."""
    of_both = {"theme": _slug(named.section or NO_SECTION), "question": named.name, "method": "answered"}
    listed = {"kind": "single", "scale": "yes_no", "pick": "any", "label": f"Stands in the register: {card.title}"}
    number = {"kind": "number", "scale": "", "pick": "count", "label": f"Number of records: {card.title}"}
    yield {**of_both, **listed, "item": f"in_{card.instrument}"}
    yield {**of_both, **number, "item": f"{card.instrument}_n"}


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
        # The profile of a city has codes of its own, whatever a question that is named so asks.
        self._items = {"size_class", "region", *(row.item_code for row in known.get("items", ()))}
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
        is_another = list_name in self._scales and self._scales[list_name] != self._lists[list_name]
        return f"{self._instrument}_{list_name}" if is_another else list_name


def _tables(closed: Iterable[Question]) -> Iterator[list[Question]]:
    """Questions that one table shows: the rows of a matrix with one list, else a question alone."""
    for _, together in groupby(closed, key=lambda q: (q.matrix, q.list_name) if q.matrix else q.name):
        yield list(together)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", clean_label(text).casefold()).strip("_") or NO_SECTION
