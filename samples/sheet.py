"""The answer sheet: what each respondent answers, and the ways of filling it.

Belongs here: answers by question and respondent, scores, and what all subjects use to fill the sheet. Not
here: any question of the survey, see answers.py, climate.py and practice.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from samples import noise
from samples.assign import by_rank
from samples.quotas import quotas
from samples.respondents import respondents
from samples.workbook import Answer

# From the least to the most ambitious or collaborative answer.
ORDER = {
    "admin_structure": ("fragmented", "other", "climate_office", "sectoral_department", "cross_sectoral"),
    "plan_type": ("none", "only_sectoral", "only_cross_sectoral", "both"),
    "rni_projects": ("none", "in_place"),
    "climate_budget": ("none", "unknown", "other", "in_place"),
    "ghg_inventory": ("not_undertaken", "under_preparation", "undertaken"),
    "staff": ("not_planned", "additional_planned", "sufficient"),
    "capital_needs_capacity": ("no", "yes"),
    "exceeds_national_target": ("no", "yes"),
    "portal_registered": ("no", "yes"),
    "newsletter": ("no", "yes"),
    "discussion_groups": ("unlikely", "know_more", "likely", "very_likely"),
}


class Sheet:
    """Answers by question and respondent; filled question by question, as each may need earlier ones."""

    def __init__(self) -> None:
        self.people = respondents()
        self.everyone = [person.number for person in self.people]
        self.given: dict[str, dict[int, Answer]] = {}
        self.coded: dict[str, dict[int, list[str]]] = {}

    def score(self, question: str, leaning: str, pull: float = 0.5) -> Callable[[int], float]:
        """How much a respondent leans to the last answers of a question."""
        return lambda number: (
            pull * float(getattr(self.people[number], leaning)) + (1 - pull) * noise.unit(question, number)
        )

    def pair_score(self, question: str, leaning: str, pull: float = 0.3) -> Callable[[int, str], float]:
        """The same for questions with several answers."""
        return lambda number, choice: (
            pull * float(getattr(self.people[number], leaning)) + (1 - pull) * noise.unit(question, choice, number)
        )

    def who(self, question: str, *choices: str) -> set[int]:
        """Respondents who gave one of the answers."""
        wanted = set(choices)
        return {
            number
            for number, answer in self.given[question].items()
            if wanted & (set(answer) if isinstance(answer, list) else {str(answer)})
        }

    def give(self, question: str, answers: Mapping[int, Answer]) -> None:
        """Set the answers of a question."""
        self.given[question] = dict(answers)

    def code(self, question: str, classes: Mapping[int, Answer]) -> None:
        """Set what coders find in the texts of an open question."""
        self.coded[question] = {number: list(chosen) for number, chosen in classes.items() if chosen}

    def rank(self, question: str, among: Iterable[int], leaning: str, pull: float = 0.5) -> None:
        """A question with one answer and known totals; the order goes from the last answers to the first."""
        counts = quotas(question)
        high_first = {choice: counts[choice] for choice in reversed(ORDER[question])}
        self.give(question, by_rank(among, high_first, self.score(question, leaning, pull)))

    def tell(self, question: str, sentences: Sequence[str], among: Iterable[int], share: float = 1.0) -> None:
        """An open question: a share of them writes one of the sentences."""
        self.give(
            question,
            {
                number: noise.one_of(sentences, question, "text", number)
                for number in among
                if noise.unit(question, "tells", number) < share
            },
        )
