"""Reader of LimeSurvey's CSV export of responses.

The header is, as chosen at the export, a code (`q`, `q[SQ001]`, `q[SQ001][1]`, or with underscores), the text of the
question and in brackets that of its part, or both: `q[SQ001]. Text [part]`. Columns of the response itself and of the
participants stand before and after the questions. LimeSurvey writes N/A for a choice that was not shown, and the first
of January 1980 for the date of a survey that keeps none; a response without a date of submission is incomplete.

Here: what LimeSurvey's columns mean. Not here: bytes and records (delimited.py), values (common/values.py).
Facts: Writer.php, SurveyObj.php and viewHelper.php of the open-source LimeSurvey.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from orchestration.common.csv_records import Record
from orchestration.common.text import clean_label
from orchestration.common.values import is_blank
from orchestration.extracts.parts import Part
from orchestration.readers.delimited import take_file
from orchestration.readers.headings import Heading, Spelling, known_headers, match_headings, recognise
from orchestration.readers.platform_columns import columns_of
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import INCOMPLETE, Batch, Layout, RowCollector, layout_of
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook, Question

_ATTRIBUTE = re.compile(r"attribute_\d+")
_TIMING = re.compile(r"interviewtime|total time|grouptime\d+|\d+x[\dx]+\w*time|(?:group|question) time: .*")
_CODE_AND_TEXT = re.compile(r"(?P<code>[A-Za-z]\w*(?:\[[^\[\]]*\])*)(?:\s*[.:|–-]\s+(?P<text>.*))?", re.DOTALL)
_SECOND_SUB = re.compile(r"(?P<code>\w+)\[(?P<sub>\w+)\]\[(?P<scale>\d+)\]")

_NO_DATE = "1980-01-01 00:00:00"
_NOT_SHOWN = "N/A"


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read LimeSurvey exports. Raises ExtractError for a file that cannot be trusted as a whole."""
    collector = _Responses(codebook, card)
    known = known_headers(codebook, _Headers())
    for part in parts:
        layout = partial(_layout, part, codebook, collector)
        yield from take_file(part, card, collector, lambda header: recognise(_names(header), known) is not None, layout)
    yield collector.finish()


class _Responses(RowCollector):
    """Takes rows as LimeSurvey means them: without a date of submission incomplete, N/A no answer."""

    def begin(self, layout: Layout) -> None:
        """Take the rows that follow as rows of a file of this layout."""
        super().begin(layout)
        self._closed = [
            column
            for placed in layout.questions
            for column in placed.columns
            if placed.choices or not self._knows_not_shown(placed.question)
        ]

    def _knows_not_shown(self, question: Question) -> bool:
        """Whether N/A may be an answer: of a text question, or a choice of its own."""
        if question.list_name is None:
            return question.base_type == "text"
        choices = self._codebook.choices_of(question)
        return any(_NOT_SHOWN in (clean_label(choice.label), choice.source, choice.name) for choice in choices)

    def meant(self, batch: Batch) -> Batch:
        """Rows as their platform means them."""
        columns = dict(batch.columns)
        for column in self._closed:
            columns[column] = columns[column].without(_NOT_SHOWN)
        submitted = self.layout.columns.get("submitted_at")
        if submitted is None or any(submitted in placed.columns for placed in self.layout.questions):
            return replace(batch, columns=columns)
        dates = columns[submitted]
        is_open = [is_blank(date) for date in dates.distinct()]
        columns[submitted] = dates.without(_NO_DATE)
        return replace(batch, columns=columns, statuses=[INCOMPLETE if is_open[code] else None for code in dates.codes])


class _Headers(Spelling):
    """LimeSurvey's headers of a question's columns."""

    def whole(self, question: Question) -> Iterable[str]:
        """Headers of a column that holds all answers of a question."""
        yield from _variants(question.source)
        yield from super().whole(question)
        if question.matrix:
            yield f"{question.matrix} [{question.label}]"
            yield f"[{question.label}]"


