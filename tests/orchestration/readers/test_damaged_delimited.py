"""A valid file, damaged at random: no change is silent.

Every answer that is landed afterwards is the original's at that response and question, or it is rejected with its
reason, its row is, or the file is refused; and every row that came in is a response or a rejected row. What no reader
can see is left out: a letter typed wrongly within a value, lines exchanged inside a quoted text, a cut from the middle
of one row to that of another, a file that ends within its last field or lacks whole rows. For these there are the
checksum in round.yml and the number of responses expected at the door.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.common.csv_records import csv_records
from orchestration.extracts import encoding as encodings
from orchestration.extracts import records as blocks
from orchestration.extracts.errors import ExtractError
from orchestration.readers.read import read_extract
from orchestration.readers.result import ReadResult
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook, load_codebook
from tests.orchestration.readers.deliveries import choices, deliver, extract_of, question

STRUCTURE = ',"\n'
ROWS = 9

QUESTIONS = [
    question("text", "code", "Code", role="response_id"),
    question("text", "city", "City"),
    question("integer", "population", "Inhabitants"),
    question("select_multiple support", "support", "Support"),
    question("text", "comment", "Comment"),
    question("decimal", "share", "Share"),
    question("date", "adopted", "Adopted"),
    question("select_one target", "target", "Target"),
]
CHOICES = [
    *choices("support", money="Money", advice="Advice, training", staff="Staff"),
    *choices("target", existing="Existing", planned="Planned", none="No target"),
]


def _line(row: int) -> str:
    support = ['"Money;Advice, training"', "Staff", '"Money;Advice, training;Staff"'][row % 3]
    comment = [f'"row {row} says ""yes"", or\nrow {row} says nö"', f"row {row} is calm", f'", row {row} ,"'][row // 3]
    target = ["Existing", "Planned", "No target"][row % 3]
    adopted = date(2024, 1, 1) + timedelta(days=row)
    return f"r{row},Cité of {row},{1000 + row},{support},{comment},{row + 0.5},{adopted},{target}\n"


HEADER = "Code,City,Inhabitants,Support,Comment,Share,Adopted,Target\n"
LINES = [*map(_line, range(ROWS))]
VALID = HEADER + "".join(LINES)

Damage = Callable[[str], str]
PLACES = st.integers(0, len(VALID) - 1)
STRUCTURES = st.sampled_from([place for place, char in enumerate(VALID) if char in STRUCTURE])
ROW = st.sampled_from(LINES)
OTHER_ROWS = st.sampled_from(["Total\n", "\n", ",,,,,,,\n", "a,b\n", "--- page 2 ---\n", HEADER])


def _spliced(place: int, end: int, text: str) -> Damage:
    return lambda whole: whole[:place] + text + whole[end:]


INSERTED = st.builds(
    lambda place, text: _spliced(place, place, text),
    PLACES,
    st.sampled_from([*STRUCTURE, ";", "\r", "\n\n", '""', ",,", "\t", "\u2028", "\ufeff"]),
)
DELETED = st.builds(lambda place: _spliced(place, place + 1, ""), STRUCTURES)
REPLACED = st.builds(lambda place, char: _spliced(place, place + 1, char), STRUCTURES, st.sampled_from(',"\n;\r'))
TRUNCATED = st.builds(lambda place: lambda whole: whole[:place].rstrip(","), PLACES)
REPEATED = st.builds(lambda row: lambda whole: whole + row, ROW)
MOVED = st.builds(lambda row: lambda whole: whole.replace(row, "") + row, ROW)
DROPPED = st.builds(lambda row: lambda whole: whole.replace(row, ""), ROW)
MERGED = st.builds(lambda row: lambda whole: whole.replace(row, row.removesuffix("\n")), ROW)
FOLLOWED = st.builds(lambda row, other: lambda whole: whole.replace(row, other + row), ROW, OTHER_ROWS)
CUT = st.builds(lambda row, at: lambda whole: whole.replace(row, row[:at] + "\n"), ROW, st.integers(1, 20))
RETURNS = st.just(lambda whole: whole.replace("\n", "\r\n"))

DAMAGES = {
    "inserted": INSERTED, "deleted": DELETED, "replaced": REPLACED, "truncated": TRUNCATED, "repeated": REPEATED,
    "moved": MOVED, "dropped": DROPPED, "merged": MERGED, "followed": FOLLOWED, "cut": CUT, "returns": RETURNS,
}  # fmt: skip

Answers = Mapping[tuple[str, str], list[tuple[object, ...]]]


def _squashed(text: str | None) -> str | None:
    """A text without the characters that the damage adds or takes away."""
    return text if text is None else "".join(char for char in text if char not in STRUCTURE + ";\t\r\u2028\ufeff ")


def _answers(result: ReadResult) -> Answers:
    found = defaultdict(list)
    for row in result.answers.to_pylist():
        value = (row["choice_code"], _squashed(row["value_text"]), row["value_number"], row["value_date"])
        found[str(_squashed(row["response_id"])), row["question_code"]].append(value)
    return dict(found)


def _delivered(place: tuple[str, str]) -> tuple[str, str]:
    """The place with the id as the file has it: a row that comes again is a further submission."""
    response, question = place
    return response.partition("#")[0], question


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoundCard, Codebook]:
    folder: Path = tmp_path_factory.mktemp("seeds") / "rounds" / "eoi" / "2021"
    card = deliver(folder, QUESTIONS, CHOICES, VALID, encoding="utf-8", delimiter="','")
    return card, load_codebook(folder)


def _read(delivery: tuple[RoundCard, Codebook], content: bytes) -> ReadResult | None:
    """What is read of a file; None if it is refused."""
    card, codebook = delivery
    extract_of(card).write_bytes(content)
    try:
        return read_extract(card, codebook)
    except ExtractError as error:
        assert all(problem.reason and problem.remedy for problem in error.problems)
        return None


@pytest.fixture(scope="module")
def original(delivery: tuple[RoundCard, Codebook]) -> Answers:
    result = _read(delivery, VALID.encode())
    assert result is not None
    found = _answers(result)
    assert len(found) == ROWS * len(QUESTIONS)
    return found


def _examples(n: int) -> settings:
    return settings(
        max_examples=n,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@pytest.mark.parametrize("name", DAMAGES)
def test_no_damage_changes_an_answer_silently(
    delivery: tuple[RoundCard, Codebook], original: Answers, name: str
) -> None:
    @_examples(45)
    @given(DAMAGES[name])
    def check(damage: Damage) -> None:
        damaged = damage(VALID)
        result = _read(delivery, damaged.encode())
        if result is not None:
            _assert_nothing_silent(result, original, damaged)

    check()


def test_no_byte_of_another_encoding_is_taken_for_text(delivery: tuple[RoundCard, Codebook], original: Answers) -> None:
    @_examples(100)
    @given(PLACES, st.sampled_from([b"\xff", b"\xe9", b"\x80", b"\xc3", b"\x00", "é".encode("utf-16-le")]))
    def check(place: int, byte: bytes) -> None:
        content = VALID.encode()
        damaged = content[:place] + byte + content[place:]
        result = _read(delivery, damaged)
        if b"\x00" in byte or place < len(HEADER):
            assert result is None
        elif result is not None:
            _assert_nothing_silent(result, original, repr(damaged))
            assert result.rejected.num_rows

    check()


def _assert_nothing_silent(result: ReadResult, original: Answers, damaged: str) -> None:
    rejected = result.rejected.to_pylist()
    rows_n = sum(row["scope"] == "row" for row in rejected)
    assert result.rows_in == result.responses.num_rows + rows_n, damaged
    assert all(row["reason"] for row in rejected)
    landed = _answers(result)
    for place, values in landed.items():
        assert values == original.get(_delivered(place)), f"{place}: {values}\n{damaged}"
    refused = {(_squashed(row["response_id"]), row["question_code"]) for row in rejected}
    for response in map(_squashed, result.responses.column("response_id").to_pylist()):
        for row in QUESTIONS:
            place = (response, row["name"])
            assert place in landed or place in refused, f"{place} is lost\n{damaged}"


MANY = HEADER + "".join(_line(row % ROWS).replace("r", "q", 1).replace("q", f"r{row}-", 1) for row in range(60))


def _plain(result: ReadResult | None) -> tuple[object, ...]:
    return result and [
        table.to_pylist() for table in (result.responses, result.answers, result.rejected)
    ], result and result.rows_in


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_sound_file_is_read_by_columns_but_for_its_last_row(monkeypatch: pytest.MonkeyPatch, newline: str) -> None:
    monkeypatch.setattr(blocks, "FEWEST_RECORDS", 2)
    text = blocks.Text(iter([MANY.replace("\n", newline).encode()]))
    header = blocks.first_record(text, ",")
    assert header is not None
    rows, records = blocks.body(text, blocks.Shape(",", header.fields, {0, 4}))
    assert isinstance(rows, blocks.Rows)
    assert isinstance(records, list)
    whole = list(csv_records(MANY.replace("\n", newline)))[1:]
    assert rows.lines.tolist() == [record.line for record in whole[:-1]]
    assert [rows.fields(row) for row in range(len(rows.lines))] == [record.fields for record in whole[:-1]]
    assert rows.columns[4].to_pylist() == [record.fields[4] for record in whole[:-1]]
    assert records == whole[-1:]


def _read_so(
    delivery: tuple[RoundCard, Codebook],
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    size: int = 1 << 20,
    stretch: int = 1 << 20,
    fewest: int = 2,
) -> tuple[object, ...]:
    monkeypatch.setattr(blocks, "BLOCK_SIZE", size)
    monkeypatch.setattr(encodings, "BLOCK_SIZE", size)
    monkeypatch.setattr(blocks, "STRETCH", stretch)
    monkeypatch.setattr(blocks, "FEWEST_RECORDS", fewest)
    return _plain(_read(delivery, content.encode()))


NEVER_BY_COLUMNS = 1 << 30
PLANTED = {
    "header_again": HEADER,
    "blank_fields": ",,,,,,,\n",
    "spaces": " ,\t,,,,,,\n",
    "blank_line": "\n",
    "single_field": "Total\n",
    "single_fields_and_blanks": "Total\n\nTotal\n,,,,,,,\nTotal\n",
    "field_too_few": "rx,City,1\n",
    "rows_in_quotes": 'rx,City,1,Staff,"t,x,y,z\nu,v,w,q,s",1.5,2024-01-01,Existing\n',
    "lone_return": "rx,Ci\rty,1,Staff,text,1.5,2024-01-01,Existing\n",
    "return_in_quotes": 'rx,"Ci\rty",1,Staff,text,1.5,2024-01-01,Existing\n',
    "return_as_end": "rx,City,1,Staff,text,1.5,2024-01-01,Existing\r",
    "stray_quote": 'rx,Ci"ty,1,Staff,text,1.5,2024-01-01,Existing\n',
    "text_after_quote": 'rx,"City"x,1,Staff,text,1.5,2024-01-01,Existing\n',
    "quote_after_space": 'rx, "City",1,Staff,text,1.5,2024-01-01,Existing\n',
    "open_quote": 'rx,"City,1,Staff,text,1.5,2024-01-01,Existing\n',
    "doubled_quotes": '"rx","""City""",1,Staff,"""",1.5,2024-01-01,Existing\n',
    "mark_within": "\ufeffrx,City,1,Staff,text,1.5,2024-01-01,Existing\n",
    "too_long": f"rx,{'City' * 40_000},1,Staff,text,1.5,2024-01-01,Existing\n",
    "id_missing": ",City,1,Staff,text,1.5,2024-01-01,Existing\n",
}


