"""The columns that a platform adds to the questions, by their headings (`platform_columns.csv`).

Not here: where they stand and what becomes of them (the reader of each platform).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orchestration.common.strict_csv import read_csv_strict
from orchestration.common.text import clean_label


@dataclass(frozen=True)
class PlatformColumns:
    """Columns by their headings in the languages of those who export, and those that are about a person."""

    by_heading: Mapping[str, str]
    personal: frozenset[str]

    def of(self, heading: str) -> str | None:
        """The column of a heading."""
        return self.by_heading.get(_plain(heading))


@cache
def columns_of(platform: str) -> PlatformColumns:
    """What is known of a platform's own columns."""
    rows = [row for _, row in read_csv_strict(Path(__file__).with_suffix(".csv")) if row["platform"] == platform]
    return PlatformColumns(
        {_plain(row["heading"]): row["column"] for row in rows},
        frozenset(row["column"] for row in rows if row["is_personal"]),
    )


def _plain(heading: str) -> str:
    return clean_label(heading).casefold().replace("’", "'")
