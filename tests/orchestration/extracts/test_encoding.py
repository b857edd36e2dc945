"""Encoding and delimiter that round.yml does not name: found and told, or refused with what they could be."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import pytest

from orchestration.extracts import encoding as encodings
from orchestration.extracts.delimited import TextForm, open_delimited
from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.codebook import load_codebook
from tests.orchestration.readers.deliveries import answers, deliver, part_of, problems, question, read_round, records

QUESTIONS = (
    question("text", "code", "Code", role="response_id"),
    question("text", "city", "City"),
    question("text", "wish", "Wish"),
)
GERMAN = "Köln will Bäume, Grünflächen und Straßen für Bürger"
FRENCH = "Orléans: réduire les émissions à l'échelle métropolitaine, être près des gens"
SPANISH = "España: más árboles y sombra en la ciudad, según la población de mañana"
HUNGARIAN = "Győr városa csökkenti az üvegházhatású gázok kibocsátását, több zöldfelület kell, jövőre erdő"
POLISH = "Łódź chce więcej zieleni i czystego powietrza dla mieszkańców, także żłobki"
BULGARIAN = "София иска повече зелени площи и чист въздух за гражданите"
GREEK = "Η Αθήνα χρειάζεται περισσότερο πράσινο και καθαρό αέρα"
TURKISH = "İzmir daha fazla yeşil alan ve temiz hava istiyor, şehir için ağaç"


def _table(*wishes: str, delimiter: str = ",", header: str = "Code,City,Wish") -> str:
    rows = [f'r{number},X,"{wish}"' for number, wish in enumerate(wishes)]
    return (
        "".join(f"{line}\n" for line in (header, *rows))
        .replace("X,", f"X{delimiter}")
        .replace(header, header.replace(",", delimiter))
        .replace(",X", f"{delimiter}X")
    )


def _read(folder: Path, content: bytes, questions: Any = QUESTIONS, **card: Any) -> ReadResult:
    loaded = deliver(folder / "rounds/eoi/2021", questions, (), content, **card)
    return read_extract(loaded, load_codebook(loaded.folder))


def _wishes(result: ReadResult) -> list[str]:
    return [text for name, text in records(result.answers, "question_code", "value_text") if name == "wish"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", GREEK),
        ("cp1252", GERMAN),
        ("cp1252", FRENCH),
        ("cp1252", SPANISH),
        ("cp1250", HUNGARIAN),
        ("cp1250", POLISH),
        ("cp1251", BULGARIAN),
        ("cp1253", GREEK),
        ("cp1254", TURKISH),
        ("mac-roman", FRENCH),
    ],
)
def test_the_encoding_is_found_by_the_letters_and_told(tmp_path: Path, encoding: str, text: str) -> None:
    result = _read(tmp_path, _table(text).encode(encoding), delimiter="','")
    assert _wishes(result) == [text]
    assert result.notes == (f"eoi/2021/extract.csv: detected `encoding: {encoding}`: say so in round.yml to be sure",)


@pytest.mark.parametrize(
    ("mark", "encoding", "told"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (b"", "utf-16", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (b"", "utf-32", "utf-32"),
        (b"", "utf-16-le", "utf-16-le"),
        (b"", "utf-16-be", "utf-16-be"),
    ],
)
def test_marks_and_zero_bytes_tell_the_encoding(tmp_path: Path, mark: bytes, encoding: str, told: str) -> None:
    result = _read(tmp_path, mark + _table(FRENCH, GREEK).encode(encoding))
    assert _wishes(result) == [FRENCH, GREEK]
    assert f"`encoding: {told}`" in result.notes[0]


def test_what_could_be_read_in_several_ways_is_refused_with_the_ways(tmp_path: Path) -> None:
    with pytest.raises(ExtractError) as error:
        _read(tmp_path, _table("plain", "mañana").encode("cp1252"))
    message = str(error.value)
    assert "row 3: not UTF-8, and its encoding cannot be told: cp1252 ('ñ') or " in message
    assert "cp1250 ('ń')" in message
    assert "write `encoding` in round.yml" in message


def test_the_language_of_the_round_decides_between_encodings(tmp_path: Path) -> None:
    content = _table("mañana").encode("cp1252")
    assert _wishes(_read(tmp_path / "es", content, language="es")) == ["mañana"]
    assert _wishes(_read(tmp_path / "pl", content, language="pl")) == ["mańana"]


def test_headers_of_the_codebook_decide_between_encodings(tmp_path: Path) -> None:
    questions = (*QUESTIONS[:2], question("text", "wish", "Mañana"))
    content = _table("sí", header="Code,City,Mañana").encode("cp1252")
    assert _wishes(_read(tmp_path, content, questions)) == ["sí"]


def test_a_byte_late_in_the_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "BLOCK_SIZE", 16)
    content = _table(*["plain"] * 100, GERMAN).encode("cp1252")
    assert _wishes(_read(tmp_path, content))[-1] == GERMAN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
def test_blocks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, size: int) -> None:
    monkeypatch.setattr(encodings, "BLOCK_SIZE", size)
    text = FRENCH if encoding == "cp1252" else f"{FRENCH} {GREEK} 🌳"
    assert _wishes(_read(tmp_path, _table(text, text).encode(encoding), encoding=encoding)) == [text, text]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_broken_byte_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(encodings, "BLOCK_SIZE", size)
    content = _table("plain", "München").encode() + b"\xff"
    with pytest.raises(ExtractError, match=f"row 4: not utf-8 text: byte 0xff at offset {len(content) - 1}"):
        _read(tmp_path, content, encoding="utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_headers_of_the_codebook(tmp_path: Path, delimiter: str) -> None:
    text = "a, b; c | d"
    result = _read(tmp_path, _table(text, text, delimiter=delimiter).encode(), encoding="utf-8")
    assert _wishes(result) == [text, text]
    written = "\\t" if delimiter == "\t" else delimiter
    assert result.notes == (f'eoi/2021/extract.csv: detected `delimiter: "{written}"`: say so in round.yml to be sure',)


def test_a_delimiter_named_by_the_card_may_be_a_tab(tmp_path: Path) -> None:
    content = _table("w", delimiter="\t").encode()
    assert _wishes(_read(tmp_path, content, delimiter='"\\t"')) == ["w"]


def test_delimiters_that_make_as_many_headers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match=r"cannot be told: ',' or ';' make 1 known headers each"):
        _read(tmp_path, b"Code,x;Wish\nr1,a;b\n")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("id;name, first\n1;Doe, Jo\n2;Roe, Al\n", ";"),
        ("id\tname; first\n1\tDoe; Jo\n2\tRoe; Al\n", "\t"),
        ("id,a| b\n1,x| y\n2,z| y\n", ","),
        ("id|share,all\n1|1,5\n2|2,5\n", "|"),
    ],
)
def test_of_delimiters_that_part_rows_alike_one_does_not_stand_as_in_a_sentence(text: str, delimiter: str) -> None:
    assert open_delimited(part_of("extract.csv", text.encode()), TextForm()).delimiter == delimiter


@pytest.mark.parametrize("text", ["a;b|c\n1;2|3\n4;5|6\n", "a;b\tc\nx;y\tz\n", "a|b,c\nx|y,z\n", "a;b,c\nx;y,z\n"])
def test_delimiters_that_part_rows_alike_are_refused(text: str) -> None:
    with pytest.raises(ExtractError, match=r"row 1: the delimiter cannot be told: '.*' or '.*' part the rows alike"):
        open_delimited(part_of("extract.csv", text.encode()), TextForm())
    assert open_delimited(part_of("extract.csv", text.encode()), TextForm(delimiter=text[1])).delimiter == text[1]


def test_nothing_is_noted_of_what_the_card_says(tmp_path: Path) -> None:
    assert _read(tmp_path, _table("w").encode(), encoding="utf-8", delimiter="','").notes == ()


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("cp1252", ["DIVERSITÉ…", "ÉGALITÉ", "FÊTE", "LIBERTÉ”"]),
        ("cp1252", ["ORLÉANS"]),
        ("cp1252", ["ÉNERGIE\u00a0: OUI", "BÂTIMENTS «\u00a0NEUFS\u00a0»", "MOBILITÉ"]),
        ("cp1252", ["JYVÄSKYLÄ", "JÄRVENPÄÄ"]),
        ("cp1252", ["LOGROÑO", "A CORUÑA", "¿DÓNDE?", "N.º 3"]),
        ("cp1252", ["KØBENHAVN", "TÅRNBY"]),
        ("cp1250", ["ŁÓDŹ", "KRAKÓW", "GDAŃSK"]),
        ("cp1250", ["Županja", "Križevci", "Našice"]),
        ("cp1252", ["1ª opción", "100 µg", "20 °C"]),
        ("cp1250", ["Sodražica", "Starše", "ŠKOFJA LOKA"]),
        ("cp1251", ["СОФИЯ", "Пловдив"]),
        ("mac-roman", ["Besançon", "l’état", "Saint-Étienne"]),
    ],
)
def test_words_in_capitals_tell_the_encoding_too(encoding: str, rows: list[str]) -> None:
    text = "id;City\n" + "".join(f"{number};{row}\n" for number, row in enumerate(rows))
    part = part_of("extract.csv", text.encode(encoding))
    opened = open_delimited(part, TextForm())
    assert b"".join(encodings.utf8_blocks(part, opened.encoding)).decode() == text


@pytest.mark.parametrize(
    ("declared", "meant", "byte"),
    [("latin-1", "cp1252", b"\x92"), ("iso-8859-15", "cp1252", b"\x85"), ("iso-8859-2", "cp1250", b"\x9e"),
     ("iso-8859-9", "cp1254", b"\x96"), ("iso-8859-7", "cp1253", b"\x80")],
)  # fmt: skip
def test_a_byte_that_is_a_control_character_in_the_encoding_said_is_told(
    tmp_path: Path, declared: str, meant: str, byte: bytes
) -> None:
    questions = [question("text", "id", "id", role="response_id"), question("text", "c", "City")]
    data = b"id;City\nr1;Graz\nr2;L" + byte + b"Aquila\n"
    card = deliver(tmp_path / "rounds/x/2025", questions, (), data, encoding=declared)
    (problem,) = problems(card)
    assert problem.startswith(f"row 3: the file holds the byte 0x{byte.hex()}, which is no letter of iso8859-")
    assert f"write `encoding: {meant}`" in problem


LOST = (question("text", "id", "id", role="response_id"), question("text", "c", "City"), question("text", "n", "L’été"))
SAME = [{"list_name": "yes", "name": "y", "label": "D’accord – oui", "position": "1"}]


def test_control_characters_are_the_signs_of_cp1252_that_they_stand_for(tmp_path: Path) -> None:
    questions = (*LOST, question("select_one yes", "y", "Réponse"))
    rows = "r1,L\x92Aquila,HR \x96 pension,D\x92accord \x96 oui\n"
    rows += "r2,\x93Lucca\x94,5 \x80\x85,\nr3,Graz,\x8aumava \x9cuvre,\n"
    card = deliver(tmp_path / "rounds/x/2025", questions, SAME, f"id,City,L\x92été,Réponse\n{rows}")
    result = read_round(card)
    assert [(name, text) for _, name, text in answers(result) if name != "id"] == [
        ("c", "L’Aquila"),
        ("n", "HR – pension"),
        ("y", "y"),
        ("c", "“Lucca”"),
        ("n", "5 €…"),
        ("c", "Graz"),
        ("n", "Šumava œuvre"),
    ]
    assert r"x/2025/extract.csv: '\x92', a control character, is read as '’', which it is in cp1252" in result.notes
    assert len(result.notes) == 1 + len("’–“”€…Šœ")


@pytest.mark.parametrize("control", ["\x81", "\x8d", "\x8f", "\x90", "\x9d"])
def test_a_control_character_that_stands_for_no_sign_is_rejected(tmp_path: Path, control: str) -> None:
    data = f"id,City,L’été\nr1,L{control}dz,ok\n"
    (rejected,) = read_round(deliver(tmp_path / "rounds/x/2025", LOST, (), data)).rejected.to_pylist()
    assert (rejected["question_code"], rejected["reason_code"]) == ("c", "control_character")
