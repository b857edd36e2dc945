"""The `needs codebook` commands.

Here: arguments in, tables out. Not here: any work (the importers, write.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from orchestration.cli.console import console, make_table
from orchestration.common.problems import list_some
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.common.decisions import Decision
    from orchestration.onboarding.questionnaires.imported import ImportedCodebook, Note

app = typer.Typer(no_args_is_help=True, help="The codebook of a round: its questions and choices.")


@app.callback()
def codebook() -> None:
    """The codebook of a round: its questions and choices."""


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(help="XLSForm, LimeSurvey .lss, EUSurvey XML export, SPSS .sav, a codebook or an assessment."),
    ],
    instrument: Annotated[str, typer.Option(help="Instrument of the round, such as nmc_survey.")],
    round_: Annotated[str, typer.Option("--round", help="Name of the round, such as 2025.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help="xlsform, limesurvey, eusurvey, spss, sheet or assessment; detected if left out."
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the labels, such as en; others go to label::xx.")] = "",
    columns: Annotated[
        Path | None, typer.Option(help="A delivered file: its header tells which questions it has, and their ids.")
    ] = None,
    scoring: Annotated[
        str, typer.Option(help="Code of the indices that an assessment's points make, such as readiness_tool.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace the codebook that is there.")] = False,
) -> None:
    """Write questions.csv and choices.csv of a round from its questionnaire, and how its answers are scored."""
    from orchestration.common.problems import shown_path
    from orchestration.onboarding.additions import Additions
    from orchestration.onboarding.questionnaires.columns import fit_to_columns, read_header
    from orchestration.onboarding.questionnaires.importing import import_codebook
    from orchestration.onboarding.questionnaires.write import round_folder, write_codebook
    from orchestration.onboarding.scoring import add_scoring

    _check_format(format_)
    seeds = load_settings().seeds
    folder = round_folder(seeds, instrument, round_)
    imported = import_codebook(file, format_, language)
    if columns is not None:
        imported = fit_to_columns(imported, read_header(columns), columns.name)
    _check_scoring(scoring, imported)
    points = imported.scoring

    def add_points(decision: Decision) -> None:
        if scoring and points is not None:
            add_scoring(Additions(decision), imported, points, scoring, f"{instrument}.{round_}")

    paths = write_codebook(folder, imported, force=force, seeds=seeds, decide_further=add_points)
    for table in _tables(imported):
        console.print(table)
    console.print(f"Written: {', '.join(shown_path(path) for path in paths)}", markup=False)
    if not (folder / "round.yml").exists():
        command = f"needs round new EXTRACT --instrument {instrument} --round {round_}"
        console.print(f"Next: run `{command}`, which writes round.yml.", markup=False)


def _check_format(name: str | None) -> None:
    from orchestration.onboarding.questionnaires.importing import FORMATS

    if name is not None and name not in FORMATS:
        raise typer.BadParameter(f"write one of {', '.join(FORMATS)}", param_hint="--format")


def _check_scoring(code: str, codebook: ImportedCodebook) -> None:
    if code and codebook.scoring is None:
        raise typer.BadParameter("the file tells no points; leave --scoring out", param_hint="--scoring")
    if code and not re.fullmatch(r"[a-z][a-z0-9_]*", code):
        raise typer.BadParameter("write lower case letters, digits and _ only", param_hint="--scoring")


def _tables(codebook: ImportedCodebook) -> Iterator[Table]:
    """What an import made and what it did not, as tables: an overview, and one a kind of notes."""
    from orchestration.onboarding.questionnaires.imported import Kind

    yield _overview(codebook)
    for kind in Kind:
        notes = [note for note in codebook.notes if note.kind == kind]
        if notes:
            yield _notes(kind.value, notes)


def _overview(codebook: ImportedCodebook) -> Table:
    types = Counter(question.base_type for question in codebook.questions)
    lists = Counter(choice.list_name for choice in codebook.choices)
    personal = [question.name for question in codebook.questions if question.is_personal]
    roles = [f"{question.role} ({question.name})" for question in codebook.questions if question.role]
    others = [f"label::{language}" for language in codebook.languages if language != codebook.language]
    first = f"{codebook.language} in label" if codebook.language else "not named"
    rows = [
        *(("questions", n, base_type) for base_type, n in sorted(types.items())),
        ("choice lists", len(lists), f"{sum(lists.values())} choices"),
        ("personal questions", len(personal), list_some(personal)),
        ("roles", len(roles), list_some(roles) or "none is given yet"),
        *_points(codebook),
        ("languages", max(len(codebook.languages), 1), ", ".join([first, *others])),
    ]
    return make_table(("codebook", Column("n", justify="right"), "what"), rows)


def _points(codebook: ImportedCodebook) -> Iterator[tuple[str, int, str]]:
    if codebook.scoring is not None:
        questions = codebook.scoring.questions
        total = sum(question.points for question in questions)
        yield "sections", len(codebook.scoring.sections), f"{len(questions)} questions give {float(total):g} points"


def _notes(title: str, notes: Iterable[Note]) -> Table:
    subjects: dict[str, list[str]] = {}
    for note in notes:
        subjects.setdefault(note.text, []).append(note.subject)
    rows = ((list_some(named), text) for text, named in subjects.items())
    return make_table((Column(title, ratio=1), Column("why", ratio=2)), rows, expand=True)
