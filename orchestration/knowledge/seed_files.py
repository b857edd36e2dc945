"""The seeds: which file has rows of which kind.

Not here: reading them (load.py), what a well-formed row is (rows/).
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.knowledge.rows.base import Row
from orchestration.knowledge.rows.cities import CITY_FILES
from orchestration.knowledge.rows.cohorts import COHORT_FILES
from orchestration.knowledge.rows.items import ITEM_FILES
from orchestration.knowledge.rows.needs import NEED_FILES
from orchestration.knowledge.rows.report import REPORT_FILES
from orchestration.knowledge.rows.scoring import SCORING_FILES

SEED_FILES: Mapping[str, type[Row]] = {
    **COHORT_FILES,
    **ITEM_FILES,
    **REPORT_FILES,
    **NEED_FILES,
    **SCORING_FILES,
    **CITY_FILES,
}
