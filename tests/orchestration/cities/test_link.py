"""Recognising cities by identifier, confirmed name, country and name."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.cities.gazetteer import Gazetteer, Place, load_gazetteer
from orchestration.cities.link import REGISTRY as REGISTRY_NAME
from orchestration.cities.link import (
    NamedCity,
    Registry,
    link_cities,
    link_city,
    own_key,
    registry_of,
    with_lasting_identifiers,
)
from orchestration.knowledge.rows.cities import CityAlias, CityDecisions, find_double_names
from orchestration.landing.landing import land
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers.deliveries import choices, deliver, question, records

REGISTRY = Registry(
    by_name={("IT", "turin"): "gn-1", ("DE", "munster"): "gn-2", ("MT", "gozo"): "mt-gozo"},
    by_geonameid={"1": "gn-1", "2": "gn-2"},
    names={"gn-1": "Turin", "gn-2": "Münster", "mt-gozo": "Gozo"},
)
GAZETTEER = Gazetteer(
    [
        Place("1", "Turin", "IT", alternate_names=["Torino", "Lucca"]),
        Place("9", "Lucca", "IT"),
        Place("2", "Münster", "DE"),
        Place("3", "Munster", "DE"),
        Place("7", "Springfield", "US"),
        Place("8", "Springfield", "US"),
    ]
)


def alias(country: str, name: str, key: str) -> CityAlias:
    return CityAlias(country_code=country, name=name, city_key=key, reason="asked", decided_on=date(2026, 1, 1))


def make_city(name: str, country: str | None = "IT", **more: str) -> NamedCity:
    return NamedCity("cdp", "2018", "1", name, country, **more)


def link(name: str, country: str | None = "IT", *aliases: CityAlias, **more: str):
    return link_city(make_city(name, country, **more), REGISTRY, GAZETTEER, CityDecisions(aliases).confirmed)


def test_own_name_and_alternate_name_are_the_same_city() -> None:
    assert link("Turin").city_key == link("Torino").city_key == "gn-1"
    assert link("Torino").link_method == "alternate name"


def test_a_name_of_several_places_is_left_open() -> None:
    found = link("Münster", "DE")
    assert (found.city_key, found.is_mission_city, found.link_method) == (None, None, "ambiguous")


def test_in_a_country_without_mission_cities_an_open_name_is_none_of_them() -> None:
    found = link("Springfield", "US")
    assert (found.city_key, found.is_mission_city, found.link_method) == (None, False, "ambiguous")


def test_a_place_s_own_name_goes_before_another_s_alternate_name() -> None:
    assert link("Lucca").city_key == "gn-9"
    assert link("Lucca").is_mission_city is False


@pytest.fixture(scope="module")
def world() -> Gazetteer:
    return load_gazetteer({"GR", "GB", "UA", "ES", "FR", "IT", "CZ", "DE", "PT"})


@pytest.mark.parametrize(
    ("country", "name"),
    [
        ("GR", "Iraklion"),
        ("GB", "Newcastle"),
        ("UA", "Zaporizhzhia"),
        ("ES", "Santa Cruz"),
        ("FR", "Boulogne"),
        ("IT", "Reggio"),
    ],
)
def test_a_village_is_not_taken_for_a_city_that_goes_by_its_name(world: Gazetteer, country: str, name: str) -> None:
    found = link_city(make_city(name, country), Registry(), world)
    assert (found.city_key, found.link_method) == (None, "ambiguous")


@pytest.mark.parametrize(
    ("country", "name"),
    [
        ("DE", "Frankfurt am Main"),
        ("CZ", "Praha"),
        ("PT", "Lisboa"),
        ("IT", "Roma"),
        ("IT", "Lucca"),
        ("FR", "Nice"),
        ("ES", "Vigo"),
    ],
)
def test_a_name_has_its_home_where_no_other_place_comes_near(world: Gazetteer, country: str, name: str) -> None:
    assert link_city(make_city(name, country), Registry(), world).city_key


@pytest.mark.parametrize(("population", "is_open"), [(9_999, False), (10_000, True), (0, False)])
def test_ten_times_the_inhabitants_are_far_more(population: int, is_open: bool) -> None:
    village = Place("1", "Alba", "IT", 1_000)
    city = Place("2", "Alba Longa", "IT", population, alternate_names=["Alba"])
    assert (link_city(make_city("Alba"), Registry(), Gazetteer([village, city])).city_key is None) == is_open


def test_the_country_must_be_the_same() -> None:
    found = link("Turin", "FR")
    assert (found.city_key, found.is_mission_city) == (None, False)


def test_a_name_without_a_country_is_left_open() -> None:
    found = link("Turin", None)
    assert (found.city_key, found.is_mission_city, found.link_method) == (None, None, "no country")


def test_a_mission_city_that_the_gazetteer_lacks_is_known_by_the_registry_s_name() -> None:
    found = link("Gozo", "MT")
    assert (found.city_key, found.link_method, found.is_mission_city) == ("mt-gozo", "registry name", True)


def test_an_unknown_name_is_no_mission_city_and_has_no_key() -> None:
    found = link("Nowhere")
    assert (found.city_key, found.is_mission_city, found.link_method) == (None, False, "not found")


@pytest.mark.parametrize("name", ["Comune di Torino", "City of Turin", "TURIN (Metropolitan City)"])
def test_an_unknown_name_that_holds_a_mission_city_s_is_left_open(name: str) -> None:
    found = link(name)
    assert (found.is_mission_city, found.link_method) == (None, "holds the name of a Mission City")


def test_an_unknown_name_that_is_nearly_a_mission_city_s_is_left_open() -> None:
    found = link("Torinno")
    assert (found.is_mission_city, found.link_method) == (None, "near the name of a Mission City")


def test_part_of_a_word_is_no_name() -> None:
    assert link("Turinia").link_method == "not found"


def test_without_a_registry_a_city_has_its_key_and_nobody_says_whether_it_is_a_mission_city() -> None:
    found = link_city(make_city("Turin"), Registry(), GAZETTEER)
    assert (found.city_key, found.is_mission_city, found.link_method) == ("gn-1", None, "gazetteer name")
    unknown = link_city(make_city("Nowhere"), Registry(), GAZETTEER)
    assert (unknown.city_key, unknown.is_mission_city, unknown.link_method) == (None, None, "not found")


def test_an_identifier_goes_before_every_name() -> None:
    found = link("Lucca", "IT", alias("IT", "Lucca", "gn-9"), geonameid="1")
    assert (found.city_key, found.link_method, found.is_mission_city) == ("gn-1", "identifier", True)


def test_an_identifier_of_a_place_in_another_country_is_not_believed() -> None:
    found = link("Lucca", "IT", geonameid="2")
    assert (found.city_key, found.link_method) == (None, "identifier of another country")


def test_a_confirmed_name_goes_before_the_gazetteer_s() -> None:
    found = link("MUNSTER", "DE", alias("DE", "Münster", "gn-2"))
    assert (found.city_key, found.link_method, found.is_mission_city) == ("gn-2", "confirmed alias", True)


def test_a_name_may_be_confirmed_as_a_city_that_the_gazetteer_lacks() -> None:
    found = link("Jammerbugt", "DK", alias("DK", "Jammerbugt", "dk-jammerbugt"))
    assert (found.city_key, found.is_mission_city) == ("dk-jammerbugt", False)


def test_a_name_confirmed_in_one_country_is_open_in_another() -> None:
    assert link("Munster", "AT", alias("DE", "Munster", "gn-2")).city_key is None


def test_names_that_are_confirmed_twice_are_told() -> None:
    rows = [alias("DE", "Münster", "gn-2"), alias("DE", "MUNSTER", "gn-3"), alias("AT", "Munster", "gn-4")]
    assert list(find_double_names(rows)) == [
        "DE: 'Münster' (gn-2) and 'MUNSTER' (gn-3) are one name, confirmed twice. Keep one of the rows."
    ]


def with_identifiers(*names: str, aliases: tuple[CityAlias, ...] = ()) -> list[tuple[str | None, str]]:
    """Key and method of each name where all responses have one lasting identifier."""
    cities = [replace(make_city(name), round=str(year), city_id="A7") for year, name in enumerate(names, start=2018)]
    confirmed = CityDecisions(aliases).confirmed
    links = [link_city(city, REGISTRY, GAZETTEER, confirmed) for city in cities]
    return [(found.city_key, found.link_method) for found in with_lasting_identifiers(cities, links, REGISTRY)]


def test_an_open_name_takes_the_city_that_its_lasting_identifier_led_to_in_another_round() -> None:
    assert with_identifiers("Torino", "Trn") == [
        ("gn-1", "alternate name"),
        ("gn-1", "identifier of another round"),
    ]


def test_where_an_identifier_leads_to_two_cities_no_name_alone_is_believed() -> None:
    several = (None, "identifier stands for several cities")
    assert with_identifiers("Torino", "Lucca", "Nowhere") == [several, several, several]
    settled = with_identifiers("Torino", "Lucca", aliases=(alias("IT", "Lucca", "gn-9"),))
    assert settled == [several, ("gn-9", "confirmed alias")]


def test_a_registry_row_without_identifier_has_a_key_of_country_and_name() -> None:
    registry, links = registry_of(
        [replace(make_city("Turin"), geonameid="1"), replace(make_city("Eindhoven and Helmond", "NL"), response_id="2")]
    )
    assert [found.city_key for found in links] == ["gn-1", "nl-eindhoven-and-helmond"]
    assert registry.has("nl-eindhoven-and-helmond")
    assert own_key("DK", "Hoeje-Taastrup") == "dk-hoeje-taastrup"


def test_a_response_that_was_superseded_names_no_city(tmp_path: Path) -> None:
    questions = [
        question("text", "city", "City", role="response_id city_name"),
        question("select_one country", "country", "Country", role="country"),
    ]
    extract = "City,Country\nGozo,Malta\nTurin,Italy\nTurin,Italy\n"
    card = deliver(
        tmp_path / "rounds" / REGISTRY_NAME / "2022", questions, choices("country", MT="Malta", IT="Italy"), extract
    )
    landed = land(card, tmp_path / "landing")
    links = link_cities([card], {card.key: load_codebook(card.folder)}, {card.key: landed.path})["city_links"]
    assert records(links, "response_id", "city_key") == [("Gozo", "mt-gozo"), ("Turin#2", "it-turin")]


def test_a_response_without_a_city_s_name_is_told_by_its_organisation(tmp_path: Path) -> None:
    questions = [
        question("text", "id", "Account", role="response_id"),
        question("text", "organisation", "Organization", role="organisation"),
        question("text", "city", "City", role="city_name"),
        question("select_one country", "country", "Country", role="country"),
    ]
    rows = ["1,Comune di Torino,Turin", "2,Turin,", "3,Turin,-", "4,City of Turin,", "5,,"]
    extract = "Account,Organization,City,Country\n" + "".join(f"{row},Italy\n" for row in rows)
    card = deliver(tmp_path / "rounds/cdp/2020", questions, choices("country", IT="Italy"), extract)
    landed = land(card, tmp_path / "landing")
    links = link_cities([card], {card.key: load_codebook(card.folder)}, {card.key: landed.path})["city_links"]
    assert records(links, "response_id", "city_name", "city_key") == [
        ("1", "Turin", "gn-3165524"),
        ("2", "Turin", "gn-3165524"),
        ("3", "Turin", "gn-3165524"),
        ("4", "City of Turin", None),
    ]
