"""An extract told from its bytes alone."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.extracts.delimited import TextForm
from orchestration.extracts.errors import ExtractError
from orchestration.onboarding.extract_table import ExtractTable, platform_with_codebook, read_extract_table
from tests.orchestration.readers.deliveries import METADATA, eusurvey, part_of, workbook


def read(name: str, data: bytes, sheet: str = "", **said: str) -> ExtractTable:
    return read_extract_table(part_of(name, data), TextForm(**said), sheet=sheet)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_rows_alike(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["id", "need, or; wish"], ["1", "a"], ["2", "b"])) + "\n"
    found = read("x.csv", text.replace("need, or; wish", '"need, or; wish"').encode())
    assert (found.platform, found.delimiter, found.header) == ("delimited", delimiter, ("id", "need, or; wish"))
    assert found.rows == (("1", "a"), ("2", "b"))


@pytest.mark.parametrize(("encoding", "told"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")])
def test_unicode_is_told_by_its_marks_and_form(encoding: str, told: str) -> None:
    found = read("x.csv", "id,Ort\n1,Łódź\n".encode(encoding))
    assert (found.encoding, found.header, found.rows) == (told, ("id", "Ort"), (("1", "Łódź"),))


def test_an_older_encoding_is_detected_and_named() -> None:
    rows = "".join(f"{number};Düsseldorf;Größe und Straße, überall häufig\n" for number in range(50))
    found = read("x.csv", f"id;Stadt;Begründung\n{rows}".encode("cp1252"))
    assert found.header == ("id", "Stadt", "Begründung")
    assert found.rows[0] == ("0", "Düsseldorf", "Größe und Straße, überall häufig")
    assert found.encoding == "cp1252"


def test_headers_are_cleaned_of_what_nobody_sees() -> None:
    assert read("x.csv", "id,\u200bLand\u00a0area \n1,2\n".encode()).header == ("id", "Land area")


def test_damaged_rows_are_counted_and_left_aside() -> None:
    found = read("x.csv", b"id,need\n1,a\n2,b,c\n3,d\n")
    assert (found.rows_n, found.rows) == (3, (("1", "a"), ("3", "d")))
    assert found.remarks == ("1 rows are damaged, the first is row 3: they are left aside here",)


@pytest.mark.parametrize(("cells", "decimal"), [(("1,5", "2"), ","), (("1.5", "2"), "."), (("1,5", "1.5"), ".")])
def test_a_decimal_comma_is_one_that_makes_a_column_numbers(cells: tuple[str, str], decimal: str) -> None:
    text = f"id;share\n1;{cells[0]}\n2;{cells[1]}\n"
    assert read("x.csv", text.encode()).decimal == decimal


def test_a_column_without_header_is_refused_with_its_number() -> None:
    with pytest.raises(ExtractError, match=r"x\.csv, row 1, column 1: the column has no header"):
        read("x.csv", b",need\n1,a\n")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04 no archive", "a damaged or truncated ZIP archive or workbook"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ExtractError, match=reason):
        read("x", data)


@pytest.mark.parametrize(
    ("data", "platform"), [(b"$FL2@(#)", "spss_sav"), (b'<?xml version="1.0"?><a/>', "eusurvey_xml")]
)
def test_an_export_with_its_own_codebook_says_what_to_run(data: bytes, platform: str) -> None:
    assert platform_with_codebook(part_of("x", data)) == platform
    with pytest.raises(ExtractError, match="needs codebook import"):
        read("x", data)


def test_a_workbook_is_read_from_its_only_sheet_with_content_or_the_one_that_is_named() -> None:
    data = workbook({"Empty": [], "Answers": [["id", "n"], ["a", 1.0]]})
    found = read("x.xlsx", data)
    assert (found.platform, found.sheet, found.header, found.rows) == ("sheet", "Answers", ("id", "n"), (("a", 1.0),))
    data = workbook({"Answers": [["id", "n"], ["a", 1.0]], "Notes": [["x"], ["y"]]})
    with pytest.raises(ExtractError, match=r"several sheets have content: 'Answers', 'Notes'.*--sheet"):
        read("x.xlsx", data)
    assert read("x.xlsx", data, sheet="Notes").header == ("x",)
    with pytest.raises(ExtractError, match="no sheet 'Answer'; it has 'Answers', 'Notes'"):
        read("x.xlsx", data, sheet="Answer")


def test_eusurveys_sheets_are_joined_without_the_platforms_columns() -> None:
    header = ["City", "Need", "Share", *METADATA]
    rows = [["Alpha", "Yes", 1.0, "", f"c{number}", "", 45430.0, 45430.0, "EN"] for number in range(3)]
    found = read("x.xlsx", workbook(eusurvey(header, rows, columns_a_sheet=2)))
    assert (found.platform, found.header, found.rows_n) == ("eusurvey_xlsx", ("City", "Need", "Share"), 3)
    assert found.rows[2] == ("Alpha", "Yes", 1.0)


def test_parquet_keeps_its_types() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["a", "b"], "n": [1, 2]}), out)
    found = read("x.parquet", out.getvalue())
    assert (found.platform, found.header, found.rows) == ("parquet", ("id", "n"), (("a", 1), ("b", 2)))