def _variants(source: str) -> Iterator[str]:
    """A code as LimeSurvey's exports write it: with brackets or underscores; scales are counted from 0 and from 1."""
    yield source
    match = _SECOND_SUB.fullmatch(source)
    if match:
        scale = int(match["scale"])
        yield f"{match['code']}[{match['sub']}#{scale - 1}]"
        yield f"{match['code']}_{match['sub']}_{scale - 1}"
    else:
        yield source.replace("[", "_").replace("]", "")


def _names(header: str) -> Iterator[str]:
    """What a header may stand for: as it is, its code, its text."""
    yield header
    match = _CODE_AND_TEXT.fullmatch(clean_label(header))
    if match:
        yield match["code"]
        yield match["text"] or ""


def _layout(part: Part, codebook: Codebook, collector: RowCollector, header: Record, hint: str | None) -> Layout:
    known = known_headers(codebook, _Headers())
    headings = tuple(
        Heading(part.shown, None, header.line, column, recognise(_names(field), known) or clean_label(field))
        for column, field in enumerate(header.fields, 1)
    )
    own = own_columns(header.fields)
    asked = [heading for heading in headings if heading.text in known or heading.column - 1 not in own.values()]
    numbered = _row_numbers(headings, own, codebook)
    placed = match_headings(
        [heading for heading in asked if heading.column - 1 != numbered],
        codebook,
        if_none=hint or "export the responses with question codes as headings",
        if_missing="export all questions, with question codes as headings",
        spelling=_Headers(),
    )
    columns = {"submitted_at": own.get("submitdate"), "updated_at": own.get("datestamp")}
    columns["language"] = own.get("startlanguage")
    if codebook.with_role("response_id") is None:
        columns["response_id"] = own.get("id", None if collector.files else numbered)
    _note(collector, headings, set(own.values()) - {heading.column - 1 for heading in asked}, columns)
    known_own = columns_of("limesurvey_csv")
    personal = {column for name, column in own.items() if name in known_own.personal or _ATTRIBUTE.fullmatch(name)}
    asked_columns = {column for entry in placed for column in entry.columns}
    return layout_of(part, headings, placed, personal - asked_columns, **columns)


def own_columns(fields: Sequence[str]) -> dict[str, int]:
    """LimeSurvey's own columns, by code: those of the response before the questions, of the person beside, and timings.

    A question may have the name of one: between questions a column is one.
    """
    # The time that a question took is in a column `<code>Time`; `traveltime` is a question.
    times = {f"{code.partition('[')[0]}Time" for field in fields for code in map(clean_label, _names(field))}
    codes = [_own_code(field, times) if clean_label(field) else "" for field in fields]
    asked = [column for column, code in enumerate(codes) if code is None]
    first, last = min(asked, default=len(codes)), max(asked, default=len(codes))
    own = columns_of("limesurvey_csv")
    found: dict[str, int] = {}
    for column, code in enumerate(codes):
        is_beside = column < first or (column > last and code in own.personal)
        if code and (is_beside or code not in own.by_heading):
            found.setdefault(code, column)
    return found


def _own_code(field: str, times: Container[str]) -> str | None:
    """The code of a heading that may be LimeSurvey's own; None for any other."""
    for name in map(clean_label, _names(field)):
        code = name.casefold()
        if own := columns_of("limesurvey_csv").of(name):
            return own
        if _ATTRIBUTE.fullmatch(code) or _TIMING.fullmatch(code) or name in times:
            return code
    return None


def _row_numbers(headings: Sequence[Heading], own: Mapping[str, int], codebook: Codebook) -> int | None:
    """The first column where it has no header and nothing else tells responses apart: numbers of rows."""
    has_id = "id" in own or codebook.with_role("response_id") is not None
    return 0 if not headings[0].text and not has_id else None


def _note(
    collector: RowCollector, headings: Sequence[Heading], left_out: Iterable[int], columns: Mapping[str, int | None]
) -> None:
    used = set(columns.values())
    names = [headings[column].text for column in sorted(left_out) if column not in used]
    if names:
        collector.note(f"{headings[0].file}: not landed, LimeSurvey's own columns {', '.join(names)}")
    if "response_id" in columns and columns["response_id"] is None:
        collector.note(f"{headings[0].file}: no column id: a response is named by its row")
