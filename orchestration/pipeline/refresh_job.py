"""The job `refresh`: what `needs refresh` does, for whoever starts it in Dagster's UI.

Its stages are runs of their own, as they are under the command, so that each round and wave has its history. Not here:
the stages (refresh.py), and jobs of single stages (jobs.py).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import dagster as dg

from orchestration.settings import Settings

REFRESH_JOB = "refresh"


def refresh_job(settings: Settings) -> dg.JobDefinition:
    """The job, for a deployment."""

    @dg.op(
        config_schema={
            "force": dg.Field(bool, default_value=False, description="Run every stage even if nothing changed.")
        },
        description="Land the rounds, build and check the warehouse, release the open waves, serve.",
    )
    def run_stages(context: dg.OpExecutionContext) -> None:
        from orchestration.pipeline.refresh import RefreshError, refresh

        try:
            report = refresh(settings, _progress(context.log.info), force=context.op_config["force"], wait=True)
        except (RefreshError, ValueError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        context.log.info("nothing changed since the last refresh" if report.is_unchanged else "done")
        context.add_output_metadata(
            {
                "unchanged": report.is_unchanged,
                **{f"rows of {rounds.key}": rounds.rows_in for rounds in report.rounds},
                "releases": [release.name for release in report.releases],
                "checks": sum(check.run_n for check in report.checks),
                "warnings": sum(len(check.warnings) for check in report.checks),
            }
        )

    @dg.job(
        name=REFRESH_JOB,
        description="Everything that `needs refresh` does; its stages are runs of their own.",
        executor_def=dg.in_process_executor,
    )
    def everything() -> None:
        run_stages()

    return everything


def _progress(tell: Callable[[str], object]) -> Callable[[str], AbstractContextManager[None]]:
    @contextmanager
    def progress(label: str) -> Iterator[None]:
        tell(label)
        yield

    return progress
