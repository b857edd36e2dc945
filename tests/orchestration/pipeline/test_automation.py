"""What the daemon does by itself: each stage follows the one before it, and nothing follows a failure."""

import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml
from deployments import Deployment

from orchestration.deployment.storage import INSTANCE, INSTANCE_IN_POSTGRES
from orchestration.pipeline.assets.landing import EXTRACTS, KNOWLEDGE
from orchestration.pipeline.assets.release import DRAFT, PUBLISHED
from orchestration.pipeline.assets.site import SITE
from orchestration.pipeline.assets.warehouse import SERVED
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import BUILD, LAND, RELEASE, SERVE

ROUND, WAVE = "pulse.2030", "2030"


class Daemon:
    """Ticks of the automation sensor and the runs it asks for, on an instance of its own."""

    def __init__(self, deployment: Deployment) -> None:
        self.definitions = build_definitions(deployment.settings)
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor = None

    def run(self, job: str, partition_key: str | None = None, **tags: str) -> bool:
        definition = self.definitions.resolve_job_def(job)
        return definition.execute_in_process(
            instance=self.instance, partition_key=partition_key, raise_on_error=False, tags=tags
        ).success

    def tick(self) -> set[dg.AssetKey]:
        result = dg.evaluate_automation_conditions(self.definitions, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        assets = self.definitions.get_repository_def().asset_graph.get_all_asset_keys()
        return {key for key in assets if result.get_num_requested(key)}


def version_of(database: Path) -> tuple[int, int]:
    """What is another one once a database was put in place again."""
    return database.stat().st_ino, database.stat().st_mtime_ns


@pytest.fixture
def daemon(mini: Deployment) -> Daemon:
    return Daemon(mini)


def test_each_stage_follows_the_one_before_it_and_what_did_not_change_moves_nothing(
    mini: Deployment, daemon: Daemon
) -> None:
    daemon.tick()
    assert daemon.run(BUILD) is False, "nothing is landed yet"
    assert daemon.run(LAND, ROUND)
    assert daemon.run(BUILD)
    asked = daemon.tick()
    follows = {DRAFT, PUBLISHED, SITE} if shutil.which("npm") else {DRAFT, PUBLISHED}
    assert follows <= asked
    assert SERVED not in asked
    assert daemon.run(SERVE) is False, "no gate has seen the warehouse"
    assert not mini.settings.served_database.exists()
    assert daemon.run(RELEASE, WAVE)
    assert SERVED in daemon.tick()
    assert daemon.run(SERVE)
    assert daemon.tick() == set()
    assert daemon.run(LAND, ROUND)
    assert daemon.tick() == set(), "the extract is what it was"
    checked = version_of(mini.settings.checked_database)
    assert daemon.run(BUILD, **{"dagster/sensor_name": "changed_seeds"})
    assert daemon.run(BUILD, **{"dagster/from_automation_condition": "true"})
    assert version_of(mini.settings.checked_database) == checked, "it is built of this already"
    extract = mini.seeds / "rounds" / "pulse" / "2030" / "extract.csv"
    extract.write_text(extract.read_text().replace("H,,800,,3", "H,,800,,4"))
    assert daemon.run(LAND, ROUND)
    asked = daemon.tick()
    assert dg.AssetKey(["gaps", "gap_cube"]) in asked
    assert SERVED not in asked, "the daemon serves nothing that no gate has seen"


def test_a_release_can_be_made_again_without_a_build(refreshed: Deployment) -> None:
    daemon = Daemon(refreshed)
    assert daemon.run(RELEASE, WAVE)
    assert daemon.run(SERVE)


def test_no_site_is_built_of_a_wave_that_the_gate_refused(refreshed: Deployment) -> None:
    daemon = Daemon(refreshed)
    job = daemon.definitions.get_repository_def().get_implicit_job_def_for_assets([DRAFT, PUBLISHED, SITE])
    with duckdb.connect(str(refreshed.settings.checked_database)) as connection:
        connection.execute("delete from gaps.gap_report_cell")
    result = job.execute_in_process(
        instance=daemon.instance, partition_key=WAVE, asset_selection=[DRAFT, PUBLISHED, SITE], raise_on_error=False
    )
    assert not result.success
    failed = {event.step_key for event in result.all_events if event.is_step_failure}
    assert {key for key in failed if "site" in key} == set()
    assert not any(event.asset_key in (PUBLISHED, SITE) for event in result.get_asset_materialization_events())


def test_nothing_is_served_that_the_gate_refused(refreshed: Deployment) -> None:
    daemon = Daemon(refreshed)
    before = version_of(refreshed.settings.served_database)
    assert daemon.run(BUILD)
    with duckdb.connect(str(refreshed.settings.checked_database)) as connection:
        connection.execute("delete from gaps.gap_report_cell")
    assert not daemon.run(RELEASE, WAVE)
    assert not daemon.run(SERVE)
    assert version_of(refreshed.settings.served_database) == before


def test_the_daemon_looks_at_what_is_built_first_alone_and_not_all_the_time(daemon: Daemon) -> None:
    """At rest it is this that costs: the other models are asked for with these."""
    repository = daemon.definitions.get_repository_def()
    graph = repository.asset_graph
    looked_at = {key for key in graph.get_all_asset_keys() if graph.get(key).automation_condition}
    models = {key for key in looked_at if key.path[0] not in ("release", "warehouse")}
    assert models
    assert all(graph.get(key).parent_keys <= {EXTRACTS, KNOWLEDGE} for key in models)
    read = {parent for key in models for parent in graph.get(key).parent_keys}
    assert read == {EXTRACTS, KNOWLEDGE}, "whatever is landed moves them"
    [sensor] = [one for one in repository.sensor_defs if isinstance(one, dg.AutomationConditionSensorDefinition)]
    assert sensor.minimum_interval_seconds >= 300


def test_runs_go_one_after_the_other_and_nothing_but_a_fetch_is_tried_again(daemon: Daemon) -> None:
    """So there are no pools to set; what else fails does not mend by itself."""
    repository = daemon.definitions.get_repository_def()
    assets = {asset for asset in repository.assets_defs_by_key.values() if asset.is_executable}
    assert len(assets) >= 5
    assert {asset.node_def.retry_policy for asset in assets} == {None}
    assert not [job.name for job in repository.get_all_jobs() if "dagster/max_retries" in job.run_tags]
    for text in (INSTANCE, INSTANCE_IN_POSTGRES):
        settings = yaml.safe_load(text)
        assert settings["concurrency"] == {"runs": {"max_concurrent_runs": 1}}
        assert "run_retries" not in settings


def test_landing_needs_no_model_and_knowledge_is_an_asset_of_its_own(daemon: Daemon) -> None:
    graph = daemon.definitions.get_repository_def().asset_graph
    assert not graph.get(EXTRACTS).parent_keys
    assert not graph.get(KNOWLEDGE).parent_keys


def door_status(daemon: Daemon) -> dict[str, str]:
    """What the UI shows of the door, a round each."""
    door = dg.AssetCheckKey(EXTRACTS, "door")
    found = daemon.instance.event_log_storage.get_asset_check_partition_info([door])
    return {one.partition_key: one.latest_execution_status.value for one in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("900000", "-5", id="a rule is broken"),
        pytest.param("Lack of funding\n", "Lack of money\n", id="it cannot be read"),
    ],
)
def test_a_round_that_the_door_refused_stays_red_when_another_lands(old: str, new: str, mini: Deployment) -> None:
    other = mini.seeds / "rounds" / "pulse" / "2031"
    shutil.copytree(mini.seeds / "rounds" / "pulse" / "2030", other)
    extract = other / "extract.csv"
    extract.write_text(extract.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    daemon = Daemon(mini)
    assert not daemon.run(LAND, "pulse.2031")
    assert daemon.run(LAND, ROUND)
    assert door_status(daemon) == {ROUND: "SUCCEEDED", "pulse.2031": "FAILED"}
