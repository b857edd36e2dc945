"""Names as the gazetteer compares them, and the exonyms that it knows."""

import pytest

from orchestration.cities.gazetteer import Gazetteer, Place, load_gazetteer
from orchestration.common.text import normalise, normalise_all


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer({"AT", "BE", "CZ", "DE", "DK", "ES", "GR", "IT", "NL", "PL", "PT", "TR"})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tauragė", "taurage"),
        ("L'Aquila", "l aquila"),
        ("  Vila  Nova ", "vila nova"),
        ("Mülheim a.d.R", "mulheim a d r"),
        ("İzmir", "izmir"),
        ("New_Town\nNorth", "new town north"),
        ("", ""),
    ],
)
def test_names_are_compared_without_accents_case_and_punctuation(written: str, read: str) -> None:
    assert normalise(written) == read


def test_names_are_normalised_all_at_once_as_one_by_one() -> None:
    names = ["A\nB", "", "Ångström", " ́", "-"]
    assert normalise_all(names) == [normalise(name) for name in names] == ["a b", "", "angstrom", "", ""]
    assert normalise_all([]) == []


@pytest.mark.parametrize(
    ("country", "written", "geonameid"),
    [
        ("ES", ["Sevilla", "Seville", "SEVILLA"], "2510911"),
        ("DE", ["München", "Munich", "Muenchen"], "2867714"),
        ("BE", ["Bruxelles", "Brussel", "Brussels"], "2800866"),
        ("AT", ["Wien", "Vienna"], "2761369"),
        ("CZ", ["Praha", "Prague"], "3067696"),
        ("PT", ["Lisboa", "Lisbon"], "2267057"),
        ("NL", ["Den Haag", "'s-Gravenhage", "The Hague"], "2747373"),
        ("DK", ["København", "Copenhagen", "Kobenhavn"], "2618425"),
        ("GR", ["Αθήνα", "Athina", "Athens"], "264371"),
        ("IT", ["Firenze", "Florence"], "3176959"),
        ("PL", ["Łódź", "Lodz"], "3093133"),
        ("TR", ["İzmir", "Izmir"], "311046"),
    ],
)
def test_a_city_is_known_by_its_names_in_other_languages(
    gazetteer: Gazetteer, country: str, written: list[str], geonameid: str
) -> None:
    for name in written:
        places, _ = gazetteer.candidates(country, name)
        assert [place.geonameid for place in places] == [geonameid], name


def test_only_countries_asked_for_are_loaded(gazetteer: Gazetteer) -> None:
    assert gazetteer.candidates("FR", "Paris") == ((), "alternate name")
    assert gazetteer.place("2988507") is None
    assert gazetteer.place("2510911") is not None


def test_a_place_with_a_name_twice_is_one_candidate() -> None:
    gazetteer = Gazetteer([Place("1", "Turin", "IT", alternate_names=["Torino", "TORINO"])])
    assert len(gazetteer.candidates("IT", "torino")[0]) == 1


def test_a_key_is_the_identifier_whatever_the_name() -> None:
    assert Place("1", "Turin", "IT").key == Place("1", "Torino", "IT").key == "gn-1"
