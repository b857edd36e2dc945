"""What a well-formed row of each seed is: one model a file, fields in the order of the columns.

Here: columns and their types, a module a subject. Not here: reading the files (knowledge.py), what a column means
(seeds/README.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.seed_rows.base import Row
from orchestration.seed_rows.cities import CITY_FILES
from orchestration.seed_rows.cohorts import COHORT_FILES
from orchestration.seed_rows.items import ITEM_FILES
from orchestration.seed_rows.needs import NEED_FILES
from orchestration.seed_rows.report import REPORT_FILES
from orchestration.seed_rows.scoring import SCORING_FILES

SEED_FILES: Mapping[str, type[Row]] = {
    **COHORT_FILES,
    **ITEM_FILES,
    **REPORT_FILES,
    **NEED_FILES,
    **SCORING_FILES,
    **CITY_FILES,
}
