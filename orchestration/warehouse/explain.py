"""From a cell of a report table to the responses behind it: the cell, whom it counts, and the models on the way.

Here: finding the one cell that a reader means. Not here: which responses a cell counts (`facts.fct_cell_response`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Entry = dict[str, Any]
Labels = tuple[str, ...]
CELLS = "gap_report_cell"
# From the landing to what the sources of items read of it.
READ_ANSWERS = ("landing.answers", "int_source_answers")


class ExplainError(ValueError):
    """No cell, or more than one, is what was asked for; the message lists what there is."""


@dataclass(frozen=True)
class Cell:
    """A cell of a report table as the warehouse computed it, and what a report printed in its place, if one did."""

    wave: str
    table_id: str
    table: str
    cohort_code: str
    row_code: str
    row_label: str
    column_code: str
    column_label: str
    measure_code: str
    value: float | None
    n: int
    base_n: int
    share_pct: float | None
    is_statistic: bool
    printed: str | None

    @property
    def query(self) -> str:
        """The responses behind the cell as a query on the marts."""
        places = ("wave", "table_id", "cohort_code", "row_code", "column_code")
        terms = " and ".join(f"{name} = {quote(getattr(self, name))}" for name in places)
        return f"from facts.fct_cell_response where {terms}"


@dataclass(frozen=True)
class Explanation:
    """A cell, the responses that its n counts (one row each), and the models from the landed answers to the cell."""

    cell: Cell
    respondents: pa.Table
    models: tuple[str, ...]

    @property
    def title(self) -> str:
        """Table, wave and cohort."""
        return f"{self.cell.table} (wave {self.cell.wave}, cohort {self.cell.cohort_code})"

    @property
    def facts(self) -> dict[str, str]:
        """What is known of the cell, in the order of telling."""
        cell = self.cell
        share = "" if cell.share_pct is None else f" ({cell.share_pct:.1f} %)"
        value = "" if cell.measure_code in ("count", "share") else f"{cell.measure_code} {cell.value:,.1f}, "
        return {
            "row": cell.row_label,
            "column": cell.column_label,
            "cell": f"{value}{cell.n} of {cell.base_n} cities{share}",
            "printed": cell.printed or "nothing in this place",
            "way": " → ".join(self.models) or "not known without dbt's manifest",
            "query": cell.query,
        }


def explain_cell(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    labels: Labels,
    *,
    wave: str | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> Explanation:
    """Explain the cell of `table` (`table_20`, `figure 32`, `F32`) in the row and the column that `labels` name.

    A label may be a part of it that fits no other; where the table has one row, or one column, its label may be left
    out. Without a wave: the newest that is not only planned. Models are named if dbt's manifest is given.
    Raises ExplainError where table or labels fit no cell, or several.
    """
    cell = _describe_cell(connection, _find_cell(_cells_of(connection, table, wave), labels))
    respondents = connection.execute(
        "select city_key, city_name, response_id, answer, coding, group_answer, question_codes, source_file, "
        f"source_sheet, source_row {cell.query} order by source_file, source_row, response_id"
    ).to_arrow_table()
    counted = ("int_item_numbers", "gap_number_statistics") if cell.is_statistic else ("int_item_answers", "gap_cube")
    models = models_between(manifest, *READ_ANSWERS, *counted, CELLS) if manifest else ()
    return Explanation(cell, respondents, models)


def models_between(manifest: Mapping[str, Any], *stations: str) -> tuple[str, ...]:
    """Names on the shortest way from station to station (sources as `source.table`), by dbt's manifest."""
    names = {
        key: f"{node['source_name']}.{node['name']}" if node["resource_type"] == "source" else str(node["name"])
        for key, node in (manifest["sources"] | manifest["nodes"]).items()
    }
    parents: dict[str, list[str]] = {}
    for key, above in manifest["parent_map"].items():
        if key in names and not key.startswith(("test.", "unit_test.")):
            parents[names[key]] = sorted(names[parent] for parent in above if parent in names)
    way = [stations[-1]]
    for station in reversed(stations[:-1]):
        way = [*_shortest_way(parents, station, way[0]), *way[1:]]
    return tuple(way)


def _shortest_way(parents: Mapping[str, Sequence[str]], start: str, end: str) -> list[str]:
    """Breadth first, from the end upwards."""
    ways, seen = [[end]], {end}
    for way in ways:
        if way[0] == start:
            return way
        new = [parent for parent in parents.get(way[0], ()) if parent not in seen]
        seen.update(new)
        ways += [[parent, *way] for parent in new]
    return [start, end]


