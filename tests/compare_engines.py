"""The bundled waves by both engines, equal by every row of every table and every byte: `make compare-engines`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT

SHOWN_ROWS = 3
# What a run says of itself.
OF_A_RUN = {"landing", "knowledge"}


def main() -> None:
    """Refresh by each engine and compare; fail where anything differs. Argument: another folder of seeds."""
    seeds = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT_ROOT / "seeds"
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        by_duckdb, by_spark = (refresh(Path(folder), seeds, engine) for engine in ("duckdb", "spark"))
        tables_n, files_n, differences = compare(by_duckdb, by_spark)
    print(*differences, sep="\n")
    print(f"{tables_n} tables and {files_n} published files compared, {len(differences)} differ")
    sys.exit(bool(differences) or not tables_n or not files_n)


def compare(first: Deployment, second: Deployment) -> tuple[int, int, list[str]]:
    """How many tables and published files the first has, and what differs in the second."""
    tables_n, differences = compare_tables(first, second)
    files, others = first.release_files(), second.release_files()
    differences += [name for name in sorted(files.keys() | others.keys()) if files.get(name) != others.get(name)]
    return tables_n, len(files), differences


def refresh(folder: Path, seeds: Path, engine: str) -> Deployment:
    """A deployment that one engine has built."""
    deployed = Deployment(seeds, folder / engine / "data", folder / engine / "releases")
    places = {"NEEDS_SEEDS": str(seeds), "NEEDS_DATA": str(deployed.data), "NEEDS_RELEASES": str(deployed.releases)}
    command = [str(Path(sys.executable).with_name("needs")), "refresh"]
    subprocess.run(command, env={**os.environ, **places, "NEEDS_ENGINE": engine}, check=True)
    return deployed


def compare_tables(first: Deployment, second: Deployment) -> tuple[int, list[str]]:
    """How many tables the first has built, and what differs in the second: columns with their types, or rows."""
    differences = []
    with duckdb.connect() as connection:
        for name, deployed in {"first": first, "second": second}.items():
            connection.execute(f"attach '{deployed.settings.checked_database}' as {name} (read_only)")
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_catalog = 'first' and table_type = 'BASE TABLE' order by all"
        ).fetchall()
        tables = [(schema, table) for schema, table in tables if schema not in OF_A_RUN]
        for schema, table in tables:
            columns = [
                connection.execute(f"describe {name}.{schema}.{table}").fetchall() for name in ("first", "second")
            ]
            if columns[0] != columns[1]:
                differences.append(f"{schema}.{table}: columns {columns}")
                continue
            for own, other in (("first", "second"), ("second", "first")):
                rows = connection.execute(
                    f"from {own}.{schema}.{table} except all from {other}.{schema}.{table} limit {SHOWN_ROWS}"
                ).fetchall()
                differences += [f"{schema}.{table}: only in the {own}: {row}" for row in rows]
    return len(tables), differences


if __name__ == "__main__":
    main()
