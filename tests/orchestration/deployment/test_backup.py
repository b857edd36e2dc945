"""A backup holds all that cannot be made again, and a deployment made of it is the same, file by file."""

from __future__ import annotations

import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.deployment.backup import BackupError, back_up, restore
from orchestration.deployment.lock import BusyError
from orchestration.settings import Settings


def settings_in(folder: Path) -> Settings:
    return Settings(seeds=folder / "seeds", data=folder / "data", releases=str(folder / "releases"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A deployment of a few files, one of each sort."""
    files = {
        "seeds/rounds/pulse/2030/round.yml": b"title: x\n",
        "data/landing/pulse/2030/0123/responses.parquet": os.urandom(3000),
        "data/landing/pulse/2030/current": b"0123\n",
        "data/warehouse/needs.duckdb": os.urandom(70_000),
        "data/dbt/manifest.json": b"{}",
        "data/landing/.landing-1.partial": b"half",
        "releases/2030.0/public/release.json": b"{}",
        "releases/latest.json": b"{}",
    }
    for name, content in files.items():
        path = tmp_path / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "one/releases/2030.0/public/release.json").chmod(0o444)
    os.utime(tmp_path / "one/data/landing/pulse/2030/0123/responses.parquet", (1_700_000_000, 1_700_000_000))
    return settings_in(tmp_path / "one")


@pytest.fixture
def open_history(settings: Settings) -> Iterator[sqlite3.Connection]:
    """A database that somebody is writing to, what was written last in its log alone."""
    connection = sqlite3.connect(settings.data / "history.sqlite")
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table runs (id integer)")
    connection.execute("insert into runs values (7)")
    connection.commit()
    yield connection
    connection.close()


def contents(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode, int(path.stat().st_mtime))
        for path in folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }


def test_a_deployment_made_of_a_backup_is_the_same(
    settings: Settings, tmp_path: Path, open_history: sqlite3.Connection
) -> None:
    made = back_up(settings, tmp_path / "backups")
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [made.file.name]
    other = settings_in(tmp_path / "other")
    assert restore(other, made.file) == made.files_n == 7
    left_out = {"data/dbt/manifest.json", "data/landing/.landing-1.partial", "data/refresh.lock"}
    before = {name: found for name, found in contents(tmp_path / "one").items() if name not in left_out}
    assert contents(tmp_path / "other") == before
    with sqlite3.connect(other.data / "history.sqlite") as history:
        assert history.execute("select id from runs").fetchall() == [(7,)]


def test_seeds_that_are_there_stay(settings: Settings, tmp_path: Path) -> None:
    made = back_up(settings, tmp_path / "backups")
    other = settings_in(tmp_path / "other")
    other.seeds.mkdir(parents=True)
    (other.seeds / "waves.csv").write_text("mine")
    restore(other, made.file)
    assert [path.name for path in other.seeds.iterdir()] == ["waves.csv"]
    assert (other.data / "landing/pulse/2030/current").exists()


@pytest.mark.parametrize("part", ["data", "releases"])
def test_a_place_that_is_not_empty_is_left_alone(settings: Settings, tmp_path: Path, part: str) -> None:
    made = back_up(settings, tmp_path / "backups")
    (tmp_path / "other" / part).mkdir(parents=True)
    (tmp_path / "other" / part / "mine").write_text("mine")
    with pytest.raises(BackupError, match="the folder is not empty"):
        restore(settings_in(tmp_path / "other"), made.file)
    assert [path.name for path in (tmp_path / "other").rglob("*") if path.is_file()] == ["mine"]


def cut(data: bytes) -> bytes:
    return data[:-12_000]


def flipped(data: bytes) -> bytes:
    at = data.index(b"title: x")
    return data[:at] + b"T" + data[at + 1 :]


def replaced(_: bytes) -> bytes:
    return b"no archive"


@pytest.mark.parametrize("damage", [cut, flipped, replaced])
def test_a_damaged_backup_is_told_before_anything_is_written(
    settings: Settings, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    made = back_up(settings, tmp_path / "backups")
    made.file.write_bytes(damage(made.file.read_bytes()))
    with pytest.raises(BackupError, match="no whole backup"):
        restore(settings_in(tmp_path / "other"), made.file)
    assert not (tmp_path / "other").exists()


def test_a_file_that_leads_out_of_its_place_is_refused(settings: Settings, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("data/../../evil"))
    with pytest.raises(BackupError, match="is no file of a deployment"):
        restore(settings_in(tmp_path / "other"), tmp_path / "evil.tar")


def test_a_backup_waits_for_who_writes_and_lies_elsewhere(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupError, match="a backup within what it is of"):
        back_up(settings, settings.data / "backups")
    monkeypatch.setattr("filelock.FileLock.acquire", busy)
    with pytest.raises(BusyError):
        back_up(settings, tmp_path / "backups")
    assert not list((tmp_path / "backups").glob("*.tar*"))


def busy(*_: object, **__: object) -> None:
    from filelock import Timeout

    raise Timeout("refresh.lock")


def test_releases_at_an_address_are_said_to_be_elsewhere(settings: Settings, tmp_path: Path) -> None:
    far = settings.model_copy(update={"releases": "s3://bucket/releases"})
    assert back_up(far, tmp_path / "backups").elsewhere == ("s3://bucket/releases",)
