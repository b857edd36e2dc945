"""How many planted errors the errata find, and how often they accuse a number that is right.

Each error is planted alone, at a place drawn from all that the kind allows: into a report printed from the data, which
has no error, and into the real one, which has many. Run as `make bench-errata`; tests/dbt/test_errata_rules.py runs a
short version.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from deployments import Deployment
from printed_drafts import CORRECT, print_drafts

from orchestration.settings import PROJECT_ROOT
from orchestration.statistics.contradictions import Finding, judge
from orchestration.statistics.printed_report import Printed, Report, read_reports

SOURCES = {
    "numbers": "intermediate.int_published_numbers",
    "places": "intermediate.int_report_places where not is_merged",
    "items": "dimensions.dim_item",
    "choices": "dimensions.dim_choice",
    "known_numbers": "intermediate.int_known_numbers",
    "measures": "knowledge.measures",
    "measure_terms": "knowledge.measure_terms",
    "claims": "knowledge.claims",
    "thresholds": "knowledge.thresholds",
}
Numbers = list[Printed]


@dataclass(frozen=True)
class Plant:
    """A report with one error: the numbers that are wrong, or the table that is."""

    numbers: Numbers
    wrong: frozenset[str] = frozenset()
    table: str = ""


def read_report(database: Path, wave: str) -> Report:
    """The printed report of a wave, as the warehouse has it."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = {
            name: connection.execute(f"select * from {source}").to_arrow_table().to_pylist()
            for name, source in SOURCES.items()
        }
    return read_reports(tables)[wave]


def print_otherwise(numbers: Numbers, changes: dict[str, float]) -> Plant:
    changed = [replace(one, value=changes.get(one.cell_id, one.value)) for one in numbers]
    return Plant(changed, frozenset(changes))


def crossed(numbers: Numbers) -> Numbers:
    return [one for one in numbers if one.is_crossed and one.source == "table"]


def sentences(numbers: Numbers, statistic: str) -> Numbers:
    return [one for one in numbers if one.source == "prose" and one.statistic == statistic and is_exact(one)]


def is_exact(number: Printed) -> bool:
    return number.precision_code == "exact" and number.measure_id is not None


def one_city_more_or_less(numbers: Numbers, rng: random.Random) -> Plant:
    cell = rng.choice([one for one in crossed(numbers) if one.value])
    return print_otherwise(numbers, {cell.cell_id: cell.value + rng.choice((-1, 1))})


def another_digit(numbers: Numbers, rng: random.Random) -> Plant:
    cell = rng.choice([one for one in crossed(numbers) if one.value])
    return print_otherwise(numbers, {cell.cell_id: mistype(cell.value, rng)})


def mistype(value: float, rng: random.Random) -> float:
    digits = list(f"{value:.0f}")
    place = rng.randrange(len(digits))
    digits[place] = rng.choice([digit for digit in "123456789" if digit != digits[place]])
    return float("".join(digits))


