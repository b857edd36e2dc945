"""The draft of a release: the published columns of a wave's gap tables as CSV and Parquet.

Which columns leave is said in dbt (`meta.publish` on a column). Row order and bytes depend on the data alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.build_record import read_column
from orchestration.csv_output import write_csv
from orchestration.release.errata import errata_page

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CELLS_MODEL = "gap_report_cell"
ERRATA_MODEL = "gap_errata"
ERRATA_PAGE = "errata"
# The columns that the printed report is compared by come first; the others follow as dbt lists them.
LEADING_COLUMNS = ("source", "number", "row_label", "column_label", "n", "base_n", "share_pct")
CELLS_ORDER = "source desc, number, cohort_code, row_position, row_label, column_position, column_label"


@dataclass(frozen=True)
class PublishedTable:
    """A model whose columns, or some of them, may be published."""

    model: str
    schema: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class DraftFile:
    """A table of a draft: its path below the draft without ending, its number of rows, and its formats."""

    name: str
    rows: int
    endings: tuple[str, ...] = (".csv", ".parquet")


def published_tables(manifest: Mapping[str, Any]) -> tuple[PublishedTable, ...]:
    """The models of the dbt manifest that have a published column, with those columns in order."""
    tables = []
    for node in manifest["nodes"].values():
        columns = tuple(
            name
            for name, column in node.get("columns", {}).items()
            if (column.get("config") or {}).get("meta", column.get("meta", {})).get("publish")
        )
        if node["resource_type"] == "model" and columns:
            tables.append(PublishedTable(node["name"], node["schema"], columns))
    return tuple(sorted(tables, key=lambda table: table.model))


def write_draft(database: Path, wave: str, tables: Iterable[PublishedTable], folder: Path) -> tuple[DraftFile, ...]:
    """Write the tables of one wave into `folder`, emptied first.

    `cells` is the tidy file of all report tables; `tables/` has one file a report table, `gaps/` one a gap model.
    """
    import duckdb

    shutil.rmtree(folder, ignore_errors=True)
    files = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, query in _queries(connection, wave, tables):
            rows = connection.execute(query, {"wave": wave}).to_arrow_table()
            _write(rows, folder / name)
            files.append(DraftFile(name, rows.num_rows))
            if name == f"gaps/{ERRATA_MODEL}":
                page = folder / f"{ERRATA_PAGE}.md"
                page.write_text(errata_page(wave, rows.to_pylist()), encoding="utf-8")
                files.append(DraftFile(ERRATA_PAGE, rows.num_rows, (page.suffix,)))
    return tuple(files)


def draft_files(folder: Path) -> tuple[DraftFile, ...]:
    """The tables of a draft that is already written."""
    import pyarrow.parquet as pq

    tables = [
        DraftFile(path.relative_to(folder).with_suffix("").as_posix(), pq.read_metadata(path).num_rows)
        for path in sorted(folder.rglob("*.parquet"))
    ]
    pages = [DraftFile(ERRATA_PAGE, table.rows, (".md",)) for table in tables if table.name == f"gaps/{ERRATA_MODEL}"]
    return (*tables, *pages)


def expected_content(database: Path, wave: str) -> tuple[list[str], list[str]]:
    """Names of the report tables and of the cohorts that the release of a wave has to hold."""
    tables = "select source || '_' || lpad(number::varchar, 2, '0') from knowledge.tables where wave = $wave"
    cohorts = (
        "select cohort_code from knowledge.cohorts "
        "semi join (from knowledge.wave_rounds where wave = $wave) using (instrument)"
    )
    return read_column(database, tables, {"wave": wave}), read_column(database, cohorts, {"wave": wave})


def _queries(
    connection: duckdb.DuckDBPyConnection, wave: str, tables: Iterable[PublishedTable]
) -> Iterator[tuple[str, str]]:
    for table in tables:
        columns = ", ".join(_leading_first(table.columns) if table.model == CELLS_MODEL else table.columns)
        source = f"{table.schema}.{table.model} where wave = $wave"
        if table.model != CELLS_MODEL:
            yield f"gaps/{table.model}", f"select {columns} from {source} order by all"
            continue
        yield "cells", f"select {columns} from {source} order by {CELLS_ORDER}"
        printed = connection.execute(
            f"select distinct source, number from {source} order by all", {"wave": wave}
        ).fetchall()
        for kind, number in printed:
            yield (
                f"tables/{kind}_{number:02d}",
                f"select {columns} from {source} and source = '{kind}' and number = {int(number)} "
                f"order by {CELLS_ORDER}",
            )


def _leading_first(columns: Sequence[str]) -> list[str]:
    leading = [name for name in LEADING_COLUMNS if name in columns]
    return [*leading, *(name for name in columns if name not in leading)]


def _write(rows: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(rows, path.with_suffix(".csv"))
    pq.write_table(rows, path.with_suffix(".parquet"), compression="zstd")
