"""`datapackage.json` of a release: Data Package 2.0, with a Table Schema for each table.

Not here: what is described (description.py). Standard: https://datapackage.org/standard/data-package/
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from orchestration.release.description import LICENCE_ADDRESSES, Column, File, Release, Source, Table

DATAPACKAGE = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0"
# As csv_output.py writes.
DIALECT = {"header": True, "delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n"}
MISSING_VALUES = [""]


def datapackage(release: Release) -> dict[str, Any]:
    """The descriptor of a release as plain JSON values; paths are relative to it."""
    publisher = release.publisher
    return {
        "$schema": f"{PROFILE}/datapackage.json",
        "name": "-".join(filter(None, ("city-needs", release.name, release.audience))),
        "title": release.title,
        "description": release.description,
        **_given(homepage=publisher.homepage),
        "version": release.name,
        "keywords": list(publisher.keywords),
        "contributors": _contributors(release),
        **({"licenses": [_licence(release.licence)]} if release.licence else {}),
        "sources": [_source(source, with_terms=not release.licence) for source in release.sources],
        "resources": [_resource(file) for file in release.files],
    }


def table_schema(table: Table) -> dict[str, Any]:
    """Table Schema of a table: every column, in order."""
    return {
        "$schema": f"{PROFILE}/tableschema.json",
        "fields": [_field(column) for column in table.columns],
        **_given(
            primaryKey=list(table.primary_key),
            uniqueKeys=[list(key) for key in table.unique_keys],
        ),
        "missingValues": MISSING_VALUES,
    }


def _resource(file: File) -> dict[str, Any]:
    is_csv_table = file.ending == ".csv" and file.table is not None
    return {
        "name": _resource_name(file),
        "path": file.path,
        **({"type": "table"} if file.table else {}),
        "title": file.title,
        "description": file.description,
        "format": file.ending.removeprefix("."),
        "mediatype": file.media_type,
        **({"encoding": "utf-8"} if file.media_type.startswith("text/") else {}),
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        **({"dialect": DIALECT} if is_csv_table else {}),
        **({"schema": table_schema(file.table)} if file.table else {}),
    }


def _resource_name(file: File) -> str:
    """The CSV has the plain name, other formats of a table carry their ending."""
    path = PurePosixPath(file.path)
    return path.stem if path.suffix == ".csv" else path.name


def _field(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        **_given(unit=column.unit, constraints={"enum": list(column.values)} if column.values else None),
    }


def _contributors(release: Release) -> list[dict[str, Any]]:
    publisher = release.publisher
    first = {
        "title": publisher.name,
        "roles": ["publisher"],
        **_given(path=publisher.homepage, email=publisher.contact_email),
    }
    producers = dict.fromkeys(source.producer for source in release.sources)
    return [first, *({"title": producer, "roles": ["creator"]} for producer in producers)]


def _source(source: Source, *, with_terms: bool) -> dict[str, str]:
    """A source by its citation, with its own terms where the release has no licence that all share."""
    terms = f" Terms: {source.licence}." if with_terms else ""
    return {"title": f"{source.citation}{terms}", "version": source.version}


def _licence(name: str) -> dict[str, str]:
    return {"name": name, "path": LICENCE_ADDRESSES[name]}


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
