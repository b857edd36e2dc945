"""From a cell of a report table to the responses behind it: the function over every cell, and the command."""

from collections.abc import Iterator

import duckdb
import pytest
from deployments import Deployment
from python_calamine import CalamineWorkbook

from orchestration.warehouse.explain import ExplainError, Explanation, explain_cell
from orchestration.warehouse.manifest import read_manifest

# A cell is explained in a third of a second: all of them are looked at by one query, some by the function.
EACH = 60
EXTRACT = "nmc_survey/2024/extract.xlsx"


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(bundled.settings.served_database), read_only=True) as connection:
        yield connection


def test_every_cell_of_every_table_names_its_responses_with_file_and_row(served: duckdb.DuckDBPyConnection) -> None:
    traced = served.execute(
        "select cells.table_id, row_code, column_code, wave, cells.n, count(response_key), "
        "count(distinct source_file || source_row), count(source_file), count(source_row) "
        "from gaps.gap_report_cell as cells "
        "left join facts.fct_cell_response as responses using (wave, table_id, cohort_code, row_code, column_code) "
        "where not is_merged group by wave, cells.table_id, cohort_code, row_code, column_code, cells.n order by all"
    ).fetchall()
    assert [cell for cell in traced if set(cell[5:]) != {cell[4]}] == []
    assert len({(table, wave) for table, _, _, wave, *_ in traced}) >= 2 * 67
    assert len(traced) >= 2 * 1106


def test_the_function_names_as_many_responses_as_a_cell_counts(served: duckdb.DuckDBPyConnection) -> None:
    cells = served.execute(
        "select source || '_' || number, row_label, column_label, wave, n from gaps.gap_report_cell "
        "where not is_merged order by all"
    ).fetchall()[::EACH]
    wrong = [
        (table, row, column, wave)
        for table, row, column, wave, n in cells
        if not is_whole(explain_cell(served, table, (row, column), wave=wave), n)
    ]
    assert wrong == []
    assert len(cells) > 2 * 1106 // EACH


def is_whole(explanation: Explanation, n: int) -> bool:
    """As many different responses as the cell counts, each with the file and the row it came from."""
    rows = explanation.respondents
    places = set(zip(rows["source_file"].to_pylist(), rows["source_row"].to_pylist(), strict=True))
    return (
        explanation.cell.n == rows.num_rows == len(places) == n
        and rows["source_file"].null_count + rows["source_row"].null_count == 0
    )


def test_the_row_of_the_extract_holds_the_response_and_its_answers(
    served: duckdb.DuckDBPyConnection, bundled: Deployment
) -> None:
    sheet = CalamineWorkbook.from_path(bundled.seeds / "rounds" / EXTRACT).get_sheet_by_name("Content").to_python()
    respondents = explain_cell(served, "table_20", ("Towns", "5 = High challenge"), wave="2024").respondents.to_pylist()
    assert {row["source_file"] for row in respondents} == {EXTRACT}
    for row in respondents:
        cells = [str(cell) for cell in sheet[row["source_row"] - 1]]
        assert row["response_id"] in cells
        assert row["city_key"] in cells
        assert row["answer"] in cells
        assert int(row["group_answer"]) < 50_000, "a town (l.684)"


def test_an_answer_is_worded_as_in_the_codebook(served: duckdb.DuckDBPyConnection) -> None:
    """`Existing target` is the report's word for what the questionnaire calls an adopted target."""
    respondents = explain_cell(served, "figure_6", ("Non-Mission Cities", "Existing target"), wave="2024").respondents
    assert set(respondents["answer"].to_pylist()) == {"Yes, a target is adopted"}


def test_a_statistic_is_of_every_response_with_a_number(served: duckdb.DuckDBPyConnection) -> None:
    explanation = explain_cell(served, "Table 2", ("Non-Mission Cities", "mean"), wave="2024")
    assert (explanation.cell.n, explanation.cell.printed) == (62, "257163.9")
    numbers = [float(answer) for answer in explanation.respondents["answer"].to_pylist()]
    assert round(sum(numbers) / len(numbers), 1) == 257163.9


def test_missing_answers_are_the_responses_without_one(served: duckdb.DuckDBPyConnection) -> None:
    """l.856: 34 of the 62 respondents gave no target year."""
    explanation = explain_cell(served, "T4", ("Non-Mission Cities", "NA"), wave="2024")
    assert explanation.respondents.num_rows == 34
    assert set(explanation.respondents["answer"].to_pylist()) == {None}


@pytest.mark.parametrize("table", ["table_20", "Table 20", "T20", "t20"])
@pytest.mark.parametrize("labels", [("Towns", "5 = High challenge"), ("towns", "HIGH CHALLENGE"), ("town", "5")])
def test_tables_and_labels_are_found_by_whatever_names_only_them(
    served: duckdb.DuckDBPyConnection, table: str, labels: tuple[str, str]
) -> None:
    cell = explain_cell(served, table, labels, wave="2024").cell
    assert (cell.row_label, cell.column_label, cell.n) == ("Towns", "5 = High challenge", 9)


def test_a_whole_label_wins_over_a_part_of_another(served: duckdb.DuckDBPyConnection) -> None:
    assert (
        explain_cell(served, "table_6", ("Metropolitan areas", "other"), wave="2024").cell.row_label
        == "Metropolitan areas"
    )


