"""Which numbers of a printed report are wrong, by the evidence of all others.

Here: readings of a table (rows or columns exchanged, cells of another table), what is found and the words for it.
Not here: the constraints (printed_system.py), the least diagnosis (diagnosis.py), severity (gap_errata.sql).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from orchestration.statistics.association import association_p
from orchestration.statistics.diagnosis import Diagnosis, Suspicion, Variable, diagnose, judge_claim, least_cost
from orchestration.statistics.printed_report import Printed, Report, read_reports
from orchestration.statistics.printed_system import ReportSystem, Votes

if TYPE_CHECKING:
    import pyarrow as pa

_RULES = {"share": "shares", "count": "counts", "claim": "claims"}
# An exchange or a copy is one slip; it is believed where it spares more than another misprinted number would.
_READING_COST = 1.5
# One that would cost this much more than single cells is told beside them.
_NEAR = 0.5
# Of so many cells of a table no least set is worth believing: what is known is which of its lines are wrong.
_UNSURE_CELLS = 3
_TOLERANCE = 1e-3
_DIGIT_DISTANCE = 5


@dataclass(frozen=True)
class Finding:
    """What numbers of a report contradict: a row of int_errata_numbers."""

    rule_code: str
    finding: str
    source_label: str
    source_order: int
    place: str
    cohort_code: str | None
    cell_id: str | None = None
    printed: str | None = None
    printed_value: float | None = None
    expected_value: float | None = None
    contradicted_by: str | None = None
    explanation_code: str | None = None
    alternatives: str | None = None


@dataclass(frozen=True)
class Reading:
    """Another reading of a table: two of its rows or columns exchanged, or nothing of it believed."""

    kind: str
    table_id: str
    codes: tuple[str, str] = ("", "")

    def read(self, numbers: Iterable[Printed]) -> list[Printed]:
        """The numbers with what they stand for without the slip; where and as what they are printed stays."""
        if self.kind == "void":
            return [number for number in numbers if number.table_id != self.table_id]
        numbers = list(numbers)
        by_code: dict[str, dict[str, Printed]] = defaultdict(dict)
        across = {"row": "column_code", "column": "row_code"}[self.kind]
        for number in numbers:
            if number.table_id == self.table_id and (code := getattr(number, f"{self.kind}_code")) in self.codes:
                by_code[code][getattr(number, across)] = number
        one, other = (by_code[code] for code in self.codes)
        moved: dict[str, Printed] = {}
        for key in one.keys() & other.keys():
            moved[one[key].cell_id], moved[other[key].cell_id] = other[key], one[key]
        told = (f"{self.kind}_code", "item_code", "choice_code", "choice_kind", "dimension_code", "member_code")
        return [
            replace(number, **{name: getattr(moved[number.cell_id], name) for name in told})
            if number.cell_id in moved
            else number
            for number in numbers
        ]

    def name_lines(self, numbers: Iterable[Printed]) -> str:
        """The two lines by their labels."""
        labels = {getattr(one, f"{self.kind}_code"): getattr(one, f"{self.kind}_label") for one in numbers}
        return f"{self.kind}s {' and '.join(labels[code] for code in self.codes)}"


def judge(report: Report, known: dict[Hashable, Any] | None = None) -> list[Finding]:
    """The findings of a report: misread tables first, then numbers, then groups that a table leaves out.

    `known` keeps diagnoses, and verdicts on words, between reports that share numbers.
    """
    return _Judgement(report, {} if known is None else known).judge()


class _Judgement:
    def __init__(self, report: Report, known: dict[Hashable, Any]) -> None:
        self.report = report
        self.known = known
        self.votes = Votes(report.numbers, report.knowledge)
        self.settled = self.votes.find_settled(report.knowledge)
        self.numbers = [number for number in report.numbers if number.logic is None]
        self.claims = [number for number in report.numbers if number.logic is not None]
        # The exchanges that are believed, each with those that would spare as much.
        self.readings: dict[Reading, list[Reading]] = {}
        self.values: dict[Variable, float] = {}
        self.suspects: set[str] = set()
        self.rivals: dict[str, list[Reading]] = {}

    def judge(self) -> list[Finding]:
        findings = self._judge_copies()
        # A copy has no vote.
        self.votes = Votes(self.numbers, self.report.knowledge)
        self.settled = self.votes.find_settled(self.report.knowledge)
        diagnoses = self._diagnose(self.numbers)
        while readings := self._find_readings(diagnoses):
            self.readings[readings[0]] = readings[1:]
            self.numbers = readings[0].read(self.numbers)
            diagnoses = self._diagnose(self.numbers)
        findings += [self._describe_exchange(reading) for reading in self.readings]
        by_id = {number.cell_id: number for number in (*self.numbers, *self.claims)}
        suspicions = [suspicion for diagnosis in diagnoses for suspicion in diagnosis.suspicions]
        self.suspects = {name for one in suspicions for side in one.sides for name in side}
        self.rivals = self._find_rivals(diagnoses)
        for cells in self._find_unsure_tables(suspicions, by_id):
            whole = [number for number in self.numbers if number.table_id == cells[0].table_id and number.is_crossed]
            findings += self._describe_lines(whole, is_table=True)
            suspicions = [
                one for one in suspicions if one.sides[1:] or one.sides[0].isdisjoint(x.cell_id for x in cells)
            ]
        for suspicion in [*suspicions, *self._judge_words()]:
            findings += self._describe(suspicion, by_id)
        findings += [*self._find_lost_rows(), *self._judge_patterns()]
        # Two ties of a table may say the same of a row.
        return list({(one.rule_code, one.finding): one for one in findings}.values())

    def _diagnose(self, numbers: Sequence[Printed]) -> list[Diagnosis]:
        self.system = ReportSystem(numbers, self.report.knowledge, self.settled)
        diagnoses = diagnose(self.system.system, self.known)
        self.values = dict(self.settled)
        for diagnosis in diagnoses:
            self.values.update(diagnosis.values)
        return diagnoses

    def _cost(self, numbers: Iterable[Printed], reading: Reading, limit: float = float("inf")) -> float:
        """What numbers cost under another reading of a table."""
        return least_cost(ReportSystem(reading.read(numbers), self.report.knowledge, self.settled).system, limit)

    # Tables that are misread.

    def _find_readings(self, diagnoses: Sequence[Diagnosis], least_gain: float = _READING_COST) -> list[Reading]:
        """The exchanges of two rows or columns that spare the most, as much each."""
        best: list[Reading] = []
        best_gain = least_gain + 2.0 * _TOLERANCE
        for diagnosis in diagnoses:
            if diagnosis.cost < best_gain or len(diagnosis.suspicions) < 2:
                continue
            own = [number for number in self.numbers if number.cell_id in diagnosis.claims]
            for reading in _possible_exchanges(own, self.votes):
                gain = diagnosis.cost - self._cost(own, reading, diagnosis.cost - best_gain + _TOLERANCE)
                if reading in self.readings or gain < best_gain - _TOLERANCE:
                    continue
                best = [*best, reading] if gain < best_gain + _TOLERANCE else [reading]
                best_gain = max(gain, best_gain)
        return best

    def _find_rivals(self, diagnoses: Sequence[Diagnosis]) -> dict[str, list[Reading]]:
        """Cell → exchanges of lines that would do without it, and are nearly as likely as single cells."""
        rivals: dict[str, list[Reading]] = defaultdict(list)
        for diagnosis in diagnoses:
            for reading in self._find_readings([diagnosis], _READING_COST - _NEAR - 2.0 * _TOLERANCE):
                own = reading.read(number for number in self.numbers if number.cell_id in diagnosis.claims)
                left = diagnose(ReportSystem(own, self.report.knowledge, self.settled).system, self.known)
                accused = [{name for one in each.suspicions for side in one.sides for name in side} for each in left]
                for suspicion in diagnosis.suspicions:
                    for name in suspicion.sides[0].difference(*accused):
                        rivals[name].append(reading)
        return rivals

    def _find_unsure_tables(self, suspicions: Sequence[Suspicion], by_id: Mapping[str, Printed]) -> list[list[Printed]]:
        """The cells of each table of which several are accused."""
        accused = [by_id[name] for one in suspicions if not one.sides[1:] for name in one.sides[0] if name in by_id]
        cells: dict[str, list[Printed]] = defaultdict(list)
        for number in accused:
            if number.is_crossed and number.source == "table":
                cells[str(number.table_id)].append(number)
        return [sorted(own, key=_order) for own in cells.values() if len(own) >= _UNSURE_CELLS]

    def _judge_copies(self) -> list[Finding]:
        """Of two tables with the same cells on different questions, the one that others contradict is the copy."""
        findings = []
        for earlier, later, same_n, cells_n in self._find_copies():
            tables = [earlier[0].table_id, later[0].table_id]
            if not set(tables) <= {number.table_id for number in self.numbers}:
                continue
            items = {number.item_code for number in (*earlier, *later)}
            own = [number for number in self.numbers if self._concerns(number, items)]
            costs = [self._cost(own, Reading("void", str(table))) for table in tables]
            is_later = costs[1] < costs[0] + _TOLERANCE
            copy, original = (later, earlier) if is_later else (earlier, later)
            is_tie = abs(costs[0] - costs[1]) < _TOLERANCE
            self.numbers = Reading("void", str(copy[0].table_id)).read(self.numbers)
            findings.append(
                _find(
                    "copies",
                    f"{copy[0].table_id}.{original[0].table_id}",
                    copy[0],
                    "all rows",
                    printed=f"{same_n} equal cells",
                    contradicted_by=f"{original[0].source_label} has the same {same_n} of {cells_n} cells "
                    "on another question",
                    explanation_code="copied_table",
                    alternatives=f"{original[0].source_label}, all rows" if is_tie else None,
                )
            )
        return findings

    def _concerns(self, number: Printed, items: Collection[str | None]) -> bool:
        terms = self.report.knowledge.terms.get(number.measure_id or "", ())
        return number.item_code in items or any(term.item_code in items for term in terms)

    def _find_copies(self) -> list[tuple[list[Printed], list[Printed], int, int]]:
        tables: dict[tuple[str, str, str], list[Printed]] = defaultdict(list)
        for number in self.numbers:
            if number.is_crossed and number.source == "table" and number.value:
                tables[str(number.table_id), str(number.cohort_code), number.dimension_code].append(number)
        found = []
        for one, other in combinations(sorted(tables.values(), key=lambda cells: cells[0].source_order), 2):
            if one[0].item_code == other[0].item_code or one[0].dimension_code != other[0].dimension_code:
                continue
            first, second = ({(n.member_code, n.choice_code, n.value) for n in cells} for cells in (one, other))
            same_n, larger_n = len(first & second), max(len(one), len(other))
            if same_n >= self.report.copied_cells_min and same_n >= self.report.copied_cells_share * larger_n:
                found.append((one, other, same_n, larger_n))
        return found

    def _describe_exchange(self, reading: Reading) -> Finding:
        own = [number for number in self.report.numbers if number.table_id == reading.table_id and not number.logic]
        others = self._name_evidence({number.cell_id for number in own}, own[0].source_label, is_line=True)
        rivals = [rival for rival in self.readings[reading] if rival not in self.readings]
        return _find(
            "exchanges",
            ".".join((reading.table_id, reading.kind, *sorted(reading.codes))),
            own[0],
            reading.name_lines(own),
            printed="exchanged",
            contradicted_by=others,
            explanation_code="exchanged_rows" if reading.kind == "row" else "exchanged_headers",
            alternatives="; or ".join(self._name_table(rival) for rival in rivals) or None,
        )

    def _name_table(self, reading: Reading) -> str:
        own = [number for number in self.report.numbers if number.table_id == reading.table_id and not number.logic]
        return f"{own[0].source_label}, {reading.name_lines(own)}"

    # Numbers.

    def _describe(self, suspicion: Suspicion, by_id: Mapping[str, Printed]) -> list[Finding]:
        sides = [side for side in suspicion.sides if any(_number_of(name) in by_id for name in side)]
        missing_sides = [side for side in suspicion.sides if side not in sides]
        missing = [name for side in missing_sides for name in side if name.startswith("missing.")]
        if not sides:
            return [self._describe_missing(name) for name in missing]
        if len(suspicion.sides) == 1:
            return [self._accuse(name, suspicion, by_id) for name in sorted(sides[0]) if _number_of(name) in by_id]
        explained = [
            side for side in sides if len(side) == 1 and self._is_explained(next(iter(side)), suspicion, by_id)
        ]
        if len(explained) == 1:
            return [self._accuse(name, suspicion, by_id) for name in explained[0]]
        sides.sort(key=lambda side: min(_order(by_id[_number_of(name)]) for name in side if _number_of(name) in by_id))
        numbers = [by_id[_number_of(name)] for side in sides for name in sorted(side) if _number_of(name) in by_id]
        is_open = not missing_sides and all(len(side) == 1 for side in sides)
        if not missing_sides and (lines := self._describe_lines(numbers, is_table=not is_open)):
            return lines
        accused = numbers[0]
        is_one = len(sides[0]) == 1
        texts = [self._describe_side(side, suspicion, by_id) for side in (*sides[1:], *missing_sides)]
        return [
            _find(
                "ties",
                accused.cell_id,
                accused,
                accused.place if is_one else self._describe_side(sides[0], suspicion, by_id),
                cell_id=accused.cell_id,
                printed=accused.printed,
                printed_value=accused.value if accused.logic is None else None,
                expected_value=suspicion.expected.get(accused.cell_id) if is_one and accused.logic is None else None,
                contradicted_by=self._name_evidence({number.cell_id for number in numbers}),
                alternatives="; or ".join(texts),
            )
        ]

    def _is_explained(self, name: str, suspicion: Suspicion, by_id: Mapping[str, Printed]) -> bool:
        """A value that another statistic of the same numbers has, or another base, hardly comes about by chance."""
        number = by_id.get(name)
        is_known = suspicion.expected.get(name) is not None
        return number is not None and self._explain_value(number, is_known) is not None

    def _describe_side(self, side: frozenset[str], suspicion: Suspicion, by_id: Mapping[str, Printed]) -> str:
        parts = []
        for name in sorted(side):
            number, expected = by_id.get(_number_of(name)), suspicion.expected.get(name)
            if number is None:
                parts.append("answers missing that nobody mentions")
            elif number.logic is not None:
                parts.append(f"{number.source_label}, {number.place}")
            else:
                would_be = "" if expected is None else f" (would be {expected:,.10g})"
                parts.append(f"{number.source_label}, {number.place}: {number.printed}{would_be}")
        return " and ".join(parts)

    def _accuse(self, name: str, suspicion: Suspicion, by_id: Mapping[str, Printed]) -> Finding:
        number = by_id[_number_of(name)]
        expected = suspicion.expected.get(name)
        is_base = name.endswith("#base")
        rule = "bases" if is_base else _RULES.get(number.statistic, "repeats")
        value = number.stated_base_n if is_base else number.value
        is_known = expected is not None
        is_rounding = {claim.part for claim in suspicion.parts if claim.name == name} == {"rounding"}
        explanation = None if is_base else self._explain_value(number, is_known)
        if explanation is None and is_rounding:
            explanation = "other_rounding"
        elif explanation is None and value is not None and expected is not None and not is_base:
            explanation = "one_digit" if _is_one_digit_apart(value, expected) else None
        rivals = self.rivals.get(name)
        return _find(
            "ties" if rivals else rule,
            number.cell_id,
            number,
            f"{number.place}, stated base" if is_base else number.place,
            cell_id=number.cell_id,
            printed=f"{value:g}" if is_base else number.printed,
            printed_value=value if number.logic is None else None,
            expected_value=expected if number.logic is None else None,
            contradicted_by=self._name_counts(number, name, is_known),
            explanation_code=explanation,
            alternatives="; or ".join(self._name_table(reading) for reading in rivals) if rivals else None,
        )

    def _explain_value(self, number: Printed, is_known: bool) -> str | None:
        if number.statistic == "share" and self._is_of_cohort(number, is_known):
            return "wrong_base"
        is_statistic = number.statistic in ("min", "median", "mean", "max", "sd")
        same = [other for other in self.numbers if is_statistic and _quantity(other) == _quantity(number)]
        # What is itself in doubt explains nothing.
        same = [other for other in same if other.cell_id not in self.suspects]
        if any(other.statistic != number.statistic and other.value == number.value for other in same):
            return "other_statistic"
        return None

    def _is_of_cohort(self, number: Printed, is_known: bool) -> bool:
        """The printed share is that of the whole cohort, where its base is a part of it."""
        numerator, base = self.system.system.shown[number.cell_id]
        size = self.values.get(("N", number.cohort_code))
        n, base_n = (self._evaluate(expression) for expression in (numerator, base))
        if not size or base_n == size:
            return False
        if not is_known:
            # No count of the base gives the share; a count of the cohort does.
            n = round(number.value * size / 100.0)
        return n is not None and abs(100.0 * n / size - number.value) <= 0.5

    def _evaluate(self, expression: Mapping[Variable, float]) -> float | None:
        total = 0.0
        for variable, factor in expression.items():
            if variable not in self.values:
                return None
            total += factor * self.values[variable]
        return total

    def _describe_lines(self, numbers: Sequence[Printed], *, is_table: bool) -> list[Finding]:
        """Numbers of one table of which nothing tells which are wrong: what is known is that rows or columns are.

        Of the whole table, or of the one line that all of them share.
        """
        first = numbers[0]
        if first.table_id is None or {number.table_id for number in numbers} != {first.table_id}:
            return []
        found = []
        for kind in ("row", "column"):
            codes = sorted({str(getattr(number, f"{kind}_code")) for number in numbers})
            if len(codes) > 1 and not is_table:
                continue
            for code in codes:
                line = [
                    number
                    for number in self.numbers
                    if number.table_id == first.table_id
                    and getattr(number, f"{kind}_code") == code
                    and (number.statistic, number.choice_kind) == (first.statistic, "level")
                ]
                total, expected = sum(number.value for number in line), self._evaluate_line(line)
                if expected is None or abs(total - expected) < 1:
                    continue
                found.append(
                    _find(
                        "sums",
                        f"{first.table_id}.{kind}.{code}.{first.statistic}",
                        first,
                        f"sum of {kind} {getattr(line[0], f'{kind}_label')}",
                        printed_value=total,
                        expected_value=expected,
                        contradicted_by=self._name_evidence(
                            {number.cell_id for number in line}, first.source_label, is_line=True
                        ),
                        explanation_code="missing_answers" if total < expected and kind == "row" else None,
                    )
                )
        return found

    def _evaluate_line(self, line: Sequence[Printed]) -> float | None:
        if line[0].statistic == "share":
            return 100.0
        values = [self._evaluate(self.system.system.shown[number.cell_id][0]) for number in line]
        return None if None in values else sum(value for value in values if value is not None)

    def _describe_missing(self, name: str) -> Finding:
        _, cohort, item = name.split(".", 2)
        own = [number for number in self.numbers if number.cohort_code == cohort and number.item_code == item]
        first = min(own, key=_order)
        missing = self.values.get(("missing", cohort, item))
        return _find(
            "sums",
            name,
            first,
            f"sum of {self.report.knowledge.items[item]['label']}",
            printed_value=None if missing is None else self.settled.get(("N", cohort), 0.0) - missing,
            expected_value=self.settled.get(("N", cohort)),
            contradicted_by="the size of the cohort",
            explanation_code="missing_answers",
        )

    # Words for the evidence.

    def _name_counts(self, number: Printed, name: str, is_known: bool) -> str:
        """The sources of the right value, and for a share its count and base."""
        shown = self.system.system.shown[name]
        if rivals := self._name_rivals(number):
            return rivals
        others = self._name_evidence({number.cell_id}, number.source_label if number.is_crossed else "")
        if len(shown) == 1:
            return others
        n, base_n = (self._evaluate(expression) for expression in shown)
        if is_known and n is not None and base_n is not None:
            return f"{others}: {n:g} of {base_n:g}"
        return others if base_n is None else f"{others}: no count of {base_n:g}"

    def _name_rivals(self, number: Printed) -> str:
        """What the numbers give a measure that is claimed to be the largest or smallest, and those that are more so."""
        sign = 1.0 if number.logic == "largest" else -1.0
        told: list[tuple[float, str]] = []
        for measure in (number.measure_id, *number.than) if number.than else ():
            name = number.cell_id if measure == number.measure_id else f"{number.cell_id}<{measure}"
            n, base_n = (self._evaluate(one) for one in self.system.system.shown.get(name, ({}, {})))
            if n is not None and base_n:
                label = self.report.knowledge.measures[str(measure)]["label"]
                told.append((sign * n / base_n, f"{label}: {n:g} of {base_n:g} ({100 * n / base_n:.0f} %)"))
        return "; ".join(text for value, text in told if value >= told[0][0])

    def _name_evidence(self, accused: set[str], without: str = "", *, is_line: bool = False) -> str:
        """The first source that speaks of the same counts, and how many more; else, and of lines, of their sums."""
        shown = self.system.system.shown
        own = {variable for name in accused for variable in shown.get(name, ({},))[0]}
        labels = {} if is_line else self._find_sources(own, accused, without)
        if not labels:
            labels = self._find_sources(self._neighbours(own), accused, without)
        ranked = sorted(labels, key=lambda label: (labels[label], label))
        if not ranked:
            return "each other"
        return ranked[0] + (f" and {len(ranked) - 1} more" if len(ranked) > 1 else "")

    def _find_sources(self, variables: set[Variable], accused: set[str], without: str) -> dict[str, int]:
        """Sources of numbers on the variables, or that sum up to their values, with their order in print."""
        # That the cohort has its size is known to all.
        own = {one for one in variables if one[0] != "N"} or variables
        labels = {
            label: order
            for variable in own
            if variable in self.values
            for order, label in self.votes.name(variable, round(self.values[variable], 6), without)
        }
        for number in self.numbers:
            terms = self.system.system.shown.get(number.cell_id, ({},))[0]
            if number.cell_id not in accused and number.source_label != without and not own.isdisjoint(terms):
                labels[number.source_label] = number.source_order
        return labels

    def _neighbours(self, variables: set[Variable]) -> set[Variable]:
        """Sums that the variables are parts of."""
        near: set[Variable] = set()
        for constraint in self.system.system.constraints:
            if constraint.claim is None and not variables.isdisjoint(constraint.terms):
                near.update(one for one in constraint.terms if one[0] in ("M", "N"))
        return near

    # Claims in words.

    def _judge_words(self) -> Iterator[Suspicion]:
        """Claims in words against the numbers of their items, one at a time: words are no evidence for each other."""
        for claim in self.claims:
            measures = [measure for measure in (claim.measure_id, *claim.than) if measure]
            items = {term.item_code for measure in measures for term in self.report.knowledge.terms.get(measure, ())}
            own = [number for number in self.numbers if self._concerns(number, items)]
            key = (claim, tuple(own), frozenset(self.settled.items()))
            if key not in self.known:
                system = ReportSystem([*own, claim], self.report.knowledge, self.settled).system
                self.known[key] = judge_claim(system, claim.cell_id), system.shown
            suspicion, shown = self.known[key]
            if suspicion is not None:
                self.system.system.shown.update(shown)
                yield suspicion

    def _judge_patterns(self) -> list[Finding]:
        """Claims that a table shows a pattern, or none, against a test of association of its cells."""
        findings = []
        for claim in self.claims:
            if claim.logic not in ("pattern", "no pattern"):
                continue
            cells = [one for one in self.numbers if one.is_crossed and one.table_id == claim.table_id]
            p = association_p([(str(one.row_code), str(one.column_code), one.value) for one in cells])
            if p is None or (p < self.report.pattern_p) == (claim.logic == "pattern"):
                continue
            findings.append(
                _find(
                    "claims",
                    claim.cell_id,
                    replace(claim, cohort_code=cells[0].cohort_code),
                    claim.place,
                    printed=claim.printed,
                    contradicted_by=f"{cells[0].source_label}: p = {p:.3f} of a test of association",
                )
            )
        return findings

    # Groups that a table leaves out.

    def _find_lost_rows(self) -> list[Finding]:
        printed: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        first: dict[tuple[str, str, str], Printed] = {}
        for number in self.report.numbers:
            if number.is_crossed and number.source == "table":
                key = (str(number.table_id), str(number.cohort_code), number.dimension_code)
                printed[key].add(number.member_code)
                first.setdefault(key, number)
        findings = []
        for (table, cohort, dimension), members in printed.items():
            for member in self.report.knowledge.choices.get(dimension, {}):
                variable = ("M", cohort, dimension, member)
                size = self.settled.get(variable, self.values.get(variable, 0.0))
                names = self.votes.name(variable, size)
                if member in members or size <= _TOLERANCE or not names:
                    continue
                findings.append(
                    _find(
                        "lost_rows",
                        f"{table}.{member}",
                        first[table, cohort, dimension],
                        self.report.knowledge.choices[dimension][member],
                        printed="not printed",
                        expected_value=size,
                        contradicted_by=names[0][1] + (f" and {len(names) - 1} more" if len(names) > 1 else ""),
                        explanation_code="lost_row",
                    )
                )
        return findings


def _find(rule: str, key: str, number: Printed, place: str, **told: Any) -> Finding:
    """A finding at the table or sentence of a number."""
    return Finding(rule, key, number.source_label, number.source_order, place, number.cohort_code, **told)


def _possible_exchanges(numbers: Sequence[Printed], votes: Votes) -> list[Reading]:
    """Exchanges of two lines of a crosstab where the total of one is what another source prints for the other."""
    lines: dict[tuple[str, str], dict[str, Printed]] = defaultdict(dict)
    for number in numbers:
        if number.is_crossed and number.source == "table":
            lines[str(number.table_id), "row"].setdefault(str(number.row_code), number)
            lines[str(number.table_id), "column"].setdefault(str(number.column_code), number)
    found = []
    for (table, kind), by_code in sorted(lines.items()):
        for one, other in combinations(sorted(by_code), 2):
            label = by_code[one].source_label
            totals = [votes.read_line(by_code[code], kind) for code in (one, other)]
            own = [{value for value, labels in by_value.items() if label in labels} for by_value in totals]
            others = [{value for value, labels in by_value.items() if labels.keys() - {label}} for by_value in totals]
            if own[0] != own[1] and (own[0] & others[1] or own[1] & others[0]):
                found.append(Reading(kind, table, (one, other)))
    return found


def _number_of(name: str) -> str:
    return name.removesuffix("#base")


def _order(number: Printed) -> tuple[int, str]:
    return number.source_order, number.cell_id


def _quantity(number: Printed) -> tuple[str | None, ...]:
    return number.cohort_code, number.item_code, number.dimension_code, number.member_code


def _is_one_digit_apart(printed: float, expected: float) -> bool:
    """Two whole numbers of one length that differ in one digit and by more than rounding: a slip of the keyboard."""
    one, other = f"{int(printed)}", f"{int(expected + 0.5)}"
    differing = sum(a != b for a, b in zip(one, other, strict=False))
    return abs(printed - expected) >= _DIGIT_DISTANCE and len(one) == len(other) and differing == 1


def find_contradictions(tables: Mapping[str, pa.Table]) -> pa.Table:
    """The findings of every wave with a printed report, table in and table out: called by the Python model of dbt."""
    import pyarrow as pa

    known: dict[Hashable, Any] = {}
    reports = read_reports({name: table.to_pylist() for name, table in tables.items()})
    found = [{"wave": wave, **asdict(finding)} for wave, report in reports.items() for finding in judge(report, known)]
    types = {"source_order": pa.int64(), "printed_value": pa.float64(), "expected_value": pa.float64()}
    names = ("wave", *(one.name for one in fields(Finding)))
    return pa.Table.from_pylist(found, pa.schema([(name, types.get(name, pa.string())) for name in names]))
