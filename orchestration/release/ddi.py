"""The rounds of a public release as codebooks in DDI-Codebook 2.5, a file each.

A question is a variable with its texts in all languages of its codebook. The release's counts stand with its choices
where an item has these as they were answered; items that are read from questions in another way are derived variables.
A count is of the cities of a cohort, which is a `universe` of the study; a hidden one is absent.
Not here: which counts are hidden (orchestration/disclosure/), what a round asked (codebooks.py).
Standard: https://ddialliance.org, DDI-Codebook 2.5.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # nosec B405
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.common.text import clean_text
from orchestration.common.whole_file import write_whole
from orchestration.disclosure.rules import ALL
from orchestration.release.codebooks import Entry, RoundCodebook, Texts
from orchestration.release.description import Release
from orchestration.release.languages import TRANSLATIONS, read_rows
from orchestration.release.sdmx import AGENCY, CUBE, LABELS

DDI = "ddi"
NAMESPACE, VERSION = "ddi:codebook:2_5", "2.5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ENGLISH = "en"
_MISSING, _ANSWERED = "missing", "answered"
# How a variable of a type of question is represented, and what may be answered.
_REPRESENTATIONS = {
    "select_one": ("code", "category"),
    "select_multiple": ("code", "multiple"),
    "integer": ("numeric", "numeric"),
    "decimal": ("numeric", "numeric"),
    "date": ("datetime", "datetime"),
    "text": ("text", "text"),
}
_DERIVATIONS = {
    "answered": "whether the question is answered",
    "class": "the class of the number",
    "coded": "what coders read out of the open answer",
    "combine": "the mapped choices together",
    "count": "how many of the choices are counted",
    "link": "whether the city is one of the Mission Cities, by its name",
    "map": "the choice that it is mapped to",
    "merge": "the class that its choice, or its number, is merged into",
    "number": "the number itself",
    "same": "the choice as answered",
}
# Which of the records about a city tell the item.
_PICKS = {"any": ", of any of its records", "count": ", counted over its records", "latest": ", of its latest record"}
_IN_NO_RECORD = "cities that are in no record of the register: no, none or 0"
_COUNTS = (
    "Counts and shares are those of the public release: of the cities of a cohort that the round tells alone, in "
    "percent of the cities asked or of those that answered, as the release says. A confidential one is left out."
)


@dataclass(frozen=True)
class Cell:
    """A count of a cohort that everybody may see, and its share of the base."""

    cohort: str
    n: int
    share_pct: float | None


# Cells of an item by choice, in the order of cohorts.
Cells = Mapping[str, Sequence[Cell]]
# Labels of the release by kind and parent: code and its texts, in the order that people read them.
Words = Mapping[tuple[str, str], Mapping[str, Texts]]


def write_codebooks(release: Release, codebooks: Iterable[RoundCodebook], folder: Path) -> tuple[str, ...]:
    """Write the codebook of each round of a public release, whose tables are in `folder`; names of the files."""
    cells, words = _cells(folder), _words(folder)
    names = []
    for codebook in codebooks:
        names.append(f"{DDI}/{codebook.card['instrument']}_{codebook.card['round']}.xml")
        (folder / DDI).mkdir(exist_ok=True)
        write_whole(folder / names[-1], _Document(release, codebook, cells, words).text())
    return tuple(names)


def _cells(folder: Path) -> dict[str, Cells]:
    """By item: the counts of whole cohorts that are not hidden."""
    import pyarrow.parquet as pq

    found: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    if (folder / CUBE).exists():
        columns = ["cohort_code", "item_code", "choice_code", "n", "share_pct"]
        for row in pq.read_table(folder / CUBE, columns=columns, filters=[("dimension_code", "=", ALL)]).to_pylist():
            if row["n"] is not None:
                cell = Cell(row["cohort_code"], row["n"], row["share_pct"])
                found[row["item_code"]][row["choice_code"]].append(cell)
    return {item: dict(choices) for item, choices in found.items()}


def _words(folder: Path) -> Words:
    words: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    languages = read_rows(folder / TRANSLATIONS)
    for row in [*sorted(read_rows(folder / LABELS), key=lambda row: row["position"]), *languages]:
        # The parent of an item is its theme, of which nothing is told here.
        parent = row["parent_code"] if row["label_kind"] == "choice" else ""
        words[row["label_kind"], parent][row["code"]].setdefault(row.get("label_language", _ENGLISH), row["label"])
    return {kind: dict(codes) for kind, codes in words.items()}


class _Document:
    """The codebook of a round being written."""

    def __init__(self, release: Release, codebook: RoundCodebook, cells: Mapping[str, Cells], words: Words) -> None:
        self.release, self.codebook, self.words = release, codebook, words
        self.cells = {item: self._of_round(item, choices) for item, choices in cells.items()}

    def text(self) -> str:
        """The document; the same bytes for the same release."""
        ET.register_namespace("", NAMESPACE)
        root = ET.Element(f"{{{NAMESPACE}}}codeBook", {"version": VERSION, _LANGUAGE: _ENGLISH})
        self._describe_document(root)
        self._describe_study(_add(root, "stdyDscr"))
        self._describe_data(_add(root, "dataDscr"))
        ET.indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'

    def _of_round(self, item: str, choices: Cells) -> Cells:
        told = self.codebook.cohorts.get(item, frozenset())
        kept = {choice: [cell for cell in cells if cell.cohort in told] for choice, cells in choices.items()}
        return {choice: cells for choice, cells in kept.items() if cells}

    def _describe_document(self, root: ET.Element) -> None:
        release, card = self.release, self.codebook.card
        citation = _add(_add(root, "docDscr"), "citation")
        titles = _add(citation, "titlStmt")
        _add(titles, "titl", f"Codebook of {card['title']}")
        _add(titles, "IDNo", f"{self._study_id()}_{release.name}", agency=AGENCY)
        _add(_add(citation, "prodStmt"), "producer", release.publisher.name)
        _add(_add(citation, "verStmt"), "version", release.name, type="release")

    def _describe_study(self, study: ET.Element) -> None:
        publisher, card = self.release.publisher, self.codebook.card
        citation = _add(study, "citation")
        titles = _add(citation, "titlStmt")
        _add(titles, "titl", card["title"])
        _add(titles, "IDNo", self._study_id(), agency=AGENCY)
        production = _add(citation, "prodStmt")
        _add(production, "producer", card["producer"])
        _add(production, "copyright", card["licence"])
        _add(_add(citation, "distStmt"), "distrbtr", publisher.name, URI=publisher.homepage)
        _add(citation, "biblCit", card["citation"])
        summary = _add(_add(study, "stdyInfo"), "sumDscr")
        for event in ("start", "end"):
            if day := card[f"fieldwork_{event}"]:
                _add(summary, "collDate", day.isoformat(), event=event, date=day.isoformat())
        _add(summary, "anlyUnit", "Cities")
        counted = {cell.cohort for item in self.cells.values() for cells in item.values() for cell in cells}
        for cohort, labels in self.words.get(("cohort", ""), {}).items():
            for language, label in labels.items() if cohort in counted else ():
                own_id = _id("C", cohort) if language == _ENGLISH else None
                _add(summary, "universe", label, ID=own_id, lang=language)
        _add(study, "notes", _COUNTS, type="counts")
        if card["is_synthetic"] and self.release.notice:
            _add(study, "notes", self.release.notice, type="synthetic")

    def _describe_data(self, data: ET.Element) -> None:
        sections: dict[str, list[str]] = defaultdict(list)
        for question in self.codebook.questions:
            if question["section"]:
                sections[question["section"]].append(_id("Q", question["question_code"]))
        for number, (section, variables) in enumerate(sections.items(), start=1):
            group = _add(data, "varGrp", ID=f"S_{number}", type="section", var=" ".join(variables))
            _add(group, "labl", section)
        as_answered = set()
        for question in self.codebook.questions:
            item = self.codebook.item_as_answered(question["question_code"])
            as_answered.add(item)
            self._add_question(data, question, self.cells.get(item or "", {}))
        for item in self.codebook.sources:
            if item not in as_answered and self.cells.get(item):
                self._add_item(data, item, self.cells[item])

    def _add_question(self, data: ET.Element, question: Entry, cells: Cells) -> None:
        code, kind = question["question_code"], question["question_type"]
        representation, domain = _REPRESENTATIONS[kind]
        interval = "contin" if representation == "numeric" else "discrete"
        variable = _add(data, "var", ID=_id("Q", code), name=code, intrvl=interval, representationType=representation)
        texts, matrices = self.codebook.texts("question", code), self.codebook.texts("matrix", code)
        _add_labels(variable, texts)
        for language, text in texts.items():
            asked = _add(
                variable, "qstn", lang=language, responseDomainType=domain, seqNo=question["question_number"] or None
            )
            if language in matrices:
                _add(asked, "preQTxt", matrices[language])
            _add(asked, "qstnLit", text)
        if question["asked_if_question"]:
            _add(variable, "universe", f"Asked by the answer to {question['asked_if_question']}.")
        for choice in self.codebook.choices.get(question["list_name"] or "", ()):
            labels = self.codebook.texts("choice", choice["choice_code"], choice["list_name"])
            _add_category(variable, choice["choice_code"], labels, cells)
        if _MISSING in cells:
            _add_category(variable, _MISSING, {_ENGLISH: "Missing"}, cells)
        is_date = kind == "date"
        _add(
            variable,
            "varFormat",
            type="numeric" if representation == "numeric" else "character",
            category="date" if is_date else None,
        )

    def _add_item(self, data: ET.Element, item: str, cells: Cells) -> None:
        variable = _add(data, "var", ID=_id("I", item), name=item, intrvl="discrete", representationType="code")
        _add_labels(variable, self._item_labels(item))
        for choice, labels in self.words.get(("choice", item), {}).items():
            if choice != _ANSWERED and (choice != _MISSING or _MISSING in cells):
                _add_category(variable, choice, labels, cells)
        sources = self.codebook.sources[item]
        told = {question["question_code"] for question in self.codebook.questions}
        read = dict.fromkeys(source["question_code"] for source in sources if source["question_code"] in told)
        derivation = _add(variable, "derivation", var=" ".join(_id("Q", code) for code in read) or None)
        _add(derivation, "drvdesc", "; ".join(dict.fromkeys(map(_derivation, sources))))
        _add(variable, "varFormat", type="character")

    def _item_labels(self, item: str) -> Texts:
        found = (self.words.get((kind, ""), {}).get(item) for kind in ("item", "dimension"))
        return next(filter(None, found), {})

    def _study_id(self) -> str:
        return f"{self.codebook.card['instrument']}_{self.codebook.card['round']}"


def _derivation(source: Entry) -> str:
    if source["pick"] == "none":
        return _IN_NO_RECORD
    pick = _PICKS.get(source["pick"], "")
    only = f", where {source['only_question']} is {source['only_choice']}" if source["only_question"] else ""
    note = f" ({source['note']})" if source["note"] else ""
    return f"{source['question_code']}: {_DERIVATIONS[source['method']]}{pick}{only}{note}"


def _add_category(variable: ET.Element, code: str, labels: Texts, cells: Cells) -> None:
    is_missing = code == _MISSING and _MISSING in cells
    missing = {"missing": "Y", "missType": "no answer"} if is_missing else {}
    category = _add(variable, "catgry", **missing)
    _add(category, "catValu", code)
    _add_labels(category, labels)
    for cell in cells.get(code, ()):
        cohort = _id("C", cell.cohort)
        _add(category, "catStat", str(cell.n), type="freq", sdatrefs=cohort)
        if cell.share_pct is not None:
            _add(category, "catStat", str(cell.share_pct), type="percent", sdatrefs=cohort)


def _add_labels(parent: ET.Element, texts: Texts) -> None:
    for language, text in texts.items():
        _add(parent, "labl", text, lang=language)


def _id(kind: str, code: str) -> str:
    """An XML ID of a code: a character that a name may not have, and the dot, as its number between dots."""
    return f"{kind}_" + re.sub(r"[^A-Za-z0-9_-]", lambda match: f".{ord(match[0]):x}.", code)


def _add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: str | None) -> ET.Element:
    """Add an element; `lang` is the language of its text, and an attribute that is None is left out."""
    known: dict[str, Any] = {
        _LANGUAGE if name == "lang" else name: value for name, value in attributes.items() if value is not None
    }
    element = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", known)
    element.text = None if text is None else clean_text(text)
    return element
