"""Respondents who are to be forgotten are left out of a landing, whatever extract they come in.

Here: which rows are theirs. Not here: who is to be forgotten (rounds/forgotten.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.readers.result import ReadResult
from orchestration.rounds.card import RoundCard
from orchestration.rounds.forgotten import FILE, id_digest, load_forgotten

if TYPE_CHECKING:
    import pyarrow as pa


def leave_out(chunks: Iterable[ReadResult], card: RoundCard) -> Iterator[ReadResult]:
    """The rows of an extract without those of the forgotten, and a note of how many these were.

    Raises ForgottenError.
    """
    digests = {line.id_sha256 for line in load_forgotten(card.folder)}
    left_out_n = 0
    kept = None
    for chunk in chunks:
        kept = _without(chunk, card.key, digests) if digests else chunk
        left_out_n += chunk.rows_in - kept.rows_in
        yield kept
    if left_out_n and kept is not None:
        nothing = {name: getattr(kept, name).slice(0, 0) for name in ("responses", "answers", "rejected")}
        note = f"{card.key}: {left_out_n} row(s) are left out as {FILE} says; the delivered files still hold them"
        yield ReadResult(**nothing, rows_in=0, notes=(note,))


def forgotten_in(landing: Path, key: str, digests: Collection[str]) -> bool:
    """Whether a landed folder has a response of somebody whose id has one of these digests."""
    return bool(digests and landing.is_dir() and _names(read_ids(landing), key, digests))


def read_ids(landing: Path) -> pa.Table:
    """`response_id` and `respondent_id` of each response of a landing; none where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = ["response_id", "respondent_id"]
    try:
        return pq.read_table(landing / "responses.parquet", columns=columns, partitioning=None)
    except (OSError, pa.ArrowException):
        return pa.table({name: pa.array([], pa.string()) for name in columns})


def _names(responses: pa.Table, key: str, digests: Collection[str]) -> set[str]:
    """The responses that are theirs, by their own id or the respondent's."""
    ids = (responses.column(name).to_pylist() for name in ("response_id", "respondent_id"))
    return {
        response
        for response, respondent in zip(*ids, strict=True)
        if id_digest(key, response) in digests or (respondent and id_digest(key, respondent) in digests)
    }


def _without(chunk: ReadResult, key: str, digests: Collection[str]) -> ReadResult:
    import pyarrow as pa
    import pyarrow.compute as pc

    names = _names(chunk.responses, key, digests)
    # Whoever was forgotten under a former pseudonym.
    names |= {name for former, name in chunk.former_ids.items() if id_digest(key, former) in digests}
    theirs = pa.array(sorted(names), pa.string())

    def rest(table: pa.Table) -> pa.Table:
        return table.filter(pc.invert(pc.is_in(table.column("response_id").cast(pa.string()), value_set=theirs)))

    rejected = rest(chunk.rejected)
    raws = zip(rejected.column("response_id").to_pylist(), rejected.column("raw").to_pylist(), strict=True)
    rejected = rejected.filter(
        pa.array([name is not None or not _tells(raw, key, digests) for name, raw in raws], pa.bool_())
    )
    responses = rest(chunk.responses)
    scopes = [table.column("scope").to_pylist().count("row") for table in (chunk.rejected, rejected)]
    left_out_n = chunk.responses.num_rows - responses.num_rows + scopes[0] - scopes[1]
    former = {former: name for former, name in chunk.former_ids.items() if name not in names}
    return replace(
        chunk,
        responses=responses,
        answers=_packed_anew(rest(chunk.answers)),
        rejected=_packed_anew(rejected),
        rows_in=chunk.rows_in - left_out_n,
        former_ids=former,
    )


def _packed_anew(table: pa.Table) -> pa.Table:
    """A table whose dictionaries hold what its rows say and no more: they are written as they are."""
    import pyarrow as pa

    columns = [
        column.cast(pa.string()).combine_chunks().dictionary_encode() if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, schema=table.schema)


def _tells(raw: str | None, key: str, digests: Collection[str]) -> bool:
    """Whether a rejected row, which has no id of its own, says one of these ids in a cell."""
    try:
        shown = json.loads(raw or "[]")
    except ValueError:
        return False
    cells = shown.values() if isinstance(shown, dict) else shown if isinstance(shown, list) else ()
    return any(isinstance(cell, str) and id_digest(key, cell.strip()) in digests for cell in cells)
