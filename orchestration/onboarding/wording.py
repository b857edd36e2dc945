"""What the words of a heading or of a question's text say: roles, persons, ids, and names in codebooks of others.

The words are reviewed tables in `words/`, a row a phrase with its meaning and its language; `*` is any end of a word.
Here: finding them. Not here: what values say, what follows (proposals.py, questionnaires/review.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from orchestration.common.strict_csv import read_csv_strict
from orchestration.common.text import normalise

_WORDS = Path(__file__).with_name("words")
_COLUMNS = ("meaning", "language", "phrase")
_PERSONAL = ("says", "only")


@cache
def meanings(table: str) -> Mapping[str, str]:
    """The meaning of each phrase of a table, in the order of the file."""
    return {row["phrase"]: row["meaning"] for _, row in read_csv_strict(_WORDS / f"{table}.csv", _COLUMNS)}


@cache
def words_of(form: str, kind: str) -> Mapping[str, str]:
    """What a format of questionnaires calls things of a kind, and what each is in a codebook."""
    rows = read_csv_strict(_WORDS / "formats.csv", ("format", "kind", "word", "meaning"))
    return {row["word"]: row["meaning"] for _, row in rows if (row["format"], row["kind"]) == (form, kind)}


def phrases(table: str) -> Mapping[str, list[str]]:
    """The phrases of each meaning of a table, in the order of the file."""
    found: dict[str, list[str]] = {}
    for phrase, meaning in meanings(table).items():
        found.setdefault(meaning, []).append(phrase)
    return found


def role_likeness(heading: str, role: str) -> float:
    """How much a heading speaks of a role, 0 to 1: 1 where it is nothing but one of the role's words."""
    if role == "population" and _share(heading, "no population"):
        return 0.0
    return _share(heading, role)


def asks_for_free_text(heading: str) -> bool:
    """Whether a heading asks for words of one's own, however often the same ones come."""
    return _share(heading, "free text") > 0


def id_likeness(heading: str) -> float:
    """How much a heading speaks of an identifier, 0 to 1."""
    return _share(heading, "id word")


def says_role(text: str, role: str, languages: Collection[str]) -> bool:
    """Whether a text has a phrase of a role in one of some languages."""
    return bool(_finder("roles", (role,), frozenset(languages)).search(normalise(text)))


def personal_phrase(text: str) -> str:
    """The phrase by which a text asks for what identifies a person; empty if it has none."""
    match = _finder("personal", ("says",)).search(normalise(text))
    said = phrases("personal")["says"] if match else []
    return next((phrase.rstrip("*") for phrase in said if match and match[0].startswith(normalise(phrase))), "")


def is_personal_heading(heading: str) -> bool:
    """Whether a heading is nothing but words for what identifies a person, and such as may be."""
    plain = normalise(heading)
    return bool(_of_persons().fullmatch(plain) and _finder("personal", _PERSONAL).search(plain))


def may_name_persons(heading: str) -> bool:
    """Whether a heading is nothing but a word such as `Name`, which may be that of a person or of anything else."""
    plain = normalise(heading)
    return bool(_of_persons().fullmatch(plain) and not _finder("personal", _PERSONAL).search(plain))


def speaks_as_heading(text: str) -> bool:
    """Whether a text has a word of those that columns are headed with."""
    tables = (("roles", "roles"), ("personal", "says"), ("personal", "only"), ("personal", "may be"))
    plain = normalise(text)
    headings = {normalise(phrase) for phrase in meanings("sheet_columns")}
    return plain in headings or any(
        _finder(table, tuple(phrases(table)) if table == meaning else (meaning,)).search(plain)
        for table, meaning in tables
    )


def _share(heading: str, meaning: str) -> float:
    """The share of words that are of a meaning."""
    words, wanted = normalise(heading).split(), _finder("roles", (meaning,))
    return sum(bool(wanted.fullmatch(word)) for word in words) / len(words) if words else 0.0


@cache
def _finder(table: str, wanted: tuple[str, ...], languages: frozenset[str] = frozenset()) -> re.Pattern[str]:
    """A pattern of whole phrases as `normalise` writes them."""
    rows = [row for _, row in read_csv_strict(_WORDS / f"{table}.csv", _COLUMNS)]
    patterns = {
        normalise(row["phrase"]) + (r"\w*" if row["phrase"].endswith("*") else "")
        for row in rows
        if row["meaning"] in wanted and (not languages or row["language"] in languages)
    }
    return re.compile(rf"\b(?:{'|'.join(sorted(patterns, key=len, reverse=True))})\b")


@cache
def _of_persons() -> re.Pattern[str]:
    """A pattern of texts that are phrases and fillers alone, one phrase at least."""
    phrase, filler = (_finder("personal", kinds).pattern for kinds in ((*_PERSONAL, "may be"), ("filler",)))
    return re.compile(rf"(?:{filler} ?)*{phrase}(?: ?(?:{filler}|{phrase}))*")
