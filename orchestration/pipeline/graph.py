"""The whole asset graph of a deployment.

Not here: any asset.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import dagster as dg

from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestration.deployment.ahead import FindAhead
    from orchestration.knowledge.load import Knowledge
    from orchestration.landing.landing import Source

DEFAULT_OWNER = "team:city-needs"


@contextmanager
def _quietly() -> Iterator[None]:
    """What Dagster calls preview or beta is pinned by our lock: its warnings are for whoever raises that."""
    with warnings.catch_warnings():
        for category in (dg.PreviewWarning, dg.BetaWarning):
            warnings.simplefilter("ignore", category)
        yield


@_quietly()
def build_definitions(
    settings: Settings | None = None,
    knowledge: Knowledge | None = None,
    sources: Mapping[str, Source] = MappingProxyType({}),
    find_ahead: FindAhead | None = None,
) -> dg.Definitions:
    """Assets, checks, jobs, schedules and sensors of a deployment; tests pass settings of their own.

    Whoever has read the seeds already passes `knowledge` and the `sources` of rounds down; else each run loads them
    once, for they may have changed since the last one. Drafts ask `find_ahead` for what was found ahead for them.
    """
    from orchestration.knowledge.load import load_knowledge, load_waves, load_waves_to_release
    from orchestration.pipeline.assets.landing import EXTRACTS, landing_assets
    from orchestration.pipeline.assets.release import PUBLISHED, release_assets
    from orchestration.pipeline.assets.renewed import renewed_assets, wave_key
    from orchestration.pipeline.assets.site import site_assets
    from orchestration.pipeline.assets.warehouse import served_assets, warehouse_assets
    from orchestration.pipeline.dbt import ensure_manifest
    from orchestration.pipeline.jobs import stage_jobs
    from orchestration.pipeline.schedules import build_schedules
    from orchestration.pipeline.sensors import build_sensors
    from orchestration.pipeline.workers import worker_executor
    from orchestration.rounds.card import load_rounds

    settings = settings or load_settings()
    settings.prepare_environment()
    rounds = knowledge.rounds if knowledge else load_rounds(settings.seeds)
    waves = knowledge.waves() if knowledge else load_waves(settings.seeds)
    released = knowledge.waves_to_release() if knowledge else load_waves_to_release(settings.seeds)

    def get_knowledge() -> Knowledge:
        return knowledge or load_knowledge(settings.seeds)

    manifest = ensure_manifest(settings.dbt_target)
    models = warehouse_assets(settings, rounds, get_knowledge, manifest)
    model_keys = sorted({key for asset in models for key in asset.keys}, key=lambda key: list(key.path))
    gap_keys = [key for key in model_keys if key.path[0] == "gaps"]
    jobs = stage_jobs(model_keys)
    owner = settings.publisher.contact_email or DEFAULT_OWNER
    made_by = {"land": EXTRACTS, "release": PUBLISHED}
    to_renew = list(renewed_assets(settings, rounds, [wave for wave in waves if wave.wave in released], made_by, owner))
    renewed = [wave for wave in released if wave_key(wave) in {spec.key for spec in to_renew}]
    by_stage = {
        "land": landing_assets(settings, rounds, get_knowledge, sources),
        "build": models,
        "release": [
            *release_assets(settings, released, gap_keys, manifest, find_ahead, renewed),
            *site_assets(settings, released, manifest),
        ],
        "serve": served_assets(settings, released, [PUBLISHED] if released else gap_keys),
    }
    return dg.Definitions(
        assets=[
            *(_describe(asset, stage, owner) for stage, assets in by_stage.items() for asset in assets),
            *to_renew,
        ],
        jobs=jobs,
        schedules=build_schedules(rounds, waves),
        sensors=build_sensors(settings, jobs),
        executor=worker_executor,
    )


def _describe(asset: dg.AssetsDefinition, stage: str, owner: str) -> dg.AssetsDefinition:
    """Who answers for an asset, at which stage of a refresh it is made, and, but for a model, where its code is."""
    told = asset.map_asset_specs(lambda spec: spec.merge_attributes(owners=[owner], tags={"stage": stage}))
    if stage == "build":
        return told
    (referenced,) = dg.with_source_code_references([told])
    return cast("dg.AssetsDefinition", referenced)
