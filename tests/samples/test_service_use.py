"""The register of service use and the feedback of 2026: made again to the byte, and as they say that they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples import service_feedback, service_use
from samples.published import SEEDS
from tests.samples.extracts import ROUNDS, read_csv

REGISTER = ROUNDS / "service_usage" / "2026" / "extract.csv"
FEEDBACK = ROUNDS / "service_feedback" / "2026" / "extract.csv"
CITY, USED = "Name of the city", "Which services of NetZeroCities has your city used in the last twelve months?"


@pytest.fixture(scope="module")
def register() -> list[dict[str, str]]:
    return read_csv(REGISTER)


@pytest.fixture(scope="module")
def feedback() -> list[dict[str, str]]:
    return read_csv(FEEDBACK)


def test_both_are_made_again_to_the_byte(tmp_path: Path) -> None:
    for make, extract in ((service_use, REGISTER), (service_feedback, FEEDBACK)):
        make.write(tmp_path / "extract.csv")
        assert (tmp_path / "extract.csv").read_bytes() == extract.read_bytes()


def test_feedback_is_of_cities_that_answered_before_under_their_pseudonyms(
    feedback: list[dict[str, str]], register: list[dict[str, str]]
) -> None:
    known = {city.pseudonym for city in service_use.respondents()}
    said = [row[CITY] for row in feedback]
    assert len(said) == len(set(said)) == 61
    assert set(said) < known
    assert len({row["city"] for row in register} - known) == service_use.OTHERS_N
    assert {row[CITY] for row in feedback} - {row["city"] for row in register}, "some use nothing"


def test_each_module_belongs_to_its_service_and_a_city_takes_each_step_after_the_one_before(
    register: list[dict[str, str]],
) -> None:
    modules = {row["module_code"]: row for row in read_csv(SEEDS / "service_modules.csv")}
    ways: dict[tuple[str, str], list[str]] = {}
    for row in register:
        assert modules[row["module"]]["service_code"] == row["service"]
        ways.setdefault((row["city"], row["module"]), []).append(row["event"])
    for (_, module), events in ways.items():
        steps = list(dict.fromkeys(service_use.EVENTS[modules[module]["kind"]]))
        came = [event for event in events if event != "withdrawn"]
        assert came == steps[: len(came)], (module, events)
        assert "withdrawn" not in events or events[-2:] == ["enrolled", "withdrawn"]


def test_who_wanted_a_service_used_it_more_often(register: list[dict[str, str]]) -> None:
    users = {(row["city"], row["service"]) for row in register}
    for service in ("discussion_groups", "study_visits", "twinning"):
        shares = {True: [0, 0], False: [0, 0]}
        for city in service_use.respondents():
            side = shares[service_use.wants(city.number, service)]
            side[0] += (city.pseudonym, service) in users
            side[1] += 1
        (wished_n, wished_base), (other_n, other_base) = shares[True], shares[False]
        assert wished_n / wished_base > other_n / other_base, service


def test_most_cities_say_what_the_register_tells_and_some_do_not(feedback: list[dict[str, str]]) -> None:
    labels = {row["service_code"]: row["label"] for row in read_csv(SEEDS / "services.csv")}
    used = service_use.used()
    same = [
        (labels[service] in row[USED].split("; ")) == (service in used.get(row[CITY], set()))
        for row in feedback
        for service in ("twinning", "case_studies", "helpdesk", "study_visits")
    ]
    assert 0.8 < sum(same) / len(same) < 1
