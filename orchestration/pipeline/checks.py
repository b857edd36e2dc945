"""Asset checks made of outcomes: one blocking check a stage for errors, one for warnings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import dagster as dg

from expectations.outcomes import Outcome
from orchestration.landing.submissions import RULE as STANDING_RULE
from orchestration.settings import PROJECT_ROOT

# Metadata of a check of several rules: those that were broken, with their counts.
BROKEN = "broken rules"


def check_specs(
    stage: str, asset: dg.AssetKey, description: str, partitions: dg.PartitionsDefinition[str]
) -> list[dg.AssetCheckSpec]:
    """The two checks of a stage: `<stage>` stops what comes after it, `<stage>_warnings` does not.

    Each has a status a partition: a round that is refused does not hide behind one that was landed after it.
    """
    return [
        dg.AssetCheckSpec(stage, asset=asset, blocking=True, description=description, partitions_def=partitions),
        dg.AssetCheckSpec(
            f"{stage}_warnings",
            asset=asset,
            description=f"{description} Rules that only warn.",
            partitions_def=partitions,
        ),
    ]


def check_results(stage: str, asset: dg.AssetKey, outcomes: Iterable[Outcome]) -> Iterator[dg.AssetCheckResult]:
    """The results of the two checks of a stage, with every rule in the metadata."""
    by_severity: dict[str, list[Outcome]] = {"error": [], "warn": []}
    for outcome in outcomes:
        by_severity[outcome.severity].append(outcome)
    yield _result(stage, asset, by_severity["error"], dg.AssetCheckSeverity.ERROR)
    yield _result(f"{stage}_warnings", asset, by_severity["warn"], dg.AssetCheckSeverity.WARN)


def rule_files() -> tuple[Path, ...]:
    """The files that say what the rules are."""
    rules = PROJECT_ROOT / "expectations"
    return (*sorted((*rules.glob("*.py"), *rules.glob("*.yml"))), *STANDING_RULE)


def rules_digest() -> str:
    """Checksum of the rules: an outcome holds only under those that it was found by."""
    digest = hashlib.sha256()
    for path in rule_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _result(
    name: str, asset: dg.AssetKey, outcomes: Sequence[Outcome], severity: dg.AssetCheckSeverity
) -> dg.AssetCheckResult:
    failed = [outcome for outcome in outcomes if not outcome.passed]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset,
        passed=not failed,
        severity=severity,
        description="; ".join(outcome.rule for outcome in failed) or f"{len(outcomes)} rules passed",
        metadata={
            **{outcome.rule: dg.MetadataValue.text(outcome.summary()) for outcome in outcomes},
            BROKEN: dg.MetadataValue.json({outcome.rule: outcome.count for outcome in failed}),
            # Numbers, which the UI draws over time.
            "rules": len(outcomes),
            "rules broken": len(failed),
            "found": sum(outcome.count for outcome in failed),
        },
    )
