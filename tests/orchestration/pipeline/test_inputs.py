"""What a refresh depends on, as a checksum."""

import shutil
from pathlib import Path

import pytest
from deployments import MINI_SEEDS

from orchestration.knowledge.load import REVIEWED_THRESHOLDS
from orchestration.pipeline import inputs
from orchestration.settings import PROJECT_ROOT


@pytest.mark.parametrize(("seeds", "code"), [("a", "b"), ("b", "a"), ("a/b", "a"), ("a", "a/b")])
def test_the_checksum_of_files_does_not_tell_where_seeds_and_code_lie(
    seeds: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = inputs.files_digest(MINI_SEEDS)
    copy_code(tmp_path / code)
    shutil.copytree(MINI_SEEDS, tmp_path / seeds / "deployed")
    monkeypatch.setattr(inputs, "PROJECT_ROOT", tmp_path / code)
    assert inputs.files_digest(tmp_path / seeds / "deployed") == expected


def copy_code(folder: Path) -> None:
    for name in ("orchestration", "expectations", "dbt_project", "requirements"):
        shutil.copytree(PROJECT_ROOT / name, folder / name)
    (folder / "seeds").mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / REVIEWED_THRESHOLDS, folder / REVIEWED_THRESHOLDS)


@pytest.mark.parametrize("file", [REVIEWED_THRESHOLDS, "requirements/main.txt", "dbt_project/dbt_project.yml"])
def test_what_the_project_brings_is_in_the_checksum_of_every_deployment(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_code(tmp_path)
    monkeypatch.setattr(inputs, "PROJECT_ROOT", tmp_path)
    before = inputs.files_digest(MINI_SEEDS)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes() + b"\n")
    assert inputs.files_digest(MINI_SEEDS) != before


def test_every_file_that_knowledge_is_read_from_is_in_the_checksum(tmp_path: Path) -> None:
    """A refresh that knows the checksum reads none of them: extracts have one of their own."""
    seeds = shutil.copytree(PROJECT_ROOT / "seeds", tmp_path / "seeds")
    before = inputs.files_digest(seeds)
    files = [path for path in seeds.rglob("*.*") if path.is_file() and not path.name.startswith("extract.")]
    assert {"crosswalk.csv", "codings.csv", "round.yml", "items.csv"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert inputs.files_digest(seeds) != before, path
        path.write_bytes(content)
    assert inputs.files_digest(seeds) == before
