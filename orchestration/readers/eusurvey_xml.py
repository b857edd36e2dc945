"""Reader of EUSurvey's XML export, the one to be preferred: questions and answers have ids that last.

`Results/Survey` holds one `Elements` a language: questions, their answers and the parts of matrices, tables and ratings
follow each other, each with its id. `Results/Answers` holds an `AnswerSet` a contribution. An `Answer` of it names its
question (`qid`) and the answer chosen (`aid`) or says a text; a multiple choice has several; in a table, `qid` is the
row and `aid` the column. E-mail address, login and invitation of the respondent are attributes that are not read.
The format does not mark contributions of a test: EUSurvey keeps and exports those with the draft of the survey.

`source_row` of a landed answer is the number of the contribution in the file, `source_column` that of the question.
Here: XML → cells. Not here: values (common/values.py), which column is which question (headings.py).
Facts: XmlExportCreator.java and ReportingServiceImpl.java of the open-source EUSurvey.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from orchestration.common.html_text import plain
from orchestration.common.problems import Problem
from orchestration.common.text import clean_label
from orchestration.common.values import Cell
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.kind import kind_of
from orchestration.extracts.limits import beyond, check_cells, check_columns, check_tag
from orchestration.extracts.parts import Part
from orchestration.readers.headings import Heading, Placed, Spelling, known_headers, match_headings, recognise
from orchestration.readers.result import ReadResult
from orchestration.readers.rows import Layout, RowCollector, layout_of
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook, Question

_BLOCK = 1 << 16
# Fewer contributions wait for those that follow, and less text.
_CONTRIBUTIONS_A_CHUNK = 2_000
_TEXT_A_CHUNK = 1 << 26
# No export of the platform is deeper, nor has so many elements a question.
_MOST_DEPTH = 100
_ELEMENTS_A_QUESTION = 20
_ATTRIBUTES = ("id", "create", "last", "lang")

_ROWS = {"MatrixQuestion": "MatrixTitle", "TableQuestion": "TableTitle", "Cell": "ComplexTableTitle"}
_QUESTIONS = ("Question", "MatrixQuestion", "RatingQuestion", "TableQuestion", "Cell")
_NEVER_ANSWERED = ("Line", "Confirmation", "File Download", "Empty", "StaticText")
# Landed only if the codebook asks for them: names of files, calculated fields.
_OPTIONAL = ("File Upload", "Formula")
_WITHOUT_ID = "(an answer without id)"

_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe \t\r\n"
_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
_EXPONENT = re.compile(r"-?\d+(?:\.\d+)?E-?\d+")

_EXPORT_AGAIN = "export the results from EUSurvey again as XML, and do not edit the file"


def read(parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
    """Read EUSurvey's XML exports, contribution by contribution. Raises ExtractError for a file not to be trusted."""
    collector = RowCollector(codebook, card)
    for part in parts:
        yield from _read_part(part, codebook, collector)
    yield collector.finish()


def _read_part(part: Part, codebook: Codebook, collector: RowCollector) -> Iterator[ReadResult]:
    content = _Content(part)
    survey: _Survey | None = None
    flushed_size = 0
    for number, contribution in enumerate(_contributions(part, content), 1):
        if survey is None:
            survey = _Survey(part, content, codebook, collector)
            collector.begin(survey.layout)
        _check_id(part, contribution, number)
        collector.take(number, survey.cells(contribution, number))
        if number % _CONTRIBUTIONS_A_CHUNK == 0 or content.size - flushed_size >= _TEXT_A_CHUNK:
            check_cells(part.shown, number * len(survey.layout.headings), part.size, part.limits)
            flushed_size = content.size
            yield collector.flush()
    if content.is_explained:
        collector.note(f"{part.shown}: not landed, explanations and discussions of a Delphi survey")
    if survey is None:
        reason = (
            "the file has a form, but no contribution" if content.elements else "the file has no form and no answer"
        )
        raise ExtractError([Problem(part.shown, reason, _EXPORT_AGAIN)])
    yield collector.flush()


