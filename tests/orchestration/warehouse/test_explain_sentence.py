"""From a number in a sentence to the responses behind it."""

import duckdb
import pytest
from deployments import Deployment

from orchestration.warehouse.explain import ExplainError
from orchestration.warehouse.explain_sentence import explain_sentence, line_of


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(bundled.settings.served_database), read_only=True)


@pytest.mark.parametrize(
    ("place", "line"), [("line_729", 729), ("Line 729", 729), ("line729", 729), ("table_20", None), ("line_x", None)]
)
def test_a_line_is_named_by_its_number(place: str, line: int | None) -> None:
    assert line_of(place) == line


def test_every_counted_sentence_names_as_many_responses(served: duckdb.DuckDBPyConnection) -> None:
    counted = served.execute(
        "select measures.wave, measures.measure_id, measures.n from gaps.gap_measure as measures "
        "left join facts.fct_measure_response as members using (wave, measure_id) "
        "where measures.statistic in ('share', 'count') group by all "
        "having count(*) filter (where members.is_in_numerator) <> measures.n"
    ).fetchall()
    assert counted == []


def test_a_share_names_its_numerator_and_where_it_stands(served: duckdb.DuckDBPyConnection) -> None:
    """l.729: 37 of the 58 cities with an adopted or planned target are small urban areas or towns (spec, item 173)."""
    explanation = explain_sentence(served, 729, ())
    assert explanation.facts["computed"] == "63.7931 (37 of 58 cities)"
    assert explanation.facts["status"] == "differs"
    assert explanation.respondents.num_rows == 37
    assert explanation.respondents["source_row"].null_count == 0


def test_a_number_of_a_crowded_line_is_named_as_printed(served: duckdb.DuckDBPyConnection) -> None:
    assert explain_sentence(served, 756, ("43%",)).respondents.num_rows == 12
    with pytest.raises(ExplainError, match="has 4 numbers that '' fits"):
        explain_sentence(served, 756, ())


def test_a_number_without_answers_behind_it_says_why(served: duckdb.DuckDBPyConnection) -> None:
    explanation = explain_sentence(served, 669, ())
    assert "does not name the test" in explanation.facts["computed"]
    assert explanation.respondents.num_rows == 0


def test_an_unknown_line_says_where_the_lines_are(served: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ExplainError, match="gap_reconciliation"):
        explain_sentence(served, 1, ())


def test_the_command_explains_a_line(bundled: Deployment) -> None:
    done = bundled.needs("explain", "line_1897", "71%")
    assert done.returncode == 0, done.stderr
    assert "10 of 14 cities" in done.stdout
    assert "nmc_survey/2024/extract.xlsx" in done.stdout
