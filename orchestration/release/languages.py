"""The words of a release in a further language: which are missing, and its tables with them.

Words are those of cohorts, themes, needs, questions and answers (gap_label). Titles, verdicts, definitions, and what
the workbook and the site say themselves are English. Not here: where translations come from (gap_label_language).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.release.description import Headings
from orchestration.release.sdmx import LABELS

if TYPE_CHECKING:
    import pyarrow as pa

TRANSLATIONS = "gaps/gap_label_language.parquet"
# Where a word gets its translation: the seed, by kind.
_SEEDS = {
    "cohort": "cohorts.csv", "theme": "themes.csv", "need": "needs.csv", "item": "items.csv",
    "dimension": "items.csv", "choice": "scales.csv",
}  # fmt: skip
# What a choice is beside those of its scale.
_TOTALS = ("answered", "missing")
# Which code of a row names a word: the end of its column, the kinds of word, and the end of its parent's column.
_CODES = (
    ("cohort_code", ("cohort",), None),
    ("theme_code", ("theme",), None),
    ("need_code", ("need",), None),
    ("item_code", ("item", "dimension"), None),
    ("dimension_code", ("dimension",), None),
    ("choice_code", ("choice",), "item_code"),
    ("member_code", ("choice",), "dimension_code"),
    # Of a report table: what its axis lists.
    ("row_code", ("cohort", "item", "dimension"), None),
    ("row_code", ("choice",), "item_code"),
    ("row_code", ("choice",), "dimension_code"),
    ("column_code", ("choice",), "item_code"),
    ("column_code", ("choice",), "dimension_code"),
)
# A line of the page of a city: of what, and the answers of the city.
_LINE_CODE, _ANSWERS, _BETWEEN = "code", "value_text", "; "
_SHOWN = 8

# A word: kind, parent where it is a choice, code.
Word = tuple[str, str, str]


class LanguageError(ValueError):
    """A release that is not there in a language; the message says which words are missing and where they go."""


@dataclass(frozen=True)
class Translation:
    """A word as the release has it, and in the language."""

    label: str
    translated: str


def read_words(folder: Path) -> dict[Word, str]:
    """The words of the tables in a folder that have to be translated."""
    rows = read_rows(folder / LABELS)
    return {
        _word(row): row["label"]
        for row in rows
        if row["label_kind"] in _SEEDS and not (row["label_kind"] == "choice" and row["code"] in _TOTALS)
    }


def read_languages(folder: Path) -> tuple[str, ...]:
    """The languages in which every word of the tables in a folder is known, but for the one that they are in."""
    words = read_words(folder)
    known: dict[str, dict[Word, str]] = {}
    for row in read_rows(folder / TRANSLATIONS):
        known.setdefault(row["label_language"], {})[_word(row)] = row["label"]
    return tuple(language for language, has in sorted(known.items()) if words.keys() <= has.keys() and words != has)


def read_translations(folder: Path, language: str, words: Mapping[Word, str]) -> dict[Word, Translation]:
    """The translation of each word; `folder` holds the tables of a release.

    Raises LanguageError that names the words without one.
    """
    known = {_word(row): row["label"] for row in read_rows(folder / TRANSLATIONS) if row["label_language"] == language}
    kinds = list(_SEEDS)
    if missing := sorted(words.keys() - known.keys(), key=lambda word: (kinds.index(word[0]), word)):
        told = "".join(f"\n  {_SEEDS[word[0]]}: {_name(word)} “{words[word]}”" for word in missing[:_SHOWN])
        more = f"\n  and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise LanguageError(
            f"{len(missing)} of {len(words)} labels are not there in {language!r}:{told}{more}\n"
            f"Write them into a column `label::{language}` of these files of seeds/ (a choice has one label for all "
            "questions of its scale; where the label is a codebook's own text, `label::"
            f"{language}` of its questions.csv or choices.csv will do), and run `needs refresh`."
        )
    return {word: Translation(label, known[word]) for word, label in words.items()}


def translate_headings(headings: Headings, translations: Mapping[Word, Translation]) -> Headings:
    """Headings with cohorts and dimensions in the language."""
    cohorts = {
        code: translations[word].translated if (word := ("cohort", "", code)) in translations else label
        for code, label in headings.cohorts.items()
    }
    dimensions = {one.label: one.translated for (kind, *_), one in translations.items() if kind == "dimension"}
    axes = {
        name: (dimensions.get(rows, rows), dimensions.get(columns, columns))
        for name, (rows, columns) in headings.axes.items()
    }
    return replace(headings, cohorts=cohorts, axes=axes)


def translate_tables(folder: Path, translations: Mapping[Word, Translation]) -> None:
    """Put the words of the language into the Parquet files of a folder, where those of the release stand."""
    import pyarrow.parquet as pq

    for path in sorted(folder.rglob("*.parquet")):
        if any(map(_is_label, pq.read_schema(path).names)):
            pq.write_table(_translated(pq.read_table(path), translations), path)


def _translated(table: pa.Table, translations: Mapping[Word, Translation]) -> pa.Table:
    import pyarrow as pa

    labels = [name for name in table.column_names if _is_label(name)]
    codes = [name for name in table.column_names if name.endswith("code") or name == "label_kind"]
    rows = table.select([*codes, *labels]).to_pylist()
    named = _named_words(table.column_names)
    for label in labels:
        texts = pa.array([_text(row, label, named, translations) for row in rows], table.schema.field(label).type)
        table = table.set_column(table.column_names.index(label), table.schema.field(label), texts)
    if {_LINE_CODE, _ANSWERS} <= set(table.column_names):
        choices: dict[str, dict[str, str]] = defaultdict(dict)
        for (_, parent, _), one in translations.items():
            choices[parent][one.label] = one.translated
        lines = table.select([_LINE_CODE, _ANSWERS]).to_pylist()
        answers = [_answers(line[_ANSWERS], choices.get(line[_LINE_CODE], {})) for line in lines]
        table = table.set_column(table.column_names.index(_ANSWERS), _ANSWERS, pa.array(answers, pa.string()))
    return table


def _answers(text: str | None, choices: Mapping[str, str]) -> str | None:
    """Answers beside each other in the language, where all are choices."""
    parts = (text or "").split(_BETWEEN)
    return _BETWEEN.join(choices[part] for part in parts) if choices.keys() >= set(parts) else text


def _text(
    row: Mapping[str, Any],
    column: str,
    named: Sequence[tuple[str, str, str | None]],
    translations: Mapping[Word, Translation],
) -> str | None:
    """The label of a row in the language: of a word that one of its codes names, that of the label's name first."""
    text: str | None = row[column]
    own = column.removesuffix("label") + "code"
    found = [translations.get(word) for word in _words_of(row, sorted(named, key=lambda name: name[1] != own))]
    pairs = {one.label: one.translated for one in reversed(found) if one is not None}
    if text is None or text in pairs:
        return None if text is None else pairs[text]
    # A label of a report table may begin with its cohort.
    start, parted, rest = text.partition(": ")
    return f"{pairs[start]}: {pairs[rest]}" if parted and start in pairs and rest in pairs else text


