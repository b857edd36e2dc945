"""Real surveys through the runbook `new-round.md` alone: its commands as a user runs them, and a person's edits.

The survey of US research software engineers of 2017 (a LimeSurvey export, CC BY 2.5 Scotland) against what its authors
published; CDP's city disclosures of 2018 and 2019 as two rounds of one instrument. Read from ../shared/real where that
is there, never copied into the project.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deployments import CDP_EXTRACT, CDP_SEEDS, Deployment, deploy

from orchestration.common.text import clean_label
from orchestration.settings import PROJECT_ROOT

REAL = PROJECT_ROOT.parent / "shared" / "real"
RSE = REAL / "rse_2017_us"
EXPORT = RSE / "data" / "public_data.csv"
PUBLISHED = RSE / "published_output"
RESPONSES = 164
# Published, but not in the public data: the university, gender, age, salary, ethnic origin, disability.
WITHHELD = {"currentEmp2", "socio2", "socio3", "socio4", "socio5", "disa1"}
# Published as one number a response, in order of the responses.
NUMBERS = {"currentEmp11", "proj1can", "soft1can", "train2"}
# Three trainers of 100 times a year and more are left out of what is published: the place of the response, the number.
UNPUBLISHED = {"41": 1250.0, "92": 1000.0, "119": 100.0}
MULTIPLE = {"currentEmp13", "fund2", "fund3", "fund4", "proj4can", "tool4can", "ukrse2"}
BATTERIES = ("affRec", "affSat", "percEmp", "perfCheck", "progRSE", "satisgen", "time", "turnOver", "prevEmp2")

# A published table: by code of the question, a number by label of the answer; "" is no answer.
Table = Mapping[str, Mapping[str, float]]

CDP_2019 = CDP_EXTRACT.with_name("2019_City-wide_Emissions.csv")
# Read by hand: European rows of 2019 beside the list of the 112, each with the name that its City column has.
MISSION_CITIES_2019 = {
    "Amsterdam", "Athens", "Barcelona", "Bologna", "Bristol", "Brussels", "Copenhagen", "Espoo", "Firenze",
    "Glasgow", "Guimarães", "Heidelberg", "Helsingborg", "Helsinki", "Istanbul", "Lahti", "Lisbon", "Ljubljana",
    "Madrid", "Malmö", "Milano", "Oslo", "Padova", "Paris", "Parma", "Podgorica", "Porto", "Prato", "Reykjavík", "Riga",
    "Roma", "Rotterdam", "Sofia", "Stockholm", "Tartu", "Taurage", "The Hague", "Thessaloniki", "Torino",
    "Trondheim", "Turku", "Umeå", "Valencia", "Vitoria-Gasteiz", "Warsaw", "Wroclaw", "Zagreb", "Zaragoza",
}  # fmt: skip
# Left open: Cluj-Napoca, Izmir and 13 others whose City column is empty. Of three places called Prato the 194,323
# inhabitants are those of one; Tuzla's 235,000 are those of neither village of that name, so it is another city.
_READ = ("CDP Region", "City", "Organization", "City-wide Emissions Inventory")
# Rows without a city whose organisation has the name of a Mission City in it: left for a person to decide.
OPEN_2019 = {"İzmir Metropolitan Municipality", "City of Cluj-Napoca"}


def _run(deployment: Deployment, *arguments: str) -> str:
    done = deployment.needs(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _rows_of(deployment: Deployment, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def rse(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The survey of 2017 from an empty seeds folder to its release."""
    if not EXPORT.exists():
        pytest.skip("the RSE survey is not there: ../shared/real/rse_2017_us")
    deployment = deploy(tmp_path_factory.mktemp("rse"))
    of_the_round = ("--instrument", "rse", "--round", "2017")
    delivered = RSE / "codebook" / "questions.csv"
    _run(deployment, "codebook", "import", str(delivered), *of_the_round, "--columns", str(EXPORT))
    _run(
        deployment, "round", "new", str(EXPORT), *of_the_round,
        "--title", "Research software engineers in the US, 2017", "--producer", "Software Sustainability Institute",
        "--licence", "CC BY 2.5 Scotland", "--citation", "Philippe et al. (2018)", "--fieldwork", "unknown", "--real",
    )  # fmt: skip
    assert "Rows 164, responses 164, expected 164." in _run(deployment, "round", "check", "rse/2017")
    _run(deployment, "round", "start", "rse/2017", "--wave", "2017")
    deployment.refresh()
    return deployment


