"""Dagster's storage in PostgreSQL, at the address that `NEEDS_DAGSTER_STORAGE` gives.

Not here: what is stored and how it is read, which stays Dagster's, so that its UI reads the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import make_url

from orchestration.pipeline.at_rest import look_seldom

# What dagster-postgres speaks: SQLAlchemy takes `postgresql://` for the driver that came after it.
_DRIVER = "postgresql+psycopg2"


class PostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules in one database, by the address as people write it."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PostgresStorage:
        """The storage at an address of any spelling. Raises an error of SQLAlchemy where nobody answers there."""
        look_seldom()
        address = make_url(config_value["postgres_url"]).set(drivername=_DRIVER)
        storage = cls(address.render_as_string(hide_password=False), inst_data=inst_data)
        # Else each event is a connection of its own: a refresh takes twice the time.
        for part in (storage.event_log_storage, storage.run_storage):
            part.optimize_for_webserver(statement_timeout=0, pool_recycle=3600, max_overflow=10)
        return storage


def describe_address(address: str) -> str:
    """An address without its password."""
    return make_url(address).render_as_string(hide_password=True)
