"""The table macros of the served database, called as an analyst calls them."""

import csv
from collections.abc import Iterator

import duckdb
import pytest
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT

PUBLISHED = PROJECT_ROOT / "seeds" / "published" / "2024" / "cells.csv"


@pytest.fixture(scope="module")
def served(bundled: Deployment) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file that analysts open: built under another name, copied and renamed."""
    with duckdb.connect(str(bundled.settings.served_database), read_only=True) as connection:
        yield connection


def printed(table: str) -> dict[tuple[str, str], int]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return {
            (row["row_label"], row["column_label"]): int(row["value"])
            for row in csv.DictReader(file)
            if (row["source"], row["number"]) == ("table", table)
        }


@pytest.mark.parametrize(
    ("table", "call"),
    [
        ("20", "crosstab('lack_of_funding', by := 'size_class', cohort := 'NMC', wave := 2024)"),
        ("3", "crosstab('target_status', by := 'size_class', cohort := 'nmc', wave := '2024')"),
        ("11", "crosstab('political', by := 'target_status', cohort := 'NMC', wave := 2024)"),
        ("22", "crosstab('High initial capital costs', by := 'size_class', cohort := 'NMC', wave := 2024)"),
    ],
)
def test_crosstab_gives_the_printed_counts(served: duckdb.DuckDBPyConnection, table: str, call: str) -> None:
    """Tables 3 (l.796-840), 11, 20 (l.1958, l.2138-2145) and 22; a blank cell is 0."""
    cells = served.execute(f"select member_label, choice_label, n from {call}").fetchall()
    counted = {(row, column): n for row, column, n in cells}
    golden = printed(table)
    assert golden
    assert {place: counted[place] for place in golden} == golden
    shown_rows = {row for row, _ in golden}
    others = [n for (row, column), n in counted.items() if row in shown_rows and (row, column) not in golden]
    assert set(others) <= {0}


def test_crosstab_comes_in_the_order_of_the_report(served: duckdb.DuckDBPyConnection) -> None:
    rows = served.execute(
        "select member_label, choice_label from crosstab('lack_of_funding', by := 'size_class', cohort := 'NMC')"
    ).fetchall()
    levels = ["1 = No challenge", "2", "3", "4", "5 = High challenge", "Missing"]
    sizes = ["Large metropolitan areas", "Metropolitan areas", "Medium-size urban areas", "Small urban areas", "Towns"]
    assert rows == [(size, level) for size in sizes for level in levels]


def test_without_arguments_a_macro_shows_every_cohort_that_was_asked_in_the_newest_wave(
    served: duckdb.DuckDBPyConnection,
) -> None:
    asked = served.execute("select distinct wave, cohort_code, member_code from crosstab('ch_funding') order by all")
    assert asked.fetchall() == [("2026", "NMC", "all"), ("2026", "NMC_SW", "all")]


@pytest.mark.parametrize(
    "name",
    ["ch_funding", "funding", "lack_of_funding", "Lack of funding and financing schemes", "LACK_OF_FUNDING"],
)
def test_an_item_is_named_by_code_need_or_the_beginning_of_its_label(
    served: duckdb.DuckDBPyConnection, name: str
) -> None:
    assert served.execute(f"select sum(n) from crosstab('{name}', cohort := 'NMC')").fetchall() == [(61,)]


def test_an_exact_name_wins_over_the_beginning_of_another(served: duckdb.DuckDBPyConnection) -> None:
    """`target_year` is an item; `climate_finance` is the whole label of one and nobody else's beginning."""
    for name, choice in (("target_year", "By 2030"), ("climate_finance", "1 = No benefit")):
        labels = served.execute(f"select choice_label from crosstab('{name}', cohort := 'NMC') limit 1").fetchall()
        assert labels == [(choice,)]


@pytest.mark.parametrize("item_code", ["slug", "item_code", "need_code"])
def test_every_whole_name_of_an_item_names_it_alone(served: duckdb.DuckDBPyConnection, item_code: str) -> None:
    repeated = served.execute(
        f"select {item_code} from dimensions.dim_item where {item_code} is not null group by all having count(*) > 1"
    ).fetchall()
    assert repeated == []


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            "crosstab('lack_of_fundng')",
            "No single item is named 'lack_of_fundng'. Near are: ch_funding (lack_of_funding",
        ),
        ("crosstab('lack_of')", "ch_political (lack_of_political_commitment_or_leadersh)"),
        ("crosstab(null)", "No single item is named 'null'"),
        (
            "crosstab('funding', by := 'regon')",
            "There are: all, region, size_class, size_merged, target_merged, target_status",
        ),
        ("crosstab('funding', cohort := 'NCM')", "No cohort is named 'NCM'. There are: EOI, MC, MC_REG, NMC, NMC_SW"),
        ("crosstab('funding', wave := 2023)", "No wave is named '2023'. There are: 2024, 2025, 2026"),
        ("ranking('barrier')", "There are: barriers, innovation, knowledge, priorities, services, skills, support"),
        ("ranking('barriers', measure := 'average')", "No measure is named 'average'. There are: "),
        ("gap('fundin')", "ch_funding"),
        ("gap('funding', cohort := 'XX')", "No cohort is named 'XX'"),
    ],
)
def test_a_wrong_name_says_what_there_is(served: duckdb.DuckDBPyConnection, call: str, told: str) -> None:
    with pytest.raises(duckdb.Error) as error:
        served.execute(f"from {call}").fetchall()
    assert told in str(error.value)


