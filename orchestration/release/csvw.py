"""`csvw.json` of a release: CSV on the Web metadata of its CSV tables, with the columns of the other formats.

Standard: https://www.w3.org/TR/tabular-metadata/. Not here: what is described (description.py).
"""

from __future__ import annotations

from typing import Any

from orchestration.release.description import LICENCE_ADDRESSES, Column, File, Release, Table, leave_out_unknown

CSVW = "csvw.json"
CONTEXT = "http://www.w3.org/ns/csvw"
DATATYPES = {"string": "string", "integer": "integer", "number": "double", "boolean": "boolean", "date": "date"}
# As csv_output.py writes.
DIALECT = {"encoding": "utf-8", "delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True}
LANGUAGE_TAG = "en"


def csvw(release: Release) -> dict[str, Any]:
    """Table group of all CSV tables as plain JSON values; addresses are relative to it."""
    entries = {
        "@context": [CONTEXT, {"@language": LANGUAGE_TAG}],
        "dc:title": release.title,
        "dc:description": release.description,
        "dc:publisher": release.publisher.name,
        "dc:license": {"@id": LICENCE_ADDRESSES[release.licence]} if release.licence else None,
        "dialect": DIALECT,
        "tables": [_table(file, file.table) for file in release.files if file.table and file.ending == ".csv"],
    }
    return leave_out_unknown(entries)


def _table(file: File, table: Table) -> dict[str, Any]:
    schema = {
        "columns": [_column(column) for column in table.columns],
        "primaryKey": list(table.primary_key) or None,
    }
    return {
        "url": file.path,
        "dc:title": file.title,
        "dc:description": file.description,
        "tableSchema": leave_out_unknown(schema),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "titles": column.name,
        "datatype": DATATYPES[column.type],
        "null": "",
        "dc:description": column.description,
    }
