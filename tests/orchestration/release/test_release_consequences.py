"""What hidden rows and tables leave unsaid in others."""

import pyarrow as pa
import pytest

from orchestration.disclosure.tables import Families, Printed
from orchestration.release.consequences import adjust_again, hide_printed, list_shown_tables

FAMILIES = Families(
    p_value="p", adjusted="adjusted", within="family", verdict="verdict",
    words={"clear gap": "some evidence", "gap or wording": "some evidence or wording"}, threshold="limit",
)  # fmt: skip
PRINTED = Printed(columns=("printed", "expected"), cohort="cohort", source="source", tables=("Table", "Figure"))


def family_of(*p_values: float | None, verdict: str = "some evidence") -> pa.Table:
    """One family; what stands adjusted was adjusted by tests that may be hidden."""
    rows = [{"family": "F", "p": p, "adjusted": None if p is None else 0.9, "verdict": verdict} for p in p_values]
    return pa.Table.from_pylist(
        rows, pa.schema({"family": "string", "p": "double", "adjusted": "double", "verdict": "string"})
    )


def test_p_values_are_adjusted_over_the_tests_that_are_shown() -> None:
    found = adjust_again(family_of(0.01, None, 0.04), FAMILIES, {"limit": 0.05})
    assert found["adjusted"].to_pylist() == [pytest.approx(0.02), None, pytest.approx(0.04)]
    assert found["verdict"].to_pylist() == ["clear gap", "some evidence", "clear gap"]


def test_a_hidden_test_leaves_no_trace_in_those_of_its_family() -> None:
    shown = [adjust_again(family_of(0.01, 0.04, None), FAMILIES, {"limit": limit}) for limit in (0.05, 0.03)]
    assert shown[0]["adjusted"] == shown[1]["adjusted"]
    assert shown[1]["verdict"].to_pylist() == ["clear gap", "some evidence", "some evidence"]


def test_a_gap_of_reworded_questions_stays_one_that_may_be_of_the_wording() -> None:
    found = adjust_again(family_of(0.01, 0.04, verdict="gap or wording"), FAMILIES, {"limit": 0.03})
    assert found["verdict"].to_pylist() == ["gap or wording", "some evidence or wording"]


def test_a_verdict_whose_p_value_is_hidden_is_the_weaker_word() -> None:
    found = adjust_again(family_of(None, 0.01, verdict="clear gap"), FAMILIES, {"limit": 0.05})
    assert found["verdict"].to_pylist() == ["some evidence", "clear gap"]


def test_other_verdicts_than_those_of_the_adjusted_p_value_stay() -> None:
    found = adjust_again(family_of(0.01, verdict="base too small"), FAMILIES, {"limit": 0.05})
    assert found["verdict"].to_pylist() == ["base too small"]


def errata(*places: tuple[str, str | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"source": source, "cohort": cohort, "printed": "8", "expected": 13, "obs_status": "P", "conf_status": "F"}
            for source, cohort in places
        ]
    )


def test_numbers_of_a_table_that_hides_some_are_taken_out_and_sentences_left_out() -> None:
    found = hide_printed(
        errata(("Table 26", "NMC"), ("Figure 3", "NMC"), ("Line 9", "NMC"), ("Line 9", None), ("Line 8", "REG")),
        PRINTED, {"NMC"}, {"Figure 3"},
    ).to_pylist()  # fmt: skip
    assert [(row["source"], row["printed"], row["expected"], row["conf_status"]) for row in found] == [
        ("Table 26", None, None, "C"),
        ("Figure 3", "8", 13, "F"),
        ("Line 8", "8", 13, "F"),
    ]


def test_a_table_is_shown_where_none_of_its_cells_is_hidden_or_merged() -> None:
    reasons = [("table", 1, None), ("table", 1, "small_count"), ("figure", 2, None), ("table", 3, "merged_classes")]
    sources, numbers, why = zip(*reasons, strict=True)
    cells = pa.table({"source": sources, "number": numbers, "hidden_reason": pa.array(why, pa.string())})
    assert list_shown_tables(cells) == {"Figure 2"}
