"""A release is made once for each content, whole and unchangeable."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from deployments import Deployment, deploy

from orchestration.common.whole_file import file_sha256
from orchestration.deployment.runs import newest, stages
from orchestration.deployment.waves import draft_wave
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import BUILD, LAND, PUBLISH, RELEASE
from orchestration.pipeline.refresh import RefreshReport
from orchestration.release.description import DOCUMENTS
from orchestration.release.store import ReleaseError, ReleaseStore
from orchestration.warehouse.manifest import read_manifest

EXTRACT = Path("rounds/pulse/2030/extract.csv")


def test_a_second_refresh_of_the_same_inputs_runs_nothing_and_says_so(refreshed: Deployment) -> None:
    before = refreshed.release_files()
    report = refreshed.refresh()
    assert report.is_unchanged
    assert not report.releases[0].is_new
    assert refreshed.release_files() == before


def test_a_round_landed_by_another_run_is_built_again_and_the_same_content_makes_no_new_release(
    refreshed: Deployment,
) -> None:
    before = refreshed.release_files()
    pointer = refreshed.settings.landing / "pulse" / "2030" / "current"
    pointer.write_text("0123456789abcdef\n")
    report = refreshed.refresh()
    assert not report.is_unchanged
    assert [release.is_new for release in report.releases] == [False]
    assert refreshed.release_files() == before


@pytest.fixture(scope="module")
def revised(another_mini: Callable[[], Deployment]) -> tuple[Deployment, dict[str, bytes], RefreshReport]:
    """Refreshed, then again with other answers: its files before, and the report of the second refresh.

    A city gives its name as id, answers what it was not asked, and no city is large any more.
    """
    deployment = another_mini(is_refreshed=True)
    before = deployment.release_files()
    extract = deployment.seeds / EXTRACT
    text = extract.read_text().replace("H,,800,,3", "Sindelfingen,,800,,3")
    for number in ("900000", "250000", "200000"):
        text = text.replace(number, "4000")
    extract.write_text(text)
    questions = deployment.seeds / "rounds" / "pulse" / "2030" / "questions.csv"
    questions.write_text(questions.read_text().replace("Lack of funding,,,,", "Lack of funding,,,${plan} = 'yes',"))
    return deployment, before, deployment.refresh()


def test_other_inputs_make_the_next_revision_and_leave_the_first(
    revised: tuple[Deployment, dict[str, bytes], RefreshReport],
) -> None:
    deployment, first, report = revised
    assert json.loads(first["latest.json"]) == {"2030": "2030.0"}
    (release,) = report.releases
    assert (release.name, release.is_new, release.is_synthetic) == ("2030.1", True, True)
    files = deployment.release_files()
    assert {name: files[name] for name in first} == {**first, "latest.json": files["latest.json"]}
    assert json.loads(files["latest.json"]) == {"2030": "2030.1"}
    changes = files["2030.1/internal/CHANGES.md"].decode()
    assert "Reason: Other data of pulse 2030." in changes
    assert "## From 2030.0 to 2030.1 (internal)" in changes


def test_a_group_without_cities_keeps_its_row(revised: tuple[Deployment, dict[str, bytes], RefreshReport]) -> None:
    deployment, *_ = revised
    with (deployment.releases / "2030.1" / "internal" / "cells.csv").open(encoding="utf-8") as file:
        large = [
            (row["n"], row["base_n"], row["share_pct"]) for row in csv.DictReader(file) if row["row_label"] == "Large"
        ]
    assert large == [("0", "0", "")] * 5


def test_no_response_id_is_in_a_release(revised: tuple[Deployment, dict[str, bytes], RefreshReport]) -> None:
    deployment, _, report = revised
    assert any("answers_only_where_relevant" in check.warnings for check in report.checks)
    assert all(b"Sindelfingen" not in content for content in deployment.release_files().values())


def test_the_same_inputs_elsewhere_make_the_same_bytes(refreshed: Deployment, tmp_path: Path) -> None:
    twin = deploy(tmp_path / "twin", refreshed.seeds)
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "7"}
    with one_core():
        done = twin.needs("refresh", **elsewhere)
    assert done.returncode == 0, done.stderr
    assert twin.release_files() == refreshed.release_files()


@contextmanager
def one_core() -> Iterator[None]:
    """What is started here has one core, so that DuckDB and the solvers have one thread."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def test_a_damaged_release_is_found(refreshed: Deployment) -> None:
    cells = refreshed.releases / "2030.0" / "public" / "cells.csv"
    cells.chmod(0o644)
    cells.write_text(cells.read_text().replace("table", "tabel"))
    found = ReleaseStore(str(refreshed.releases)).damaged("2030.0")
    assert [str(damage) for damage in found] == ["public/cells.csv (changed)"]


