"""The metadata files of a release as they lie in its folder: the small one's bytes, and the bundled one's content."""

import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import frictionless
import pytest
from deployments import Deployment
from metadata_cases import Drafted
from standards import graph_of, schema_errors, shape_findings

from orchestration.release.datapackage import DATAPACKAGE
from orchestration.release.dcat import DCAT
from orchestration.release.description import Release, describe_release, file_columns, read_headings
from orchestration.release.dictionary import DICTIONARY, dictionary_rows
from orchestration.release.metadata import METADATA_FILES, write_metadata
from orchestration.release.package import STATUS_COLUMNS
from orchestration.release.store import ReleaseStore
from orchestration.settings import PROJECT_ROOT, Publisher

WRITE = """
import sys
from pathlib import Path
from metadata_cases import write_draft
from orchestration.release.metadata import write_metadata
draft = write_draft(Path(sys.argv[1]))
write_metadata(draft.describe(audience="public"), draft.folder)
"""


def written_bytes(folder: Path, **environment: str) -> dict[str, bytes]:
    paths = [str(PROJECT_ROOT), str(PROJECT_ROOT / "tests"), str(Path(__file__).parent)]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment}
    subprocess.run([sys.executable, "-c", WRITE, str(folder)], env=surroundings, check=True)
    return {name: (folder / name).read_bytes() for name in METADATA_FILES}


def test_files_are_the_same_bytes_in_any_surroundings(tmp_path: Path) -> None:
    here = written_bytes(tmp_path / "here", PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8")
    there = written_bytes(
        tmp_path / "there", PYTHONHASHSEED="2", TZ="Pacific/Auckland", LC_ALL="C", OMP_NUM_THREADS="1"
    )
    assert here == there


def test_another_value_is_another_checksum_in_every_file_that_has_one(draft: Drafted) -> None:
    before = {path.name: path.read_bytes() for path in write_metadata(draft.describe(), draft.folder)}
    draft.manifest["files"][0]["sha256"] = "0" * 64
    after = {path.name: path.read_bytes() for path in write_metadata(draft.describe(), draft.folder)}
    assert {name for name in before if before[name] != after[name]} == {DATAPACKAGE, DCAT}


@pytest.fixture(scope="module")
def release(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Path]:
    """The public release of 2024 described, and its folder."""
    folder = bundled.releases / "2024.0" / "public"
    manifest = ReleaseStore(str(bundled.releases)).manifest("2024.0")
    documents = {*METADATA_FILES, "CHANGES.md"} - {DICTIONARY}
    entries = [
        {**entry, "path": path.relative_to("public").as_posix()}
        for entry in manifest["files"]
        if (path := PurePosixPath(entry["path"])).parts[0] == "public" and path.name not in documents
    ]
    dbt = json.loads((bundled.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    headings = read_headings(bundled.settings.served_database, "2024")
    columns = file_columns(folder, {"files": entries})
    told = {**manifest, "files": entries}
    return describe_release(told, dbt, columns, headings, Publisher(), "public", added=STATUS_COLUMNS), folder


def test_every_table_and_column_of_the_bundled_release_is_described(release: tuple[Release, Path]) -> None:
    described, folder = release
    assert {table.name for table in described.tables} == {
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.parquet")
    }
    assert [file.path for file in described.files if not (file.title.strip() and file.description.strip())] == []
    assert [row for row in dictionary_rows(described) if not str(row["description"]).strip()] == []
    of_report = [table for table in described.tables if table.name.startswith("tables/")]
    assert [table.name for table in of_report if ":" not in table.title] == []


def test_every_table_of_the_bundled_release_has_a_key(release: tuple[Release, Path]) -> None:
    described, _ = release
    assert {table.model for table in described.tables if not table.primary_key} == set()


def test_bundled_data_package_meets_the_standard_and_its_files(release: tuple[Release, Path]) -> None:
    _, folder = release
    descriptor = json.loads((folder / DATAPACKAGE).read_text(encoding="utf-8"))
    assert schema_errors("datapackage", descriptor) == []
    package = frictionless.Package(str(folder / DATAPACKAGE))
    tables = [resource for resource in package.resources if resource.format == "csv"]
    assert len(tables) > 60
    reports = {item.path: item.validate() for item in tables}
    assert {path: found.flatten(["type", "note"]) for path, found in reports.items() if not found.valid} == {}


def test_bundled_catalogue_meets_the_shapes(release: tuple[Release, Path]) -> None:
    _, folder = release
    document = json.loads((folder / DCAT).read_text(encoding="utf-8"))
    graph = graph_of(document, "https://example.org/releases/2024.0/dcat.jsonld")
    assert shape_findings(graph, "Violation") == set()
