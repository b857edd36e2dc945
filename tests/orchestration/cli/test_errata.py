"""The errata as a person reads them: in the terminal and as a page of the release."""

import pytest
from deployments import Deployment

from orchestration.release.errata import ErrataError, errata_page, format_number, read_errata

FINDING = {
    "erratum_id": "totals.T1.a.b",
    "source_label": "Table 1",
    "place": "sum of Towns",
    "printed": "13",
    "contradicted_by": "Table 3 | 4",
    "alternatives": None,
    "expected_value": 14.0,
    "computed_value": 14.0,
    "severity": "minor",
    "explanation": None,
    "position": 1,
}


def test_the_page_names_place_print_and_contradiction() -> None:
    page = errata_page("2030", [FINDING])
    assert "1 findings (1 minor)" in page
    assert "| Table 1 | sum of Towns | 13 | Table 3 \\| 4 | 14 | 14 |  |" in page
    assert "Major" not in page


def test_a_tie_names_every_side() -> None:
    page = errata_page("2030", [{**FINDING, "alternatives": "Table 2, row b: 4 (would be 3)"}])
    assert "| sum of Towns; or Table 2, row b: 4 (would be 3) |" in page


def test_the_page_of_a_report_without_errata_says_so() -> None:
    assert "0 findings, all by rules" in errata_page("2030", [])


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (14.0, "14"), (63.7931, "63.8"), (668427.6, "668,427.6")])
def test_numbers_are_shown_with_at_most_one_decimal(value: float | None, shown: str) -> None:
    assert format_number(value) == shown


def test_a_wave_without_a_printed_report_says_where_to_put_it(refreshed: Deployment) -> None:
    with pytest.raises(ErrataError, match=r"published/<wave>/cells\.csv"):
        read_errata(refreshed.settings.served_database)


def test_the_release_holds_the_page_and_its_checksum(bundled: Deployment) -> None:
    page = (bundled.releases / "2024.0" / "internal" / "errata.md").read_text(encoding="utf-8")
    assert "| Table 29 | row Towns, column 5 = High benefit | 5 | Table 3 and 15 more | 6 | 6 |  |" in page
    assert "| Table 26 | rows Medium-size urban areas and Metropolitan areas | exchanged |" in page
    assert "| Line 574 | Central/Eastern Europe; or Line 574, Southern Europe: 30 (would be 24); or " in page
    assert '"path": "internal/errata.md"' in (bundled.releases / "2024.0" / "internal" / "manifest.json").read_text(
        encoding="utf-8"
    )


def test_the_command_lists_errata_by_severity(bundled: Deployment) -> None:
    done = bundled.needs("errata", "--wave", "2024", "--severity", "wording")
    assert done.returncode == 0, done.stderr
    assert "No priority / High" in done.stdout
    assert "Figure 17" in done.stdout
    assert "27 findings: 27 wording" in done.stdout


@pytest.mark.parametrize(("option", "value"), [("--wave", "1999"), ("--severity", "terrible")])
def test_the_command_refuses_what_does_not_exist(bundled: Deployment, option: str, value: str) -> None:
    done = bundled.needs("errata", option, value)
    assert done.returncode == 1
    assert value in done.stderr
    assert "Traceback" not in done.stderr
