"""In which encoding a text file is, and its text as UTF-8, block by block.

Here: bytes that are or are not text of an encoding; detection where round.yml names none. Not here: records
(records.py), delimiters (delimited.py).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import yaml

from orchestration.common.problems import Problem
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part

BLOCK_SIZE = 1 << 23
# Of a header, and of what an encoding is told by.
HEAD_SIZE = 1 << 20
_SAMPLE_SIZE = 1 << 16

UTF_8 = "utf-8"
# What stands for bytes of a damaged UTF-8 text that are none: a code point that no text has.
DAMAGE = "\ufdd0"
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16", "utf-32")
_UTF_16 = ("utf-16-le", "utf-16-be")
_C1 = re.compile(rb"[\x80-\x9f]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
# Signs that stand between letters, and those that stand beside none.
_IN_WORDS = frozenset("’‘´·\u00ad–‑")
_NOT_BESIDE_WORDS = frozenset("¦¨¬¯±÷×¢£¤¥§¶†‡‰¸¼½¾¹≈≠∞≤≥∂∑∏∫◊√∆˘˙˚˝˛ˇˆ˜")
# Characters that no text has; Latin-1 reads the bytes so that cp1252 leaves undefined.
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# How much likelier a reading has to be than the next one, on a scale from 0 to 1.
_CLEARLY = 0.05

_EXPORT_AGAIN = "export it again and replace the file"

# How many headers of a text's begin the codebook knows.
KnownHeaders = Callable[[str], int]


@dataclass(frozen=True)
class _Known:
    """Languages and their letters by encoding, in order; and which encoding is meant by one that lacks some bytes."""

    letters: Mapping[str, Mapping[str, str]]
    windows_of_iso: Mapping[str, str]

    @cached_property
    def usual(self) -> frozenset[str]:
        """What one character of UTF-8 may be that is no chance, unlike that of `É…` in cp1252."""
        signs = (chr(code) for code in (*range(0xA0, 0x100), *range(0x2000, 0x2C00)))
        return frozenset(chain(signs, *(letters for known in self.letters.values() for letters in known.values())))


@cache
def _known() -> _Known:
    """What encodings.yml says."""
    said = yaml.safe_load(Path(__file__).with_name("encodings.yml").read_text(encoding="utf-8"))
    letters = {encoding: said["alphabets"][group] for encoding, group in said["encodings"].items()}
    return _Known(letters, said["windows_of_iso"])


def encoding_of(part: Part, declared: str, language: str, known_headers: KnownHeaders) -> str:
    """The encoding of a file, as declared in round.yml, else detected.

    In this order: the byte order mark, UTF-8 if the whole file is valid or most of what is beyond ASCII, UTF-16 by zero
    bytes, else the encodings of one byte a character that have text for every byte of the file, read most headers as
    the codebook has them and give the letters of the round's language or, where it names none, of a likely one. Raises
    ExtractError where the file is not what round.yml says, is no text, or could be read in several ways.
    """
    if declared:
        _check_declared(part, declared)
        return declared
    return _detect(part, language, known_headers)


def utf8_blocks(part: Part, encoding: str, marks_damage: bool = False) -> Iterator[bytes]:
    """The file's text as valid UTF-8 without byte order mark, cut between characters.

    Raises ExtractError where a byte is not of the encoding; with `marks_damage`, DAMAGE stands for such bytes if most
    of what is beyond ASCII is UTF-8.
    """
    transcoded = _check_blocks(part, marks_damage) if encoding == UTF_8 else _transcode(part, encoding)
    is_first = True
    for block in transcoded:
        yield block.removeprefix(codecs.BOM_UTF8) if is_first else block
        is_first = is_first and not block


def head_of(part: Part, encoding: str) -> str:
    """The begin of a file as text, for a look at its header."""
    with part.open() as file:
        head = file.read(HEAD_SIZE)
    return codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")


def _check_blocks(part: Part, marks_damage: bool) -> Iterator[bytes]:
    is_damaged = False
    for block, offset in _raw_blocks(part, may_hold_nul=False):
        if not _is_utf8(block):
            is_damaged = is_damaged or (marks_damage and _profile(part).is_damaged_utf8)
            if is_damaged:
                codecs.register_error("mark damage", lambda error: (DAMAGE, cast(UnicodeDecodeError, error).end))
                yield block.decode(UTF_8, "mark damage").encode()
                continue
            try:
                block.decode(UTF_8)
            except UnicodeDecodeError as error:
                at = offset + error.start
                problem = _encoding_problem(part, UTF_8, block[error.start], at, _row(part, at))
                raise ExtractError([problem]) from error
        yield block


def _transcode(part: Part, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    is_wide = encoding.startswith(_WIDE)
    row = 1
    for block, offset in _raw_blocks(part, may_hold_nul=is_wide):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=len(block) == 0)
        except UnicodeDecodeError as error:
            at = offset - pending + error.start
            byte = error.object[error.start] if error.start < len(error.object) else 0
            rows_before = row + error.object[: error.start].decode(encoding, "replace").count("\n")
            raise ExtractError([_encoding_problem(part, encoding, byte, at, rows_before)]) from error
        row += text.count("\n")
        yield text.encode(UTF_8)


def _raw_blocks(part: Part, may_hold_nul: bool) -> Iterator[tuple[bytes, int]]:
    """Blocks with their offset, and an empty one at the end; UTF-8 is not cut within a character while it is valid."""
    offset, rest = 0, b""
    with part.open() as file:
        while True:
            read = file.read(BLOCK_SIZE)
            block = rest + read
            cut = _end_of_characters(block) if read and not may_hold_nul else len(block)
            block, rest = block[:cut], block[cut:]
            at = -1 if may_hold_nul else block.find(b"\x00")
            if at >= 0:
                reason = f"a NUL byte at offset {offset + at}: the file is damaged or not text"
                raise ExtractError([Problem(part.shown, reason, _EXPORT_AGAIN, row=_row(part, offset + at))])
            yield block, offset
            if not read:
                return
            offset += len(block)


def _place(part: Part, byte: bytes) -> int:
    """The offset of the first of these bytes."""
    return next(offset + block.index(byte) for block, offset in _raw_blocks(part, False) if byte in block)


def _row(part: Part, offset: int) -> int:
    """The row in which a byte stands."""
    row = 1
    with part.open() as file:
        while offset > 0 and (block := file.read(min(offset, BLOCK_SIZE))):
            row += block.count(b"\n")
            offset -= len(block)
    return row


def _end_of_characters(block: bytes) -> int:
    """Where the last whole UTF-8 character of a block ends."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte & 0xC0 != 0x80:
            length = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - back if length > back else len(block)
    return len(block)


