"""The same code on real input: the climate disclosures of 2018 as the CDP portal exported them."""

import csv

import duckdb
import pytest
from deployments import Deployment

# Counted by hand on 118 European rows of the export: read down the City column beside the list of the 112, and noted
# every Mission City with what it wrote under "City-wide Emissions Inventory".
MISSION_CITIES = 38
WITHOUT_INVENTORY = {"Glasgow", "Podgorica", "Taurage"}
IN_PROGRESS = {"Ljubljana"}


@pytest.fixture(scope="module")
def warehouse(cdp: Deployment):
    with duckdb.connect(str(cdp.settings.served_database), read_only=True) as connection:
        yield connection


def test_every_row_is_accounted_for(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.sql("select responses_n, rejected_rows_n from dimensions.dim_round where instrument = 'cdp'")
    assert found.fetchall() == [(488, 0)]


def test_a_population_with_decimals_is_rejected_with_its_place_not_read_as_a_village(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql(
        "select distinct reason_code, question_code, source_column from facts.fct_rejected where raw = '676.149'"
    ).fetchall()
    assert rows == [("not_a_number", "population", 30)]


def test_zero_width_and_no_break_spaces_in_headers_are_read(warehouse: duckdb.DuckDBPyConnection) -> None:
    labels = {row[0] for row in warehouse.sql("select label from dimensions.dim_question").fetchall()}
    assert "Land area (in square km)" in labels
    assert "Common Reporting Framework inventory format (GPC)" in labels


def test_mission_cities_are_recognised_as_by_hand(warehouse: duckdb.DuckDBPyConnection) -> None:
    recognised = warehouse.sql(
        "select city_name from intermediate.int_response_cities where instrument = 'cdp' and is_mission_city"
    ).fetchall()
    assert len(recognised) == MISSION_CITIES
    names = {row[0] for row in recognised}
    assert {"Torino", "Padova", "Roma", "Liepaja", "Wroclaw", "The Hague", "Rotterdam"} <= names
    assert not {"Cologne", "Venezia", "Manchester", "Murcia"} & names


def test_of_several_places_of_a_name_the_one_of_its_population_is_taken_or_none(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """52,703 inhabitants are those of Castelo Branco on the mainland, 235,000 those of neither village called Tuzla."""
    rows = warehouse.sql(
        "select city_name, link_method, city_key, is_mission_city from intermediate.int_response_cities "
        "where instrument = 'cdp' and city_name in ('Castelo Branco', 'Tuzla') order by city_name"
    ).fetchall()
    assert [(*row[:2], row[3]) for row in rows] == [
        ("Castelo Branco", "gazetteer name", False),
        ("Tuzla", "population of another size", False),
    ]
    assert rows[0][2] == "gn-2269514"
    reviewed = warehouse.sql("select open_reason from facts.fct_city_review where city_name = 'Tuzla'").fetchall()
    assert reviewed == [("population of another size",)]


def test_cities_of_all_countries_have_a_key_and_their_facts_say_where_they_are_from(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql(
        "select city_key, city_name, is_mission_city, population, population_source, size_class_code, "
        "size_class_source, location_source from dimensions.dim_city "
        "where city_name in ('Oslo', 'Parma', 'Copenhagen', 'Nagpur', 'Ravenna') order by city_name"
    ).fetchall()
    assert rows == [
        ("gn-2618425", "Copenhagen", True, 602_481, "answer", "metropolitan", "answer", "registry"),
        ("gn-3143244", "Oslo", True, 673_469, "answer", "metropolitan", "answer", "registry"),
        # Parma gave no population; the registry has that of GeoNames. Ravenna is in the gazetteer only.
        ("gn-3171457", "Parma", True, 198_292, "registry", "small", "registry", "registry"),
        ("gn-3169561", "Ravenna", False, 80_868, "gazetteer", "small", "gazetteer", "gazetteer"),
    ]


def test_gap_table_compares_mission_cities_with_other_european_cities(cdp: Deployment) -> None:
    with (cdp.releases / "2018.0" / "internal" / "cells.csv").open(encoding="utf-8") as file:
        cells = {
            (row["number"], row["row_label"], row["column_label"]): (int(row["n"]), int(row["base_n"]))
            for row in csv.DictReader(file)
        }
    # 38 Mission Cities by hand: 3 no, 1 in progress, the others yes.
    assert cells["1", "Mission Cities", "No"] == (len(WITHOUT_INVENTORY), MISSION_CITIES)
    assert cells["1", "Mission Cities", "In progress"] == (len(IN_PROGRESS), MISSION_CITIES)
    assert cells["1", "Mission Cities", "Yes"] == (34, MISSION_CITIES)
    # 118 European respondents less 38 Mission Cities.
    assert cells["1", "Other European cities", "Yes"][1] == 118 - MISSION_CITIES
    method = "Global Protocol for Community-Scale Greenhouse Gas Emissions Inventories"
    assert cells["2", "Mission Cities", method] == (15, 27)