def _cells_of(connection: duckdb.DuckDBPyConnection, table: str, wave: str | None) -> list[Entry]:
    """The cells of the table that is meant, in the newest wave that has it."""
    known = read_rows(
        connection,
        "select distinct wave, table_id, source, number from gaps.gap_report_cell where wave = $wave or $wave is null "
        "and wave not in (select wave from dimensions.dim_wave where status = 'planned') order by all",
        wave=wave,
    )
    meant = [entry for entry in known if _plain(table) in _names_of(entry)]
    if not meant:
        # Tables before figures, by number.
        known.sort(key=lambda entry: (entry["source"] != "table", entry["number"]))
        there = ", ".join(dict.fromkeys(f"{entry['source']}_{entry['number']}" for entry in known))
        of_wave = f" of wave {wave}" if wave else ""
        raise ExplainError(f"There is no table {table!r}{of_wave}. There are: {there or 'no tables'}.")
    newest = max(meant, key=lambda entry: str(entry["wave"]))
    return read_rows(
        connection,
        "select wave, table_id, source, number, cohort_code, row_code, row_label, column_code, column_label, "
        "measure_code, value, n, base_n, share_pct from gaps.gap_report_cell "
        "where wave = $wave and table_id = $table_id and not is_merged "
        "order by row_position, row_label, column_position, column_label",
        wave=newest["wave"],
        table_id=newest["table_id"],
    )


def _find_cell(cells: Sequence[Entry], labels: Labels) -> Entry:
    rows, columns = _labels_of(cells, "row_label"), _labels_of(cells, "column_label")
    row, column = _row_and_column(rows, columns, labels)
    row_label = _label_meant("row", row, rows)
    in_row = [cell for cell in cells if cell["row_label"] == row_label]
    column_label = _label_meant("column", column, _labels_of(in_row, "column_label"))
    return next(cell for cell in in_row if cell["column_label"] == column_label)


def _describe_cell(connection: duckdb.DuckDBPyConnection, entry: Entry) -> Cell:
    """The cell with the title of its table and what the report printed."""
    (table,) = read_rows(
        connection,
        "select title, measure from knowledge.tables where wave = $wave and table_id = $table_id",
        **{name: entry[name] for name in ("wave", "table_id")},
    )
    printed = read_rows(
        connection,
        "select distinct trim(printed) as printed from knowledge.published_cells where wave = $wave and "
        "source = $source and number = $number and row_label = $row_label and column_label = $column_label "
        "order by all",
        **{name: entry[name] for name in ("wave", "source", "number", "row_label", "column_label")},
    )
    return Cell(
        **{name: value for name, value in entry.items() if name not in ("source", "number")},
        table=f"{str(entry['source']).capitalize()} {entry['number']}. {table['title']}",
        is_statistic=table["measure"] == "statistic",
        printed="; ".join(str(row["printed"]) for row in printed) or None,
    )


def _row_and_column(rows: Labels, columns: Labels, labels: Labels) -> Labels:
    """The labels asked for, with that of the only row or column where it was left out."""
    if len(labels) == 2:
        return labels
    if len(labels) == 1 and len(rows) == 1:
        return rows[0], labels[0]
    if len(labels) == 1 and len(columns) == 1:
        return labels[0], columns[0]
    raise ExplainError(f"Name a row and a column.\nRows: {'; '.join(rows)}\nColumns: {'; '.join(columns)}")


def _label_meant(axis: str, asked: str, labels: Labels) -> str:
    """The label that is asked for as a whole, else the only one that the words are a part of."""
    wanted = asked.strip().casefold()
    whole = [label for label in labels if label.casefold() == wanted]
    fitting = whole or [label for label in labels if wanted in label.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    fits = f"fits {len(fitting)} {axis}s" if fitting else f"is no {axis}"
    raise ExplainError(f"{asked!r} {fits} of this table. {axis.capitalize()}s: {'; '.join(fitting or labels)}")


def _names_of(entry: Entry) -> set[str]:
    source, number = str(entry["source"]), entry["number"]
    return {_plain(name) for name in (entry["table_id"], f"{source}{number}", f"{source[0]}{number}")}


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _labels_of(cells: Iterable[Entry], name: str) -> Labels:
    return tuple(dict.fromkeys(str(cell[name]) for cell in cells))


def quote(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def read_rows(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> list[Entry]:
    """Rows of a query as mappings."""
    entries: list[Entry] = connection.execute(query, parameters).to_arrow_table().to_pylist()
    return entries
