"""What `make bench-peers` sets beside this project makes the same cube, at the bundled size."""

import shutil
import subprocess
from pathlib import Path

import pytest
from benchmark_peers import PEERS, Found, assert_same_counts, measure, report
from benchmark_scale import FORMS, ROUND, deliver, run_script

from orchestration.settings import PROJECT_ROOT

ANSWERS_N = 3_000
# Measured 0.6 to 1.0: a second run never costs far more than the first.
UNCHANGED_MAX = 3.0


@pytest.fixture(scope="module", autouse=True)
def environments() -> None:
    targets = [f".tools/peers/{peer.environment}/stamp" for peer in PEERS.values()]
    subprocess.run(["make", "--no-print-directory", *targets], cwd=PROJECT_ROOT, check=True)


@pytest.mark.parametrize("form", FORMS)
def test_each_peer_counts_what_the_script_counts(form: str, tmp_path: Path) -> None:
    seeds = shutil.copytree(PROJECT_ROOT / "seeds", tmp_path / "seeds")
    extract = deliver(seeds.joinpath("rounds", *ROUND.split(".")), tmp_path, ANSWERS_N, form)
    run_script(str(extract), str(seeds), str(tmp_path), ROUND)
    found = measure(tmp_path, extract, ROUND)
    assert found.keys() == PEERS.keys()
    assert [name for name, one in found.items() if one.unchanged > UNCHANGED_MAX * one.first] == []


def test_a_cube_with_another_count_is_refused(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        for name, n in {"by_hand": 3, "cube": 4}.items():
            cell = "'A' as cohort_code, 'i' as item_code, 'c' as choice_code, 'all' as dimension_code"
            connection.execute(f"copy (select {cell}, 'all' as member_code, {n} as n) to '{tmp_path}/{name}.parquet'")
    with pytest.raises(AssertionError, match=r"peer: of 1 cells it lacks .*3.* and has .*4"):
        assert_same_counts(tmp_path, tmp_path / "by_hand.parquet", "peer")


def test_the_table_has_a_line_a_tool() -> None:
    lines = report({"one": Found(1.25, 0.5, 0.3), "other": Found(20, 10, 2)})
    assert [line.split() for line in lines[1:]] == [["one", "1.2", "0.5", "0.30"], ["other", "20.0", "10.0", "2.00"]]
