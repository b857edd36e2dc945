"""`dictionary.csv` of a release: one row a table × column, with type, unit and meaning.

The report tables share their columns and stand once, as `tables/*`. Not here: what is described (description.py).
"""

from __future__ import annotations

from pathlib import Path

from orchestration.common.csv_output import write_csv
from orchestration.release.description import REPORT_TABLES, Release, Table

DICTIONARY = "dictionary.csv"
DICTIONARY_COLUMNS = ("table", "column", "position", "type", "unit", "is_key", "values", "description")
ALL_REPORT_TABLES = f"{REPORT_TABLES}/*"


def dictionary_rows(release: Release) -> list[dict[str, str | int | bool | None]]:
    """Rows of the dictionary, tables in the order of the files, columns in theirs."""
    groups: dict[str, Table] = {}
    for table in release.tables:
        groups.setdefault(ALL_REPORT_TABLES if table.is_report_table else table.name, table)
    return [
        {
            "table": name,
            "column": column.name,
            "position": position,
            "type": column.type,
            "unit": column.unit,
            "is_key": column.name in table.primary_key,
            "values": " | ".join(column.values) or None,
            "description": column.description,
        }
        for name, table in groups.items()
        for position, column in enumerate(table.columns, start=1)
    ]


def write_dictionary(release: Release, path: Path) -> None:
    """Write the dictionary as CSV, as every CSV that leaves is written."""
    import pyarrow as pa

    types = {"position": pa.int64(), "is_key": pa.bool_()}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in DICTIONARY_COLUMNS])
    write_csv(pa.Table.from_pylist(dictionary_rows(release), schema), path)
