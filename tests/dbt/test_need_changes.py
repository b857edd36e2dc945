"""Changes from wave 2024 to 2025 of the bundled survey, against its extracts, and what everybody may see of them."""

from collections.abc import Iterator

import duckdb
import pytest
from deployments import Deployment

from orchestration.disclosure.rules import find_primary_reason
from tests.samples.extracts import Extract, load

TABLE = "gaps/gap_need_change.parquet"
HIGH = ("4", "5 = High challenge")


@pytest.fixture(scope="module")
def releases(bundled: Deployment) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, wave, audience in (
            ("inside", "2025", "internal"),
            ("everybody", "2025", "public"),
            ("before", "2024", "public"),
        ):
            table = TABLE if wave == "2025" else "gaps/gap_need_by_group.parquet"
            connection.execute(f"create view {name} as from '{bundled.releases}/{wave}.0/{audience}/{table}'")
        now = f"{bundled.releases}/2025.0/public/gaps/gap_need_by_group.parquet"
        connection.execute(f"create view now as from '{now}'")
        yield connection


def ratings(extract: Extract, question: str) -> dict[str, bool]:
    """Cities that answered, and whether they rate a barrier high."""
    return {row["city"]: row[question] in HIGH for row in extract.rows if row[question] != ""}


@pytest.mark.parametrize("need", ["market", "political", "technical_knowledge", "measuring"])
def test_a_panel_is_counted_as_from_the_extracts(releases: duckdb.DuckDBPyConnection, need: str) -> None:
    before, now = (ratings(load("nmc_survey", name), f"ch_{need}") for name in ("2024", "2025"))
    both = before.keys() & now.keys()
    expected = (
        sum(now[city] for city in both),
        sum(before[city] for city in both),
        len(both),
        sum(now[city] and not before[city] for city in both),
        sum(before[city] and not now[city] for city in both),
        sum(before.values()) - sum(before[city] for city in both),
        sum(now.values()) - sum(now[city] for city in both),
    )
    found = releases.execute(
        "select n, comparison_n, base_n, gained_n, ended_n, left_n, joined_n from inside "
        f"where comparison_kind = 'panel' and cohort_code = 'NMC' and need_code = '{need}'"
    ).fetchall()
    assert found == [expected]


def test_breaks_are_those_of_the_crosswalk_and_never_compared(releases: duckdb.DuckDBPyConnection) -> None:
    broken = releases.execute(
        "select distinct need_code, comparability from inside where comparability <> 'same' order by all"
    ).fetchall()
    assert broken == [("capital_needs", "new scale"), ("measuring", "reworded")]
    verdicts = releases.execute(
        "select distinct verdict, count(difference_pp) from inside where need_code = 'capital_needs' group by all"
    ).fetchall()
    assert verdicts == [("not comparable", 0)]
    worded = "select count(*) from inside where comparability = 'same' and contains(verdict, 'wording')"
    assert releases.execute(worded).fetchall() == [(0,)]


def test_cohorts_that_read_the_same_round_in_both_waves_have_no_change(releases: duckdb.DuckDBPyConnection) -> None:
    cohorts = releases.execute("select distinct cohort_code, base_wave, wave from inside order by all").fetchall()
    assert cohorts == [("NMC", "2024", "2025"), ("NMC_SW", "2024", "2025")]
    paired = releases.execute("select distinct cohort_code from inside where is_paired").fetchall()
    assert paired == [("NMC",)], "second-wave cities are among all respondents"


def test_everybody_sees_no_change_of_what_a_release_hides(releases: duckdb.DuckDBPyConnection) -> None:
    group = "cohort_code, need_code, dimension_code, member_code"
    for view, column in (("before", "comparison_n"), ("now", "n")):
        told = releases.execute(
            f"select count(*) from everybody join {view} using ({group}) where {view}.n is null and "
            f"(everybody.{column} is not null or everybody.verdict is not null or everybody.difference_pp is not null)"
        ).fetchone()
        assert told == (0,), view
    shown = releases.execute("select count(*) filter (where is_paired), count(*) from everybody where n is not null")
    of_panel, of_all = shown.fetchone()  # type: ignore[misc]
    assert of_panel > 15
    assert of_all > 100


def test_no_part_of_a_panel_that_is_shown_is_sensitive(
    releases: duckdb.DuckDBPyConnection, bundled: Deployment
) -> None:
    limits = bundled.settings.disclosure
    rows = releases.execute(
        "select inside.n, inside.base_n, inside.comparison_n, inside.base_n, left_n, left_base_n, joined_n, "
        "joined_base_n from everybody join inside using (cohort_code, need_code, comparison_kind, dimension_code) "
        "where inside.is_paired and everybody.n is not null"
    ).fetchall()
    sensitive = [
        row
        for row in rows
        for n, base in zip(row[::2], row[1::2], strict=True)
        if find_primary_reason(n, base, base, is_multiple=True, limits=limits)
    ]
    assert sensitive == []


def test_everybody_sees_no_move_of_single_cities(releases: duckdb.DuckDBPyConnection, bundled: Deployment) -> None:
    least = bundled.settings.disclosure.minimum_frequency
    told = releases.execute(
        "select count(everybody.p_value) + count(everybody.difference_low_pp) + count(everybody.adjusted_p_value), "
        f"count(*) filter (where everybody.verdict is not null and alternatives_n <= {least}), "
        "count(*) filter (where everybody.verdict in ('increase', 'decrease')) "
        "from everybody join inside using (cohort_code, need_code, comparison_kind, dimension_code) "
        "where inside.is_paired"
    ).fetchall()
    assert told == [(0, 0, 0)]
