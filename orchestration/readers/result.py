"""What every reader returns.

Not here: how rows become results (rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class ReadResult:
    """What a reader makes of rows of an extract: three Arrow tables (schemas in tables.yml) and the number of the rows.

    `rows_in` is always the number of responses plus the number of rejected rows. `notes` are what a person should know
    of how the file was read: a detected encoding, ids that had to be made. `former_ids` are pseudonyms so far given, by
    the names that they had before pseudonyms hung on a secret.
    """

    responses: pa.Table
    answers: pa.Table
    rejected: pa.Table
    rows_in: int
    notes: tuple[str, ...] = field(default=())
    former_ids: Mapping[str, str] = field(default_factory=dict)


@cache
def table_schemas() -> Mapping[str, pa.Schema]:
    """Columns and types of the tables that a reader returns, by table name."""
    import pyarrow as pa

    tables = yaml.safe_load(Path(__file__).with_name("tables.yml").read_text(encoding="utf-8"))
    return {
        name: pa.schema([(column, pa.type_for_alias(alias)) for column, alias in columns.items()])
        for name, columns in tables.items()
    }


@cache
def packed_schemas() -> Mapping[str, pa.Schema]:
    """The tables as chunks hold them: texts of answers and rejected, of which a few stand often, are dictionaries."""
    import pyarrow as pa

    packed = pa.dictionary(pa.int32(), pa.string())
    return {
        name: schema
        if name == "responses"
        else pa.schema([field.with_type(packed) if field.type == pa.string() else field for field in schema])
        for name, schema in table_schemas().items()
    }
