"""Files of one decision change together or not at all, whenever the process is killed, and by one writer at a time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from soak import environment

from orchestration.common.decisions import decide, hold_whole

OLD = {"items.csv": "old items\n", "rounds/x/1/crosswalk.csv": "old crosswalk\n"}
NEW = {"items.csv": "new items\n", "rounds/x/1/crosswalk.csv": "new crosswalk\n", "scales.csv": "new scales\n"}
# Decides, and dies (as by SIGKILL: nothing is cleaned up) before the nth change of a file.
DECIDER = """
import os, sys
from pathlib import Path
from orchestration.common import decisions
root, left = Path(sys.argv[1]), int(sys.argv[2])

def dying(change):
    def changed(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return change(*arguments, **named)
    return changed

for name in ("write_bytes", "replace", "unlink", "chmod", "mkdir"):
    setattr(Path, name, dying(getattr(Path, name)))
os.fsync = dying(os.fsync)
with decisions.decide(root) as decision:
    for pair in sys.argv[3:]:
        name, text = pair.split("=", 1)
        decision.write(root / name, text)
"""


def texts(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def seeds(root: Path) -> Path:
    for name, text in OLD.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_decision_is_made_whole_or_not_at_all_whenever_its_process_is_killed(tmp_path: Path) -> None:
    ends = []
    for step in range(60):
        root = seeds(tmp_path / str(step))
        command = [
            sys.executable,
            "-c",
            DECIDER,
            str(root),
            str(step),
            *(f"{name}={text}" for name, text in NEW.items()),
        ]
        code = subprocess.run(command, env=environment(), check=False).returncode
        with hold_whole(root):
            ends.append(texts(root))
        if code == 0:
            break
        assert code == 9
    assert ends[0] == OLD
    assert ends[-1] == NEW
    turn = ends.index(NEW)
    assert ends == [OLD] * turn + [NEW] * (len(ends) - turn)
    assert len(ends) - turn > 3, "it is killed while files are put in place, too"


def test_a_decision_that_fails_changes_nothing(tmp_path: Path) -> None:
    root = seeds(tmp_path)
    with pytest.raises(ValueError, match="no"), decide(root) as decision:
        decision.write(root / "items.csv", "new")
        raise ValueError("no")
    assert texts(root) == OLD


def test_a_decision_whose_files_cannot_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = seeds(tmp_path)
    write = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if "scales" in path.name:
            raise OSError("the disk is full")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="full"), decide(root) as decision:
        for name, text in NEW.items():
            decision.write(root / name, text)
    assert texts(root) == OLD


def test_of_many_decisions_at_once_none_is_lost(tmp_path: Path) -> None:
    def add(number: int) -> None:
        with decide(tmp_path) as decision:
            decision.write(tmp_path / "items.csv", f"{decision.read(tmp_path / 'items.csv') or ''}{number}\n")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(30)))
    assert sorted(map(int, (tmp_path / "items.csv").read_text().split())) == [*range(30)]


def test_rights_links_and_line_ends_of_files_stay(tmp_path: Path) -> None:
    root, elsewhere = seeds(tmp_path / "seeds"), tmp_path / "elsewhere.csv"
    elsewhere.write_text("old")
    elsewhere.chmod(0o640)
    (root / "linked.csv").symlink_to(elsewhere)
    with decide(root) as decision:
        decision.write(root / "linked.csv", "é\r\n")
        assert decision.read(root / "linked.csv") == "é\r\n"
        assert decision.read(root / "none.csv") is None
    assert (root / "linked.csv").is_symlink()
    assert elsewhere.read_bytes() == b"\xc3\xa9\r\n"
    assert oct(elsewhere.stat().st_mode & 0o777) == "0o640"
