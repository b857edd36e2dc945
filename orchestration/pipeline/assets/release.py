"""Release: the draft of a wave, the gate, and the published, immutable folder."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from expectations.outcomes import Outcome
from orchestration.common.json_record import record, recorded
from orchestration.deployment.runs import stage
from orchestration.pipeline.checks import check_results, check_specs, entries_of, errors, failure_text
from orchestration.release.gate import gate_record
from orchestration.settings import PROJECT_ROOT, Settings

DRAFT = dg.AssetKey(["release", "draft"])
PUBLISHED = dg.AssetKey(["release", "published"])
GATE = "gate"


def release_assets(
    settings: Settings, waves: Sequence[str], gap_keys: Sequence[dg.AssetKey], manifest: dict[str, Any]
) -> list[dg.AssetsDefinition]:
    """The release stage, partitioned by wave."""
    partitions = dg.StaticPartitionsDefinition(list(waves))

    @dg.asset(
        key=DRAFT,
        deps=gap_keys,
        group_name="release",
        kinds={"csv", "parquet"},
        partitions_def=partitions,
        check_specs=check_specs(GATE, DRAFT, "The wave is plausible, complete and safe to publish."),
        automation_condition=dg.AutomationCondition.eager(),
        description="The published columns of a wave's gap tables for each audience, judged by the release gate.",
    )
    def draft(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from orchestration.release.disclosure import guard_wave
        from orchestration.release.draft import published_tables, write_draft
        from orchestration.release.gate import judge_draft
        from orchestration.release.manifest import content_digest
        from orchestration.release.store import ReleaseError, ReleaseStore

        with stage(settings, context.run_id, "draft", context.partition_key, context.log.info) as facts:
            wave = context.partition_key
            database = settings.checked_database
            if not database.exists():
                raise dg.Failure("there is no checked warehouse to release from. Build the warehouse first.")
            folder = settings.drafts / wave
            tables = published_tables(manifest)
            store = ReleaseStore(settings.releases)
            try:
                with store.public_folders(wave) as earlier:
                    guard = guard_wave(database, wave, settings.disclosure, earlier)
                    files = write_draft(database, wave, tables, folder, guard)
                    outcomes = judge_draft(folder, database, wave, tables, guard, earlier)
            except ReleaseError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            checks = entries_of("great_expectations", f"{GATE} {wave}", outcomes)
            record(gate_record(settings, wave), {"content": content_digest(folder, files), "checks": checks})
            yield from check_results(GATE, DRAFT, outcomes)
            if failed := errors(outcomes):
                raise dg.Failure(failure_text(f"release gate of wave {wave}", failed), allow_retries=False)
            facts["files"] = len(files)
            yield dg.MaterializeResult(asset_key=DRAFT, metadata={file.name: file.rows for file in files})

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
        from orchestration.release.description import read_headings
        from orchestration.release.draft import draft_files
        from orchestration.release.manifest import build_manifest
        from orchestration.release.package import finish_release
        from orchestration.release.store import ReleaseError, ReleaseStore
        from orchestration.warehouse.build_record import read_checks, read_landings

        with stage(settings, context.run_id, "publish", context.partition_key, context.log.info) as facts:
            wave = context.partition_key
            folder, database = settings.drafts / wave, settings.checked_database
            gate = recorded(gate_record(settings, wave))
            store = ReleaseStore(settings.releases)
            described = {"disclosure": settings.disclosure.model_dump()} | build_manifest(
                wave,
                store.next_name(wave),
                folder,
                draft_files(folder),
                read_landings(database, wave),
                [*read_checks(database), *gate.get("checks", [])],
                PROJECT_ROOT,
            )
            if gate.get("content") != described["content_sha256"] or errors(map(Outcome.from_entry, gate["checks"])):
                raise dg.Failure(
                    f"the draft of wave {wave} did not pass the gate. Draft it again.", allow_retries=False
                )
            try:
                release = store.unchanged(described)
                if release is None:
                    headings, reason = read_headings(database, wave), settings.release_reason
                    finished = finish_release(folder, described, manifest, headings, settings.publisher, store, reason)
                    release = store.publish(folder, finished)
            except ReleaseError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            facts.update(release=release.name, is_new=release.is_new)
            return dg.MaterializeResult(
                metadata={
                    "release": release.name,
                    "is_new": release.is_new,
                    "path": dg.MetadataValue.path(release.address),
                    "synthetic": described["synthetic"],
                }
            )

    return [draft, published]
