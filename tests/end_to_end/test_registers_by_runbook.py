"""Real registers through the runbook `new-round.md` alone, from an empty seeds folder to a release that counts cities.

URBACT's memberships (1,510 records of 591 cities, GeoNames ids) beside the 112 Mission Cities; a part of the register
of the Covenant of Mayors (names only). Read from ../shared/real where that is there, never copied into the project.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from deployments import Deployment, deploy

from orchestration.settings import PROJECT_ROOT

REAL = PROJECT_ROOT.parent / "shared" / "real"
URBACT = REAL / "urbact" / "URBACT_Membership_GNidCorr_complete_V2.csv"
MISSION_CITIES = REAL / "mission_cities_112.csv"
COVENANT = REAL / "covenant_signatories" / "signatories_2024_half.csv"
# The eight towns among the Mission Cities, each GeoNames id of mission_cities_112.csv searched in the register by hand.
TOWNS_LISTED = {"Sønderborg", "Guimarães", "Velenje", "Kranj", "Gabrovo"}
TOWNS_NOT_LISTED = {"Differdange", "Tauragė", "Kozani"}
OF_A_REGISTER = (
    "--producer", "Its keeper", "--licence", "as stated there", "--citation", "see ../shared/real", "--fieldwork",
    "unknown", "--real", "--public",
)  # fmt: skip


def run(deployment: Deployment, *arguments: str) -> str:
    done = deployment.needs(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def give_roles(deployment: Deployment, name: str, roles: Mapping[str, str]) -> None:
    """What a person writes into the column `role` of questions.csv."""
    path = deployment.seeds / "rounds" / name / "questions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row | {"role": roles.get(row["name"], row["role"])} for row in reader]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or (), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def append(path: Path, line: str, header: str = "") -> None:
    before = path.read_text(encoding="utf-8") if path.exists() else f"{header}\n"
    path.write_text(f"{before}{line}\n", encoding="utf-8")


def rows_of(deployment: Deployment, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The Mission Cities, URBACT and every twentieth record of the Covenant; cohorts in and not in URBACT compared."""
    if not URBACT.exists():
        pytest.skip("the registers are not there: ../shared/real")
    folder = tmp_path_factory.mktemp("registers")
    deployment = deploy(folder)
    registry = ("--instrument", "city_registry", "--round", "2022", "--title", "Mission Cities")
    register = ("--instrument", "urbact", "--round", "2020", "--title", "URBACT networks")
    run(deployment, "round", "new", str(MISSION_CITIES), *registry, *OF_A_REGISTER)
    run(deployment, "round", "start", "city_registry/2022", "--wave", "2025")
    complete = ("--unit", "record", "--complete-for", "ALL_CITY_REGISTRY", "--complete-for", "MC_OUT")
    run(deployment, "round", "new", str(URBACT), *register, *OF_A_REGISTER, *complete)
    give_roles(deployment, "urbact/2020", {"namecity": "city_name"})
    run(deployment, "round", "start", "urbact/2020", "--wave", "2025")
    header, *lines = COVENANT.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "signatories.csv").write_text(header + "".join(lines[::20]), encoding="utf-8")
    covenant = ("--instrument", "covenant", "--round", "2024", "--title", "Covenant of Mayors", "--unit", "record")
    run(deployment, "round", "new", str(folder / "signatories.csv"), *covenant, *OF_A_REGISTER)
    give_roles(deployment, "covenant/2024", {"organisation_name": "city_name"})
    run(deployment, "round", "start", "covenant/2024", "--wave", "2025")
    seeds = deployment.seeds
    append(seeds / "cohorts.csv", "MC_IN,Mission Cities in URBACT,city_registry,3,no,Those that stand in the register")
    append(seeds / "cohorts.csv", "MC_OUT,Mission Cities not in URBACT,city_registry,4,no,Those that do not")
    append(seeds / "cohort_filters.csv", "MC_IN,,,urbact", "cohort_code,item_code,choice_code,instrument")
    append(seeds / "cohort_filters.csv", "MC_OUT,in_urbact,no,")
    append(seeds / "cohort_pairs.csv", "MC_IN,ALL_URBACT", "cohort_code,comparison_cohort_code")
    append(seeds / "cohort_pairs.csv", "MC_IN,MC_OUT")
    deployment.refresh()
    return deployment


