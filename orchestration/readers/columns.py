"""Columns of cells → values of answers: each distinct cell is read once.

Here: distinct cells and where they stand, what they say, memory of what was read before, short cuts for texts and
numbers that are plainly what they seem. Not here: what a cell may look like (common/values.py), which column belongs to
which question, rows and tables (rows.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.common.personal import MAY_HOLD_EMAIL, may_be_personal
from orchestration.common.text import CLEAN_TEXT
from orchestration.common.values import Cell, Fault, free_text

Integers = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]

# What a value is: of an answer, the column in which it lands.
Kind = Literal["choice_code", "value_text", "value_number", "value_date", "moment"]
# The values of a cell, all of the kind of its question, or why it has none.
Read = Callable[[Cell], tuple[Any, ...] | Fault]

# Below this, a search in all texts at once takes longer than looking each up.
_FEWEST_TO_SEARCH = 2000
# Characters of the cells of a column that are remembered together with what they say.
_REMEMBERED = 1 << 20
_PLAIN_NUMBER = {True: r"^-?[0-9]{1,15}$", False: r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"}


@dataclass(frozen=True)
class Column:
    """Cells of a column, one a row: `cells[codes[row]]`. Cells are distinct, but for those that were put in later."""

    codes: Integers
    cells: list[Cell] | pa.StringArray

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> Column:
        """A column of any cells."""
        known: dict[tuple[type, Cell], int] = {}
        codes = [known.setdefault((type(cell), cell), len(known)) for cell in cells]
        return cls(np.array(codes, np.int32), [cell for _, cell in known])

    @classmethod
    def of_texts(cls, texts: pa.DictionaryArray) -> Column:
        """A column of texts without nulls."""
        return cls(texts.indices.to_numpy(), texts.dictionary)

    def at(self, positions: Integers) -> list[Cell]:
        """Distinct cells by their positions."""
        if isinstance(self.cells, list):
            return [self.cells[position] for position in positions]
        found: list[Cell] = at(self.cells, positions).to_pylist()
        return found

    def cell(self, row: int) -> Cell:
        """The cell of a row."""
        return self.at(self.codes[row : row + 1])[0]

    def taken(self, rows: Integers) -> Column:
        """The cells of some rows."""
        return Column(self.codes[rows], self.cells)

    def distinct(self) -> list[Cell]:
        """All distinct cells, by code."""
        found: list[Cell] = self.cells if isinstance(self.cells, list) else self.cells.to_pylist()
        return found

    def without(self, text: str) -> Column:
        """The column with nothing where a cell is this text."""
        cells = self.distinct()
        return Column(self.codes, [None if cell == text else cell for cell in cells]) if text in cells else self

    def with_cells(self, cells: Mapping[int, Cell]) -> Column:
        """The column with other cells in some rows."""
        if not cells:
            return self
        codes = self.codes.copy()
        codes[list(cells)] = range(len(self.cells), len(self.cells) + len(cells))
        return Column(codes, [*self.distinct(), *cells.values()])


@dataclass(frozen=True)
class Values:
    """What the distinct cells of a column say: cell i has `counts[i]` values from `flat[starts[i]]` on, or a fault."""

    starts: Integers
    counts: Integers
    flat: pa.Array
    faults: Mapping[int, Fault]

    def of_rows(self, codes: Integers) -> tuple[Integers, Integers]:
        """The row of each value of all rows, in order, and its place in `flat`."""
        counts = self.counts[codes]
        if counts.max(initial=0) <= 1:
            rows = np.flatnonzero(counts)
            return rows, self.starts[codes[rows]]
        rows = np.repeat(np.arange(len(codes)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, np.repeat(self.starts[codes], counts) + within

    def first_of(self, codes: Integers) -> pa.Array:
        """The first value of each row, null where it has none."""
        return at(self.flat, np.where(self.counts[codes] > 0, self.starts[codes], -1))

    def faulty_rows(self, codes: Integers) -> Integers:
        """Rows whose cell has a fault."""
        if not self.faults:
            return np.empty(0, np.int64)
        return np.flatnonzero(np.isin(codes, list(self.faults)))


class ColumnReader:
    """Reads the columns of one question, block by block."""

    def __init__(self, read: Read, kind: Kind, is_free_text: bool = False, is_whole: bool | None = None) -> None:
        """`is_free_text` and `is_whole` allow short cuts: every text is an answer, every number (whole or not) is."""
        self.kind: Kind = kind
        self._read = read
        self._is_free_text = is_free_text
        self._is_whole = is_whole
        self._known: dict[tuple[type, Cell], tuple[Any, ...] | Fault] = {}
        self._known_size = 0

    def values(self, column: Column) -> Values:
        """What the distinct cells of a column say."""
        is_plain, plain = self._plain(column)
        others = np.flatnonzero(~is_plain)
        found = list(map(self.read, column.at(others)))
        told = [() if isinstance(values, Fault) else values for values in found]
        counts = np.ones(len(is_plain), np.int32)
        counts[others] = [len(values) for values in told]
        starts = np.empty(len(is_plain), np.int64)
        starts[is_plain] = np.arange(len(plain))
        starts[others] = len(plain) + np.cumsum(counts[others]) - counts[others]
        flat = pa.concat_arrays([plain, pa.array(list(chain.from_iterable(told)), self.type)])
        faults = {int(at): fault for at, fault in zip(others, found, strict=True) if isinstance(fault, Fault)}
        return Values(starts, counts, flat, faults)

    def read(self, cell: Cell) -> tuple[Any, ...] | Fault:
        """What one cell says."""
        if cell is None or cell == "":
            return ()
        key = (type(cell), cell)
        known = self._known.get(key)
        if known is None:
            known = self._read(cell)
            self._remember(key, known)
        return known

    def _remember(self, key: tuple[type, Cell], found: tuple[Any, ...] | Fault) -> None:
        size = len(key[1]) if isinstance(key[1], str) else 1
        if self._known_size + size > _REMEMBERED:
            self._known.clear()
            self._known_size = 0
        self._known[key] = found
        self._known_size += size

    @property
    def type(self) -> pa.DataType:
        """The type of its values."""
        types = {"value_number": pa.float64(), "value_date": pa.date32(), "moment": pa.timestamp("us")}
        return types.get(self.kind, pa.string())

    def _plain(self, column: Column) -> tuple[Flags, pa.Array]:
        """Which distinct cells are their own value as they stand, and those values."""
        texts = column.cells
        may_be_plain = self._is_free_text or self._is_whole is not None
        if isinstance(texts, list) or not may_be_plain or len(texts) < _FEWEST_TO_SEARCH:
            return np.zeros(len(texts), bool), pa.array([], self.type)
        pattern = CLEAN_TEXT if self._is_free_text else _PLAIN_NUMBER[bool(self._is_whole)]
        is_plain = pc.match_substring_regex(texts, pattern)
        return flags(is_plain), texts.filter(is_plain).cast(self.type)


def identifiers(column: Column, renamed: Callable[[str], str]) -> pa.StringArray:
    """The id in each distinct cell, null where it says nothing; `renamed` names one that may be personal."""

    def named(cell: Cell) -> str | None:
        found = free_text(cell)
        return None if found is None else renamed(found)

    if isinstance(column.cells, list):
        return pa.array(map(named, column.cells), pa.string())
    is_plain = pc.and_not(
        pc.match_substring_regex(column.cells, CLEAN_TEXT), pc.match_substring_regex(column.cells, MAY_HOLD_EMAIL)
    )
    others = np.flatnonzero(~flags(is_plain))
    if not len(others):
        return column.cells
    read = pa.array(map(named, column.at(others)), pa.string())
    return pc.replace_with_mask(column.cells, pc.invert(is_plain), read)


def suspects(texts: pa.StringArray) -> Flags:
    """Which texts may hold personal data."""
    return flags(pc.match_substring_regex(texts, may_be_personal()))


def pooled(pieces: Sequence[tuple[int, Integers, pa.StringArray]], size: int) -> pa.DictionaryArray:
    """Texts of several sources in one array of `size`, null between: from a place on, those at these positions.

    Its dictionary holds nothing but the texts that stand in it: no text that was replaced.
    """
    codes = np.full(size, -1, np.int32)
    offset = 0
    for place, positions, texts in pieces:
        into = codes[place : place + len(positions)]
        np.add(positions, offset, out=into, casting="unsafe")
        if positions.min(initial=0) < 0:
            into[positions < 0] = -1
        offset += len(texts)
    pool = pa.concat_arrays([pa.array([], pa.string()), *(texts for _, _, texts in pieces)])
    is_used = np.zeros(offset + 1, bool)
    is_used[codes] = True
    is_used[-1] = False
    encoded = pool.filter(pa.array(is_used[:-1])).dictionary_encode()
    renumbered = np.full(offset + 1, -1, np.int32)
    renumbered[is_used] = encoded.indices.to_numpy()
    found = renumbered[codes]
    return pa.DictionaryArray.from_arrays(pa.array(found, mask=found < 0), encoded.dictionary)


def repeated(text: str | None, size: int) -> pa.DictionaryArray:
    """A text, or null, as often as wanted."""
    codes = np.zeros(size, np.int32)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=np.full(size, text is None)), pa.array([] if text is None else [text], pa.string())
    )


def flags(array: pa.BooleanArray) -> Flags:
    """Booleans without nulls, for numpy."""
    found: Flags = array.to_numpy(zero_copy_only=False)
    return found


def at(array: pa.Array, positions: Integers) -> pa.Array:
    """The values at these positions, null where one is below 0."""
    return array.take(pa.array(positions, mask=positions < 0))
