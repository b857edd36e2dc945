"""The release gate: is the draft of a wave plausible, complete and safe to publish?

Here: rules on the draft's files, given what the wave has to hold. Not here: whether a model computes the right
thing or a key is unique (dbt tests), and whether an extract keeps its promise (door.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.outcomes import Outcome
from expectations.runner import Rule, validate

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.disclosure.audit import FeasibilityInterval
    from orchestration.disclosure.rules import Key

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
    outcomes = [
        *validate(files, table_rules(tables), ("table",)),
        *validate(cells, cell_rules(cells, inside), CELL_KEYS),
        *validate(counted, cohort_rules(cohorts), ("cohort_code",)),
        *_confidentiality_outcomes(confidentiality),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity != "error")


def _confidentiality_outcomes(found: Confidentiality) -> list[Outcome]:
    """One frame of all findings, each rule with a column that is filled where it is broken."""
    import pandas as pd

    keys = ("cohort", "item", "choice", "dimension", "member")
    rows = [{**one.key._asdict(), "too_narrow_by": one.protection_level - one.high + one.low} for one in found.unsafe]
    rows += [dict(row) for row in found.shown_elsewhere]
    rows += [{**key._asdict(), "shown_earlier": "yes"} for key in found.shown_earlier]
    frame = pd.DataFrame(rows, columns=[*keys, "too_narrow_by", "shown_in", "shown_earlier"], dtype=object)
    return validate(frame, [HIDDEN_CELLS_RULE, HIDDEN_EVERYWHERE_RULE, NEVER_SHOWN_RULE], keys)


HIDDEN_CELLS_RULE = Rule(
    name="hidden_cells_cannot_be_computed",
    description="What others can compute of each hidden count is wide enough, by an independent audit.",
    severity="error",
    expectation="expect_column_values_to_be_null",
    kwargs={"column": "too_narrow_by"},
    remedy="look at the cell in gap_cube of the draft; protect.py has to hide another cell of its row or column.",
)
HIDDEN_EVERYWHERE_RULE = Rule(
    name="hidden_cells_are_hidden_everywhere",
    description="No public table shows a value of a cell that the public cube hides.",
    severity="error",
    expectation="expect_column_values_to_be_null",
    kwargs={"column": "shown_in"},
    remedy="name the table's cells and values in `meta.disclosure` of its model.",
)
NEVER_SHOWN_RULE = Rule(
    name="hidden_cells_were_never_shown",
    description="No hidden cell is shown by an earlier public release of the wave.",
    severity="warn",
    expectation="expect_column_values_to_be_null",
    kwargs={"column": "shown_earlier"},
    remedy="what was published stays known; take the earlier release back if it shows what a single city said.",
)


def table_rules(tables: Sequence[str]) -> list[Rule]:
    """Rules on the files of the single report tables."""
    return [
        Rule(
            name="every_report_table_has_its_file",
            description="Each table and figure that the seeds name for the wave is a file of the draft, and no other.",
            severity="error",
            expectation="expect_column_distinct_values_to_equal_set",
            kwargs={"column": "table", "value_set": list(tables)},
            remedy="draft the release again; if it stays, the table selects nothing from the cube.",
        )
    ]


def cell_rules(cells: pd.DataFrame, draft: Path) -> list[Rule]:
    """Rules on the tidy file of all report tables."""
    return [
        Rule(
            name="table_files_hold_every_cell",
            description="The files of the single tables hold as many rows as the tidy file.",
            severity="error",
            expectation="expect_table_row_count_to_equal",
            kwargs={"value": _rows_of_table_files(draft)},
            remedy="draft the release again; if it stays, a table is written twice or not at all.",
        ),
        Rule(
            name="shares_are_percentages",
            description="Every share lies between 0 and 100 percent.",
            severity="error",
            expectation="expect_column_values_to_be_between",
            kwargs={"column": "share_pct", "min_value": 0, "max_value": 100},
            remedy="look at the cell's numerator and base in gaps.gap_cube.",
        ),
        Rule(
            name="cells_have_a_base",
            description="Every published cell has a base of at least one response.",
            severity="warn",
            expectation="expect_column_values_to_be_between",
            kwargs={"column": "base_n", "min_value": 1},
            remedy="no response is in this group; consider leaving the row or the table out of the wave.",
        ),
        *_no_personal_data(cells),
    ]


def cohort_rules(cohorts: Sequence[str]) -> list[Rule]:
    """Rules on the cohorts that the wave compares."""
    return [
        Rule(
            name="every_cohort_has_members",
            description="Each cohort whose round belongs to the wave has at least one response.",
            severity="error",
            expectation="expect_column_distinct_values_to_equal_set",
            kwargs={"column": "cohort_code", "value_set": list(cohorts)},
            remedy="check the cohort's filters in cohort_filters.csv against the answers of its round.",
        )
    ]


def _no_personal_data(cells: pd.DataFrame) -> Iterable[Rule]:
    """Labels come from codebooks and seeds; an address in one of them would be published."""
    for column in ("row_label", "column_label"):
        for pattern in (EMAIL, TELEPHONE):
            if column in cells:
                yield Rule(
                    name="no_personal_data_in_labels",
                    description="No label holds an e-mail address or a telephone number.",
                    severity="error",
                    expectation="expect_column_values_to_not_match_regex",
                    kwargs={"column": column, "regex": pattern},
                    remedy="remove the address from the label in the codebook or the seed.",
                )


def _rows_of_table_files(draft: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in (draft / "tables").glob("*.parquet"))
