"""The served file is replaced whole, can only be read, and is for its user and group alone."""

import os
import stat
from pathlib import Path

import duckdb
import pytest

from orchestration.deployment.lock import hold_lock
from orchestration.settings import Settings
from orchestration.warehouse.build import promote_served


def make(path: Path, number: int) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table numbers as select {number} as number")
    return path


def read(connection: duckdb.DuckDBPyConnection) -> int:
    return connection.execute("from numbers").fetchall()[0][0]


def test_the_served_file_can_only_be_read_also_where_it_could_be_written_before(tmp_path: Path) -> None:
    served = make(tmp_path / "needs.duckdb", 1)
    served.chmod(0o664)
    promote_served(make(tmp_path / "checked.duckdb", 2), served)
    assert oct(stat.S_IMODE(served.stat().st_mode)) == "0o440"
    promote_served(make(tmp_path / "next.duckdb", 3), served)
    assert oct(stat.S_IMODE(served.stat().st_mode)) == "0o440"
    with duckdb.connect(str(served), read_only=True) as connection:
        assert read(connection) == 3


def test_an_open_connection_keeps_its_file_and_one_beside_it_gets_the_same(tmp_path: Path) -> None:
    """As the guide says: the new file is seen once all connections of a process to the old one are closed."""
    served = make(tmp_path / "needs.duckdb", 1)
    with duckdb.connect(str(served), read_only=True) as old:
        promote_served(make(tmp_path / "checked.duckdb", 2), served)
        with duckdb.connect(str(served), read_only=True) as beside:
            assert (read(old), read(beside)) == (1, 1)
    with duckdb.connect(str(served), read_only=True) as new:
        assert read(new) == 2


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o640), (0o077, 0o600), (0o000, 0o640)])
def test_whoever_holds_the_lock_writes_for_user_and_group_alone(tmp_path: Path, umask: int, expected: int) -> None:
    before = os.umask(umask)
    try:
        with hold_lock(Settings(data=tmp_path / "data"), wait=False):
            (tmp_path / "data" / "written").touch()
        assert stat.S_IMODE((tmp_path / "data" / "written").stat().st_mode) == expected
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) & 0o007 == 0
    finally:
        os.umask(before)
