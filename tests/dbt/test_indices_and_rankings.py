"""Ambition, collaboration and the ranking of items, against the printed report (D1.1) and against a second computation.

The numbers of cities come from the bundled survey; spec items are those of the report's specification.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deployments import Deployment
from planted import damaged, results_of, states

RELEASE = "2024.0"
# Spec item 134 (Figure 32, lines 2892 and after): levels 4 and 5, level 5, mean.
BARRIERS = {
    "ch_capital_cost": (50, 25, 4.05),
    "ch_funding": (39, 26, 3.84),
    "ch_market": (41, 21, 3.84),
    "ch_fragmentation": (40, 20, 3.81),
    "ch_admin_capacity": (42, 20, 3.74),
    "ch_ppp": (32, 12, 3.45),
    "ch_citizens": (28, 12, 3.39),
    "ch_finance_knowledge": (30, 10, 3.31),
    "ch_technology": (25, 10, 3.16),
    "ch_silos": (21, 12, 3.15),
    "ch_measuring": (23, 10, 3.10),
    "ch_technical_knowledge": (22, 7, 3.09),
    "ch_political": (21, 10, 2.87),
    "ch_geomorphic": (13, 6, 2.76),
}


def asked(deployment: Deployment, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def sizes(bundled: Deployment) -> dict[tuple[str, str, str], int]:
    """Size of each group by cohort and scoring version."""
    query = "select cohort_code, scoring_version, group_code, n from gaps.gap_index_group where wave = '2024'"
    return {(cohort, version, group): n for cohort, version, group, n in asked(bundled, query)}


@pytest.fixture(scope="module")
def rankings(bundled: Deployment) -> list[dict[str, Any]]:
    """The rankings of all respondents of the survey of 2024."""
    columns = ("item_set", "ranking_measure", "item_code", "n", "base_n", "answered_n", "ranked_value", "item_rank")
    query = (
        f"select {', '.join(columns)} from gaps.gap_ranking "
        "where wave = '2024' and cohort_code = 'NMC' and dimension_code = 'all' "
        "order by item_set, ranking_measure, position"
    )
    return [dict(zip(columns, row, strict=True)) for row in asked(bundled, query)]


def ranked(rankings: Sequence[Mapping[str, Any]], item_set: str, measure: str) -> dict[str, Mapping[str, Any]]:
    """Rows of one ranking by item, best first."""
    return {
        row["item_code"]: row for row in rankings if row["item_set"] == item_set and row["ranking_measure"] == measure
    }


def test_barriers_have_the_three_measures_of_the_report(rankings: list[dict[str, Any]]) -> None:
    both, five, mean = (ranked(rankings, "barriers", measure) for measure in ("levels_4_5", "level_5", "mean"))
    computed = {item: (both[item]["n"], five[item]["n"], round(mean[item]["ranked_value"], 2)) for item in both}
    assert computed == BARRIERS
    assert {row["base_n"] for row in (both | five).values()} == {62}


def test_the_mean_of_technical_knowledge_is_of_the_47_that_answered(rankings: list[dict[str, Any]]) -> None:
    row = ranked(rankings, "barriers", "mean")["ch_technical_knowledge"]
    assert (row["n"], row["base_n"], row["answered_n"]) == (47, 47, 47)
    share = ranked(rankings, "barriers", "levels_4_5")["ch_technical_knowledge"]
    assert (share["n"], share["base_n"], share["answered_n"]) == (22, 62, 47)


def test_cost_and_funding_are_the_main_two_by_level_5_and_tied_with_market_by_the_mean(
    rankings: list[dict[str, Any]],
) -> None:
    """Line 2890, 'the main two cross-sectoral barriers': true of level 5, not of levels 4 and 5."""
    by_level_5 = ranked(rankings, "barriers", "level_5")
    assert set(list(by_level_5)[:2]) == {"ch_capital_cost", "ch_funding"}
    by_mean = ranked(rankings, "barriers", "mean")
    assert [by_mean[item]["item_rank"] for item in ("ch_capital_cost", "ch_funding", "ch_market")] == [1, 2, 2]
    assert by_mean["ch_fragmentation"]["item_rank"] == 4
    assert ranked(rankings, "barriers", "levels_4_5")["ch_funding"]["item_rank"] == 5


@pytest.mark.parametrize("measure", ["levels_4_5", "level_5", "mean"])
def test_funding_and_financial_advice_are_the_most_valued_support(rankings: list[dict[str, Any]], measure: str) -> None:
    """Lines 1927-1931 and Figure 24, whose scale runs from 5 (least valuable) to 1 (highly valuable)."""
    assert list(ranked(rankings, "support", measure))[:2] == ["sp_fin_support", "sp_fin_advisory"]


def test_highly_valuable_is_the_highest_level_of_support(rankings: list[dict[str, Any]]) -> None:
    """Figure 24, lines 2081 and 2099: 8 and 39 cities for financial support; 2 as printed would be the mean."""
    assert ranked(rankings, "support", "level_5")["sp_fin_support"]["n"] == 39
    assert ranked(rankings, "support", "levels_4_5")["sp_fin_support"]["n"] == 8 + 39
    assert ranked(rankings, "support", "mean")["sp_fin_support"]["ranked_value"] == 4.0


def test_every_item_set_is_ranked_in_every_group(bundled: Deployment) -> None:
    sets = asked(bundled, "select distinct item_set from dimensions.dim_item where item_set is not null")
    assert sorted(row[0] for row in sets) == [
        "barriers",
        "innovation",
        "knowledge",
        "priorities",
        "services",
        "skills",
        "support",
    ]
    unranked = asked(
        bundled,
        """
        select members.wave, members.cohort_code, members.dimension_code, members.member_code, items.item_code
        from intermediate.int_group_members as members
        inner join intermediate.int_cohort_items as items using (wave, cohort_code)
        inner join dimensions.dim_item using (item_code)
        left join gaps.gap_ranking as rankings
            using (wave, cohort_code, dimension_code, member_code, item_code)
        where dim_item.item_set is not null
        group by all
        having count(distinct rankings.ranking_measure) <> 3
        """,
    )
    assert unranked == []


def test_published_margins_bound_the_groups_of_the_descriptions(sizes: dict[tuple[str, str, str], int]) -> None:
    """Spec item 151: 13 cities have an adopted target and a cross-sectoral administration (Table 7); of the 4 without a
    target 2 have no plan (Table 12) and 3 no budget (Table 18)."""
    assert 0 <= sizes["NMC", "strict", "high"] <= 13
    assert 1 <= sizes["NMC", "strict", "low"] <= 2


def test_group_sizes_of_the_methods_page(sizes: dict[tuple[str, str, str], int]) -> None:
    """docs/methods/indices.md prints these numbers."""
    groups = ("high", "mid", "low", "other", "missing")
    assert {version: tuple(sizes["NMC", version, group] for group in groups) for _, version, _ in sizes} == {
        "binary": (12, 8, 0, 42, 0),
        "blocks": (21, 7, 3, 31, 0),
        "equal": (21, 0, 0, 41, 0),
        "strict": (1, 6, 2, 53, 0),
    }


def test_no_group_of_the_figure_is_certain(bundled: Deployment) -> None:
    """docs/methods/indices.md: smallest and largest size over the versions; cities that all place alike."""
    query = """
        select distinct group_code, smallest_n, largest_n, is_certain, certain_n
        from gaps.gap_index_group where wave = '2024' and cohort_code = 'NMC' order by all
    """
    assert asked(bundled, query) == [
        ("high", 1, 21, False, 0),
        ("low", 0, 3, False, 0),
        ("mid", 0, 8, False, 0),
        ("missing", 0, 0, True, 0),
        ("other", 31, 53, False, 24),
    ]


def test_only_cohorts_whose_round_asks_every_item_are_scored(sizes: dict[tuple[str, str, str], int]) -> None:
    """The EoI has no question on the target's type, plans or the administration, so Mission Cities have no index."""
    assert {cohort for cohort, _, _ in sizes} == {"NMC", "NMC_SW"}


