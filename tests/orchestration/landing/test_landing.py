from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.landing.landing import (
    Landed,
    LandingError,
    admit,
    current_landings,
    current_notes,
    land,
    landing_id,
    landing_schemas,
    withdraw,
)
from orchestration.rounds.card import RoundCard, load_round
from orchestration.rounds.codebook import CodebookError
from tests.orchestration.readers.deliveries import CHOICES, FIRST, HEADER, QUESTIONS, SECOND, deliver, extract_of

DETECTED = 'eoi/2021/extract.csv: detected `encoding: utf-8` and `delimiter: ","`: say so in round.yml to be sure'
THIRD = "Cid,,Gamma,Perhaps,,,,,\n"
FOURTH = "Dan,r4,Delta,Perhaps,,7,,,\n"


def _card(tmp_path: Path, content: str = HEADER + FIRST + SECOND, name: str = "eoi/2021", **card: Any) -> RoundCard:
    return deliver(tmp_path / "seeds/rounds" / name, QUESTIONS, CHOICES, content, **card)


def _files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def _tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_an_extract_lands_as_three_files_named_by_content(tmp_path: Path) -> None:
    card = _card(tmp_path, HEADER + FIRST + SECOND + THIRD + FOURTH)
    landed = land(card, tmp_path / "landing")
    assert landed == Landed(
        key="eoi.2021",
        landing_id=landing_id(card),
        path=tmp_path / "landing/eoi/2021" / landing_id(card),
        rows_in=4,
        responses_n=3,
        superseded_n=0,
        incomplete_n=0,
        test_n=0,
        answers_n=17,
        rejected_rows_n=1,
        rejected_answers_n=1,
        notes=(DETECTED,),
        is_new=True,
        submissions=landed.submissions,
    )
    assert _tree(landed.path) == {"responses.parquet", "answers.parquet", "rejected.parquet"}


def test_landed_files_have_the_fixed_schema_and_name_their_landing(tmp_path: Path) -> None:
    landed = land(_card(tmp_path), tmp_path / "landing")
    for name, schema in landing_schemas().items():
        table = pq.read_table(landed.path / f"{name}.parquet", partitioning=None)
        assert table.schema == schema
        assert table.schema.metadata == ({b"notes": json.dumps([DETECTED]).encode()} if name == "responses" else None)
        for row in table.to_pylist():
            assert (row["instrument"], row["round"], row["landing_id"]) == ("eoi", "2021", landed.landing_id)


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o755), (0o027, 0o750), (0o077, 0o700)])
def test_a_landing_keeps_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        landed = land(_card(tmp_path), tmp_path / "landing")
    finally:
        os.umask(before)
    assert landed.path.stat().st_mode & 0o777 == mode
    assert {file.stat().st_mode & 0o777 for file in landed.path.iterdir()} == {mode & 0o666}


def test_a_landing_hangs_on_the_secret_of_pseudonyms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = _card(tmp_path)
    without = landing_id(card)
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", "0123456789abcdef" * 2)
    one = landing_id(card)
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", "fedcba9876543210" * 2)
    assert len({without, one, landing_id(card)}) == 3
    monkeypatch.delenv("NEEDS_PSEUDONYM_SECRET")
    assert landing_id(card) == without, "and on nothing else"


def test_landing_again_changes_nothing(tmp_path: Path) -> None:
    card = _card(tmp_path)
    first = land(card, tmp_path / "landing")
    before = {path: path.stat().st_mtime_ns for path in first.path.iterdir()}
    second = land(card, tmp_path / "landing")
    assert not second.is_new
    assert second.answers_n == first.answers_n
    assert {path: path.stat().st_mtime_ns for path in second.path.iterdir()} == before


def test_the_same_input_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    one = land(_card(tmp_path / "one"), tmp_path / "one/landing")
    other = land(_card(tmp_path / "other"), tmp_path / "other/landing")
    assert one.landing_id == other.landing_id
    assert _files(one.path) == _files(other.path)


@pytest.mark.parametrize("name", ["extract.csv", "questions.csv", "choices.csv", "round.yml"])
def test_every_file_of_a_round_is_part_of_the_landing_id(tmp_path: Path, name: str) -> None:
    card = _card(tmp_path)
    before = landing_id(card)
    path = card.folder / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert landing_id(card) != before


