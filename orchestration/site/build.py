"""The report site of a wave: releases handed to the Evidence project in reports/, built by npm, shown on loopback.

Here: which files the project gets, and how its commands are run. Not here: pages, charts and queries (reports/), and
the documentation of checks and models that is put beside them (documents.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from orchestration.common.progress import tell_progress
from orchestration.common.whole_file import PARTIAL, write_json
from orchestration.release.description import AUDIENCE_NOTES
from orchestration.release.languages import read_translations, read_words, translate_tables
from orchestration.release.store import wave_of
from orchestration.settings import environment_with
from orchestration.site.parts import write_parts

if TYPE_CHECKING:
    from orchestration.release.draft import Audience
    from orchestration.release.store import ReleaseStore

    # Writes documentation: of what the frame says, the project, and the folder of the site that it is put into.
    Documents = Callable[[Mapping[str, Any], Path, Path], "list[Document]"]

# Evidence's tables are made by SQL that names by variables the folder of the release, and those of all waves.
_VARIABLE = "EVIDENCE_VAR__"
# Where the project has the releases: for its queries, and for readers to download.
CONTENT = Path("content")
_DOWNLOADS = Path("static") / "release"
_DOCUMENTS = Path("static") / "documents"
_PARTS = Path("static") / "parts"
_QUIET = {"SEND_ANONYMOUS_USAGE_STATS": "no", "NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1"}
_LAST_LINES = 25
_FIRST_PAGE = "index.html"
# Beside the pages of a built site: whom it is for.
_SITE_CARD = "site.json"
_INTERNAL = "-internal"


class SiteError(RuntimeError):
    """The site cannot be built or shown; the message says why and what to do."""


def newest(store: ReleaseStore, wave: str | None = None) -> str:
    """Newest revision of a wave, or of the newest one. Raises SiteError where there is no release."""
    names = store.revisions(wave) if wave else store.names()
    if not names:
        of_wave = f" of wave {wave}" if wave else ""
        raise SiteError(f"there is no release{of_wave} at {store.address}. Run `needs refresh` first.")
    return names[-1]


def build_site(
    store: ReleaseStore,
    name: str,
    audience: Audience,
    project: Path,
    sites: Path,
    documents: Documents | None = None,
    language: str = "",
) -> Path:
    """Build the site of a release for an audience into its folder in `sites`, replaced when it is whole.

    Returns the folder. Pages that show several waves have the newest release of each wave up to this one; with a
    language they have its labels. Raises SiteError where Node is missing, a step fails, or the folder has the site of
    another audience; ReleaseError for a release that is missing or damaged; LanguageError where labels are missing.
    """
    if shutil.which("npm") is None:
        raise SiteError("the site is built by Node 20 and npm, which are not on the path. Install them and try again.")
    store.require(name)
    site = site_folder(sites, wave_of(name), audience)
    _refuse_other_audience(site, audience)
    # The project is handed one release at a time: a second build waits for the first.
    with FileLock(project / ".building"):
        if not _has_packages(project):
            tell_progress("installing npm's packages, the first time a minute")
            _run(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], project, {})
        _run(["node", "offline/apply.mjs"], project, {})
        _run(["node", "offline/map.mjs"], project, {})
        tell_progress("taking over the release")
        frame = _hand_over(store, name, audience, project, language)
        found = documents(frame, project, project / _DOCUMENTS) if documents else []
        frame["documents"] = [asdict(document) for document in found]
        write_json(project / "components" / "release.json", frame)
        return _build(project, frame, site)


def site_folder(sites: Path, wave: str, audience: Audience) -> Path:
    """Where the site of a wave is for an audience: an internal one is never where a public one is looked for."""
    return sites / (f"{wave}{_INTERNAL}" if audience == "internal" else wave)


def serve_site(site: Path, port: int) -> ThreadingHTTPServer:
    """A server of a built site on the loopback address; port 0 takes a free one."""
    if not (site / _FIRST_PAGE).exists():
        raise SiteError(f"there is no site in {site}. Run `make site` first.")
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site)))


def built_sites(sites: Path, audience: Audience) -> list[str]:
    """Waves that have a built site for an audience, in their order."""
    names = [page.parent.name for page in sites.glob(f"[!.]*/{_FIRST_PAGE}")]
    is_internal = audience == "internal"
    return sorted(name.removesuffix(_INTERNAL) for name in names if name.endswith(_INTERNAL) == is_internal)


def describe(manifest: Mapping[str, Any], package: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    """What the header, the banner and the footer of each page say of a release."""
    publishers = [entry for entry in package["contributors"] if "publisher" in entry["roles"]]
    series, _, _ = package["title"].partition(", release ")
    return {
        "release": manifest["release"],
        "wave": manifest["wave"],
        "wave_label": series.rpartition(": ")[2],
        "title": package["title"],
        "short_title": f"{series.partition(': ')[0]} {manifest['wave']}",
        "audience": audience,
        "warning": AUDIENCE_NOTES[audience] if audience == "internal" else None,
        "mark": "INTERNAL: " if audience == "internal" else "",
        "notice": manifest["notice"],
        "previous": manifest["previous"],
        "reason": manifest["reason"],
        "publisher": ", ".join(entry["title"] for entry in publishers),
        "homepage": next((entry["path"] for entry in publishers if "path" in entry), None),
        "contact": next((entry["email"] for entry in publishers if "email" in entry), None),
        "licences": package.get("licenses", []),
        "sources": [source["title"] for source in package["sources"]],
        "rounds": [
            {name: source[name] for name in ("title", "producer", "fieldwork_start", "fieldwork_end")}
            for source in manifest["sources"]
        ],
    }


def _hand_over(store: ReleaseStore, name: str, audience: Audience, project: Path, language: str = "") -> dict[str, Any]:
    """Put releases where Evidence takes them from: tables of each wave, and downloads. Returns what the frame says.

    Downloads are the release as it is, whatever the language.
    """
    content, downloads = project / CONTENT, project / _DOWNLOADS
    for folder in (content, downloads, project / _DOCUMENTS, project / _PARTS):
        shutil.rmtree(folder, ignore_errors=True)
    manifest = store.manifest(name)
    wave = str(manifest["wave"])
    earlier = {wave_of(release): release for release in store.names() if wave_of(release) < wave}
    for of_wave, release in {**earlier, wave: name}.items():
        store.require_whole(release)
        with store.folder(release) as folder:
            shutil.copytree(folder / audience, content / of_wave, copy_function=shutil.copyfile)
            _add_tables_without_rows(folder / "internal" / "gaps", content / of_wave / "gaps")
            if release == name:
                shutil.copytree(folder / audience, downloads, copy_function=shutil.copyfile)
    for folder in sorted(content.iterdir()) if language else ():
        # Labels may be newer than a release of an earlier wave: codes mean the same.
        translate_tables(folder, read_translations(downloads, language, read_words(folder)))
    package = json.loads((downloads / "datapackage.json").read_text(encoding="utf-8"))
    frame = {**describe(manifest, package, audience), "published_on": store.published_on(name)}
    return {**frame, "themes": _themes(content / wave / "gaps" / "gap_label.parquet")}


def _themes(labels: Path) -> list[dict[str, str]]:
    """Themes that questions of the release belong to, in their order: each has a page."""
    import pyarrow.parquet as pq

    rows = sorted(pq.read_table(labels).to_pylist(), key=itemgetter("position"))
    asked = {row["parent_code"] for row in rows if row["label_kind"] in ("item", "dimension")}
    return [
        {"code": row["code"], "label": row["label"]}
        for row in rows
        if row["label_kind"] == "theme" and row["code"] in asked
    ]


def _add_tables_without_rows(source: Path, target: Path) -> None:
    """A table that an audience may not have is there without rows, so that queries hold for every audience."""
    import pyarrow.parquet as pq

    for path in sorted(source.glob("*.parquet")):
        if not (target / path.name).exists():
            pq.write_table(pq.read_schema(path).empty_table(), target / path.name)


def _refuse_other_audience(site: Path, audience: Audience) -> None:
    """Whoever shows a folder would not notice that it now shows other numbers. A site without a card is public."""
    card = site / _SITE_CARD
    if not (site / _FIRST_PAGE).exists():
        return
    found = json.loads(card.read_text(encoding="utf-8"))["audience"] if card.exists() else "public"
    if found != audience:
        raise SiteError(
            f"{site} has a site of audience {found}, and one of audience {audience} would take its place. "
            "Remove that folder, or name another one for sites (NEEDS_SITE)."
        )


def _build(project: Path, frame: Mapping[str, Any], site: Path) -> Path:
    content, wave = (project / CONTENT).resolve(), frame["wave"]
    built = project / "build"
    shutil.rmtree(built, ignore_errors=True)
    folders = {"release": str(content / wave), "waves": str(content / "*")}
    variables = {f"{_VARIABLE}{name}": folder for name, folder in folders.items()}
    tell_progress("running the queries")
    write_parts(project, project / _PARTS, folders)
    _run(["npx", "--no-install", "evidence", "sources", "--strict"], project, variables)
    tell_progress("writing the pages")
    _run(["npx", "--no-install", "evidence", "build:strict"], project, variables)
    if not (built / _FIRST_PAGE).exists():
        raise SiteError(f"Evidence said nothing and left no page in {built}. Build it by hand there to see more.")
    write_json(built / _SITE_CARD, {"release": frame["release"], "audience": frame["audience"]})
    # Copied, and not moved: its files belong to the group of the folder of sites, which shows them, if that says so.
    aside = site.with_name(f".{site.name}{PARTIAL}")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(built, aside, copy_function=shutil.copyfile)
    shutil.rmtree(site, ignore_errors=True)
    aside.rename(site)
    return site


def _has_packages(project: Path) -> bool:
    """Whether the packages of the lock are installed: npm writes its own list last."""
    installed = project / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (project / "package-lock.json").stat().st_mtime


def _run(command: list[str], project: Path, variables: Mapping[str, str]) -> None:
    environment = environment_with({**_QUIET, **variables})
    done = subprocess.run(  # noqa: S603
        command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        raise SiteError(f"`{' '.join(command)}` failed in {project}:\n{said}")


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


@dataclass(frozen=True)
class Document:
    """A page beside the site: its title, and its path below the folder of documents."""

    title: str
    path: str
