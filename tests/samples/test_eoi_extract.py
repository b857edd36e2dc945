"""The Expression of Interest: shape, printed numbers of the Mission Cities, and the 19 linked cities."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from tests.samples.extracts import SIZES, Extract

SOUTH = ("Cyprus", "Greece", "Israel", "Italy", "Malta", "Portugal", "Spain", "Türkiye")
WEST = (
    "Austria",
    "Belgium",
    "France",
    "Germany",
    "Ireland",
    "Luxembourg",
    "Netherlands",
    "Switzerland",
    "United Kingdom",
)
NORTH = ("Denmark", "Estonia", "Finland", "Iceland", "Latvia", "Lithuania", "Norway", "Sweden")


@pytest.fixture(scope="module")
def rows(eoi: Extract) -> list[dict[str, Any]]:
    return eoi.rows


@pytest.fixture(scope="module")
def mission(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["mission_city"] == "Yes"]


def test_extract_has_374_questions_on_two_sheets_of_at_most_254_columns(eoi: Extract) -> None:
    assert len(eoi.questions) == 374
    assert [len(sheet[3]) for sheet in eoi.sheets.values()] == [254, 126]
    assert list(eoi.sheets) == ["Content", "Content1"]
    assert all(len(sheet) == 4 + 362 for sheet in eoi.sheets.values())
    assert len(set(eoi.header)) == 374 + 6
    assert eoi.header[:374] == [question["label"] for question in eoi.questions]


def test_questions_are_described_by_the_report_or_say_that_they_are_placeholders(eoi: Extract) -> None:
    described = {
        "city", "country", "population", "target_status", "target_year", "expected_reduction_pct", "barriers",
        "barriers_energy", "barriers_transport", "barriers_waste", "capacity_needs", "mission_city",
    }  # fmt: skip
    others = [q["label"] for q in eoi.questions if q["name"] not in described]
    assert len(others) == 374 - len(described)
    assert all(label.startswith("Placeholder: ") for label in others)


def test_no_choice_is_unknown(eoi: Extract, rows: list[dict[str, Any]]) -> None:
    for question in eoi.questions:
        kind, _, list_name = question["type"].partition(" ")
        if kind.startswith("select"):
            mentioned = {label for row in rows for label in row[question["name"]].split("; ")} - {""}
            assert mentioned <= set(eoi.choices[list_name].values()), question["name"]


def test_112_mission_cities_have_the_printed_population(mission: list[dict[str, Any]]) -> None:
    values = [row["population"] for row in mission]
    assert len(values) == 112
    assert round(statistics.mean(values), 1) == 668427.6
    assert round(statistics.median(values), 1) == 318206.5
    assert round(statistics.stdev(values), 1) == 1523440.2
    assert (min(values), max(values)) == (28600, 15000000)


def test_mission_cities_are_almost_equally_metropolitan_medium_and_small(
    mission: list[dict[str, Any]],
) -> None:
    sizes = [next(label for low, label in SIZES if row["population"] >= low) for row in mission]
    middle = [sizes.count(label) for _, label in SIZES[1:4]]
    assert max(middle) - min(middle) <= 1


def test_mission_cities_have_the_regions_of_the_registry(mission: list[dict[str, Any]]) -> None:
    countries = [row["country"] for row in mission]
    counts = [sum(country in region for country in countries) for region in (WEST, SOUTH, NORTH)]
    assert counts == [34, 30, 25]


@pytest.mark.parametrize(
    ("question", "label", "n"),
    [
        ("target_status", "Yes, a target is adopted", 100),
        ("target_status", "No, but a target is being adopted", 9),
        ("target_status", "No", 3),
        ("target_year", "By 2030", 82),
        ("target_year", "By 2040", 14),
        ("target_year", "By 2050", 4),
        ("capacity_needs", "Climate finance and investment planning", 68),
        ("capacity_needs", "How to address climate neutrality with a cross-sectoral approach", 53),
        ("barriers_energy", "High initial capital costs", 74),
        ("barriers_transport", "High initial capital costs", 73),
        ("barriers_waste", "Cultural and behavioural challenges", 73),
        ("barriers_waste", "Lack of infrastructure for circular economy", 59),
    ],
)
def test_mission_cities_answer_as_the_report_says(
    mission: list[dict[str, Any]], question: str, label: str, n: int
) -> None:
    assert sum(label in row[question].split("; ") for row in mission) == n


def test_two_barriers_lead_and_six_follow_at_about_a_third(eoi: Extract, mission: list[dict[str, Any]]) -> None:
    labels = eoi.choices["barriers"]
    counts = {name: sum(label in row["barriers"] for row in mission) for name, label in labels.items()}
    ranked = sorted(counts, key=lambda name: counts[name], reverse=True)
    assert ranked[:2] == ["funding", "fragmentation"]
    assert all(counts[name] > 56 for name in ranked[:2])
    assert all(34 <= counts[name] <= 41 for name in ranked[2:8])
    assert all(counts[name] < 30 for name in ranked[8:])


def test_sector_menus_have_at_most_six_answers(rows: list[dict[str, Any]]) -> None:
    for sector in ("energy", "transport", "waste"):
        assert max(len(row[f"barriers_{sector}"].split("; ")) for row in rows) <= 6


def test_99_mission_cities_give_year_and_reduction(mission: list[dict[str, Any]]) -> None:
    assert sum(row["target_year"] != "" and row["expected_reduction_pct"] != "" for row in mission) == 99


def test_19_survey_respondents_are_among_the_others_under_the_same_pseudonym(
    survey: Extract, rows: list[dict[str, Any]]
) -> None:
    by_city = {row["city"]: row for row in rows}
    assert len(by_city) == 362
    answered = {row["city"]: row for row in survey.rows}
    assert len(answered) == 62
    linked = set(answered) & set(by_city)
    assert linked == {city for city, row in answered.items() if row["eoi_2021"] == "Yes"}
    assert len(linked) == 19
    for city in linked:
        assert by_city[city]["mission_city"] == "No"
        assert by_city[city]["country"] == answered[city]["country"]
        assert by_city[city]["population"] == answered[city]["population"]
