"""Which European respondents of CDP 2018 and 2019 are recognised as which city, against lists made by hand."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cdp_names import ROUNDS, european_rounds, linked

from orchestration.knowledge.rows.cities import CityAlias

Rows = list[dict[str, Any]]

# Counted by hand: both columns City and Organization were read beside the list of the 112.
BY_METHOD = {
    "2018": {"gazetteer name": 102, "alternate name": 8, "not found": 6, "ambiguous": 2},
    "2019": {
        "gazetteer name": 134,
        "alternate name": 13,
        "not found": 20,
        "ambiguous": 2,
        "holds the name of a Mission City": 2,
    },
}
MISSION_CITIES = {"2018": 38, "2019": 47}
# Mission Cities that stay open until a person confirms them: two organisations, and a name of three places.
LEFT_OPEN = {
    ("RO", "City of Cluj-Napoca"): "gn-681290",
    ("TR", "İzmir Metropolitan Municipality"): "gn-311046",
    ("IT", "Prato"): "gn-3169921",
}
# Latitude and longitude of the links in doubt, looked up by hand: CDP's point is more than 30 km away, the population
# differs by more than 8 times, or the organisation is not the city. Every one leads to the place that is written.
LOOKED_UP = {
    "36263": (44.4, 12.2),  # Ravenna: the only one in Italy; CDP's point lies near Rome
    "36265": (44.7, 10.6),  # Reggio Emilia: the point lies elsewhere in the province
    "55442": (
        38.7,
        -9.0,
    ),  # Moita: the 66,029 inhabitants are those of the one near Lisbon; the point lies in the north
    "55331": (40.6, -8.7),  # Ílhavo: the point lies in Alentejo
    "19233": (39.1, -9.3),  # Torres Vedras: 79,465 is the municipality, the gazetteer counts the town
    "36252": (39.9, 8.6),  # Oristano: the point lies elsewhere in the province
    "31110": (41.9, 12.5),  # Roma: the point lies towards the coast
    "31173": (45.5, 9.2),  # Milano: the point lies at Como
    "31171": (40.4, -3.7),  # Madrid: its population of 3,221 is in thousands
    "35854": (50.9, 4.3),  # Brussels: the City of Brussels answers, one of the municipalities of the region
    "35898": (53.5, -2.2),  # Manchester: Greater Manchester answers, of which the city is a part
    "35755": (38.3, 26.8),  # Urla: the village of Kadıovacık answers, which lies in the district of Urla
}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not all(export.exists() for export in ROUNDS.values()):
        pytest.skip("the CDP exports lie beside the project, in ../shared/real, and are not there")
    return european_rounds(tmp_path_factory.mktemp("european") / "seeds")


@pytest.fixture(scope="module")
def tables(seeds: Path) -> dict[str, Rows]:
    return linked(seeds, seeds.with_name("landing"))


def of_round(tables: dict[str, Rows], year: str) -> Rows:
    return [row for row in tables["city_links"] if (row["instrument"], row["round"]) == ("cdp", year)]


@pytest.mark.parametrize("year", ["2018", "2019"])
def test_each_respondent_is_linked_or_open_for_a_reason(tables: dict[str, Rows], year: str) -> None:
    rows = of_round(tables, year)
    assert Counter(row["link_method"] for row in rows) == BY_METHOD[year]
    assert all(row["city_key"] for row in rows if row["link_method"] in ("gazetteer name", "alternate name"))


@pytest.mark.parametrize("year", ["2018", "2019"])
def test_mission_cities_are_those_counted_by_hand(tables: dict[str, Rows], year: str) -> None:
    recognised = {row["city_key"] for row in of_round(tables, year) if row["is_mission_city"]}
    assert len(recognised) == MISSION_CITIES[year]


def test_fifty_of_the_112_disclosed_in_one_of_the_years(tables: dict[str, Rows]) -> None:
    rows = [row for year in ROUNDS for row in of_round(tables, str(year))]
    assert len({row["city_key"] for row in rows if row["is_mission_city"]}) == 50
    assert len([row for row in tables["city_links"] if row["link_method"] == "registry"]) == 112


def test_a_city_has_one_key_in_both_years(tables: dict[str, Rows]) -> None:
    keys: dict[str, set[str]] = {}
    for year in ROUNDS:
        for row in of_round(tables, str(year)):
            keys.setdefault(row["response_id"], set()).add(row["city_key"])
    in_both = keys.keys() & {row["response_id"] for row in of_round(tables, "2018")}
    assert [account for account in in_both if len(keys[account]) > 1] == []


def test_links_in_doubt_lead_where_they_should(tables: dict[str, Rows]) -> None:
    places = {row["city_key"]: (round(row["latitude"], 1), round(row["longitude"], 1)) for row in tables["city_places"]}
    found = {
        row["response_id"]: places[row["city_key"]]
        for year in ROUNDS
        for row in of_round(tables, str(year))
        if row["response_id"] in LOOKED_UP
    }
    assert found == LOOKED_UP


def test_where_the_city_is_empty_the_organisation_s_name_is_read(tables: dict[str, Rows]) -> None:
    keys = {row["city_name"]: row["city_key"] for row in of_round(tables, "2019")}
    assert (keys["Kristianstad"], keys["St Davids"]) == ("gn-2699310", "gn-2638822")
    assert keys["City of Manchester"] is keys["Somerset West and Taunton"] is None


def test_every_open_name_of_a_city_that_the_gazetteer_has_suggests_it_first(tables: dict[str, Rows]) -> None:
    first = {
        (row["country_code"], row["city_name"]): row["suggested_name"]
        for row in tables["city_suggestions"]
        if row["position"] == 1
    }
    assert first == {
        ("DE", "Mülheim a.d.R"): "Mülheim",
        ("DK", "Hoeje-Taastrup"): "Taastrup",
        ("GB", "City of Manchester"): "Manchester",
        ("GB", "Perth and Kinross"): "Perth",
        ("GB", "Somerset West and Taunton"): "Taunton",
        ("IT", "Municipality of Gemona del Friuli"): "Gemona",
        ("IT", "Prato"): "Prato",
        ("IT", "Tearmo"): "Teramo",
        ("PT", "Castelo Branco"): "Castelo Branco",
        ("PT", "Município de Coruche"): "Coruche",
        ("PT", "Município de Lagos"): "Lagos",
        ("PT", "Município de Odemira"): "Odemira",
        ("RO", "City of Cluj-Napoca"): "Cluj-Napoca",
        ("RO", "City of Galati"): "Galaţi",
        ("SE", "Markaryds Kommun"): "Markaryd",
        ("SE", "Sigtuna Municipality"): "Sigtuna",
        # No place of the gazetteer: the municipality has another seat.
        ("SE", "Upplands-Bro kommun"): "Landsbro",
        ("SE", "Västervik Municipality"): "Västervik",
        ("TR", "City of Denizli"): "Denizli",
        # The gazetteer has the province's name for two villages only.
        ("TR", "Kocaeli Metropolitan Municipality"): "Köseköy",
        ("TR", "Tuzla"): "Tuzla",
        ("TR", "İzmir Metropolitan Municipality"): "İzmir",
    }


def test_confirmed_names_link_the_mission_cities_that_were_left_open(seeds: Path, tables: dict[str, Rows]) -> None:
    before = {(row["country_code"], row["city_name"]): row["is_mission_city"] for row in of_round(tables, "2019")}
    assert [before[name] for name in LEFT_OPEN] == [None, None, None]
    aliases = [
        CityAlias(country_code=country, name=name, city_key=key, reason="by hand", decided_on=date(2026, 1, 2))
        for (country, name), key in LEFT_OPEN.items()
    ]
    after = of_round(linked(seeds, seeds.with_name("landing"), aliases), "2019")
    assert len([row for row in after if row["is_mission_city"]]) == MISSION_CITIES["2019"] + len(LEFT_OPEN)
    assert {row["city_key"] for row in after if row["link_method"] == "confirmed alias"} == set(LEFT_OPEN.values())
