"""Landing: an extract becomes three immutable Parquet files, named by the content they were made from.

Here: landing ids, writing aside and one rename, the pointer to the landing that passed the door, withdrawal.
Not here: reading extracts (readers/), the checks of the door (expectations/door.py), models (dbt_project/).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from orchestration.common.problems import Problem, shown_path
from orchestration.common.progress import tell_progress
from orchestration.common.whole_file import file_sha256, read_record, write_record, write_whole
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Content, are_unchanged, changed_meanwhile, open_parts, read_contents
from orchestration.landing.forgotten import leave_out
from orchestration.landing.submissions import read_submissions, standing_counts
from orchestration.readers.read import READER_FORMAT, read_chunks
from orchestration.readers.result import ReadResult, packed_schemas, table_schemas
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook, load_codebook
from orchestration.rounds.corrections import FILE as CORRECTIONS
from orchestration.rounds.forgotten import FILE as FORGOTTEN
from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

TABLES = ("responses", "answers", "rejected")
POINTER = "current"
_IF_THERE = (CORRECTIONS, FORGOTTEN)
ROUND_FILES = ("questions.csv", "choices.csv", "round.yml", *_IF_THERE)
KEYS = ("instrument", "round", "landing_id")
ID_LENGTH = 16
_ID = re.compile(f"[0-9a-f]{{{ID_LENGTH}}}")
NOTES = "notes"
# In the record of the door: the checksums of the files that it judged.
_FILES = "files"


class LandingError(ValueError):
    """The landing area contradicts itself; the message says where and what to do."""


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """Row accounting of a round: rows of the extract that came in, count, are set aside and were rejected.

    `rows_in` is always `responses_n` (those that count) plus `superseded_n`, `incomplete_n`, `test_n` and
    `rejected_rows_n`.
    """

    rows_in: int
    responses_n: int
    superseded_n: int
    incomplete_n: int
    test_n: int
    rejected_rows_n: int
    answers_n: int
    rejected_answers_n: int


@dataclass(frozen=True, kw_only=True)
class Landed(RowCounts):
    """One landing of a round: its folder and how many rows and answers it holds.

    `notes` are what the reader had to say; `is_new` is true if this call wrote the files; `submissions` says of each
    response whether it counts.
    """

    key: str
    landing_id: str
    path: Path
    notes: tuple[str, ...]
    is_new: bool
    submissions: pa.Table = field(repr=False, compare=False)


@dataclass(frozen=True)
class Source:
    """What a landing is made of, as it was read: the codebook of a round and the content of its extract.

    `landing_id` is their hash with that of the card and of the reader's format, taken before any of them was parsed.
    """

    codebook: Codebook
    contents: tuple[Content, ...]
    landing_id: str


def landing_id(card: RoundCard, contents: Sequence[Content] = (), settings: Settings | None = None) -> str:
    """Name of the landing that a round's files make: a hash of extract, codebook, card and reader format.

    A secret for pseudonyms goes in by a fingerprint, as rows hang on it. Reads bytes only, of the extract where its
    `contents` are not given, and the environment where no `settings` are. Raises ExtractError if a file is missing.
    """
    digest = hashlib.sha256(f"reader format {READER_FORMAT}\n".encode())
    secret = (settings or load_settings()).pseudonym_secret
    if secret is not None:
        digest.update(hmac.digest(secret.get_secret_value().encode(), b"landing", "sha256"))
    for content in contents or read_contents(card):
        digest.update(f"{content.sha256}\n".encode())
    for name in ROUND_FILES:
        path = card.folder / name
        if name in _IF_THERE and not path.exists():
            continue
        try:
            text = path.read_bytes()
        except OSError as error:
            remedy = "put the file there, or correct round.yml"
            raise ExtractError([Problem(shown_path(path), "the file is missing", remedy)]) from error
        digest.update(f"{name} {len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()[:ID_LENGTH]


def landing_id_if_any(card: RoundCard) -> str | None:
    """The id of the landing that a round's files make; None where a file is missing."""
    try:
        return landing_id(card)
    except ExtractError:
        return None


def newest_landing(card: RoundCard, landing_root: Path) -> Landed | None:
    """The landing of a round's files as they are now, admitted or refused; else the last one that was written."""
    folder = landing_root / card.instrument / card.round
    written = sorted(folder.glob("*/responses.parquet"), key=lambda file: (file.stat().st_mtime_ns, file), reverse=True)
    names = (landing_id_if_any(card), *(file.parent.name for file in written))
    found = (_landed(card, folder / name, is_new=False) for name in names if name is not None)
    return next((landed for landed in found if landed is not None), None)


def read_source(card: RoundCard, codebook: Codebook | None = None) -> Source:
    """What a round's files say now. Raises CodebookError or ExtractError.

    Whoever gives a codebook sees to it that its files have not changed since it was loaded.
    """
    contents = read_contents(card, is_kept=True)
    name = landing_id(card, contents)
    return Source(codebook or load_codebook(card.folder), contents, name)


