"""The `needs` command: each subcommand calls one function and shows the result.

Not here: any work.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column

from orchestration.cli import review as review_cli
from orchestration.cli.cities import app as cities_app
from orchestration.cli.codebook import app as codebook_app
from orchestration.cli.coding import app as coding_app
from orchestration.cli.console import (
    Commands,
    console,
    leave,
    make_table,
    served_database,
    show_release,
    show_stage,
    tell_errors,
)
from orchestration.cli.ports import HOST, require_free_port
from orchestration.cli.release import app as release_app
from orchestration.cli.round import rounds_app
from orchestration.cli.site import app as site_app
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.pipeline.refresh import RefreshReport
    from orchestration.warehouse.explain import Explanation
    from orchestration.warehouse.explain_gap import GapExplanation
    from orchestration.warehouse.explain_sentence import SentenceExplanation

PACKAGE = "city-needs-warehouse"
app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)
app.add_typer(cities_app, name="cities")
app.add_typer(rounds_app, name="round")
app.add_typer(codebook_app, name="codebook")
app.add_typer(release_app, name="release")
app.add_typer(site_app, name="site")
app.command()(review_cli.rejects)
app.command()(review_cli.pseudonyms)
app.add_typer(review_cli.corrections, name="corrections")
app.add_typer(coding_app, name="coding")


def _show_version(is_asked: bool) -> None:
    if is_asked:
        console.print(f"needs {version(PACKAGE)}")
        raise typer.Exit


@app.callback()
def main(
    is_version_asked: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """The city needs warehouse."""


@app.command()
def refresh(
    force: Annotated[bool, typer.Option("--force", help="Run every stage even if nothing changed.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="If another refresh is running, let it end first.")] = False,
) -> None:
    """Land the extracts, build and check the warehouse, release the waves."""
    from orchestration.pipeline.refresh import refresh as run_refresh

    settings = load_settings()
    with _changing_the_deployment():
        start = perf_counter()
        report = run_refresh(settings, show_stage, force=force, wait=wait)
        _show_report(report, str(settings.served_database), perf_counter() - start)


@app.command()
def rebuild(
    wait: Annotated[bool, typer.Option("--wait", help="If a refresh is running, let it end first.")] = False,
) -> None:
    """Make the warehouse anew of what is landed: no sound landing is read anew, nothing is released."""
    from orchestration.pipeline.refresh import rebuild as run_rebuild

    settings = load_settings()
    with _changing_the_deployment():
        for note in run_rebuild(settings, show_stage, wait=wait):
            console.print(f"Note       {note}", markup=False, soft_wrap=True)
        console.print(f"Warehouse  {settings.served_database}", soft_wrap=True)


@app.command()
def metrics() -> None:
    """Print what the deployment is like now as OpenMetrics: for Prometheus, or a file that its exporter collects."""
    from orchestration.deployment.metrics import metrics_text

    typer.echo(metrics_text(load_settings()), nl=False)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for a probe; the status is the same.")] = False,
) -> None:
    """Inspect landing, warehouse, releases and runs, and say what would mend what is not as it should be.

    The status is 1 where something was found.
    """
    from orchestration.deployment.doctor import examine, is_empty

    settings = load_settings()
    if as_json:
        found = [asdict(finding) for finding in examine(settings)]
        typer.echo(json.dumps({"ok": not found, "empty": is_empty(settings), "findings": found}, ensure_ascii=False))
        raise typer.Exit(1 if found else 0)
    findings = [(found.part, found.place, found.found, found.to_do) for found in examine(settings)]
    if is_empty(settings):
        after = " after that" if findings else ""
        console.print(f"Nothing is landed, built or published in {settings.data} yet: run `needs refresh`{after}.")
    if findings:
        console.print(make_table(("part", "where", "what", "to do"), findings))
        raise typer.Exit(1)
    if not is_empty(settings):
        console.print("Everything is as it should be.")


@app.command()
def cleanup(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="If a refresh is running, let it end first.")] = False,
) -> None:
    """Remove landings, runs, drafts and logs beyond those that are kept (NEEDS_KEEP__…); releases always stay."""
    from orchestration.pipeline.retention import clean_up

    done = clean_up(load_settings(), is_dry=dry_run, wait=wait)
    rows = [(found.part, str(found.path), found.why, f"{size:,}") for found, size in done.files]
    if rows:
        console.print(make_table(("part", "where", "why", Column("bytes", justify="right")), rows))
    console.print(
        f"{done.runs_n} runs of Dagster and {done.stages_n} stages of the run table are older than those kept."
    )
    console.print("Nothing was removed: --dry-run." if dry_run else "Removed.")


@app.command()
def forget(
    respondent: Annotated[str, typer.Argument(help="Id of a response or respondent, or the e-mail address behind it.")],
    rounds: Annotated[
        list[str] | None, typer.Option("--round", metavar="ROUND", help="Only this round; may be given again.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, without a name: a request and its day.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Do it; else only show what is found.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="If a refresh is running, let it end first.")] = False,
) -> None:
    """Forget a respondent in all landings, the warehouse and the history of runs, and land nothing of him again."""
    from orchestration.deployment.forget import find_respondent
    from orchestration.pipeline.forget import forget as run_forget

    settings = load_settings()
    found = find_respondent(settings, respondent, rounds or ())
    rows = [(one.key, ", ".join(one.ids), str(len(one.landings))) for one in found]
    console.print(make_table(("round", "ids", Column("landings", justify="right")), rows))
    if not write:
        console.print("Nothing was changed. If each of these is the same person: again with --reason and --write.")
        return
    if not reason.strip():
        raise typer.BadParameter("give the reason: --reason")
    with _changing_the_deployment():
        for note in run_forget(settings, show_stage, found, reason.strip(), date.today(), wait=wait):
            console.print(f"Note       {note}", markup=False, soft_wrap=True)
        console.print(
            "Forgotten. No release was changed. Delete him from the extracts and backups too, and publish what changes "
            "by `needs refresh`: docs/runbooks/forget-a-respondent.md."
        )


@app.command()
def backup(
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the backup is written, best on another disk.")],
    wait: Annotated[bool, typer.Option("--wait", help="If a refresh is running, let it end first.")] = False,
) -> None:
    """Write seeds, data and releases into one file with checksums; readers and daemon go on meanwhile."""
    from orchestration.deployment.backup import back_up

    made = back_up(load_settings(), into, wait=wait)
    console.print(f"{made.file}: {made.files_n} files", markup=False, soft_wrap=True)
    for address in made.elsewhere:
        console.print(f"Not in it: the releases at {address}", markup=False, soft_wrap=True)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `needs backup` wrote.")]) -> None:
    """Put a backup in the place of a deployment that has no data and no releases yet; seeds that are there stay."""
    from orchestration.deployment.backup import restore as put_back

    files_n = put_back(load_settings(), file)
    console.print(f"{files_n} files restored. `needs doctor` says whether all is as it should be.")


@app.command()
def advisories(
    files: Annotated[list[Path], typer.Argument(help="Records of the OSV format: JSON files, or ZIP archives.")],
) -> None:
    """Tell which locked packages fall under advisories of a file: nothing is asked of any network."""
    from orchestration.deployment.advisories import find_advisories, locked_packages

    locked = locked_packages()
    found = find_advisories(files, locked)
    for finding in found:
        fixed = f"fixed in {finding.fixed}" if finding.fixed else "not fixed"
        told = f"{finding.package} {finding.version} ({finding.ecosystem}): {finding.advisory}, {fixed}"
        console.print(f"{told}: {finding.summary}", markup=False, soft_wrap=True)
    console.print(f"{len(found)} advisories for {len(locked)} locked packages.")
    if found:
        raise typer.Exit(1)


@app.command()
def history(
    limit: Annotated[int, typer.Option(help="Stages shown, the newest first.", min=1)] = 20,
) -> None:
    """Show the last stages of all runs: when, of what, how long, how they ended, what they counted."""
    from orchestration.deployment.runs import stages

    rows = []
    for one in stages(load_settings(), limit):
        counted = ", ".join(f"{name} {value}" for name, value in one.facts.items() if value not in (0, None))
        seconds = "" if one.seconds is None else f"{one.seconds:.1f}"
        rows.append((one.started_at.removesuffix("+00:00"), one.stage, one.of, one.status, seconds, counted))
    columns = ("started (UTC)", "stage", "of", "ended", Column("seconds", justify="right"), "counted")
    console.print(make_table(columns, rows) if rows else "No stage has run yet.")


@contextmanager
def _changing_the_deployment() -> Iterator[None]:
    """Around the stages of a refresh: how the process is set up, how it ends, and what is said where it stops."""
    # dbt's semaphores end with the process; Python's helper process would call them leaked.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")
    # Frameworks keep a million objects for the whole run, which Python would look through again and again.
    gc.set_threshold(50_000, 20, 50)
    try:
        with tell_errors("refresh stopped", "Nothing that was served or published before has changed."):
            yield
    except typer.Exit as stopped:
        leave(stopped.exit_code)
    leave(0)


@app.command()
def status() -> None:
    """Show the waves, the landed rounds, the releases and the served warehouse."""
    from orchestration.cli.status import deployment_status

    for table in deployment_status(load_settings()):
        console.print(table)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A query over the served warehouse, such as 'from gaps.gap_cube'.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all rows.")] = False,
    limit: Annotated[int, typer.Option(help="Rows shown as a table.", min=1)] = 50,
) -> None:
    """Run a query on the served warehouse, read only."""
    from orchestration.cli.query import run_query

    run_query(served_database(load_settings()), sql, as_csv=as_csv, limit=limit)


@app.command()
def city(
    name: Annotated[str, typer.Argument(help="Key of the city, such as gn-2643123 or P-0085, or its name.")],
    wave: Annotated[str | None, typer.Option(help="Wave; the newest that tells of the city if not given.")] = None,
) -> None:
    """Show the page of a city: what it said beside its peers, its needs, and what helps with them."""
    from orchestration.cities.profile import read_profile
    from orchestration.cli.query import show_profile

    show_profile(read_profile(served_database(load_settings()), name, wave))


@app.command()
def errata(
    wave: Annotated[
        str | None, typer.Option(help="Wave of the printed report, or of its draft; default the newest.")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="Only major, minor, rounding or wording.")] = None,
) -> None:
    """List where a printed report, or the draft of one, contradicts itself."""
    from orchestration.cli.query import show_errata
    from orchestration.release.errata import read_errata

    show_errata(read_errata(served_database(load_settings()), wave, severity))


@app.command()
def report(
    wave: Annotated[str, typer.Argument(help="A wave with a release, such as 2024.")],
    internal: Annotated[
        bool, typer.Option("--internal", help="For internal use, marked on each page: no number is hidden.")
    ] = False,
    file: Annotated[Path | None, typer.Option(help="The file to write; in this folder if not given.")] = None,
) -> None:
    """Write the draft report of a wave as a document to edit, every number from its newest release."""
    from orchestration.report.write import write_report

    settings = load_settings()
    path = write_report(settings, wave, "internal" if internal else "public", file)
    console.print(f"Report     {path}", soft_wrap=True)


@app.command()
def explain(
    place: Annotated[
        str,
        typer.Argument(
            help="A table, figure or line: table_20, figure_32, line_729; or a gap table: gap_support_coverage."
        ),
    ],
    labels: Annotated[
        list[str] | None,
        typer.Argument(
            help="Row and column, or a part of their labels; the row may be left out where there is one. "
            "Of a line: the number, or words of its label. Of a gap table: column=value, until one row is left."
        ),
    ] = None,
    wave: Annotated[str | None, typer.Option(help="Wave of the report; the newest if not given.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the responses as CSV, all of them.")] = False,
    limit: Annotated[int, typer.Option(help="Responses shown as a table.", min=1)] = 50,
) -> None:
    """Show the responses behind a number of the report, with file and row."""
    import duckdb

    from orchestration.cli.query import show_csv
    from orchestration.warehouse.explain import explain_cell
    from orchestration.warehouse.explain_gap import PREFIX, explain_gap
    from orchestration.warehouse.explain_sentence import explain_sentence, line_of
    from orchestration.warehouse.manifest import manifest_if_any

    settings = load_settings()
    with duckdb.connect(str(served_database(settings)), read_only=True) as connection:
        manifest, words = manifest_if_any(settings.dbt_target), tuple(labels or ())
        line = line_of(place)
        explanation: Explanation | GapExplanation | SentenceExplanation
        if place.startswith(PREFIX):
            explanation = explain_gap(connection, place, words, wave=wave, manifest=manifest)
        elif line is None:
            explanation = explain_cell(connection, place, words, wave=wave, manifest=manifest)
        else:
            explanation = explain_sentence(connection, line, words, wave=wave, manifest=manifest)
    if as_csv:
        show_csv(explanation.respondents)
    else:
        _show_explanation(explanation, limit)


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on the loopback address.")] = 3000) -> None:
    """Open Dagster's web UI on the loopback address: the asset graph, runs, checks, schedules."""
    from orchestration.knowledge.load import load_knowledge
    from orchestration.pipeline.refresh import ensure_instance

    settings = load_settings()
    require_free_port(port)
    # Dagster would show what is wrong with the seeds as a fault of its own.
    load_knowledge(settings.seeds)
    settings.prepare_environment()
    ensure_instance(settings.dagster_home, is_postgres=settings.dagster_storage is not None)
    console.print(f"Dagster's web UI: http://{HOST}:{port}  (Ctrl-C ends it)")
    python = [sys.executable, "-W", "ignore:Function `dev_command` is superseded"]
    dagster = ["-m", "dagster", "dev", "-m", "orchestration.definitions", "--log-level", "warning"]
    os.execv(sys.executable, [*python, *dagster, "-h", HOST, "-p", str(port)])  # noqa: S606


