"""Several choices of one question as platforms write them: proposed as one multiple choice, and read as proposed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from orchestration.onboarding.new import NewRound, Scaffolded, new_round
from orchestration.onboarding.start import list_without_table, start_round
from orchestration.readers.read import read_extract
from orchestration.rounds.card import RoundCard, load_round
from orchestration.rounds.codebook import Codebook, load_codebook
from tests.orchestration.onboarding.test_one_sniffer import KNOWN

ROWS_N = 18


def scaffold(tmp_path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Scaffolded:
    lines = ["\t".join(f'"{cell}"' for cell in row) for row in (header, *rows)]
    (tmp_path / "extract.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    wanted = NewRound("s", "2025", (str(tmp_path / "extract.csv"),), values=KNOWN)
    return new_round(tmp_path / "seeds", wanted)


def proposed(tmp_path: Path) -> tuple[RoundCard, Codebook]:
    folder = tmp_path / "seeds/rounds/s/2025"
    return load_round(folder / "round.yml"), load_codebook(folder)


def chosen(tmp_path: Path, name: str) -> dict[str, set[str]]:
    """The labels that each response chose, by its id; those that chose none are left out."""
    card, codebook = proposed(tmp_path)
    labels = {choice.name: choice.label for choice in codebook.choices_of(codebook.by_name[name])}
    result = read_extract(card, codebook)
    assert result.rejected.num_rows == 0
    found: dict[str, set[str]] = {}
    for row in result.answers.to_pylist():
        if row["question_code"] == name:
            found.setdefault(row["response_id"], set()).add(labels[row["choice_code"]])
    return found


def types(tmp_path: Path) -> list[tuple[str, str]]:
    return [(question.name, question.base_type) for question in proposed(tmp_path)[1].questions]


@pytest.mark.parametrize(
    "form",
    [
        "[No.4]{}",
        "[No.4] {}",
        "support/{}",
        "group/support/{}",
        "Q4: {}",
        "Hilfe - {}",
        "Aide | {}",
        "Q4_{}",
        "q4___{}",
        "Q4 - Selected Choice - {}",
        "Q4:{}",
        "Q4.{}",
        "[group/x]{}",
    ],
)
@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("Tak", "Nie"), ("Kyllä", ""), ("X", ""), ("TRUE", "FALSE")])
def test_columns_of_ticks_are_one_question(tmp_path: Path, form: str, yes: str, no: str) -> None:
    labels = ["own", "region", "none"] if "_" in form else ["own site", "site of the region", "none"]
    ticks = [[bool(n % 2), n % 3 == 0, False] for n in range(ROWS_N)]
    rows = [[f"r{n}", *(yes if tick else no for tick in row), f"City {n}"] for n, row in enumerate(ticks)]
    found = scaffold(tmp_path, ["id", *map(form.format, labels), "city"], rows)
    (remark,) = found.remarks
    assert "3 columns that begin alike hold only ticks" in remark
    (_, (name, base_type), _) = types(tmp_path)
    assert base_type == "select_multiple"
    expected = {
        f"r{n}": {label for label, tick in zip(labels, row, strict=True) if tick} for n, row in enumerate(ticks)
    }
    assert chosen(tmp_path, name) == {key: value for key, value in expected.items() if value}


@pytest.mark.parametrize("header", [["Q4: plan", "Q5: plan"], ["No.1", "No.2"], ["Has plan", "Has money"]])
def test_ticks_without_a_question_in_common_are_questions_each(tmp_path: Path, header: list[str]) -> None:
    scaffold(tmp_path, ["id", *header], [[f"r{n}", str(n % 2), "0"] for n in range(ROWS_N)])
    assert [base_type for _, base_type in types(tmp_path)] == ["text", "integer", "integer"]


def test_columns_that_begin_alike_and_rate_are_questions_each(tmp_path: Path) -> None:
    rows = [[f"r{n}", str(n % 5), str(n % 4)] for n in range(ROWS_N)]
    assert scaffold(tmp_path, ["id", "Rate: money", "Rate: advice"], rows).remarks == ()
    assert [base_type for _, base_type in types(tmp_path)] == ["text", "integer", "integer"]


def test_columns_without_any_tick_stay_open(tmp_path: Path) -> None:
    found = scaffold(tmp_path, ["id", "Q4: a", "Q4: b"], [[f"r{n}", "", ""] for n in range(ROWS_N)])
    assert all("every cell is empty" in remark for remark in found.remarks)


def test_ticks_under_headings_of_no_known_form_are_asked_for(tmp_path: Path) -> None:
    rows = [[f"r{n}", str(n % 2), "0"] for n in range(ROWS_N)]
    found = scaffold(tmp_path, ["id", "No.4~own site", "No.4~other site"], rows)
    assert [remark.partition("begin with ")[2] for remark in found.remarks] == ["'No.4~': choices of one question?"] * 2


FUNDING, ADVICE, TRAINING = "Funding, grants and loans", "Technical advice", "Training, peer learning"
TICKED = [
    [FUNDING], [FUNDING, ADVICE, TRAINING], [TRAINING], [FUNDING, TRAINING], [ADVICE], [ADVICE, TRAINING],
]  # fmt: skip


@pytest.mark.parametrize("joint", [", ", "|", "\n", " | "])
def test_choices_that_a_cell_joins_are_parted_though_they_hold_the_sign(tmp_path: Path, joint: str) -> None:
    rows = [[f"r{n}", joint.join(TICKED[n % len(TICKED)])] for n in range(ROWS_N)]
    found = scaffold(tmp_path, ["id", "Which support do you need?"], rows)
    assert len(found.remarks) == 1
    assert "cells join choices by" in found.remarks[0]
    assert proposed(tmp_path)[0].joined_by == (joint.strip() or joint)
    name = "which_support_do_you_need"
    assert chosen(tmp_path, name) == {f"r{n}": set(TICKED[n % len(TICKED)]) for n in range(ROWS_N)}


def test_semicolons_need_not_be_said(tmp_path: Path) -> None:
    rows = [[f"r{n}", ["Money;Advice", "Money", "Advice"][n % 3]] for n in range(ROWS_N)]
    assert scaffold(tmp_path, ["id", "Needs"], rows).remarks == ()
    assert proposed(tmp_path)[0].joined_by == ""
    assert chosen(tmp_path, "needs")["r0"] == {"Money", "Advice"}


@pytest.mark.parametrize(
    ("cells", "base_type"),
    [
        (["Yes, fully", "Yes, partly", "No"], "select_one"),
        (["very high", "high", "low", "very low"], "select_one"),
        (["Not yet", "Yes", "No"], "select_one"),
    ],
)
def test_a_choice_that_holds_a_sign_is_one(tmp_path: Path, cells: list[str], base_type: str) -> None:
    scaffold(tmp_path, ["id", "Plan"], [[f"r{n}", cells[n % len(cells)]] for n in range(ROWS_N)])
    assert types(tmp_path)[1] == ("plan", base_type)


def test_a_list_of_one_order_and_another_is_no_list_of_ticks(tmp_path: Path) -> None:
    cells = ["Parks, Trees", "Trees, Parks", "Parks", "Trees", "Air", "Parks, Air"]
    scaffold(tmp_path, ["id", "Wishes"], [[f"r{n}", cells[n % len(cells)]] for n in range(ROWS_N)])
    assert types(tmp_path)[1][1] != "select_multiple"


NAMES = ["money advice", "advice", "money", "", "money advice staff", "staff"]


def test_names_of_an_xlsform_are_joined_by_spaces(tmp_path: Path) -> None:
    rows = [[NAMES[n % len(NAMES)], str(n), f"uuid-{n}"] for n in range(ROWS_N)]
    scaffold(tmp_path, ["support", "_id", "_uuid"], rows)
    assert proposed(tmp_path)[0].joined_by == " "
    assert chosen(tmp_path, "support")["0"] == {"money", "advice"}


@pytest.mark.parametrize("is_first", [True, False])
def test_ticks_that_a_joined_column_repeats_are_not_counted_twice(tmp_path: Path, is_first: bool) -> None:
    options = ["money", "advice", "staff"]
    joined = [NAMES[n % len(NAMES)] for n in range(ROWS_N)]
    ticks = [[str(int(option in cell.split())) if cell else "" for option in options] for cell in joined]
    header, rows = [f"support/{option}" for option in options], [[*row] for row in ticks]
    at = 0 if is_first else len(header)
    header.insert(at, "support")
    for row, cell in zip(rows, joined, strict=True):
        row.insert(at, cell)
    scaffold(tmp_path, [*header, "_id"], [[*row, str(n)] for n, row in enumerate(rows)])
    assert types(tmp_path) == [("support", "select_multiple"), ("id", "text")]
    expected = {str(n): set(cell.split()) for n, cell in enumerate(joined) if cell}
    assert chosen(tmp_path, "support") == expected


@pytest.mark.parametrize("form", ["support [{}]", "[support]{}", "support: {}", "support.{}", "support___{}"])
def test_whatever_the_form_ticks_beside_their_whole_are_not_counted_twice(tmp_path: Path, form: str) -> None:
    rows = [[f"r{n}", str(n % 2), str(int(n % 3 == 0)), "a;b"[n % 3 : n % 3 + 1].strip(";")] for n in range(ROWS_N)]
    scaffold(tmp_path, ["id", form.format("a"), form.format("b"), "support"], rows)
    card, codebook = proposed(tmp_path)
    assert read_extract(card, codebook).rejected.num_rows == 0
    assert len({question.label for question in codebook.questions}) == len(codebook.questions)


def test_ticks_beside_a_column_of_other_words_are_questions_each(tmp_path: Path) -> None:
    rows = [[f"r{n}", f"words {n}", str(n % 2), "0"] for n in range(ROWS_N)]
    scaffold(tmp_path, ["id", "support", "support/money", "support/advice"], rows)
    assert [base_type for _, base_type in types(tmp_path)] == ["text", "text", "integer", "integer"]


def test_what_an_earlier_round_said_of_its_cells_is_taken_over(tmp_path: Path) -> None:
    rows = [[f"r{n}", ", ".join(TICKED[n % len(TICKED)])] for n in range(ROWS_N)]
    scaffold(tmp_path, ["id", "Support"], rows)
    (tmp_path / "next.csv").write_text(f'id\tSupport\nr1\t"{FUNDING}, {TRAINING}"\nr2\t{ADVICE}\n')
    found = new_round(tmp_path / "seeds", NewRound("s", "2026", (str(tmp_path / "next.csv"),), values=KNOWN))
    card = load_round(tmp_path / "seeds/rounds/s/2026/round.yml")
    codebook = load_codebook(card.folder)
    assert "round.yml, joined_by: taken over from 2025: ," in found.remarks
    assert codebook.by_name["support"].base_type == "select_multiple"
    assert read_extract(card, codebook).rejected.num_rows == 0


def test_what_gets_no_table_is_listed(tmp_path: Path) -> None:
    rows = [[f"r{n}", str(n % 2), "0", "High" if n % 2 else "Low", str(n), f"p{n}@a.example"] for n in range(ROWS_N)]
    scaffold(tmp_path, ["id", "Q4: a", "Q4: b", "Pressing", "Staff", "E-mail"], rows)
    start_round(tmp_path / "seeds", "s/2025", "2025")
    assert [line.split(":")[0] for line in list_without_table(tmp_path / "seeds", "s/2025")] == [
        "id",
        "staff",
        "e_mail",
    ]
    shown = (tmp_path / "seeds/tables.csv").read_text()
    assert "Q4" in shown
    assert "Pressing" in shown
