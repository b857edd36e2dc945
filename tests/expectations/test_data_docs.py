"""Recorded outcomes as Great Expectations' own pages."""

from expectations.data_docs import DataDocs
from expectations.outcomes import Outcome
from orchestration.settings import SITE_PROJECT

FRAME = {"title": "City needs", "wave_label": "Wave 2030", "release": "2030.0", "notice": "Synthetic & made up."}
EVALUATED = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "answers", "min_value": 1},
    "success": False,
    "result": {"element_count": 10.0, "unexpected_count": 2.0, "unexpected_percent": 20.0},
}
OUTCOME = Outcome("answered", "Each is answered <once>.", "warn", False, 2, ("question 3",), "ask.", (EVALUATED,))


def test_a_page_tells_rules_and_expectations_but_no_offending_row() -> None:
    page = DataDocs(SITE_PROJECT / "documents").page("door pulse", [OUTCOME], root="../", frame=FRAME, others=[])
    assert "warns: 2" in page
    assert "Each is answered &lt;once&gt;." in page
    assert "values must be greater than or equal to" in page
    assert "20% unexpected" in page
    assert "Synthetic &amp; made up." in page
    assert "question 3" not in page


def test_a_page_names_no_other_host() -> None:
    page = DataDocs(SITE_PROJECT / "documents").page("door pulse", [OUTCOME], root="../", frame=FRAME, others=[])
    assert "//" not in page.replace("</", "")
