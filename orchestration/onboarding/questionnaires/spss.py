"""Importer of SPSS files (.sav, .zsav): variable labels, value labels, formats and multiple-response sets.

A question's source is its variable; that of a set of yes-or-no variables is the set, and each of its choices has its
variable as source. Values that the file declares missing are no choices. Not here: the data, which are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.common.html_text import squeeze
from orchestration.common.problems import Problem, shown_path
from orchestration.extracts.parts import local_part
from orchestration.onboarding.questionnaires.draft import Asked, Draft, Option
from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook

if TYPE_CHECKING:
    from pyreadstat import metadata_container

_FORMAT = re.compile(r"(?P<kind>[A-Z]+)(?P<width>\d*)(?:\.(?P<decimals>\d+))?")
_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS")
_OTHER_TIMES = ("TIME", "DTIME", "MTIME", "WKDAY", "MONTH", "MOYR", "QYR", "WKYR")
_DICHOTOMY = "D"

Value = int | float | str


def read(path: Path, language: str = "") -> ImportedCodebook:
    """Read the labels of an SPSS file. Raises ExtractError or CodebookImportError."""
    import pyreadstat

    local_part(path)
    try:
        _, metadata = pyreadstat.read_sav(path, metadataonly=True, user_missing=True)
    except (pyreadstat.ReadstatError, ValueError) as error:
        reason = f"not a readable SPSS file: {error}"
        problem = Problem(shown_path(path), reason, "save it again from SPSS as .sav, or fetch it again")
        raise CodebookImportError([problem]) from error
    return codebook_of(metadata, language)


def codebook_of(metadata: metadata_container, language: str = "") -> ImportedCodebook:
    """The codebook of what pyreadstat tells of a file."""
    return _Import(metadata, language).codebook()


class _Import:
    """Turns variables and sets into questions."""

    def __init__(self, metadata: metadata_container, language: str) -> None:
        self.metadata = metadata
        self.draft = Draft(language, (language,) if language else ())
        self.language = language
        self.labels: Mapping[str, str | None] = metadata.column_names_to_labels
        self.set_of = self._sets()

    def codebook(self) -> ImportedCodebook:
        asked: set[str] = set()
        for variable in self.metadata.column_names:
            set_name = self.set_of.get(variable)
            if set_name is None:
                self._variable(variable)
            elif set_name not in asked:
                asked.add(set_name)
                self._set(set_name)
        return self.draft.finished()

    def _sets(self) -> Mapping[str, str]:
        """By variable: the set of yes-or-no variables that it is part of."""
        found: dict[str, str] = {}
        for name, response_set in sorted(self.metadata.mr_sets.items()):
            variables = response_set["variable_list"]
            if response_set["type"] != _DICHOTOMY:
                self.draft.look(name, f"a set of categories: its variables are questions each: {', '.join(variables)}")
            elif any(variable in found for variable in variables):
                self.draft.left_out(name, "a set whose variables are those of another set")
            else:
                found.update(dict.fromkeys(variables, name))
        return found

    def _texts(self, text: str | None) -> Mapping[str, str]:
        return {self.language: squeeze(text or "")}

    def _set(self, name: str) -> None:
        response_set = self.metadata.mr_sets[name]
        options = [
            Option(variable, self._texts(self.labels.get(variable) or variable))
            for variable in response_set["variable_list"]
        ]
        self.draft.changed(name, f"a set: {response_set['counted_value']} in a variable means that it is chosen")
        self.draft.ask(Asked("select_multiple", name, name, self._texts(response_set["label"]), options))

    def _variable(self, variable: str) -> None:
        missing = self.metadata.missing_ranges.get(variable, [])
        labels: Mapping[Any, str] = self.metadata.variable_value_labels.get(variable, {})
        choices = {value: label for value, label in labels.items() if not _is_missing(value, missing)}
        if missing:
            self.draft.left_out(variable, f"missing values: {'; '.join(_shown_ranges(missing, labels))}")
        options = [Option(_code(value), self._texts(label)) for value, label in choices.items()]
        base_type = self._type(variable, bool(options))
        self.draft.ask(
            Asked(
                base_type,
                variable,
                variable,
                self._texts(self.labels.get(variable) or variable),
                options if base_type == "select_one" else (),
            )
        )

    def _type(self, variable: str, has_choices: bool) -> str:
        measure = self.metadata.variable_measure.get(variable, "unknown")
        if has_choices and measure != "scale":
            return "select_one"
        if has_choices:
            self.draft.look(variable, "its measure is scale, though values have labels: a number here")
        match = _FORMAT.fullmatch(self.metadata.original_variable_types[variable] or "")
        kind = match["kind"] if match else ""
        if kind in _DATES:
            return "date"
        if kind in _OTHER_TIMES:
            self.draft.changed(variable, f"its format is {kind}: a text question here")
            return "text"
        if self.metadata.readstat_variable_types[variable] == "string":
            return "text"
        return "integer" if match and match["decimals"] in (None, "0") else "decimal"


def _is_missing(value: Value, ranges: Sequence[Any]) -> bool:
    for entry in ranges:
        low, high = (entry["lo"], entry["hi"]) if isinstance(entry, dict) else (entry, entry)
        if isinstance(value, str) == isinstance(low, str) and low <= value <= high:
            return True
    return False


def _shown_ranges(ranges: Sequence[Any], labels: Mapping[Value, str]) -> Iterator[str]:
    for entry in ranges:
        low, high = (entry["lo"], entry["hi"]) if isinstance(entry, dict) else (entry, entry)
        named = [f"{_code(value)} = {squeeze(label)}" for value, label in labels.items() if _is_missing(value, [entry])]
        shown = _code(low) if low == high else f"{_code(low)} to {_code(high)}"
        yield ", ".join(named) if named and low == high else " ".join([shown, *(f"({text})" for text in named)])


def _code(value: Value) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(int(value)) if float(value).is_integer() else str(value)
