"""Two instruments by codebook and seeds alone: a weighted self-assessment, and a barometer of city × indicator × year.

The questionnaire is ADEME's on the circular economy (tests/samples/ademe). What is expected is worked out by hand from
its rows: a part has its percent of the points around it, or an equal share where none of its neighbours says; a part
that is switched off counts neither for nor against; a factor multiplies the points of a part. The barometer is a
register with a record an indicator and year: of each indicator the latest year tells of the city.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
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

# Later years do not stand last; A and C are of the pulse of eight cities, X is of no cohort.
BAROMETER = """City;Indicator;As of;Value
A;GHG emissions per head;2028-12-31;6.5
A;GHG emissions per head;2029-12-31;5
A;GHG emissions per head;2027-12-31;7
A;Climate staff;2029-12-31;12
C;Climate staff;2028-12-31;
C;GHG emissions per head;2029-12-31;2.5
X;GHG emissions per head;2029-12-31;1
"""
HEADER = "type,name,label,hint,required,relevant,constraint,section,question_number,matrix,role,is_personal"
BAROMETER_QUESTIONS = f"""{HEADER}
text,city,City,,,,,,1,,city_pseudonym,
select_one indicator,indicator,Indicator,,,,,,2,,,
date,on,As of,,,,,,3,,submitted_at,
decimal,value,Value,,,,. >= 0,,4,,,
"""
BAROMETER_CHOICES = """list_name,name,label,position
indicator,emissions,GHG emissions per head,1
indicator,staff,Climate staff,2
"""


def imported(deployment: Deployment, name: str, *more: str) -> None:
    done = deployment.needs(
        "codebook", "import", str(SAMPLES / f"referentiel-{name}-structure.csv"), "--language", "fr",
        "--instrument", "readiness", "--round", "2030", "--scoring", name, *more,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def append(path: Path, rows: list[dict[str, object]]) -> None:
    """Rows behind those of a seed; what a row does not tell is empty."""
    known = rows_of(path) if path.exists() else []
    columns = list(dict.fromkeys(name for row in (*known, *rows) for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*known, *rows])


def add_barometer(seeds: Path) -> None:
    """Source card, codebook and extract of the register, and its items: the number, its class, what is reported."""
    folder = seeds / "rounds" / "barometer" / "2030"
    folder.mkdir(parents=True)
    card = (seeds / "rounds" / "pulse" / "2030" / "round.yml").read_text(encoding="utf-8")
    card = card.replace("expected_responses: 8", "expected_responses: 7") + "unit: record\ncomplete_for: all\n"
    for name, text in (
        ("round.yml", card),
        ("questions.csv", BAROMETER_QUESTIONS),
        ("choices.csv", BAROMETER_CHOICES),
        ("extract.csv", BAROMETER),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    append(seeds / "wave_rounds.csv", [{"wave": "2030", "instrument": "barometer", "round": "2030", "rank": 3}])
    item = {"theme_code": "finance", "is_dimension": "no", "base_rule": "all", "follows_city": "yes"}
    source = {"instrument": "barometer", "round": "2030", "comparability": "same"}
    value = {**source, "question_code": "value", "pick": "latest", "only_question": "indicator"}
    append(
        seeds / "items.csv",
        [
            {**item, "item_code": "emissions", "label": "GHG emissions per head", "kind": "number"},
            {**item, "item_code": "staff", "label": "Climate staff", "kind": "number"},
            {**item, "item_code": "emissions_class", "label": "Emissions", "kind": "single", "scale_code": "emissions"},
            {**item, "item_code": "reported", "label": "Reports", "kind": "multiple", "scale_code": "indicator"},
        ],
    )
    append(
        seeds / "item_sources.csv",
        [
            {**value, "item_code": "emissions", "method": "number", "only_choice": "emissions"},
            {**value, "item_code": "staff", "method": "number", "only_choice": "staff"},
            {
                **value,
                "item_code": "emissions_class",
                "method": "class",
                "choice_map": "emissions",
                "only_choice": "emissions",
            },
            {**source, "item_code": "reported", "question_code": "indicator", "method": "same", "pick": "any"},
            {**source, "item_code": "reported", "question_code": "indicator", "method": "same", "pick": "none"},
        ],
    )
    append(
        seeds / "number_classes.csv",
        [
            {"choice_map": "emissions", "choice_code": "low", "lower_inclusive": 0, "upper_exclusive": 5},
            {"choice_map": "emissions", "choice_code": "high", "lower_inclusive": 5},
        ],
    )
    scales = {"emissions": ("low", "high"), "indicator": ("emissions", "staff", "none")}
    append(
        seeds / "scales.csv",
        [
            {"scale_code": scale, "choice_code": code, "label": code, "position": place}
            for scale, codes in scales.items()
            for place, code in enumerate(codes, 1)
        ],
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The pulse of eight cities, two cities that assessed themselves, and the barometer of three."""
    made = deploy(tmp_path_factory.mktemp("assessment"), MINI_SEEDS)
    pulse = made.seeds / "rounds" / "pulse" / "2030" / "questions.csv"
    pulse.write_text(pulse.read_text(encoding="utf-8").replace("response_id", "response_id city_pseudonym"))
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
    add_barometer(made.seeds)
    made.refresh()
    return made


@pytest.fixture(scope="module")
def served(deployment: Deployment) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("city", TOTALS)
def test_section_totals_are_those_scored_by_hand(served: duckdb.DuckDBPyConnection, city: str) -> None:
    assert len(ANSWERS) == 20
    found = served.execute(
        "select index_code, index_points, reachable_points, index_value from facts.fct_city_index "
        "inner join facts.fct_response using (response_key) where city_key = $city",
        {"city": city},
    ).fetchall()
    assert len(found) > 80
    computed = {index: (points, reachable) for index, points, reachable, _ in found}
    assert {index: computed[index] for index in TOTALS[city]} == TOTALS[city]
    for _, points, reachable, value in found:
        assert value == (round(100 * points / reachable, 4) if reachable else None)


def test_the_latest_year_of_each_indicator_tells_of_the_city(served: duckdb.DuckDBPyConnection) -> None:
    query = "select city_key, item_code, value_number from intermediate.int_city_numbers where instrument = 'barometer'"
    assert sorted(served.execute(query).fetchall()) == [
        ("A", "emissions", 5.0), ("A", "staff", 12.0), ("C", "emissions", 2.5), ("X", "emissions", 1.0),
    ]  # fmt: skip
    query = """
        select item_code, n, mean, median from gaps.gap_number_statistics
        where cohort_code = 'ALL' and dimension_code = 'all' and item_code in ('emissions', 'staff') order by item_code
    """
    assert served.execute(query).fetchall() == [("emissions", 2, 3.75, 3.75), ("staff", 1, 12.0, 12.0)]


def test_indicators_are_counted_like_any_item(served: duckdb.DuckDBPyConnection) -> None:
    """A is at 5 and so high, C low; six of the eight cities of the pulse report neither, X is none of them."""
    query = """
        select item_code, choice_code, n from gaps.gap_cube
        where cohort_code = 'ALL' and dimension_code = 'all' and item_code in ('emissions_class', 'reported') and n > 0
            and choice_code not in ('answered', 'missing')
        order by all
    """
    found = {(item, choice): n for item, choice, n in served.execute(query).fetchall()}
    assert found == {
        ("emissions_class", "high"): 1, ("emissions_class", "low"): 1,
        ("reported", "emissions"): 2, ("reported", "none"): 6, ("reported", "staff"): 2,
    }  # fmt: skip


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
