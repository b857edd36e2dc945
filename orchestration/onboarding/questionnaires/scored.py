"""What the answers of a questionnaire count: its sections, and its questions with their points.

Not here: reading a questionnaire (assessment.py), rows of seeds (onboarding/scoring.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from orchestration.onboarding.questionnaires.rules import Branch


@dataclass(frozen=True)
class Section:
    """A section by the identifier that the questionnaire gives it."""

    code: str
    label: str


@dataclass(frozen=True)
class ScoredQuestion:
    """A question of the codebook: the sections around it from the outermost, most points, and when they are others."""

    name: str
    number: str
    label: str
    sections: tuple[str, ...]
    points: Fraction
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Scoring:
    """How a questionnaire is scored; `shares` is what an answer gives of a question's points, None: not applicable."""

    sections: tuple[Section, ...]
    questions: tuple[ScoredQuestion, ...]
    shares: Mapping[str, Fraction | None]
