"""Recognising Mission Cities by country and name."""

import pytest

from orchestration.cities import Gazetteer, NamedCity, Registry, link_city, normalised

REGISTRY = Registry(
    by_name={("IT", "turin"): "gn-1", ("DE", "munster"): "gn-2", ("MT", "gozo"): "mt-gozo"},
    by_geonameid={"1": "gn-1", "2": "gn-2"},
)
GAZETTEER = Gazetteer(
    names={("IT", "turin"): {"1"}, ("IT", "lucca"): {"9"}, ("DE", "munster"): {"2", "3"}},
    alternate_names={("IT", "torino"): {"1"}, ("IT", "lucca"): {"1"}},
)


def link(name: str, country: str = "IT"):
    return link_city(NamedCity("cdp", "2018", "1", name, country), REGISTRY, GAZETTEER)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tauragė", "taurage"),
        ("L'Aquila", "l aquila"),
        ("  Vila  Nova ", "vila nova"),
        ("Mülheim a.d.R", "mulheim a d r"),
    ],
)
def test_names_are_compared_without_accents_case_and_punctuation(written: str, read: str) -> None:
    assert normalised(written) == read


def test_own_name_and_alternate_name_are_the_same_city() -> None:
    assert link("Turin").city_key == link("Torino").city_key == "gn-1"
    assert link("Torino").link_method == "alternate name"


def test_a_name_of_several_places_is_left_open() -> None:
    found = link("Münster", "DE")
    assert (found.city_key, found.is_mission_city, found.link_method) == (None, None, "ambiguous")


def test_a_place_s_own_name_goes_before_another_s_alternate_name() -> None:
    assert link("Lucca").city_key == "gn-9"
    assert link("Lucca").is_mission_city is False


def test_the_country_must_be_the_same() -> None:
    assert link("Turin", "FR").is_mission_city is False


def test_a_mission_city_that_the_gazetteer_lacks_is_known_by_the_registry_s_name() -> None:
    assert link("Gozo", "MT").city_key == "mt-gozo"


def test_an_unknown_name_is_no_mission_city_and_has_no_key() -> None:
    found = link("Nowhere")
    assert (found.city_key, found.is_mission_city, found.link_method) == (None, False, "not found")


@pytest.mark.parametrize("name", ["Comune di Torino", "City of Turin", "TURIN (Metropolitan City)"])
def test_an_unknown_name_that_holds_a_mission_city_s_is_left_open(name: str) -> None:
    found = link(name)
    assert (found.is_mission_city, found.link_method) == (None, "holds the name of a Mission City")


def test_part_of_a_word_is_no_name() -> None:
    assert link("Turinia").link_method == "not found"


def test_without_a_registry_no_city_is_judged() -> None:
    found = link_city(NamedCity("cdp", "2018", "1", "Turin", "IT"), Registry(), Gazetteer())
    assert (found.is_mission_city, found.link_method) == (None, "no registry")
