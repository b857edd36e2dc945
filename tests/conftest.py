"""Deployments that tests run: the bundled one, the real CDP one, and a small one to damage."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT, TELEMETRY_OFF, Settings

os.environ.update(TELEMETRY_OFF)

MINI_SEEDS = PROJECT_ROOT / "tests" / "mini_seeds"
CDP_SEEDS = PROJECT_ROOT / "tests" / "cdp_seeds"
CDP_EXTRACT = PROJECT_ROOT.parent / "shared" / "real" / "cdp_cities" / "2018_City-wide_Emissions.csv"


@dataclass(frozen=True)
class Deployment:
    """A seeds folder with a data and a releases folder of its own."""

    seeds: Path
    data: Path
    releases: Path

    @property
    def settings(self) -> Settings:
        return Settings(seeds=self.seeds, data=self.data, releases=self.releases)

    def refresh(self, *, force: bool = False):
        """The main job in this process."""
        from orchestration.refresh import refresh

        return refresh(self.settings, unseen, force=force)

    def needs(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The `needs` command as a user runs it."""
        environment = {
            **os.environ,
            "NEEDS_SEEDS": str(self.seeds),
            "NEEDS_DATA": str(self.data),
            "NEEDS_RELEASES": str(self.releases),
            "COLUMNS": "160",
        }
        command = [str(Path(sys.executable).with_name("needs")), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def release_files(self) -> dict[str, bytes]:
        """Every published file with its bytes."""
        files = (path for path in self.releases.rglob("*") if path.is_file())
        return {path.relative_to(self.releases).as_posix(): path.read_bytes() for path in sorted(files)}


@contextmanager
def unseen(label: str) -> Iterator[None]:
    """Progress that nobody looks at."""
    yield


def deploy(folder: Path, seeds: Path) -> Deployment:
    """Copy a seeds folder into a deployment of its own below `folder`."""
    shutil.copytree(seeds, folder / "seeds")
    return Deployment(folder / "seeds", folder / "data", folder / "releases")


@pytest.fixture(scope="session")
def mini_home(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The small deployment refreshed once, and a copy of that state to return to: parsing dbt anew takes seconds."""
    deployment = deploy(tmp_path_factory.mktemp("mini"), MINI_SEEDS)
    deployment.refresh()
    for folder in (deployment.seeds, deployment.data, deployment.releases):
        shutil.copytree(folder, _kept(folder))
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
    folder = tmp_path_factory.mktemp("bundled")
    deployment = Deployment(PROJECT_ROOT / "seeds", folder / "data", folder / "releases")
    done = deployment.needs("refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "output.txt").write_text(done.stdout, encoding="utf-8")
    return deployment


@pytest.fixture(scope="session")
def cdp(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The real CDP disclosures of 2018 with the registry of Mission Cities, refreshed once."""
    if not CDP_EXTRACT.exists():
        pytest.skip("the CDP extract lies beside the project, in ../shared/real, and is not there")
    deployment = deploy(tmp_path_factory.mktemp("cdp"), CDP_SEEDS)
    shutil.copyfile(CDP_EXTRACT, deployment.seeds / "rounds" / "cdp" / "2018" / "extract.csv")
    registry = Path("rounds") / "city_registry"
    shutil.copytree(PROJECT_ROOT / "seeds" / registry, deployment.seeds / registry)
    deployment.refresh()
    return deployment
