"""What an independent detector makes of a text whose encoding was told from its letters.

The reader knows the encodings of Europe's Windows and Mac alone (extracts/encoding.py): text in another one may pass as
one of these. Here: a remark where charset-normalizer reads other letters. Not here: detection, which is the reader's.
"""

from __future__ import annotations

import unicodedata
from itertools import islice
from typing import TYPE_CHECKING

from orchestration.common.values import quote

if TYPE_CHECKING:
    from orchestration.extracts.parts import Part

_LINES, _BYTES = 2_000, 1 << 16
_SHOWN = 40


def other_reading(part: Part, encoding: str) -> str:
    """A remark where a text may be in another encoding than the detected one; empty where both agree.

    Both agree where the letters that the encoding gives are among those that the detector takes for possible; of one
    script other than Latin, they have to be its first choice. A reading with signs in the place of letters is none.
    """
    import charset_normalizer

    if encoding.startswith("utf"):
        return ""
    with part.open() as file:
        sample = b"".join(islice((line for line in file if not line.isascii()), _LINES))[:_BYTES]
    ours = sample.decode(encoding, "replace")
    matches = charset_normalizer.from_bytes(sample)
    best = matches.best()
    if best is None or str(best) == ours:
        return ""
    theirs = str(best)
    is_latin = _scripts(ours) == {"LATIN"}
    is_of_one_script = _scripts(ours) == _scripts(theirs)
    if any(str(match) == ours for match in matches) and (is_latin or not is_of_one_script):
        return ""
    if len(theirs) == len(ours) and sum(map(str.isalpha, theirs)) < sum(map(str.isalpha, ours)):
        return ""
    other = best.encoding.replace("_", "-")
    lines = zip(ours.split("\n"), theirs.split("\n"), strict=False)
    read, would_be = next((_shown(line), _shown(other_line)) for line, other_line in lines if line != other_line)
    remedy = f"if that looks right, run the command again with --encoding {other}"
    return f"read as {encoding}: {read}; a second opinion is {other}: {would_be}: {remedy}"


def _shown(line: str) -> str:
    """The part of a line that has letters beyond ASCII."""
    at = next((at for at, char in enumerate(line) if not char.isascii()), 0)
    start = line.rfind(" ", 0, at) + 1 if at else 0
    return quote(line[max(start, at - _SHOWN) :][:_SHOWN])


def _scripts(text: str) -> set[str]:
    """The scripts of the letters beyond ASCII."""
    return {unicodedata.name(char, "").partition(" ")[0] for char in set(text) if char.isalpha() and not char.isascii()}
