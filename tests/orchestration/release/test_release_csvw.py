"""`csvw.json` against the CSV files that it describes."""

import csv
from typing import Any

from metadata_cases import Drafted
from rdflib import Literal

from orchestration.release.csvw import csvw


def problems(draft: Drafted, metadata: dict[str, Any]) -> list[str]:
    """Where the CSV files have other columns, repeated keys, or values that are not of the datatype told."""
    found = []
    for table in metadata["tables"]:
        with (draft.folder / table["url"]).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        columns = table["tableSchema"]["columns"]
        if header != [column["titles"] for column in columns]:
            found.append(f"{table['url']}: columns")
            continue
        keys = [tuple(row[header.index(name)] for name in table["tableSchema"]["primaryKey"]) for row in rows]
        if len(set(keys)) < len(keys):
            found.append(f"{table['url']}: key")
        kinds = [column["datatype"] for column in columns]
        found += [
            f"{table['url']}: {value} is no {kind}"
            for row in rows
            for value, kind in zip(row, kinds, strict=True)
            if value and Literal(value, datatype=f"http://www.w3.org/2001/XMLSchema#{kind}").ill_typed
        ]
    return found


def test_columns_keys_and_types_are_those_of_the_files(draft: Drafted) -> None:
    metadata = csvw(draft.describe())
    assert [table["url"] for table in metadata["tables"]] == ["cells.csv", "tables/table_03.csv", "gaps/gap_need.csv"]
    assert problems(draft, metadata) == []


def test_column_of_another_name_type_or_key_is_found(draft: Drafted) -> None:
    metadata = csvw(draft.describe())
    schemas = [table["tableSchema"] for table in metadata["tables"]]
    del schemas[0]["columns"][0]
    schemas[1]["primaryKey"] = ["wave"]
    schemas[2]["columns"][3]["datatype"] = "integer"
    assert problems(draft, metadata) == [
        "cells.csv: columns",
        "tables/table_03.csv: key",
        "gaps/gap_need.csv: both is no integer",
    ]


def test_metadata_names_the_standard_and_the_release(draft: Drafted) -> None:
    metadata = csvw(draft.describe())
    assert metadata["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "en"}]
    assert metadata["dc:title"] == "City needs: Wave 2030, release 2030.1"
    assert metadata["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert metadata["tables"][2]["tableSchema"]["columns"][2] == {
        "name": "is_stated",
        "titles": "is_stated",
        "datatype": "boolean",
        "null": "",
        "dc:description": "True if stated.",
    }
