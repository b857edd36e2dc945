"""Typed, self-validating loader of the seeds: one Arrow table a seed.

Not here: what a well-formed row is (rows/), codebooks and source cards of rounds (codebook.py), and whether a
code that a row names exists elsewhere (dbt tests).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from orchestration.common.decisions import hold_whole
from orchestration.common.problems import Problem, nearest, shown_path
from orchestration.common.rows import RowTable, read_rows
from orchestration.knowledge.frames import coding_frames
from orchestration.knowledge.rows.base import Row, to_arrow
from orchestration.knowledge.rows.cities import CityAlias, CityDecisions, CityLimits, CityWrapper, find_double_names
from orchestration.knowledge.rows.cohorts import Wave, WaveRound
from orchestration.knowledge.rows.items import Translation
from orchestration.knowledge.rows.report import Threshold
from orchestration.knowledge.rows.rounds import ChoiceRow, CodingRow, LabelRow, QuestionRow, Round
from orchestration.knowledge.seed_files import CODEBOOK_TABLES, PUBLISHED_TABLES, SEED_FILES, TRANSLATED_SEEDS
from orchestration.rounds.card import RoundCard, load_rounds
from orchestration.rounds.codebook import Codebook, load_codebook
from orchestration.rounds.codings import (
    Codings,
    CodingsError,
    coding_problems,
    decisive,
    group_by_answer,
    load_codings,
)
from orchestration.rounds.crosswalk import check_crosswalks
from orchestration.settings import PROJECT_ROOT

if TYPE_CHECKING:
    import pyarrow as pa


RowT = TypeVar("RowT", bound=Row)
# A column of labels in a further language, as codebooks have them.
_TRANSLATION = re.compile(r"label::(?P<language>[a-z]{2,3})")
# The limits of this project, for a deployment whose own seeds say nothing of them.
REVIEWED_THRESHOLDS = "seeds/thresholds.csv"
NEEDED_SEEDS = ("waves", "wave_rounds", "cohorts", "items", "item_sources", "thresholds")


class KnowledgeError(ValueError):
    """A seed that cannot be used: every problem with file, line, column, reason and remedy."""


@dataclass(frozen=True)
class Knowledge:
    """All reviewed knowledge of a deployment: its rounds, their codebooks and codings, and the rows of each seed."""

    rounds: tuple[RoundCard, ...]
    codebooks: Mapping[str, Codebook]
    codings: Mapping[str, Codings]
    rows: Mapping[str, tuple[Row, ...]]

    def waves(self) -> tuple[Wave, ...]:
        """The waves, in order."""
        return tuple(row for row in self.rows["waves"] if isinstance(row, Wave))

    def waves_to_release(self) -> tuple[str, ...]:
        """Waves that a refresh releases."""
        return _open_with_rounds(self.rows["waves"], self.rows["wave_rounds"])

    def city_decisions(self) -> CityDecisions:
        """What was reviewed of names of cities."""
        return CityDecisions(
            aliases=[row for row in self.rows["city_aliases"] if isinstance(row, CityAlias)],
            wrappers=[row for row in self.rows["city_wrappers"] if isinstance(row, CityWrapper)],
            limits=self._city_limits(),
        )

    def _city_limits(self) -> CityLimits:
        """The deployment's own limits; where it has none, those that this project has reviewed."""
        names = {limit.name for limit in fields(CityLimits)}
        own = {row.threshold_code: row.value for row in self.rows["thresholds"] if isinstance(row, Threshold)}
        if names - own.keys():
            reviewed = load_seed(PROJECT_ROOT / REVIEWED_THRESHOLDS, Threshold)
            own = {row.threshold_code: row.value for row in reviewed} | own
        return CityLimits(**{name: own[name] for name in names & own.keys()})

    def tables(self) -> dict[str, pa.Table]:
        """One typed Arrow table for each seed and for the codebooks of all rounds."""
        published = {name: model for name, (_, model) in PUBLISHED_TABLES.items()}
        models = {**SEED_FILES, **CODEBOOK_TABLES, **published}
        return {name: to_arrow(models[name], rows) for name, rows in self.rows.items()}


def load_waves(seeds: Path) -> tuple[Wave, ...]:
    """The waves of `waves.csv`, in order."""
    return load_seed(seeds / "waves.csv", Wave)


def load_waves_to_release(seeds: Path) -> tuple[str, ...]:
    """Names of the waves that are open and draw on at least one round: the partitions of a release."""
    return _open_with_rounds(load_waves(seeds), load_seed(seeds / "wave_rounds.csv", WaveRound))


