"""The `needs round` commands: each calls one function and shows what it found or wrote.

Not here: any work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli.console import console, make_table, shorten
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.onboarding.check import RoundCheck

rounds_app = typer.Typer(no_args_is_help=True, help="Take a new round into the seeds: new, check, confirm (or start).")
MOST_VALUES_SHOWN = 100

Name = Annotated[str, typer.Argument(metavar="INSTRUMENT/ROUND", help="The round, such as nmc_survey/2025.")]


@rounds_app.command()
def new(
    instrument: Annotated[str, typer.Option(help="The questionnaire family, such as nmc_survey.")],
    round_name: Annotated[str, typer.Option("--round", help="The round's name, mostly its year.")],
    extracts: Annotated[
        list[str] | None, typer.Argument(metavar="[EXTRACT]...", help="The delivered files, or their addresses.")
    ] = None,
    platform: Annotated[str | None, typer.Option(help="The export's platform, if it is detected wrongly.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet with the answers; else the only filled one.")] = None,
    like: Annotated[str | None, typer.Option(help="Match with this round, not with the newest before.")] = None,
    title: Annotated[str | None, typer.Option(help="What the survey is called.")] = None,
    producer: Annotated[str | None, typer.Option(help="Who made it.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence or terms of the answers.")] = None,
    citation: Annotated[str | None, typer.Option(help="How the data are cited.")] = None,
    fieldwork: Annotated[
        str | None, typer.Option(help="First and last day as 2025-04-01/2025-05-31, or 'unknown'.")
    ] = None,
    synthetic: Annotated[
        bool | None, typer.Option("--synthetic/--real", help="Whether the answers were made up.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="What a row is: city, or record (of a register).")] = None,
    confidential: Annotated[
        bool | None, typer.Option("--confidential/--public", help="Whether the answers are confidential.")
    ] = None,
    complete_for: Annotated[
        list[str] | None, typer.Option(help="A cohort of whose cities the register has every record, or all.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a text file, if it cannot be told.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Its delimiter, if it cannot be told.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the answers, such as fr: tells encodings.")] = None,
) -> None:
    """Write the folder of a new round: source card, codebook and crosswalk as far as they can be told."""
    from orchestration.common.problems import shown_path
    from orchestration.onboarding.new import NewRound, new_round

    given: dict[str, Any] = {
        "title": title,
        "producer": producer,
        "licence": licence,
        "citation": citation,
        "synthetic": synthetic,
        "unit": unit,
        "confidential": confidential,
        "complete_for": complete_for or None,
        "encoding": encoding,
        "delimiter": delimiter,
        "language": language,
    }
    values = {key: value for key, value in given.items() if value is not None} | _days(fieldwork)
    wanted = NewRound(instrument, round_name, tuple(extracts or ()), platform, sheet, like, values)
    found = new_round(load_settings().seeds, wanted)
    _show("Written", map(shown_path, found.written))
    _show("To look at", found.remarks)
    _show("To mend before the round can be loaded", map(str, found.problems))
    console.print(f"\nNext: review the files, then run `needs round check {wanted.name}`.")
    if found.problems:
        raise typer.Exit(1)


@rounds_app.command()
def check(name: Name) -> None:
    """Read the extract by its codebook, land nothing, and show what does not fit."""
    from orchestration.onboarding.check import check_round

    found = check_round(load_settings().seeds, name)
    _show_check(found)
    if found.problems or found.crosswalk_problems or found.coding_problems:
        raise typer.Exit(1)


@rounds_app.command()
def confirm(
    name: Name,
    codes: Annotated[list[str] | None, typer.Argument(metavar="[QUESTION]...", help="Rows to confirm.")] = None,
    take_all: Annotated[bool, typer.Option("--all", help="Confirm every row.")] = False,
    wave: Annotated[str | None, typer.Option(help="A wave that draws on the round from now on.")] = None,
) -> None:
    """Mark rows of the crosswalk as reviewed, and write the rows of the seeds that follow."""
    from orchestration.onboarding.confirm import confirm_round

    found = confirm_round(load_settings().seeds, name, tuple(codes or ()), take_all=take_all, wave=wave)
    console.print(f"{len(found.confirmed)} rows confirmed now, {len(found.open)} still open.")
    _show("Added", (f"{file}: {line}" for file, line in found.added))
    _show("For a person to decide", found.to_decide)
    if found.open:
        _show("Still open", found.open)
        console.print("\nNext: review the open rows of crosswalk.csv, then confirm them.")
    else:
        console.print("\nNext: run `needs refresh`.")


@rounds_app.command()
def start(
    name: Name, wave: Annotated[str, typer.Option(help="The wave that draws on the round; added if it is new.")]
) -> None:
    """Write items, scales, a cohort and tables for the first round of a new instrument."""
    from orchestration.onboarding.start import list_without_table, start_round

    seeds = load_settings().seeds
    _show("Added", (f"{file}: {line}" for file, line in start_round(seeds, name, wave)))
    _show("In no table", list_without_table(seeds, name))
    console.print("\nNext: review these lines, then run `needs refresh`.")


def _days(fieldwork: str | None) -> dict[str, Any]:
    """Both days of the fieldwork as round.yml has them; none where nothing is said."""
    from datetime import date

    if fieldwork is None:
        return {}
    if fieldwork == "unknown":
        return {"fieldwork_start": None, "fieldwork_end": None}
    start, _, end = fieldwork.partition("/")
    try:
        return {"fieldwork_start": date.fromisoformat(start), "fieldwork_end": date.fromisoformat(end)}
    except ValueError as error:
        raise typer.BadParameter("write 2025-04-01/2025-05-31, or unknown", param_hint="--fieldwork") from error


def _show_check(found: RoundCheck) -> None:
    _show("The extract and the codebook do not fit", map(str, found.problems))
    if not found.problems:
        expected = "not stated" if found.expected_responses is None else f"{found.expected_responses:,}"
        others = "".join(f", {word} {n:,}" for word, n in found.set_aside.items() if n)
        console.print(f"Rows {found.rows_in:,}, responses {found.responses_n:,}{others}, expected {expected}.")
    _show("Notes", found.notes)
    _show("To look at", found.remarks)
    _show_table(
        "Rejected rows",
        ("reason", "rows", "first row", "what it says"),
        [(rows.reason_code, rows.count, rows.first_row, rows.reason) for rows in found.rejected_rows],
    )
    _show_table(
        "Values that are no answer",
        ("question", "value", "count", "first row", "reason", "nearest choices"),
        [
            (
                value.question,
                shorten(value.value, 60),
                value.count,
                value.first_row,
                value.reason_code,
                ", ".join(f"{code} {score}" for code, score in value.nearest),
            )
            for value in found.unknown_values
        ],
    )
    _show_table(
        "Questions that nobody answered, and choices that nobody chose",
        ("question", "answered", "choices nobody chose"),
        [
            (question.question, question.answered_n, ", ".join(question.unused_choices))
            for question in found.questions
            if question.unused_choices or (not question.answered_n and not found.problems)
        ],
    )
    _show_table(
        "Open answers that wait for a coding (`needs coding list`)",
        ("question", "answered", "not coded", "coders differ", "text changed"),
        [
            (question.question, question.answered_n, question.uncoded_n, question.differing_n, question.changed_n)
            for question in found.open_questions
            if question.uncoded_n or question.differing_n or question.changed_n
        ],
    )
    _show("The codings do not fit", map(str, found.coding_problems))
    _show("The crosswalk does not fit", map(str, found.crosswalk_problems))
    if found.unconfirmed_n:
        console.print(f"\n{found.unconfirmed_n} rows of crosswalk.csv are not confirmed.")


def _show(title: str, lines: Iterable[str]) -> None:
    shown = list(lines)
    if shown:
        console.print(f"\n{title}")
    for line in shown:
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if not rows:
        return
    console.print(f"\n{title}")
    console.print(make_table(columns, rows[:MOST_VALUES_SHOWN]))
    if len(rows) > MOST_VALUES_SHOWN:
        console.print(f"  ... and {len(rows) - MOST_VALUES_SHOWN} more")
