"""Small JSON records that one stage leaves for the next: where each is, written whole or not at all.

Not here: the record of a build, which is in the warehouse itself (build_record.py), and manifests (release/).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.common.whole_file import write_whole


def record(path: Path, content: Mapping[str, Any]) -> None:
    """Keep what a stage found, for the stages after it and for `needs status`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def recorded(path: Path) -> dict[str, Any]:
    """What a stage recorded; nothing if it never ran."""
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
