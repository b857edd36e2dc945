"""What deploy/ says: units of systemd with what they have in common, commands of containers, lines of settings."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
UNITS = DEPLOY / "systemd"
SERVICES = sorted(path.stem for path in UNITS.glob("*.service"))
# Where the runbook has the code.
CODE = "/opt/needs"


def directives(unit: str) -> dict[str, list[str]]:
    """What a service says and what all of them have in common, by name."""
    found: dict[str, list[str]] = {}
    for path in (UNITS / f"{unit}.service", UNITS / "needs-.service.d" / "needs.conf"):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, sign, value = line.partition("=")
            if sign and not line.startswith("#"):
                found.setdefault(name, []).append(value)
    return found


def command_of(unit: str) -> list[str]:
    """The words of what a service starts."""
    (line,) = directives(unit)["ExecStart"]
    return shlex.split(line)


def compose() -> dict[str, Any]:
    """compose.yml, with what its services have in common put in."""
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    return loaded


def settings_lines() -> Iterator[str]:
    """The settings of environment.example, those that are commented out as well."""
    for line in (DEPLOY / "environment.example").read_text(encoding="utf-8").splitlines():
        name, sign, _ = line.removeprefix("#").partition("=")
        if sign and name.isupper():
            yield line.removeprefix("#")


def install_units(folder: Path) -> None:
    """Put the units into a folder, with the code where it is here, so that what they start is there."""
    for path in UNITS.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(UNITS)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            target.write_text(text.replace(CODE, str(PROJECT_ROOT)), encoding="utf-8")
