"""Linking responses that name a real city to one key a city, over all rounds.

In this order: an identifier, a confirmed name (seeds/city_aliases.csv), a gazetteer name, one of the gazetteer's
alternate names, the registry's own. A name stays open where it stands for several places of its country and where it is
unknown; an unknown name that holds or nearly is a Mission City's is not even counted as another city's: a wrong city is
worse than none. Pseudonyms are never linked. Not here: names and places (gazetteer.py), what an open name may mean
(suggest.py), what is counted with the links (dbt_project/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.cities.gazetteer import Gazetteer, load_gazetteer
from orchestration.cities.suggest import Option, Suggester
from orchestration.common.text import normalise
from orchestration.knowledge.rows.base import Row, to_arrow
from orchestration.knowledge.rows.cities import CityDecisions, CountryName
from orchestration.landing.submissions import COUNTED, read_submissions
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook

if TYPE_CHECKING:
    import pyarrow as pa

REGISTRY = "city_registry"
# Shorter names are abbreviations and codes ("Par", "BCN"), which stand in too many words' company.
SHORTEST_NAME = 4
# From this similarity on (rapidfuzz ratio, 0 to 100) an unknown name may be a Mission City's, misspelt.
NEARLY_THE_SAME = 90
IDENTIFIER, CONFIRMED, OF_ANOTHER_ROUND = "identifier", "confirmed alias", "identifier of another round"


@dataclass(frozen=True)
class NamedCity:
    """A response that names a real city: its round, its id, and the city as the response writes it.

    `geonameid` is the identifier that the response gives, `city_id` the one by which its instrument knows the city in
    every round.
    """

    instrument: str
    round: str
    response_id: str
    name: str
    country: str | None
    geonameid: str | None = None
    city_id: str | None = None

    @property
    def place(self) -> CountryName:
        """Country and normalised name: what is compared."""
        return self.country or "", normalise(self.name)


class CityLink(Row):
    """The city of a response; `city_key` is None where no city could be told, `link_method` then says why."""

    instrument: str
    round: str
    response_id: str
    country_code: str | None
    city_name: str
    city_key: str | None
    link_method: str
    is_mission_city: bool | None


@dataclass(frozen=True)
class Registry:
    """Mission Cities by country and normalised name, and by GeoNames id; their names by key."""

    by_name: Mapping[CountryName, str] = field(default_factory=dict)
    by_geonameid: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def countries(self) -> frozenset[str]:
        """Countries that have a Mission City."""
        return frozenset(country for country, _ in self.by_name)

    def has(self, city_key: str) -> bool | None:
        """Whether a key is a Mission City's; nobody can tell without a registry."""
        return city_key in self.by_name.values() if self.by_name else None

    def options(self) -> Iterator[tuple[str, str, Option]]:
        """Country, normalised name and what a suggestion shows of each Mission City that the gazetteer lacks."""
        listed = set(self.by_geonameid.values())
        for (country, text), key in self.by_name.items():
            if key not in listed:
                yield country, text, Option(key, self.names.get(key, text), None)


class CityPlace(Row):
    """What the gazetteer knows of a linked city."""

    city_key: str
    place_name: str
    country_code: str
    population: int | None
    latitude: float | None
    longitude: float | None


class CitySuggestion(Row):
    """What an open name of a country may mean; the first is the likeliest."""

    country_code: str
    city_name: str
    position: int
    suggested_key: str
    suggested_name: str
    suggested_population: int | None
    score: int


