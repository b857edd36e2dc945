"""Which columns are those of a multiple-choice question, as platforms head them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orchestration.readers.deliveries import Row, answers, choices, deliver, problems, question, read_round

ID = question("text", "id", "id", role="response_id")
CHOICES: list[Row] = [
    {**row, "source": source}
    for row, source in zip(choices("support", money="Money", advice="Own advice"), ("1", "2"), strict=True)
]
SUPPORT = question("select_multiple support", "support", "Which support?", source="No.4")


def read(tmp_path: Path, header: str, *rows: str, questions: tuple[Row, ...] = (ID, SUPPORT)) -> list[tuple[str, str]]:
    result = read_round(deliver(tmp_path / "rounds/x/2025", questions, CHOICES, "\n".join((header, *rows, ""))))
    assert not result.rejected.num_rows
    return [(response, choice) for response, name, choice in answers(result) if name == "support"]


@pytest.mark.parametrize(
    ("money", "advice"),
    [
        ("[No.4]Money", "[No.4]Own advice"),
        ("[No.4] 1", "[No.4] 2"),
        ("No.4: Money", "No.4: Own advice"),
        ("support/money", "support/advice"),
        ("Which support?/Money", "Which support?/Own advice"),
        ("Which support? [Money]", "Which support? [Own advice]"),
        ("Which support? - Money", "Which support? - Own advice"),
        ("No.4_1", "No.4_2"),
        ("support.money", "support.advice"),
        ("No.4[1]", "No.4[2]"),
        ("support___1", "support___2"),
        ("Money:Which support?", "Own advice:Which support?"),
        ("Which support? - Selected Choice - Money", "Which support? - Selected Choice - Own advice"),
    ],
)
def test_the_column_of_a_choice_is_known_by_question_and_choice(tmp_path: Path, money: str, advice: str) -> None:
    assert read(tmp_path, f"id;{money};{advice}", "r1;1;0", "r2;1;1", "r3;0;0") == [
        ("r1", "money"),
        ("r2", "money"),
        ("r2", "advice"),
    ]


def test_columns_of_choices_repeat_the_one_that_holds_them_all(tmp_path: Path) -> None:
    content = "support;support/money;support/advice;id\nmoney advice;1;1;r1\nadvice;0;1;r2\n;;;r3\n"
    result = read_round(deliver(tmp_path / "rounds/x/2025", (SUPPORT, ID), CHOICES, content))
    assert [found for found in answers(result) if found[1] == "support"] == [
        ("r1", "support", "money"),
        ("r1", "support", "advice"),
        ("r2", "support", "advice"),
    ]
    told = "x/2025/extract.csv: not read, as the column of support says it too: 'support/money', 'support/advice'"
    assert told in result.notes


def test_a_column_of_another_question_is_none_of_a_choice(tmp_path: Path) -> None:
    further = (question("text", "x1", "support/money"), question("text", "x2", "support/advice"))
    rows = ("money advice;1;1;r1", "advice;0;1;r2", ";;;r3")
    found = read(tmp_path, "support;support/money;support/advice;id", *rows, questions=(SUPPORT, ID, *further))
    assert found == [("r1", "money"), ("r1", "advice"), ("r2", "advice")]


def test_a_column_of_no_choice_is_told(tmp_path: Path) -> None:
    card = deliver(tmp_path / "rounds/x/2025", (SUPPORT, ID), CHOICES, "support;support/staff;id\nmoney;0;r1\n")
    assert "the column is not in the codebook" in problems(card)[0]


def test_a_missing_column_of_a_choice_is_told(tmp_path: Path) -> None:
    card = deliver(tmp_path / "rounds/x/2025", (SUPPORT, ID), CHOICES, "support/money;id\n1;r1\n")
    assert "the column of question support, choice advice is missing" in problems(card)[0]
