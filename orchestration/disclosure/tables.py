"""Taking suppressed cells out of a published table, and saying by which status.

What a column of a table tells about is said beside the model in dbt (`meta.disclosure`). Not here: which cells are
suppressed (protect.py), and writing files (orchestration/release/draft.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.merges import Variants
from orchestration.disclosure.protect import SuppressionPattern
from orchestration.disclosure.rules import ALL, PRIMARY, Key, Reason, find_primary_reason
from orchestration.settings import DisclosureLimits

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
STATUS_COLUMNS = OBS_STATUS, CONF_STATUS, HIDDEN_REASON = "obs_status", "conf_status", "hidden_reason"
# To everybody hidden is hidden: which rule hid a count would tell what it can be.
PUBLIC_STATUS_COLUMNS = OBS_STATUS, CONF_STATUS
# SDMX code list CL_OBS_STATUS.
NORMAL, LOW_RELIABILITY, PROVISIONAL, SUPPRESSED = "A", "U", "P", "Q"
# SDMX code list CL_CONF_STATUS.
FREE, CONFIDENTIAL, SECONDARY_CONFIDENTIAL = "F", "C", "D"
# Statistics that are the answer of one city.
OF_ONE_CITY = frozenset({"min", "max"})


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CellColumns(_Strict):
    """Columns of a row that name the cells it was computed from; a dimension that is not named is the whole cohort.

    One of `item`, `need` and `service` is given. Without `choice`, an item stands for all its levels, or for those
    from the level of need in `least_level` on; `rated` asks for all levels of the items of a need.
    """

    cohort: str
    item: str | None = None
    need: str | None = None
    service: str | None = None
    choice: str | None = None
    least_level: str | None = None
    dimension: str | None = None
    member: str | None = None
    rated: bool = False
    # Column with a code such as `min`, where a row without choice is a statistic of a number.
    statistic: str | None = None

    def find_key(self, row: Row) -> Key | None:
        """The cell that a row is of, where it is of one by item and choice."""
        if self.item is None or self.choice is None or row[self.choice] is None:
            return None
        return Key(row[self.cohort], row[self.item], row[self.choice], *self.get_group(row))

    def get_group(self, row: Row) -> tuple[str, str]:
        """Dimension and member of a row."""
        return (row[self.dimension], row[self.member]) if self.dimension and self.member else (ALL, ALL)


class Measures(_Strict):
    """Columns that tell about the same cells: values, and numbers of responses that they are of."""

    cells: CellColumns
    values: tuple[str, ...]
    bases: tuple[str, ...] = ()


class Ranks(_Strict):
    """Columns that compare the rows of a list by other columns: hidden for all where one of these is for one row."""

    columns: tuple[str, ...]
    by: tuple[str, ...]
    within: tuple[str, ...]
    # Column that is true for the rows that are compared.
    where: str | None = None

    def compares(self, row: Row) -> bool:
        """Whether the columns hang on a row of the list."""
        return self.where is None or bool(row[self.where])


class Families(_Strict):
    """p values that are adjusted within families, and the verdict by them: each word below and above a threshold."""

    p_value: str
    adjusted: str
    within: str
    verdict: str
    words: Mapping[str, str]
    threshold: str


class OtherWave(_Strict):
    """Columns that rest on a count of another wave, named by `key`: hidden where its tables do not show that.

    `counts` says of what: needs, or interest in services.
    """

    counts: Literal["need", "service"] = "need"
    wave: str
    key: tuple[str, ...]
    n: str
    columns: tuple[str, ...]


class Parts(_Strict):
    """Counts with bases that a row tells by subtraction: its columns are hidden where one of them is sensitive.

    Columns `told` are hidden where they leave open too few ways that lead to the row: `alternatives` counts them.
    """

    where: str
    counts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    alternatives: str | None = None
    told: tuple[str, ...] = ()


class Printed(_Strict):
    """Columns with numbers that a report prints of a cohort; `tables` are first words of a source that is a table."""

    columns: tuple[str, ...]
    cohort: str
    source: str
    tables: tuple[str, ...]


class Splits(_Strict):
    """Counts of cities by what everybody can know of them: `counts` are columns with the column of the base of each.

    No cell of the cube is such a count. It is hidden, and `columns` with it, in groups of a cohort, in a cohort that is
    within another, and where one of the counts is sensitive in its own base.
    """

    counts: Mapping[str, str]
    columns: tuple[str, ...] = ()
    cohort: str
    dimension: str | None = None

    @property
    def guarded_columns(self) -> tuple[str, ...]:
        """Counts, their bases, and what is computed from them."""
        return (*self.counts, *self.counts.values(), *self.columns)


class Disclosure(_Strict):
    """What the columns of a model tell about: `meta.disclosure` of the model."""

    measures: tuple[Measures, ...] = ()
    # Columns computed from several measures.
    derived: tuple[str, ...] = ()
    ranks: tuple[Ranks, ...] = ()
    # Columns from answers that no cell guards, where the column `answers_column` is true.
    answers_column: str | None = None
    answers: tuple[str, ...] = ()
    other_wave: OtherWave | None = None
    parts: Parts | None = None
    families: Families | None = None
    printed: Printed | None = None
    splits: tuple[Splits, ...] = ()

    @property
    def guarded_columns(self) -> frozenset[str]:
        """Columns that may be hidden."""
        ranked = [column for ranks in self.ranks for column in ranks.columns]
        measured = [column for measures in self.measures for column in (*measures.values, *measures.bases)]
        told = [column for one in (self.printed, self.other_wave, self.parts) if one for column in one.columns]
        told += self.parts.told if self.parts else ()
        split = [column for splits in self.splits for column in splits.guarded_columns]
        return frozenset((*measured, *self.derived, *ranked, *self.answers, *told, *split))

    @property
    def item_columns(self) -> frozenset[str]:
        """Columns that name items: what is counted, and by which it is grouped."""
        cells = [measures.cells for measures in self.measures]
        return frozenset(name for own in cells for name in (own.item, own.dimension) if name)


@dataclass(frozen=True)
class Guard:
    """Hides the values of suppressed cells in the tables of a wave; `is_provisional` where the wave is still open.

    `shown_before` are counts that its base waves show to everybody, by wave, what is counted (a need, the interest in a
    service), cohort, code and group.
    """

    cube: ConfidentialCube
    pattern: SuppressionPattern
    limits: DisclosureLimits
    is_provisional: bool
    variants: Variants = field(default_factory=Variants)
    shown_before: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    def apply(self, rows: pa.Table, disclosure: Disclosure) -> tuple[pa.Table, pa.Table]:
        """The rows with their status: with every value and the reason for hiding it, and with the free ones alone.

        Rows of items that everybody sees by other classes are in the first alone.
        """
        import pyarrow as pa

        columns, found = rows.to_pydict(), rows.to_pylist()
        names, withheld = disclosure.item_columns, self.variants.withheld
        verdicts = [
            _withhold(disclosure) if any(row[name] in withheld for name in names) else self._judge(row, disclosure)
            for row in found
        ]
        self._hide_ranks(found, verdicts, disclosure)
        free = dict(columns)
        for name in disclosure.guarded_columns & columns.keys():
            pairs = zip(columns[name], verdicts, strict=True)
            free[name] = [None if name in verdict.hidden else value for value, verdict in pairs]
        statuses = [self._get_obs_status(row, disclosure) for row in found]
        suppressed = [
            status if verdict.reason is None else SUPPRESSED for status, verdict in zip(statuses, verdicts, strict=True)
        ]
        return (
            _add_status(rows, _list_reasons(statuses, verdicts)),
            _leave_out(_add_status(pa.table(free, schema=rows.schema), _list_marks(suppressed)), disclosure, withheld),
        )

    def take_detailed(self, rows: pa.Table, disclosure: Disclosure) -> pa.Table:
        """The rows without those by merged classes, beside which the detailed ones are."""
        return _leave_out(rows, disclosure, self.variants.merged)

    def take_out(self, cube: pa.Table) -> pa.Table:
        """The columns of `gap_cube` that name cells and count them, without what is hidden."""
        import pyarrow as pa

        columns = cube.to_pydict()
        keys = [Key(*key) for key in zip(*(columns[f"{name}_code"] for name in Key._fields), strict=True)]
        sums = {cell.key for cell in self.cube.sums}
        sources = [self.cube.list_sources(key.cohort, key.item, *key[3:]) if key in sums else [key] for key in keys]
        bases = [any(map(self._has_suppressed_base, own)) for own in sources]
        counts = [
            is_hidden or any(key in self.pattern.cells for key in own)
            for own, is_hidden in zip(sources, bases, strict=True)
        ]
        for names, hidden in ((("n",), counts), (("base_n", "members_n", "answered_n"), bases)):
            for name in names:
                columns[name] = [None if out else value for value, out in zip(columns[name], hidden, strict=True)]
        return pa.table(columns, schema=cube.schema)

    def _judge(self, row: Row, disclosure: Disclosure) -> _Verdict:
        verdict = _Verdict(set())
        for measures in disclosure.measures:
            keys = list(self._list_keys(row, measures.cells))
            if (reason := self._find_reason(row, measures, keys)) is not None:
                verdict.hide((*measures.values, *disclosure.derived), reason)
            if any(self._has_suppressed_base(key) for key in keys) or (reason and _is_statistic(row, measures.cells)):
                verdict.hide((*measures.values, *measures.bases, *disclosure.derived), reason or Reason.DERIVED)
        if disclosure.answers_column and row[disclosure.answers_column]:
            verdict.hide(disclosure.answers, Reason.DERIVED)
        for splits in disclosure.splits:
            if row[splits.cohort] in self.confidential_cohorts and self._is_sensitive(row, splits):
                verdict.hide(splits.guarded_columns, Reason.DERIVED)
        if (other := disclosure.other_wave) and self._is_hidden_before(row, other):
            verdict.hide(other.columns, Reason.EARLIER_RELEASE)
        if (parts := disclosure.parts) and row[parts.where]:
            if self._has_sensitive_part(row, parts):
                verdict.hide(parts.columns, Reason.DERIVED)
            open_n = row[parts.alternatives] if parts.alternatives else None
            if open_n is not None and open_n <= self.limits.minimum_frequency:
                verdict.hide(parts.told, Reason.DERIVED)
        return verdict

    def _is_hidden_before(self, row: Row, other: OtherWave) -> bool:
        """Whether the base wave does not show its count; one that has changed since it was shown was not."""
        shown = self.shown_before.get((row[other.wave], other.counts, *(row[name] for name in other.key)))
        return shown is None or shown != row[other.n]

    def _has_sensitive_part(self, row: Row, parts: Parts) -> bool:
        counts = [(row[n], row[base_n]) for n, base_n in parts.counts]
        return any(None in pair for pair in counts) or self._is_any_sensitive(counts)

    def _is_sensitive(self, row: Row, splits: Splits) -> bool:
        if splits.dimension and row[splits.dimension] != ALL:
            return True
        if self.cube.overlaps.is_within_another(row[splits.cohort]):
            return True
        return self._is_any_sensitive(
            (row[n], row[base_n]) for n, base_n in splits.counts.items() if row[n] is not None
        )

    def _is_any_sensitive(self, counts: Iterable[tuple[int, int]]) -> bool:
        """Whether one of some counts that no cell guards is sensitive in its own base."""
        return any(
            find_primary_reason(n, base_n, base_n, is_multiple=True, limits=self.limits) is not None
            for n, base_n in counts
        )

    def _list_keys(self, row: Row, cells: CellColumns) -> Iterator[Key]:
        cohort, group = row[cells.cohort], cells.get_group(row)
        if cells.item is not None:
            item = row[cells.item]
            choices = [row[cells.choice]] if cells.choice and row[cells.choice] else self._list_levels(row, item, cells)
            yield from (Key(cohort, item, choice, *group) for choice in choices)
        for kind, column in (("need", cells.need), ("service", cells.service)):
            if column is not None and row[column] is not None:
                yield from self._list_compound(cohort, f"{kind}:{row[column]}", group, cells)

    def _list_levels(self, row: Row, item: str, cells: CellColumns) -> list[str]:
        least = row[cells.least_level] if cells.least_level else None
        levels = self.cube.levels.get(item, {})
        return [choice for choice, level in levels.items() if least is None or (level is not None and level >= least)]

    def _list_compound(self, cohort: str, code: str, group: tuple[str, str], cells: CellColumns) -> Iterator[Key]:
        sources = self.cube.list_sources(cohort, code, *group)
        if not cells.rated:
            yield from sources
            return
        for item in {key.item: None for key in sources}:
            yield from (Key(cohort, item, choice, *group) for choice in self.cube.levels.get(item, {}))

    def _find_reason(self, row: Row, measures: Measures, keys: Sequence[Key]) -> Reason | None:
        if _is_statistic(row, measures.cells):
            return self._find_statistic_reason(row, measures)
        reasons = [reason for key in keys if (reason := self.pattern.cells.get(key)) is not None]
        if not reasons:
            return None
        return reasons[0] if len(keys) == 1 else Reason.DERIVED

    def _find_statistic_reason(self, row: Row, measures: Measures) -> Reason | None:
        """A number of one city, or of too few; the first base is the number of cities that gave one."""
        cohort = row[measures.cells.cohort]
        told = {(cohort, row.get(name)) for name in (measures.cells.item, measures.cells.dimension) if name}
        if cohort not in self.confidential_cohorts and not told & self.cube.confidential:
            return None
        if row[measures.cells.statistic or ""] in OF_ONE_CITY:
            return Reason.SMALL_COUNT
        n = row[measures.bases[0]]
        return Reason.SMALL_BASE if n is not None and 0 < n < self.limits.minimum_base else None

    def _has_suppressed_base(self, key: Key) -> bool:
        cohort, item, _, *group = key
        return (cohort, *group) in self.pattern.groups or (cohort, item, *group) in self.pattern.bases

    @cached_property
    def confidential_cohorts(self) -> frozenset[str]:
        """Cohorts whose counts come from answers."""
        return frozenset(cohort for cohort, _ in self.cube.asked)

    def _hide_ranks(self, rows: Sequence[Row], verdicts: Sequence[_Verdict], disclosure: Disclosure) -> None:
        for ranks in disclosure.ranks:
            lists: dict[tuple[Any, ...], list[tuple[Row, _Verdict]]] = {}
            for row, verdict in zip(rows, verdicts, strict=True):
                lists.setdefault(tuple(row[name] for name in ranks.within), []).append((row, verdict))
            for members in lists.values():
                if any(verdict.hidden & {*ranks.by} and ranks.compares(row) for row, verdict in members):
                    for _, verdict in members:
                        verdict.hide(ranks.columns, Reason.DERIVED)

    def _get_obs_status(self, row: Row, disclosure: Disclosure) -> str:
        bases = [row[name] for measures in disclosure.measures for name in measures.bases[:1] if row[name] is not None]
        if bases and min(bases) < self.limits.reliable_base:
            return LOW_RELIABILITY
        return PROVISIONAL if self.is_provisional else NORMAL


@dataclass
class _Verdict:
    """Hidden columns of a row, and why the first of them is."""

    hidden: set[str]
    reason: Reason | None = None

    def hide(self, columns: Sequence[str], reason: Reason) -> None:
        self.hidden.update(columns)
        self.reason = self.reason or reason


def _withhold(disclosure: Disclosure) -> _Verdict:
    return _Verdict(set(disclosure.guarded_columns), Reason.MERGED_CLASSES)


def _leave_out(rows: pa.Table, disclosure: Disclosure, items: Collection[str]) -> pa.Table:
    """Rows that name none of the items."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in sorted(disclosure.item_columns) if items else ():
        rows = rows.filter(pc.invert(pc.is_in(rows[name], pa.array(sorted(items), pa.string()))))
    return rows


