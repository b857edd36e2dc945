"""`datapackage.json` of a release: Data Package 2.0, with a Table Schema for each table.

Not here: what is described (description.py). Standard: https://datapackage.org/standard/data-package/
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from orchestration.release.description import LICENCE_ADDRESSES, Column, File, Release, Source, Table, leave_out_unknown

DATAPACKAGE = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0"
# As csv_output.py writes.
DIALECT = {"header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n"}
MISSING_VALUES = [""]


def datapackage(release: Release) -> dict[str, Any]:
    """The descriptor of a release as plain JSON values; paths are relative to it."""
    publisher = release.publisher
    licence = release.licence
    with_terms = not licence and release.audience != "internal"
    entries = {
        "$schema": f"{PROFILE}/datapackage.json",
        "name": "-".join(filter(None, ("city-needs", release.name, release.audience))),
        "title": release.title,
        "description": release.description,
        "homepage": publisher.homepage,
        "version": release.name,
        "keywords": list(publisher.keywords),
        "contributors": _contributors(release),
        "licenses": [{"name": licence, "path": LICENCE_ADDRESSES[licence]}] if licence else None,
        "sources": [_source(source, with_terms=with_terms) for source in release.sources],
        "resources": [_resource(file) for file in release.files],
    }
    return leave_out_unknown(entries)


def table_schema(table: Table) -> dict[str, Any]:
    """Table Schema of a table: every column, in order."""
    entries = {
        "$schema": f"{PROFILE}/tableschema.json",
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.primary_key) or None,
        "uniqueKeys": [list(key) for key in table.unique_keys] or None,
        "missingValues": MISSING_VALUES,
    }
    return leave_out_unknown(entries)


def _resource(file: File) -> dict[str, Any]:
    path = PurePosixPath(file.path)
    entries = {
        # The CSV has the plain name, other formats of a table carry their ending.
        "name": path.stem if file.ending == ".csv" else path.name,
        "path": file.path,
        "type": "table" if file.table else None,
        "title": file.title,
        "description": file.description,
        "format": file.ending.removeprefix("."),
        "mediatype": file.media_type,
        "encoding": "utf-8" if file.media_type.startswith("text/") else None,
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "dialect": DIALECT if file.table and file.ending == ".csv" else None,
        "schema": table_schema(file.table) if file.table else None,
    }
    return leave_out_unknown(entries)


def _field(column: Column) -> dict[str, Any]:
    entries = {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        "unit": column.unit,
        "constraints": {"enum": list(column.values)} if column.values else None,
    }
    return leave_out_unknown(entries)


def _contributors(release: Release) -> list[dict[str, Any]]:
    publisher = release.publisher
    first = {
        "title": publisher.name,
        "roles": ["publisher"],
        "path": publisher.homepage,
        "email": publisher.contact_email,
    }
    producers = dict.fromkeys(source.producer for source in release.sources)
    return [leave_out_unknown(first), *({"title": producer, "roles": ["creator"]} for producer in producers)]


def _source(source: Source, *, with_terms: bool) -> dict[str, str]:
    """A source by its citation, with its own terms where the release has no licence that all share."""
    terms = f" Terms: {source.licence}." if with_terms else ""
    return {"title": f"{source.citation}{terms}", "version": source.version}
