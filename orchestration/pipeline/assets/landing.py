"""Landing: extracts of each round, and the reviewed knowledge, checked at the door."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from orchestration.common.json_record import record, recorded
from orchestration.deployment.runs import stage
from orchestration.landing.landing import door_record
from orchestration.pipeline.checks import check_results, check_specs, rules_digest
from orchestration.rounds.card import RoundCard
from orchestration.settings import Settings

EXTRACTS = dg.AssetKey(["landing", "extracts"])
KNOWLEDGE = dg.AssetKey(["landing", "knowledge"])
DOOR = "door"


def landing_assets(settings: Settings, rounds: Sequence[RoundCard]) -> list[dg.AssetsDefinition]:
    """The landing stage for the rounds of a deployment; extracts are partitioned by round."""
    by_key = {card.key: card for card in rounds}

    @dg.asset(
        key=EXTRACTS,
        group_name="landing",
        kinds={"parquet"},
        partitions_def=dg.StaticPartitionsDefinition(sorted(by_key)),
        check_specs=check_specs(DOOR, EXTRACTS, "The delivered file keeps its codebook's promise."),
        description=(
            "One extract a round, read by its platform's reader into responses, answers and rejected: immutable "
            "Parquet named by content. Only an extract that passed the door is admitted to the warehouse."
        ),
    )
    def extracts(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from expectations.door import check_door
        from expectations.outcomes import Outcome, entries_of, errors, failure_text
        from orchestration.common.problems import FileProblemsError
        from orchestration.extracts.parts import content_digests
        from orchestration.landing.landing import LandingError, admit, land
        from orchestration.rounds.codebook import load_codebook
        from orchestration.warehouse.build_record import COUNT_FIELDS, ROW_FIELDS, source_entry

        with stage(settings, context.run_id, "land", context.partition_key, context.log.info) as found:
            card = by_key[context.partition_key]
            try:
                codebook = load_codebook(card.folder)
                landed = land(card, settings.landing)
            except (FileProblemsError, LandingError) as error:
                raise dg.Failure(f"{card.key} was not landed.\n{error}", allow_retries=False) from error
            path = door_record(landed.path)
            kept, rules = recorded(path), rules_digest()
            if kept.get("rules") == rules:
                outcomes = [Outcome.from_entry(entry) for entry in kept["checks"]]
            else:
                outcomes = check_door(landed.path, codebook, card)
            checks = entries_of(f"{DOOR} {card.key}", outcomes)
            source = source_entry(card, landed, content_digests(card))
            record(path, {"rules": rules, "source": source, "checks": checks})
            yield from check_results(DOOR, EXTRACTS, outcomes)
            if failed := errors(outcomes):
                raise dg.Failure(failure_text(f"door of {card.key}", failed), allow_retries=False)
            admit(landed)
            found.facts.update({name: getattr(landed, name) for name in COUNT_FIELDS})
            yield dg.MaterializeResult(
                asset_key=EXTRACTS,
                data_version=dg.DataVersion(landed.landing_id),
                metadata={
                    **{name: getattr(landed, name) for name in ROW_FIELDS},
                    "notes": list(landed.notes),
                    "is_new": landed.is_new,
                    "synthetic": card.synthetic,
                },
            )

    @dg.asset(
        key=KNOWLEDGE,
        group_name="landing",
        kinds={"csv"},
        description="Reviewed knowledge: the seeds and the codebooks of all rounds, read strictly and typed.",
    )
    def knowledge() -> dg.MaterializeResult[None]:
        from orchestration.knowledge.load import load_knowledge

        loaded = load_knowledge(settings.seeds)
        return dg.MaterializeResult(metadata={name: len(rows) for name, rows in sorted(loaded.rows.items())})

    return [extracts, knowledge]
