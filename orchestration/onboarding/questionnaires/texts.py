"""Texts of questionnaires: HTML made plain, codes made of labels, languages by their code.

Here: text in, text out. Not here: how texts are compared with those of an extract (common/text.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping

from orchestration.onboarding.wording import meanings

_MAX_CODE = 40
_SPOKEN = {"&": " and ", "+": " plus ", "#": " sharp ", "%": " percent ", "€": " eur ", "ß": "ss"}
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")

Texts = Mapping[str, str]


def _words(text: str) -> str:
    for sign, word in _SPOKEN.items():
        text = text.replace(sign, word)
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", ascii_text.replace("'", "")).strip("_")


def code_of_label(label: str) -> str:
    """A short code in lower case that says what a label says; empty where no letter of it is Latin."""
    code = _words(label).lower()
    if len(code) <= _MAX_CODE:
        return code
    return code[: _MAX_CODE + 1].rpartition("_")[0] or code[:_MAX_CODE]


def valid_code(text: str) -> str:
    """A platform's code as a codebook can have it: letters, digits and `_`; empty where nothing is left."""
    if re.fullmatch(r"[A-Za-z0-9_]+", text):
        return text
    return _words(text)


def valid_name(text: str) -> str:
    """A code that can name a question or a list: as valid_code, with no digit in front."""
    code = valid_code(text)
    return f"q{code}" if code[:1].isdigit() else code


def distinct(wanted: str, taken: Container[str]) -> str:
    """The wanted code, or with _2, _3 ... the first that is not taken."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}_{number}" in taken:
        number += 1
    return f"{wanted}_{number}"


def language_code(text: str) -> str:
    """The code of a language as platforms write it (`English (en)`, `French`, `pt-BR`); empty if it is not known."""
    in_brackets = re.search(r"\(\s*([A-Za-z]{2,3})(?:[-_][^)]*)?\)\s*$", text)
    if in_brackets:
        return in_brackets[1].lower()
    name = text.strip().lower()
    first = re.split(r"[-_]", name)[0]
    return meanings("languages").get(name) or (first if _LANGUAGE_CODE.fullmatch(first) else "")
