"""dbt inside this process: parsing, building, and its events as Dagster events.

A dbt command of its own costs ten seconds of start-up. Here: everything that touches dagster-dbt's inner modules.
Not here: what is built (dbt_project/), and which asset runs it (assets/warehouse.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from orchestration.common.progress import listener
from orchestration.common.whole_file import file_sha256
from orchestration.pipeline.interrupts import raise_keyboard_interrupts
from orchestration.settings import DBT_PROJECT_DIR, PARSED_DBT_PROJECT, Settings
from orchestration.warehouse.manifest import (
    MANIFEST,
    PARSED,
    copy_parsed,
    parsed_project,
    read_manifest,
    record_parsed,
)

if TYPE_CHECKING:
    import dagster as dg
    from dagster_dbt import DagsterDbtTranslator
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.event_manager import IEventManager


SHOWN_ROWS = 5
# The events that dagster-dbt turns into materializations and check results.
TEST_EVENT = "LogTestResult"
# The key that the UI knows.
_ROWS = "dagster/row_count"
RESULT_EVENTS = {"LogModelResult", TEST_EVENT}


class DbtError(RuntimeError):
    """dbt could not parse or build; the message names the nodes and what they said."""


def ensure_manifest(target: Path) -> dict[str, Any]:
    """dbt's manifest of the project, parsed anew when a file of the project came, went or changed.

    What was parsed when the checkout was set up is taken over: nothing in it is of one deployment.
    """
    project = _project_digest()
    if parsed_project(target) != project:
        if parsed_project(PARSED_DBT_PROJECT) == project:
            copy_parsed(PARSED_DBT_PROJECT, target)
        else:
            _parse(target, project)
    return read_manifest(target)


def parse_for_deployments() -> None:
    """Parse the project of this checkout once for all of its deployments, as its packages are compiled at install."""
    with TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        settings.prepare_environment()
        _parse(settings.dbt_target, _project_digest())
        copy_parsed(settings.dbt_target, PARSED_DBT_PROJECT)


def _parse(target: Path, project: str) -> None:
    (target / MANIFEST).unlink(missing_ok=True)
    result = invoke("parse", target)
    if not result.success:
        raise DbtError(f"dbt could not parse the project in dbt_project/: {result.exception}")
    record_parsed(target, project)


def read_parsed(target: Path) -> Manifest:
    """The parsed project in dbt's own form, which spares `dbt build` to parse it where a deployment was copied."""
    from dbt.contracts.graph.manifest import Manifest

    parsed: Manifest = Manifest.from_msgpack((target / PARSED).read_bytes())
    # As dbt does after it has read one of its own.
    parsed.build_flat_graph()  # type: ignore[no-untyped-call]
    return parsed


def _project_digest() -> str:
    """Checksum over dbt's versions and the files of the project: a clock tells nothing of files that were copied."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    for path in sorted(path for path in DBT_PROJECT_DIR.rglob("*") if path.suffix in {".sql", ".py", ".yml", ".md"}):
        digest.update(f"{path.relative_to(DBT_PROJECT_DIR).as_posix()}\0{file_sha256(path)}".encode())
    return digest.hexdigest()


def invoke(
    command: str,
    target: Path,
    *arguments: str,
    callbacks: list[Any] | None = None,
    parsed: Manifest | None = None,
) -> dbtRunnerResult:
    """Run a dbt command in this process and close its DuckDB connection afterwards. An interrupt ends it."""
    from dbt.cli.main import dbtRunner
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    ctx_set_event_manager(_make_event_manager())
    flags = ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    flags += ["--target-path", str(target), "--log-path", str(target / "logs"), "--log-level", "none"]
    try:
        with raise_keyboard_interrupts():
            result = dbtRunner(parsed, callbacks=callbacks or []).invoke([command, *flags, *arguments])
    finally:
        _close_connections()
    if isinstance(result.exception, BaseException) and not isinstance(result.exception, Exception):
        # dbt catches this as well, and would have it be a failure.
        raise result.exception
    return result


def _make_event_manager() -> IEventManager:
    """dbt's own, but for events that nobody hears: making messages of them is a tenth of a build of little data."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    class ManagerOfHeardEvents(EventManager):
        def fire_event(self, e: BaseEvent, level: EventLevel | None = None, *arguments: Any, **options: Any) -> None:
            # There is no log (`--log-level none`), and callbacks hear of results and warnings.
            if self.loggers or (level or e.level_tag()) != EventLevel.DEBUG:
                super().fire_event(e, level, *arguments, **options)

    return ManagerOfHeardEvents()


def asset_specs(
    manifest: dict[str, Any], translator: DagsterDbtTranslator
) -> tuple[Sequence[dg.AssetSpec], Sequence[dg.AssetCheckSpec]]:
    """Every model as an asset, every test as a check of one."""
    from dagster_dbt.asset_utils import (
        DBT_DEFAULT_EXCLUDE,
        DBT_DEFAULT_SELECT,
        DBT_DEFAULT_SELECTOR,
        build_dbt_specs,
    )

    return build_dbt_specs(
        translator=translator,
        manifest=manifest,
        select=DBT_DEFAULT_SELECT,
        exclude=DBT_DEFAULT_EXCLUDE,
        selector=DBT_DEFAULT_SELECTOR,
        io_manager_key=None,
        project=None,
    )


