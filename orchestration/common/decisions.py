"""Files of one decision: they change together or not at all, and only by one writer at a time.

All of them are written aside; then a record of what is to take whose place; then each is renamed. A process that is
killed before the record was written has changed nothing; after it, whoever decides or reads next under the lock ends
what it began. Not here: one file (whole_file.py), what stands in the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from orchestration.common.whole_file import PARTIAL, flush, hold_folder, read_record, write_record

_RECORD = ".decision.json"
_ASIDE = f".decided{PARTIAL}"


class Decision:
    """Texts of files below a folder, as they will be; what was not decided is as it stands."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[Path, str] = {}

    def write(self, path: Path, text: str) -> None:
        """Have a file say this once all is decided."""
        self._texts[path] = text

    def read(self, path: Path) -> str | None:
        """What a file will say, as UTF-8; None where there is none."""
        if path in self._texts:
            return self._texts[path]
        return path.read_bytes().decode("utf-8-sig") if path.exists() else None

    def put_in_place(self) -> None:
        """Write all files, or none."""
        texts = {path.resolve(): text for path, text in self._texts.items()}
        asides = {path: path.with_name(f".{path.name}{_ASIDE}") for path in texts}
        try:
            for path, aside in asides.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                aside.write_bytes(texts[path].encode("utf-8"))
                if path.exists():
                    aside.chmod(path.stat().st_mode)
                flush(aside)
            files = {_name(path, self.root): _name(aside, self.root) for path, aside in asides.items()}
            write_record(self.root / _RECORD, {"files": files})
        except BaseException:
            for aside in asides.values():
                aside.unlink(missing_ok=True)
            raise
        self._texts.clear()
        finish_decision(self.root)


@contextmanager
def decide(root: Path) -> Iterator[Decision]:
    """Hold a folder, and write what was decided when the block ends; where it fails nothing has changed."""
    root.mkdir(parents=True, exist_ok=True)
    with hold_whole(root):
        decision = Decision(root)
        yield decision
        if decision._texts:
            decision.put_in_place()


@contextmanager
def hold_whole(root: Path) -> Iterator[None]:
    """Let nobody decide about the files of a folder meanwhile; what a killed process had decided is in place."""
    with hold_folder(root) if root.is_dir() else nullcontext():
        finish_decision(root)
        yield


def finish_decision(root: Path) -> None:
    """Put in place what was decided; for whoever holds the folder."""
    record = root / _RECORD
    decided = read_record(record) or {"files": {}}
    folders = set()
    for name, aside in decided["files"].items():
        if (root / aside).exists():
            (root / aside).replace(root / name)
            folders.add((root / name).parent)
    for folder in folders:
        flush(folder)
    if record.exists():
        record.unlink()
        flush(root)
    for left_over in (*root.glob(f".{_RECORD}-*{PARTIAL}"), *root.rglob(f".*{_ASIDE}")):
        left_over.unlink()


def _name(path: Path, root: Path) -> str:
    """From the folder, so that a copy of it is about itself; a file elsewhere, behind a link, by its whole path."""
    whole = root.resolve()
    return (path.relative_to(whole) if path.is_relative_to(whole) else path).as_posix()
