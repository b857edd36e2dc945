"""Typed, self-validating loader of a round's crosswalk: which question of an earlier round each question is.

A round that is not the first of its instrument has a `crosswalk.csv` beside its round.yml, and is loaded only when a
person has confirmed every row. Here: what a well-formed crosswalk is, and how the possible answers of two questions
differ. Not here: proposing pairs, what follows from a confirmed crosswalk (onboarding/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from orchestration.common.problems import FileProblemsError, Problem, nearest, shown_path
from orchestration.common.strict_csv import csv_text, read_csv_strict
from orchestration.common.text import clean_label
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import Codebook, Question

CROSSWALK = "crosswalk.csv"
CROSSWALK_COLUMNS = (
    "question_code", "earlier_round", "earlier_code", "score", "verdict", "basis", "confirmed", "note",
)  # fmt: skip
Verdict = Literal["same", "reworded", "new scale", "new", "dropped"]
Basis = Literal["same code", "same text", "near text", ""]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
BASES: tuple[Basis, ...] = get_args(Basis)
PAIRED: tuple[Verdict, ...] = ("same", "reworded", "new scale")

# Scores of texts, 0 to 100. From NEAR_TEXT on two texts may be one question; below FAR_TEXT one code stands for two.
NEAR_TEXT = 75
FAR_TEXT = 50
MOST_CODES_SHOWN = 5

_NUMBER_KIND = {"integer": "number", "decimal": "number"}


class CrosswalkError(FileProblemsError):
    """A crosswalk that is missing, not confirmed, or at odds with the codebooks; names every fault."""


@dataclass(frozen=True)
class CrosswalkRow:
    """A question of the round and what it is in the earlier round; one of both is empty for `new` and `dropped`."""

    question_code: str
    earlier_round: str
    earlier_code: str
    score: int | None
    verdict: Verdict
    basis: Basis
    is_confirmed: bool
    note: str
    line: int = 0


@dataclass(frozen=True)
class Crosswalk:
    """The rows of a round's crosswalk, in the order of the file."""

    path: Path
    rows: tuple[CrosswalkRow, ...]

    def problem(self, row: CrosswalkRow | None, column: str, reason: str, remedy: str) -> Problem:
        """A fault of a row, or of the whole file."""
        return Problem(shown_path(self.path), reason, remedy, None, row.line if row else None, column or None)


def text_score(text: str, other: str) -> int:
    """How alike two texts are, 0 to 100, by their words in any order (rapidfuzz token_sort_ratio, rounded down)."""
    from rapidfuzz.fuzz import token_sort_ratio
    from rapidfuzz.utils import default_process

    return int(token_sort_ratio(clean_label(text), clean_label(other), processor=default_process))


def earlier_rounds(card: RoundCard, cards: Iterable[RoundCard]) -> tuple[RoundCard, ...]:
    """Rounds of the same instrument that come before this one by name, the newest first."""
    before = (other for other in cards if other.instrument == card.instrument and other.round < card.round)
    return tuple(sorted(before, key=lambda other: other.round, reverse=True))


def check_crosswalks(cards: Sequence[RoundCard], codebooks: Mapping[str, Codebook]) -> None:
    """Raise CrosswalkError unless every round that follows another has a whole, confirmed crosswalk."""
    problems: list[Problem] = []
    for card in cards:
        try:
            problems += round_problems(card, cards, codebooks)
        except CrosswalkError as error:
            problems += error.problems
    if problems:
        raise CrosswalkError(problems)


def round_problems(
    card: RoundCard, cards: Sequence[RoundCard], codebooks: Mapping[str, Codebook], *, are_confirmed: bool = True
) -> list[Problem]:
    """What is wrong with the crosswalk of a round; none for a first round without one.

    With `are_confirmed` a row that nobody has confirmed is a fault too. Raises CrosswalkError for an unreadable file.
    """
    path = card.folder / CROSSWALK
    if not path.exists():
        return [_missing(card, path)] if earlier_rounds(card, cards) else []
    crosswalk = load_crosswalk(path)
    checks = _Checks(crosswalk, card, cards, codebooks)
    found = [*checks.problems(), *(_unconfirmed(crosswalk) if are_confirmed else ())]
    return sorted(found, key=lambda problem: problem.row or 0)


def _missing(card: RoundCard, path: Path) -> Problem:
    command = f"needs round new --instrument {card.instrument} --round {card.round}"
    reason = "the round is not the first of its instrument, and nothing says which questions are the earlier ones"
    return Problem(shown_path(path), reason, f"run `{command}`, which proposes it, then review and confirm it")


def _unconfirmed(crosswalk: Crosswalk) -> Iterator[Problem]:
    folder = crosswalk.path.parent
    command = f"needs round confirm {folder.parent.name}/{folder.name}"
    for row in crosswalk.rows:
        if not row.is_confirmed:
            code = row.question_code or row.earlier_code
            remedy = f"review it, then run `{command} {code}`, or `{command} --all` for all rows"
            yield crosswalk.problem(row, "confirmed", f"nobody has confirmed the verdict {row.verdict!r}", remedy)


