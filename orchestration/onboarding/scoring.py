"""What the answers of an imported questionnaire count, as rows of the seeds: items, indices, points and conditions.

Each section is an index of one family, and so is the whole; a question counts in every section around it. Importing
again takes the place of the rows before. Not here: what a questionnaire tells (questionnaires/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from orchestration.knowledge.rows import items, scoring
from orchestration.knowledge.rows.base import Row
from orchestration.onboarding.additions import Additions
from orchestration.onboarding.questionnaires.imported import ImportedCodebook
from orchestration.onboarding.questionnaires.scored import ScoredQuestion, Scoring, Section
from orchestration.onboarding.questionnaires.texts import valid_code

# By which columns the rows of an import are known, so that importing again replaces them.
_KEYS: Mapping[str, Sequence[str]] = {
    "themes": ("theme_code",),
    "scales": ("scale_code",),
    "items": ("theme_code",),
    "item_sources": ("item_code", "instrument", "round"),
    "indices": ("index_family",),
    "scorings": ("scoring_version",),
    "scoring_components": ("scoring_version",),
    "scoring_points": ("scoring_version",),
    "scoring_conditions": ("scoring_version",),
}
# Thirds and sevenths of points are no decimal numbers; sums are rounded where these digits end to matter.
_DIGITS = 12
# Its questions are of a theme of their own, which stands behind those of the report.
_BEHIND_THE_REPORT = 100


def add_scoring(additions: Additions, codebook: ImportedCodebook, scoring_: Scoring, code: str, round_: str) -> None:
    """Put the rows of a questionnaire's scoring into the seeds; `round_` is instrument.round, `code` the family's."""
    rows = _Rows(codebook, scoring_, code, *round_.split("."))
    for seed, keys in _KEYS.items():
        additions.replace(seed, [row.model_dump() for row in getattr(rows, seed)()], keys)


class _Rows:
    """The rows of each seed; codes begin with that of the family."""

    def __init__(self, codebook: ImportedCodebook, told: Scoring, code: str, instrument: str, round_: str) -> None:
        self._told, self._code, self._instrument, self._round = told, code, instrument, round_
        asked = {term.question for question in told.questions for branch in question.branches for term in branch.terms}
        scored = {question.name for question in told.questions}
        self._questions = [question for question in codebook.questions if question.name in asked | scored]
        self._codebook = codebook
        self._not_applicable = sorted(name for name, share in told.shares.items() if share is None)

    def _named(self, code: str) -> str:
        return f"{self._code}_{valid_code(code)}"

    def themes(self) -> Iterator[Row]:
        yield items.Theme(theme_code=self._code, label=self._code, chapter=self._code, position=_BEHIND_THE_REPORT)

    def scales(self) -> Iterator[Row]:
        for list_name in dict.fromkeys(question.list_name for question in self._questions):
            for position, choice in enumerate(self._codebook.choices_of(list_name), 1):
                yield items.ScaleChoice(
                    scale_code=self._named(list_name), choice_code=choice.name, label=choice.label,
                    position=position, value=None, group_label=None,
                )  # fmt: skip

    def items(self) -> Iterator[Row]:
        for question in self._questions:
            kind = {"select_one": "single", "select_multiple": "multiple"}[question.base_type]
            yield items.Item.model_validate({
                "item_code": self._named(question.name), "label": question.label, "kind": kind,
                "scale_code": self._named(question.list_name), "theme_code": self._code, "item_set": None,
                "direction": None, "is_dimension": "no", "base_rule": "all",
            })  # fmt: skip

    def item_sources(self) -> Iterator[Row]:
        for question in self._questions:
            yield items.ItemSource(
                item_code=self._named(question.name), instrument=self._instrument, round=self._round,
                question_code=question.name, method="same", choice_map=None, comparability="same", note=None,
            )  # fmt: skip

    def indices(self) -> Iterator[Row]:
        inside = {section for question in self._told.questions for section in question.sections}
        sections = [section for section in self._told.sections if section.code in inside]
        for position, section in enumerate([Section("", self._code), *sections], 1):
            label = f"{section.code} {section.label}".strip()
            yield scoring.Index(
                index_code=self._index(section.code), label=label, index_family=self._code, position=position
            )

    def _index(self, section: str) -> str:
        return self._named(section) if section else self._code

    def scorings(self) -> Iterator[Row]:
        yield scoring.Scoring(
            scoring_version=self._code, index_family=self._code, label="As the questionnaire tells", is_default="yes",
            description="Points of the questionnaire; what does not apply to a city counts neither for nor against it",
        )  # fmt: skip

    def scoring_components(self) -> Iterator[Row]:
        for position, question in enumerate(self._told.questions, 1):
            for section in ("", *question.sections):
                yield scoring.ScoringComponent.model_validate({
                    "scoring_version": self._code, "index_code": self._index(section),
                    "component_code": self._named(question.name), "label": f"{question.number} {question.label}",
                    "weight": _decimal(question.points), "missing_rule": "zero", "position": position,
                })  # fmt: skip

    def scoring_points(self) -> Iterator[Row]:
        for question in self._told.questions:
            component = self._named(question.name)
            for choice, share in sorted(self._told.shares.items()):
                yield scoring.ScoringPoint.model_validate({
                    "scoring_version": self._code, "component_code": component, "item_code": component,
                    "choice_code": choice, "points": _decimal(share or Fraction()),
                })  # fmt: skip

    def scoring_conditions(self) -> Iterator[Row]:
        for question in self._told.questions:
            component = self._named(question.name)
            for position, (terms, factor) in enumerate(self._branches(question), 1):
                # Without terms the position always holds.
                rows: list[tuple[str, str] | tuple[None, None]] = [*sorted(terms)] or [(None, None)]
                for item, choice in rows:
                    yield scoring.ScoringCondition.model_validate({
                        "scoring_version": self._code, "component_code": component, "position": position,
                        "item_code": item and self._named(item), "choice_code": choice, "factor": _decimal(factor),
                    })  # fmt: skip

    def _branches(self, question: ScoredQuestion) -> Iterator[tuple[set[tuple[str, str]], Fraction]]:
        for choice in self._not_applicable:
            yield {(question.name, choice)}, Fraction()
        for branch in question.branches:
            yield {(term.question, term.choice) for term in branch.terms}, branch.factor


def _decimal(number: Fraction) -> str:
    """A number of at most _DIGITS digits behind the point."""
    scaled = round(number * 10**_DIGITS)
    whole, part = divmod(scaled, 10**_DIGITS)
    return f"{whole}.{part:0{_DIGITS}}".rstrip("0").rstrip(".")
