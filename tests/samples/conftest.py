"""The bundled extracts, read once for all tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.samples.extracts import SIZES, Extract, load, plan_type


@pytest.fixture(scope="session")
def survey() -> Extract:
    return load("nmc_survey", "2024")


@pytest.fixture(scope="session")
def second() -> Extract:
    return load("nmc_survey", "2025")


@pytest.fixture(scope="session")
def eoi() -> Extract:
    return load("eoi", "2021")


@pytest.fixture(scope="session")
def responses(survey: Extract) -> list[dict[str, Any]]:
    """The 62 with the derived size class, target status and plan type as the report labels them."""
    targets = dict(
        zip(
            survey.choices["target_status"].values(),
            ("No target", "Planned target", "Existing target"),
            strict=True,
        )
    )
    return [
        row
        | {
            "size": next(label for low, label in SIZES if row["population"] >= low),
            "target": targets[row["target_status"]],
            "plan_type": plan_type(set(row["plans"].split("; "))),
        }
        for row in survey.rows
    ]