def load_crosswalk(path: Path) -> Crosswalk:
    """Read a `crosswalk.csv`. Raises CrosswalkError with every fault of its rows."""
    try:
        lines = read_csv_strict(path, CROSSWALK_COLUMNS)
    except FileProblemsError as error:
        raise CrosswalkError(error.problems) from error
    file = shown_path(path)
    problems: list[Problem] = []
    rows = []
    for line, record in lines:
        values = {column: text.strip() for column, text in record.items()}
        problems += [Problem(file, reason, remedy, None, line, column) for column, reason, remedy in _faults(values)]
        rows.append((line, values))
    if problems:
        raise CrosswalkError(problems)
    return Crosswalk(path, tuple(_row(line, values) for line, values in rows))


def _faults(values: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Faults of a row by itself: column, reason, remedy."""
    verdict = values["verdict"]
    if verdict not in VERDICTS:
        near = nearest(verdict, VERDICTS)
        hint = f"; {near!r} is near" if near else ""
        yield "verdict", f"unknown verdict {verdict!r}", f"use one of {', '.join(VERDICTS)}{hint}"
    if values["basis"] not in BASES:
        yield "basis", f"unknown basis {values['basis']!r}", "use same code, same text, near text or leave it empty"
    if values["confirmed"] not in ("", "yes"):
        yield "confirmed", f"{values['confirmed']!r} is neither yes nor empty", "write yes, or leave it empty"
    score = values["score"]
    if score and not (score.isascii() and score.isdigit() and int(score) <= 100):
        yield "score", f"{score!r} is no score", "write a whole number from 0 to 100, or leave it empty"
    wanted = {
        "question_code": verdict in (*PAIRED, "new"),
        "earlier_code": verdict in (*PAIRED, "dropped"),
        "earlier_round": verdict in (*PAIRED, "dropped"),
    }
    for column, is_wanted in wanted.items() if verdict in VERDICTS else ():
        if is_wanted and not values[column]:
            yield column, f"a question that is {verdict!r} needs it", "write it, or correct the verdict"
        if not is_wanted and values[column]:
            yield column, f"a question that is {verdict!r} has none", "leave it empty, or correct the verdict"


def _row(line: int, values: Mapping[str, str]) -> CrosswalkRow:
    return CrosswalkRow(
        question_code=values["question_code"],
        earlier_round=values["earlier_round"],
        earlier_code=values["earlier_code"],
        score=int(values["score"]) if values["score"] else None,
        verdict=cast(Verdict, values["verdict"]),
        basis=cast(Basis, values["basis"]),
        is_confirmed=values["confirmed"] == "yes",
        note=values["note"],
        line=line,
    )


def crosswalk_text(rows: Iterable[CrosswalkRow]) -> str:
    """The content of a `crosswalk.csv`."""
    return csv_text(CROSSWALK_COLUMNS, ({**vars(row), "confirmed": "yes" if row.is_confirmed else ""} for row in rows))


class _Checks:
    """A crosswalk against the codebooks of both rounds."""

    def __init__(
        self,
        crosswalk: Crosswalk,
        card: RoundCard,
        cards: Sequence[RoundCard],
        codebooks: Mapping[str, Codebook],
    ) -> None:
        self.crosswalk = crosswalk
        self.card = card
        self.codebook = codebooks[card.key]
        self.others = {
            other.round: codebooks[other.key]
            for other in cards
            if other.instrument == card.instrument and other.round != card.round
        }
        self.before = [other.round for other in earlier_rounds(card, cards)]

    def problems(self) -> list[Problem]:
        """Every fault, in no order."""
        rounds = {row.earlier_round for row in self.crosswalk.rows if row.earlier_round}
        unknown = [row for row in self.crosswalk.rows if row.earlier_round and row.earlier_round not in self.others]
        if unknown:
            return [self._unknown_round(row) for row in unknown]
        found = [
            *self._accounted("question_code", {self.card.round: self.codebook}, self.card.round),
            *(p for name in sorted(rounds) for p in self._accounted("earlier_code", self.others, name)),
        ]
        paired = [row for row in self.crosswalk.rows if row.verdict in PAIRED]
        found += [problem for row in paired for problem in self._disagreement(row)]
        return [*found, *self._reused_codes()]

    def _unknown_round(self, row: CrosswalkRow) -> Problem:
        reason = f"{self.card.instrument} has no other round {row.earlier_round!r}"
        names = ", ".join(sorted(self.others)) or "none: delete the file, the round is the first"
        return self.crosswalk.problem(row, "earlier_round", reason, f"name one of its rounds ({names})")

    def _accounted(self, column: str, codebooks: Mapping[str, Codebook], name: str) -> Iterator[Problem]:
        """Every question of a round is named once."""
        known = codebooks[name].by_name
        first: dict[str, int] = {}
        for row in self.crosswalk.rows:
            code = getattr(row, column)
            if not code or (column == "earlier_code" and row.earlier_round != name):
                continue
            if code not in known:
                near = nearest(code, known)
                hint = f"write {near}" if near else "correct the code, or delete the row"
                yield self.crosswalk.problem(row, column, f"round {name} has no question {code}", hint)
            elif first.setdefault(code, row.line) != row.line:
                reason = f"question {code} of round {name} stands on line {first[code]} already"
                yield self.crosswalk.problem(row, column, reason, "keep one of the rows")
        verdict = "new" if column == "question_code" else "dropped"
        for code in known:
            if code not in first:
                remedy = f"add a row for it, with the verdict {verdict} if it has no partner"
                yield self.crosswalk.problem(
                    None, column, f"question {code} of round {name} is not accounted for", remedy
                )

    def _pair(self, row: CrosswalkRow) -> tuple[Question, Question, Codebook] | None:
        earlier = self.others[row.earlier_round]
        new, old = self.codebook.by_name.get(row.question_code), earlier.by_name.get(row.earlier_code)
        return (new, old, earlier) if new and old else None

    def _disagreement(self, row: CrosswalkRow) -> Iterator[Problem]:
        """`same` claims the same kind of answers and choices, `reworded` the same kind."""
        pair = self._pair(row)
        if pair is None or row.verdict == "new scale":
            return
        difference = scale_difference(pair[0], self.codebook, pair[1], pair[2])
        if difference.is_other_kind or (difference.has_other_choices and row.verdict == "same"):
            remedy = (
                f"write the verdict 'new scale', or give the choices their codes of {row.earlier_round} in choices.csv"
            )
            reason = f"the verdict is {row.verdict!r}, but the answers differ: {difference.words}"
            yield self.crosswalk.problem(row, "verdict", reason, remedy)

    def _reused_codes(self) -> Iterator[Problem]:
        """A code never stands for another question: not in the earlier round, and in none before it."""
        rows = {row.question_code: row for row in self.crosswalk.rows if row.question_code}
        for question in self.codebook.questions:
            row = rows.get(question.name)
            if row is None:
                continue
            for name in sorted({*self.before, row.earlier_round} & self.others.keys(), reverse=True):
                old = self.others[name].by_name.get(question.name)
                is_said = bool(row.note) and (row.earlier_round, row.earlier_code) == (name, question.name)
                if old is not None and not is_said and self._is_another(row, question, old, name):
                    yield self._reuse(row, question, old, name)
                    break

    def _is_another(self, row: CrosswalkRow, question: Question, old: Question, name: str) -> bool:
        if row.earlier_round == name and row.earlier_code and row.earlier_code != question.name:
            return True
        return text_score(question.header, old.header) < FAR_TEXT

    def _reuse(self, row: CrosswalkRow, question: Question, old: Question, name: str) -> Problem:
        reason = (
            f"the code {question.name} stands for another question in {name}: "
            f"{clean_label(question.header)!r} here, {clean_label(old.header)!r} there"
        )
        remedy = (
            f"give the question its own code here and in questions.csv, such as {question.name}_{self.card.round}; "
            "if it is the same question in other words, pair both and say so in the note"
        )
        return self.crosswalk.problem(row, "question_code", reason, remedy)


@dataclass(frozen=True)
class ScaleDifference:
    """How the possible answers of two questions differ: in kind, in choice codes; `words` say it, labels included."""

    is_other_kind: bool
    has_other_choices: bool
    words: str


def scale_difference(
    new: Question, codebook: Codebook, earlier: Question, earlier_codebook: Codebook
) -> ScaleDifference:
    """Compare kind and choices of a question with those of an earlier one.

    Countries are ISO codes, the same in every round: countries that are added or missing are no other scale.
    """
    kinds = [_NUMBER_KIND.get(question.base_type, question.base_type) for question in (new, earlier)]
    if kinds[0] != kinds[1]:
        return ScaleDifference(True, False, f"type was {earlier.base_type}, is {new.base_type}")
    labels = {choice.name: clean_label(choice.label) for choice in codebook.choices_of(new)}
    earlier_labels = {choice.name: clean_label(choice.label) for choice in earlier_codebook.choices_of(earlier)}
    if "country" in new.roles and "country" in earlier.roles:
        return ScaleDifference(False, False, "")
    added = [code for code in labels if code not in earlier_labels]
    removed = [code for code in earlier_labels if code not in labels]
    relabelled = [
        f"{code} ({earlier_labels[code]!r}, now {label!r})"
        for code, label in labels.items()
        if code in earlier_labels and earlier_labels[code].casefold() != label.casefold()
    ]
    words = [
        f"choices {name}: {_listed(codes)}"
        for name, codes in (("added", added), ("removed", removed), ("relabelled", relabelled))
        if codes
    ]
    return ScaleDifference(False, bool(added or removed), "; ".join(words))


def _listed(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:MOST_CODES_SHOWN])
    return shown + (f" and {len(codes) - MOST_CODES_SHOWN} more" if len(codes) > MOST_CODES_SHOWN else "")
