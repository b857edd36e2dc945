"""The door: does a delivered file keep its codebook's promise? Its suite is made from codebook and card.

Here: answers that have to be there, numbers within bounds, counts and shares of the round. Not here: what the
reader has decided already (types, known choices, unique ids), keys and joins (dbt tests).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.outcomes import Outcome
from expectations.runner import Rule, Where, validate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from orchestration.codebook import Codebook, Question, RoundCard

# No question can have these names: a question's code holds no space.
RESPONSE = "response id"
SUBMITTED = "submitted at"
NUMBER_OF = "{} ="


def check_door(landed_path: Path, codebook: Codebook, card: RoundCard) -> list[Outcome]:
    """Judge a landed round by its codebook and source card: one outcome a rule, errors first."""
    landed = _Landed.read(landed_path)
    outcomes = [
        *validate(_response_frame(landed, codebook), response_rules(codebook, card), [RESPONSE]),
        *validate(_round_frame(landed, card), round_rules(card), ["round"]),
        *validate(_question_frame(landed, codebook), QUESTION_RULES, ["question"]),
        *validate(_rejected_frame(landed), REJECTED_RULES, ["source row", "question"]),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity)


def response_rules(codebook: Codebook, card: RoundCard) -> list[Rule]:
    """Rules on single responses: what the codebook says of each question, what the card says of dates."""
    questions = codebook.landed_questions
    return [*_required(questions), *_bounded(questions), *_only_if_relevant(questions), *_in_fieldwork(card)]


def _required(questions: Iterable[Question]) -> Iterator[Rule]:
    for question in questions:
        if question.is_required:
            asked = question.relevant
            yield Rule(
                name="required_questions_answered",
                description="Every question that the codebook requires is answered where it is asked.",
                severity="error",
                expectation="expect_column_values_to_not_be_null",
                kwargs={"column": question.name},
                where=Where(asked.question, "==", asked.choice) if asked else None,
                remedy="Complete the answer at its source; if it may be missing, clear `required` in questions.csv.",
            )


def _bounded(questions: Iterable[Question]) -> Iterator[Rule]:
    for question in questions:
        if question.constraint is not None:
            yield Rule(
                name="numbers_within_constraints",
                description="Every number lies within the bounds that the codebook sets.",
                severity="error",
                expectation="expect_column_values_to_be_between",
                kwargs={
                    "column": NUMBER_OF.format(question.name),
                    "min_value": question.constraint.minimum,
                    "max_value": question.constraint.maximum,
                },
                remedy=(
                    "Ask the respondent and correct the answer at its source; if the number is right, widen "
                    "`constraint` in questions.csv."
                ),
            )


def _only_if_relevant(questions: Iterable[Question]) -> Iterator[Rule]:
    for question in questions:
        if question.relevant is not None:
            yield Rule(
                name="answers_only_where_relevant",
                description="Questions that depend on another answer are answered only where they are asked.",
                severity="warn",
                expectation="expect_column_values_to_be_null",
                kwargs={"column": question.name},
                where=Where(question.relevant.question, "!=", question.relevant.choice),
                remedy="Compare `relevant` in questions.csv with the questionnaire as it was fielded.",
            )


def _in_fieldwork(card: RoundCard) -> Iterator[Rule]:
    if card.fieldwork_start is None and card.fieldwork_end is None:
        return
    start, end = card.fieldwork_start, card.fieldwork_end
    yield Rule(
        name="submitted_during_fieldwork",
        description=f"Responses were submitted from {start or 'any day'} to {end or 'any day'}.",
        severity="warn",
        expectation="expect_column_values_to_be_between",
        kwargs={
            "column": SUBMITTED,
            "min_value": datetime.combine(start, datetime.min.time()) if start else None,
            "max_value": datetime.combine(end + timedelta(days=1), datetime.min.time()) if end else None,
            "strict_max": True,
        },
        remedy="Correct the fieldwork dates in round.yml, or find out whether these are test responses.",
    )


def round_rules(card: RoundCard) -> list[Rule]:
    """Rules on the round as a whole: is it complete, and is little enough of it rejected."""
    limit = card.rejected_share_limit
    rules = [
        Rule(
            name="rejected_rows_within_limit",
            description=f"At most {limit:.2%} of the rows are rejected.",
            severity="error",
            expectation="expect_column_values_to_be_between",
            kwargs={"column": "rejected_rows_share", "max_value": limit},
            remedy="Read the reasons in rejected.parquet and correct the rows at their source.",
        ),
        Rule(
            name="rejected_answers_within_limit",
            description=f"At most {limit:.2%} of the answers are rejected.",
            severity="error",
            expectation="expect_column_values_to_be_between",
            kwargs={"column": "rejected_answers_share", "max_value": limit},
            remedy="Read the reasons in rejected.parquet; unknown choices often mean an old choices.csv.",
        ),
    ]
    if card.expected_responses is not None:
        expected = Rule(
            name="expected_responses_reached",
            description=f"The extract holds the {card.expected_responses} responses that round.yml expects.",
            severity="error",
            expectation="expect_column_values_to_be_between",
            kwargs={
                "column": "responses_and_rejected_rows_n",
                "min_value": card.expected_responses,
                "max_value": card.expected_responses,
            },
            remedy="Ask the producer for the whole extract, or correct `expected_responses` in round.yml.",
        )
        rules.insert(0, expected)
    return rules


QUESTION_RULES = (
    Rule(
        name="questions_answered_at_all",
        description="Every question that may be landed is answered at least once.",
        severity="warn",
        expectation="expect_column_values_to_be_between",
        kwargs={"column": "answers_n", "min_value": 1},
        remedy="Find out whether the question was fielded; a column may have been emptied on the way.",
    ),
)

REJECTED_RULES = (
    Rule(
        name="no_answer_rejected",
        description="Every answer that was given could be read.",
        severity="warn",
        expectation="expect_column_values_to_be_in_set",
        kwargs={"column": "is", "value_set": ["read"]},
        remedy="Read the reasons in rejected.parquet; correct the cells at their source or the codebook.",
    ),
)


@dataclass(frozen=True)
class _Landed:
    responses: pa.Table
    answers: pa.Table
    rejected: pa.Table

    @classmethod
    def read(cls, path: Path) -> _Landed:
        import pyarrow.parquet as pq

        names = ("responses", "answers", "rejected")
        return cls(*(pq.read_table(path / f"{name}.parquet", partitioning=None) for name in names))

    def answers_to(self, questions: Iterable[str]) -> list[dict[str, Any]]:
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = pa.array(sorted(questions), pa.string())
        rows = self.answers.filter(pc.is_in(self.answers.column("question_code"), value_set=wanted))
        columns = ["response_id", "question_code", "choice_code", "value_number"]
        found: list[dict[str, Any]] = rows.select(columns).to_pylist()
        return found

    def rejected_rows(self, scope: str) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = self.rejected.drop_columns(["raw"]).to_pylist()
        return [row for row in rows if row["scope"] == scope]


def _response_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a response; for each question that a rule looks at, what was answered, and its number.

    An answer that the reader rejected was given: that it is unreadable is told by rules of its own.
    """
    import pandas as pd

    ids = landed.responses.column("response_id").to_pylist()
    place = {response_id: index for index, response_id in enumerate(ids)}
    names = _names_of_rules(codebook)
    answers: dict[str, list[str | None]] = {name: [None] * len(ids) for name in names}
    numbers: dict[str, list[float | None]] = {
        question.name: [None] * len(ids) for question in codebook.landed_questions if question.constraint
    }
    for answer in landed.answers_to({*answers, *numbers}):
        index, name = place[answer["response_id"]], answer["question_code"]
        if name in answers:
            answers[name][index] = answer["choice_code"] or "answered"
        if name in numbers:
            numbers[name][index] = answer["value_number"]
    for row in landed.rejected_rows("answer"):
        if row["question_code"] in answers:
            answers[row["question_code"]][place[row["response_id"]]] = "rejected"
    submitted = landed.responses.column("submitted_at").to_pylist()
    return pd.DataFrame(
        {
            RESPONSE: pd.Series(ids, dtype="str"),
            SUBMITTED: pd.Series(submitted, dtype="datetime64[us]"),
            **{name: pd.Series(values, dtype="str") for name, values in answers.items()},
            **{NUMBER_OF.format(name): pd.Series(n, dtype="float64") for name, n in numbers.items()},
        }
    )


