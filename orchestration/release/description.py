"""What a release is, told once: its tables, columns, files and sources. All metadata files are derived from it.

Here: reading it out of the manifest of the release, the manifest of dbt (published columns, tests) and the seeds'
headings. Not here: the formats (datapackage.py, dcat.py, csvw.py, dictionary.py, citation.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from orchestration.release.draft import CELLS_MODEL, ERRATA_PAGE, Audience, published_tables
from orchestration.settings import Publisher

FIELD_TYPES = {
    "varchar": "string",
    "bigint": "integer",
    "integer": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
}
# Units stand last in a name.
UNITS = {"n": "count", "pct": "percent", "pp": "percentage points"}
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".xml": "application/xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LICENCE_ADDRESSES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}
# Files that hold no table of dbt: title and description by name; what is there for `*` ends the title.
DOCUMENTS = {
    f"{ERRATA_PAGE}.md": ("Errata", "Errata of the printed report as a page to read."),
    "workbook.xlsx": ("Workbook", "All report tables as a workbook, with how to read them."),
    "workbook-*.xlsx": ("Workbook with labels in ", "The workbook with questions, answers and cohorts in a language."),
    "dictionary.csv": ("Dictionary", "One row a table × column: type, unit and meaning."),
    "sdmx-cube.csv": ("Cube in SDMX", "The cube as SDMX-CSV 2.0; confidential cells have no value and the code C."),
    "sdmx-structure.xml": ("Structure of the cube in SDMX", "Code lists and data structure of the cube: SDMX-ML 3.0."),
    "ddi/*.xml": (
        "Codebook in DDI: ",
        "Questions and choices of a round in all its languages, with the counts of this release: DDI-Codebook 2.5.",
    ),
}
AUDIENCE_NOTES: Mapping[Audience, str] = {
    "public": "For everybody: cells that could tell what a single city said are hidden.",
    "internal": "For internal use: no cell is hidden, and it must not be passed on.",
}
REPORT_TABLES = "tables"


def leave_out_unknown(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a metadata file without those that are None: what is not known is not told."""
    return {name: value for name, value in entries.items() if value is not None}


class DescriptionError(ValueError):
    """A release holds what nothing describes; the message says what and what to do."""


# The axis of a report table that lists the groups of its dimension.
_MEMBER = "member"


@dataclass(frozen=True)
class Headings:
    """Words of a wave: its label, its report, titles of the report tables by file name, and labels of its cohorts.

    `axes` has what rows and columns of a report table list: the label of a dimension, or the axis by its code.
    """

    wave: str
    report: str
    tables: Mapping[str, str] = field(default_factory=dict)
    cohorts: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """A column: type as in Table Schema, unit where the name carries one, and the values where they are listed."""

    name: str
    type: str
    description: str
    unit: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table whatever its format; `name` is the path without ending, keys are tuples of column names."""

    name: str
    model: str
    title: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...] = ()

    @property
    def is_report_table(self) -> bool:
        """Whether it is a table or figure of the report rather than one of gaps."""
        return self.name.startswith(f"{REPORT_TABLES}/")


@dataclass(frozen=True)
class File:
    """A file of a release; `table` is None for a document."""

    path: str
    bytes: int
    sha256: str
    title: str
    description: str
    table: Table | None

    @property
    def ending(self) -> str:
        """Ending of the path with its dot."""
        return PurePosixPath(self.path).suffix

    @property
    def media_type(self) -> str:
        """Media type as registered at IANA."""
        return MEDIA_TYPES[self.ending]


@dataclass(frozen=True)
class Source:
    """A round that the release draws on, as its source card says."""

    title: str
    producer: str
    licence: str
    citation: str
    version: str
    fieldwork_start: date | None
    fieldwork_end: date | None


@dataclass(frozen=True)
class Release:
    """A release for one audience. `issued` is given, never read from a clock; a `notice` tells of synthetic data."""

    name: str
    wave: str
    audience: Audience | None
    title: str
    description: str
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    publisher: Publisher
    issued: date | None
    notice: str | None = None

    @property
    def folder(self) -> str:
        """Path of its folder below the folder of releases."""
        return f"{self.name}/{self.audience}" if self.audience else self.name

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, each once, in the order of the files."""
        return tuple(dict.fromkeys(file.table for file in self.files if file.table is not None))

    @property
    def licences(self) -> tuple[str, ...]:
        """Licences of its sources, each once; an internal release has none, whatever they allow."""
        if self.audience == "internal":
            return (AUDIENCE_NOTES["internal"],)
        return tuple(sorted({source.licence for source in self.sources}))

    @property
    def licence(self) -> str | None:
        """The one licence of all sources that has a known address; None where there is no such one."""
        only = self.licences[0] if len(self.licences) == 1 else None
        return only if only in LICENCE_ADDRESSES else None

    @property
    def fieldwork(self) -> tuple[date | None, date | None]:
        """First and last day of the fieldwork of all sources."""
        starts = [source.fieldwork_start for source in self.sources if source.fieldwork_start]
        ends = [source.fieldwork_end for source in self.sources if source.fieldwork_end]
        return min(starts, default=None), max(ends, default=None)

    @property
    def year(self) -> int | None:
        """Year to cite: of the day it was issued, else of the end of the fieldwork."""
        last = self.issued or self.fieldwork[1]
        return last.year if last else None


