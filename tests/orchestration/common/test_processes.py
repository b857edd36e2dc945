"""Processes that another one starts end with it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_PARENT = """
import multiprocessing, time
from orchestration.common.processes import start_processes
if __name__ == "__main__":
    with start_processes(2) as executor:
        for seconds in (600, 0.01):
            executor.submit(time.sleep, seconds)
        executor.submit(time.sleep, 0.01).result()
        print(*(process.pid for process in multiprocessing.active_children()), flush=True)
        time.sleep(600)
"""


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """A process and the two that it started: one at work, one at rest."""
    script = folder / "parent.py"
    script.write_text(_PARENT)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        yield parent, [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]


def test_processes_end_with_the_one_that_was_killed_at_work_and_at_rest(tmp_path: Path) -> None:
    with started(tmp_path) as (parent, children):
        assert len(children) == 2
        parent.send_signal(signal.SIGKILL)
    _, left = psutil.wait_procs(children, timeout=60)
    assert not left


def test_ctrl_c_is_left_to_the_one_that_waits(tmp_path: Path) -> None:
    with started(tmp_path) as (parent, children):
        for child in children:
            child.send_signal(signal.SIGINT)
        gone, _ = psutil.wait_procs(children, timeout=0.5)
        parent.kill()
    assert not gone
