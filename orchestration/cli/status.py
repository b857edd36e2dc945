"""What a deployment holds now: waves, rounds, releases and the served warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.table import Column, Table

from orchestration.cli.console import make_table
from orchestration.settings import Settings

_ROWS = {
    "rows_in": "rows\nin",
    "responses_n": "rows\ncounted",
    "superseded_n": "super-\nseded",
    "incomplete_n": "incom-\nplete",
    "test_n": "tests",
    "rejected_rows_n": "rows\nrejected",
    "answers_n": "answers\nlanded",
    "rejected_answers_n": "answers\nrejected",
}
_SHOWN_IF_ANY = {"superseded_n", "incomplete_n", "test_n"}


def rows_table(rounds: Sequence[Mapping[str, Any]], title: str | None = None) -> Table:
    """What became of the rows and answers of each round: `key`, the counts of the build record, `is_synthetic`."""
    shown = [name for name in _ROWS if name not in _SHOWN_IF_ANY or any(counts[name] for counts in rounds)]
    columns = (
        Column("round"),
        *(Column(_ROWS[name], justify="right", no_wrap=True) for name in shown),
        Column("data", no_wrap=True),
    )
    rows = ((of["key"], *(f"{of[name]:,}" for name in shown), _kind(of["is_synthetic"])) for of in rounds)
    return make_table(columns, rows, title=title, title_justify="left", collapse_padding=True)


def _kind(is_synthetic: bool) -> str:
    return "synthetic" if is_synthetic else "real"


def deployment_status(settings: Settings) -> Iterator[Table]:
    """Tables to show: rounds with their landing, waves with their release, the served warehouse."""
    from orchestration.deployment.runs import newest
    from orchestration.knowledge.load import load_knowledge, load_waves
    from orchestration.knowledge.rows.cohorts import WaveRound
    from orchestration.landing.landing import current_landings, landing_id_if_any
    from orchestration.release.store import ReleaseStore

    knowledge = load_knowledge(settings.seeds)
    current = current_landings(settings.landing)
    rounds = []
    for card in knowledge.rounds:
        name = current.get(card.key)
        is_current = name is not None and name == landing_id_if_any(card)
        state = "not landed" if name is None else "yes" if is_current else "changed since it was landed"
        rounds.append((card.key, card.title, state, _kind(card.synthetic)))
    yield _make_table("Rounds", ("round", "title", "landed", "data"), rounds)
    landed = [(card, newest(settings, "land", of=card.key, only_done=True)) for card in knowledge.rounds]
    if counted := [
        {**land.facts, "key": card.key, "is_synthetic": card.synthetic}
        for card, land in landed
        if land is not None and card.key in current
    ]:
        yield rows_table(counted, "Rows of the landed extracts")

    waves = []
    drawn_on = [row for row in knowledge.rows["wave_rounds"] if isinstance(row, WaveRound)]
    store = ReleaseStore(settings.releases)
    for wave in load_waves(settings.seeds):
        release = store.latest(wave.wave)
        keys = ", ".join(f"{r.instrument}.{r.round}" for r in drawn_on if r.wave == wave.wave) or "none yet"
        whole = "" if release is None else "damaged" if store.damaged(release) else "yes"
        waves.append((wave.wave, wave.status, keys, release or "none", whole))
    yield _make_table("Waves", ("wave", "status", "rounds", "release", "whole"), waves)

    served = settings.served_database
    warehouse = ("none yet: run `needs refresh`", "", "")
    if served.exists():
        facts = served.stat()
        placed = datetime.fromtimestamp(facts.st_mtime, UTC).strftime("%Y-%m-%d %H:%M")
        warehouse = (str(served), f"{facts.st_size / 1e6:.1f} MB", placed)
    yield _make_table("Served", ("warehouse", "size", "put in place (UTC)"), [warehouse])


def _make_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return make_table(columns, rows, title=title, title_justify="left")
