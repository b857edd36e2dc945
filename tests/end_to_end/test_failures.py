"""Whatever goes wrong, the command says what, and nothing that was served or published changes."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from deployments import Deployment

from expectations.outcomes import Outcome
from orchestration.deployment.lock import BusyError
from orchestration.pipeline.refresh import RefreshError, RoundRows

EXTRACT = Path("rounds/pulse/2030/extract.csv")


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def served(deployment: Deployment) -> bytes:
    return deployment.settings.served_database.read_bytes()


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        pytest.param(
            EXTRACT,
            "Lack of funding\n",
            "Lack of money\n",
            ["extract.csv", "Lack of funding", "To do"],
            id="column_missing",
        ),
        pytest.param(EXTRACT, "900000", "-5", ["door", "numbers_at_least_minimum", "A"], id="number_out_of_bounds"),
        pytest.param(Path("items.csv"), "single", "sinlge", ["items.csv", "row 2", "kind"], id="seed_row_invalid"),
    ],
)
def test_failure_is_explained_and_changes_nothing(
    refreshed: Deployment, file: Path, old: str, new: str, told: list[str]
) -> None:
    before = served(refreshed), refreshed.release_files()
    rewrite(refreshed.seeds / file, old, new)
    with pytest.raises((RefreshError, ValueError)) as stopped:
        refreshed.refresh()
    for word in told:
        assert word in str(stopped.value)
    assert (served(refreshed), refreshed.release_files()) == before


def test_command_ends_with_an_error_status_and_the_reason(mini: Deployment) -> None:
    (mini.seeds / EXTRACT).write_bytes(b"")
    done = mini.needs("refresh")
    assert done.returncode == 1
    assert "extract.csv" in done.stderr
    assert "Nothing that was served or published before has changed." in done.stderr
    assert not mini.releases.exists()


def test_a_build_without_enough_memory_names_the_setting_that_gives_more(mini: Deployment) -> None:
    done = mini.needs("refresh", NEEDS_MEMORY_LIMIT="8MiB")
    told = " ".join(done.stderr.replace("│", " ").split())
    assert done.returncode == 1
    assert "Out of Memory Error" in told
    assert "Give the build more memory by NEEDS_MEMORY_LIMIT" in told
    assert "Possible solutions" not in told


def test_a_broken_rule_of_the_models_is_named_with_its_keys_and_changes_nothing(refreshed: Deployment) -> None:
    before = served(refreshed), refreshed.release_files(), refreshed.settings.checked_database.read_bytes()
    rewrite(refreshed.seeds / "table_members.csv", "funding", "fundnig")
    rewrite(refreshed.seeds / "number_classes.csv", "200000,\n", "200000,500000\n")
    with pytest.raises(RefreshError) as stopped:
        refreshed.refresh()
    for word in ("knowledge_codes_are_known", "fundnig", "numbers_fall_in_one_class", "900000"):
        assert word in str(stopped.value)
    assert (served(refreshed), refreshed.release_files(), refreshed.settings.checked_database.read_bytes()) == before
    with dg.DagsterInstance.get() as instance:
        newest = instance.get_run_records(limit=1)[0].dagster_run
        evaluations = instance.get_records_for_run(newest.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    checks = [entry.event_log_entry.dagster_event.event_specific_data for entry in evaluations.records]
    assert {"knowledge_codes_are_known", "numbers_fall_in_one_class"} <= {
        check.check_name for check in checks if not check.passed
    }


@pytest.fixture(scope="module")
def with_bad_rows(another_mini: Callable[[], Deployment]) -> tuple[Deployment, RoundRows]:
    """Refreshed with a row without id, one with a field too many, and an answer that is no choice."""
    deployment = another_mini()
    rewrite(deployment.seeds / EXTRACT, "B,ben@city.example,250000,Yes,4", ",ben@city.example,250000,Yes,4")
    rewrite(deployment.seeds / EXTRACT, "C,,200000,No,\n", "C,cleo@city.example,200000,No,,surplus\n")
    rewrite(deployment.seeds / EXTRACT, "A,anna@city.example,900000,Yes,5", "A,anna@city.example,900000,Perhaps,5")
    (rows,) = deployment.refresh().rounds
    return deployment, rows


def test_bad_rows_are_kept_with_their_reason_and_the_rest_goes_on(with_bad_rows: tuple[Deployment, RoundRows]) -> None:
    deployment, rows = with_bad_rows
    assert (rows.rows_in, rows.responses_n, rows.rejected_rows_n) == (8, 6, 2)
    shown = deployment.needs("query", "--csv", "select reason_code, source_row from facts.fct_rejected").stdout
    assert '"wrong_field_count",4' in shown


def test_an_unknown_choice_is_rejected_and_the_other_answers_stay(with_bad_rows: tuple[Deployment, RoundRows]) -> None:
    deployment, rows = with_bad_rows
    assert rows.rejected_answers_n == 1
    query = "select question_code from facts.fct_answer where response_key = 'pulse.2030.A' order by all"
    assert deployment.needs("query", "--csv", query).stdout.split()[1:] == ['"funding"', '"id"', '"population"']


def test_personal_answers_reach_no_file(with_bad_rows: tuple[Deployment, RoundRows]) -> None:
    """Not of good rows, nor of rows that were rejected; Parquet is compressed, so its values are looked at."""
    deployment, _ = with_bad_rows
    assert deployment.needs("query", "--csv", "select count(*) as n from facts.fct_rejected").stdout.endswith("3\n")
    for folder in (deployment.data, deployment.releases):
        for path in folder.rglob("*"):
            if path.is_file():
                values = str(duckdb.read_parquet(str(path)).fetchall()) if path.suffix == ".parquet" else ""
                assert b"@city.example" not in path.read_bytes() + values.encode(), path


def test_every_refused_round_is_told(mini: Deployment) -> None:
    first = mini.seeds / "rounds" / "pulse" / "2030"
    second = mini.seeds / "rounds" / "echo" / "2031"
    shutil.copytree(first, second)
    for folder in (first, second):
        (folder / "extract.csv").write_bytes(b"")
    with pytest.raises(RefreshError) as stopped:
        mini.refresh()
    assert "pulse.2030 was not landed" in str(stopped.value)
    assert "echo.2031 was not landed" in str(stopped.value)


def test_a_second_refresh_at_once_is_told_who_is_at_work(refreshed: Deployment) -> None:
    with (refreshed.data / "refresh.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        with pytest.raises(BusyError, match=r"another refresh .*process 4711"):
            refreshed.refresh(force=True)


def test_after_a_refused_release_going_back_restores_what_is_landed(refreshed: Deployment) -> None:
    before = served(refreshed), refreshed.release_files()
    extract = refreshed.seeds / EXTRACT
    original = extract.read_bytes()
    rewrite(extract, "H,,800,,3", "H,,800,,4")
    labels = refreshed.seeds / "table_labels.csv"
    labels.write_text("wave,table_id,axis,code,label\n2030,T1,row,small,ask@city.example\n")
    with pytest.raises(RefreshError, match="no_personal_data_in_labels") as stopped:
        refreshed.refresh()
    assert "ask@city.example" in str(stopped.value)
    assert (served(refreshed), refreshed.release_files()) == before
    extract.write_bytes(original)
    labels.unlink()
    assert [release.is_new for release in refreshed.refresh().releases] == [False]
    assert "changed since it was landed" not in refreshed.needs("status").stdout


def test_a_changed_rule_judges_a_landed_round_anew(refreshed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Outcome("a_new_rule", "Nobody passes it.", "error", False, 1, ("A",), "change the rule.")
    monkeypatch.setattr("expectations.door.check_door", lambda *_: [failing])
    refreshed.land()
    monkeypatch.setattr("orchestration.pipeline.assets.landing.rules_digest", lambda: "other rules")
    with pytest.raises(RefreshError, match="a_new_rule"):
        refreshed.refresh(force=True)
