"""Dagster's event log in SQLite, by one engine a process.

The class that it builds on makes an engine, and compiles each statement anew, for every event: a third of the time of a
small refresh. Not here: what is stored and how it is read, which stays Dagster's, so that its UI reads the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as db
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

from orchestration.pipeline.at_rest import look_seldom


class EventLogStorage(ConsolidatedSqliteEventLogStorage):
    """The consolidated event log, with its connections kept until it is disposed of."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> EventLogStorage:
        """The log of an instance; each service makes one as it starts."""
        look_seldom()
        return cls(inst_data=inst_data, **config_value)

    @cached_property
    def _engine(self) -> db.Engine:
        engine = create_engine(self._conn_string, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
        # A write-ahead log is whole without a sync at each commit; after a power cut its last events may be missing.
        db.event.listen(engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal"))
        return engine

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Whether a table is there."""
        with self._connect() as connection:
            return bool(self._engine.dialect.has_table(connection, table_name))

    def dispose(self) -> Any:
        """Close the connections."""
        super().dispose()  # type: ignore[no-untyped-call]
        if "_engine" in self.__dict__:
            self._engine.dispose()
