"""What differs between two releases, cell by cell, for one audience.

Here: comparing the tables of two folders. Not here: how it is told (changes.py), where releases are (store.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.disclosure.tables import OBS_STATUS, STATUS_COLUMNS, SUPPRESSED
from orchestration.release.datapackage import DATAPACKAGE
from orchestration.release.draft import IS_SYNTHETIC

if TYPE_CHECKING:
    import pyarrow as pa

# Columns that are no part of a key, and whose values differ for the sake of others.
_NEVER_COMPARED = frozenset({*STATUS_COLUMNS, IS_SYNTHETIC, "wave"})
# Fields of `TableDifference`, each in words.
KINDS = {
    "values": "values changed",
    "newly_hidden": "newly hidden",
    "newly_shown": "newly shown",
    "rows_added": "rows added",
    "rows_removed": "rows removed",
    "columns_added": "columns added",
    "columns_removed": "columns removed",
    "definitions": "definitions changed",
}
_TOLD = ("type", "unit", "description", "constraints")
# Where a respondent is a city, a table with this key says what single respondents answered.
CITY_KEY = "city_key"


@dataclass(frozen=True)
class CellChange:
    """A value that is another one: `key` names its row, `old` and `new` are as in the files."""

    key: tuple[Any, ...]
    column: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Definition:
    """What a column was said to be, and is now."""

    column: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class TableDifference:
    """Differences of one table; `key_columns` are the names that the keys give values of."""

    name: str
    key_columns: tuple[str, ...]
    rows_added: tuple[tuple[Any, ...], ...] = ()
    rows_removed: tuple[tuple[Any, ...], ...] = ()
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    values: tuple[CellChange, ...] = ()
    newly_hidden: tuple[CellChange, ...] = ()
    newly_shown: tuple[CellChange, ...] = ()
    definitions: tuple[Definition, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many differences of each kind there are."""
        return {kind: len(getattr(self, kind)) for kind in KINDS}

    @property
    def is_of_cities(self) -> bool:
        """Whether a row tells of a single city."""
        return CITY_KEY in (*self.key_columns, *self.columns_added, *self.columns_removed)

    @property
    def is_empty(self) -> bool:
        """Whether both tables are the same."""
        return not any(self.counts.values())


@dataclass(frozen=True)
class Difference:
    """Differences of two releases for one audience, in the order of the tables' names."""

    old: str
    new: str
    audience: str
    tables_added: tuple[str, ...]
    tables_removed: tuple[str, ...]
    tables: tuple[TableDifference, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.tables_added or self.tables_removed or self.tables)


def difference(old: Path, new: Path, names: tuple[str, str], audience: str) -> Difference:
    """Compare the folders of two releases for an audience; the files of single report tables are parts of `cells`.

    Between two waves, rows are the same if all of their key but the wave is.
    """
    # A release of before there were audiences is one folder for all.
    folders = [folder / audience if (folder / audience).is_dir() else folder for folder in (old, new)]
    before, after = map(_tables, folders)
    schemas = [_schemas(folder) for folder in folders]
    tables = [
        _compare(name, before[name], after[name], *(told.get(name, {}) for told in schemas))
        for name in sorted(before.keys() & after.keys())
    ]
    return Difference(
        *names,
        audience,
        tables_added=tuple(sorted(after.keys() - before.keys())),
        tables_removed=tuple(sorted(before.keys() - after.keys())),
        tables=tuple(table for table in tables if not table.is_empty),
    )


def _tables(folder: Path) -> dict[str, Path]:
    paths = [folder / "cells.parquet", *sorted((folder / "gaps").glob("*.parquet"))]
    return {path.stem: path for path in paths if path.exists()}


def _schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """Schemas of the tables as the release itself says; none for one that says nothing."""
    path = folder / DATAPACKAGE
    resources = json.loads(path.read_text(encoding="utf-8"))["resources"] if path.exists() else []
    return {entry["name"]: entry["schema"] for entry in resources if entry.get("schema") and entry["format"] == "csv"}