def two_cells_transposed(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice([one for one in crossed(numbers) if one.value])
    row = [x for x in crossed(numbers) if (x.table_id, x.row_code) == (one.table_id, one.row_code)]
    others = [x for x in row if x.value != one.value]
    other = rng.choice(others or row)
    return print_otherwise(numbers, {one.cell_id: other.value, other.cell_id: one.value})


def exchange(kind: str) -> Callable[[Numbers, random.Random], Plant]:
    def plant(numbers: Numbers, rng: random.Random) -> Plant:
        table = rng.choice(sorted({str(one.table_id) for one in crossed(numbers)}))
        codes = sorted({str(getattr(x, f"{kind}_code")) for x in crossed(numbers) if x.table_id == table})
        first, second = rng.sample(codes, 2)
        across = "column_code" if kind == "row" else "row_code"
        own = [one for one in crossed(numbers) if one.table_id == table]
        cells = {(getattr(one, kind + "_code"), getattr(one, across)): one for one in own}
        changes = {}
        for (code, place), one in cells.items():
            other = cells.get(({first: second, second: first}.get(code, code), place), one)
            changes[one.cell_id] = other.value
        return Plant(print_otherwise(numbers, changes).numbers, table=table)

    return plant


def row_lost(numbers: Numbers, rng: random.Random) -> Plant:
    row = rng.choice(crossed(numbers))
    left = [x for x in numbers if (x.table_id, x.row_code) != (row.table_id, row.row_code)]
    return Plant(left, table=str(row.table_id))


def table_copied(numbers: Numbers, rng: random.Random) -> Plant:
    by_shape: dict[tuple[object, ...], dict[str, Numbers]] = defaultdict(lambda: defaultdict(list))
    for one in crossed(numbers):
        choices = frozenset(x.choice_code for x in crossed(numbers) if x.table_id == one.table_id)
        by_shape[one.dimension_code, choices][str(one.table_id)].append(one)
    shape = rng.choice([tables for tables in by_shape.values() if len(tables) > 1])
    source, target = rng.sample(sorted(shape), 2)
    values = {(x.row_code, x.column_code): x.value for x in shape[source]}
    changes = {x.cell_id: values.get((x.row_code, x.column_code), 0.0) for x in shape[target]}
    return Plant(print_otherwise(numbers, changes).numbers, table=target)


def share_mistyped(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice([x for x in sentences(numbers, "share") if x.value >= 10])
    return print_otherwise(numbers, {one.cell_id: mistype(one.value, rng)})


def share_of_the_cohort(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice([x for x in sentences(numbers, "share") if x.stated_base_n and x.stated_base_n < 60])
    n = round(one.value * (one.stated_base_n or 0) / 100)
    return print_otherwise(numbers, {one.cell_id: float(int(100 * n / 62 + 0.5))})


def share_a_point_off(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice(sentences(numbers, "share"))
    return print_otherwise(numbers, {one.cell_id: one.value + rng.choice((-1, 1))})


def another_base_stated(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice([x for x in sentences(numbers, "share") if x.stated_base_n])
    bases = sorted({x.stated_base_n for x in numbers if x.stated_base_n} - {one.stated_base_n})
    changed = [replace(x, stated_base_n=rng.choice(bases)) if x is one else x for x in numbers]
    return Plant(changed, frozenset([one.cell_id]))


def count_mistyped(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice([x for x in sentences(numbers, "count") if x.value])
    return print_otherwise(numbers, {one.cell_id: mistype(one.value, rng)})


def statistic_mistaken(numbers: Numbers, rng: random.Random) -> Plant:
    """The median called a mean, the smallest called the largest: of the statistics of one number."""
    known = [x for x in numbers if x.statistic in ("min", "median", "mean", "max", "sd") and x.value > 100]
    one = rng.choice(known)
    others = [x.value for x in known if x.cohort_code == one.cohort_code and x.value != one.value]
    return print_otherwise(numbers, {one.cell_id: rng.choice(others)})


def bar_mistyped(numbers: Numbers, rng: random.Random) -> Plant:
    one = rng.choice([x for x in numbers if x.source == "figure" and x.value])
    return print_otherwise(numbers, {one.cell_id: mistype(one.value, rng)})


KINDS: dict[str, Callable[[Numbers, random.Random], Plant]] = {
    "a cell one city off": one_city_more_or_less,
    "a digit of a cell": another_digit,
    "two cells of a row transposed": two_cells_transposed,
    "two rows exchanged": exchange("row"),
    "two column headers exchanged": exchange("column"),
    "a row lost": row_lost,
    "a table copied over another": table_copied,
    "a digit of a share": share_mistyped,
    "a share of the cohort for one of a group": share_of_the_cohort,
    "a share a point off": share_a_point_off,
    "another base stated": another_base_stated,
    "a digit of a count in a sentence": count_mistyped,
    "another statistic": statistic_mistaken,
    "a digit of a bar": bar_mistyped,
}


def is_right(finding: Finding, plant: Plant, by_id: dict[str, Printed]) -> bool:
    """Whether a finding accuses what was planted, or names it as one side of a tie."""
    own = [by_id[name] for name in plant.wrong if name in by_id]
    told = f"{finding.source_label}, {finding.place}; {finding.alternatives or ''}"
    if plant.table:
        return f"Table {plant.table.removeprefix('T')}, " in told
    if finding.cell_id in plant.wrong:
        return True
    if finding.rule_code in ("sums", "exchanges"):
        labels = {str(label) for one in own for label in (one.row_label, one.column_label)}
        return any(one.source_label == finding.source_label for one in own) and any(x in finding.place for x in labels)
    return any(f"{one.source_label}, {one.place}: " in told for one in own)


def names_line(text: str, label: str) -> bool:
    return re.search(rf"(?:rows?|columns?|and) {re.escape(label)}(?!\w)", text) is not None


def is_known(finding: Finding, before: Collection[Finding], numbers: Numbers) -> bool:
    """Whether a finding names a cell, line or table that was said to be wrong before anything was planted.

    Its words may change with an error beside it: a cell of two exchanged rows is no number that is right.
    """
    told = f"{finding.source_label}, {finding.place}; or {finding.alternatives or ''}"
    for one in before:
        own = [x for x in numbers if x.source_label == one.source_label and x.table_id]
        labels = {str(x.row_label) for x in own} | {str(x.column_label) for x in own}
        lines = [label for label in labels if names_line(one.place, label)]
        here = [text for text in told.split("; or ") if text.startswith(f"{one.source_label}, ")]
        is_line = one.rule_code in ("exchanges", "sums") and any(names_line(x, label) for x in here for label in lines)
        if (one.rule_code == "copies" and f"{one.source_label}, " in told) or is_line:
            return True
        if one.cell_id is not None and (one.cell_id == finding.cell_id or f"{one.source_label}, {one.place}: " in told):
            return True
    return False


def draw(kind: str, report: Report, rng: random.Random, accused: set[str | None]) -> Plant:
    """An error of a kind: one that changes something, at a number that was not accused before, or in a sound table."""
    values = {one.cell_id: (one.value, one.stated_base_n) for one in report.numbers}
    while True:
        plant = KINDS[kind](list(report.numbers), rng)
        now = {one.cell_id: (one.value, one.stated_base_n) for one in plant.numbers}
        is_sound = accused.isdisjoint((*plant.wrong, f"Table {plant.table.removeprefix('T')}"))
        if now != values and is_sound:
            return plant


def run(report: Report, kinds: Sequence[str], each: int, seed: int = 1) -> dict[str, Counter[str]]:
    """Kind → errors planted and found, accusations, those of right numbers and of known wrong ones, ties, vanished."""
    known: dict[Hashable, Any] = {}
    before = {(one.rule_code, one.finding): one for one in judge(report, known)}
    accused = {one.cell_id for one in before.values()} | {one.source_label for one in before.values()}
    counts: dict[str, Counter[str]] = {}
    for kind in kinds:
        rng = random.Random(f"{seed} {kind}")
        counts[kind] = Counter()
        for _ in range(each):
            plant = draw(kind, report, rng, accused)
            by_id = {one.cell_id: one for one in plant.numbers}
            after = {(x.rule_code, x.finding): x for x in judge(replace(report, numbers=plant.numbers), known)}
            new = [one for key, one in after.items() if key not in before]
            right = [one for one in new if is_right(one, plant, by_id)]
            touched = [key for key, one in before.items() if is_right(one, plant, by_id)]
            vanished = [key for key in before if key not in after and key not in touched]
            others = [one for one in new if one not in right]
            wrong = [one for one in others if not is_known(one, before.values(), plant.numbers)]
            counts[kind].update(
                planted=1,
                found=bool(right),
                accusations=len(new),
                accusing_right=len(wrong),
                named_before=len(others) - len(wrong),
                ties=sum(one.alternatives is not None or one.rule_code == "sums" for one in right),
                vanished=len(vanished),
            )
            if (wrong or not right or vanished) and "-v" in sys.argv:
                changes = {x: by_id[x].value for x in plant.wrong if x in by_id}
                print(kind, plant.table, changes, "WRONG", [(x.rule_code, x.finding, x.place) for x in wrong], vanished)
    return counts


def show(title: str, counts: dict[str, Counter[str]]) -> None:
    columns = ("planted", "found", "accusations", "accusing_right", "named_before", "ties", "vanished")
    print(f"\n{title}\n{'':42}" + "".join(f"{name:>16}" for name in columns))
    total: Counter[str] = Counter()
    for kind, own in counts.items():
        total += own
        print(f"{kind:42}" + "".join(f"{own[name]:16}" for name in columns))
    print(f"{'all':42}" + "".join(f"{total[name]:16}" for name in columns))
    print(f"recall {total['found'] / total['planted']:.0%}, ", end="")
    print(f"accusations of the wrong side {total['accusing_right'] / max(1, total['accusations']):.0%}")


def main(each: int = 5) -> None:
    """The full table: of a report printed from the data, and of the one that was printed."""
    with tempfile.TemporaryDirectory() as folder:
        deployment = Deployment(PROJECT_ROOT / "seeds", Path(folder) / "data", Path(folder) / "releases")
        done = deployment.needs("refresh")
        assert done.returncode == 0, done.stdout + done.stderr
        home = replace(deployment, data=Path(folder) / "drafts").settings
        print_drafts(home, deployment.settings.served_database, [(CORRECT, ())])
        for title, wave in (("Printed from the data", CORRECT), ("The report as printed", "2024")):
            show(title, run(read_report(home.build_database, wave), list(KINDS), each))


if __name__ == "__main__":
    main()
