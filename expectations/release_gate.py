"""The release gate: is the draft of a wave plausible, complete and safe to publish?

Here: rules on the draft's files, given what the wave has to hold. Not here: whether a model computes the right
thing or a key is unique (dbt tests), and whether an extract keeps its promise (door.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.outcomes import Outcome
from expectations.runner import Rule, read_rules, validate

if TYPE_CHECKING:
    from orchestration.disclosure.audit import FeasibilityInterval
    from orchestration.disclosure.rules import Key

RULES = Path(__file__).with_suffix(".yml")
CELL_KEYS = ("source", "number", "row_label", "column_label")
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
TELEPHONE = r"\+\d[\d\s()/-]{7,}\d"


@dataclass(frozen=True)
class Confidentiality:
    """What the disclosure audit of a draft found: unsafe cells, and hidden ones that are shown."""

    unsafe: Sequence[FeasibilityInterval]
    shown_elsewhere: Sequence[Mapping[str, Any]]
    shown_earlier: Sequence[Key]


def check_gate(
    draft: Path, tables: Sequence[str], cohorts: Sequence[str], confidentiality: Confidentiality
) -> list[Outcome]:
    """Judge a written draft; one outcome a rule, errors first.

    `tables` are the names of the report tables that the wave has to hold, `cohorts` the codes of its cohorts.
    """
    import pandas as pd

    inside = draft / "internal"
    cells = pd.read_parquet(inside / "cells.parquet")
    cube = pd.read_parquet(inside / "gaps" / "gap_cube.parquet")
    counted = cube[(cube["dimension_code"] == "all") & (cube["members_n"] > 0)].drop_duplicates("cohort_code")
    files = pd.DataFrame({"table": sorted(path.stem for path in (inside / "tables").glob("*.parquet"))}, dtype=object)
    rules = read_rules(RULES)
    complete = rules["every_report_table_has_its_file"].fill(value_set=list(tables))
    populated = rules["every_cohort_has_members"].fill(value_set=list(cohorts))
    outcomes = [
        *validate(files, [complete], ("table",)),
        *validate(cells, _cell_rules(rules, inside), CELL_KEYS),
        *validate(counted, [populated], ("cohort_code",)),
        *_confidentiality_outcomes(rules, confidentiality),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity != "error")


def _cell_rules(rules: Mapping[str, Rule], draft: Path) -> list[Rule]:
    """Rules on the tidy file of all report tables."""
    import pyarrow.parquet as pq

    rows_n = sum(pq.read_metadata(path).num_rows for path in (draft / "tables").glob("*.parquet"))
    impersonal = rules["no_personal_data_in_labels"]
    return [
        rules["table_files_hold_every_cell"].fill(value=rows_n),
        rules["shares_are_percentages"],
        rules["cells_have_a_base"],
        *(
            impersonal.fill(column=column, regex=pattern)
            for column in ("row_label", "column_label")
            for pattern in (EMAIL, TELEPHONE)
        ),
    ]


def _confidentiality_outcomes(rules: Mapping[str, Rule], found: Confidentiality) -> list[Outcome]:
    """One frame of all findings, each rule with a column that is filled where it is broken."""
    import pandas as pd

    keys = ("cohort", "item", "choice", "dimension", "member")
    rows = [{**one.key._asdict(), "too_narrow_by": one.protection_level - one.high + one.low} for one in found.unsafe]
    rows += [dict(row) for row in found.shown_elsewhere]
    rows += [{**key._asdict(), "shown_earlier": "yes"} for key in found.shown_earlier]
    frame = pd.DataFrame(rows, columns=[*keys, "too_narrow_by", "shown_in", "shown_earlier"], dtype=object)
    names = ("hidden_cells_cannot_be_computed", "hidden_cells_are_hidden_everywhere", "hidden_cells_were_never_shown")
    return validate(frame, [rules[name] for name in names], keys)
