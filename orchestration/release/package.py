"""Finishing a release whose name is known: workbook, descriptions, changes, manifest and checksums beside its tables.

Not here: the tables themselves (draft.py), what stands in each file (workbook.py, metadata.py, changes.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.disclosure.tables import CONF_STATUS, HIDDEN_REASON, OBS_STATUS
from orchestration.release.changes import CHANGES, changes_page, derived_reason
from orchestration.release.codebooks import RoundCodebook
from orchestration.release.ddi import DDI, write_codebooks
from orchestration.release.description import Column, Headings, Release, describe_release, file_columns
from orchestration.release.dictionary import DICTIONARY, write_dictionary
from orchestration.release.difference import difference
from orchestration.release.draft import AUDIENCES, IS_SYNTHETIC, Audience
from orchestration.release.languages import (
    read_languages,
    read_translations,
    read_words,
    translate_headings,
    translate_tables,
)
from orchestration.release.manifest import MANIFEST, file_entry, public_manifest, write_manifest
from orchestration.release.metadata import METADATA_FILES, write_metadata
from orchestration.release.sdmx import SDMX_DATA, SDMX_STRUCTURE, write_sdmx
from orchestration.release.store import CHECKSUMS, ReleaseStore, write_checksums
from orchestration.release.workbook import WORKBOOK, write_workbook
from orchestration.settings import Publisher

_CONFIDENTIALITY = "Confidentiality status by SDMX's CL_CONF_STATUS: F free, C confidential"
PUBLIC_STATUS_COLUMNS = (
    Column(
        IS_SYNTHETIC,
        "boolean",
        "True where numbers of the row are computed from synthetic answers: a cohort of it is of a round whose answers "
        "were made from published tables, and given by no city. Numbers quoted as printed are none.",
    ),
    Column(
        OBS_STATUS,
        "string",
        "Observation status by SDMX's CL_OBS_STATUS: A normal, U low reliability for its small base, P provisional "
        "since the wave is open, Q a value of the row is suppressed.",
        values=("A", "P", "Q", "U"),
    ),
    Column(CONF_STATUS, "string", f"{_CONFIDENTIALITY}.", values=("C", "F")),
)
STATUS_COLUMNS = (
    *PUBLIC_STATUS_COLUMNS[:2],
    Column(
        CONF_STATUS,
        "string",
        f"{_CONFIDENTIALITY} by itself, D confidential since another value could be worked out from it.",
        values=("C", "D", "F"),
    ),
    Column(HIDDEN_REASON, "string", "Why the first hidden value of the row is hidden; a code of docs/reason-codes.md."),
)


def finish_release(
    folder: Path,
    manifest: Mapping[str, Any],
    dbt_manifest: Mapping[str, Any],
    headings: Headings,
    codebooks: Iterable[RoundCodebook],
    publisher: Publisher,
    store: ReleaseStore,
    reason: str | None = None,
) -> dict[str, Any]:
    """Write all that a release has besides its tables into the folder of its draft; the finished manifest.

    The tables have their checksums in `manifest`; every other file is hashed once.
    """
    _remove_finished(folder)
    entries = {entry["path"]: entry for entry in manifest["files"]}
    for audience in AUDIENCES:
        for entry in _describe(folder / audience, audience, manifest, dbt_manifest, headings, codebooks, publisher):
            name = f"{audience}/{entry['path']}"
            entries[name] = {**entry, "path": name}
    earlier = _earlier(store, manifest["wave"])
    previous = store.latest(manifest["wave"])
    if previous is not None and reason is None:
        reason = derived_reason(store.manifest(previous)["sources"], manifest["sources"])
    for audience in AUDIENCES:
        differences = list(_differences(store, earlier, folder, manifest, audience))
        page = changes_page(manifest["release"], reason, differences, manifest["notice"])
        (folder / audience / CHANGES).write_text(page, encoding="utf-8", newline="\n")
    files = [entries.get(path) or file_entry(folder, path) for path in _paths(folder)]
    finished = {**manifest, "reason": reason, "previous": previous, "files": files}
    for audience, told in zip(AUDIENCES, (finished, public_manifest(finished)), strict=True):
        write_manifest(folder / audience, told)
        prefix = f"{audience}/"
        known = {
            entry["path"].removeprefix(prefix): entry["sha256"] for entry in files if entry["path"].startswith(prefix)
        }
        write_checksums(folder / audience, known)
    return finished


def _remove_finished(folder: Path) -> None:
    """Take away what an earlier try left."""
    for name in (*METADATA_FILES, WORKBOOK, SDMX_DATA, SDMX_STRUCTURE, CHANGES, MANIFEST, CHECKSUMS):
        for audience in AUDIENCES:
            (folder / audience / name).unlink(missing_ok=True)
    for audience in AUDIENCES:
        shutil.rmtree(folder / audience / DDI, ignore_errors=True)
        for path in (folder / audience).glob(workbook_in("*")):
            path.unlink()


def _describe(
    folder: Path,
    audience: Audience,
    manifest: Mapping[str, Any],
    dbt_manifest: Mapping[str, Any],
    headings: Headings,
    codebooks: Iterable[RoundCodebook],
    publisher: Publisher,
) -> list[dict[str, Any]]:
    """Write what describes the tables of an audience; the entries of its documents."""
    prefix = f"{audience}/"
    entries = [
        {**entry, "path": entry["path"].removeprefix(prefix)}
        for entry in manifest["files"]
        if entry["path"].startswith(prefix)
    ]
    columns = file_columns(folder, {"files": entries})
    added = STATUS_COLUMNS if audience == "internal" else PUBLIC_STATUS_COLUMNS

    def described(files: list[dict[str, Any]]) -> Release:
        return describe_release(
            {**manifest, "files": files}, dbt_manifest, columns, headings, publisher, audience, added=added
        )

    tables = described(entries)
    write_dictionary(tables, folder / DICTIONARY)
    write_workbook(tables, headings, folder, folder / WORKBOOK)
    languages = read_languages(folder)
    for language in languages:
        _write_workbook_in(language, tables, headings, folder)
    standards: tuple[str, ...] = ()
    if audience == "public":
        standards = (*write_sdmx(tables, folder), *write_codebooks(tables, codebooks, folder))
    documents = [file_entry(folder, name) for name in (WORKBOOK, DICTIONARY, *map(workbook_in, languages), *standards)]
    write_metadata(described([*entries, *documents]), folder)
    return documents


def workbook_in(language: str) -> str:
    """Name of the workbook with the labels of a language."""
    return f"{PurePath(WORKBOOK).stem}-{language}.xlsx"


def _write_workbook_in(language: str, tables: Release, headings: Headings, folder: Path) -> None:
    translations = read_translations(folder, language, read_words(folder))
    with TemporaryDirectory() as elsewhere:
        copy = Path(elsewhere) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.csv"))
        translate_tables(copy, translations)
        write_workbook(tables, translate_headings(headings, translations), copy, folder / workbook_in(language))


def _earlier(store: ReleaseStore, wave: str) -> list[str]:
    """The previous revision of the wave, and the newest of the wave before it."""
    waves = sorted({name.rpartition(".")[0] for name in store.names()})
    before = [other for other in waves if other < wave][-1:]
    return [name for name in map(store.latest, [wave, *before]) if name is not None]


def _differences(
    store: ReleaseStore, earlier: Iterable[str], folder: Path, manifest: Mapping[str, Any], audience: str
) -> Iterator[Any]:
    for name in earlier:
        with store.folder(name) as old:
            # A release of before there were audiences is no public one.
            if audience == "internal" or (old / audience).is_dir():
                yield difference(old, folder, (name, manifest["release"]), audience)


def _paths(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
