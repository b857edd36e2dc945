"""A file may be larger than the memory: what is held grows with a block, not with the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT
from tests.orchestration.readers.deliveries import CHOICES, QUESTIONS, deliver

HEADER = (
    "Name of the respondent,Response code,City,Is there a target?,Which support?,Inhabitants,"
    "Share (%),Adopted on,How pressing are these needs?: Finance\n"
)
MIB = 1 << 20
# Long rows: the ids that are kept to tell repeated ones shall not be taken for what is held of the file.
COUNTRY = "country " * 100
MEASURE = """
import json, sys
from pathlib import Path
from orchestration.landing.landing import land
from orchestration.rounds.card import load_round
from tests.memory import peak_mib
landed = land(load_round(Path(sys.argv[1])), Path(sys.argv[2]))
print(json.dumps([landed.responses_n, landed.rejected_rows_n, peak_mib()]))
"""


def _landed(folder: Path, size: int, damage_each: int) -> tuple[int, int, float]:
    """Responses, rejected rows and peak memory (MiB) of landing a file of so many bytes, some of its rows damaged."""
    lines = [HEADER]
    length = number = 0
    while length < size:
        number += 1
        comment = f'"City {number}, the ""{number % 977}th"" of its\n{COUNTRY}"'
        row = f"Ada,r{number},{comment},Existing,Money;Staff,{number},1.5,2024-01-{number % 28 + 1:02},2\n"
        row = row.replace(",Existing", "Existing") if number % damage_each == 0 else row
        lines.append(row)
        length += len(row)
    card = deliver(folder / "rounds/eoi/2021", QUESTIONS, CHOICES, "".join(lines))
    command = [sys.executable, "-c", MEASURE, str(card.folder / "round.yml"), str(folder / "landing")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    responses_n, rejected_n, memory = json.loads(done.stdout)
    assert responses_n == number - number // damage_each
    return responses_n, rejected_n, memory


@pytest.mark.parametrize("damage_each", [1 << 30, 997], ids=["sound", "damaged"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, damage_each: int) -> None:
    """A further 128 MiB of text take less: both files fill the blocks and the bound of the database already."""
    *_, small = _landed(tmp_path / "small", 80 * MIB, damage_each)
    *_, large = _landed(tmp_path / "large", 208 * MIB, damage_each)
    assert large < small + 112
