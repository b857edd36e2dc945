"""The door: does a delivered file keep its codebook's promise? Its suite is made from codebook and card.

Here: answers that have to be there, numbers within bounds, counts and shares of the round. Answers are judged of the
responses that count, shares of all that was delivered. Not here: what the reader has decided already (types, known
choices), which submission counts (dbt_project/models/staging/stg_submissions.sql), keys and joins (dbt tests).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.outcomes import Outcome
from expectations.runner import Rule, read_rules, validate
from orchestration.common.personal import REMOVED
from orchestration.landing.submissions import COUNTED, SUPERSEDED
from orchestration.rounds.corrections import load_corrections
from orchestration.rounds.forgotten import load_forgotten

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

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
    # Whoever is to be forgotten is not among them any more, but may be among those that are expected.
    least_n = expected_n - len(load_forgotten(card.folder))
    return [expected.fill({"expected_n": expected_n}, min_value=least_n, max_value=expected_n), *shares]


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
    """A landed round, indexed as the frames need it: what was delivered, and what of it counts.

    Answers are numbers that stand for responses and questions: rounds of some million are judged in this process.
    """

    def __init__(self, landing: Landed, codebook: Codebook) -> None:
        import numpy as np
        import pyarrow.parquet as pq

        self.submissions: list[dict[str, Any]] = landing.submissions.to_pylist()
        self.response_ids = [row["response_id"] for row in self.submissions if row["standing"] == COUNTED]
        self.submitted = {row["response_id"]: row["submitted_at"] for row in _read(landing, "responses")}
        rejected = _read(landing, "rejected", without=["raw"])
        self.rejected_answers = [row for row in rejected if row["scope"] == "answer"]
        self.rejected_rows_n = len(rejected) - len(self.rejected_answers)
        self.path = landing.path / "answers.parquet"
        words = ["response_id", "question_code", "choice_code"]
        answers = pq.read_table(
            self.path, columns=[*words, "value_number"], read_dictionary=words, partitioning=None
        ).unify_dictionaries()
        responses, ids = _encode(answers, "response_id")
        self.question, self.questions = _encode(answers, "question_code")
        self.answered_n = len(np.unique(responses.astype(np.int64) * len(self.questions) + self.question))
        place = {name: number for number, name in enumerate(self.response_ids)}
        # The place of each answer's response among those that count, -1 where it does not.
        self.response = np.array([place.get(name, -1) for name in ids], np.int32)[responses]
        choice, choices = _encode(answers, "choice_code")
        numbers = answers.column("value_number").to_numpy()
        self.given = self._list_given(codebook, place, np.array([*choices, None], object)[choice], numbers)

    def _list_given(
        self, codebook: Codebook, place: Mapping[str, int], choices: NDArray[Any], numbers: NDArray[Any]
    ) -> dict[str, NDArray[Any]]:
        """What was answered to questions under a rule, one entry a response that counts: choice, number, mark or None.

        An answer that the reader rejected was given; that it is unreadable is told by rules of its own.
        """
        import numpy as np

        questions = codebook.landed_questions
        conditions = {question.relevant.question for question in questions if question.relevant is not None}
        under_rule = {q.name for q in questions if q.is_required or q.constraint or q.relevant}
        given = {name: np.full(len(place), None, object) for name in under_rule | conditions}
        for row in self.rejected_answers:
            if row["question_code"] in given and row["response_id"] in place:
                given[row["question_code"]][place[row["response_id"]]] = "rejected"
        by_question = np.argsort(self.question, kind="stable")
        ends = np.cumsum(np.bincount(self.question, minlength=len(self.questions)))
        for name, rows in zip(self.questions, np.split(by_question, ends[:-1]), strict=True):
            if name in given:
                counted = rows[self.response[rows] >= 0]
                other = np.where(np.isnan(numbers[counted]), "answered", numbers[counted].astype(object))
                told = choices[counted]
                given[name][self.response[counted]] = np.where(told.astype(bool), told, other)
        return given


def _read(landing: Landed, name: str, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(landing.path / f"{name}.parquet", partitioning=None)
    rows: list[dict[str, Any]] = table.drop_columns(list(without)).to_pylist()
    return rows


def _encode(table: pa.Table, column: str) -> tuple[NDArray[Any], list[str]]:
    """A column as numbers of its different words, and these; a missing one is -1."""
    import pyarrow as pa

    encoded = table.column(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


def _asked(landed: _Landed, question: Question) -> NDArray[Any]:
    """Whether each response was asked a question."""
    import numpy as np

    relevant = question.relevant
    if relevant is None:
        return np.full(len(landed.response_ids), True)
    return np.array([answer == relevant.choice for answer in landed.given[relevant.question]], bool)


def _answered(landed: _Landed, question: Question) -> NDArray[Any]:
    """Whether each response answered a question under a rule."""
    import numpy as np

    return np.array([answer is not None for answer in landed.given[question.name]], bool)


def _frame_of_answers(
    landed: _Landed, rows: Iterable[tuple[Question, NDArray[Any]]], **values: Callable[[Question, NDArray[Any]], Any]
) -> pd.DataFrame:
    """One row a question and response whose number is given: its names, and columns of `values` by the same pair."""
    import numpy as np
    import pandas as pd

    found = [(question, np.asarray(numbers)) for question, numbers in rows]
    names = [question.name for question, _ in found]
    sizes = [len(numbers) for _, numbers in found]
    none = np.array([], np.int64)
    responses = np.concatenate([none, *(numbers for _, numbers in found)])
    columns = {
        RESPONSE: pd.Categorical.from_codes(responses, landed.response_ids),
        QUESTION: pd.Categorical.from_codes(np.repeat(np.arange(len(names)), sizes), names),
    }
    for name, value in values.items():
        columns[name] = np.concatenate([value(*pair) for pair in found]) if found else np.array([], float)
    return pd.DataFrame(columns)


def _required_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a response × required question that it was asked: what was answered."""
    import numpy as np

    required = [question for question in codebook.landed_questions if question.is_required]
    return _frame_of_answers(
        landed,
        [(question, np.flatnonzero(_asked(landed, question))) for question in required],
        answer=lambda question, rows: np.where(
            _answered(landed, question)[rows], np.array("given", object), np.array(None, object)
        ),
    )


