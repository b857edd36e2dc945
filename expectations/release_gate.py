"""The release gate: is the draft of a wave plausible, complete and safe to publish?

Here: rules on the draft's files, given what the wave has to hold. Not here: whether a model computes the right
thing or a key is unique (dbt tests), and whether an extract keeps its promise (door.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.outcomes import Outcome
from expectations.runner import Rule, validate

if TYPE_CHECKING:
    import pandas as pd

CELL_KEYS = ("source", "number", "row_label", "column_label")
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
TELEPHONE = r"\+\d[\d\s()/-]{7,}\d"


def check_gate(draft: Path, tables: Sequence[str], cohorts: Sequence[str]) -> list[Outcome]:
    """Judge a written draft; one outcome a rule, errors first.

    `tables` are the names of the report tables that the wave has to hold, `cohorts` the codes of its cohorts.
    """
    import pandas as pd

    cells = pd.read_parquet(draft / "cells.parquet")
    cube = pd.read_parquet(draft / "gaps" / "gap_cube.parquet")
    counted = cube[(cube["dimension_code"] == "all") & (cube["members_n"] > 0)].drop_duplicates("cohort_code")
    files = pd.DataFrame({"table": sorted(path.stem for path in (draft / "tables").glob("*.parquet"))}, dtype=object)
    outcomes = [
        *validate(files, table_rules(tables), ("table",)),
        *validate(cells, cell_rules(cells, draft), CELL_KEYS),
        *validate(counted, cohort_rules(cohorts), ("cohort_code",)),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity != "error")


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
