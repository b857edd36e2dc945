"""A release of three tables and a page, small enough to see whole, with its files on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.common.csv_output import write_csv
from orchestration.release.description import Headings, Release, describe_release, file_columns
from orchestration.release.draft import DraftFile
from orchestration.release.manifest import file_entries
from orchestration.settings import Publisher

CELLS = pa.table(
    {
        "source": ["table", "table"],
        "row_label": ["Towns", "=Cities"],
        "n": pa.array([4, None], pa.int64()),
        "base_n": pa.array([62, 62], pa.int64()),
        "share_pct": [6.4516, None],
        "wave": ["2030", "2030"],
        "row_code": ["towns", "cities"],
    }
)
NEEDS = pa.table(
    {"wave": ["2030"], "need_code": ["staff"], "is_stated": [True], "verdict": ["both"], "difference_pp": [-1.5]}
)
HEADINGS = Headings("Wave 2030", "Pulse report", {"tables/table_03": "Targets by size"})
PUBLISHER = Publisher(
    name="Office of Cities",
    homepage="https://cities.example/",
    base_address="https://data.cities.example/releases/",
    contact_name="Data desk",
    contact_email="data@cities.example",
    continent="EUROPE",
)


def model(name: str, description: str, **columns: tuple[str, str]) -> dict[str, Any]:
    """A published model as dbt's manifest has it."""
    told = {
        column: {"data_type": kind, "description": text, "config": {"meta": {"publish": True}}}
        for column, (kind, text) in columns.items()
    }
    return {
        "resource_type": "model",
        "name": name,
        "unique_id": f"model.city_needs.{name}",
        "schema": "gaps",
        "description": description,
        "original_file_path": f"models/gaps/{name}.sql",
        "columns": told,
    }


def data_test(name: str, kind: str, model_name: str, **arguments: Any) -> dict[str, Any]:
    """A data test as dbt's manifest has it."""
    return {
        "resource_type": "test",
        "name": name,
        "attached_node": f"model.city_needs.{model_name}",
        "config": {},
        "test_metadata": {"name": kind, "kwargs": arguments},
    }


def dbt_manifest() -> dict[str, Any]:
    """Two models with their keys and listed values."""
    nodes = [
        model(
            "gap_report_cell",
            "One row a cell.",
            wave=("varchar", "Wave."),
            source=("varchar", "Table or figure."),
            row_code=("varchar", "Row."),
            row_label=("varchar", "Row\nas printed."),
            n=("bigint", "Number of responses."),
            base_n=("bigint", "Base."),
            share_pct=("double", "Share of the base."),
        ),
        model(
            "gap_need",
            "One row a need.",
            wave=("varchar", "Wave."),
            need_code=("varchar", "Need."),
            is_stated=("boolean", "True if stated."),
            verdict=("varchar", "Verdict."),
            difference_pp=("double", "Difference."),
        ),
        data_test("cells_by_label", "unique_grain", "gap_report_cell", columns=["wave", "row_label"]),
        data_test("unique_grain_gap_report_cell", "unique_grain", "gap_report_cell", columns=["wave", "row_code"]),
        data_test("unique_grain_gap_need", "unique_grain", "gap_need", columns=["wave", "need_code"]),
        data_test("listed", "accepted_values", "gap_need", column_name="verdict", values=["both", "one"]),
    ]
    nodes[0]["config"] = {"meta": {"title": "Cells of all report tables"}}
    return {"nodes": {node["name"]: node for node in nodes}}


def source(**changes: Any) -> dict[str, Any]:
    """A source entry of a manifest."""
    card = {
        "round": "2030",
        "title": "Pulse survey, 2030",
        "producer": "Bureau of Cities",
        "licence": "CC-BY-4.0",
        "citation": "Bureau of Cities (2030): Pulse survey.",
        "fieldwork_start": "2030-03-01",
        "fieldwork_end": "2030-04-30",
    }
    return {**card, **changes}


@dataclass
class Drafted:
    """A draft on disk with its manifest; tests change the manifest, or dbt's, before they describe it."""

    folder: Path
    manifest: dict[str, Any]
    dbt: dict[str, Any]

    def described(self, publisher: Publisher = PUBLISHER, **options: Any) -> Release:
        columns = file_columns(self.folder, self.manifest)
        return describe_release(self.manifest, self.dbt, columns, HEADINGS, publisher, **options)


def drafted(folder: Path) -> Drafted:
    """Write the files of the release and its manifest entries."""
    for name, rows in {"cells": CELLS, "tables/table_03": CELLS, "gaps/gap_need": NEEDS}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(rows, path.with_suffix(".csv"))
        pq.write_table(rows, path.with_suffix(".parquet"))
    (folder / "errata.md").write_text("# Errata\n", encoding="utf-8")
    files = [DraftFile("cells", 2), DraftFile("tables/table_03", 2), DraftFile("gaps/gap_need", 1)]
    entries = file_entries(folder, [*files, DraftFile("errata", 0, (".md",))])
    manifest = {"release": "2030.1", "wave": "2030", "notice": "Synthetic.", "sources": [source()], "files": entries}
    return Drafted(folder, manifest, dbt_manifest())
