"""What a refresh and a build depend on, as checksums: they tell whether there is anything to do.

Not here: the extracts of rounds (landing/landing.py names a landing by its content).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from orchestration.deployment.runs import newest
from orchestration.knowledge.load import REVIEWED_THRESHOLDS
from orchestration.landing.landing import ROUND_FILES
from orchestration.rounds.codings import FILE as CODINGS
from orchestration.rounds.crosswalk import CROSSWALK
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.build import content_of, is_readable
from orchestration.warehouse.build_record import built_by

_CODE = (
    *(f"orchestration/**/*.{kind}" for kind in ("py", "yml", "csv", "jsonld")),
    *(f"expectations/**/*.{kind}" for kind in ("py", "yml")),
    *(f"dbt_project/**/*.{kind}" for kind in ("py", "sql", "yml", "md")),
    "requirements/main.txt",
    REVIEWED_THRESHOLDS,
)
_LENGTH = 16


def files_digest(seeds: Path) -> str:
    """Checksum over the files that a refresh depends on, extracts aside: seeds, codebooks, code and locked packages."""
    told = {path for path in seeds.rglob("*") if path.is_file() and not path.is_relative_to(seeds / "rounds")}
    told |= {path for name in (*ROUND_FILES, CODINGS, CROSSWALK) for path in (seeds / "rounds").glob(f"*/*/{name}")}
    code = {path for pattern in _CODE for path in PROJECT_ROOT.glob(pattern)}
    digest = hashlib.sha256()
    # By names within a folder: where seeds and code lie, and which path sorts first, says nothing of what they hold.
    for folder, files in ((seeds, told), (PROJECT_ROOT, code)):
        for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in files):
            digest.update(name.encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build_inputs(files: str, landings: Mapping[str, str]) -> str:
    """What a warehouse is built of: the checksum of the files, and the landing of each round."""
    told = [files, *(f"{key} {name}" for key, name in sorted(landings.items()))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:_LENGTH]


def is_built(settings: Settings, inputs: str) -> bool:
    """Whether the checked warehouse was built of these inputs, and is still as it was built."""
    build = newest(settings, "build", only_done=True)
    if build is None or build.facts.get("inputs") != inputs or not is_readable(settings.checked_database):
        return False
    checked = settings.checked_database
    return built_by(checked) == build.run_id and content_of(checked) == build.facts.get("content")