def _is_utf8(block: bytes) -> bool:
    """Whether bytes are UTF-8, by Arrow's check, several times as fast as decoding."""
    offsets = pa.array([0, len(block)], pa.int64()).buffers()[1]
    text = pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(block))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _encoding_problem(part: Part, encoding: str, byte: int, offset: int, row: int) -> Problem:
    reason = f"not {encoding} text: byte 0x{byte:02x} at offset {offset}"
    others: list[str] = []
    if not encoding.startswith(_WIDE):
        profile = _profile(part)
        others = [UTF_8] if profile.is_utf8 else profile.single_byte_encodings()
        others = [] if profile.is_damaged_utf8 else others
    others = [other for other in others if other != encoding]
    remedy = "export the file as UTF-8"
    if others:
        remedy += f", or, if its accents look right so, write `encoding: {others[0]}` in round.yml"
        remedy += f" (it also decodes as {', '.join(others[1:])})" if others[1:] else ""
    return Problem(part.shown, reason, remedy, row=row)


def _mark(part: Part) -> str | None:
    with part.open() as file:
        head = file.read(4)
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _check_declared(part: Part, declared: str) -> None:
    mark = _mark(part)
    if mark in _WIDE and not declared.startswith(_WIDE):
        reason = f"the file is {mark.upper()}, not {declared}"
        raise ExtractError([Problem(part.shown, reason, f"write `encoding: {mark}` in round.yml", row=1)])
    if declared.startswith("utf"):
        return
    profile = _profile(part)
    if profile.is_mostly_utf8 and profile.first_high is not None:
        offset, row = profile.first_high
        how = "are valid UTF-8" if profile.is_utf8 else "mostly are valid UTF-8"
        reason = f"the file is UTF-8, not {declared}: the bytes from offset {offset} on {how}"
        raise ExtractError([Problem(part.shown, reason, "write `encoding: utf-8` in round.yml", row=row)])
    meant = _known().windows_of_iso.get(declared)
    if meant and (lost := _C1.search(profile.bytes_in)):
        reason = f"the file holds the byte 0x{lost[0].hex()}, which is no letter of {declared}"
        remedy = f"write `encoding: {meant}` in round.yml, which has letters for such bytes"
        raise ExtractError([Problem(part.shown, reason, remedy, row=_row(part, _place(part, lost[0])))])


