"""Personal data in free text: removed, and recognised in whole columns; ids that hold an address: replaced.

E-mail addresses (also as `ada (at) city (dot) eu`), telephone numbers, bank accounts, card numbers, national id numbers
and dates of birth are found by their form, and where they have check digits by these too. A telephone number is taken
for one in its international form; in its national form only where countries are known, and only if it begins with 0 or
a bracket or stands behind a word for telephone: in several countries nothing else tells a number from a population or a
budget. Numbers of a country are looked for where that country is known, or where their form is like no other.

Here: what counts as one; the words and forms themselves are in personal.yml and personal_numbers.csv. Not here: columns
that the codebook marks as personal. What is not found: names, addresses of streets, what only a reader understands
(docs/methods/personal-data.md).
"""

from __future__ import annotations

import csv
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, Literal, cast, get_args

import yaml

Kind = Literal["e-mail", "telephone number", "bank account", "card number", "national id number", "birth date"]
EMAIL: Kind = "e-mail"
TELEPHONE: Kind = "telephone number"
BIRTH_DATE: Kind = "birth date"

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
# Lengths as RFC 5321 and 1035 allow, letters of any script as RFC 6531 does.
_EMAIL = re.compile(
    rf"(?<![\w.+-])\w[\w.!#$%&'*+/=?^`{{|}}~-]{{0,63}}@"
    rf"(?:{_LABEL}\.){{1,8}}(?:xn--[a-z0-9-]{{2,59}}|[^\W\d_]{{2,63}})",
    re.IGNORECASE,
)
_BETWEEN_DIGITS = r"[ \t().\-\N{EN DASH}/]{0,4}"
# At least seven digits; no end of a decimal, no amount of money, no part of a word.
_DIGITS = re.compile(rf"(?<![\w.,\-$€£])[+(]{{0,2}}\d(?:{_BETWEEN_DIGITS}\d){{6,}}(?![\w%])")
_TRUNK_OR_AREA = re.compile(r"\(?0|\(\d{2,5}\)")
_DIALLED_FROM_ABROAD = re.compile(r"^\(?00(?=[1-9])")
# A date, two postcodes, a number of a year.
_NO_TELEPHONE = re.compile(r"\d{1,2}\W{1,2}\d{1,2}\W{1,2}\d{2,4}|\d{5}\W{1,3}\d{5}|.+/(?:19|20)\d\d")
_GROUPS_WITH_POINTS = re.compile(r"\(?\d{1,4}\)?(?:\.\d{2,4})+")
_LONGEST_WORD_BEFORE = 30
# Other forms of what ASCII has, one for one: full-width letters and signs, spaces, hyphens.
_PLAIN = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{IDEOGRAPHIC SPACE}"), " "),
    **dict.fromkeys(map(ord, "\N{HYPHEN}\N{NON-BREAKING HYPHEN}"), "-"),
}
# Signs that nobody sees, as word processors and web pages leave them within words; and signs as markup and addresses
# write them.
_UNSEEN = "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}\ufeff"
_WRITTEN = {"@": r"&#0*64;|&#x0*40;|&commat;|%40", ".": r"&#0*46;|&#x0*2e;|&period;", " ": r"&#0*160;|&#xa0;|&nbsp;"}
_WRITTEN_OTHERWISE = re.compile(
    "|".join([f"(?P<unseen>[{_UNSEEN}])", *(f"({forms})" for forms in _WRITTEN.values())]), re.IGNORECASE
)
_WRITTEN_OTHERWISE_IN_RE2 = rf"(?i:[\x{{ad}}\x{{200b}}-\x{{200d}}\x{{2060}}\x{{feff}}]|{'|'.join(_WRITTEN.values())})"
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
# How `_` of a shape is read: an optional sign between groups of a number.
_BETWEEN_GROUPS = r"[ .\-/\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}]?"
_GROUPS_IN_RE2 = r"[ .\-/\x{2012}\x{2013}\x{2212}\x{a0}\x{202f}\x{2009}\x{3000}\x{2010}\x{2011}]?"
_DATE = (
    r"\d{1,2}\s?[./\- ]\s?\d{1,2}\s?[./\- ]\s?(?:19|20)?\d{2}|(?:19|20)\d{2}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?\d{1,2}"
    r"|\d{1,2}(?:st|nd|rd|th|[.ºª°])?\s+(?:(?:de|of)\s+)?[^\W\d_]{3,14}\.?,?\s+(?:(?:de|of)\s+)?(?:19|20)\d{2}"
    r"|[^\W\d_]{3,14}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d{2}"
)
# In the syntax of RE2: what an id matches that holds an e-mail address; seven digits.
MAY_HOLD_EMAIL = rf"[@\x{{ff20}}]|(?i:{_WRITTEN['@']})"
_SEVEN = r"\p{Nd}(?:[ \t\x{a0}().\-\x{2010}\x{2011}\x{2013}/]{0,4}\p{Nd}){6}"


