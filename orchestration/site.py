"""The report site: a release handed to the Evidence project in reports/, built by npm, and shown on loopback.

Here: which files the project gets, and how its commands are run. Not here: pages, charts and queries (reports/).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.release.changes import CHANGES
from orchestration.settings import environment_with

if TYPE_CHECKING:
    from orchestration.release.draft import Audience
    from orchestration.release.store import ReleaseStore

# Evidence's tables are made of a release by SQL that names its folder by this variable.
_RELEASE_VARIABLE = "EVIDENCE_VAR__release"
_QUIET = {"SEND_ANONYMOUS_USAGE_STATS": "no", "NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1"}
_LAST_LINES = 25


class SiteError(RuntimeError):
    """The site cannot be built or shown; the message says why and what to do."""


def newest(store: ReleaseStore) -> str:
    """Newest revision of the newest wave. Raises SiteError where there is no release."""
    names = store.names()
    if not names:
        raise SiteError(f"there is no release at {store.address}. Run `needs refresh` first.")
    return names[-1]


def build_site(store: ReleaseStore, name: str, audience: Audience, project: Path, site: Path) -> None:
    """Build the site of a release for an audience into the folder `site`, which is replaced when it is whole.

    Raises SiteError where Node is missing or a step fails, ReleaseError for a release that is missing or damaged.
    """
    if shutil.which("npm") is None:
        raise SiteError("the site is built by Node 20 and npm, which are not on the path. Install them and try again.")
    store.require(name)
    store.require_whole(name)
    if not _has_packages(project):
        _run(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], project, {})
    _run(["node", "offline/apply.mjs"], project, {})
    manifest = store.manifest(name)
    with store.folder(name) as release:
        _hand_over(release, audience, manifest, project)
    content = (project / "static" / "release").resolve()
    built = project / "build"
    shutil.rmtree(built, ignore_errors=True)
    variables = {_RELEASE_VARIABLE: str(content)}
    _run(["npx", "--no-install", "evidence", "sources", "--strict"], project, variables)
    _run(["npx", "--no-install", "evidence", "build:strict"], project, variables)
    if not (built / "index.html").exists():
        raise SiteError(f"Evidence said nothing and left no page in {built}. Build it by hand there to see more.")
    shutil.rmtree(site, ignore_errors=True)
    shutil.move(built, site)


def serve_site(site: Path, port: int) -> ThreadingHTTPServer:
    """A server of a built site on the loopback address; port 0 takes a free one."""
    if not (site / "index.html").exists():
        raise SiteError(f"there is no site in {site}. Run `make site` first.")
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site)))


def describe(manifest: Mapping[str, Any], package: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    """What the header, the banner and the footer of each page say of a release."""
    publishers = [entry["title"] for entry in package["contributors"] if "publisher" in entry["roles"]]
    series, _, _ = package["title"].partition(", release ")
    return {
        "release": manifest["release"],
        "wave": manifest["wave"],
        "wave_label": series.rpartition(": ")[2],
        "title": package["title"],
        "audience": audience,
        "notice": manifest["notice"],
        "previous": manifest["previous"],
        "reason": manifest["reason"],
        "publisher": ", ".join(publishers),
        "licences": package.get("licenses", []),
        "sources": [source["title"] for source in package["sources"]],
    }


def _hand_over(release: Path, audience: Audience, manifest: Mapping[str, Any], project: Path) -> None:
    """Put the files of a release where Evidence takes them from: data and downloads, and what the frame says."""
    target = project / "static" / "release"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(release / audience, target, copy_function=shutil.copyfile)
    shutil.copyfile(release / CHANGES, target / CHANGES)
    package = json.loads((target / "datapackage.json").read_text(encoding="utf-8"))
    frame = json.dumps(describe(manifest, package, audience), indent=2, ensure_ascii=False)
    (project / "components" / "release.json").write_text(f"{frame}\n", encoding="utf-8")


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
