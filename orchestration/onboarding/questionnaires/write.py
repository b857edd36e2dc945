"""An imported codebook as questions.csv and choices.csv of a round.

Here: never a file that cannot be loaded or replaces one unasked. Not here: the form of the files (onboarding/files.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration.common.decisions import Decision, decide
from orchestration.common.problems import Problem, shown_path
from orchestration.onboarding.files import Row, codebook_texts
from orchestration.onboarding.questionnaires.imported import (
    CodebookImportError,
    ImportedChoice,
    ImportedCodebook,
    ImportedQuestion,
)
from orchestration.rounds.card import FOLDER_NAME
from orchestration.rounds.codebook import CodebookError, load_codebook


def round_folder(seeds: Path, instrument: str, round_name: str) -> Path:
    """The folder of a round below the seeds. Raises CodebookImportError for names that no folder can have."""
    problems = [
        Problem(f"--{option}", f"{name!r} cannot name a round", "use letters, digits, - and _ only")
        for option, name in (("instrument", instrument), ("round", round_name))
        if not FOLDER_NAME.fullmatch(name)
    ]
    if problems:
        raise CodebookImportError(problems)
    return seeds / "rounds" / instrument / round_name


def write_codebook(
    folder: Path,
    codebook: ImportedCodebook,
    force: bool = False,
    seeds: Path | None = None,
    decide_further: Callable[[Decision], None] | None = None,
) -> tuple[Path, Path]:
    """Write the codebook of a round into its folder, below `seeds` if it is one of a deployment; return the two files.

    `decide_further` writes what changes with it, or not at all. Raises CodebookImportError, with nothing written, if
    one is there and `force` is not given, and if the codebook would not load.
    """
    paths = folder / "questions.csv", folder / "choices.csv"
    _refuse_to_replace(paths, force)
    texts = _texts(codebook)
    with decide(seeds or folder) as decision:
        _refuse_to_replace(paths, force)
        for name, text in texts.items():
            decision.write(folder / name, text)
        if decide_further is not None:
            decide_further(decision)
    return paths


def _refuse_to_replace(paths: Iterable[Path], force: bool) -> None:
    problems = [
        Problem(shown_path(path), "the file is there already", "give --force to replace it, or name another round")
        for path in paths
        if path.exists() and not force
    ]
    if problems:
        raise CodebookImportError(problems)


def _texts(codebook: ImportedCodebook) -> Mapping[str, str]:
    """The two files of a codebook, that load."""
    texts = codebook_texts(map(_question_row, codebook.questions), map(_choice_row, codebook.choices))
    with TemporaryDirectory() as trial:
        for name, text in texts.items():
            (Path(trial) / name).write_text(text, encoding="utf-8", newline="")
        try:
            load_codebook(Path(trial))
        except CodebookError as error:
            # Nothing is written, so a person finds no such file: it is said what would stand in it.
            would_be = (replace(problem, file=f"{Path(problem.file).name} of the import") for problem in error.problems)
            raise CodebookImportError(would_be) from error
    return texts


def _question_row(question: ImportedQuestion) -> Row:
    return {
        **vars(question),
        "required": "yes" if question.is_required else "",
        "is_personal": "yes" if question.is_personal else "",
        **_translations("label", question.labels),
        **_translations("matrix", question.matrix_labels),
    }


def _choice_row(choice: ImportedChoice) -> Row:
    return {**vars(choice), **_translations("label", choice.labels)}


def _translations(column: str, texts: Mapping[str, str]) -> Row:
    return {f"{column}::{language}": text for language, text in texts.items()}
