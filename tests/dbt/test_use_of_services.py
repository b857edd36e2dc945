"""Who uses which service, in the wave that has a register of it, and what that is compared with."""

import csv
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.explain_gap import explain_gap
from orchestration.warehouse.manifest import read_manifest

WAVE = "2026"
REGISTER = PROJECT_ROOT / "seeds" / "rounds" / "service_usage" / WAVE / "extract.csv"
ACTIVE = {"attended", "completed", "downloaded", "asked", "answered"}
TABLES = ("gap_intent_to_use", "gap_need_change_by_use", "gap_pathway_progress", "gap_service_usage")


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(bundled.settings.served_database), read_only=True)


@pytest.fixture(scope="module")
def register() -> list[dict[str, str]]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def members_of(served: duckdb.DuckDBPyConnection, wave: str, cohort: str) -> set[str]:
    query = "select city_key from intermediate.int_cohort_members where wave = $wave and cohort_code = $cohort"
    return {key for (key,) in served.execute(query, {"wave": wave, "cohort": cohort}).fetchall()}


def one_row(served: duckdb.DuckDBPyConnection, table: str, **codes: str) -> Mapping[str, Any]:
    terms = " and ".join(f"{name} = '{code}'" for name, code in codes.items())
    (row,) = served.sql(f"from gaps.{table} where {terms}").to_arrow_table().to_pylist()
    return row


def test_respondents_of_the_feedback_are_the_survey_cohort_of_the_wave(served: duckdb.DuckDBPyConnection) -> None:
    """`read_as` of wave_rounds.csv: the same cities were asked again, in another questionnaire."""
    cohorts = {cohort: len(members_of(served, WAVE, cohort)) for cohort in ("NMC", "NMC_SW", "USERS", "MC")}
    assert cohorts == {"NMC": 61, "NMC_SW": 17, "USERS": 79, "MC": 0}


@pytest.mark.parametrize("cohort", ["NMC", "USERS"])
@pytest.mark.parametrize("service", ["twinning", "capability_building", "mission_platform", "helpdesk"])
def test_a_funnel_is_what_the_records_of_its_cities_say(
    served: duckdb.DuckDBPyConnection, register: list[dict[str, str]], cohort: str, service: str
) -> None:
    members = members_of(served, WAVE, cohort)
    of_service = [row for row in register if row["service"] == service and row["city"] in members]
    registered = {row["city"] for row in of_service}
    active = {row["city"] for row in of_service if row["event"] in ACTIVE}
    for step, cities in (("registered", registered), ("active", active)):
        codes = {"wave": WAVE, "service_code": service, "step_code": step, "cohort_code": cohort}
        row = one_row(served, "gap_service_usage", **codes, dimension_code="all")
        assert (row["n"], row["base_n"], row["registered_n"]) == (len(cities), len(members), len(registered))
    persons: dict[tuple[str, str], int] = {}
    for record in of_service:
        if record["persons"]:
            key = record["city"], record["module"]
            persons[key] = max(persons.get(key, 0), int(record["persons"]))
    first = one_row(
        served, "gap_service_usage", wave=WAVE, service_code=service, step_code="registered", cohort_code=cohort,
        dimension_code="all",
    )  # fmt: skip
    assert first["persons_n"] == sum(persons.values())


def test_each_step_holds_the_cities_of_the_next(served: duckdb.DuckDBPyConnection) -> None:
    wrong = served.sql("""
        select service_code, step_code from gaps.gap_service_usage
        qualify n > lag(n) over (
            partition by wave, service_code, cohort_code, dimension_code, member_code order by position
        )
    """).fetchall()
    assert wrong == []


def test_intent_is_of_all_cities_of_the_base_wave(
    served: duckdb.DuckDBPyConnection, register: list[dict[str, str]]
) -> None:
    """62 cities said in 2024 whether they would join discussion groups (Figure 34): 34 likely or very likely."""
    row = one_row(
        served, "gap_intent_to_use", wave=WAVE, cohort_code="NMC", service_code="discussion_groups", item_code="all"
    )
    joined = {row["city"] for row in register if row["service"] == "discussion_groups" and row["event"] in ACTIVE}
    used_n = len(joined & members_of(served, "2024", "NMC"))
    assert (row["base_wave"], row["base_n"], row["said_n"], row["used_n"]) == ("2024", 62, 34, used_n)
    parts = ("said_and_used_n", "said_not_used_n", "used_not_said_n", "neither_said_nor_used_n")
    assert sum(row[name] for name in parts) == 62


def test_both_sides_of_a_change_are_the_panel(served: duckdb.DuckDBPyConnection) -> None:
    apart = served.sql("""
        select sides.need_code
        from (
            select wave, cohort_code, need_code, sum(n) as n, sum(base_n) as base_n, sum(comparison_n) as before_n
            from gaps.gap_need_change_by_use group by all
        ) as sides
        left join gaps.gap_need_change as panel
            on panel.is_paired and sides.wave = panel.wave and sides.cohort_code = panel.cohort_code
            and sides.need_code = panel.need_code
        where (sides.n, sides.base_n, sides.before_n) is distinct from (panel.n, panel.base_n, panel.comparison_n)
    """).fetchall()
    assert apart == []


