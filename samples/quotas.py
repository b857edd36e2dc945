"""How many respondents give each answer to a question that has no crosstab.

Belongs here: reading quotas_survey.csv and quotas_eoi.csv (counts that the prose states, and plausible ones
where nothing is printed) and the counts of Tables 5 and 8 and Figure 24. Not here: the crosstabs, see
crosstabs.py.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from samples import published
from samples.codebook import load


@cache
def _file(questionnaire: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in published.read_csv(Path(__file__).with_name(f"quotas_{questionnaire}.csv")):
        found.setdefault(row["question"], {})[row["choice"]] = int(row["n"])
    return found


def quotas(question: str, questionnaire: str = "survey") -> dict[str, int]:
    """Counts by choice name (of the Mission Cities for `eoi`); raises LookupError if the file has none."""
    if question not in _file(questionnaire):
        raise LookupError(f"samples/quotas_{questionnaire}.csv has no row for {question}")
    return dict(_file(questionnaire)[question])


def exclusions() -> dict[str, int]:
    """Table 5: mentions of each exclusion."""
    return _labelled("exclusions", {cell.column: cell.value for cell in published.of("table", 5)})


def initiatives() -> dict[str, int]:
    """Table 8: cities in each initiative, and in none."""
    cells = [cell for cell in published.of("table", 8) if cell.measure == "count"]
    return _labelled("initiatives", {cell.row: cell.value for cell in cells})


def support(question: str) -> dict[str, int]:
    """Figure 24: one kind of support, by level; the figure cuts the longest label off."""
    label = load("nmc_survey", "2024").question(question).label
    cells = [cell for cell in published.of("figure", 24) if label.startswith(cell.row.removesuffix("..."))]
    return _labelled(question, {cell.column: cell.value for cell in cells})


def _labelled(question: str, printed: dict[str, float]) -> dict[str, int]:
    labels = load("nmc_survey", "2024").labels(question)
    return {name: int(printed[label]) for name, label in labels.items()}
