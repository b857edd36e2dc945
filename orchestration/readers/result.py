"""What every reader returns.

Not here: how rows become results (rows.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class ReadResult:
    """What a reader makes of rows of an extract: three Arrow tables (schemas in rows.py) and the number of the rows.

    `rows_in` is always the number of responses plus the number of rejected rows. `notes` are what a person should know
    of how the file was read: a detected encoding, ids that had to be made.
    """

    responses: pa.Table
    answers: pa.Table
    rejected: pa.Table
    rows_in: int
    notes: tuple[str, ...] = field(default=())