def test_one_scoring_of_the_figure_is_the_default_and_each_has_both_indices(bundled: Deployment) -> None:
    query = """
        select scoring_version, is_default, count(distinct index_code)
        from dimensions.dim_scoring inner join knowledge.scoring_components using (scoring_version)
        where index_family = 'placement'
        group by all order by all
    """
    assert asked(bundled, query) == [
        ("binary", False, 2),
        ("blocks", False, 2),
        ("equal", True, 2),
        ("strict", False, 2),
    ]


def test_default_scoring_has_the_variables_of_footnote_30_with_one_weight(bundled: Deployment) -> None:
    """Lines 2839-2851: seven variables of ambition, six of collaboration."""
    query = """
        select index_code, count(*), count(distinct weight)
        from knowledge.scoring_components where scoring_version = 'equal' group by all order by all
    """
    assert asked(bundled, query) == [("ambition", 7, 1), ("collaboration", 6, 1)]


def test_blocks_weigh_as_their_description_says(bundled: Deployment) -> None:
    query = """
        select
            sum(weight) filter (where component_code in ('target', 'target_type', 'target_year', 'exceeds_national'))
                / sum(weight) filter (where index_code = 'ambition'),
            sum(weight) filter (where component_code = 'administration')
                / sum(weight) filter (where index_code = 'collaboration'),
            sum(weight) filter (where component_code = 'data') / sum(weight) filter (where index_code = 'collaboration')
        from knowledge.scoring_components where scoring_version = 'blocks'
    """
    assert asked(bundled, query) == [(pytest.approx(1 / 2), pytest.approx(1 / 3), pytest.approx(1 / 3))]


