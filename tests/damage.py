"""Damage to files of a deployment, in five ways: what a bad disk, a full one or a careless hand leaves."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments import Deployment

from orchestration.warehouse.manifest import MANIFEST, PARSED

# Behind the header of a SQLite file: what its first page is. Elsewhere a bit may be of a page that is free.
_FIRST_PAGE = 100


def _flip(content: bytes) -> bytes:
    """One bit, in the middle; of a SQLite file where it surely means something."""
    at = _FIRST_PAGE if content.startswith(b"SQLite format 3") else len(content) // 2
    return content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :] if content else b"\x10"


WAYS: dict[str, Callable[[bytes], bytes | None]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "flipped": _flip,
    "noise": lambda content: random.Random(len(content)).randbytes(max(len(content), 64)),
    "gone": lambda content: None,
}


def damage(path: Path, way: str) -> None:
    """Damage a file, whether it may be written or not."""
    content = WAYS[way](path.read_bytes())
    path.unlink()
    if content is not None:
        path.write_bytes(content)


@contextmanager
def damaged(path: Path, way: str) -> Iterator[None]:
    """A file damaged for a while."""
    content, mode = path.read_bytes(), path.stat().st_mode
    damage(path, way)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(mode)


def written_files(deployment: Deployment) -> list[Path]:
    """Every file that a refresh wrote below the data folder and that somebody reads again.

    Not the lock, whose content is for people, and not what dbt keeps to parse and build faster.
    """
    data = deployment.settings.data.resolve()
    dbt = [deployment.settings.dbt_target / name for name in (MANIFEST, PARSED, "parsed.json")]
    files = (path for path in sorted(data.rglob("*")) if path.is_file() and path.name != "refresh.lock")
    return [path for path in files if not path.is_relative_to(deployment.settings.dbt_target) or path in dbt]
