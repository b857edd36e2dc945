"""Disclosure control of a wave, from the built warehouse to the verdict of the audit.

Here: reading what protect.py, tables.py and audit.py work on. Not here: how they work.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration.disclosure.audit import COLUMNS, FeasibilityInterval, audit
from orchestration.disclosure.cube import COMPOUND_CHOICE, ConfidentialCube, read_cube
from orchestration.disclosure.protect import protect
from orchestration.disclosure.rules import Cell, Key, Reason
from orchestration.disclosure.tables import Disclosure, Guard
from orchestration.settings import DisclosureLimits
from orchestration.warehouse.build_record import read_column

CUBE = "gaps/gap_cube.parquet"
AUDIENCES = ("internal", "public")


def guard_wave(database: Path, wave: str, limits: DisclosureLimits, earlier: Iterable[Path]) -> Guard:
    """What may be shown of a wave; `earlier` are the public folders of its earlier revisions."""
    cube = read_cube(database, wave)
    shown, hidden = shown_and_hidden(earlier)
    pattern = protect(cube.cells, cube.nested, limits, cube.defining, cube.compound_parts, shown, hidden)
    return Guard(cube, pattern, limits, is_provisional=_is_open(database, wave))


def audit_wave(
    draft: Path, cube: ConfidentialCube, limits: DisclosureLimits, *, is_linked: bool = False
) -> tuple[FeasibilityInterval, ...]:
    """Unsafe counts of a public draft: cells of the cube, and needs and services that are counts of their own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    internal, public = (pq.read_table(draft / audience / CUBE, columns=list(COLUMNS)) for audience in AUDIENCES)
    compounds = [cell for cell in cube.cells if cell.key.item in cube.compounds]
    shown = _shown_compounds(draft / "public")
    inside = [_row(cell, cell.n, cell.base_n) for cell in compounds]
    outside = [_row(cell, *shown.get(cell.key, (None, None))) for cell in compounds]
    internal, public = (
        pa.concat_tables([table, pa.Table.from_pylist(rows, table.schema)])
        for table, rows in ((internal, inside), (public, outside))
    )
    return audit(internal, public, cube, limits, is_linked=is_linked)


def _shown_compounds(public: Path) -> dict[Key, tuple[int | None, int | None]]:
    """Counts and bases of needs and services as the public tables show them."""
    import pyarrow.parquet as pq

    shown = {}
    for kind, model, n, base_n in (
        ("need", "gap_need_by_group", "n", "base_n"),
        ("service", "gap_service_coverage", "interest_n", "interest_base_n"),
    ):
        path = public / "gaps" / f"{model}.parquet"
        for row in pq.read_table(path).to_pylist() if path.exists() else ():
            code, group = f"{kind}:{row[f'{kind}_code']}", (row["dimension_code"], row["member_code"])
            shown[Key(row["cohort_code"], code, COMPOUND_CHOICE, *group)] = (row[n], row[base_n])
    return shown


def _row(cell: Cell, n: int | None, base_n: int | None) -> dict[str, Any]:
    """A compound as a row of a cube; why it is hidden is told by its counts."""
    key = {f"{name}_code": value for name, value in cell.key._asdict().items()}
    counts = {"n": n, "base_n": base_n, "answered_n": base_n, "members_n": base_n}
    reason = str(Reason.COMPLEMENT) if n is None else None
    return {**key, "choice_kind": "level", **counts, "hidden_reason": reason}


def shown_and_hidden(folders: Iterable[Path]) -> tuple[frozenset[Key], dict[Key, Reason]]:
    """Cells of the cube that public folders show, and those that they hide with the reason of the last of them."""
    import pyarrow.parquet as pq

    shown: set[Key] = set()
    hidden: dict[Key, Reason] = {}
    for path in (folder / CUBE for folder in folders):
        for row in pq.read_table(path).to_pylist() if path.exists() else ():
            key = Key(*(row[f"{name}_code"] for name in Key._fields))
            if row["n"] is not None:
                shown.add(key)
            elif row["hidden_reason"]:
                hidden[key] = Reason(row["hidden_reason"])
    return frozenset(shown), hidden


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
