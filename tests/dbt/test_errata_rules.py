"""The report against itself: a report printed from the data has no errata, and each planted error is found by its rule.

Every planted report is a draft of a wave of its own, copied from the correct one, without any answer behind it: the
rules need none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pytest
from deployments import Deployment
from errata_benchmark import KINDS, read_report, run
from printed_drafts import CORRECT, print_drafts
from report_documents import draft_edits

from orchestration.report.write import write_report
from orchestration.settings import Settings

Finding = tuple[str, str, str, str | None]


def cell(table: str, row: str, column: str) -> str:
    return f"cell_id = '{table}.{row}.{column}.count'"


def sentence(start: str) -> str:
    return f"starts_with(cell_id, '{start}')"


def print_as(where: str, value: float) -> str:
    return f"update draft set value = '{value}', printed = '{value}' where {where}"


def swap(axis: str, table: str, one: str, other: str) -> str:
    """Exchange the headers of two rows or columns, and leave the cells where they are."""
    return (
        f"update draft set {axis} = case {axis} when '{one}' then '{other}' else '{one}' end "
        f"where cell_id like '{table}.%' and {axis} in ('{one}', '{other}')"
    )


@dataclass(frozen=True)
class Slip:
    """An error in a draft, and what has to be found: rule, source, place or printed value, explanation."""

    edits: tuple[str, ...]
    found: frozenset[Finding]


def slip(*edits: str, found: set[Finding]) -> Slip:
    return Slip(edits, frozenset(found))


SLIPS = {
    "a_cell_one_city_short": slip(
        f"update draft set value = cast(cast(value as double) - 1 as varchar) where {cell('T20', 'Towns', '4')}",
        found={("counts", "Table 20", "row Towns, column 4", None)},
    ),
    "rows_transposed": slip(
        swap("row_label", "T24", "Medium-size urban areas", "Small urban areas"),
        found={("exchanges", "Table 24", "rows Medium-size urban areas and Small urban areas", "exchanged_rows")},
    ),
    "headers_exchanged": slip(
        swap("column_label", "T7", "Fragmented responsibility", "Other"),
        found={("exchanges", "Table 7", "columns Fragmented responsibility and Other", "exchanged_headers")},
    ),
    "row_lost": slip(
        "delete from draft where cell_id like 'T20.Towns.%'",
        found={("lost_rows", "Table 20", "Towns", "lost_row")},
    ),
    "bar_does_not_add_up": slip(
        "delete from draft where cell_id like 'F17.%.No plan.%'",
        print_as("cell_id like 'F21.%.No climate budget in place.%'", 54),
        found={("shares", "Figure 21", "row All NMCs, column No climate budget in place", "one_digit")},
    ),
    "wrong_base": slip(
        print_as(sentence("P729"), 60),
        found={
            (
                "shares",
                "Line 729",
                "small urban areas and towns among cities with a target in place or in process",
                "wrong_base",
            ),
        },
    ),
    "impossible_share_of_a_group": slip(
        print_as(sentence("P2345"), 39),
        found={("shares", "Line 2345", "plan to allocate additional trained staff", "wrong_base")},
    ),
    "cut_off_instead_of_rounded": slip(
        print_as(sentence("P952"), 20),
        found={("shares", "Line 952", "existing target and cross-sectoral collaboration", "other_rounding")},
    ),
    "median_called_mean": slip(
        "update draft set value = (select value from draft where cell_id like 'T2.Mission Cities.median.%'), "
        "printed = value where starts_with(cell_id, 'P603')",
        found={("repeats", "Line 603", "population mean", "other_statistic")},
    ),
    "one_digit_mistyped": slip(
        print_as(sentence("P2732.38"), 90),
        found={
            ("shares", "Line 2732", "Planned target", "one_digit"),
        },
    ),
    "bound_printed_twice": slip(
        print_as(sentence("P673"), 20000),
        found={("repeats", "Line 673", "Towns upper bound (footnote 14)", "one_digit")},
    ),
    "no_count_of_those_that_answered": slip(
        print_as(sentence("P756.35"), 35),
        found={("shares", "Line 756", "NMC target year 2040", None)},
    ),
    "another_table_cited": slip(
        f"update draft set refers_to = 'Table 21' where {sentence('P1897')}",
        found={
            ("references", "Line 1897", "Small: lack of funding levels 4-5", "other_source"),
            ("references", "Line 1897", "Towns: lack of funding levels 4-5", "other_source"),
        },
    ),
    "another_base_stated": slip(
        f"update draft set base_as_stated = '26 small' where {sentence('P1897.71')}",
        found={("bases", "Line 1897", "Towns: lack of funding levels 4-5, stated base", None)},
    ),
    "an_answer_missing": slip(
        print_as("cell_id like 'F32.Lack of consolidated%.3.%'", 4),
        found={
            (
                "sums",
                "Figure 32",
                "sum of row Lack of consolidated emissions measuring tools and framework",
                "missing_answers",
            )
        },
    ),
    "two_sentences_disagree": slip(
        print_as(sentence("P601.3"), 4145),
        found={("ties", "Table 2", "row Non-Mission Cities, column min", None)},
    ),
    "no_majority": slip(
        "insert into knowledge.claims values "
        "('no_majority', 'C1', 1, 'most are towns', 'majority', 'size_town', null, null, null)",
        found={("claims", "Line 1", "most are towns", None)},
    ),
    "another_is_larger": slip(
        "insert into knowledge.claims values "
        "('another_is_larger', 'C2', 2, 'towns are the largest class', 'largest', 'size_town', 'size_small', null, "
        "null)",
        found={("claims", "Line 2", "towns are the largest class", None)},
    ),
    "no_pattern": slip(
        "insert into knowledge.claims values "
        "('no_pattern', 'C3', 3, 'no pattern of plans by target', 'no pattern', null, null, 'T12', null)",
        found={("claims", "Line 3", "no pattern of plans by target", None)},
    ),
    "not_all": slip(
        "insert into knowledge.claims values "
        "('not_all', 'C4', 4, 'all small areas see fragmentation', 'all', 'ch_fragmentation_small', null, null, null)",
        found={("claims", "Line 4", "all small areas see fragmentation", None)},
    ),
    "no_part": slip(
        "insert into knowledge.claims values "
        "('no_part', 'C5', 5, 'small areas are some of the towns', 'part', 'size_small', 'size_town', null, null)",
        found={("claims", "Line 5", "small areas are some of the towns", None)},
    ),
    "a_claim_cites_another_table": slip(
        "insert into knowledge.claims values "
        "('a_claim_cites_another_table', 'C6', 6, 'some are towns', 'some', 'size_town', null, null, 'Figure 21')",
        found={("references", "Line 6", "some are towns", "other_source")},
    ),
    "two_words_for_one": slip(
        "insert into knowledge.report_facts values "
        "('two_words_for_one', 'Line 9', 'Survey', 'opened in', 'May'), "
        "('two_words_for_one', 'Line 7', 'Survey', 'opened in', 'April'), "
        "('two_words_for_one', 'Table 8', 'Survey', 'opened in', 'april'), "
        "('two_words_for_one', 'Line 7', 'Survey', 'closed in', 'June'), "
        "('two_words_for_one', 'Line 9', 'Survey', 'closed in', 'June')",
        found={("facts", "Line 9", "Survey opened in", None)},
    ),
    "left_out_of_a_list": slip(
        "insert into knowledge.report_lists values "
        "('left_out_of_a_list', 'all', 'Table 37', 'Needs', null), "
        "('left_out_of_a_list', 'main', 'Line 10', 'The two main needs', 'all')",
        "insert into knowledge.report_list_members values "
        "('left_out_of_a_list', 'all', 'funding'), "
        "('left_out_of_a_list', 'main', 'funding'), ('left_out_of_a_list', 'main', 'staff')",
        found={("lists", "Table 37", "Needs: staff", None)},
    ),
    "header_of_another_scale": slip(
        "update draft set note = 'printed headers say No priority / High priority' where cell_id like 'T24.%'",
        found={("headers", "Table 24", "column headers", "other_scale")},
    ),
}


@pytest.fixture(scope="module")
def settings(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A build database of the bundled data with a correct draft and one draft a slip beside the printed report."""
    home = Deployment(bundled.seeds, tmp_path_factory.mktemp("drafts"), bundled.releases).settings
    report = write_report(bundled.settings, "2024", "internal", tmp_path_factory.mktemp("report") / "2024.docx")
    document = draft_edits(report.read_bytes(), bundled.seeds, "2024")
    print_drafts(home, bundled.settings.served_database, drafts(document))
    return home


