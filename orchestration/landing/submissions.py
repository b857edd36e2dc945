"""Which responses of a landing count, by the rule that the warehouse has: the SQL of stg_submissions over its Parquet.

So the door and the counts of a landing cannot disagree with the warehouse. Not here: the rule itself
(dbt_project/models/staging/stg_submissions.sql).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from orchestration.settings import DBT_PROJECT_DIR

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY_LIMIT = "96MiB"
COUNTED, SUPERSEDED, INCOMPLETE, TEST = STANDINGS = ("counted", "superseded", "incomplete", "test")
RULE = tuple(DBT_PROJECT_DIR / path for path in ("macros/response_key.sql", "models/staging/stg_submissions.sql"))


def read_submissions(landing: Path) -> pa.Table:
    """`response_id`, `respondent_id` and `standing` of every response of a landing, in its order.

    In a database in memory that spills to disk, in one thread, each of which would sort with memory of its own: a round
    may have more responses than memory has room for.
    """
    import duckdb

    with TemporaryDirectory() as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": folder,
            "threads": 1,
        }
        with duckdb.connect(config=config) as connection:
            rows = connection.sql(_rule_over(landing)).order("landed_position")
            return rows.project("response_id, respondent_id, standing").to_arrow_table()


def standing_counts(submissions: pa.Table) -> dict[str, int]:
    """How many of the responses have each standing."""
    found = {pair["values"]: pair["counts"] for pair in submissions["standing"].value_counts().to_pylist()}
    return {standing: found.get(standing, 0) for standing in STANDINGS}


def _rule_over(landing: Path) -> str:
    """The model's SQL with the landed file in place of dbt's source."""
    from jinja2 import Environment

    rule = "".join(path.read_text(encoding="utf-8") for path in RULE)
    file = str(landing / "responses.parquet").replace("'", "''")
    # No HTML: nothing is to be escaped.
    template = Environment(autoescape=False).from_string(rule)  # noqa: S701  # nosec B701
    return template.render(source=lambda *_: f"read_parquet('{file}', hive_partitioning = false)")