def test_a_damaged_release_stops_the_next_one(refreshed: Deployment) -> None:
    (refreshed.releases / "2030.0" / "internal" / "manifest.json").unlink()
    with pytest.raises(ReleaseError, match=r"release 2030\.0 is damaged: internal/manifest\.json"):
        draft_wave(refreshed.settings, "2030", read_manifest(refreshed.settings.dbt_target))


def test_a_closed_wave_is_not_released_again(refreshed: Deployment) -> None:
    waves = refreshed.seeds / "waves.csv"
    waves.write_text(waves.read_text().replace(",open,", ",closed,"))
    extract = refreshed.seeds / EXTRACT
    extract.write_text(extract.read_text().replace("H,,800,,3", "H,,800,,4"))
    assert refreshed.refresh().releases == ()
    assert sorted(path.name for path in refreshed.releases.iterdir()) == ["2030.0", "latest.json", "ledger"]


def test_a_release_names_what_it_was_made_of_not_what_was_refused_since(refreshed: Deployment) -> None:
    before = refreshed.release_files()
    extract = refreshed.seeds / EXTRACT
    extract.write_text(extract.read_text().replace("900000", "-5"))
    definitions = build_definitions(refreshed.settings)
    with dg.DagsterInstance.ephemeral() as instance:

        def run(job: str, key: str) -> bool:
            definition = definitions.resolve_job_def(job)
            return definition.execute_in_process(instance=instance, partition_key=key, raise_on_error=False).success

        assert not run(LAND, "pulse.2030")
        assert run(RELEASE, "2030")
    assert refreshed.release_files() == before


def test_a_draft_that_did_not_pass_the_gate_is_not_published(refreshed: Deployment) -> None:
    cells = refreshed.settings.drafts / "2030" / "public" / "cells.csv"
    cells.write_text(cells.read_text().replace("table", "tabel"))
    definitions = build_definitions(refreshed.settings)
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def(PUBLISH).execute_in_process(
            instance=instance, partition_key="2030", raise_on_error=False
        )
    assert not result.success
    assert sorted(path.name for path in refreshed.releases.iterdir()) == ["2030.0", "latest.json", "ledger"]


def test_a_draft_of_an_earlier_warehouse_is_not_published(refreshed: Deployment) -> None:
    """Its release would name landings and checks that it was not made of."""
    with dg.DagsterInstance.ephemeral() as instance:
        build_definitions(refreshed.settings).resolve_job_def(BUILD).execute_in_process(instance=instance)
    told = refreshed.needs("release", "publish", "2030")
    assert told.returncode == 1
    assert "Draft it again." in told.stderr
    assert refreshed.needs("release", "build", "2030").returncode == 0
    assert "no new release: the content is the same" in refreshed.needs("release", "publish", "2030").stdout
    assert refreshed.needs("release", "gate", "2030").returncode == 0
    done = [(one.stage, one.of, one.status) for one in stages(refreshed.settings, 3)]
    assert done == [("gate", "2030", "done"), ("publish", "2030", "done"), ("draft", "2030", "done")]


