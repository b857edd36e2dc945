"""The door: does a delivered file keep its codebook's promise? Its suite is made from codebook and card.

Here: answers that have to be there, numbers within bounds, counts and shares of the round. Answers are judged of the
responses that count, shares of all that was delivered. Not here: what the reader has decided already (types, known
choices), which submission counts (dbt_project/models/staging/stg_submissions.sql), keys and joins (dbt tests).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.outcomes import Outcome
from expectations.runner import Rule, read_rules, validate
from orchestration.common.personal import REMOVED
from orchestration.landing.submissions import COUNTED, SUPERSEDED
from orchestration.rounds.corrections import load_corrections

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.landing.landing import Landed
    from orchestration.rounds.card import RoundCard
    from orchestration.rounds.codebook import Codebook, Question

RULES = Path(__file__).with_suffix(".yml")
RESPONSE, QUESTION = "response id", "question"


def check_door(landing: Landed, codebook: Codebook, card: RoundCard) -> list[Outcome]:
    """Judge a landed round by its codebook and source card: one outcome a rule, errors first."""
    landed, rules = _Landed(landing, codebook), read_rules(RULES)
    bounds = [rules["numbers_at_least_minimum"], rules["numbers_at_most_maximum"]]
    outcomes = [
        *validate(_required_frame(landed, codebook), [rules["required_questions_answered"]], [RESPONSE, QUESTION]),
        *validate(_number_frame(landed, codebook), bounds, [RESPONSE, QUESTION]),
        *validate(_round_frame(landed, card), _round_rules(rules, card), ["round"]),
        *validate(_conditional_frame(landed, codebook), [rules["answers_only_where_relevant"]], [RESPONSE, QUESTION]),
        *validate(_submission_frame(landed), _fieldwork_rules(rules, card), [RESPONSE]),
        *validate(_question_frame(landed, codebook), [rules["questions_answered_at_all"]], [QUESTION]),
        *validate(_rejected_frame(landed), [rules["no_answer_rejected"]], ["source row", QUESTION]),
        *validate(_respondent_frame(landed), [rules["respondents_answered_once"]], ["respondent"]),
        *validate(_standing_frame(landed), [rules["no_test_or_incomplete_response"]], [RESPONSE]),
        *validate(_correction_frame(card), [rules["no_answer_corrected"]], [RESPONSE, QUESTION]),
        *validate(_text_frame(landed), [rules["no_personal_data_in_texts"]], ["source row", QUESTION]),
    ]
    return sorted(outcomes, key=lambda outcome: outcome.severity)


def _round_rules(rules: Mapping[str, Rule], card: RoundCard) -> list[Rule]:
    """Rules on the round as a whole: is it complete, and is little enough of it rejected."""
    limit, expected_n = card.rejected_share_limit, card.expected_responses
    shares = [
        rules[f"rejected_{things}_within_limit"].fill({"limit": f"{limit:.2%}"}, max_value=limit)
        for things in ("rows", "answers")
    ]
    if expected_n is None:
        return shares
    expected = rules["expected_responses_reached"]
    return [expected.fill({"expected_n": expected_n}, min_value=expected_n, max_value=expected_n), *shares]


def _fieldwork_rules(rules: Mapping[str, Rule], card: RoundCard) -> list[Rule]:
    """The rule on dates of submission, if the source card tells the days of fieldwork."""
    start, end = card.fieldwork_start, card.fieldwork_end
    if start is None and end is None:
        return []
    rule = rules["submitted_during_fieldwork"].fill(
        {"start": start or "any day", "end": end or "any day"},
        min_value=datetime.combine(start, time.min) if start else None,
        max_value=datetime.combine(end, time.max) if end else None,
    )
    return [rule]


class _Landed:
    """A landed round, indexed as the frames need it: what was delivered, and what of it counts."""

    def __init__(self, landing: Landed, codebook: Codebook) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        names = ("responses", "answers", "rejected")
        responses, answers, rejected = (
            pq.read_table(landing.path / f"{name}.parquet", partitioning=None) for name in names
        )
        self.submissions: list[dict[str, Any]] = landing.submissions.to_pylist()
        self.response_ids = [row["response_id"] for row in self.submissions if row["standing"] == COUNTED]
        counted = pa.array(self.response_ids, pa.string())
        self.responses = responses.filter(pc.is_in(responses.column("response_id"), value_set=counted))
        self.answers = answers.filter(pc.is_in(answers.column("response_id"), value_set=counted))
        self.delivered_answers = answers
        rejected_rows: list[dict[str, Any]] = rejected.drop_columns(["raw"]).to_pylist()
        self.rejected_answers = [row for row in rejected_rows if row["scope"] == "answer"]
        self.rejected_rows_n = len(rejected_rows) - len(self.rejected_answers)
        self.given = self._list_given(codebook)

    def _list_given(self, codebook: Codebook) -> dict[str, dict[str, str | float]]:
        """What was answered to questions under a rule, by question and response: choice, number or a mark.

        An answer that the reader rejected was given; that it is unreadable is told by rules of its own.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        questions = codebook.landed_questions
        conditions = {question.relevant.question for question in questions if question.relevant is not None}
        under_rule = {q.name for q in questions if q.is_required or q.constraint or q.relevant}
        given: dict[str, dict[str, str | float]] = {name: {} for name in under_rule | conditions}
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


def _is_asked(landed: _Landed, question: Question, response: str) -> bool:
    relevant = question.relevant
    return relevant is None or landed.given[relevant.question].get(response) == relevant.choice


def _required_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a response × required question that it was asked: what was answered."""
    rows = [
        (response, question.name, "given" if response in landed.given[question.name] else None)
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
        for response, number in landed.given[question.name].items()
        if not isinstance(number, str)
    ]
    numbers = dict.fromkeys(("number", "minimum", "maximum"), "float64")
    return _frame(rows, {RESPONSE: "str", QUESTION: "str", **numbers})


def _conditional_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row an answer to a question that depends on another: was it asked."""
    rows = [
        (response, question.name, "yes" if _is_asked(landed, question, response) else "no")
        for question in codebook.landed_questions
        if question.relevant is not None
        for response in landed.given[question.name]
    ]
    return _frame(rows, {RESPONSE: "str", QUESTION: "str", "asked": "str"})


def _submission_frame(landed: _Landed) -> pd.DataFrame:
    """One row a response that counts: when it was submitted."""
    columns = (landed.responses.column(name).to_pylist() for name in ("response_id", "submitted_at"))
    return _frame(list(zip(*columns, strict=True)), {RESPONSE: "str", "submitted": "datetime64[us]"})


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

    return pd.DataFrame(rows, columns=list(types)).astype(dict(types))
