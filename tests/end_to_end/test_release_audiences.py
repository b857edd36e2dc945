"""What leaves in the public release of the bundled wave, and that nobody can tell more from it."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployments import Deployment
from openpyxl import load_workbook

from orchestration.disclosure.tables import Guard
from orchestration.release.disclosure import guard_wave
from orchestration.release.draft import published_tables
from orchestration.release.gate import judge_draft
from orchestration.warehouse.manifest import read_manifest

WAVE = "2024"
Judge = Callable[[Callable[[Path], None]], set[str]]
CONFIDENTIAL = "cohort_code <> 'MC_REG'"


def public(bundled: Deployment, table: str) -> str:
    return f"read_parquet('{bundled.releases / '2024.0' / 'public' / f'{table}.parquet'}')"


def test_no_small_count_is_in_any_public_table(bundled: Deployment) -> None:
    limits = bundled.settings.disclosure
    small = (
        f"select count(*) from {{}} where {CONFIDENTIAL} and n is not null and base_n is not null "
        f"and (n between 1 and {limits.minimum_frequency - 1} or base_n between 1 and {limits.minimum_base - 1})"
    )
    levels = f"(from {public(bundled, 'gaps/gap_cube')} where choice_kind = 'level' and item_code <> dimension_code)"
    for rows in (levels, public(bundled, "cells"), public(bundled, "gaps/gap_need_by_group")):
        assert duckdb.sql(small.format(rows)).fetchone() == (0,), rows


def test_hidden_values_are_null_and_all_have_one_mark(bundled: Deployment) -> None:
    found = duckdb.sql(
        f"select obs_status, conf_status, count(n), count(*) from {public(bundled, 'cells')} group by all order by all"
    ).fetchall()
    assert {row[:2] for row in found} == {("P", "F"), ("Q", "C"), ("U", "F")}
    assert all(shown == (0 if status == "Q" else rows) for status, _, shown, rows in found)


def test_needs_of_both_cohorts_are_told_to_everybody(bundled: Deployment) -> None:
    """Table 37 of the report is the wave's main finding: complements are chosen so that it stays whole."""
    rows = duckdb.sql(f"select count(*), count(verdict) from {public(bundled, 'gaps/gap_need_by_cohort')}").fetchone()
    assert rows == (36, 36)


def test_at_most_300_cells_are_hidden_and_more_are_shown_than_by_all_classes(bundled: Deployment) -> None:
    """By the classes that the report prints 547 of 1,106 cells were hidden, and 559 shown."""
    counted = f"select obs_status = 'Q', count(*) from {public(bundled, 'cells')} group by all"
    cells_n = dict(duckdb.sql(counted).fetchall())
    assert cells_n[True] <= 300
    assert cells_n[False] > 559


def test_no_public_table_names_a_class_that_is_merged(bundled: Deployment) -> None:
    """Sizes and targets are in each public table by merged classes, in internal ones as they were asked."""
    detailed, merged = (
        {"size_class", "target_status", "target_year"},
        {"size_merged", "target_merged", "target_year_merged"},
    )
    named: dict[str, set[str]] = {"public": set(), "internal": set()}
    for audience, items in named.items():
        folder = bundled.releases / "2024.0" / audience
        for path in [
            folder / "cells.parquet",
            *(folder / "gaps").glob("*.parquet"),
            *(folder / "tables").glob("*.parquet"),
        ]:
            columns = {"item_code", "dimension_code"} & {*pq.read_schema(path).names}
            if audience == "public" or path.stem != "gap_cube":
                items.update(*(pq.read_table(path, columns=[name])[name].to_pylist() for name in columns))
    assert named["public"] & (detailed | merged) == merged
    assert named["internal"] & (detailed | merged) == detailed


