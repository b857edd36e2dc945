"""Rules of self-assessments: on what condition a part does not apply to a city, or counts by another factor.

A rule is a condition (`identite(population, moins_de_50000)`) or a chain `si … alors … sinon si … alors …` in any
language of words/formats.csv. Here: text → branches, and branches of nested parts as those of one. Not here: which
column a rule stands in (assessment.py), rows of seeds (onboarding/scoring.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from orchestration.onboarding.wording import words_of

FORM = "assessment"
_TOKEN = re.compile(r"\s*([^\W\d]\w*|\d+(?:\.\d+)?(?:\s*/\s*\d+(?:\.\d+)?)?|[(),])")


@dataclass(frozen=True)
class Term:
    """A choice of a question that is about the city; `kind` is the type of the question."""

    question: str
    choice: str
    kind: str


@dataclass(frozen=True)
class Branch:
    """A factor of points that holds where all terms do; the first branch that holds counts, without one it is 1."""

    terms: frozenset[Term]
    factor: Fraction


_ALWAYS = Branch(frozenset(), Fraction(1))


def parse_rule(text: str, *, switches_off: bool = False) -> tuple[Branch, ...]:
    """The branches of a rule; a condition alone switches its part off, if rules of the column do.

    Raises ValueError with what it cannot express.
    """
    text = text.strip()
    tokens: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(text[at : at + 20].strip())
        tokens.append(match[1])
        at = match.end()
    return tuple(_Rule(tokens, switches_off).branches())


def nested(rules: Iterable[Sequence[Branch]]) -> tuple[Branch, ...]:
    """The branches of a part by its own rules and those of the parts around it: factors multiply."""
    found: list[Branch] = []
    for branches in rules:
        # What is off stays off, whatever the parts in it say.
        both = [
            Branch(outer.terms | inner.terms, outer.factor * inner.factor)
            for outer in [*found, _ALWAYS]
            for inner in ([*branches, _ALWAYS] if outer.factor else [_ALWAYS])
        ]
        # No city reaches a branch behind one with the same terms or fewer.
        found = [
            branch for at, branch in enumerate(both) if not any(before.terms <= branch.terms for before in both[:at])
        ]
        if found[-1:] == [_ALWAYS]:
            found.pop()
    return tuple(found)


class _Rule:
    """Reads the tokens of one rule from the left."""

    def __init__(self, tokens: Sequence[str], switches_off: bool) -> None:
        self._tokens = [*tokens]
        self._switches_off = switches_off

    def branches(self) -> list[Branch]:
        found = self._chain()
        if self._tokens:
            raise ValueError(" ".join(self._tokens))
        return found

    def _chain(self) -> list[Branch]:
        if not self._takes("if"):
            return self._end()
        conditions = self._any_of()
        self._need(self._takes("then"))
        factor = self._factor()
        branches = [Branch(terms, factor) for terms in conditions]
        return branches + (self._chain() if self._takes("else") else [])

    def _end(self) -> list[Branch]:
        """What stands without `if`: a factor, or a condition alone."""
        if self._switches_off and self._next() in words_of(FORM, "predicate"):
            return [Branch(terms, Fraction(0)) for terms in self._any_of()]
        return [Branch(frozenset(), self._factor())]

    def _any_of(self) -> list[frozenset[Term]]:
        found = [self._all_of()]
        while self._takes("or"):
            found.append(self._all_of())
        return found

    def _all_of(self) -> frozenset[Term]:
        found = {self._term()}
        while self._takes("and"):
            found.add(self._term())
        return frozenset(found)

    def _term(self) -> Term:
        predicate = self._pop().casefold()
        kind = words_of(FORM, "predicate").get(predicate, "")
        self._need(bool(kind) and self._pop() == "(", predicate)
        question, comma, choice, end = self._pop(), self._pop(), self._pop(), self._pop()
        self._need((comma, end) == (",", ")"), f"{predicate}({question})")
        return Term(f"{predicate}_{question}" if kind == "select_multiple" else question, choice, kind)

    def _factor(self) -> Fraction:
        word = self._pop()
        told = words_of(FORM, "factor").get(word.casefold(), word) if self._switches_off else word
        self._need(told[:1].isdigit(), word)
        above, _, below = told.partition("/")
        self._need(not below or Fraction(below.strip()) != 0, word)
        return Fraction(above.strip()) / Fraction(below.strip() or 1)

    def _takes(self, keyword: str) -> bool:
        is_next = words_of(FORM, "keyword").get(self._next()) == keyword
        if is_next:
            self._pop()
        return is_next

    def _next(self) -> str:
        return self._tokens[0].casefold() if self._tokens else ""

    def _pop(self) -> str:
        return self._tokens.pop(0) if self._tokens else ""

    def _need(self, is_so: bool, said: str = "") -> None:
        if not is_so:
            raise ValueError(" ".join(filter(None, [said, *self._tokens])) or "it ends too early")
