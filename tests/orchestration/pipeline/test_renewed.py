"""What a round and a wave say of their renewal is Dagster's policy of freshness, and only other content renews them."""

import asyncio
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._core.definitions.freshness import FreshnessState
from dagster._core.definitions.freshness_evaluator import TimeWindowFreshnessPolicyEvaluator
from dagster._core.workspace.context import LoadingContext
from deployments import Deployment

from orchestration.pipeline.assets.landing import EXTRACTS
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import LAND
from orchestration.rounds.card import CodebookError, load_round

ROUND, WAVE = dg.AssetKey(["rounds", "pulse", "2030"]), dg.AssetKey(["waves", "2030"])
CARD, WAVES = Path("rounds/pulse/2030/round.yml"), Path("waves.csv")


class _Context(LoadingContext):
    """What the daemon's evaluation of freshness asks for."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance, self._loaders = instance, {}

    @property
    def instance(self) -> dg.DagsterInstance:
        return self._instance

    @property
    def loaders(self):
        return self._loaders


def state_of(instance: dg.DagsterInstance, definitions: dg.Definitions, key: dg.AssetKey) -> FreshnessState:
    """What the daemon says of an asset now."""
    policy = definitions.get_repository_def().asset_graph.get(key).freshness_policy
    node = SimpleNamespace(key=key, freshness_policy_or_from_metadata=policy)
    return asyncio.run(TimeWindowFreshnessPolicyEvaluator().evaluate_freshness(_Context(instance), node))


def renewals(instance: dg.DagsterInstance, key: dg.AssetKey) -> int:
    return len(instance.fetch_materializations(key, limit=50).records)


def test_a_refresh_tells_round_and_wave_as_renewed_until_their_days_are_over(
    refreshed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    definitions = build_definitions(refreshed.settings)
    monkeypatch.setenv("DAGSTER_HOME", str(refreshed.settings.dagster_home))
    with dg.DagsterInstance.get() as instance:
        for key, days in ((ROUND, 31), (WAVE, 366)):
            [told] = instance.fetch_materializations(key, limit=5).records
            assert state_of(instance, definitions, key) == FreshnessState.PASS
            for passed, state in ((days - 0.5, FreshnessState.PASS), (days + 0.5, FreshnessState.FAIL)):
                then = told.timestamp + timedelta(days=passed).total_seconds()
                monkeypatch.setattr(
                    "dagster._core.definitions.freshness_evaluator.get_current_timestamp", lambda then=then: then
                )
                assert state_of(instance, definitions, key) == state, (key, passed)
            monkeypatch.undo()
            monkeypatch.setenv("DAGSTER_HOME", str(refreshed.settings.dagster_home))


def test_only_another_extract_renews_a_round_and_its_rows_are_numbers(mini: Deployment) -> None:
    definitions = build_definitions(mini.settings)
    land = definitions.resolve_job_def(LAND)
    extract = mini.seeds / "rounds" / "pulse" / "2030" / "extract.csv"
    with dg.DagsterInstance.ephemeral() as instance:
        assert state_of(instance, definitions, ROUND) == FreshnessState.UNKNOWN
        counts = []
        for _ in range(2):
            land.execute_in_process(partition_key="pulse.2030", instance=instance)
            counts.append((renewals(instance, ROUND), renewals(instance, EXTRACTS)))
        assert counts == [(1, 1), (1, 2)]
        extract.write_text(extract.read_text().replace("H,,800,,3", "H,,800,,4"))
        land.execute_in_process(partition_key="pulse.2030", instance=instance)
        assert renewals(instance, ROUND) == 2
        [told] = instance.fetch_materializations(ROUND, limit=1).records
        metadata = told.asset_materialization.metadata
        assert metadata["rows_in"] == dg.IntMetadataValue(8), "a number has a plot"


def test_what_says_nothing_has_no_policy_and_an_impossible_one_is_told(mini: Deployment) -> None:
    card, waves = mini.seeds / CARD, mini.seeds / WAVES
    text = card.read_text()
    card.write_text(text.replace("renewed_every_days: 31\n", ""))
    waves.write_text(waves.read_text().replace(",366", ","))
    keys = build_definitions(mini.settings).get_repository_def().asset_graph.get_all_asset_keys()
    assert not {ROUND, WAVE} & set(keys)
    card.write_text(text.replace("renewed_every_days: 31", "renewed_every_days: 0"))
    with pytest.raises(CodebookError, match="renewed_every_days"):
        load_round(card)
