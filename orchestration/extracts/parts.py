"""The delivered files of a round as bytes: are they there, are they the files that round.yml names.

Here: files beside round.yml, at addresses and in archives, all as parts. No personal data stays behind: what is
fetched or unpacked is kept in files without a name, gone with the process. Not here: transfers (fetch.py), archives
(archives.py), the content of a platform's file (readers/).
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import zip_longest
from pathlib import Path
from typing import IO, BinaryIO

from orchestration.common.addresses import file_name, is_address, shown_address
from orchestration.common.problems import Problem, shown_path
from orchestration.extracts.archives import is_packed, members
from orchestration.extracts.byte_blocks import Summary, blocks_of, open_view, passed
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.fetch import fetch, too_large
from orchestration.extracts.limits import Clock, in_time
from orchestration.rounds.card import RoundCard
from orchestration.settings import ReadingLimits, Settings, load_settings


@dataclass(frozen=True)
class Part:
    """One delivered file: its name in landed rows, the same on every machine; its name in messages; its bytes.

    `name` is "instrument/round/file", of a file in a ZIP archive "instrument/round/file.zip/member". `size` (bytes) and
    `sha256` are of what `open` gives: of the content where the file was packed. `limits` bound what reading it costs.
    """

    name: str
    shown: str
    size: int
    sha256: str
    opener: Callable[[], BinaryIO] = field(repr=False, compare=False)
    limits: ReadingLimits = field(default=ReadingLimits(), repr=False, compare=False)

    @cached_property
    def clock(self) -> Clock:
        """How long the file has been read, from the first look at it."""
        return Clock(self.shown, self.limits.seconds)

    def open(self) -> BinaryIO:
        """The bytes from their beginning, seekable, each time with a position of its own; while `open_parts` lasts.

        Reading raises ExtractError once the time for the file is over.
        """
        return in_time(self.opener(), self.clock)

    def read(self) -> bytes:
        """All bytes at once."""
        with self.open() as file:
            return file.read()


@dataclass(frozen=True)
class Content:
    """A delivered file as it was hashed, archives as they are, so that nobody has to read it again to know it.

    `state` tells a file of this machine apart from what it is later; a file at an address has none, but `fetched`, its
    bytes in a file without a name, where they were kept.
    """

    sha256: str
    size: int = 0
    state: tuple[int, ...] = ()
    fetched: IO[bytes] | None = field(default=None, repr=False, compare=False)


@contextmanager
def open_parts(
    card: RoundCard, settings: Settings | None = None, contents: Sequence[Content] = ()
) -> Iterator[tuple[Part, ...]]:
    """The files of a round's extract in the order of round.yml, archives unpacked.

    `contents` are those of `read_contents`: a file that has not changed since is not hashed again. Raises ExtractError
    with the problems of every file, one that is another than its content among them.
    """
    limits = settings or load_settings()
    parts: list[Part] = []
    problems: list[Problem] = []
    with ExitStack() as kept:
        for (name, sha256), content in zip_longest(_named_files(card), contents):
            try:
                whole = _open_whole(card, name, sha256, limits, kept, content)
                parts += _unpack(whole, limits, kept)
            except ExtractError as error:
                problems += error.problems
        problems += _same_names(parts)
        if problems:
            raise ExtractError(problems)
        yield tuple(parts)


def local_part(path: Path, settings: Settings | None = None) -> Part:
    """A file that belongs to no round, as it is. Raises ExtractError if it is missing, empty or too large."""
    if not path.is_file():
        raise ExtractError([Problem(shown_path(path), "there is no such file", "correct the path")])
    limits = settings or load_settings()
    found = _summarise_local(path, limits)
    return Part(path.name, shown_path(path), found.size, found.sha256, lambda: path.open("rb"), limits.reading)


def is_fetched_to_be_known(card: RoundCard) -> bool:
    """Whether a file lies at an address and round.yml does not say which one it is: only a transfer tells."""
    return any(is_address(name) and not sha256 for name, sha256 in _named_files(card))


def read_contents(card: RoundCard, settings: Settings | None = None, *, is_kept: bool = False) -> tuple[Content, ...]:
    """The content of each delivered file. Raises ExtractError with the problems of every file.

    Of a file at an address it is the one that round.yml names, without a look at the address; only a file of which
    round.yml names none is fetched, and kept for `open_parts` where it `is_kept`.
    """
    limits = settings or load_settings()
    contents: list[Content] = []
    problems: list[Problem] = []
    for name, sha256 in _named_files(card):
        try:
            if not is_address(name):
                contents.append(_summarise_local(card.folder / name, limits))
            elif sha256:
                contents.append(Content(sha256))
            else:
                contents.append(_fetch_content(name, limits, is_kept))
        except ExtractError as error:
            problems += error.problems
    if problems:
        raise ExtractError(problems)
    return tuple(contents)


def are_unchanged(card: RoundCard, contents: Sequence[Content]) -> bool:
    """Whether the files of a round on this machine are still those that were hashed."""
    return all(
        is_address(name) or _state(card.folder / name) == content.state
        for name, content in zip(card.extract, contents, strict=True)
    )


def _named_files(card: RoundCard) -> Iterator[tuple[str, str]]:
    return zip(card.extract, card.sha256 or ("",) * len(card.extract), strict=True)


def _open_whole(
    card: RoundCard, name: str, sha256: str, limits: Settings, kept: ExitStack, content: Content | None
) -> Part:
    """A delivered file as it is, if it is the one that round.yml names."""
    folder = f"{card.instrument}/{card.round}"
    if is_address(name) and content and (fetched := content.fetched):
        opener = partial(open_view, fetched)
        named = f"{folder}/{file_name(name)}"
        part = Part(named, shown_address(name), content.size, content.sha256, opener, limits.reading)
    elif is_address(name):
        file = _unnamed_file(kept)
        part = _part(f"{folder}/{file_name(name)}", shown_address(name), fetch(name, limits, file), file, limits)
    else:
        path = card.folder / name
        found = content if content and content.state == _state(path) else _summarise_local(path, limits)
        shown, opener = shown_path(path), partial(_open_file, path)
        part = Part(f"{folder}/{name}", shown, found.size, found.sha256, opener, limits.reading)
    if sha256 and part.sha256 != sha256.lower():
        reason = f"the file is not the one that round.yml names: its sha256 is {part.sha256}, not {sha256.lower()}"
        remedy = f"restore the delivered file; if this is a new delivery, write `sha256: {part.sha256}` in round.yml"
        raise ExtractError([Problem(part.shown, reason, remedy)])
    if content and part.sha256 != content.sha256:
        raise ExtractError([changed_meanwhile(part.shown)])
    return part


def changed_meanwhile(shown: str) -> Problem:
    """The problem with a file that is another one than it was when the work on it began."""
    return Problem(shown, "a file changed while it was being read", "wait until it is delivered whole, then land again")


def _state(path: Path) -> tuple[int, ...]:
    """What changes with a file: which one it is, its size and when it was written; nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _open_file(path: Path) -> BinaryIO:
    """A delivered file itself: a link leads elsewhere, a pipe never ends, and neither is waited for.

    Raises OSError: ELOOP for a link, EINVAL for what is no file.
    """
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "no file")
    return file


