"""The log of a deployment: a line for each stage that begins and ends, whoever runs it, for people or as JSON.

A line names run, stage, round or wave, how it ended, seconds and counts; never a response or an answer, so what stopped
a stage is named by its kind alone. Whoever writes holds the lock: the file is rotated by one process at a time. Not
here: what a run did (runs.py), what Dagster's services print (their own --log-format).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from orchestration.settings import Settings

_NAME = "needs.log"


def log_stage(
    settings: Settings, run_id: str, stage: str, of: str, event: str, facts: Mapping[str, Any], error: str = ""
) -> None:
    """Write a line, where `NEEDS_LOG__FORMAT` asks for it. A full disk stops no stage for its log."""
    if settings.log.format == "none":
        return
    # A round is `instrument.round`; a wave has no full stop.
    kind = {"round" if "." in of else "wave": of} if of else {}
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "error" if error else "info",
        "run": run_id,
        "stage": stage,
        **kind,
        "event": event,
        **({"error": error} if error else {}),
        **facts,
    }
    with suppress(OSError), _handler(settings) as handler:
        handler.emit(logging.LogRecord(_NAME, logging.INFO, "", 0, _text(line, settings.log.format), None, None))


def _text(line: Mapping[str, Any], form: str) -> str:
    if form == "json":
        return json.dumps(line, ensure_ascii=False)
    rest = dict(line)
    begin = [str(rest.pop(name, "")) for name in ("time", "level", "run", "stage", "round", "wave", "event")]
    return " ".join([*filter(None, begin), *(f"{name}={value}" for name, value in rest.items())])


@contextmanager
def _handler(settings: Settings) -> Iterator[RotatingFileHandler]:
    folder = settings.data.resolve() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    size, files_n = settings.log.size, settings.log.files
    handler = RotatingFileHandler(folder / _NAME, maxBytes=size, backupCount=files_n, encoding="utf-8")
    # The handler would print what kept it from writing, with a trace.
    handler.handleError = _raise_again  # type: ignore[assignment, method-assign]
    try:
        yield handler
    finally:
        handler.close()


def _raise_again(_record: logging.LogRecord) -> None:
    raise
