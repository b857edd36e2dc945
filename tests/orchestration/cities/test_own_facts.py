"""What a response tells of its city, against the places of its name.

Real cases are of the register of the Covenant of Mayors (JRC, GCoM - MyCovenant, 5th release, January 2024), places of
GeoNames with their identifiers and inhabitants.
"""

from dataclasses import replace

import pytest

from orchestration.cities.gazetteer import Gazetteer, Place
from orchestration.cities.link import CityLink, NamedCity, Registry, link_city, with_lasting_identifiers
from orchestration.cities.own_facts import distance_km, find_shared_points, read_facts
from orchestration.knowledge.load import load_knowledge
from orchestration.knowledge.rows.cities import CityLimits
from orchestration.settings import PROJECT_ROOT

LIMITS = load_knowledge(PROJECT_ROOT / "seeds").city_decisions().limits
PLACES = [
    Place("687684", "Zaporizhzhia", "UA", 656, 46.96173, 35.04281),
    Place("687700", "Zaporizhzhya", "UA", 710_052, 47.85167, 35.11714, ["Zaporizhzhia"]),
    Place("322866", "Avcılar", "TR", 630, 37.93803, 35.70057),
    Place("2516902", "Guardamar del Segura", "ES", 16_329, 38.09031, -0.65556, ["Guardamar de la Safor"]),
    Place("733905", "Véroia", "GR", 44_464, 40.52437, 22.20242),
    Place("733901", "Vergína", "GR", 2_034, 40.48654, 22.31735, ["Veria"]),
    Place("2262912", "Sintra", "PT", 26_193, 38.80097, -9.37826),
    Place("3117735", "Madrid", "ES", 3_255_944, 40.4165, -3.70256),
    Place("3169921", "Prato", "IT", 195_089, 43.8805, 11.09699),
    Place("3169911", "Prato", "IT", 423, 46.37364, 13.30659),
    Place("8949276", "Prato", "IT", 1_218, 44.71589, 10.74797),
    Place("3068766", "Ostrov", "CZ", 15_681, 50.30592, 12.93907),
    Place("3068772", "Ostrov", "CZ", 592, 49.93025, 16.54053),
    Place("3113035", "Poio", "ES", 17_018, 42.44775, -8.68594),
    Place("3113036", "Poio", "ES", 0, 42.42929, -8.66075),
    Place("3113170", "Porqueira", "ES", 0, 42.01667, -7.85),
    Place("2509693", "Vera", "ES", 13_985, 37.24345, -1.85905),
    Place("3106112", "Bera", "ES", 3_685, 43.28177, -1.68632, ["Vera"]),
]
FAR, OTHER_SIZE = "far from its own coordinates", "population of another size"


def link(
    name: str,
    country: str,
    population: float | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    registry: Registry | None = None,
) -> CityLink:
    facts = read_facts(population, latitude, longitude)
    city = NamedCity("covenant", "2024", "1", name, country, facts=facts)
    return link_city(city, registry or Registry(), Gazetteer(PLACES), {}, LIMITS)


def linked(*said: object) -> tuple[str | None, str]:
    found = link(*said)  # type: ignore[arg-type]
    return found.city_key, found.link_method


def test_a_city_of_700_000_is_not_the_village_of_its_name_but_the_city_that_has_it_as_a_second_one() -> None:
    assert linked("Zaporizhzhia", "UA", 731_922, 47.8387985229492, 35.1395683288574) == ("gn-687700", "alternate name")
    assert linked("Zaporizhzhia", "UA", 731_922) == ("gn-687700", "alternate name")
    assert linked("Zaporizhzhia", "UA", 650, 46.9, 35.1) == ("gn-687684", "gazetteer name")


def test_a_district_of_437_000_is_not_the_only_village_of_its_name() -> None:
    assert linked("Avcılar", "TR", 436_897) == (None, OTHER_SIZE)
    assert linked("Avcılar", "TR", 436_897, 40.98, 28.72) == (None, FAR)


def test_a_village_below_the_gazetteer_s_500_is_not_the_town_that_shares_a_name() -> None:
    assert linked("Guardamar de la Safor", "ES", 486, 38.9681701660156, -0.136230006814003) == (None, FAR)
    assert linked("Guardamar de la Safor", "ES", 486) == (None, OTHER_SIZE)


