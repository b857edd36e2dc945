"""What a release is: its files with checksums, its sources, its checks, and the software that made it.

Each audience has a manifest of its own: a checksum of a file that one may not see confirms a guess of its content. A
manifest holds no clock: the same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.common.whole_file import file_sha256
from orchestration.release.draft import DraftFile
from orchestration.settings import DisclosureLimits
from orchestration.warehouse.build_record import check_entry

MANIFEST = "manifest.json"
# That of the whole release, which names the files of both audiences.
WHOLE_MANIFEST = f"internal/{MANIFEST}"
# Of a source, what would confirm a guess of its answers.
_NOT_PUBLIC = frozenset({"extract_sha256", "landing_id", "answers_n", "rejected_answers_n"})
PACKAGES = (
    "dagster",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "highspy",
    "pandas",
    "pyarrow",
    "python-calamine",
    "scipy",
    "statsmodels",
    "xlsxwriter",
)
SYNTHETIC_NOTICE = (
    "Contains synthetic data: responses made from published tables, not given by any city. "
    "Do not cite a figure of this release as an answer of a city."
)


def build_manifest(
    wave: str,
    release: str,
    files: Sequence[Mapping[str, Any]],
    sources: Sequence[Mapping[str, Any]],
    checks: Iterable[Mapping[str, Any]],
    disclosure: DisclosureLimits,
    code_root: Path,
) -> dict[str, Any]:
    """Manifest of a release whose data files are already written.

    `files` are entries as of `file_entries`, `sources` of the build record, `checks` of the run table; the keys of
    offending rows stay inside.
    """
    is_synthetic = any(source["synthetic"] for source in sources)
    return {
        "disclosure": disclosure.model_dump(),
        "release": release,
        "wave": wave,
        "synthetic": is_synthetic,
        "notice": SYNTHETIC_NOTICE if is_synthetic else None,
        "content_sha256": content_digest(files),
        "sources": list(sources),
        "files": list(files),
        "checks": [check_entry(check) for check in checks],
        "git_revision": git_revision(code_root),
        "packages": {package: version(package) for package in PACKAGES},
    }


def public_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What everybody may know of a release: its public files, and of its sources nothing of their content."""
    prefix = "public/"
    files = [
        {**entry, "path": entry["path"].removeprefix(prefix)}
        for entry in manifest["files"]
        if entry["path"].startswith(prefix)
    ]
    sources = [
        {name: value for name, value in source.items() if name not in _NOT_PUBLIC} for source in manifest["sources"]
    ]
    return {**manifest, "content_sha256": content_digest(files), "sources": sources, "files": files}


def file_entries(folder: Path, files: Iterable[DraftFile]) -> list[dict[str, Any]]:
    """One entry for each format of each table."""
    return [file_entry(folder, f"{file.name}{ending}", file.rows) for file in files for ending in file.endings]


def file_entry(folder: Path, path: str, rows: int | None = None) -> dict[str, Any]:
    """A file as a manifest names it, hashed."""
    whole = folder / path
    return {"path": path, "rows": rows, "bytes": whole.stat().st_size, "sha256": file_sha256(whole)}


def content_digest(entries: Iterable[Mapping[str, Any]]) -> str:
    """Checksum over the checksums of all data files."""
    lines = sorted(f"{entry['sha256']}  {entry['path']}" for entry in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def identity(manifest: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two releases the same: the data files and the extracts they came from."""
    sources = tuple((entry["instrument"], entry["round"], entry["landing_id"]) for entry in manifest["sources"])
    return manifest["content_sha256"], sources


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest as sorted, readable JSON."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def git_revision(code_root: Path) -> str | None:
    """Revision of the code, with `+changes` where the work tree differs from it; None outside a checkout."""

    def git(*arguments: str) -> str:
        # A service reads code that another user owns, which git refuses unless it is told that this is meant.
        command = ["git", "-c", f"safe.directory={code_root}", "-C", str(code_root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None
