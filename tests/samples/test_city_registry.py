"""The registry of Mission Cities: a codebook that fits the file, and facts only."""

from __future__ import annotations

import csv

from tests.samples.extracts import ROUNDS, read_csv

FOLDER = ROUNDS / "city_registry" / "2022"


def test_header_is_the_codebook() -> None:
    with (FOLDER / "extract.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [question["label"] for question in read_csv(FOLDER / "questions.csv")]


def test_112_cities_by_name_with_known_choices() -> None:
    rows = read_csv(FOLDER / "extract.csv")
    assert len({row["city"] for row in rows}) == len(rows) == 112
    choices: dict[str, set[str]] = {}
    for row in read_csv(FOLDER / "choices.csv"):
        choices.setdefault(row["list_name"], set()).add(row["label"])
    for question in read_csv(FOLDER / "questions.csv"):
        kind, _, list_name = question["type"].partition(" ")
        if kind == "select_one":
            assert {row[question["label"]] for row in rows} == choices[list_name]
        if question["required"] == "yes":
            assert all(row[question["label"]] for row in rows)


def test_name_is_the_response_id() -> None:
    roles = {question["name"]: question["role"].split() for question in read_csv(FOLDER / "questions.csv")}
    assert roles["city"] == ["response_id", "city_name"]
    assert roles["country"] == ["country"]
    assert roles["geonames_population"] == ["population"]
