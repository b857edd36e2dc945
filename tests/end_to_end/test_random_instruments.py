"""Small deployments made by chance pass the gate, or are refused with the table to leave out named."""

import shutil
from collections.abc import Callable

import pyarrow.parquet as pq
from deployments import Deployment
from random_instruments import judge

# The last one has a condition whose item groups are there without their total.
WAVES = (0, 1, 2, 114)


def test_the_gate_accepts_deployments_made_by_chance(another_mini: Callable[..., Deployment]) -> None:
    deployment = another_mini()
    shutil.rmtree(deployment.seeds)
    verdicts = list(judge(deployment, WAVES))
    assert [verdict for verdict in verdicts if verdict.outcome not in ("accepted", "refused")] == []
    assert sum(verdict.outcome == "accepted" for verdict in verdicts) >= len(WAVES) - 1
    shown = pq.read_table(deployment.settings.drafts / "0001" / "public" / "gaps" / "gap_cube.parquet")["n"]
    assert 0 < shown.null_count < len(shown)
