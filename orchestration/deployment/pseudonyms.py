"""What was written with the former names of respondents, given their names of now.

Here: reviewed knowledge that names responses (corrections, codings) and served cities that hang on a response. Not
here: how a name is made (common/personal.py), the way of a migration (docs/runbooks/pseudonyms.md).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.common.decisions import Decision, decide
from orchestration.common.problems import shown_path
from orchestration.common.strict_csv import csv_text
from orchestration.common.whole_file import hold_folder
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import open_parts
from orchestration.onboarding.additions import Additions
from orchestration.readers.read import read_chunks
from orchestration.rounds import codings, corrections
from orchestration.rounds.card import RoundCard, load_rounds
from orchestration.rounds.codebook import load_codebook
from orchestration.settings import Settings

CITY_KEY_CHANGES = "city_key_changes"
_REASON = "pseudonyms hang on a secret: the response has another name"


@dataclass(frozen=True)
class Renewal:
    """Lines of a file that name respondents by their former names."""

    file: str
    lines_n: int


def renew_pseudonyms(settings: Settings, day: date, *, is_written: bool) -> tuple[Renewal, ...]:
    """Give corrections, codings and served city keys the names of now, all or none; else only count their lines.

    Raises ExtractError for an extract that cannot be read, and where the deployment has no secret.
    """
    names = {card: found for card in load_rounds(settings.seeds) if (found := _names_by_former(card))}
    if not is_written:
        return tuple(_renewals(settings, Decision(settings.seeds), names, day))
    with decide(settings.seeds) as decision, ExitStack() as held:
        for card in names:
            held.enter_context(hold_folder(card.folder))
        renewals = tuple(_renewals(settings, decision, names, day))
        if renewals:
            # Before others may write to the rounds again.
            decision.put_in_place()
    return renewals


def _renewals(
    settings: Settings, decision: Decision, names: Mapping[RoundCard, Mapping[str, str]], day: date
) -> Iterator[Renewal]:
    """What is decided, file by file."""
    served: list[str] = []
    for card, by_former in names.items():
        for name in (corrections.FILE, codings.FILE):
            yield from _renew(decision, card.folder / name, by_former)
        served += _served_keys(settings.served_database, card, by_former)
    path = settings.seeds / f"{CITY_KEY_CHANGES}.csv"
    known = {row["old_key"] for row in _rows(decision, path)[1]}
    lost = [key for key in served if key not in known]
    if lost:
        rows = [{"old_key": key, "new_key": "", "reason": _REASON, "decided_on": day.isoformat()} for key in lost]
        Additions(decision).insert(CITY_KEY_CHANGES, rows)
        yield Renewal(shown_path(path), len(lost))


def _names_by_former(card: RoundCard) -> Mapping[str, str]:
    """The pseudonyms of a round's extract by the names that they had before."""
    found: dict[str, str] = {}
    try:
        with open_parts(card) as parts:
            for chunk in read_chunks(parts, card, load_codebook(card.folder)):
                found.update(chunk.former_ids)
    except ExtractError as error:
        # Corrections that name nobody any more are what is to be renewed.
        own = shown_path(card.folder / corrections.FILE)
        if any(problem.file != own for problem in error.problems):
            raise
    return found


def _renew(decision: Decision, path: Path, names: Mapping[str, str]) -> Iterator[Renewal]:
    columns, lines = _rows(decision, path)
    renamed = [{**line, "response_id": _renamed(line["response_id"], names)} for line in lines]
    changed_n = sum(old != new for old, new in zip(lines, renamed, strict=True))
    if changed_n:
        decision.write(path, csv_text(columns, renamed))
        yield Renewal(shown_path(path), changed_n)


def _rows(decision: Decision, path: Path) -> tuple[list[str], list[dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(decision.read(path) or "", newline=""))
    return list(reader.fieldnames or ()), list(reader)


def _renamed(response_id: str, names: Mapping[str, str]) -> str:
    """A further submission keeps its number."""
    name, sign, number = response_id.partition("#")
    return f"{names.get(name, name)}{sign}{number}"


def _served_keys(served: Path, card: RoundCard, names: Mapping[str, str]) -> Iterable[str]:
    """City keys of analysts that are the former name of a response."""
    if not served.exists():
        return []
    with duckdb.connect(str(served), read_only=True) as connection:
        rows = connection.execute("select city_key from dimensions.dim_city order by city_key").fetchall()
    begin = f"{card.key}."
    keys = [str(key) for (key,) in rows]
    return [key for key in keys if key.startswith(begin) and key.removeprefix(begin).partition("#")[0] in names]
