"""Typed, self-validating loader of a round's crosswalk: which question of an earlier round each question is.

A round that is not the first of its instrument has a `crosswalk.csv` beside its round.yml, and is loaded only when a
person has confirmed every row. Here: what a well-formed crosswalk is, and how the possible answers of two questions
differ. Not here: proposing pairs, what follows from a confirmed crosswalk (onboarding/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

import pydantic.dataclasses
from pydantic import BeforeValidator, Field, TypeAdapter

from orchestration.common.problems import FileProblemsError, Problem, list_some, nearest, shown_path
from orchestration.common.rows import YesOrEmpty, read_rows, require_known, require_match
from orchestration.common.strict_csv import csv_text
from orchestration.common.text import clean_label
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codebook import NUMBER_TYPES, Codebook, Question

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


class CrosswalkError(FileProblemsError):
    """A crosswalk that is missing, not confirmed, or at odds with the codebooks; names every fault."""


@pydantic.dataclasses.dataclass(frozen=True, config={"validate_by_name": True})
class CrosswalkRow:
    """A question of the round and what it is in the earlier round; one of both is empty for `new` and `dropped`."""

    question_code: str
    earlier_round: str
    earlier_code: str
    score: Annotated[
        int | None,
        BeforeValidator(lambda text: None if text == "" else text),
        require_match(
            "(?:0*(?:[0-9]{1,2}|100))?", "is no score", "write a whole number from 0 to 100, or leave it empty"
        ),
    ]
    verdict: Annotated[Verdict, require_known("verdict", VERDICTS)]
    basis: Annotated[Basis, require_known("basis", BASES)]
    is_confirmed: Annotated[YesOrEmpty, Field(validation_alias="confirmed")]
    note: str
    line: int = 0


_ROW = TypeAdapter(CrosswalkRow)


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
    others = [other for other in cards if other.instrument == card.instrument and other.round != card.round]
    by_name = {other.round: codebooks[other.key] for other in others}
    found = list(_Checks(crosswalk, card, codebooks[card.key], by_name).problems())
    if are_confirmed:
        found += _unconfirmed(crosswalk)
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
    table = read_rows(path, CROSSWALK_COLUMNS, _make_row)
    for line, row in table.rows.items():
        has_partner = row.verdict in PAIRED
        wanted = {
            "question_code": has_partner or row.verdict == "new",
            "earlier_code": has_partner or row.verdict == "dropped",
            "earlier_round": has_partner or row.verdict == "dropped",
        }
        for column, is_wanted in wanted.items():
            if is_wanted and not getattr(row, column):
                reason = f"a question that is {row.verdict!r} needs it"
                table.add_problem(line, column, reason, "write it, or correct the verdict")
            if not is_wanted and getattr(row, column):
                reason = f"a question that is {row.verdict!r} has none"
                table.add_problem(line, column, reason, "leave it empty, or correct the verdict")
    if table.problems:
        raise CrosswalkError(table.problems)
    return Crosswalk(path, tuple(table.rows.values()))


def _make_row(line: int, fields: Mapping[str, str]) -> CrosswalkRow:
    return _ROW.validate_python({**{column: text.strip() for column, text in fields.items()}, "line": line})


def crosswalk_text(rows: Iterable[CrosswalkRow]) -> str:
    """The content of a `crosswalk.csv`."""
    return csv_text(CROSSWALK_COLUMNS, ({**vars(row), "confirmed": "yes" if row.is_confirmed else ""} for row in rows))


@dataclass(frozen=True)
class _Checks:
    """A crosswalk against the codebook of its round and those of the instrument's other rounds, by name."""

    crosswalk: Crosswalk
    card: RoundCard
    codebook: Codebook
    others: Mapping[str, Codebook]

    def problems(self) -> Iterator[Problem]:
        """Every fault, in no order."""
        unknown = [row for row in self.crosswalk.rows if row.earlier_round and row.earlier_round not in self.others]
        for row in unknown:
            reason = f"{self.card.instrument} has no other round {row.earlier_round!r}"
            names = ", ".join(sorted(self.others)) or "none: delete the file, the round is the first"
            yield self.crosswalk.problem(row, "earlier_round", reason, f"name one of its rounds ({names})")
        if unknown:
            return
        yield from self._account("question_code", self.card.round, self.codebook, self.crosswalk.rows)
        for name in sorted({row.earlier_round for row in self.crosswalk.rows if row.earlier_round}):
            rows = [row for row in self.crosswalk.rows if row.earlier_round == name]
            yield from self._account("earlier_code", name, self.others[name], rows)
        for row in self.crosswalk.rows:
            if row.verdict in ("same", "reworded"):
                yield from self._compare_answers(row)
            if row.question_code in self.codebook.by_name:
                yield from self._compare_texts(row, self.codebook.by_name[row.question_code])

    def _account(self, column: str, name: str, codebook: Codebook, rows: Iterable[CrosswalkRow]) -> Iterator[Problem]:
        """Every question of a round is named once."""
        first: dict[str, int] = {}
        for row in rows:
            code = getattr(row, column)
            if code and code not in codebook.by_name:
                near = nearest(code, codebook.by_name)
                hint = f"write {near}" if near else "correct the code, or delete the row"
                yield self.crosswalk.problem(row, column, f"round {name} has no question {code}", hint)
            elif code and first.setdefault(code, row.line) != row.line:
                reason = f"question {code} of round {name} stands on line {first[code]} already"
                yield self.crosswalk.problem(row, column, reason, "keep one of the rows")
        verdict = "new" if column == "question_code" else "dropped"
        for code in codebook.by_name:
            if code not in first:
                reason = f"question {code} of round {name} is not accounted for"
                remedy = f"add a row for it, with the verdict {verdict} if it has no partner"
                yield self.crosswalk.problem(None, column, reason, remedy)

    def _compare_answers(self, row: CrosswalkRow) -> Iterator[Problem]:
        """`same` claims the same kind of answers and choices, `reworded` the same kind."""
        earlier = self.others[row.earlier_round]
        new, old = self.codebook.by_name.get(row.question_code), earlier.by_name.get(row.earlier_code)
        if new is None or old is None:
            return
        difference = scale_difference(new, self.codebook, old, earlier)
        if difference.is_other_kind or (difference.has_other_choices and row.verdict == "same"):
            remedy = (
                f"write the verdict 'new scale', or give the choices their codes of {row.earlier_round} in choices.csv"
            )
            reason = f"the verdict is {row.verdict!r}, but the answers differ: {difference.words}"
            yield self.crosswalk.problem(row, "verdict", reason, remedy)

    def _compare_texts(self, row: CrosswalkRow, question: Question) -> Iterator[Problem]:
        """A code never stands for another question: not in the earlier round, and in none before it."""
        for name in sorted(self.others, reverse=True):
            if name >= self.card.round and name != row.earlier_round:
                continue
            old = self.others[name].by_name.get(question.name)
            is_said = bool(row.note) and (row.earlier_round, row.earlier_code) == (name, question.name)
            if old is None or is_said:
                continue
            has_other_partner = row.earlier_round == name and row.earlier_code not in ("", question.name)
            if has_other_partner or text_score(question.header, old.header) < FAR_TEXT:
                reason = (
                    f"the code {question.name} stands for another question in {name}: "
                    f"{clean_label(question.header)!r} here, {clean_label(old.header)!r} there"
                )
                remedy = (
                    "give the question its own code here and in questions.csv, such as "
                    f"{question.name}_{self.card.round}; "
                    "if it is the same question in other words, pair both and say so in the note"
                )
                yield self.crosswalk.problem(row, "question_code", reason, remedy)
                return


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
    are_numbers = new.base_type in NUMBER_TYPES and earlier.base_type in NUMBER_TYPES
    if new.base_type != earlier.base_type and not are_numbers:
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
        f"choices {name}: {list_some(codes, MOST_CODES_SHOWN)}"
        for name, codes in (("added", added), ("removed", removed), ("relabelled", relabelled))
        if codes
    ]
    return ScaleDifference(False, bool(added or removed), "; ".join(words))
