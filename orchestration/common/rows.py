"""Rows of small tables, each made by its model: every fault with file, row, column, reason and remedy.

Here: strict CSV and pydantic made one, and what fields of several tables have in common. Not here: what a well-formed
row is (rounds/, knowledge/rows/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, ValidationError

from orchestration.common.problems import Problem, nearest, shown_path
from orchestration.common.strict_csv import TableError, read_csv_strict

RowT = TypeVar("RowT")


class FieldError(ValueError):
    """Why a field cannot be as it is, and what to do about it: what validators of rows raise."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class RowTable(Generic[RowT]):
    """The rows of a file that are well-formed, by line, and what is wrong with the others."""

    file: str
    rows: dict[int, RowT] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add_problem(self, line: int | None, column: str | None, reason: str, remedy: str) -> None:
        """Add what is wrong with a field, a row or the whole file."""
        self.problems.append(Problem(self.file, reason, remedy, row=line, column=column))


def read_rows(
    path: Path,
    columns: Sequence[str],
    make_row: Callable[[int, Mapping[str, str]], RowT],
    optional: re.Pattern[str] | None = None,
) -> RowTable[RowT]:
    """Read a strict CSV (see `read_csv_strict`) and make a row of each line's number and fields.

    `make_row` is a pydantic model's: its ValidationError becomes problems of the table.
    """
    table: RowTable[RowT] = RowTable(shown_path(path))
    try:
        lines = read_csv_strict(path, columns, optional)
    except TableError as error:
        table.problems.extend(error.problems)
        return table
    for line, fields in lines:
        try:
            table.rows[line] = make_row(line, fields)
        except ValidationError as error:
            table.problems.extend(field_problem(table.file, line, issue) for issue in error.errors())
    return table


def field_problem(file: str, line: int | None, issue: Mapping[str, Any]) -> Problem:
    """What pydantic says of a field, in the form of all problems."""
    column = str(issue["loc"][0]) if issue["loc"] else None
    error = issue.get("ctx", {}).get("error")
    if isinstance(error, FieldError):
        return Problem(file, error.reason, error.remedy, row=line, column=column)
    reason = str(issue["msg"]).removeprefix("Value error, ")
    if column is not None:
        reason += f" (found {issue['input']!r})"
    return Problem(file, reason, "correct it", row=line, column=column)


def require_match(pattern: str, reason: str, remedy: str) -> BeforeValidator:
    """A validator of texts: the whole of one matches. The reason goes on after the text."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise FieldError(f"{value!r} {reason}", remedy)
        return value

    return BeforeValidator(check)


def require_known(kind: str, known: Sequence[str]) -> BeforeValidator:
    """A validator of texts: one is among the known ones, of which an empty one says that there need be none."""

    def check(text: str) -> str:
        if text not in known:
            near = nearest(text, known)
            names = ", ".join(filter(None, known)) + (" or leave it empty" if "" in known else "")
            raise FieldError(f"unknown {kind} {text!r}", f"use one of {names}{f'; {near!r} is near' if near else ''}")
        return text

    return BeforeValidator(check)


def _yes_or_empty(value: Any) -> Any:
    if isinstance(value, str) and value not in ("", "yes"):
        raise FieldError(f"{value!r} is neither yes nor empty", "write yes, or leave it empty")
    return value == "yes" if isinstance(value, str) else value


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(f"{text!r} is not a date", "write it as YYYY-MM-DD") from error


YesOrEmpty = Annotated[bool, BeforeValidator(_yes_or_empty)]
Day = Annotated[date, BeforeValidator(_read_day)]
Filled = Annotated[str, require_match(r"(?s:.*\S.*)", "says nothing", "fill it in")]
