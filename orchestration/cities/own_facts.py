"""What a response itself tells of its city, and whether a place may be the city told.

Here: which coordinates say something, what speaks against a place. Not here: which places have a name (gazetteer.py),
which of them a response is linked to (link.py), the limits themselves (seeds/thresholds.csv).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.cities.gazetteer import Place, Point
from orchestration.knowledge.rows.cities import CityLimits

FAR, OTHER_SIZE = "far from its own coordinates", "population of another size"
EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class OwnFacts:
    """Inhabitants and coordinates as a response gives them; None where it gives none that say something."""

    population: float | None = None
    point: Point | None = None

    def __bool__(self) -> bool:
        return self.population is not None or self.point is not None

    def objection(self, place: Place, limits: CityLimits) -> str | None:
        """Why a place is not the city told, if it is not. What the gazetteer does not know speaks against nothing."""
        if self.point and place.point and distance_km(self.point, place.point) > limits.city_distance_km:
            return FAR
        # The gazetteer counts the agglomeration of a large city, and some answer in thousands.
        is_large = place.population >= limits.city_home_population and place.population > (self.population or 0)
        if self.is_of_size(place, limits) is False and (self.point or not is_large):
            return OTHER_SIZE
        return None

    def is_of_size(self, place: Place, limits: CityLimits) -> bool | None:
        """Whether a place has about the inhabitants told; None where one of both is not known."""
        if not (self.population and place.population):
            return None
        ratio = self.population / place.population
        return max(ratio, 1 / ratio) <= limits.city_population_factor

    def is_at(self, place: Place, limits: CityLimits) -> bool:
        """Whether a place lies where the city told does; where one of both has no coordinates, everywhere is there."""
        return not (self.point and place.point) or distance_km(self.point, place.point) <= limits.city_near_km


NO_FACTS = OwnFacts()


def read_facts(population: float | None, latitude: float | None, longitude: float | None) -> OwnFacts:
    """The facts that numbers of a response tell. Whole degrees are rounded, or a default: they may be 100 km away."""
    point = None
    if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180:
        point = None if latitude.is_integer() and longitude.is_integer() else (latitude, longitude)
    return OwnFacts(population if population and population > 0 else None, point)


def find_shared_points(named: Iterable[tuple[str, Point | None]], limits: CityLimits) -> set[Point]:
    """Points that several different names of a round have: the centre of a country or of a group, not of a city."""
    names: dict[Point, set[str]] = defaultdict(set)
    for name, point in named:
        if point:
            names[point].add(name)
    return {point for point, different in names.items() if len(different) >= limits.city_point_names}


def distance_km(one: Point, other: Point) -> float:
    """Great-circle distance of two points, by the haversine formula on a sphere."""
    latitude, longitude, other_latitude, other_longitude = map(math.radians, (*one, *other))
    half_chord = math.hypot(
        math.sin((other_latitude - latitude) / 2),
        math.sqrt(math.cos(latitude) * math.cos(other_latitude)) * math.sin((other_longitude - longitude) / 2),
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, half_chord))