def _summarise_local(path: Path, limits: Settings) -> Content:
    shown = shown_path(path)
    try:
        state = _state(path)
        with _open_file(path) as file:
            if path.stat().st_size > limits.extract_size_limit:
                raise ExtractError([too_large(shown, limits)])
            summary = passed(blocks_of(file))
    except OSError as error:
        reason = "the extract is missing"
        remedy = "put the delivered file there, or correct `extract` in round.yml"
        if isinstance(error, PermissionError):
            reason, remedy = "the extract may not be read", "give the user of the deployment the right to read it"
        elif error.errno == errno.ELOOP or (error.errno == errno.EINVAL and not path.is_dir()):
            reason, remedy = "the extract is no file but a link or a pipe", "put the delivered file itself there"
        raise ExtractError([Problem(shown, reason, remedy)]) from error
    _refuse_blank(summary, shown)
    return Content(summary.sha256, summary.size, state)


def _fetch_content(address: str, limits: Settings, is_kept: bool) -> Content:
    # Closed, and gone, with the content.
    file = tempfile.TemporaryFile() if is_kept else None  # noqa: SIM115
    summary = fetch(address, limits, file)
    _refuse_blank(summary, shown_address(address))
    return Content(summary.sha256, summary.size, fetched=file)


def _part(name: str, shown: str, summary: Summary, file: IO[bytes], limits: Settings) -> Part:
    _refuse_blank(summary, shown)
    return Part(name, shown, summary.size, summary.sha256, lambda: open_view(file), limits.reading)


def _refuse_blank(summary: Summary, shown: str) -> None:
    if summary.is_blank:
        raise ExtractError([Problem(shown, "the file is empty", "export it again and replace the file")])


def _unpack(whole: Part, limits: Settings, kept: ExitStack) -> Iterator[Part]:
    """What is in a file if it is an archive, else the file."""
    with whole.open() as packed:
        if not is_packed(whole.name, packed, whole.shown):
            yield whole
            return
        for member, blocks in members(whole.name, packed, whole.size, whole.shown, limits):
            file = _unnamed_file(kept)
            below = "" if member is None else f"/{member}"
            yield _part(f"{whole.name}{below}", f"{whole.shown}{below}", passed(blocks, file), file, limits)


def _unnamed_file(kept: ExitStack) -> IO[bytes]:
    return kept.enter_context(tempfile.TemporaryFile())


def _same_names(parts: list[Part]) -> Iterator[Problem]:
    for name, n in Counter(part.name for part in parts).items():
        if n > 1:
            shown = next(part.shown for part in parts if part.name == name)
            reason = f"{n} files of the extract have the name {name.rpartition('/')[2]!r}"
            yield Problem(shown, reason, "rename them, so that each row can be traced to its file")
