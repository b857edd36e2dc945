"""The open answers of a landing beside their codings: which wait for a coder, and codings of texts that are not there.

Here: matching both, adding codings. Not here: what a well-formed coding is and which counts (rounds/codings.py), what
agreement is (statistics/agreement.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from orchestration.common.problems import Problem, shown_path
from orchestration.common.rows import field_problem
from orchestration.common.strict_csv import read_csv_strict
from orchestration.common.values import Fault
from orchestration.common.whole_file import hold_folder, write_whole
from orchestration.knowledge.frames import FRAME_SEEDS, coding_frames
from orchestration.knowledge.load import load_seed
from orchestration.landing.landing import Landed
from orchestration.landing.submissions import COUNTED
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import load_codebook
from orchestration.rounds.codings import (
    FILE,
    JOINT,
    Coding,
    Codings,
    CodingsError,
    Frame,
    coding_faults,
    codings_text,
    decisive,
    group_by_answer,
    load_codings,
    make_coding,
    text_hash,
)
from orchestration.statistics.agreement import Agreement, measure_agreement

State = Literal["coded", "not coded", "coders differ", "text changed"]
# Columns of a table of answers to code that is filled in and read back.
SHEET_COLUMNS = ("response_id", "question_code", "text", "codes")


@dataclass(frozen=True)
class Codes:
    """The codes that an answer is to have, and where that stands if it is a row of a file."""

    response_id: str
    question_code: str
    codes: tuple[str, ...]
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class OpenAnswer:
    """An open answer of a response that counts, and what each coder said of it."""

    response_id: str
    question_code: str
    text: str
    codings: Codings

    @property
    def state(self) -> State:
        """Whether codings decide it, and if not, why."""
        if not self.codings:
            return "not coded"
        if any(coding.text_hash != text_hash(self.text) for coding in self.codings):
            return "text changed"
        return "coded" if decisive(self.codings) else "coders differ"


@dataclass(frozen=True)
class Pair:
    """Two coders of one question: the answers that both coded, how far they agree, and the codings that differ."""

    first: str
    second: str
    agreement: Agreement
    differing: tuple[tuple[Coding, Coding], ...]


def load_frames(card: RoundCard, seeds: Path) -> dict[str, Frame]:
    """The coding frame of each question of a round that an item is coded from. Raises KnowledgeError."""
    rows = {name: load_seed(seeds / f"{name}.csv", model) for name, model in FRAME_SEEDS.items()}
    return coding_frames(rows, card.instrument, card.round)


def open_answers(
    card: RoundCard, landed: Landed, frames: Mapping[str, Frame], question: str | None = None
) -> tuple[OpenAnswer, ...]:
    """The answers of a round to the questions that an item is coded from, or to one of them, with their codings.

    Raises CodingsError where no item is coded from the question.
    """
    if question is not None:
        _require_question(card, question, frames)
    wanted = frames.keys() if question is None else {question}
    codings = group_by_answer(load_codings(card.folder))
    counted = {row["response_id"] for row in landed.submissions.to_pylist() if row["standing"] == COUNTED}
    return tuple(
        OpenAnswer(response, question_code, text, codings.get((response, question_code), ()))
        for (response, question_code), text in _texts(landed.path, wanted).items()
        if response in counted
    )


def _texts(landing: Path, questions: Collection[str]) -> dict[tuple[str, str], str]:
    """Landed texts by response and question, in the order of the landing; also of responses that do not count."""
    import pyarrow.parquet as pq

    columns = ["response_id", "question_code", "value_text"]
    file = landing / "answers.parquet"
    chosen = [("question_code", "in", sorted(questions))]
    rows = pq.read_table(file, columns=columns, filters=chosen, partitioning=None).to_pylist() if questions else []
    return {(row["response_id"], row["question_code"]): row["value_text"] for row in rows if row["value_text"]}


def landing_problems(codings: Codings, landing: Path, key: str) -> Iterator[Problem]:
    """Codings of responses that a round's landing does not have, of answers not given, of texts that have changed."""
    import pyarrow.parquet as pq

    if not codings:
        return
    known = pq.read_table(landing / "responses.parquet", columns=["response_id"], partitioning=None)
    responses = set(known["response_id"].to_pylist())
    texts = _texts(landing, {coding.question_code for coding in codings})
    for coding in codings:
        text = texts.get(coding.answer)
        command = f"needs coding add {key} {coding.question_code} {coding.response_id}"
        if coding.response_id not in responses:
            reason = f"{key} has no response {coding.response_id!r}"
            yield coding.problem(
                reason, f"take the id from `needs coding list {key}`, or delete the row", "response_id"
            )
        elif text is None:
            reason = f"{coding.response_id} has not answered {coding.question_code}"
            yield coding.problem(reason, "correct response or question, or delete the row", "question_code")
        elif coding.text_hash != text_hash(text):
            reason = f"the answer of {coding.response_id} is not the text any more that {coding.coder} coded"
            final = " --final" if coding.is_final else ""
            remedy = (
                f"have it coded anew by `{command} CODES --coder {coding.coder}{final} --replace`, or delete the row"
            )
            yield coding.problem(reason, remedy, "text_hash")


def check_codings(codings: Mapping[str, Codings], landings: Mapping[str, Path]) -> None:
    """Raise CodingsError unless every coding is of an answer that the landing of its round has, with its text."""
    problems = [
        problem
        for key, landing in sorted(landings.items())
        for problem in landing_problems(codings.get(key, ()), landing, key)
    ]
    if problems:
        raise CodingsError(problems)


