"""How often Dagster's services look after each other while nothing happens.

Each second, web UI and daemon ask the code server whether it is still the same: more than all else that they do at
rest, for what changes when somebody restarts it. Dagster has no setting for that; its version is pinned by our lock.
Not here: how often the daemon looks at assets and runs (sensors.py, deploy/).
"""

from __future__ import annotations

# So much later is a new code server known.
WATCH_SECONDS = 15


def watch_seldom() -> None:
    """Have this process look after the code server every quarter of a minute; for whoever makes an instance."""
    from dagster._grpc import server_watcher

    server_watcher.WATCH_INTERVAL = WATCH_SECONDS