def test_cities_on_a_pathway_are_those_of_its_modules(
    served: duckdb.DuckDBPyConnection, register: list[dict[str, str]]
) -> None:
    with (PROJECT_ROOT / "seeds" / "service_modules.csv").open(encoding="utf-8", newline="") as file:
        finance = {row["module_code"] for row in csv.DictReader(file) if row["pathway_code"] == "finance"}
    members = members_of(served, WAVE, "NMC")
    on_it = {row["city"] for row in register if row["module"] in finance} & members
    codes = {"wave": WAVE, "cohort_code": "NMC", "pathway_code": "finance", "dimension_code": "all"}
    row = one_row(served, "gap_pathway_progress", **codes)
    assert (row["n"], row["base_n"]) == (len(on_it), len(members))
    assert row["open_cities_n"] + row["met_cities_n"] == row["asked_cities_n"] == len(on_it)


@pytest.mark.parametrize(
    ("table", "conditions", "counted"),
    [
        ("gap_service_usage", ["service_code=twinning", "step_code=active"], "n"),
        ("gap_intent_to_use", ["service_code=twinning", "item_code=all"], "base_n"),
        ("gap_need_change_by_use", ["need_code=citizens", "use_code=used"], "n"),
        ("gap_pathway_progress", ["pathway_code=governance"], "n"),
    ],
)
def test_cities_behind_a_row_are_as_many_as_it_counts(
    bundled: Deployment, served: duckdb.DuckDBPyConnection, table: str, conditions: list[str], counted: str
) -> None:
    manifest = read_manifest(bundled.settings.dbt_target)
    found = explain_gap(served, table, [*conditions, "cohort_code=NMC"], wave=WAVE, manifest=manifest)
    cities = set(found.respondents.column("city_key").to_pylist())
    assert len(cities) == found.row[counted]
    assert "fct_service_use" in found.models or table == "gap_service_usage"


def test_everybody_sees_no_count_of_users_with_a_need_that_is_small_or_whole(bundled: Deployment) -> None:
    """Who uses a service is known to many: such counts are shown where both sides are safe, of whole cohorts alone."""
    public, internal = (bundled.releases / f"{WAVE}.0" / audience / "gaps" for audience in ("public", "internal"))
    for table, n, base_n in (
        ("gap_intent_to_use", "said_and_used_n", "used_n"),
        ("gap_need_change_by_use", "n", "base_n"),
        ("gap_pathway_progress", "open_cities_n", "asked_cities_n"),
    ):
        shown = duckdb.sql(
            f"select cohort_code, {n}, {base_n} from '{public / table}.parquet' where {n} is not null"
        ).fetchall()
        assert shown, table
        assert {cohort for cohort, _, _ in shown} == {"NMC"}, table
        assert all(count == 0 or count >= 3 for _, count, _ in shown), table
        hidden = duckdb.sql(f"select count(*) from '{internal / table}.parquet' where hidden_reason is not null")
        assert hidden.fetchone() != (0,), table


def test_only_cohorts_of_the_wave_answered_again(served: duckdb.DuckDBPyConnection) -> None:
    """Wave 2025 asked no Mission City anew, wave 2026 has none; 48 and 47 of the 62 answered again."""
    told = served.sql(
        "select wave, cohort_code, invited_n, responded_n, earlier_n, stayed_n, new_n from gaps.gap_response_rate "
        "where dimension_code = 'all' order by all"
    ).fetchall()
    assert told == [
        ("2025", "NMC", None, 68, 62, 48, 20),
        ("2025", "NMC_SW", None, 18, 19, 13, 5),
        ("2026", "NMC", 82, 61, 62, 47, 14),
        ("2026", "NMC_SW", None, 17, 19, 14, 3),
    ]


@pytest.mark.parametrize("table", TABLES)
def test_moves_persons_and_ratings_stay_inside(bundled: Deployment, table: str) -> None:
    public = bundled.releases / f"{WAVE}.0" / "public" / "gaps" / f"{table}.parquet"
    columns = {name for name, *_ in duckdb.sql(f"describe from '{public}'").fetchall()}
    inside = {"gained_n", "ended_n", "p_value", "persons_n", "mean_satisfaction", "active_n", "completed_n", "left_n"}
    assert not columns & inside


def test_earlier_waves_have_no_rows(bundled: Deployment) -> None:
    for table in TABLES:
        for wave in ("2024", "2025"):
            path = bundled.releases / f"{wave}.0" / "internal" / "gaps" / f"{table}.parquet"
            assert duckdb.sql(f"select count(*) from '{path}'").fetchone() == (0,), (table, wave)
