"""dbt's manifest: the parsed project, read.

Not here: parsing (pipeline/dbt.py).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def is_whole(manifest: Path) -> bool:
    """Whether there is a manifest that was written to its end: dbt writes it in place."""
    try:
        with manifest.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"}"
    except OSError:
        return False


def manifest_if_any(target: Path) -> dict[str, Any] | None:
    """The parsed manifest, if dbt has run on this machine: a warehouse may have been copied here alone."""
    return read_manifest(target) if is_whole(target / "manifest.json") else None


def read_manifest(target: Path) -> dict[str, Any]:
    """The parsed manifest as Dagster wants it."""
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return manifest
