"""The numbers of a printed report as one system of constraints: what each says of counts that nobody sees.

The variables are the true counts: cities of a cohort, with a choice, with two. A printed number is a claim about them,
within its rounding; that parts make a whole is logic. Not here: the rows (printed_report.py), which claims are wrong
(diagnosis.py), what is said of them (contradictions.py), answers of respondents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

from orchestration.statistics.diagnosis import Claim, Constraint, Expression, System, Variable
from orchestration.statistics.printed_report import ALL, ANSWERED, MISSING, Knowledge, Printed, Term

_STATISTICS = ("min", "median", "mean", "max", "sd")
# Half a unit of the last printed place, and a little for binary fractions.
_HALF = 0.5 + 1e-9
_OPEN_END = 1e-6
# Another rounding is less of a slip than another number; nobody misprints what reviewed knowledge tells.
_ROUNDING_COST = 0.25
_KNOWN_COST = 0.5
_MISSING_COST = 1.5
# Of a cohort of which no count is printed.
_UPPER = 1000.0
# No share has a base below one city.
_BASE_MIN = 1.0


class Literal(NamedTuple):
    """Cities that have any of the choices of an item, or none of them."""

    item: str
    choices: frozenset[str]
    is_chosen: bool = True


class Votes:
    """What the sources of a report say of a variable, each source once: a row or column of a table, or a number."""

    def __init__(self, numbers: Iterable[Printed], knowledge: Knowledge) -> None:
        self.by_variable: dict[Variable, dict[float, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
        counts = [number for number in numbers if number.statistic == "count" and number.precision_code == "exact"]
        crossed = [number for number in counts if number.is_crossed and number.choice_kind == "level"]
        members: dict[tuple[str | None, ...], set[str]] = defaultdict(set)
        for number in crossed:
            members[number.cohort_code, number.dimension_code].add(number.member_code)
            members[number.cohort_code, number.dimension_code, number.table_id].add(number.member_code)
        lines: dict[tuple[Variable, str, int], float] = defaultdict(float)
        for number in crossed:
            cohort, dimension, source = (
                number.cohort_code,
                number.dimension_code,
                (number.source_label, number.source_order),
            )
            if knowledge.is_whole(number.item_code):
                lines[("M", cohort, dimension, number.member_code), *source] += number.value
            # A table whose rows are not all printed has no column totals.
            is_complete = members[cohort, dimension, number.table_id] == members[cohort, dimension]
            if is_complete and knowledge.is_whole(dimension):
                lines[("M", cohort, number.item_code, number.choice_code), *source] += number.value
        for number in counts:
            if number.item_code == ALL:
                lines[("N", number.cohort_code), number.source_label, number.source_order] = number.value
            elif number.dimension_code == ALL and number.choice_code is not None and number.choice_kind == "level":
                variable = ("M", number.cohort_code, number.item_code, number.choice_code)
                lines[variable, number.source_label, number.source_order] = number.value
        for (variable, label, order), total in lines.items():
            self.by_variable[variable][total][label] = order

    def find_settled(self, knowledge: Knowledge) -> dict[Variable, float]:
        """Variables that so many sources agree on that another value would cost more than theirs ever can."""
        settled: dict[Variable, float] = {}
        for variable, by_value in self.by_variable.items():
            ranked = sorted(by_value.items(), key=lambda one: (-len(one[1]), one[0]))
            top = len(ranked[0][1])
            if top >= 4 and top >= 3 * sum(len(labels) for _, labels in ranked[1:]):
                settled[variable] = ranked[0][0]
        # Where every choice of an item is settled, so are those that did not answer.
        for cohort, item in {variable[1:3] for variable in settled if variable[0] == "M"}:
            parts = [settled.get(("M", cohort, item, choice)) for choice in knowledge.choices[item]]
            known = [part for part in parts if part is not None]
            if ("N", cohort) not in settled:
                continue
            rest = settled["N", cohort] - sum(known)
            if rest < 0:
                # They cannot all be right: nothing of the item is settled.
                for choice in knowledge.choices[item]:
                    settled.pop(("M", cohort, item, choice), None)
            elif len(known) == len(parts):
                settled["missing", cohort, item] = rest
        return settled

    def read_line(self, number: Printed, kind: str) -> Mapping[float, Mapping[str, int]]:
        """What sources print for the total of a number's row or column: value → labels of sources."""
        is_member = getattr(number, f"{kind}_code") == number.member_code
        items = (number.dimension_code, number.member_code) if is_member else (number.item_code, number.choice_code)
        return self.by_variable.get(("M", number.cohort_code, *items), {})

    def name(self, variable: Variable, value: float, without: str = "") -> list[tuple[int, str]]:
        """The sources that print a value of a variable."""
        labels = self.by_variable.get(variable, {}).get(value, {})
        return sorted((order, label) for label, order in labels.items() if label != without)


