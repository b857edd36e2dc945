"""Release: the draft of a wave, the gate, and the published, immutable folder."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import dagster as dg

from orchestration.deployment.ahead import FindAhead
from orchestration.deployment.runs import GATE
from orchestration.deployment.waves import GateError, draft_wave, publish_wave
from orchestration.pipeline.assets.renewed import tell_renewed, wave_key
from orchestration.pipeline.assets.warehouse import eager_on_change
from orchestration.pipeline.checks import check_results, check_specs
from orchestration.release.store import ReleaseError
from orchestration.settings import Settings

DRAFT = dg.AssetKey(["release", "draft"])
PUBLISHED = dg.AssetKey(["release", "published"])


def release_assets(
    settings: Settings,
    waves: Sequence[str],
    gap_keys: Sequence[dg.AssetKey],
    manifest: dict[str, Any],
    find_ahead: FindAhead | None = None,
    renewed: Collection[str] = (),
) -> list[dg.AssetsDefinition]:
    """The release stage, partitioned by wave; a draft asks `find_ahead` for what was found ahead for it.

    Of waves that are to be `renewed` it is told when they were.
    """
    partitions = dg.StaticPartitionsDefinition(list(waves))

    @dg.asset(
        key=DRAFT,
        deps=gap_keys,
        group_name="release",
        kinds={"csv", "parquet"},
        partitions_def=partitions,
        check_specs=check_specs(GATE, DRAFT, "The wave is plausible, complete and safe to publish.", partitions),
        automation_condition=eager_on_change(),
        description="The published columns of a wave's gap tables for each audience, judged by the release gate.",
    )
    def draft(context: dg.AssetExecutionContext) -> Iterator[Any]:
        try:
            wave, tell = context.partition_key, context.log.info
            drafted = draft_wave(settings, wave, manifest, context.run_id, tell, find_ahead)
        except GateError as error:
            yield from check_results(GATE, DRAFT, error.outcomes)
            raise dg.Failure(str(error), allow_retries=False) from error
        except ReleaseError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        yield from check_results(GATE, DRAFT, drafted.outcomes)
        yield dg.MaterializeResult(asset_key=DRAFT, metadata={file.name: file.rows for file in drafted.files})

    @dg.asset(
        key=PUBLISHED,
        deps=[DRAFT],
        group_name="release",
        kinds={"csv", "parquet"},
        partitions_def=partitions,
        automation_condition=dg.AutomationCondition.eager(),
        description="The immutable release `<wave>.<revision>`; the same content makes no new revision.",
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        try:
            release = publish_wave(settings, context.partition_key, manifest, context.run_id, context.log.info)
        except ReleaseError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        path = dg.MetadataValue.path(release.address)
        if context.partition_key in renewed:
            told = {"release": release.name, "path": path}
            tell_renewed(context, wave_key(context.partition_key), release.is_new, told)
        return dg.MaterializeResult(metadata={"release": release.name, "is_new": release.is_new, "path": path})

    return [draft, published]