def test_a_missing_file_of_a_round_is_named(tmp_path: Path) -> None:
    card = _card(tmp_path)
    (card.folder / "choices.csv").unlink()
    with pytest.raises(ExtractError, match=r"choices\.csv: the file is missing\. To do: "):
        landing_id(card)


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"", lambda data: _flipped(data)])
@pytest.mark.parametrize("name", ["responses", "answers", "rejected"])
def test_a_landing_that_is_not_whole_is_landed_again(tmp_path: Path, name: str, damage: Any) -> None:
    card = _card(tmp_path, HEADER + FIRST + SECOND + THIRD)
    landed = land(card, tmp_path / "landing")
    whole = _files(landed.path)
    file = landed.path / f"{name}.parquet"
    file.write_bytes(damage(file.read_bytes()))
    assert land(card, tmp_path / "landing").is_new
    assert _files(landed.path) == whole
    assert [path.name for path in landed.path.parent.iterdir()] == [landed.landing_id]


def _flipped(data: bytes) -> bytes:
    return data[:40] + bytes([data[40] ^ 0xFF]) + data[41:]


def test_a_landing_that_lacks_a_file_is_landed_again(tmp_path: Path) -> None:
    card = _card(tmp_path)
    landed = land(card, tmp_path / "landing")
    (landed.path / "answers.parquet").unlink()
    assert land(card, tmp_path / "landing").is_new
    assert (landed.path / "answers.parquet").exists()


def test_a_bad_file_leaves_everything_as_it_was(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    good = land(_card(tmp_path), landing)
    admit(good)
    before = _tree(landing)
    with pytest.raises(ExtractError, match="the file is empty"):
        land(_card(tmp_path, ""), landing)
    assert _tree(landing) == before
    assert current_landings(landing) == {"eoi.2021": good.landing_id}


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full_disk)
    with pytest.raises(OSError, match="no space"):
        land(_card(tmp_path), tmp_path / "landing")
    assert _tree(tmp_path / "landing") == {"eoi", "eoi/2021"}


def test_a_bad_codebook_stops_its_round(tmp_path: Path) -> None:
    card = _card(tmp_path)
    path = card.folder / "questions.csv"
    path.write_text(path.read_text().replace("integer", "intiger"))
    with pytest.raises(CodebookError, match="unknown type 'intiger'"):
        land(card, tmp_path / "landing")


def test_a_new_delivery_lands_beside_the_old_and_becomes_current_when_admitted(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    assert current_landings(landing) == {}
    old = land(_card(tmp_path), landing)
    admit(old)
    new = land(_card(tmp_path, HEADER + FIRST), landing)
    assert current_landings(landing) == {"eoi.2021": old.landing_id}
    admit(new)
    assert current_landings(landing) == {"eoi.2021": new.landing_id}
    assert old.path.exists()
    assert (landing / "eoi/2021/current").read_text() == f"{new.landing_id}\n"
    assert {path.name for path in new.path.parent.iterdir()} == {old.landing_id, new.landing_id, "current"}


def test_notes_of_the_reader_are_those_of_the_admitted_landings(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    land(_card(tmp_path), landing)
    assert current_notes(landing) == ()
    admit(land(_card(tmp_path), landing))
    assert current_notes(landing) == (DETECTED,)


def test_rounds_that_left_the_seeds_are_withdrawn(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    for name in ("eoi/2021", "nmc_survey/2024"):
        admit(land(_card(tmp_path, name=name), landing))
    assert withdraw(landing, {"eoi.2021"}) == ("nmc_survey.2024",)
    assert list(current_landings(landing)) == ["eoi.2021"]
    assert withdraw(landing, {"eoi.2021"}) == ()


def test_a_pointer_to_nothing_is_an_error(tmp_path: Path) -> None:
    pointer = tmp_path / "landing/eoi/2021/current"
    pointer.parent.mkdir(parents=True)
    pointer.write_text("0123456789abcdef\n")
    with pytest.raises(LandingError, match=r"lands eoi\.2021 again"):
        current_landings(tmp_path / "landing")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import orchestration.landing.landing as landing_module

    card = _card(tmp_path)
    read = landing_module.read_chunks

    def read_slowly(*arguments: Any) -> Any:
        yield from read(*arguments)
        extract_of(card).write_text(HEADER + SECOND)

    monkeypatch.setattr(landing_module, "read_chunks", read_slowly)
    with pytest.raises(ExtractError, match="changed while it was being read"):
        land(card, tmp_path / "landing")


def test_personal_answers_reach_no_disk(tmp_path: Path) -> None:
    """Not even compressed: every value of every landed column is looked at."""
    card = _card(tmp_path, HEADER + FIRST + FIRST.replace("r1", "") + "Ada\nAda,r9\n")
    landed = land(card, tmp_path / "landing")
    tables = [pq.read_table(path, partitioning=None).to_pylist() for path in landed.path.iterdir()]
    assert "Ada" not in str(tables)
    assert load_round(card.folder / "round.yml") == card
