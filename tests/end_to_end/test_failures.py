"""Whatever goes wrong, the command says what, and nothing that was served or published changes."""

import fcntl
import shutil
from pathlib import Path

import duckdb
import pytest
from deployments import Deployment

from expectations.outcomes import Outcome
from orchestration.deployment.lock import BusyError
from orchestration.pipeline.refresh import RefreshError

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
        pytest.param(
            Path("table_members.csv"),
            "funding",
            "fundnig",
            ["knowledge_codes_are_known", "fundnig"],
            id="unknown_item",
        ),
        pytest.param(
            Path("number_classes.csv"),
            "200000,\n",
            "200000,500000\n",
            ["numbers_fall_in_one_class", "900000"],
            id="number_in_no_class",
        ),
        pytest.param(
            Path("table_labels.csv"),
            "",
            "wave,table_id,axis,code,label\n2030,T1,row,small,write to anna@city.example\n",
            ["no_personal_data_in_labels", "write to anna@city.example"],
            id="address_in_a_label",
        ),
        pytest.param(Path("items.csv"), "single", "sinlge", ["items.csv", "line 2", "kind"], id="seed_row_invalid"),
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


def test_a_bad_row_is_kept_with_its_reason_and_the_rest_goes_on(mini: Deployment) -> None:
    rewrite(mini.seeds / EXTRACT, "H,,800,,3\n", "H,,800,,3,surplus\n")
    (round_rows,) = mini.refresh().rounds
    assert (round_rows.rows_in, round_rows.responses_n, round_rows.rejected_rows_n) == (8, 7, 1)
    shown = mini.needs("query", "--csv", "select reason_code, source_row, reason from facts.fct_rejected").stdout
    assert '"wrong_field_count",9' in shown


def test_an_unknown_choice_is_rejected_and_the_other_answers_stay(mini: Deployment) -> None:
    rewrite(mini.seeds / EXTRACT, "A,anna@city.example,900000,Yes,5", "A,anna@city.example,900000,Perhaps,5")
    (round_rows,) = mini.refresh().rounds
    assert (round_rows.responses_n, round_rows.rejected_rows_n, round_rows.rejected_answers_n) == (8, 0, 1)


def test_personal_answers_reach_no_file(mini: Deployment) -> None:
    """Not of good rows, nor of rows that were rejected; Parquet is compressed, so its values are looked at."""
    rewrite(mini.seeds / EXTRACT, "B,ben@city.example,250000,Yes,4", ",ben@city.example,250000,Yes,4")
    rewrite(mini.seeds / EXTRACT, "C,,200000,No,\n", "C,cleo@city.example,200000,No,,surplus\n")
    mini.refresh()
    assert mini.needs("query", "--csv", "select count(*) as n from facts.fct_rejected").stdout.endswith("2\n")
    for folder in (mini.data, mini.releases):
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


def test_going_back_after_a_failure_restores_what_is_landed(refreshed: Deployment) -> None:
    extract = refreshed.seeds / EXTRACT
    original = extract.read_bytes()
    rewrite(extract, "H,,800,,3", "H,,800,,4")
    labels = refreshed.seeds / "table_labels.csv"
    labels.write_text("wave,table_id,axis,code,label\n2030,T1,row,small,ask@city.example\n")
    with pytest.raises(RefreshError):
        refreshed.refresh()
    extract.write_bytes(original)
    labels.unlink()
    assert [release.is_new for release in refreshed.refresh().releases] == [False]
    assert "changed since it was landed" not in refreshed.needs("status").stdout


def test_a_changed_rule_judges_a_landed_round_anew(refreshed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Outcome("a_new_rule", "Nobody passes it.", "error", False, 1, ("A",), "change the rule.")
    monkeypatch.setattr("expectations.door.check_door", lambda *_: [failing])
    refreshed.refresh(force=True)
    monkeypatch.setattr("orchestration.pipeline.assets.landing.rules_digest", lambda: "other rules")
    with pytest.raises(RefreshError, match="a_new_rule"):
        refreshed.refresh(force=True)
