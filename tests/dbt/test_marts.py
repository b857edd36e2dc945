"""The schema `mart`: all that an analyst needs, in words, and nothing counted twice."""

from collections.abc import Iterator

import duckdb
import pytest
from deployments import Deployment

GRAINS = {
    "answers": "response_key, question_code, choice_code",
    "cells": "wave, cohort_code, dimension_code, member_code, item_code, choice_code",
    "changes": "wave, cohort_code, need_code, comparison_kind, dimension_code, member_code",
    "cities": "wave, city_key",
    "evidence": "comparison_code",
    "initiatives": "wave, initiative_code",
    "items": "item_code, instrument, round, question_code",
    "needs": "wave, cohort_code, dimension_code, member_code, need_code",
    "open_answers": "response_key, question_code, topic_code",
    "services": "wave, cohort_code, dimension_code, member_code, pathway_code, need_code, service_code",
    "support": "wave, cohort_code, dimension_code, member_code, need_code",
    "tables": "wave, table_id, cohort_code",
    "waves": "wave, instrument, round",
}
SOURCES = {
    "answers": "facts.fct_answer",
    "cells": "gaps.gap_cube",
    "changes": "gaps.gap_need_change",
    "evidence": "gaps.gap_evidence",
    "initiatives": "dimensions.dim_initiative",
    "needs": "gaps.gap_need_by_group",
    "rejected": "facts.fct_rejected",
    "services": "gaps.gap_service_coverage",
    "support": "gaps.gap_support_coverage",
}


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(bundled.settings.served_database), read_only=True) as connection:
        yield connection


def count(served: duckdb.DuckDBPyConnection, query: str) -> int:
    return served.execute(f"select count(*) from ({query})").fetchone()[0]  # type: ignore[index]


def test_every_row_of_what_a_view_is_made_of_is_there_once(served: duckdb.DuckDBPyConnection) -> None:
    for view, grain in GRAINS.items():
        rows = count(served, f"from mart.{view}")
        assert rows > 0, view
        assert rows == count(served, f"select distinct {grain} from mart.{view}"), view
    for view, source in SOURCES.items():
        assert count(served, f"from mart.{view}") == count(served, f"from {source}"), view


def test_a_round_has_a_view_with_a_column_a_question_and_a_row_a_respondent(served: duckdb.DuckDBPyConnection) -> None:
    wide = served.execute("select * from mart.answers_wide_nmc_survey_2024")
    columns = [column[0] for column in wide.description or []]
    assert len(wide.fetchall()) == count(served, "from facts.fct_response where round = '2024'") == 62
    questions = "from dimensions.dim_question where instrument = 'nmc_survey' and round = '2024'"
    asked = [code for (code,) in served.execute(f"select question_code {questions} order by position").fetchall()]
    assert columns == ["response_id", "city_name", "country_code", *asked]
    (said,) = served.execute(
        "select string_agg(answer, '; ' order by choice_code) from mart.answers "
        "where round = '2024' and question_code = 'plans' and response_id = 'e9ed7dac-0d2e-4b3d-8d22-ca841b6e180f'"
    ).fetchone()  # type: ignore[misc]
    told = (
        "select plans from mart.answers_wide_nmc_survey_2024 where response_id = 'e9ed7dac-0d2e-4b3d-8d22-ca841b6e180f'"
    )
    assert served.execute(told).fetchall() == [(said,)]


def test_a_city_takes_part_in_nothing_only_where_a_register_would_know(served: duckdb.DuckDBPyConnection) -> None:
    known = "select 1 from mart.cities where wave = '2024' and initiatives_n is not null"
    assert count(served, known) == 0, "no register was drawn on in 2024"
    assert count(served, "from mart.cities where wave = '2025' and initiatives_n = 0") > 0


def test_every_table_view_column_and_macro_has_a_comment(served: duckdb.DuckDBPyConnection) -> None:
    for catalogue, place in (
        ("duckdb_tables", "schema_name || '.' || table_name"),
        ("duckdb_views", "schema_name || '.' || view_name"),
        ("duckdb_columns", "schema_name || '.' || table_name || '.' || column_name"),
    ):
        found = served.execute(f"select {place} from {catalogue}() where not internal and coalesce(comment, '') = ''")
        assert found.fetchall() == [], catalogue


def test_the_views_are_there_where_a_deployment_has_less(refreshed: Deployment) -> None:
    """One round, no services, no initiatives, and a question whose code is that of a column beside it."""
    with duckdb.connect(str(refreshed.settings.served_database), read_only=True) as connection:
        for (view,) in connection.execute("select view_name from duckdb_views() where schema_name = 'mart'").fetchall():
            connection.execute(f"from mart.{view}").fetchall()
        assert len(connection.execute("from mart.answers_wide_pulse_2030").fetchall()) == 8
