"""A real LimeSurvey export against what its authors published: the survey of US research software engineers of 2017.

Read from ../shared/real/rse_2017_us where that is there (CC BY 2.5 Scotland), never copied. The codebook is made here
of the delivered one; its sources are the codes in the export's header.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from orchestration.codebook import load_round
from orchestration.readers import ReadResult
from orchestration.readers.labels import clean_label
from tests.orchestration.readers.deliveries import (
    Row,
    choices,
    extract_of,
    question,
    read_round,
    write_card,
    write_codebook,
)

DELIVERED = Path(__file__).parents[3] / "shared" / "real" / "rse_2017_us"
EXPORT = DELIVERED / "data" / "public_data.csv"
PUBLISHED = DELIVERED / "published_output"
RESPONSES = 164
# Published, but not in the public data: the university, gender, age, salary, ethnic origin, disability.
WITHHELD = {"currentEmp2", "socio2", "socio3", "socio4", "socio5", "disa1"}
# Published as one number a response, in order of the responses.
NUMBERS = {"currentEmp11", "proj1can", "soft1can", "train2"}
# Three trainers of 100 times a year and more are left out of what is published: the place of the response, the number.
UNPUBLISHED = {"41": 1250.0, "92": 1000.0, "119": 100.0}
MULTIPLE = {"currentEmp13", "fund2", "fund3", "fund4", "proj4can", "tool4can", "ukrse2"}
BATTERIES = ("affRec", "affSat", "percEmp", "perfCheck", "progRSE", "satisgen", "time", "turnOver", "prevEmp2")

# A published table: by code of the question, a number by label of the answer; "" is no answer.
Table = Mapping[str, Mapping[str, float]]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ReadResult:
    if not EXPORT.exists():
        pytest.skip("the RSE survey is not there: ../shared/real/rse_2017_us")
    folder = tmp_path_factory.mktemp("rse") / "us_2017"
    card = load_round(write_card(folder, platform="limesurvey_csv", extract=EXPORT.name))
    write_codebook(folder, *codebook())
    extract_of(card).symlink_to(EXPORT)
    return read_round(card)


def codebook() -> tuple[list[Row], list[Row]]:
    """The delivered codebook's questions that the export has, and their choices."""
    sources = _sources()
    questions, lists = [], {}
    for row in _rows(DELIVERED / "codebook" / "questions.csv"):
        code, label, columns = row["code"], clean_label(row["question"]), sources.get(row["code"], [])
        has_other = bool(row["other"]) and row["answer_format"] == "ONE CHOICE"
        list_name = f"{row['answer_file'] or 'yes_no'}{'_or_other' if has_other else ''}"
        if columns and not row["answer_format"].startswith("FREE"):
            lists[list_name] = _answers(row["answer_file"] or "yes_no", has_other)
        kind = _type(row["answer_format"], list_name)
        if row["answer_format"] == "Ranking":
            for rank, source in enumerate(columns, 1):
                questions.append(question(kind, f"{code}_{rank}", f"Rank {rank}", matrix=label, source=source))
        elif columns:
            source = code if kind.startswith("select_multiple") else columns[0]
            questions.append(question(kind, code, label, source=source))
    return questions, [
        {**row, "source": row["name"].removeprefix("c")}
        for name, labels in lists.items()
        for row in choices(name, **{f"c{number}": label for number, label in enumerate(labels, 1)})
    ]


def _sources() -> dict[str, list[str]]:
    """The codes of the export's columns by question: `code`, `code[1]` …, `code[SQ001]` or `battery[code]`."""
    header = next(csv.reader(EXPORT.open(encoding="utf-8")))
    sources: dict[str, list[str]] = {}
    for heading in header[1:]:
        column = heading.split(". ")[0]
        code, part = re.fullmatch(r"(\w+)(?:\[(\w+)\])?", column).groups()  # type: ignore[union-attr]
        sources.setdefault(part if code.startswith("likert") else code, []).append(column)
    return sources


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


def _type(answer_format: str, list_name: str) -> str:
    return {
        "FREETEXT": "text",
        "FREENUMERIC": "decimal",
        "MULTIPLE CHOICES": f"select_multiple {list_name}",
    }.get(answer_format, f"select_one {list_name}")