def members(deployment: Deployment, cohort: str) -> int:
    ((found,),) = rows_of(
        deployment, f"select count(*) from intermediate.int_cohort_members where cohort_code = '{cohort}'"
    )
    return found


def listed(deployment: Deployment, dimension: str) -> dict[str, tuple[int, int]]:
    """Mission Cities in the register and all of them, by member of a dimension."""
    found = rows_of(
        deployment,
        "select member_code, n, base_n from gaps.gap_cube where cohort_code = 'ALL_CITY_REGISTRY' "
        f"and item_code = 'in_urbact' and choice_code = 'yes' and dimension_code = '{dimension}'",
    )
    return {member: (n, base_n) for member, n, base_n in found}


def test_a_register_counts_its_cities_not_its_records(registers: Deployment) -> None:
    assert rows_of(registers, "select responses_n from dimensions.dim_round where instrument = 'urbact'") == [(1510,)]
    assert members(registers, "ALL_URBACT") == 591


def test_of_the_112_mission_cities_83_stand_in_the_register(registers: Deployment) -> None:
    assert listed(registers, "all") == {"all": (83, 112)}
    by_size = listed(registers, "size_class")
    assert (by_size["metropolitan"], by_size["small"], by_size["town"]) == ((30, 31), (16, 32), (5, 8))


def test_the_towns_are_those_that_were_searched_by_hand(registers: Deployment) -> None:
    found = rows_of(
        registers,
        "select cities.city_name, answers.choice_code from intermediate.int_cohort_answers as answers "
        "join intermediate.int_group_members as groups using (wave, cohort_code, city_key) "
        "join dimensions.dim_city as cities using (city_key) where answers.item_code = 'in_urbact' "
        "and cohort_code = 'ALL_CITY_REGISTRY' and groups.member_code = 'town'",
    )
    assert {name for name, choice in found if choice == "yes"} == TOWNS_LISTED
    assert {name for name, choice in found if choice == "no"} == TOWNS_NOT_LISTED


def test_cities_of_a_register_are_grouped_by_size_and_region(registers: Deployment) -> None:
    found = rows_of(
        registers,
        "select dimension_code, sum(members_n) from (select distinct dimension_code, member_code, members_n "
        "from gaps.gap_cube where cohort_code = 'ALL_URBACT') group by dimension_code order by all",
    )
    assert found == [("all", 591), ("region", 591), ("size_class", 591)]


def test_cohorts_are_cities_that_meet_a_condition_told_by_another_round(registers: Deployment) -> None:
    assert (members(registers, "MC_IN"), members(registers, "MC_OUT")) == (83, 29)


def test_a_cohort_of_the_registry_is_compared_with_the_register(registers: Deployment) -> None:
    compared = rows_of(
        registers,
        "select n, base_n, comparison_n, comparison_base_n from gaps.gap_evidence where cohort_code = 'MC_IN' "
        "and comparison_cohort_code = 'ALL_URBACT' and item_code = 'city_statut' and choice_code = 'lead_partner'",
    )
    ((lead,),) = rows_of(
        registers,
        "select count(distinct cities.city_key) from facts.fct_answer as answers "
        "join intermediate.int_response_cities as cities using (response_key) "
        "join intermediate.int_cohort_members as members using (city_key) "
        "where members.cohort_code = 'MC_IN' and answers.choice_code = 'lead_partner'",
    )
    assert compared == [(lead, 83, 111, 591)]


def test_an_unlisted_city_is_unknown_where_the_register_is_not_complete(registers: Deployment) -> None:
    found = rows_of(
        registers,
        "select choice_code, n, base_n from gaps.gap_cube where cohort_code = 'MC_IN' and item_code = 'in_urbact' "
        "and dimension_code = 'all' and choice_code in ('yes', 'no')",
    )
    assert sorted(found) == [("no", 0, 83), ("yes", 83, 83)]


def test_the_trace_names_every_record_of_the_cities_that_a_cell_counts(registers: Deployment) -> None:
    found = rows_of(
        registers,
        "select count(*), count(distinct city_key), count(distinct source_row) from facts.fct_cell_response "
        "where cohort_code = 'ALL_URBACT' and item_code = 'city_statut' and column_code = 'lead_partner'",
    )
    ((records,),) = rows_of(registers, "select count(*) from facts.fct_answer where choice_code = 'lead_partner'")
    assert found == [(records, 111, records)]