@dataclass(frozen=True)
class _Number:
    """A kind of number: its form, how its check digits are read, and the words that have to stand before it."""

    country: str
    kind: Kind
    shape: str
    check: str
    words_before: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        before = rf"\b(?:{self.words_before})\W{{0,3}}(?:(?:no|nr|n°|number)\W{{0,3}})?" if self.words_before else ""
        shape = self.shape.replace("_", _BETWEEN_GROUPS)
        return re.compile(rf"(?<![\w.,€$£+]){before}(?P<number>{shape})(?![\w%]|[.,]\d)", re.IGNORECASE)

    @cached_property
    def is_valid(self) -> Callable[[str], bool]:
        if not self.check:
            return lambda _: True
        module = import_module(f"stdnum.{self.check}")
        if self.kind != "card number":
            return lambda text: bool(module.is_valid(text))
        return lambda text: bool(module.is_valid(re.sub(r"\D", "", text)))

    def spans(self, text: str) -> Iterator[tuple[int, int, Kind]]:
        """Where such numbers stand."""
        for match in self.pattern.finditer(text):
            if self.is_valid(match["number"].upper()):
                yield match.start("number"), match.end("number"), self.kind


@cache
def _all_numbers() -> Sequence[_Number]:
    path = Path(__file__).with_name("personal_numbers.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        _Number(row["country_code"], cast(Kind, row["kind"]), row["shape"], row["check"], row["words_before"])
        for row in rows
    ]


@cache
def _numbers_of(country: str) -> Sequence[_Number]:
    """The numbers of a country, by its ISO 3166-1 alpha-2 code; of no country, those that are looked for anywhere."""
    return [number for number in _all_numbers() if number.country == country]


@cache
def _words() -> Mapping[str, Any]:
    """What personal.yml says."""
    words: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("personal.yml").read_text(encoding="utf-8"))
    return words


def _any_of(name: str) -> str:
    return "|".join(re.escape(word) for word in sorted(_words()[name], key=len, reverse=True))


@cache
def _spelt_email() -> re.Pattern[str]:
    """`ada (at) city.eu`, `ada[at]city[dot]eu`, `ada(a)city.eu`, `ada @ city.eu`, `ada at city dot eu`."""
    name, dot = r"(?<![\w.+-])\w[\w.+-]{0,63}", rf"(?:\.|\s?[(\[{{<]\s?(?:{_any_of('dot')}|\.)\s?[)\]}}>]\s?)"
    at = rf"(?:\s?[(\[{{<]\s?(?:{_any_of('at')}|@)\s?[)\]}}>]\s?|[(\[{{<]a[)\]}}>]| @ ?|@ )"
    end = r"[^\W\d_]{2,63}(?![\w-])"
    spelt = rf"\s(?:{_any_of('at')})\s(?:{_LABEL}\s(?:{_any_of('dot')})\s){{1,4}}(?:{_any_of('spelt_domains')})(?!\w)"
    return re.compile(rf"{name}(?:{at}(?:{_LABEL}{dot}){{1,8}}{end}|{spelt})", re.IGNORECASE)


@cache
def _birth_date() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any_of('birth')})\.?\s?[:=*]?\s?(?P<date>{_DATE})(?![\w])", re.IGNORECASE)


@cache
def _word_for_telephone() -> re.Pattern[str]:
    """A word or sign for telephone at the end of a text; an asterisk stands for the rest of a word."""
    words = _any_of("telephone").replace(r"\*", r"\w*")
    number = r"(?:(?:no|nr|n°|n\.º|number)[\s.:]*)?"
    return re.compile(rf"(?:(?<!\w)(?:{words})|☎|📞|📱)[\s.:]*{number}\(?$", re.IGNORECASE)


