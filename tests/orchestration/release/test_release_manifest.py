"""What a manifest says of the code that made a release."""

import subprocess
from pathlib import Path

import pytest

from orchestration.release.manifest import git_revision


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    who = ["-c", "user.name=x", "-c", "user.email=x@x.example"]
    (tmp_path / "code.py").write_text("x = 1\n", encoding="utf-8")
    for command in (["init", "--quiet"], ["add", "code.py"], [*who, "commit", "--quiet", "-m", "One"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True, capture_output=True)
    return tmp_path


def test_the_revision_of_the_code_is_told_and_whether_it_was_changed(checkout: Path) -> None:
    revision = git_revision(checkout)
    assert revision is not None
    assert len(revision) == 40
    (checkout / "code.py").write_text("x = 2\n", encoding="utf-8")
    assert git_revision(checkout) == f"{revision}+changes"
    assert git_revision(checkout / "nowhere") is None


def test_the_revision_of_code_that_another_user_owns_is_told(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a service has it: the code is of root, and git refuses what is of others; this has git take it for such."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    refused = subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, check=False)
    assert b"dubious ownership" in refused.stderr
    assert git_revision(checkout)
