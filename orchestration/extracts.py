"""The delivered files of a round as bytes: are they there, are they the files that round.yml names.

Here: checks that need no codebook and no format. Not here: the content of a platform's file (readers/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from orchestration.readers import ExtractError
from orchestration.tabular import Problem, shown_path

if TYPE_CHECKING:
    from orchestration.codebook import RoundCard


@dataclass(frozen=True)
class Part:
    """One delivered file: its name in landed rows, the same on every machine; its name in messages; its bytes."""

    name: str
    shown: str
    size: int
    sha256: str
    path: Path

    def open(self) -> BinaryIO:
        """The file's bytes, from their begin; seekable."""
        return self.path.open("rb")

    def read(self) -> bytes:
        """The whole file."""
        with self.open() as file:
            return file.read()


@contextmanager
def delivered(card: RoundCard) -> Iterator[tuple[Part, ...]]:
    """The files of a round's extract, in the order of round.yml. Raises ExtractError with the problems of each file."""
    parts: list[Part] = []
    problems: list[Problem] = []
    named = card.sha256 or ("",) * len(card.extract)
    for name, sha256 in zip(card.extract, named, strict=True):
        try:
            parts.append(_part(card, name, sha256))
        except ExtractError as error:
            problems += error.problems
    if problems:
        raise ExtractError(problems)
    yield tuple(parts)


def content_digests(card: RoundCard) -> tuple[str, ...]:
    """The sha256 of each file of a round's extract. Raises ExtractError if one is missing."""
    return tuple(_digest(card.folder / name) for name in card.extract)


def _part(card: RoundCard, name: str, named: str) -> Part:
    path = card.folder / name
    file = shown_path(path)
    actual = _digest(path)
    size = path.stat().st_size
    if not size:
        raise ExtractError([Problem(file, "the file is empty", "export it again and replace the file")])
    if named and actual != named:
        reason = f"the file is not the one that round.yml names: its sha256 is {actual}, not {named}"
        remedy = f"restore the delivered file; if this is a new delivery, write `sha256: {actual}` in round.yml"
        raise ExtractError([Problem(file, reason, remedy)])
    return Part(f"{card.instrument}/{card.round}/{name}", file, size, actual, path)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        remedy = "put the delivered file there, or correct `extract` in round.yml"
        raise ExtractError([Problem(shown_path(path), "the extract is missing", remedy)]) from error
