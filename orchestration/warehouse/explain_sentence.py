"""From a number in a sentence of the printed report to the responses behind it.

Here: finding the one number that a reader means. Not here: what a sentence states (`gaps.gap_measure`), whom it counts
(`facts.fct_measure_response`), and cells of tables (explain.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.warehouse.explain import READ_ANSWERS, Entry, ExplainError, models_between, quote, read_rows

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


SENTENCE_WAY = (*READ_ANSWERS, "int_item_answers", "int_measure_members", "gap_measure")


@dataclass(frozen=True)
class SentenceExplanation:
    """A printed number of a sentence, how it compares with ours, and the responses of its numerator."""

    title: str
    facts: Mapping[str, str]
    respondents: pa.Table


def line_of(place: str) -> int | None:
    """The line of the report that `line_729` or `line 729` names; None for anything else."""
    found = re.fullmatch(r"line[ _]*(\d+)[ _]*", place, flags=re.IGNORECASE)
    return int(found[1]) if found else None


def explain_sentence(
    connection: duckdb.DuckDBPyConnection,
    line: int,
    words: tuple[str, ...],
    *,
    wave: str | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> SentenceExplanation:
    """Explain the number of a line that `words`, a part of its label or the number as printed, name.

    Raises ExplainError where the line has no such number, or several.
    """
    number = _number_meant(line, " ".join(words), _numbers_of(connection, line, wave))
    query = (
        f"from facts.fct_measure_response where wave = {quote(number['wave'])} "
        f"and measure_id = {quote(str(number['measure_id']))} and is_in_numerator"
    )
    respondents = connection.execute(
        "select city_key, city_name, response_id, source_file, source_sheet, source_row "
        f"{query} order by source_file, source_row, response_id"
    ).to_arrow_table()
    way = models_between(manifest, *SENTENCE_WAY) if manifest else ()
    behind = {"way": " → ".join(way) or "not known without dbt's manifest", "query": query}
    counts = "" if number["n"] is None else f" ({number['n']} of {number['base_n']} cities)"
    computed = number["computed_value"]
    facts = {
        "printed": str(number["printed"]),
        "computed": f"{computed:,.4f}".rstrip("0").rstrip(".") + counts
        if computed is not None
        else str(number["why_not_computable"]),
        "status": str(number["reconciliation_status"]),
        "measure": f"{number['measure_id'] or 'none'} (cohort {number['cohort_code'] or 'none'})",
        **(behind if number["base_n"] else {}),
    }
    return SentenceExplanation(f"Line {line}. {number['place']} (wave {number['wave']})", facts, respondents)


def _numbers_of(connection: duckdb.DuckDBPyConnection, line: int, wave: str | None) -> list[Entry]:
    numbers = read_rows(
        connection,
        "select wave, place, printed, measure_id, cohort_code, computed_value, n, base_n, reconciliation_status, "
        "why_not_computable from gaps.gap_reconciliation where source = 'prose' and line = $line "
        "and (wave = $wave or $wave is null) order by wave, cell_id",
        line=line,
        wave=wave,
    )
    newest = max((str(number["wave"]) for number in numbers), default=None)
    return [number for number in numbers if number["wave"] == newest]


def _number_meant(line: int, words: str, numbers: list[Entry]) -> Entry:
    wanted = words.strip().casefold()
    fitting = [
        number
        for number in numbers
        if wanted in str(number["place"]).casefold() or wanted == str(number["printed"]).casefold()
    ]
    if len(fitting) == 1:
        return fitting[0]
    if not numbers:
        raise ExplainError(f"No number of line {line} is known. `needs query` on gaps.gap_reconciliation lists them.")
    there = "; ".join(f"{number['printed']} ({number['place']})" for number in fitting or numbers)
    raise ExplainError(f"Line {line} has {len(fitting)} numbers that {words!r} fits. Numbers: {there}")
