"""The door: does a delivered file keep its codebook's promise? Its suite is made from codebook and card.

Here: answers that have to be there, numbers within bounds, counts and shares of the round. Answers are judged of the
responses that count, shares of all that was delivered. Not here: what the reader has decided already (types, known
choices), which submission counts (dbt_project/models/staging/stg_submissions.sql), keys and joins (dbt tests).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from expectations.outcomes import Outcome
from expectations.runner import Rule, validate
from orchestration.common.personal import REMOVED
from orchestration.landing.submissions import COUNTED, SUPERSEDED
from orchestration.rounds.corrections import load_corrections

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from orchestration.landing.landing import Landed
    from orchestration.rounds.card import RoundCard
    from orchestration.rounds.codebook import Codebook, Question

RESPONSE, QUESTION = "response id", "question"


def check_door(landing: Landed, codebook: Codebook, card: RoundCard) -> list[Outcome]:
    """Judge a landed round by its codebook and source card: one outcome a rule, errors first."""
    landed = _Landed.read(landing, codebook)
    outcomes = [
        *validate(_required_frame(landed, codebook), [REQUIRED], [RESPONSE, QUESTION]),
        *validate(_number_frame(landed, codebook), [AT_LEAST, AT_MOST], [RESPONSE, QUESTION]),
        *validate(_round_frame(landed, card), round_rules(card), ["round"]),
        *validate(_conditional_frame(landed, codebook), [RELEVANT], [RESPONSE, QUESTION]),
        *validate(_submission_frame(landed), fieldwork_rules(card), [RESPONSE]),
        *validate(_question_frame(landed, codebook), [ANSWERED], [QUESTION]),
        *validate(_rejected_frame(landed), [READABLE], ["source row", QUESTION]),
        *validate(_respondent_frame(landed), [ANSWERED_ONCE], ["respondent"]),
        *validate(_standing_frame(landed), [COMPLETE], [RESPONSE]),
        *validate(_correction_frame(card), [AS_DELIVERED], [RESPONSE, QUESTION]),
        *validate(_text_frame(landed), [IMPERSONAL], ["source row", QUESTION]),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity)


REQUIRED = Rule(
    name="required_questions_answered",
    description="Every question that the codebook requires is answered where it is asked.",
    severity="error",
    expectation="expect_column_values_to_not_be_null",
    kwargs={"column": "answer"},
    remedy="complete the answers at their source; if one may be missing, clear `required` in questions.csv.",
)
AT_LEAST = Rule(
    name="numbers_at_least_minimum",
    description="No number lies below the least that the codebook's constraint admits.",
    severity="error",
    expectation="expect_column_pair_values_a_to_be_greater_than_b",
    kwargs={
        "column_A": "number",
        "column_B": "minimum",
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    },
    remedy="ask the respondent; if the number is right, widen `constraint` in questions.csv.",
)
AT_MOST = Rule(
    name="numbers_at_most_maximum",
    description="No number lies above the greatest that the codebook's constraint admits.",
    severity="error",
    expectation="expect_column_pair_values_a_to_be_greater_than_b",
    kwargs={
        "column_A": "maximum",
        "column_B": "number",
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    },
    remedy=AT_LEAST.remedy,
)
RELEVANT = Rule(
    name="answers_only_where_relevant",
    description="Questions that depend on another answer are answered only where they are asked.",
    severity="warn",
    expectation="expect_column_values_to_be_in_set",
    kwargs={"column": "asked", "value_set": ["yes"]},
    remedy="compare `relevant` in questions.csv with the questionnaire as it was fielded.",
)
ANSWERED = Rule(
    name="questions_answered_at_all",
    description="Every question that may be landed is answered at least once.",
    severity="warn",
    expectation="expect_column_values_to_be_between",
    kwargs={"column": "answers", "min_value": 1},
    remedy="find out whether the question was fielded; a column may have been emptied on the way.",
)
READABLE = Rule(
    name="no_answer_rejected",
    description="Every answer that was given could be read.",
    severity="warn",
    expectation="expect_column_values_to_be_in_set",
    kwargs={"column": "result", "value_set": ["read"]},
    remedy="`needs rejects` lists them; correct them at their source, in the codebook, or by `needs corrections add`.",
)
ANSWERED_ONCE = Rule(
    name="respondents_answered_once",
    description="No respondent sent several complete responses; of several the last one counts.",
    severity="warn",
    expectation="expect_column_values_to_be_between",
    kwargs={"column": "complete responses", "max_value": 1},
    remedy="ask which response is meant if it is not the last; facts.fct_submission marks the others as superseded.",
)
COMPLETE = Rule(
    name="no_test_or_incomplete_response",
    description="Every response is complete and none is a test; others are kept, but count nowhere.",
    severity="warn",
    expectation="expect_column_values_to_not_be_in_set",
    kwargs={"column": "standing", "value_set": ["incomplete", "test"]},
    remedy="nothing, if they are what they are marked as; facts.fct_submission lists them.",
)
AS_DELIVERED = Rule(
    name="no_answer_corrected",
    description="Every answer is as it was delivered; reviewed corrections are told each time.",
    severity="warn",
    expectation="expect_column_values_to_be_null",
    kwargs={"column": "corrected"},
    remedy="nothing, if `needs corrections list` shows what was decided; ask the producer to correct the source.",
)

IMPERSONAL = Rule(
    name="no_personal_data_in_texts",
    description="No text held an e-mail address or a telephone number, which the reader removed.",
    severity="warn",
    expectation="expect_column_values_to_be_in_set",
    kwargs={"column": "removed", "value_set": ["nothing"]},
    remedy="mark the question as personal in questions.csv if it asks for such data; else nothing: it was not landed.",
)


def round_rules(card: RoundCard) -> list[Rule]:
    """Rules on the round as a whole: is it complete, and is little enough of it rejected."""
    rules = [
        _share_rule("rows", card.rejected_share_limit, "correct the rows at their source."),
        _share_rule("answers", card.rejected_share_limit, "unknown choices often mean an old choices.csv."),
    ]
    if card.expected_responses is None:
        return rules
    bounds = {"min_value": card.expected_responses, "max_value": card.expected_responses}
    expected = Rule(
        name="expected_responses_reached",
        description=f"Counted responses and rejected rows are the {card.expected_responses} that round.yml expects.",
        severity="error",
        expectation="expect_column_values_to_be_between",
        kwargs={"column": "responses and rejected rows", **bounds},
        remedy="ask the producer for the whole extract, or correct `expected_responses` in round.yml.",
    )
    return [expected, *rules]


def _share_rule(things: str, limit: float, hint: str) -> Rule:
    return Rule(
        name=f"rejected_{things}_within_limit",
        description=f"At most {limit:.2%} of the {things} are rejected.",
        severity="error",
        expectation="expect_column_values_to_be_between",
        kwargs={"column": f"share of rejected {things}", "max_value": limit},
        remedy=f"`needs rejects` lists them with their reasons; {hint}",
    )


def fieldwork_rules(card: RoundCard) -> list[Rule]:
    """The rule on dates of submission, if the source card tells the days of fieldwork."""
    start, end = card.fieldwork_start, card.fieldwork_end
    if start is None and end is None:
        return []
    rule = Rule(
        name="submitted_during_fieldwork",
        description=f"Responses were submitted from {start or 'any day'} to {end or 'any day'}.",
        severity="warn",
        expectation="expect_column_values_to_be_between",
        kwargs={
            "column": "submitted",
            "min_value": datetime.combine(start, time.min) if start else None,
            "max_value": datetime.combine(end, time.max) if end else None,
        },
        remedy="correct the fieldwork dates in round.yml, or find out whether these are test responses.",
    )
    return [rule]


class _Landed:
    """A landed round, indexed as the frames need it: what was delivered, and what of it counts."""

    def __init__(
        self, responses: pa.Table, answers: pa.Table, rejected: pa.Table, submissions: pa.Table, codebook: Codebook
    ) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        self.submissions: list[dict[str, Any]] = submissions.to_pylist()
        self.response_ids = [row["response_id"] for row in self.submissions if row["standing"] == COUNTED]
        counted = pa.array(self.response_ids, pa.string())
        self.responses = responses.filter(pc.is_in(responses.column("response_id"), value_set=counted))
        self.answers = answers.filter(pc.is_in(answers.column("response_id"), value_set=counted))
        self.delivered_answers = answers
        rejected_rows: list[dict[str, Any]] = rejected.drop_columns(["raw"]).to_pylist()
        self.rejected_answers = [row for row in rejected_rows if row["scope"] == "answer"]
        self.rejected_rows_n = len(rejected_rows) - len(self.rejected_answers)
        self._given = self._given_answers(codebook)

    @classmethod
    def read(cls, landing: Landed, codebook: Codebook) -> _Landed:
        import pyarrow.parquet as pq

        names = ("responses", "answers", "rejected")
        responses, answers, rejected = (
            pq.read_table(landing.path / f"{name}.parquet", partitioning=None) for name in names
        )
        return cls(responses, answers, rejected, landing.submissions, codebook)

    def _given_answers(self, codebook: Codebook) -> dict[str, dict[str, str | float]]:
        """What was answered to questions under a rule, by question and response: choice, number or a mark.

        An answer that the reader rejected was given; that it is unreadable is told by rules of its own.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        given: dict[str, dict[str, str | float]] = {name: {} for name in _names_under_rule(codebook)}
        counted = set(self.response_ids)
        for row in self.rejected_answers:
            if row["question_code"] in given and row["response_id"] in counted:
                given[row["question_code"]][row["response_id"]] = "rejected"
        wanted = pa.array(list(given), pa.string())
        rows = self.answers.filter(pc.is_in(self.answers.column("question_code"), value_set=wanted))
        columns = ("question_code", "response_id", "choice_code", "value_number")
        for question, response, choice, number in zip(*(rows.column(c).to_pylist() for c in columns), strict=True):
            given[question][response] = choice or ("answered" if number is None else number)
        return given

    def answer(self, question: str, response: str) -> str | float | None:
        return self._given[question].get(response)

    def answers_to(self, question: str) -> Mapping[str, str | float]:
        return self._given[question]


