"""What differs between two releases is found cell by cell, and the public page tells nothing that is hidden."""

from pathlib import Path

import pytest
from release_cases import finished
from typer.testing import CliRunner, Result

from orchestration.cli.main import app
from orchestration.release.changes import changes_page, derived_reason, difference_lines
from orchestration.release.difference import CellChange, Difference, difference
from orchestration.release.store import ReleaseStore

OLD = (("city", 1, None), ("small", 41, None), ("town", 9, None))
PUBLIC = (("small", None, "Q"), ("town", 10, None), ("village", 2, None))
INTERNAL = (("small", 3, None), ("town", 10, None), ("village", 2, None))


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    store = ReleaseStore(str(tmp_path / "releases"))
    for name, public, internal in (("2030.0", OLD, OLD), ("2030.1", PUBLIC, INTERNAL)):
        store.publish(*finished(tmp_path / name, name, public, internal))
    return tmp_path / "releases"


def compare(releases: Path, audience: str) -> Difference:
    return difference(releases / "2030.0", releases / "2030.1", ("2030.0", "2030.1"), audience)


def test_rows_values_and_hidden_cells_are_told_apart(releases: Path) -> None:
    (table,) = compare(releases, "public").tables
    assert table.rows_added == (("village",),)
    assert table.rows_removed == (("city",),)
    assert table.values == (CellChange(("town",), "n", 9, 10),)
    assert table.newly_hidden == (CellChange(("small",), "n", 41, None),)
    assert table.newly_shown == ()


def test_the_public_page_tells_no_hidden_value_and_the_internal_one_does(releases: Path) -> None:
    public, internal = (
        changes_page("2030.1", "Other data.", [compare(releases, audience)]) for audience in ("public", "internal")
    )
    assert "| small | `n` | shown | hidden |" in public
    assert "41" not in public
    assert "| small | `n` | 41 | 3 |" in internal


def test_a_cell_that_is_shown_again_is_told(releases: Path) -> None:
    found = difference(releases / "2030.1", releases / "2030.0", ("2030.1", "2030.0"), "public")
    assert found.tables[0].newly_shown == (CellChange(("small",), "n", None, 41),)


def test_releases_that_are_the_same_say_so(releases: Path) -> None:
    same = difference(releases / "2030.0", releases / "2030.0", ("2030.0", "2030.0"), "public")
    assert same.is_empty
    assert list(difference_lines(same))[-1] == "No cell, row, column or definition differs."


def test_a_long_list_is_cut_and_says_how_long_it_is(tmp_path: Path) -> None:
    folders = [
        finished(tmp_path / name, name, [(f"s{i:02d}", count, None) for i in range(25)])[0]
        for name, count in (("2030.0", 1), ("2030.1", 2))
    ]
    text = "\n".join(difference_lines(difference(*folders, ("2030.0", "2030.1"), "public")))
    assert "Values changed: 25, of which 20 are listed" in text
    assert "| s19 | `n` | 1 | 2 |" in text
    assert "s20" not in text


def test_the_first_release_has_nothing_to_compare_with() -> None:
    assert changes_page("2030.0", None, []) == (
        "# Changes of release 2030.0\n\nNo earlier release has this audience: there is nothing to compare it with.\n"
    )


def test_the_reason_of_a_revision_names_the_rounds_that_changed() -> None:
    old = [{"instrument": "pulse", "round": "2030", "landing_id": "a"}]
    assert derived_reason(old, [{**old[0], "landing_id": "b"}]) == "Other data of pulse 2030."
    assert derived_reason(old, old) == "The same data, counted or published by other rules."


def test_commands_list_compare_and_verify(releases: Path, tmp_path: Path) -> None:
    environment = {"NEEDS_RELEASES": str(releases), "COLUMNS": "160"}

    def run(*arguments: str) -> Result:
        return CliRunner(env=environment).invoke(app, ["release", *arguments])

    listed = run("list").output
    assert [line.split()[:2] for line in listed.splitlines() if line.strip().startswith("2030")] == [
        ["2030.0", "2030"],
        ["2030.1", "2030"],
    ]
    page = tmp_path / "diff.md"
    assert run("diff", "2030.0", "2030.1", "--markdown", str(page)).exit_code == 0
    assert "| town | `n` | 9 | 10 |" in page.read_text()
    assert run("verify").exit_code == 0
    (releases / "2030.0" / "public" / "cells.csv").unlink()
    damaged = run("verify")
    assert damaged.exit_code == 1
    assert "public/cells.csv (missing)" in damaged.output
    unknown = run("diff", "2030.0", "2030.9")
    assert unknown.exit_code == 1
