"""What the site is told of a release, and what stops its build."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from deployments import Deployment

from orchestration.release.store import ReleaseStore, wave_of
from orchestration.settings import SITE_PROJECT
from orchestration.site.build import SiteError, build_site, built_sites, describe, newest, serve_site, site_folder

PACKAGE = {
    "title": "City needs: Wave 2030, release 2030.1",
    "contributors": [
        {"title": "Office", "roles": ["publisher"], "email": "desk@office.example"},
        {"title": "Survey", "roles": ["creator"]},
    ],
    "licenses": [{"name": "CC-BY-4.0", "path": "https://licence.example/"}],
    "sources": [{"title": "Pulse survey"}],
}
MANIFEST = {
    "release": "2030.1",
    "wave": "2030",
    "notice": "Synthetic.",
    "previous": "2030.0",
    "reason": "A correction.",
    "sources": [
        {
            "title": "Pulse",
            "producer": "Survey",
            "fieldwork_start": "2030-03-01",
            "fieldwork_end": None,
            "round": "2030",
        }
    ],
}


def test_the_frame_of_each_page_tells_release_publisher_and_sources() -> None:
    assert describe(MANIFEST, PACKAGE, "public") == {
        "release": "2030.1",
        "wave": "2030",
        "wave_label": "Wave 2030",
        "title": "City needs: Wave 2030, release 2030.1",
        "short_title": "City needs 2030",
        "audience": "public",
        "warning": None,
        "mark": "",
        "notice": "Synthetic.",
        "previous": "2030.0",
        "reason": "A correction.",
        "publisher": "Office",
        "homepage": None,
        "contact": "desk@office.example",
        "licences": PACKAGE["licenses"],
        "sources": ["Pulse survey"],
        "rounds": [{"title": "Pulse", "producer": "Survey", "fieldwork_start": "2030-03-01", "fieldwork_end": None}],
    }


def test_each_page_of_an_internal_site_warns() -> None:
    frame = describe(MANIFEST, {**PACKAGE, "licenses": []}, "internal")
    assert frame["warning"] == "For internal use: no cell is hidden, and it must not be passed on."
    assert (frame["mark"], frame["licences"]) == ("INTERNAL: ", [])


def test_an_internal_site_has_a_folder_of_its_own(tmp_path: Path) -> None:
    for folder in ("2029", "2030", "2031-internal"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.html").touch()
    assert site_folder(tmp_path, "2030", "public") == tmp_path / "2030"
    assert site_folder(tmp_path, "2030", "internal") == tmp_path / "2030-internal"
    assert built_sites(tmp_path, "public") == ["2029", "2030"]
    assert built_sites(tmp_path, "internal") == ["2031"]


@pytest.mark.parametrize(
    ("audience", "folder", "card"),
    [
        ("internal", "2030-internal", '{"audience": "public"}'),
        ("internal", "2030-internal", None),
        ("public", "2030", '{"audience": "internal"}'),
    ],
)
def test_a_site_of_another_audience_is_not_replaced(
    tmp_path: Path, refreshed: Deployment, monkeypatch: pytest.MonkeyPatch, audience: str, folder: str, card: str | None
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/npm")
    site = tmp_path / folder
    site.mkdir()
    (site / "index.html").write_text("kept", encoding="utf-8")
    if card is not None:
        (site / "site.json").write_text(card, encoding="utf-8")
    store = ReleaseStore(str(refreshed.releases))
    (name,) = store.names()
    shutil.move(site, tmp_path / folder.replace("2030", str(store.manifest(name)["wave"])))
    with pytest.raises(SiteError, match=f"one of audience {audience} would take its place"):
        build_site(store, name, audience, SITE_PROJECT, tmp_path)
    assert next(tmp_path.glob("*/index.html")).read_text(encoding="utf-8") == "kept"


def test_without_a_release_there_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"there is no release at .* Run `needs refresh` first"):
        newest(ReleaseStore(str(tmp_path)))
    with pytest.raises(SiteError, match=r"there is no release of wave 2031 at "):
        newest(ReleaseStore(str(tmp_path)), "2031")


def test_without_node_there_is_no_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SiteError, match="Node 20 and npm, which are not on the path"):
        build_site(ReleaseStore(str(tmp_path)), "2030.0", "public", SITE_PROJECT, tmp_path / "site")


def test_a_site_takes_its_place_whole_and_belongs_to_the_group_that_shows_it(
    refreshed: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What makes the pages is replaced by what leaves one: what is looked at is where the site is put, and how."""
    project, sites, programs = tmp_path / "reports", tmp_path / "sites", tmp_path / "programs"
    monkeypatch.setattr("orchestration.site.build.write_parts", lambda *_: None)
    (project / "components").mkdir(parents=True)
    programs.mkdir()
    for name in ("npm", "npx", "node"):
        script = "#!/bin/sh\nmkdir -p build/needs && echo new | tee build/index.html > build/needs/index.html\n"
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    store = ReleaseStore(str(refreshed.releases))
    (name,) = store.names()
    half = sites / f".{wave_of(name)}.partial"
    half.mkdir(parents=True)
    (half / "index.html").write_text("half of one that was killed", encoding="utf-8")
    group = next((found for found in os.getgroups() if found != os.getgid()), 33 if os.getuid() == 0 else os.getgid())
    os.chown(sites, -1, group)
    sites.chmod(0o2750)
    assert built_sites(sites, "public") == []
    for _ in range(2):
        site = build_site(store, name, "public", project, sites)
        assert [path.name for path in sites.iterdir()] == [wave_of(name)]
        (site / "of the last one").write_text("x", encoding="utf-8")
    found = [path for path in site.rglob("*") if path.name != "of the last one"]
    names = {path.relative_to(site).as_posix() for path in found}
    assert names == {"index.html", "needs", "needs/index.html", "site.json"}
    assert {path.stat().st_gid for path in (site, *found)} == {group}


def test_a_site_that_is_not_built_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"there is no site in .* Run `make site` first"):
        serve_site(tmp_path, 0)


def test_the_lock_of_npm_names_no_address() -> None:
    lock = json.loads((SITE_PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node 20")
def test_another_version_of_evidence_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@evidence-dev" / "universal-sql"
    (package / "src" / "client-duckdb").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "9.9.9"}', encoding="utf-8")
    for name in ("build-parquet.js", "client-duckdb/node.js", "client-duckdb/browser.js"):
        (package / "src" / name).write_text("// another version", encoding="utf-8")
    shutil.copytree(SITE_PROJECT / "offline", tmp_path / "offline")
    done = subprocess.run(["node", "offline/apply.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "universal-sql 9.9.9: src/build-parquet.js is not the file that offline/write-arrow.js" in done.stderr
    assert "npm ci" in done.stderr
    assert (package / "src" / "build-parquet.js").read_text(encoding="utf-8") == "// another version"
