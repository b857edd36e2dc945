"""`needs round new` and the readers give one answer: the same encoding and delimiter, and the right texts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from orchestration.extracts.errors import ExtractError
from orchestration.onboarding.new import NewRound, new_round
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.card import RoundCard, load_round
from orchestration.rounds.codebook import Codebook, load_codebook
from tests.orchestration.extracts.test_encoding import (
    BULGARIAN,
    FRENCH,
    GERMAN,
    GREEK,
    HUNGARIAN,
    POLISH,
    SPANISH,
    TURKISH,
)
from tests.orchestration.readers.faults import FAULTS
from tests.orchestration.readers.platforms import MATRIX

KNOWN = {
    "title": "Survey",
    "producer": "Somebody",
    "licence": "CC-BY-4.0",
    "citation": "Somebody (2024).",
    "fieldwork_start": None,
    "fieldwork_end": None,
    "synthetic": True,
}
TEXTS = {
    "cp1252": (
        *(GERMAN, FRENCH, SPANISH, "Où? À Angoulême, après l'événement"),
        *("Coruña, Logroño y Peñíscola", "Århus på ø"),
    ),
    "cp1250": (HUNGARIAN, POLISH, "Příliš žluťoučký kůň úpěl v Ústí", "Čačak, Šibenik i Đakovo žele više"),
    "cp1251": (BULGARIAN, "Київ потребує більше зелені та чистого повітря"),
    "cp1253": (GREEK,),
    "cp1254": (TURKISH,),
    "utf-8": (GREEK, POLISH, "plain"),
    "utf-8-sig": (FRENCH,),
    "utf-16": (FRENCH, GREEK),
    "mac-roman": (FRENCH,),
}  # fmt: skip


def scaffold(folder: Path, data: bytes, name: str = "extract.csv", **said: object) -> tuple[RoundCard, Codebook]:
    """The round that `needs round new` makes of a file."""
    extract = folder / name
    extract.write_bytes(data)
    new_round(folder / "seeds", NewRound("s", "2025", (str(extract),), values={**KNOWN, **said}))
    path = folder / "seeds" / "rounds" / "s" / "2025"
    return load_round(path / "round.yml"), load_codebook(path)


def detected(card: RoundCard, codebook: Codebook) -> ReadResult:
    """What the reader makes of the round if round.yml says neither encoding nor delimiter."""
    return read_extract(card.model_copy(update={"encoding": "", "delimiter": ""}), codebook)


def noted(card: RoundCard) -> str:
    delimiter = "\\t" if card.delimiter == "\t" else card.delimiter
    return f'detected `encoding: {card.encoding}` and `delimiter: "{delimiter}"`'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "text"), [(encoding, text) for encoding, texts in TEXTS.items() for text in texts]
)
def test_texts_come_out_right_in_every_encoding(tmp_path: Path, encoding: str, text: str, delimiter: str) -> None:
    header = delimiter.join(("Code", f'"{text}"', "Wish"))
    rows = [delimiter.join((f"r{n}", f'"{n} {text}"', f"{n}")) for n in range(3)]
    card, codebook = scaffold(tmp_path, "\n".join((header, *rows, "")).encode(encoding))
    assert card.delimiter == delimiter
    assert codebook.questions[1].label == text
    for result in (read_extract(card, codebook), detected(card, codebook)):
        said = [row["value_text"] for row in result.answers.to_pylist() if row["question_code"] != "code"]
        assert [value for value in said if value] == [f"{n} {text}" for n in range(3)]
    assert noted(card) in result.notes[0]


def test_a_french_file_is_not_read_as_central_european(tmp_path: Path) -> None:
    rows = "".join(f"r{n};Angoulême {n};Inondation à l'été {2000 + n}\n" for n in range(30))
    card, codebook = scaffold(tmp_path, f"Identifiant;Ville;Événement marquant\n{rows}".encode("cp1252"))
    assert (card.encoding, card.delimiter) == ("cp1252", ";")
    assert [question.label for question in codebook.questions] == ["Identifiant", "Ville", "Événement marquant"]
    assert "Angoulême 0" in read_extract(card, codebook).answers.column("value_text").to_pylist()


@pytest.mark.parametrize(
    ("platform", "fault"),
    [
        (platform, name)
        for platform in ("delimited", "limesurvey_csv")
        for name, fault in FAULTS.items()
        if not isinstance(fault.file, dict) or platform in fault.file
    ],
)
def test_what_is_written_is_what_the_reader_detects_whatever_is_wrong_with_a_file(
    tmp_path: Path, platform: str, fault: str
) -> None:
    try:
        card, codebook = scaffold(tmp_path, FAULTS[fault].written(platform, MATRIX[platform]))
    except ExtractError:
        return
    if card.platform == "sheet":
        return
    try:
        result = detected(card, codebook)
    except ValueError as error:
        assert "encoding" not in str(error), error
        return
    assert noted(card) in result.notes[0]
    assert result.rows_in == card.expected_responses


@pytest.mark.parametrize("last", ["r_last,City\n", 'r_last,"City\n', "r_last,City,1,2\n", '"r"last,City,1\n'])
def test_time_is_in_proportion_to_the_rows_whatever_the_last_one_is(tmp_path: Path, last: str) -> None:
    def seconds(n: int) -> float:
        text = "id,city,answer\n" + "".join(f"r{row},City {row % 40},{row % 5}\n" for row in range(n)) + last
        folder = tmp_path / str(n)
        folder.mkdir()
        start = time.process_time()
        scaffold(folder, text.encode())
        return time.process_time() - start

    seconds(500)
    small, large = seconds(4_000), seconds(16_000)
    assert large < 8 * small