def _show_report(report: RefreshReport, served: str, seconds: float) -> None:
    from orchestration.cli.status import rows_table

    console.print(rows_table([vars(entry) for entry in report.rounds]))
    for note in report.notes:
        console.print(f"Note       {note}", markup=False, soft_wrap=True)
    columns = ("checks", "tool", Column("ran", justify="right"), "warnings")
    checks = ((check.stage, check.tool, check.run_n, "\n".join(check.warnings) or "none") for check in report.checks)
    console.print(make_table(columns, checks))
    if report.is_unchanged:
        console.print("Nothing changed since the last refresh: no stage ran, no new release.")
    console.print(f"Warehouse  {served}", soft_wrap=True)
    for release in report.releases:
        show_release(release.folder, release.name, release.is_new)
    if any(release.is_synthetic for release in report.releases):
        console.print(
            "Synthetic  answers marked so are made from published tables: no city gave them",
            style="yellow",
        )
    console.print(f"Done in {seconds:.1f} s")


def _show_explanation(explanation: Explanation | GapExplanation | SentenceExplanation, limit: int) -> None:
    from orchestration.cli.query import show_rows

    console.print(explanation.title, markup=False, soft_wrap=True)
    for name, fact in explanation.facts.items():
        console.print(f"{name:<8} {fact}", markup=False, soft_wrap=True)
    respondents = explanation.respondents
    if not respondents.num_rows:
        console.print("Nobody is behind this number: no response is counted in it.")
        return
    names = [name for name in respondents.column_names if respondents[name].null_count < respondents.num_rows]
    show_rows(names, list(zip(*(respondents[name].to_pylist() for name in names), strict=True)), limit)


if __name__ == "__main__":
    app()
