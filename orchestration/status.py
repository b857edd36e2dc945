"""What a deployment holds now: waves, rounds, releases and the served warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.table import Table

from orchestration.settings import Settings

COUNT_HEADINGS = {
    "rows_in": "rows\nin",
    "responses_n": "responses\ncounted",
    "superseded_n": "super-\nseded",
    "incomplete_n": "incom-\nplete",
    "test_n": "tests",
    "rejected_rows_n": "rows\nrejected",
    "answers_n": "answers\nlanded",
    "rejected_answers_n": "answers\nrejected",
}
SHOWN_IF_ANY = {"superseded_n", "incomplete_n", "test_n"}


def count_headings(rounds: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The headings of the counts that are worth a column for these rounds, by count."""
    return {
        name: heading
        for name, heading in COUNT_HEADINGS.items()
        if name not in SHOWN_IF_ANY or any(counts.get(name) for counts in rounds)
    }


def deployment_status(settings: Settings) -> Iterator[Table]:
    """Tables to show: rounds with their landing, waves with their release, the served warehouse."""
    from orchestration.knowledge import load_knowledge, load_waves
    from orchestration.landing import current_landings, landing_id_if_any
    from orchestration.records import door_record, recorded
    from orchestration.release.manifest import damaged_files
    from orchestration.release.publish import latest_release
    from orchestration.seed_rows.cohorts import WaveRound

    knowledge = load_knowledge(settings.seeds)
    current = current_landings(settings.landing)
    counts = {key: recorded(door_record(settings, name)).get("source", {}) for key, name in current.items()}
    headings = count_headings(list(counts.values()))
    rounds = Table("round", "title", "landed", title="Rounds", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings.values():
        rounds.add_column(heading, justify="right")
    rounds.add_column("data")
    for card in knowledge.rounds:
        landed = current.get(card.key)
        is_current = landed is not None and landed == landing_id_if_any(card)
        state = "not landed" if landed is None else "yes" if is_current else "changed since it was landed"
        shown = [f"{count:,}" if (count := counts.get(card.key, {}).get(name)) is not None else "" for name in headings]
        rounds.add_row(card.key, card.title, state, *shown, "synthetic" if card.synthetic else "real")
    yield rounds

    waves = Table(
        "wave", "status", "rounds", "release", "whole", title="Waves", title_justify="left", box=box.SIMPLE_HEAD
    )
    drawn_on = [row for row in knowledge.rows["wave_rounds"] if isinstance(row, WaveRound)]
    for wave in load_waves(settings.seeds):
        release = latest_release(settings.releases.resolve(), wave.wave)
        keys = ", ".join(f"{r.instrument}.{r.round}" for r in drawn_on if r.wave == wave.wave) or "none yet"
        whole = "" if release is None else "damaged" if damaged_files(release) else "yes"
        name = "none" if release is None else release.name
        waves.add_row(wave.wave, wave.status, keys, name, whole)
    yield waves

    served = settings.served_database
    warehouse = Table(
        "warehouse", "size", "put in place (UTC)", title="Served", title_justify="left", box=box.SIMPLE_HEAD
    )
    if served.exists():
        facts = served.stat()
        placed = datetime.fromtimestamp(facts.st_mtime, UTC).strftime("%Y-%m-%d %H:%M")
        warehouse.add_row(str(served), f"{facts.st_size / 1e6:.1f} MB", placed)
    else:
        warehouse.add_row("none yet: run `needs refresh`", "", "")
    yield warehouse
