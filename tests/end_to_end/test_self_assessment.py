"""A nested, weighted self-assessment by import alone: sections, maximum points, questions that do not apply by size.

The questionnaire is ADEME's on the circular economy (tests/samples/ademe). What is expected is worked out by hand from
its rows: a part has its percent of the points around it, or an equal share where none of its neighbours says; a part
that is switched off counts neither for nor against; a factor multiplies the points of a part.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest
from deployments import MINI_SEEDS, Deployment, deploy

from orchestration.settings import PROJECT_ROOT

SAMPLES = PROJECT_ROOT / "tests" / "samples" / "ademe"
# Twenty answers. By hand: 1.1 has 30 points, of which 1.1.1 to 1.1.5 have 20 % (6) each, so 1.1.1.1 (20 %) has 1.2.
ANSWERS = {
    "1.1.1.1": "fait",  # 1.2
    "1.1.1.2": "fait",  # 30 % of 6: 1.8
    "1.1.1.5": "pas_fait",
    "1.1.2.1": "fait",  # 1.2
    "1.1.3.3": "fait",  # 50 % of 6: 3
    "1.1.4.10": "fait",  # 4 % of 6: 0.24
    "1.1.5.4": "programme",
    "1.2.1.2": "fait",  # 30 % of 20 % of 30: 1.8
    "1.2.2": "fait",  # 20 % of 30: 6
    "1.2.4.1": "fait",  # of syndicates alone: does not count
    "1.3.1.1": "fait",  # 50 % of 50 % of 30: 7.5
    "1.3.2.2": "fait",  # 10 % of 50 % of 30: 1.5
    "2.1.1.1": "fait",  # one of seven of 40 % of 10: 4/7
    "2.1.1.2": "fait",  # 4/7
    "2.1.1.4": "fait",  # 4/7
    "2.2.1.1": "fait",  # one of three of 20 % of 15: 1
    "2.2.1.2": "fait",  # 1
    "3.7.1.1": "fait",  # 40 % of 25 % of 20: 2, below 100,000 inhabitants three times that
    "3.7.2.1": "fait",  # 50 % of 75 % of 20: 7.5, below 100,000 inhabitants a third of it
    "3.7.2.2": "non_concerne",  # 7.5 or 2.5 points that do not apply
}
WHOLE = {"dev_eco_1": "OUI", "dechets_1": "OUI", "dechets_2": "OUI", "dechets_3": "OUI", "formation": "OUI"}
CITIES = {
    "small": {"identite_type": "EPCI", "identite_population": "moins_de_100000", **WHOLE},
    # Without a department of economy (1.2.2, 1.2.3, 3.4, 4.3) and of waste prevention (2.1).
    "large": {"identite_type": "EPCI", **WHOLE, "dev_eco_1": "NON", "dechets_3": "NON"},
}
# Points and points that could be reached. 1.2.4 (12 points) and 4.2.5 (10) are of syndicates.
TOTALS = {
    "small": {
        "eci_1_1_1": (3.0, 6.0),
        "eci_1_1": (7.44, 30.0),
        "eci_1_2": (7.8, 18.0),
        "eci_1_3": (9.0, 30.0),
        "eci_1": (24.24, 78.0),
        "eci_2_1": (1.714286, 10.0),
        "eci_2_2": (2.0, 15.0),
        "eci_2": (3.714286, 80.0),
        "eci_3_7_1": (6.0, 15.0),
        "eci_3_7_2": (2.5, 2.5),
        "eci_3_7": (8.5, 17.5),
        "eci_3": (8.5, 177.5),
        "eci_4": (0.0, 50.0),
        "eci_5": (0.0, 90.0),
        "eci": (36.454286, 475.5),
    },
    "large": {
        "eci_1_1": (7.44, 30.0),
        "eci_1_2": (1.8, 6.0),
        "eci_1": (18.24, 66.0),
        "eci_2_1": (0.0, 0.0),
        "eci_2": (2.0, 70.0),
        "eci_3_7": (9.5, 12.5),
        "eci_3": (9.5, 147.5),
        "eci_4": (0.0, 30.0),
        "eci_5": (0.0, 90.0),
        "eci": (29.74, 403.5),
    },
}


def imported(deployment: Deployment, name: str, *more: str) -> None:
    done = deployment.needs(
        "codebook", "import", str(SAMPLES / f"referentiel-{name}-structure.csv"), "--language", "fr",
        "--instrument", "readiness", "--round", "2030", "--scoring", name, *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The pulse of eight cities, and two cities that assessed themselves."""
    made = deploy(tmp_path_factory.mktemp("assessment"), MINI_SEEDS)
    imported(made, "eci")
    folder = made.seeds / "rounds" / "readiness" / "2030"
    asked = folder / "questions.csv"
    header, *lines = asked.read_text(encoding="utf-8").splitlines()
    city = dict.fromkeys(header.split(","), "") | {"type": "text", "name": "city", "label": "City", "source": "city"}
    city["role"] = "response_id city_pseudonym"
    asked.write_text("\n".join([header, ",".join(city.values()), *lines]) + "\n", encoding="utf-8")
    columns = [row["source"] for row in rows_of(asked)]
    with (folder / "extract.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({"city": name, **facts, **ANSWERS} for name, facts in CITIES.items())
    card = (made.seeds / "rounds" / "pulse" / "2030" / "round.yml").read_text(encoding="utf-8")
    (folder / "round.yml").write_text(card.replace("expected_responses: 8", "expected_responses: 2"), encoding="utf-8")
    with (made.seeds / "wave_rounds.csv").open("a", encoding="utf-8") as file:
        file.write("2030,readiness,2030,2\n")
    made.refresh()
    return made


@pytest.mark.parametrize("city", TOTALS)
def test_section_totals_are_those_scored_by_hand(deployment: Deployment, city: str) -> None:
    assert len(ANSWERS) == 20
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        found = connection.execute(
            "select index_code, index_points, reachable_points, index_value from facts.fct_city_index "
            "inner join facts.fct_response using (response_key) where city_key = $city",
            {"city": city},
        ).fetchall()
    assert len(found) > 80
    computed = {index: (points, reachable) for index, points, reachable, _ in found}
    assert {index: computed[index] for index in TOTALS[city]} == TOTALS[city]
    for _, points, reachable, value in found:
        assert value == (round(100 * points / reachable, 4) if reachable else None)


def test_importing_again_changes_nothing_and_a_second_questionnaire_stands_beside_the_first(
    deployment: Deployment, tmp_path: Path
) -> None:
    seeds = tmp_path / "seeds"
    shutil.copytree(deployment.seeds, seeds)
    copy = Deployment(seeds, tmp_path / "data", tmp_path / "releases")
    before = {path.name: path.read_bytes() for path in seeds.glob("*.csv")}
    imported(copy, "eci", "--force")
    assert {path.name: path.read_bytes() for path in seeds.glob("*.csv")} == before
    imported(copy, "cae", "--force")
    weights = [row for row in rows_of(seeds / "scoring_components.csv") if row["index_code"] in ("cae", "eci")]
    for code in ("cae", "eci"):
        # Each of the two has 500 points.
        assert round(sum(float(row["weight"]) for row in weights if row["index_code"] == code), 6) == 500
