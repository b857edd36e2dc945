"""A full disk, or an address that may not be written to, is told in a sentence; what was served and published stays."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deployments import Deployment
from soak import rows_of

from orchestration.deployment.doctor import examine

MOUNT, UMOUNT = shutil.which("mount"), shutil.which("umount")
MEGABYTE = 10**6
ROOMY = 300 * MEGABYTE


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk of its own, in memory, of so many bytes."""
    folder.mkdir(exist_ok=True)
    if not (MOUNT and UMOUNT and os.geteuid() == 0):
        pytest.skip("a small disk takes the right to mount one")
    if subprocess.run([MOUNT, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("a small disk takes the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run([UMOUNT, "--lazy", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run([str(MOUNT), "-o", f"remount,{options}", str(folder)], check=True)


def change(deployment: Deployment) -> None:
    extract = deployment.seeds / "rounds" / "pulse" / "2030" / "extract.csv"
    extract.write_text(extract.read_text().replace("H,,800,,3", "H,,800,,4"))


@pytest.fixture
def on_a_small_disk(another_mini: Callable[..., Deployment], tmp_path: Path) -> Iterator[Deployment]:
    """A deployment that was refreshed and whose answers changed since; its data has 2 MB left."""
    made = another_mini(is_refreshed=True)
    with (
        small_disk(tmp_path / "data", ROOMY) as data,
        small_disk(tmp_path / "releases", ROOMY) as releases,
    ):
        shutil.copytree(made.data, data, dirs_exist_ok=True)
        shutil.copytree(made.releases, releases, dirs_exist_ok=True)
        remount(data, f"size={shutil.disk_usage(data).used + 2 * MEGABYTE}")
        deployment = Deployment(made.seeds, data, releases)
        change(deployment)
        yield deployment


def test_a_full_disk_is_told_with_its_address_and_loses_nothing(on_a_small_disk: Deployment) -> None:
    deployment = on_a_small_disk
    before = rows_of(deployment.settings.served_database), deployment.release_files()
    done = deployment.needs("refresh")
    assert done.returncode == 1
    told = " ".join(done.stderr.replace("│", " ").split())
    assert f"{deployment.data} (NEEDS_DATA) cannot be written to: its disk is full" in told
    assert "free some space there, or set NEEDS_DATA to a folder of a larger disk" in told
    assert "Traceback" not in done.stdout + done.stderr
    assert (rows_of(deployment.settings.served_database), deployment.release_files()) == before
    remount(deployment.data, f"size={ROOMY}")
    deployment.refresh()
    assert list(examine(deployment.settings)) == []
    assert rows_of(deployment.settings.served_database) != before[0]


@pytest.mark.parametrize("name", ["data", "releases"])
def test_an_address_that_may_not_be_written_to_is_told(on_a_small_disk: Deployment, name: str) -> None:
    deployment = on_a_small_disk
    remount(deployment.data, f"size={ROOMY}")
    before = rows_of(deployment.settings.served_database), deployment.release_files()
    folder: Path = getattr(deployment, name)
    remount(folder, "ro")
    done = deployment.needs("refresh")
    remount(folder, "rw")
    assert done.returncode == 1
    told = " ".join(done.stderr.replace("│", " ").split())
    assert f"{folder} (NEEDS_{name.upper()}) may not be written to" in told
    assert "Traceback" not in done.stdout + done.stderr
    assert (rows_of(deployment.settings.served_database), deployment.release_files()) == before
