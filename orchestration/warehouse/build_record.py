"""What a warehouse was built from: the landed extracts, and the run that built it, kept inside the database itself.

So the record takes its place in the same rename as the data, and a release can only name what it was made of. What that
run checked is in the run table (deployment/runs.py). Not here: the manifest of a release (release/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.common.addresses import public_name
from orchestration.extracts.parts import Content
from orchestration.landing.landing import Landed, RowCounts
from orchestration.rounds.card import RoundCard

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SOURCE_FIELDS = (
    "instrument",
    "round",
    "title",
    "producer",
    "platform",
    "licence",
    "citation",
    "fieldwork_start",
    "fieldwork_end",
    "expected_responses",
    "synthetic",
    "note",
    "extract",
)
COUNT_FIELDS = tuple(field.name for field in fields(RowCounts))
ROW_FIELDS = ("landing_id", *COUNT_FIELDS)
CHECK_FIELDS = ("tool", "stage", "rule", "severity", "passed", "count")
Entry = dict[str, Any]


def source_entry(card: RoundCard, landed: Landed, contents: Sequence[Content]) -> Entry:
    """Source card of a landed round with its row accounting, in plain values; several files are joined by a space."""
    source = {name: getattr(card, name) for name in SOURCE_FIELDS}
    source["extract"] = " ".join(map(public_name, card.extract))
    for day in ("fieldwork_start", "fieldwork_end"):
        source[day] = source[day] and source[day].isoformat()
    rows = {name: getattr(landed, name) for name in ROW_FIELDS}
    return {**source, "extract_sha256": " ".join(content.sha256 for content in contents), **rows}


def check_entry(entry: Mapping[str, Any]) -> Entry:
    """A check without the keys of offending rows, which name responses."""
    return {name: entry[name] for name in CHECK_FIELDS}


def landings_table(entries: Sequence[Entry]) -> pa.Table:
    """Source entries as a table; one row a landed round."""
    import pyarrow as pa

    types = {"expected_responses": pa.int64(), "synthetic": pa.bool_()}
    types |= dict.fromkeys(COUNT_FIELDS, pa.int64())
    names = (*SOURCE_FIELDS, "extract_sha256", *ROW_FIELDS)
    return pa.Table.from_pylist(list(entries), pa.schema([(name, types.get(name, pa.string())) for name in names]))


def read_landings(database: Path, wave: str | None = None) -> list[Entry]:
    """Source entries of the rounds that a database was built from, or of those that a wave draws on."""
    of_wave = "semi join (from knowledge.wave_rounds where wave = $wave) using (instrument, round)"
    query = f"from landing.landings {of_wave if wave else ''} order by instrument, round"
    return _rows(database, query, {"wave": wave} if wave else {})


@dataclass(frozen=True)
class BuildRecord:
    """What a database was built from: the run that built it (empty where it does not say so), landings by round key."""

    run_id: str
    landings: Mapping[str, str]


def read_record(database: Path) -> BuildRecord:
    """What a database says it was built from; opened once as long as the file is the same. Raises duckdb.Error."""
    found = database.stat()
    return _read_record(database, (found.st_ino, found.st_size, found.st_mtime_ns))


def built_by(database: Path) -> str:
    """The run that built a database; empty where it does not say so."""
    return read_record(database).run_id


# Opening a database takes longer than all that is asked of it.
@lru_cache(maxsize=4)
def _read_record(database: Path, _version: tuple[int, ...]) -> BuildRecord:
    comment = "select comment from duckdb_tables() where schema_name = 'landing' and table_name = 'landings'"
    with _open(database) as connection:
        landed = connection.execute("select instrument || '.' || round, landing_id from landing.landings").fetchall()
        (run_id,) = connection.execute(comment).fetchone() or (None,)
        return BuildRecord(run_id or "", dict(landed))


def read_column(database: Path, query: str, parameters: Mapping[str, Any]) -> list[str]:
    """First column of a query as texts, sorted."""
    return sorted(str(next(iter(row.values()))) for row in _rows(database, query, parameters))


def _rows(database: Path, query: str, parameters: Mapping[str, Any]) -> list[Entry]:
    with _open(database) as connection:
        entries: list[Entry] = connection.execute(query, dict(parameters)).to_arrow_table().to_pylist()
        return entries


def _open(database: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(str(database), read_only=True)
