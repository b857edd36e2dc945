"""E-mail addresses and telephone numbers: removed from free text, recognised in whole columns.

Here: what counts as one. A telephone number is taken for one in its international form; in its national form only where
the country is known, and only if it begins with 0 or a bracket or stands behind a word for telephone: in several
countries nothing else tells a number from a population or a budget. Not here: columns that the codebook marks as
personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal

Kind = Literal["e-mail", "telephone number"]
EMAIL: Kind = "e-mail"
TELEPHONE: Kind = "telephone number"

_AT = "@\N{FULLWIDTH COMMERCIAL AT}"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
# Lengths as RFC 5321 and 1035 allow, letters of any script as RFC 6531 does.
_EMAIL = re.compile(
    rf"(?<![\w.+-])\w[\w.!#$%&'*+/=?^`{{|}}~-]{{0,63}}[{_AT}]"
    rf"(?:{_LABEL}\.){{1,8}}(?:xn--[a-z0-9-]{{2,59}}|[^\W\d_]{{2,63}})",
    re.IGNORECASE,
)
_BETWEEN_DIGITS = r"[ \t\N{NO-BREAK SPACE}().\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}/]{0,4}"
_PLUS = "+\N{FULLWIDTH PLUS SIGN}"
# At least seven digits; no end of a decimal, no amount of money, no part of a word.
_DIGITS = re.compile(rf"(?<![\w.,\-$€£])[{_PLUS}(]{{0,2}}\d(?:{_BETWEEN_DIGITS}\d){{6,}}(?![\w%])")
_TRUNK_OR_AREA = re.compile(r"\(?0|\(\d{2,5}\)")
_DIALLED_FROM_ABROAD = re.compile(r"^\(?00(?=[1-9])")
# A date, two postcodes, a number of a year.
_NO_TELEPHONE = re.compile(r"\d{1,2}\W{1,2}\d{1,2}\W{1,2}\d{2,4}|\d{5}\W{1,3}\d{5}|.+/(?:19|20)\d\d")
_GROUPS_WITH_POINTS = re.compile(r"\(?\d{1,4}\)?(?:\.\d{2,4})+")
_WORD_BEFORE = re.compile(
    r"(?:\b(?:t[eé]l|t[eé]l[eé](?:f|ph)\w*|phone|fax|gsm|mob|mobiel|mobile?|handy|tlf|cell|cellulare|puh|τηλ\w*|тел\w*)"
    r"|☎|📞)[\s.:]*(?:(?:no|nr|n°|number)[\s.:]*)?\(?$",
    re.IGNORECASE,
)
_LONGEST_WORD_BEFORE = 30
# For a first look at many texts, in the syntax of RE2: they match every text that holds an address, or from which
# something may be removed: seven digits behind a plus sign, a 0, a bracket or any letter or sign for telephone.
MAY_HOLD_EMAIL = r"[@\x{ff20}]"
_SEVEN = r"\p{Nd}(?:[ \t\x{a0}().\-\x{2010}\x{2011}\x{2013}/]{0,4}\p{Nd}){6}"
MAY_BE_PERSONAL = (
    rf"(?s){MAY_HOLD_EMAIL}|[+\x{{ff0b}}(][+\x{{ff0b}}(]?{_SEVEN}|(?:^|\P{{Nd}})0"
    rf"{_SEVEN[6:]}|[\p{{L}}\x{{260e}}\x{{1f4de}}].*{_SEVEN}"
)
_TELEPHONE_CELL = re.compile(rf"\(?[{_PLUS}0](?:{_BETWEEN_DIGITS}\d){{8,14}}")


def remove_personal(text: str, region: str | None = None) -> tuple[str, tuple[Kind, ...]]:
    """The text with each find replaced by what it was, in brackets, and the kinds found, each once.

    `region` is the ISO 3166-1 alpha-2 code of the country whose national numbers may be meant.
    """
    kinds: list[Kind] = []
    if any(sign in text for sign in _AT):
        text, found_n = _EMAIL.subn(placeholder(EMAIL), text)
        kinds += [EMAIL] * bool(found_n)
    spans = list(_telephones(text, region))
    for start, end in reversed(spans):
        text = f"{text[:start]}{placeholder(TELEPHONE)}{text[end:]}"
    return text, (*kinds, *[TELEPHONE] * bool(spans))


def placeholder(kind: Kind) -> str:
    """What stands in the place of a find."""
    return f"[{kind} removed]"


# What a text shows where something was removed.
REMOVED = re.compile("|".join(re.escape(placeholder(kind)) for kind in (EMAIL, TELEPHONE)))


def pseudonym(identifier: str) -> str:
    """An identifier, or where it holds an e-mail address a name that is the same for the same address."""
    if not _EMAIL.search(identifier):
        return identifier
    return f"person-{sha256(identifier.strip().casefold().encode()).hexdigest()[:16]}"


def is_personal_column(values: Iterable[object]) -> Kind | None:
    """What more than half of the non-empty values of a column are, if it is personal."""
    texts = [text for text in (str(value).strip() for value in values if value is not None) if text]
    if sum(_EMAIL.fullmatch(text.removeprefix("mailto:")) is not None for text in texts) * 2 > len(texts):
        return EMAIL
    return TELEPHONE if sum(map(_is_telephone, texts)) * 2 > len(texts) else None


def _is_telephone(text: str) -> bool:
    """Whether a cell looks like a telephone number of any country: it begins as one and is not padded."""
    return bool(_TELEPHONE_CELL.fullmatch(text)) and not _NO_TELEPHONE.fullmatch(text) and not text.startswith("000")


def _telephones(text: str, region: str | None) -> Iterator[tuple[int, int]]:
    """Where telephone numbers stand, in order."""
    for run in _DIGITS.finditer(text):
        digits = _DIALLED_FROM_ABROAD.sub("+", run[0])
        offset = run.end() - len(digits)
        is_national = region is not None and _may_be_national(text, run.start(), digits)
        if is_national or any(sign in digits for sign in _PLUS):
            for first, last in _numbers(digits, region if is_national else None):
                yield run.start() if first == 0 else offset + first, offset + last


def _may_be_national(text: str, start: int, digits: str) -> bool:
    before = text[max(0, start - _LONGEST_WORD_BEFORE) : start]
    return _TRUNK_OR_AREA.match(digits) is not None or _WORD_BEFORE.search(before) is not None


def _numbers(digits: str, region: str | None) -> Iterator[tuple[int, int]]:
    """Where valid numbers stand in a run of digits; national ones only with a region."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for match in PhoneNumberMatcher(digits, region, leniency=Leniency.VALID, max_tries=len(digits)):
        if match.raw_string[0] in _PLUS or not _is_other_number(match.raw_string, digits[: match.start]):
            yield match.start, match.end


def _is_other_number(raw: str, before: str) -> bool:
    is_decimal = before.endswith(".") or ("." in raw and not _GROUPS_WITH_POINTS.fullmatch(raw))
    return is_decimal or _NO_TELEPHONE.fullmatch(raw) is not None