def test_the_only_row_may_be_left_out(served: duckdb.DuckDBPyConnection) -> None:
    cell = explain_cell(served, "figure_1", ("lack of funding",), wave="2024").cell
    assert (cell.row_label, cell.n, cell.base_n) == ("All Mission Cities", 75, 112)


@pytest.mark.parametrize(
    ("table", "labels", "told"),
    [
        ("table_99", ("Towns", "4"), "There are: table_2, table_3"),
        ("table_20", ("Villages", "4"), "'Villages' is no row of this table. Rows: Large metropolitan areas"),
        ("table_20", ("Towns", "6"), "Columns: 1 = No challenge; 2; 3; 4; 5 = High challenge"),
        ("table_20", ("Towns", "="), "'=' fits 2 columns of this table. Columns: 1 = No challenge; 5 = High challenge"),
        ("figure_5", ("Towns", "Northern"), "Mission Cities (registry): Towns; Non-Mission Cities: Towns"),
        ("table_20", ("Towns",), "Name a row and a column.\nRows: Large metropolitan areas"),
    ],
)
def test_what_names_no_single_cell_lists_what_there_is(
    served: duckdb.DuckDBPyConnection, table: str, labels: tuple[str, ...], told: str
) -> None:
    with pytest.raises(ExplainError) as error:
        explain_cell(served, table, labels, wave="2024")
    assert told in str(error.value)


def test_a_wave_without_the_table_is_named(served: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ExplainError) as error:
        explain_cell(served, "table_20", ("Towns", "4"), wave="2026")
    assert str(error.value) == "There is no table 'table_20' of wave 2026. There are: no tables."


@pytest.mark.parametrize(
    ("table", "labels", "way"),
    [
        (
            "table_20",
            ("Towns", "4"),
            ("int_item_answers", "int_city_items", "int_cohort_answers", "int_cube_counts", "gap_cube"),
        ),
        (
            "table_2",
            ("Mission Cities", "sd"),
            ("int_item_numbers", "int_city_numbers", "int_cohort_numbers", "gap_number_statistics"),
        ),
    ],
)
def test_the_models_on_the_way_come_from_the_manifest(
    served: duckdb.DuckDBPyConnection, bundled: Deployment, table: str, labels: tuple[str, str], way: tuple[str, ...]
) -> None:
    manifest = read_manifest(bundled.settings.dbt_target)
    models = explain_cell(served, table, labels, wave="2024", manifest=manifest).models
    assert models == ("landing.answers", "stg_answers", "int_source_answers", *way, "gap_report_cell")
    assert explain_cell(served, table, labels, wave="2024").models == ()


def test_the_query_that_is_shown_finds_the_same_responses(served: duckdb.DuckDBPyConnection) -> None:
    explanation = explain_cell(served, "table_5", ("Excluded areas", "Airport"), wave="2024")
    assert len(served.execute(explanation.cell.query).fetchall()) == explanation.cell.n > 0


def test_the_command_shows_cell_responses_and_way(bundled: Deployment) -> None:
    done = bundled.needs("explain", "table_20", "Towns", "High challenge", "--wave", "2024")
    assert done.returncode == 0, done.stderr
    for shown in (
        "Table 20. Lack of funding and financing schemes as a challenge by city size (wave 2024, cohort NMC)",
        "9 of 14 cities (64.3 %)",
        "printed  9\n",
        "landing.answers → stg_answers → int_source_answers → int_item_answers → int_city_items → "
        "int_cohort_answers → int_cube_counts → gap_cube → gap_report_cell",
        EXTRACT,
    ):
        assert shown in done.stdout
    assert done.stdout.count(EXTRACT) == 9


def test_the_command_limits_the_table_and_prints_all_as_csv(bundled: Deployment) -> None:
    figure = ("explain", "figure_32", "Lack of funding", "High challenge", "--wave", "2024")
    assert "--limit" in bundled.needs(*figure, "--limit", "2").stdout
    lines = bundled.needs(*figure, "--csv").stdout.splitlines()
    assert lines[0].startswith('"city_key"')
    assert len(lines) == 1 + 26


def test_an_empty_cell_says_that_nobody_is_behind_it(bundled: Deployment) -> None:
    assert "Nobody is behind this number" in bundled.needs("explain", "table_20", "Towns", "2", "--wave", "2024").stdout


def test_the_command_without_that_table_fails_with_the_list(refreshed: Deployment) -> None:
    done = refreshed.needs("explain", "table_20", "Towns", "4")
    assert done.returncode == 1
    assert "There are: table_1." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_served_file_alone_is_enough(refreshed: Deployment) -> None:
    (refreshed.data / "dbt" / "manifest.json").unlink()
    done = refreshed.needs("explain", "table_1", "Small", "5")
    assert done.returncode == 0, done.stderr
    assert "extract.csv" in done.stdout
    assert "not known without dbt's manifest" in done.stdout


def test_before_the_first_refresh_the_command_says_what_to_run(mini: Deployment) -> None:
    done = mini.needs("explain", "table_1", "Small", "5")
    assert done.returncode == 1
    assert "needs refresh" in done.stderr