@dataclass(frozen=True)
class _Profile:
    """What the bytes of a whole file tell: which there are in blocks beyond ASCII, where the first
    above 127 is, lines that hold such."""

    is_utf8: bool
    has_mark: bool
    bytes_in: bytes
    first_high: tuple[int, int] | None
    sample: bytes

    @cached_property
    def utf8_share(self) -> float:
        """The share of the runs of bytes above 127 that are UTF-8 by more than chance; all where it has its mark."""
        runs = _HIGH_RUN.findall(self.sample)
        return 1.0 if self.has_mark else sum(map(_is_usual_utf8, runs)) / max(1, len(runs))

    @property
    def is_mostly_utf8(self) -> bool:
        return self.utf8_share > 0.5

    @property
    def is_damaged_utf8(self) -> bool:
        """Whether it is UTF-8 but for some of its bytes."""
        return not self.is_utf8 and self.is_mostly_utf8

    def single_byte_encodings(self) -> list[str]:
        """Encodings that have a character of text for each byte."""
        return [encoding for encoding in _known().letters if _is_text(self.bytes_in, encoding)]


def _is_usual_utf8(run: bytes) -> bool:
    """Whether bytes are UTF-8 and not so by chance: several characters, or one that is usual."""
    try:
        text = run.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return len(text) > 1 or text > "\uffff" or _known().usual.issuperset(text.lower())


def _is_text(data: bytes, encoding: str) -> bool:
    try:
        return not _NO_TEXT.search(data.decode(encoding))
    except UnicodeDecodeError:
        return False


def _profile(part: Part) -> _Profile:
    is_utf8, first_high, sample = True, None, bytearray()
    counts = np.zeros(256, np.int64)
    for block, offset in _raw_blocks(part, may_hold_nul=False):
        is_utf8 = is_utf8 and _is_utf8(block)
        if block.isascii():
            continue
        counts += np.bincount(np.frombuffer(block, np.uint8), minlength=256)
        if first_high is None:
            at = int(np.argmax(np.frombuffer(block, np.uint8) > 127))
            first_high = offset + at, _row(part, offset + at)
        lines = (line for line in block.splitlines(keepends=True) if not line.isascii())
        while len(sample) < _SAMPLE_SIZE and (line := next(lines, None)) is not None:
            sample += line[:_SAMPLE_SIZE]
    has_mark = _mark(part) == UTF_8
    return _Profile(is_utf8, has_mark, bytes(np.flatnonzero(counts).tolist()), first_high, bytes(sample))


def _detect(part: Part, language: str, known_headers: KnownHeaders) -> str:
    mark = _mark(part)
    if mark is not None:
        return mark
    with part.open() as file:
        head = file.read(_SAMPLE_SIZE)
    if b"\x00" in head:
        return _utf_16(part, known_headers)
    profile = _profile(part)
    if profile.is_utf8 or profile.is_damaged_utf8:
        return UTF_8
    if profile.utf8_share:
        raise _cannot_be_told(part, profile, "some of what is beyond ASCII is UTF-8, some is not")
    return _single_byte(part, profile, language, known_headers)


def _utf_16(part: Part, known_headers: KnownHeaders) -> str:
    """UTF-16 without a mark: the byte order in which the header is known; else the file is damaged."""
    scores = {encoding: known_headers(head_of(part, encoding)) for encoding in _UTF_16}
    best = max(scores, key=lambda encoding: scores[encoding])
    if not scores[best]:
        for _ in _raw_blocks(part, may_hold_nul=False):
            pass
    return best


