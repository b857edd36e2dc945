"""What all commands share: where they print, how a table looks, and how an error is told.

Not here: any command, and what a command shows of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from typer.core import TyperGroup

from orchestration.common.progress import listen
from orchestration.settings import DBT_PROJECT_DIR, Settings

INTERRUPTED = 130
_NO_CHECKOUT = (
    f"needs was installed without its dbt project, seeds and site: there is no {DBT_PROJECT_DIR.name} beside it in "
    f"{DBT_PROJECT_DIR.parent}. It runs from a checkout: clone the project, run `make refresh` there, then "
    ".venv/bin/needs; NEEDS_SEEDS, NEEDS_DATA and NEEDS_RELEASES say where your own deployment lies."
)

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


class Commands(TyperGroup):
    """All commands: whatever one of them raises is told here."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        if not DBT_PROJECT_DIR.is_dir():
            errors.print(_NO_CHECKOUT, style="red", markup=False)
            leave(1)
        with tell_errors():
            return super().invoke(ctx)


@contextmanager
def tell_errors(title: str = "", addition: str = "") -> Iterator[None]:
    """Show an error that says what to do in its own words, in a frame if it has a title, and end with status 1.

    Any other error is a fault of ours and keeps its traceback.
    """
    try:
        yield
    except KeyboardInterrupt:
        errors.print("Interrupted.")
        leave(INTERRUPTED)
    except Exception as error:
        if not _says_what_to_do(error):
            raise
        told = Panel(str(error), title=title, border_style="red", title_align="left") if title else str(error)
        errors.print(told, style="" if title else "red", markup=False, soft_wrap=not title)
        if addition:
            errors.print(addition, style="red")
        raise typer.Exit(1) from error


def _says_what_to_do(error: Exception) -> bool:
    """Whether it is an error of our own, or one of a value, a file or a query that somebody gave."""
    database = sys.modules.get("duckdb")
    given = (ValueError, OSError, *([database.Error] if database else []))
    is_our_own = type(error).__module__.startswith(("orchestration.", "expectations."))
    return is_our_own or (isinstance(error, given) and not isinstance(error, BrokenPipeError))


def leave(status: int) -> NoReturn:
    """Exit at once: the libraries' own shutdown takes seconds and has nothing left to save."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextmanager
def show_stage(label: str) -> Iterator[None]:
    """A line a stage: what runs, for how long and how far it has come; then how it ended and how long it took."""
    start = perf_counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), TextColumn("{task.fields[far]}"))
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
            task = shown.add_task(escape(label), far="")
            with listen(lambda far: shown.update(task, far=escape(far))):
                yield
    except BaseException:
        console.print(f"[red]✗[/] {escape(label)}")
        raise
    console.print(f"[green]✓[/] {escape(label):<34} {perf_counter() - start:6.1f} s")


def served_database(settings: Settings) -> Path:
    """The served database. Raises ValueError before the first refresh, with what to run."""
    if not settings.served_database.exists():
        raise ValueError(f"There is no warehouse at {settings.served_database} yet. Run `needs refresh` first.")
    return settings.served_database


def make_table(columns: Sequence[str | Column], rows: Iterable[Sequence[object]], **options: Any) -> Table:
    """A table of texts and numbers as they are: what looks like markup in them is none."""
    made = Table(*columns, **{"box": box.SIMPLE_HEAD, "pad_edge": False, **options})
    for row in rows:
        made.add_row(*("" if value is None else escape(str(value)) for value in row))
    return made


def show_release(address: str, name: str, is_new: bool) -> None:
    """Print where the release of a wave is, and whether it was made now."""
    made = "new" if is_new else "no new release: the content is the same"
    console.print(f"Release    {address}  ({name}, {made})", soft_wrap=True)


def shorten(text: str, length: int) -> str:
    """A text on one line, cut at a length."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