@dataclass
class _Element:
    """A question, an answer or a title of the form: its place, and its texts by language."""

    tag: str
    id: str
    type: str
    line: int
    title: _Element | None
    texts: dict[str, str] = field(default_factory=dict)
    short_name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What a codebook may call it, surest first."""
        return (*self.texts.values(), self.short_name)

    def header(self, language: str, part: str = "") -> str:
        """Its text in a language, behind that of its matrix or table."""
        text = self.texts.get(language, "") + part
        title = self.title.texts.get(language, "") if self.title is not None else ""
        return f"{title}: {text}" if title else text


@dataclass
class _Contribution:
    """One answer set: its attributes that are read, and what it answers by question and, in a table, column."""

    line: int
    attributes: Mapping[str, str]
    answers: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)


class _Content(ContentHandler):
    """Collects the form and hands over contributions as they end; `size` is the length of all texts so far.

    Raises ExtractError for a form, a contribution or a text that is larger than one may be.
    """

    def __init__(self, part: Part) -> None:
        super().__init__()
        self.size = 0
        self._part = part
        self._answers_n = self._text_size = self._begin = 0
        self.elements: dict[str, _Element] = {}
        self.languages: list[str] = []
        self.ended: list[_Contribution] = []
        self.is_explained = False
        self.root = ""
        self._open: list[tuple[str, Mapping[str, str]]] = []
        self._texts: list[list[str]] = []
        self._title: _Element | None = None
        self._contribution: _Contribution | None = None

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        """Note what opens here."""
        self.root = self.root or name
        if len(self._open) >= _MOST_DEPTH:
            reason = f"elements lie more than {_MOST_DEPTH} deep in each other, which they never do in an export"
            raise ExtractError([Problem(self._part.shown, reason, _EXPORT_AGAIN, row=self._line())])
        attributes = {key: str(attrs[key]) for key in attrs.getNames()}
        self._open.append((name, attributes))
        self._texts.append([])
        self._text_size = 0
        if name == "Elements":
            self.languages.append(attributes.get("lang", ""))
        elif name == "AnswerSet":
            self._answers_n, self._begin = 0, self.size
            said = {key: attributes[key] for key in _ATTRIBUTES if key in attributes}
            self._contribution = _Contribution(self._line(), said)
        elif self._contribution is None and self.languages and "id" in attributes:
            self._define(name, attributes)

    def characters(self, content: str) -> None:
        """Keep a piece of the text of what is open."""
        self.size += len(content)
        self._text_size += len(content)
        if self._text_size > (most := self._part.limits.cell_size):
            raise beyond(self._part.shown, f"a text is longer than {most:,} characters", "cell_size", row=self._line())
        if self.size - self._begin > (most := self._part.limits.row_size):
            reason = f"the texts of the form, or of a contribution, are longer than {most:,} characters"
            raise beyond(self._part.shown, reason, "row_size", row=self._line())
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """Keep what ends here."""
        _, attributes = self._open.pop()
        text = "".join(self._texts.pop())
        self._text_size = 0
        contribution = self._contribution
        if name == "AnswerSet" and contribution is not None:
            self.ended.append(contribution)
            self._contribution = None
        elif contribution is not None:
            self._answer(contribution, name, attributes, text)
        elif self.languages:
            self._say(name, attributes, text)

    def _line(self) -> int:
        return int(self._locator.getLineNumber() or 0)  # type: ignore[attr-defined]

    def _define(self, tag: str, attributes: Mapping[str, str]) -> None:
        key = attributes["id"]
        check_columns(self._part.shown, len(self.elements) // _ELEMENTS_A_QUESTION, self._part.limits)
        if tag in _ROWS.values():
            self._title = None
        title = self._title if self._title is not None and _ROWS.get(tag) == self._title.tag else None
        found = self.elements.setdefault(
            key,
            _Element(tag, key, attributes.get("type", ""), self._line(), title, short_name=attributes.get("bid", "")),
        )
        if tag in _ROWS.values():
            self._title = found

    def _say(self, tag: str, attributes: Mapping[str, str], text: str) -> None:
        """Keep the text of an element; a cell's stands in elements of its own, of which the last is that of results."""
        key = self._open[-1][1].get("id", "") if tag in ("CellTitle", "ResultText") else attributes.get("id", "")
        said = clean_label(plain(text))
        if key in self.elements and said:
            self.elements[key].texts[self.languages[-1]] = said

    def _answer(self, contribution: _Contribution, tag: str, attributes: Mapping[str, str], text: str) -> None:
        if tag == "Answer":
            self._answers_n += 1
            if self._answers_n > (most := self._part.limits.columns):
                reason = f"a contribution gives more than {most:,} answers"
                raise beyond(self._part.shown, reason, "columns", row=contribution.line)
            question, answer = attributes.get("qid", ""), attributes.get("aid")
            element = self.elements.get(question)
            column = answer or "" if element is not None and element.tag == "TableQuestion" else ""
            said = text if answer is None or column else answer or _WITHOUT_ID
            contribution.answers.setdefault((question, column), []).append((said, text))
        elif tag in ("Explanation", "Discussion"):
            self.is_explained = True


