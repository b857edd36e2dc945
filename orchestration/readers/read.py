"""Reading the extract of a round with the reader of its platform.

Here: what every reader offers. Not here: where the bytes come from (extracts/), where results are kept (landing/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from orchestration.extracts.parts import Part, open_parts
from orchestration.readers.result import ReadResult, table_schemas
from orchestration.rounds.card import RoundCard, check_fits
from orchestration.rounds.codebook import Codebook

if TYPE_CHECKING:
    import pyarrow as pa


# Part of every landing id: raise it when a reader turns the same file into other rows.
READER_FORMAT = 9


class Reader(Protocol):
    """What a platform's module offers."""

    def read(self, parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
        """Read the files of an extract in chunks. Raises ExtractError for a file that cannot be trusted as a whole."""


def read_chunks(parts: Sequence[Part], card: RoundCard, codebook: Codebook) -> Iterator[ReadResult]:
    """Read the delivered files of a round with the reader of its platform. Raises CodebookError or ExtractError."""
    check_fits(card, codebook)
    reader = cast(Reader, import_module(f"orchestration.readers.{card.platform}"))
    return reader.read(parts, codebook, card)


def read_extract(card: RoundCard, codebook: Codebook) -> ReadResult:
    """Read the extract of a round as a whole. Raises CodebookError or ExtractError."""
    with open_parts(card) as parts:
        return collect_chunks(read_chunks(parts, card, codebook))


def collect_chunks(chunks: Iterable[ReadResult]) -> ReadResult:
    """The chunks of an extract as one result, with the types of the landed tables and answers row by row."""
    import pyarrow as pa

    whole = list(chunks)
    answers = pa.concat_tables(_row_by_row(chunk.answers) for chunk in whole)
    return ReadResult(
        responses=pa.concat_tables(chunk.responses for chunk in whole),
        answers=answers.cast(table_schemas()["answers"]),
        rejected=pa.concat_tables(chunk.rejected for chunk in whole).cast(table_schemas()["rejected"]),
        rows_in=sum(chunk.rows_in for chunk in whole),
        notes=tuple(note for chunk in whole for note in chunk.notes),
        former_ids={former: name for chunk in whole for former, name in chunk.former_ids.items()},
    )


def _row_by_row(answers: pa.Table) -> pa.Table:
    import numpy as np

    order = np.lexsort([answers.column(name).to_numpy() for name in ("source_column", "source_row")])
    return answers.take(order)
