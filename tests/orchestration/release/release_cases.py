"""Releases of two audiences, small enough to see whole, with the manifest that publishing takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.common.csv_output import write_csv
from orchestration.release.draft import draft_files
from orchestration.release.manifest import content_digest, file_entries, public_manifest, write_manifest
from orchestration.release.store import write_checksums

Row = tuple[str, int | None, str | None]
ROWS: tuple[Row, ...] = (("small", 4, None), ("town", 9, None))


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """A table of size, count and status of observation (`Q` where it is hidden)."""
    sizes, counts, statuses = zip(*rows, strict=True)
    table = pa.table({"size": sizes, "n": pa.array(counts, pa.int64()), "obs_status": pa.array(statuses, pa.string())})
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(table, path.with_suffix(".csv"))
    pq.write_table(table, path.with_suffix(".parquet"))


def finished(
    folder: Path, name: str, public: Sequence[Row] = ROWS, internal: Sequence[Row] = ROWS
) -> tuple[Path, dict[str, Any]]:
    """A finished folder with one table for both audiences, and its manifest."""
    write_table(folder / "public" / "cells", public)
    write_table(folder / "internal" / "cells", internal)
    files = file_entries(folder, draft_files(folder))
    manifest = {
        "release": name,
        "wave": name.partition(".")[0],
        "synthetic": True,
        "content_sha256": content_digest(files),
        "sources": [{"instrument": "pulse", "round": "2030", "landing_id": "abc"}],
        "files": files,
        "reason": None,
    }
    for audience, told in (("internal", manifest), ("public", public_manifest(manifest))):
        write_manifest(folder / audience, told)
        write_checksums(folder / audience)
    return folder, manifest