def _single_byte(part: Part, profile: _Profile, language: str, known_headers: KnownHeaders) -> str:
    possible = profile.single_byte_encodings()
    spoken = [encoding for encoding in possible if language in _known().letters[encoding]] or possible
    scores = {encoding: known_headers(head_of(part, encoding)) for encoding in spoken}
    readings: dict[str, list[str]] = {}
    for encoding in spoken:
        if scores[encoding] == max(scores.values()):
            readings.setdefault(profile.bytes_in.decode(encoding), []).append(encoding)
    best = _likeliest(profile.sample, list(readings.values()))
    if best is None:
        seen = _differing(readings) or "none that is looked for has all its bytes"
        raise _cannot_be_told(part, profile, seen)
    return best


def _cannot_be_told(part: Part, profile: _Profile, seen: str) -> ExtractError:
    row = profile.first_high[1] if profile.first_high else None
    remedy = "write `encoding` in round.yml, the one in which its accents look right (--encoding or --language of "
    remedy += "`needs round new`), or export the file as UTF-8"
    return ExtractError([Problem(part.shown, f"not UTF-8, and its encoding cannot be told: {seen}", remedy, row=row)])


def _differing(readings: Mapping[str, Sequence[str]]) -> str:
    """What a character that tells the readings apart is in each of them."""
    texts = list(readings)
    at = next((at for at, signs in enumerate(zip(*texts, strict=True)) if len(set(signs)) > 1), None)
    if at is None:
        return ""
    return " or ".join(f"{encodings[0]} ({text[at]!r})" for text, encodings in readings.items())


def _likeliest(sample: bytes, readings: Sequence[Sequence[str]]) -> str | None:
    """The reading that looks least like chance and most like a language; None where several do not differ enough.

    A reading is that of several encodings, of which the first is named.
    """
    ranked = []
    for encodings in readings:
        text = sample.decode(encodings[0])
        ranked.append((1 - max(_likelihood(text, each) for each in encodings) + _oddness(text), encodings[0]))
    ranked.sort()
    is_clear = len(ranked) == 1 or (bool(ranked) and ranked[1][0] - ranked[0][0] >= _CLEARLY)
    return ranked[0][1] if is_clear else None


def _oddness(text: str) -> float:
    """The share of characters beyond ASCII that stand where no word has them."""
    padded = f"  {text} "
    odd = [_is_odd(*padded[at - 2 : at + 2]) for at, char in enumerate(padded) if not char.isascii()]
    return sum(odd) / max(1, len(odd))


def _is_odd(second: str, before: str, char: str, after: str) -> bool:
    """Whether a character is no neighbour of others: of another script or case than its word, a sign within one."""
    beside = [other for other in (before, after) if other.isalpha()]
    if not _is_letter(char):
        return (len(beside) == 2 and char not in _IN_WORDS) or (bool(beside) and char in _NOT_BESIDE_WORDS)
    if any(_script(other) != _script(char) for other in beside):
        return True
    is_in_capitals = before.isupper() and (after.isupper() or (second.isupper() and not after.isalpha()))
    return (char.islower() and (is_in_capitals or after.isupper())) or (char.isupper() and before.islower())


def _is_letter(char: str) -> bool:
    return char.isalpha() and char not in "ªºµ"


def _script(letter: str) -> str:
    return "LATIN" if letter.isascii() else unicodedata.name(letter, "").partition(" ")[0]


def _likelihood(text: str, encoding: str) -> float:
    """The share of letters that a language of the encoding has, meant of its best language and of all together."""
    counts = Counter(char for char in text.lower() if not char.isascii() and _is_letter(char))
    alphabets = [set(letters) for letters in _known().letters[encoding].values()]
    shares = [sum(counts[char] for char in alphabet) / max(1, counts.total()) for alphabet in alphabets]
    return (max(shares) + sum(counts[char] for char in set[str]().union(*alphabets)) / max(1, counts.total())) / 2