def _contributions(part: Part, content: _Content) -> Iterator[_Contribution]:
    """Parse a file block by block; no document type and no entity is let in."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.sax import make_parser

    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(content)
    content.setDocumentLocator(parser)
    fed = 0
    try:
        with part.open() as file:
            while block := file.read(_BLOCK):
                parser.feed(block)
                fed += len(block)
                _check_root(part, content)
                unended = fed - parser._parser.CurrentByteIndex
                check_tag(part.shown, unended, part.limits, parser.getLineNumber())
                yield from content.ended
                content.ended.clear()
            parser.close()
    except DefusedXmlException as error:
        reason = "the file declares a document type or entities, which EUSurvey never does and which can do harm"
        raise ExtractError([Problem(part.shown, reason, _EXPORT_AGAIN, row=parser.getLineNumber())]) from error
    except SAXParseException as error:
        raise ExtractError([_not_xml(part, error)]) from error


def _check_root(part: Part, content: _Content) -> None:
    if content.root not in ("", "Results"):
        reason = f"not EUSurvey's export of results as XML, but a file of <{content.root}>"
        raise ExtractError([Problem(part.shown, reason, "export the results as XML, or set the platform in round.yml")])


def _not_xml(part: Part, error: SAXParseException) -> Problem:
    with part.open() as file:
        start = file.read(_BLOCK)
    if not start.replace(b"\x00", b"").lstrip(_BEFORE_MARKUP).startswith(b"<"):
        reason = f"not XML as its platform says, but {kind_of(part)}"
        return Problem(part.shown, reason, "export the results as XML, or set the platform in round.yml")
    reason = f"the file is truncated or damaged: {error.getMessage()}"
    return Problem(part.shown, reason, "fetch the file again from where it was exported", row=error.getLineNumber())


def _check_id(part: Part, contribution: _Contribution, number: int) -> None:
    """Refuse what gives no contribution a name of its own."""
    given = contribution.attributes.get("id")
    if given is None:
        reason, remedy = f"contribution {number} has no id", "choose Contribution Id among what to export"
        raise ExtractError([Problem(part.shown, reason, remedy, row=contribution.line, column="id")])
    if given == "Anonymous" and number > 1:
        reason = "the survey was exported anonymised: every contribution id is 'Anonymous'"
        remedy = "lift the anonymous mode of the survey in EUSurvey and export again"
        raise ExtractError([Problem(part.shown, reason, remedy, row=contribution.line, column="id")])


class _Headers(Spelling):
    """A question's column is known by its id first."""

    def whole(self, question: Question) -> Iterable[str]:
        """Names of a question's column, surest first."""
        return (question.source, question.header, *question.translated_headers, question.name)


@dataclass(frozen=True)
class _Column:
    """A question of the form; of a table, one cell."""

    key: tuple[str, str]
    element: _Element
    names: tuple[str, ...]

    @property
    def shown(self) -> str:
        """What messages call it: its text, else its id."""
        return next(filter(None, self.names[1:]), self.names[0])


