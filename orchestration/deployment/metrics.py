"""What a deployment is like now as numbers, in the text format that Prometheus and OpenMetrics read.

Here: when stages ended and how, the state of rounds and waves, rows, hidden cells, bytes. All is read from records that
are there: nothing is hashed, fetched or built for it. Not here: what is not as it should be (doctor.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.deployment.runs import DONE, newest, newest_of_each
from orchestration.landing.landing import RowCounts, admitted_landings
from orchestration.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_ROWS = tuple(RowCounts.__dataclass_fields__)
_PUBLIC = "public"


def metrics_text(settings: Settings) -> str:
    """All metrics of a deployment, as a scrape or the textfile collector of a node exporter takes them."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(settings))
    return str(generate_latest(registry), "utf-8")  # type: ignore[no-untyped-call]


class _Collector:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        """All metrics, as the registry asks for them."""
        yield from _stages(self._settings)
        yield from _rounds(self._settings)
        yield from _waves(self._settings)
        yield _bytes(self._settings)


def _gauge(name: str, told: str, labels: Iterable[str], rows: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    from prometheus_client.metrics_core import GaugeMetricFamily

    metric = GaugeMetricFamily(f"needs_{name}", told, labels=list(labels))
    for values, number in rows:
        metric.add_metric(values, number)
    return metric


def _stages(settings: Settings) -> Iterator[Metric]:
    labels = ("stage", "of")
    last = newest_of_each(settings)
    done = [one for found in last if (one := newest(settings, found.stage, of=found.of, only_done=True))]
    ends = (((one.stage, one.of), _end_of(one.started_at, one.seconds)) for one in done)
    yield _gauge("stage_done_timestamp_seconds", "When a stage last ended well.", labels, ends)
    times = (((one.stage, one.of), one.seconds or 0) for one in done)
    yield _gauge("stage_duration_seconds", "How long it took then.", labels, times)
    ok = (((one.stage, one.of), float(one.status == DONE)) for one in last)
    yield _gauge("stage_ok", "Whether a stage ended well the last time; one that goes on did not yet.", labels, ok)


def _end_of(started_at: str, seconds: float | None) -> float:
    return datetime.fromisoformat(started_at).timestamp() + (seconds or 0)


def _rounds(settings: Settings) -> Iterator[Metric]:
    from orchestration.rounds.card import load_rounds

    cards, landed = load_rounds(settings.seeds), admitted_landings(settings.landing)
    state = (((card.key,), float(card.key in landed)) for card in cards)
    yield _gauge("round_landed", "Whether a round has a landing that passed the door.", ("round",), state)
    rows = [
        ((card.key, name.removesuffix("_n")), float(last.facts[name]))
        for card in cards
        if (last := newest(settings, "land", of=card.key, only_done=True))
        for name in _ROWS
        if name in last.facts
    ]
    yield _gauge("round_rows", "Rows and answers of a round by what became of them.", ("round", "what"), rows)


def _waves(settings: Settings) -> Iterator[Metric]:
    from orchestration.knowledge.load import load_waves
    from orchestration.release.store import ReleaseStore

    store, waves = ReleaseStore(settings.releases), load_waves(settings.seeds)
    revisions = (((wave.wave, wave.status), float(len(store.revisions(wave.wave)))) for wave in waves)
    yield _gauge("wave_revisions", "Published revisions of a wave.", ("wave", "status"), revisions)
    cells = [((wave.wave, state), n) for wave in waves for state, n in _cells(settings.drafts / wave.wave)]
    yield _gauge("wave_cells", "Rows of the public draft of a wave, shown or hidden.", ("wave", "state"), cells)


def _cells(draft: Path) -> Iterator[tuple[str, float]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from orchestration.disclosure.tables import CONF_STATUS, FREE

    try:
        states = pq.read_table(draft / _PUBLIC / "cells.parquet", columns=[CONF_STATUS], partitioning=None)
    except (OSError, pa.ArrowException):
        return
    free_n = states[CONF_STATUS].to_pylist().count(FREE)
    yield "shown", float(free_n)
    yield "hidden", float(states.num_rows - free_n)


def _bytes(settings: Settings) -> Metric:
    from orchestration.common.addresses import is_address

    data = settings.data.resolve()
    parts = {path.name: path for path in sorted(data.iterdir()) if path.is_dir()} if data.exists() else {}
    if not is_address(settings.releases):
        parts["releases"] = Path(settings.releases)
    sizes = (((name,), float(_size(path))) for name, path in parts.items())
    return _gauge("bytes", "Bytes of a part of the deployment.", ("part",), sizes)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            # Written aside, and renamed meanwhile.
            continue
    return total