def test_ranking_by_levels_4_and_5_is_the_reports(served: duckdb.DuckDBPyConnection) -> None:
    """Figure 32: 50 of 62 rate capital costs 4 or 5, 39 lack of funding (spec, item 134)."""
    rows = served.execute(
        "select item_code, item_rank, n, base_n from ranking('barriers', cohort := 'NMC', wave := 2024)"
    ).fetchall()
    assert len(rows) == 14
    assert rows[0] == ("ch_capital_cost", 1, 50, 62)
    assert ("ch_funding", 5, 39, 62) in rows
    assert [ranking for _, ranking, _, _ in rows] == sorted(ranking for _, ranking, _, _ in rows)


def test_ranking_turns_a_scale_that_runs_the_other_way_round(served: duckdb.DuckDBPyConnection) -> None:
    """Figure 24: 1 is highly valuable; the levels 1 and 2 are its need."""
    (ranked,) = served.execute(
        "select n from ranking('support', cohort := 'NMC') where item_code = 'sp_fin_support'"
    ).fetchone()  # type: ignore[misc]
    (valuable,) = served.execute(
        "select sum(n) from crosstab('sp_fin_support', cohort := 'NMC') where choice_code in ('1', '2')"
    ).fetchone()  # type: ignore[misc]
    assert ranked == valuable > 0


def test_gap_sets_groups_against_the_others_and_cohorts_against_cohorts(served: duckdb.DuckDBPyConnection) -> None:
    """l.1897: 71 % of towns lack funding, 10 of 14; the other 48 respondents: 29."""
    rows = served.execute(
        "select cohort_code, member_label, n, base_n, comparison, comparison_n, comparison_base_n, comparability "
        "from gap('lack_of_funding', cohort := 'NMC', wave := 2024)"
    ).fetchall()
    assert ("NMC", "Towns", 10, 14, "others of NMC", 29, 48, "same item") in rows
    assert rows[0] == ("MC", "All", 75, 112, "NMC", 39, 62, "menu against rating")


def test_gap_of_an_item_without_a_need_compares_its_choices(served: duckdb.DuckDBPyConnection) -> None:
    rows = served.execute(
        "select gap_label, n, comparison_n from gap('target_status', wave := 2024) where cohort_code = 'MC'"
    ).fetchall()
    assert ("Climate target status: Existing target", 100, 33) in rows
    assert not [label for label, *_ in rows if label.endswith("Answered")]


def test_every_macro_says_how_to_call_it(served: duckdb.DuckDBPyConnection) -> None:
    comments = dict(
        served.execute(
            "select function_name, comment from duckdb_functions() "
            "where schema_name = 'main' and function_type = 'table_macro' and not internal"
        ).fetchall()
    )
    assert set(comments) >= {"crosstab", "gap", "ranking"}
    for name, comment in comments.items():
        assert f"from {name}(" in comment


def test_a_kept_macro_names_no_database_file(served: duckdb.DuckDBPyConnection) -> None:
    """The file is built as build.duckdb and served as needs.duckdb; DuckDB calls a database by its file's name."""
    kept = served.execute(
        "select macro_definition from duckdb_functions() where schema_name = 'main' and not internal"
    ).fetchall()
    assert kept
    assert not [text for (text,) in kept if "build" in text]


def test_the_macros_work_on_other_knowledge_too(refreshed: Deployment) -> None:
    """Three of the eight cities of the small deployment are large."""
    call = "crosstab('lack_of', by := 'size_class', cohort := 'ALL')"
    with duckdb.connect(str(refreshed.settings.served_database), read_only=True) as connection:
        rows = connection.execute(f"select member_label, sum(n) from {call} group by all").fetchall()
        assert dict(rows) == {"Large": 3, "Small": 5}
        assert connection.execute("from gap('funding')").fetchall()
        with pytest.raises(duckdb.InvalidInputException, match="There are: none"):
            connection.execute("from ranking('barriers')")


def test_crosstab_of_one_grouping_is_the_cube(served: duckdb.DuckDBPyConnection) -> None:
    """Of groups that have a city; it counts anew, so that a second grouping can be asked for."""
    columns = "wave, cohort_code, member_code, choice_code, n, base_n, share_pct, share_low_pct, share_high_pct"
    for item, dimension in (("plans", "region"), ("ch_funding", "size_class"), ("eoi_barriers", "all")):
        cube = served.execute(
            f"select {columns} from gaps.gap_cube where item_code = $item and dimension_code = $dimension "
            "and choice_kind <> 'answered' and members_n > 0 and wave = '2024' order by all",
            {"item": item, "dimension": dimension},
        ).fetchall()
        crosstab = f"select {columns} from crosstab('{item}', by := '{dimension}', wave := 2024) order by all"
        assert cube
        assert served.execute(crosstab).fetchall() == cube