def _names_under_rule(codebook: Codebook) -> set[str]:
    questions = codebook.landed_questions
    conditions = {question.relevant.question for question in questions if question.relevant is not None}
    under_rule = {q.name for q in questions if q.is_required or q.constraint or q.relevant}
    return under_rule | conditions


def _is_asked(landed: _Landed, question: Question, response: str) -> bool:
    relevant = question.relevant
    return relevant is None or landed.answer(relevant.question, response) == relevant.choice


def _required_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a response × required question that it was asked: what was answered."""
    rows = [
        (response, question.name, None if landed.answer(question.name, response) is None else "given")
        for question in codebook.landed_questions
        if question.is_required
        for response in landed.response_ids
        if _is_asked(landed, question, response)
    ]
    return _frame(rows, {RESPONSE: "str", QUESTION: "str", "answer": "str"})


def _number_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a number under a constraint: the number and its bounds."""
    rows = [
        (response, question.name, number, question.constraint.minimum, question.constraint.maximum)
        for question in codebook.landed_questions
        if question.constraint is not None
        for response, number in landed.answers_to(question.name).items()
        if not isinstance(number, str)
    ]
    types = {
        RESPONSE: "str",
        QUESTION: "str",
        "number": "float64",
        "minimum": "float64",
        "maximum": "float64",
    }
    return _frame(rows, types)


