"""The trace of a cell: dbt's unit test of it, and its data test on planted faults."""

import duckdb
import pytest
from deployments import Deployment
from planted import states

TEST = "every_cell_has_its_responses"


def test_a_cell_names_the_responses_that_it_counts(built: Deployment) -> None:
    name = "a_cell_names_the_responses_that_it_counts"
    assert states(built, f"test_name:{name}") == [(name, "pass")]


@pytest.mark.parametrize(
    "fault",
    [
        "delete from facts.fct_cell_response where response_id = 'A'",
        "insert into facts.fct_cell_response select * replace ('elsewhere' as city_key) from facts.fct_cell_response "
        "limit 1",
        "update facts.fct_cell_response set column_code = 'none'",
        "delete from gaps.gap_report_cell where n > 0",
    ],
)
def test_a_cell_without_its_responses_is_found(built: Deployment, fault: str) -> None:
    assert states(built, TEST) == [(TEST, "pass")]
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute(fault)
    assert states(built, TEST) == [(TEST, "fail")]
