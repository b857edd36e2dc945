"""The difference of two releases in words: Markdown for `CHANGES.md`, tables for a terminal.

Here: the wording. Not here: what differs (difference.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from orchestration.release.difference import KINDS, CellChange, Difference, TableDifference

if TYPE_CHECKING:
    from rich.table import Table

CHANGES = "CHANGES.md"
# How many rows of a kind a page lists of one table; the number of all is told above them.
MOST_ROWS = 20


def changes_page(release: str, reason: str | None, differences: Sequence[Difference], notice: str | None = None) -> str:
    """`CHANGES.md` of a release: why it was made, and its difference to each earlier release given."""
    lines = [f"# Changes of release {release}", ""]
    lines += [notice, ""] if notice else []
    lines += [f"Reason: {reason}", ""] if reason else []
    if not differences:
        lines += ["No earlier release has this audience: there is nothing to compare it with."]
    for found in differences:
        lines += [*difference_lines(found), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def difference_lines(found: Difference) -> Iterator[str]:
    """A difference as Markdown lines: a table of counts, then the differences of each table."""
    yield f"## From {found.old} to {found.new} ({found.audience})"
    yield ""
    if found.is_empty:
        yield "No cell, row, column or definition differs."
        return
    if found.tables_added:
        yield f"Tables added: {', '.join(f'`{name}`' for name in found.tables_added)}."
    if found.tables_removed:
        yield f"Tables removed: {', '.join(f'`{name}`' for name in found.tables_removed)}."
    if not found.tables:
        return
    kinds = _kinds(found)
    yield ""
    yield f"| table | {' | '.join(KINDS[kind] for kind in kinds)} |"
    yield f"|---|{'---:|' * len(kinds)}"
    for table in found.tables:
        yield f"| `{table.name}` | {' | '.join(str(table.counts[kind]) for kind in kinds)} |"
    for table in found.tables:
        yield from _table_lines(table)


def difference_table(found: Difference) -> Table:
    """The counts of a difference for a terminal."""
    from rich import box
    from rich.table import Table

    kinds = _kinds(found)
    title = f"{found.old} to {found.new} ({found.audience})"
    table = Table("table", *(KINDS[kind] for kind in kinds), title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in found.tables:
        table.add_row(row.name, *(str(row.counts[kind] or "") for kind in kinds))
    return table


def derived_reason(old_sources: Iterable[dict[str, Any]], new_sources: Iterable[dict[str, Any]]) -> str:
    """Why a revision was made, told from what the releases came from."""
    before, after = (
        {f"{entry['instrument']} {entry['round']}": entry["landing_id"] for entry in entries}
        for entries in (old_sources, new_sources)
    )
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    if changed:
        return f"Other data of {', '.join(changed)}."
    return "The same data, counted or published by other rules."


def _kinds(found: Difference) -> list[str]:
    return [kind for kind in KINDS if any(table.counts[kind] for table in found.tables)]


def _table_lines(table: TableDifference) -> Iterator[str]:
    yield ""
    yield f"### `{table.name}`"
    if table.columns_added or table.columns_removed:
        yield ""
        for kind in ("columns_added", "columns_removed"):
            if names := getattr(table, kind):
                yield f"{KINDS[kind].capitalize()}: {', '.join(f'`{name}`' for name in names)}."
    # A page outlives the releases that it compares: it would keep what a forgotten respondent answered.
    if table.is_of_cities:
        yield from ("", "Its rows tell of single cities: they are counted above, and none is listed.")
    else:
        yield from _row_lines(table)
    if table.definitions:
        yield from ("", f"Definitions changed: {len(table.definitions)}", "")
        yield from (f"- `{told.column}`, {told.what}: {told.old} → {told.new}" for told in table.definitions)


def _row_lines(table: TableDifference) -> Iterator[str]:
    for kind in ("values", "newly_hidden", "newly_shown"):
        yield from _change_lines(kind, getattr(table, kind), table.key_columns)
    for kind in ("rows_added", "rows_removed"):
        if keys := getattr(table, kind):
            yield from ("", f"{KINDS[kind].capitalize()}: {len(keys)}{_tell_bound(keys)}", "")
            yield from (f"- {_words(key)}" for key in keys[:MOST_ROWS])


def _change_lines(kind: str, changes: Sequence[CellChange], key_columns: Sequence[str]) -> Iterator[str]:
    if changes:
        yield from ("", f"{KINDS[kind].capitalize()}: {len(changes)}{_tell_bound(changes)}", "")
        yield f"| {', '.join(key_columns)} | column | old | new |"
        yield "|---|---|---:|---:|"
        for change in changes[:MOST_ROWS]:
            old, new = _value(change.old), _value(change.new)
            # Of a hidden value, the one that an earlier release showed is not told again.
            old, new = ("shown", "hidden") if kind == "newly_hidden" else (old, new)
            yield f"| {_words(change.key)} | `{change.column}` | {old} | {new} |"


def _tell_bound(found: Sequence[Any]) -> str:
    return f", of which {MOST_ROWS} are listed" if len(found) > MOST_ROWS else ""


def _words(key: Sequence[Any]) -> str:
    return ", ".join(_value(part) for part in key)


def _value(value: Any) -> str:
    return "–" if value is None else str(value).replace("|", "\\|")