def test_the_survey_is_landed_whole_and_released(rse: Deployment) -> None:
    rounds = _rows_of(rse, "select responses_n, rejected_rows_n from dimensions.dim_round")
    assert rounds == [(RESPONSES, 0)]
    assert _rows_of(rse, "select count(*) from facts.fct_answer") == [(12824,)]
    assert (rse.releases / "2017.0" / "internal" / "cells.csv").exists()


def published(shares: bool) -> Iterator[tuple[str, Table]]:
    """The published counts or shares of each file whose questions are in the public data."""
    for path in sorted(PUBLISHED.glob("*.csv")):
        codes = codes_of(path.name)
        if ("[PERC]" in path.name) == shares and not WITHHELD & set(codes):
            yield path.name, table_of(path, codes)


def codes_of(name: str) -> list[str]:
    """The codes that a file's name stands for: `socio1`, `paper1_2_3_4_5`, `('time', '1can_2can_3can')`."""
    stem = name.removesuffix(".csv").removesuffix("[PERC]")
    if stem == "prevEmp2":
        return [f"prevEmp2_{rank}" for rank in range(1, 6)]
    battery = re.fullmatch(r"\('(\w+)', '(\w+)'\)", stem) or re.fullmatch(r"([A-Za-z]+)(\w+)", stem)
    assert battery is not None, name
    return [f"{battery[1]}{part}" for part in battery[2].split("_")]


def table_of(path: Path, codes: Sequence[str]) -> Table:
    """One published table: a row a question where its columns are Yes and No, else a column a question."""
    with path.open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if header[1:3] == ["Yes", "No"]:
        return {code: _numbers(header[1:], row[1:]) for code, row in zip(codes, rows, strict=True)}
    labels, *columns = zip(*rows, strict=True)
    return {code: _numbers(labels, column) for code, column in zip(codes, columns, strict=True)}


def _numbers(labels: Sequence[str], values: Sequence[str]) -> Mapping[str, float]:
    named = zip((clean_label(label).removesuffix(" [PERCENTAGE]") for label in labels), values, strict=True)
    return {label: float(value) for label, value in named if value}


@pytest.fixture(scope="module")
def counted(rse: Deployment) -> Table:
    """What the cube says: responses by question and label, and under "" those without an answer."""
    found = _rows_of(
        rse,
        """
        select item_code, if(cube.choice_kind = 'missing', '', choices.label), n
        from gaps.gap_cube as cube
        join dimensions.dim_choice as choices using (item_code, choice_code)
        where cube.choice_kind in ('level', 'missing') and dimension_code = 'all'
        """,
    )
    counts: dict[str, dict[str, float]] = {}
    for code, label, number in found:
        counts.setdefault(code, {})[clean_label(label)] = number
    return counts


def answered(counts: Mapping[str, float]) -> float:
    return RESPONSES - counts[""]


def said(counts: Mapping[str, float]) -> float:
    return sum(number for label, number in counts.items() if label)


def test_all_published_counts_are_those_of_the_cube(counted: Table) -> None:
    compared = 0
    for name, tables in published(shares=False):
        for code, expected in tables.items():
            if code not in NUMBERS:
                found = {label: number for label, number in counted[code].items() if number}
                if "" not in expected:
                    found.pop("", None)
                assert found == {label: number for label, number in expected.items() if number}, (name, code)
                compared += 1
    assert compared == 121


