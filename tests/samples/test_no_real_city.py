"""No synthetic answer is attached to a real city: no name of a Mission City occurs in a response."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest

from tests.samples.extracts import ROUNDS, Extract, read_csv


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", html.unescape(text))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


@pytest.fixture(scope="module")
def names() -> set[str]:
    rows = read_csv(ROUNDS / "city_registry" / "2022" / "extract.csv")
    return {plain(row[column]) for row in rows for column in ("city", "geonames_name") if row[column]}


@pytest.mark.parametrize("instrument", ["survey", "second", "eoi"])
def test_no_mission_city_is_named(instrument: str, names: set[str], request: pytest.FixtureRequest) -> None:
    extract: Extract = request.getfixturevalue(instrument)
    cells = {plain(cell) for row in extract.rows for cell in row.values() if isinstance(cell, str)}
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, sorted(names))) + r")(?!\w)")
    assert [cell for cell in cells if pattern.search(cell)] == []


@pytest.mark.parametrize("instrument", ["survey", "second", "eoi"])
def test_cities_are_pseudonyms(instrument: str, request: pytest.FixtureRequest) -> None:
    extract: Extract = request.getfixturevalue(instrument)
    assert all(re.fullmatch(r"P-\d{4}", row["city"]) for row in extract.rows)