@cache
def may_be_personal() -> str:
    """In the syntax of RE2, what each text matches from which something may be removed: a first look at many texts."""
    numbers = _all_numbers()
    shapes = [number.shape.replace("_", _GROUPS_IN_RE2) for number in numbers if not number.words_before]
    worded = [number.words_before for number in numbers if number.words_before]
    return "|".join(
        (
            rf"(?s){MAY_HOLD_EMAIL}|{_WRITTEN_OTHERWISE_IN_RE2}|[\x{{ff01}}-\x{{ff5e}}]|[^\P{{Nd}}0-9]",
            rf"[+(][+(]?{_SEVEN}|(?:^|\P{{Nd}})0{_SEVEN[6:]}|[\p{{L}}\x{{260e}}\x{{1f4de}}\x{{1f4f1}}].*{_SEVEN}",
            rf"(?i:[(\[{{<]\s?(?:{_any_of('at')}|a)\s?[)\]}}>]|\s(?:{_any_of('at')})\s.*\s(?:{_any_of('dot')})\s)",
            rf"(?i:(?:{_any_of('birth')}|{'|'.join(worded)}).*\p{{Nd}})",
            rf"(?i:(?:^|[^\pL\pN])(?:{'|'.join(shapes)})(?:$|[^\pL\pN]))",
        )
    )


# Hides what has been found: it is no part of a word, a number or an address.
_HIDDEN = "\0"
_TELEPHONE_CELL = re.compile(rf"\(?[+0](?:{_BETWEEN_DIGITS}\d){{8,14}}")


def remove_personal(text: str, regions: Iterable[str] = ()) -> tuple[str, tuple[Kind, ...]]:
    """The text with each find replaced by what it was, in brackets, and the kinds found, each once.

    `regions` are ISO 3166-1 alpha-2 codes of the countries whose national numbers may be meant.
    """
    others = _words()["countries"]
    codes = dict.fromkeys(others.get(region.upper(), region.upper()) for region in regions)
    plain, places = _readable(text)
    spans = sorted((places[start], places[end - 1] + 1, kind) for start, end, kind in _found(plain, tuple(codes)))
    found = {kind for *_, kind in spans}
    clean = _with(text, [(start, end, placeholder(kind)) for start, end, kind in spans])
    return clean, tuple(kind for kind in get_args(Kind) if kind in found)


def _plain(text: str) -> str:
    """A text of the same length in which digits, full-width signs, spaces and hyphens are those of ASCII."""
    if text.isascii():
        return text
    return _OTHER_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text.translate(_PLAIN))


def _readable(text: str) -> tuple[str, Sequence[int]]:
    """A text as it is read, and where each of its signs stands in it as it is written: of several, the last one."""
    if not _WRITTEN_OTHERWISE.search(text):
        return _plain(text), range(len(text))
    signs: list[str] = []
    places: list[int] = []
    end = 0
    for match in _WRITTEN_OTHERWISE.finditer(text):
        signs.append(text[end : match.start()])
        places += range(end, match.start())
        if match.lastgroup != "unseen":
            signs.append([*_WRITTEN][(match.lastindex or 0) - 2])
            places.append(match.end() - 1)
        end = match.end()
    return _plain("".join([*signs, text[end:]])), [*places, *range(end, len(text))]


def _found(text: str, regions: Sequence[str]) -> Iterator[tuple[int, int, Kind]]:
    """What stands where; whatever has been found is hidden from the next search."""
    for search in (_emails, _numbers_with_checks, _birth_dates, _telephones):
        spans = _without_overlaps(sorted(search(text, regions)))
        yield from spans
        text = _with(text, [(start, end, f"[{_HIDDEN * (end - start - 2)}]") for start, end, _ in spans])