def test_all_published_numbers_are_those_of_the_responses_but_for_three_outliers(rse: Deployment) -> None:
    found: dict[str, dict[str, float]] = {code: {} for code in NUMBERS}
    answers = _rows_of(
        rse,
        """
        with places as (select response_key, rank() over (order by source_row) - 1 as place from facts.fct_response)

        select question_code, place, value_number
        from facts.fct_answer
        join places using (response_key)
        """,
    )
    for code, place, number in answers:
        if code in NUMBERS:
            found[code][str(place)] = number
    for name, tables in published(shares=False):
        for code in NUMBERS & set(tables):
            expected = tables[code]
            unpublished = {key: number for key, number in found[code].items() if key not in expected}
            assert unpublished == (UNPUBLISHED if code == "train2" else {}), name
            assert {key: number for key, number in found[code].items() if key in expected} == expected, name


def test_published_shares_of_single_choices_are_of_those_who_answered(counted: Table) -> None:
    names = _agreeing(counted, lambda code, label, _: 100 * counted[code].get(label, 0) / answered(counted[code]))
    batteries = {name for name, _ in published(shares=True) if name.strip("('").startswith(BATTERIES)}
    empty = {name for name, tables in published(shares=True) if not any(tables.values())}
    multiple = {f"{code}[PERC].csv" for code in MULTIPLE}
    rounded = {"paper1_2_3_4_5[PERC].csv"}
    every = {name for name, _ in published(shares=True)}
    assert every - names == batteries | empty | multiple | rounded
    assert len(names) == 22


def test_published_shares_of_multiple_choices_are_of_all_ticks_not_of_those_who_answered(counted: Table) -> None:
    names = _agreeing(counted, lambda code, label, _: 100 * counted[code].get(label, 0) / said(counted[code]))
    assert {f"{code}[PERC].csv" for code in MULTIPLE} <= names


def test_published_shares_of_batteries_are_of_all_who_said_the_same_to_any_of_their_questions(counted: Table) -> None:
    names = _agreeing(
        counted,
        lambda code, label, codes: (
            100 * counted[code].get(label, 0) / sum(counted[other].get(label, 0) for other in codes)
        ),
    )
    assert {name for name, _ in published(shares=True) if name.strip("('").startswith(BATTERIES)} <= names


def test_published_shares_of_publications_stand_once_in_full_and_once_as_whole_percents(counted: Table) -> None:
    names = _agreeing(
        counted, lambda code, label, _: round(100 * counted[code].get(label, 0) / answered(counted[code]))
    )
    assert "paper1_2_3_4_5[PERC].csv" in names


def _agreeing(counted: Table, share: Callable[[str, str, Sequence[str]], float]) -> set[str]:
    """The files of shares, none of them empty, of which each number is the share given."""
    return {
        name
        for name, tables in published(shares=True)
        if any(tables.values())
        and all(
            number == pytest.approx(share(code, label, list(tables)), abs=1e-9)
            for code, table in tables.items()
            for label, number in table.items()
        )
    }


def _append(path: Path, *lines: str) -> None:
    """A person adds lines to a table."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _correct(path: Path, old: str, new: str) -> None:
    """A person corrects a line."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def cdp_years(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The reviewed round of 2018 and, by the runbook, that of 2019, released as two waves."""
    if not CDP_2019.exists():
        pytest.skip("the CDP extracts are not there: ../shared/real/cdp_cities")
    deployment = deploy(tmp_path_factory.mktemp("cdp_years"), CDP_SEEDS)
    seeds = deployment.seeds
    shutil.copyfile(CDP_EXTRACT, seeds / "rounds" / "cdp" / "2018" / "extract.csv")
    shutil.copytree(PROJECT_ROOT / "seeds" / "rounds" / "city_registry", seeds / "rounds" / "city_registry")
    _run(
        deployment, "round", "new", str(CDP_2019), "--instrument", "cdp", "--round", "2019", "--title",
        "City-wide emissions disclosed to CDP, 2019", "--citation", "CDP, 2019", "--fieldwork", "unknown", "--real",
    )  # fmt: skip
    assert "Rows 814, responses 814, expected 814." in _run(deployment, "round", "check", "cdp/2019")
    _append(seeds / "waves.csv", "2019,Wave 2019,City-wide emissions 2019,open,2019")
    confirmed = _run(deployment, "round", "confirm", "cdp/2019", "--all", "--wave", "2019")
    assert "33 rows confirmed now, 0 still open." in confirmed
    assert "item protocol: the answers of protocol have a new scale" in confirmed
    _append(seeds / "wave_rounds.csv", "2019,city_registry,2022,2")
    _append(seeds / "tables.csv", "2019,T1,table,1,City-wide emissions inventory,1,cohort,choice,,count")
    members = ("cohort,MC,1", "cohort,OTHER_EU,2", "item,inventory,1")
    _append(seeds / "table_members.csv", *(f"2019,T1,{member}" for member in members))
    # In 2019 the city is left blank 226 times; the door says so, and what to do.
    _correct(seeds / "rounds" / "cdp" / "2019" / "questions.csv", "text,city,City,,yes,", "text,city,City,,,")
    deployment.refresh()
    return deployment