def _number_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row a number under a constraint: the number and its bounds."""
    import numpy as np

    def bound(question: Question, rows: NDArray[Any], side: str) -> NDArray[Any]:
        value = getattr(question.constraint, side)
        return np.full(len(rows), np.nan if value is None else value, float)

    bounded = [question for question in codebook.landed_questions if question.constraint is not None]
    is_number = {q.name: [isinstance(answer, float) for answer in landed.given[q.name]] for q in bounded}
    return _frame_of_answers(
        landed,
        [(question, np.flatnonzero(is_number[question.name])) for question in bounded],
        number=lambda question, rows: landed.given[question.name][rows].astype(float),
        minimum=lambda question, rows: bound(question, rows, "minimum"),
        maximum=lambda question, rows: bound(question, rows, "maximum"),
    )


def _conditional_frame(landed: _Landed, codebook: Codebook) -> pd.DataFrame:
    """One row an answer to a question that depends on another: was it asked."""
    import numpy as np

    conditional = [question for question in codebook.landed_questions if question.relevant is not None]
    return _frame_of_answers(
        landed,
        [(question, np.flatnonzero(_answered(landed, question))) for question in conditional],
        asked=lambda question, rows: np.where(
            _asked(landed, question)[rows], np.array("yes", object), np.array("no", object)
        ),
    )


def _submission_frame(landed: _Landed) -> pd.DataFrame:
    """One row a response that counts: when it was submitted."""
    rows = [(response, landed.submitted[response]) for response in landed.response_ids]
    return _frame(rows, {RESPONSE: "str", "submitted": "datetime64[us]"})


def _round_frame(landed: _Landed, card: RoundCard) -> pd.DataFrame:
    """One row: counts and shares of the round."""
    rejected_n = len(landed.rejected_answers)
    answers_n = landed.answered_n + rejected_n
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
    import numpy as np

    counted = np.bincount(landed.question[landed.response >= 0], minlength=len(landed.questions)).tolist()
    counts = dict(zip(landed.questions, counted, strict=True))
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
    import pyarrow.parquet as pq

    # Most have no text: one batch at a time.
    rows = [
        (row["source_row"], row["question_code"], ", ".join(sorted(set(REMOVED.findall(row["value_text"])))))
        for batch in pq.ParquetFile(landed.path).iter_batches(columns=["source_row", "question_code", "value_text"])
        for row in batch.filter(pc.match_substring_regex(batch.column("value_text"), REMOVED.pattern)).to_pylist()
    ]
    return _frame(rows, {"source row": "int64", QUESTION: "str", "removed": "str"})


def _frame(rows: Sequence[tuple[Any, ...]], types: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(types)).astype(dict(types))
