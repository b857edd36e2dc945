"""Readers of extracts, one module a platform: files + codebook + source card → responses, answers, rejected.

Here: which reader reads which platform, and what every reader returns or raises. Not here: where the bytes come from
(extracts.py), where results are kept (landing.py), rules on values (expectations/door.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from orchestration.tabular import FileProblemsError

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.codebook import Codebook, RoundCard
    from orchestration.extracts import Part

# Part of every landing id: raise it when a reader turns the same file into other rows.
READER_FORMAT = 5


@dataclass(frozen=True)
class Platform:
    """A survey platform's export: the module that reads it, and whether it brings response ids of its own.

    Where it never does, the codebook gives the role `response_id` to a question; where it always does, to none.
    """

    module: str
    own_id: Literal["always", "sometimes", "never"]


PLATFORMS: Mapping[str, Platform] = {
    "eusurvey_xlsx": Platform("orchestration.readers.eusurvey", "always"),
    "forms_xlsx": Platform("orchestration.readers.forms", "always"),
    "sheet": Platform("orchestration.readers.sheets", "never"),
    "eusurvey_xml": Platform("orchestration.readers.eusurvey_xml", "always"),
    "limesurvey_csv": Platform("orchestration.readers.limesurvey", "sometimes"),
    "spss_sav": Platform("orchestration.readers.spss", "never"),
    "parquet": Platform("orchestration.readers.parquet", "never"),
    "delimited": Platform("orchestration.readers.delimited", "never"),
}


class ExtractError(FileProblemsError):
    """An extract that cannot be read; each problem names file, sheet, row, column, reason and remedy."""


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


class Reader(Protocol):
    """What a platform's module offers."""

    def read(self, parts: Sequence[Part], codebook: Codebook, card: RoundCard) -> Iterator[ReadResult]:
        """Read the files of an extract in chunks. Raises ExtractError for a file that cannot be trusted as a whole."""


def read_chunks(parts: Sequence[Part], card: RoundCard, codebook: Codebook) -> Iterator[ReadResult]:
    """Read the delivered files of a round with the reader of its platform. Raises CodebookError or ExtractError."""
    from orchestration.codebook import check_fits

    check_fits(card, codebook)
    reader = cast(Reader, import_module(PLATFORMS[card.platform].module))
    return reader.read(parts, codebook, card)


def read_extract(card: RoundCard, codebook: Codebook) -> ReadResult:
    """Read the extract of a round as a whole. Raises CodebookError or ExtractError."""
    from orchestration.extracts import delivered

    with delivered(card) as parts:
        return collected(read_chunks(parts, card, codebook))


def collected(chunks: Iterable[ReadResult]) -> ReadResult:
    """The chunks of an extract as one result, with the types of the landed tables and answers row by row."""
    import pyarrow as pa

    from orchestration.readers.rows import table_schemas

    whole = list(chunks)
    answers = pa.concat_tables(_row_by_row(chunk.answers) for chunk in whole)
    return ReadResult(
        responses=pa.concat_tables(chunk.responses for chunk in whole),
        answers=answers.cast(table_schemas()["answers"]),
        rejected=pa.concat_tables(chunk.rejected for chunk in whole).cast(table_schemas()["rejected"]),
        rows_in=sum(chunk.rows_in for chunk in whole),
        notes=tuple(note for chunk in whole for note in chunk.notes),
    )


def _row_by_row(answers: pa.Table) -> pa.Table:
    import numpy as np

    order = np.lexsort([answers.column(name).to_numpy() for name in ("source_column", "source_row")])
    return answers.take(order)
