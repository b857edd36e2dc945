"""Who gives which answer, when it is known how many do.

Belongs here: dealing counts out to cities by score, one answer each or several. Not here: counts and scores.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

Score = Callable[[int], float]


def by_rank(cities: Iterable[int], quotas: Mapping[str, int], score: Score) -> dict[int, str]:
    """One choice a city: the highest scores get the first choice, and so on; who is left gets none."""
    ranked = sorted(cities, key=score, reverse=True)
    if sum(quotas.values()) > len(ranked):
        raise ValueError(f"{sum(quotas.values())} answers for {len(ranked)} cities: {dict(quotas)}")
    choices = [choice for choice, n in quotas.items() for _ in range(n)]
    return dict(zip(ranked, choices, strict=False))


def several(
    cities: Sequence[int],
    quotas: Mapping[str, int],
    score: Callable[[int, str], float],
    *,
    least: int = 0,
    most: int = 99,
    totals: Mapping[int, int] | None = None,
    allowed: Callable[[int, str], bool] = lambda city, choice: True,
    within: Iterable[tuple[str, Collection[int], int]] = (),
) -> dict[int, list[str]]:
    """Several choices a city, in order of the quotas, with the highest total score.

    Each choice is given as often as its quota says, `within` a group of cities as often as stated there.
    A city gives between `least` and `most` choices, or exactly its number in `totals`. Raises ValueError
    if that cannot be.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    given = {(city, choice): model.new_bool_var("") for city in cities for choice in quotas if allowed(city, choice)}
    for choice, n in quotas.items():
        model.add(sum(var for (_, c), var in given.items() if c == choice) == n)
    for choice, group, n in within:
        model.add(sum(var for (city, c), var in given.items() if c == choice and city in group) == n)
    for city in cities:
        number = sum(var for (c, _), var in given.items() if c == city)
        model.add_linear_constraint(number, totals[city] if totals else least, totals[city] if totals else most)
    model.maximize(sum(round(score(*key) * 10**7) * var for key, var in given.items()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    if solver.solve(model) != cp_model.OPTIMAL:
        raise ValueError(f"no assignment of {dict(quotas)} ({solver.status_name()})")
    return {
        city: [choice for choice in quotas if (city, choice) in given and solver.value(given[city, choice])]
        for city in cities
    }
