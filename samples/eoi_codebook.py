"""The codebook of the Expression of Interest of 2021: 374 questions.

Belongs here: the questions that the report describes, and placeholders for the others, whose wording is
not public. Not here: answers.
"""

from __future__ import annotations

import csv
from pathlib import Path

from samples.codebook import load
from samples.published import read_csv

QUESTIONS_N = 374
COLUMNS = [
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "section",
    "question_number",
    "matrix",
    "role",
    "is_personal",
]

PLACEHOLDER_LISTS = {
    "progress": {"none": "Not planned", "planned": "Planned", "started": "Started", "in_place": "In place"},
    "level": {"1": "1 = very low", "2": "2", "3": "3", "4": "4", "5": "5 = very high"},
    "means": {
        "regulation": "Regulation",
        "subsidies": "Subsidies",
        "investment": "Own investment",
        "information": "Information",
        "partnership": "Partnership",
    },
}
# The third question of each subject: type, what it asks, constraint.
DETAILS = (
    ("decimal", "share covered (%)", ". >= 0 and . <= 100"),
    ("select_multiple means", "means used", ""),
    ("integer", "number of projects", ". >= 0 and . <= 500"),
    ("text", "remarks", ""),
    ("date", "date of the last decision", ""),
)

LISTS = {
    "yes_no": {"yes": "Yes", "no": "No"},
    "target_status": {
        "adopted": "Yes, a target is adopted",
        "in_process": "No, but a target is being adopted",
        "none": "No",
    },
    "target_year": {"2030": "By 2030", "2040": "By 2040", "2050": "By 2050"},
    "barriers_energy": {
        "capital_cost": "High initial capital costs",
        "regulation": "Regulatory barriers",
        "grid": "Limited capacity of the grid",
        "prices": "Volatile energy prices",
        "ownership": "Fragmented ownership of buildings and networks",
        "skills": "Shortage of skilled workers",
        "space": "Lack of space for renewable energy",
        "acceptance": "Low public acceptance",
        "technology": "Immature technologies",
        "data": "Lack of data",
    },
    "barriers_transport": {
        "capital_cost": "High initial capital costs",
        "car_dependency": "Dependency on cars",
        "commuters": "Commuters from outside the city",
        "public_space": "Lack of public space",
        "operators": "Fragmented responsibilities of operators",
        "acceptance": "Low public acceptance",
        "operating_cost": "High operating costs",
        "regulation": "Regulatory barriers",
        "charging": "Lack of charging infrastructure",
        "data": "Lack of data",
    },
    "barriers_waste": {
        "culture": "Cultural and behavioural challenges",
        "circular_infrastructure": "Lack of infrastructure for circular economy",
        "capital_cost": "High initial capital costs",
        "collection": "Complex collection systems",
        "secondary_market": "No market for secondary materials",
        "sorting": "Lack of sorting facilities",
        "regulation": "Regulatory barriers",
        "logistics": "Logistics in dense districts",
        "data": "Lack of data",
        "tourism": "Seasonal population and tourism",
    },
    "capacity_needs": {
        "climate_finance": "Climate finance and investment planning",
        "cross_sectoral": "How to address climate neutrality with a cross-sectoral approach",
        "project_development": "Project development through pre-feasibility to finance-ready",
        "citizen_engagement": "Engagement of citizens and stakeholders",
        "data_monitoring": "Data and monitoring",
        "procurement": "Innovative procurement",
        "digital": "Digitalisation and smart city solutions",
        "technology": "Technologies for climate neutrality",
    },
}


def barriers() -> dict[str, str]:
    """The cross-sectoral barriers: the survey's challenges, one in the words of the report (l.443)."""
    rows = {q.name: q.label for q in load("nmc_survey", "2024").questions if q.name.startswith("ch_")}
    labels = {name.removeprefix("ch_"): label for name, label in rows.items() if name != "challenges_other"}
    return labels | {"fragmentation": "Fragmentation of responsibilities at city level"}


