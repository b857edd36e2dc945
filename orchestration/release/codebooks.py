"""The rounds that a wave draws on as their codebooks tell them, read from a built warehouse: what is asked, and which
items of the release tell which cohorts by it.

Not here: counts (the tables of the release), the format of a codebook for others (ddi.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from orchestration.warehouse.explain import read_rows

Entry = Mapping[str, Any]
Key = TypeVar("Key")
# Texts by language (ISO 639), in its order; `und` where the source card names none.
Texts = Mapping[str, str]


@dataclass(frozen=True)
class RoundCodebook:
    """A round: its source card, its questions that are not personal, the choices of each list, and its texts.

    `labels` are by kind, parent and code as in dim_label. `sources` say how an item is read from the round's questions;
    `cohorts` for which cohorts of the wave this round alone tells it.
    """

    card: Entry
    questions: Sequence[Entry]
    choices: Mapping[str, Sequence[Entry]]
    labels: Mapping[tuple[str, str, str], Texts]
    sources: Mapping[str, Sequence[Entry]]
    cohorts: Mapping[str, frozenset[str]]

    def texts(self, kind: str, code: str, parent: str = "") -> Texts:
        """The texts of a question, its matrix or a choice; none where it has none."""
        return self.labels.get((kind, parent, code), {})

    def item_as_answered(self, question_code: str) -> str | None:
        """The item whose choices are those of a question as cities ticked them; None where there is not just one."""
        read = [
            item
            for item, (source, *others) in self.sources.items()
            if not others and source["question_code"] == question_code and self._is_as_answered(source)
        ]
        return read[0] if len(read) == 1 else None

    def _is_as_answered(self, source: Entry) -> bool:
        """Records are counted by the city that they are about, so their items are never as answered."""
        return self.card["unit"] == "city" and source["method"] == "same" and not source["only_question"]


def read_codebooks(database: Path, wave: str) -> tuple[RoundCodebook, ...]:
    """The codebooks of the rounds that a wave draws on, by instrument and round."""
    import duckdb

    of_wave = "semi join (from knowledge.wave_rounds where wave = $wave) using (instrument, round)"
    read_by = "select cohort_code, item_code, instrument, round from intermediate.int_cohort_item_rounds"
    merges = "select distinct item_code, merged_item_code from knowledge.class_merges order by all"
    with duckdb.connect(str(database), read_only=True) as connection:

        def rows_of(table: str, key: Callable[[Entry], Any]) -> dict[tuple[str, str], list[Entry]]:
            found = read_rows(connection, f"from {table} {of_wave}", wave=wave)
            return _grouped(sorted(found, key=key), lambda row: (row["instrument"], row["round"]))

        cards = rows_of("dimensions.dim_round", lambda row: (row["instrument"], row["round"]))
        questions = rows_of("staging.stg_questions", lambda row: row["position"])
        choices = rows_of("staging.stg_choices", lambda row: row["position"])
        labels = rows_of("dimensions.dim_label", lambda row: row["label_language"])
        sources = rows_of("knowledge.item_sources", lambda row: [str(value) for value in row.values()])
        read_rounds = read_rows(connection, f"{read_by} where wave = $wave order by all", wave=wave)
        merged = read_rows(connection, merges)
    told_by = _grouped(read_rounds, lambda row: (row["cohort_code"], row["item_code"]))
    alone = _grouped(
        [rounds[0] for rounds in told_by.values() if len(rounds) == 1], lambda row: (row["instrument"], row["round"])
    )
    return tuple(
        RoundCodebook(
            card=card,
            questions=[question for question in questions.get(key, ()) if not question["is_personal"]],
            choices=_grouped(choices.get(key, ()), lambda row: row["list_name"]),
            labels=_texts(labels.get(key, ())),
            sources=_with_merged(_grouped(sources.get(key, ()), lambda row: row["item_code"]), merged),
            cohorts=_cohorts(alone.get(key, ())),
        )
        for key, (card,) in cards.items()
    )


def _grouped(rows: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, list[Entry]]:
    groups: dict[Key, list[Entry]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def _texts(labels: Iterable[Entry]) -> dict[tuple[str, str, str], Texts]:
    texts: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for row in labels:
        texts[row["label_kind"], row["parent_code"], row["code"]][row["label_language"]] = row["label"]
    return dict(texts)


def _with_merged(sources: dict[str, list[Entry]], merged: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Merged classes are read from where the classes are that they are made of."""
    of_merged: dict[str, list[Entry]] = {
        row["merged_item_code"]: [{**source, "method": "merge"} for source in sources[row["item_code"]]]
        for row in merged
        if row["item_code"] in sources
    }
    return {**sources, **of_merged}


def _cohorts(rows: Iterable[Entry]) -> dict[str, frozenset[str]]:
    found = _grouped(rows, lambda row: row["item_code"])
    return {item: frozenset(row["cohort_code"] for row in told) for item, told in found.items()}