def test_a_near_place_of_another_size_is_left_open() -> None:
    assert linked("Veria", "GR", 66_547, 40.52, 22.2) == (None, OTHER_SIZE)


@pytest.mark.parametrize(("kilometres", "key"), [(49, "gn-2262912"), (51, None)], ids=["49 km", "51 km"])
def test_fifty_kilometres_are_the_limit(kilometres: float, key: str | None) -> None:
    north = 38.80097 + kilometres / 111.195
    assert linked("Sintra", "PT", None, north, -9.37826)[0] == key


@pytest.mark.parametrize(("population", "key"), [(26_193 * 4.9, True), (26_193 * 5.1, False), (26_193 / 5.1, False)])
def test_five_times_the_inhabitants_are_the_limit_up_and_down(population: float, key: bool) -> None:
    assert (linked("Sintra", "PT", population)[0] == "gn-2262912") is key


def test_fewer_inhabitants_alone_say_nothing_against_a_large_city() -> None:
    """CDP 2019: Madrid answered 3,221, in thousands. With coordinates elsewhere it is another Madrid all the same."""
    assert linked("Madrid", "ES", 3_221) == ("gn-3117735", "gazetteer name")
    assert linked("Madrid", "ES", 3_221, 42.8, -3.7)[0] is None
    assert linked("Madrid", "ES", 30_000_000) == (None, OTHER_SIZE)


def test_the_inhabitants_of_one_place_and_the_coordinates_of_another_tell_neither() -> None:
    assert linked("Vera", "ES", 13_985, 43.2807006835938, -1.68270003795624) == (None, FAR)
    assert linked("Vera", "ES", 2_000, 43.2807006835938, -1.68270003795624) == ("gn-3106112", "alternate name")
    assert linked("Vera", "ES", None, 43.2807006835938, -1.68270003795624) == ("gn-3106112", "alternate name")


def test_of_several_places_the_one_of_its_coordinates_or_inhabitants_is_taken() -> None:
    found = ("gn-3169921", "gazetteer name")
    assert linked("Prato", "IT", 187_159, 43.8806304931641, 11.0970897674561) == found
    assert linked("Prato", "IT", 187_159) == linked("Prato", "IT", None, 43.88, 11.09) == found
    assert linked("Prato", "IT") == (None, "ambiguous")


def test_both_must_fit_where_both_are_told() -> None:
    assert linked("Prato", "IT", 187_159, 46.37, 13.30) == (None, OTHER_SIZE)
    assert linked("Prato", "IT", 187_159, 38.0, 14.1) == (None, FAR)


def test_a_namesake_in_the_region_is_not_taken_for_a_village_that_the_gazetteer_lacks() -> None:
    """Ostrov of 206 inhabitants: the gazetteer has two others, of which one lies 37 km away."""
    assert linked("Ostrov", "CZ", 206, 49.9726032, 16.0303316) == (None, "ambiguous")


def test_two_places_of_a_name_at_the_coordinates_stay_ambiguous() -> None:
    assert linked("Poio", "ES", 17_018, 42.44612681611986, -8.685808181762695) == (None, "ambiguous")


def test_what_the_gazetteer_does_not_know_says_nothing() -> None:
    assert linked("Porqueira", "ES", 1_103)[0] == "gn-3113170"


def test_an_identifier_and_a_confirmed_name_win_over_coordinates() -> None:
    facts = read_facts(187_159, 38.0, 14.1)
    city = NamedCity("covenant", "2024", "1", "Prato", "IT", facts=facts)
    told = link_city(replace(city, geonameid="3169921"), Registry(), Gazetteer(PLACES), {}, LIMITS)
    confirmed = link_city(city, Registry(), Gazetteer(PLACES), {("IT", "prato"): "gn-3169921"}, LIMITS)
    assert (told.link_method, confirmed.link_method) == ("identifier", "confirmed alias")
    assert told.city_key == confirmed.city_key == "gn-3169921"


