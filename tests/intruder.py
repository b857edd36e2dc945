"""What somebody with the public folder of a release and an exact solver learns of the hidden counts.

Every count is a whole number that is not negative; whatever the folder shows of it, in whichever table, is a
constraint. CP-SAT finds the least and the greatest value of each hidden count. Nothing of `orchestration/disclosure/`
is used: this is the attack, written without looking at the defence.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

Row = Mapping[str, Any]
ALL = "all"
COUNTS = ("n", "base_n", "members_n", "answered_n")
# A count that is not promised to be vague is only promised not to be exact.
NOT_EXACT = 1
# After the names of cohorts whose common cities are counted, of no other cohort.
_ALONE = " alone"
# More cities than any cohort has.
MOST = 2_000
# Of the 95 % intervals that are published, and how far rounding takes their ends, in points.
NORMAL_QUANTILE = 1.959963984540054
ROUNDING = 0.0001


# Two cohorts and an item that a city of both has by different rounds, or by one of both alone.
_APART = """
    with told as (
        select distinct cohort_code, city_key, item_code, instrument || '.' || round as round
        from intermediate.int_cohort_answers where wave = $wave
    )
    select distinct ones.cohort_code, others.cohort_code, items.item_code
    from intermediate.int_cohort_members as ones
    join intermediate.int_cohort_members as others using (wave, city_key)
    join intermediate.int_cohort_items as items
        on items.wave = wave and items.cohort_code = ones.cohort_code
    join intermediate.int_cohort_items as other_items
        on other_items.wave = wave and other_items.cohort_code = others.cohort_code
        and other_items.item_code = items.item_code
    left join told as one on one.cohort_code = ones.cohort_code and one.city_key = ones.city_key
        and one.item_code = items.item_code
    left join told as other on other.cohort_code = others.cohort_code and other.city_key = ones.city_key
        and other.item_code = items.item_code
    where wave = $wave and ones.cohort_code <> others.cohort_code and one.round is distinct from other.round
"""


class Count(NamedTuple):
    """A count of cities of a cohort: `kind` is n, or without a choice answered, missing, members, asked or unanswered.

    Missing are all members that did not answer; unanswered those of them that were asked.
    """

    cohort: str
    kind: str
    item: str
    choice: str
    dimension: str
    member: str


class Sum(NamedTuple):
    """Whole multiples of counts whose sum lies between two numbers; `of_totals` where only totals are in it."""

    terms: tuple[tuple[Count, int], ...]
    low: int
    high: int
    source: str = "counts"


@dataclass(frozen=True)
class Knowledge:
    """What the questionnaire and the method pages tell everybody, besides the release.

    `together` are the cohorts that cities are in, each combination once; `apart` two cohorts and an item that they read
    of different rounds. `levels` are the level of need of a choice; `compounds` the answers that make up
    a need (`need:…`; where it is one of `absent`, those that did not give it) or the interest in a service; `classes`
    the bounds of the classes of a number: the number, item and choice of the class, least, and what it stays below;
    `low_interest` the share in percent below which the interest in a service is called low.
    `partly_asked` are cohorts with the items, and needs and services, that not all of their cities were asked.
    """

    multiples: frozenset[str] = frozenset()
    together: frozenset[frozenset[str]] = frozenset()
    apart: frozenset[tuple[str, str, str]] = frozenset()
    levels: Mapping[tuple[str, str], float] = field(default_factory=dict)
    compounds: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    classes: tuple[tuple[str, str, str, float, float | None], ...] = ()
    low_interest: float | None = None
    partly_asked: frozenset[tuple[str, str]] = frozenset()

    def are_alike(self, cohorts: Iterable[str], *items: str) -> bool:
        """Whether some cohorts read items of the same rounds."""
        told = [code for item in items for code in (item, *(one for one, _ in self.compounds.get(item, ())))]
        return not any((*pair, code) in self.apart for pair in permutations(cohorts, 2) for code in told)

    def holds(self, outer: str, inner: str) -> bool:
        """Whether a cohort has every city of another one, and more."""
        around = {place for place in self.together if outer in place}
        return {place for place in self.together if inner in place} < around


@dataclass(frozen=True)
class Limits:
    """The published limits of what is hidden."""

    frequency: int
    base: int
    group: int


class Finding(NamedTuple):
    """A hidden count that can be told closer than promised; `low` and `high` are what the intruder knows."""

    count: Count
    low: int
    high: int
    promised: int
    is_small: bool

    @property
    def is_exact(self) -> bool:
        """Whether one value is left."""
        return self.low == self.high


@dataclass(frozen=True)
class Attack:
    """What an attack found: how many counts are hidden, how many of them small, and what is wrong."""

    hidden_n: int
    small_n: int
    findings: tuple[Finding, ...]

    @property
    def exact(self) -> list[Finding]:
        """Counts that are told exactly, beyond what shown totals tell."""
        return [found for found in self.findings if found.is_exact]

    @property
    def narrowed(self) -> list[Finding]:
        """Counts that are small, or all of a small group, and told closer than promised."""
        return [found for found in self.findings if not found.is_exact]


def read_folder(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every public table of a release by its name."""
    import pyarrow.parquet as pq

    paths = [*(folder / "gaps").glob("*.parquet"), folder / "cells.parquet"]
    return {path.stem: pq.read_table(path).to_pylist() for path in sorted(paths) if path.exists()}


def read_truth(database: Path, wave: str) -> dict[str, list[dict[str, Any]]]:
    """All counts of a wave, to judge an attack by."""
    import duckdb

    tables = ("gap_cube", "gap_need_by_group", "gap_service_coverage")
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            name: connection.execute(f"from gaps.{name} where wave = $wave", {"wave": wave})
            .to_arrow_table()
            .to_pylist()
            for name in tables
        }