def describe_release(
    manifest: Mapping[str, Any],
    dbt_manifest: Mapping[str, Any],
    columns: Mapping[str, Sequence[str]],
    headings: Headings,
    publisher: Publisher,
    audience: Audience | None = None,
    issued: date | None = None,
    added: Iterable[Column] = (),
) -> Release:
    """Describe a release from its manifest.

    `columns` are those of each table file (`file_columns`); `added` describes columns that drafting adds to what dbt
    makes. Raises DescriptionError for a file or a column that nothing describes, or that must not leave.
    """
    models = _models(dbt_manifest, added)
    tables = {name: _table(name, names, models, headings) for name, names in columns.items()}
    report, notice = f"{headings.wave}: {headings.report.removesuffix('.')}.", manifest["notice"]
    said = (publisher.series_description, report, audience and AUDIENCE_NOTES[audience], notice)
    return Release(
        name=manifest["release"],
        wave=manifest["wave"],
        audience=audience,
        title=f"{publisher.series_title}: {headings.wave}, release {manifest['release']}",
        description=" ".join(sentence for sentence in said if sentence),
        files=tuple(_file(entry, tables) for entry in manifest["files"]),
        sources=tuple(map(_source, manifest["sources"])),
        publisher=publisher,
        issued=issued,
        notice=notice,
    )