def _answers(name: str, has_other: bool) -> list[str]:
    """The labels of a list: one a line, of which some are quoted and others hold commas."""
    lines = (DELIVERED / "codebook" / "answers" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    labels = [clean_label(line.strip('"')) for line in lines if line.strip()]
    return list(dict.fromkeys([*labels, *(["Other"] if has_other else [])]))


def published(shares: bool) -> Iterator[tuple[str, Table]]:
    """The published counts or shares of each file whose questions are in the public data."""
    for path in sorted(PUBLISHED.glob("*.csv")):
        codes = codes_of(path.name)
        if ("[PERC]" in path.name) == shares and not WITHHELD & set(codes):
            yield path.name, table_of(path, codes)


def codes_of(name: str) -> list[str]:
    """The codes that a file's name stands for: `socio1`, `paper1_2_3_4_5`, `('time', '1can_2can_3can')`."""
    stem = name.removesuffix(".csv").removesuffix("[PERC]")
    if stem == "prevEmp2":
        return [f"prevEmp2_{rank}" for rank in range(1, 6)]
    battery = re.fullmatch(r"\('(\w+)', '(\w+)'\)", stem) or re.fullmatch(r"([A-Za-z]+)(\w+)", stem)
    assert battery is not None, name
    return [f"{battery[1]}{part}" for part in battery[2].split("_")]


def table_of(path: Path, codes: Sequence[str]) -> Table:
    """One published table: a row a question where its columns are Yes and No, else a column a question."""
    with path.open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if header[1:3] == ["Yes", "No"]:
        return {code: _numbers(header[1:], row[1:]) for code, row in zip(codes, rows, strict=True)}
    labels, *columns = zip(*rows, strict=True)
    return {code: _numbers(labels, column) for code, column in zip(codes, columns, strict=True)}


def _numbers(labels: Sequence[str], values: Sequence[str]) -> Mapping[str, float]:
    named = zip((clean_label(label).removesuffix(" [PERCENTAGE]") for label in labels), values, strict=True)
    return {label: float(value) for label, value in named if value}


@pytest.fixture(scope="module")
def counted(result: ReadResult) -> Table:
    """What the landed answers say: responses by question and label, and under "" those without an answer."""
    questions, choice_rows = codebook()
    lists = {row["name"]: row["type"].split()[-1] for row in questions}
    labels = {(row["list_name"], row["name"]): row["label"] for row in choice_rows}
    found = (
        duckdb.connect()
        .from_arrow(result.answers)
        .query(
            "answers",
            f"""
        select question_code, choice_code, count(*) from answers where choice_code is not null group by all
        union all
        select question_code, null, {RESPONSES} - count(distinct response_id) from answers group by all
        """,
        )
        .fetchall()
    )
    counts: dict[str, dict[str, float]] = {}
    for code, choice, number in found:
        counts.setdefault(code, {})[labels[lists[code], choice] if choice else ""] = number
    return counts


def answered(counts: Mapping[str, float]) -> float:
    return RESPONSES - counts[""]


def said(counts: Mapping[str, float]) -> float:
    return sum(number for label, number in counts.items() if label)


def test_every_response_is_landed_and_nothing_is_rejected(result: ReadResult) -> None:
    assert (result.rows_in, result.responses.num_rows, result.rejected.num_rows) == (RESPONSES, RESPONSES, 0)
    assert result.answers.num_rows == 12824


def test_a_response_is_named_by_the_row_numbers_that_stand_below_an_empty_header(result: ReadResult) -> None:
    assert result.responses["response_id"].to_pylist()[:3] == ["2", "3", "4"]


def test_all_published_counts_are_those_of_the_landed_answers(counted: Table) -> None:
    compared = 0
    for name, tables in published(shares=False):
        for code, expected in tables.items():
            if code not in NUMBERS:
                found = {label: number for label, number in counted[code].items() if number}
                if "" not in expected:
                    found.pop("", None)
                assert found == {label: number for label, number in expected.items() if number}, (name, code)
                compared += 1
    assert compared == 121


def test_all_published_numbers_are_those_of_the_responses_but_for_three_outliers(result: ReadResult) -> None:
    position = {name: index for index, name in enumerate(result.responses["response_id"].to_pylist())}
    found: dict[str, dict[str, float]] = {code: {} for code in NUMBERS}
    for row in result.answers.to_pylist():
        if row["question_code"] in NUMBERS:
            found[row["question_code"]][str(position[row["response_id"]])] = row["value_number"]
    for name, tables in published(shares=False):
        for code in NUMBERS & set(tables):
            expected = tables[code]
            unpublished = {key: number for key, number in found[code].items() if key not in expected}
            assert unpublished == (UNPUBLISHED if code == "train2" else {}), name
            assert {key: number for key, number in found[code].items() if key in expected} == expected, name


def test_published_shares_of_single_choices_are_of_those_who_answered(counted: Table) -> None:
    names = _agreeing(counted, lambda code, label, _: 100 * counted[code].get(label, 0) / answered(counted[code]))
    batteries = {name for name, _ in published(shares=True) if name.strip("('").startswith(BATTERIES)}
    empty = {name for name, tables in published(shares=True) if not any(tables.values())}
    multiple = {f"{code}[PERC].csv" for code in MULTIPLE}
    rounded = {"paper1_2_3_4_5[PERC].csv"}
    every = {name for name, _ in published(shares=True)}
    assert every - names == batteries | empty | multiple | rounded
    assert len(names) == 22


def test_published_shares_of_multiple_choices_are_of_all_ticks_not_of_those_who_answered(counted: Table) -> None:
    names = _agreeing(counted, lambda code, label, _: 100 * counted[code].get(label, 0) / said(counted[code]))
    assert {f"{code}[PERC].csv" for code in MULTIPLE} <= names


def test_published_shares_of_batteries_are_of_all_who_said_the_same_to_any_of_their_questions(counted: Table) -> None:
    names = _agreeing(
        counted,
        lambda code, label, codes: (
            100 * counted[code].get(label, 0) / sum(counted[other].get(label, 0) for other in codes)
        ),
    )
    assert {name for name, _ in published(shares=True) if name.strip("('").startswith(BATTERIES)} <= names


def test_published_shares_of_publications_stand_once_in_full_and_once_as_whole_percents(counted: Table) -> None:
    names = _agreeing(
        counted, lambda code, label, _: round(100 * counted[code].get(label, 0) / answered(counted[code]))
    )
    assert "paper1_2_3_4_5[PERC].csv" in names


def _agreeing(counted: Table, share: Callable[[str, str, Sequence[str]], float]) -> set[str]:
    """The files of shares, none of them empty, of which each number is the share given."""
    return {
        name
        for name, tables in published(shares=True)
        if any(tables.values())
        and all(
            number == pytest.approx(share(code, label, list(tables)), abs=1e-9)
            for code, table in tables.items()
            for label, number in table.items()
        )
    }
