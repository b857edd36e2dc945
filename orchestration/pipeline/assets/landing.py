"""Landing: extracts of each round, and the reviewed knowledge, checked at the door."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration.deployment.runs import stage
from orchestration.knowledge.load import Knowledge
from orchestration.landing.landing import Source, read_door, write_door
from orchestration.pipeline.assets.renewed import round_key, tell_renewed
from orchestration.pipeline.checks import check_results, check_specs, rules_digest
from orchestration.pipeline.inputs import files_digest
from orchestration.rounds.card import RoundCard
from orchestration.settings import Settings

EXTRACTS = dg.AssetKey(["landing", "extracts"])
KNOWLEDGE = dg.AssetKey(["landing", "knowledge"])
DOOR = "door"


def landing_assets(
    settings: Settings,
    rounds: Sequence[RoundCard],
    get_knowledge: Callable[[], Knowledge],
    sources: Mapping[str, Source],
) -> list[dg.AssetsDefinition]:
    """The landing stage for the rounds of a deployment; extracts are partitioned by round.

    `get_knowledge` gives the knowledge of now, or of the refresh that runs; a round without a source reads its own.
    """
    by_key = {card.key: card for card in rounds}
    partitions = dg.StaticPartitionsDefinition(sorted(by_key))

    @dg.asset(
        key=EXTRACTS,
        group_name="landing",
        kinds={"parquet"},
        partitions_def=partitions,
        check_specs=check_specs(DOOR, EXTRACTS, "The delivered file keeps its codebook's promise.", partitions),
        description=(
            "One extract a round, read by its platform's reader into responses, answers and rejected: immutable "
            "Parquet named by content. Only an extract that passed the door is admitted to the warehouse."
        ),
    )
    def extracts(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from expectations.door import check_door
        from expectations.outcomes import Outcome, entries_of, errors, failure_text, unreadable
        from orchestration.common.problems import FileProblemsError
        from orchestration.landing.landing import LandingError, admit, land, read_source
        from orchestration.warehouse.build_record import COUNT_FIELDS, ROW_FIELDS, check_entry, source_entry

        with stage(settings, context.run_id, "land", context.partition_key, context.log.info) as found:
            card = by_key[context.partition_key]
            try:
                source = sources.get(card.key) or read_source(card)
                landed = land(card, settings.landing, source)
            except (FileProblemsError, LandingError) as error:
                yield from check_results(DOOR, EXTRACTS, [unreadable(str(error))])
                raise dg.Failure(f"{card.key} was not landed.\n{error}", allow_retries=False) from error
            kept, rules = read_door(landed.path), rules_digest()
            if kept.get("rules") == rules:
                outcomes = [Outcome.from_entry(entry) for entry in kept["checks"]]
            else:
                outcomes = check_door(landed, source.codebook, card)
            checks = entries_of(f"{DOOR} {card.key}", outcomes)
            entry = source_entry(card, landed, source.contents)
            write_door(landed.path, {"rules": rules, "source": entry, "checks": checks})
            found.checks += map(check_entry, checks)
            yield from check_results(DOOR, EXTRACTS, outcomes)
            if failed := errors(outcomes):
                raise dg.Failure(failure_text(f"door of {card.key}", failed), allow_retries=False)
            admit(landed)
            found.facts.update({name: getattr(landed, name) for name in COUNT_FIELDS})
            rows = {name: getattr(landed, name) for name in ROW_FIELDS}
            if card.renewed_every_days:
                tell_renewed(context, round_key(card), landed.is_new, rows)
            yield dg.MaterializeResult(
                asset_key=EXTRACTS,
                data_version=dg.DataVersion(landed.landing_id),
                metadata={
                    **rows,
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
    def knowledge(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        version, rows = files_digest(settings.seeds), get_knowledge().rows
        return dg.MaterializeResult(
            data_version=dg.DataVersion(version), metadata={name: len(rows[name]) for name in sorted(rows)}
        )

    return [extracts, knowledge]
