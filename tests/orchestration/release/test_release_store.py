"""A release is visible whole or not at all, in a folder and in an object store, whatever interrupts publishing."""

import itertools
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from damage import WAYS, damage
from release_cases import Row, finished

from orchestration.release.manifest import write_manifest
from orchestration.release.store import ReleaseError, ReleaseStore, wave_of, write_checksums

OTHER: tuple[Row, ...] = (("small", 5, None), ("town", 9, None))


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    import fsspec
    import s3fs

    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_server,
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = "bucket-" + "".join(letter for letter in request.node.name.lower() if letter.isalnum())[:50]
    fsspec.filesystem("s3").mkdir(name)
    return f"s3://{name}/releases"


@pytest.fixture(params=["folder", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "releases") if request.param == "folder" else request.getfixturevalue("bucket")


def publish(address: str, tmp_path: Path, name: str, **of: Any) -> ReleaseStore:
    store = ReleaseStore(address)
    store.publish(*finished(tmp_path / f"draft-{name}", name, **of))
    return store


def pointed(address: str) -> dict[str, str]:
    from fsspec.core import url_to_fs

    files, root = url_to_fs(address)
    found: dict[str, str] = json.loads(files.cat_file(f"{root}/latest.json"))
    return found


def test_releases_are_listed_by_revision_and_pointed_to(address: str, tmp_path: Path) -> None:
    for name in ("2030.0", "2030.10", "2030.2", "2031.0"):
        store = publish(address, tmp_path, name)
    assert store.names() == ["2030.0", "2030.2", "2030.10", "2031.0"]
    assert store.next_name("2030") == "2030.11"
    assert pointed(address) == {"2030": "2030.10", "2031": "2031.0"}
    assert [store.damaged(name) for name in store.names()] == [[]] * 4


def test_a_release_is_read_as_a_folder(address: str, tmp_path: Path) -> None:
    store = publish(address, tmp_path, "2030.0")
    with store.folder("2030.0") as folder:
        assert (folder / "public" / "cells.csv").read_text() == '"size","n","obs_status"\n"small",4,\n"town",9,\n'
    with store.public_folders("2030") as folders:
        assert [folder.name for folder in folders] == ["public"]


def test_the_same_content_is_no_new_revision(address: str, tmp_path: Path) -> None:
    store = publish(address, tmp_path, "2030.0")
    _, same = finished(tmp_path / "same", "2030.1")
    _, other = finished(tmp_path / "other", "2030.1", public=OTHER)
    found = store.unchanged(same)
    assert found is not None
    assert (found.name, found.is_new) == ("2030.0", False)
    assert store.unchanged(other) is None


def test_a_published_name_is_never_written_again(address: str, tmp_path: Path) -> None:
    store = publish(address, tmp_path, "2030.0")
    with pytest.raises(ReleaseError, match=r"release 2030\.0 exists .* never overwritten\. Publish again"):
        store.publish(*finished(tmp_path / "other", "2030.0", public=OTHER))


def test_a_release_that_is_not_there_is_told_with_those_that_are(address: str, tmp_path: Path) -> None:
    store = publish(address, tmp_path, "2030.0")
    with pytest.raises(ReleaseError, match=r"no release 2030\.9 at .* Releases are: 2030\.0\."):
        store.require("2030.9")
    with pytest.raises(ReleaseError, match=r"latest is no name of a release\. Give a wave and a revision"):
        wave_of("latest")


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o444), (0o027, 0o440), (0o077, 0o400)])
def test_files_of_a_folder_are_read_only_and_who_may_read_is_up_to_the_umask(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        publish(str(tmp_path / "releases"), tmp_path, "2030.0")
    finally:
        os.umask(before)
    files = [path for part in ("2030.0", "ledger") for path in (tmp_path / "releases" / part).rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files if path.is_file()} == {mode}


def interrupted_at(step: int, call: Callable[..., Any]) -> Callable[..., Any]:
    counted = itertools.count()

    def counting(*arguments: Any, **named: Any) -> Any:
        if next(counted) == step:
            raise OSError("interrupted")
        return call(*arguments, **named)

    return counting


@pytest.mark.parametrize(
    ("owner", "name"), [(os, "fsync"), (shutil, "copyfile"), (Path, "chmod"), (Path, "rename"), (Path, "replace")]
)
def test_an_interrupted_folder_leaves_the_previous_release_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    address = str(tmp_path / "releases")
    store = publish(address, tmp_path, "2030.0")
    release = finished(tmp_path / "draft", "2030.1", public=OTHER)
    interruptions = 0
    for step in itertools.count():
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted_at(step, getattr(owner, name)))
            try:
                store.publish(*release)
                break
            except OSError:
                interruptions += 1
        assert store.damaged("2030.0") == []
        assert pointed(address) == {"2030": "2030.0"}
        if "2030.1" in store.names():
            break
    assert interruptions > 0
    assert store.damaged("2030.1") == []
    store.point_to_latest()
    assert pointed(address) == {"2030": "2030.1"}
    assert {path.name for path in Path(address).iterdir()} == {"2030.0", "2030.1", "latest.json", "ledger"}


