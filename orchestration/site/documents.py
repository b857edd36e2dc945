"""Documentation beside the report site: Great Expectations' Data Docs of the last run, and dbt's models with lineage;
beside an internal one also a page a city.

The first two are made by the tools themselves; all are framed by reports/documents/ and load nothing from other hosts.
Not here: the site (site.py), rules (expectations/), models (dbt_project/).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.data_docs import DataDocs
from expectations.outcomes import Outcome
from orchestration.cities.profile import HEADINGS, TABLE, group_profiles
from orchestration.deployment.runs import newest
from orchestration.landing.landing import landing_folders, read_door
from orchestration.release.store import ReleaseStore
from orchestration.settings import SITE_PROJECT
from orchestration.site.build import CONTENT, Document, build_site

if TYPE_CHECKING:
    from orchestration.release.draft import Audience
    from orchestration.settings import Settings

TEMPLATES = Path("documents")
# Files of npm packages that the pages need, by where they are put.
_ASSETS = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "jquery.slim.min.js": "jquery/dist/jquery.slim.min.js",
    "css/fontawesome.min.css": "@fortawesome/fontawesome-free/css/fontawesome.min.css",
    "css/solid.min.css": "@fortawesome/fontawesome-free/css/solid.min.css",
    "webfonts/fa-solid-900.woff2": "@fortawesome/fontawesome-free/webfonts/fa-solid-900.woff2",
}
# In dbt's page, the script that counts its visitors, and pictures that are asked for before their address is filled in.
_REPLACED = {
    'src="//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js"': 'src="data:text/javascript,"',
    '<use xlink:href="{{ getIcon': '<use ng-attr-xlink:href="{{ getIcon',
}
# What a manifest tells of the machine and the moment that made it, and what no page of the documentation shows.
_MACHINE = ("compiled_code", "compiled_path", "build_path", "root_path", "created_at", "checksum")
_MOMENT = ("generated_at", "invocation_id", "invocation_started_at", "run_started_at", "project_id", "user_id", "env")


def build_documented_site(
    settings: Settings, manifest: Mapping[str, Any], release: str, audience: Audience, language: str = ""
) -> Path:
    """Build the site of a release with its documentation; errors as `build_site`. Returns its folder.

    `manifest` is dbt's. Sites with the labels of a language are in a folder of that language.
    """
    documents = partial(write_documents, settings, manifest)
    store, sites = ReleaseStore(settings.releases), settings.site / language
    return build_site(store, release, audience, SITE_PROJECT, sites, documents, language)


def write_documents(
    settings: Settings, manifest: Mapping[str, Any], frame: Mapping[str, Any], project: Path, folder: Path
) -> list[Document]:
    """Write the documentation into a folder of the site; `manifest` is dbt's, `frame` what each page's header says.

    A deployment that keeps no record of a run has no Data Docs.
    """
    for target, source in _ASSETS.items():
        _copy(project / "node_modules" / source, folder / "assets" / target)
    _copy(project / "components" / "site.css", folder / "assets" / "site.css")
    docs = DataDocs(project / TEMPLATES)
    suites = [
        DocumentedSuite(f"Data Docs: {stage}", f"{stage.replace(' ', '-')}.html", outcomes)
        for stage, outcomes in _last_run(settings, frame["wave"])
    ]
    for suite in suites:
        page = docs.page(suite.heading, suite.outcomes, root="../", frame=frame, others=suites)
        _write(folder / "checks" / suite.file, page)
    _write(folder / "models.html", docs.plain("models.j2", root="", frame=frame))
    _write_models(manifest, folder / "models")
    checks = [Document(suite.heading, f"checks/{suite.file}") for suite in suites]
    cities = write_city_pages(project, frame, project / CONTENT / frame["wave"] / "gaps" / f"{TABLE}.parquet", folder)
    return [*checks, Document("Models and lineage (dbt)", "models.html"), *cities]


def write_city_pages(project: Path, frame: Mapping[str, Any], table: Path, folder: Path) -> list[Document]:
    """Write a page a city and one that lists them into a folder of an internal site; the list, if there are cities.

    `table` is the release's Parquet of profiles, which a release of before there were any lacks.
    """
    if frame["audience"] != "internal" or not table.exists():
        return []
    import pyarrow.parquet as pq

    profiles = list(group_profiles(pq.read_table(table).to_pylist()))
    if not profiles:
        return []
    docs = DataDocs(project / TEMPLATES)
    for profile in profiles:
        page = docs.plain("city.j2", root="../", frame=frame, profile=profile, headings=HEADINGS)
        _write(folder / "cities" / f"{profile.city_key}.html", page)
    _write(folder / "cities" / "index.html", docs.plain("cities.j2", root="../", frame=frame, profiles=profiles))
    return [Document("Pages of cities", "cities/index.html")]


@dataclass(frozen=True)
class DocumentedSuite:
    """The outcomes of a stage of the last run, and the page that shows them."""

    heading: str
    file: str
    outcomes: Sequence[Outcome]


def _last_run(settings: Settings, wave: str) -> Iterable[tuple[str, list[Outcome]]]:
    """Outcomes by stage: the door of each landed round, then the gate of the wave."""
    landings = [landing for _, landing in sorted(landing_folders(settings.landing).items())]
    gate = newest(settings, "draft", of=wave)
    for entries in (*(read_door(landing).get("checks") for landing in landings), gate and gate.checks):
        if entries:
            yield entries[0]["stage"], [Outcome.from_entry(entry) for entry in entries]


def _write_models(manifest: Mapping[str, Any], folder: Path) -> None:
    """dbt's own page over what the manifest says, with the types that the contracts of the models promise."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for asked, instead in _REPLACED.items():
        page = page.replace(asked, instead)
    _write(folder / "index.html", page)
    project = manifest["metadata"]["project_name"]
    macros = {name: macro for name, macro in manifest["macros"].items() if macro["package_name"] == project}
    told = {**manifest, "macros": macros, "metadata": _leave_out(_MOMENT, manifest["metadata"])}
    for group in ("nodes", "sources", "macros"):
        told[group] = {name: _leave_out(_MACHINE, entry) for name, entry in told[group].items()}
    models = {name: node for name, node in told["nodes"].items() if node["resource_type"] == "model"}
    catalog = {"metadata": told["metadata"], "nodes": {name: _catalog_entry(node) for name, node in models.items()}}
    _write(folder / "manifest.json", json.dumps(told, sort_keys=True))
    _write(folder / "catalog.json", json.dumps({**catalog, "sources": {}, "errors": None}, sort_keys=True))


def _leave_out(names: Collection[str], entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def _catalog_entry(node: Mapping[str, Any]) -> dict[str, Any]:
    columns = {
        name: {"name": name, "type": column.get("data_type") or "", "index": place, "comment": None}
        for place, (name, column) in enumerate(node["columns"].items(), start=1)
    }
    place = {"type": "TABLE", "schema": node["schema"], "name": node["name"], "database": None, "comment": None}
    return {"metadata": {**place, "owner": None}, "columns": columns, "stats": {}, "unique_id": node["unique_id"]}


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
