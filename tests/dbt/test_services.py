"""Services, support pathways and the coverage of needs, against section 3 of the printed report (D1.1).

Line numbers are those of the report's text. Only the 34 of Figure 34 are printed; the other shares of interest are
those of the bundled answers.
"""

import csv
from typing import Any

import duckdb
import pytest
from deployments import Deployment
from planted import damaged, results_of, states

from orchestration.settings import PROJECT_ROOT

SECTION_3 = range(3318, 3818)
LINKS = ("service_needs", "service_interest", "pathway_needs", "pathway_steps")
UNIT_TESTS = (
    "interest_in_a_service_is_the_union_of_its_items",
    "no_limit_finds_no_low_interest",
    "services_cover_a_need_or_do_not",
)
GRAIN = "wave, cohort_code, dimension_code, member_code, pathway_code, need_code, service_code"


def asked(deployment: Deployment, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_ROOT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def interest(deployment: Deployment, service: str) -> tuple[int, int]:
    """Interested and all Non-Mission Cities."""
    query = f"""
        select distinct interest_n, interest_base_n from gaps.gap_service_coverage
        where cohort_code = 'NMC' and dimension_code = 'all' and service_code = '{service}'
    """
    (row,) = asked(deployment, query)
    return row[0], row[1]


def test_report_has_14_services_and_6_pathways(bundled: Deployment) -> None:
    """Lines 3351-3576 head twelve services, line 3345 names the platform, line 54 the Helpdesk; lines 3696-3706."""
    assert asked(bundled, "select count(*), max(position) from dimensions.dim_service") == [(14, 14)]
    assert asked(bundled, "select count(*), max(position) from dimensions.dim_pathway") == [(6, 6)]


def test_community_of_practice_starts_in_autumn_2024(bundled: Deployment) -> None:
    """Line 3557."""
    query = "select service_code, launch from dimensions.dim_service where launch is not null"
    assert asked(bundled, query) == [("community_of_practice", "autumn 2024")]


def test_self_assessment_tool_is_not_netzerocities_own(bundled: Deployment) -> None:
    """Footnote 32, line 3654."""
    query = "select owner, service_status from dimensions.dim_service where service_code = 'jrc_self_assessment'"
    assert asked(bundled, query) == [("Joint Research Centre of the European Commission", "under_development")]


def test_report_states_steps_of_the_first_pathway_only(bundled: Deployment) -> None:
    """Lines 3777-3779: the second and third step of the Climate Transition Map."""
    query = """
        select pathway_code, stated_transition_steps from dimensions.dim_pathway
        where stated_transition_steps is not null
    """
    assert asked(bundled, query) == [("foundations", "Understand the system; Co-design a portfolio")]
    steps = {row["label"]: row["position"] for row in seed("transition_steps") if row["basis"] == "stated"}
    assert steps == {"Understand the system": "2", "Co-design a portfolio": "3"}


def test_steps_of_a_pathway_are_in_the_order_of_the_map(bundled: Deployment) -> None:
    query = "select transition_steps from dimensions.dim_pathway where pathway_code = 'governance'"
    assert asked(bundled, query) == [("Build a strong mandate; Make it business as usual",)]


@pytest.mark.parametrize("name", LINKS)
def test_stated_links_have_a_line_of_section_3_and_inferred_none(name: str) -> None:
    rows = seed(name)
    assert rows
    assert all((row["basis"] == "stated") == bool(row["line"]) for row in rows)
    assert all(int(row["line"]) in SECTION_3 for row in rows if row["line"])


def test_services_and_pathways_have_a_line_of_section_3_but_the_helpdesk() -> None:
    elsewhere = [row["service_code"] for row in seed("services") if int(row["line"]) not in SECTION_3]
    assert elsewhere == ["helpdesk"]
    assert all(int(row["line"]) in SECTION_3 for row in seed("pathways"))


def test_seeds_of_services_are_sorted() -> None:
    for name in LINKS:
        links = [tuple(row.values()) for row in seed(name)]
        assert links == sorted(links), name
    for name in ("services", "pathways", "transition_steps"):
        assert [int(row["position"]) for row in seed(name)] == list(range(1, len(seed(name)) + 1)), name


def test_34_of_62_would_join_discussion_groups(bundled: Deployment) -> None:
    """Line 3602: 20 very likely and 14 likely."""
    assert interest(bundled, "discussion_groups") == (20 + 14, 62)


def test_interest_by_one_rating_is_levels_4_and_5_of_figure_33(bundled: Deployment) -> None:
    query = """
        select sum(n), any_value(base_n) from gaps.gap_report_cell
        where table_id = 'F33' and item_code = 'sv_webinars' and column_code in ('4', '5') and measure_code = 'count'
    """
    assert asked(bundled, query) == [interest(bundled, "community_of_practice")]


def test_interest_equals_a_second_computation_from_seeds_and_answers(bundled: Deployment) -> None:
    answers: dict[tuple[str, str], set[str]] = {}
    query = """
        select item_code, choice_code, response_key from intermediate.int_item_answers
        inner join intermediate.int_cohort_members using (response_key) where cohort_code = 'NMC'
    """
    for item, choice, response in asked(bundled, query):
        answers.setdefault((item, choice), set()).add(response)
    expected: dict[str, set[str]] = {}
    for row in seed("service_interest"):
        expected.setdefault(row["service_code"], set()).update(answers[row["item_code"], row["choice_code"]])
    assert len(expected) == 8
    assert {service: interest(bundled, service)[0] for service in expected} == {
        service: len(responses) for service, responses in expected.items()
    }


def test_services_without_an_item_have_no_interest(bundled: Deployment) -> None:
    query = """
        select distinct service_code from gaps.gap_service_coverage
        where not is_interest_known and interest_n is null and interest_share_pct is null and interest_basis is null
    """
    known = {row["service_code"] for row in seed("service_interest")}
    offered = {row["service_code"] for row in seed("service_needs")}
    assert {row[0] for row in asked(bundled, query)} == offered - known | {"none"}


def test_interest_is_stated_for_three_services_only(bundled: Deployment) -> None:
    """Lines 3602, 3612, 3614: discussion groups, case studies, study visits."""
    query = "select distinct service_code from gaps.gap_service_coverage where interest_basis = 'stated' order by all"
    assert asked(bundled, query) == [("case_studies",), ("discussion_groups",), ("study_visits",)]


def test_six_needs_have_no_service(bundled: Deployment) -> None:
    query = "select distinct need_code from gaps.gap_service_coverage where verdict = 'not covered' order by all"
    assert [row[0] for row in asked(bundled, query)] == [
        "capital_cost",
        "climate_budget",
        "geomorphic",
        "market",
        "monitoring_resources",
        "political",
    ]


def test_low_interest_rests_on_open_answers_only(bundled: Deployment) -> None:
    """docs/methods/needs-and-services.md warns that such interest does not compare with ratings."""
    query = "select distinct service_code from gaps.gap_service_coverage where verdict = 'low interest'"
    low = {row[0] for row in asked(bundled, query)}
    assert low == {"initiatives", "twinning"}
    assert {row["item_code"] for row in seed("service_interest") if row["service_code"] in low} == {
        "wanted_services_class"
    }


def test_every_need_is_in_a_pathway_in_every_group(bundled: Deployment) -> None:
    query = """
        select count(distinct need_code) from gaps.gap_service_coverage
        group by wave, cohort_code, dimension_code, member_code
    """
    assert set(asked(bundled, query)) == {(len(seed("needs")),)}


def test_only_cohorts_and_groups_that_were_asked_are_covered(bundled: Deployment) -> None:
    """Mission Cities were not asked about services."""
    query = "select distinct cohort_code, dimension_code from gaps.gap_service_coverage order by all"
    dimensions = ("all", "size_class", "size_merged", "target_merged", "target_status")
    assert asked(bundled, query) == [(cohort, name) for cohort in ("NMC", "NMC_SW") for name in dimensions]


def test_demand_is_that_of_the_group(bundled: Deployment) -> None:
    query = """
        select count(*) from gaps.gap_service_coverage as coverage
        left join gaps.gap_need_by_group as demand
            using (wave, cohort_code, dimension_code, member_code, need_code)
        where coverage.n is distinct from demand.n or coverage.share_pct is distinct from demand.share_pct
    """
    assert asked(bundled, query) == [(0,)]


def test_a_row_is_a_group_pathway_need_and_service(bundled: Deployment) -> None:
    query = f"select count(*), count(distinct ({GRAIN})) from gaps.gap_service_coverage"
    ((rows, distinct),) = asked(bundled, query)
    assert rows == distinct > 0


def test_without_services_the_table_is_empty(refreshed: Deployment) -> None:
    assert asked(refreshed, "select count(*) from gaps.gap_service_coverage") == [(0,)]


@pytest.fixture(scope="module")
def sound(bundled: Deployment, workshop: Deployment) -> dict[str, Any]:
    """dbt's tests of services on the bundled seeds."""
    damaged(bundled, workshop, "select 1")
    return results_of(workshop, "services_and_pathways_are_whole", *UNIT_TESTS)


@pytest.mark.parametrize("test", ["services_and_pathways_are_whole", *UNIT_TESTS])
def test_dbt_tests_of_services_pass(sound: dict[str, Any], test: str) -> None:
    assert str(sound[test].status) == "pass"


def test_a_planted_fault_stops_the_build(bundled: Deployment, workshop: Deployment) -> None:
    damaged(bundled, workshop, "delete from knowledge.pathway_needs where need_code = 'market'")
    assert states(workshop, "services_and_pathways_are_whole") == [("services_and_pathways_are_whole", "fail")]


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("service_needs: a link is there once", "insert into {service_needs} from {service_needs} limit 1"),
        ("service_interest: a link is there once", "insert into {interest} from {interest} limit 1"),
        ("pathway_needs: a link is there once", "insert into {pathway_needs} from {pathway_needs} limit 1"),
        ("pathway_steps: a link is there once", "insert into {pathway_steps} from {pathway_steps} limit 1"),
        ("service_needs.line: of a stated link", "update {service_needs} set line = null"),
        ("service_interest.line: of a stated link", "update {interest} set basis = 'inferred'"),
        ("none is no service", "update dimensions.dim_service set service_code = 'none' where position = 1"),
        ("every need is in a pathway", "delete from {pathway_needs} where need_code = 'market'"),
    ],
)  # fmt: skip
def test_a_fault_in_the_seeds_is_named(
    bundled: Deployment, workshop: Deployment, sound: dict[str, Any], place: str, fault: str
) -> None:
    query = str(sound["services_and_pathways_are_whole"].node.compiled_code)
    tables = {
        "interest": "knowledge.service_interest",
        "pathway_needs": "knowledge.pathway_needs",
        "pathway_steps": "knowledge.pathway_steps",
        "service_needs": "knowledge.service_needs",
    }
    with duckdb.connect(str(damaged(bundled, workshop, fault.format(**tables)))) as connection:
        found = connection.execute(query).fetchall()
    assert any(place in row[0] for row in found)
