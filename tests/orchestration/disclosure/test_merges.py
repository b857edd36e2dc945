"""Everybody sees an item by one set of classes: merged ones, or those by which a wave was published first."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.merges import ChangedClassesError, Merge, Variants, choose_variants
from orchestration.disclosure.protect import SuppressionPattern
from orchestration.disclosure.tables import Disclosure, Guard
from orchestration.release.disclosure import list_published_groups
from orchestration.settings import DisclosureLimits

MERGE = Merge("size_merged", "size", frozenset({"large", "small_or_town"}))
CUBE = Disclosure.model_validate(
    {
        "measures": [
            {
                "cells": {
                    "cohort": "cohort_code",
                    "item": "item_code",
                    "choice": "choice_code",
                    "dimension": "dimension_code",
                    "member": "member_code",
                },
                "values": ["n"],
                "bases": ["base_n"],
            }
        ]
    }
)


def test_everybody_sees_merged_classes_where_nothing_was_published_yet() -> None:
    assert choose_variants([MERGE], {}) == Variants(frozenset({"size"}), frozenset({"size_merged"}))


def test_a_wave_that_was_published_in_detail_stays_so() -> None:
    """Small and towns together less the towns of before are the small ones, hidden or not."""
    published = {"size": frozenset({"large", "small", "town"}), "all": frozenset({"all"})}
    assert choose_variants([MERGE], published).withheld == {"size_merged"}


def test_merged_classes_stay_those_that_were_published() -> None:
    same = {"size_merged": frozenset({"large", "small_or_town", "missing"})}
    assert choose_variants([MERGE], same).withheld == {"size"}
    for others in ({"large_or_small", "town"}, {"large", "small_or_town", "village"}, {"large"}):
        with pytest.raises(ChangedClassesError, match=r"class_merges.csv: size_merged .*Restore the rows"):
            choose_variants([MERGE], {"size_merged": frozenset(others)})


def test_groups_are_those_of_all_earlier_public_folders(tmp_path: Path) -> None:
    for revision, dimension, member in (("0", "size", "town"), ("1", "size", "small"), ("1", "all", "all")):
        folder = tmp_path / revision / "public" / "gaps"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "gap_cube.parquet"
        earlier = pq.read_table(path).to_pylist() if path.exists() else []
        pq.write_table(pa.Table.from_pylist([*earlier, {"dimension_code": dimension, "member_code": member}]), path)
    found = list_published_groups([tmp_path / "0" / "public", tmp_path / "1" / "public", tmp_path / "none"])
    assert found == {"size": {"town", "small"}, "all": {"all"}}


def make_guard(variants: Variants) -> Guard:
    cube = ConfidentialCube((), (), {}, {}, frozenset(), frozenset())
    empty = SuppressionPattern({}, frozenset(), frozenset())
    return Guard(cube, empty, DisclosureLimits(), is_provisional=False, variants=variants)


def count(item: str, choice: str, dimension: str, member: str) -> dict[str, Any]:
    codes = {"item_code": item, "choice_code": choice, "dimension_code": dimension, "member_code": member}
    return {"cohort_code": "C", **codes, "n": 20, "base_n": 40}


ROWS = pa.Table.from_pylist(
    [
        count("plan", "yes", "all", "all"),
        count("plan", "yes", "size", "town"),
        count("plan", "yes", "size_merged", "small_or_town"),
        count("size", "town", "all", "all"),
        count("size_merged", "small_or_town", "all", "all"),
        count("size_merged", "small_or_town", "size", "town"),
    ]
)


def test_a_public_table_has_no_row_of_a_detailed_class_and_an_internal_one_none_of_a_merged_class() -> None:
    guard = make_guard(choose_variants([MERGE], {}))
    inside, public = guard.apply(ROWS, CUBE)
    assert [(row["item_code"], row["dimension_code"]) for row in public.to_pylist()] == [
        ("plan", "all"),
        ("plan", "size_merged"),
        ("size_merged", "all"),
    ]
    assert public["n"].to_pylist() == [20, 20, 20]
    detailed = guard.take_detailed(inside, CUBE).to_pylist()
    assert [(row["item_code"], row["dimension_code"], row["n"], row["hidden_reason"]) for row in detailed] == [
        ("plan", "all", 20, None),
        ("plan", "size", 20, "merged_classes"),
        ("size", "all", 20, "merged_classes"),
    ]


def test_a_table_that_names_no_item_has_all_its_rows() -> None:
    guard = make_guard(choose_variants([MERGE], {}))
    labels = pa.Table.from_pylist([{"code": "size"}, {"code": "size_merged"}])
    inside, public = guard.apply(labels, Disclosure())
    assert public["code"].to_pylist() == guard.take_detailed(inside, Disclosure())["code"].to_pylist()