class ReportSystem:
    """Builds the system of some numbers of a report."""

    def __init__(self, numbers: Iterable[Printed], knowledge: Knowledge, settled: Mapping[Variable, float]) -> None:
        self.knowledge = knowledge
        self.settled = settled
        self.numbers = {number.cell_id: number for number in numbers}
        self.system = System()
        self._items: dict[tuple[str, str], None] = {}
        self._pairs: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
        for number in self.numbers.values():
            self._claim(number)
        self._join_statistics()
        self._close()

    @cached_property
    def _upper(self) -> dict[str | None, float]:
        """No count of a cohort is above twice the largest that is printed, nor above all that is settled of it."""
        upper: dict[str | None, float] = defaultdict(float)
        for variable, value in self.settled.items():
            upper[variable[1]] += value
        for number in self.numbers.values():
            if number.statistic == "count":
                upper[number.cohort_code] = max(upper[number.cohort_code], 2.0 * number.value)
        return upper

    # What a printed number claims.

    def _claim(self, number: Printed) -> None:
        cohort = number.cohort_code
        measure = self.knowledge.measures.get(number.measure_id or "")
        if number.logic is not None:
            self._claim_in_words(number)
        elif number.statistic == "known" and measure:
            self._add_claim(number, self._statistic(("known", str(measure["subject"]), number.value), number))
        elif cohort is None or number.precision_code == "text":
            return
        elif number.statistic in _STATISTICS and number.item_code:
            quantity = (cohort, number.item_code, number.dimension_code, number.member_code, number.statistic)
            self._add_claim(number, self._statistic(("statistic", quantity), number))
        elif number.statistic in ("largest", "smallest"):
            self._claim_extreme(number)
        elif number.statistic == "count":
            self._add_claim(number, self._count_of(number))
        elif number.statistic == "share" and number.dimension_code == ALL:
            numerator, base = self._share_of(number)
            self._claim_share(number, numerator, base)
            if number.stated_base_n is not None:
                self._claim_base(number, base)

    def _count_of(self, number: Printed) -> Expression:
        cohort = str(number.cohort_code)
        if number.measure_id is not None:
            terms = self.knowledge.terms.get(number.measure_id, ())
            return self._count(cohort, [*_literals(terms, "base"), *_literals(terms, "numerator")])
        item, choice = str(number.item_code), number.choice_code or ANSWERED
        literals = [] if item == ALL else [Literal(item, frozenset([choice]))]
        if number.dimension_code != ALL:
            literals.append(Literal(number.dimension_code, frozenset([number.member_code])))
        return self._count(cohort, literals)

    def _share_of(self, number: Printed) -> tuple[Expression, Expression]:
        cohort = str(number.cohort_code)
        terms = self.knowledge.terms.get(number.measure_id or "", ())
        if not terms:
            terms = (Term("numerator", str(number.item_code), str(number.choice_code), True),)
        numerator, base = _literals(terms, "numerator"), _literals(terms, "base")
        measure = self.knowledge.measures.get(number.measure_id or "")
        rule = measure["base_rule"] if measure else self.knowledge.base_rule(number.item_code)
        if rule == ANSWERED and number.choice_kind == "level":
            base = [*base, *(Literal(one.item, frozenset([ANSWERED])) for one in numerator)]
        return self._count(cohort, [*base, *numerator]), self._count(cohort, base)

    def _add_claim(self, number: Printed, expression: Expression) -> None:
        half = _HALF * 10.0**-number.decimals if number.statistic in _STATISTICS else 0.0
        low, high = number.value - half, number.value + half
        if number.precision_code == "over":
            high = float("inf")
        elif number.precision_code != "exact":
            low = 0.0
        self._constrain(expression, low, high, Claim(number.cell_id), 1.0)
        self.system.shown[number.cell_id] = (expression,)

    def _claim_share(self, number: Printed, numerator: Expression, base: Expression) -> None:
        if number.precision_code != "exact":
            return
        unit = 10.0**-number.decimals
        levels = max(1, sum(1 for value in numerator.values() if value > 0))
        # Levels that are rounded one by one may add up to half a unit each beside the share.
        loose = max(1.0, levels / 2.0)
        parts = ((_HALF * unit, "rounding", _ROUNDING_COST), (loose * unit, "", 1.0 - _ROUNDING_COST))
        for width, part, cost in parts:
            claim = Claim(number.cell_id, part)
            for sign in (1.0, -1.0):
                # Half a unit above is rounded up: it belongs to the next number.
                open_end = _OPEN_END * unit if part and sign > 0 else 0.0
                edge = (number.value + sign * width - open_end) / 100.0
                terms = _add(_scale(numerator, sign), base, -sign * edge)
                self._constrain(terms, -float("inf"), 0.0, claim, cost)
            self._constrain(base, _BASE_MIN, float("inf"), claim, cost)
        self.system.shown[number.cell_id] = (numerator, base)

    def _claim_base(self, number: Printed, base: Expression) -> None:
        name = f"{number.cell_id}#base"
        stated = number.stated_base_n or 0.0
        self._constrain(base, stated, stated, Claim(name), 1.0)
        self.system.shown[name] = (base,)

    def _claim_extreme(self, number: Printed) -> None:
        cohort = str(number.cohort_code)
        terms = self.knowledge.terms.get(number.measure_id or "", ())
        sign = 1.0 if number.statistic == "largest" else -1.0
        extreme = self._fresh(cohort, ("extreme", number.measure_id))
        for term in terms:
            self._constrain(
                _add(_scale(extreme, sign), self._choice(cohort, term.item_code, term.choice_code), -sign), 0
            )
        self._add_claim(number, extreme)

    def _claim_in_words(self, number: Printed) -> None:
        """A majority is more than half of a base, `all` the whole of it, `some` one city at least.

        The largest is above or equal to others, the smallest below; so is a part to its whole.
        """
        if number.measure_id is None:
            return
        numerator, base = self._share_of(number)
        claim = Claim(number.cell_id)
        self.system.shown[number.cell_id] = (numerator, base)
        if number.logic == "majority":
            self._constrain(_add(_scale(numerator, 2.0), base, -1.0), 1.0, float("inf"), claim)
        elif number.logic == "all":
            self._constrain(_add(numerator, base, -1.0), 0.0, float("inf"), claim)
        elif number.logic == "some":
            self._constrain(numerator, 1.0, float("inf"), claim)
        for measure in number.than:
            other, other_base = self._share_of(replace(number, measure_id=measure))
            difference = self._compare((numerator, base), (other, other_base))
            if difference is not None:
                self.system.shown[f"{number.cell_id}<{measure}"] = (other, other_base)
                self._constrain(_scale(difference, 1.0 if number.logic == "largest" else -1.0), 0, float("inf"), claim)

    def _compare(self, one: tuple[Expression, Expression], other: tuple[Expression, Expression]) -> Expression | None:
        """The difference of two counts of one base, or of two shares of settled bases; None where it is open."""
        if one[1] == other[1]:
            return _add(one[0], other[0], -1.0)
        sizes = [[self.settled.get(variable) for variable in base] for _, base in (one, other)]
        if any(len(size) != 1 or not size[0] for size in sizes):
            return None
        return _add(_scale(one[0], 1.0 / (sizes[0][0] or 1.0)), other[0], -1.0 / (sizes[1][0] or 1.0))

    # Statistics of numbers, and numbers that knowledge has.

    def _statistic(self, key: tuple[Any, ...], number: Printed) -> Expression:
        variable: Variable = key[:2]
        printed = 20.0 * max(abs(number.value), 1.0)
        known = self.knowledge.known.get(str(key[1])) if key[0] == "known" else None
        low, high = self.system.bounds.get(variable, (0.0, 0.0))
        self.system.bounds[variable] = (low, max(high, printed, 2.0 * (known or 0.0)))
        self.system.real.add(variable)
        if known is not None and high == 0.0:
            self._constrain({variable: 1.0}, known, known, Claim(f"known.{key[1]}"), _KNOWN_COST)
        return {variable: 1.0}

    def _join_statistics(self) -> None:
        """Statistics of the same numbers bound each other: by order, and the sd by the range of n numbers."""
        quantities: dict[tuple[Any, ...], dict[str, Variable]] = defaultdict(dict)
        for variable in list(self.system.bounds):
            if variable[0] == "statistic":
                *quantity, statistic = variable[1]
                quantities[tuple(quantity)][statistic] = variable
        for (cohort, *_), found in quantities.items():
            for lower, upper in (
                ("min", "median"),
                ("min", "mean"),
                ("median", "max"),
                ("mean", "max"),
                ("min", "max"),
            ):
                if lower in found and upper in found:
                    self._constrain({found[upper]: 1.0, found[lower]: -1.0}, -1e-6)
            if {"min", "max", "sd"} <= found.keys():
                # Popoviciu (1935): half the range; of a sample sqrt(n / (n - 1)) of that.
                n = max(2.0, min((one.value for one in self.numbers.values() if one.is_size_of(cohort)), default=2.0))
                factor = 0.5 * (n / (n - 1.0)) ** 0.5
                self._constrain({found["max"]: factor, found["min"]: -factor, found["sd"]: -1.0}, -1e-6)
            if {"mean", "median", "sd"} <= found.keys():
                for sign in (1.0, -1.0):
                    self._constrain({found["sd"]: 1.0, found["mean"]: sign, found["median"]: -sign}, -1e-6)

    # Counts of cities.

    def _size(self, cohort: str) -> Expression:
        return self._variable(("N", cohort), cohort)

    def _choice(self, cohort: str, item: str, choice: str) -> Expression:
        """Cities of a cohort with a choice, with any answer, or without."""
        self._items[cohort, item] = None
        if choice == MISSING:
            return self._variable(("missing", cohort, item), cohort)
        if choice == ANSWERED:
            return _add(self._size(cohort), self._choice(cohort, item, MISSING), -1.0)
        return self._variable(("M", cohort, item, choice), cohort)

    def _count(self, cohort: str, literals: list[Literal]) -> Expression:
        """Cities that meet every literal."""
        literals = self._merge(literals)
        for place, one in enumerate(literals):
            if not one.is_chosen:
                rest = literals[:place] + literals[place + 1 :]
                return _add(self._count(cohort, rest), self._count(cohort, [*rest, one._replace(is_chosen=True)]), -1.0)
        if not literals:
            return self._size(cohort)
        if len(literals) == 1:
            return self._any(cohort, literals[0])
        if len(literals) == 2:
            return self._both(cohort, literals[0], literals[1])
        count = self._fresh(cohort, ("meets", tuple((one.item, tuple(sorted(one.choices))) for one in literals)))
        for pair in combinations(literals, 2):
            self._constrain(_add(self._both(cohort, *pair), count, -1.0), 0)
        return count

    def _merge(self, literals: list[Literal]) -> list[Literal]:
        """One literal a single-choice item; who chose something answered."""
        merged: dict[tuple[str, bool], Literal] = {}
        kept: list[Literal] = []
        chosen = {one.item for one in literals if one.is_chosen and ANSWERED not in one.choices}
        for one in literals:
            key = (one.item, one.is_chosen)
            if one.is_chosen and one.choices == {ANSWERED} and one.item in chosen:
                continue
            if self.knowledge.is_single(one.item) and one.is_chosen:
                merged[key] = one._replace(choices=one.choices & merged[key].choices if key in merged else one.choices)
            elif one not in kept:
                kept.append(one)
        return [*merged.values(), *kept]

    def _any(self, cohort: str, one: Literal) -> Expression:
        parts = [self._choice(cohort, one.item, choice) for choice in sorted(one.choices)]
        if self.knowledge.is_single(one.item) or len(parts) == 1:
            return _sum(parts)
        union = self._fresh(cohort, ("any", one.item, tuple(sorted(one.choices))))
        for part in parts:
            self._constrain(_add(union, part, -1.0), 0)
        self._constrain(_add(_sum(parts), union, -1.0), 0)
        return union

    def _both(self, cohort: str, one: Literal, other: Literal) -> Expression:
        parts = []
        for literal in (one, other):
            if not self.knowledge.is_single(literal.item) and len(literal.choices) > 1:
                both = self._fresh(cohort, ("both", one.item, tuple(sorted(one.choices)), other.item))
                for whole in (one, other):
                    self._constrain(_add(self._any(cohort, whole), both, -1.0), 0)
                return both
            answered = literal.choices == {ANSWERED} and self.knowledge.is_single(literal.item)
            parts.append(self._levels(literal.item) if answered else sorted(literal.choices))
        return _sum(self._cell(cohort, (one.item, a), (other.item, b)) for a in parts[0] for b in parts[1])

    def _cell(self, cohort: str, one: tuple[str, str], other: tuple[str, str]) -> Expression:
        """Cities with two choices."""
        one, other = sorted((one, other))
        for item, choice in (one, other):
            self._choice(cohort, item, choice)
        self._pairs[cohort, one[0], other[0]].add((one[1], other[1]))
        return self._variable(("X", cohort, one, other), cohort)

    def _levels(self, item: str) -> list[str]:
        return list(self.knowledge.choices.get(item, ()))

    # Logic: parts make the whole.

    def _close(self) -> None:
        for (cohort, one, other), pairs in list(self._pairs.items()):
            self._close_pair(cohort, one, other, pairs)
        for cohort, item in list(self._items):
            choices = self._levels(item)
            missing = self._choice(cohort, item, MISSING)
            if self.knowledge.is_single(item) and choices:
                parts = [self._choice(cohort, item, choice) for choice in choices]
                self._constrain(_add(_sum([*parts, missing]), self._size(cohort), -1.0), 0, 0)
            else:
                for choice in [choice for choice in choices if ("M", cohort, item, choice) in self.system.bounds]:
                    part = _add(self._choice(cohort, item, choice), missing)
                    self._constrain(_add(self._size(cohort), part, -1.0), 0)
            is_settled = ("missing", cohort, item) in self.settled
            is_asked = self.knowledge.is_whole(item)
            if is_asked and not is_settled and not self._prints_missing(cohort, item):
                self._constrain(missing, 0, 0, Claim(f"missing.{cohort}.{item}"), _MISSING_COST)

    def _prints_missing(self, cohort: str, item: str) -> bool:
        return any(
            number.cohort_code == cohort and number.item_code == item and number.choice_kind in (MISSING, ANSWERED)
            for number in self.numbers.values()
        )

    def _close_pair(self, cohort: str, one: str, other: str, used: set[tuple[str, str]]) -> None:
        sides = [sorted({pair[place] for pair in used}) for place in (0, 1)]
        for place, item in enumerate((one, other)):
            if self.knowledge.is_single(item):
                is_answered_by_all = self.settled.get(("missing", cohort, item)) == 0
                sides[place] = [*self._levels(item), *([] if is_answered_by_all else [MISSING])]
        cells = {(a, b): self._cell(cohort, (one, a), (other, b)) for a in sides[0] for b in sides[1]}
        for place, item in enumerate((one, other)):
            whole_of = (other, one)[place]
            for choice in sides[1 - place]:
                whole = self._choice(cohort, whole_of, choice)
                parts = [cell for pair, cell in cells.items() if pair[1 - place] == choice]
                if self.knowledge.is_single(item):
                    self._constrain(_add(_sum(parts), whole, -1.0), 0, 0)
                else:
                    for part in parts:
                        self._constrain(_add(whole, part, -1.0), 0)
        if not (self.knowledge.is_single(one) and self.knowledge.is_single(other)):
            for (a, b), cell in cells.items():
                wholes = _add(self._choice(cohort, one, a), self._choice(cohort, other, b))
                self._constrain(_add(_add(cell, self._size(cohort)), wholes, -1.0), 0)

    # Variables and constraints.

    def _variable(self, variable: Variable, cohort: str) -> Expression:
        if variable not in self.system.bounds:
            settled = self.settled.get(variable)
            upper = self.settled.get(("N", cohort), self._upper.get(cohort, _UPPER))
            if variable[0] == "X":
                upper = min(upper, *(self.settled.get(("M", cohort, *choice), upper) for choice in variable[2:]))
            self.system.bounds[variable] = (0.0, upper) if settled is None else (settled, settled)
        return {variable: 1.0}

    def _fresh(self, cohort: str, name: tuple[Any, ...]) -> Expression:
        expression = self._variable((*name, cohort), cohort)
        self._constrain(_add(self._size(cohort), expression, -1.0), 0)
        return expression

    def _constrain(
        self,
        terms: Expression,
        low: float,
        high: float = float("inf"),
        claim: Claim | None = None,
        cost: float = 1.0,
    ) -> None:
        self.system.constraints.append(Constraint(terms, low, high, claim))
        if claim is not None:
            self.system.costs[claim] = cost


def _literals(terms: Iterable[Term], part: str) -> list[Literal]:
    found: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for term in terms:
        if term.part == part:
            found[term.item_code, term.is_chosen].add(term.choice_code)
    return [Literal(item, frozenset(choices), is_chosen) for (item, is_chosen), choices in found.items()]


def _add(one: Expression, other: Expression, factor: float = 1.0) -> Expression:
    total: Counter[Variable] = Counter()
    for expression, scale in ((one, 1.0), (other, factor)):
        for variable, value in expression.items():
            total[variable] += value * scale  # type: ignore[assignment]
    return {variable: value for variable, value in total.items() if value}


def _scale(expression: Expression, factor: float) -> Expression:
    return {variable: value * factor for variable, value in expression.items()}


def _sum(parts: Iterable[Expression]) -> Expression:
    total: Expression = {}
    for part in parts:
        total = _add(total, part)
    return total
