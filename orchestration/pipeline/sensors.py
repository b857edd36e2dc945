"""Sensors: a round is landed when its extract or codebook changes, the warehouse is rebuilt when a seed changes; failed
runs and checks are told.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from orchestration.pipeline.checks import BROKEN
from orchestration.pipeline.jobs import BUILD, BUILD_SITE, LAND, RELEASE, SERVE
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

    from orchestration.pipeline.alerts import BrokenRule

_LONGEST_REASON = 200
# Stages by the first part of the keys of what they make; all else is built.
_STAGES = {"landing": LAND, "release": RELEASE, "site": BUILD_SITE, "warehouse": SERVE}
_PARTITION_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
# Of a round at an address that was never landed, in the place of a landing.
_NOT_LANDED = "not landed"


def build_sensors(settings: Settings, jobs: Iterable["UnresolvedAssetJobDefinition"]) -> list[dg.SensorDefinition]:
    """The sensors that watch the seeds folder of a deployment, and its runs."""
    by_name = {job.name: job for job in jobs}

    @dg.sensor(
        name="changed_seeds",
        jobs=[by_name[LAND], by_name[BUILD]],
        minimum_interval_seconds=300,
        description=(
            "Lands a round whose extract, codebook or source card changed, and rebuilds the warehouse when it is of "
            "other seeds or landings and every round is landed. The cursor holds what was asked for."
        ),
    )
    def changed_seeds(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        from orchestration.extracts.parts import is_fetched_to_be_known
        from orchestration.landing.landing import admitted_landings, landing_id_if_any
        from orchestration.pipeline.inputs import build_inputs, files_digest, is_built
        from orchestration.rounds.card import load_rounds

        seen: dict[str, str] = json.loads(context.cursor or "{}")
        cards, admitted = load_rounds(settings.seeds), admitted_landings(settings.landing)
        # What only a transfer tells is fetched once a night, by the schedule, and not every few minutes.
        known = {card.key: admitted.get(card.key, _NOT_LANDED) for card in cards if is_fetched_to_be_known(card)}
        # Rounds whose extract is there, with the id that their landing has or would get.
        others = (card for card in cards if card.key not in known)
        rounds = known | {card.key: name for card in others if (name := landing_id_if_any(card))}
        requests = [
            dg.RunRequest(job_name=LAND, partition_key=key)
            for key, content in rounds.items()
            if seen.get(key) != content and (key not in known or content == _NOT_LANDED)
        ]
        seen = {**{key: seen[key] for key in seen if key == BUILD}, **rounds}
        wanted = build_inputs(files_digest(settings.seeds), rounds)
        # Once a day again, as long as it fails: the disk may have been full.
        asked = f"{wanted} {datetime.now(UTC).date()}"
        is_due = seen.get(BUILD) != asked and admitted == rounds
        if is_due and not is_built(settings, wanted) and not _has_runs(context.instance):
            requests.append(dg.RunRequest(job_name=BUILD))
            seen[BUILD] = asked
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(seen, sort_keys=True))

    @dg.run_failure_sensor(
        name="failed_runs",
        minimum_interval_seconds=120,
        description="Tells a failed run by webhook and e-mail, with the rules that stopped it.",
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        _tell(settings, context, "run failed", _broken_rules(context), _reason(context))

    @dg.run_status_sensor(
        name="failed_checks",
        run_status=dg.DagsterRunStatus.SUCCESS,
        minimum_interval_seconds=120,
        description="Tells the checks that warned in a run that succeeded, by webhook and e-mail.",
    )
    def failed_checks(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        rules = _broken_rules(context)
        if not rules:
            return dg.SkipReason("every check passed")
        _tell(settings, context, "check failed", rules, "")
        return None

    # Dagster's own, by its name, looks every half minute: of all that the daemon does it costs the most.
    automation = dg.AutomationConditionSensorDefinition(
        "default_automation_condition_sensor",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=300,
        description="Build, release, site and serving follow a landing.",
    )
    return [changed_seeds, failed_runs, failed_checks, automation]


def _tell(
    settings: Settings, context: dg.RunStatusSensorContext, what: str, rules: "list[BrokenRule]", reason: str
) -> None:
    from orchestration.pipeline.alerts import Alert, send

    run = context.dagster_run
    # Rules that stop something before those that only warn, then by name.
    in_order = tuple(sorted(rules, key=lambda rule: (rule.severity != "error", rule.place, rule.rule)))
    of = run.tags.get("dagster/partition", "") or " to ".join(filter(None, map(run.tags.get, _PARTITION_RANGE)))
    link = f"{settings.alerts.ui_address.rstrip('/')}/runs/{run.run_id}"
    send(Alert(what, _job_of(run), of, run.run_id, link, in_order, reason), settings.alerts)


def _job_of(run: dg.DagsterRun) -> str:
    """The job of a run; of one that automation put together, the stages of what it was to make."""
    if not run.job_name.startswith("__"):
        return run.job_name
    return " and ".join(sorted({_STAGES.get(key.path[0], BUILD) for key in run.asset_selection or ()})) or run.job_name


def _broken_rules(context: dg.RunStatusSensorContext) -> "list[BrokenRule]":
    """Rules that checks of the run found broken, with their counts; the keys of rows stay in the run."""
    from orchestration.pipeline.alerts import BrokenRule

    found = []
    evaluated = context.instance.all_logs(
        context.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    )
    for entry in evaluated:
        check = entry.get_dagster_event().asset_check_evaluation_data
        if check.passed:
            continue
        place = f"{check.check_name} of {check.asset_key.to_user_string()}"
        severity = "error" if check.severity == dg.AssetCheckSeverity.ERROR else "warn"
        broken = check.metadata.get(BROKEN)
        rows = check.metadata.get("dagster_dbt/failed_row_count")
        counts = {check.check_name: rows.value if isinstance(rows, dg.IntMetadataValue) else None}
        if isinstance(broken, dg.JsonMetadataValue) and isinstance(broken.value, dict):
            counts = broken.value
        found += [BrokenRule(rule, place, severity, count) for rule, count in counts.items()]
    return found


def _reason(context: dg.RunFailureSensorContext) -> str:
    """The first line of what stopped the run."""
    for event in context.get_step_failure_events():
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            return str(data.user_failure_data.description).splitlines()[0][:_LONGEST_REASON]
        error = data.error.cause if data.error and data.error.cause else data.error
        if error:
            return f"{error.cls_name or 'Error'}: see the run"
    return "see the run"


def _has_runs(instance: dg.DagsterInstance) -> bool:
    """Whether a run goes on or waits: it may be the build already."""
    return bool(instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES), limit=1))
