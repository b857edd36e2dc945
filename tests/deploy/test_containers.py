"""Containers: compose.yml by its own schema and beside the units of systemd; the image has what the code needs."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import reduce
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from deployments import Deployment
from test_units import taken_by
from units import CODE, DEPLOY, command_of, compose, directives, settings_lines

from orchestration.settings import PROJECT_ROOT

CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
SERVICES = ("code", "daemon", "web")
MADE = shutil.ignore_patterns("__pycache__", "logs", "target")
# What differs where each service is a machine of its own.
ELSEWHERE = {"127.0.0.1": "0.0.0.0"}


def schema() -> Any:
    """The schema of compose files that check-jsonschema carries."""
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_file_is_one_of_compose() -> None:
    jsonschema.validate(compose(), schema())


@pytest.mark.parametrize(("name", "value"), [("read_onyl", True), ("cap_drop", "ALL"), ("tmpfs", 5)])
def test_what_compose_does_not_know_is_refused(name: str, value: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"web": {**compose()["services"]["web"], name: value}}}, schema())


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_runs_what_the_unit_runs(service: str) -> None:
    program, *words = command_of(f"needs-{service}")
    expected = [Path(program).name, *(ELSEWHERE.get(word, word) for word in words)]
    assert compose()["services"][service]["command"] == expected
    units = dict(line.split("=", 1) for line in directives(f"needs-{service}")["Environment"])
    assert compose()["services"][service]["environment"] == {**units, "NEEDS_CODE_HOST": "code"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_may_do_little(service: str) -> None:
    said = compose()["services"][service]
    assert said["user"] == "needs"
    assert said["read_only"] is True
    assert said["cap_drop"] == ["ALL"]
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert not said.keys() & {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode", "userns_mode"}
    volumes = dict(volume.rsplit(":/", 1) for volume in said["volumes"])
    assert set(volumes) == {"data", "backups", "${NEEDS_SEEDS_FOLDER:-../seeds}"}, "nothing else of the machine"
    assert volumes["${NEEDS_SEEDS_FOLDER:-../seeds}"].endswith(":ro")


def test_only_the_web_ui_is_reached_and_from_this_machine_alone() -> None:
    ports = {name: said.get("ports") for name, said in compose()["services"].items()}
    assert ports == {"code": None, "daemon": None, "web": ["127.0.0.1:3000:3000"]}


def test_each_container_is_looked_at_by_a_command_that_there_is() -> None:
    from dagster._cli import create_dagster_cli
    from dagster._daemon.cli import create_dagster_daemon_cli

    programs = {"dagster": create_dagster_cli(), "dagster-daemon": create_dagster_daemon_cli()}
    for service in SERVICES:
        # podman-compose of Debian 12 breaks the words of a list.
        kind, line = compose()["services"][service]["healthcheck"]["test"]
        program, *words = shlex.split(line)
        assert kind == "CMD-SHELL"
        if program == "python":
            compile(words[1], "healthcheck", "exec")
            assert "http://127.0.0.1:3000/" in words[1]
        else:
            taken_by(programs[program], words)


def test_the_places_of_containers_are_those_of_the_settings() -> None:
    places = dict(line.split("=", 1) for line in settings_lines() if "=/" in line)
    mounted = [volume.rsplit(":/", 1)[1] for volume in compose()["services"]["code"]["volumes"]]
    for name in ("NEEDS_SEEDS", "NEEDS_DATA", "NEEDS_RELEASES"):
        assert any(Path(places[name]).is_relative_to(f"/{place.removesuffix(':ro')}") for place in mounted), name


def test_the_image_is_run_by_nobody_of_importance() -> None:
    users = re.findall(r"^USER (.*)$", CONTAINERFILE, re.MULTILINE)
    assert users == ["needs"]
    assert CONTAINERFILE.index("USER needs") < CONTAINERFILE.index("CMD")
    assert "useradd --system" in CONTAINERFILE


def copied(folder: Path) -> Path:
    """The code as the instructions of the Containerfile put it into an image."""
    code = folder / "needs"
    for line in re.findall(r"^COPY (.*)$", CONTAINERFILE, re.MULTILINE):
        *sources, target = line.split()
        for source in (PROJECT_ROOT / name for name in sources):
            place = code / target / source.name if target.endswith("/") else code / target
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(
                    source, place, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "logs", "target")
                )
            else:
                shutil.copyfile(source, place)
    return code


def digest(folder: Path) -> str:
    """A checksum over names and contents of all files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    return reduce(lambda found, line: hashlib.sha256(found.encode() + line.encode()).hexdigest(), lines, "")


def test_the_image_has_all_that_a_refresh_needs_and_writes_nothing_into_its_code(
    refreshed: Deployment, tmp_path: Path
) -> None:
    """Run from what the Containerfile copies, with the packages that are here, on what was refreshed from here."""
    code = copied(tmp_path)
    before = digest(code)
    advisories = tmp_path / "none.json"
    advisories.write_text("[]", encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "160",
        "NEEDS_SEEDS": str(refreshed.seeds),
        "NEEDS_DATA": str(refreshed.data),
        "NEEDS_RELEASES": str(refreshed.releases),
    }
    start = f"import orchestration; assert orchestration.__path__[0].startswith({str(code)!r}); "
    start += "from orchestration.cli.main import app; app()"
    said = {}
    for words in (["refresh"], ["doctor"], ["advisories", str(advisories)]):
        command = [sys.executable, "-c", start, *words]
        done = subprocess.run(command, env=environment, cwd=code, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        said[words[0]] = done.stdout
    # A build knows its code by a checksum: nothing of it is missing in the image.
    assert "Nothing changed" in said["refresh"]
    assert digest(code) == before


def test_the_steps_of_the_image_are_those_of_the_project() -> None:
    (target,) = re.findall(r"^RUN make (\S+)", CONTAINERFILE, re.MULTILINE)
    assert re.search(rf"^{re.escape(target)}:", (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert f"WORKDIR {CODE}\n" in CONTAINERFILE
    version = re.search(r"^FROM docker\.io/library/python:(\d\.\d+)-slim-bookworm$", CONTAINERFILE, re.MULTILINE)
    assert version
    assert f'requires-python = ">={version[1]}' in (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