def _open_with_rounds(waves: Iterable[Row], wave_rounds: Iterable[Row]) -> tuple[str, ...]:
    """A closed wave stays as it was released; a planned one is not released yet."""
    with_rounds = {row.wave for row in wave_rounds if isinstance(row, WaveRound)}
    return tuple(
        sorted(row.wave for row in waves if isinstance(row, Wave) and row.status == "open" and row.wave in with_rounds)
    )


def load_knowledge(seeds: Path, rounds: tuple[RoundCard, ...] | None = None) -> Knowledge:
    """Read every seed and codebook of a seeds folder, while nobody writes a decision into it.

    Whoever gives the source cards of its `rounds` sees to it that none has changed since it was read.
    Raises KnowledgeError, CodebookError, CrosswalkError or CodingsError, each naming all problems at once.
    """
    with hold_whole(seeds):
        return _load_knowledge(seeds, rounds)


def _load_knowledge(seeds: Path, rounds: tuple[RoundCard, ...] | None) -> Knowledge:
    problems = [*_missing_files(seeds), *_unknown_files(seeds)]
    rows: dict[str, tuple[Row, ...]] = {}
    translations: list[Translation] = []
    for name, model in SEED_FILES.items():
        table = _read_rows(seeds / f"{name}.csv", model, translations)
        rows[name] = tuple(table.rows.values())
        problems += map(str, table.problems)
    for name, (file, model) in PUBLISHED_TABLES.items():
        paths = sorted((seeds / "published").glob(f"*/{file}.csv"))
        tables = [_read_rows(path, model, wave=path.parent.name) for path in paths]
        rows[name] = tuple(row for table in tables for row in table.rows.values())
        problems += [str(problem) for table in tables for problem in table.problems]
    aliases = [row for row in rows["city_aliases"] if isinstance(row, CityAlias)]
    problems += [f"{seeds / 'city_aliases.csv'}: {reason}" for reason in find_double_names(aliases)]
    if problems:
        raise KnowledgeError("\n".join(problems))
    rounds = load_rounds(seeds) if rounds is None else rounds
    codebooks = {card.key: load_codebook(card.folder) for card in rounds}
    check_crosswalks(rounds, codebooks)
    codings = _load_codings(rounds, codebooks, rows)
    rows["rounds"] = tuple(Round.model_validate(card, from_attributes=True) for card in rounds)
    rows["questions"] = tuple(q for card in rounds for q in _question_rows(card, codebooks[card.key]))
    rows["choices"] = tuple(c for card in rounds for c in _choice_rows(card, codebooks[card.key]))
    rows["labels"] = tuple(label for card in rounds for label in _label_rows(card, codebooks[card.key]))
    rows["codings"] = tuple(row for card in rounds for row in _coding_rows(card, codings[card.key]))
    rows["translations"] = tuple(translations)
    return Knowledge(rounds=rounds, codebooks=codebooks, codings=codings, rows=rows)


def load_seed(path: Path, model: type[RowT]) -> tuple[RowT, ...]:
    """Read one seed strictly: header as the model's fields and every row valid. One that is missing has no rows."""
    table = _read_rows(path, model)
    if table.problems:
        raise KnowledgeError("\n".join(map(str, table.problems)))
    return tuple(table.rows.values())


def _load_codings(
    rounds: Iterable[RoundCard], codebooks: Mapping[str, Codebook], rows: Mapping[str, tuple[Row, ...]]
) -> dict[str, Codings]:
    """The codings of each round, by round key. Raises CodingsError with the faults of all rounds."""
    codings: dict[str, Codings] = {}
    problems: list[Problem] = []
    for card in rounds:
        try:
            codings[card.key] = load_codings(card.folder)
        except CodingsError as error:
            problems += error.problems
            continue
        frames = coding_frames(rows, card.instrument, card.round)
        problems += coding_problems(codings[card.key], codebooks[card.key], frames)
    if problems:
        raise CodingsError(problems)
    return codings


def _missing_files(seeds: Path) -> Iterator[str]:
    """Seeds without which nothing is counted or judged."""
    for name in NEEDED_SEEDS:
        if not (seeds / f"{name}.csv").exists():
            yield f"{seeds / name}.csv: the seed is missing. Add it, or correct NEEDS_SEEDS."


