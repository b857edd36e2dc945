"""An imported codebook as questions.csv and choices.csv of a round.

Here: rows → files, and never a file that cannot be loaded or replaces one unasked. Not here: what the columns mean
(rounds/codebook.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration.common.problems import Problem, shown_path
from orchestration.common.strict_csv import csv_text
from orchestration.common.whole_file import write_whole
from orchestration.onboarding.questionnaires.imported import (
    CodebookImportError,
    ImportedChoice,
    ImportedCodebook,
    ImportedQuestion,
)
from orchestration.rounds.codebook import CHOICE_COLUMNS, QUESTION_COLUMNS, load_codebook

Row = Mapping[str, str]


def round_folder(seeds: Path, instrument: str, round_name: str) -> Path:
    """The folder of a round below the seeds. Raises CodebookImportError for names that no folder can have."""
    problems = [
        Problem(f"--{option}", f"{name!r} cannot name a round", "use letters, digits, - and _ only")
        for option, name in (("instrument", instrument), ("round", round_name))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name)
    ]
    if problems:
        raise CodebookImportError(problems)
    return seeds / "rounds" / instrument / round_name


def write_codebook(folder: Path, codebook: ImportedCodebook, force: bool = False) -> tuple[Path, Path]:
    """Write the codebook of a round into its folder; return the two files.

    Raises CodebookImportError if one is there and `force` is not given, and CodebookError, with nothing written, if
    the codebook would not load.
    """
    paths = folder / "questions.csv", folder / "choices.csv"
    problems = [
        Problem(shown_path(path), "the file is there already", "give --force to replace it, or name another round")
        for path in paths
        if path.exists() and not force
    ]
    if problems:
        raise CodebookImportError(problems)
    texts = _questions_csv(codebook), _choices_csv(codebook)
    with TemporaryDirectory() as trial:
        _write(Path(trial), texts)
        load_codebook(Path(trial))
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, texts)
    return paths


def _write(folder: Path, texts: tuple[str, str]) -> None:
    for name, text in zip(("questions.csv", "choices.csv"), texts, strict=True):
        write_whole(folder / name, text)


def _questions_csv(codebook: ImportedCodebook) -> str:
    labels = _languages(question.labels for question in codebook.questions)
    matrices = _languages(question.matrix_labels for question in codebook.questions)
    columns = [
        *QUESTION_COLUMNS,
        "source",
        *(f"label::{language}" for language in labels),
        *(f"matrix::{language}" for language in matrices),
    ]
    return csv_text(columns, [_question_row(question) for question in codebook.questions])


def _question_row(question: ImportedQuestion) -> Row:
    return {
        "type": question.type,
        "name": question.name,
        "label": question.label,
        "hint": question.hint,
        "required": "yes" if question.is_required else "",
        "relevant": question.relevant,
        "constraint": question.constraint,
        "section": question.section,
        "question_number": question.question_number,
        "matrix": question.matrix,
        "role": question.role,
        "is_personal": "yes" if question.is_personal else "",
        "source": question.source,
        **{f"label::{language}": text for language, text in question.labels.items()},
        **{f"matrix::{language}": text for language, text in question.matrix_labels.items()},
    }


def _choices_csv(codebook: ImportedCodebook) -> str:
    labels = _languages(choice.labels for choice in codebook.choices)
    columns = [*CHOICE_COLUMNS, "source", *(f"label::{language}" for language in labels)]
    positions: dict[str, int] = {}
    rows = []
    for choice in codebook.choices:
        positions[choice.list_name] = positions.get(choice.list_name, 0) + 1
        rows.append(_choice_row(choice, positions[choice.list_name]))
    return csv_text(columns, rows)


def _choice_row(choice: ImportedChoice, position: int) -> Row:
    return {
        "list_name": choice.list_name,
        "name": choice.name,
        "label": choice.label,
        "position": str(position),
        "source": choice.source,
        **{f"label::{language}": text for language, text in choice.labels.items()},
    }


def _languages(texts: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted({language for labels in texts for language in labels})
