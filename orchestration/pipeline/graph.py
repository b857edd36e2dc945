"""The whole asset graph of a deployment.

Not here: any asset.
"""

from __future__ import annotations

import dagster as dg

from orchestration.settings import Settings, load_settings


def build_definitions(settings: Settings | None = None) -> dg.Definitions:
    """Assets, checks, jobs, schedules and sensors of a deployment; tests pass settings of their own."""
    from orchestration.knowledge.load import load_waves, load_waves_to_release
    from orchestration.pipeline.assets.landing import landing_assets
    from orchestration.pipeline.assets.release import PUBLISHED, release_assets
    from orchestration.pipeline.assets.site import site_assets
    from orchestration.pipeline.assets.warehouse import served_assets, warehouse_assets
    from orchestration.pipeline.dbt import ensure_manifest
    from orchestration.pipeline.jobs import stage_jobs
    from orchestration.pipeline.schedules import build_schedules
    from orchestration.pipeline.sensors import build_sensors
    from orchestration.rounds.card import load_rounds

    settings = settings or load_settings()
    settings.prepare_environment()
    rounds = load_rounds(settings.seeds)
    waves = load_waves(settings.seeds)
    manifest = ensure_manifest(settings.dbt_target)
    models = warehouse_assets(settings, rounds, manifest)
    model_keys = sorted({key for asset in models for key in asset.keys}, key=lambda key: list(key.path))
    gap_keys = [key for key in model_keys if key.path[0] == "gaps"]
    released = load_waves_to_release(settings.seeds)
    jobs = stage_jobs(model_keys)
    return dg.Definitions(
        assets=[
            *landing_assets(settings, rounds),
            *models,
            *release_assets(settings, released, gap_keys, manifest),
            *site_assets(settings, released, manifest),
            *served_assets(settings, [*gap_keys, PUBLISHED]),
        ],
        jobs=jobs,
        schedules=build_schedules(rounds, waves),
        sensors=build_sensors(settings, jobs),
        executor=dg.in_process_executor,
    )
