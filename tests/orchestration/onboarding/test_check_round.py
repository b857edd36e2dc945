"""What a person looks at before confirming a round."""

from pathlib import Path

from orchestration.onboarding.check import QuestionCount, RejectedRows, UnknownValue, check_round
from tests.orchestration.readers.deliveries import choices, deliver, question

QUESTIONS = [
    question("text", "id", "Code", role="response_id"),
    question("select_one plan", "plan", "Plan"),
    question("select_multiple needs", "needs", "Needs"),
    question("integer", "people", "People"),
]
CHOICES = [*choices("plan", yes="Yes", soon="Planned", no="No"), *choices("needs", money="Money", staff="Staff")]
HEADER = "Code,Plan,Needs,People\n"


def folder(tmp_path: Path) -> Path:
    return tmp_path / "rounds" / "x" / "2024"


def test_what_no_answer_can_be_is_counted_with_the_nearest_choices(tmp_path: Path) -> None:
    rows = "a,Yes,Money; Stuff,1\nb,planed,Money,x\nc,planed,,2\nd,?,Staff,3\n"
    deliver(folder(tmp_path), QUESTIONS, CHOICES, HEADER + rows)
    found = check_round(tmp_path, "x/2024")
    assert (found.problems, found.rows_in, found.responses_n, found.expected_responses) == ((), 4, 4, 2)
    assert found.unknown_values == (
        UnknownValue("plan", "planed", 2, 3, "unknown_choice", (("soon", 92),)),
        UnknownValue("plan", "?", 1, 5, "unknown_choice", ()),
        UnknownValue("needs", "Money; Stuff", 1, 2, "unknown_choice", (("staff", 80),)),
        UnknownValue("people", "x", 1, 3, "not_a_number", ()),
    )
    assert found.questions == (
        QuestionCount("id", 4, ()),
        QuestionCount("plan", 1, ("soon", "no")),
        QuestionCount("needs", 2, ()),
        QuestionCount("people", 3, ()),
    )


def test_rejected_rows_are_counted_by_reason(tmp_path: Path) -> None:
    deliver(folder(tmp_path), QUESTIONS, CHOICES, HEADER + "a,Yes,,1\nb,Yes,,1,5\n,No,,2\nc,No,,1,2,3\n")
    found = check_round(tmp_path, "x/2024")
    assert [(rows.reason_code, rows.count, rows.first_row) for rows in found.rejected_rows] == [
        ("wrong_field_count", 2, 3),
        ("missing_response_id", 1, 4),
    ]
    assert isinstance(found.rejected_rows[0], RejectedRows)
    assert (found.rows_in, found.responses_n) == (4, 1)


def test_columns_and_questions_without_each_other_are_told(tmp_path: Path) -> None:
    deliver(folder(tmp_path), QUESTIONS, CHOICES, "Code,Plan,Needs,Persons,Extra\na,Yes,,1,2\n")
    reasons = [problem.reason for problem in check_round(tmp_path, "x/2024").problems]
    assert [reason.split(";")[0] for reason in reasons] == [
        "the column of question people is missing",
        "the column is not in the codebook",
        "the column is not in the codebook",
    ]


def test_nothing_is_landed_or_written(tmp_path: Path) -> None:
    deliver(folder(tmp_path), QUESTIONS, CHOICES, HEADER + "a,Yes,,1\n")
    before = sorted(tmp_path.rglob("*"))
    check_round(tmp_path, "x/2024")
    assert sorted(tmp_path.rglob("*")) == before
