"""Answers on engagement, finance, monitoring, needs and services.

Belongs here: how the city works with others, what it lacks and what it wants. Not here: what it has, see
climate.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from samples import noise, texts
from samples.assign import by_rank, several
from samples.codebook import load
from samples.quotas import quotas, support
from samples.sheet import Sheet

# Matrix rows by the beginning of their question names.
RATINGS = ("sp_", "pr_", "sk_", "kn_", "in_", "sv_")


def engagement(sheet: Sheet) -> None:
    """Actors, support and forms of engagement."""
    score = sheet.pair_score
    actors = several(sheet.everyone, quotas("stakeholders"), score("stakeholders", "collaboration"), least=1)
    sheet.give("stakeholders", actors)
    governments = sorted(sheet.who("stakeholders", "government"))
    sheet.give(
        "support_received",
        several(governments, quotas("support_received"), score("support_received", "collaboration")),
    )
    sheet.give(
        "engage_citizens",
        several(sheet.everyone, quotas("engage_citizens"), score("engage_citizens", "collaboration"), most=5),
    )
    private = sorted(sheet.who("stakeholders", "private"))
    sheet.give(
        "engage_private",
        several(private, quotas("engage_private"), score("engage_private", "collaboration"), least=1),
    )
    academia: Collection[int] = sheet.who("stakeholders", "academia")
    sheet.give(
        "engage_academia",
        several(
            sheet.everyone,
            quotas("engage_academia"),
            score("engage_academia", "collaboration"),
            within=[("consult", academia, 22), ("collaborative_rni", academia, 14)],
        ),
    )


def finance_and_monitoring(sheet: Sheet) -> None:
    """Budget share (9 of the 20 with a budget answered), capacities, data partners, staff."""
    with_budget = sheet.who("climate_budget", "in_place")
    sheet.give("budget_share", by_rank(with_budget, quotas("budget_share"), sheet.score("budget_share", "strain")))
    sheet.give(
        "climate_budget_other",
        {
            number: texts.BUDGET_OTHER[k % len(texts.BUDGET_OTHER)]
            for k, number in enumerate(sorted(sheet.who("climate_budget", "other")))
        },
    )
    sheet.rank("capital_needs_capacity", sheet.everyone, "ambition", 0.3)
    sheet.rank("staff", sheet.everyone, "collaboration", 0.3)
    counts = quotas("data_partners")
    alone = {"none": counts.pop("none")}
    sheet.give("data_partners", by_rank(sheet.everyone, alone, lambda n: -sheet.people[n].collaboration))
    others = sorted(set(sheet.everyone) - set(sheet.given["data_partners"]))
    partners = several(others, counts, sheet.pair_score("data_partners", "collaboration"), least=1)
    sheet.give("data_partners", partners | {n: ["none"] for n in sheet.given["data_partners"]})
    sheet.tell("monitoring_obstacles", texts.MONITORING_OBSTACLES, sheet.everyone, 0.7)
    sheet.tell("challenges_other", texts.CHALLENGES_OTHER, sheet.everyone, 0.15)


def ratings(sheet: Sheet) -> None:
    """Matrix rows without a crosstab: Figure 24 as printed, the others as in quotas_survey.csv."""
    for question in load("nmc_survey", "2024").questions:
        if question.name in sheet.given or not question.name.startswith(RATINGS):
            continue
        is_reversed = question.name.startswith("sp_")
        counts = support(question.name) if is_reversed else quotas(question.name)
        leaning = {"pr_": "ambition", "sv_": "collaboration"}.get(question.name[:3], "strain")
        high_first = {choice: counts[choice] for choice in sorted(counts, reverse=not is_reversed)}
        answering = noise.shuffled(sheet.everyone, question.name)[: sum(counts.values())]
        sheet.give(question.name, by_rank(answering, high_first, sheet.score(question.name, leaning)))


def platform(sheet: Sheet) -> None:
    """Services, learning formats and the open ends of the questionnaire."""
    sheet.rank("discussion_groups", sheet.everyone, "collaboration")
    sheet.give(
        "learning_formats",
        several(
            sheet.everyone,
            quotas("learning_formats"),
            sheet.pair_score("learning", "collaboration"),
            least=1,
        ),
    )
    sheet.tell("learning_formats_other", texts.LEARNING_OTHER, sheet.everyone, 0.15)
    writing = noise.shuffled(sheet.everyone, "wanted services")[:46]
    classes = several(
        sorted(writing),
        quotas("wanted_services_class"),
        sheet.pair_score("wanted", "strain"),
        least=1,
        most=3,
    )
    sheet.code("wanted_services", classes)
    sheet.give("wanted_services", {number: wishes(number, chosen) for number, chosen in classes.items()})
    sheet.tell("topics_of_interest", texts.TOPICS, sheet.everyone, 0.5)
    sheet.tell("capacity_other", texts.CAPACITY_OTHER, sheet.everyone, 0.2)
    sheet.tell("comments", texts.COMMENTS, sheet.everyone, 0.3)
    sheet.rank("portal_registered", sheet.everyone, "collaboration")
    sheet.rank("newsletter", sheet.everyone, "collaboration")


def wishes(key: object, classes: Iterable[str]) -> str:
    """A sentence for each class of services that a city wants."""
    return ". ".join(noise.one_of(texts.WANTED_SERVICES[name], "wish", key) for name in classes) + "."
