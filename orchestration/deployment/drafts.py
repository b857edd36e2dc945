"""The draft of a wave as it lies there: what tells it from others, and whether it is what the gate judged.

Not here: drafting and judging (waves.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestration.deployment.runs import DONE, DRAFT, newest
from orchestration.release.draft import draft_files
from orchestration.release.manifest import content_digest, file_entries
from orchestration.settings import Settings

# Letters of a run or a checksum as people read it.
SHORT = 16


def is_as_judged(settings: Settings, wave: str) -> bool:
    """Whether the draft of a wave is still what passed the gate; one that did not pass is as good as none."""
    draft = newest(settings, DRAFT, of=wave)
    if draft is None or draft.status != DONE:
        return True
    files = read_entries(settings.drafts / wave, are_counted=False)
    return files is not None and draft.facts.get("content") == made_of("", files)["content"]


def read_entries(folder: Path, *, are_counted: bool = True) -> list[dict[str, Any]] | None:
    """The files of a draft as a manifest names them, with their rows if `are_counted`; None where one is unreadable."""
    import pyarrow as pa

    try:
        return file_entries(folder, draft_files(folder, are_counted=are_counted))
    except (OSError, pa.ArrowException):
        return None


def made_of(build: str, files: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What tells a draft: the run that built its warehouse and the content of its files."""
    return {"build": build[:SHORT], "content": content_digest(files)[:SHORT]}
