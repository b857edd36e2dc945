"""What reading a file may cost: each bound of the settings refuses a file that passes it, and names itself."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import kind_of
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers import hostile
from tests.orchestration.readers.deliveries import deliver, part_of

# The file, how large it is, by which reader, the bound and what it is set to; the file passes it by little.
HOSTILE = [
    ("xlsx_cell", 2_000_000, "sheet", "extract.xlsx", "cell_size", 1_000_000),
    ("xlsx_cell_of_runs", 2_000_000, "sheet", "extract.xlsx", "cell_size", 1_000_000),
    ("xlsx_cell", 30_000_000, "sheet", "extract.xlsx", "workbook_ratio", 100),
    ("xlsx_cell", 2_000_000, "sheet", "extract.xlsx", "workbook_size", 1_000_000),
    ("xlsx_columns", 30, "sheet", "extract.xlsx", "columns", 20),
    ("ods_cell", 2_000_000, "sheet", "extract.ods", "cell_size", 1_000_000),
    ("csv_blank_lines", 300, "delimited", "extract.csv.gz", "blank_rows", 200),
    ("csv_blank_rows", 300, "delimited", "extract.csv.gz", "blank_rows", 200),
    ("csv_line", 300_000, "delimited", "extract.csv", "row_size", 100_000),
    ("csv_line_below", 300_000, "delimited", "extract.csv", "row_size", 100_000),
    ("csv_columns", 30, "delimited", "extract.csv", "columns", 20),
    ("csv_rows", 12_000, "delimited", "extract.csv", "cells", 10_000),
    ("parquet_rows", 3_000_000, "parquet", "extract.parquet", "cells_a_byte", 20),
    ("parquet_rows", 3_000, "parquet", "extract.parquet", "cells", 2_000),
    ("parquet_cell", 2_000, "parquet", "extract.parquet", "cell_size", 1_000),
    ("parquet_columns", 30, "parquet", "extract.parquet", "columns", 20),
    ("xml_attribute", 300_000, "eusurvey_xml", "extract.xml", "tag_size", 200_000),
    ("xml_comment", 300_000, "eusurvey_xml", "extract.xml", "tag_size", 200_000),
    ("xml_attributes", 30_000, "eusurvey_xml", "extract.xml", "tag_size", 200_000),
    ("xml_text", 300_000, "eusurvey_xml", "extract.xml", "cell_size", 200_000),
    ("xml_section", 300_000, "eusurvey_xml", "extract.xml", "cell_size", 200_000),
    ("xml_text", 300_000, "eusurvey_xml", "extract.xml", "row_size", 200_000),
    ("xml_answers", 30, "eusurvey_xml", "extract.xml", "columns", 20),
    ("xml_questions", 30, "eusurvey_xml", "extract.xml", "columns", 20),
    ("sav_columns", 30, "spss_sav", "extract.zsav", "columns", 20),
    ("sav_rows", 3_000, "spss_sav", "extract.zsav", "cells", 2_000),
]


def read(folder: Path, name: str, size: int, platform: str, file: str) -> ReadResult:
    questions = hostile.QUESTIONS[1:] if platform == "eusurvey_xml" else hostile.QUESTIONS
    content = getattr(hostile, name)(size)
    card = deliver(folder / "seeds/rounds/pulse/2030", questions, (), content, platform=platform, extract=file)
    return read_extract(card, load_codebook(card.folder))


@pytest.mark.parametrize(
    ("name", "size", "platform", "file", "bound", "most"), HOSTILE, ids=lambda value: str(value)[:20]
)
def test_a_file_beyond_a_bound_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    size: int,
    platform: str,
    file: str,
    bound: str,
    most: int,
) -> None:
    monkeypatch.setenv(f"NEEDS_READING__{bound.upper()}", str(most))
    with pytest.raises(ExtractError) as caught:
        read(tmp_path, name, size, platform, file)
    assert f"NEEDS_READING__{bound.upper()}" in str(caught.value)
    assert f"pulse/2030/{file}" in str(caught.value)
    assert str(caught.value).count("To do: ") == len(caught.value.problems)


@pytest.mark.parametrize(
    ("name", "size", "platform", "file"),
    [
        ("xlsx_cell", 30_000, "sheet", "extract.xlsx"),
        ("ods_cell", 30_000, "sheet", "extract.ods"),
        ("csv_blank_lines", 300, "delimited", "extract.csv.gz"),
        ("csv_rows", 12_000, "delimited", "extract.csv"),
        ("parquet_rows", 300, "parquet", "extract.parquet"),
        ("parquet_cell", 2_000, "parquet", "extract.parquet"),
        ("xml_text", 100_000, "eusurvey_xml", "extract.xml"),
        ("sav_text", 500, "spss_sav", "extract.zsav"),
    ],
)
def test_the_same_file_within_the_bounds_is_read(
    tmp_path: Path, name: str, size: int, platform: str, file: str
) -> None:
    assert read(tmp_path, name, size, platform, file).rows_in


@pytest.mark.parametrize(
    ("name", "size", "file", "place"),
    [
        ("xlsx_far_cell", 3_000, "extract.xlsx", "XFD3000"),
        ("ods_repeated", 6_000, "extract.ods", "ALL6003"),
    ],
)
def test_a_sheet_of_cells_that_say_nothing_is_refused_by_its_last_one(
    tmp_path: Path, name: str, size: int, file: str, place: str
) -> None:
    with pytest.raises(ExtractError, match=f"cells as far as {place}: .*most of them empty or all alike"):
        read(tmp_path, name, size, "sheet", file)


def test_elements_too_deep_in_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="elements lie more than 100 deep in each other"):
        read(tmp_path, "xml_depth", 200, "eusurvey_xml", "extract.xml")


@pytest.mark.parametrize(
    ("name", "platform", "file"),
    [
        ("csv_rows", "delimited", "extract.csv"),
        ("xlsx_cell", "sheet", "extract.xlsx"),
        ("parquet_cell", "parquet", "extract.parquet"),
        ("xml_text", "eusurvey_xml", "extract.xml"),
        ("sav_text", "spss_sav", "extract.zsav"),
    ],
)
def test_reading_stops_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, platform: str, file: str
) -> None:
    monkeypatch.setenv("NEEDS_READING__SECONDS", "0.0000001")
    with pytest.raises(ExtractError, match=r"takes more than 1e-07 s.*NEEDS_READING__SECONDS"):
        read(tmp_path, name, 100, platform, file)


def test_a_workbook_of_many_files_is_refused_before_its_list_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    part = part_of("extract.xlsx", hostile.xlsx_members(300))
    assert kind_of(part) == "an XLSX workbook"
    monkeypatch.setattr("orchestration.extracts.archives.MAX_LIST_SIZE", 10_000)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", None)
    assert kind_of(part) == "a damaged or truncated ZIP archive or workbook"


def test_a_list_of_files_whose_size_another_record_tells_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile.xlsx_members(300)
    at = data.rindex(b"PK\x05\x06")
    told = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 309, 309, 20_000, 0)
    elsewhere = data[: at + 8] + struct.pack("<2H2I", 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF) + data[at + 20 :]
    part = part_of("extract.xlsx", elsewhere[:at] + told + elsewhere[at:])
    monkeypatch.setattr("orchestration.extracts.archives.MAX_LIST_SIZE", 10_000)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", None)
    assert kind_of(part) == "a damaged or truncated ZIP archive or workbook"