def link_cities(
    rounds: Iterable[RoundCard],
    codebooks: Mapping[str, Codebook],
    landings: Mapping[str, Path],
    decisions: CityDecisions | None = None,
) -> dict[str, pa.Table]:
    """Tables about cities, by name.

    `city_links` has one row for each response that names a city, `city_places` one for each linked city that the
    gazetteer knows, `city_suggestions` one for each thing that an open name may mean. The gazetteer is loaded only
    where a response names a real city, and only for the countries named.
    """
    decisions = decisions or CityDecisions()
    named: list[NamedCity] = []
    registry = Registry()
    links: list[CityLink] = []
    for card in rounds:
        codebook = codebooks[card.key]
        names_cities = any(codebook.with_role(role) for role in ("city_name", "organisation"))
        if not names_cities or card.key not in landings:
            continue
        cities = list(_named_cities(card, codebook, _answers_by_response(landings[card.key])))
        if card.instrument == REGISTRY:
            registry, registry_links = registry_of(cities)
            links += registry_links
        else:
            named += cities
    gazetteer = load_gazetteer({city.country for city in named if city.country}) if named else Gazetteer()
    confirmed = decisions.confirmed
    by_name = [link_city(city, registry, gazetteer, confirmed) for city in named]
    links += with_lasting_identifiers(named, by_name, registry)
    suggester = Suggester(gazetteer, decisions.wrappers, registry.options())
    return {
        "city_links": to_arrow(CityLink, links),
        "city_places": to_arrow(CityPlace, _places(links, gazetteer)),
        "city_suggestions": to_arrow(CitySuggestion, _suggestions(links, suggester)),
    }


def link_city(
    city: NamedCity, registry: Registry, gazetteer: Gazetteer, confirmed: Mapping[CountryName, str] | None = None
) -> CityLink:
    """Link one named city by what its own response says; leaves it open where that is not certain."""
    if city.geonameid:
        place = gazetteer.place(city.geonameid)
        if place and city.country and place.country != city.country:
            return _leave_open(city, registry, "identifier of another country")
        return _link_to(city, registry.by_geonameid.get(city.geonameid, f"gn-{city.geonameid}"), IDENTIFIER, registry)
    if not city.country:
        return _leave_open(city, registry, "no country")
    if key := (confirmed or {}).get(city.place):
        return _link_to(city, key, CONFIRMED, registry)
    places, method = gazetteer.candidates(city.country, city.name)
    if len(places) > 1:
        return _leave_open(city, registry, "ambiguous")
    listed = registry.by_name.get(city.place)
    if places:
        found = places[0]
        return _link_to(city, registry.by_geonameid.get(found.geonameid) or listed or found.key, method, registry)
    if listed:
        return _link_to(city, listed, "registry name", registry)
    if reason := likeness_to_a_mission_city(city, registry, gazetteer):
        return _leave_open(city, registry, reason)
    return _link(city, None, "not found", False if registry.by_name else None)


def likeness_to_a_mission_city(city: NamedCity, registry: Registry, gazetteer: Gazetteer) -> str | None:
    """Why an unknown name may be a Mission City's: it holds all words of its name, or is nearly it."""
    from rapidfuzz import fuzz

    country, text = city.place
    own = [listed for of_country, listed in registry.by_name if of_country == country]
    of_places = [name for name, place in gazetteer.names(country) if place.geonameid in registry.by_geonameid]
    known = {name for name in (*own, *of_places) if len(name) >= SHORTEST_NAME}
    if any(f" {name} " in f" {text} " for name in known):
        return "holds the name of a Mission City"
    if any(fuzz.ratio(name, text) >= NEARLY_THE_SAME for name in known):
        return "near the name of a Mission City"
    return None


def with_lasting_identifiers(
    cities: Sequence[NamedCity], links: Sequence[CityLink], registry: Registry
) -> Iterator[CityLink]:
    """The links in the light of the identifiers that an instrument keeps for a city over its rounds.

    An open name takes the city that the same identifier led to elsewhere. Where it led to several, no name alone is
    believed.
    """
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for city, link in zip(cities, links, strict=True):
        if city.city_id and link.city_key:
            known[city.instrument, city.city_id].add(link.city_key)
    for city, link in zip(cities, links, strict=True):
        keys = known.get((city.instrument, city.city_id or ""), set())
        if len(keys) > 1 and link.link_method not in (IDENTIFIER, CONFIRMED):
            yield _leave_open(city, registry, "identifier stands for several cities")
        elif len(keys) == 1 and link.city_key is None:
            yield _link_to(city, next(iter(keys)), OF_ANOTHER_ROUND, registry)
        else:
            yield link


