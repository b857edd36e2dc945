"""Seconds of every stage of a refresh from nothing, of a second one, and peak memory: `make bench`."""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# 35 s for landing, building and releasing; statistics, disclosure control and descriptions add at most 10 s.
LIMITS = {"from nothing": 45.0, "nothing changed": 12.0}
MEMORY_LIMIT_GIB = 1.5


def main() -> None:
    """Run `needs refresh` twice on the bundled extracts in a folder of its own; fail where a limit is exceeded."""
    needs = str(Path(sys.executable).with_name("needs"))
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NEEDS_DATA": f"{folder}/data", "NEEDS_RELEASES": f"{folder}/releases", "COLUMNS": "100"}
        for name, limit in LIMITS.items():
            start = time.perf_counter()
            done = subprocess.run(
                [needs, "refresh"], env={**_inherited(), **environment}, capture_output=True, text=True, check=True
            )
            seconds = time.perf_counter() - start
            failed |= seconds > limit
            stages = [line for line in done.stdout.splitlines() if line.startswith("✓")]
            print(f"{name}: {seconds:.1f} s (limit {limit:.0f} s)", *stages, sep="\n  ")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"peak memory of any process: {memory:.2f} GiB (limit {MEMORY_LIMIT_GIB} GiB)")
    sys.exit(failed or memory > MEMORY_LIMIT_GIB)


def _inherited() -> dict[str, str]:
    import os

    return dict(os.environ)


if __name__ == "__main__":
    main()
