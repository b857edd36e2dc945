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
    selections: dict[str, tuple[Sequence[dg.AssetKey], str]] = {
        LAND: ([EXTRACTS], "Land the extract of a round."),
        BUILD: ([KNOWLEDGE, *model_keys], "Rebuild the warehouse from all landed rounds, with every dbt test."),
        DRAFT_RELEASE: ([DRAFT], "Draft a wave and judge it at the gate."),
        PUBLISH: ([PUBLISHED], "Publish a draft that passed the gate."),
        RELEASE: ([DRAFT, PUBLISHED], "Draft the release of a wave, judge it at the gate and publish it."),
        BUILD_SITE: ([SITE], "Build the report site of a wave from its release."),
        SERVE: ([SERVED], "Put the built database in place."),
    }
    return [
        dg.define_asset_job(name, dg.AssetSelection.assets(*keys), description=description)
        for name, (keys, description) in selections.items()
    ]
