"""Respondents of a round who are to be forgotten: of each, `forgotten.csv` has a checksum of the id, and no more.

Here: what a line is, and which ids it stands for. Not here: leaving them out of a landing (landing/forgotten.py),
finding them and removing what was written of them (deployment/forget.py).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated

import pydantic.dataclasses
from pydantic import TypeAdapter

from orchestration.common.problems import FileProblemsError
from orchestration.common.rows import Day, Filled, read_rows, require_match

FILE = "forgotten.csv"
COLUMNS = ("id_sha256", "reason", "decided_on")
# Further submissions of an id have its name and a number.
FURTHER = r"#[0-9]+$"


class ForgottenError(FileProblemsError):
    """A list of the forgotten that cannot be read: nothing is landed without it, lest somebody comes back."""


@pydantic.dataclasses.dataclass(frozen=True)
class Forgotten:
    """A respondent who is to be forgotten, and why and when that was decided."""

    id_sha256: Annotated[str, require_match("[0-9a-f]{64}", "is no checksum", "have `needs forget` write the line")]
    reason: Filled
    decided_on: Day


_FORGOTTEN = TypeAdapter(Forgotten)


def id_digest(key: str, identifier: str) -> str:
    """What stands for a response or respondent of a round; the same for all its submissions."""
    return hashlib.sha256(f"{key}.{re.sub(FURTHER, '', identifier)}".encode()).hexdigest()


def load_forgotten(folder: Path) -> tuple[Forgotten, ...]:
    """The forgotten of a round's folder; none where there is no file. Raises ForgottenError."""
    path = folder / FILE
    if not path.exists():
        return ()
    table = read_rows(path, COLUMNS, lambda _, fields: _FORGOTTEN.validate_python(fields))
    if table.problems:
        raise ForgottenError(table.problems)
    return tuple(table.rows.values())
