"""The trace of a cell: dbt's unit test of it, and its data test on planted faults."""

from pathlib import Path

import duckdb
import pytest
from deployments import Deployment
from planted import damaged, states

TEST = "every_cell_has_its_responses"
MEASURES_TEST = "every_measure_has_its_responses"


def test_a_cell_names_the_responses_that_it_counts(built: Deployment) -> None:
    name = "a_cell_names_the_responses_that_it_counts"
    assert states(built, f"test_name:{name}") == [(name, "pass")]


# The trace is a query: what it reads is damaged.
@pytest.mark.parametrize(
    "fault",
    [
        "delete from intermediate.int_group_members where city_key = (select min(city_key) from "
        "intermediate.int_cohort_answers)",
        "delete from intermediate.int_response_cities where response_key = (select min(response_key) from "
        "intermediate.int_cohort_members)",
        "insert into intermediate.int_response_cities from intermediate.int_response_cities",
        "update staging.stg_responses set source_row = null",
        "update intermediate.int_report_places set column_code = 'none'",
        "delete from intermediate.int_report_places",
        "delete from gaps.gap_report_cell where n > 0",
    ],
)
def test_a_cell_without_its_responses_is_found(built: Deployment, fault: str) -> None:
    assert states(built, TEST) == [(TEST, "pass")]
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute(fault)
    assert states(built, TEST) == [(TEST, "fail")]


@pytest.mark.parametrize(
    "fault",
    [
        "delete from intermediate.int_cohort_members where city_key = (select min(city_key) from "
        "intermediate.int_measure_members)",
        "insert into intermediate.int_response_cities from intermediate.int_response_cities",
        "update intermediate.int_measure_members set is_in_numerator = not is_in_numerator",
        "delete from intermediate.int_measure_members where measure_id = (select min(measure_id) from "
        "intermediate.int_measure_members)",
    ],
)
def test_a_measure_without_its_responses_is_found(bundled: Deployment, workshop: Deployment, fault: str) -> None:
    damaged(bundled, workshop, fault)
    assert states(workshop, MEASURES_TEST) == [(MEASURES_TEST, "fail")]


def test_a_trace_is_asked_of_a_database_under_any_name(built: Deployment, tmp_path: Path) -> None:
    copy = tmp_path / "other_name.duckdb"
    copy.write_bytes(built.settings.build_database.read_bytes())
    with duckdb.connect(config={"access_mode": "automatic"}) as connection:
        connection.execute(f"attach '{copy}' as elsewhere (read_only)")
        (found,) = connection.execute("select count(*) from elsewhere.facts.fct_cell_response").fetchone() or (0,)
    assert found > 0