def _names_of_rules(codebook: Codebook) -> list[str]:
    questions = codebook.landed_questions
    conditions = {question.relevant.question for question in questions if question.relevant is not None}
    return [q.name for q in questions if q.is_required or q.relevant or q.name in conditions]


def _round_frame(landed: _Landed, card: RoundCard) -> pd.DataFrame:
    """One row: counts and shares of the round."""
    import pandas as pd

    responses_n = landed.responses.num_rows
    rejected_rows_n = len(landed.rejected_rows("row"))
    rejected_answers_n = len(landed.rejected_rows("answer"))
    given_n = landed.answers.select(["response_id", "question_code"]).group_by(
        ["response_id", "question_code"]
    )
    given_and_rejected_n = given_n.aggregate([]).num_rows + rejected_answers_n
    rows_n = responses_n + rejected_rows_n
    return pd.DataFrame(
        {
            "round": [card.key],
            "responses_and_rejected_rows_n": [rows_n],
            "rejected_rows_share": [rejected_rows_n / rows_n if rows_n else 0.0],
            "rejected_answers_share": [
                rejected_answers_n / given_and_rejected_n if given_and_rejected_n else 0.0
            ],
        }
    )


def _question_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a question that may be landed: the number of its answer rows."""
    import pandas as pd

    counts = {
        pair["values"]: pair["counts"]
        for pair in landed.answers.column("question_code").value_counts().to_pylist()
    }
    names = [question.name for question in codebook.landed_questions]
    return pd.DataFrame({"question": names, "answers_n": [counts.get(name, 0) for name in names]})


def _rejected_frame(landed: _Landed) -> pd.DataFrame:
    """One row a rejected answer."""
    import pandas as pd

    rows = landed.rejected_rows("answer")
    return pd.DataFrame(
        {
            "source row": pd.Series([row["source_row"] for row in rows], dtype="int64"),
            "question": pd.Series([row["question_code"] or "submission date" for row in rows], dtype="str"),
            "is": pd.Series([row["reason_code"] for row in rows], dtype="str"),
        }
    )
