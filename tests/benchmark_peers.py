"""The cube of one round beside other tools, each in an environment of its own: `make bench-peers N="1000000"`.

All read the same extract (that of `benchmark_scale.py`) and the same rows in `seeds/`, and every count has to be equal.
A peer makes the cube and nothing else, so beside our whole refresh stands what we need for the same: landing the round
and the models up to the cube. The second run follows at once, nothing being changed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import benchmark_scale
import duckdb
from benchmark import Run, time_command
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT

FOLDER = Path(__file__).with_name("peers")
ENVIRONMENTS = PROJECT_ROOT / ".tools" / "peers"
QUIET = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "1",
    # dlt would write our codes of questions in another case.
    "SCHEMA__NAMING": "direct",
}


class Peer(NamedTuple):
    """A tool: its environment, its commands, and how its models are written where it takes SQL."""

    environment: str
    commands: tuple[tuple[str, ...], ...]
    project: str = ""
    # How a model names another one, and the extract.
    reference: str = "{}"
    extract: str = ""
    header: str = ""


DBT = ("--project-dir", "dlt_dbt", "--profiles-dir", "dlt_dbt", "--quiet")
PEERS = {
    "dlt and dbt-duckdb": Peer(
        "dlt-dbt",
        (("python", "dlt_dbt/load.py"), ("dbt", "build", *DBT)),
        project="dlt_dbt",
        reference="{{{{ ref('{}') }}}}",
        extract="raw.extract",
    ),
    "SQLMesh": Peer(
        "sqlmesh",
        (("sqlmesh", "--paths", "sqlmesh", "plan", "--auto-apply", "--no-prompts"),),
        project="sqlmesh",
        reference="peer.{}",
        extract="{reader}",
        header="model (name peer.{}, kind full);\n\n",
    ),
    "pandas": Peer("pandas", (("python", "by_pandas.py"),)),
    "Polars": Peer("polars", (("python", "by_polars.py"),)),
}


class Found(NamedTuple):
    """Seconds of the first and of an unchanged run, and the most memory of a process in GiB.

    Linux counts what the benchmark itself holds when it starts a command, about 0.2 GiB, as the least.
    """

    first: float
    unchanged: float
    memory: float


def main() -> None:
    """Print a table for each size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=int, nargs="+", help="how many answers the extract has, about")
    parser.add_argument("--form", choices=benchmark_scale.FORMS, default="parquet")
    asked = parser.parse_args()
    for answers_n in asked.answers:
        with tempfile.TemporaryDirectory(prefix="bench-peers-") as name:
            folder = Path(name)
            run = benchmark_scale.measure(folder, answers_n, asked.form)
            start = time.perf_counter()
            Deployment(folder / "seeds", folder / "data", folder / "releases").needs("refresh").check_returncode()
            again = time.perf_counter() - start
            found = {
                "needs refresh, whole": Found(run.whole.seconds, again, run.whole.memory),
                "  of that up to the cube": Found(run.landing + run.to_cube, again, run.whole.memory),
                "DuckDB by hand": Found(sum(run.script.values()), sum(run.script.values()), float("nan")),
            }
            extract = folder.joinpath("seeds", "rounds", *run.round.split("."), f"extract.{asked.form}")
            found |= measure(folder, extract, run.round)
            print(f"{run.answers_n:,} answers\n" + "\n".join(report(found)), flush=True)


def measure(folder: Path, extract: Path, key: str) -> dict[str, Found]:
    """Each peer twice on an extract. Raises AssertionError where a count differs from `cube.parquet` in `folder`."""
    instrument, name = key.split(".")
    given = QUIET | {"EXTRACT": str(extract), "SEEDS": str(folder / "seeds"), "INSTRUMENT": instrument, "ROUND": name}
    found = {}
    for label, peer in PEERS.items():
        place = folder / "peers" / peer.environment
        shutil.copytree(FOLDER, place, ignore=shutil.ignore_patterns("*.sql"))
        environment = os.environ | given | {"PLACE": str(place)}
        if peer.project:
            write_models(peer, place, given)
        runs = [run(peer, place, environment) for _ in range(2)]
        assert_same_counts(place, folder / "cube.parquet", label)
        first, unchanged = (sum(one.seconds for one in each) for each in runs)
        found[label] = Found(first, unchanged, max(one.memory_gib for each in runs for one in each))
    return found


def run(peer: Peer, place: Path, environment: Mapping[str, str]) -> list[Run]:
    """What each command of a peer took, in its folder. Raises CalledProcessError where one fails."""
    programs = ENVIRONMENTS / peer.environment / "bin"
    return [
        time_command([str(programs / program), *arguments], dict(environment), place)
        for program, *arguments in peer.commands
    ]


def write_models(peer: Peer, place: Path, given: Mapping[str, str]) -> None:
    """Put the SQL of `peers/` among the models of a tool, in its words for tables and variables."""
    models = place / peer.project / "models"
    models.mkdir()
    cube = (FOLDER / "cube.sql").read_text(encoding="utf-8")
    texts = dict(re.findall(r"create table (\w+) as\n(.*?);\n", cube, re.DOTALL))
    texts["long"] = (FOLDER / "long.sql").read_text(encoding="utf-8").rstrip(";\n")
    extract = peer.extract.format(reader=f"(from {benchmark_scale.read_extract(given['EXTRACT'])})")
    for name, text in texts.items():
        for variable in ("seeds", "instrument", "round"):
            text = text.replace(f"getvariable('{variable}')", f"'{given[variable.upper()]}'")
        text = re.sub(
            r"\b(from|join) (long|told)\b",
            lambda found: f"{found[1]} {peer.reference.format(found[2])} as {found[2]}",
            text,
        )
        text = text.replace("unpivot extract", f"unpivot {extract}")
        (models / f"{name}.sql").write_text(peer.header.format(name) + text + "\n", encoding="utf-8")


def assert_same_counts(place: Path, by_hand: Path, label: str) -> None:
    """The cube of a peer has the rows of the script's, no more and no less. Raises AssertionError with some others."""
    cell = "cohort_code, item_code, choice_code, dimension_code, member_code, n"
    with duckdb.connect() as connection:
        if (place / "cube.parquet").exists():
            connection.execute(f"create view found as from read_parquet('{place}/cube.parquet')")
        else:
            connection.execute(f"attach '{place}/peer.duckdb' as peer (read_only)")
            ((schema,),) = connection.execute(
                "select table_schema from information_schema.tables where table_name = 'cube' and table_schema <> 'raw'"
            ).fetchall()
            connection.execute(f"create view found as from peer.{schema}.cube")
        connection.execute(f"create view by_hand as from read_parquet('{by_hand}')")
        query = f"(select {cell} from {{}}) except all (select {cell} from {{}}) limit 5"
        missing = connection.execute(query.format("by_hand", "found")).fetchall()
        more = connection.execute(query.format("found", "by_hand")).fetchall()
        (cells_n,) = connection.execute("select count(*) from by_hand").fetchone() or (0,)
    if missing or more or not cells_n:
        raise AssertionError(f"{label}: of {cells_n} cells it lacks {missing} and has {more}")


def report(found: Mapping[str, Found]) -> list[str]:
    """The table, a line a tool."""
    lines = [f"  {'tool':<28}{'first s':>10}{'unchanged s':>14}{'GiB':>8}"]
    return lines + [
        f"  {name:<28}{one.first:>10.1f}{one.unchanged:>14.1f}{one.memory:>8.2f}" for name, one in found.items()
    ]


if __name__ == "__main__":
    main()