def land(card: RoundCard, landing_root: Path, source: Source | None = None) -> Landed:
    """Read a round's extract and keep it below `landing_root`, unless a whole landing of it is there already.

    Raises CodebookError or ExtractError; nothing is left behind then, and the pointer `current` stays.
    """
    source = source or read_source(card)
    path = landing_root / card.instrument / card.round / source.landing_id
    found = _landed(card, path, is_new=False)
    if found is not None:
        return found
    with open_parts(card, contents=source.contents) as parts:
        rows_in = _write(card, path, leave_out(read_chunks(parts, card, source.codebook), card), source.contents)
    written = _landed(card, path, is_new=True)
    if written is None or written.rows_in != rows_in:
        raise LandingError(f"{path}: the landing is not as written. To do: check the disk, then land again.")
    return written


def admit(landed: Landed) -> None:
    """Make a landing the current one of its round, in one rename; for landings that passed the door."""
    write_whole(landed.path.parent / POINTER, f"{landed.landing_id}\n")


def current_landings(landing_root: Path) -> dict[str, str]:
    """The admitted landing id of each round, by round key. Raises LandingError for a pointer to nothing."""
    current = {}
    for key, pointer in pointers(landing_root):
        folder = admitted(pointer)
        if folder is None:
            raise LandingError(f"{pointer}: points to no landing. To do: run `needs refresh`, which lands {key} again.")
        current[key] = folder.name
    return current


def admitted_landings(landing_root: Path) -> dict[str, str]:
    """The admitted landing id of each round whose pointer names one, by round key."""
    found = {key: admitted(pointer) for key, pointer in pointers(landing_root)}
    return {key: folder.name for key, folder in found.items() if folder is not None}


def admitted(pointer: Path) -> Path | None:
    """The folder of the landing that a pointer names; None where it names none that is there."""
    name = pointer.read_text(encoding="ascii", errors="replace").strip()
    folder = pointer.parent / name
    return folder if _ID.fullmatch(name) and folder.is_dir() else None


def landing_folders(landing_root: Path) -> dict[str, Path]:
    """The folder of the admitted landing of each round, by round key. Raises LandingError for a pointer to nothing."""
    return {key: landing_root.joinpath(*key.split("."), name) for key, name in current_landings(landing_root).items()}


def current_notes(landing_root: Path) -> tuple[str, ...]:
    """What the readers had to say of the admitted landings."""
    import pyarrow.parquet as pq

    landings = (path for _, path in sorted(landing_folders(landing_root).items()))
    return tuple(note for path in landings for note in _notes(pq.read_metadata(path / "responses.parquet")))


def _notes(metadata: pq.FileMetaData) -> tuple[str, ...]:
    return tuple(json.loads((metadata.metadata or {}).get(NOTES.encode(), b"[]")))


def withdraw(landing_root: Path, keys_to_keep: Collection[str]) -> tuple[str, ...]:
    """Remove the pointers of all other rounds, leave their files; returns the keys withdrawn."""
    withdrawn = []
    for key, pointer in pointers(landing_root):
        if key not in keys_to_keep:
            pointer.unlink()
            withdrawn.append(key)
    return tuple(withdrawn)


def remove_landing(landing: Path) -> None:
    """Remove a landing with the record of its door, and the pointer to it; nothing of it is left but of readers."""
    pointer = landing.parent / POINTER
    if pointer.exists() and admitted(pointer) == landing:
        pointer.unlink()
    _door_file(landing).unlink(missing_ok=True)
    shutil.rmtree(landing)


def pointers(landing_root: Path) -> Iterator[tuple[str, Path]]:
    """The pointer of each round that has one, by round key, whatever it says."""
    for pointer in sorted(landing_root.glob(f"*/*/{POINTER}")):
        yield f"{pointer.parent.parent.name}.{pointer.parent.name}", pointer


def landing_schemas(*, are_packed: bool = False) -> Mapping[str, pa.Schema]:
    """Columns and types of the landed files, by table name; packed as they are written.

    Texts that stand often are dictionaries then: quicker to write, and read as plain texts.
    """
    import pyarrow as pa

    kind = pa.dictionary(pa.int32(), pa.string()) if are_packed else pa.string()
    schemas = packed_schemas() if are_packed else table_schemas()
    return {name: pa.schema([*((key, kind) for key in KEYS), *schema]) for name, schema in schemas.items()}


def is_whole(path: Path) -> bool:
    """Whether the three files of a landing are as they were written, and of this version of the reader."""
    return _read(path) is not None


def is_as_recorded(path: Path) -> bool:
    """Whether a landing that was judged has its record, and its files the checksums that this names."""
    known = read_door(path).get(_FILES)
    return known is not None and known == _checksums(path)


def _checksums(path: Path) -> dict[str, str] | None:
    """Of each file of a landing; None where one cannot be read."""
    try:
        return {table: file_sha256(path / f"{table}.parquet") for table in TABLES}
    except OSError:
        return None


