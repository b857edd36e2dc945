"""Small cubes: responses of cohorts with answers and groups, counted as the warehouse counts them."""

from collections.abc import Collection, Mapping, Sequence

from orchestration.disclosure.cube import ConfidentialCube
from orchestration.disclosure.overlaps import Overlaps
from orchestration.disclosure.rules import ALL, Cell, Key, Nested

# One city: the values of its items (a set where several choices may be ticked, None where it did not answer).
City = Mapping[str, str | frozenset[str] | None]


def cube_of(
    cohorts: Mapping[str, Sequence[City]],
    choices: Mapping[str, Sequence[str]],
    dimensions: Sequence[str],
    nested: Sequence[Nested] = (),
    together: Sequence[Collection[str]] = (),
    is_open: Collection[str] = (),
) -> ConfidentialCube:
    """The cube of some cohorts; dimensions are items of one choice each, which groups are made by.

    Cohorts within others are `nested`, or it is said which ones cities are in `together`; those that are `is_open` are
    of public rounds.
    """
    multiples = {
        item
        for cities in cohorts.values()
        for city in cities
        for item, value in city.items()
        if isinstance(value, frozenset)
    }
    cells = []
    for cohort, cities in cohorts.items():
        groups = {(ALL, ALL): list(cities)}
        for dimension in dimensions:
            for member in (*choices[dimension], "missing"):
                chosen = None if member == "missing" else member
                members = [city for city in cities if city[dimension] == chosen]
                if member != "missing" or members:
                    groups[dimension, member] = members
        for item, levels in choices.items():
            for group, members in groups.items():
                cells += _cells(cohort, item, levels, group, members, is_multiple=item in multiples)
    cells = [cell._replace(is_open=cell.key.cohort in is_open) for cell in cells]
    asked = frozenset((cell.key.cohort, cell.key.item) for cell in cells if not cell.is_open)
    overlaps = Overlaps(frozenset(map(frozenset, together))) if together else Overlaps.of_nested(nested)
    numbers = {item: {choice: float(place) for place, choice in enumerate(own, 1)} for item, own in choices.items()}
    return ConfidentialCube(tuple(cells), overlaps, numbers, {}, asked, frozenset())


def _cells(
    cohort: str, item: str, levels: Sequence[str], group: tuple[str, str], members: Sequence[City], *, is_multiple: bool
) -> list[Cell]:
    answered = [city for city in members if city[item] is not None]
    counts = {
        level: sum(
            level in value if isinstance(value := city[item], frozenset) else value == level for city in answered
        )
        for level in levels
    }
    cells = [
        Cell(Key(cohort, item, level, *group), n, len(members), len(answered), is_multiple, True)
        for level, n in counts.items()
    ]
    missing_n = len(members) - len(answered)
    key = Key(cohort, item, "missing", *group)
    return [*cells, Cell(key, missing_n, len(members), len(answered), is_multiple, False)]
