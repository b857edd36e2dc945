"""Deployments that tests run: a seeds folder with a data and a releases folder of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.settings import PROJECT_ROOT, Settings

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
        from orchestration.pipeline.refresh import refresh

        return refresh(self.settings, unseen, force=force)

    def needs(self, *arguments: str, **elsewhere: str) -> subprocess.CompletedProcess[str]:
        """The `needs` command as a user runs it; `elsewhere` are more environment variables."""
        environment = {
            **os.environ,
            "NEEDS_SEEDS": str(self.seeds),
            "NEEDS_DATA": str(self.data),
            "NEEDS_RELEASES": str(self.releases),
            "COLUMNS": "160",
            **elsewhere,
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