def _unknown_files(seeds: Path) -> Iterator[str]:
    """Tables that nobody reads: since a missing seed has no rows, a wrong name would lose knowledge without a word."""
    printed = [file for file, _ in PUBLISHED_TABLES.values()]
    waves = sorted((seeds / "published").glob("*/"))
    for folder, names in [(seeds, list(SEED_FILES)), *((wave, printed) for wave in waves)]:
        for path in sorted(folder.glob("[!.]*")):
            if path.suffix.lower() == ".csv" and path.name not in {f"{name}.csv" for name in names}:
                near = nearest(path.stem.lower(), names)
                remedy = f"Rename it to {near}.csv" if near else "Correct its name"
                yield f"{path}: no such seed is known. {remedy}, or take it away."


def _read_rows(
    path: Path, model: type[RowT], translations: list[Translation] | None = None, **constants: str
) -> RowTable[RowT]:
    """The rows of a seed, of which all have some fields that the file does not; their `translations` are added."""
    if not path.exists():
        return RowTable(shown_path(path))

    def make_row(_line: int, fields: Mapping[str, str]) -> RowT:
        own = {name: text for name, text in fields.items() if not _TRANSLATION.fullmatch(name)}
        given = {name: text or None for name, text in own.items() if text or name not in with_default}
        row = model.model_validate({**constants, **given})
        if translations is not None and kind:
            translations.extend(_translations(kind, fields))
        return row

    kind = next((kind for kind, seed in TRANSLATED_SEEDS.items() if SEED_FILES[seed] is model), None)
    with_default = {name for name, field in model.model_fields.items() if not field.is_required()}
    columns = [name for name in model.model_fields if name not in constants and name not in with_default]
    optional = sorted(with_default) + ([_TRANSLATION.pattern] if kind else [])
    return read_rows(path, columns, make_row, re.compile("|".join(optional)) if optional else None)


def _translations(kind: str, fields: Mapping[str, str]) -> Iterator[Translation]:
    """The labels that a row of a seed has in further languages; an empty one is none."""
    for column, label in fields.items():
        if (found := _TRANSLATION.fullmatch(column)) and label.strip():
            yield Translation.model_validate({
                "label_kind": kind, "parent_code": fields["scale_code"] if kind == "choice" else "",
                "code": fields[f"{kind}_code"], "language": found["language"], "label": label.strip(),
            })  # fmt: skip


def _question_rows(card: RoundCard, codebook: Codebook) -> Iterable[QuestionRow]:
    for position, question in enumerate(codebook.questions, start=1):
        yield QuestionRow(
            instrument=card.instrument,
            round=card.round,
            question_code=question.name,
            label=question.label,
            question_type=question.base_type,
            list_name=question.list_name,
            section=question.section or None,
            question_number=question.question_number or None,
            matrix=question.matrix or None,
            role=" ".join(sorted(question.roles)) or None,
            asked_if_question=question.relevant.question if question.relevant else None,
            position=position,
            is_personal=question.is_personal,
        )


def _choice_rows(card: RoundCard, codebook: Codebook) -> Iterable[ChoiceRow]:
    for list_name, choices in codebook.choices.items():
        for choice in choices:
            yield ChoiceRow(
                instrument=card.instrument,
                round=card.round,
                list_name=list_name,
                choice_code=choice.name,
                label=choice.label,
                position=choice.position,
            )


def _label_rows(card: RoundCard, codebook: Codebook) -> Iterable[LabelRow]:
    own = card.language or "und"
    texts = [
        text
        for question in codebook.questions
        if not question.is_personal
        for text in (
            ("question", "", question.name, {own: question.label, **question.labels}),
            ("matrix", "", question.name, {own: question.matrix, **question.matrices}),
        )
    ]
    texts += [
        ("choice", list_name, choice.name, {own: choice.label, **choice.labels})
        for list_name, choices in codebook.choices.items()
        for choice in choices
    ]
    for kind, parent, code, labels in texts:
        for language, label in labels.items():
            if label:
                yield LabelRow.model_validate({
                    "instrument": card.instrument, "round": card.round, "label_kind": kind, "parent_code": parent,
                    "code": code, "language": language, "label": label,
                })  # fmt: skip


def _coding_rows(card: RoundCard, codings: Codings) -> Iterable[CodingRow]:
    counted = {coding for group in group_by_answer(codings).values() for coding in decisive(group)}
    for coding in codings:
        for code in coding.codes:
            yield CodingRow(
                instrument=card.instrument,
                round=card.round,
                response_id=coding.response_id,
                question_code=coding.question_code,
                choice_code=code,
                coder=coding.coder,
                coded_on=coding.coded_on,
                is_final=coding.is_final,
                is_counted=coding in counted,
            )