@pytest.mark.parametrize("stretch", [1, 300])
@pytest.mark.parametrize("line", [0, 30, 60])
@pytest.mark.parametrize("name", PLANTED)
def test_planted_faults_are_told_by_columns_as_record_by_record(
    delivery: tuple[RoundCard, Codebook], monkeypatch: pytest.MonkeyPatch, name: str, line: int, stretch: int
) -> None:
    rows = [f"r{row}-{_line(row % ROWS)[2:]}" for row in range(60)]
    content = HEADER + "".join([*rows[:line], PLANTED[name], *rows[line:]])
    by_record = _read_so(delivery, monkeypatch, content, fewest=NEVER_BY_COLUMNS)
    assert by_record[0] is not None
    assert _read_so(delivery, monkeypatch, content, stretch=stretch) == by_record


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_neither_the_way_by_columns_nor_the_ends_of_blocks_make_a_difference(
    delivery: tuple[RoundCard, Codebook], monkeypatch: pytest.MonkeyPatch, newline: str
) -> None:
    damages = st.lists(
        st.tuples(
            st.integers(0, len(MANY)),
            st.integers(0, 3),
            st.sampled_from([*STRUCTURE, "", "\r", '""', "\n\n", "x\n", HEADER]),
        ),
        max_size=4,
    )

    @_examples(25)
    @given(damages, st.integers(1, 2000), st.integers(1, 500))
    def check(spots: list[tuple[int, int, str]], size: int, stretch: int) -> None:
        text = MANY
        for place, removed_n, inserted in spots:
            text = text[:place] + inserted + text[place + removed_n :]
        content = text.replace("\n", newline)
        by_record = _read_so(delivery, monkeypatch, content, fewest=NEVER_BY_COLUMNS)
        assert _read_so(delivery, monkeypatch, content, stretch=100) == by_record
        assert _read_so(delivery, monkeypatch, content, size, stretch) == by_record

    check()
