"""The benchmarks run, at their smallest size, within generous ratios; at full size they are make targets."""

import subprocess
import sys
from pathlib import Path

from deployments import MINI_SEEDS

BENCHMARK = Path(__file__).parents[1] / "benchmark.py"


def test_a_refresh_stays_within_some_floors_and_an_unchanged_one_within_some_imports() -> None:
    # In a process of its own: Linux counts what a process held when it began another as the other's peak memory.
    command = [sys.executable, str(BENCHMARK), "--seeds", str(MINI_SEEDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
