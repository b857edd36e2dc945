"""Every foreign key of the seeds is held: a code that is defined nowhere is told with its place.

The keys are listed in dbt_project/models/staging/_sources.yml; each is broken here, and each composite one by half.
"""

import re
from collections.abc import Iterator

import duckdb
import pytest
from deployments import Deployment
from planted import damaged, results_of

from orchestration.settings import DBT_PROJECT_DIR

TEST = "knowledge_codes_are_known"
KEY = re.compile(r"- \{from: (\w+), columns: \[(?:\w+, )*(\w+)\], to: (?:ref\(')?(\w+)")

# The column of a seed whose codes are defined elsewhere, and where.
KEYS = [
    ("claims.measure_id", "measures"),
    ("claims.than_measure_id", "measures"),
    ("claims.table_id", "tables"),
    ("class_merges.choice_code", "dim_choice"),
    ("class_merges.merged_choice_code", "dim_choice"),
    ("cohort_filters.choice_code", "dim_choice"),
    ("cohort_filters.instrument", "stg_rounds"),
    ("cohort_pairs.cohort_code", "cohorts"),
    ("cohort_pairs.comparison_cohort_code", "cohorts"),
    ("cohorts.instrument", "stg_rounds"),
    ("frames.cohort_code", "cohorts"),
    ("frames.wave", "waves"),
    ("frames.size_class", "dim_choice"),
    ("frames.region", "dim_choice"),
    ("initiative_items.item_code", "items"),
    ("initiative_needs.initiative_code", "dim_initiative"),
    ("initiative_needs.need_code", "needs"),
    ("item_sources.item_code", "items"),
    ("item_sources.round", "stg_rounds"),
    ("item_sources.question_code", "stg_questions"),
    ("items.scale_code", "scales"),
    ("measure_terms.measure_id", "measures"),
    ("measure_terms.choice_code", "dim_choice"),
    ("measures.cohort_code", "cohorts"),
    ("measures.subject", "items"),
    ("module_places.module_code", "service_modules"),
    ("module_places.wave", "waves"),
    ("need_evidence.need_code", "needs"),
    ("need_evidence.choice_code", "dim_choice"),
    ("need_statements.need_code", "needs"),
    ("need_statements.line", "published_texts"),
    ("need_statements.cohort_code", "cohorts"),
    ("need_statements.measure_id", "measures"),
    ("needs.theme_code", "themes"),
    ("pathway_needs.pathway_code", "pathways"),
    ("pathway_needs.need_code", "needs"),
    ("pathway_rules.level_code", "readiness_levels"),
    ("pathway_rules.pathway_code", "pathways"),
    ("pathway_steps.pathway_code", "pathways"),
    ("pathway_steps.step_code", "transition_steps"),
    ("readiness_levels.index_code", "indices"),
    ("report_list_members.list_id", "report_lists"),
    ("report_lists.within_list_id", "report_lists"),
    ("scoring_components.index_code", "indices"),
    ("scoring_components.scoring_version", "scorings"),
    ("scoring_conditions.component_code", "scoring_components"),
    ("scoring_conditions.choice_code", "dim_choice"),
    ("scoring_groups.index_code", "indices"),
    ("scoring_groups.scoring_version", "scorings"),
    ("scoring_points.component_code", "scoring_components"),
    ("scoring_points.choice_code", "dim_choice"),
    ("scorings.index_family", "indices"),
    ("self_reports.choice_code", "dim_choice"),
    ("self_reports.register_choice_code", "dim_choice"),
    ("service_interest.service_code", "services"),
    ("service_interest.choice_code", "dim_choice"),
    ("service_modules.service_code", "services"),
    ("service_modules.pathway_code", "pathways"),
    ("service_needs.service_code", "services"),
    ("service_needs.need_code", "needs"),
    ("service_status.service_code", "services"),
    ("service_status.wave", "waves"),
    ("service_steps.item_code", "items"),
    ("statements.cell_id", "published_cells"),
    ("statements.measure_id", "measures"),
    ("table_members.member_code", "items"),
    ("table_members.member_code", "cohorts"),
    ("tables.dimension_code", "items"),
    ("theme_crosswalk.theme_code", "themes"),
    ("wave_rounds.wave", "waves"),
    ("wave_rounds.round", "stg_rounds"),
    ("waves.base_wave", "waves"),
]

