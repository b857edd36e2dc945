"""Initiatives and who takes part in them, in the wave that maps them, against the report (D1.1) and the register."""

import csv
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest
from deployments import Deployment
from planted import damaged, states

from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.explain import ExplainError
from orchestration.warehouse.explain_gap import GapExplanation, explain_gap
from orchestration.warehouse.manifest import read_manifest

WAVE = "2025"
REGISTER = PROJECT_ROOT / "seeds" / "rounds" / "participation" / WAVE / "extract.csv"


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(bundled.settings.served_database), read_only=True)


def active_in(initiative: str) -> set[str]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["city"] for row in rows if (row["initiative"], row["status"]) == (initiative, "active")}


def members_of(served: duckdb.DuckDBPyConnection, cohort: str) -> set[str]:
    query = "select city_key from intermediate.int_cohort_members where wave = $wave and cohort_code = $cohort"
    return {key for (key,) in served.execute(query, {"wave": WAVE, "cohort": cohort}).fetchall()}


def one_row(served: duckdb.DuckDBPyConnection, table: str, **codes: str) -> Mapping[str, Any]:
    terms = " and ".join(f"{name} = '{code}'" for name, code in codes.items())
    (row,) = served.sql(f"from gaps.{table} where {terms}").to_arrow_table().to_pylist()
    return row


@pytest.mark.parametrize("initiative", ["covenant_of_mayors", "urbact", "life", "atelier"])
def test_a_cohort_takes_part_as_its_active_records_say(served: duckdb.DuckDBPyConnection, initiative: str) -> None:
    for cohort in ("NMC", "MC", "EOI"):
        members = members_of(served, cohort)
        row = one_row(
            served, "gap_initiative_by_cohort", wave=WAVE, cohort_code=cohort, item_code="participates",
            choice_code=initiative, dimension_code="all",
        )  # fmt: skip
        assert (row["n"], row["base_n"]) == (len(active_in(initiative) & members), len(members)), cohort


def test_a_city_whose_records_have_all_ended_stands_in_none(served: duckdb.DuckDBPyConnection) -> None:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    gone = {row["city"] for row in rows} - {row["city"] for row in rows if row["status"] == "active"}
    assert gone
    told = served.sql(
        "select city_key, choice_code from intermediate.int_cohort_answers "
        f"where wave = '{WAVE}' and cohort_code = 'EOI' and item_code = 'participates'"
    ).fetchall()
    assert {(city, "none") for city in gone} <= set(told)


def test_what_initiatives_have_in_common_follows_from_the_mapping(served: duckdb.DuckDBPyConnection) -> None:
    """Cities in the EU Missions of Table 8 are those of the kind `mission`; a fund takes part in by nobody."""
    missions = active_in("mission_adaptation") | active_in("mission_oceans") | active_in("mission_soil")
    listed = {
        key
        for (key,) in served.sql(
            "select city_key from intermediate.int_cohort_answers where item_code = 'participates_kind' "
            f"and choice_code = 'mission' and cohort_code = 'EOI' and wave = '{WAVE}'"
        ).fetchall()
    }
    assert listed == missions & members_of(served, "EOI")


def test_footnote_27_nine_cities_each_say_the_one_without_the_other(served: duckdb.DuckDBPyConnection) -> None:
    """Lines 1429-1435: 34 in the Covenant, 34 with a SECAP, and nine of each without the other."""
    row = one_row(
        served, "gap_self_report", wave="2024", cohort_code="NMC", item_code="plans", choice_code="secap",
        register_item_code="initiatives",
    )  # fmt: skip
    counts = ("says_and_listed_n", "says_not_listed_n", "listed_not_said_n", "base_n")
    assert [row[name] for name in counts] == [25, 9, 9, 62]


def test_cities_with_a_need_are_those_with_and_those_without_support(served: duckdb.DuckDBPyConnection) -> None:
    wrong = served.sql(
        "select count(*) from gaps.gap_support_coverage where with_support_n + without_support_n <> n"
    ).fetchone()
    counted = served.sql("select count(with_support_n) from gaps.gap_support_coverage").fetchone()
    assert wrong == (0,)
    assert counted is not None
    assert counted[0] > 500