def build_together(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The same assets, of which none can be asked for alone.

    Made with `can_subset`, for else a run that finds nothing to do would have to give a result of each test.
    """
    import dagster as dg

    return dg.AssetsDefinition(**{**models.get_attributes_dict(), "can_subset": False})


def build(
    context: dg.AssetExecutionContext,
    manifest: dict[str, Any],
    translator: DagsterDbtTranslator,
    target: Path,
    database: Path,
) -> Generator[Any, None, list[dict[str, Any]]]:
    """Build every model with its tests; yields an output a model, with its rows, and a check result a test.

    Returns the outcomes of the tests, as manifest entries sorted by name. Raises DbtError naming every failed node,
    after all events were yielded.
    """
    import dagster as dg
    from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
    from google.protobuf.json_format import MessageToDict

    raw_events: list[dict[str, Any]] = []
    tell, nodes_n = listener(), sum(node["resource_type"] in ("model", "test") for node in manifest["nodes"].values())

    def collect(event: Any) -> None:
        if event.info.name in RESULT_EVENTS:
            raw = MessageToDict(event, preserving_proto_field_name=True)
            if event.info.name == TEST_EVENT:
                # Left out where it is 0; the UI draws it over time.
                raw["data"].setdefault("num_failures", 0)
            raw_events.append(raw)
            tell(f"{len(raw_events)} of {nodes_n} models and tests")

    # The manifest stays the one that was parsed: dbt would write it again, in place, while others read it.
    options = ("--exclude-resource-type", "unit_test", "--no-write-json")
    result = invoke("build", target, *options, callbacks=[collect], parsed=read_parsed(target))
    rows = _count_rows(database)
    for raw in raw_events:
        message = DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})
        node = manifest["nodes"][raw["data"]["node_info"]["unique_id"]]
        for event in message.to_default_asset_events(
            manifest=manifest, dagster_dbt_translator=translator, context=context, target_path=target
        ):
            counted = rows.get((node["schema"], node["name"]))
            is_counted = counted is not None and isinstance(event, dg.Output)
            yield event.with_metadata({**event.metadata, _ROWS: counted}) if is_counted else event
    if not result.success:
        raise DbtError(failure_message(result, database))
    return _test_entries(result)


def _count_rows(database: Path) -> dict[tuple[str, str], int]:
    """Rows of each table, by schema and name, as DuckDB keeps them."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        counted = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()")
        return {(schema, name): rows for schema, name, rows in counted.fetchall()}


def failure_message(result: dbtRunnerResult, database: Path) -> str:
    """What failed in a dbt run: each node with its message and, for a test, up to five of the offending rows."""
    if result.exception is not None:
        return f"dbt stopped: {result.exception}"
    lines = []
    for node in getattr(result.result, "results", []):
        if str(node.status) not in {"error", "fail", "runtime error"}:
            continue
        kind, name = node.node.resource_type, node.node.name
        if kind == "test" and node.failures:
            lines.append(f"{kind} {name}: {node.failures} rows. {purpose_of(node.node.raw_code)}")
            lines += [f"    {row}" for row in _offending_rows(database, node.node.compiled_code)]
        else:
            # What DuckDB proposes are settings of its own, which nobody can reach here.
            lines.append(f"{kind} {name}: {str(node.message).partition('Possible solutions')[0].rstrip()}")
    told = "\n".join(lines) or "failed without a message"
    return f"dbt: {told}\n{_remedy(told)}, then refresh again."


def _remedy(told: str) -> str:
    if "Out of Memory Error" in told:
        return "Give the build more memory by NEEDS_MEMORY_LIMIT (see docs/methods/scale.md)"
    return "Correct the seed or the extract that these rows come from"


def purpose_of(raw_code: str) -> str:
    """The comment that a test of ours opens with."""
    comment = takewhile(lambda line: line.startswith("--"), raw_code.strip().splitlines())
    return " ".join(line.removeprefix("--").strip() for line in comment)


def _offending_rows(database: Path, query: str) -> list[str]:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(f"select * from ({query.rstrip().rstrip(';')}\n) limit {SHOWN_ROWS}")  # nosec B608
        names = [column[0] for column in result.description or []]
        return [
            ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True)) for row in result.fetchall()
        ]


def _test_entries(result: dbtRunnerResult) -> list[dict[str, Any]]:
    return sorted(
        (
            {
                "tool": "dbt",
                "stage": "build",
                "rule": run.node.unique_id.split(".")[2],
                "severity": str(run.node.config.severity).lower(),
                "passed": str(run.status) == "pass",
                "count": run.failures or 0,
            }
            for run in getattr(result.result, "results", [])
            if run.node.resource_type == "test"
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