# Of a table that the bundled seeds leave empty: a row that is sound.
SOUND = """
    insert into knowledge.scoring_conditions
    select scoring_version, component_code, 1, item_code, choice_code, 1 from knowledge.scoring_points limit 1
"""


@pytest.fixture(scope="module")
def check(bundled: Deployment, workshop: Deployment) -> str:
    """The query of the test, which finds nothing in the bundled seeds."""
    damaged(bundled, workshop, "select 1")
    node = results_of(workshop, TEST)[TEST]
    assert str(node.status) == "pass"
    return str(node.node.compiled_code)


@pytest.fixture
def database(check: str, workshop: Deployment) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database of the bundled seeds, to damage: it is whole again after the test."""
    with duckdb.connect(str(workshop.settings.build_database)) as connection:
        connection.begin()
        connection.execute(SOUND)
        assert connection.execute(check).fetchall() == []
        yield connection
        connection.rollback()


def test_every_key_is_broken_here() -> None:
    listed = KEY.findall((DBT_PROJECT_DIR / "models" / "staging" / "_sources.yml").read_text(encoding="utf-8"))
    assert [(f"{seed}.{column}", to) for seed, column, to in listed] == KEYS


@pytest.mark.parametrize(("place", "not_in"), KEYS)
def test_a_code_that_is_defined_nowhere_is_told(
    database: duckdb.DuckDBPyConnection, check: str, place: str, not_in: str
) -> None:
    seed, column = place.split(".")
    code = "-1" if column == "line" else "nowhere"
    database.execute(f"update knowledge.{seed} set {column} = '{code}'")
    found = [row for row in database.execute(check).fetchall() if (row[0], row[3]) == (place, not_in)]
    assert found
    assert all(row[1] for row in found)
    assert all(row[2].split(".")[-1] == code for row in found)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("cohort_filters.choice_code", "cohort_filters set item_code = 'population'"),
        ("item_sources.question_code", "item_sources set round = '2021', instrument = 'eoi'"),
        ("item_sources.round", "item_sources set instrument = 'eoi' where instrument = 'nmc_survey'"),
        ("measure_terms.choice_code", "measure_terms set item_code = 'population'"),
        ("need_evidence.choice_code", "need_evidence set item_code = 'population'"),
        ("need_statements.line", "need_statements set wave = '2025'"),
        ("report_list_members.list_id", "report_list_members set wave = '2025'"),
        ("report_lists.within_list_id", "report_lists set wave = '2025' where within_list_id is not null"),
        ("scoring_points.choice_code", "scoring_points set choice_code = 'missing'"),
        ("scoring_points.choice_code", "scoring_points set item_code = 'year' where item_code = 'target_year'"),
        ("scoring_points.component_code", "scoring_points set scoring_version = 'w'"),
        ("service_interest.choice_code", "service_interest set choice_code = 'missing'"),
        ("statements.cell_id", "statements set wave = '2025'"),
        ("statements.measure_id", "statements set measure_id = null, reason = null"),
        ("tables.dimension_code", "tables set dimension_code = 'population' where dimension_code is not null"),
        ("wave_rounds.round", "wave_rounds set instrument = 'eoi' where instrument = 'nmc_survey'"),
    ],
)  # fmt: skip
def test_a_code_that_is_another_rows_or_of_another_kind_is_told(
    database: duckdb.DuckDBPyConnection, check: str, place: str, fault: str
) -> None:
    database.execute(f"update knowledge.{fault}")
    assert place in {row[0] for row in database.execute(check).fetchall()}


@pytest.mark.parametrize(
    "exempt",
    [
        "claims set measure_id = null, than_measure_id = null, table_id = null",
        "items set scale_code = null where kind = 'number'",
        "measures set cohort_code = null where statistic = 'known'",
        "measures set subject = null where statistic not in ('mean', 'median', 'min', 'max')",
        "need_statements set measure_id = null",
        "report_lists set within_list_id = null",
        "statements set measure_id = null where reason is not null",
        "tables set dimension_code = null",
    ],
)
def test_a_code_that_may_be_missing_is_not_asked_for(
    database: duckdb.DuckDBPyConnection, check: str, exempt: str
) -> None:
    database.execute(f"update knowledge.{exempt}")
    assert database.execute(check).fetchall() == []
