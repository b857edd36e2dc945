"""Small extracts that a new round once misread, each with cousins: what is right is proposed, or it is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from orchestration.common.problems import FileProblemsError
from orchestration.common.strict_csv import csv_text, read_csv_strict
from orchestration.extracts.delimited import TextForm
from orchestration.extracts.errors import ExtractError
from orchestration.landing.landing import land
from orchestration.onboarding.check import check_round
from orchestration.onboarding.extract_table import ExtractTable, read_extract_table
from orchestration.onboarding.new import NewRound, Scaffolded, new_round
from orchestration.onboarding.proposals import ProposedQuestion, propose_questions
from orchestration.onboarding.wording import is_personal_heading
from orchestration.readers.read import read_extract
from orchestration.rounds.card import load_round
from orchestration.rounds.codebook import QUESTION_COLUMNS, load_codebook
from tests.orchestration.onboarding.test_one_sniffer import KNOWN
from tests.orchestration.readers.deliveries import Serial, answers, deliver, part_of, question, read_round, workbook
from tests.orchestration.readers.spreadsheets import edited


def table(data: bytes | str, name: str = "extract.csv", **said: str) -> ExtractTable:
    return read_extract_table(part_of(name, data.encode() if isinstance(data, str) else data), TextForm(**said))


def refusal(data: bytes | str, name: str = "extract.csv") -> str:
    with pytest.raises(ExtractError) as error:
        table(data, name)
    return str(error.value)


def asked(column: Sequence[str], delimiter: str = ";", heading: str = "X") -> ProposedQuestion:
    rows = "".join(f'r{n}{delimiter}"{cell}"\n' for n, cell in enumerate(column))
    return propose_questions(table(f"id{delimiter}{heading}\n{rows}"))[1]


def scaffold(tmp_path: Path, data: bytes, **said: str) -> Scaffolded:
    (tmp_path / "extract.csv").write_bytes(data)
    wanted = NewRound("s", "2025", (str(tmp_path / "extract.csv"),), values={**KNOWN, **said})
    return new_round(tmp_path / "seeds", wanted)


# Encodings.

GOOD = "".join(f"r{n};{city};ok\n" for n in range(20) for city in ("Köln", "München", "Besançon"))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("r99;Düsseldorf;ok\n".encode("latin-1"), id="a row in Latin-1"),
        pytest.param("r99;Łódź;ok\n".encode("cp1250"), id="a row in cp1250"),
        pytest.param("r99;Mün".encode()[:-2] + b"\n", id="a cut character in a row that is too short"),
        pytest.param("r99;München"[:8].encode() + b"\xc3;ok\n", id="half a character"),
        pytest.param(b"r99;K\x80ln;ok\n", id="a byte that begins no character"),
    ],
)
@pytest.mark.parametrize("declared", [{}, {"encoding": "utf-8"}], ids=["detected", "declared"])
@pytest.mark.parametrize("many", [1, 200], ids=["row by row", "by columns"])
def test_a_damaged_row_of_a_utf8_file_is_rejected_alone(
    tmp_path: Path, row: bytes, declared: dict[str, str], many: int
) -> None:
    questions = [
        question("text", "id", "id", role="response_id"),
        question("text", "c", "City"),
        question("text", "n", "N"),
    ]
    data = f"id;City;N\n{GOOD * many}".encode() + row + GOOD.encode()
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data, **declared))
    (rejected,) = result.rejected.to_pylist()
    assert rejected["source_row"] == 60 * many + 2
    assert rejected["reason_code"] in ("not_utf8", "wrong_field_count")
    assert "encoding" not in rejected["reason"]
    assert result.rows_in == 60 * (many + 1) + 1
    assert {text for _, name, text in answers(result) if name == "c"} == {"Köln", "München", "Besançon"}


def test_a_damaged_row_is_left_aside_by_a_new_round(tmp_path: Path) -> None:
    found = table(f"id;City;Note\n{GOOD}".encode() + b"r99;K\xf6ln;ok\n")
    assert (found.encoding, found.rows_n) == ("utf-8", 61)
    assert found.remarks == ("1 rows are damaged, the first is row 62: they are left aside here",)


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-2", "cp1250"])
def test_damaged_utf8_is_read_in_no_other_encoding(tmp_path: Path, encoding: str) -> None:
    questions = [
        question("text", "id", "id", role="response_id"),
        question("text", "c", "City"),
        question("text", "n", "N"),
    ]
    data = f"id;City;N\n{GOOD}".encode() + b"r99;K\xf6ln;ok\n"
    with pytest.raises(ExtractError, match=r"the file is UTF-8, not .* write `encoding: utf-8`"):
        read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data, encoding=encoding))


@pytest.mark.parametrize("declared", [{}, {"encoding": "utf-8"}], ids=["detected", "declared"])
def test_a_mark_is_certain_however_many_rows_are_damaged(tmp_path: Path, declared: dict[str, str]) -> None:
    questions = [question("text", "id", "id", role="response_id"), question("text", "c", "City")]
    data = "\ufeffid;City\nr1;Köln\n".encode() + b"r2;M\xfcnchen\nr3;D\xfcren\nr4;Graz\n"
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data, **declared))
    assert [row["reason_code"] for row in result.rejected.to_pylist()] == ["not_utf8", "not_utf8"]
    assert [text for _, name, text in answers(result) if name == "c"] == ["Köln", "Graz"]


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("cp1252", ["DIVERSITÉ…;ÉGALITÉ…", "FÊTE;LIBERTÉ”"]),
        ("cp1252", ["DIVERSITÉ…;ok", "LIBERTÉ”;ok"]),
        ("cp1252", ["“liberté…”;“santé…”", "ok;ok"]),
        ("mac-roman", ["l’état;l’école", "d’être;ok"]),
    ],
)
def test_bytes_that_are_utf8_by_chance_are_no_damaged_utf8(tmp_path: Path, encoding: str, rows: list[str]) -> None:
    questions = [
        question("text", "id", "id", role="response_id"),
        question("text", "a", "A"),
        question("text", "b", "B"),
    ]
    data = "id;A;B\n" + "".join(f"{n};{row}\n" for n, row in enumerate(rows))
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data.encode(encoding), encoding=encoding))
    assert [text for _, name, text in answers(result) if name != "id"] == ";".join(rows).split(";")


@pytest.mark.parametrize("utf8_n", [1, 3, 4, 6])
def test_where_encodings_are_mixed_none_is_chosen_silently(utf8_n: int) -> None:
    data = b"id;A\n" + "1;Köln\n".encode() * utf8_n + "2;Köln\n".encode("cp1252") * 3
    if utf8_n > 3:
        found = table(data)
        assert (found.encoding, found.rows_n, len(found.rows)) == ("utf-8", utf8_n + 3, utf8_n)
    else:
        assert "its encoding cannot be told" in refusal(data)


def test_an_encoding_is_detected_despite_chance() -> None:
    assert table("id;A\n1;“liberté…”\n2;“santé…”\n3;fête\n".encode("cp1252"), language="fr").encoding == "cp1252"


def test_a_damaged_header_is_refused() -> None:
    assert "the header holds bytes that are no UTF-8" in refusal(b"id;Stra\xdfe;Note\n" + GOOD.encode())


def test_what_cannot_be_told_is_asked_for_and_can_be_said(tmp_path: Path) -> None:
    data = b"id,word\nr1,ma\xf1ana\n"
    with pytest.raises(ExtractError, match=r"cannot be told: cp1252 \('ñ'\) or .*--encoding or --language"):
        scaffold(tmp_path, data)
    scaffold(tmp_path, data, language="es")
    path = tmp_path / "seeds/rounds/s/2025"
    card = load_round(path / "round.yml")
    assert (card.encoding, card.language) == ("cp1252", "es")
    assert "mañana" in read_extract(card, load_codebook(path)).answers.column("value_text").to_pylist()


def test_an_encoding_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileProblemsError, match=r"--encoding: .*no such text encoding: 'klingon'"):
        scaffold(tmp_path, b"id,word\nr1,x\n", encoding="klingon")
    assert not (tmp_path / "seeds/rounds/s").exists()


RUSSIAN = ["Привет, мы из Москвы", "Нам нужны деньги", "Поддержка города", "Жители хотят воздух", "Да", "Нет"]
CHINESE = ["我们需要资金", "北京市", "技术支持和培训", "是"]
GREEK = ["Αθήνα", "Θεσσαλονίκη", "Χρειαζόμαστε χρήματα", "ναι"]


def of_words(words: Sequence[str], encoding: str) -> bytes:
    rows = "".join(
        f"r{n};{one};{other}\n" for n, (one, other) in enumerate(zip(words * 2, words[1:] * 2, strict=False))
    )
    return f"id;City;Needs\n{rows}".encode(encoding)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [(RUSSIAN, "koi8-r"), (RUSSIAN, "mac-cyrillic"), (RUSSIAN, "cp866"), (RUSSIAN, "iso8859-5"), (CHINESE, "gb18030"),
     (GREEK, "mac-greek")],
)  # fmt: skip
def test_text_that_passes_for_another_encoding_is_told_or_refused(words: list[str], encoding: str) -> None:
    try:
        (remark,) = table(of_words(words, encoding)).remarks
    except ExtractError as error:
        assert "its encoding cannot be told" in str(error)
        return
    assert f"a second opinion is {encoding}: " in remark
    assert words[0][:10] in remark
    assert f"--encoding {encoding}" in remark
    assert table(of_words(words, encoding), encoding=encoding).remarks == ()


@pytest.mark.parametrize(
    ("words", "encoding"),
    [(["Köln", "Größe", "Straße"], "cp437"), (["Łódź", "Kraków", "Gdańsk"], "mac-latin2"),
     (["Eskişehir", "güçlü"], "cp857")],
)  # fmt: skip
def test_old_encodings_of_latin_letters_are_never_read_without_a_word(words: list[str], encoding: str) -> None:
    try:
        (remark,) = table(of_words(words, encoding)).remarks
    except ExtractError as error:
        assert "its encoding cannot be told" in str(error)
        return
    assert "run the command again with --encoding" in remark


@pytest.mark.parametrize(
    ("words", "encoding"),
    [(RUSSIAN, "cp1251"), (GREEK, "cp1253"), (["Événement", "très élevé", "à Besançon", "café"], "cp1252"),
     (["Łódź", "Kraków", "Gdańsk", "pieniądze"], "cp1250"), (["Łódź", "Kraków", "pieniądze"], "iso8859-2"),
     (["Köln", "München", "Größe", "Straße"], "cp1252"), (["İzmir", "Eskişehir", "ihtiyaç", "güçlü"], "cp1254")],
)  # fmt: skip
def test_an_encoding_that_is_right_is_not_doubted(words: list[str], encoding: str) -> None:
    assert table(of_words(words, encoding)).remarks == ()


# Delimiters and headers.


@pytest.mark.parametrize("hint", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\ufeffsep=;\n", "sep=;;\n", "sep=;;;;\r\n"])
def test_excels_own_hint_is_no_row(tmp_path: Path, hint: str) -> None:
    data = f"{hint}id;City\nr1;Graz, Linz\n"
    found = table(data)
    assert (found.delimiter, found.header, found.rows) == (";", ("id", "City"), (("r1", "Graz, Linz"),))
    questions = [question("text", "id", "id", role="response_id"), question("text", "city", "City")]
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data))
    assert answers(result) == [("r1", "id", "r1"), ("r1", "city", "Graz, Linz")]
    assert result.responses.column("source_row").to_pylist() == [3]


@pytest.mark.parametrize(
    ("above", "rows"),
    [
        ("Survey of cities 2025 – results\n\n", "delete rows 1 to 2"),
        ("Enquête 2025\n", "delete row 1"),
        ("Umfrage,,,\n,,,\n", "delete rows 1 to 2"),
        ("Exported,2025-01-31\nBy,somebody\n", "delete rows 1 to 2"),
        ('"Stand: 31. Januar, vorläufig"\nQuelle: Stadt\n', "delete rows 1 to 2"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_title_above_the_header_is_told(above: str, rows: str, delimiter: str) -> None:
    body = "id,city,target,n\n" + "".join(f"r{n},City {n},Yes,{n}\n" for n in range(30))
    text = above if above.startswith('"') else above.replace(",", delimiter)
    said = refusal(text + body.replace(",", delimiter))
    assert f"row {int(rows[-1]) + 1} looks like the header: {rows} above it" in said


@pytest.mark.parametrize(
    ("columns_n", "said"), [(1_001, {}), (1_001, {"delimiter": ";"}), (15_000, {"delimiter": ";"})]
)
def test_a_header_may_be_long(columns_n: int, said: dict[str, str]) -> None:
    header = [
        "id",
        *(f"Question {n}, which is as long as those of a matrix are: {'row ' * 8}" for n in range(columns_n)),
    ]
    text = ";".join(f'"{field.strip()}"' for field in header) + "\n" + "r1" + ";1" * columns_n + "\n"
    found = table(text, **said)
    assert (found.delimiter, len(found.header), found.rows_n) == (";", columns_n + 1, 1)


@pytest.mark.parametrize("above", [[["City survey"], []], [["Enquête", None, None]], [["Stand"], ["Quelle"], []]])
def test_a_title_above_the_header_of_a_sheet_is_told(above: list[list[Any]]) -> None:
    rows = [*above, ["id", "City", "Has target"], *([f"r{n}", f"Graz{n}", "Yes"] for n in range(9))]
    assert f"row {len(above) + 1} looks like the header" in refusal(workbook({"S": rows}), "x.xlsx")


@pytest.mark.parametrize(
    "rows",
    [
        [f"r{n},Köln {n},{'Yes' if n % 2 else 'No'},{n % 3}" for n in range(1, 31)],
        [f"{n},{'Ja' if n % 2 else 'Nein'},Graz" for n in range(1, 31)],
        [f"2024-05-{n},Oui,Lyon" for n in range(10, 30)],
    ],
)
def test_a_response_is_no_header(rows: list[str]) -> None:
    assert "the row looks like a response, not like a header" in refusal("\n".join((*rows, "")))


@pytest.mark.parametrize("header", ["2019,2020,2021", "Q1,Q2,Q3", "id,Yes,No", "Name,Team 1,Team 2"])
def test_a_header_of_numbers_and_short_words_is_one(header: str) -> None:
    rows = "".join(f"{n},{n * 7},{n * 3}\n" for n in range(1, 20))
    assert table(f"{header}\n{rows}").header == tuple(header.split(","))


@pytest.mark.parametrize(
    "text",
    [
        "id,Parks,Trees\n1,Parks,\n2,,Trees\n3,Parks,Trees\n",
        "id;Yes;No\nr1;Yes;\nr2;;No\n",
        "id,1,2,3\na,1,5,3\nb,2,4,1\n",
        "id;2020;2021;2022\nr1;2020;17;30\nr2;12;18;31\n",
    ],
)
def test_a_header_that_stands_in_its_own_column_is_one(text: str) -> None:
    assert list(table(text).header) == re.split("[,;]", text.splitlines()[0])


def test_three_headers_are_told() -> None:
    text = (
        'ResponseId,Q1\nResponse ID,Which city?\n"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\nR_1,Graz\n'
    )
    assert "row 3: rows 1 to 3 are all headers" in refusal(text)
    rows = [["ResponseId", "Q1"], ["Response ID", "Which city?"], ['{"ImportId":"_recordId"}', '{"ImportId":"QID1"}']]
    assert "row 3: rows 1 to 3 are all headers" in refusal(workbook({"S": [*rows, ["R_1", "Graz"]]}), "x.xlsx")


def test_a_header_with_blank_cells_is_no_title() -> None:
    said = refusal(",Yes,No,\nq1,1,2,3\nq2,4,5,6\n")
    assert "column 1: the column has no header" in said


@pytest.mark.parametrize(
    "text",
    [
        "Graz,Parks,green\nLinz,Trees,blue\nWels,Air,red\n",
        "Anna;loves parks\nBob;wants trees\n",
        "Lyon\tOui\nNice\tNon\nMetz\tPeut-être\n",
        "Ада;парки\nБорис;деревья\n",
    ],
)
def test_a_header_that_could_be_a_response_is_told(text: str) -> None:
    (remark,) = table(text).remarks
    assert remark.startswith("row 1 is taken for the header")
    assert "write the labels of the questions into a row above it" in remark


@pytest.mark.parametrize(
    "text",
    [
        "Place;Wish\nGraz;Parks\nLinz;Parks\nWels;Parks\n",
        "Ort;Warum?\nGraz;darum\nLinz;nur so\n",
        "Stadt;Wunsch\nGraz;Parks\nLinz;Bäume\n",
        "ville;q1\nLyon;Oui\nNice;Non\n",
        "Things;Staff\nGraz;5\nLinz;7\n",
        "What should the city do next;Who\nParks;Ada\nTrees;Bob\n",
    ],
)
def test_a_header_that_asks_is_not_doubted(text: str) -> None:
    assert table(text).remarks == ()


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Comment\nI like parks, trees\nMore, please\nnothing\n", ["I like parks, trees", "More, please", "nothing"]),
        ("City\nGraz, Austria\nLinz, Austria\n", ["Graz, Austria", "Linz, Austria"]),
        ("Budget\n1,5\n2,75\n", ["1,5", "2,75"]),
        ("Population\n1,250,000\n250,000\n", ["1,250,000", "250,000"]),
        ("Wunsch\nParks; Bäume\nmehr\n", ["Parks; Bäume", "mehr"]),
    ],
)
def test_a_column_of_sentences_and_numbers_has_no_title(tmp_path: Path, text: str, cells: list[str]) -> None:
    found = table(text)
    assert [row[0] for row in found.rows] == cells
    assert len(found.header) == 1
    questions = [question("text", "id", found.header[0], role="response_id")]
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), text))
    assert result.responses.column("response_id").to_pylist() == cells


def test_a_title_above_columns_is_one_though_a_space_follows_each_comma() -> None:
    assert "row 2 looks like the header" in refusal("Survey\nid, city, plan\nr1, Graz, Yes\nr2, Linz, No\n")


# Workbooks.


def test_a_hidden_sheet_is_not_read() -> None:
    data = workbook({"Lists": [["Code", "Meaning"], ["1", "Yes"]], "Answers": [["id", "City"], ["r1", "Graz"]]})
    hidden = edited(
        data,
        "xl/workbook.xml",
        lambda xml: xml.replace(b'<sheet name="Lists"', b'<sheet name="Lists" state="hidden"').replace(
            b"<workbookView", b'<workbookView firstSheet="1" activeTab="1"'
        ),
    )
    found = table(hidden, "x.xlsx")
    assert (found.sheet, found.rows) == ("Answers", (("r1", "Graz"),))


def test_one_cell_far_away_is_refused_at_once() -> None:
    data = workbook({"Answers": [["id", "City"], ["r1", "Graz"]]})
    row = b'<row r="400000"><c r="ZZ400000"><v>1</v></c></row></sheetData>'
    far = edited(data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", row))
    assert "the sheet has cells as far as ZZ400000" in refusal(far, "x.xlsx")


def test_an_export_of_microsoft_forms_is_known_in_any_language() -> None:
    header = ["ID", "Ora di inizio", "Ora di completamento", "Posta elettronica", "Nome", "In quale città lavora?"]
    rows = [
        [float(n), Serial(45413.5), Serial(45413.6), f"p{n}@comune.example", f"Anna {n}", "Lucca"] for n in (1, 2, 3)
    ]
    found = table(workbook({"Sheet1": [header, *rows]}), "x.xlsx")
    assert (found.platform, found.header) == ("forms_xlsx", ("In quale città lavora?",))
    places = [[float(n), Serial(45413.5), Serial(45413.6), f"City {n}", "AT", "Yes"] for n in (1, 2, 3)]
    assert table(workbook({"Sheet1": [header, *places]}), "x.xlsx").platform == "sheet"


# Numbers.


@pytest.mark.parametrize(
    "column",
    [
        ["250,000", "84,500", "512,000"],
        ["250.000", "84.000", "98.000"],
        ["1.200", "7", "3.450"],
        ["1,250,000", "250,000"],
        ["-1.500", "2.500"],
    ],
)
def test_three_digits_behind_each_sign_are_thousands_or_decimals(column: list[str]) -> None:
    found = asked(column)
    assert (found.base_type, found.roles) == ("text", ())
    assert "thousands or decimals?" in found.remark
    assert table("id;X\n" + "".join(f"r{n};{cell}\n" for n, cell in enumerate(column))).decimal == "."


def test_cells_that_are_numbers_have_no_thousands_sign() -> None:
    rows = [["id", "Lat", "Share"], ["r1", 48.123, 1.125], ["r2", 11.575, 2.375], ["r3", 47.999, 3.625]]
    found = propose_questions(table(workbook({"S": rows}), "x.xlsx"))
    assert [(one.base_type, one.roles) for one in found[1:]] == [("decimal", ("latitude",)), ("decimal", ())]


@pytest.mark.parametrize("heading", ["Latitude", "lon", "Longitude of the city"])
@pytest.mark.parametrize("sign", [".", ","])
def test_degrees_have_no_thousands(heading: str, sign: str) -> None:
    found = asked([text.replace(".", sign) for text in ("48.123", "11.575", "47.999")], heading=heading)
    assert (found.base_type, found.remark) == ("decimal", "")


@pytest.mark.parametrize("column", [["1,5", "250,000"], ["0,125", "0,250"], ["12,50", "3,75"]])
def test_a_decimal_comma_is_told_where_digits_do_not_come_in_threes(column: list[str]) -> None:
    assert asked(column).base_type == "decimal"


@pytest.mark.parametrize("column", [["01004", "09162", "14713"], ["007", "1"], ["00.5", "1"]])
def test_a_leading_zero_makes_a_code(column: list[str]) -> None:
    found = asked(column, heading="LAU code")
    assert (found.base_type, found.remark) == ("text", "")


@pytest.mark.parametrize("cells", [["45%", "45", "100%"], ["12.5 %", "0 %"], ["7,5%", "80%"]])
def test_percentages_are_numbers_of_100(tmp_path: Path, cells: list[str]) -> None:
    rows = "".join(f"r{n};{cell}\n" for n, cell in enumerate(cells))
    found = scaffold(tmp_path, f"id;Share (%)\n{rows}".encode())
    (remark,) = found.remarks
    assert remark.endswith("percentages: numbers of 100, as the constraint says")
    path = tmp_path / "seeds/rounds/s/2025"
    result = read_extract(load_round(path / "round.yml"), load_codebook(path))
    expected = [float(cell.rstrip("% ").replace(",", ".")) for cell in cells]
    assert [value for value in result.answers.column("value_number").to_pylist() if value is not None] == expected


@pytest.mark.parametrize("cells", [["45%", "some", "100%"], ["450%", "20%"], ["-5%", "5%"]])
def test_what_is_no_percentage_of_a_whole_stays_text(cells: list[str]) -> None:
    assert asked(cells).base_type == "text"


@pytest.mark.parametrize("base_type", ["integer", "decimal"])
def test_a_code_of_more_digits_than_a_number_holds_is_rejected_as_one(tmp_path: Path, base_type: str) -> None:
    questions = [question("text", "id", "id", role="response_id"), question(base_type, "x", "X")]
    data = "id,X\na0,123456789012399000\na1,123456789012399001\na2,12\n"
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data))
    assert [found for found in answers(result) if found[1] == "x"] == [("a2", "x", 12.0)]
    assert all("too many digits to be exact" in row["reason"] for row in result.rejected.to_pylist())


def test_a_whole_number_has_no_thousands_sign(tmp_path: Path) -> None:
    questions = [question("text", "id", "id", role="response_id"), question("integer", "x", "X")]
    data = "id,X\nr1,250.000\nr2,84.512\nr3,1.250.000\nr4,98000\nr5,42.0\n"
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, (), data))
    assert [found for found in answers(result) if found[1] == "x"] == [("r4", "x", 98000.0), ("r5", "x", 42.0)]


# Columns of the platform.


def test_a_question_may_end_in_time() -> None:
    header = ["id", "submitdate", "city", "traveltime", "cityTime", "groupTime12", "interviewtime", "parttime"]
    row = ["1", "2024-03-01 11:00:00", "Graz", "7", "1.5", "2.5", "9", "N"]
    found = table(",".join(header) + "\n" + ",".join(row) + "\n")
    assert (found.platform, found.header) == ("limesurvey_csv", ("city", "traveltime", "parttime"))


# Persons.

FIRST_NAMES = {
    "bg": "Собствено име", "cs": "Křestní jméno", "da": "Fornavn", "de": "Vorname", "el": "Ονοματεπώνυμο",
    "en": "First name",
    "es": "Apellidos", "et": "Eesnimi", "fi": "Etunimi", "fr": "Prénom", "ga": "Sloinne", "hr": "Ime i prezime",
    "hu": "Keresztnév", "it": "Cognome", "lt": "Vardas ir pavardė", "lv": "Vārds un uzvārds", "mt": "Kunjom",
    "nl": "Voornaam", "pl": "Imię i nazwisko", "pt": "Apelido", "ro": "Nume și prenume", "sk": "Priezvisko",
    "sl": "Ime in priimek", "sv": "Förnamn",
}  # fmt: skip
NAMES = {
    "bg": "Име", "cs": "Jméno", "da": "Navn", "de": "Name", "el": "Όνομα", "en": "Your name, please", "es": "Nombre",
    "et": "Nimi", "fi": "Nimi", "fr": "Nom", "ga": "Ainm", "hr": "Ime", "hu": "Név", "it": "Nome", "lt": "Vardas",
    "lv": "Vārds", "mt": "Isem", "nl": "Naam", "pl": "Imię", "pt": "Nome", "ro": "Numele", "sk": "Meno", "sl": "Ime",
    "sv": "Namn",
}  # fmt: skip
SENTENCES = {
    "de": "Unter welcher Telefonnummer erreichen wir Sie?", "fr": "Quelle est votre adresse e-mail ?",
    "fi": "Anna sähköpostiosoitteesi", "pl": "Podaj numer telefonu", "el": "Ποιο είναι το τηλέφωνό σας;",
    "hu": "Adja meg az e-mail-címét", "lv": "Jūsu tālruņa numurs", "bg": "Вашият телефонен номер",
}  # fmt: skip


@pytest.mark.parametrize("heading", FIRST_NAMES.values(), ids=FIRST_NAMES)
def test_a_heading_for_a_person_is_personal_in_every_language(heading: str) -> None:
    found = asked(["Ada", "Bob", "Ada", "Ada", "Bob", "Cem"] * 3, heading=heading)
    assert (found.is_personal, found.base_type, found.choices, found.texts) == (True, "text", (), ())


@pytest.mark.parametrize("heading", SENTENCES.values(), ids=SENTENCES)
def test_a_text_that_asks_for_a_person_is_dropped_and_told(heading: str) -> None:
    found = asked([f"x{n} or so" for n in range(9)], "\t", heading)
    assert (found.is_personal, found.texts) == (True, ())
    assert found.remark.startswith("marked personal, so dropped") or is_personal_heading(heading)


@pytest.mark.parametrize("heading", NAMES.values(), ids=NAMES)
def test_a_column_of_names_is_remarked_and_dropped_once_that_is_confirmed(tmp_path: Path, heading: str) -> None:
    rows = "".join(f"r{n};Ada {n};Yes\n" for n in range(9))
    found = scaffold(tmp_path, f"id;{heading};Plan\n{rows}".encode())
    if not is_personal_heading(heading):
        (remark,) = found.remarks
        assert "it may name persons: if it does, write yes into is_personal" in remark
    path = tmp_path / "seeds/rounds/s/2025"
    rows_of = [row for _, row in read_csv_strict(path / "questions.csv")]
    confirmed = [{**row, "is_personal": "yes"} if row["label"] == heading else row for row in rows_of]
    (path / "questions.csv").write_text(csv_text(QUESTION_COLUMNS, confirmed))
    result = read_extract(load_round(path / "round.yml"), load_codebook(path))
    assert not any(str(value).startswith("Ada") for value in result.answers.column("value_text").to_pylist())
    assert result.responses.num_rows == 9


@pytest.mark.parametrize("heading", ["Name", "Respondent", "Nom", "Ausgefüllt von"])
def test_names_of_persons_identify_no_response(heading: str) -> None:
    rows = "".join(f"Ada {n};Yes\n" for n in range(9))
    assert propose_questions(table(f"{heading};Plan\n{rows}"))[0].roles == ()


@pytest.mark.parametrize(
    "heading", ["Name of the city", "Street trees", "Do you e-mail citizens?", "Stadtname", "MEL plan"]
)
def test_closed_questions_and_names_of_places_are_not_personal(heading: str) -> None:
    assert not asked(["Yes", "No"] * 9, heading=heading).is_personal


# Ids that come again, and imports.


@pytest.mark.parametrize("ids", [["a", "a", "a", "b", "c", "d"], ["a", "b", "b", "c", "c", "c"], ["1", "1", "2"]])
def test_ids_that_come_again_are_counted_as_a_refresh_counts_them(tmp_path: Path, ids: list[str]) -> None:
    questions = [question("text", "id", "id", role="response_id"), question("text", "city", "City")]
    text = "id,City\n" + "".join(f"{name},City {n}\n" for n, name in enumerate(ids))
    deliver(tmp_path / "rounds/x/2025", questions, (), text, expected_responses=len(ids))
    found = check_round(tmp_path, "x/2025")
    landed = land(load_round(tmp_path / "rounds/x/2025/round.yml"), tmp_path / "landing")
    assert (found.rows_in, found.responses_n) == (len(ids), len(set(ids))) == (landed.rows_in, landed.responses_n)
    assert found.set_aside["superseded"] == landed.superseded_n == len(ids) - len(set(ids))
    again = [name for name in set(ids) if ids.count(name) > 1]
    of_these = sum(map(ids.count, again))
    assert (
        f"come{'s' if len(again) == 1 else ''} again: {of_these} submissions count as {len(again)}" in found.remarks[0]
    )
    assert "give the role response_id to the question that tells them apart" in found.remarks[0]
    assert f"write `expected_responses: {len(set(ids))}` in round.yml" in found.remarks[1]


def test_a_new_round_says_why_a_column_headed_as_an_id_is_none() -> None:
    found = propose_questions(table("id;City\na;Graz\na;Linz\na;Wels\nb;Enns\n"))
    assert [question.roles for question in found] == [(), ("response_id", "city_name")]
    assert found[0].remark.startswith("1 of its values come again, in 3 rows, so it has not the role response_id")


def test_a_whole_round_has_nothing_to_look_at(tmp_path: Path) -> None:
    questions = [question("text", "id", "id", role="response_id")]
    deliver(tmp_path / "rounds/x/2025", questions, (), "id\na\nb\n", expected_responses=2)
    assert check_round(tmp_path, "x/2025").remarks == ()
