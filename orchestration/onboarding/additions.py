"""Lines added to seeds: put where they belong, and remembered.

Here: files. Not here: which lines (confirm.py, start.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orchestration.common.decisions import Decision
from orchestration.common.strict_csv import csv_text
from orchestration.knowledge.seed_files import SEED_FILES


class Additions:
    """Adds lines to the seeds that a decision is about; `lines` are those added so far, each with its file."""

    def __init__(self, decision: Decision) -> None:
        self.seeds = decision.root
        self._decision = decision
        self.lines: list[tuple[str, str]] = []

    def insert(self, seed: str, rows: Iterable[Mapping[str, Any]], group: Sequence[str] = ()) -> None:
        """Put rows behind the last line with the same values in the columns `group`, else at the end."""
        self._add(seed, rows, group, ())

    def replace(self, seed: str, rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> None:
        """Put rows at the end, in place of all lines that have the values of one of them in the columns `keys`."""
        self._add(seed, rows, (), keys)

    def _add(self, seed: str, rows: Iterable[Mapping[str, Any]], group: Sequence[str], keys: Sequence[str]) -> None:
        new = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
        if not new:
            return
        path = self.seeds / f"{seed}.csv"
        columns, lines = list(SEED_FILES[seed].model_fields), []
        if (text := self._decision.read(path)) is not None:
            reader = csv.DictReader(io.StringIO(text, newline=""))
            columns, lines = list(reader.fieldnames or ()), list(reader)
        if keys:
            told = {tuple(line[key] for key in keys) for line in new}
            lines = [line for line in lines if tuple(line.get(key, "") for key in keys) not in told]
        columns += [name for name in SEED_FILES[seed].model_fields if name not in columns and _is_told(name, new)]
        for line in new:
            ends = [at for at, other in enumerate(lines, 1) if group and all(other[key] == line[key] for key in group)]
            lines.insert(ends[-1] if ends else len(lines), line)
            self.lines.append((path.name, csv_text(columns, [line], has_header=False).rstrip("\n")))
        self._decision.write(path, csv_text(columns, lines))


def _is_told(column: str, rows: Iterable[Mapping[str, str]]) -> bool:
    return any(row.get(column) for row in rows)


def next_rank(rounds: Iterable[Any], wave: str) -> int:
    """The rank of a further round among those that a wave draws on: the last."""
    return 1 + max((row.rank for row in rounds if row.wave == wave), default=0)