def registry_of(cities: Iterable[NamedCity]) -> tuple[Registry, list[CityLink]]:
    """The registry that a round of it lists, and the links of its rows."""
    keys = {city: f"gn-{city.geonameid}" if city.geonameid else own_key(*city.place) for city in cities}
    registry = Registry(
        by_name={city.place: key for city, key in keys.items()},
        by_geonameid={city.geonameid: key for city, key in keys.items() if city.geonameid},
        names={key: city.name for city, key in keys.items()},
    )
    return registry, [_link_to(city, key, "registry", registry) for city, key in keys.items()]


def own_key(country: str, name: str) -> str:
    """The key of a city that the gazetteer lacks: its country and its name."""
    return f"{country.lower()}-{normalise(name)}".replace(" ", "-")


def _link_to(city: NamedCity, key: str, method: str, registry: Registry) -> CityLink:
    return _link(city, key, method, registry.has(key))


def _leave_open(city: NamedCity, registry: Registry, reason: str) -> CityLink:
    """A city that is not told. In a country without Mission Cities it is none all the same."""
    is_none = bool(registry.by_name) and bool(city.country) and city.country not in registry.countries
    return _link(city, None, reason, False if is_none else None)


def _link(city: NamedCity, key: str | None, method: str, is_mission_city: bool | None) -> CityLink:
    return CityLink(
        instrument=city.instrument,
        round=city.round,
        response_id=city.response_id,
        country_code=city.country,
        city_name=city.name,
        city_key=key,
        link_method=method,
        is_mission_city=is_mission_city,
    )


def _places(links: Iterable[CityLink], gazetteer: Gazetteer) -> Iterator[CityPlace]:
    for key in sorted({link.city_key for link in links if link.city_key}):
        if place := gazetteer.place(key.removeprefix("gn-")):
            yield CityPlace(
                city_key=key,
                place_name=place.name,
                country_code=place.country,
                population=place.population or None,
                latitude=place.latitude,
                longitude=place.longitude,
            )


def _suggestions(links: Iterable[CityLink], suggester: Suggester) -> Iterator[CitySuggestion]:
    open_names = {(link.country_code, link.city_name) for link in links if link.city_key is None and link.country_code}
    for country, name in sorted((country, name) for country, name in open_names if country):
        for position, (option, score) in enumerate(suggester.suggestions(country, name), start=1):
            yield CitySuggestion(
                country_code=country,
                city_name=name,
                position=position,
                suggested_key=option.city_key,
                suggested_name=option.name,
                suggested_population=option.population,
                score=score,
            )


def _answers_by_response(landing: Path) -> dict[str, dict[str, str]]:
    """What each response that counts says, by question: choice, text or number."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    submissions = read_submissions(landing)
    counted = submissions.filter(pc.equal(submissions["standing"], COUNTED))["response_id"]
    by_response: dict[str, dict[str, str]] = defaultdict(dict)
    columns = ["response_id", "question_code", "choice_code", "value_text", "value_number"]
    rows = pq.read_table(landing / "answers.parquet", columns=columns)
    for row in rows.filter(pc.is_in(rows["response_id"], value_set=counted.combine_chunks())).to_pylist():
        value = row["choice_code"] or row["value_text"]
        if value is None and row["value_number"] is not None:
            value = f"{row['value_number']:g}" if row["value_number"] % 1 else str(int(row["value_number"]))
        by_response[row["response_id"]][row["question_code"]] = value
    return by_response


def _named_cities(card: RoundCard, codebook: Codebook, answers: Mapping[str, Mapping[str, str]]) -> Iterator[NamedCity]:
    """Responses that name their city, or else the organisation that answers for it."""
    for response_id, given in sorted(answers.items()):

        def said(role: str, given: Mapping[str, str] = given) -> str | None:
            question = codebook.with_role(role)
            return given.get(question.name) if question else None

        # A dash says no name.
        names = [name for name in (said("city_name"), said("organisation")) if name and normalise(name)]
        if name := next(iter(names), None):
            yield NamedCity(
                card.instrument, card.round, response_id, name, said("country"), said("geonameid"), said("city_id")
            )
