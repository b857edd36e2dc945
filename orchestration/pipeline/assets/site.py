"""Site: the report site of a wave, built from its newest release."""

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration.pipeline.assets.release import PUBLISHED
from orchestration.settings import Settings

SITE = dg.AssetKey(["release", "site"])


def site_assets(settings: Settings, waves: Sequence[str], manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """The site stage, partitioned by wave; a gate that fails publishes nothing, so no site is built.

    A site follows its release by itself where npm is installed; elsewhere nobody waits for one.
    """
    has_npm = shutil.which("npm") is not None

    @dg.asset(
        key=SITE,
        deps=[PUBLISHED],
        group_name="release",
        kinds={"evidence"},
        partitions_def=dg.StaticPartitionsDefinition(list(waves)),
        automation_condition=dg.AutomationCondition.eager() if has_npm else None,
        description="The report site of the newest release of a wave, for everybody. Needs Node 20 and npm.",
    )
    def site(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        from orchestration.release.store import ReleaseError, ReleaseStore
        from orchestration.site.build import SiteError, newest
        from orchestration.site.documents import build_documented_site

        store = ReleaseStore(settings.releases)
        try:
            name = newest(store, context.partition_key)
            built = build_documented_site(settings, manifest, name, "public")
        except (SiteError, ReleaseError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        pages = sum(1 for _ in built.rglob("*.html"))
        return dg.MaterializeResult(
            metadata={"release": name, "pages": pages, "path": dg.MetadataValue.path(str(built))}
        )

    return [site]
