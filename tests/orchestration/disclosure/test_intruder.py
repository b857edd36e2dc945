"""Somebody with the public files and an exact solver learns no hidden count, and no small one closer than promised."""

import csv
import os
import zipfile
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cube_cases import cube_of
from deployments import Deployment
from intruder import Limits, Row, attack, read_folder, read_knowledge, read_truth
from intruder_cases import (
    CHOICES,
    DIMENSIONS,
    LIMITS,
    attack_deployment,
    attack_table,
    make_cohorts,
    protect_as_a_wave,
    table_of,
)

from orchestration.disclosure.protect import protect
from orchestration.disclosure.rules import REASONS
from orchestration.disclosure.tables import Guard

DEPLOYMENTS_N = int(os.environ.get("INTRUDER_DEPLOYMENTS", "20"))
# Of the many items of the bundled wave the suite attacks some, `make intruder` all.
STEP = 1 if "INTRUDER_DEPLOYMENTS" in os.environ else 12
WAVE = "2024"


@pytest.mark.parametrize("seed", range(DEPLOYMENTS_N))
def test_nothing_is_told_of_a_deployment_made_by_chance(seed: int) -> None:
    found = attack_deployment(seed)
    assert found.hidden_n > 0
    assert found.findings == ()


def show_again(public: pa.Table, whole: pa.Table, place: int) -> pa.Table:
    counts = public["n"].to_pylist()
    counts[place] = whole["n"][place].as_py()
    return public.set_column(public.schema.get_field_index("n"), "n", pa.array(counts, pa.int64()))


def test_a_complement_that_is_shown_again_is_a_leak() -> None:
    """In each of a few deployments, one hidden count at a time of those that a group and an answer have."""
    leaks = 0
    for seed in range(4):
        cohorts, nested = make_cohorts(seed)
        cube = cube_of(cohorts, CHOICES, DIMENSIONS, nested)
        whole = table_of(cube)
        public = protect_as_a_wave(cube, whole).take_out(whole)
        shown = [n is not None for n in public["n"].to_pylist()]
        places = [
            place
            for place, row in enumerate(whole.to_pylist())
            if not shown[place] and public["base_n"][place].is_valid and row["choice_kind"] == "level" and row["n"] > 2
        ]
        for place in places[:2]:
            leaks += bool(attack_table(show_again(public, whole, place), whole, nested).findings)
    assert leaks > 3


def test_without_the_audit_the_intruder_finds_something() -> None:
    """What the audit adds is needed: the linear programmes alone leave counts that whole numbers tell."""
    cohorts, nested = make_cohorts(5)
    cube = cube_of(cohorts, CHOICES, DIMENSIONS, nested)
    whole = table_of(cube)
    alone = Guard(cube, protect(cube.cells, cube.overlaps, LIMITS), LIMITS, is_provisional=False)
    assert attack_table(alone.take_out(whole), whole, nested).exact


def test_what_the_audit_added_is_added_again_for_the_same_counts() -> None:
    for seed in (5, 11, 14):
        cohorts, nested = make_cohorts(seed)
        cube = cube_of(cohorts, CHOICES, DIMENSIONS, nested)
        whole = table_of(cube)
        first = protect_as_a_wave(cube, whole).pattern
        shown = {cell.key for cell in cube.cells if cell.key not in first.cells}
        again = protect_as_a_wave(cube, whole, shown_earlier=shown, hidden_earlier=first.cells).pattern
        assert again == first


def test_reasons_would_tell_counts() -> None:
    """The same tables with the reason beside each hidden count, as they once were."""
    cohorts, nested = make_cohorts(1)
    cube = cube_of(cohorts, CHOICES, DIMENSIONS, nested)
    whole = table_of(cube)
    guard = protect_as_a_wave(cube, whole)
    public = guard.take_out(whole)
    reasons = [str(guard.pattern.cells.get(key, "")) or None for key in (cell.key for cell in cube.cells)]
    told = attack_table(public.append_column("hidden_reason", pa.array(reasons, pa.string())), whole, nested)
    assert attack_table(public, whole, nested).findings == ()
    assert told.findings


@pytest.fixture(scope="module")
def public_tables(bundled: Deployment) -> Mapping[str, Sequence[Row]]:
    return read_folder(bundled.releases / f"{WAVE}.0" / "public")


def test_nothing_is_told_of_the_bundled_wave(bundled: Deployment, public_tables: Mapping[str, Sequence[Row]]) -> None:
    """All that its public folder shows: the cube, needs, services, rankings, means, medians, report cells."""
    inside = read_truth(bundled.settings.checked_database, WAVE)
    knowledge = read_knowledge(bundled.settings.checked_database, WAVE)
    limits = Limits(LIMITS.minimum_frequency, LIMITS.minimum_base, LIMITS.minimum_group)
    with (bundled.seeds / "cohort_filters.csv").open(encoding="utf-8", newline="") as file:
        defining = {row["item_code"] for row in csv.DictReader(file)}
    found = attack(public_tables, inside, knowledge, limits, defining, step=STEP)
    assert found.hidden_n > 10_000 / STEP
    assert found.findings == ()


def test_adjusted_p_values_are_those_of_the_shown_tests(public_tables: Mapping[str, Sequence[Row]]) -> None:
    """By Benjamini and Hochberg, in each family: what a hidden test would change is in none of them."""
    families: dict[str, list[Row]] = {}
    for row in public_tables["gap_evidence"]:
        families.setdefault(row["family"], []).append(row)
    assert any(row["p_value"] is None for rows in families.values() for row in rows)
    for rows in families.values():
        tests = sorted((row for row in rows if row["p_value"] is not None), key=lambda row: row["p_value"])
        least = 1.0
        for rank in range(len(tests), 0, -1):
            row = tests[rank - 1]
            least = min(least, row["p_value"] * len(tests) / rank)
            assert row["adjusted_p_value"] == pytest.approx(least, abs=2e-6)
            assert (row["verdict"] in ("clear gap", "gap or wording")) is (row["adjusted_p_value"] <= 0.05)
        assert all(row["adjusted_p_value"] is None for row in rows if row["p_value"] is None)


def test_no_public_byte_tells_why_a_number_is_hidden(bundled: Deployment) -> None:
    folder = bundled.releases / f"{WAVE}.0" / "public"
    words = [b"hidden_reason", b"small_count", b"small_base", b"whole_group", b"group_size", b"earlier_release"]
    words += [words_of.encode() for words_of in REASONS.values()]
    texts = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(folder / "workbook.xlsx") as book:
        texts |= {f"workbook.xlsx/{name}": book.read(name) for name in book.namelist()}
    assert {name for name, content in texts.items() for word in words if word in content} == set()
    for path in folder.rglob("*.parquet"):
        table = pq.read_table(path)
        assert "hidden_reason" not in table.column_names
        if "conf_status" in table.column_names:
            assert set(table["conf_status"].to_pylist()) <= {"F", "C"}
