"""What the prose says of the survey, counted in the extract; what it prints otherwise is in brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.samples.extracts import Extract

Row = dict[str, Any]
Holds = Callable[[Row], bool]


@pytest.fixture(scope="session")
def coded(survey: Extract, responses: list[Row]) -> list[Row]:
    """The 62 with sets of choice names in place of labels."""
    lists = {q["name"]: q["type"].partition(" ")[2] for q in survey.questions if q["type"].startswith("select")}
    by_label = {name: {label: code for code, label in labels.items()} for name, labels in survey.choices.items()}
    return [
        row | {name: {by_label[lst][label] for label in row[name].split("; ") if label} for name, lst in lists.items()}
        for row in responses
    ]


def has(question: str, *choices: str) -> Holds:
    return lambda row: bool(row[question] & set(choices))


def high(question: str) -> Holds:
    return has(question, "4", "5")


def both(*conditions: Holds) -> Holds:
    return lambda row: all(condition(row) for condition in conditions)


def no(condition: Holds) -> Holds:
    return lambda row: not condition(row)


def size(*labels: str) -> Holds:
    return lambda row: row["size"] in labels


def target(*choices: str) -> Holds:
    return has("target_status", *choices)


SMALL, TOWN, METRO = size("Small urban areas"), size("Towns"), size("Metropolitan areas")
SMALL_OR_TOWN = size("Small urban areas", "Towns")
EXISTING, PLANNED = target("existing"), target("planned")
SECAP, COVENANT = has("plans", "secap"), has("initiatives", "covenant_of_mayors")
NO_CROSS_PLAN = no(has("plans", "cross_sectoral"))
SOUTHERN = ("CY", "ES", "GR", "IL", "IT", "MT", "PT", "TR")
WESTERN = ("AT", "BE", "CH", "DE", "FR", "GB", "IE", "LU", "NL")
NORTHERN = ("DK", "EE", "FI", "IS", "LT", "LV", "NO", "SE")
SOUTH = has("country", *SOUTHERN)

# Line of the report, who, how many. The bracket is what the report prints there against its own tables.
STATEMENTS: list[tuple[str, Holds, int]] = [
    ("499 second wave", has("eoi_2021", "yes"), 19),
    ("574 southern", SOUTH, 30),
    ("574 central and eastern", no(has("country", *SOUTHERN, *WESTERN, *NORTHERN)), 16),
    ("576 western (prints 16)", has("country", *WESTERN), 10),
    ("580 northern", has("country", *NORTHERN), 6),
    ("694 small", SMALL, 26),
    ("696 towns", TOWN, 14),
    ("696 medium", size("Medium-size urban areas"), 13),
    ("698 large in the south", both(SOUTH, size("Large metropolitan areas", "Metropolitan areas")), 7),
    ("700 towns in the south", both(SOUTH, TOWN), 9),
    ("725 existing", EXISTING, 33),
    ("725 planned (prints 28 %)", PLANNED, 25),
    ("727 no target", target("no_target"), 4),
    (
        "729 small and towns with a target (prints 60 % of 58)",
        both(SMALL_OR_TOWN, target("planned", "existing")),
        37,
    ),
    ("756 by 2030", has("target_year", "2030"), 12),
    ("756 by 2040 (prints 35 % of 28)", has("target_year", "2040"), 6),
    ("758 by 2050", has("target_year", "2050"), 10),
    ("762 absolute-zero", has("target_type", "absolute_zero"), 6),
    ("764 net-zero", has("target_type", "net_zero"), 19),
    ("764 reduction only", has("target_type", "ghg_reduction"), 8),
    ("890 exclusions", lambda row: bool(row["exclusions"]), 9),
    (
        "893 year and reduction",
        lambda row: bool(row["target_year"]) and row["expected_reduction_pct"] != "",
        23,
    ),
    ("917 cross-sectoral", has("admin_structure", "cross_sectoral"), 20),
    ("921 climate office", has("admin_structure", "climate_office"), 9),
    ("923 sectoral department", has("admin_structure", "sectoral_department"), 12),
    ("925 fragmented", has("admin_structure", "fragmented"), 15),
    ("950 existing and department", both(EXISTING, has("admin_structure", "sectoral_department")), 9),
    ("952 existing and cross-sectoral", both(EXISTING, has("admin_structure", "cross_sectoral")), 13),
    ("1067 governments", has("stakeholders", "government"), 54),
    ("1073 policy support", has("support_received", "policy"), 35),
    ("1075 financial support", has("support_received", "financial"), 30),
    ("1077 coordination", has("support_received", "coordination"), 0),
    ("1108 citizens", has("stakeholders", "citizens"), 35),
    ("1112 awareness", has("engage_citizens", "awareness"), 45),
    ("1112 consultative", has("engage_citizens", "consultative"), 37),
    ("1116 most frequent empowering practice", has("engage_citizens", "co_creation"), 20),
    ("1116 least frequent empowering practice", has("engage_citizens", "pacts"), 15),
    ("1118 private sector", has("stakeholders", "private"), 30),
    ("1120 partnerships", has("engage_private", "ppp"), 28),
    ("1120 start-ups", has("engage_private", "startups"), 24),
    ("1124 shared goals", has("engage_private", "shared_goals"), 17),
    ("1126 universities", has("stakeholders", "academia"), 35),
    ("1126 scholars, of all", has("engage_academia", "consult"), 39),
    ("1126 scholars, of 35", both(has("engage_academia", "consult"), has("stakeholders", "academia")), 22),
    ("1128 research, of all", has("engage_academia", "collaborative_rni"), 25),
    (
        "1128 research, of 35",
        both(has("engage_academia", "collaborative_rni"), has("stakeholders", "academia")),
        14,
    ),
    ("1146 any initiative", no(has("initiatives", "none")), 52),
    ("1150 ten initiatives", lambda row: len(row["initiatives"]) >= 10, 1),
    ("1154 initiatives without a target", both(target("no_target"), no(has("initiatives", "none"))), 0),
    ("1180 content", has("initiative_benefits", "content"), 36),
    ("1191 network of cities", has("initiative_benefits", "network_cities"), 34),
    ("1191 network of experts", has("initiative_benefits", "network_experts"), 30),
    ("1191 funding", has("initiative_benefits", "funding"), 32),
    ("1193 repository", has("initiative_benefits", "repository"), 19),
    ("1195 political", has("initiative_benefits", "political"), 15),
    ("1197 training", has("initiative_benefits", "training"), 13),
    ("1197 toolkits", has("initiative_benefits", "toolkits"), 10),
    ("1276 small: fragmentation", both(SMALL, high("ch_fragmentation")), 18),
    ("1391 no plan", has("plans", "none"), 9),
    ("1391 only sectoral (prints 49 %)", both(NO_CROSS_PLAN, no(has("plans", "none"))), 24),
    ("1393 SECAP", SECAP, 34),
    ("1399 SUMP", has("plans", "sump"), 32),
    ("1401 cross-sectoral plans", has("plans", "cross_sectoral"), 29),
    ("1409 research", has("rni_projects", "in_place"), 32),
    ("1429 covenant and SECAP", both(COVENANT, SECAP), 25),
    ("1431 covenant alone", both(COVENANT, no(SECAP)), 9),
    ("1433 SECAP alone", both(SECAP, no(COVENANT)), 9),
    ("1664 none or only sectoral", NO_CROSS_PLAN, 33),
    ("1668 planning, existing", both(EXISTING, high("pr_planning")), 22),
    ("1733 no budget", has("climate_budget", "none"), 27),
    ("1735 budget", has("climate_budget", "in_place"), 20),
    ("1737 1-10 %", has("budget_share", "1_to_10"), 6),
    ("1739 10-20 %", has("budget_share", "10_to_20"), 2),
    ("1741 over 20 %", has("budget_share", "over_20"), 1),
    ("1763 small or town without budget", both(SMALL_OR_TOWN, has("climate_budget", "none")), 21),
    ("1846 no capacity", has("capital_needs_capacity", "no"), 47),
    ("1848 finance knowledge", high("ch_finance_knowledge"), 30),
    ("1897 towns: funding", both(TOWN, high("ch_funding")), 10),
    ("1897 small: funding", both(SMALL, high("ch_funding")), 16),
    ("1907 towns: cost", both(TOWN, high("ch_capital_cost")), 11),
    ("1909 small: cost", both(SMALL, high("ch_capital_cost")), 23),
    ("1909 metropolitan: cost", both(METRO, high("ch_capital_cost")), 7),
    ("1909 existing: cost", both(EXISTING, high("ch_capital_cost")), 25),
    ("1911 planned: cost", both(PLANNED, high("ch_capital_cost")), 22),
    ("1919 small: market", both(SMALL, high("ch_market")), 19),
    ("1919 metropolitan: market", both(METRO, high("ch_market")), 6),
    ("1919 existing: market (prints 76 %, 25 of 33)", both(EXISTING, high("ch_market")), 24),
    ("1921 planned: market", both(PLANNED, high("ch_market")), 16),
    ("2265 inventory", has("ghg_inventory", "undertaken", "under_preparation"), 51),
    ("2275 data: academia", has("data_partners", "academia"), 37),
    ("2277 data: governments", has("data_partners", "government"), 31),
    ("2279 data: none", has("data_partners", "none"), 6),
    ("2343 lack of staff", no(has("staff", "sufficient")), 50),
    ("2345 more staff", has("staff", "additional_planned"), 24),
    ("2347 staff", has("staff", "sufficient"), 12),
    ("2358 existing: capacity (prints 49 %)", both(EXISTING, high("ch_admin_capacity")), 21),
    ("2360 planned: capacity", both(PLANNED, high("ch_admin_capacity")), 19),
    ("2441 small: design", both(SMALL, high("sk_design")), 19),
    ("2441 metropolitan: design", both(METRO, high("sk_design")), 6),
    ("2443 planned: design", both(PLANNED, high("sk_design")), 17),
    ("2445 existing: design", both(EXISTING, high("sk_design")), 22),
    ("2447 towns: systemic", both(TOWN, high("sk_systemic")), 10),
    ("2449 metropolitan: systemic", both(METRO, high("sk_systemic")), 6),
    ("2454 towns: communication", both(TOWN, high("sk_communication")), 10),
    ("2454 small: communication", both(SMALL, high("sk_communication")), 19),
    ("2458 planned: communication", both(PLANNED, high("sk_communication")), 19),
    ("2460 existing: communication", both(EXISTING, high("sk_communication")), 20),
    ("2636 small: new ideas", both(SMALL, high("in_new_ideas")), 21),
    ("2738 inventory undertaken (prints 66 %, 41)", has("ghg_inventory", "undertaken"), 40),
    (
        "2933 absolute-zero: capacity",
        both(has("target_type", "absolute_zero"), has("ch_admin_capacity", "5")),
        0,
    ),
    ("3600 unlikely", has("discussion_groups", "unlikely"), 3),
    ("3602 very likely", has("discussion_groups", "very_likely"), 20),
    ("3602 likely", has("discussion_groups", "likely"), 14),
    ("3604 know more", has("discussion_groups", "know_more"), 25),
]


@pytest.mark.parametrize(("statement", "holds", "n"), STATEMENTS, ids=[name for name, _, _ in STATEMENTS])
def test_statement_has_its_count(coded: list[Row], statement: str, holds: Holds, n: int) -> None:
    assert sum(map(holds, coded)) == n


def test_initiatives_have_the_mean_of_three(coded: list[Row]) -> None:
    numbers = [len(row["initiatives"] - {"none"}) for row in coded]
    assert (sum(numbers), max(numbers)) == (190, 10)


def test_planning_solutions_are_the_top_priority_and_voluntary_and_financial_ones_low(
    coded: list[Row],
) -> None:
    names = [name for name in coded[0] if name.startswith("pr_")]
    ranked = sorted(names, key=lambda name: sum(map(high(name), coded)), reverse=True)
    assert ranked[0] == "pr_planning"
    assert set(ranked[-3:]) == {"pr_voluntary", "pr_financial", "pr_fiscal"}


@pytest.mark.parametrize(("prefix", "first"), [("sk_", "sk_design"), ("kn_", "kn_digital"), ("in_", "in_new_ideas")])
def test_primary_benefit_leads_its_matrix(coded: list[Row], prefix: str, first: str) -> None:
    names = [name for name in coded[0] if name.startswith(prefix)]
    assert max(names, key=lambda name: sum(map(high(name), coded))) == first


def test_most_value_the_first_four_services_and_fewer_the_others(coded: list[Row]) -> None:
    shares = {name: sum(map(high(name), coded)) for name in coded[0] if name.startswith("sv_")}
    assert all(shares.pop(f"sv_{name}") > 40 for name in ("webinars", "workshops", "online_training", "free_courses"))
    assert all(n < 31 for n in shares.values())


def test_low_ambition_group_and_high_ambition_group_are_both_found(coded: list[Row]) -> None:
    low = both(target("no_target"), has("ghg_inventory", "not_undertaken"), has("plans", "none"))
    strict_high = both(
        has("target_type", "absolute_zero", "net_zero"),
        has("ghg_inventory", "undertaken"),
        has("plans", "cross_sectoral"),
        has("climate_budget", "in_place"),
        has("rni_projects", "in_place"),
    )
    assert sum(map(both(low, has("climate_budget", "none", "unknown")), coded)) in (1, 2)
    assert 1 <= sum(map(strict_high, coded)) <= 13
