"""Sensors: an extract is landed when its file, its codebook or its source card changes."""

import json

import dagster as dg

from orchestration.jobs import LAND
from orchestration.settings import Settings


def build_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """The sensor that watches the rounds of a deployment."""

    @dg.sensor(
        name="changed_extracts",
        job_name=LAND,
        minimum_interval_seconds=300,
        description="Lands a round whose extract, codebook or source card changed; the cursor holds what was seen.",
    )
    def changed_extracts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        from orchestration.codebook import load_rounds
        from orchestration.landing import landing_id

        seen: dict[str, str] = json.loads(context.cursor or "{}")
        present = {card.key: landing_id(card) for card in load_rounds(settings.seeds) if card.extract_path.exists()}
        requests = [
            dg.RunRequest(partition_key=key, run_key=f"{key}:{content}")
            for key, content in sorted(present.items())
            if seen.get(key) != content
        ]
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(present, sort_keys=True))

    return [changed_extracts]