def test_two_groupings_are_counted_city_by_city(served: duckdb.DuckDBPyConnection) -> None:
    call = "crosstab('ch_funding', by := 'size_class', and_by := 'region', cohort := 'NMC', wave := 2024)"
    counted = served.execute(
        f"select member_code, and_member_code, sum(n), max(base_n) from {call} group by all"
    ).fetchall()
    by_hand = served.execute(
        """
        select sizes.member_code, regions.member_code, count(*), count(*)
        from intermediate.int_group_members as sizes
        join intermediate.int_group_members as regions using (wave, cohort_code, city_key)
        where sizes.dimension_code = 'size_class' and regions.dimension_code = 'region'
            and wave = '2024' and cohort_code = 'NMC'
        group by all
        """
    ).fetchall()
    assert by_hand
    assert sorted(counted) == sorted(by_hand)
    assert served.execute(f"from {call} where share_low_pct is null or verdict is not null").fetchall() == []


def test_a_verdict_stands_beside_the_shares_of_a_group(served: duckdb.DuckDBPyConnection) -> None:
    call = "crosstab('ch_funding', by := 'target_merged', cohort := 'NMC', wave := 2024)"
    told = served.execute(f"select distinct member_code, verdict from {call} order by all").fetchall()
    tested = served.execute(
        "select member_code, verdict from gaps.gap_evidence where wave = '2024' and cohort_code = 'NMC' "
        "and item_code = 'ch_funding' and dimension_code = 'target_merged' order by all"
    ).fetchall()
    assert told == tested
    assert told


def test_ranking_of_one_grouping_is_the_released_one(served: duckdb.DuckDBPyConnection) -> None:
    columns = "cohort_code, member_code, item_code, item_rank, n, base_n, answered_n, ranked_value"
    for measure in ("levels_4_5", "level_5", "mean"):
        released = served.execute(
            f"select {columns} from gaps.gap_ranking where item_set = 'barriers' and dimension_code = 'size_class' "
            "and wave = '2024' and ranking_measure = $measure order by all",
            {"measure": measure},
        ).fetchall()
        call = f"ranking('barriers', measure := '{measure}', by := 'size_class', wave := 2024)"
        assert released
        assert served.execute(f"select {columns} from {call} order by all").fetchall() == released


@pytest.mark.parametrize(
    ("words", "kind", "call"),
    [
        ("secap", "choice", "from crosstab('plans') where choice_code = 'secap'"),
        ("fundng lack", "need", "from gap('funding')"),
        ("helpdesk", "service", "from mart.services where service_code = "),
        ("urbact", "initiative", "from mart.initiatives where initiative_code = "),
        ("CAPITAL costs", "table", "from mart.tables where wave = '2024' and table_id = 'T22'"),
        ("digitalisation", "item", "from crosstab('kn_digital')"),
        ("municipal siloed", "question", "from mart.answers where instrument = 'nmc_survey' and round = "),
    ],
)
def test_find_says_what_to_call(served: duckdb.DuckDBPyConnection, words: str, kind: str, call: str) -> None:
    calls = served.execute(f"select to_call from find('{words}') where kind = '{kind}'").fetchall()
    meant = [found for (found,) in calls if found.startswith(call)]
    assert meant, calls
    for found in meant:
        assert served.execute(found).fetchall(), found


def test_find_finds_nothing_of_a_word_that_is_nowhere(served: duckdb.DuckDBPyConnection) -> None:
    assert served.execute("from find('xyzzy')").fetchall() == []
    assert served.execute("from find('secap xyzzy')").fetchall() == []


def test_gap_says_by_which_item_each_cohort_states_a_need(served: duckdb.DuckDBPyConnection) -> None:
    """crosstab('funding') is the rating alone; a Mission City chose the need from a menu."""
    (own, other) = served.execute(
        "select evidence, comparison_evidence from gap('funding', wave := 2024) where cohort_code = 'MC' limit 1"
    ).fetchone()  # type: ignore[misc]
    assert own.startswith("Cross-sectoral barriers named in the EoI: ")
    assert other.startswith("Lack of funding and financing schemes: ")


def test_gap_knows_a_need_that_has_no_item_of_its_name(served: duckdb.DuckDBPyConnection) -> None:
    for name in ("data_access", "Lack of access to quality data to monitor impacts and co-benefits"):
        labels = served.execute(f"select distinct gap_label from gap('{name}')").fetchall()
        assert labels == [("Lack of access to quality data to monitor impacts and co-benefits",)]
    with pytest.raises(duckdb.Error, match="find"):
        served.execute("from crosstab('data_access')").fetchall()
