"""What a refresh depends on, as a checksum."""

import shutil
from pathlib import Path

import pytest
from deployments import MINI_SEEDS

from orchestration.pipeline import inputs
from orchestration.settings import PROJECT_ROOT


@pytest.mark.parametrize(("seeds", "code"), [("a", "b"), ("b", "a"), ("a/b", "a"), ("a", "a/b")])
def test_the_checksum_of_files_does_not_tell_where_seeds_and_code_lie(
    seeds: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = inputs.files_digest(MINI_SEEDS)
    for name in ("orchestration", "expectations", "dbt_project", "requirements"):
        shutil.copytree(PROJECT_ROOT / name, tmp_path / code / name)
    shutil.copytree(MINI_SEEDS, tmp_path / seeds / "seeds")
    monkeypatch.setattr(inputs, "PROJECT_ROOT", tmp_path / code)
    assert inputs.files_digest(tmp_path / seeds / "seeds") == expected


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
