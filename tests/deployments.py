"""Deployments that tests run: a seeds folder with a data and a releases folder of its own."""

import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from orchestration.settings import PROJECT_ROOT, Settings

MINI_SEEDS = PROJECT_ROOT / "tests" / "mini_seeds"
CDP_SEEDS = PROJECT_ROOT / "tests" / "cdp_seeds"
CDP_EXTRACT = PROJECT_ROOT.parent / "shared" / "real" / "cdp_cities" / "2018_City-wide_Emissions.csv"

# Read by consoles when they are made.
WIDTH = os.environ["COLUMNS"] = "160"
ENDS_ITS_PROCESS = {"refresh", "rebuild", "ui"}


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

    def land(self) -> None:
        """The first stage alone: every round of the seeds, landed as Dagster lands it."""
        import dagster as dg

        from orchestration.pipeline.graph import build_definitions
        from orchestration.pipeline.jobs import LAND

        definitions = build_definitions(self.settings)
        for card in sorted((self.seeds / "rounds").glob("*/*/round.yml")):
            key = f"{card.parent.parent.name}.{card.parent.name}"
            with dg.DagsterInstance.ephemeral() as instance:
                definitions.resolve_job_def(LAND).execute_in_process(partition_key=key, instance=instance)

    def needs(self, *arguments: str, **elsewhere: str) -> subprocess.CompletedProcess[str]:
        """The `needs` command; `elsewhere` are more environment variables.

        As a user runs it, in a process of its own, where it ends that process itself; else in this one, for a start
        takes seconds.
        """
        environment = {
            "NEEDS_SEEDS": str(self.seeds),
            "NEEDS_DATA": str(self.data),
            "NEEDS_RELEASES": str(self.releases),
            "COLUMNS": WIDTH,
            **elsewhere,
        }
        if arguments[0] in ENDS_ITS_PROCESS or elsewhere:
            command = [str(Path(sys.executable).with_name("needs")), *arguments]
            environment = {**os.environ, **environment}
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return in_this_process(arguments, environment)

    def release_files(self) -> dict[str, bytes]:
        """Every published file with its bytes."""
        files = (path for path in self.releases.rglob("*") if path.is_file())
        return {path.relative_to(self.releases).as_posix(): path.read_bytes() for path in sorted(files)}


def in_this_process(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A command as it would end in a process of its own: a fault of ours is a traceback."""
    from orchestration.cli.main import app

    done = CliRunner().invoke(app, arguments, env=environment)
    trace = "" if done.exc_info is None else "".join(traceback.format_exception(*done.exc_info))
    stderr = done.stderr + ("" if isinstance(done.exception, SystemExit) or done.exception is None else trace)
    return subprocess.CompletedProcess(list(arguments), done.exit_code, done.stdout, stderr)


@contextmanager
def unseen(label: str) -> Iterator[None]:
    """Progress that nobody looks at."""
    yield


def deploy(folder: Path, seeds: Path) -> Deployment:
    """Copy a seeds folder into a deployment of its own below `folder`."""
    shutil.copytree(seeds, folder / "seeds")
    return Deployment(folder / "seeds", folder / "data", folder / "releases")
