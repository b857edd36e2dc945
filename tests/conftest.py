"""Fixtures: the bundled deployment, the real CDP one, and a small one to damage."""

import csv
import gc
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployments import CDP_EXTRACT, CDP_SEEDS, MINI_SEEDS, Deployment, Stamp, deploy, put_back
from filelock import FileLock
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.settings import PROJECT_ROOT, TELEMETRY_OFF

os.environ.update(TELEMETRY_OFF)
# As in `needs refresh`, which most of the suite runs in this process.
gc.set_threshold(50_000, 20, 50)

SECONDS = Path(__file__).with_name("seconds.csv")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no worker has one of them left when the others have nothing to do."""
    with SECONDS.open(encoding="utf-8", newline="") as file:
        seconds = {row["file"]: float(row["seconds"]) for row in csv.DictReader(file)}
    items.sort(key=lambda item: -seconds.get(item.path.relative_to(SECONDS.parent).as_posix(), 0.0))


@pytest.fixture(scope="session", autouse=True)
def nothing_waits_for_the_disk() -> None:
    """What tests write need not survive a power cut: Dagster would wait for the disk 1,500 times in each refresh."""

    @event.listens_for(Engine, "connect")
    def let_go(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma synchronous = off")


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` fills; of the workers of a run one makes it, and each gets a copy."""
    own = tmp_path_factory.mktemp(name, numbered=False)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        make(own)
        return own
    common = tmp_path_factory.getbasetemp().parent
    with FileLock(common / f"{name}.lock"):
        made = common / f"{name}.made"
        if not made.exists():
            make(own)
            shutil.copytree(own, made)
            return own
    shutil.copytree(made, own, dirs_exist_ok=True)
    return own


@pytest.fixture(scope="session")
def mini_home(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The small deployment refreshed once, and a copy of that state to return to: building it anew takes seconds."""
    folder = made_once(tmp_path_factory, "mini", lambda folder: deploy(folder, MINI_SEEDS).refresh())
    deployment = Deployment(folder / "seeds", folder / "data", folder / "releases")
    for part in (deployment.seeds, deployment.data, deployment.releases):
        shutil.copytree(part, kept(part))
    return deployment


def kept(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.kept")


@pytest.fixture(scope="session")
def untouched(mini_home: Deployment) -> dict[Path, Stamp]:
    """The files of the small deployment as they were put back last."""
    return {}


@pytest.fixture
def refreshed(mini_home: Deployment, untouched: dict[Path, Stamp]) -> Deployment:
    """Eight cities, one round, one table, refreshed once: quick to damage and to refresh again."""
    for folder in (mini_home.seeds, mini_home.data, mini_home.releases):
        put_back(folder, kept(folder), untouched)
    return mini_home


@pytest.fixture
def mini(refreshed: Deployment) -> Deployment:
    """The small deployment before its first refresh; only dbt's parse of the project is there already."""
    shutil.rmtree(refreshed.releases)
    for path in refreshed.data.iterdir():
        if path.name != "dbt":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return refreshed


@pytest.fixture(scope="session")
def another_mini(mini_home: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Deployment]:
    """Further small deployments, for tests that share what they refresh."""

    def make(*, is_refreshed: bool = False) -> Deployment:
        home = tmp_path_factory.mktemp("another")
        if not is_refreshed:
            return deploy(home, MINI_SEEDS)
        deployment = Deployment(home / "seeds", home / "data", home / "releases")
        for part in (deployment.seeds, deployment.data, deployment.releases):
            shutil.copytree(kept(mini_home.seeds.with_name(part.name)), part)
        return deployment

    return make


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The bundled extracts, refreshed once by the command."""

    def deployment_in(folder: Path) -> Deployment:
        return Deployment(PROJECT_ROOT / "seeds", folder / "data", folder / "releases")

    def make(folder: Path) -> None:
        done = deployment_in(folder).needs("refresh")
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "output.txt").write_text(done.stdout, encoding="utf-8")

    return deployment_in(made_once(tmp_path_factory, "bundled", make))


@pytest.fixture(scope="session")
def cdp(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The real CDP disclosures of 2018 with the registry of Mission Cities, refreshed once."""
    if not CDP_EXTRACT.exists():
        pytest.skip("the CDP extract lies beside the project, in ../shared/real, and is not there")

    def make(folder: Path) -> None:
        deployment = deploy(folder, CDP_SEEDS)
        shutil.copyfile(CDP_EXTRACT, deployment.seeds / "rounds" / "cdp" / "2018" / "extract.csv")
        registry = Path("rounds") / "city_registry"
        shutil.copytree(PROJECT_ROOT / "seeds" / registry, deployment.seeds / registry)
        deployment.refresh()

    folder = made_once(tmp_path_factory, "cdp", make)
    return Deployment(folder / "seeds", folder / "data", folder / "releases")