def _list_asked_apart(
    compounds: Mapping[str, Sequence[tuple[str, str]]], items_of: Mapping[str, set[str]]
) -> Iterable[tuple[str, str, str]]:
    """Two cohorts and a need, or an interest, for which they were asked different items."""
    for code, answers in compounds.items():
        asked = {cohort: own & {item for item, _ in answers} for cohort, own in items_of.items()}
        yield from ((*pair, code) for pair in permutations(sorted(asked), 2) if asked[pair[0]] != asked[pair[1]])


def read_knowledge(database: Path, wave: str) -> Knowledge:
    """What seeds, codebooks and method pages say, from the warehouse that was built of them."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:

        def ask(query: str, **parameters: str) -> list[tuple[Any, ...]]:
            return connection.execute(query, parameters).fetchall()

        compounds: dict[str, tuple[tuple[str, str], ...]] = defaultdict(tuple)
        for kind, table in (("need", "need_evidence"), ("service", "service_interest")):
            for code, item, choice in ask(f"select {kind}_code, item_code, choice_code from knowledge.{table}"):
                compounds[f"{kind}:{code}"] += ((item, choice),)
        partly_asked = set(
            ask(
                "select cohort_code, item_code from intermediate.int_cohort_items where wave = $wave "
                "and not is_asked_of_all",
                wave=wave,
            )
        )
        parts = {(code, item) for code, answers in compounds.items() for item, _ in answers}
        partly_asked |= {(cohort, code) for code, own in parts for cohort, item in partly_asked if item == own}
        items_of: dict[str, set[str]] = defaultdict(set)
        for cohort, item in ask(
            "select cohort_code, item_code from intermediate.int_cohort_items where wave = $wave", wave=wave
        ):
            items_of[cohort].add(item)
        absent = ask(
            "select 'need:' || need_code from knowledge.need_evidence where is_chosen::varchar in ('no', 'false')"
        )
        return Knowledge(
            multiples=frozenset(
                item for (item,) in ask("select item_code from knowledge.items where kind = 'multiple'")
            ),
            together=frozenset(
                frozenset(cohorts)
                for (cohorts,) in ask(
                    "select distinct list(cohort_code order by cohort_code) from intermediate.int_cohort_members "
                    "where wave = $wave group by city_key",
                    wave=wave,
                )
            ),
            apart=frozenset([*ask(_APART, wave=wave), *_list_asked_apart(compounds, items_of)]),
            levels={
                (item, choice): level
                for item, choice, level in ask(
                    "select item_code, choice_code, need_level from intermediate.int_choice_levels"
                )
            },
            compounds=compounds,
            absent=frozenset(code for (code,) in absent),
            partly_asked=frozenset(partly_asked),
            classes=tuple(
                ask(
                    "select distinct numbers.item_code, classed.item_code, classes.choice_code, lower_inclusive, "
                    "upper_exclusive from knowledge.item_sources as numbers "
                    "join knowledge.item_sources as classed using (instrument, round, question_code) "
                    "join knowledge.number_classes as classes on classed.choice_map = classes.choice_map "
                    "where numbers.method = 'number' and classed.method = 'class' order by all"
                )
                # Of merged classes: from the least of one to the end of another.
                + ask(
                    "select distinct numbers.item_code, merged_item_code, merged_choice_code, min(lower_inclusive), "
                    "nullif(max(coalesce(upper_exclusive, 'infinity')), 'infinity') "
                    "from knowledge.item_sources as numbers "
                    "join knowledge.item_sources as classed using (instrument, round, question_code) "
                    "join knowledge.number_classes as classes on classed.choice_map = classes.choice_map "
                    "join knowledge.class_merges as merges on classed.item_code = merges.item_code "
                    "and classes.choice_code = merges.choice_code "
                    "where numbers.method = 'number' and classed.method = 'class' group by all order by all"
                )
            ),
            low_interest=next(
                (v for (v,) in ask("select value from knowledge.thresholds where threshold_code = 'low_interest_pct'")),
                None,
            ),
        )


def find_open_cohorts(public: Sequence[Row]) -> frozenset[str]:
    """Cohorts of which nothing is hidden."""
    return frozenset(row["cohort_code"] for row in public) - {row["cohort_code"] for row in public if row["n"] is None}


def attack(
    public: Mapping[str, Sequence[Row]],
    internal: Mapping[str, Sequence[Row]],
    knowledge: Knowledge,
    limits: Limits,
    defining: Collection[str] = frozenset(),
    step: int = 1,
) -> Attack:
    """What the public tables tell of the counts that they hide; `internal` has all of them, to judge it by.

    Of the items, each `step`-th is attacked, and all dimensions. Items that are `defining` say who is in a cohort:
    their counts by groups are those of another cohort.
    """
    opened = find_open_cohorts(public["gap_cube"])
    # Others may be subtracted from an open cohort with which they share cities, or with one that does.
    skipped = set(opened)
    while tied := {cohort for place in knowledge.together if place - skipped for cohort in place & skipped}:
        skipped -= tied
    own, inside = (
        [
            row
            for row in (*tables["gap_cube"], *_list_compounds(tables))
            if row["cohort_code"] not in skipped and (row["item_code"] not in defining or row["dimension_code"] == ALL)
        ]
        for tables in (public, internal)
    )
    system = _System(own, inside, knowledge)
    system.add_tables(public)
    attacked = {*sorted({count.item for count in system.hidden})[::step], *system.dimensions}
    return system.attack({_key(row): row for row in inside}, limits, attacked)


def _list_compounds(tables: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """Needs and the interest in services as rows of a cube, each a question that is answered by yes."""
    rows = {}
    for kind, table, n, base, answered in (
        ("need", "gap_need_by_group", "n", "base_n", "answered_n"),
        ("service", "gap_service_coverage", "interest_n", "interest_base_n", "interest_base_n"),
    ):
        for row in tables.get(table, ()):
            if kind == "need" or row["is_interest_known"]:
                same = {name: row[name] for name in ("cohort_code", "dimension_code", "member_code")}
                counts = {"n": row[n], "base_n": row[base], "members_n": row[base], "answered_n": row[answered]}
                codes = {"item_code": f"{kind}:{row[f'{kind}_code']}", "choice_code": "yes", "choice_kind": "level"}
                found = same | codes | counts
                rows[_key(found)] = found
    return list(rows.values())


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[f"{name}_code"] for name in ("cohort", "item", "choice", "dimension", "member"))


def _members(cohort: str, dimension: str, member: str) -> Count:
    return Count(cohort, "members", "", "", dimension, member)


def _missing(row: Row) -> Count:
    cohort, item, _, *group = _key(row)
    return Count(cohort, "missing", item, "", *group)


class _System:
    """All that the public tables say of the counts of a wave."""

    def __init__(self, cube: Sequence[Row], inside: Sequence[Row], knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.truth: dict[Count, int] = {}
        self.known: dict[Count, int] = {}
        self.values: dict[Count, frozenset[int]] = {}
        self.sums: list[Sum] = []
        self.hidden: dict[Count, list[Row]] = defaultdict(list)
        self.dimensions = frozenset(row["dimension_code"] for row in cube) - {ALL}
        self.rows = {_key(row): row for row in cube}
        self.counts: set[Count] = set()
        self.partly_asked = set(knowledge.partly_asked)
        for row in inside:
            self.truth |= {self._same(count): row[name] for count, name in self._list_counts(row)}
            self.truth[_missing(row)] = row["members_n"] - row["answered_n"]
        for row in cube:
            self._read(row)
        self._add_structure([*cube, *self._split_cohorts(cube)])

    def _same(self, count: Count) -> Count:
        """Target by region is region by target: one of the two stands for both."""
        group = count.dimension, count.member
        if count.kind == "n" and count.item in self.dimensions and count.dimension != ALL and group < count[2:4]:
            return count._replace(item=count.dimension, choice=count.member, dimension=count.item, member=count.choice)
        return count

    def _read(self, row: Row) -> None:
        """What a row shows of its counts, and what the mark of a hidden one tells."""
        for raw, name in self._list_counts(row):
            self._know(raw, row[name])
        if row["choice_kind"] == "missing" and not self._is_partly_asked(row):
            self._know(_missing(row), row["n"])
        if row["choice_kind"] == "answered":
            cohort, item, _, *group = _key(row)
            self._know(Count(cohort, "answered", item, "", *group), row["n"])
        if row["member_code"] == "missing" and row["dimension_code"] != ALL:
            # A group without the answer is a row only where there is such a city.
            self.sums.append(Sum(((_members(row["cohort_code"], row["dimension_code"], "missing"), 1),), 1, 10**6))
        if row["choice_kind"] == "level" and row["n"] is None:
            cohort, item, choice, *group = _key(row)
            self.hidden[self._same(Count(cohort, "n", item, choice, *group))].append(row)

    def _list_counts(self, row: Row) -> list[tuple[Count, str]]:
        """The counts of a row, each with the column that shows it."""
        cohort, item, choice, *group = _key(row)
        listed = [(Count(cohort, "answered", item, "", *group), "answered_n"), (self._whole(row), "members_n")]
        if row["choice_kind"] == "level":
            listed.append((Count(cohort, "n", item, choice, *group), "n"))
        elif self._is_partly_asked(row):
            listed.append((Count(cohort, "asked", item, "", *group), "base_n"))
            listed += [(Count(cohort, "unanswered", item, "", *group), "n")] if row["choice_kind"] == "missing" else []
        return listed

    def _is_partly_asked(self, row: Row) -> bool:
        return (row["cohort_code"], row["item_code"]) in self.partly_asked

    def _whole(self, row: Row) -> Count:
        """The cities of a group; of a need, which is counted among those that were asked, these."""
        cohort, item, _, *group = _key(row)
        if item in self.knowledge.compounds and self._is_partly_asked(row):
            return Count(cohort, "asked", item, "", *group)
        return _members(cohort, *group)

    def _know(self, raw: Count, value: int | None) -> None:
        count = self._same(raw)
        self.counts.add(count)
        if value is not None and self.known.setdefault(count, value) != value:
            raise ValueError(f"{count} is shown as {value} and as {self.known[count]}")

    def _add_structure(self, cube: Sequence[Row]) -> None:
        levels: dict[tuple[str, ...], list[Count]] = defaultdict(list)
        parts: dict[tuple[Count, str], set[Count]] = defaultdict(set)
        groups = {_members(row["cohort_code"], row["dimension_code"], row["member_code"]) for row in cube}
        for row in cube:
            cohort, item, choice, dimension, member = _key(row)
            answered = Count(cohort, "answered", item, "", dimension, member)
            missing, members = _missing(row), self._whole(row)
            self.counts |= {missing}
            self._equal([answered, missing], members)
            own = [answered, missing, members]
            if self._is_partly_asked(row) and members.kind == "members":
                asked, unanswered = (missing._replace(kind=kind) for kind in ("asked", "unanswered"))
                self.counts |= {asked, unanswered}
                self._equal([answered, unanswered], asked)
                self._at_most([unanswered], [missing])
                own += [asked, unanswered]
            if row["choice_kind"] == "level":
                count = self._same(Count(cohort, "n", item, choice, dimension, member))
                levels[cohort, item, dimension, member].append(count)
                own.append(Count(cohort, "n", item, choice, dimension, member))
                if item == dimension:
                    self._equal([count], members if choice == member else None)
                elif item in self.dimensions and dimension == ALL:
                    self._equal([count], _members(cohort, item, choice))
            if item in self.dimensions and dimension == ALL and row["choice_kind"] == "missing":
                without = _members(cohort, item, "missing")
                self._equal([missing], without if without in groups else None)
            if dimension != ALL:
                for part in own:
                    total = part._replace(dimension=ALL, member=ALL)
                    parts[self._same(total), dimension].add(self._same(part))
        for (cohort, item, *group), counts in levels.items():
            answered = Count(cohort, "answered", item, "", *group)
            if item in self.knowledge.multiples or item in self.knowledge.compounds:
                for count in counts:
                    self._at_most([count], [answered])
                if item in self.knowledge.multiples:
                    # Nobody has answered a menu without a tick.
                    self._at_most([answered], counts)
                elif not cohort.endswith(_ALONE):
                    self._tie(counts[0])
            else:
                self._equal(counts, answered)
        for (total, _), own_parts in parts.items():
            self._equal(sorted(own_parts), total)

    def _split_cohorts(self, cube: Sequence[Row]) -> list[Row]:
        """Rows of the cities that are in the same cohorts, of which nothing is shown; a cohort is their sum."""
        tables: dict[tuple[str, str], dict[str, dict[tuple[str, str], Row]]] = defaultdict(lambda: defaultdict(dict))
        for row in cube:
            cohort, item, choice, dimension, member = _key(row)
            tables[item, dimension][cohort][choice, member] = row
        split = []
        for (item, dimension), cohorts in tables.items():
            for together in self._group_alike(cohorts, item, dimension):
                places = {place & together for place in self.knowledge.together} - {frozenset()}
                if any(len(place) > 1 for place in places):
                    own = {cohort: cohorts[cohort] for cohort in sorted(together)}
                    split += self._split_table(own, sorted(places, key=sorted))
        return split

    def _group_alike(self, cohorts: Iterable[str], item: str, dimension: str) -> list[frozenset[str]]:
        groups: list[frozenset[str]] = []
        for cohort in sorted(cohorts):
            alike = (one for one in groups if self.knowledge.are_alike({*one, cohort}, item, dimension))
            found = next(alike, None)
            groups = [one for one in groups if one != found] + [(found or frozenset()) | {cohort}]
        return groups

    def _split_table(
        self, cohorts: Mapping[str, Mapping[tuple[str, str], Row]], places: Sequence[frozenset[str]]
    ) -> list[Row]:
        split = []
        groups = {cohort: {member for _, member in rows} for cohort, rows in cohorts.items()}
        for cell in dict.fromkeys(cell for rows in cohorts.values() for cell in rows):
            row = next(rows[cell] for rows in cohorts.values() if cell in rows)
            sums: dict[Count, list[Count]] = defaultdict(list)
            # Without a row of its group a cohort has nobody in it, without this row nobody of this choice there.
            for place in (place for place in places if all(cell[1] in groups[cohort] for cohort in place)):
                has_choice = all(cell in cohorts[cohort] for cohort in place)
                # Alone among the cohorts that read these items alike: among others it may be other cities.
                name = f"{' and '.join(sorted(place))} of {' and '.join(sorted(cohorts))}{_ALONE}"
                if any(self._is_partly_asked({**row, "cohort_code": cohort}) for cohort in place):
                    self.partly_asked.add((name, row["item_code"]))
                own = {**row, "cohort_code": name, **dict.fromkeys(COUNTS)}
                split.append(own)
                for count, _ in self._list_counts(own):
                    self._know(count, None)
                    if not has_choice and count.kind in ("n", "unanswered"):
                        self._equal([count], None)
                    for cohort in place:
                        # Of one cohort all may have been asked, of another with the same cities only these.
                        is_whole, theirs = count == self._whole(own), {**row, "cohort_code": cohort}
                        whole = self._whole(theirs) if is_whole else self._same(count._replace(cohort=cohort))
                        if whole in self.counts:
                            sums[whole].append(self._same(count))
            for whole, parts in sums.items():
                self._equal(parts, whole)
        return split

    def _equal(self, parts: Sequence[Count], total: Count | None) -> None:
        terms = [*((part, 1) for part in parts), *([(total, -1)] if total else [])]
        self.sums.append(_make_sum(terms, 0, 0))

    def _at_most(self, small: Sequence[Count], large: Sequence[Count], source: str = "counts") -> None:
        self.sums.append(_make_sum([*((c, 1) for c in large), *((c, -1) for c in small)], 0, 10**6, source))

    def add_tables(self, public: Mapping[str, Sequence[Row]]) -> None:
        """What the other tables say of the counts of the cube."""
        for name, rows in public.items():
            for row in rows:
                if name in ("gap_report_cell", "cells", "gap_item_by_cohort", "gap_evidence"):
                    self._add_named(row)
                self._add_intervals(row)
        for row in public.get("gap_need_by_group", ()):
            self._add_need_level(row)
        for row in public.get("gap_ranking", ()):
            self._add_ranked(row)
        self._add_medians(public.get("cells", ()))
        self._add_ranks(public)
        self._add_coverage(public.get("gap_service_coverage", ()))

    def _list_counted(self, row: Row) -> Iterable[tuple[str, Count, int | None]]:
        """What a row counts, by the start of its columns' names, with the base of its share."""
        group = (row.get("dimension_code") or ALL, row.get("member_code") or ALL)
        sides = [("", row.get("cohort_code"), group), ("comparison_", row.get("comparison_cohort_code"), (ALL, ALL))]
        for start, cohort, own in sides if row.get("comparison_kind", "cohort") == "cohort" else sides[:1]:
            named = [
                (start, row.get("item_code"), row.get("choice_code"), f"{start}base_n"),
                (start, f"need:{row.get('need_code')}", "yes", f"{start}base_n"),
            ]
            if not start:
                named.append(("interest_", f"service:{row.get('service_code')}", "yes", "interest_base_n"))
            for prefix, item, choice, base in named:
                if cohort and item and choice:
                    count = self._same(Count(cohort, "n", item, choice, *own))
                    if count in self.counts and f"{prefix}share_pct" in row:
                        yield prefix, count, row.get(base)

    def _add_intervals(self, row: Row) -> None:
        """A share, or an end of its interval, tells the count of a base."""
        for start, count, base in self._list_counted(row):
            ends = {name: row.get(f"{start}share{name}_pct") for name in ("", "_low", "_high")}
            if count in self.known or not base or all(end is None for end in ends.values()):
                continue
            fitting = [n for n in range(base + 1) if _fits(n, base, ends)]
            if fitting:
                self.sums.append(Sum(((count, 1),), min(fitting), max(fitting), "interval"))

    def _add_ranks(self, public: Mapping[str, Sequence[Row]]) -> None:
        """Who is before another in a list has the larger share."""
        group = ("cohort_code", "dimension_code", "member_code")
        for table, rank, within in (
            ("gap_ranking", "item_rank", ("item_set", "ranking_measure", *group)),
            ("gap_service_coverage", "need_rank", group),
        ):
            lists: dict[tuple[Any, ...], dict[tuple[tuple[Count, ...], int], int]] = defaultdict(dict)
            for row in public.get(table, ()):
                terms = self._list_ranked(row) if table == "gap_ranking" else self._list_need(row)
                if row.get(rank) is not None and terms and row["base_n"]:
                    lists[tuple(row.get(name) for name in within)][terms, row["base_n"]] = row[rank]
            for own in lists.values():
                ordered = sorted(own.items(), key=lambda entry: entry[1])
                for ((first, base), place), ((second, other_base), other_place) in pairwise(ordered):
                    terms = [*((count, other_base) for count in first), *((count, -base) for count in second)]
                    is_tie = place == other_place
                    self.sums.append(_make_sum(terms, 0 if is_tie else 1, 0 if is_tie else 10**7, "rank"))

    def _list_ranked(self, row: Row) -> tuple[Count, ...]:
        """Counts of the levels that a row of a ranking by share counts."""
        group = row["dimension_code"], row["member_code"]
        parts = tuple(
            self._same(Count(row["cohort_code"], "n", row["item_code"], choice, *group))
            for (item, choice), level in self.knowledge.levels.items()
            if item == row["item_code"] and level is not None and level >= row["least_need_level"]
        )
        return parts if row["ranking_measure"] != "mean" and all(part in self.counts for part in parts) else ()

    def _list_need(self, row: Row) -> tuple[Count, ...]:
        group = (row.get("dimension_code") or ALL, row.get("member_code") or ALL)
        count = Count(row["cohort_code"], "n", f"need:{row['need_code']}", "yes", *group)
        return (count,) if count in self.counts else ()

    def _add_coverage(self, rows: Sequence[Row]) -> None:
        """The verdict on a service that exists for a group: its interest reaches what is called low, or does not."""
        limit = self.knowledge.low_interest
        for row in rows if limit is not None else ():
            group = row["dimension_code"], row["member_code"]
            count = Count(row["cohort_code"], "n", f"service:{row['service_code']}", "yes", *group)
            verdict = row["service_verdict_code"]
            if verdict in ("covered", "low_interest") and count in self.counts and row["interest_base_n"]:
                least = math.ceil(limit * row["interest_base_n"] / 100 - ROUNDING)
                ends = (0, least - 1) if verdict == "low_interest" else (least, MOST)
                self.sums.append(Sum(((count, 1),), *ends, "verdict"))

    def _add_named(self, row: Row) -> None:
        """A row that names an item and a choice, of one cohort or of two."""
        group = (row.get("dimension_code") or ALL, row.get("member_code") or ALL)
        for prefix, own_group in (("", group), ("comparison_", (ALL, ALL))):
            cohort, choice = row.get(f"{prefix}cohort_code"), row.get("choice_code")
            if cohort is None or choice is None or row.get("comparison_kind", "cohort") != "cohort":
                continue
            count = self._same(Count(cohort, "n", row["item_code"], choice, *own_group))
            n, base, share = (row.get(f"{prefix}{name}") for name in ("n", "base_n", "share_pct"))
            if count not in self.counts:
                continue
            if n is not None:
                self._know(count, n)
            elif base is not None and share is not None:
                self._know(count, round(share * base / 100))

    def _tie(self, compound: Count) -> None:
        """Cities that gave any of several answers, or not the one, are told by those that gave each of them."""
        answers = self.knowledge.compounds[compound.item]
        parts = [self._same(compound._replace(item=item, choice=choice)) for item, choice in answers]
        parts = [part for part in parts if part in self.counts]
        items = {part.item for part in parts}
        if not parts:
            return
        if compound.item in self.knowledge.absent:
            if len(parts) == 1:
                self._equal([compound, parts[0]], parts[0]._replace(kind="answered", choice=""))
        elif len(parts) == 1 or (len(items) == 1 and not items & self.knowledge.multiples):
            self._equal(parts, compound)
        else:
            for part in parts:
                self._at_most([part], [compound])
            self._at_most([compound], parts)

    def _add_need_level(self, row: Row) -> None:
        code = f"need:{row['need_code']}"
        items = {item for item, _ in self.knowledge.compounds.get(code, ())}
        asked = [item for item in items if any(c.item == item and c.cohort == row["cohort_code"] for c in self.counts)]
        if (
            code not in self.knowledge.absent
            and len(asked) == 1
            and row["mean_need_level"] is not None
            and row["answered_n"]
        ):
            self._add_mean(row, asked[0], row["mean_need_level"], row["answered_n"])

    def _add_ranked(self, row: Row) -> None:
        group = row["dimension_code"], row["member_code"]
        levels = {choice: level for (item, choice), level in self.knowledge.levels.items() if item == row["item_code"]}
        if row["ranking_measure"] == "mean":
            if row["ranked_value"] is not None and row["answered_n"]:
                self._add_mean(row, row["item_code"], row["ranked_value"], row["answered_n"])
            return
        n = row["n"]
        if n is None and row["ranked_value"] is not None and row["base_n"]:
            n = round(row["ranked_value"] * row["base_n"] / 100)
        if n is not None:
            parts = [
                self._same(Count(row["cohort_code"], "n", row["item_code"], choice, *group))
                for choice, level in levels.items()
                if level is not None and level >= row["least_need_level"]
            ]
            if parts and all(part in self.counts for part in parts):
                self.sums.append(Sum(tuple((part, 1) for part in parts), n, n, "ranking"))

    def _add_mean(self, row: Row, item: str, mean: float, answered_n: int) -> None:
        """A mean with four decimals is nearly the sum of the levels."""
        group = row["dimension_code"], row["member_code"]
        levels = {choice: lv for (own, choice), lv in self.knowledge.levels.items() if own == item and lv is not None}
        terms = [
            (self._same(Count(row["cohort_code"], "n", item, choice, *group)), int(level))
            for choice, level in levels.items()
            if level == int(level)
        ]
        if len(terms) == len(levels) and terms and all(count in self.counts for count, _ in terms):
            total, room = mean * answered_n, 0.0001 * answered_n
            if room < 0.5:
                self.sums.append(_make_sum(terms, -int(-(total - room) // 1), int((total + room) // 1), "mean"))

    def _add_medians(self, cells: Sequence[Row]) -> None:
        """Half of the numbers lie below the median, and their sum is between those of the bounds of their classes."""
        for row in cells:
            if row["choice_code"] is not None or row["value"] is None or not row.get("n"):
                continue
            for number, item, *_ in dict.fromkeys((c[0], c[1]) for c in self.knowledge.classes):
                if number == row["item_code"]:
                    self._add_median(row, item)

    def _add_median(self, row: Row, item: str) -> None:
        group = row["dimension_code"] or ALL, row["member_code"] or ALL
        answered = Count(row["cohort_code"], "answered", item, "", *group)
        if answered not in self.counts or self.known.get(answered) != row["n"]:
            return
        own = [(c[2], c[3], c[4]) for c in self.knowledge.classes if c[1] == item]
        counts = {c: self._same(Count(row["cohort_code"], "n", item, c, *group)) for c, _, _ in own}
        if not all(count in self.counts for count in counts.values()):
            return
        if row["measure_code"] == "median":
            below = [counts[c] for c, _, high in own if high is not None and high <= row["value"]]
            above = [counts[c] for c, low, _ in own if low > row["value"]]
            for side in (below, above):
                if side:
                    self.sums.append(Sum(tuple((count, 1) for count in side), 0, row["n"] // 2, "median"))
        if row["measure_code"] == "mean":
            total = round(row["value"] * row["n"])
            least = [(counts[c], int(low)) for c, low, _ in own if low]
            self.sums.append(_make_sum(least, 0, total + row["n"], "mean of numbers"))

    def attack(self, inside: Mapping[tuple[str, ...], Row], limits: Limits, items: Collection[str]) -> Attack:
        """Intervals of hidden counts of some items against what is promised of them."""
        self._check_truth()
        promised = {
            count: min(max(self._promise(inside[_key(row)], limits) for row in rows), self._get_width_by_totals(count))
            for count, rows in self.hidden.items()
            if count.item in items
        }
        self._use_marks()
        intervals = self._find_intervals(self.sums, self.known, promised)
        narrow = {count: promised[count] for count, (low, high) in intervals.items() if high - low < promised[count]}
        findings = []
        for is_total in (False, True):
            own = {count: level for count, level in narrow.items() if (count.dimension == ALL) is is_total}
            told = self._find_told(own, is_total=is_total) if own else {}
            for count, level in own.items():
                low, high = intervals[count]
                attainable = told[count][1] - told[count][0]
                if high - low < min(level, attainable):
                    findings.append(Finding(count, low, high, min(level, attainable), level > NOT_EXACT))
        small_n = sum(level > NOT_EXACT for level in promised.values())
        return Attack(len(promised), small_n, tuple(sorted(findings)))

    def _find_intervals(
        self, sums: Iterable[Sum], known: Mapping[Count, int], asked: Mapping[Count, int], *, has_marks: bool = True
    ) -> dict[Count, tuple[int, int]]:
        """Intervals, found item by item: dimensions are one, whose sizes of groups the others start from."""
        by_items, of_sizes = self._group_by_items(sums)
        found: dict[Count, tuple[int, int]] = {}
        sizes: dict[Count, tuple[int, int]] = {}
        values = self.values if has_marks else {}
        for items, own in sorted(by_items.items(), key=lambda entry: not entry[0] & self.dimensions):
            wanted = {count: level for count, level in asked.items() if count.item in items}
            if items & self.dimensions:
                sized = {
                    c: MOST
                    for one in (*own, *of_sizes)
                    for c, _ in one.terms
                    if c.kind == "members" and c in self.truth
                }
                both = _find_intervals([*own, *of_sizes], known, values, wanted | sized, self.truth)
                sizes = {count: both.pop(count) for count in sized}
                found |= both
            elif wanted:
                found |= _find_intervals([*own, *of_sizes], known, values, wanted, self.truth, sizes)
        return found

    def _group_by_items(self, sums: Iterable[Sum]) -> tuple[dict[frozenset[str], list[Sum]], list[Sum]]:
        """Sums by the items that they tie together, and those of sizes of groups alone."""
        together: dict[str, set[str]] = {}
        first = set(self.dimensions)
        for own in [first, *({count.item for count, _ in one.terms} - {""} for one in sums)]:
            joined = set(own).union(*(together[item] for item in own if item in together))
            together |= dict.fromkeys(joined, joined)
        by_items: dict[frozenset[str], list[Sum]] = defaultdict(list)
        of_sizes = []
        for one in sums:
            items = {count.item for count, _ in one.terms} - {""}
            if items:
                by_items[frozenset(together[next(iter(items))])].append(one)
            else:
                of_sizes.append(one)
        return by_items, of_sizes

    def _find_told(self, asked: Mapping[Count, int], *, is_total: bool) -> dict[Count, tuple[int, int]]:
        """What the shown totals alone tell: nothing of any answer is shown in a group, or of a whole cohort."""
        known = {
            count: value
            for count, value in self.known.items()
            if count.kind != "n"
            or count not in self.counts
            or (not is_total and count.dimension == ALL)
            or count.item == count.dimension
        }
        sums = [one for one in self.sums if one.source == "counts"]
        told = self._find_intervals(sums, known, asked, has_marks=False)
        for outer in {count.cohort for count in self.counts}:
            for count in asked:
                # The same count of a cohort around it is a total, too: of this and of the rest.
                around, inner = count._replace(cohort=outer), count.cohort
                is_around = self.knowledge.holds(outer, inner) and self.knowledge.are_alike(
                    (outer, inner), count.item, count.dimension
                )
                if is_around and (whole := self.known.get(around)) is not None:
                    rest = self._get_size(around) - self._get_size(count)
                    told[count] = max(told[count][0], whole - rest), min(told[count][1], whole)
        return told

    def _get_width_by_totals(self, count: Count) -> int:
        """The most that shown totals leave to a count of a group: it is one of those that answered, and of all."""
        size = self.known.get(count._replace(kind="answered", choice=""))
        if count.dimension == ALL or size is None:
            return MOST
        total = count._replace(dimension=ALL, member=ALL)
        n, whole = (self.known.get(one) for one in (total, total._replace(kind="answered", choice="")))
        return size if n is None or whole is None else min(n, size) - max(0, n + size - whole)

    def _get_size(self, count: Count) -> int:
        return self.truth[count._replace(kind="answered", choice="")]

    def _promise(self, row: Row, limits: Limits) -> int:
        n, base = row["n"], row["base_n"]
        is_menu = row["item_code"] in self.knowledge.multiples or row["item_code"] in self.knowledge.compounds
        is_small = (
            0 < base < limits.base
            or 0 < n < limits.frequency
            or (is_menu and 0 < base - n < limits.frequency)
            or (0 < base < limits.group and (n in (0, base) if is_menu else n == row["answered_n"] > 0))
        )
        return limits.frequency if is_small else NOT_EXACT

    def _use_marks(self) -> None:
        """A code that says why a count is hidden says what it can be."""
        for count, rows in self.hidden.items():
            for row in rows:
                allowed = self._read_mark(row)
                if allowed is not None:
                    self.values[count] = self.values.get(count, allowed) & allowed

    def _read_mark(self, row: Row) -> frozenset[int] | None:
        """Values that a reason leaves; None where it says nothing."""
        reason, answered, base = row.get("hidden_reason"), row["answered_n"], row["base_n"]
        is_menu = row["item_code"] in self.knowledge.multiples
        few = frozenset({1, 2})
        if is_menu and base is not None:
            few |= {base - 1, base - 2}
        if reason == "small_count":
            return few if not is_menu or base is not None else None
        if reason == "complement":
            return frozenset(range(MOST + 1)) - few
        if reason == "whole_group" and base is not None:
            return frozenset({0, base} if is_menu else {answered})
        return None

    def _check_truth(self) -> None:
        for one in self.sums:
            if all(count in self.truth or count in self.known for count, _ in one.terms):
                total = sum(sign * self.truth.get(c, self.known.get(c, 0)) for c, sign in one.terms)
                if not one.low <= total <= one.high:
                    raise ValueError(f"the intruder assumes what is not so: {one}, {total}")


def _fits(n: int, base: int, ends: Mapping[str, float | None]) -> bool:
    """Whether a share and its interval (Wilson) are those of a count."""
    share, square = n / base, NORMAL_QUANTILE**2
    middle = (share + square / (2 * base)) / (1 + square / base)
    half = NORMAL_QUANTILE * math.sqrt(share * (1 - share) / base + square / (4 * base**2)) / (1 + square / base)
    told = {"": share, "_low": max(middle - half, 0.0), "_high": min(middle + half, 1.0)}
    return all(end is None or abs(100 * told[name] - end) <= ROUNDING for name, end in ends.items())


def _make_sum(terms: Iterable[tuple[Count, int]], low: int, high: int, source: str = "counts") -> Sum:
    together: dict[Count, int] = defaultdict(int)
    for count, factor in terms:
        together[count] += factor
    return Sum(tuple((count, factor) for count, factor in together.items() if factor), low, high, source)


# --- Solving -----------------------------------------------------------------------------------------------------


def _find_intervals(
    sums: Iterable[Sum],
    known: Mapping[Count, int],
    values: Mapping[Count, frozenset[int]],
    asked: Mapping[Count, int],
    truth: Mapping[Count, int],
    sizes: Mapping[Count, tuple[int, int]] | None = None,
) -> dict[Count, tuple[int, int]]:
    """Least and greatest value of each count asked for; wider ones are only known to be as wide as asked."""
    found = {count: (known[count], known[count]) for count in asked if count in known}
    open_sums = []
    for one in dict.fromkeys(sums):
        fixed = sum(factor * known[count] for count, factor in one.terms if count in known)
        terms = tuple((count, factor) for count, factor in one.terms if count not in known)
        if terms:
            open_sums.append(Sum(terms, one.low - fixed, one.high - fixed, one.source))
    loose = {count for count in asked if count not in known}
    for numbers, own in _split(open_sums):
        wanted = {count: asked[count] for count in numbers if count in asked}
        loose -= wanted.keys()
        if wanted:
            found |= _Part(sorted(numbers), own, values, truth, sizes or {}).find(wanted)
    found |= dict.fromkeys(loose, (0, 10**6))
    return found


def _split(sums: Sequence[Sum]) -> list[tuple[set[Count], list[Sum]]]:
    """Parts of a system that share no count."""
    parent: dict[Count, Count] = {}

    def root(count: Count) -> Count:
        parent.setdefault(count, count)
        while parent[count] != count:
            parent[count] = parent[parent[count]]
            count = parent[count]
        return count

    for one in sums:
        first = root(one.terms[0][0])
        for count, _ in one.terms[1:]:
            parent[root(count)] = first
    parts: dict[Count, tuple[set[Count], list[Sum]]] = defaultdict(lambda: (set(), []))
    for one in sums:
        numbers, own = parts[root(one.terms[0][0])]
        numbers.update(count for count, _ in one.terms)
        own.append(one)
    return list(parts.values())


# How far counts are pushed together, and how often in vain before each is pushed alone.
_FAR = 4
_VAIN = 2


class _Part:
    """One connected part of the system in CP-SAT."""

    def __init__(
        self,
        counts: Sequence[Count],
        sums: Sequence[Sum],
        values: Mapping[Count, frozenset[int]],
        truth: Mapping[Count, int],
        sizes: Mapping[Count, tuple[int, int]],
    ) -> None:
        self.model = cp_model.CpModel()
        self.variables = {}
        for count in counts:
            allowed = values.get(count)
            domain = (
                cp_model.Domain(*sizes.get(count, (0, MOST)))
                if allowed is None
                else cp_model.Domain.from_values(sorted(value for value in allowed if value <= MOST))
            )
            self.variables[count] = self.model.new_int_var_from_domain(domain, "")
        for one in sums:
            expression = sum(factor * self.variables[count] for count, factor in one.terms)
            self.model.add_linear_constraint(expression, max(one.low, -(10**7)), min(one.high, 10**7))
        self.solver = cp_model.CpSolver()
        self.solver.parameters.num_workers = 1
        self.solver.parameters.random_seed = 1
        self.solver.parameters.max_deterministic_time = 20
        self.seen = {count: [truth[count], truth[count]] for count in counts if count in truth}

    def find(self, wanted: Mapping[Count, int]) -> dict[Count, tuple[int, int]]:
        """Intervals of some counts, each found until it is as wide as wanted."""
        chance = random.Random(len(self.variables))
        lacking, vain_n = self._list_lacking(wanted), 0
        while len(lacking) > 1 and vain_n < _VAIN:
            signs = {count: chance.choice((-1, 1)) for count in lacking}
            if not self._push(signs, dict.fromkeys(lacking, _FAR)):
                break
            left = self._list_lacking(wanted)
            lacking, vain_n = left, 0 if len(left) < len(lacking) else vain_n + 1
        ends = {}
        for count in lacking:
            for sign in (1, -1):
                if self._get_width(count) < wanted[count]:
                    self._push({count: sign}, wanted)
            ends[count] = tuple(self.seen[count])
        return {count: ends.get(count, tuple(self.seen[count])) for count in wanted}

    def _get_width(self, count: Count) -> int:
        low, high = self.seen[count]
        return high - low

    def _list_lacking(self, wanted: Mapping[Count, int]) -> list[Count]:
        return [count for count, level in wanted.items() if self._get_width(count) < level]

    def _push(self, signs: Mapping[Count, int], far: Mapping[Count, int]) -> bool:
        """Look for a table in which counts lie as far off what was seen as is asked; whether there is any."""
        terms = []
        for count, sign in signs.items():
            # Farther than asked brings nothing, and a solver that may stop there need not prove where the end is.
            distance = self.model.new_int_var(-5000, far[count], "")
            seen = self.seen[count][0 if sign > 0 else 1]
            self.model.add(distance <= sign * (self.variables[count] - seen))
            terms.append(distance)
        self.model.maximize(sum(terms))
        status = self.solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            if status == cp_model.INFEASIBLE:
                raise ValueError("the intruder's system has no solution: it assumes what is not so")
            return False
        for count, ends in self.seen.items():
            value = self.solver.value(self.variables[count])
            ends[0], ends[1] = min(ends[0], value), max(ends[1], value)
        return True
