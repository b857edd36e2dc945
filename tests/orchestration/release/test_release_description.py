"""What a release is, read out of its manifest and dbt's."""

import json
from datetime import date

import pytest
from metadata_cases import PUBLISHER, Drafted, source
from pydantic import ValidationError

from orchestration.release.citation import citation_file
from orchestration.release.datapackage import datapackage
from orchestration.release.dcat import dcat
from orchestration.release.description import Column, DescriptionError
from orchestration.settings import Publisher


def test_columns_stand_as_in_the_file_and_mean_what_dbt_says(draft: Drafted) -> None:
    cells = draft.describe().tables[0]
    assert [column.name for column in cells.columns] == [
        "source", "row_label", "n", "base_n", "share_pct", "wave", "row_code",
    ]  # fmt: skip
    assert cells.columns[1] == Column("row_label", "string", "Row as printed.")
    assert cells.columns[2] == Column("n", "integer", "Number of responses.", "count")
    assert cells.columns[4] == Column("share_pct", "number", "Share of the base.", "percent")


def test_values_that_dbt_lists_are_told(draft: Drafted) -> None:
    needs = draft.describe().tables[2]
    assert [column.values for column in needs.columns] == [(), (), (), ("both", "one"), ()]


def test_grain_is_the_key_and_other_grains_are_unique_keys(draft: Drafted) -> None:
    cells = draft.describe().tables[0]
    assert cells.primary_key == ("wave", "row_code")
    assert cells.unique_keys == (("wave", "row_label"),)


def test_grain_with_a_column_that_does_not_leave_is_no_key(draft: Drafted) -> None:
    draft.dbt["nodes"]["gap_need"]["columns"]["wave"]["config"]["meta"]["publish"] = False
    draft.manifest["files"] = [entry for entry in draft.manifest["files"] if "gap_need" not in entry["path"]]
    draft.dbt["nodes"]["gap_report_cell"]["columns"]["extra"] = {"data_type": "varchar", "description": "", "meta": {}}
    draft.dbt["nodes"]["unique_grain_gap_report_cell"]["test_metadata"]["kwargs"]["columns"] = ["wave", "extra"]
    assert draft.describe().tables[0].primary_key == ("wave", "row_label")


def test_grain_that_holds_for_some_rows_only_is_no_key(draft: Drafted) -> None:
    draft.dbt["nodes"]["unique_grain_gap_need"]["config"] = {"where": "is_stated"}
    assert draft.describe().tables[2].primary_key == ()


def test_titles_are_those_of_the_report(draft: Drafted) -> None:
    assert [table.title for table in draft.describe().tables] == [
        "Cells of all report tables",
        "Table 3: Targets by size",
        "Gap need",
    ]


def test_a_notice_and_the_audience_are_part_of_the_description(draft: Drafted) -> None:
    release = draft.describe(audience="public")
    assert release.folder == "2030.1/public"
    assert release.description == (
        "Gap tables of surveys of what cities need, by yearly wave. Wave 2030: Pulse report. "
        "For everybody: cells that could tell what a single city said are hidden. Synthetic."
    )


def test_unpublished_column_in_a_file_stops_the_release(draft: Drafted) -> None:
    draft.dbt["nodes"]["gap_need"]["columns"]["verdict"]["config"]["meta"]["publish"] = False
    with pytest.raises(DescriptionError, match=r"gaps/gap_need: verdict of gap_need may not leave"):
        draft.describe()


def test_column_that_drafting_adds_needs_a_description(draft: Drafted) -> None:
    draft.dbt["nodes"]["gap_need"]["columns"].pop("verdict")
    added = Column("verdict", "string", "Added.")
    assert added in draft.describe(added=[added]).tables[2].columns


@pytest.mark.parametrize(
    ("told", "message"),
    [({"description": " "}, "verdict lacks a description"), ({"data_type": "blob"}, "can have, not blob")],
)
def test_column_without_meaning_or_type_stops_the_release(draft: Drafted, told: dict[str, str], message: str) -> None:
    draft.dbt["nodes"]["gap_need"]["columns"]["verdict"].update(told)
    with pytest.raises(DescriptionError, match=message):
        draft.describe()


@pytest.mark.parametrize("path", ["cells.json", "notes.md", "gaps/unknown.csv"])
def test_file_that_nothing_describes_stops_the_release(draft: Drafted, path: str) -> None:
    draft.manifest["files"].append({"path": path, "bytes": 1, "sha256": "00"})
    with pytest.raises(DescriptionError, match=path):
        draft.describe()


def test_fieldwork_spans_all_sources_and_unknown_days_stay_unknown(draft: Drafted) -> None:
    draft.manifest["sources"] += [
        source(fieldwork_start="2029-12-01", fieldwork_end=None),
        source(fieldwork_start=None, fieldwork_end=None),
    ]
    assert draft.describe().fieldwork == (date(2029, 12, 1), date(2030, 4, 30))
    draft.manifest["sources"] = [source(fieldwork_start=None, fieldwork_end=None)]
    assert draft.describe().fieldwork == (None, None)
    assert draft.describe().year is None


def test_a_release_has_a_licence_only_if_its_sources_share_one(draft: Drafted) -> None:
    assert draft.describe().licence == "CC-BY-4.0"
    draft.manifest["sources"].append(source(licence="CC0-1.0"))
    assert draft.describe().licence is None
    draft.manifest["sources"] = [source(licence="Terms of the portal")]
    assert draft.describe().licence is None


def test_an_internal_release_has_no_open_licence(draft: Drafted) -> None:
    internal = draft.describe(audience="internal")
    assert internal.licence is None
    assert internal.licences == ("For internal use: no cell is hidden, and it must not be passed on.",)
    written = (citation_file(internal), json.dumps(datapackage(internal)), json.dumps(dcat([internal], PUBLISHER)))
    assert [text for text in written if "CC-BY" in text or "creativecommons" in text] == []
    assert draft.describe(audience="public").licence == "CC-BY-4.0"


@pytest.mark.parametrize(
    "wrong", [{"homepage": "cities.example"}, {"base_address": "https://cities.example"}, {"contact_email": "desk"}]
)
def test_publisher_with_a_wrong_address_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Publisher(**wrong)
