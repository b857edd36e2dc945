"""Fixtures: the bundled deployment, the real CDP one, and a small one to damage."""

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from deployments import CDP_EXTRACT, CDP_SEEDS, MINI_SEEDS, Deployment, deploy
from filelock import FileLock

from orchestration.settings import PROJECT_ROOT, TELEMETRY_OFF

os.environ.update(TELEMETRY_OFF)
# As in `needs refresh`, which most of the suite runs in this process.
gc.set_threshold(50_000, 20, 50)


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
    """The small deployment refreshed once, and a copy of that state to return to: parsing dbt anew takes seconds."""
    folder = made_once(tmp_path_factory, "mini", lambda folder: deploy(folder, MINI_SEEDS).refresh())
    deployment = Deployment(folder / "seeds", folder / "data", folder / "releases")
    for part in (deployment.seeds, deployment.data, deployment.releases):
        shutil.copytree(part, _kept(part))
    return deployment


def _kept(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.kept")


@pytest.fixture
def refreshed(mini_home: Deployment) -> Deployment:
    """Eight cities, one round, one table, refreshed once: quick to damage and to refresh again."""
    for folder in (mini_home.seeds, mini_home.data, mini_home.releases):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(_kept(folder), folder)
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
