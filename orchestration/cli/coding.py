"""The `needs coding` commands: open answers to code, codings, and how far two coders agree.

Not here: any work (landing/codings.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column

from orchestration.cli.console import console, make_table
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.landing.codings import NewCodings, OpenAnswer
    from orchestration.rounds.codings import Coding

app = typer.Typer(
    no_args_is_help=True, help="Coding of open answers: a line of codings.csv beside round.yml an answer and coder."
)

Round = Annotated[str, typer.Argument(metavar="ROUND", help="Instrument and round, such as nmc_survey.2024.")]
Question = Annotated[str, typer.Argument(metavar="QUESTION", help="Question code.")]
Coder = Annotated[str, typer.Option(help="Who codes: a name or short sign, not an address.")]
Final = Annotated[bool, typer.Option("--final", help="The decision of an adjudicator where coders differ.")]
Replace = Annotated[bool, typer.Option("--replace", help="Write over what the coder said of the answer before.")]
CodedOn = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the coding; default today.")
]


@app.command("list")
def list_answers(
    round_key: Round,
    question: Annotated[str | None, typer.Argument(metavar="[QUESTION]", help="All if not given.")] = None,
    coder: Annotated[
        str | None, typer.Option(help="What this coder has not coded, without what others say: to code independently.")
    ] = None,
    take_all: Annotated[bool, typer.Option("--all", help="Also answers that are coded.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV with an empty column codes, for `needs coding import`.")
    ] = False,
) -> None:
    """List open answers that no coding decides yet, with what each coder said."""
    from orchestration.landing.codings import load_frames, open_answers
    from orchestration.landing.rejects import card_of, require_landing

    settings = load_settings()
    card = card_of(settings, round_key)
    frames = load_frames(card, settings.seeds)
    found = open_answers(card, require_landing(card, settings), frames, question)
    shown = [answer for answer in found if take_all or _waits(answer, coder)]
    if as_csv:
        _print_csv(shown)
        return
    if not frames:
        console.print(f"No item is coded from an open answer of {card.key}.")
        return
    for name in dict.fromkeys(answer.question_code for answer in shown):
        choices = "; ".join(f"{code} ({label})" for code, label in frames[name].labels.items())
        how = "one code an answer" if frames[name].is_single else "one code or more an answer"
        console.print(f"{name}, {how}: {choices}", markup=False, soft_wrap=True)
        answers = [answer for answer in shown if answer.question_code == name]
        said = ("state", "codings") if coder is None else ()
        rows = [
            (answer.response_id, answer.text, *((answer.state, _said(answer.codings)) if said else ()))
            for answer in answers
        ]
        console.print(
            make_table((_id_column("response"), Column("text", overflow="fold"), *said), rows, show_lines=True)
        )
    console.print(f"{len(shown):,} of {len(found):,} open answers{'' if take_all else ' wait for a coding'}.")


@app.command("add")
def add_coding(
    round_key: Round,
    question: Question,
    response: Annotated[str, typer.Argument(metavar="RESPONSE", help="Response id, as `needs coding list` shows it.")],
    codes: Annotated[list[str], typer.Argument(metavar="CODES...", help="Codes of the item's choices.")],
    coder: Coder,
    is_final: Final = False,
    replaces: Replace = False,
    coded_on: CodedOn = None,
) -> None:
    """Code one answer, from the next refresh on."""
    from orchestration.landing.codings import Codes

    new = _new_codings(round_key, coder, is_final=is_final, replaces=replaces, coded_on=coded_on)
    _show_written(new.add([Codes(response, question, tuple(" ".join(codes).split()))]))


@app.command("import")
def import_codings(
    round_key: Round,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `needs coding list --csv` printed, filled in.")],
    coder: Coder,
    is_final: Final = False,
    replaces: Replace = False,
    coded_on: CodedOn = None,
) -> None:
    """Code all answers of a filled-in table at once, or none; rows without codes wait."""
    from orchestration.landing.codings import read_sheet

    new = _new_codings(round_key, coder, is_final=is_final, replaces=replaces, coded_on=coded_on)
    _show_written(new.add(read_sheet(file)))


@app.command()
def agree(round_key: Round, question: Question) -> None:
    """How far two coders of a question agree: Cohen's kappa of each code and of all, and the answers that differ."""
    from orchestration.landing.codings import agreements, load_frames
    from orchestration.landing.rejects import card_of

    settings = load_settings()
    card = card_of(settings, round_key)
    frames = load_frames(card, settings.seeds)
    for pair in agreements(card, question, frames):
        found = pair.agreement
        console.print(
            f"{pair.first} and {pair.second}: {found.answers_n:,} answers coded by both, {found.same_n:,} alike "
            f"({100 * found.same_n / found.answers_n:.1f} %), kappa {_kappa(found.kappa)}",
            markup=False,
        )
        numbers = [Column(name, justify="right") for name in (pair.first, pair.second, "both", "agree, %", "kappa")]
        labels = frames[question].labels
        rows = [
            (
                f"{code.code} ({labels[code.code]})",
                code.first_n,
                code.second_n,
                code.both_n,
                f"{code.agreement_pct:.1f}",
                _kappa(code.kappa),
            )
            for code in found.codes
        ]
        console.print(make_table(("code", *numbers), rows))
        if pair.differing:
            differing = [(one.response_id, " ".join(one.codes), " ".join(other.codes)) for one, other in pair.differing]
            console.print(make_table((_id_column("differing answer"), pair.first, pair.second), differing))


def _id_column(name: str) -> Column:
    """A column of response ids, whole: they are copied into the next command."""
    return Column(name, no_wrap=True)


def _waits(answer: OpenAnswer, coder: str | None) -> bool:
    if coder is None:
        return answer.state != "coded"
    return not any(coding.coder == coder and not coding.is_final for coding in answer.codings)


def _said(codings: Iterable[Coding]) -> str:
    return "\n".join(
        f"{coding.coder}{' (final)' if coding.is_final else ''}: {' '.join(coding.codes)}" for coding in codings
    )


def _kappa(kappa: float | None) -> str:
    return "not defined" if kappa is None else f"{kappa:.2f}"


def _print_csv(answers: Sequence[OpenAnswer]) -> None:
    import pyarrow as pa

    from orchestration.cli.query import show_csv
    from orchestration.landing.codings import SHEET_COLUMNS

    rows = [{**vars(answer), "codes": ""} for answer in answers]
    show_csv(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in SHEET_COLUMNS])))


def _new_codings(
    round_key: str, coder: str, *, is_final: bool, replaces: bool, coded_on: datetime | None
) -> NewCodings:
    from orchestration.landing.codings import NewCodings, load_frames
    from orchestration.landing.rejects import card_of, require_landing

    settings = load_settings()
    card = card_of(settings, round_key)
    day = coded_on.date() if coded_on else date.today()
    frames = load_frames(card, settings.seeds)
    return NewCodings(card, require_landing(card, settings), frames, coder, day, is_final, replaces)


def _show_written(written: Sequence[Coding]) -> None:
    if not written:
        console.print("No row has codes: nothing is written.")
        return
    console.print(f"Written to {written[0].file}; `needs refresh` applies it.", markup=False, soft_wrap=True)
    rows = [(coding.response_id, coding.question_code, _said([coding]), coding.coded_on) for coding in written]
    console.print(make_table((_id_column("response"), "question", "coding", "date"), rows))
