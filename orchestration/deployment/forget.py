"""A respondent who is to be forgotten: where the deployment knows of him, and what is removed at once.

Here: landings, the seeds that name responses, the run table, files that were set aside. Not here: landing and building
without him (landing/forgotten.py, pipeline/forget.py), the way of a request (docs/runbooks/forget-a-respondent.md).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.cities.profile import released_key
from orchestration.common.decisions import Decision, decide
from orchestration.common.personal import former_pseudonym, holds_email, pseudonym
from orchestration.common.strict_csv import csv_text
from orchestration.deployment.pseudonyms import CITY_KEY_CHANGES
from orchestration.landing.forgotten import forgotten_in, read_ids
from orchestration.landing.landing import admitted_landings, remove_landing
from orchestration.release.difference import CITY_KEY
from orchestration.release.store import ReleaseStore
from orchestration.rounds import codings, corrections
from orchestration.rounds.card import load_rounds
from orchestration.rounds.forgotten import COLUMNS, FILE, FURTHER, id_digest, load_forgotten
from orchestration.settings import Settings
from orchestration.warehouse.build import is_readable


class RespondentError(ValueError):
    """Nobody to forget, or not without more being said; the message says what to do."""


@dataclass(frozen=True)
class Traces:
    """What a round has of a respondent: ids of responses, with his own, and the landings that hold them."""

    key: str
    ids: tuple[str, ...]
    landings: tuple[Path, ...]


def find_respondent(settings: Settings, identifier: str, keys: Collection[str] = ()) -> tuple[Traces, ...]:
    """Where an id of a response or respondent is landed, now or before, in these rounds or in all.

    An e-mail address is looked for by its pseudonyms. Raises RespondentError where it is nowhere.
    """
    names = {identifier, *_pseudonyms(settings, identifier)}
    found = []
    for folder in sorted(path for path in settings.landing.glob("*/*") if path.is_dir()):
        key = f"{folder.parent.name}.{folder.name}"
        if keys and key not in keys:
            continue
        ids: set[str] = set()
        holding = []
        for landing in sorted(path for path in folder.glob("[!.]*") if path.is_dir()):
            theirs = set(_ids_of(landing, names))
            ids |= theirs
            holding += [landing] if theirs else []
        if ids:
            found.append(Traces(key, tuple(sorted(ids)), tuple(holding)))
    if not found:
        where = f"in {', '.join(keys)}" if keys else "in any round"
        raise RespondentError(
            f"no landing {where} has a response or respondent {identifier!r}. Take the id from facts.fct_submission "
            "or `needs rejects`, or give the e-mail address that the platform has for an id."
        )
    return tuple(found)


def _pseudonyms(settings: Settings, identifier: str) -> Iterator[str]:
    if holds_email(identifier):
        yield former_pseudonym(identifier)
        for secret in filter(None, (settings.pseudonym_secret, settings.pseudonym_secret_before)):
            yield pseudonym(identifier, secret.get_secret_value())


def _ids_of(landing: Path, names: Collection[str]) -> Iterator[str]:
    for row in read_ids(landing).to_pylist():
        response = re.sub(FURTHER, "", row["response_id"])
        if response in names or row["respondent_id"] in names:
            yield response
            if row["respondent_id"] in names:
                yield row["respondent_id"]


def decide_to_forget(settings: Settings, traces: Iterable[Traces], reason: str, day: date) -> None:
    """Write who is to be forgotten into the seeds, and take out what was decided about his answers; all or nothing."""
    cards = {card.key: card for card in load_rounds(settings.seeds)}
    with decide(settings.seeds) as decision:
        digests: set[str] = set()
        for found in traces:
            if found.key not in cards:
                continue
            folder = cards[found.key].folder
            new = {id_digest(found.key, name) for name in found.ids}
            digests |= new
            known = [
                {"id_sha256": line.id_sha256, "reason": line.reason, "decided_on": line.decided_on.isoformat()}
                for line in load_forgotten(folder)
            ]
            lines = [{"id_sha256": one, "reason": reason, "decided_on": day.isoformat()} for one in sorted(new)]
            lines = [line for line in lines if line["id_sha256"] not in {old["id_sha256"] for old in known}]
            decision.write(folder / FILE, csv_text(COLUMNS, [*known, *lines]))
            for name in (corrections.FILE, codings.FILE):
                _take_out(decision, folder / name, "response_id", new, found.key)
        _take_out(decision, settings.seeds / f"{CITY_KEY_CHANGES}.csv", "old_key", digests)


def _take_out(decision: Decision, path: Path, column: str, digests: Collection[str], key: str | None = None) -> None:
    """Take the lines of a file out whose column is one of these ids, or, without the key of a round, begins with it."""
    reader = csv.DictReader(io.StringIO(decision.read(path) or "", newline=""))
    lines = list(reader)

    def digest(name: str) -> str:
        whole = name if key is None else f"{key}.{name}"
        return hashlib.sha256(re.sub(FURTHER, "", whole).encode()).hexdigest()

    kept = [line for line in lines if digest(line[column]) not in digests]
    if len(kept) < len(lines):
        decision.write(path, csv_text(list(reader.fieldnames or ()), kept))


def releases_with(settings: Settings, traces: Iterable[Traces]) -> tuple[str, ...]:
    """Files of releases that say something of his city: such are for the house alone, and stay as they are.

    To be asked before he is forgotten: by the served warehouse it is known which city he is.
    """
    import pyarrow.parquet as pq

    named = _city_keys(settings.served_database, [f"{one.key}.{name}" for one in traces for name in one.ids])
    # Releases of before have keys of responses as they are.
    keys = {*named, *map(released_key, named)}
    store, found = ReleaseStore(settings.releases), []
    for name in store.names():
        with store.folder(name) as folder:
            for path in sorted(folder.rglob("*.parquet")):
                if CITY_KEY in pq.read_schema(path).names:
                    told = pq.read_table(path, columns=[CITY_KEY], partitioning=None)[CITY_KEY].unique().to_pylist()
                    if keys & set(told):
                        found.append(f"{name}/{path.relative_to(folder).as_posix()}")
    return tuple(found)


def _city_keys(served: Path, response_keys: list[str]) -> list[str]:
    """The keys of cities that these responses are of, theirs among them."""
    import duckdb

    if not is_readable(served):
        return response_keys
    with duckdb.connect(str(served), read_only=True) as connection:
        base = f"list_contains($keys, regexp_replace(response_key, '{FURTHER}', ''))"
        query = f"select response_key, city_key from intermediate.int_response_cities where {base}"  # nosec B608
        rows = connection.execute(query, {"keys": response_keys}).fetchall()
    return [*response_keys, *(key for row in rows for key in row)]


def remembered_landings(settings: Settings) -> Iterator[Path]:
    """Landings that still hold somebody who is to be forgotten."""
    for card in load_rounds(settings.seeds):
        digests = {line.id_sha256 for line in load_forgotten(card.folder)}
        for landing in sorted((settings.landing / card.instrument / card.round).glob("[!.]*")):
            if forgotten_in(landing, card.key, digests):
                yield landing


def remove_remembered(settings: Settings) -> None:
    """Remove the landings that hold somebody who is to be forgotten and that no warehouse is built of any more."""
    current = admitted_landings(settings.landing)
    for landing in remembered_landings(settings):
        if current.get(f"{landing.parent.parent.name}.{landing.parent.name}") != landing.name:
            remove_landing(landing)


def remove_damaged(settings: Settings) -> None:
    """Remove what was set aside since it could not be read: nobody can tell of whom it is."""
    for path in settings.data.resolve().rglob("*.damaged"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
