"""The page of a city: what it said beside its peers, what helps with its needs, what changed, what it uses.

Here: finding the one city that a reader means, and its lines by section. Not here: what a line says
(dbt_project/models/gaps/gap_city_profile.sql), and how it looks (cli/, site/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import Any

TABLE = "gap_city_profile"
_ORDER = ("wave", "city_key", "section_position", "position")
_SHOWN_NAMES = 5
HEADINGS = ("", "the city", "median of its size class", "median of its region", "")


class ProfileError(ValueError):
    """No city, or more than one, is what was asked for; the message says which there are."""


def released_key(response_key: str) -> str:
    """What stands in releases for the key of a response; as the macro of this name."""
    return f"respondent-{hashlib.sha256(response_key.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Section:
    """A heading and its lines: label, what the city said, medians with their bases, and what stands beside it."""

    label: str
    lines: tuple[tuple[str, str, str, str, str], ...]

    @property
    def filled(self) -> tuple[int, ...]:
        """Columns that have a text in any line."""
        return tuple(column for column in range(len(HEADINGS)) if any(line[column] for line in self.lines))

    @property
    def has_headings(self) -> bool:
        """Whether any of these columns has a heading."""
        return any(HEADINGS[column] for column in self.filled)


@dataclass(frozen=True)
class Profile:
    """What the page of a city in a wave says."""

    wave: str
    cohort_code: str
    city_key: str
    city_name: str | None
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """Name and key, or the key alone where that is all that is known."""
        return self.city_key if self.city_name in (None, self.city_key) else f"{self.city_name} ({self.city_key})"


def read_profile(database: Path, city: str, wave: str | None = None) -> Profile:
    """The profile of a city by its key, a response's among them, or its name; in a wave or the newest that tells of it.

    Raises ProfileError where no city, or more than one, is named so.
    """
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        named = connection.execute(
            "select distinct wave, city_key, city_name from gaps.gap_city_profile "
            "where $wave is null or wave = $wave order by all",
            {"wave": wave},
        ).fetchall()
        key = _find_key(named, city, wave)
        newest = max(of_wave for of_wave, of_city, _ in named if of_city == key)
        rows = connection.execute(
            "from gaps.gap_city_profile where wave = $wave and city_key = $key", {"wave": newest, "key": key}
        ).to_arrow_table()
    return next(group_profiles(rows.to_pylist()))


def group_profiles(rows: Iterable[Mapping[str, Any]]) -> Iterator[Profile]:
    """The profiles that rows of the table tell of, by wave and city."""
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in _ORDER))
    for (wave, key), of_city in groupby(ordered, key=lambda row: (row["wave"], row["city_key"])):
        lines = list(of_city)
        sections = tuple(
            Section(label, tuple(_line(row) for row in of_section))
            for (_, label), of_section in groupby(lines, lambda row: (row["section_position"], row["section_label"]))
        )
        yield Profile(wave, lines[0]["cohort_code"], key, lines[0]["city_name"], sections)


def _find_key(named: Iterable[tuple[str, str, str | None]], city: str, wave: str | None) -> str:
    cities = dict.fromkeys((key, name or key) for _, key, name in named)
    in_wave = f" in wave {wave}" if wave else ""
    wanted = city.casefold()
    found = {key for key, _ in cities if key.casefold() == wanted or key == released_key(city)} or {
        key for key, name in cities if name.casefold() == wanted
    }
    if len(found) == 1:
        return found.pop()
    if found:
        raise ProfileError(
            f"{len(found)} cities are named {city}{in_wave}. Name one by its key: {_tell(sorted(found))}"
        )
    known = {text.casefold(): text for pair in cities for text in pair}
    near = [known[name] for name in get_close_matches(wanted, known, n=_SHOWN_NAMES, cutoff=0.5)]
    there = f"Near are: {_tell(near)}" if near else "`needs query 'from mart.cities'` lists those that there are."
    there += " A cohort of more cities than profiled_cities_most (dbt_project.yml) has no pages."
    raise ProfileError(f"No city has the key or the name {city}{in_wave} and a page. {there}")


def _tell(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "")


def _line(row: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    return (
        row["label"],
        row["value_text"] or _number(row["value_number"]),
        _median(row["size_class_median"], row["size_class_base_n"]),
        _median(row["region_median"], row["region_base_n"]),
        row["reason"] or "",
    )


def _median(median: float | None, base_n: int | None) -> str:
    """A median with its base; of too few cities the base alone."""
    if base_n is None:
        return ""
    return f"too few (n = {base_n})" if median is None else f"{_number(median)} (n = {base_n})"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")
