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
# Few texts of today are in it, and its letters are those of others in other places.
_OF_OLD = ("mac-roman",)


def other_reading(part: Part, encoding: str) -> str:
    """A remark where a text may be in another encoding than the detected one; empty where nothing says so.

    Both agree where the letters that the encoding gives are among those that the detector takes for possible; of one
    script other than Latin, they have to be its first choice. A reading with signs in the place of letters is none.
    """
    if encoding.startswith("utf"):
        return ""
    with part.open() as file:
        sample = b"".join(islice((line for line in file if not line.isascii()), _LINES))[:_BYTES]
    ours = sample.decode(encoding, "replace")
    other, theirs = _second_opinion(sample, ours)
    lines = zip(ours.split("\n"), theirs.split("\n"), strict=False)
    read, would_be = next(((_shown(line), _shown(same)) for line, same in lines if line != same), (_shown(ours), ""))
    if other:
        remedy = f"if that looks right, run the command again with --encoding {other}"
        return f"read as {encoding}: {read}; a second opinion is {other}: {would_be}: {remedy}"
    remedy = "if its accents are wrong, run the command again with --encoding"
    return f"read as {encoding}, for which other old encodings pass: {read}: {remedy}" if encoding in _OF_OLD else ""


def _second_opinion(sample: bytes, ours: str) -> tuple[str, str]:
    """The encoding that the detector prefers, and the text by it; empty where ours is as possible."""
    import charset_normalizer

    matches = charset_normalizer.from_bytes(sample)
    best = matches.best()
    theirs = "" if best is None else str(best)
    is_of_one_script = _scripts(ours) == _scripts(theirs) != {"LATIN"}
    is_possible = any(str(match) == ours for match in matches) and not is_of_one_script
    is_worse = len(theirs) == len(ours) and sum(map(str.isalpha, theirs)) < sum(map(str.isalpha, ours))
    if best is None or theirs == ours or is_possible or is_worse:
        return "", ""
    return best.encoding.replace("_", "-"), theirs


def _shown(line: str) -> str:
    """The part of a line that has letters beyond ASCII."""
    at = next((at for at, char in enumerate(line) if not char.isascii()), 0)
    start = line.rfind(" ", 0, at) + 1 if at else 0
    return quote(line[max(start, at - _SHOWN) :][:_SHOWN])


def _scripts(text: str) -> set[str]:
    """The scripts of the letters beyond ASCII."""
    return {unicodedata.name(char, "").partition(" ")[0] for char in set(text) if char.isalpha() and not char.isascii()}
