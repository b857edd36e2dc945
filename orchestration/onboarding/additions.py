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
        new = _texts(rows)
        columns, lines = self._read(seed, new)
        for line in new:
            ends = [at for at, other in enumerate(lines, 1) if group and all(other[key] == line[key] for key in group)]
            lines.insert(ends[-1] if ends else len(lines), line)
        self._write(seed, columns, lines, new)

    def replace(self, seed: str, rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> None:
        """Put rows in the place of all lines that have the values of one of them in the columns `keys`."""
        new = _texts(rows)
        columns, lines = self._read(seed, new)
        told = {tuple(line[key] for key in keys) for line in new}
        is_old = [tuple(line.get(key) for key in keys) in told for line in lines]
        place = is_old.index(True) if any(is_old) else len(lines)
        behind = [line for line, is_one in zip(lines[place:], is_old[place:], strict=True) if not is_one]
        self._write(seed, columns, [*lines[:place], *new, *behind], new)

    def _read(self, seed: str, new: Sequence[Mapping[str, str]]) -> tuple[list[str], list[Mapping[str, str]]]:
        """The columns of a seed, with those that new rows tell, and its lines so far."""
        model = SEED_FILES[seed]
        columns = list(model.model_fields)
        lines: list[Mapping[str, str]] = []
        if (text := self._decision.read(self.seeds / f"{seed}.csv")) is not None:
            reader = csv.DictReader(io.StringIO(text, newline=""))
            columns = list(reader.fieldnames or ())
            lines.extend(reader)
        return [*columns, *(name for name in model.model_fields if name not in columns and _is_told(name, new))], lines

    def _write(
        self, seed: str, columns: Sequence[str], lines: Iterable[Mapping[str, str]], new: Iterable[Mapping[str, str]]
    ) -> None:
        path = self.seeds / f"{seed}.csv"
        added = [(path.name, csv_text(columns, [line], has_header=False).rstrip("\n")) for line in new]
        if added:
            self.lines += added
            self._decision.write(path, csv_text(columns, lines))


def _texts(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, str]]:
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def _is_told(column: str, rows: Iterable[Mapping[str, str]]) -> bool:
    return any(row.get(column) for row in rows)


def next_rank(rounds: Iterable[Any], wave: str) -> int:
    """The rank of a further round among those that a wave draws on: the last."""
    return 1 + max((row.rank for row in rounds if row.wave == wave), default=0)
