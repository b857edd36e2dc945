"""Readers of extracts, one module a platform: file + codebook + source card → responses, answers, rejected.

Here: which reader reads which platform, and what every reader returns or raises. Not here: where results are
kept (landing.py), rules on values (expectations/door.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from orchestration.tabular import FileProblemsError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from orchestration.codebook import Codebook, RoundCard

# Part of every landing id: raise it when a reader turns the same file into other rows.
READER_FORMAT = 1

READERS: Mapping[str, str] = {
    "eusurvey_xlsx": "orchestration.readers.eusurvey",
    "delimited": "orchestration.readers.delimited",
}


class ExtractError(FileProblemsError):
    """An extract that cannot be read; each problem names file, sheet, row, column, reason and remedy."""


@dataclass(frozen=True)
class ReadResult:
    """What a reader makes of an extract: three Arrow tables (schemas in rows.py) and the number of its rows.

    `rows_in` is always the number of responses plus the number of rejected rows.
    """

    responses: pa.Table
    answers: pa.Table
    rejected: pa.Table
    rows_in: int


class Reader(Protocol):
    """What a platform's module offers."""

    def read(self, path: Path, codebook: Codebook, card: RoundCard) -> ReadResult:
        """Read an extract. Raises ExtractError for a file that cannot be trusted as a whole."""


def read_extract(card: RoundCard, codebook: Codebook) -> ReadResult:
    """Read the extract of a round with the reader of its platform. Raises ExtractError."""
    reader = cast(Reader, import_module(READERS[card.platform]))
    return reader.read(card.extract_path, codebook, card)
