"""One writer at a time, and readers that never wait."""

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.deployment.lock import BusyError, hold_lock, is_busy
from orchestration.settings import Settings

HOLD = """
import sys, time
from orchestration.settings import Settings
from orchestration.deployment.lock import hold_lock
with hold_lock(Settings(data=sys.argv[1]), wait=False):
    print("mine", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(data: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that holds the lock for some seconds."""
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(data), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "mine\n"
    return other


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    other = hold(tmp_path, 60)
    assert is_busy(settings)
    with (
        pytest.raises(BusyError, match=rf"process {other.pid}\)\. Wait for it to end"),
        hold_lock(settings, wait=False),
    ):
        pass
    other.kill()
    other.wait()
    assert not is_busy(settings)


def test_whoever_waits_says_for_whom_and_gets_the_lock(tmp_path: Path) -> None:
    other = hold(tmp_path, 1)
    told: list[str] = []
    with hold_lock(Settings(data=tmp_path), wait=True, waiting=told.append):
        assert other.poll() is not None or other.wait(1) == 0
    assert len(told) == 1
    assert str(other.pid) in told[0]


def test_a_lock_may_be_taken_again_while_it_is_held_and_is_released(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with hold_lock(settings, wait=False), hold_lock(settings, wait=False):
        assert not is_busy(settings), "it is our own"
    hold(tmp_path, 0).wait()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    other = hold(tmp_path, 60)
    other.kill()
    other.wait()
    with hold_lock(Settings(data=tmp_path), wait=False):
        pass