def test_a_merged_class_has_the_cities_of_its_classes(bundled: Deployment) -> None:
    """Counted a second time, from the internal table by all classes."""
    rows = duckdb.sql(
        f"""
        with internal as (from read_parquet('{bundled.releases / "2024.0" / "internal" / "cells.parquet"}')),
        added as (
            select table_id, column_code, sum(n) as n, sum(base_n) as base_n
            from internal
            where row_code in ('large_metropolitan', 'metropolitan', 'medium')
            and table_id in ('T6', 'T9', 'T20', 'T35')
            group by all
        )
        select count(*), count(shown.n), count(*) filter (shown.n = added.n),
            count(*) filter (shown.base_n = added.base_n)
        from {public(bundled, "cells")} as shown
        inner join added using (table_id, column_code)
        where shown.row_code = 'medium_or_larger' and shown.row_label = 'Medium-size urban areas and larger'
        and shown.is_merged
        """
    ).fetchone()
    assert rows is not None
    cells_n, shown_n, same_n, same_bases_n = rows
    assert (cells_n, same_bases_n) == (20, 20)
    assert same_n == shown_n > 0


def test_every_row_of_synthetic_answers_says_so_in_csv_and_parquet(bundled: Deployment) -> None:
    """Of the wave's cohorts only the registry's is real; a table that names no cohort holds no number of answers."""
    unmarked = set()
    for path in sorted((bundled.releases / "2024.0").rglob("*.parquet")):
        names = pq.read_schema(path).names
        cohorts = [name for name in names if name.endswith("cohort_code")]
        header = path.with_suffix(".csv").read_text(encoding="utf-8").partition("\n")[0]
        assert ('"is_synthetic"' in header.split(",")) == bool(cohorts), path
        if not cohorts:
            unmarked.add(path.stem)
            continue
        made = " or ".join(f"coalesce({name} <> 'MC_REG', false)" for name in cohorts)
        wrong = duckdb.sql(f"select count(*) from '{path}' where is_synthetic is distinct from ({made})").fetchone()
        assert wrong == (0,), path
    assert unmarked == {"gap_label", "gap_label_language"}


def test_every_sheet_says_whether_its_numbers_are_synthetic(bundled: Deployment) -> None:
    for audience in ("internal", "public"):
        book = load_workbook(bundled.releases / "2024.0" / audience / "workbook.xlsx")
        said = {row[0]: row[3] for row in book["Contents"].iter_rows(min_row=4, values_only=True) if row[3]}
        assert said.keys() == set(book.sheetnames) - {"Cover", "Contents"}
        notes = {
            name: [row[0] for row in book[name].iter_rows(max_row=2, values_only=True) if row[0]][1] for name in said
        }
        assert {name for name, note in notes.items() if "synthetic" in note} == {
            name for name, answer in said.items() if answer != "no"
        }
        assert {name for name, answer in said.items() if answer == "no"} <= {"Label", "City place", "Data dictionary"}
        assert said["Need by cohort"] == "yes"
        assert set(said.values()) == {"yes", "some rows", "no"}


def test_indices_of_single_cities_stay_inside(bundled: Deployment) -> None:
    inside, outside = (
        {path.stem for path in (bundled.releases / "2024.0" / audience / "gaps").glob("*.parquet")}
        for audience in ("internal", "public")
    )
    assert inside - outside == {
        "gap_city_index",
        "gap_city_profile",
        "gap_index_group",
        "gap_measure",
        "gap_need_weighted",
        "gap_pathway_demand",
        "gap_readiness",
        "gap_reconciliation",
    }


def test_checksums_are_those_that_sha256sum_reads(bundled: Deployment) -> None:
    command = ["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"]
    for audience in ("internal", "public"):
        folder = bundled.releases / "2024.0" / audience
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (
            len((folder / "SHA256SUMS").read_text().splitlines())
            == sum(path.is_file() for path in folder.rglob("*")) - 1
        )


