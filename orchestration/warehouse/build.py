"""The build database: loading landed extracts and knowledge into it, keeping it, putting it in place.

Here: what happens around the dbt build. Not here: any transformation (dbt_project/).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.common.whole_file import file_sha256, write_aside
from orchestration.rounds.forgotten import FURTHER
from orchestration.warehouse.build_record import read_record
from orchestration.warehouse.explain import quote

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_SHORT = 16
_READ_ONLY = 0o440
LANDED_TABLES = ("responses", "answers", "rejected")
_SERVED = (
    "intermediate.int_response_cities where city_key <> response_key and city_key not like 'name:%' "
    f"and not list_contains($forgotten, sha256(regexp_replace(response_key, '{FURTHER}', '')))"
)
SERVED_CITY_KEYS = {
    "served_responses": (("response_key", "instrument", "round", "city_key"), _SERVED),
    "served_cities": (
        ("city_key", "country_code"),
        f"dimensions.dim_city where city_key in (select city_key from {_SERVED})",  # nosec B608
    ),
}


def load_build_database(
    database: Path,
    landed: Iterable[Path],
    *,
    knowledge: Mapping[str, pa.Table],
    city_links: Mapping[str, pa.Table],
    landings: pa.Table,
    run_id: str,
    memory_limit: str,
    is_view: bool = False,
    served: Iterable[Path] = (),
    forgotten: Iterable[str] = (),
) -> None:
    """Start the build database anew with the schemas `landing` and `knowledge`.

    `landed` are the folders of the current landings, each with one Parquet file a landed table; `city_links` are the
    tables about cities by name; `run_id` is the run that builds; `memory_limit` is what DuckDB may take before it
    spills; with `is_view` the landed tables stay in their files; of `served`, the databases of now, the first that can
    be read has the city keys that the new one has to keep, but for those of the `forgotten`, who are digests of ids.
    """
    import duckdb

    database.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (database, database.with_name(database.name + ".wal")):
        leftover.unlink(missing_ok=True)
    folders = sorted(landed)
    with duckdb.connect(str(database), config={"memory_limit": memory_limit}) as connection:
        connection.execute("create schema landing")
        connection.execute("create schema knowledge")
        for table in LANDED_TABLES:
            files = ", ".join(quote(str(folder / f"{table}.parquet")) for folder in folders)
            connection.execute(
                f"create {'view' if is_view else 'table'} landing.{table} as "  # nosec B608
                f"select * from read_parquet([{files}], union_by_name = true)"
            )
        _create_from_arrow(connection, "landing.landings", landings)
        connection.execute(f"comment on table landing.landings is '{run_id}'")
        for name, rows in {**city_links, **served_city_keys(served, forgotten)}.items():
            _create_from_arrow(connection, f"landing.{name}", rows)
        for name, rows in knowledge.items():
            _create_from_arrow(connection, f"knowledge.{name}", rows)


def served_city_keys(served: Iterable[Path], forgotten: Iterable[str] = ()) -> dict[str, pa.Table]:
    """The city of each response and the country of each city, of the first of these databases that can be read.

    Empty before the first refresh, and where none can be read any more: a damaged file locks nobody out. A response
    whose city is unknown has its own key, or the name it writes, for a city's: nothing to keep.
    """
    import duckdb
    import pyarrow as pa

    for database in filter(is_readable, served):
        try:
            with duckdb.connect(str(database), read_only=True) as connection:
                return {
                    name: connection.execute(
                        f"select {', '.join(columns)} from {rows} order by all",  # nosec B608
                        {"forgotten": list(forgotten)},
                    ).to_arrow_table()
                    for name, (columns, rows) in SERVED_CITY_KEYS.items()
                }
        except duckdb.Error:
            continue
    return {
        name: pa.schema([(column, pa.string()) for column in columns]).empty_table()
        for name, (columns, _) in SERVED_CITY_KEYS.items()
    }


def promote_checked(build: Path, checked: Path) -> None:
    """Keep the built database under the name of the checked one, after every test passed."""
    import duckdb

    with duckdb.connect(str(build)) as connection:
        connection.execute("checkpoint")
    build.replace(checked)


def promote_served(checked: Path, served: Path) -> None:
    """Replace the served database by the checked one, in one rename; open readers keep the old, whole file.

    It may be read only: whoever opened it for writing would lock all others out.
    """
    if served.exists():
        served.chmod(_READ_ONLY)
    with write_aside(served) as aside:
        shutil.copyfile(checked, aside)
        aside.chmod(_READ_ONLY)


def content_of(database: Path) -> str:
    """What a database that nobody writes to any more holds, as short as people read it."""
    return file_sha256(database)[:_SHORT]


def is_readable(database: Path) -> bool:
    """Whether there is a DuckDB file that opens and tells what it was built from."""
    import duckdb

    if not database.exists():
        return False
    try:
        read_record(database)
    except duckdb.Error:
        return False
    return True


def _create_from_arrow(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("incoming", rows)
    connection.execute(f"create table {name} as select * from incoming")  # nosec B608
    connection.unregister("incoming")
