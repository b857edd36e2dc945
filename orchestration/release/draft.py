"""The draft of a release: the published columns of a wave's gap tables as CSV and Parquet, for each audience.

A table that names cohorts says in each row whether their answers are synthetic, by the source cards of their rounds.

Which columns leave is said in dbt (`meta.publish` on a column: `true`, or `internal`), what they tell about as well
(`meta.disclosure` on a model). Row order and bytes depend on the data alone. Not here: which cells are hidden
(orchestration/disclosure/).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from orchestration.common.csv_output import write_csv
from orchestration.disclosure.tables import PUBLIC_STATUS_COLUMNS, STATUS_COLUMNS, Disclosure, Guard, read_disclosure
from orchestration.release.consequences import adjust_again, hide_printed, list_shown_tables
from orchestration.release.errata import errata_page
from orchestration.warehouse.build_record import read_column

if TYPE_CHECKING:
    import pyarrow as pa

Audience = Literal["internal", "public"]
AUDIENCES: tuple[Audience, ...] = ("internal", "public")
CELLS_MODEL = "gap_report_cell"
# Has the counts by merged classes for those inside as well: they are the reason for what is hidden of them.
CUBE_MODEL = "gap_cube"
ERRATA_MODEL = "gap_errata"
ERRATA_PAGE = "errata"
IS_SYNTHETIC = "is_synthetic"
COHORT_SOURCES = "intermediate.int_cohort_sources"
# The columns that the printed report is compared by come first; the others follow as dbt lists them.
LEADING_COLUMNS = ("source", "number", "row_label", "column_label", "n", "base_n", "share_pct")
CELLS_ORDER = "source desc, number, cohort_code, row_position, row_label, column_position, column_label"


@dataclass(frozen=True)
class PublishedTable:
    """A model whose columns, or some of them, may be published: all of them inside, some to everybody."""

    model: str
    schema: str
    columns: tuple[str, ...]
    public_columns: tuple[str, ...]
    disclosure: Disclosure

    @property
    def cohort_columns(self) -> tuple[str, ...]:
        """Columns that name a cohort whose answers a row tells about."""
        return tuple(name for name in self.columns if name.endswith("cohort_code"))

    def columns_for(self, audience: Audience) -> tuple[str, ...]:
        """Columns that an audience gets."""
        return self.columns if audience == "internal" else self.public_columns


@dataclass(frozen=True)
class DraftFile:
    """A table of a draft: its path below the draft without ending, its number of rows if counted, and its formats."""

    name: str
    rows: int | None
    endings: tuple[str, ...] = (".csv", ".parquet")


def status_columns(audience: Audience) -> tuple[str, ...]:
    """Columns that say of a row what is hidden of it: why is told inside alone."""
    return STATUS_COLUMNS if audience == "internal" else PUBLIC_STATUS_COLUMNS


def published_tables(manifest: Mapping[str, Any]) -> tuple[PublishedTable, ...]:
    """The models of the dbt manifest that have a published column, with those columns in order."""
    tables = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        told = {name: _publish(column) for name, column in node.get("columns", {}).items()}
        columns = tuple(name for name, publish in told.items() if publish)
        if columns:
            public = tuple(name for name in columns if told[name] is True)
            tables.append(PublishedTable(node["name"], node["schema"], columns, public, read_disclosure(node)))
    return tuple(sorted(tables, key=lambda table: table.model))


def write_draft(
    database: Path, wave: str, tables: Iterable[PublishedTable], folder: Path, guard: Guard
) -> tuple[DraftFile, ...]:
    """Write the tables of one wave into `folder`, emptied first: `internal/` has every value, `public/` the free ones.

    In each, `cells` is the tidy file of all report tables; `tables/` has one file a report table, `gaps/` one a gap
    model.
    """
    import duckdb

    shutil.rmtree(folder, ignore_errors=True)
    files, shown_tables = [], frozenset[str]()
    with duckdb.connect(str(database), read_only=True) as connection:
        thresholds = dict(connection.execute("select threshold_code, value from knowledge.thresholds").fetchall())
        # What is shown of the report's tables decides what may be said of them.
        for table in sorted(tables, key=lambda table: table.model != CELLS_MODEL):
            rows = connection.execute(_query(table), {"wave": wave}).to_arrow_table()
            whole, public = guard.apply(rows, table.disclosure)
            if table.model == CELLS_MODEL:
                shown_tables = list_shown_tables(whole)
            if table.model != CUBE_MODEL:
                whole = guard.take_detailed(whole, table.disclosure)
            if table.disclosure.families:
                public = adjust_again(public, table.disclosure.families, thresholds)
            if table.disclosure.printed:
                public = hide_printed(public, table.disclosure.printed, guard.confidential_cohorts, shown_tables)
            for audience, guarded in zip(AUDIENCES, (whole, public), strict=True):
                if table.columns_for(audience):
                    marks = [IS_SYNTHETIC] if table.cohort_columns else []
                    leaving = guarded.select([*_ordered(table, audience), *marks, *status_columns(audience)])
                    files += [_write(part, folder, f"{audience}/{name}") for name, part in _parts(table, leaving)]
                    if table.model == ERRATA_MODEL:
                        files.append(_write_errata(leaving, folder, audience, wave))
    return tuple(files)


def draft_files(folder: Path, *, are_counted: bool = True) -> tuple[DraftFile, ...]:
    """The tables of a draft that is already written; opened for their rows only if these `are_counted`."""
    import pyarrow.parquet as pq

    tables = [
        DraftFile(
            path.relative_to(folder).with_suffix("").as_posix(),
            pq.read_metadata(path).num_rows if are_counted else None,
        )
        for path in sorted(folder.rglob("*.parquet"))
    ]
    pages = [
        DraftFile(f"{audience}/{ERRATA_PAGE}", table.rows, (".md",))
        for audience in AUDIENCES
        for table in tables
        if table.name == f"{audience}/gaps/{ERRATA_MODEL}"
    ]
    return (*tables, *pages)


def expected_content(database: Path, wave: str) -> tuple[list[str], list[str]]:
    """Names of the report tables and of the cohorts that the release of a wave has to hold."""
    tables = "select source || '_' || lpad(number::varchar, 2, '0') from knowledge.tables where wave = $wave"
    cohorts = (
        "select cohort_code from knowledge.cohorts "
        "semi join (select coalesce(read_as, instrument) as instrument from knowledge.wave_rounds where wave = $wave) "
        "using (instrument)"
    )
    return read_column(database, tables, {"wave": wave}), read_column(database, cohorts, {"wave": wave})


def _publish(column: Mapping[str, Any]) -> bool | str | None:
    meta = (column.get("config") or {}).get("meta", column.get("meta", {}))
    publish: bool | str | None = meta.get("publish")
    return publish


def _query(table: PublishedTable) -> str:
    """All rows of a wave; no order that a hidden value has a part in."""
    source = f"{table.schema}.{table.model} where wave = $wave"
    selected = ", ".join([*table.columns, *_mark_synthetic(table)])
    if table.model == CELLS_MODEL:
        return f"select {selected} from {source} order by {CELLS_ORDER}"  # nosec B608
    guarded = table.disclosure.guarded_columns
    open_first = sorted(table.columns, key=lambda name: (name in guarded, table.columns.index(name)))
    return f"select {selected} from {source} order by {', '.join(open_first)}"  # nosec B608


def _mark_synthetic(table: PublishedTable) -> Iterator[str]:
    """Whether any cohort of a row has synthetic answers, as a column; none for a table that names no cohort."""
    synthetic = f"select cohort_code from {COHORT_SOURCES} where wave = $wave and {IS_SYNTHETIC}"  # nosec B608
    found = [f"coalesce({name} in ({synthetic}), false)" for name in table.cohort_columns]
    if found:
        yield f"{' or '.join(found)} as {IS_SYNTHETIC}"


def _parts(table: PublishedTable, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    if table.model != CELLS_MODEL:
        yield f"gaps/{table.model}", rows
        return
    import pyarrow.compute as pc

    yield "cells", rows
    for source, number in dict.fromkeys(zip(*(rows[name].to_pylist() for name in ("source", "number")), strict=True)):
        yield (
            f"tables/{source}_{number:02d}",
            rows.filter(pc.and_(pc.equal(rows["source"], source), pc.equal(rows["number"], number))),
        )


def _ordered(table: PublishedTable, audience: Audience) -> Sequence[str]:
    columns = table.columns_for(audience)
    if table.model != CELLS_MODEL:
        return columns
    leading = [name for name in LEADING_COLUMNS if name in columns]
    return [*leading, *(name for name in columns if name not in leading)]


def _write(rows: pa.Table, folder: Path, name: str) -> DraftFile:
    import pyarrow.parquet as pq

    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(rows, path.with_suffix(".csv"))
    pq.write_table(rows, path.with_suffix(".parquet"), compression="zstd")
    return DraftFile(name, rows.num_rows)


def _write_errata(rows: pa.Table, folder: Path, audience: Audience, wave: str) -> DraftFile:
    page = folder / audience / f"{ERRATA_PAGE}.md"
    page.write_text(errata_page(wave, rows.to_pylist()), encoding="utf-8", newline="\n")
    return DraftFile(f"{audience}/{ERRATA_PAGE}", rows.num_rows, (page.suffix,))
