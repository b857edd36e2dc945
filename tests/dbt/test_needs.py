"""Needs of Mission and Non-Mission Cities: research question 1 and Tables 1 and 37 of the first report."""

import duckdb
import pytest
from deployments import Deployment
from planted import results_of

Row = tuple[object, ...]
FIRST = "gaps.gap_need_by_cohort where wave = '2024' and cohort_code = 'MC'"


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(bundled.settings.served_database), read_only=True)


def rows(served: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    return served.execute(query).fetchall()


def test_every_text_of_tables_1_and_37_has_a_need(served: duckdb.DuckDBPyConnection) -> None:
    """Table 1: 8 texts; Table 37: 11 of Mission Cities, 15 of Non-Mission Cities (spec, items 69 and 97)."""
    counted = rows(
        served,
        "select number, stated_for, count(distinct line) from gaps.gap_need_statement group by all order by all",
    )
    assert counted == [(1, "D13.1 focus groups", 8), (37, "MC", 11), (37, "NMC", 15)]


def test_every_need_of_the_survey_but_the_open_answers_rests_on_a_statistic(served: duckdb.DuckDBPyConnection) -> None:
    """Lines 3275 and 3279 come from open answers on monitoring that nobody has coded."""
    without = rows(
        served, "select line from gaps.gap_need_statement where cohort_code = 'NMC' and base_n is null order by 1"
    )
    assert without == [(3275,), (3279,)]


@pytest.mark.parametrize(
    ("need", "n", "base_n"),
    [
        ("cross_sectoral_planning", 33, 62),  # l.1664: 53 % no plan or only sectoral plans
        ("climate_budget", 27, 62),  # l.1733: 44 %
        ("coordination", 50, 62),  # l.1077: of those that answered, none
        ("private_engagement", 32, 62),  # l.1118: 48 % involve the private sector
        ("academia_engagement", 27, 62),  # l.1126: 56 % involve universities
        ("target_definitions", 8, 25),  # l.770: residual emissions in spite of an absolute-zero or net-zero target
        ("capital_cost", 50, 62),  # Figure 32
    ],
)
def test_a_need_has_the_statistic_of_the_report(
    served: duckdb.DuckDBPyConnection, need: str, n: int, base_n: int
) -> None:
    found = rows(
        served,
        f"select distinct n, base_n from gaps.gap_need_statement where cohort_code = 'NMC' and need_code = '{need}'",
    )
    assert found == [(n, base_n)]


def test_the_report_states_three_needs_in_the_same_words_for_both(served: duckdb.DuckDBPyConnection) -> None:
    """Spec, item 162: silos, fragmentation, knowledge in investment planning; and a skill that it splits."""
    both = rows(
        served,
        "select need_code from gaps.gap_need_by_cohort where cohort_code = 'MC' and report_verdict = 'both' order by 1",
    )
    assert both == [("finance_knowledge",), ("fragmentation",), ("project_development",), ("silos",)]


def test_every_need_of_the_taxonomy_has_a_verdict(served: duckdb.DuckDBPyConnection) -> None:
    verdicts = dict(rows(served, f"select verdict, count(*) from {FIRST} group by all"))
    assert sum(verdicts.values()) == 36
    assert set(verdicts) == {"overlaps", "not known"}


def test_no_verdict_rests_on_synthetic_answers(served: duckdb.DuckDBPyConnection) -> None:
    """The Mission Cities' menu is printed for two needs of 20, and for no barrier: nothing is evidence of both."""
    query = f"select need_code from {FIRST} and {{}} order by 1"
    both = "verdict_basis = 'evidence of both'"
    assert rows(served, query.format(both)) == []
    made = "verdict <> 'not known' and verdict_provenance = 'synthetic'"
    assert rows(served, query.format(made)) == []
    assert rows(served, query.format("provenance = 'printed'")) == [("kn_finance",), ("sk_systemic",)]
    known = [("finance_knowledge",), ("fragmentation",), ("measuring",), ("project_development",), ("silos",)]
    assert rows(served, query.format("verdict = 'overlaps'")) == known
    unexplained = "(why_not_known is null) = (verdict = 'not known')"
    assert rows(served, query.format(unexplained)) == []


def test_all_barriers_of_the_survey_are_printed(served: duckdb.DuckDBPyConnection) -> None:
    """Figure 32 has every level of the 14 ratings."""
    query = (
        f"select comparison_provenance, count(*) from {FIRST} "
        "and comparability = 'menu against rating' and comparison_ranked_needs_n = 14 "
        "group by all"
    )
    assert rows(served, query) == [("printed", 14)]


def test_ranks_say_how_many_resamples_of_the_cities_keep_them(served: duckdb.DuckDBPyConnection) -> None:
    """About half of the 19 change in more than one of twenty samples of the 62."""
    query = f"select stability from {FIRST} and rank_verdict is not null"
    found = [stability for (stability,) in rows(served, query)]
    assert len(found) == 19
    assert 8 <= sum(stability < 0.95 for stability in found) <= 11
    assert min(found) > 0.4


def test_what_the_questionnaire_ties_is_not_tested(served: duckdb.DuckDBPyConnection) -> None:
    """Year and residual emissions are asked of cities with a target; the Mission Cities' question was another."""
    tied = "item_code in ('target_status', 'residual_emissions') and dimension_code in ('target_status', 'target_year')"
    assert rows(served, f"select count(*) from gaps.gap_evidence where {tied}") == [(0,)]
    compared = "comparison_kind = 'cohort' and item_code in ('target_status', 'target_year')"
    reworded = "wave = '2024' and comparability = 'reworded'"
    query = f"select distinct verdict from gaps.gap_evidence where {reworded} and {compared} order by 1"
    assert rows(served, query) == [("gap or wording",), ("no evidence",)]
    clear = "select distinct comparability from gaps.gap_evidence where verdict in ('clear gap', 'some evidence')"
    assert rows(served, clear) == [("same",)]


def test_lack_of_funding_would_overlap_and_capital_costs_would_differ(served: duckdb.DuckDBPyConnection) -> None:
    """First of the EoI's menu against fifth of 14 ratings; sixth against first."""
    found = rows(
        served,
        "select need_code, share_rank, ranked_needs_n, comparison_share_rank, comparison_ranked_needs_n, rank_verdict, "
        f"verdict, comparability from {FIRST} "
        "and need_code in ('funding', 'capital_cost') order by 1",
    )
    assert found == [
        ("capital_cost", 6, 14, 1, 14, "differs", "not known", "menu against rating"),
        ("funding", 1, 14, 5, 14, "overlaps", "not known", "menu against rating"),
    ]


def test_themes_of_four_schemes_lead_to_ours(served: duckdb.DuckDBPyConnection) -> None:
    """Spec, item 152."""
    counted = rows(served, "select scheme, count(*) from dimensions.dim_theme_crosswalk group by all order by all")
    assert counted == [("chapter_2", 5), ("d13_1", 5), ("pathway", 6), ("table_37", 5)]


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("need_evidence.is_chosen: one rule an item", "values ('funding', 'funding', '3', 'no', 'stated')"),
        ("need_evidence.item_code: one item a cohort", "values ('funding', 'plan', 'yes', 'yes', 'stated')"),
    ],
)
def test_a_need_that_is_found_in_two_ways_stops_the_build(built: Deployment, place: str, fault: str) -> None:
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute(f"insert into knowledge.need_evidence {fault}")
    found = results_of(built, "needs_are_found_in_one_way")["needs_are_found_in_one_way"]
    assert str(found.status) == "fail"
    with duckdb.connect(str(built.settings.build_database), read_only=True) as connection:
        assert [row[0] for row in connection.execute(found.node.compiled_code).fetchall()][:1] == [place]
