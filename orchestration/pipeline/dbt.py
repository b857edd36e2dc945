"""dbt inside this process: parsing, building, and its events as Dagster events.

A dbt command of its own costs ten seconds of start-up. Here: everything that touches dagster-dbt's inner modules.
Not here: what is built (dbt_project/), and which asset runs it (assets/warehouse.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.settings import DBT_PROJECT_DIR
from orchestration.warehouse.manifest import is_whole, read_manifest

if TYPE_CHECKING:
    import dagster as dg
    from dagster_dbt import DagsterDbtTranslator
    from dbt.cli.main import dbtRunnerResult


SHOWN_ROWS = 5
# The events that dagster-dbt turns into materializations and check results.
RESULT_EVENTS = {"LogModelResult", "LogTestResult"}


class DbtError(RuntimeError):
    """dbt could not parse or build; the message names the nodes and what they said."""


def ensure_manifest(target: Path) -> dict[str, Any]:
    """dbt's manifest of the project, parsed anew when a file of the project came, went or changed."""
    manifest = target / "manifest.json"
    files = [path for path in DBT_PROJECT_DIR.rglob("*") if path.suffix in {".sql", ".yml", ".md"}]
    listing = target / "parsed_files.txt"
    names = "\n".join(sorted(path.relative_to(DBT_PROJECT_DIR).as_posix() for path in files))
    is_parsed = is_whole(manifest) and listing.exists() and listing.read_text(encoding="utf-8") == names
    if not is_parsed or manifest.stat().st_mtime < max(path.stat().st_mtime for path in files):
        listing.unlink(missing_ok=True)
        result = invoke("parse", target)
        if not result.success:
            raise DbtError(f"dbt could not parse the project in dbt_project/: {result.exception}")
        listing.write_text(names, encoding="utf-8")
    return read_manifest(target)


def invoke(command: str, target: Path, *arguments: str, callbacks: list[Any] | None = None) -> dbtRunnerResult:
    """Run a dbt command in this process and close its DuckDB connection afterwards."""
    from dbt.cli.main import dbtRunner

    flags = ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    flags += ["--target-path", str(target), "--log-path", str(target / "logs"), "--log-level", "none"]
    try:
        return dbtRunner(callbacks=callbacks or []).invoke([command, *flags, *arguments])
    finally:
        _close_connections()


def build(
    context: dg.AssetExecutionContext,
    manifest: dict[str, Any],
    translator: DagsterDbtTranslator,
    target: Path,
    database: Path,
) -> Iterator[Any]:
    """Build every model with its tests; yields outputs of the selected models and all check results.

    Raises DbtError naming every failed node, after all events were yielded.
    """
    from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
    from google.protobuf.json_format import MessageToDict

    selected = context.op_execution_context.selected_output_names
    raw_events: list[dict[str, Any]] = []

    def collect(event: Any) -> None:
        if event.info.name in RESULT_EVENTS:
            raw_events.append(MessageToDict(event, preserving_proto_field_name=True))

    unit_tests = ("--exclude-resource-type", "unit_test")
    result = invoke("build", target, *unit_tests, callbacks=[collect])
    for raw in raw_events:
        message = DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})
        for event in message.to_default_asset_events(
            manifest=manifest, dagster_dbt_translator=translator, context=context, target_path=target
        ):
            if getattr(event, "output_name", None) in (None, *selected):
                yield event
    if not result.success:
        raise DbtError(failure_message(result, database))


def failure_message(result: dbtRunnerResult, database: Path) -> str:
    """What failed in a dbt run: each node with its message and, for a test, up to five of the offending rows."""
    if result.exception is not None:
        return f"dbt stopped: {result.exception}"
    lines = []
    for node in getattr(result.result, "results", []):
        if str(node.status) not in {"error", "fail", "runtime error"}:
            continue
        kind, name = node.node.resource_type, node.node.name
        if node.failures:
            lines.append(f"{kind} {name}: {node.failures} rows. {_purpose(node.node)}")
            lines += [f"    {row}" for row in _offending_rows(database, node.node.compiled_code)]
        else:
            lines.append(f"{kind} {name}: {node.message}")
    remedy = "\nCorrect the seed or the extract that these rows come from, then refresh again."
    return "dbt: " + ("\n".join(lines) or "failed without a message; see the log in the dbt target folder") + remedy


def _purpose(node: Any) -> str:
    """The comment that a test of ours opens with."""
    first_line = node.raw_code.strip().splitlines()[0] if node.raw_code else ""
    return first_line.removeprefix("--").strip() if first_line.startswith("--") else ""


def _offending_rows(database: Path, query: str) -> list[str]:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(f"select * from ({query.rstrip().rstrip(';')}\n) limit {SHOWN_ROWS}")  # nosec B608
        names = [column[0] for column in result.description or []]
        return [
            ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True)) for row in result.fetchall()
        ]


def test_entries(target: Path) -> list[dict[str, Any]]:
    """Outcomes of the dbt tests of the last build, as manifest entries sorted by name."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = read_manifest(target)["nodes"]
    return sorted(
        (
            {
                "tool": "dbt",
                "stage": "build",
                "rule": result["unique_id"].split(".")[2],
                "severity": str(nodes[result["unique_id"]]["config"]["severity"]).lower(),
                "passed": result["status"] == "pass",
                "count": result["failures"] or 0,
            }
            for result in results
            if result["unique_id"].startswith("test.")
        ),
        key=lambda entry: str(entry["rule"]),
    )


def _close_connections() -> None:
    """dbt-duckdb keeps its connection for the life of the process, and with it the lock on the file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