def test_indices_equal_a_second_computation_from_seeds_and_answers(bundled: Deployment) -> None:
    answers: dict[str, dict[str, set[str]]] = {}
    query = "select response_key, item_code, choice_code from intermediate.int_item_answers where response_key ^@ 'nmc'"
    for response, item, choice in asked(bundled, query):
        answers.setdefault(response, {}).setdefault(item, set()).add(choice)
    components, points = (seed(bundled, name) for name in ("scoring_components", "scoring_points"))
    scored = {(row["scoring_version"], row["index_code"]) for row in components}
    expected = {
        (response, version, index): index_of(given, version, index, components, points)
        for response, given in answers.items()
        for version, index in scored
    }
    query = "select response_key, scoring_version, index_code, index_value from facts.fct_city_index"
    computed = {(response, version, index): value for response, version, index, value in asked(bundled, query)}
    assert len(computed) == (62 + 68) * len(scored)
    assert computed.keys() == expected.keys()
    assert all(computed[key] == pytest.approx(expected[key], abs=1e-4) for key in computed)


def seed(deployment: Deployment, name: str) -> list[dict[str, str]]:
    with (deployment.seeds / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def index_of(
    given: Mapping[str, set[str]],
    version: str,
    index: str,
    components: Sequence[Mapping[str, str]],
    points: Sequence[Mapping[str, str]],
) -> float:
    """The index of one city: 100 × the weighted mean of the best points of the components that count."""
    total = weights = 0.0
    for component in components:
        if (component["scoring_version"], component["index_code"]) != (version, index):
            continue
        scale = {
            (row["item_code"], row["choice_code"]): float(row["points"])
            for row in points
            if (row["scoring_version"], row["component_code"]) == (version, component["component_code"])
        }
        is_answered = any(item in given for item, _ in scale)
        if not is_answered and component["missing_rule"] == "left_out":
            continue
        best = max((value for (item, choice), value in scale.items() if choice in given.get(item, ())), default=0.0)
        total += best * float(component["weight"])
        weights += float(component["weight"])
    return 100 * total / weights


def test_the_scatter_names_no_city(bundled: Deployment) -> None:
    """Figure 31 as counts of coinciding points: 62 cities in each version."""
    with (bundled.releases / RELEASE / "internal" / "gaps" / "gap_city_index.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "wave",
        "cohort_code",
        "scoring_version",
        "is_default",
        "index_code",
        "index_label",
        "index_value",
        "other_index_code",
        "other_index_label",
        "other_index_value",
        "size_class_code",
        "group_code",
        "n",
        "is_synthetic",
        "obs_status",
        "conf_status",
        "hidden_reason",
    ]
    for version in ("binary", "blocks", "equal", "strict"):
        points = [row for row in rows if (row["cohort_code"], row["scoring_version"]) == ("NMC", version)]
        assert sum(int(row["n"]) for row in points) == 62
        assert {(row["index_code"], row["other_index_code"]) for row in points} == {("ambition", "collaboration")}
        assert all(0 <= float(row[index]) <= 100 for row in points for index in ("index_value", "other_index_value"))


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        ("scorings_are_whole", "delete from knowledge.scoring_points"),
        ("index_groups_add_up_to_the_cohort", "delete from gaps.gap_index_group where group_code = 'other'"),
        ("index_groups_add_up_to_the_cohort", "delete from gaps.gap_city_index where size_class_code = 'town'"),
        ("ranked_items_have_levels", "update dimensions.dim_item set direction = null where item_code = 'ch_ppp'"),
        ("ranked_items_have_levels", "delete from dimensions.dim_choice where item_code = 'ch_ppp' and level > 0"),
    ],
)
def test_a_planted_fault_is_found(bundled: Deployment, workshop: Deployment, test: str, fault: str) -> None:
    damaged(bundled, workshop, fault)
    assert states(workshop, test) == [(test, "fail")]


