"""A deployment whose respondents get other pseudonyms keeps what was decided about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.common.personal import former_pseudonym, pseudonym
from orchestration.deployment.pseudonyms import renew_pseudonyms
from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.rounds.card import load_round
from orchestration.rounds.codebook import load_codebook
from orchestration.settings import Settings
from tests.orchestration.readers.deliveries import deliver, question

BEFORE, NOW = "0123456789abcdef" * 2, "fedcba9876543210" * 2
QUESTIONS = (question("text", "code", "Code", role="response_id"), question("text", "remark", "Remark"))
EXTRACT = "Code,Remark\nada@x.eu,wel\nben@x.eu,so\nada@x.eu,wel\nr4,well\n"
DAY = date(2030, 1, 2)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    deliver(tmp_path / "seeds/rounds/pulse/2030", QUESTIONS, (), EXTRACT)
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", NOW)
    return Settings(seeds=tmp_path / "seeds", data=tmp_path / "data")


def decided(settings: Settings, ada: str) -> Path:
    """Decisions about the answers of a respondent, and a city that is known by her response alone."""
    folder = settings.seeds / "rounds/pulse/2030"
    (folder / "corrections.csv").write_text(
        "response_id,question_code,expected,corrected,reason,decided_on\n"
        f"{ada},remark,wel,well,a slip,2030-01-01\n{ada}#2,remark,wel,well,a slip,2030-01-01\n"
        'r4,remark,well,good,"she said: no, good",2030-01-01\n'
    )
    (folder / "codings.csv").write_text(
        f"response_id,question_code,codes,coder,coded_on,final,text_hash\n{ada},remark,good,cy,2030-01-01,,{'0' * 12}\n"
    )
    settings.served_database.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.served_database)) as connection:
        connection.execute("create schema dimensions; create table dimensions.dim_city (city_key varchar)")
        keys = f"pulse.2030.{ada}", f"pulse.2030.{ada}#2", "pulse.2030.r4", "gn-1", f"pulse.2029.{ada}"
        connection.executemany("insert into dimensions.dim_city values (?)", [[key] for key in keys])
    return folder


@pytest.mark.parametrize("secret", [None, BEFORE], ids=["no_secret_before", "another_secret_before"])
def test_decisions_follow_the_respondent_to_her_other_name(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    former = pseudonym("ada@x.eu", secret) if secret else former_pseudonym("ada@x.eu")
    if secret:
        monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET_BEFORE", secret)
    folder, name = decided(settings, former), pseudonym("ada@x.eu", NOW)
    card = load_round(folder / "round.yml")
    with pytest.raises(ExtractError, match="no answer of person-"):
        read_extract(card, load_codebook(folder))

    before = {path: path.read_bytes() for path in folder.iterdir()}
    counted = renew_pseudonyms(settings, DAY, is_written=False)
    assert [renewal.lines_n for renewal in counted] == [2, 1, 2]
    assert before == {path: path.read_bytes() for path in folder.iterdir()}, "nothing is written unasked"

    assert renew_pseudonyms(settings, DAY, is_written=True) == counted
    read = read_extract(card, load_codebook(folder)).answers.to_pylist()
    texts = [row["value_text"] for row in read if row["question_code"] == "remark"]
    assert texts == ["well", "so", "well", "good"]
    assert (folder / "corrections.csv").read_text() == before[folder / "corrections.csv"].decode().replace(former, name)
    assert (folder / "codings.csv").read_text() == before[folder / "codings.csv"].decode().replace(former, name)
    changes = (settings.seeds / "city_key_changes.csv").read_text().splitlines()[1:]
    assert [line.split(",")[:2] for line in changes] == [[f"pulse.2030.{former}", ""], [f"pulse.2030.{former}#2", ""]]
    assert all(line.endswith(",2030-01-02") for line in changes)

    assert renew_pseudonyms(settings, DAY, is_written=True) == ()


def test_an_extract_that_cannot_be_read_is_told_and_nothing_is_written(settings: Settings) -> None:
    folder = decided(settings, former_pseudonym("ada@x.eu"))
    (folder / "extract.csv").write_text("Code,Other\nada@x.eu,wel\n")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ExtractError, match="Other"):
        renew_pseudonyms(settings, DAY, is_written=True)
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_without_a_secret_nothing_is_renewed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEEDS_PSEUDONYM_SECRET")
    with pytest.raises(ExtractError, match="NEEDS_PSEUDONYM_SECRET"):
        renew_pseudonyms(settings, DAY, is_written=True)
