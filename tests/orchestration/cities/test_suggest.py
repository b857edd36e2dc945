"""What an open name may mean."""

import pytest

from orchestration.cities.gazetteer import Gazetteer, Place
from orchestration.cities.suggest import Option, Suggester
from orchestration.knowledge.load import load_knowledge
from orchestration.settings import PROJECT_ROOT

GAZETTEER = Gazetteer(
    [
        Place("1", "Turin", "IT", 847_287, alternate_names=["Torino"]),
        Place("2", "Teramo", "IT", 54_338),
        Place("3", "Prato", "IT", 1_218),
        Place("4", "Prato", "IT", 195_089),
        Place("5", "Prato", "IT"),
        Place("6", "Prato", "IT", 423),
        Place("7", "Turin", "FR", 12),
        Place("8", "Venado Tuerto", "AR", 72_340),
    ]
)


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    wrappers = load_knowledge(PROJECT_ROOT / "seeds").city_decisions().wrappers
    return Suggester(GAZETTEER, wrappers, [("MT", "gozo", Option("mt-gozo", "Gozo", None))])


def found(suggester: Suggester, country: str, name: str) -> list[tuple[str, int | None, int]]:
    return [(option.city_key, option.population, score) for option, score in suggester.suggestions(country, name)]


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("Comune di Torino", "torino"),
        ("City of Turin", "turin"),
        ("Comune dell'Aquila", "aquila"),
        ("Ville de Nyon", "nyon"),
        ("Landeshauptstadt Magdeburg", "magdeburg"),
        ("Gmina Miasto Toruń", "torun"),
        ("Município de Odemira", "odemira"),
        ("İzmir Metropolitan Municipality", "izmir"),
        ("Gislaveds Kommun", "gislaveds"),
        ("Cityville", "cityville"),
        ("Stadt", "stadt"),
    ],
)
def test_words_of_an_administration_are_no_part_of_the_name(suggester: Suggester, written: str, core: str) -> None:
    assert suggester.without_wrapper(written) == core


def test_a_name_in_a_wrapper_suggests_the_city_whose_name_it_is(suggester: Suggester) -> None:
    assert found(suggester, "IT", "Comune di Torino") == [("gn-1", 847_287, 100)]


def test_a_misspelt_name_suggests_what_is_like_it(suggester: Suggester) -> None:
    assert found(suggester, "IT", "Tearmo") == [("gn-2", 54_338, 83)]


def test_of_places_with_the_same_name_the_three_largest_are_suggested(suggester: Suggester) -> None:
    assert found(suggester, "IT", "Prato") == [("gn-4", 195_089, 100), ("gn-3", 1_218, 100), ("gn-6", 423, 100)]


def test_where_no_name_is_alike_one_that_is_a_part_is_suggested(suggester: Suggester) -> None:
    assert found(suggester, "AR", "Honorable Concejo de Venado Tuerto") == [("gn-8", 72_340, 90)]


def test_a_mission_city_that_the_gazetteer_lacks_is_suggested(suggester: Suggester) -> None:
    assert found(suggester, "MT", "Gozzo") == [("mt-gozo", None, 89)]


def test_nothing_is_suggested_where_nothing_is_alike(suggester: Suggester) -> None:
    assert found(suggester, "IT", "Xyzzy") == []
