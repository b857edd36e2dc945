"""Delimited text that has been opened: its encoding, its delimiter, its header.

What is not said of them is told from the bytes, and by the headers of the codebook where there is one. Here: which
delimiter parts a text. Not here: encodings (encoding.py), which bytes are a record (records.py), what becomes of a row
(readers/).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from orchestration.common.csv_records import Record, csv_records
from orchestration.common.problems import Problem
from orchestration.extracts.encoding import DAMAGE, encoding_of, head_of, utf8_blocks
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.header import IsKnown, known_n, remedy_for_rows_above, repeated_header_problem
from orchestration.extracts.kind import TEXT, require_kind
from orchestration.extracts.limits import check_columns
from orchestration.extracts.parts import Part
from orchestration.extracts.records import Text, first_record, is_blank_to_its_end
from orchestration.settings import ReadingLimits

DELIMITERS = (",", ";", "\t", "|")
EXPORT_AGAIN = "export it again and replace the file"
_RECORDS_TO_JUDGE_BY = 200
# How a sign stands in a sentence or number; a tab never does.
_AS_IN_TEXT = {",": r"\d,\d|, ", ";": "; ", "\t": "(?!)", "|": r"\| "}
# Excel's own hint, which it takes for no row; saved again, it is filled up with delimiters as rows are.
_HINT = re.compile(r"\"?sep=(?P<delimiter>[^\r\n\"])(?P=delimiter)*\"?(?:\r\n|\r|\n)", re.IGNORECASE)


@dataclass(frozen=True)
class TextForm:
    """How a text is written, as far as that is said: what is empty is detected, `language` being a hint for it."""

    encoding: str = ""
    delimiter: str = ""
    language: str = ""


@dataclass(frozen=True)
class DelimitedText:
    """An opened text: how it is written, its header, what follows, and what to do if its header is further down.

    `limits` bound what reading it may cost.
    """

    file: str
    encoding: str
    delimiter: str
    header: Record
    text: Text
    rows_above: str | None
    limits: ReadingLimits


def knows_none(_: str) -> bool:
    """Where there is no codebook, no header is known."""
    return False


def open_delimited(part: Part, said: TextForm, is_known: IsKnown = knows_none) -> DelimitedText:
    """Open a delimited text behind its header.

    Raises ExtractError for a file of another kind, one whose encoding or delimiter cannot be told, and one without
    header.
    """
    require_kind(part, TEXT, "export the responses as CSV, or set the platform of this file in round.yml")
    encoding = encoding_of(part, said.encoding, said.language, lambda head: _most_known_n(head, is_known))
    head = head_of(part, encoding)
    hint = _HINT.match(head)
    delimiter = said.delimiter or (hint["delimiter"] if hint else _delimiter_of(part, head, is_known))
    text = Text(utf8_blocks(part, encoding, marks_damage=True), part.shown, part.limits)
    if hint:
        first_record(text, delimiter)
    header = _header_of(part, text, delimiter)
    rows = [(record.line, record.fields) for record in _first_records(head, delimiter) if not record.is_blank]
    problem = repeated_header_problem(part.shown, None, rows)
    if problem is not None:
        raise ExtractError([problem])
    rows_above = remedy_for_rows_above(rows, is_known)
    return DelimitedText(part.shown, encoding, delimiter, header, text, rows_above, part.limits)


def delimiter_remedy(header: Record, delimiter: str) -> str | None:
    """What to do where a header has one field, and signs of another delimiter in it."""
    counts = {other: header.raw.count(other) for other in DELIMITERS if other != delimiter}
    best = max(counts, key=lambda other: counts[other])
    if len(header.fields) > 1 or not counts[best]:
        return None
    seen = f"the row has {counts[best]} of them and no {delimiter!r}"
    return f"write `delimiter: {best!r}` in round.yml: {seen}"


def _first_records(head: str, delimiter: str) -> Iterator[Record]:
    hint = _HINT.match(head)
    return islice(csv_records(head[hint.end() :] if hint else head, delimiter), _RECORDS_TO_JUDGE_BY)


def _first_fields(head: str, delimiter: str) -> tuple[str, ...]:
    return next((record.fields for record in _first_records(head, delimiter)), ())


def _most_known_n(head: str, is_known: IsKnown) -> int:
    return max(known_n(_first_fields(head, delimiter), is_known) for delimiter in DELIMITERS)


def _delimiter_of(part: Part, head: str, is_known: IsKnown) -> str:
    """The delimiter that makes most known headers, else the one that makes most rows alike.

    Raises ExtractError where several make as many known headers.
    """
    counts = {delimiter: known_n(_first_fields(head, delimiter), is_known) for delimiter in DELIMITERS}
    most = max(counts.values())
    best = [delimiter for delimiter in DELIMITERS if counts[delimiter] == most]
    if not most or all(len(_first_fields(head, delimiter)) == 1 for delimiter in best):
        return _most_even(part, head)
    if len({_first_fields(head, delimiter) for delimiter in best}) > 1:
        raise _several_delimiters(part, best, f"make {most} known headers each")
    return best[0]


def _several_delimiters(part: Part, found: Sequence[str], seen: str) -> ExtractError:
    reason = f"the delimiter cannot be told: {' or '.join(map(repr, found))} {seen}"
    remedy = "write `delimiter` in round.yml (--delimiter of `needs round new`)"
    return ExtractError([Problem(part.shown, reason, remedy, row=1)])


def _most_even(part: Part, head: str) -> str:
    """The delimiter by which most rows are as wide as the header, the widest first; a comma where none parts rows.

    Of several, the one that stands nowhere as it does in a sentence or number. Raises ExtractError unless one is left.
    """
    signs = [delimiter for delimiter in DELIMITERS if not _is_of_text(head, delimiter)]
    evenness = {delimiter: _evenness(_first_records(head, delimiter)) for delimiter in signs or DELIMITERS}
    most = max(evenness.values())
    best = [delimiter for delimiter, found in evenness.items() if found == most]
    if len(best) == 1 or not most[0]:
        return best[0]
    apart = [delimiter for delimiter in best if not re.search(_AS_IN_TEXT[delimiter], head)]
    if len(apart) != 1:
        raise _several_delimiters(part, best, "part the rows alike")
    return apart[0]


def _is_of_text(head: str, delimiter: str) -> bool:
    """Whether a sign belongs to the texts of one column: its header has none, and rows where sentences have it."""
    records = [record for record in _first_records(head, delimiter) if not record.is_blank]
    parted = [record for record in records[1:] if len(record.fields) > 1]
    if not parted or len(records[0].fields) > 1:
        return False
    is_table = len(parted) == len(records) - 1 and len({len(record.fields) for record in parted}) == 1
    is_in_text = all(delimiter not in re.sub(_AS_IN_TEXT[delimiter], "", record.raw) for record in parted)
    return is_in_text and not (is_table and len(parted[0].fields) > 2)


def _evenness(records: Iterable[Record]) -> tuple[bool, bool, float, int]:
    widths = [len(record.fields) for record in records if not record.is_blank]
    usual, n = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return usual > 1, bool(widths) and widths[0] == usual, round(n / max(len(widths), 1), 1), usual


def _header_of(part: Part, text: Text, delimiter: str) -> Record:
    header = first_record(text, delimiter)
    if header is None or (header.is_blank and is_blank_to_its_end(text, delimiter)):
        raise ExtractError([Problem(part.shown, "the file is empty", EXPORT_AGAIN, row=1)])
    if DAMAGE in header.raw:
        reason = "the header holds bytes that are no UTF-8, as the rest of the file is"
        raise ExtractError([Problem(part.shown, reason, "restore its characters, or export the file again", row=1)])
    if header.fault is not None or header.is_blank:
        reason = f"no header here: {header.fault or 'the row is empty'}"
        remedy = delimiter_remedy(header, delimiter) or "put the labels of the questions into the first row"
        raise ExtractError([Problem(part.shown, reason, remedy, row=header.line)])
    check_columns(part.shown, len(header.fields), part.limits)
    return header