def build(folder: Path) -> None:
    """Write questions.csv and choices.csv."""
    lists = LISTS | {
        "barriers": barriers(),
        "country": load("nmc_survey", "2024").choices["country"],
        **PLACEHOLDER_LISTS,
    }
    choices = [
        {"list_name": name, "name": choice, "label": label, "position": str(position)}
        for name, labels in lists.items()
        for position, (choice, label) in enumerate(labels.items(), start=1)
    ]
    _write(folder / "questions.csv", COLUMNS, questions())
    _write(folder / "choices.csv", ["list_name", "name", "label", "position"], choices)


def questions() -> list[dict[str, str]]:
    """All rows of questions.csv."""
    rows = [*_profile(), *_targets(), *_placeholders(), *_barriers(), *_selection()]
    if len(rows) != QUESTIONS_N:
        raise ValueError(f"the codebook has {len(rows)} questions, the Expression of Interest {QUESTIONS_N}")
    return [row | {"question_number": str(number)} for number, row in enumerate(rows, start=1)]


def _row(kind: str, name: str, label: str, section: str, **more: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {"type": kind, "name": name, "label": label, "section": section} | more


def _profile() -> list[dict[str, str]]:
    section = "city profile"
    return [
        _row("text", "contact_name", "Placeholder: name of the contact person", section, is_personal="yes"),
        _row("text", "contact_email", "Placeholder: e-mail of the contact person", section, is_personal="yes"),
        _row("text", "city", "Name of the city", section, required="yes", role="city_pseudonym"),
        _row("select_one country", "country", "Country", section, required="yes", role="country"),
        _row(
            "integer",
            "population",
            "Number of inhabitants of the city",
            section,
            required="yes",
            role="population",
            constraint=". >= 1 and . <= 20000000",
        ),
    ]


def _targets() -> list[dict[str, str]]:
    section = "climate targets"
    return [
        _row(
            "select_one target_status",
            "target_status",
            "Has your city officially adopted a GHG emissions reduction target for the future "
            "(i.e. with a target year after 2020)?",
            section,
            required="yes",
        ),
        _row(
            "select_one target_year",
            "target_year",
            "Target year",
            section,
            relevant="${target_status} = 'adopted'",
        ),
        _row(
            "decimal",
            "expected_reduction_pct",
            "Expected GHG reduction by the target year (%)",
            section,
            relevant="${target_status} = 'adopted'",
            constraint=". >= 0 and . <= 100",
        ),
    ]


def _placeholders() -> list[dict[str, str]]:
    """Three questions on each subject of eoi_subjects.csv; DETAILS take turns."""
    rows = []
    for number, row in enumerate(read_csv(Path(__file__).with_name("eoi_subjects.csv"))):
        section = row["section"]
        name = f"{section.replace(' ', '_')}_{number % 10 + 1:02}"
        label = f"Placeholder: {section}: {row['subject']}"
        kind, detail, constraint = DETAILS[number % len(DETAILS)]
        rows += [
            _row("select_one progress", f"{name}_progress", f"{label}: state of play", section),
            _row("select_one level", f"{name}_level", f"{label}: level of ambition", section),
            _row(kind, f"{name}_detail", f"{label}: {detail}", section, constraint=constraint),
        ]
    return rows


def _barriers() -> list[dict[str, str]]:
    section = "barriers, risks and need for assistance"
    rows = [
        _row(
            "select_multiple barriers",
            "barriers",
            "Which are the main cross-sectoral barriers for your city to reach climate neutrality?",
            section,
        )
    ]
    for sector in ("energy", "transport", "waste"):
        label = f"Which are the main barriers in the {sector} sector? (up to six)"
        rows.append(_row(f"select_multiple barriers_{sector}", f"barriers_{sector}", label, section))
    label = "Which capacity building and learning needs does your city have?"
    return [*rows, _row("select_multiple capacity_needs", "capacity_needs", label, section)]


def _selection() -> list[dict[str, str]]:
    label = "Selected as a Mission City in April 2022 (added by the Mission Platform)"
    return [_row("select_one yes_no", "mission_city", label, "selection", required="yes")]


def _write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
