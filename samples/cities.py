"""Pseudonyms and countries of the made-up cities.

Belongs here: who is called what over both questionnaires, and which country it is put in. Not here: real
cities; no name of one occurs in any response.
"""

from __future__ import annotations

from functools import cache

from samples import noise
from samples.codebook import load

SURVEY_N = 62
SECOND_WAVE_N = 19
EOI_N = 362
LATER_N = 15  # cities that answer the survey of 2025 for the first time and never applied

# Regions as in EuroVoc 7206 with Türkiye and Israel in the south, as in the report (l.560).
REGIONS = {
    "southern": "CY ES GR IL IT MT PT TR",
    "western": "AT BE CH DE FR GB IE LU NL",
    "northern": "DK EE FI IS LT LV NO SE",
    "central_eastern": "AL BA BG CZ HR HU MD ME MK PL RO RS SI SK UA",
}

# Countries of the 62 by size class. The report's regions (30, 16, 16, 6) sum to 68: Western Europe gets
# 10 instead of 16, so that three of four numbers hold; 7 of the 9 largest and 9 of the 14 towns are in
# the south (l.698-700).
SURVEY_COUNTRIES = {
    "large_metropolitan": "TR",
    "metropolitan": "ES ES IT IT TR TR PL FR",
    "medium": "ES GR IT TR PT CZ HU RO PL DE FR NL SE",
    "small": "IT IT IT ES ES GR PT IT TR BG HR PL RO SI SK RO RS UA DE BE FR AT FI DK LT NO",
    "town": "IT IT IT GR GR ES PT CY IT HR SI DE IE LV",
}

# Only countries with more than one Mission City, or with another number of them than in fact, so that no
# pseudonym can be taken for a city; the region counts and the 100 + 12 (l.433-435) are the registry's.
MISSION_COUNTRIES = {
    "western": {"DE": 12, "FR": 10, "NL": 6, "BE": 4, "GB": 2},
    "southern": {"IT": 9, "ES": 8, "GR": 6, "PT": 4, "TR": 3},
    "northern": {"SE": 8, "FI": 7, "DK": 6, "NO": 4},
    "central_eastern": {"PL": 6, "RO": 4, "SI": 3, "HU": 3, "CZ": 2, "SK": 2, "BA": 3},
}


OFTEN = "IT ES FR DE PL IT ES FR DE PL RO GR PT TR GB HU BG HR"


def region_of(country: str) -> str:
    """The region of a country code."""
    return next(region for region, codes in REGIONS.items() if country in codes.split())


@cache
def _pseudonyms() -> dict[str, str]:
    keys = [f"survey {k}" for k in range(SURVEY_N)]
    keys += [f"eoi {k}" for k in range(EOI_N - SECOND_WAVE_N)]
    return {key: f"P-{number:04}" for number, key in enumerate(noise.shuffled(keys, "pseudonym"), start=1)}


def pseudonym(questionnaire: str, number: int) -> str:
    """The name of a made-up city: unique over survey and EoI, and says nothing about it."""
    return _pseudonyms()[f"{questionnaire} {number}"]


def later_pseudonym(place: int) -> str:
    """The name of a city that came in 2025: after all those of before, in an order that says nothing about it."""
    numbers = noise.shuffled(range(LATER_N), "pseudonym", 2025)
    return f"P-{len(_pseudonyms()) + 1 + numbers[place]:04}"


def unsurveyed_pseudonym(place: int) -> str:
    """The name of a city that uses services in 2026 and never answered a survey: after all others."""
    return f"P-{len(_pseudonyms()) + LATER_N + 1 + place:04}"


def later_country(place: int) -> str:
    """A country for such a city: of the list, the larger ones more often."""
    return noise.one_of(_often(), "country", 2025, place)


def survey_countries(sizes: list[str]) -> list[str]:
    """A country for each of the 62, given their size classes."""
    left = {size: noise.shuffled(codes.split(), "country", size) for size, codes in SURVEY_COUNTRIES.items()}
    return [left[size].pop() for size in sizes]


def mission_countries() -> list[str]:
    """Countries of the 112 Mission Cities of the EoI, the twelve associated ones among them."""
    codes = [code for countries in MISSION_COUNTRIES.values() for code, n in countries.items() for _ in range(n)]
    return noise.shuffled(codes, "country", "mission")


def other_country(number: int) -> str:
    """A country for an EoI city that was not selected; all of the list, the larger ones more often."""
    return noise.one_of(_often(), "country", "eoi", number)


def _often() -> list[str]:
    return list(load("nmc_survey", "2024").choices["country"]) + OFTEN.split() * 4