def test_the_workbook_of_the_wave_opens_with_its_tables(bundled: Deployment) -> None:
    book = load_workbook(bundled.releases / "2024.0" / "public" / "workbook.xlsx", read_only=True)
    tables = {path.stem for path in (bundled.releases / "2024.0" / "public" / "tables").glob("*.csv")}
    assert book.sheetnames[:2] == ["Cover", "Contents"]
    # A table of which everything is hidden has no sheet.
    folder = bundled.releases / "2024.0" / "public" / "tables"
    read = {name: csv.DictReader((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()) for name in tables}
    shown = {name for name, rows in read.items() if any(row["n"] for row in rows)}
    assert {name.lower().replace(" ", "_") for name in book.sheetnames if name.startswith("Table ")} == {
        f"table_{int(name[6:])}" for name in shown if name.startswith("table_")
    }


@pytest.fixture(scope="module")
def guard(bundled: Deployment) -> Guard:
    """What is hidden of the wave where nothing was published before."""
    return guard_wave(bundled.settings.checked_database, WAVE, bundled.settings.disclosure, [])


@pytest.fixture
def judge(bundled: Deployment, guard: Guard, tmp_path: Path) -> Judge:
    """The rules of the gate that a changed copy of the draft of the bundled wave fails."""

    def judge(change: Callable[[Path], None]) -> set[str]:
        draft, settings = tmp_path / WAVE, bundled.settings
        shutil.copytree(settings.drafts / WAVE, draft)
        change(draft)
        tables = published_tables(read_manifest(settings.dbt_target))
        outcomes = judge_draft(draft, settings.checked_database, WAVE, tables, guard, [])
        return {outcome.rule for outcome in outcomes if not outcome.passed}

    return judge


def unhidden(path: Path, like: Path, where: Callable[[dict[str, Any]], bool]) -> None:
    """Show the values of one hidden row again, which is found by what the whole table says of it."""
    table, full = pq.read_table(path), pq.read_table(like)
    codes = [name for name in table.column_names if name.endswith("_code")]
    inside = next(row for row in full.to_pylist() if where(row))
    rows = [
        {name: inside[name] for name in row} if all(row[name] == inside[name] for name in codes) else row
        for row in table.to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)


def test_a_complement_that_is_shown_is_found_by_the_audit(judge: Judge) -> None:
    def show(draft: Path) -> None:
        path = Path("gaps/gap_cube.parquet")
        unhidden(
            draft / "public" / path,
            draft / "internal" / path,
            lambda row: (
                row["hidden_reason"] == "complement"
                and (row["item_code"], row["dimension_code"]) == ("ch_fragmentation", "all")
            ),
        )

    assert judge(show) == {"hidden_cells_cannot_be_computed"}


def test_a_hidden_cell_that_another_table_shows_is_found(judge: Judge) -> None:
    def show(draft: Path) -> None:
        unhidden(
            draft / "public" / "cells.parquet",
            draft / "internal" / "cells.parquet",
            lambda row: row["hidden_reason"] == "small_count" and row["choice_code"] is not None,
        )

    assert judge(show) == {"hidden_cells_are_hidden_everywhere"}


def test_a_detailed_class_beside_its_merged_one_is_found(judge: Judge) -> None:
    def show(draft: Path) -> None:
        public, internal = (draft / audience / "cells.parquet" for audience in ("public", "internal"))
        table = pq.read_table(public)
        detailed = next(row for row in pq.read_table(internal).to_pylist() if row["hidden_reason"] == "merged_classes")
        pq.write_table(pa.Table.from_pylist([*table.to_pylist(), detailed], table.schema), public)

    assert "hidden_cells_are_hidden_everywhere" in judge(show)


def test_a_release_of_the_same_counts_hides_the_same_cells_again(bundled: Deployment, guard: Guard) -> None:
    settings = bundled.settings
    again = guard_wave(settings.checked_database, WAVE, settings.disclosure, [bundled.releases / "2024.0" / "public"])
    assert again.pattern == guard.pattern


def test_the_gate_judges_a_written_draft_again(bundled: Deployment) -> None:
    done = bundled.needs("release", "gate", WAVE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ hidden_cells_cannot_be_computed: passed" in done.stdout