def _without_overlaps(spans: Sequence[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    kept: list[tuple[int, int, Kind]] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _with(text: str, pieces: Sequence[tuple[int, int, str]]) -> str:
    """A text with other pieces in some places, which are in order."""
    ends = [0, *(end for _, end, _ in pieces)]
    starts = [*(start for start, _, _ in pieces), len(text)]
    between = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    return "".join(chain.from_iterable(zip(between, [*(piece for *_, piece in pieces), ""], strict=True)))


def _emails(text: str, _: Sequence[str]) -> Iterator[tuple[int, int, Kind]]:
    lower = text.casefold()
    may_be_spelt = any(sign in text for sign in "([{<@") or any(f" {word} " in lower for word in _words()["at"])
    for pattern in (*([_EMAIL] if "@" in text else []), *([_spelt_email()] if may_be_spelt else [])):
        for match in pattern.finditer(text):
            yield match.start(), match.end(), EMAIL


def _numbers_with_checks(text: str, regions: Sequence[str]) -> Iterator[tuple[int, int, Kind]]:
    for country in ("", *regions):
        for number in _numbers_of(country):
            yield from number.spans(text)


def _birth_dates(text: str, _: Sequence[str]) -> Iterator[tuple[int, int, Kind]]:
    lower = text.casefold()
    is_told = any(word in lower for word in _words()["birth"])
    for match in _birth_date().finditer(text) if is_told else ():
        yield match.start("date"), match.end("date"), BIRTH_DATE


def placeholder(kind: Kind) -> str:
    """What stands in the place of a find."""
    return f"[{kind} removed]"


# What a text shows where something was removed.
REMOVED = re.compile("|".join(re.escape(placeholder(kind)) for kind in get_args(Kind)))


def pseudonym(identifier: str, secret: str) -> str:
    """A name in the place of an identifier: the same for the same one and secret, however it is capitalised.

    Without the secret no identifier can be tried against it (HMAC, RFC 2104).
    """
    said = identifier.strip().casefold().encode()
    return f"person-{hmac.digest(secret.encode(), said, 'sha256').hex()[:16]}"


def former_pseudonym(identifier: str) -> str:
    """The name that an identifier had before names hung on a secret: what was written with it is found by it."""
    return f"person-{sha256(identifier.strip().casefold().encode()).hexdigest()[:16]}"


def holds_email(identifier: str) -> bool:
    """Whether an identifier tells an e-mail address, so that a pseudonym has to stand for it."""
    return _EMAIL.search(_readable(identifier)[0]) is not None


def is_personal_column(values: Iterable[object]) -> Kind | None:
    """What more than half of the non-empty values of a column are, if it is personal."""
    texts = [text for text in (str(value).strip() for value in values if value is not None) if text]
    if sum(_EMAIL.fullmatch(text.removeprefix("mailto:")) is not None for text in texts) * 2 > len(texts):
        return EMAIL
    return TELEPHONE if sum(map(_is_telephone, texts)) * 2 > len(texts) else None


def _is_telephone(text: str) -> bool:
    """Whether a cell looks like a telephone number of any country: it begins as one and is not padded."""
    return bool(_TELEPHONE_CELL.fullmatch(text)) and not _NO_TELEPHONE.fullmatch(text) and not text.startswith("000")


def _telephones(text: str, regions: Sequence[str]) -> Iterator[tuple[int, int, Kind]]:
    """Where telephone numbers stand, in order."""
    for run in _DIGITS.finditer(text):
        digits = _DIALLED_FROM_ABROAD.sub("+", run[0])
        offset = run.end() - len(digits)
        national = regions if _may_be_national(text, run.start(), digits) else ()
        tried: Sequence[str | None] = national or ([None] if "+" in digits else [])
        spans = {span for region in tried for span in _numbers(digits, region)}
        for first, last in _apart(spans):
            yield run.start() if first == 0 else offset + first, offset + last, TELEPHONE


def _apart(spans: Iterable[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Spans that overlap, as numbers of two countries may, as one."""
    apart: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if apart and first < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], last))
        else:
            apart.append((first, last))
    return apart


def _may_be_national(text: str, start: int, digits: str) -> bool:
    before = text[max(0, start - _LONGEST_WORD_BEFORE) : start]
    return _TRUNK_OR_AREA.match(digits) is not None or _word_for_telephone().search(before) is not None


def _numbers(digits: str, region: str | None) -> Iterator[tuple[int, int]]:
    """Where valid numbers stand in a run of digits; national ones only with a region."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    for match in PhoneNumberMatcher(digits, region, leniency=Leniency.VALID, max_tries=len(digits)):
        if match.raw_string[0] == "+" or not _is_other_number(match.raw_string, digits[: match.start]):
            yield match.start, match.end


def _is_other_number(raw: str, before: str) -> bool:
    is_decimal = before.endswith(".") or ("." in raw and not _GROUPS_WITH_POINTS.fullmatch(raw))
    return is_decimal or _NO_TELEPHONE.fullmatch(raw) is not None
