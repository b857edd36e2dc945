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
        where wave = '2024' and cohort_code = 'NMC' and dimension_code = 'all' and service_code = '{service}'
    """
    (row,) = asked(deployment, query)
    return row[0], row[1]


def test_report_has_14_services_and_6_pathways(bundled: Deployment) -> None:
    """Lines 3351-3576 head twelve services, line 3345 names the platform, line 54 the Helpdesk; lines 3696-3706."""
    assert asked(bundled, "select count(*), max(position) from dimensions.dim_service") == [(14, 14)]
    assert asked(bundled, "select count(*), max(position) from dimensions.dim_pathway") == [(6, 6)]


def test_most_services_of_wave_2024_do_not_exist_yet(bundled: Deployment) -> None:
    """Lines 3343-3589: "will be designed", "will be established", "currently under development"."""
    query = """
        select service_status, count(*) from intermediate.int_service_availability
        where wave = '2024' group by service_status order by all
    """
    assert asked(bundled, query) == [("existing", 4), ("planned", 8), ("under_development", 2)]
    exist = "select service_code from intermediate.int_service_availability where wave = '2024' and is_available"
    assert {code for (code,) in asked(bundled, exist)} == {
        "barometer", "case_studies", "initiatives", "mission_platform"
    }  # fmt: skip


def test_launch_of_the_community_of_practice_is_announced_only(bundled: Deployment) -> None:
    """Line 3557: planned in autumn 2024; nothing that was read says that it took place, until records of 2026 do."""
    query = """
        select wave, service_status, status_basis, is_available, launched_on
        from intermediate.int_service_availability where launched_on is not null order by wave
    """
    assert asked(bundled, query) == [
        ("2024", "planned", "stated", False, "autumn 2024"),
        ("2025", "existing", "announced", False, "autumn 2024"),
        ("2026", "existing", "inferred", True, "autumn 2024"),
    ]


def test_what_no_row_tells_of_a_wave_is_as_of_the_wave_before(bundled: Deployment) -> None:
    query = """
        select wave, count(*) filter (where is_carried_forward), count(distinct service_code)
        from intermediate.int_service_availability group by wave order by wave
    """
    assert asked(bundled, query) == [("2024", 0, 14), ("2025", 13, 14), ("2026", 7, 14)]


def test_self_assessment_tool_is_not_netzerocities_own(bundled: Deployment) -> None:
    """Footnote 32, line 3654."""
    query = "select owner from dimensions.dim_service where service_code = 'jrc_self_assessment'"
    assert asked(bundled, query) == [("Joint Research Centre of the European Commission",)]


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


def test_states_of_services_have_a_line_unless_inferred() -> None:
    rows = seed("service_status")
    assert all((row["basis"] != "inferred") == bool(row["line"]) for row in rows)
    assert [row["service_code"] for row in rows if row["line"] and int(row["line"]) not in SECTION_3] == ["helpdesk"]


def test_services_and_pathways_have_a_line_of_section_3_but_the_helpdesk() -> None:
    elsewhere = [row["service_code"] for row in seed("services") if int(row["line"]) not in SECTION_3]
    assert elsewhere == ["helpdesk"]
    assert all(int(row["line"]) in SECTION_3 for row in seed("pathways"))


def test_seeds_of_services_are_sorted() -> None:
    for name in (*LINKS, "service_status"):
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
        where wave = '2024' and table_id = 'F33'
            and item_code = 'sv_webinars' and column_code in ('4', '5') and measure_code = 'count'
    """
    assert asked(bundled, query) == [interest(bundled, "community_of_practice")]


