"""The commands of review: what was rejected, and decisions about single answers.

Not here: any work (landing/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table

from orchestration.cli.console import console, make_table, shorten
from orchestration.settings import load_settings

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.landing.rejects import Rejects
    from orchestration.rounds.corrections import Correction

_MAX_RAW = 60

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
    from orchestration.landing.rejects import Wanted, read_rejects

    scope = None if rows == answers else "row" if rows else "answer"
    found = read_rejects(load_settings(), round_key, Wanted(question, reason, scope))
    if not as_csv:
        _show_rejects(found, limit)
    elif found:
        import pyarrow as pa

        from orchestration.cli.query import show_csv

        show_csv(pa.concat_tables(entry.entries for entry in found))


def pseudonyms(
    write: Annotated[bool, typer.Option("--write", help="Write them; else only count.")] = False,
) -> None:
    """Give corrections, codings and city keys that name respondents by former pseudonyms the names of now."""
    from orchestration.deployment.pseudonyms import renew_pseudonyms

    found = renew_pseudonyms(load_settings(), date.today(), is_written=write)
    for renewal in found:
        console.print(f"{renewal.file}: {renewal.lines_n} line(s) {'written' if write else 'to write'}", markup=False)
    if not found:
        console.print("Nothing is named by a former pseudonym.")
    elif not write:
        console.print("Look at them under version control after `needs pseudonyms --write`.")


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
    from orchestration.landing.rejects import card_of, require_landing

    if (status is None) == (not question) or (status is None) == (to is None):
        raise typer.BadParameter("give a QUESTION and --to, or --status alone")
    settings = load_settings()
    day = decided_on.date() if decided_on else date.today()
    card = card_of(settings, round_key)
    landed = require_landing(card, settings)
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


def _show_rejects(found: Sequence[Rejects], limit: int) -> None:
    """Print for each round how much was rejected and why, then at most `limit` rows and answers."""
    for rejects in found:
        landed = rejects.landed
        console.print(
            f"{landed.key}: {landed.rejected_rows_n:,} of {landed.rows_in:,} rows and {landed.rejected_answers_n:,} "
            f"answers rejected",
            markup=False,
        )
        if rejects.state:
            console.print(f"Landing {landed.landing_id}: {rejects.state}", markup=False, style="yellow")
        if rejects.entries.num_rows:
            console.print(_summary(rejects.entries))
            console.print(_listing(rejects.entries.slice(0, limit).to_pylist()))
        elif landed.rejected_rows_n or landed.rejected_answers_n:
            console.print("None of them is what was asked for.")
        if rejects.entries.num_rows > limit:
            console.print(f"The first {limit} of {rejects.entries.num_rows:,}. More: --limit, or --csv for all.")
    if not found:
        console.print("No round has landed yet. Run `needs refresh` first.")


def _summary(entries: pa.Table) -> Table:
    keys = ["scope", "reason_code", "question_code"]
    counted = entries.group_by(keys).aggregate([([], "count_all")]).to_pylist()
    rows = [
        (f"{row['scope']}s", row["reason_code"], row["question_code"], f"{row['count_all']:,}")
        for row in sorted(counted, key=lambda row: (-row["count_all"], *(row[key] or "" for key in keys)))
    ]
    return make_table(("rejected", "reason", "question", Column("n", justify="right")), rows)


def _listing(entries: Sequence[dict[str, Any]]) -> Table:
    has_files = len({entry["source_file"] for entry in entries}) > 1
    columns = (
        Column("place", no_wrap=True),
        Column("response, question", overflow="fold"),
        Column("delivered", max_width=24, overflow="fold"),
        Column("reason, remedy", min_width=30),
    )
    rows = [
        (
            "\n".join(_place(entry, has_files)),
            "\n".join(filter(None, (entry["response_id"] or "whole row", entry["question_code"]))),
            shorten(entry["raw"], _MAX_RAW),
            f"{entry['reason_code']}: {entry['reason']}. To do: {entry['remedy']}.",
        )
        for entry in entries
    ]
    return make_table(columns, rows, collapse_padding=True, show_lines=True)


def _place(entry: dict[str, Any], has_files: bool) -> Iterator[str]:
    if has_files:
        yield entry["source_file"].rpartition("/")[2]
    if entry["source_sheet"] is not None:
        yield f"sheet {entry['source_sheet']}"
    row, column, letter = entry["source_row"], entry["source_column"], entry["column_letter"]
    where = "" if column is None else f", column {letter} ({column})" if letter else f", column {column}"
    yield f"row {row}{where}"
