"""No damaged file locks a deployment out: the doctor names it, and the next run makes the same again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from damage import WAYS, damage, damaged, written_files
from deployments import Deployment, unseen
from soak import Rows, rows_of

from orchestration.deployment.doctor import examine
from orchestration.pipeline.refresh import rebuild

# What begins anew by itself once it is gone, as at the first refresh.
BEGUN_ANEW = {"dagster.yaml", "event_log.db", "format.json", "runs.db", "schedules.db"}


@pytest.fixture(scope="module")
def sound(another_mini: Callable[..., Deployment]) -> Deployment:
    return another_mini(is_refreshed=True)


def rows_but_served_keys(deployment: Deployment) -> Rows:
    """The served rows without the keys that were served before: which there were depends on what can be read still."""
    rows = rows_of(deployment.settings.served_database)
    return {table: found for table, found in rows.items() if not table.startswith("landing.served_")}


def place_of(path: Path, data: Path) -> str:
    """Where the doctor says that a damaged file is: a landing and a draft are named by their folders."""
    parts = path.relative_to(data).parts
    if parts[0] == "landing" and parts[-1] not in ("current", "format.json"):
        return "/".join(parts[:3]) + "/" + parts[3].removesuffix(".door.json")
    if parts[0] == "drafts":
        return "/".join(parts[:2])
    return "dbt/manifest.json" if parts[0] == "dbt" else "/".join(parts)


def in_turns(files: list[Path], data: Path) -> list[list[Path]]:
    """Files that the doctor can tell apart, together; damage to a pointer or the run table hides that to others."""
    turns: list[list[Path]] = [[], []]
    for path in files:
        places = [{place_of(other, data) for other in turn} for turn in turns[2:]]
        if path.name in ("current", "history.sqlite"):
            turns[0 if path.name == "current" else 1].append(path)
        elif free := [turn for turn, taken in zip(turns[2:], places, strict=True) if place_of(path, data) not in taken]:
            free[0].append(path)
        else:
            turns.append([path])
    return turns


@pytest.mark.parametrize("way", WAYS)
def test_the_doctor_names_each_damaged_file(sound: Deployment, way: str) -> None:
    data = sound.settings.data.resolve()
    drafted = {"public/gaps/gap_cube.csv", "public/gaps/gap_cube.parquet", "internal/errata.md"}
    files = [
        path
        for path in written_files(sound)
        if not path.is_relative_to(data / "drafts") or path.relative_to(data / "drafts/2030").as_posix() in drafted
    ]
    assert {path.name for path in files} >= {*BEGUN_ANEW, "current", "history.sqlite", "needs.duckdb", "manifest.json"}
    for together in in_turns(files, data):
        expected = {place_of(path, data) for path in together if way != "gone" or path.name not in BEGUN_ANEW}
        if way == "gone" and "history.sqlite" in expected:
            expected = {"warehouse/checked.duckdb", "warehouse/needs.duckdb"}
        if way == "gone" and expected == {"landing/pulse/2030/current"}:
            expected = {"warehouse/checked.duckdb", "warehouse/needs.duckdb"}
        kept = [damaged(path, way) for path in together]
        for one in kept:
            one.__enter__()
        found = {"history.sqlite" if one.place == "run table" else one.place for one in examine(sound.settings)}
        for one in kept:
            one.__exit__(None, None, None)
        assert expected <= found
    assert list(examine(sound.settings)) == []


@pytest.mark.parametrize(
    ("way", "is_rebuilt"), [("empty", False), ("cut", True), ("flipped", False), ("noise", True), ("gone", False)]
)
def test_whatever_is_damaged_the_next_run_makes_the_same_again(
    refreshed: Deployment, way: str, is_rebuilt: bool
) -> None:
    before = rows_but_served_keys(refreshed), refreshed.release_files()
    # Parsing the project anew takes seconds: once is enough.
    files = [path for path in written_files(refreshed) if path.parent.name != "dbt" or way == "cut"]
    for path in files:
        damage(path, way)
    told = rebuild(refreshed.settings, unseen) if is_rebuilt else refreshed.refresh().notes
    assert (rows_but_served_keys(refreshed), refreshed.release_files()) == before
    assert list(examine(refreshed.settings)) == []
    if way != "gone":
        for name in ("history.sqlite", "event_log.db", "runs.db", "dagster.yaml"):
            assert any(f"{name} could not be read, and was begun anew" in note for note in told), name
    # A rebuild leaves the releases to the next refresh, which takes as long again: once is enough.
    if way != "noise":
        assert refreshed.refresh().is_unchanged != is_rebuilt


@pytest.mark.parametrize("way", WAYS)
def test_a_damaged_record_of_a_format_is_written_anew_where_nothing_else_changed(
    refreshed: Deployment, way: str
) -> None:
    records = [refreshed.data / folder / "format.json" for folder in ("landing", "warehouse")]
    before = [path.read_bytes() for path in records]
    for path in records:
        damage(path, way)
    assert refreshed.refresh().is_unchanged
    assert [path.read_bytes() for path in records] == before