def test_an_initiative_that_is_closed_covers_nobody(served: duckdb.DuckDBPyConnection) -> None:
    """Urban Innovative Actions had its last call before the wave, and needs at least 50,000 inhabitants."""
    row = one_row(
        served, "gap_partnership", wave=WAVE, cohort_code="NMC", initiative_code="urban_innovative_actions",
        need_code="funding",
    )  # fmt: skip
    assert row["opening_label"] == "Closed to further cities"
    named = served.sql(
        "select count(*) from gaps.gap_support_coverage where initiatives like '%Urban Innovative%'"
    ).fetchone()
    assert named == (0,)


def explained(served: duckdb.DuckDBPyConnection, bundled: Deployment, table: str, *conditions: str) -> GapExplanation:
    manifest = read_manifest(bundled.settings.dbt_target)
    return explain_gap(served, table, conditions, wave=WAVE, manifest=manifest)


PARTICIPATION, SURVEY = "participation/2025/extract.csv", "nmc_survey/2025/extract.xlsx"
MEDIUM_IN_CIVITAS = (
    "cohort_code=MC", "item_code=participates", "choice_code=civitas", "dimension_code=size_class",
    "member_code=medium",
)  # fmt: skip
FUNDING = ("cohort_code=NMC", "need_code=funding")
REACHED = ("cohort_code=NMC", "initiative_code=civitas", "need_code=technology")
SAID = ("cohort_code=NMC", "item_code=initiatives", "choice_code=civitas", "register_item_code=participates")


@pytest.mark.parametrize(
    ("table", "conditions", "count", "source"),
    [
        ("gap_initiative_by_cohort", MEDIUM_IN_CIVITAS, "n", PARTICIPATION),
        ("gap_partnership", REACHED, "reached_n", PARTICIPATION),
        ("gap_support_coverage", FUNDING, "n", SURVEY),
        ("gap_self_report", SAID, "base_n", SURVEY),
        ("gap_need_change", (*FUNDING, "comparison_kind=panel"), "n", SURVEY),
        ("gap_need_change", (*FUNDING, "comparison_kind=cohort"), "n", SURVEY),
        ("gap_need_by_group", FUNDING, "n", SURVEY),
    ],
)
def test_a_row_of_a_gap_table_names_its_cities_with_file_and_row(
    served: duckdb.DuckDBPyConnection,
    bundled: Deployment,
    table: str,
    conditions: tuple[str, ...],
    count: str,
    source: str,
) -> None:
    explanation = explained(served, bundled, table, *conditions)
    rows = explanation.respondents.to_pylist()
    assert len({row["city_key"] for row in rows}) == explanation.row[count] > 0
    assert {row["source_file"] for row in rows} == {source}
    assert all(row["source_row"] for row in rows)
    assert explanation.models[0] == "landing.answers"
    assert explanation.models[-1] == table


@pytest.mark.parametrize(
    ("table", "conditions", "told"),
    [
        ("gap_support", (), "There are: gap_initiative_by_cohort, gap_intent_to_use"),
        ("gap_support_coverage", ("need=funding",), "has no column 'need'"),
        ("gap_support_coverage", ("need_code=money",), "There are: "),
        ("gap_support_coverage", ("need_code",), "column=value"),
        ("gap_support_coverage", ("need_code=funding",), "Add one of each: cohort_code="),
    ],
)
def test_a_row_that_cannot_be_found_is_told_with_what_there_is(
    served: duckdb.DuckDBPyConnection, bundled: Deployment, table: str, conditions: tuple[str, ...], told: str
) -> None:
    with pytest.raises(ExplainError) as raised:
        explained(served, bundled, table, *conditions)
    assert told in str(raised.value)


def test_a_condition_on_a_choice_that_is_not_there_is_found(bundled: Deployment, workshop: Deployment) -> None:
    fault = "update knowledge.item_sources set only_choice = 'running' where only_choice = 'active'"
    damaged(bundled, workshop, fault)
    assert states(workshop, "rounds_are_read_in_one_way") == [("rounds_are_read_in_one_way", "fail")]
