"""The errata of the first report against what a careful reader found in it.

`contradictions.csv` was written from the text of D1.1 (its lines, tables and figures) before the errata were looked at.
A finding counts where it points at the place that is wrong, or at any of them where the reader could not decide; a tie
points at each side that it names. Each finding confirms one contradiction at most.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pytest
from deployments import Deployment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

CONTRADICTIONS = Path(__file__).parent / "contradictions.csv"
NAMES = {"T": "Table", "F": "Figure", "L": "Line"}


class Pointed(NamedTuple):
    """A place that a finding names: `Line 1182`, and the words it says of it."""

    label: str
    words: str


class Contradiction(NamedTuple):
    """A row of contradictions.csv."""

    contradiction_id: str
    places: str
    at: str
    kind: str
    what: str
    is_grave: str
    wrong_side: str

    def is_at(self, pointed: Pointed) -> bool:
        """Whether a finding points at one of the places, and there at the cells or words that are meant."""
        kind, number = pointed.label.split()
        if not any(_covers(place, kind, int(number)) for place in self.places.split(";")):
            return False
        return not self.at or any(words.lower() in pointed.words.lower() for words in self.at.split(";"))


def _covers(place: str, kind: str, number: int) -> bool:
    first, _, last = place[1:].partition("-")
    return NAMES[place[0]] == kind and int(first) <= number <= int(last or first)


def read_contradictions() -> list[Contradiction]:
    with CONTRADICTIONS.open(encoding="utf-8", newline="") as file:
        return [Contradiction(**row) for row in csv.DictReader(file)]


def read_pointed(row: Sequence[str | None]) -> list[Pointed]:
    """The places of a finding: its own, and those of the other sides of a tie."""
    erratum_id, label, place, alternatives = (text or "" for text in row)
    sides = re.findall(
        r"((?:Table|Figure|Line) \d+), (.*?)(?=(?:; or |; |, )(?:Table|Figure|Line) \d+, |$)", alternatives
    )
    return [Pointed(label, f"{erratum_id} {place}"), *(Pointed(*side) for side in sides)]


@pytest.fixture(scope="module")
def confirmed(bundled: Deployment) -> dict[str, str]:
    """Contradiction → the finding that says it, as many of both as there can be."""
    with duckdb.connect(str(bundled.settings.served_database), read_only=True) as connection:
        findings = connection.execute(
            "select erratum_id, source_label, place, alternatives from gaps.gap_errata "
            "where wave = '2024' and rule_code <> 'data'"
        ).fetchall()
    return match(read_contradictions(), findings)


def match(contradictions: Sequence[Contradiction], findings: Sequence[Sequence[str | None]]) -> dict[str, str]:
    pointed = [read_pointed(row) for row in findings]
    points = np.array([[any(map(one.is_at, places)) for places in pointed] for one in contradictions], dtype=np.int8)
    matched = maximum_bipartite_matching(csr_array(points), perm_type="column")
    return {
        one.contradiction_id: str(findings[place][0])
        for one, place in zip(contradictions, matched, strict=True)
        if place >= 0
    }


def share_found(confirmed: dict[str, str], own: Sequence[Contradiction]) -> float:
    return sum(one.contradiction_id in confirmed for one in own) / len(own)


def test_the_reader_found_enough_to_measure_by() -> None:
    read = read_contradictions()
    assert len(read) >= 80
    assert sum(one.is_grave == "yes" for one in read) >= 26
    assert all(re.fullmatch(r"[LTF]\d+(-\d+)?(;[LTF]\d+(-\d+)?)*", one.places) for one in read)
    assert len({one.contradiction_id for one in read}) == len(read)


def test_four_of_five_contradictions_are_found(confirmed: dict[str, str]) -> None:
    assert share_found(confirmed, read_contradictions()) >= 0.80


def test_hardly_a_grave_contradiction_is_missed(confirmed: dict[str, str]) -> None:
    grave = [one for one in read_contradictions() if one.is_grave == "yes"]
    assert share_found(confirmed, grave) >= 0.95


def test_a_finding_confirms_one_contradiction_at_the_place_that_is_meant() -> None:
    """The measure itself: a finding elsewhere, at another cell of the table, or counted twice finds nothing."""
    here = Contradiction("R1", "L10-12;T3", "towns", "number", "", "yes", "open")
    twin = here._replace(contradiction_id="R2")
    finding = ("counts.T3.town.5", "Table 3", "row Towns, column 5", None)
    elsewhere = ("counts.T4.town.5", "Table 4", "row Towns, column 5", None)
    other_cell = ("counts.T3.small.5", "Table 3", "row Small urban areas, column 5", None)
    tie = ("ties.P9", "Line 9", "cities", "Line 11, towns: 14 (would be 13); or Table 7, row Small, column 5: 3")
    assert match([here, twin], [finding]).keys() in ({"R1"}, {"R2"})
    assert match([here], [elsewhere, other_cell]) == {}
    assert match([here, twin], [tie, finding, elsewhere]).keys() == {"R1", "R2"}
