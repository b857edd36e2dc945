"""Jobs: the stages of a refresh, in this order: land, build, draft, publish, serve.

`release` is draft and publish in one run, for the yearly schedule; `site` follows a release where it is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.pipeline.assets.landing import EXTRACTS, KNOWLEDGE
from orchestration.pipeline.assets.release import DRAFT, PUBLISHED
from orchestration.pipeline.assets.site import SITE
from orchestration.pipeline.assets.warehouse import SERVED

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

LAND, BUILD, DRAFT_RELEASE, PUBLISH, RELEASE, SERVE = "land", "build", "draft", "publish", "release", "serve"
BUILD_SITE = "site"


def stage_jobs(model_keys: Sequence[dg.AssetKey]) -> list[UnresolvedAssetJobDefinition]:
    """One job a stage; `land` runs for a round, `draft`, `publish`, `release` and `site` for a wave."""
    return [
        dg.define_asset_job(LAND, dg.AssetSelection.assets(EXTRACTS), description="Land the extract of a round."),
        dg.define_asset_job(
            BUILD,
            dg.AssetSelection.assets(KNOWLEDGE, *model_keys),
            description="Rebuild the warehouse from all landed rounds, with every dbt test.",
        ),
        dg.define_asset_job(
            DRAFT_RELEASE, dg.AssetSelection.assets(DRAFT), description="Draft a wave and judge it at the gate."
        ),
        dg.define_asset_job(
            PUBLISH,
            dg.AssetSelection.assets(PUBLISHED),
            description="Publish a draft that passed the gate.",
        ),
        dg.define_asset_job(
            RELEASE,
            dg.AssetSelection.assets(DRAFT, PUBLISHED),
            description="Draft the release of a wave, judge it at the gate and publish it.",
        ),
        dg.define_asset_job(
            BUILD_SITE, dg.AssetSelection.assets(SITE), description="Build the report site of a wave from its release."
        ),
        dg.define_asset_job(SERVE, dg.AssetSelection.assets(SERVED), description="Put the built database in place."),
    ]