def _compare(
    name: str, old: Path, new: Path, old_schema: Mapping[str, Any], new_schema: Mapping[str, Any]
) -> TableDifference:
    import pyarrow.parquet as pq

    before, after = pq.read_table(old), pq.read_table(new)
    shared = [column for column in after.column_names if column in before.column_names]
    key_columns = _key_columns(new_schema or old_schema, after, shared)
    compared = tuple(column for column in shared if column not in _NEVER_COMPARED.union(key_columns))
    old_rows, new_rows = (_by_key(table, key_columns, compared) for table in (before, after))
    changes = _changes(old_rows, new_rows, compared)
    return TableDifference(
        name=name,
        key_columns=key_columns,
        rows_added=tuple(key for key in new_rows if key not in old_rows),
        rows_removed=tuple(key for key in old_rows if key not in new_rows),
        columns_added=tuple(column for column in after.column_names if column not in shared),
        columns_removed=tuple(column for column in before.column_names if column not in shared),
        values=tuple(changes["values"]),
        newly_hidden=tuple(changes["newly_hidden"]),
        newly_shown=tuple(changes["newly_shown"]),
        definitions=tuple(_list_redefinitions(old_schema, new_schema)),
    )


def _key_columns(schema: Mapping[str, Any], table: pa.Table, shared: Sequence[str]) -> tuple[str, ...]:
    """The key that the release states; else every text, number of rows apart."""
    import pyarrow as pa

    stated = [column for column in schema.get("primaryKey", ()) if column in shared]
    texts = [name for name in shared if pa.types.is_string(table.schema.field(name).type)]
    chosen = stated if len(stated) == len(schema.get("primaryKey", ())) and stated else texts
    return tuple(name for name in chosen if name not in _NEVER_COMPARED)


class _Values(NamedTuple):
    """The compared values of a row, and whether some of them are hidden."""

    values: tuple[Any, ...]
    is_suppressed: bool


def _by_key(table: pa.Table, key_columns: Sequence[str], compared: Sequence[str]) -> dict[tuple[Any, ...], _Values]:
    """Values by key; rows that share one are told apart by their place among each other."""
    keys, values = (list(_list_rows(table, names)) for names in (key_columns, compared))
    status = table[OBS_STATUS].to_pylist() if OBS_STATUS in table.column_names else [None] * len(table)
    rows: dict[tuple[Any, ...], _Values] = {}
    seen: Counter[tuple[Any, ...]] = Counter()
    for key, own, told in zip(keys, values, status, strict=True):
        seen[key] += 1
        rows[key if seen[key] == 1 else (*key, seen[key])] = _Values(own, told == SUPPRESSED)
    return rows


def _list_rows(table: pa.Table, names: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    columns = [table[name].to_pylist() for name in names]
    return zip(*columns, strict=True) if columns else [()] * len(table)


def _changes(
    old_rows: Mapping[tuple[Any, ...], _Values], new_rows: Mapping[tuple[Any, ...], _Values], columns: Sequence[str]
) -> dict[str, list[CellChange]]:
    """Values that differ in rows that both have, by kind of difference."""
    changes: dict[str, list[CellChange]] = {"values": [], "newly_hidden": [], "newly_shown": []}
    for key, row in new_rows.items():
        before = old_rows.get(key)
        if before is None or before.values == row.values:
            continue
        for column, old, new in zip(columns, before.values, row.values, strict=True):
            if old != new:
                is_hidden, was_hidden = new is None and row.is_suppressed, old is None and before.is_suppressed
                kind = "newly_hidden" if is_hidden else "newly_shown" if was_hidden else "values"
                changes[kind].append(CellChange(key, column, old, new))
    return changes


def _list_redefinitions(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Definition]:
    before = {field["name"]: field for field in old.get("fields", ())}
    for field in new.get("fields", ()):
        told = before.get(field["name"], field)
        for what in (what for what in _TOLD if told.get(what) != field.get(what)):
            yield Definition(field["name"], what, _write_out(told.get(what)), _write_out(field.get(what)))


def _write_out(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
