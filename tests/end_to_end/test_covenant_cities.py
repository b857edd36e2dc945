"""Which signatories of the Covenant of Mayors are linked: half of its register, where it lies beside the project."""

import csv
from collections import Counter

import pytest
from deployments import CDP_EXTRACT

from orchestration.cities.gazetteer import Gazetteer, load_gazetteer
from orchestration.cities.link import CityLink, NamedCity, Registry, link_city, without_shared_points
from orchestration.cities.own_facts import distance_km, read_facts
from orchestration.knowledge.load import load_knowledge
from orchestration.settings import PROJECT_ROOT

REGISTER = CDP_EXTRACT.parent.parent / "covenant_signatories" / "signatories_2024_half.csv"
LIMITS = load_knowledge(PROJECT_ROOT / "seeds").city_decisions().limits
# By names alone 4,727 were linked: 81 of them more than 50 km from usable coordinates, 166 to places of more than five
# times the inhabitants, or less than a fifth.
BY_METHOD = {
    "gazetteer name": 4449,
    "alternate name": 163,
    "not found": 1144,
    "population of another size": 164,
    "far from its own coordinates": 85,
    "ambiguous": 24,
}
# Looked up by hand, the register's coordinates and inhabitants beside GeoNames.
LOOKED_UP = {
    ("UA", "Zaporizhzhia"): "gn-687700",  # 731,922 inhabitants; the village that has the name as its first has 656
    ("DE", "Essen"): "gn-2928810",  # 591,018 inhabitants; one of two places
    ("DE", "Hagen"): "gn-2912621",  # 186,000 inhabitants; one of four
    ("FR", "Montreuil"): "gn-2992090",  # 96,073 inhabitants beside Paris; one of four
    ("FR", "Merville"): "gn-2994297",  # near Lille; the other lies near Toulouse
    ("IT", "Prato"): "gn-3169921",  # 187,159 inhabitants in Tuscany; one of three
    ("IT", "Biella"): "gn-3182043",  # its coordinates are 45.0, 8.0
    ("ES", "Guardamar de la Safor"): None,  # 486 inhabitants; Guardamar del Segura lies 108 km away
    ("ES", "Vera"): None,  # the inhabitants of Vera in Almería, the coordinates of Bera in Navarre
    ("CZ", "Ostrov"): None,  # 206 inhabitants: neither of the gazetteer's two
}
# Signatories with what they tell, where they are linked.
Linked = list[tuple[NamedCity, CityLink]]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def signatories(gazetteer: Gazetteer) -> Linked:
    if not REGISTER.exists():
        pytest.skip("the register of the Covenant of Mayors is not there: ../shared/real/covenant_signatories")
    with REGISTER.open(encoding="utf-8") as file:
        named = [_signatory(row) for row in csv.DictReader(file)]
    usable = without_shared_points(named, LIMITS)
    return [(city, link_city(city, Registry(), gazetteer, {}, LIMITS)) for city in usable]


def _signatory(row: dict[str, str]) -> NamedCity:
    numbers = (row["population_adhesion"], row["organisation_latitude"], row["organisation_longitude"])
    return NamedCity(
        "covenant",
        "2024",
        row["organisation_id"],
        row["organisation_name"],
        row["country_code"].upper(),
        facts=read_facts(*map(_number, numbers)),
    )


def _number(text: str) -> float | None:
    """A number of the register; one longitude has a decimal comma."""
    return None if text in ("-", "null") else float(text.replace(",", "."))


def test_each_signatory_is_linked_or_open_for_a_reason(signatories: Linked) -> None:
    assert Counter(found.link_method for _, found in signatories) == BY_METHOD
    methods = {found.link_method for _, found in signatories if found.city_key}
    assert methods == {"gazetteer name", "alternate name"}


def test_no_link_lies_far_from_its_own_coordinates_or_has_inhabitants_of_another_size(
    signatories: Linked, gazetteer: Gazetteer
) -> None:
    far, other_size = [], []
    for city, found in signatories:
        place = gazetteer.place((found.city_key or "").removeprefix("gn-"))
        if place and place.point and city.facts.point and distance_km(city.facts.point, place.point) > 50:
            far.append(city.name)
        if (
            place
            and place.population
            and not 0.2 <= (city.facts.population or place.population) / place.population <= 5
        ):
            other_size.append(city.name)
    assert (far, other_size) == ([], [])
    # Of 6,029: 10 have no coordinates, 79 are whole degrees, 19 stand at a point of three names or more.
    assert sum(city.facts.point is not None for city, _ in signatories) == 5921


def test_names_of_several_places_lead_where_they_should(signatories: Linked) -> None:
    keys = {(city.country, city.name): found.city_key for city, found in signatories}
    assert {name: keys[name] for name in LOOKED_UP} == LOOKED_UP
