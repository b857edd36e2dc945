"""From a row of a gap table to the cities that it counts, each with the response or the records that tell it.

Which model holds the cities of a table is said beside the table in dbt (`meta.trace`). Here: finding the one row that a
reader means. Not here: cells of report tables (explain.py) and sentences (explain_sentence.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from orchestration.common.problems import nearest
from orchestration.warehouse.explain import READ_ANSWERS, Entry, ExplainError, models_between, quote, read_rows

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PREFIX = "gap_"
_WHOLE_COHORT = {"dimension_code": "all", "member_code": "all"}
_SHOWN_VALUES_N = 30


class Trace(BaseModel):
    """A row of `meta.trace`: a model with a row a city, and its columns with those of the gap table that they meet.

    `when` says which rows of the table it is for, `where` which cities count, `shows` what is told of each. Cities are
    of the cohort in the wave that the column `cohort_wave` names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cities: str
    keys: Mapping[str, str]
    when: Mapping[str, str] = {}
    where: str = "true"
    shows: tuple[str, ...] = ()
    cohort_wave: str = "wave"


@dataclass(frozen=True)
class GapExplanation:
    """A row of a gap table, the cities that it counts, and the models from the landed answers to it."""

    table: str
    row: Entry
    respondents: pa.Table
    models: tuple[str, ...]
    query: str

    @property
    def title(self) -> str:
        """Table and wave."""
        return f"{self.table} (wave {self.row['wave']})"

    @property
    def facts(self) -> dict[str, str]:
        """What the row says, and the way to it."""
        told = {name: str(value) for name, value in self.row.items() if value is not None and name != "wave"}
        return told | {"way": " → ".join(self.models), "query": self.query}


def explain_gap(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    conditions: Iterable[str],
    *,
    wave: str | None,
    manifest: Mapping[str, Any] | None,
) -> GapExplanation:
    """Explain the row that `conditions` (`need_code=funding`) leave; the whole cohort, where none names a group.

    Raises ExplainError where the table has no trace, a condition names no column or value, or several rows are left.
    """
    if manifest is None:
        raise ExplainError("Rows of gap tables need dbt's manifest, which is not here. Run `needs refresh`.")
    traces = _read_traces(manifest)
    if table not in traces:
        near = nearest(table, traces)
        meant = f" Did you mean {near}?" if near else ""
        raise ExplainError(f"No gap table {table!r} can be explained.{meant} There are: {', '.join(sorted(traces))}.")
    rows = read_rows(connection, f"from gaps.{table} order by all")  # nosec B608: a table of the manifest
    row = _find_row(table, rows, _read_conditions(conditions), wave)
    trace = next(one for one in traces[table] if all(row[name] == value for name, value in one.when.items()))
    query = _write_query(trace, row, _columns_of(connection, trace.cities))
    return GapExplanation(
        table,
        row,
        connection.execute(query).to_arrow_table(),
        models_between(manifest, *READ_ANSWERS, "int_item_answers", trace.cities, table),
        query,
    )


def _read_traces(manifest: Mapping[str, Any]) -> dict[str, list[Trace]]:
    metas = {node["name"]: node["config"].get("meta", {}) for node in manifest["nodes"].values()}
    return {
        name: [Trace.model_validate(one) for one in meta["trace"]] for name, meta in metas.items() if "trace" in meta
    }


def _read_conditions(conditions: Iterable[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in conditions]
    wrong = ["".join(pair) for pair in pairs if not (pair[0] and pair[1])]
    if wrong:
        raise ExplainError(f"{wrong[0]!r} is no condition. Write it as column=value, such as cohort_code=NMC.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _find_row(table: str, rows: Sequence[Entry], asked: Mapping[str, str], wave: str | None) -> Entry:
    if not rows:
        raise ExplainError(f"{table} has no row: no wave draws on what it is made of.")
    known = list(rows[0])
    for name in asked:
        if name not in known:
            raise ExplainError(f"{table} has no column {name!r}. Columns: {', '.join(known)}.")
    wanted = {
        **{name: code for name, code in _WHOLE_COHORT.items() if name in known and not asked.keys() & _WHOLE_COHORT},
        **asked,
    }
    wanted["wave"] = wave or asked.get("wave") or max(row["wave"] for row in rows)
    left = list(rows)
    for name, value in wanted.items():
        fitting = [row for row in left if str(row[name]) == value]
        if not fitting:
            there = list(dict.fromkeys(str(row[name]) for row in left))[:_SHOWN_VALUES_N]
            raise ExplainError(f"No row of {table} has {name}={value}. There are: {', '.join(there)}.")
        left = fitting
    if len(left) > 1:
        open_names = {
            name: list(dict.fromkeys(str(row[name]) for row in left)) for name in known if name.endswith("_code")
        }
        told = "; ".join(
            f"{name}={', '.join(values[:_SHOWN_VALUES_N])}" for name, values in open_names.items() if len(values) > 1
        )
        raise ExplainError(f"{len(left)} rows of {table} are left. Add one of each: {told}.")
    return left[0]


def _columns_of(connection: duckdb.DuckDBPyConnection, model: str) -> tuple[str, set[str]]:
    query = "select table_schema, column_name from information_schema.columns where table_name = $name"
    found = read_rows(connection, query, name=model)
    return str(found[0]["table_schema"]), {str(row["column_name"]) for row in found}


def _write_query(trace: Trace, row: Entry, place: tuple[str, set[str]]) -> str:
    """The cities as a query on the marts: the records that tell of them, else the response that stands for them."""
    schema, columns = place
    of_wave = _equal({name: row[name] for name in ("wave", "cohort_code")})
    cohort = _equal({"wave": row[trace.cohort_wave], "cohort_code": row["cohort_code"]})
    group = _equal({name: row.get(name, code) for name, code in _WHOLE_COHORT.items()})
    told = _equal({own: row[other] for own, other in trace.keys.items()})
    # Names are of the manifest, values are quoted.
    cities = f"from {schema}.{trace.cities} where {of_wave} and {told} and {trace.where}"
    grouped = f"select city_key from intermediate.int_group_members where {cohort} and {group}"  # nosec B608
    standing = f"select response_key from intermediate.int_cohort_members where {cohort}"  # nosec B608
    of_city = f"response_key in ({standing})"
    if {"instrument", "round", "item_code", "choice_code"} <= columns:
        records = f"""response_key in (select response_key from intermediate.int_item_answers where {told})
    and (instrument, round) in (select instrument, round {cities})"""  # nosec B608
        of_city = f"""({records}
    or {of_city} and city_key not in (select city_key from facts.fct_response where {records}))"""  # nosec B608
    shown = "".join(
        f"(select {name} {cities} and city_key = fct_response.city_key) as {name}, " for name in trace.shows
    )
    return f"""select city_key, response_key, {shown}source_file, source_sheet, source_row
from facts.fct_response
where city_key in (select city_key {cities})
    and city_key in ({grouped})
    and {of_city}
order by source_file, source_row, response_key"""  # nosec B608


def _equal(values: Mapping[str, Any]) -> str:
    return " and ".join(f"{name} = {quote(str(value))}" for name, value in values.items())
