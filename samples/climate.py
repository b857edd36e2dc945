"""Answers on targets, plans, projects and initiatives.

Belongs here: sections "climate targets" and, of the next one, what the city has and takes part in. Not
here: how the city works and what it needs, see practice.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from samples import noise, published, texts
from samples.assign import by_rank, several
from samples.quotas import exclusions, initiatives, quotas
from samples.sheet import Sheet


def targets(sheet: Sheet) -> None:
    """Type, year, reduction and exclusions of the 33 targets in place."""
    existing = sheet.who("target_status", "existing")
    modest = existing - sheet.who("ch_admin_capacity", "5")
    types = quotas("target_type")
    absolute = by_rank(modest, {"absolute_zero": types.pop("absolute_zero")}, sheet.score("target_type", "ambition"))
    others = by_rank(existing - set(absolute), types, sheet.score("target_type", "ambition"))
    sheet.give("target_type", absolute | others)
    sheet.give(
        "target_year",
        by_rank(existing, quotas("target_year"), sheet.score("target_year", "ambition", 0.3)),
    )
    sheet.rank("exceeds_national_target", existing, "ambition")
    _reductions(sheet)
    excluding = noise.shuffled(sorted(existing - sheet.who("target_type", "absolute_zero")), "exclusions")
    sheet.give(
        "exclusions",
        several(excluding[:9], exclusions(), sheet.pair_score("exclusions", "ambition"), least=1, most=4),
    )
    taken = sheet.who("ghg_inventory", "undertaken")
    sheet.give(
        "ghg_inventory_year",
        {
            number: noise.between(2015, 2022, "inventory year", number)
            for number in taken
            if noise.unit("inventory year given", number) < 0.9
        },
    )


def _reductions(sheet: Sheet) -> None:
    """23 give year and reduction, two a reduction alone; several do not fit their type of target."""
    years = sheet.given["target_year"]
    dated = noise.shuffled(sorted(years), "reduction")[:23]
    undated = noise.shuffled(sorted(sheet.who("target_status", "existing") - set(years)), "reduction")[:2]
    bounds = {"2030": (40, 62), "2040": (55, 82), "2050": (72, 95)}
    reductions: dict[int, float] = {}
    for number in [*dated, *undated]:
        low, high = bounds[str(years.get(number, "2050"))]
        reductions[number] = float(noise.between(low, high, "reduction", number))
    strict = sorted(set(dated) & sheet.who("target_type", "absolute_zero") & sheet.who("target_year", "2050"))
    if strict:
        reductions[strict[0]] = 100.0
    sheet.give("expected_reduction_pct", reductions)
    sheet.give(
        "residual_emissions_pct",
        {number: 100 - reduction for number, reduction in reductions.items() if noise.unit("residual", number) < 0.6},
    )


def plans_and_initiatives(sheet: Sheet) -> None:
    """Plans, projects and memberships; SECAP × Covenant of Mayors is 25, 9, 9, 19 (l.1431-1433)."""
    kinds = sheet.given.pop("plan_type")
    sectoral = [n for n, kind in kinds.items() if kind in ("only_sectoral", "both")]
    plans = several(sectoral, quotas("plans"), sheet.pair_score("plans", "ambition"), least=1)
    for number, kind in kinds.items():
        chosen = plans.setdefault(number, [])
        if kind == "none":
            chosen.append("none")
        if kind in ("both", "only_cross_sectoral"):
            chosen.append("cross_sectoral")
    sheet.give("plans", plans)
    sheet.tell("plans_other", texts.PLANS_OTHER, sheet.who("plans", "other_sectoral"))
    _initiatives(sheet)
    sheet.give("rni_titles", _projects(sheet))


def _initiatives(sheet: Sheet) -> None:
    """52 take part, the ten others include all without a target; between one and ten initiatives each."""
    counts = initiatives()
    alone = sheet.who("target_status", "no_target")
    rest = set(sheet.everyone) - alone - sheet.who("plans", "secap")
    score = sheet.score("initiatives", "collaboration")
    alone |= set(sorted(rest, key=score)[: counts.pop("none") - len(alone)])
    taking_part = sorted(set(sheet.everyone) - alone)
    totals = _initiative_totals(sheet, taking_part, sum(counts.values()))
    secap = sheet.who("plans", "secap")
    given = several(
        taking_part,
        counts,
        sheet.pair_score("initiatives", "collaboration", 0),
        totals=totals,
        within=[("covenant_of_mayors", secap, 25)],
    )
    sheet.give("initiatives", given | {number: ["none"] for number in alone})
    sheet.tell("initiatives_other", texts.INITIATIVES_OTHER, sheet.who("initiatives", "other"))
    sheet.give(
        "initiative_benefits",
        several(
            taking_part,
            quotas("initiative_benefits"),
            sheet.pair_score("initiative_benefits", "collaboration"),
            least=1,
            most=7,
        ),
    )


def _initiative_totals(sheet: Sheet, taking_part: Sequence[int], mentions: int) -> dict[int, int]:
    """Initiatives a city: ten once, most of them two to five, as many in sum as Table 8 has mentions."""
    ranked = sorted(taking_part, key=sheet.score("initiative number", "collaboration"), reverse=True)
    totals = [10, 9, 8, 7, 7, 6, 6, 6, *[5] * 8, *[4] * 10, *[3] * 9, *[2] * 11]
    totals += [1] * (len(ranked) - len(totals))
    position = 0
    while sum(totals) != mentions:
        position = position % (len(totals) - 8) + 1
        totals[7 + position] += 1 if sum(totals) < mentions else -1
    return dict(zip(ranked, totals, strict=True))


def _projects(sheet: Sheet) -> dict[int, str]:
    """Each project of Table 16 is named once; the others name projects outside Horizon Europe."""
    named = [_safe_title(title) for title in published.horizon_projects()]
    engaged = noise.shuffled(sorted(sheet.who("rni_projects", "in_place")), "projects")
    titles: dict[int, str] = {}
    for position, number in enumerate(engaged):
        if position < len(named):
            titles[number] = named[position]
        elif noise.unit("project title", number) < 0.7:
            titles[number] = noise.one_of(texts.OTHER_PROJECTS, "project", number)
    return titles


def _safe_title(title: str) -> str:
    """A project title, cut to its acronym where it spells the names of cities."""
    return title.partition(" - ")[0] if "AmsTErdam" in title else title