@dataclass(frozen=True)
class NewCodings:
    """Codings of one coder on their way into a round's codings.csv."""

    card: RoundCard
    landed: Landed
    frames: Mapping[str, Frame]
    coder: str
    coded_on: date
    is_final: bool = False
    replaces: bool = False

    def add(self, rows: Iterable[Codes]) -> Codings:
        """Write rows of response, question and codes, all or none; returns them as they stand in the file.

        Raises CodingsError for what round, landing or frame do not know, and for an answer that the coder has coded
        already, unless the new coding replaces it.
        """
        path = self.card.folder / FILE
        added = self._make(rows)
        # Two commands at once would each write what the other has not read.
        with hold_folder(self.card.folder):
            kept = load_codings(self.card.folder)
            earlier = [coding for coding in kept if coding.answer in added and self._is_own(coding)]
            if earlier and not self.replaces:
                raise CodingsError(
                    coding.problem(
                        f"{coding.coder} has coded the answer as {JOINT.join(coding.codes)} on {coding.coded_on}",
                        "give --replace to write over it",
                    )
                    for coding in earlier
                )
            write_whole(path, codings_text([*(coding for coding in kept if coding not in earlier), *added.values()]))
            written = load_codings(self.card.folder)
        return tuple(coding for coding in written if coding.answer in added and self._is_own(coding))

    def _is_own(self, coding: Coding) -> bool:
        """Whether a coding has the place of the new one of its answer; of final ones there is one, whoever made it."""
        return coding.is_final if self.is_final else coding.coder == self.coder and not coding.is_final

    def _make(self, rows: Iterable[Codes]) -> dict[tuple[str, str], Coding]:
        """The codings of rows by answer. Raises CodingsError with the faults of all."""
        codebook = load_codebook(self.card.folder)
        texts = _texts(self.landed.path, self.frames.keys())
        made: dict[tuple[str, str], Coding] = {}
        problems: list[Problem] = []
        for row in rows:
            answer, file = (row.response_id, row.question_code), row.file or shown_path(self.card.folder / FILE)
            faults = list(coding_faults(row.question_code, row.codes, codebook, self.frames))
            if answer in made:
                faults.append(Fault("response_id", "the answer is coded twice at once", "give it one row"))
            if not faults and answer not in texts:
                reason = f"{self.card.key} has no answer of {row.response_id!r} to {row.question_code}"
                remedy = f"take the id from `needs coding list {self.card.key} {row.question_code}`"
                faults.append(Fault("response_id", reason, remedy))
            problems += [Problem(file, fault.reason, fault.remedy, None, row.line, fault.code) for fault in faults]
            if not faults:
                try:
                    made[answer] = self._coding(row, texts[answer])
                except ValidationError as error:
                    problems += [field_problem(file, row.line, issue) for issue in error.errors()]
        if problems:
            raise CodingsError(problems)
        return made

    def _coding(self, row: Codes, text: str) -> Coding:
        return make_coding(
            {
                "file": shown_path(self.card.folder / FILE),
                "line": 0,
                "response_id": row.response_id,
                "question_code": row.question_code,
                "codes": JOINT.join(row.codes),
                "coder": self.coder.strip(),
                "coded_on": self.coded_on.isoformat(),
                "final": "yes" if self.is_final else "",
                "text_hash": text_hash(text),
            }
        )


def read_sheet(path: Path) -> list[Codes]:
    """The rows of a filled-in table of answers to code; those without codes wait. Raises TableError."""
    rows = (
        Codes(row["response_id"], row["question_code"], tuple(row["codes"].split()), shown_path(path), line)
        for line, row in read_csv_strict(path, SHEET_COLUMNS)
    )
    return [row for row in rows if row.codes]


def agreements(card: RoundCard, question: str, frames: Mapping[str, Frame]) -> tuple[Pair, ...]:
    """How far each two coders of a question agree who have coded answers in common.

    A final coding is no coder's own judgement of the text, and takes no part. Raises CodingsError.
    """
    frame = _require_question(card, question, frames)
    own: dict[str, dict[str, Coding]] = {}
    for coding in load_codings(card.folder):
        if coding.question_code == question and not coding.is_final:
            own.setdefault(coding.coder, {})[coding.response_id] = coding
    pairs = []
    for first, second in combinations(sorted(own), 2):
        both = [(own[first][response], own[second][response]) for response in own[first] if response in own[second]]
        if both:
            one, other = ([frozenset(coding.codes) for coding in codings] for codings in zip(*both, strict=True))
            found = measure_agreement(one, other, list(frame.labels), is_single=frame.is_single)
            differing = tuple(pair for pair in both if set(pair[0].codes) != set(pair[1].codes))
            pairs.append(Pair(first, second, found, differing))
    if not pairs:
        reason = f"no two coders have coded the same answers to {question}"
        remedy = f"have a second coder code some of `needs coding list {card.key} {question} --coder NAME`"
        raise CodingsError([Problem(shown_path(card.folder / FILE), reason, remedy, column="coder")])
    return tuple(pairs)


def _require_question(card: RoundCard, question: str, frames: Mapping[str, Frame]) -> Frame:
    if question in frames:
        return frames[question]
    faults = coding_faults(question, (), load_codebook(card.folder), frames)
    file = shown_path(card.folder / "questions.csv")
    raise CodingsError(Problem(file, fault.reason, fault.remedy) for fault in faults)
