"""Which locked packages a list of advisories names, without any network.

Advisories are records of the OSV format (https://ossf.github.io/osv-schema/), as the databases of PyPI, GitHub and npm
give them: one record or a list of them in a JSON file, or a ZIP archive of such files. Here: packages of the locks of
Python and of the report site. Not here: how an operator comes by the file (docs/runbooks/operate.md).
"""

from __future__ import annotations

import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from orchestration.common.problems import FileProblemsError, Problem, shown_path
from orchestration.settings import PROJECT_ROOT, SITE_PROJECT

PYPI, NPM = "PyPI", "npm"
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
_SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")


class AdvisoriesError(FileProblemsError):
    """A file of advisories that cannot be used."""


@dataclass(frozen=True, order=True)
class Finding:
    """An advisory that a locked package falls under, and from which version on it no longer does."""

    ecosystem: str
    package: str
    version: str
    advisory: str
    summary: str
    fixed: str


Locked = Mapping[tuple[str, str], frozenset[str]]


def locked_packages(root: Path = PROJECT_ROOT, site: Path = SITE_PROJECT) -> Locked:
    """The versions of each package in the locks, by ecosystem and name."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in sorted((root / "requirements").glob("*.txt")):
        for name, version in _PINNED.findall(path.read_text(encoding="utf-8")):
            found[PYPI, canonicalize_name(name)].add(version)
    lock = json.loads((site / "package-lock.json").read_text(encoding="utf-8"))
    for place, entry in lock["packages"].items():
        if place and "version" in entry:
            found[NPM, entry.get("name") or place.rpartition("node_modules/")[2]].add(entry["version"])
    return {key: frozenset(versions) for key, versions in found.items()}


def find_advisories(files: Iterable[Path], locked: Locked) -> tuple[Finding, ...]:
    """The advisories in some files that locked packages fall under. Raises AdvisoriesError for a file that is none."""
    found = {finding for path in files for record in _records(path) for finding in _findings(path, record, locked)}
    return tuple(sorted(found))


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".json"):
                        yield from _listed(json.loads(archive.read(name)))
        else:
            yield from _listed(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise _no_advisories(path, str(error)) from error


def _listed(said: Any) -> Iterator[Mapping[str, Any]]:
    records = said if isinstance(said, list) else [said]
    for record in records:
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            raise ValueError("a record is no object with an id")
        yield record


def _no_advisories(path: Path, reason: str) -> AdvisoriesError:
    remedy = "give records of the OSV format: a JSON file, or a ZIP archive of such files"
    return AdvisoriesError([Problem(shown_path(path), f"no list of advisories: {reason}", remedy)])


def _findings(path: Path, record: Mapping[str, Any], locked: Locked) -> Iterator[Finding]:
    if record.get("withdrawn"):
        return
    try:
        for affected in record.get("affected", ()):
            ecosystem, name = affected["package"]["ecosystem"].partition(":")[0], affected["package"]["name"]
            key = ecosystem, canonicalize_name(name) if ecosystem == PYPI else name
            for version in locked.get(key, ()):
                if _is_affected(version, affected, _order_of(ecosystem)):
                    summary = str(record.get("summary") or record.get("details") or "")
                    first_line = summary.strip().partition("\n")[0]
                    yield Finding(ecosystem, key[1], version, record["id"], first_line, ", ".join(_fixes(affected)))
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_advisories(path, f"the record {record['id']} is not as the format has it ({error!r})") from error


Order = Callable[[str], Any]


def _is_affected(version: str, affected: Mapping[str, Any], order: Order) -> bool:
    """Whether a version is listed, or lies in a range: the evaluation of the OSV schema."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one["type"] in ("ECOSYSTEM", "SEMVER")]
    return any(_is_within(order(version), one["events"], order) for one in ranges)


def _is_within(version: Any, events: Iterable[Mapping[str, str]], order: Order) -> bool:
    is_within = False
    dated = [(order(told), kind) for event in events for kind, told in event.items() if kind != "limit"]
    for at, kind in sorted(dated, key=lambda event: (event[0], event[1] != "introduced")):
        if kind == "introduced" and version >= at:
            is_within = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            is_within = False
    return is_within


def _fixes(affected: Mapping[str, Any]) -> list[str]:
    events = [event for one in affected.get("ranges", ()) if one["type"] != "GIT" for event in one["events"]]
    return [event["fixed"] for event in events if "fixed" in event]


def _order_of(ecosystem: str) -> Order:
    return _python_version if ecosystem == PYPI else _semantic_version


def _python_version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        # Of old releases; no locked one is.
        return Version("0")


def _semantic_version(text: str) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
    """The order of versions of npm (Semantic Versioning 2.0.0, 11): one with a label comes before that without."""
    match = _SEMVER.fullmatch(text)
    if match is None:
        return (0, 0, 0), False, ()
    label = match[4] or ""
    parts = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in label.split(".") if part)
    return tuple(int(number or 0) for number in match.groups()[:3]), not label, parts
