"""What a public table may not say because of what other rows, or other tables, hide.

Here: p values that are adjusted by those of hidden tests, numbers that a report prints of tables that hide some. Not
here: which cells are hidden, and the columns that tell of them (orchestration/disclosure/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from orchestration.disclosure.tables import (
    CONF_STATUS,
    CONFIDENTIAL,
    HIDDEN_REASON,
    OBS_STATUS,
    SUPPRESSED,
    Families,
    Printed,
)
from orchestration.statistics.multiplicity import adjust_p_values

if TYPE_CHECKING:
    import pyarrow as pa

_P_DECIMALS = 6


def adjust_again(public: pa.Table, families: Families, thresholds: Mapping[str, float]) -> pa.Table:
    """p values adjusted over the tests that are shown: by all tests, they would tell those that are hidden.

    A verdict whose p value is hidden is the weaker of its two words, which the adjustment has no part in.
    """
    import pyarrow as pa

    p_values, names, verdicts = (
        public[name].to_pylist() for name in (families.p_value, families.within, families.verdict)
    )
    adjusted = [p if p is None else round(p, _P_DECIMALS) for p in adjust_p_values(p_values, names)]
    limit = thresholds.get(families.threshold, -1.0)
    pairs = {word: pair for pair in families.words.items() for word in pair}
    words = [
        pairs[verdict][p is None or p > limit] if verdict in pairs else verdict
        for verdict, p in zip(verdicts, adjusted, strict=True)
    ]
    for name, values in ((families.adjusted, adjusted), (families.verdict, words)):
        place = public.schema.get_field_index(name)
        public = public.set_column(place, public.schema.field(place), pa.array(values, public.schema.field(place).type))
    return public


def hide_printed(
    public: pa.Table, printed: Printed, confidential_cohorts: Collection[str], shown_tables: Collection[str]
) -> pa.Table:
    """What a report prints of confidential cohorts is shown where it is of a table that hides nothing.

    Of other tables numbers are taken out; a sentence, whose very name holds them, is left out.
    """
    import pyarrow as pa

    rows = []
    for row in public.to_pylist():
        is_free = row[printed.cohort] is not None and row[printed.cohort] not in confidential_cohorts
        if is_free or row[printed.source] in shown_tables:
            rows.append(row)
        elif row[printed.source].partition(" ")[0] in printed.tables:
            status = {OBS_STATUS: SUPPRESSED, CONF_STATUS: CONFIDENTIAL}
            rows.append(row | dict.fromkeys(printed.columns) | status)
    return pa.Table.from_pylist(rows, public.schema)


def list_shown_tables(cells: pa.Table) -> frozenset[str]:
    """Report tables and figures of which no cell is hidden or merged with others, as the report names them.

    The cells are those of the internal release, with reasons.
    """
    reasons: dict[str, set[str | None]] = {}
    for source, number, reason in zip(
        *(cells[name].to_pylist() for name in ("source", "number", HIDDEN_REASON)), strict=True
    ):
        reasons.setdefault(f"{source.capitalize()} {number}", set()).add(reason)
    return frozenset(label for label, found in reasons.items() if found == {None})
