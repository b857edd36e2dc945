"""Each rule of the release gate finds the fault that it exists for."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from deployments import Deployment

from expectations.release_gate import Confidentiality, check_gate
from orchestration.disclosure.audit import FeasibilityInterval
from orchestration.disclosure.rules import Key
from orchestration.release.draft import expected_content


def rewrite(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_parquet(path)).to_parquet(path)


NOTHING_FOUND = Confidentiality((), (), ())
KEY = Key("ALL", "plan", "yes", "size_class", "large")


def failed_rules(deployment: Deployment, found: Confidentiality = NOTHING_FOUND) -> set[str]:
    draft = deployment.settings.drafts / "2030"
    outcomes = check_gate(draft, *expected_content(deployment.settings.checked_database, "2030"), found)
    return {outcome.rule for outcome in outcomes if not outcome.passed}


def test_a_good_draft_passes_every_rule(refreshed: Deployment) -> None:
    assert failed_rules(refreshed) == set()


def lose_a_table(draft: Path) -> None:
    shutil.move(draft / "internal" / "tables" / "table_01.parquet", draft / "internal" / "tables" / "table_07.parquet")


def lose_a_cell(draft: Path) -> None:
    rewrite(draft / "internal" / "tables" / "table_01.parquet", lambda cells: cells.iloc[1:])


def share_above_100(draft: Path) -> None:
    rewrite(draft / "internal" / "cells.parquet", lambda cells: cells.assign(share_pct=120.0))


def base_of_nobody(draft: Path) -> None:
    rewrite(draft / "internal" / "cells.parquet", lambda cells: cells.assign(base_n=0))


def address_in_a_label(draft: Path) -> None:
    rewrite(draft / "internal" / "cells.parquet", lambda cells: cells.assign(row_label="call +39 02 1234 5678"))


def cohort_of_nobody(draft: Path) -> None:
    rewrite(draft / "internal" / "gaps" / "gap_cube.parquet", lambda cube: cube[cube["cohort_code"] != "PLAN"])


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (lose_a_table, "every_report_table_has_its_file"),
        (lose_a_cell, "table_files_hold_every_cell"),
        (share_above_100, "shares_are_percentages"),
        (base_of_nobody, "cells_have_a_base"),
        (address_in_a_label, "no_personal_data_in_labels"),
        (cohort_of_nobody, "every_cohort_has_members"),
    ],
)
def test_a_planted_fault_is_found_by_its_rule(refreshed: Deployment, fault: Callable[[Path], None], rule: str) -> None:
    fault(refreshed.settings.drafts / "2030")
    assert failed_rules(refreshed) == {rule}


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (Confidentiality((FeasibilityInterval(KEY, 1, 2, 3),), (), ()), "hidden_cells_cannot_be_computed"),
        (Confidentiality((), ({**KEY._asdict(), "shown_in": "cells"},), ()), "hidden_cells_are_hidden_everywhere"),
        (Confidentiality((), (), (KEY,)), "hidden_cells_were_never_shown"),
    ],
)
def test_what_the_audit_finds_breaks_its_rule(refreshed: Deployment, found: Confidentiality, rule: str) -> None:
    assert failed_rules(refreshed, found) == {rule}