def test_report_cells_are_counted_as_by_hand(refreshed: Deployment) -> None:
    """Counted by hand from the extract: of the large cities A (5), B (4), C (no answer); D to H are small."""
    with (refreshed.releases / "2030.0" / "internal" / "tables" / "table_01.csv").open(encoding="utf-8") as file:
        cells = {(row["row_label"], row["column_label"]): (row["n"], row["base_n"]) for row in csv.DictReader(file)}
    levels = ["1 = No challenge", "2", "3", "4", "5 = High challenge"]
    assert [cells["Large", level] for level in levels] == [("0", "3")] * 3 + [("1", "3")] * 2
    assert [cells["Small", level] for level in levels] == [("1", "5")] * 5


def test_need_gap_is_the_group_less_the_others(refreshed: Deployment) -> None:
    """Levels 4 and 5: 2 of 3 large cities, 2 of 5 small ones, so the gap is 66.6667 - 40 points."""
    with duckdb.connect(str(refreshed.settings.served_database), read_only=True) as connection:
        rows = connection.execute(
            "select n, base_n, others_n, others_base_n, difference_pp from gaps.gap_need_by_group "
            "where cohort_code = 'ALL' and dimension_code = 'size_class' and member_code = 'large'"
        ).fetchall()
    assert rows == [(2, 3, 2, 5, pytest.approx(26.6667))]


def test_manifest_tells_files_sources_checks_and_software(bundled: Deployment) -> None:
    release = bundled.releases / "2024.0"
    manifest = ReleaseStore(str(bundled.releases)).manifest("2024.0")
    assert manifest["synthetic"] is True
    assert "synthetic" in manifest["notice"]
    assert {source["instrument"] for source in manifest["sources"]} == {"nmc_survey", "eoi", "city_registry"}
    for entry in manifest["files"]:
        assert file_sha256(release / entry["path"]) == entry["sha256"]
    written = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    assert written == {entry["path"] for entry in manifest["files"]} | {
        f"{audience}/{name}" for audience in ("internal", "public") for name in ("manifest.json", "SHA256SUMS")
    }
    assert {check["tool"] for check in manifest["checks"]} == {"great_expectations", "dbt"}
    assert all(check["passed"] for check in manifest["checks"] if check["severity"] == "error")
    assert set(manifest["packages"]) >= {"dagster", "dbt-core", "duckdb", "great-expectations"}


def test_every_table_of_the_report_is_in_the_release(bundled: Deployment) -> None:
    """Tables 2, 3, 5 to 15, 17 to 36 and the figures that show counts or shares of the survey."""
    names = {path.stem for path in (bundled.releases / "2024.0" / "internal" / "tables").glob("*.csv")}
    tables = {2, 3, *range(5, 16), *range(17, 37)}
    figures = {*range(3, 31), 32, 33, 34}
    assert names >= {f"table_{number:02d}" for number in tables} | {f"figure_{number:02d}" for number in figures}


def test_tidy_file_has_the_agreed_columns_first(bundled: Deployment) -> None:
    header = (bundled.releases / "2024.0" / "internal" / "cells.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.replace('"', "").split(",")[:7] == [
        "source",
        "number",
        "row_label",
        "column_label",
        "n",
        "base_n",
        "share_pct",
    ]


def test_csv_and_parquet_of_a_table_say_the_same(bundled: Deployment) -> None:
    for csv_path in (bundled.releases / "2024.0").rglob("*.csv"):
        if csv_path.name in DOCUMENTS:
            continue
        rows = duckdb.sql(f"select count(*) from read_parquet('{csv_path.with_suffix('.parquet')}')").fetchone()
        with csv_path.open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) - 1 == rows[0], csv_path


def test_refresh_tells_rows_checks_and_places(bundled: Deployment) -> None:
    shown = (bundled.data.parent / "output.txt").read_text(encoding="utf-8")
    for word in (
        "2024.0, new",
        "eoi.2021",
        "362",
        "nmc_survey.2024",
        "62",
        "great_expectations",
        "dbt",
        "2024.0",
        "synthetic",
    ):
        assert word in shown
    assert "bundled/data/warehouse/needs.duckdb" in shown
    refreshed = newest(bundled.settings, "refresh")
    assert (refreshed.status, refreshed.facts["releases"]) == ("done", ["2024.0", "2025.0", "2026.0"])
