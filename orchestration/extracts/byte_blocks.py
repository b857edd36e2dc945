"""Bytes in blocks: measured and hashed as they pass, kept in a file that has no name on any disk.

Not here: where the bytes come from (extracts.py, fetch.py, archives.py).
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK_SIZE = 1 << 20


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


@dataclass(frozen=True)
class Summary:
    """What is known of bytes once all have passed: their number, their hash, and whether they say anything."""

    size: int
    sha256: str
    is_blank: bool


def blocks_of(file: Readable) -> Iterator[bytes]:
    """The rest of a file, block by block."""
    while block := file.read(BLOCK_SIZE):
        yield block


def passed(blocks: Iterable[bytes], into: IO[bytes] | None = None) -> Summary:
    """Let blocks pass, into a file if one is given."""
    digest, size, is_blank = hashlib.sha256(), 0, True
    for block in blocks:
        digest.update(block)
        size += len(block)
        is_blank = is_blank and not block.strip()
        if into is not None:
            into.write(block)
    if into is not None:
        into.flush()
    return Summary(size, digest.hexdigest(), is_blank)


def open_view(file: IO[bytes]) -> BinaryIO:
    """A reader of a kept file with a position of its own, so that several can read it at a time."""
    return cast(BinaryIO, io.BufferedReader(_View(file)))


class _View(io.RawIOBase):
    """A file from its beginning; closing the view leaves the file open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: os.fstat(self.fileno()).st_size}[whence]
        if base + offset < 0:
            raise ValueError(f"a position before the beginning: {base + offset}")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        read_n = os.preadv(self.fileno(), [buffer], self._at)
        self._at += read_n
        return read_n
