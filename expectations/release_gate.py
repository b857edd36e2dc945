"""The release gate: is the draft of a wave plausible, complete and safe to publish?

Here: rules on the draft's files, generated from the seeds of the wave. Not here: whether a model computes the right
thing or a key is unique (dbt tests), and whether an extract keeps its promise (door.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.outcomes import Outcome
from expectations.runner import Rule, validate
from orchestration.knowledge import Knowledge
from orchestration.seed_rows import Cohort, ReportTable, WaveRound

if TYPE_CHECKING:
    import pandas as pd

CELL_KEYS = ("source", "number", "row_label", "column_label")
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
TELEPHONE = r"\+\d[\d\s()/-]{7,}\d"


def check_gate(draft: Path, wave: str, knowledge: Knowledge) -> list[Outcome]:
    """Judge a written draft; one outcome a rule, errors first."""
    import pandas as pd

    cells = pd.read_parquet(draft / "cells.parquet")
    cube = pd.read_parquet(draft / "gaps" / "gap_cube.parquet")
    groups = cube[(cube["dimension_code"] == "all")].drop_duplicates("cohort_code")
    outcomes = [
        *validate(cells.assign(table_id=_table_ids(cells)), cell_rules(cells, draft, wave, knowledge), CELL_KEYS),
        *validate(groups, cohort_rules(wave, knowledge), ("cohort_code",)),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity != "error")


def cell_rules(cells: pd.DataFrame, draft: Path, wave: str, knowledge: Knowledge) -> list[Rule]:
    """Rules on the tidy file of all report tables."""
    return [
        Rule(
            name="every_report_table_is_there",
            description="Each table and figure that the seeds name for the wave has cells.",
            severity="error",
            expectation="expect_column_distinct_values_to_equal_set",
            kwargs={"column": "table_id", "value_set": _expected_tables(wave, knowledge)},
            remedy="check the items and cohorts of the table in table_members.csv against the rounds of the wave.",
        ),
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


def cohort_rules(wave: str, knowledge: Knowledge) -> list[Rule]:
    """Rules on the cohorts that the wave compares."""
    return [
        Rule(
            name="every_cohort_has_members",
            description="Each cohort whose round belongs to the wave has at least one response.",
            severity="error",
            expectation="expect_column_distinct_values_to_equal_set",
            kwargs={"column": "cohort_code", "value_set": _expected_cohorts(wave, knowledge)},
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


def _table_ids(cells: pd.DataFrame) -> pd.Series[str]:
    return cells["source"] + " " + cells["number"].astype(str)


def _expected_tables(wave: str, knowledge: Knowledge) -> list[str]:
    return sorted(
        f"{row.source} {row.number}"
        for row in knowledge.rows["tables"]
        if isinstance(row, ReportTable) and row.wave == wave
    )


def _expected_cohorts(wave: str, knowledge: Knowledge) -> list[str]:
    instruments = {
        row.instrument for row in knowledge.rows["wave_rounds"] if isinstance(row, WaveRound) and row.wave == wave
    }
    return sorted(
        row.cohort_code
        for row in knowledge.rows["cohorts"]
        if isinstance(row, Cohort) and row.instrument in instruments
    )


def _rows_of_table_files(draft: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in (draft / "tables").glob("*.parquet"))
