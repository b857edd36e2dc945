"""What dbt made of the project when it parsed it: the manifest, and the same in dbt's own form.

Beside them stands a record of what they were parsed from, with their checksums: dbt writes them in place. Not here:
parsing (pipeline/dbt.py).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from orchestration.common.whole_file import file_sha256, read_record, write_aside, write_record

MANIFEST = "manifest.json"
# What `dbt build` starts from in place of parsing.
PARSED = "partial_parse.msgpack"
_RECORD = "parsed.json"


def record_parsed(target: Path, project: str) -> None:
    """Keep that the parsed files are of a project with this checksum."""
    sums = {name: file_sha256(target / name) for name in (MANIFEST, PARSED)}
    write_record(target / _RECORD, {"project": project, "files": sums})


def parsed_project(target: Path) -> str | None:
    """The checksum of the project that was parsed; None where none was, or its files are not as they were parsed."""
    record = read_record(target / _RECORD)
    sums = record.get("files") if record else None
    if record is None or not sums:
        return None
    is_whole = all((target / name).is_file() and file_sha256(target / name) == sums[name] for name in sums)
    return str(record["project"]) if is_whole else None


def copy_parsed(source: Path, target: Path) -> None:
    """Take over what was parsed elsewhere; its record comes last."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (MANIFEST, PARSED, _RECORD):
        with write_aside(target / name) as aside:
            shutil.copyfile(source / name, aside)


def manifest_if_any(target: Path) -> dict[str, Any] | None:
    """The parsed manifest, if dbt has run on this machine: a warehouse may have been copied here alone."""
    return read_manifest(target) if parsed_project(target) else None


def read_manifest(target: Path) -> dict[str, Any]:
    """The parsed manifest as Dagster wants it."""
    manifest: dict[str, Any] = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    return manifest
