"""Release: the draft of a wave, the gate, and the published, immutable folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.checks.outcomes import (
    check_results,
    check_specs,
    entries_of,
    errors,
    failure_text,
    record,
    recorded,
)
from orchestration.settings import PROJECT_ROOT, Settings

DRAFT = dg.AssetKey(["release", "draft"])
PUBLISHED = dg.AssetKey(["release", "published"])
GATE = "gate"


def release_assets(
    settings: Settings, waves: Sequence[str], gap_keys: Sequence[dg.AssetKey], manifest: dict[str, Any]
) -> list[dg.AssetsDefinition]:
    """The release stage, partitioned by wave."""
    partitions = dg.StaticPartitionsDefinition(list(waves))

    def gate_record(wave: str) -> Path:
        return settings.data.resolve() / "checks" / GATE / f"{wave}.json"

    @dg.asset(
        key=DRAFT,
        deps=gap_keys,
        group_name="release",
        kinds={"csv", "parquet"},
        partitions_def=partitions,
        check_specs=check_specs(GATE, DRAFT, "The wave is plausible, complete and safe to publish."),
        automation_condition=dg.AutomationCondition.eager(),
        description="The published columns of a wave's gap tables, written aside and judged by the release gate.",
    )
    def draft(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from expectations.release_gate import check_gate
        from orchestration.knowledge import load_knowledge
        from orchestration.release.draft import published_tables, write_draft

        wave = context.partition_key
        knowledge = load_knowledge(settings.seeds)
        if not settings.checked_database.exists():
            raise dg.Failure("there is no checked warehouse to release from. Build the warehouse first.")
        folder = settings.drafts / wave
        files = write_draft(settings.checked_database, wave, published_tables(manifest), folder)
        outcomes = check_gate(folder, wave, knowledge)
        record(gate_record(wave), entries_of("great_expectations", f"{GATE} {wave}", outcomes))
        yield from check_results(GATE, DRAFT, outcomes)
        if failed := errors(outcomes):
            raise dg.Failure(failure_text(f"release gate of wave {wave}", failed), allow_retries=False)
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
        from orchestration.knowledge import load_knowledge
        from orchestration.landing import land
        from orchestration.release.draft import draft_files
        from orchestration.release.manifest import build_manifest
        from orchestration.release.publish import next_name, publish

        wave = context.partition_key
        folder = settings.drafts / wave
        knowledge = load_knowledge(settings.seeds)
        sources = [(card, land(card, settings.landing)) for card in knowledge.rounds_of_wave(wave)]
        checks_folder = settings.data.resolve() / "checks"
        checks = [
            *(
                entry
                for _, landed in sources
                for entry in recorded(checks_folder / "door" / f"{landed.landing_id}.json")
            ),
            *recorded(checks_folder / "dbt.json"),
            *recorded(gate_record(wave)),
        ]
        name = next_name(settings.releases, wave)
        described = build_manifest(wave, name, folder, draft_files(folder), sources, checks, PROJECT_ROOT)
        release = publish(folder, described, settings.releases)
        return dg.MaterializeResult(
            metadata={
                "release": release.name,
                "is_new": release.is_new,
                "path": dg.MetadataValue.path(str(release.folder)),
                "synthetic": described["synthetic"],
            }
        )

    return [draft, published]