def _conditional_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row an answer to a question that depends on another: was it asked."""
    rows = [
        (response, question.name, "yes" if _is_asked(landed, question, response) else "no")
        for question in codebook.landed_questions
        if question.relevant is not None
        for response in landed.answers_to(question.name)
    ]
    return _frame(rows, {RESPONSE: "str", QUESTION: "str", "asked": "str"})


def _submission_frame(landed: _Landed) -> pd.DataFrame:
    """One row a response that counts: when it was submitted."""
    rows = list(
        zip(*(landed.responses.column(name).to_pylist() for name in ("response_id", "submitted_at")), strict=True)
    )
    return _frame(rows, {RESPONSE: "str", "submitted": "datetime64[us]"})


def _round_frame(landed: _Landed, card: RoundCard) -> pd.DataFrame:
    """One row: counts and shares of the round."""
    rejected_n = len(landed.rejected_answers)
    keys = ["response_id", "question_code"]
    answers_n = landed.delivered_answers.select(keys).group_by(keys).aggregate([]).num_rows + rejected_n
    rows_n = len(landed.submissions) + landed.rejected_rows_n
    expected_n = len(landed.response_ids) + landed.rejected_rows_n
    row = (card.key, expected_n, _share(landed.rejected_rows_n, rows_n), _share(rejected_n, answers_n))
    types = {
        "round": "str",
        "responses and rejected rows": "int64",
        "share of rejected rows": "float64",
        "share of rejected answers": "float64",
    }
    return _frame([row], types)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _question_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a question that may be landed: the number of its answer rows."""
    counted = landed.answers.column("question_code").value_counts().to_pylist()
    counts = {pair["values"]: pair["counts"] for pair in counted}
    rows = [(question.name, counts.get(question.name, 0)) for question in codebook.landed_questions]
    return _frame(rows, {QUESTION: "str", "answers": "int64"})


