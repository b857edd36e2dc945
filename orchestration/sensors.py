"""Sensors: a round is landed when its extract or codebook changes, the warehouse is rebuilt when a seed changes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.jobs import BUILD, LAND
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition


def build_sensors(settings: Settings, jobs: Iterable["UnresolvedAssetJobDefinition"]) -> list[dg.SensorDefinition]:
    """The sensor that watches the seeds folder of a deployment."""
    by_name = {job.name: job for job in jobs}

    @dg.sensor(
        name="changed_seeds",
        jobs=[by_name[LAND], by_name[BUILD]],
        minimum_interval_seconds=300,
        description=(
            "Lands a round whose extract, codebook or source card changed, and rebuilds the warehouse when another "
            "seed changed and every round is landed. The cursor holds what was seen."
        ),
    )
    def changed_seeds(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen: dict[str, str] = json.loads(context.cursor or "{}")
        rounds = dict(_rounds(settings))
        requests = [
            dg.RunRequest(job_name=LAND, partition_key=key)
            for key, content in rounds.items()
            if seen.get(key) != content
        ]
        seen = {**{key: seen[key] for key in seen if key == BUILD}, **rounds}
        knowledge = _seeds_digest(settings.seeds)
        if seen.get(BUILD) != knowledge and _all_landed(settings, rounds):
            requests.append(dg.RunRequest(job_name=BUILD))
            seen[BUILD] = knowledge
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(seen, sort_keys=True))

    return [changed_seeds]


def _rounds(settings: Settings) -> Iterator[tuple[str, str]]:
    """Rounds whose extract is there, with the id that their landing has or would get."""
    from orchestration.codebook import load_rounds
    from orchestration.landing import landing_id_if_any

    for card in load_rounds(settings.seeds):
        if name := landing_id_if_any(card):
            yield card.key, name


def _seeds_digest(seeds: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(seeds.glob("*.csv")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _all_landed(settings: Settings, rounds: dict[str, str]) -> bool:
    from orchestration.landing import current_landings

    return current_landings(settings.landing) == rounds
