"""dbt's manifest: the parsed project, read.

Beside it stands a record of what it was parsed from, with its checksum: dbt writes it in place. Not here: parsing
(pipeline/dbt.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestration.common.whole_file import file_sha256, read_record, write_record

MANIFEST = "manifest.json"
_RECORD = "parsed.json"


def record_parsed(target: Path, project: str) -> None:
    """Keep that the manifest is of a project with this checksum."""
    write_record(target / _RECORD, {"project": project, "manifest": file_sha256(target / MANIFEST)})


def parsed_project(target: Path) -> str | None:
    """The checksum of the project that the manifest is of; None where there is none, or it is not as it was parsed."""
    record, manifest = read_record(target / _RECORD), target / MANIFEST
    if record is None or not manifest.is_file() or record["manifest"] != file_sha256(manifest):
        return None
    return str(record["project"])


def manifest_if_any(target: Path) -> dict[str, Any] | None:
    """The parsed manifest, if dbt has run on this machine: a warehouse may have been copied here alone."""
    return read_manifest(target) if parsed_project(target) else None


def read_manifest(target: Path) -> dict[str, Any]:
    """The parsed manifest as Dagster wants it."""
    manifest: dict[str, Any] = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    return manifest