def _rejected_frame(landed: _Landed) -> pd.DataFrame:
    """One row a rejected answer: why it was rejected."""
    rows = [
        (row["source_row"], row["question_code"] or "submission dates", row["reason_code"])
        for row in landed.rejected_answers
    ]
    return _frame(rows, {"source row": "int64", QUESTION: "str", "result": "str"})


def _respondent_frame(landed: _Landed) -> pd.DataFrame:
    """One row a respondent who is known: how many complete responses came."""
    complete = (row["respondent_id"] for row in landed.submissions if row["standing"] in (COUNTED, SUPERSEDED))
    counts = Counter(respondent for respondent in complete if respondent is not None)
    return _frame(list(counts.items()), {"respondent": "str", "complete responses": "int64"})


def _standing_frame(landed: _Landed) -> pd.DataFrame:
    """One row a landed response: whether it counts."""
    rows = [(row["response_id"], row["standing"]) for row in landed.submissions]
    return _frame(rows, {RESPONSE: "str", "standing": "str"})


def _correction_frame(card: RoundCard) -> pd.DataFrame:
    """One row a correction, all of which the reader has applied: what took the place of the delivered answer."""
    corrections = load_corrections(card.folder).values()
    rows = [
        (entry.response_id, entry.question_code or "status", entry.corrected or "no answer") for entry in corrections
    ]
    return _frame(rows, {RESPONSE: "str", QUESTION: "str", "corrected": "str"})


def _text_frame(landed: _Landed) -> pd.DataFrame:
    """One row a text from which the reader removed personal data: what it was."""
    import pyarrow.compute as pc

    shows_removal = pc.match_substring_regex(landed.delivered_answers.column("value_text"), REMOVED.pattern)
    rows = [
        (row["source_row"], row["question_code"], ", ".join(sorted(set(REMOVED.findall(row["value_text"])))))
        for row in landed.delivered_answers.filter(shows_removal).to_pylist()
    ]
    return _frame(rows, {"source row": "int64", QUESTION: "str", "removed": "str"})


def _frame(rows: Sequence[tuple[Any, ...]], types: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    columns = zip(*rows, strict=True) if rows else [()] * len(types)
    series = {
        name: pd.Series(list(column), dtype=dtype) for (name, dtype), column in zip(types.items(), columns, strict=True)
    }
    return pd.DataFrame(series)
