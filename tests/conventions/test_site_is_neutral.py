"""Names of cohorts come to the site from the release: none of this report stands in its pages, queries and scripts."""

import csv
import re
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT, SITE_PROJECT

# Installed, built, handed over from a release, or written by a tool.
WRITTEN = {
    ".building", ".evidence", "build", "content", "europe.json", "node_modules", "package-lock.json", "release.json",
    "static",
}  # fmt: skip
FILES = [
    path
    for entry in SITE_PROJECT.iterdir()
    if entry.name not in WRITTEN
    for path in (entry, *entry.rglob("*"))
    if path.is_file() and path.name not in WRITTEN
]


def names_of_cohorts() -> str:
    """A pattern of the codes and labels of the bundled cohorts, a label also for one city: Mission City."""
    with (PROJECT_ROOT / "seeds" / "cohorts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = [rf"\b{row['cohort_code']}\b" for row in rows]
    labels = [re.sub(r"(?i)cities", "Cit(ies|y)", re.escape(row["label"])) for row in rows]
    return "|".join([*codes, *(f"(?i:{label})" for label in labels)])


def test_names_of_cohorts_are_found_as_code_as_label_and_of_one_city() -> None:
    found = re.findall(
        names_of_cohorts(), "'NMC' NMC_SW, EoI applicants; a Mission City, Non-mission cities; NMCs, MCP"
    )
    assert len(found) == 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SITE_PROJECT).as_posix())
def test_no_cohort_of_this_report_stands_in_the_site(path: Path) -> None:
    assert re.search(names_of_cohorts(), path.read_text(encoding="utf-8")) is None