def file_columns(folder: Path, manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Columns of the tables of a release, read from its Parquet files, by path without ending."""
    import pyarrow.parquet as pq

    paths = [PurePosixPath(entry["path"]) for entry in manifest["files"]]
    return {
        path.with_suffix("").as_posix(): tuple(pq.read_schema(folder / path).names)
        for path in paths
        if path.suffix == ".parquet"
    }


def read_headings(database: Path, wave: str) -> Headings:
    """Headings of a wave from a built warehouse. Raises DescriptionError for a wave that it does not know."""
    import duckdb

    tables = (
        "select 'tables/' || source || '_' || lpad(number::varchar, 2, '0'), title, row_axis, column_axis, "
        "dimension_code from knowledge.tables where wave = $wave order by all"
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("select label, report from knowledge.waves where wave = $wave", {"wave": wave})
        row = found.fetchone()
        if row is None:
            raise DescriptionError(f"{database}: wave {wave} is not there. Add it to seeds/waves.csv and refresh.")
        cohorts = connection.execute("select cohort_code, label from knowledge.cohorts order by all").fetchall()
        dimensions = "select distinct dimension_code, dimension_label from dimensions.dim_group order by all"
        labels = dict(connection.execute(dimensions).fetchall())
        told = connection.execute(tables, {"wave": wave}).fetchall()
    titles = {name: title for name, title, *_ in told if title}
    axes = {
        name: tuple(labels.get(dimension, axis) if axis == _MEMBER else axis for axis in both)
        for name, _, *both, dimension in told
    }
    return Headings(row[0], row[1], titles, dict(cohorts), axes)


@dataclass(frozen=True)
class _Model:
    title: str
    description: str
    columns: Mapping[str, Column]
    keys: tuple[tuple[str, ...], ...]


def _models(dbt_manifest: Mapping[str, Any], added: Iterable[Column]) -> dict[str, _Model]:
    nodes = {node["name"]: node for node in dbt_manifest["nodes"].values() if node["resource_type"] == "model"}
    extra = {column.name: column for column in added}
    models = {}
    for table in published_tables(dbt_manifest):
        node = nodes[table.model]
        values = _tests_of(dbt_manifest, node, "accepted_values")
        listed = {told["column_name"]: tuple(map(str, told["values"])) for _, told in values}
        # The grain that its test is named for comes first.
        grains = _tests_of(dbt_manifest, node, "unique_grain")
        ranked = sorted(grains, key=lambda test: (not test[0].startswith("unique_grain_"), test))
        keys = [tuple(told["columns"]) for _, told in ranked]
        models[table.model] = _Model(
            title=node.get("config", {}).get("meta", {}).get("title") or table.model.replace("_", " ").capitalize(),
            description=_one_line(node["description"]),
            columns={name: _column(node, name, listed.get(name, ())) for name in table.columns} | extra,
            keys=tuple(key for key in keys if set(key) <= set(table.columns)),
        )
    return models


def _column(node: Mapping[str, Any], name: str, values: tuple[str, ...]) -> Column:
    told = node["columns"][name]
    kind, description = FIELD_TYPES.get(told["data_type"] or ""), _one_line(told["description"])
    if kind is None or not description:
        lacks = "a description" if kind else f"a type that a release can have, not {told['data_type']}"
        raise DescriptionError(f"{node['name']}.{name} lacks {lacks}. Give it in {node['original_file_path']}'s YAML.")
    return Column(name, kind, description, UNITS.get(name.rpartition("_")[2]), values)


def _tests_of(
    dbt_manifest: Mapping[str, Any], node: Mapping[str, Any], kind: str
) -> Iterable[tuple[str, dict[str, Any]]]:
    for test in dbt_manifest["nodes"].values():
        is_of_node = test["resource_type"] == "test" and test.get("attached_node") == node["unique_id"]
        if is_of_node and not test["config"].get("where") and (test.get("test_metadata") or {}).get("name") == kind:
            yield test["name"], test["test_metadata"]["kwargs"]


def _table(name: str, columns: Sequence[str], models: Mapping[str, _Model], headings: Headings) -> Table:
    folder, _, stem = name.rpartition("/")
    model = stem if folder == "gaps" else CELLS_MODEL
    if model not in models:
        raise DescriptionError(f"{name}: no model {model} with published columns. Set `meta.publish` in its YAML.")
    told = models[model]
    if unknown := [column for column in columns if column not in told.columns]:
        raise DescriptionError(
            f"{name}: {', '.join(unknown)} of {model} may not leave or is not described. "
            "Describe it in the model's YAML and set `meta.publish`, or draft the release without it."
        )
    keys = [key for key in told.keys if set(key) <= set(columns)]
    return Table(
        name=name,
        model=model,
        title=_title(name, told, headings),
        description=told.description,
        columns=tuple(told.columns[column] for column in columns),
        primary_key=keys[0] if keys else (),
        unique_keys=tuple(keys[1:]),
    )


def _title(name: str, model: _Model, headings: Headings) -> str:
    label = report_table_label(name)
    if label is None:
        return model.title
    return f"{label}: {headings.tables[name]}" if name in headings.tables else label


def report_table_label(name: str) -> str | None:
    """`tables/table_09` is Table 9; None for what is no report table."""
    folder, _, stem = name.rpartition("/")
    source, _, number = stem.rpartition("_")
    return f"{source.capitalize()} {int(number)}" if folder == REPORT_TABLES else None


def _file(entry: Mapping[str, Any], tables: Mapping[str, Table]) -> File:
    path = PurePosixPath(entry["path"])
    if path.suffix not in MEDIA_TYPES:
        raise DescriptionError(f"{path}: no media type is known for it. Add one to release/description.py.")
    table = tables.get(path.with_suffix("").as_posix()) if path.suffix in (".csv", ".parquet") else None
    title, description = (table.title, table.description) if table else _document(path)
    return File(path.as_posix(), entry["bytes"], entry["sha256"], title, description, table)


def _document(path: PurePosixPath) -> tuple[str, str]:
    """Title and description of a file that holds no table."""
    for pattern, (title, description) in DOCUMENTS.items():
        if fnmatchcase(path.as_posix(), pattern):
            before, any_, behind = pattern.partition("*")
            return title + (path.as_posix().removeprefix(before).removesuffix(behind) if any_ else ""), description
    raise DescriptionError(f"{path}: nothing describes this file. Add it to DOCUMENTS of release/description.py.")


def _source(entry: Mapping[str, Any]) -> Source:
    start, end = (entry[day] and date.fromisoformat(entry[day]) for day in ("fieldwork_start", "fieldwork_end"))
    words = {name: _one_line(entry[name]) for name in ("title", "producer", "licence", "citation")}
    return Source(**words, version=entry["round"], fieldwork_start=start or None, fieldwork_end=end or None)


def _one_line(text: str) -> str:
    return " ".join(text.split())
