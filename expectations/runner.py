"""Runs rules on a data frame with Great Expectations and turns its results into outcomes.

Here: the only place that imports Great Expectations, once and when needed, since that takes seconds. Not
here: rules (door.py, release_gate.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from expectations.outcomes import MAX_KEYS, Outcome, Severity

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Rule:
    """One expectation of Great Expectations with our name, reason and remedy.

    `expectation` is its type, such as `expect_column_values_to_not_be_null`; `kwargs` are its arguments.
    Rules of one name are told as one outcome, so they share description, severity and remedy.
    """

    name: str
    description: str
    severity: Severity
    expectation: str
    remedy: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def fill(self, words: Mapping[str, Any] = MappingProxyType({}), **kwargs: Any) -> Rule:
        """The rule with what only the data's side knows: words of its description, further arguments."""
        return replace(self, description=self.description.format_map(words), kwargs={**self.kwargs, **kwargs})


class RuleError(RuntimeError):
    """A rule that could not be evaluated, which is neither passing nor failing."""


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules of a suite by name, in the order of its YAML file."""
    import yaml

    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: Rule(name=name, **entry) for name, entry in entries.items()}


def validate(frame: pd.DataFrame, rules: Sequence[Rule], keys: Sequence[str]) -> list[Outcome]:
    """Evaluate rules on a frame in one batch; one outcome a rule name, in order of first appearance.

    `keys` are the columns that name an offending row. Raises RuleError if a rule cannot be evaluated.
    """
    if not rules:
        return []
    outcomes: dict[str, Outcome] = {}
    for rule, result in zip(rules, _results(frame, rules, keys), strict=True):
        outcomes[rule.name] = _add_result(outcomes.get(rule.name), rule, result, keys)
    return list(outcomes.values())


# Of a result, what tells no value of a row.
_COUNTS = ("element_count", "missing_count", "missing_percent", "unexpected_count", "unexpected_percent")


def _results(frame: pd.DataFrame, rules: Sequence[Rule], keys: Sequence[str]) -> list[Any]:
    """Results in the order of the rules; Great Expectations itself returns them in another."""
    gx = great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batch = context.data_sources.pandas_default.read_dataframe(frame)
    suite = gx.ExpectationSuite(name="rules", expectations=[_expectation(i, rule) for i, rule in enumerate(rules)])
    result_format = {
        "result_format": "SUMMARY",
        "unexpected_index_column_names": list(keys),
        "partial_unexpected_count": MAX_KEYS,
    }
    results = batch.validate(suite, result_format=result_format).results
    by_index = {result.expectation_config.meta["index"]: result for result in results}
    return [by_index[index] for index in range(len(rules))]


def great_expectations() -> Any:
    """The package, imported when it is needed."""
    # Read when the package is imported: afterwards it is too late to stop its telemetry.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    return great_expectations


def _expectation(index: int, rule: Rule) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(rule.expectation)(**rule.kwargs, meta={"index": index})


def _add_result(so_far: Outcome | None, rule: Rule, result: Any, keys: Sequence[str]) -> Outcome:
    """The outcome of a rule with one result more."""
    _raise_if_not_evaluated(rule, result)
    outcome = so_far or Outcome(rule.name, rule.description, rule.severity, True, 0, (), rule.remedy)
    count, found = (0, []) if result.success else _find_offenders(result.result, keys)
    evaluated = {
        "type": rule.expectation,
        "kwargs": json.loads(json.dumps(dict(rule.kwargs), default=str)),
        "success": bool(result.success),
        "result": _numbers(result.result),
    }
    return replace(
        outcome,
        passed=outcome.passed and evaluated["success"],
        count=outcome.count + count,
        keys=(*outcome.keys, *found)[:MAX_KEYS],
        expectations=(*outcome.expectations, evaluated),
    )


def _find_offenders(found: Mapping[str, Any], keys: Sequence[str]) -> tuple[int, list[str]]:
    """How many rows or values broke an expectation, and some of them."""
    if "partial_unexpected_index_list" in found:
        return int(found["unexpected_count"]), [_key(row, keys) for row in found["partial_unexpected_index_list"]]
    if "partial_missing_list" in found:
        missing = [f"missing {_write_out(value)}" for value in found["partial_missing_list"]]
        unexpected = [f"unexpected {_write_out(value)}" for value in found["partial_unexpected_list"]]
        return int(found["missing_count"]) + int(found["unexpected_count"]), [*missing, *unexpected]
    return 1, [f"found {_write_out(found.get('observed_value'))}"]


def _numbers(found: Mapping[str, Any]) -> dict[str, float]:
    """Counts and percentages of a result; of no rows there is no percentage."""
    numbers = {name: found.get(name) for name in _COUNTS}
    return {name: float(number) for name, number in numbers.items() if number is not None and number == number}


def _raise_if_not_evaluated(rule: Rule, result: Any) -> None:
    info = result.exception_info or {}
    details = [info] if "raised_exception" in info else list(info.values())
    for detail in details:
        if detail.get("raised_exception"):
            message = detail.get("exception_message")
            raise RuleError(f"rule {rule.name} ({rule.expectation} {dict(rule.kwargs)}) broke: {message}")


def _key(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    columns = [*keys, *(column for column in row if column not in keys)]
    return ", ".join(f"{column} {_write_out(row[column])}" for column in columns)


def _write_out(value: Any) -> str:
    if value is None or value != value:
        return "missing"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
