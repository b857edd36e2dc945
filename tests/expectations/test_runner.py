from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest

from expectations.outcomes import Outcome
from expectations.runner import Rule, RuleError, validate

FRAME = pd.DataFrame({"city": ["a", "b", "c"], "share": [10.0, 120.0, None], "table": ["T1", "T2", "T9"]})


def _rule(expectation: str, name: str = "a_rule", **kwargs: Any) -> Rule:
    return Rule(
        name=name,
        description="Things are as they should be.",
        severity="error",
        expectation=expectation,
        remedy="mend it.",
        kwargs=kwargs,
    )


def test_a_rule_that_holds_has_an_outcome_too() -> None:
    [outcome] = validate(FRAME, [_rule("expect_column_values_to_not_be_null", column="city")], ["city"])
    counts = {"element_count": 3, "unexpected_count": 0, "unexpected_percent": 0}
    evaluated = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "city"}, "success": True}
    found = ({**evaluated, "result": counts},)
    assert outcome == Outcome("a_rule", "Things are as they should be.", "error", True, 0, (), "mend it.", found)
    assert outcome.summary() == "a_rule: passed. Things are as they should be."


def test_a_rule_that_is_broken_names_count_keys_and_remedy() -> None:
    rules = [
        _rule("expect_column_values_to_be_between", "shares", column="share", min_value=0, max_value=100),
        _rule("expect_column_values_to_not_be_null", "known", column="share"),
    ]
    shares, known = validate(FRAME, rules, ["city"])
    assert (shares.passed, shares.count, shares.keys) == (False, 1, ("city b, share 120",))
    assert (known.passed, known.count, known.keys) == (False, 1, ("city c, share missing",))
    assert known.summary() == (
        "known: failed, 1 found (city c, share missing). Things are as they should be. To do: mend it."
    )


def test_outcomes_name_at_most_five_keys() -> None:
    frame = pd.DataFrame({"row": range(12), "value": [-1] * 12})
    [outcome] = validate(frame, [_rule("expect_column_values_to_be_between", column="value", min_value=0)], ["row"])
    assert outcome.count == 12
    assert outcome.keys == tuple(f"row {row}, value -1" for row in range(5))
    assert "and 7 more" in outcome.summary()


def test_rules_of_one_name_are_one_outcome() -> None:
    rules = [
        _rule("expect_column_values_to_not_match_regex", column=column, regex=regex)
        for column in ("city", "table")
        for regex in ("b", "T9")
    ]
    [outcome] = validate(FRAME, rules, ["city"])
    assert (outcome.count, outcome.keys) == (2, ("city b", "city c, table T9"))


def test_a_rule_on_a_whole_column_names_what_differs() -> None:
    rules = [
        _rule("expect_column_distinct_values_to_equal_set", "set", column="table", value_set=["T1", "T2", "T3"]),
        _rule("expect_table_row_count_to_equal", "rows", value=4),
    ]
    tables, rows = validate(FRAME, rules, ["city"])
    assert (tables.passed, tables.count, tables.keys) == (False, 2, ("missing T3", "unexpected T9"))
    assert (rows.passed, rows.count, rows.keys) == (False, 1, ("found 3",))


def test_a_rule_that_cannot_be_evaluated_is_no_outcome() -> None:
    with pytest.raises(RuleError, match=r"rule a_rule .*nowhere.* broke: "):
        validate(FRAME, [_rule("expect_column_values_to_not_be_null", column="nowhere")], ["city"])


def test_rules_hold_on_a_frame_without_rows() -> None:
    [outcome] = validate(FRAME.iloc[:0], [_rule("expect_column_values_to_be_null", column="city")], ["city"])
    assert outcome.passed


def test_what_was_evaluated_is_told_without_a_value_of_a_row() -> None:
    [outcome] = validate(FRAME, [_rule("expect_column_values_to_be_in_set", column="city", value_set=["a"])], ["city"])
    assert not outcome.passed
    [evaluated] = outcome.expectations
    assert set(evaluated["result"]) <= {
        "element_count", "missing_count", "missing_percent", "unexpected_count", "unexpected_percent"
    }  # fmt: skip


def test_no_rules_need_no_great_expectations() -> None:
    assert validate(FRAME, [], ["city"]) == []


def test_telemetry_is_off() -> None:
    validate(FRAME, [_rule("expect_column_values_to_not_be_null", column="city")], ["city"])
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_an_outcome_survives_its_record() -> None:
    outcome = Outcome("r", "d", "warn", False, 9, ("a", "b"), "do.")
    entry = {"tool": "great_expectations", "stage": "door", **vars(outcome), "keys": ["a", "b"]}
    assert Outcome.from_entry(entry) == outcome
    assert outcome.summary() == "r: warns, 9 found (a; b and 7 more). d To do: do."
