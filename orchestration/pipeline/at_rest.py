"""How often Dagster's services look for something to do while nothing happens.

Each second, web UI and daemon ask the code server whether it is still the same; every five, the daemon asks the
database for sensors that are due, whose own intervals are minutes; each minute it reads all that the code server has
anew, which the first of these would tell it of. That is most of what they do at rest. Dagster has no setting for any of
it; its version is pinned by our lock. Not here: how often a sensor looks (sensors.py) and the queue is looked at
(deployment/storage.py).
"""

from __future__ import annotations

import sys
from importlib import import_module

_SECONDS = 15
_WATCHER = "dagster._grpc.server_watcher"
# Seconds by module and constant.
INTERVALS = {
    (_WATCHER, "WATCH_INTERVAL"): _SECONDS,
    ("dagster._daemon.sensor", "MIN_INTERVAL_LOOP_TIME"): _SECONDS,
    ("dagster._daemon.asset_daemon", "MIN_INTERVAL_LOOP_SECONDS"): _SECONDS,
    # The daemon ends itself where its last success is longer ago than five minutes and the next one fails.
    ("dagster._daemon.controller", "RELOAD_WORKSPACE_INTERVAL"): 240,
}


def look_seldom() -> None:
    """Have this process look so seldom; for whoever makes an instance, as each service does before it begins."""
    for (module, constant), seconds in INTERVALS.items():
        # Web UI and daemon import the watcher after that; the daemon's own parts are there, and nobody else wants them.
        if module == _WATCHER or module in sys.modules:
            setattr(import_module(module), constant, seconds)
