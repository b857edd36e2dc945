"""Warehouse: the dbt models as assets, built into a file of their own, and the served database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from orchestration.deployment.lock import hold_lock
from orchestration.deployment.runs import stage
from orchestration.knowledge.load import Knowledge
from orchestration.landing.landing import read_door
from orchestration.pipeline import dbt as dbt_run
from orchestration.pipeline.assets.landing import EXTRACTS, KNOWLEDGE
from orchestration.pipeline.inputs import build_inputs, files_digest, is_built
from orchestration.pipeline.runs import SEEDS_TAG, is_automatic
from orchestration.rounds.card import RoundCard
from orchestration.settings import DBT_PROJECT_DIR, Settings

SERVED = dg.AssetKey(["warehouse", "served"])
BUILT_TOGETHER = "All models with all their tests, in one dbt build over all rounds: none is built alone."
_SOURCES = {"landing": EXTRACTS, "knowledge": KNOWLEDGE}


def eager_on_change() -> dg.AutomationCondition[Any]:
    """As `eager`, but what was made anew with the data version that it had moves nothing."""
    return dg.AutomationCondition.eager().replace("newly_updated", dg.AutomationCondition.data_version_changed())


class WarehouseTranslator(DagsterDbtTranslator):
    """Names of dbt nodes in Dagster: a model is `layer/model` in the group of its layer."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources are the landing assets; a model's key is its layer and name."""
        if dbt_resource_props["resource_type"] == "source":
            return _SOURCES[dbt_resource_props["source_name"]]
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """What dbt's YAML says of it; the SQL is where the code reference leads."""
        return str(dbt_resource_props["description"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Its columns, and its file."""
        file = DBT_PROJECT_DIR / dbt_resource_props["original_file_path"]
        reference = dg.LocalFileCodeReference(file_path=str(file), line_number=1, label=file.name)
        references = {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}
        return {**super().get_metadata(dbt_resource_props), **references}

    def get_asset_check_spec(self, *arguments: Any, **named: Any) -> dg.AssetCheckSpec | None:
        """A test as a check; one of ours opens with what it is for."""
        spec = super().get_asset_check_spec(*arguments, **named)
        purpose = dbt_run.purpose_of(named["manifest"]["nodes"][named["unique_id"]]["raw_code"])
        return spec._replace(description=purpose or spec.description) if spec else None

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return str(dbt_resource_props["schema"]) if dbt_resource_props["resource_type"] == "model" else None

    def get_automation_condition(self, dbt_resource_props: Mapping[str, Any]) -> dg.AutomationCondition[Any] | None:
        """A model is rebuilt when what it reads was landed anew, and is not what it was.

        All are built together: those that read what is landed ask for the others, which the daemon need not look at.
        """
        if dbt_resource_props["resource_type"] != "model":
            return None
        reads = dbt_resource_props["depends_on"]["nodes"]
        return eager_on_change() if all(node.startswith("source.") for node in reads) else None


def warehouse_assets(
    settings: Settings,
    rounds: Sequence[RoundCard],
    get_knowledge: Callable[[], Knowledge],
    manifest: dict[str, Any],
) -> list[dg.AssetsDefinition]:
    """The dbt models; one run is one full rebuild over all rounds. `get_knowledge` is called under the lock."""
    translator = WarehouseTranslator()
    specs, tests = dbt_run.asset_specs(manifest, translator)

    # Tests of several models belong to one of them, and those of sources to what is landed.
    @dg.multi_asset(
        name="dbt_models",
        description=BUILT_TOGETHER,
        specs=specs,
        check_specs=tests,
        can_subset=True,
        allow_arbitrary_check_specs=True,
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        from orchestration.cities.link import link_cities
        from orchestration.landing.codings import check_codings
        from orchestration.landing.landing import LandingError, admitted_landings, landing_folders, withdraw
        from orchestration.rounds.codings import CodingsError
        from orchestration.rounds.forgotten import load_forgotten
        from orchestration.warehouse.build import content_of, load_build_database, promote_checked
        from orchestration.warehouse.build_record import check_entry, landings_table
        from orchestration.warehouse.spark import SparkError, build_on_spark

        keys = {card.key for card in rounds}
        with ExitStack() as stack:
            stack.enter_context(hold_lock(settings, wait=True, waiting=context.log.info))
            files = context.run.tags.get(SEEDS_TAG) or files_digest(settings.seeds)
            inputs = build_inputs(files, admitted_landings(settings.landing))
            if is_automatic(context.run) and is_built(settings, inputs):
                context.log.info("The warehouse is built of what there is already: nothing is to do.")
                return
            found = stack.enter_context(stage(settings, context.run_id, "build"))
            withdraw(settings.landing, keys)
            try:
                current = landing_folders(settings.landing)
            except LandingError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            doors = {key: read_door(landing) for key, landing in current.items()}
            if missing := sorted(key for key in keys if not doors.get(key)):
                raise dg.Failure(f"not landed yet: {', '.join(missing)}. Land these rounds first.", allow_retries=False)
            landed = {card.key: current[card.key] for card in rounds}
            loaded = get_knowledge()
            if SEEDS_TAG not in context.run.tags and files_digest(settings.seeds) != files:
                raise dg.Failure("a seed changed while the seeds were being read. Build again.", allow_retries=True)
            try:
                check_codings(loaded.codings, landed)
            except CodingsError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            load_build_database(
                settings.build_database,
                landed.values(),
                knowledge=loaded.tables(),
                city_links=link_cities(rounds, loaded.codebooks, landed, loaded.city_decisions()),
                landings=landings_table([doors[key]["source"] for key in sorted(keys)]),
                run_id=context.run_id,
                memory_limit=settings.memory_limit,
                is_view=settings.engine == "spark",
                served=(settings.served_database, settings.checked_database),
                forgotten=[line.id_sha256 for card in rounds for line in load_forgotten(card.folder)],
            )
            try:
                if settings.engine == "spark":
                    results = build_on_spark(settings, manifest, landed.values(), context.run_id)
                    settings.announce_spark_results(results)
                tests = yield from dbt_run.build(
                    context, manifest, translator, settings.dbt_target, settings.build_database
                )
            except (dbt_run.DbtError, SparkError) as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            found.checks += [check_entry(check) for key in sorted(keys) for check in doors[key]["checks"]]
            found.checks += tests
            found.facts.update(checks=len(found.checks), inputs=inputs)
            promote_checked(settings.build_database, settings.checked_database)
            found.facts["content"] = content_of(settings.checked_database)

    return [dbt_run.build_together(dbt_models)]


def served_assets(
    settings: Settings, waves: Sequence[str], upstream: Sequence[dg.AssetKey]
) -> list[dg.AssetsDefinition]:
    """The database that analysts read: the checked one, put in place after every wave passed the gate."""

    @dg.asset(
        key=SERVED,
        deps=upstream,
        group_name="warehouse",
        kinds={"duckdb"},
        automation_condition=dg.AutomationCondition.eager(),
        description="The DuckDB file that analysts read, replaced by one rename after every wave passed the gate.",
    )
    def served(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        from orchestration.deployment.waves import require_gate
        from orchestration.release.store import ReleaseError
        from orchestration.warehouse.build import promote_served

        with stage(settings, context.run_id, "serve", waiting=context.log.info) as found:
            try:
                require_gate(settings, waves)
            except ReleaseError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            promote_served(settings.checked_database, settings.served_database)
            found.facts["bytes"] = settings.served_database.stat().st_size
            return dg.MaterializeResult(metadata=found.facts)

    return [served]