def test_interest_equals_a_second_computation_from_seeds_and_answers(bundled: Deployment) -> None:
    answers: dict[tuple[str, str], set[str]] = {}
    query = """
        select item_code, choice_code, response_key from intermediate.int_item_answers
        inner join intermediate.int_cohort_members using (response_key) where wave = '2024' and cohort_code = 'NMC'
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


def needs_by_verdict(deployment: Deployment) -> dict[str, set[str]]:
    """Needs of all Non-Mission Cities by the verdict on them."""
    query = """
        select distinct verdict_code, need_code from gaps.gap_service_coverage
        where cohort_code = 'NMC' and dimension_code = 'all'
    """
    found: dict[str, set[str]] = {}
    for verdict, need in asked(deployment, query):
        found.setdefault(verdict, set()).add(need)
    return found


def test_six_needs_have_no_service(bundled: Deployment) -> None:
    assert needs_by_verdict(bundled)["not_covered"] == {
        "capital_cost", "climate_budget", "geomorphic", "market", "monitoring_resources", "political"
    }  # fmt: skip


def test_half_of_the_needs_have_services_that_are_planned_only(bundled: Deployment) -> None:
    """Second computation from the seeds: of 30 needs that services address, 18 have none of the four that exist."""
    found = needs_by_verdict(bundled)
    of_wave = [row for row in seed("service_status") if (row["status"], row["wave"]) == ("existing", "2024")]
    exist = {row["service_code"] for row in of_wave} - {"community_of_practice"}
    offered = {row["need_code"] for row in seed("service_needs")}
    met = {row["need_code"] for row in seed("service_needs") if row["service_code"] in exist}
    assert (len(offered), len(found["planned_only"])) == (30, 18)
    assert found["planned_only"] == offered - met
    assert found["covered"] | found["interest_unknown"] | found["low_interest"] == met


def test_unknown_interest_covers_nothing(bundled: Deployment) -> None:
    """No item asks about the barometer, the only service for measuring that exists."""
    assert needs_by_verdict(bundled)["interest_unknown"] == {"measuring"}
    query = "select count(*) from gaps.gap_service_coverage where not is_interest_known and sufficient_services_n > 0"
    others = "and verdict_code = 'covered' and services_n = 1"
    assert asked(bundled, f"{query} {others}") == [(0,)]


def test_every_service_addresses_a_need(bundled: Deployment) -> None:
    query = "select distinct service_code from gaps.gap_service_coverage where service_code <> 'none'"
    assert {code for (code,) in asked(bundled, query)} == {row["service_code"] for row in seed("services")}


def test_words_of_a_verdict_are_those_of_the_seeds(bundled: Deployment) -> None:
    words = {row["verdict_code"]: row["label"] for row in seed("coverage_verdicts")}
    query = """
        select verdict_code, verdict from gaps.gap_service_coverage
        union select service_verdict_code, service_verdict from gaps.gap_service_coverage
        where service_code <> 'none'
    """
    found = asked(bundled, query)
    assert len(found) == 5
    assert set(found) <= words.items()
    labels = (
        "select wave, code, label from gaps.gap_label where label_kind = 'coverage_verdict' order by wave, position"
    )
    assert asked(bundled, labels) == [(wave, *word) for wave in ("2024", "2025", "2026") for word in words.items()]


def test_low_interest_rests_on_open_answers_only(bundled: Deployment) -> None:
    """docs/methods/needs-and-services.md warns that such interest does not compare with ratings."""
    low_interest = "wave = '2024' and service_verdict_code = 'low_interest'"
    query = f"select distinct service_code from gaps.gap_service_coverage where {low_interest}"
    low = {row[0] for row in asked(bundled, query)}
    assert low == {"initiatives", "mission_platform"}
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
    dimensions = ("all", "region", "size_class", "size_merged", "target_merged", "target_status")
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
def sound(bundled: Deployment, workshop: Deployment) -> Any:
    """What dbt's test of services finds in the bundled seeds: nothing."""
    damaged(bundled, workshop, "select 1")
    found = results_of(workshop, "services_and_pathways_are_whole")["services_and_pathways_are_whole"]
    assert str(found.status) == "pass"
    return found


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
        ("service_status: a service has one state", "insert into {status} from {status} limit 1"),
        ("service_status.line: of no inferred state", "update {status} set basis = 'inferred'"),
        ("every service has a state", "delete from {status} where service_code = 'helpdesk'"),
        ("every service addresses a need", "delete from {service_needs} where service_code = 'helpdesk'"),
        ("coverage_verdicts.position: of one verdict", "update knowledge.coverage_verdicts set position = 2"),
        ("every need is in a pathway", "delete from {pathway_needs} where need_code = 'market'"),
    ],
)  # fmt: skip
def test_a_fault_in_the_seeds_is_named(
    bundled: Deployment, workshop: Deployment, sound: Any, place: str, fault: str
) -> None:
    query = str(sound.node.compiled_code)
    tables = {
        "interest": "knowledge.service_interest",
        "pathway_needs": "knowledge.pathway_needs",
        "pathway_steps": "knowledge.pathway_steps",
        "service_needs": "knowledge.service_needs",
        "status": "knowledge.service_status",
    }
    with duckdb.connect(str(damaged(bundled, workshop, fault.format(**tables)))) as connection:
        found = connection.execute(query).fetchall()
    assert any(place in row[0] for row in found)
