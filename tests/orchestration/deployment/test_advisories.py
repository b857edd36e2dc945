"""Which locked packages fall under advisories that an operator brings; nothing is asked of a network."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestration.cli.main import app
from orchestration.deployment.advisories import NPM, PYPI, AdvisoriesError, find_advisories, locked_packages

LOCKED = {(PYPI, "some-package"): frozenset({"2.10.0"}), (NPM, "@scope/some"): frozenset({"1.2.0", "2.0.0-rc.2"})}


def advisory(*events: dict[str, str], ecosystem: str = PYPI, name: str = "Some_Package", **more: Any) -> dict[str, Any]:
    kind = "ECOSYSTEM" if ecosystem == PYPI else "SEMVER"
    package = {"ecosystem": ecosystem, "name": name}
    affected = {"package": package, "ranges": [{"type": kind, "events": list(events)}] if events else []}
    return {"id": "X-1", "summary": "It breaks.", "affected": [affected], **more}


def versions(tmp_path: Path, record: dict[str, Any]) -> list[str]:
    path = tmp_path / "advisories.json"
    path.write_text(json.dumps(record))
    return [finding.version for finding in find_advisories([path], LOCKED)]


@pytest.mark.parametrize(
    ("events", "is_found"),
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": "2.9"}], False),
        ([{"introduced": "0"}, {"fixed": "2.10"}], False),
        ([{"introduced": "0"}, {"fixed": "2.10.1"}], True),
        ([{"introduced": "2.2"}, {"last_affected": "2.10"}], True),
        ([{"introduced": "2.2"}, {"last_affected": "2.9"}], False),
        ([{"introduced": "2.11"}], False),
        ([{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.10rc1"}, {"fixed": "3"}], True),
        ([{"fixed": "1.0"}, {"introduced": "0"}], False),
    ],
)
def test_a_version_is_found_by_the_ranges_of_an_advisory(
    tmp_path: Path, events: list[dict[str, str]], is_found: bool
) -> None:
    assert versions(tmp_path, advisory(*events)) == ["2.10.0"] * is_found


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([{"introduced": "0"}, {"fixed": "1.2.0"}], []),
        ([{"introduced": "1.2.0"}, {"fixed": "2.0.0-beta.1"}], ["1.2.0"]),
        ([{"introduced": "2.0.0-rc.1"}, {"fixed": "2.0.0"}], ["2.0.0-rc.2"]),
        ([{"introduced": "2.0.0-rc.10"}, {"fixed": "2.0.0"}], []),
        ([{"introduced": "0"}, {"last_affected": "2.0.0"}], ["1.2.0", "2.0.0-rc.2"]),
    ],
)
def test_versions_of_npm_are_ordered_by_their_own_rules(
    tmp_path: Path, events: list[dict[str, str]], found: list[str]
) -> None:
    assert versions(tmp_path, advisory(*events, ecosystem=NPM, name="@scope/some")) == found


def test_a_listed_version_is_found_and_a_withdrawn_advisory_is_not(tmp_path: Path) -> None:
    record = advisory()
    record["affected"][0]["versions"] = ["2.10.0"]
    assert versions(tmp_path, record) == ["2.10.0"]
    assert versions(tmp_path, {**record, "withdrawn": "2026-01-01T00:00:00Z"}) == []
    assert versions(tmp_path, advisory({"introduced": "0"}, ecosystem="crates.io")) == []


def test_a_list_and_an_archive_of_records_are_read(tmp_path: Path) -> None:
    first, second = advisory({"introduced": "0"}, {"fixed": "3"}), advisory({"introduced": "0"}, id="X-2")
    (tmp_path / "list.json").write_text(json.dumps([first, second]))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("X-1.json", json.dumps(first))
        archive.writestr("X-2.json", json.dumps(second))
        archive.writestr("README", "no record")
    listed, packed = (find_advisories([tmp_path / name], LOCKED) for name in ("list.json", "all.zip"))
    assert listed == packed
    assert [(found.advisory, found.fixed, found.summary) for found in listed] == [
        ("X-1", "3", "It breaks."),
        ("X-2", "", "It breaks."),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[1]",
        b'{"a": 1}',
        b"PK\x05\x06" + b"\0" * 17,
        b"PK\x03\x04broken",
        b'{"id": "X", "affected": [{}]}',
    ],
)
def test_a_file_without_advisories_is_told_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "advisories"
    path.write_bytes(content)
    with pytest.raises(AdvisoriesError) as caught:
        find_advisories([path], LOCKED)
    assert str(caught.value).startswith(f"{path}: no list of advisories: ")
    assert str(caught.value).count("To do: ") == 1


def test_the_locks_of_python_and_of_the_site_are_read() -> None:
    locked = locked_packages()
    assert locked[PYPI, "duckdb"] == {"1.5.5"}
    assert (NPM, "@evidence-dev/evidence") in locked
    assert all(version[0].isdigit() for found in locked.values() for version in found)
    assert {ecosystem for ecosystem, _ in locked} == {PYPI, NPM}
    assert not any("node_modules" in name for _, name in locked)


def test_the_command_tells_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "advisories.json"
    path.write_text(json.dumps(advisory({"introduced": "0"}, {"fixed": "99"}, name="DuckDB")))
    result = CliRunner().invoke(app, ["advisories", str(path)])
    assert result.exit_code == 1
    assert "duckdb 1.5.5 (PyPI): X-1, fixed in 99: It breaks." in result.output
    path.write_text("[]")
    result = CliRunner().invoke(app, ["advisories", str(path)])
    assert (result.exit_code, "0 advisories for" in result.output) == (0, True)
