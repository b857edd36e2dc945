"""Schedules: every round is landed each night, the release of the year's wave is made once a year.

What follows a landing (build, release, serve) follows by automation conditions on the assets.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.knowledge.rows.cohorts import Wave
from orchestration.pipeline.jobs import LAND, RELEASE
from orchestration.rounds.card import RoundCard

NIGHTLY_CRON = "0 2 * * *"
YEARLY_CRON = "0 6 1 12 *"


def build_schedules(rounds: Sequence[RoundCard], waves: Sequence[Wave]) -> list[dg.ScheduleDefinition]:
    """The nightly landing of all rounds and the yearly release, both in UTC."""

    @dg.schedule(
        name="nightly",
        cron_schedule=NIGHTLY_CRON,
        job_name=LAND,
        execution_timezone="UTC",
        description="Lands every round each night; an extract that did not change changes nothing.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        night = context.scheduled_execution_time.date().isoformat()
        for card in rounds:
            yield dg.RunRequest(partition_key=card.key, run_key=f"{card.key} {night}")

    @dg.schedule(
        name="yearly",
        cron_schedule=YEARLY_CRON,
        job_name=RELEASE,
        execution_timezone="UTC",
        description="Makes the release of the year's wave on the first of December.",
    )
    def yearly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        year = context.scheduled_execution_time.year
        for wave in waves:
            if wave.report_year == year and wave.status == "open":
                return dg.RunRequest(partition_key=wave.wave)
        return dg.SkipReason(f"no open wave reports in {year}")

    return [nightly, yearly]
