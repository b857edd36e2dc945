"""Readiness of cities and the pathways recommended to them, against a second computation from indices and rules."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deployments import Deployment
from planted import damaged, results_of, states

from orchestration.cities.profile import read_profile
from orchestration.warehouse.explain_gap import explain_gap
from orchestration.warehouse.manifest import read_manifest

SEEDS = Path(__file__).parents[2] / "seeds"


def asked(deployment: Deployment, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_six_indices_of_readiness_are_scored_where_every_item_was_asked(bundled: Deployment) -> None:
    query = """
        select wave, cohort_code, count(distinct index_code), count(distinct scoring_version)
        from facts.fct_city_readiness group by all order by all
    """
    assert asked(bundled, query) == [
        (wave, cohort, 6, 2) for wave in ("2024", "2025") for cohort in ("NMC", "NMC_SW")
    ]  # fmt: skip


def test_pathways_follow_from_levels_and_rules(bundled: Deployment) -> None:
    """Level by level and rule by rule, without SQL: the ranks and the number of reasons of every city."""
    levels = defaultdict(list)
    for row in seed("readiness_levels"):
        levels[row["index_code"]].append((float(row["lower_bound"]), row["level_code"], int(row["position"])))
    rules = defaultdict(list)
    for row in seed("pathway_rules"):
        rules[row["index_code"], row["level_code"]].append(row["pathway_code"])
    found: dict[tuple[str, ...], dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    query = """
        select wave, cohort_code, city_key, scoring_version, index_code, index_value
        from intermediate.int_cohort_members inner join facts.fct_city_index using (response_key)
        where index_value is not null
    """
    for *city, index, value in asked(bundled, query):
        if index in levels:
            _, level, position = max(entry for entry in levels[index] if entry[0] <= value)
            for pathway in rules[index, level]:
                found[tuple(city)][pathway].append((position, value))
    expected = {}
    for city_key, pathways in found.items():
        order = {
            pathway: (min(position for position, _ in told), -len(told), min(value for _, value in told))
            for pathway, told in pathways.items()
        }
        for pathway, key in order.items():
            expected[*city_key, pathway] = (1 + sum(other < key for other in order.values()), -key[1])
    query = """
        select wave, cohort_code, city_key, scoring_version, pathway_code, pathway_rank, reasons_n
        from facts.fct_city_pathway
    """
    computed = {tuple(row[:5]): row[5:] for row in asked(bundled, query)}
    assert len(computed) > 500
    assert computed == expected


def test_levels_of_a_group_add_up_and_no_city_is_recommended_more_often_than_it_is_there(bundled: Deployment) -> None:
    query = """
        select count(*), count(*) filter (where total <> base_n)
        from (
            select sum(n) as total, max(base_n) as base_n from gaps.gap_readiness
            group by wave, cohort_code, dimension_code, member_code, scoring_version, index_code
        )
    """
    [(groups_n, wrong_n)] = asked(bundled, query)
    assert groups_n > 100
    assert wrong_n == 0
    query = """
        select count(*) from gaps.gap_pathway_demand
        where
            dimension_code = 'all' and (wave, cohort_code) = ('2024', 'NMC')
            and base_n = 62 and share_low_pct <= share_pct
    """
    assert asked(bundled, query) == [(12,)]


def test_places_of_study_visits_stand_against_the_cities_of_their_pathways(bundled: Deployment) -> None:
    query = """
        select pathway_code, n, places_n, is_unlimited, unplaced_n from gaps.gap_pathway_demand
        where (wave, cohort_code, dimension_code, scoring_version) = ('2024', 'NMC', 'all', 'ready_equal')
        order by pathway_code
    """
    rows = {pathway: told for pathway, *told in asked(bundled, query)}
    assert {pathway: told[1] for pathway, told in rows.items() if told[1] is not None} == {
        "governance": 3,
        "technology": 3,
    }
    for pathway, (n, places, is_unlimited, unplaced) in rows.items():
        assert unplaced == (None if places is None else max(n - places, 0)), pathway
        assert is_unlimited in (None, False)


def test_the_page_of_a_city_tells_its_readiness_and_the_pathways_recommended_with_why(bundled: Deployment) -> None:
    """Of the city of cohort NMC to which the most pathways are recommended, by the version to quote."""
    query = """
        select city_key, max(reasons) filter (where pathway_rank = 1) from facts.fct_city_pathway
        where (wave, cohort_code, scoring_version) = ('2024', 'NMC', 'ready_equal')
        group by city_key having count(*) filter (where pathway_rank = 1) = 1 order by count(*) desc, city_key limit 1
    """
    [(city, why)] = asked(bundled, query)
    query = f"""
        select label, index_value from facts.fct_city_readiness inner join dimensions.dim_index using (index_code)
        where (wave, cohort_code, scoring_version, city_key) = ('2024', 'NMC', 'ready_equal', '{city}')
        order by position
    """
    indices = asked(bundled, query)
    sections = {
        section.label: section for section in read_profile(bundled.settings.served_database, city, "2024").sections
    }
    ready = sections["Readiness"].lines
    assert [line[0] for line in ready] == [label for label, _ in indices]
    assert {line[1] for line in ready} <= {"Starting", "Developing", "Advanced"}
    told = [float(line[4].removesuffix(" of 100")) for line in ready]
    assert told == pytest.approx([value for _, value in indices], abs=0.0501)
    first = sections["Support pathways recommended to it"].lines[0]
    assert (first[1], first[4]) == ("1.", why)
    names = list(sections)
    assert names.index("Needs, the greatest first") < names.index("Readiness")


@pytest.mark.parametrize(
    ("table", "conditions"),
    [
        ("gap_readiness", ["index_code=finance", "level_code=starting"]),
        (
            "gap_readiness",
            ["index_code=finance", "level_code=starting", "dimension_code=size_class", "member_code=small"],
        ),
        ("gap_pathway_demand", ["pathway_code=finance"]),
    ],
)
def test_cities_behind_a_row_are_as_many_as_it_counts(bundled: Deployment, table: str, conditions: list[str]) -> None:
    manifest = read_manifest(bundled.settings.dbt_target)
    wanted = [*conditions, "cohort_code=NMC", "scoring_version=ready_equal"]
    with duckdb.connect(str(bundled.settings.served_database), read_only=True) as connection:
        found = explain_gap(connection, table, wanted, wave="2024", manifest=manifest)
    cities = found.respondents.column("city_key").to_pylist()
    assert found.row["n"] > 0
    assert len(set(cities)) == len(cities) == found.row["n"]
    assert "fct_city_index" in found.models


@pytest.fixture(scope="module")
def check(bundled: Deployment, workshop: Deployment) -> str:
    """The query of the test of the readiness seeds, which finds nothing in the bundled ones."""
    damaged(bundled, workshop, "select 1")
    assert states(workshop, "readiness_is_whole") == [("readiness_is_whole", "pass")]
    return str(results_of(workshop, "readiness_is_whole")["readiness_is_whole"].node.compiled_code)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("missing is no level", "update knowledge.readiness_levels set level_code = 'missing' where position = 2"),
        ("begins at 0", "update knowledge.readiness_levels set lower_bound = 1 where position = 1"),
        ("above the level before", "update knowledge.readiness_levels set lower_bound = 70 where position = 2"),
        ("at most 100", "update knowledge.readiness_levels set lower_bound = 101 where position = 3"),
        ("once in an index", "update knowledge.readiness_levels set level_code = 'starting'"),
        ("scored by a version", "delete from knowledge.scoring_components where index_code = 'finance'"),
        ("told once a wave", "insert into knowledge.module_places from knowledge.module_places"),
        ("are not negative", "update knowledge.module_places set places = -1"),
        ("a rule is there once", "insert into knowledge.pathway_rules from knowledge.pathway_rules"),
        ("only if it is stated", "update knowledge.pathway_rules set basis = 'stated'"),
    ],
)
def test_a_fault_in_the_readiness_seeds_is_named(
    bundled: Deployment, workshop: Deployment, check: str, place: str, fault: str
) -> None:
    with duckdb.connect(str(damaged(bundled, workshop, fault))) as connection:
        found = connection.execute(check).fetchall()
    assert any(place in row[0] for row in found)