def test_an_interrupted_upload_leaves_the_previous_release_whole(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsspec.core import url_to_fs

    store = publish(bucket, tmp_path, "2030.0")
    folder, manifest = finished(tmp_path / "draft", "2030.1", public=OTHER)
    files, _ = url_to_fs(bucket)
    uploads_n = len([path for path in folder.rglob("*") if path.is_file()])
    for step in range(uploads_n):
        with monkeypatch.context() as patch:
            patch.setattr(files, "pipe_file", interrupted_at(step, files.pipe_file))
            with pytest.raises(OSError, match="interrupted"):
                store.publish(folder, manifest)
        assert store.names() == ["2030.0"]
        assert pointed(bucket) == {"2030": "2030.0"}
    assert store.publish(folder, manifest).name == "2030.1"
    assert store.damaged("2030.1") == []
    assert pointed(bucket) == {"2030": "2030.1"}


def changed(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-2] + b"#\n")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda release: changed(release / "public/cells.csv"), "public/cells.csv (changed)"),
        (lambda release: (release / "public/cells.csv").unlink(), "public/cells.csv (missing)"),
        (lambda release: (release / "note.txt").write_text("x"), "note.txt (unexpected)"),
        (lambda release: (release / "internal/manifest.json").unlink(), "internal/manifest.json (missing)"),
        (lambda release: changed(release / "internal/manifest.json"), "internal/manifest.json (changed)"),
        (lambda release: (release / "public/manifest.json").unlink(), "public/manifest.json (missing)"),
        (lambda release: (release / "public/SHA256SUMS").unlink(), "public/SHA256SUMS (missing)"),
    ],
)
def test_every_fault_of_a_release_is_found(tmp_path: Path, fault: Callable[[Path], Any], found: str) -> None:
    address = str(tmp_path / "releases")
    store = publish(address, tmp_path, "2030.0")
    fault(tmp_path / "releases" / "2030.0")
    assert [str(damage) for damage in store.damaged("2030.0")] == [found]


def test_damaged_checksums_are_told_from_damaged_files(tmp_path: Path) -> None:
    store = publish(str(tmp_path / "releases"), tmp_path, "2030.0")
    sums = tmp_path / "releases" / "2030.0" / "public" / "SHA256SUMS"
    lines = sums.read_text().splitlines()
    place = next(place for place, line in enumerate(lines) if line.endswith("  cells.csv"))
    lines[place] = "0" * 64 + lines[place][64:]
    sums.chmod(0o644)
    sums.write_text("\n".join(lines) + "\n")
    assert [str(damage) for damage in store.damaged("2030.0")] == ["public/SHA256SUMS (changed)"]


def test_a_release_of_before_each_audience_had_its_lists_is_still_whole_or_not(tmp_path: Path) -> None:
    folder, manifest = finished(tmp_path / "draft", "2030.0")
    for name in ("manifest.json", "SHA256SUMS"):
        for audience in ("internal", "public"):
            (folder / audience / name).unlink()
    write_manifest(folder, manifest)
    write_checksums(folder)
    store = ReleaseStore(str(tmp_path / "releases"))
    store.publish(folder, manifest)
    assert store.manifest("2030.0") == manifest
    assert store.damaged("2030.0") == []
    changed(tmp_path / "releases" / "2030.0" / "internal" / "cells.csv")
    assert [str(damage) for damage in store.damaged("2030.0")] == ["internal/cells.csv (changed)"]


def test_no_public_file_names_an_internal_one_or_its_checksum(tmp_path: Path) -> None:
    folder, manifest = finished(tmp_path / "draft", "2030.0", internal=OTHER)
    inside = [entry["sha256"] for entry in manifest["files"] if entry["path"].startswith("internal/")]
    shown = [entry["sha256"] for entry in manifest["files"] if entry["path"].startswith("public/")]
    told = "".join((folder / "public" / name).read_text() for name in ("manifest.json", "SHA256SUMS"))
    assert [
        digest for digest in (*inside, "internal", "landing_id", manifest["content_sha256"]) if digest in told
    ] == []
    assert [digest for digest in shown if digest not in told] == []
    assert {path.name for path in folder.iterdir()} == {"internal", "public"}


