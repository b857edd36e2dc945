"""One writer at a time, and readers that never wait."""

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.deployment.lock import BusyError, is_busy, turn
from orchestration.settings import Settings

HOLD = """
import sys, time
from orchestration.settings import Settings
from orchestration.turn import turn
with turn(Settings(data=sys.argv[1]), wait=False):
    print("mine", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(data: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that has its turn for some seconds."""
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(data), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "mine\n"
    return other


def test_a_second_process_is_told_who_has_its_turn(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    other = hold(tmp_path, 60)
    assert is_busy(settings)
    with pytest.raises(BusyError, match=rf"process {other.pid}\)\. Wait for it to end"), turn(settings, wait=False):
        pass
    other.kill()
    other.wait()
    assert not is_busy(settings)


def test_whoever_waits_says_for_whom_and_gets_its_turn(tmp_path: Path) -> None:
    other = hold(tmp_path, 1)
    told: list[str] = []
    with turn(Settings(data=tmp_path), wait=True, waiting=told.append):
        assert other.poll() is not None or other.wait(1) == 0
    assert len(told) == 1
    assert str(other.pid) in told[0]


def test_a_turn_may_be_taken_again_within_it_and_is_given_back(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with turn(settings, wait=False), turn(settings, wait=False):
        assert not is_busy(settings), "it is our own"
    hold(tmp_path, 0).wait()


def test_a_killed_process_gives_its_turn_back(tmp_path: Path) -> None:
    other = hold(tmp_path, 60)
    other.kill()
    other.wait()
    with turn(Settings(data=tmp_path), wait=False):
        pass
