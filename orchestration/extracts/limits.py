"""Bounds on what the reading of a delivered file may cost, and how a file beyond one is told.

Here: checks that every kind of file has. Not here: the bounds themselves (settings.py), what an archive may unpack to
(archives.py).
"""

from __future__ import annotations

import io
import time
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from orchestration.common.problems import Problem
from orchestration.extracts.errors import ExtractError
from orchestration.settings import ReadingLimits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Up to here a file may have any number of cells a byte: a small one of equal rows takes next to no place.
CELLS_WITHOUT_RATIO = 5_000_000
_BLOCK = 1 << 16


def beyond(shown: str, reason: str, limit: str, sheet: str | None = None, row: int | None = None) -> ExtractError:
    """The error of a file that passes a limit, by the name of its setting."""
    remedy = f"check that it is the extract; if it is, raise NEEDS_READING__{limit.upper()}"
    return ExtractError([Problem(shown, reason, remedy, sheet, row)])


def check_columns(shown: str, n: int, limits: ReadingLimits, sheet: str | None = None) -> None:
    """Raise ExtractError where a file, or a sheet of it, has more columns than are read."""
    if n > limits.columns:
        reason = f"there are {n:,} columns, more than the {limits.columns:,} that are read"
        raise beyond(shown, reason, "columns", sheet)


def check_cells(shown: str, n: int, size: int, limits: ReadingLimits) -> None:
    """Raise ExtractError where a file of `size` bytes has more cells than are read, in all or for its size."""
    if n > limits.cells:
        raise beyond(shown, f"there are {n:,} cells, more than the {limits.cells:,} that are read", "cells")
    check_density(shown, n, size, limits)


def check_density(shown: str, n: int, size: int, limits: ReadingLimits, sheet: str | None = None) -> None:
    """Raise ExtractError where so many cells stand in so few bytes that hardly one of them says anything."""
    if n > max(CELLS_WITHOUT_RATIO, size * limits.cells_a_byte):
        reason = f"there are {n:,} cells in {size:,} bytes, so that most are empty or all alike"
        raise beyond(shown, reason, "cells_a_byte", sheet)


class DoctypeError(Exception):
    """XML with a document type: it may declare entities, which can do harm."""


def check_markup(file: IO[bytes], shown: str, limits: ReadingLimits) -> None:
    """Read XML to its end: it is well-formed, and no text, tag or comment is so long that reading it costs much.

    Raises ExtractError; DoctypeError for a document type; ExpatError for what is no XML. An empty file is let pass.
    """
    from xml.parsers import expat  # nosec B407: the handler refuses document types, and with them all entities

    def refuse_doctype(*_: object) -> None:
        raise DoctypeError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    text_size = read_n = 0
    while block := file.read(_BLOCK):
        parser.Parse(block, False)
        read_n += len(block)
        check_tag(shown, read_n - parser.CurrentByteIndex, limits)
        last_tag = block.rfind(b"<")
        text_size = text_size + len(block) if last_tag < 0 else len(block) - last_tag
        if text_size > limits.cell_size:
            raise beyond(shown, f"a text is longer than {limits.cell_size:,} bytes", "cell_size")
    if read_n:
        parser.Parse(b"", True)


def check_tag(shown: str, size: int, limits: ReadingLimits, row: int | None = None) -> None:
    """Raise ExtractError where a tag or a comment that has not ended is longer than one may be.

    A parser begins anew, with each block that it gets, at the begin of what it has not seen to its end.
    """
    if size > limits.tag_size:
        raise beyond(shown, f"a tag or a comment is longer than {limits.tag_size:,} bytes", "tag_size", row=row)


class Clock:
    """How long a file has been read, from when its clock was made."""

    def __init__(self, shown: str, seconds: float) -> None:
        self._shown = shown
        self._seconds = seconds
        self._begin = time.monotonic()

    def check(self) -> None:
        """Raise ExtractError where the time is over."""
        if time.monotonic() - self._begin > self._seconds:
            raise beyond(self._shown, f"reading the file takes more than {self._seconds:g} s", "seconds")


def in_time(file: BinaryIO, clock: Clock) -> BinaryIO:
    """A file that looks at the clock whenever bytes are fetched from it."""
    return cast(BinaryIO, io.BufferedReader(_Timed(file, clock)))


class _Timed(io.RawIOBase):
    """A file behind a clock; closing it closes the file."""

    def __init__(self, file: BinaryIO, clock: Clock) -> None:
        self._file = file
        self._clock = clock

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._clock.check()
        return cast(io.BufferedReader, self._file).readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
