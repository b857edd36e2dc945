"""Rows of the seeds that settle which city is meant: confirmed names, wrappers of names, reviewed changes of keys."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from orchestration.common.text import normalise
from orchestration.knowledge.rows.base import Row

CountryName = tuple[str, str]
Text = Annotated[str, Field(min_length=1)]
GEONAMES_KEY = re.compile(r"gn-[1-9][0-9]*")
# A GeoNames identifier, or country and name of a city that GeoNames lacks.
CityKey = Annotated[str, Field(pattern=r"^(gn-[1-9][0-9]*|[a-z]{2}-\S*[^\s\d]\S*)$")]


class CityAlias(Row):
    """A name, as responses of a country (ISO 3166-1 alpha-2) write it, confirmed to mean a city."""

    country_code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    name: Text
    city_key: CityKey
    reason: Text
    decided_on: date

    @property
    def place(self) -> CountryName:
        """Country and normalised name: what is compared."""
        return self.country_code, normalise(self.name)

    @field_validator("city_key")
    @classmethod
    def _is_of_its_country(cls, key: str, row: ValidationInfo) -> str:
        country = str(row.data.get("country_code", ""))
        if not GEONAMES_KEY.fullmatch(key) and country and not key.startswith(f"{country.lower()}-"):
            raise ValueError(f"{key} is no city of {country}")
        return key


class CityWrapper(Row):
    """Words that an administration puts before or after the name of its city."""

    wrapper: Text
    side: Literal["before", "after"]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class CityKeyChange(Row):
    """A key that gave way to another, reviewed; `new_key` is empty where none took its place."""

    old_key: Text
    new_key: str | None
    reason: Text
    decided_on: date


@dataclass(frozen=True)
class CityLimits:
    """When a round's own coordinates and populations speak against a place, by code in thresholds.csv.

    Without limits nothing does.
    """

    city_distance_km: float = math.inf
    city_home_population: float = math.inf
    city_near_km: float = math.inf
    city_point_names: float = math.inf
    city_population_factor: float = math.inf


@dataclass(frozen=True)
class CityDecisions:
    """What people reviewed: names that mean a city, words that are no part of a name, and limits."""

    aliases: Sequence[CityAlias] = ()
    wrappers: Sequence[CityWrapper] = ()
    limits: CityLimits = CityLimits()

    @property
    def confirmed(self) -> Mapping[CountryName, str]:
        """The key of each confirmed name."""
        return {alias.place: alias.city_key for alias in self.aliases}


def find_double_names(aliases: Iterable[CityAlias]) -> Iterator[str]:
    """Names that more than one row confirms, with what to do: which one would hold?"""
    rows: dict[CountryName, list[CityAlias]] = defaultdict(list)
    for alias in aliases:
        rows[alias.place].append(alias)
    for (country, _), same in rows.items():
        if len(same) > 1:
            written = " and ".join(f"{alias.name!r} ({alias.city_key})" for alias in same)
            yield f"{country}: {written} are one name, confirmed twice. Keep one of the rows."
