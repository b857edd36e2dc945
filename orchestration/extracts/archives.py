"""What a delivered .gz or .zip file holds, block by block, within limits.

Here: which files are unpacked and which members are refused. Not here: where the bytes are kept (extracts/).
Workbooks are ZIP archives too; they stay as they are.
"""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from os import SEEK_END
from pathlib import PurePosixPath
from typing import BinaryIO

from orchestration.common.problems import Problem
from orchestration.extracts.byte_blocks import Readable, blocks_of
from orchestration.extracts.errors import ExtractError
from orchestration.settings import Settings

# Up to this size any ratio is possible for honest text: a column of equal answers packs well.
SIZE_WITHOUT_RATIO = 1 << 24
# Each member is a file that is held open.
MAX_MEMBERS = 100
# What the list of files of an archive may take: that of a workbook has some kilobytes.
MAX_LIST_SIZE = 1 << 22

_GZIP, _ZIP = ".gz", ".zip"
_SIGNATURES = {_GZIP: (b"\x1f\x8b",), _ZIP: (b"PK\x03\x04", b"PK\x05\x06")}
_ARCHIVE_ENDINGS = (_GZIP, _ZIP, ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst")
# Members that only a workbook or an OpenDocument file has.
_WORKBOOK_MEMBERS = {"[Content_Types].xml", "mimetype"}
# The standard library unpacks others without a limit on what one step gives.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
# The record at the end with the longest comment; the size that says that a record before it tells the size.
_LONGEST_END = (1 << 16) + 128
_SAID_ELSEWHERE = 0xFFFFFFFF
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)

# A member's name, None for the only content of a .gz, and its bytes; to be read before the next is asked for.
Member = tuple[str | None, Iterator[bytes]]


def is_packed(name: str, file: BinaryIO, shown: str) -> bool:
    """Whether a file has to be unpacked. Raises ExtractError for a name that promises an archive and has none."""
    ending = PurePosixPath(name).suffix.lower()
    if ending not in _SIGNATURES:
        return False
    head = file.read(len(_SIGNATURES[_ZIP][0]))
    file.seek(0)
    if not head.startswith(_SIGNATURES[ending]):
        kind = "gzip" if ending == _GZIP else "ZIP"
        remedy = "open it to see what was delivered instead, and export or download it again"
        raise ExtractError([Problem(shown, f"not the {kind} archive that its name promises", remedy)])
    if ending == _ZIP:
        with _open_zip(file, shown) as archive:
            return not _WORKBOOK_MEMBERS.intersection(archive.namelist())
    return True


def members(name: str, file: BinaryIO, size: int, shown: str, settings: Settings) -> Iterator[Member]:
    """The files in an archive of `size` bytes, sorted by name.

    Raises ExtractError for an archive that is damaged, encrypted, nested, empty, or unpacks to too much.
    """
    limited = _Limit(shown, size, settings)
    if name.lower().endswith(_GZIP):
        _refuse(_nested(shown, [name[: -len(_GZIP)]]))
        yield None, limited.blocks(_read_undamaged(lambda: gzip.GzipFile(fileobj=file), shown))
        return
    with _open_zip(file, shown) as archive:
        infos = _infos(archive, shown)
        for info in sorted(infos, key=lambda info: info.filename):
            yield (
                info.filename,
                limited.blocks(_read_undamaged(partial(archive.open, info), f"{shown}/{info.filename}")),
            )


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """A ZIP archive. Raises what the standard library does for a damaged one, and for one with a list of files too
    long to hold: its record at the end is looked at before the list.

    Source: PKWARE's APPNOTE 6.3.10, 4.3.14 and 4.3.16.
    """
    file.seek(max(0, file.seek(0, SEEK_END) - _LONGEST_END))
    end = file.read()
    for signature, size, form in ((b"PK\x05\x06", 12, "<I"), (b"PK\x06\x06", 40, "<Q")):
        at = end.rfind(signature)
        listed = struct.unpack_from(form, end, at + size)[0] if 0 <= at <= len(end) - size - 8 else 0
        if MAX_LIST_SIZE < listed != _SAID_ELSEWHERE:
            raise zipfile.BadZipFile(f"the list of its files has {listed:,} bytes")
    file.seek(0)
    return zipfile.ZipFile(file)


