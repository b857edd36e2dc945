"""The commands of review: what was rejected, and decisions about single answers.

Not here: any work (landing/).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.cli.console import console, make_table
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.rounds.corrections import Correction

corrections = typer.Typer(
    no_args_is_help=True, help="Decisions about single answers: a line of corrections.csv beside round.yml each."
)


def rejects(
    round_key: Annotated[
        str | None, typer.Argument(metavar="[ROUND]", help="Instrument and round; all landed rounds if not given.")
    ] = None,
    question: Annotated[str | None, typer.Option(help="Only answers to this question.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only this reason code, such as unknown_choice.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Only whole rows.")] = False,
    answers: Annotated[bool, typer.Option("--answers", help="Only single answers.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV: all of them, with the whole text.")] = False,
    limit: Annotated[int, typer.Option(help="Rows and answers shown of a round.", min=1)] = 50,
) -> None:
    """List every rejected row and answer of the landed rounds, also of a round that the door refused."""
    from orchestration.cli.rejects import show_rejects
    from orchestration.landing.rejects import Wanted, read_rejects

    scope = None if rows == answers else "row" if rows else "answer"
    found = read_rejects(load_settings(), round_key, Wanted(question, reason, scope))
    if not as_csv:
        show_rejects(found, limit)
    elif found:
        import pyarrow as pa

        from orchestration.cli.query import show_csv

        show_csv(pa.concat_tables(entry.entries for entry in found))


@corrections.command("list")
def list_corrections(
    round_key: Annotated[str | None, typer.Argument(metavar="[ROUND]", help="All rounds if not given.")] = None,
) -> None:
    """List the corrections, with what each expects, what takes its place and why."""
    from orchestration.landing.corrections import corrections_by_round
    from orchestration.landing.rejects import card_of
    from orchestration.rounds.card import load_rounds

    settings = load_settings()
    found = corrections_by_round([card_of(settings, round_key)] if round_key else load_rounds(settings.seeds))
    for key, decided in found.items():
        console.print(f"{key}: {len(decided)} correction(s) in {next(iter(decided.values())).file}", markup=False)
        console.print(_corrections_table(decided.values()))
    if not found:
        console.print("There is no correction.")


@corrections.command("add")
def add_correction(
    round_key: Annotated[str, typer.Argument(metavar="ROUND", help="Instrument and round, such as nmc_survey.2024.")],
    response: Annotated[str, typer.Argument(help="Response id, as `needs rejects` shows it.")],
    question: Annotated[
        str, typer.Argument(help="Question code; 'code[choice]' where a choice has a column of its own.")
    ] = "",
    to: Annotated[str | None, typer.Option(help="The right answer: a label, text, number or date; '' is none.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Instead of a question: the response is complete, incomplete or test.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Who decided it, and why.")] = "",
    expect: Annotated[str | None, typer.Option(help="The delivered text; default what the landing has.")] = None,
    decided_on: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the decision; default today.")
    ] = None,
) -> None:
    """Correct one answer, or the status of a response, from the next refresh on."""
    from orchestration.landing.corrections import correct
    from orchestration.landing.rejects import card_of, landed_or_error

    if (status is None) == (not question) or (status is None) == (to is None):
        raise typer.BadParameter("give a QUESTION and --to, or --status alone")
    settings = load_settings()
    day = decided_on.date() if decided_on else date.today()
    card = card_of(settings, round_key)
    landed = landed_or_error(card, settings)
    written = correct(card, landed, response, question, status or to or "", reason, day, expect)
    console.print(f"Written to {written.file}; `needs refresh` applies it.", markup=False, soft_wrap=True)
    console.print(_corrections_table([written]))


def _corrections_table(decided: Iterable[Correction]) -> Table:
    rows = [
        (
            f"{line.response_id}\n{line.question_code or 'status'}",
            line.expected or "(no answer)",
            line.corrected or "(no answer)",
            f"{line.reason}\n{line.decided_on}",
        )
        for line in decided
    ]
    return make_table(("response, question", "delivered", "corrected", "reason"), rows, show_lines=True)
