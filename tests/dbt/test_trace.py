"""The trace of a cell: dbt's unit test of it, and its data test on planted faults."""

import duckdb
import pytest
from deployments import Deployment

from orchestration import dbt_run

TEST = "every_cell_has_its_responses"


@pytest.fixture
def built(refreshed: Deployment) -> Deployment:
    """The small deployment with its database where dbt looks for it."""
    refreshed.settings.build_database.write_bytes(refreshed.settings.served_database.read_bytes())
    refreshed.settings.prepare_environment()
    return refreshed


def states(deployment: Deployment, selected: str) -> list[tuple[str, str]]:
    result = dbt_run.invoke("test", deployment.settings.dbt_target, "--select", selected)
    return [(node.node.name, str(node.status)) for node in result.result.results]


def test_a_cell_names_the_responses_that_it_counts(built: Deployment) -> None:
    name = "a_cell_names_the_responses_that_it_counts"
    assert states(built, f"test_name:{name}") == [(name, "pass")]


@pytest.mark.parametrize(
    "fault",
    [
        "delete from facts.fct_cell_response where response_id = 'A'",
        "insert into facts.fct_cell_response from facts.fct_cell_response limit 1",
        "update facts.fct_cell_response set column_code = 'none'",
        "delete from gaps.gap_report_cell where n > 0",
    ],
)
def test_a_cell_without_its_responses_is_found(built: Deployment, fault: str) -> None:
    assert states(built, TEST) == [(TEST, "pass")]
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute(fault)
    assert states(built, TEST) == [(TEST, "fail")]
