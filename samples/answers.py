"""The answers of the 62 respondents of the survey.

Belongs here: the items of the crosstabs, the city profile, and the order in which the sheet is filled.
Not here: the counts (fit.py, quotas.py), other questions (climate.py, practice.py), the shape of the file
(workbook.py).
"""

from __future__ import annotations

from functools import cache

from samples import cities, climate, noise, practice
from samples.assign import by_rank
from samples.crosstabs import strata
from samples.fit import fits
from samples.sheet import ORDER, Sheet

LIKERT = ("1", "2", "3", "4", "5")


@cache
def answers() -> Sheet:
    """The solved survey."""
    sheet = Sheet()
    crosstabs(sheet)
    profile(sheet)
    climate.targets(sheet)
    climate.plans_and_initiatives(sheet)
    practice.engagement(sheet)
    practice.finance_and_monitoring(sheet)
    practice.ratings(sheet)
    practice.platform(sheet)
    return sheet


def crosstabs(sheet: Sheet) -> None:
    """Deal the counts of each stratum to its members."""
    leanings = {"admin_structure": "collaboration", "ch": "strain", "sk": "strain", "in": "strain"}
    for fitted in fits():
        question = fitted.item.question
        leaning = leanings.get(question, leanings.get(question.partition("_")[0], "ambition"))
        order = ORDER.get(question, LIKERT)
        dealt: dict[int, str] = {}
        for size, target in strata():
            members = [p.number for p in sheet.people if (p.size, p.target) == (size, target)]
            counts = {choice: fitted.counts[size, target, choice] for choice in reversed(order)}
            if sum(counts.values()) < len(members):
                members = noise.shuffled(members, question)[: sum(counts.values())]
            dealt |= by_rank(members, counts, sheet.score(question, leaning))
        sheet.give(question, dealt)


def profile(sheet: Sheet) -> None:
    """Who and what the respondent is; 19 took part in the Expression of Interest."""
    sheet.give("city", {p.number: p.pseudonym for p in sheet.people})
    sheet.give("country", {p.number: p.country for p in sheet.people})
    sheet.give("population", {p.number: p.population for p in sheet.people})
    sheet.give("target_status", {p.number: p.target for p in sheet.people})
    sheet.give("consent", dict.fromkeys(sheet.everyone, "yes"))
    applied = {"yes": cities.SECOND_WAVE_N, "no": cities.SURVEY_N - cities.SECOND_WAVE_N}
    sheet.give("eoi_2021", by_rank(sheet.everyone, applied, sheet.score("eoi_2021", "ambition")))