def test_explain_names_file_and_row_of_the_records(registers: Deployment) -> None:
    ((number,),) = rows_of(registers, "select number from knowledge.tables where title = 'City.Statut'")
    shown = run(registers, "explain", f"table_{number}", "Lead Partner", "--limit", "2")
    assert "111 of 591 cities" in shown
    assert "urbact/2020/URBACT_Membership" in shown


def test_a_public_register_hides_nothing(registers: Deployment) -> None:
    assert rows_of(registers, "select count(*) from intermediate.int_guarded_counts") == [(0,)]


def test_a_register_that_does_not_say_whether_it_is_public_is_not_started(tmp_path: Path) -> None:
    deployment = deploy(tmp_path)
    extract = tmp_path / "members.csv"
    extract.write_text("Network;City;Country\nA;Ghent;BE\nB;Ghent;BE\nA;Lucca;IT\n", encoding="utf-8")
    of_the_round = ("--instrument", "net", "--round", "2020", "--title", "Networks", "--unit", "record")
    run(deployment, "round", "new", str(extract), *of_the_round, *OF_A_REGISTER[:-1])
    done = deployment.needs("round", "start", "net/2020", "--wave", "2025")
    assert done.returncode == 1
    assert "it does not say whether its records are public" in " ".join((done.stdout + done.stderr).split())


def test_signatories_by_name_become_cities_with_size_and_region(registers: Deployment) -> None:
    found = rows_of(
        registers,
        "select dimension_code, sum(n) from gaps.gap_cube where cohort_code = 'ALL_COVENANT' "
        "and item_code = 'signatory_status' and choice_code = 'answered' "
        "and dimension_code in ('all', 'region', 'size_class') group by dimension_code order by all",
    )
    cities = members(registers, "ALL_COVENANT")
    assert found == [("all", cities), ("region", cities), ("size_class", cities)]
    ((unknown,),) = rows_of(
        registers,
        "select members_n from gaps.gap_cube where cohort_code = 'ALL_COVENANT' and item_code = 'signatory_status' "
        "and choice_code = 'answered' and dimension_code = 'size_class' and member_code = 'missing'",
    )
    assert unknown < 0.1 * cities


def test_a_fact_of_one_register_is_known_of_another_register_s_cities(registers: Deployment) -> None:
    """Of URBACT's cities those in the Covenant's part are asked, the others unknown: that part is not complete."""
    found = rows_of(
        registers,
        "select choice_code, n, base_n from gaps.gap_cube where cohort_code = 'ALL_URBACT' "
        "and item_code = 'in_covenant' and dimension_code = 'all' and choice_code in ('yes', 'no')",
    )
    ((both,),) = rows_of(
        registers,
        "select count(*) from (select city_key from intermediate.int_response_cities where instrument = 'urbact' "
        "intersect select city_key from intermediate.int_response_cities where instrument = 'covenant')",
    )
    assert both > 0
    assert sorted(found) == [("no", 0, both), ("yes", both, both)]


def test_the_workbook_tells_registers_apart_and_shows_what_was_tested(registers: Deployment) -> None:
    path = registers.releases / "2025.0" / "public" / "workbook.xlsx"
    sheets = {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(path, read_only=True)}
    bases = {row[0] for rows in sheets.values() for row in rows if str(row[0]).startswith("Base: ")}
    assert bases == {
        "Base: All cities: Mission Cities, n = 112.",
        "Base: All cities of the register: URBACT networks, n = 591.",
        f"Base: All cities of the register: Covenant of Mayors, n = {members(registers, 'ALL_COVENANT')}.",
    }
    ((tested,),) = rows_of(
        registers, "select count(*) from gaps.gap_evidence where dimension_code = 'all' and p_value is not null"
    )
    header = next(place for place, row in enumerate(sheets["Evidence"]) if "P value" in row or "p value" in row)
    assert len(sheets["Evidence"]) - header - 1 == tested > 0
    without = {row[1].split(":")[0] for row in sheets["Contents"] if row[0] == "no rows in this wave"}
    assert "Services and the needs that they address" in without
    assert "All counts" not in without
