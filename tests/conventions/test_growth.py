"""Which models grow with answers: what each is a row of says so, and a tag that an engine of another kind builds by."""

import re

import pytest

from orchestration.settings import DBT_PROJECT_DIR

# The views of `mart` have no rows of their own: they say in words what tagged models hold.
MODELS = sorted(
    path
    for kind in ("sql", "py")
    for path in (DBT_PROJECT_DIR / "models").rglob(f"*.{kind}")
    if path.parent.name != "mart"
)
# What there is more of with every answer; a city gives as many as it has responses.
GROWING = re.compile(r"\b(response|answer|record|city|cities)$")
KEYS = re.compile(r"\b(response_key|city_key)\b")
TAGGED = re.compile(r"^      tags: \[scales\]$", re.MULTILINE)
# What is no table of its own, or has a contract, whose types are DuckDB's.
NO_TABLE = re.compile(r"materialized='view'")
CONTRACTED = "gaps"
GRAIN = re.compile(r"^(?:--|#) Grain: (?:one row )?(?P<things>[^(.:,]*)(?:[^(]*\((?P<key>[^)]*)\))?")
# What follows says more of the last thing.
FURTHER = re.compile(r" (?:that|of|behind|whose|given|about|which|in|for|with) ")


def grain_of(text: str) -> str:
    """The comment that a model opens with, as one line."""
    lines = [line for line in text.splitlines()[:6] if line.startswith(("--", "#"))]
    return " ".join([lines[0], *(line.lstrip("-# ") for line in lines[1:])])


def grows(grain: str) -> bool:
    """Whether a model of this grain has more rows with every response, answer, record or city."""
    found = GRAIN.match(grain)
    assert found, f"{grain!r} does not say what it is a row of"
    things = FURTHER.split(found["things"])[0]
    parts = re.split(r" × | or ", things)
    return bool(KEYS.search(found["key"] or "")) or any(GROWING.search(part.strip()) for part in parts)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_that_grows_with_answers_is_tagged(path) -> None:
    if grows(grain_of(path.read_text(encoding="utf-8"))):
        described = path.with_suffix(".yml").read_text(encoding="utf-8")
        assert TAGGED.search(described), f"{path.name}: write `tags: [scales]` into the config of its YAML"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_table_that_grows_is_one_that_spark_can_build(path) -> None:
    described = path.with_suffix(".yml").read_text(encoding="utf-8")
    is_query = NO_TABLE.search(path.read_text(encoding="utf-8")) or path.parent.name == CONTRACTED
    is_large = "      materialized: large_table\n" in described
    assert is_large is bool(TAGGED.search(described) and not is_query)


@pytest.mark.parametrize(
    ("grain", "is_growing"),
    [
        ("-- Grain: one row a response that counts (response_key).", True),
        ("-- Grain: one row a rejected row or answer, in the order of the source.", True),
        ("-- Grain: one row a wave × cohort × city (wave, cohort_code, city_key).", True),
        ("-- Grain: one row a response × question × choice, given answers only", True),
        ("-- Grain: one row a need of a record (need_code, response_key).", True),
        ("-- Grain: one row a city size class (size_class_code); the lower bound belongs to the class.", False),
        ("-- Grain: one row a service for cities (service_code).", False),
        ("-- Grain: one row an item × choice (item_code, choice_code); `answered` is a choice of every item.", False),
        ("-- Grain: one row a comparison of two groups of cities (comparison_code).", False),
        ("# Grain: one row a count and its base (n, base_n): the interval of the share.", False),
    ],
)
def test_the_grain_says_what_grows(grain: str, is_growing: bool) -> None:
    assert grows(grain) is is_growing
