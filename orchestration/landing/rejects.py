"""What a landing rejected: every row and answer with its place, its text, the reason and what to do.

Read from the landing itself, so that it can be told of a round that the door refused, and before there is a warehouse.
Not here: why a cell is rejected (readers/), how many may be (expectations/door.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.common.problems import nearest
from orchestration.landing.landing import KEYS, Landed, current_landings, landing_id_if_any, newest_landing, read_door
from orchestration.readers.result import table_schemas
from orchestration.readers.workbook import column_letters
from orchestration.rounds.card import RoundCard, load_rounds
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

_TO_DO = ". To do: "


class RoundError(ValueError):
    """A round that cannot be shown; the message says what there is instead."""


@dataclass(frozen=True)
class Wanted:
    """Which rejected rows and answers to show: all, or those of a question, a reason code, a scope."""

    question: str | None = None
    reason: str | None = None
    scope: str | None = None


@dataclass(frozen=True)
class Rejects:
    """What a landing rejected: the landing, what became of it, and the rows and answers that were asked for."""

    landed: Landed
    state: str
    entries: pa.Table


def card_of(settings: Settings, key: str) -> RoundCard:
    """The source card of a round, named `instrument.round` or `instrument/round`.

    Raises RoundError where there is no such round, CodebookError for a bad card.
    """
    key = key.replace("/", ".", 1)
    cards = {card.key: card for card in load_rounds(settings.seeds)}
    if key not in cards:
        near = nearest(key, cards)
        meant = f"Is {near} meant? " if near else ""
        raise RoundError(f"there is no round {key!r}. {meant}There are: {', '.join(cards)}.")
    return cards[key]


def require_landing(card: RoundCard, settings: Settings) -> Landed:
    """The newest landing of a round, admitted or not. Raises RoundError where nothing has landed."""
    landed = newest_landing(card, settings.landing)
    if landed is None:
        raise RoundError(
            f"{card.key} has no landing. Run `needs refresh`: it lands the round, or says why its files cannot be read."
        )
    return landed


def read_rejects(settings: Settings, key: str | None, wanted: Wanted) -> list[Rejects]:
    """What the newest landing of a round, or of every landed round, rejected. Raises RoundError or CodebookError."""
    if key is not None:
        card = card_of(settings, key)
        landings = [(card, require_landing(card, settings))]
    else:
        newest = ((card, newest_landing(card, settings.landing)) for card in load_rounds(settings.seeds))
        landings = [(card, landed) for card, landed in newest if landed is not None]
    return [Rejects(landed, _state(card, landed, settings), _entries(landed, wanted)) for card, landed in landings]


def _state(card: RoundCard, landed: Landed, settings: Settings) -> str:
    """What became of a landing, where it is not simply the one that the warehouse has."""
    if landed.landing_id != landing_id_if_any(card):
        return "the round's files have changed since: `needs refresh` reads them"
    if current_landings(settings.landing).get(card.key) == landed.landing_id:
        return ""
    checks = read_door(landed.path).get("checks", [])
    failed = [check["rule"] for check in checks if not check["passed"] and check["severity"] == "error"]
    return f"refused by the door: {', '.join(failed)}" if failed else "not yet through the door"


def _entries(landed: Landed, wanted: Wanted) -> pa.Table:
    """Rejected rows and answers in the order of the source, with the letter of a column and the remedy."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(landed.path / "rejected.parquet", partitioning=None).to_pylist()
    first_sheets = _first_sheets(landed)
    chosen = [
        _entry(row, first_sheets)
        for row in rows
        if wanted.question in (None, row["question_code"])
        and wanted.reason in (None, row["reason_code"])
        and wanted.scope in (None, row["scope"])
    ]
    schema = pa.schema([*((key, pa.string()) for key in KEYS), *table_schemas()["rejected"]])
    for name, before in (("column_letter", "source_column"), ("remedy", "reason")):
        schema = schema.insert(schema.get_field_index(before) + 1, pa.field(name, pa.string()))
    return pa.Table.from_pylist(chosen, schema)


def _first_sheets(landed: Landed) -> set[tuple[str, str | None]]:
    """The sheet of each file in which columns are counted from its own first one: responses are told by it."""
    import pyarrow.parquet as pq

    keys = ["source_file", "source_sheet"]
    responses = pq.read_table(landed.path / "responses.parquet", columns=keys, partitioning=None)
    return {(row["source_file"], row["source_sheet"]) for row in responses.group_by(keys).aggregate([]).to_pylist()}


def _entry(row: dict[str, Any], first_sheets: set[tuple[str, str | None]]) -> dict[str, Any]:
    reason, _, remedy = row["reason"].rpartition(_TO_DO)
    has_letters = row["source_sheet"] is not None and (row["source_file"], row["source_sheet"]) in first_sheets
    letter = column_letters(row["source_column"]) if has_letters and row["source_column"] else None
    return {**row, "reason": reason, "remedy": remedy.removesuffix("."), "column_letter": letter}