def _read(path: Path) -> tuple[Counter[str], Counter[str], tuple[str, ...]] | None:
    """Rows of each file of a landing, rejected entries by scope, and what the reader had to say.

    None if there is none or a file is not whole.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts: Counter[str] = Counter()
    scopes: Counter[str] = Counter()
    notes: tuple[str, ...] = ()
    is_known = _FILES in read_door(path)
    if is_known and not is_as_recorded(path):
        return None
    try:
        for name, schema in landing_schemas().items():
            with pq.ParquetFile(path / f"{name}.parquet", page_checksum_verification=True) as file:
                if file.schema_arrow != schema:
                    return None
                counts[name] = file.metadata.num_rows
                # Where no record has their checksums, pages are held to those that they carry themselves.
                for group in range(file.num_row_groups if name == "rejected" or not is_known else 0):
                    rows = file.read_row_group(group)
                    if name == "rejected":
                        scopes.update(rows.column("scope").to_pylist())
                if name == "responses":
                    notes = _notes(file.metadata)
    except (OSError, pa.ArrowException):
        return None
    return counts, scopes, notes


def _landed(card: RoundCard, path: Path, is_new: bool) -> Landed | None:
    """The landing in a folder as its files tell; None if there is none or a file is not whole."""
    read = _read(path)
    if read is None:
        return None
    counts, scopes, notes = read
    submissions = read_submissions(path)
    standings = standing_counts(submissions)
    return Landed(
        key=card.key,
        landing_id=path.name,
        path=path,
        rows_in=counts["responses"] + scopes["row"],
        responses_n=standings["counted"],
        superseded_n=standings["superseded"],
        incomplete_n=standings["incomplete"],
        test_n=standings["test"],
        answers_n=counts["answers"],
        rejected_rows_n=scopes["row"],
        rejected_answers_n=scopes["answer"],
        notes=notes,
        is_new=is_new,
        submissions=submissions,
    )


def _write(card: RoundCard, path: Path, chunks: Iterable[ReadResult], contents: Sequence[Content]) -> int:
    """Write the three files into a folder aside and put it in place by one rename; returns the rows that came in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # No folder for temporary files, which would not keep the umask.
    aside = path.parent / f".landing-{uuid4().hex}"
    aside.mkdir()
    try:
        rows_in = _write_tables(card, path.name, chunks, aside)
        if not are_unchanged(card, contents) or landing_id(card, contents) != path.name:
            raise ExtractError([changed_meanwhile(shown_path(card.folder))])
        # What the door said is of the files that are replaced.
        _door_file(path).unlink(missing_ok=True)
        if path.exists():
            # Not whole, or it would have been returned: an interrupted copy or a damaged disk.
            path.rename(aside / "replaced")
        aside.rename(path)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    shutil.rmtree(path / "replaced", ignore_errors=True)
    return rows_in


def _write_tables(card: RoundCard, name: str, chunks: Iterable[ReadResult], folder: Path) -> int:
    """Write each chunk as it comes, so that an extract may be larger than the memory."""
    import pyarrow.parquet as pq

    rows_in = 0
    notes: list[str] = []
    with ExitStack() as stack:
        writers = {
            table: stack.enter_context(
                pq.ParquetWriter(
                    folder / f"{table}.parquet",
                    schema,
                    compression="zstd",
                    store_schema=False,
                    write_page_checksum=True,
                )
            )
            for table, schema in landing_schemas(are_packed=True).items()
        }
        for chunk in chunks:
            rows_in += chunk.rows_in
            tell_progress(f"{rows_in:,} rows")
            notes += chunk.notes
            for table in TABLES:
                rows: pa.Table = getattr(chunk, table)
                if rows.num_rows:
                    writers[table].write_table(_keyed(card, name, table, rows))
        writers["responses"].add_key_value_metadata({NOTES: json.dumps(notes)})
    return rows_in


def _keyed(card: RoundCard, name: str, kind: str, table: pa.Table) -> pa.Table:
    import pyarrow as pa

    from orchestration.readers.columns import repeated

    keys = [repeated(value, table.num_rows) for value in (card.instrument, card.round, name)]
    return pa.Table.from_arrays([*keys, *table.columns], schema=landing_schemas(are_packed=True)[kind])


def read_door(landing: Path) -> dict[str, Any]:
    """What the door found of a landing, with its source card and the checksums of its files, as it is kept beside it.

    With it a warehouse can be built of landings alone. Nothing if it was never judged, or the record is damaged.
    """
    return read_record(_door_file(landing)) or {}


def write_door(landing: Path, content: Mapping[str, Any]) -> None:
    """Keep what the door found of a landing beside it, whole or not at all."""
    write_record(_door_file(landing), {**content, _FILES: _checksums(landing)})


def _door_file(landing: Path) -> Path:
    return landing.with_name(f"{landing.name}.door.json")