@pytest.fixture(scope="module")
def scoring_check(bundled: Deployment, workshop: Deployment) -> str:
    """The query of the test of the scoring seeds, which finds nothing in the bundled ones."""
    damaged(bundled, workshop, "select 1")
    node = results_of(workshop, "scorings_are_whole")["scorings_are_whole"]
    assert str(node.status) == "pass"
    return str(node.node.compiled_code)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("scorings.is_default: exactly one", "update dimensions.dim_scoring set is_default = true"),
        ("scorings.is_default: exactly one", "update dimensions.dim_scoring set is_default = false"),
        ("a version has every index", "delete from {components} where index_code = 'ambition'"),
        ("weight: above 0", "update {components} set weight = 0 where component_code = 'rni'"),
        ("component_code: once in an index", "insert into {components} from {components} where weight = 3"),
        ("factor: not negative", "insert into {conditions} values ('v', 'c', 1, null, null, -1)"),
        ("one in a position", "insert into {conditions} values ('v', 'c', 1, 'a', 'x', 1), ('v', 'c', 1, 'a', 'y', 2)"),
        ("a choice once in", "insert into {conditions} values ('v', 'c', 1, 'a', 'x', 1), ('v', 'c', 1, 'a', 'x', 1)"),
        ("component_code: has points", "delete from {points} where component_code = 'rni'"),
        ("points: from 0 to 1", "update {points} set points = 1.5 where choice_code = 'pacts'"),
        ("points: from 0 to 1", "update {points} set points = -0.5 where choice_code = 'pacts'"),
        ("choice_code: once in a component", "insert into {points} from {points} where choice_code = 'pacts'"),
        ("every choice of a single-choice item", "delete from {points} where choice_code = 'unknown'"),
        ("other and missing are no groups", "update {groups} set group_code = 'other' where group_code = 'mid'"),
        ("upper_exclusive: above the lower", "update {groups} set upper_exclusive = 0 where group_code = 'low'"),
        ("one label and one position", "update {groups} set label = label || index_code"),
        ("every version of a family has the same groups", "delete from {groups} where upper_exclusive in (63, 77)"),
        ("two groups overlap", "update {groups} set upper_exclusive = 34 where group_code = 'low'"),
    ],
)  # fmt: skip
def test_a_fault_in_a_scoring_is_named(
    bundled: Deployment, workshop: Deployment, scoring_check: str, place: str, fault: str
) -> None:
    tables = {name: f"knowledge.scoring_{name}" for name in ("components", "points", "groups", "conditions")}
    with duckdb.connect(str(damaged(bundled, workshop, fault.format(**tables)))) as connection:
        found = connection.execute(scoring_check).fetchall()
    assert any(place in row[0] for row in found)


def test_scoring_seeds_are_sorted() -> None:
    folder = Path(__file__).parents[2] / "seeds"
    keys = {
        "scorings": ("scoring_version",),
        "scoring_points": ("scoring_version", "component_code", "item_code", "choice_code"),
    }
    for name, columns in keys.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found = [tuple(row[column] for column in columns) for row in csv.DictReader(file)]
        assert found == sorted(found)
