"""The served file is replaced whole, can only be read, and is for its user and group alone."""

import os
import stat
from pathlib import Path

import duckdb
import pytest

from orchestration.deployment.lock import hold_lock
from orchestration.settings import Settings
from orchestration.warehouse.build import promote_served, served_city_keys


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


def make_keys(path: Path, city: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        for schema in ("landing", "intermediate", "dimensions"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table landing.landings as select 'i' as instrument, '2030' as round, 'l' as landing_id"
        )
        response = f"'r' as response_key, 'i' as instrument, '2030' as round, '{city}' as city_key"
        connection.execute(f"create table intermediate.int_response_cities as select {response}")
        # Larger than a page, so that the file can be damaged within it alone.
        connection.execute(
            f"create table dimensions.dim_city as select '{city}' || range as city_key, "
            "hash(range)::text as country_code from range(200000)"
        )
    return path


def test_keys_are_those_of_the_first_database_that_can_be_read(tmp_path: Path) -> None:
    served, checked = make_keys(tmp_path / "needs.duckdb", "served"), make_keys(tmp_path / "checked.duckdb", "checked")
    of = ["served", "checked", None]
    for database in (None, served, checked):
        if database is not None:
            content = bytearray(database.read_bytes())
            for at in range(3 * len(content) // 10, len(content), 4096):
                content[at] ^= 0x10
            database.write_bytes(content)
        keys = served_city_keys((served, checked))["served_responses"]["city_key"].to_pylist()
        expected = of.pop(0)
        assert keys == ([expected] if expected else [])
