"""Disclosure control of a wave, from the built warehouse to the verdict of the audit.

Here: reading what protect.py, tables.py and audit.py work on. Not here: how they work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from orchestration.disclosure.audit import COLUMNS, FeasibilityInterval, audit
from orchestration.disclosure.cube import COMPOUND_CHOICE, ConfidentialCube, read_cube
from orchestration.disclosure.merges import Merge, Variants, choose_variants
from orchestration.disclosure.protect import SuppressionPattern, protect
from orchestration.disclosure.rules import Cell, Key, Reason
from orchestration.disclosure.tables import Disclosure, Guard
from orchestration.settings import DisclosureLimits
from orchestration.warehouse.build_record import read_column

if TYPE_CHECKING:
    import pyarrow as pa

CUBE = "gaps/gap_cube.parquet"
AUDIENCES = ("internal", "public")
# Counts that later waves are compared with: of what, in which table and column.
SHOWN_COUNTS = (("need", "gap_need_by_group", "n"), ("service", "gap_service_coverage", "interest_n"))


def guard_wave(
    database: Path,
    wave: str,
    limits: DisclosureLimits,
    earlier: Sequence[Path],
    bases: Mapping[str, Path] = MappingProxyType({}),
    pattern: SuppressionPattern | None = None,
) -> Guard:
    """What may be shown of a wave; `earlier` are the public folders of its earlier revisions, `bases` of base waves.

    The suppression `pattern` is found unless it is given. Raises ChangedClassesError where merged classes were changed.
    """
    variants, cube = _read_wave(database, wave, earlier)
    is_provisional = _is_open(database, wave)
    pattern = pattern or _protect(database, wave, cube, limits, earlier, is_provisional=is_provisional)
    return Guard(cube, pattern, limits, is_provisional, variants, _shown_before(bases))


def find_pattern(database: Path, wave: str, limits: DisclosureLimits, earlier: Sequence[Path]) -> SuppressionPattern:
    """Suppression pattern of a wave in which its audit finds nothing; arguments and errors as of `guard_wave`."""
    _, cube = _read_wave(database, wave, earlier)
    return _protect(database, wave, cube, limits, earlier, is_provisional=_is_open(database, wave))


def load_libraries() -> None:
    """Import what `find_pattern` works with, so that it is there when it is asked."""
    import duckdb
    import highspy
    import pyarrow
    from scipy.sparse import csgraph

    _ = (duckdb, highspy, pyarrow, csgraph)


def _read_wave(database: Path, wave: str, earlier: Sequence[Path]) -> tuple[Variants, ConfidentialCube]:
    variants = choose_variants(_read_merges(database), list_published_groups(earlier))
    return variants, read_cube(database, wave, variants.withheld)


def _protect(
    database: Path,
    wave: str,
    cube: ConfidentialCube,
    limits: DisclosureLimits,
    earlier: Sequence[Path],
    *,
    is_provisional: bool,
) -> SuppressionPattern:
    import duckdb

    shown, hidden = shown_and_hidden(earlier)
    with duckdb.connect(str(database), read_only=True) as connection:
        query = f"select {', '.join(COLUMNS)} from gaps.gap_cube where wave = $wave"  # nosec B608
        whole = _add_compounds(connection.execute(query, {"wave": wave}).to_arrow_table(), cube, _list_counts(cube))

    def find_unsafe(pattern: SuppressionPattern) -> list[Key]:
        free = Guard(cube, pattern, limits, is_provisional).take_out(whole)
        return [found.key for found in audit(whole, free, cube, limits)]

    return protect(
        cube.cells,
        cube.overlaps,
        limits,
        defining=cube.defining,
        conditions=cube.conditions,
        compounds=cube.compounds,
        shown_earlier=shown,
        hidden_earlier=hidden,
        find_unsafe=find_unsafe,
    )


def _read_merges(database: Path) -> list[Merge]:
    import duckdb

    query = "select merged_item_code, item_code, merged_choice_code from knowledge.class_merges order by all"
    classes: dict[tuple[str, str], set[str]] = defaultdict(set)
    with duckdb.connect(str(database), read_only=True) as connection:
        for item, detailed, choice in connection.execute(query).fetchall():
            classes[item, detailed].add(choice)
    return [Merge(item, detailed, frozenset(choices)) for (item, detailed), choices in classes.items()]


def list_published_groups(folders: Iterable[Path]) -> dict[str, frozenset[str]]:
    """Dimensions of public cubes, each with its groups."""
    import pyarrow.parquet as pq

    groups: dict[str, frozenset[str]] = {}
    for path in (folder / CUBE for folder in folders if (folder / CUBE).exists()):
        cube = pq.read_table(path, columns=["dimension_code", "member_code"])
        for dimension, member in zip(*(cube[name].to_pylist() for name in cube.column_names), strict=True):
            groups[dimension] = groups.get(dimension, frozenset()) | {member}
    return groups


def _shown_before(bases: Mapping[str, Path]) -> dict[tuple[str, ...], int]:
    """Counts that public folders of other waves show, by wave, what is counted, cohort, code, dimension and member."""
    import pyarrow.parquet as pq

    shown: dict[tuple[str, ...], int] = {}
    for counts, table, n in SHOWN_COUNTS:
        columns = ["wave", "cohort_code", f"{counts}_code", "dimension_code", "member_code", n]
        for path in (folder / "gaps" / f"{table}.parquet" for folder in bases.values()):
            for row in pq.read_table(path, columns=columns).to_pylist() if path.exists() else ():
                wave, *group, count = (row[name] for name in columns)
                if count is not None:
                    shown[wave, counts, *group] = count
    return shown


def audit_wave(draft: Path, cube: ConfidentialCube, limits: DisclosureLimits) -> tuple[FeasibilityInterval, ...]:
    """Unsafe counts of a public draft: cells of the cube, and needs and services that are counts of their own."""
    import pyarrow.parquet as pq

    internal, public = (pq.read_table(draft / audience / CUBE, columns=list(COLUMNS)) for audience in AUDIENCES)
    whole = _add_compounds(internal, cube, _list_counts(cube))
    return audit(whole, _add_compounds(public, cube, _shown_compounds(draft / "public")), cube, limits)


def _list_counts(cube: ConfidentialCube) -> dict[Key, tuple[int | None, ...]]:
    return {cell.key: (cell.n, cell.base_n, cell.answered_n) for cell in _list_compounds(cube)}


def _list_compounds(cube: ConfidentialCube) -> list[Cell]:
    return [*(cell for cell in cube.cells if cell.key.item in cube.compounds), *cube.sums]


def _add_compounds(table: pa.Table, cube: ConfidentialCube, counts: Mapping[Key, tuple[int | None, ...]]) -> pa.Table:
    """The cube with needs and services as rows of it."""
    import pyarrow as pa

    rows = [_row(cell.key, *counts.get(cell.key, (None, None, None))) for cell in _list_compounds(cube)]
    return pa.concat_tables([table, pa.Table.from_pylist(rows, table.schema)])


def _shown_compounds(public: Path) -> dict[Key, tuple[int | None, ...]]:
    """Counts and bases of needs and services as the public tables show them."""
    import pyarrow.parquet as pq

    shown = {}
    for kind, model, *counts in (
        ("need", "gap_need_by_group", "n", "base_n", "answered_n"),
        ("service", "gap_service_coverage", "interest_n", "interest_base_n", "interest_base_n"),
    ):
        path = public / "gaps" / f"{model}.parquet"
        for row in pq.read_table(path).to_pylist() if path.exists() else ():
            code, group = f"{kind}:{row[f'{kind}_code']}", (row["dimension_code"], row["member_code"])
            shown[Key(row["cohort_code"], code, COMPOUND_CHOICE, *group)] = tuple(row[name] for name in counts)
    return shown


def _row(key: Key, n: int | None, base_n: int | None, answered_n: int | None) -> dict[str, Any]:
    """A compound as a row of a cube."""
    codes = {f"{name}_code": value for name, value in key._asdict().items()}
    return {**codes, "choice_kind": "level", "n": n, "base_n": base_n, "answered_n": answered_n, "members_n": base_n}


def shown_and_hidden(folders: Iterable[Path]) -> tuple[frozenset[Key], dict[Key, Reason]]:
    """Cells of the cube that public folders show, and those that they hide with the reason of the last of them.

    Reasons stand in the internal folder beside each.
    """
    import pyarrow.parquet as pq

    shown: set[Key] = set()
    hidden: dict[Key, Reason] = {}
    for folder in (folder for folder in folders if (folder / CUBE).exists()):
        free = {_key(row) for row in pq.read_table(folder / CUBE).to_pylist() if row["n"] is not None}
        shown |= free
        for row in pq.read_table(folder.parent / "internal" / CUBE).to_pylist():
            if row["hidden_reason"] and (key := _key(row)) not in free:
                hidden[key] = Reason(row["hidden_reason"])
    return frozenset(shown), hidden


def _key(row: Mapping[str, Any]) -> Key:
    return Key(*(row[f"{name}_code"] for name in Key._fields))


def shown_elsewhere(draft: Path, tables: Iterable[tuple[str, Disclosure]]) -> list[dict[str, Any]]:
    """Rows of public tables that show a value of a cell that the public cube hides.

    `tables` are the models with what their columns tell about; those that name cells by item and choice are looked at.
    """
    import pyarrow.parquet as pq

    _, hidden = shown_and_hidden([draft / "public"])
    found = []
    for model, disclosure in tables:
        path = draft / "public" / ("cells.parquet" if model == "gap_report_cell" else f"gaps/{model}.parquet")
        named = [measures for measures in disclosure.measures if measures.cells.item and measures.cells.choice]
        for row in pq.read_table(path).to_pylist() if named and path.exists() else ():
            for measures in named:
                key = measures.cells.find_key(row)
                if key is not None and key in hidden and any(row[name] is not None for name in measures.values):
                    found.append({**key._asdict(), "shown_in": model})
    return found


def _is_open(database: Path, wave: str) -> bool:
    return read_column(database, "select status from knowledge.waves where wave = $wave", {"wave": wave}) == ["open"]
