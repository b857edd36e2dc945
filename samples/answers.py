"""The answers of the 62 respondents of the survey.

Belongs here: who of a stratum gives which answer, so that counts (crosstabs.py, quotas.py) hold and the
statements that couple questions do as well. Not here: the counts, and the shape of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache

from samples import cities, noise, published, texts
from samples.assign import by_rank, several
from samples.codebook import load
from samples.crosstabs import strata
from samples.fit import fits
from samples.quotas import exclusions, initiatives, quotas, support
from samples.respondents import respondents
from samples.workbook import Answer

LIKERT = ("1", "2", "3", "4", "5")

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


class Answers:
    """Answers by question and respondent, in an order in which each needs only earlier ones."""

    def __init__(self) -> None:
        self.people = respondents()
        self.everyone = [person.number for person in self.people]
        self.given: dict[str, dict[int, Answer]] = {}
        self.crosstabs()
        self.profile()
        self.targets()
        self.plans_and_initiatives()
        self.engagement()
        self.finance_and_monitoring()
        self.ratings()
        self.platform()

    def score(self, question: str, leaning: str, pull: float = 0.5) -> Callable[[int], float]:
        """How much a respondent leans to the last answers of a question."""
        return lambda number: (
            pull * float(getattr(self.people[number], leaning)) + (1 - pull) * noise.unit(question, number)
        )

    def pair_score(self, question: str, leaning: str, pull: float = 0.3) -> Callable[[int, str], float]:
        """The same for questions with several answers."""
        return lambda number, choice: (
            pull * float(getattr(self.people[number], leaning))
            + (1 - pull) * noise.unit(question, choice, number)
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

    def crosstabs(self) -> None:
        """Deal the counts of each stratum to its members."""
        leanings = {"admin_structure": "collaboration", "ch": "strain", "sk": "strain", "in": "strain"}
        for fitted in fits():
            question = fitted.item.question
            leaning = leanings.get(question, leanings.get(question.partition("_")[0], "ambition"))
            order = ORDER.get(question, LIKERT)
            dealt: dict[int, str] = {}
            for size, target in strata():
                members = [p.number for p in self.people if (p.size, p.target) == (size, target)]
                counts = {choice: fitted.counts[size, target, choice] for choice in reversed(order)}
                if sum(counts.values()) < len(members):
                    members = noise.shuffled(members, question)[: sum(counts.values())]
                dealt |= by_rank(members, counts, self.score(question, leaning))
            self.give(question, dealt)

    def profile(self) -> None:
        """Who and what the respondent is; 19 took part in the Expression of Interest."""
        self.give("city", {p.number: p.pseudonym for p in self.people})
        self.give("country", {p.number: p.country for p in self.people})
        self.give("population", {p.number: p.population for p in self.people})
        self.give("target_status", {p.number: p.target for p in self.people})
        self.give("consent", dict.fromkeys(self.everyone, "yes"))
        applied = {"yes": cities.SECOND_WAVE_N, "no": cities.SURVEY_N - cities.SECOND_WAVE_N}
        self.give("eoi_2021", by_rank(self.everyone, applied, self.score("eoi_2021", "ambition")))

    def targets(self) -> None:
        """Type, year, reduction and exclusions of the 33 targets in place."""
        existing = self.who("target_status", "existing")
        modest = existing - self.who("ch_admin_capacity", "5")
        types = quotas("target_type")
        absolute = by_rank(
            modest, {"absolute_zero": types.pop("absolute_zero")}, self.score("target_type", "ambition")
        )
        others = by_rank(existing - set(absolute), types, self.score("target_type", "ambition"))
        self.give("target_type", absolute | others)
        self.give(
            "target_year",
            by_rank(existing, quotas("target_year"), self.score("target_year", "ambition", 0.3)),
        )
        self.rank("exceeds_national_target", existing, "ambition")
        self._reductions()
        excluding = noise.shuffled(sorted(existing - self.who("target_type", "absolute_zero")), "exclusions")
        self.give(
            "exclusions",
            several(excluding[:9], exclusions(), self.pair_score("exclusions", "ambition"), least=1, most=4),
        )
        taken = self.who("ghg_inventory", "undertaken")
        self.give(
            "ghg_inventory_year",
            {
                number: noise.between(2015, 2022, "inventory year", number)
                for number in taken
                if noise.unit("inventory year given", number) < 0.9
            },
        )

    def _reductions(self) -> None:
        """23 give year and reduction, two a reduction alone; several do not fit their type of target."""
        years = self.given["target_year"]
        dated = noise.shuffled(sorted(years), "reduction")[:23]
        undated = noise.shuffled(sorted(self.who("target_status", "existing") - set(years)), "reduction")[:2]
        bounds = {"2030": (40, 62), "2040": (55, 82), "2050": (72, 95)}
        reductions: dict[int, float] = {}
        for number in [*dated, *undated]:
            low, high = bounds[str(years.get(number, "2050"))]
            reductions[number] = float(noise.between(low, high, "reduction", number))
        strict = sorted(
            set(dated) & self.who("target_type", "absolute_zero") & self.who("target_year", "2050")
        )
        if strict:
            reductions[strict[0]] = 100.0
        self.give("expected_reduction_pct", reductions)
        self.give(
            "residual_emissions_pct",
            {
                number: 100 - reduction
                for number, reduction in reductions.items()
                if noise.unit("residual", number) < 0.6
            },
        )

    def plans_and_initiatives(self) -> None:
        """Plans, projects and memberships; SECAP × Covenant of Mayors is 25, 9, 9, 19 (l.1431-1433)."""
        kinds = self.given.pop("plan_type")
        sectoral = [n for n, kind in kinds.items() if kind in ("only_sectoral", "both")]
        plans = several(sectoral, quotas("plans"), self.pair_score("plans", "ambition"), least=1)
        for number, kind in kinds.items():
            chosen = plans.setdefault(number, [])
            if kind == "none":
                chosen.append("none")
            if kind in ("both", "only_cross_sectoral"):
                chosen.append("cross_sectoral")
        self.give("plans", plans)
        self.tell("plans_other", texts.PLANS_OTHER, self.who("plans", "other_sectoral"))
        self._initiatives()
        self.give("rni_titles", self._projects())

    def _initiatives(self) -> None:
        """52 take part, the ten others include all without a target; between one and ten initiatives each."""
        counts = initiatives()
        alone = self.who("target_status", "no_target")
        rest = set(self.everyone) - alone - self.who("plans", "secap")
        score = self.score("initiatives", "collaboration")
        alone |= set(sorted(rest, key=score)[: counts.pop("none") - len(alone)])
        taking_part = sorted(set(self.everyone) - alone)
        totals = self._initiative_totals(taking_part, sum(counts.values()))
        secap = self.who("plans", "secap")
        given = several(
            taking_part,
            counts,
            self.pair_score("initiatives", "collaboration", 0),
            totals=totals,
            within=[("covenant_of_mayors", secap, 25)],
        )
        self.give("initiatives", given | {number: ["none"] for number in alone})
        self.tell("initiatives_other", texts.INITIATIVES_OTHER, self.who("initiatives", "other"))
        self.give(
            "initiative_benefits",
            several(
                taking_part,
                quotas("initiative_benefits"),
                self.pair_score("initiative_benefits", "collaboration"),
                least=1,
                most=7,
            ),
        )

    def _initiative_totals(self, taking_part: Sequence[int], mentions: int) -> dict[int, int]:
        """Initiatives a city: ten once, most of them two to five, as many in sum as Table 8 has mentions."""
        ranked = sorted(taking_part, key=self.score("initiative number", "collaboration"), reverse=True)
        totals = [10, 9, 8, 7, 7, 6, 6, 6, *[5] * 8, *[4] * 10, *[3] * 9, *[2] * 11]
        totals += [1] * (len(ranked) - len(totals))
        position = 0
        while sum(totals) != mentions:
            position = position % (len(totals) - 8) + 1
            totals[7 + position] += 1 if sum(totals) < mentions else -1
        return dict(zip(ranked, totals, strict=True))

    def _projects(self) -> dict[int, str]:
        """Each project of Table 16 is named once; the others name projects outside Horizon Europe."""
        named = [_safe_title(title) for title in published.horizon_projects()]
        engaged = noise.shuffled(sorted(self.who("rni_projects", "in_place")), "projects")
        titles: dict[int, str] = {}
        for position, number in enumerate(engaged):
            if position < len(named):
                titles[number] = named[position]
            elif noise.unit("project title", number) < 0.7:
                titles[number] = noise.one_of(texts.OTHER_PROJECTS, "project", number)
        return titles

    def engagement(self) -> None:
        """Actors, support and forms of engagement."""
        score = self.pair_score
        actors = several(
            self.everyone, quotas("stakeholders"), score("stakeholders", "collaboration"), least=1
        )
        self.give("stakeholders", actors)
        governments = sorted(self.who("stakeholders", "government"))
        self.give(
            "support_received",
            several(governments, quotas("support_received"), score("support_received", "collaboration")),
        )
        self.give(
            "engage_citizens",
            several(
                self.everyone, quotas("engage_citizens"), score("engage_citizens", "collaboration"), most=5
            ),
        )
        private = sorted(self.who("stakeholders", "private"))
        self.give(
            "engage_private",
            several(private, quotas("engage_private"), score("engage_private", "collaboration"), least=1),
        )
        academia: Collection[int] = self.who("stakeholders", "academia")
        self.give(
            "engage_academia",
            several(
                self.everyone,
                quotas("engage_academia"),
                score("engage_academia", "collaboration"),
                within=[("consult", academia, 22), ("collaborative_rni", academia, 14)],
            ),
        )

    def finance_and_monitoring(self) -> None:
        """Budget share (9 of the 20 with a budget answered), capacities, data partners, staff."""
        with_budget = self.who("climate_budget", "in_place")
        self.give(
            "budget_share", by_rank(with_budget, quotas("budget_share"), self.score("budget_share", "strain"))
        )
        self.give(
            "climate_budget_other",
            {
                number: texts.BUDGET_OTHER[k % len(texts.BUDGET_OTHER)]
                for k, number in enumerate(sorted(self.who("climate_budget", "other")))
            },
        )
        self.rank("capital_needs_capacity", self.everyone, "ambition", 0.3)
        self.rank("staff", self.everyone, "collaboration", 0.3)
        counts = quotas("data_partners")
        alone = {"none": counts.pop("none")}
        self.give("data_partners", by_rank(self.everyone, alone, lambda n: -self.people[n].collaboration))
        others = sorted(set(self.everyone) - set(self.given["data_partners"]))
        partners = several(others, counts, self.pair_score("data_partners", "collaboration"), least=1)
        self.give("data_partners", partners | {n: ["none"] for n in self.given["data_partners"]})
        self.tell("monitoring_obstacles", texts.MONITORING_OBSTACLES, self.everyone, 0.7)
        self.tell("challenges_other", texts.CHALLENGES_OTHER, self.everyone, 0.15)

    def ratings(self) -> None:
        """Matrix rows without a crosstab: Figure 24 as printed, the others as in quotas_survey.csv."""
        for question in load("nmc_survey", "2024").questions:
            if question.name in self.given or question.name[:3] not in (
                "sp_",
                "pr_",
                "sk_",
                "kn_",
                "in_",
                "sv_",
            ):
                continue
            is_reversed = question.name.startswith("sp_")
            counts = support(question.name) if is_reversed else quotas(question.name)
            leaning = {"pr_": "ambition", "sv_": "collaboration"}.get(question.name[:3], "strain")
            high_first = {choice: counts[choice] for choice in sorted(counts, reverse=not is_reversed)}
            answering = noise.shuffled(self.everyone, question.name)[: sum(counts.values())]
            self.give(question.name, by_rank(answering, high_first, self.score(question.name, leaning)))

    def platform(self) -> None:
        """Services, learning formats and the open ends of the questionnaire."""
        self.rank("discussion_groups", self.everyone, "collaboration")
        self.give(
            "learning_formats",
            several(
                self.everyone,
                quotas("learning_formats"),
                self.pair_score("learning", "collaboration"),
                least=1,
            ),
        )
        writing = noise.shuffled(self.everyone, "wanted services")[:46]
        classes = several(
            sorted(writing),
            quotas("wanted_services_class"),
            self.pair_score("wanted", "strain"),
            least=1,
            most=3,
        )
        self.give("wanted_services_class", classes)
        self.give("wanted_services", {number: _wishes(number, chosen) for number, chosen in classes.items()})
        self.tell("topics_of_interest", texts.TOPICS, self.everyone, 0.5)
        self.tell("capacity_other", texts.CAPACITY_OTHER, self.everyone, 0.2)
        self.tell("comments", texts.COMMENTS, self.everyone, 0.3)
        self.rank("portal_registered", self.everyone, "collaboration")
        self.rank("newsletter", self.everyone, "collaboration")


def _safe_title(title: str) -> str:
    """A project title, cut to its acronym where it spells the names of cities."""
    return title.partition(" - ")[0] if "AmsTErdam" in title else title


def _wishes(number: int, classes: Iterable[str]) -> str:
    return ". ".join(noise.one_of(texts.WANTED_SERVICES[name], "wish", number) for name in classes) + "."


@cache
def answers() -> Answers:
    """The solved survey."""
    return Answers()