def _inventories(year: str) -> list[tuple[str, str]]:
    """City, or else the organisation, and inventory of each European row of an export."""
    path = CDP_EXTRACT.with_name(f"{year}_City-wide_Emissions.csv")
    with path.open(encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    places = [[clean_label(name) for name in header].index(name) for name in _READ]
    read = [tuple(clean_label(row[place]) for place in places) for row in rows]
    return [(city or organisation, inventory) for region, city, organisation, inventory in read if region == "Europe"]


def _cell(deployment: Deployment, wave: str, row: str) -> tuple[int, int]:
    """The number of cities of a cohort with an inventory, and of all of them."""
    with (deployment.releases / f"{wave}.0" / "internal" / "cells.csv").open(encoding="utf-8") as file:
        cells = {
            (cell["number"], cell["row_label"], cell["column_label"]): (int(cell["n"]), int(cell["base_n"]))
            for cell in csv.DictReader(file)
        }
    return cells["1", row, "Yes"]


def test_both_years_are_landed_whole_and_released(cdp_years: Deployment) -> None:
    rounds = _rows_of(
        cdp_years, "select round, responses_n, rejected_rows_n from dimensions.dim_round where instrument = 'cdp'"
    )
    assert sorted(rounds) == [("2018", 488, 0), ("2019", 814, 0)]
    assert sorted(path.name for path in cdp_years.releases.iterdir()) == [
        "2018.0",
        "2019.0",
        "latest.json",
        "ledger",
    ]


def test_mission_cities_of_2019_are_recognised_as_by_hand(cdp_years: Deployment) -> None:
    found = _rows_of(
        cdp_years,
        """
        select city_name, link_method
        from intermediate.int_response_cities
        where instrument = 'cdp' and round = '2019' and (is_mission_city or city_name = 'Tuzla')
        """,
    )
    methods = dict(found)
    assert methods.pop("Tuzla") == "population of another size"
    assert methods.keys() == MISSION_CITIES_2019


def test_inventories_of_mission_cities_and_other_european_cities_in_both_years(cdp_years: Deployment) -> None:
    rows = _inventories("2019")
    others = [row for row in rows if row[0] not in MISSION_CITIES_2019 | OPEN_2019]
    mission = [row for row in rows if row[0] in MISSION_CITIES_2019]
    assert _cell(cdp_years, "2019", "Mission Cities") == (_yes(mission), len(mission)) == (45, 48)
    assert _cell(cdp_years, "2019", "Other European cities") == (_yes(others), len(others)) == (84, 121)
    open_names = _rows_of(
        cdp_years,
        """
        select city_name, is_mission_city
        from intermediate.int_response_cities
        where instrument = 'cdp' and round = '2019' and (city_name like 'İzmir%' or city_name like '%Cluj-Napoca')
        """,
    )
    assert dict(open_names) == dict.fromkeys(OPEN_2019)
    assert _cell(cdp_years, "2018", "Mission Cities") == (34, 38)
    assert _cell(cdp_years, "2018", "Other European cities") == (50, 80)
    assert _yes(_inventories("2018")) == 34 + 50


def _yes(rows: Sequence[tuple[str, str]]) -> int:
    return sum(inventory == "Yes" for _, inventory in rows)
