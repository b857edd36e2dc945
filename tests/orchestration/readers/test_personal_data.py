"""Personal data in free text reaches no landed table, whatever becomes of the answer."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.common.personal import former_pseudonym
from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers.deliveries import choices, deliver, question, records

QUESTIONS = (
    question("text", "code", "Code", role="response_id"),
    question("text", "who", "Who", role="respondent"),
    question("text", "remarks", "Remarks"),
    question("select_one plan", "plan", "Plan"),
    question("select_one country", "country", "Country", role="country"),
)
CHOICES = (*choices("plan", yes="Yes"), *choices("country", FR="France", ES="Spain"))
HEADER = "Code,Who,Remarks,Plan,Country\n"


def read(folder: Path, *rows: str) -> ReadResult:
    card = deliver(folder / "seeds/rounds/pulse/2030", QUESTIONS, CHOICES, HEADER + "".join(f"{row}\n" for row in rows))
    return read_extract(card, load_codebook(card.folder))


def whole(result: ReadResult) -> str:
    tables: tuple[pa.Table, ...] = (result.responses, result.answers, result.rejected)
    return "".join(str(table.to_pylist()) for table in tables)


def remarks(result: ReadResult) -> list[str]:
    answers = records(result.answers, "question_code", "value_text")
    return [text for code, text in answers if code == "remarks"]


def test_the_landed_text_says_what_was_removed(tmp_path: Path) -> None:
    result = read(tmp_path, "r1,A,Ask ada@x.eu or +33 1 42 68 53 00!,Yes,France")
    assert remarks(result) == ["Ask [e-mail removed] or [telephone number removed]!"]


def test_a_national_number_is_known_by_the_country_of_the_response_or_by_those_of_the_round(tmp_path: Path) -> None:
    number = "01 42 68 53 00"
    result = read(tmp_path, f"r1,A,{number},Yes,France", f"r2,B,{number},Yes,Spain", f"r3,C,{number},Yes,")
    assert remarks(result) == ["[telephone number removed]", number, "[telephone number removed]"]


def test_the_source_card_names_countries_where_no_question_does(tmp_path: Path) -> None:
    texts = "Code,Who,Remarks,Plan\nr1,A,030 1234567,Yes\nr2,B,54362315-K,Yes\n"
    for countries, left in {
        "": ["030 1234567", "54362315-K"],
        "[DE]": ["[telephone number removed]", "54362315-K"],
        "[ES, DE]": ["[telephone number removed]", "[national id number removed]"],
    }.items():
        card = deliver(tmp_path / "seeds/rounds/pulse/2030", QUESTIONS[:4], CHOICES[:1], texts, countries=countries)
        assert remarks(read_extract(card, load_codebook(card.folder))) == left


def test_every_kind_is_removed_wherever_a_text_lands(tmp_path: Path) -> None:
    said = "DE89 3704 0044 0532 0130 00; 4111 1111 1111 1111; born 12.05.1980; ada (at) x.eu; 0１ 42 68 53 00"
    result = read(
        tmp_path, f"r1,A,{said},Yes,France", f"r2,B,,{said},France", f",C,{said},Yes,", f"r4,D,{said},Yes,,more"
    )
    left = (
        "[bank account removed]; [card number removed]; born [birth date removed]; [e-mail removed]; "
        "[telephone number removed]"
    )
    assert remarks(result) == [left]
    assert whole(result).count(left) == 4, "of the answer, and the raw of an answer and of two rows"
    assert not any(part in whole(result) for part in ("3704", "4111", "1980", "x.eu", "42 68"))


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", "0123456789abcdef" * 2)


def test_ids_that_are_addresses_need_a_secret_and_others_need_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEEDS_PSEUDONYM_SECRET")
    assert read(tmp_path, "r1,Ada,,Yes,").responses.num_rows == 1
    with pytest.raises(ExtractError, match=r"ids of the file are e-mail addresses.*set NEEDS_PSEUDONYM_SECRET"):
        read(tmp_path, "r1,ada@x.eu,,Yes,")


def test_pseudonyms_hang_on_the_secret_and_their_former_names_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(tmp_path, "ada@x.eu,ada@x.eu,,Yes,")
    (name,) = (row[0] for row in records(first.responses, "response_id"))
    assert first.former_ids == {former_pseudonym("ada@x.eu"): name}
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", "fedcba9876543210" * 2)
    (other,) = (row[0] for row in records(read(tmp_path, "ada@x.eu,ada@x.eu,,Yes,").responses, "response_id"))
    assert other not in (name, former_pseudonym("ada@x.eu"))


def test_a_respondent_known_by_an_address_stays_one_respondent(tmp_path: Path) -> None:
    result = read(tmp_path, "r1,ada@x.eu,,Yes,", "r2,ADA@x.eu,,Yes,", "r3,ben@x.eu,,Yes,")
    first, second, third = (row[0] for row in records(result.responses, "respondent_id"))
    assert first == second != third
    assert "x.eu" not in whole(result)


def test_rejected_answers_and_rows_show_no_personal_data(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        "r1,A,,ada@x.eu,",
        ',A,"ask\nben@x.eu",Yes,',
        "r3,A,ask cy@x.eu,Yes,,too many",
    )
    assert [row[0] for row in records(result.rejected, "reason_code")] == [
        "unknown_choice",
        "missing_response_id",
        "wrong_field_count",
    ]
    assert whole(result).count("[e-mail removed]") == 4, "raw of each, and the reason that quotes the unknown choice"
    assert "x.eu" not in whole(result)
    assert [json.loads(raw) for (raw,) in records(result.rejected, "raw")[1:]] == [
        {"Who": "A", "Remarks": "ask\n[e-mail removed]", "Plan": "Yes"},
        ["r3", "A", "ask [e-mail removed]", "Yes", "", "too many"],
    ]


def test_the_delivered_text_beside_a_correction_shows_no_personal_data(tmp_path: Path) -> None:
    folder = tmp_path / "seeds/rounds/pulse/2030"
    folder.mkdir(parents=True)
    (folder / "corrections.csv").write_text(
        "response_id,question_code,expected,corrected,reason,decided_on\n"
        "r1,remarks,ada@x.eu,ben@x.eu,another person,2030-01-01\n"
    )
    result = read(tmp_path, "r1,A,ada@x.eu,Yes,France")
    texts = [row for row in records(result.answers, "question_code", "value_text", "source_text") if row[2] is not None]
    assert texts == [("remarks", "[e-mail removed]", "[e-mail removed]")]
