"""What is to be renewed: rounds and waves that say how often, each with the age at which Dagster calls it stale.

A partition has no policy of freshness, so each is an asset beside the one that makes it, and is told when its content
is another one: a nightly landing of the same extract renews nothing. Not here: the making (landing.py, release.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.knowledge.rows.cohorts import Wave
from orchestration.rounds.card import RoundCard
from orchestration.settings import Settings


def round_key(card: RoundCard) -> dg.AssetKey:
    """The asset that tells of a round when it was renewed."""
    return dg.AssetKey(["rounds", card.instrument, card.round])


def wave_key(wave: str) -> dg.AssetKey:
    """The asset that tells of a wave when it was renewed."""
    return dg.AssetKey(["waves", wave])


def renewed_assets(
    settings: Settings,
    rounds: Sequence[RoundCard],
    waves: Sequence[Wave],
    made_by: Mapping[str, dg.AssetKey],
    owner: str,
) -> Iterator[dg.AssetSpec]:
    """An asset for each of the rounds and waves that says how often it is renewed; `made_by` names the stages'."""
    for card in rounds:
        if card.renewed_every_days:
            yield _spec(
                round_key(card), made_by["land"], "land", card.renewed_every_days, card.folder / "round.yml", owner
            )
    for wave in waves:
        if wave.renewed_every_days:
            file = settings.seeds / "waves.csv"
            yield _spec(wave_key(wave.wave), made_by["release"], "release", wave.renewed_every_days, file, owner)


def tell_renewed(
    context: dg.AssetExecutionContext, key: dg.AssetKey, is_new: bool, metadata: Mapping[str, Any]
) -> None:
    """Tell that a round or a wave has other content than before, or that it is there for the first time."""
    if is_new or context.instance.get_latest_materialization_event(key) is None:
        context.log_event(dg.AssetMaterialization(key, metadata=metadata))


def _spec(key: dg.AssetKey, made_by: dg.AssetKey, stage: str, days: int, file: Path, owner: str) -> dg.AssetSpec:
    reference = dg.LocalFileCodeReference(file_path=str(file), line_number=1, label=file.name)
    return dg.AssetSpec(
        key,
        deps=[made_by],
        group_name=key.path[0],
        kinds={"csv"} if stage == "land" else {"csv", "parquet"},
        description=f"Stale where its content has not changed for {days} days, as {file.name} says.",
        owners=[owner],
        tags={"stage": stage},
        metadata={"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])},
        freshness_policy=dg.FreshnessPolicy.time_window(timedelta(days=days)),
    )
