"""What an open name may mean: the places of its country whose names are most like it.

Suggestions are for a person to confirm; nothing is linked by them. Not here: which names are open (link.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from orchestration.cities.gazetteer import Gazetteer
from orchestration.common.text import normalise
from orchestration.knowledge.rows.cities import CityWrapper

SHOWN = 3
Scorer = Callable[..., float]
# Least scores (rapidfuzz, 0 to 100): of names alike as a whole and, where there is none, of names alike in a part.
ALIKE, ALIKE_IN_PART = 75, 85


@dataclass(frozen=True)
class Option:
    """A city that a name may mean; its population is None where it is unknown."""

    city_key: str
    name: str
    population: int | None


class Suggester:
    """Suggestions from the gazetteer and from further cities, each with its country and normalised name."""

    def __init__(
        self, gazetteer: Gazetteer, wrappers: Iterable[CityWrapper], further: Iterable[tuple[str, str, Option]] = ()
    ) -> None:
        self._gazetteer = gazetteer
        longest_first = sorted(((normalise(row.wrapper), row.side) for row in wrappers), key=lambda row: -len(row[0]))
        self._before = [text for text, side in longest_first if side == "before"]
        self._after = [text for text, side in longest_first if side == "after"]
        self._further: dict[str, list[tuple[str, Option]]] = defaultdict(list)
        for country, text, option in further:
            self._further[country].append((text, option))
        self._known = cache(self._known_names)

    def suggestions(self, country: str, name: str) -> list[tuple[Option, int]]:
        """Up to three cities and how like each is to a name (0 to 100); among equals the largest comes first."""
        from rapidfuzz import fuzz

        written, core = normalise(name), self.without_wrapper(name)
        best = self._scores(country, {written, core}, fuzz.ratio, ALIKE)
        best = best or self._scores(country, {core}, fuzz.WRatio, ALIKE_IN_PART)
        ranked = sorted(best.items(), key=lambda found: (-found[1], -(found[0].population or 0), found[0].city_key))
        return ranked[:SHOWN]

    def without_wrapper(self, name: str) -> str:
        """A normalised name without what an administration puts around it: "Comune di Lucca" is "lucca"."""
        text = normalise(name)
        before = next((wrapper for wrapper in self._before if text.startswith(f"{wrapper} ")), "")
        text = text.removeprefix(f"{before} ") if before else text
        after = next((wrapper for wrapper in self._after if text.endswith(f" {wrapper}")), "")
        return text.removesuffix(f" {after}") if after else text

    def _scores(self, country: str, texts: set[str], scorer: Scorer, least: int) -> dict[Option, int]:
        """The best score of each city that a name of the country leads to."""
        from rapidfuzz import process

        names, options = self._known(country)
        best: dict[Option, int] = {}
        for text in sorted(texts):
            for _, score, at in process.extract_iter(text, names, scorer=scorer, score_cutoff=least):
                best[options[at]] = max(best.get(options[at], 0), round(score))
        return best

    def _known_names(self, country: str) -> tuple[Sequence[str], Sequence[Option]]:
        """Every name in a country, and the city that each stands for."""
        named = [
            (text, Option(place.key, place.name, place.population or None))
            for text, place in self._gazetteer.names(country)
        ]
        named += self._further[country]
        return [text for text, _ in named], [option for _, option in named]
