"""A deployment of an earlier version is taken over with a word and loses nothing; one of a later version is refused."""

import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from deployments import Deployment, unseen

from orchestration.common.whole_file import read_record, write_record
from orchestration.deployment.doctor import examine
from orchestration.deployment.formats import FormatError, formats_of
from orchestration.deployment.runs import stage, stages
from orchestration.pipeline.refresh import rebuild
from orchestration.release.store import ReleaseStore

KEPT = Path(__file__).parents[1] / "upgrade" / "10b9975.tar.xz"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_deployment_of_10b9975_is_taken_over(mini: Deployment) -> None:
    with tarfile.open(KEPT) as archive:
        archive.extractall(mini.seeds.parent)
    released = bytes_of(mini.releases / "2030.0")
    old_landing = next((mini.settings.landing / "pulse/2030").glob("*/responses.parquet")).parent
    with duckdb.connect(str(mini.settings.served_database), read_only=True) as connection:
        keys = "select city_key from dimensions.dim_city order by all"
        cities = connection.execute(keys).fetchall()

    report = mini.refresh()
    earlier = [note for note in report.notes if "of an earlier version" in note]
    assert [any(word in note for note in earlier) for word in ("landing", "warehouse", "history", "releases")] == [
        True,
        True,
        True,
        True,
    ]
    assert [(rows.rows_in, rows.responses_n) for rows in report.rounds] == [(8, 8)]
    assert [release.name for release in report.releases] == ["2030.1"], "what is published is another form"
    assert bytes_of(mini.releases / "2030.0") == released, "a release is never written again"
    assert ReleaseStore(str(mini.releases)).damaged("2030.0") == []
    with duckdb.connect(str(mini.settings.served_database), read_only=True) as connection:
        assert connection.execute(keys).fetchall() == cities
    told = stages(mini.settings, 99)
    assert [(one.stage, one.checks) for one in told[-5:]] == [
        (name, []) for name in ("serve", "publish", "draft", "build", "land")
    ], "the history of runs goes on"
    assert old_landing.exists()
    # The landing before is not one of this version; nothing needs it.
    assert {finding.place for finding in examine(mini.settings)} <= {f"landing/pulse/2030/{old_landing.name}"}
    assert [one.found == one.known for one in formats_of(mini.settings)] == [True] * 4
    again = mini.refresh()
    assert again.is_unchanged
    assert not any("earlier version" in note for note in again.notes)


def later_record(path: Path) -> None:
    write_record(path, {**(read_record(path) or {}), "format": 99})


def later_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 99")


def later_entry(path: Path) -> None:
    path.chmod(0o644)
    later_record(path)


LATER: dict[str, tuple[str, Callable[[Path], None]]] = {
    "landing": ("data/landing/format.json", later_record),
    "warehouse": ("data/warehouse/format.json", later_record),
    "run table": ("data/history.sqlite", later_table),
    "releases": ("releases/ledger/2030.0.json", later_entry),
}


@pytest.mark.parametrize("part", LATER)
def test_what_a_later_version_wrote_is_refused_before_anything_is_written(refreshed: Deployment, part: str) -> None:
    name, make_later = LATER[part]
    make_later(refreshed.seeds.parent / name)
    extract = refreshed.seeds / "rounds/pulse/2030/extract.csv"
    extract.write_text(extract.read_text().replace("H,,800,,3", "H,,800,,4"))
    before = bytes_of(refreshed.data) | bytes_of(refreshed.releases)
    told = f"{part} of format 99, this version knows .* To do: use that version, or restore the backup"
    with pytest.raises(FormatError, match=told):
        refreshed.refresh(force=True)
    with pytest.raises(FormatError, match=told):
        rebuild(refreshed.settings, unseen)
    if part != "releases":
        # A single stage of the daemon.
        with pytest.raises(FormatError, match=told), stage(refreshed.settings, "1", "land", "pulse.2030"):
            pass
    after = bytes_of(refreshed.data) | bytes_of(refreshed.releases)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= {"refresh.lock"}
    (finding,) = examine(refreshed.settings)
    assert finding.part == part
    assert "later version" in finding.found
    assert "use that version" in finding.to_do