def _add_status(table: pa.Table, columns: Mapping[str, Sequence[str | None]]) -> pa.Table:
    import pyarrow as pa

    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, pa.string()))
    return table


def _list_reasons(statuses: Sequence[str], verdicts: Sequence[_Verdict]) -> dict[str, Sequence[str | None]]:
    return {
        OBS_STATUS: statuses,
        CONF_STATUS: [_get_conf_status(verdict.reason) for verdict in verdicts],
        HIDDEN_REASON: [verdict.reason and str(verdict.reason) for verdict in verdicts],
    }


def _list_marks(statuses: Sequence[str]) -> dict[str, Sequence[str | None]]:
    confidential = [CONFIDENTIAL if status == SUPPRESSED else FREE for status in statuses]
    return {OBS_STATUS: statuses, CONF_STATUS: confidential}


def _is_statistic(row: Row, cells: CellColumns) -> bool:
    return bool(cells.statistic and cells.choice and row[cells.choice] is None)


def _get_conf_status(reason: Reason | None) -> str:
    if reason is None:
        return FREE
    return CONFIDENTIAL if reason in PRIMARY else SECONDARY_CONFIDENTIAL


def read_disclosure(node: Mapping[str, Any]) -> Disclosure:
    """What dbt's manifest says of a model."""
    return Disclosure.model_validate(node.get("config", {}).get("meta", {}).get("disclosure", {}))
