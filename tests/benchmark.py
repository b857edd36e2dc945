"""A refresh beside its floor, stage by stage, with peak memory, in one run: `make bench`.

The floor is what no refresh by these tools can do without: starting Python, importing dagster, dagster_dbt, dbt and
great_expectations, one parse of the dbt project, and the SQL of all models and tests in bare DuckDB. Limits are ratios:
seconds depend on the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from orchestration.settings import DBT_PROJECT_DIR

# Measured 4.0 (bundled waves) and 3.1 (small deployment): statistics, disclosure control, checks, files.
FLOORS_MAX = 6.0
# An unchanged refresh is an import of the command and a comparison of checksums: measured 2.9 times the import.
UNCHANGED_IMPORTS_MAX = 8.0
MEMORY_GIB_MAX = 1.2
LOADED_SCHEMAS = ("landing", "knowledge")
# What is put before the SQL of a node; macros for analysts and views of rounds are none.
KINDS = {
    "table": "create table {} as ",
    "large_table": "create table {} as ",
    "view": "create schema if not exists mart; create view {} as ",
    "test": "",
}
_IMPORT = "import dagster, dagster_dbt, dbt.cli.main, great_expectations"
_PARSE = """
import sys
from dbt.cli.main import dbtRunner
from orchestration.settings import load_settings
load_settings().prepare_environment()
project, target = sys.argv[1:]
arguments = ["--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-level", "none"]
sys.exit(not dbtRunner().invoke(["parse", "--no-partial-parse", *arguments]).success)
"""


class Run(NamedTuple):
    """What a command took, with the processes that it waited for, and what it printed."""

    seconds: float
    shown: str
    memory_gib: float


def main() -> None:
    """Print the table, and fail where a ratio is exceeded."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seeds", type=Path, help="seeds of another deployment than the bundled one")
    sys.exit(measure(options.parse_args().seeds))


def measure(seeds: Path | None = None) -> int:
    """Refresh twice into a folder of its own, and measure the floor there; the number of ratios that are exceeded."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        elsewhere = {"NEEDS_DATA": f"{home}/data", "NEEDS_RELEASES": f"{home}/releases", "COLUMNS": "100"}
        environment = os.environ | elsewhere | ({"NEEDS_SEEDS": str(seeds)} if seeds else {})
        refresh = time_command([_needs(), "refresh"], environment)
        unchanged = time_command([_needs(), "refresh"], environment).seconds
        imported = time_command([sys.executable, "-c", "import orchestration.cli.main"], environment).seconds
        floor = _measure_floor(home, environment)
    total = sum(floor.values())
    print("floor", *(f"{name:<42}{seconds:6.1f} s" for name, seconds in floor.items()), sep="\n  ")
    print(f"  {'together':<42}{total:6.1f} s")
    print("refresh from nothing", *(line for line in refresh.shown.splitlines() if line.startswith("✓")), sep="\n  ")
    ratios = {
        f"from nothing {refresh.seconds:.1f} s, in floors": (refresh.seconds / total, FLOORS_MAX),
        f"unchanged {unchanged:.2f} s, in imports of the command ({imported:.2f} s)": (
            unchanged / imported,
            UNCHANGED_IMPORTS_MAX,
        ),
        "peak memory of any process, GiB": (refresh.memory_gib, MEMORY_GIB_MAX),
    }
    for name, (ratio, most) in ratios.items():
        print(f"{name}: {ratio:.2f} (at most {most:g})")
    return sum(ratio > most for ratio, most in ratios.values())


def _needs() -> str:
    return str(Path(sys.executable).with_name("needs"))


def time_command(command: list[str], environment: dict[str, str], folder: Path | None = None) -> Run:
    """Run a command, in a folder of its own where one is given. Raises CalledProcessError where it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        shown = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, shown)
    return Run(time.perf_counter() - start, shown, used.ru_maxrss / 2**20)


def _measure_floor(home: Path, environment: dict[str, str]) -> dict[str, float]:
    """Seconds of each part of the floor, for the deployment that was refreshed in `home`."""
    imports = time_command([sys.executable, "-c", _IMPORT], environment).seconds
    dbt = time_command([sys.executable, "-c", "import dbt.cli.main"], environment).seconds
    parse = time_command([sys.executable, "-c", _PARSE, str(DBT_PROJECT_DIR), f"{home}/parsed"], environment).seconds
    return {
        "Python starts and imports the four packages": imports,
        "dbt parses the project": parse - dbt,
        "SQL of models and tests in bare DuckDB": _run_sql(home),
    }


def _run_sql(home: Path) -> float:
    """Seconds of the SQL that dbt compiled and ran; models in Python are copied, and not timed."""
    target = home / "data" / "dbt"
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    needed = {name: [one for one in node["depends_on"]["nodes"] if one in nodes] for name, node in nodes.items()}
    seconds = 0.0
    with duckdb.connect(str(home / "build.duckdb")) as connection:
        checked = next((home / "data" / "warehouse").glob("checked*.duckdb"))
        connection.execute(f"attach '{checked}' as checked (read_only)")
        query = "select schema_name, table_name from duckdb_tables() where database_name = 'checked'"
        for schema, table in connection.execute(query).fetchall():
            connection.execute(f'create schema if not exists build."{schema}"')
            if schema in LOADED_SCHEMAS:
                connection.execute(f'create table build."{schema}"."{table}" as from checked."{schema}"."{table}"')
        for name in TopologicalSorter(needed).static_order():
            node = nodes[name]
            kind = KINDS.get(node["config"]["materialized"])
            if node["language"] == "python":
                relation = f'"{node["schema"]}"."{node["name"]}"'
                connection.execute(f"create table build.{relation} as from checked.{relation}")
            elif node["resource_type"] in ("model", "test") and kind is not None:
                code = kind.format(node["relation_name"]) + _read_compiled(target, node)
                start = time.perf_counter()
                connection.execute(code).fetchall()
                seconds += time.perf_counter() - start
    return seconds


def _read_compiled(target: Path, node: Mapping[str, Any]) -> str:
    """The SQL that dbt made of a node; a test that stands in a YAML file has a folder of that name."""
    written = Path(node["original_file_path"])
    path = written if written.name == Path(node["path"]).name else written / node["path"]
    return (target / "compiled" / node["package_name"] / path).read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
