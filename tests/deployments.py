"""Deployments that tests run: a seeds folder with a data and a releases folder of its own."""

import os
import re
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


def deploy(folder: Path, seeds: Path | None = None) -> Deployment:
    """A deployment of its own below `folder`, with a copy of some seeds or none."""
    made = Deployment(folder / "seeds", folder / "data", folder / "releases")
    if seeds:
        shutil.copytree(seeds, made.seeds)
    else:
        made.seeds.mkdir(parents=True)
    return made


# What differs once a file was written to, replaced or locked: a clock that ticks slowly does not tell all of it.
Stamp = tuple[int, ...]
_SQLITE = re.compile(r"\.(db|sqlite)(-\w+)?$")


def put_back(folder: Path, kept: Path, untouched: dict[Path, Stamp]) -> None:
    """Make a folder what was kept of it, whatever was done to it; files that nobody touched since stay.

    Not those of SQLite: a connection of this process that is still open would write its log into the one that stayed.
    """
    if not folder.is_dir():
        folder.unlink(missing_ok=True)
        folder.mkdir()
    there = {entry.name: entry for entry in os.scandir(kept)}
    for entry in list(os.scandir(folder)):
        if entry.name not in there or entry.is_symlink() or entry.is_dir() != there[entry.name].is_dir():
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else Path(entry).unlink()
    for name, source in there.items():
        path = folder / name
        if source.is_dir():
            put_back(path, kept / name, untouched)
        elif _SQLITE.search(name) or not path.exists() or _stamp(path) != untouched.get(path):
            path.unlink(missing_ok=True)
            shutil.copy2(source, path)
            untouched[path] = _stamp(path)
    shutil.copystat(kept, folder)


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns
