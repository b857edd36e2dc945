"""The extract, the script and the ratios of `make bench-scale`, at its smallest size."""

import json
import shutil
import time
from pathlib import Path

import pytest
from benchmark_scale import FORMS, ROUND, assert_same_cube, deliver, run_script
from deployments import Deployment

from orchestration.landing.landing import land
from orchestration.rounds.card import load_round
from orchestration.settings import PROJECT_ROOT

REPEATED_N = 60_000
# At full size landing is held to three times the script's reading; here its start counts as well.
SLOWEST_LANDING = 20


@pytest.mark.parametrize("form", FORMS)
def test_a_repeated_extract_lands_whole_and_at_a_pace(form: str, tmp_path: Path, capsys) -> None:
    card_folder = shutil.copytree(PROJECT_ROOT / "seeds", tmp_path / "seeds") / "rounds" / "nmc_survey" / "2024"
    extract = deliver(card_folder, tmp_path, REPEATED_N, form)
    start = time.perf_counter()
    landed = land(load_round(card_folder / "round.yml"), tmp_path / "landing")
    seconds = time.perf_counter() - start
    assert abs(landed.answers_n - REPEATED_N) < REPEATED_N * 0.05
    assert (landed.responses_n, landed.rejected_answers_n) == (landed.rows_in, 0)
    run_script(str(extract), str(tmp_path / "seeds"), str(tmp_path), ROUND)
    assert seconds < SLOWEST_LANDING * json.loads(capsys.readouterr().out)["read"]


def test_counts_by_hand_are_those_of_the_warehouse(bundled: Deployment, tmp_path: Path) -> None:
    seeds = shutil.copytree(bundled.seeds, tmp_path / "seeds")
    card_folder = seeds / "rounds" / "nmc_survey" / "2024"
    bundled_n = land(load_round(card_folder / "round.yml"), tmp_path / "landing").answers_n
    extract = deliver(card_folder, tmp_path, bundled_n, "parquet")
    run_script(str(extract), str(seeds), str(tmp_path), ROUND)
    assert_same_cube(bundled, tmp_path / "cube.parquet", ROUND)


def test_a_count_that_differs_is_told(bundled: Deployment, tmp_path: Path) -> None:
    import duckdb

    cell = "'NMC' as cohort_code, 'eoi_2021' as item_code, 'yes' as choice_code, 'all' as dimension_code"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {cell}, 'all' as member_code, 99 as n) to '{tmp_path}/cube.parquet'")
    with pytest.raises(AssertionError, match="99"):
        assert_same_cube(bundled, tmp_path / "cube.parquet", ROUND)