class _Survey:
    """The form of a file against the codebook: turns contributions into cells."""

    def __init__(self, part: Part, content: _Content, codebook: Codebook, collector: RowCollector) -> None:
        self._part = part
        self._elements = content.elements
        self._columns = tuple(_columns(content))
        if not self._columns:
            raise ExtractError([Problem(part.shown, "the file has answers, but no form", _EXPORT_AGAIN)])
        check_columns(part.shown, len(self._columns), part.limits)
        self._by_key = {column.key: index for index, column in enumerate(self._columns)}
        known = known_headers(codebook, _Headers())
        headings = tuple(
            Heading(part.shown, None, column.element.line, number, recognise(column.names, known) or column.shown)
            for number, column in enumerate(self._columns, 1)
        )
        placed = self._match(headings, known, codebook, collector)
        width = len(self._columns)
        own = [Heading(part.shown, None, 1, width + index, name) for index, name in enumerate(_ATTRIBUTES, 1)]
        places = {"response_id": width, "submitted_at": width + 1, "updated_at": width + 2, "language": width + 3}
        self.layout: Layout = layout_of(part, (*headings, *own), placed, (), None, **places)
        landed = [entry for entry in placed if not entry.question.is_personal]
        self._readers = {entry.columns[0]: _Said(entry.question, codebook, self._elements) for entry in landed}

    def _match(
        self, headings: Sequence[Heading], known: Container[str], codebook: Codebook, collector: RowCollector
    ) -> list[Placed]:
        left_out = [
            heading
            for heading, column in zip(headings, self._columns, strict=True)
            if column.element.type in _OPTIONAL and heading.text not in known
        ]
        if left_out:
            names = ", ".join(repr(heading.text) for heading in left_out)
            collector.note(f"{self._part.shown}: not landed, uploads and calculated fields: {names}")
        return match_headings(
            [heading for heading in headings if heading not in left_out] or headings,
            codebook,
            if_none="set the codebook of this survey beside round.yml: `needs codebook import` makes it of this file",
            if_missing="export all questions, or write the question's id into `source` of questions.csv",
            spelling=_Headers(),
        )

    def cells(self, contribution: _Contribution, number: int) -> list[Cell]:
        """The cells of a contribution, in order of the layout; those of personal questions stay empty."""
        cells: list[Cell] = [None] * len(self._columns)
        for key, answers in contribution.answers.items():
            column = self._by_key.get(key)
            if column is None:
                reason = f"contribution {number} answers {key[0]!r}, which is no question of the file's form"
                raise ExtractError([Problem(self._part.shown, reason, _EXPORT_AGAIN, row=contribution.line)])
            if column in self._readers:
                cells[column] = self._readers[column].cell(answers)
        said = [contribution.attributes.get(name) for name in _ATTRIBUTES]
        return [*cells, said[0], _moment(said[1]), _moment(said[2]), said[3]]


def _columns(content: _Content) -> Iterator[_Column]:
    """The questions of the form in order; a table's cells row by row."""
    elements = list(content.elements.values())
    for place, (element, following) in enumerate(zip(elements, [*elements, None][1:], strict=True), 1):
        if not _is_answered(element, following):
            continue
        if element.tag != "TableQuestion":
            headers = [element.header(language) for language in content.languages]
            yield _Column((element.id, ""), element, (element.id, *headers, *element.names))
            continue
        for other in _answers_of_table(islice(elements, place, None)):
            parts = [f" – {other.texts.get(language, '')}" for language in content.languages]
            headers = [element.header(*pair) for pair in zip(content.languages, parts, strict=True)]
            yield _Column((element.id, other.id), element, (f"{element.id}[{other.id}]", *headers))


def _is_answered(element: _Element, following: _Element | None) -> bool:
    """Whether contributions may answer an element; of a rating, they answer its parts."""
    is_rating = element.tag == "Question" and following is not None and following.tag == "RatingQuestion"
    return element.tag in _QUESTIONS and element.type not in _NEVER_ANSWERED and not is_rating


def _answers_of_table(after: Iterable[_Element]) -> Iterator[_Element]:
    """The columns of a table, which follow its rows."""
    for element in after:
        if element.tag == "TableAnswer":
            yield element
        elif element.tag != "TableQuestion":
            return


class _Said:
    """What the answers of one question say, as the cell of its column."""

    def __init__(self, question: Question, codebook: Codebook, elements: Mapping[str, _Element]) -> None:
        self._type = question.base_type
        self._elements = elements
        choices = codebook.choices_of(question)
        self._ids = {choice.source for choice in choices if choice.source}
        self._labels = {
            clean_label(text)
            for choice in choices
            for text in (choice.label, *choice.labels.values(), choice.name)
            if text
        }

    def cell(self, answers: Sequence[tuple[str, str]]) -> Cell:
        """One cell of all answers: EUSurvey parts what holds a semicolon, so they are put together by semicolons."""
        text = ";".join(self._text(said) for answer, _ in answers for said in self._parts(answer))
        if self._type == "date" and _DAY.fullmatch(text):
            return _as_moment(text, "%d/%m/%Y")
        if self._type in ("integer", "decimal") and _EXPONENT.fullmatch(text):
            return float(text)
        return text or None

    def _parts(self, answer: str) -> Sequence[str]:
        """A ranking is one answer that names its items in order."""
        ids = answer.split(";")
        return ids if len(ids) > 1 and all(part in self._elements for part in ids) else (answer,)

    def _text(self, said: str) -> str:
        """An answer's id where the codebook knows it, else its text in the language that the codebook knows."""
        element = self._elements.get(said)
        if said in self._ids or element is None:
            return said
        names = [name for name in element.names if name]
        return next((name for name in names if name in self._labels), names[0] if names else said)


def _moment(text: str | None) -> Cell:
    return _as_moment(text, "%Y-%m-%d_%H-%M-%S") if text else None


def _as_moment(text: str, pattern: str) -> datetime | str:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return text
