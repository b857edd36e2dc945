"""`datapackage.json` against the standard, and against the files it describes."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import frictionless
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from metadata_cases import Drafted, source
from standards import schema_errors

from orchestration.release.datapackage import DATAPACKAGE, datapackage
from orchestration.settings import Publisher


def findings(folder: Path, descriptor: dict[str, Any]) -> list[tuple[str, str]]:
    """File and kind of error that frictionless finds, reading the CSV files through the descriptor."""
    (folder / DATAPACKAGE).write_text(json.dumps(descriptor), encoding="utf-8")
    package = frictionless.Package(str(folder / DATAPACKAGE))
    resources: Iterable[frictionless.Resource] = [item for item in package.resources if item.format == "csv"]
    return [(item.path or "", kind) for item in resources for (kind,) in item.validate().flatten(["type"])]


@pytest.mark.parametrize("publisher", [Publisher(), None], ids=["nothing told", "all told"])
def test_descriptor_meets_the_standard(draft: Drafted, publisher: Publisher | None) -> None:
    descriptor = datapackage(draft.describe(*filter(None, [publisher])))
    assert schema_errors("datapackage", descriptor) == []
    for resource in descriptor["resources"]:
        assert schema_errors("dataresource", resource) == []
        if "schema" in resource:
            assert schema_errors("tableschema", resource["schema"]) == []
        if "dialect" in resource:
            assert schema_errors("tabledialect", resource["dialect"]) == []


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ({"title": None}, "$.title"),
        ({"resources": []}, "$.resources"),
        ({"licenses": [{"title": "CC"}]}, "$.licenses[0]"),
    ],
)
def test_the_standard_finds_a_broken_descriptor(draft: Drafted, broken: dict[str, Any], where: str) -> None:
    errors = schema_errors("datapackage", {**datapackage(draft.describe()), **broken})
    assert [error.partition(":")[0] for error in errors] == [where]


def test_frictionless_reads_every_csv_through_its_schema(draft: Drafted) -> None:
    assert findings(draft.folder, datapackage(draft.describe())) == []


def test_wrong_checksum_is_found(draft: Drafted) -> None:
    descriptor = datapackage(draft.describe())
    descriptor["resources"][0]["hash"] = f"sha256:{'0' * 64}"
    assert findings(draft.folder, descriptor) == [("cells.csv", "hash-count")]


def test_changed_byte_is_found(draft: Drafted) -> None:
    descriptor = datapackage(draft.describe())
    path = draft.folder / "gaps" / "gap_need.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("staff", "stafg"), encoding="utf-8")
    assert findings(draft.folder, descriptor) == [("gaps/gap_need.csv", "hash-count")]


def test_column_missing_in_the_schema_is_found(draft: Drafted) -> None:
    descriptor = datapackage(draft.describe())
    del descriptor["resources"][0]["schema"]["fields"][0]
    assert ("cells.csv", "extra-label") in findings(draft.folder, descriptor)


def test_value_that_is_not_listed_is_found(draft: Drafted) -> None:
    draft.dbt["nodes"]["listed"]["test_metadata"]["kwargs"]["values"] = ["one"]
    assert ("gaps/gap_need.csv", "constraint-error") in findings(draft.folder, datapackage(draft.describe()))


def test_key_that_is_none_is_found(draft: Drafted) -> None:
    draft.dbt["nodes"]["unique_grain_gap_report_cell"]["test_metadata"]["kwargs"]["columns"] = ["wave", "source"]
    assert ("cells.csv", "primary-key") in findings(draft.folder, datapackage(draft.describe()))


def test_fields_are_the_columns_of_csv_and_parquet_alike(draft: Drafted) -> None:
    kinds = {"string": "string", "integer": "int64", "number": "double", "boolean": "bool"}
    for resource in datapackage(draft.describe())["resources"][:6]:
        fields = resource["schema"]["fields"]
        if resource["format"] == "csv":
            header = pyarrow.csv.read_csv(draft.folder / resource["path"]).column_names
            assert [field["name"] for field in fields] == header
        else:
            stored = pq.read_schema(draft.folder / resource["path"])
            assert [(field["name"], kinds[field["type"]]) for field in fields] == [
                (f.name, str(f.type)) for f in stored
            ]


def test_every_resource_has_its_own_name(draft: Drafted) -> None:
    assert [resource["name"] for resource in datapackage(draft.describe())["resources"]] == [
        "cells", "cells.parquet", "table_03", "table_03.parquet", "gap_need", "gap_need.parquet", "errata.md",
    ]  # fmt: skip


def test_a_field_says_type_unit_values_and_meaning(draft: Drafted) -> None:
    fields = datapackage(draft.describe())["resources"][4]["schema"]["fields"]
    assert fields[3:] == [
        {
            "name": "verdict",
            "type": "string",
            "description": "Verdict.",
            "constraints": {"enum": ["both", "one"]},
        },
        {"name": "difference_pp", "type": "number", "description": "Difference.", "unit": "percentage points"},
    ]


def test_the_licence_that_all_sources_share_is_that_of_the_package(draft: Drafted) -> None:
    descriptor = datapackage(draft.describe())
    assert descriptor["licenses"] == [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}]
    assert descriptor["sources"] == [{"title": "Bureau of Cities (2030): Pulse survey.", "version": "2030"}]


def test_sources_that_share_no_licence_keep_their_own_terms(draft: Drafted) -> None:
    draft.manifest["sources"] = [source(), source(licence="Terms of the portal")]
    descriptor = datapackage(draft.describe())
    assert "licenses" not in descriptor
    assert [entry["title"] for entry in descriptor["sources"]] == [
        "Bureau of Cities (2030): Pulse survey. Terms: CC-BY-4.0.",
        "Bureau of Cities (2030): Pulse survey. Terms: Terms of the portal.",
    ]