def _named_words(columns: Iterable[str]) -> list[tuple[str, str, str | None]]:
    """Of the columns of a table: kind of word, column of its code, column of its parent."""
    there = set(columns)
    if "label_kind" in there:
        return []
    of_line = [(kind, _LINE_CODE, None) for kind in ("item", "dimension", "need") if _LINE_CODE in there]
    return of_line + [
        (kind, column, prefix + parent if parent and prefix + parent in there else parent)
        for column in sorted(there)
        for ending, kinds, parent in _CODES
        if column.endswith(ending)
        for prefix in [column.removesuffix(ending)]
        for kind in kinds
    ]


def _words_of(row: Mapping[str, Any], named: Iterable[tuple[str, str, str | None]]) -> Iterator[Word]:
    if "label_kind" in row:
        yield _word(row)
    for kind, column, parent in named:
        yield kind, (row.get(parent) or "") if parent else "", row[column] or ""


def _is_label(column: str) -> bool:
    return column == "label" or column.endswith("_label")


def _word(row: Mapping[str, Any]) -> Word:
    """A code names one item or need, whatever its theme."""
    return row["label_kind"], row["parent_code"] if row["label_kind"] == "choice" else "", row["code"]


def _name(word: Word) -> str:
    kind, parent, code = word
    return f"choice {code} of {parent}" if parent else f"{'item' if kind == 'dimension' else kind} {code}"


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a table in its folder; none where a release of before has it not."""
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist() if path.exists() else []
    return rows
