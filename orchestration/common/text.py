"""Texts of extracts made comparable and clean.

Here: how a header or label is compared, how free text is cleaned. Not here: what a text means (codebook.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

# Nobody writes control characters from U+0080 on: they are signs of cp1252 that was taken for Latin-1. Five are none.
_LOST_SIGNS = {chr(byte): bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)}
_IN_LABELS = {
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff")),
    **{ord(control): unicodedata.normalize("NFKC", sign) for control, sign in _LOST_SIGNS.items() if sign},
}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NO_LETTERS = re.compile(r"(?:[^\w\n]|_)+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# A text that says something and is clean as it is, in the syntax of RE2: it has no entity and no control character, and
# a letter, a digit or a sign of ASCII at either end. Others may be clean too.
_END = r"[\p{L}\p{N}!-%'-/:-@\[-`{-~]"
CLEAN_TEXT = rf"^{_END}(?:[^&\x00-\x08\x0b-\x1f\x7f-\x{{9f}}]*{_END})?$"


def unescape_entities(text: str) -> str:
    """Text with its XML entities replaced; an ampersand without a closing semicolon stays as it is."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def clean_label(text: str) -> str:
    """Headers and labels as they are compared: one normal form, no zero-width characters, single spaces."""
    text = unicodedata.normalize("NFKC", unescape_entities(text)).translate(_IN_LABELS)
    return " ".join(text.split())


def clean_text(text: str) -> str:
    """Free text as it is landed: entities replaced, control characters removed, trimmed; line breaks stay.

    Of control characters from U+0080 on, signs of cp1252 are put in their place, and those that stand for none stay.
    """
    text = unescape_entities(text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(_sign_of, text).strip().strip("\u200b\ufeff").strip()


def lost_signs(text: str) -> dict[str, str]:
    """The signs of cp1252 by the control characters of a text that stand for them; empty for those that do for none."""
    return {control: _LOST_SIGNS[control] for control in set(text) & _LOST_SIGNS.keys()}


def _sign_of(control: re.Match[str]) -> str:
    return _LOST_SIGNS.get(control[0], "") or (control[0] if control[0] in _LOST_SIGNS else "")


def normalise(name: str) -> str:
    """Name without accents, case, punctuation and doubled spaces."""
    return normalise_all([name])[0]


def normalise_all(names: Sequence[str]) -> list[str]:
    """Each name as `normalise` gives it, all at once: a gazetteer has a million."""
    if not names:
        return []
    decomposed = unicodedata.normalize("NFKD", "\n".join(name.replace("\n", " ") for name in names))
    accents = {ord(letter): None for letter in set(decomposed) if unicodedata.combining(letter)}
    plain = _NO_LETTERS.sub(" ", decomposed.translate(accents).casefold())
    return [line.strip() for line in plain.split("\n")]
