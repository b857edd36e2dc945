"""The commands of releases: `needs release build|gate|publish|verify|diff|list`.

Not here: any work (deployment/waves.py, release/).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Column

from orchestration.cli.console import console, errors, make_table, show_release, show_stage
from orchestration.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, help="Draft, judge, publish, check and compare releases.")
Waves = Annotated[list[str] | None, typer.Argument(metavar="[WAVE]…", help="All open waves with rounds if not given.")]

Wait = Annotated[bool, typer.Option("--wait", help="If a refresh is running, let it end first.")]


@app.command()
def build(waves: Waves = None, wait: Wait = False) -> None:
    """Draft a wave from the checked warehouse for each audience, and judge it at the gate."""
    from orchestration.deployment.waves import draft_wave

    settings = load_settings()
    wanted, manifest = _waves(settings, waves), _dbt_manifest(settings, wait)
    for wave in wanted:
        with show_stage(f"draft and judge wave {wave}"):
            draft_wave(settings, wave, manifest, waiting=_waiting(wait))
        console.print(f"Draft      {settings.drafts / wave}", soft_wrap=True)
        console.print(f"Next       needs release gate {wave}, then needs release publish {wave}")


@app.command()
def gate(waves: Waves = None, wait: Wait = False) -> None:
    """Judge a draft again and say what each rule found; the audit takes all tables of an item together."""
    from expectations.outcomes import errors as failed
    from orchestration.deployment.waves import judge_wave

    settings = load_settings()
    marks = {"error": "[red]✗[/]", "warn": "[yellow]![/]"}
    stopped = False
    wanted, manifest = _waves(settings, waves), _dbt_manifest(settings, wait)
    for wave in wanted:
        found = judge_wave(settings, wave, manifest, _waiting(wait))
        for outcome in found:
            console.print("[green]✓[/]" if outcome.passed else marks[outcome.severity], end=" ")
            console.print(outcome.summary(), markup=False, soft_wrap=True)
        stopped = stopped or bool(failed(found))
    if stopped:
        raise typer.Exit(1)


@app.command()
def publish(
    waves: Waves = None,
    reason: Annotated[
        str | None, typer.Option(help="Why there is a new revision; told from what changed if not given.")
    ] = None,
    wait: Wait = False,
) -> None:
    """Publish a draft that passed the gate as the next revision of its wave."""
    from orchestration.deployment.waves import publish_wave

    settings = load_settings()
    settings = settings.model_copy(update={"release_reason": reason or settings.release_reason})
    wanted, manifest = _waves(settings, waves), _dbt_manifest(settings, wait)
    for wave in wanted:
        release = publish_wave(settings, wave, manifest, waiting=_waiting(wait))
        show_release(release.address, release.name, release.is_new)


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[RELEASE]…", help="All if not given.")] = None,
) -> None:
    """Find every byte of a release that is not what was published."""
    from orchestration.release.store import ReleaseStore

    damaged_n = 0
    store = ReleaseStore(load_settings().releases)
    gone = store.gone()
    for name in names or [*store.names(), *gone]:
        if name not in gone:
            store.require(name)
        damaged = store.damaged(name)
        damaged_n += bool(damaged)
        console.print(f"{'[red]✗[/]' if damaged else '[green]✓[/]'} {name}  {'damaged' if damaged else 'whole'}")
        for damage in damaged:
            console.print(f"    {damage}", markup=False, soft_wrap=True)
    if damaged_n:
        errors.print("Put the published files back from a backup; a revision is never written again.", style="red")
        raise typer.Exit(1)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A release, such as 2024.0.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The release to compare it with.")],
    audience: Annotated[Literal["public", "internal"], typer.Option(help="Whose tables are compared.")] = "public",
    markdown: Annotated[Path | None, typer.Option(help="Write the difference as Markdown into this file.")] = None,
) -> None:
    """Say what differs between two releases, cell by cell."""
    from orchestration.release.changes import difference_lines, difference_table
    from orchestration.release.difference import difference
    from orchestration.release.store import ReleaseStore

    store = ReleaseStore(load_settings().releases)
    with ExitStack() as stack:
        folders = [stack.enter_context(store.folder(name)) for name in (old, new)]
        found = difference(folders[0], folders[1], (old, new), audience)
    text = "\n".join(difference_lines(found))
    if markdown is not None:
        markdown.write_text(f"{text}\n", encoding="utf-8")
        console.print(f"Written    {markdown}", soft_wrap=True)
    if found.tables:
        console.print(difference_table(found))
    if markdown is None:
        from rich.markdown import Markdown

        console.print(Markdown(text))


@app.command("list")
def list_releases() -> None:
    """List the releases, oldest first."""
    from orchestration.release.store import ReleaseStore

    store = ReleaseStore(load_settings().releases)
    rows = []
    for name in store.names():
        manifest = store.manifest(name)
        files, wave = manifest["files"], manifest["wave"]
        newest = "yes" if store.latest(wave) == name else ""
        data = "synthetic" if manifest["synthetic"] else "real"
        size = sum(entry["bytes"] for entry in files) / 1e6
        rows.append((name, wave, newest, data, len(files), f"{size:.1f}", manifest.get("reason")))
    numbers = (Column(name, justify="right") for name in ("files", "MB"))
    console.print(make_table(("release", "wave", "newest", "data", *numbers, "reason"), rows))


def _waves(settings: Settings, asked: list[str] | None) -> list[str]:
    from orchestration.knowledge.load import load_knowledge

    known = load_knowledge(settings.seeds).waves_to_release()
    if unknown := [wave for wave in asked or () if wave not in known]:
        raise ValueError(
            f"{', '.join(unknown)} cannot be released: open waves with rounds are {', '.join(known) or 'none'}. "
            "Open a wave in waves.csv and name its rounds in wave_rounds.csv."
        )
    return asked or list(known)


def _waiting(wait: bool) -> Callable[[str], object] | None:
    """Who is told for whom a command waits; None where it does not."""
    return errors.print if wait else None


def _dbt_manifest(settings: Settings, wait: bool) -> dict[str, Any]:
    """What says which columns are published: parsed anew where a file of the dbt project changed since."""
    from orchestration.deployment.lock import hold_lock
    from orchestration.pipeline.dbt import ensure_manifest

    settings.prepare_environment()
    with hold_lock(settings, wait=wait, waiting=_waiting(wait)):
        return ensure_manifest(settings.dbt_target)