def test_a_city_that_is_no_place_of_its_name_may_be_a_mission_city_only_where_one_has_the_name() -> None:
    of_madrid = Registry({("ES", "madrid"): "gn-3117735"}, {"3117735": "gn-3117735"}, {"gn-3117735": "Madrid"})
    assert link("Guardamar de la Safor", "ES", 486, registry=of_madrid).is_mission_city is False
    assert link("Madrid", "ES", 486, 42.8, -3.7, of_madrid).is_mission_city is None
    assert link("Poio", "ES", 17_018, 42.446, -8.686, of_madrid).is_mission_city is None


@pytest.mark.parametrize(
    "point",
    [(45.0, 8.0), (0.0, 0.0), (None, 8.06), (45.56, None), (95.2, 8.06), (45.56, 188.5)],
    ids=["whole degrees", "nowhere", "no latitude", "no longitude", "beyond the pole", "beyond the date line"],
)
def test_coordinates_that_say_nothing(point: tuple[float | None, float | None]) -> None:
    """Biella of the register lies at 45.0, 8.0, as do Turbigo and Casorate Sempione."""
    assert not read_facts(None, *point)


@pytest.mark.parametrize("population", [None, 0, -1])
def test_a_population_that_is_none_says_nothing(population: float | None) -> None:
    assert not read_facts(population, None, None)


def test_a_point_of_several_names_is_no_city_s() -> None:
    """The centre of Italy stands for ten groups of the register; a city and the group around it share a point."""
    centre, seat = (42.6384261, 12.674297), (44.46720886230471, 7.363049983978269)
    named = [("unione a", centre), ("unione b", centre), ("unione c", centre), ("dronero", seat), ("gruppo", seat)]
    assert find_shared_points(named, LIMITS) == {centre}
    assert find_shared_points([("dronero", seat)] * 9, LIMITS) == set()


def test_without_limits_nothing_speaks_against_a_place() -> None:
    city = NamedCity("covenant", "2024", "1", "Avcılar", "TR", facts=read_facts(436_897, 40.98, 28.72))
    assert link_city(city, Registry(), Gazetteer(PLACES), {}, CityLimits()).city_key == "gn-322866"


def test_distances_are_those_of_the_great_circle() -> None:
    lisbon, oslo = (38.71667, -9.13333), (59.91273, 10.74609)
    assert distance_km(lisbon, oslo) == pytest.approx(2740, rel=0.005)
    assert distance_km(oslo, oslo) == 0
    assert distance_km((0.5, 179.9), (0.5, -179.9)) == pytest.approx(22.2, rel=0.01)


def of_rounds(*cities: NamedCity) -> list[tuple[str | None, str]]:
    rounds = [replace(city, round=str(year), city_id="A7") for year, city in enumerate(cities, start=2018)]
    links = [link_city(city, Registry(), Gazetteer(PLACES), {}, LIMITS) for city in rounds]
    return [(found.city_key, found.link_method) for found in with_lasting_identifiers(rounds, links, Registry())]


def test_a_lasting_identifier_outweighs_a_wrong_number_only_where_more_than_a_name_led_to_the_city() -> None:
    city = NamedCity("cdp", "2018", "1", "Sintra", "PT")
    right, wrong = replace(city, facts=read_facts(26_000, None, None)), replace(city, facts=read_facts(26, None, None))
    by_name = ("gn-2262912", "gazetteer name")
    assert of_rounds(right, wrong) == [by_name, ("gn-2262912", "identifier of another round")]
    assert of_rounds(city, wrong) == [by_name, (None, OTHER_SIZE)]


def test_what_one_identifier_makes_sure_says_nothing_of_another() -> None:
    city = NamedCity("cdp", "2018", "1", "Sintra", "PT", city_id="A7")
    sure = replace(city, city_id="B8", facts=read_facts(26_000, None, None))
    wrong = replace(city, facts=read_facts(26, None, None))
    links = [link_city(one, Registry(), Gazetteer(PLACES), {}, LIMITS) for one in (city, sure, wrong)]
    *_, last = with_lasting_identifiers([city, sure, wrong], links, Registry())
    assert (last.city_key, last.link_method) == (None, OTHER_SIZE)
