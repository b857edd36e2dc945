"""What every row of a seed has in common, and rows as a typed table."""

from __future__ import annotations

import types
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import pyarrow as pa

YesNo = Literal["yes", "no"]


class Row(BaseModel):
    """A row of a seed: no other columns, an empty field is a missing value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def to_arrow(model: type[Row], rows: Iterable[Row]) -> pa.Table:
    """Arrow table with one typed column for each field of the row model."""
    import pyarrow as pa

    schema = pa.schema([(name, _arrow_type(field.annotation)) for name, field in model.model_fields.items()])
    return pa.Table.from_pylist([row.model_dump() for row in rows], schema=schema)


def _arrow_type(annotation: Any) -> pa.DataType:
    import pyarrow as pa

    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(option for option in get_args(annotation) if option is not type(None))
    arrow_types = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32()}
    return arrow_types.get(annotation, pa.string())
