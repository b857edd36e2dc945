"""Agreement of two coders of the same texts: Cohen's kappa of each code and of all.

Not here: which codings two coders made (landing/codings.py), what counts where they differ (rounds/codings.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Codes = frozenset[str]


@dataclass(frozen=True)
class CodeAgreement:
    """How two coders agree on giving one code: to how many answers each gave it, and both; kappa is from -1 to 1.

    Kappa is None where it says nothing: both gave the code to no answer, or both to every answer.
    """

    code: str
    first_n: int
    second_n: int
    both_n: int
    agreement_pct: float
    kappa: float | None


@dataclass(frozen=True)
class Agreement:
    """How two coders agree: on how many answers entirely, by code, and by the kappa of all codes."""

    answers_n: int
    same_n: int
    kappa: float | None
    codes: tuple[CodeAgreement, ...]


def measure_agreement(
    first: Sequence[Codes], second: Sequence[Codes], codes: Sequence[str], *, is_single: bool
) -> Agreement:
    """Agreement on the same answers in the same order, of which each coder gave one code or more among `codes`.

    Of one code an answer, the kappa of all is Cohen's over the codes as categories (Educational and Psychological
    Measurement 20, 1960). Of several, each code is a judgement of yes or no with a kappa of its own, and that of all is
    the pooled one, of their mean observed and expected agreement (De Vries et al., Field Methods 20, 2008).
    Raises ValueError where no answer is coded by both.
    """
    if not first or len(first) != len(second):
        raise ValueError("agreement is measured on answers that both coders have coded")
    judged = [_judge(code, first, second) for code in codes]
    same_n = sum(one == other for one, other in zip(first, second, strict=True))
    if is_single:
        places = {code: place for place, code in enumerate(codes)}
        table = [[0] * len(codes) for _ in codes]
        for (one,), (other,) in zip(first, second, strict=True):
            table[places[one]][places[other]] += 1
        return Agreement(len(first), same_n, _kappa(table), tuple(judged))
    return Agreement(len(first), same_n, _pooled_kappa(judged, len(first)), tuple(judged))


def _judge(code: str, first: Sequence[Codes], second: Sequence[Codes]) -> CodeAgreement:
    table = [[0, 0], [0, 0]]
    for one, other in zip(first, second, strict=True):
        table[code in one][code in other] += 1
    (neither, only_second), (only_first, both) = table
    agreement_pct = 100 * (neither + both) / len(first)
    return CodeAgreement(code, both + only_first, both + only_second, both, agreement_pct, _kappa(table))


def _kappa(table: list[list[int]]) -> float | None:
    """Cohen's kappa of a square table of counts; None where chance alone would make the coders agree always."""
    from statsmodels.stats.inter_rater import cohens_kappa

    if sum(any(row) or any(column) for row, column in zip(table, zip(*table, strict=True), strict=True)) < 2:
        return None
    return float(cohens_kappa(table, return_results=False))


def _pooled_kappa(judged: Sequence[CodeAgreement], answers_n: int) -> float | None:
    observed = sum(code.agreement_pct / 100 for code in judged) / len(judged)
    shares = [(code.first_n / answers_n, code.second_n / answers_n) for code in judged]
    expected = sum(one * other + (1 - one) * (1 - other) for one, other in shares) / len(judged)
    return None if expected == 1 else (observed - expected) / (1 - expected)