class _Limit:
    """Counts what an archive unpacks to, over all its members, and stops at the limit."""

    def __init__(self, shown: str, packed_size: int, settings: Settings) -> None:
        by_ratio = max(SIZE_WITHOUT_RATIO, packed_size * settings.unpack_ratio_limit)
        self.limit = min(settings.unpacked_size_limit, by_ratio)
        self.shown = shown
        self.size = 0
        self.rule = (
            f"{settings.unpack_ratio_limit} times its size (NEEDS_UNPACK_RATIO_LIMIT)"
            if by_ratio < settings.unpacked_size_limit
            else f"{settings.unpacked_size_limit:,} bytes (NEEDS_UNPACKED_SIZE_LIMIT)"
        )

    def blocks(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.size += len(block)
            if self.size > self.limit:
                reason = f"the archive unpacks to more than {self.rule}"
                remedy = "check what it holds; if it is what was delivered, raise the limit in the environment"
                raise ExtractError([Problem(self.shown, reason, remedy)])
            yield block


def _read_undamaged(opener: Callable[[], AbstractContextManager[Readable]], shown: str) -> Iterator[bytes]:
    try:
        with opener() as packed:
            yield from blocks_of(packed)
    except _DAMAGE as error:
        raise ExtractError([_damaged(shown)]) from error


def _open_zip(file: BinaryIO, shown: str) -> zipfile.ZipFile:
    try:
        return open_zip(file)
    except _DAMAGE as error:
        raise ExtractError([_damaged(shown)]) from error


def _damaged(shown: str) -> Problem:
    return Problem(shown, "the archive is damaged or truncated", "export or download it again and replace it")


def _infos(archive: zipfile.ZipFile, shown: str) -> Sequence[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_of_the_system(info.filename)]
    if not infos:
        raise ExtractError([Problem(shown, "the archive holds no file", "pack the export again")])
    if len(infos) > MAX_MEMBERS:
        reason = f"the archive holds {len(infos)} files, more than {MAX_MEMBERS}"
        raise ExtractError([Problem(shown, reason, "pack only the export of the round")])
    _refuse(
        (
            *_unsafe(shown, infos),
            *_repeated(shown, infos),
            *_nested(shown, [info.filename for info in infos]),
            *_unreadable(shown, infos),
        )
    )
    return infos


def _refuse(problems: Iterable[Problem]) -> None:
    if found := tuple(problems):
        raise ExtractError(found)


def _is_of_the_system(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name == ".DS_Store" or "__MACOSX" in path.parts


def _unsafe(shown: str, infos: Iterable[zipfile.ZipInfo]) -> Iterator[Problem]:
    for name in (info.orig_filename for info in infos):
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or not parts[0] or ":" in parts[0] or not name.isprintable():
            reason = f"the archive holds {name!r}, a name that leads out of its folder or cannot be shown"
            yield Problem(shown, reason, "do not trust this file; ask who delivered it")


def _repeated(shown: str, infos: Iterable[zipfile.ZipInfo]) -> Iterator[Problem]:
    for name, n in Counter(info.filename for info in infos).items():
        if n > 1:
            yield Problem(shown, f"the archive holds {name!r} {n} times", "pack the export again")


def _nested(shown: str, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if name.lower().endswith(_ARCHIVE_ENDINGS):
            yield Problem(shown, f"the archive holds an archive, {name!r}", "unpack it once and deliver what is in it")


def _unreadable(shown: str, infos: Iterable[zipfile.ZipInfo]) -> Iterator[Problem]:
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            reason = f"{info.filename!r} in the archive is encrypted"
            yield Problem(shown, reason, "deliver it without a password, over a safe way")
        elif info.compress_type not in _METHODS:
            reason = f"{info.filename!r} in the archive is packed by method {info.compress_type}"
            yield Problem(shown, reason, "pack it as an ordinary ZIP archive (method deflate)")