def test_a_damaged_newest_release_stops_the_next_one(tmp_path: Path) -> None:
    store = publish(str(tmp_path / "releases"), tmp_path, "2030.0")
    changed(tmp_path / "releases" / "2030.0" / "public" / "cells.csv")
    _, manifest = finished(tmp_path / "next", "2030.1", public=OTHER)
    with pytest.raises(
        ReleaseError, match=r"release 2030\.0 is damaged: public/cells\.csv \(changed\) .* from a backup"
    ):
        store.unchanged(manifest)


def remove(store: ReleaseStore, name: str) -> None:
    from fsspec.core import url_to_fs

    files, root = url_to_fs(store.address)
    files.rm(f"{root}/{name}", recursive=True)


def test_the_name_of_a_deleted_release_is_never_given_again(address: str, tmp_path: Path) -> None:
    store = publish(address, tmp_path, "2030.0")
    publish(address, tmp_path, "2030.1", public=OTHER)
    remove(store, "2030.1")
    assert (store.names(), store.published(), store.gone()) == (["2030.0"], ["2030.0", "2030.1"], ["2030.1"])
    assert store.next_name("2030") == "2030.2"
    with pytest.raises(ReleaseError, match=r"release 2030\.1 exists or existed"):
        store.publish(*finished(tmp_path / "again", "2030.1"))
    remove(store, "2030.0")
    assert (store.names(), store.next_name("2030")) == ([], "2030.2")


def test_releases_of_before_there_was_a_ledger_are_entered(address: str, tmp_path: Path) -> None:
    store = publish(address, tmp_path, "2030.0")
    remove(store, "ledger")
    assert (store.unentered(), store.damaged("2030.0")) == (["2030.0"], [])
    store.point_to_latest()
    assert (store.unentered(), store.published()) == ([], ["2030.0"])


def test_the_day_of_a_release_is_that_of_its_files_and_stays(address: str, tmp_path: Path) -> None:
    before = f"{datetime.now(UTC):%F}"
    store = publish(address, tmp_path, "2030.0")
    assert store.published_on("2030.0") in (before, f"{datetime.now(UTC):%F}")
    assert store.published_on("2030.1") is None
    remove(store, "ledger")
    assert store.published_on("2030.0") is None


def test_files_that_are_copied_leave_a_release_its_day(tmp_path: Path) -> None:
    store = publish(str(tmp_path / "releases"), tmp_path, "2030.0")
    day = store.published_on("2030.0")
    for path in (tmp_path / "releases" / "2030.0").rglob("*"):
        os.utime(path, (0, 0))
    store.point_to_latest()
    assert store.published_on("2030.0") == day


@pytest.mark.parametrize("way", WAYS)
def test_a_damaged_entry_is_made_anew_and_keeps_its_name(tmp_path: Path, way: str) -> None:
    store = publish(str(tmp_path / "releases"), tmp_path, "2030.0")
    entry = tmp_path / "releases" / "ledger" / "2030.0.json"
    whole = entry.read_bytes()
    damage(entry, way)
    assert store.unentered() == ["2030.0"]
    assert store.next_name("2030") == "2030.1"
    store.point_to_latest()
    assert entry.read_bytes() == whole


def test_a_list_of_checksums_that_fits_its_files_but_was_not_published_is_found(tmp_path: Path) -> None:
    store = publish(str(tmp_path / "releases"), tmp_path, "2030.0")
    public = tmp_path / "releases" / "2030.0" / "public"
    changed(public / "cells.csv")
    (public / "SHA256SUMS").chmod(0o644)
    write_checksums(public)
    assert "public/SHA256SUMS (changed)" in [str(damage) for damage in store.damaged("2030.0")]


def test_the_list_of_a_release_of_before_there_were_audiences_is_missed(tmp_path: Path) -> None:
    folder, manifest = finished(tmp_path / "draft", "2030.0")
    for name in ("manifest.json", "SHA256SUMS"):
        for audience in ("internal", "public"):
            (folder / audience / name).unlink()
    write_manifest(folder, manifest)
    write_checksums(folder)
    store = ReleaseStore(str(tmp_path / "releases"))
    store.publish(folder, manifest)
    (tmp_path / "releases" / "2030.0" / "SHA256SUMS").unlink()
    assert [str(damage) for damage in store.damaged("2030.0")] == ["SHA256SUMS (missing)"]