def drafts(document: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    yield CORRECT, ()
    yield "document", document
    yield "copied", (COPY_T32_TO_T36,)
    for name, planted in SLIPS.items():
        yield name, planted.edits


COPY_T32_TO_T36 = """
create or replace temp table draft as
select * from draft where cell_id not like 'T36.%'
union all by name
select * replace (replace(cell_id, 'T32.', 'T36.') as cell_id, 36 as number) from draft where cell_id like 'T32.%'
"""


@pytest.fixture(scope="module")
def found(settings: Settings) -> Callable[[str], set[Finding]]:
    def of_wave(wave: str) -> set[Finding]:
        with duckdb.connect(str(settings.build_database), read_only=True) as connection:
            return set(
                connection.execute(
                    "select rule_code, source_label, place, explanation_code from gaps.gap_errata where wave = ?",
                    [wave],
                ).fetchall()
            )

    return of_wave


def test_a_report_printed_from_the_data_has_no_errata(found: Callable[[str], set[Finding]]) -> None:
    assert found(CORRECT) == set()


def test_the_draft_report_has_no_errata(settings: Settings, found: Callable[[str], set[Finding]]) -> None:
    """The document read back says every number of the correct draft, but for the sentences that it does not print."""
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        missing = connection.execute(
            "select cell_id from knowledge.published_cells where wave = $correct and source <> 'prose' "
            "except select cell_id from knowledge.published_cells where wave = 'document'",
            {"correct": CORRECT},
        ).fetchall()
        sentences = connection.execute(
            "select count(*) from knowledge.published_cells where wave = 'document' and source = 'prose'"
        ).fetchone()
    assert missing == []
    assert sentences is not None
    assert sentences[0] > 100
    assert found("document") == set()


@pytest.mark.parametrize("name", SLIPS)
def test_a_planted_error_is_found_by_its_rule(found: Callable[[str], set[Finding]], name: str) -> None:
    assert found(name) == SLIPS[name].found


def test_a_copied_table_is_found_and_its_totals_are_not_held_against_others(
    found: Callable[[str], set[Finding]],
) -> None:
    assert found("copied") == {("copies", "Table 36", "all rows", "copied_table")}


def test_every_rule_has_a_planted_error(settings: Settings, found: Callable[[str], set[Finding]]) -> None:
    planted = {finding[0] for name in (*SLIPS, "copied") for finding in found(name)}
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        rules = connection.execute("select code from knowledge.errata_rules where kind = 'rule'").fetchall()
    assert {code for (code,) in rules} - planted == {"data"}, "the rule on real data has a test of its own"


def served(deployment: Deployment, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_first_report_contradicts_itself_where_a_reader_would_say_so(bundled: Deployment) -> None:
    """The best known slips of D1.1, with the explanation that a person gives."""
    findings = set(
        served(bundled, "select source_label, place, explanation_code from gaps.gap_errata where wave = '2024'")
    )
    assert findings >= {
        ("Table 7", "columns Fragmented responsibility and Other", "exchanged_headers"),
        ("Table 26", "rows Medium-size urban areas and Metropolitan areas", "exchanged_rows"),
        ("Table 36", "all rows", "copied_table"),
        ("Table 15", "Towns", "lost_row"),
        ("Table 29", "row Towns, column 5 = High benefit", None),
        ("Line 603", "population mean", "other_statistic"),
        (
            "Line 729",
            "small urban areas and towns among cities with a target in place or in process",
            "wrong_base",
        ),
        ("Line 1409", "engaged in European or other research projects", "other_source"),
        ("Line 1737", "1-10% of annual budget for climate in 2023, stated base", None),
        ("Line 2345", "plan to allocate additional trained staff", "wrong_base"),
        ("Line 1391", "only sectoral plans", "one_digit"),
    }


def test_what_cannot_be_decided_names_every_side(bundled: Deployment) -> None:
    """The regions of 62 cities sum to 68 (lines 574-580), and nothing tells which of the four is wrong."""
    (alternatives,) = served(
        bundled, "select alternatives from gaps.gap_errata where rule_code = 'ties' and source_label = 'Line 574'"
    )[0]
    assert isinstance(alternatives, str)
    assert [
        side for side in ("30 (would be 24)", "16 (would be 10)", "6 (would be 0)") if side not in alternatives
    ] == []


def test_synthetic_answers_never_contradict_the_report(bundled: Deployment) -> None:
    """Only the registry of Mission Cities is real: 34 Western and 25 Northern, printed 24 and 23 (lines 576, 580)."""
    by_data = served(
        bundled, "select source_label, printed, computed_value from gaps.gap_errata where rule_code = 'data' order by 1"
    )
    assert by_data == [("Line 576", "24", 34.0), ("Line 580", "23", 25.0)]


def test_drafts_are_checked_without_any_answer_behind_them(settings: Settings) -> None:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        waves = connection.execute("select distinct wave from gaps.gap_cube order by all").fetchall()
    assert waves == [("2024",), ("2025",), ("2026",)]


def test_planted_errors_are_found_and_right_numbers_left_alone(settings: Settings) -> None:
    """The short version of `make bench-errata`: one error a kind, at a place that the name of the kind draws."""
    counts = run(read_report(settings.build_database, CORRECT), list(KINDS), each=1)
    assert sum(one["found"] for one in counts.values()) >= len(KINDS) - 1
    assert {kind: one["accusing_right"] for kind, one in counts.items() if one["accusing_right"]} == {}
