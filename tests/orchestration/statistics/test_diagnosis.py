"""The least set of claims whose withdrawal lets all others be true, and what could be withdrawn in its place."""

import pytest

from orchestration.statistics.diagnosis import Claim, Constraint, System, diagnose, least_cost

A, B, WHOLE = ("a",), ("b",), ("whole",)


def make_system(**said: float) -> System:
    """Two parts and their whole, and what is said of them: `a_twice=3` is a second claim about a."""
    system = System({A: (0.0, 20.0), B: (0.0, 20.0), WHOLE: (0.0, 40.0)})
    system.constraints.append(Constraint({A: 1.0, B: 1.0, WHOLE: -1.0}, 0.0, 0.0))
    for name, value in said.items():
        variable = (name.split("_")[0],)
        claim = Claim(name)
        system.constraints.append(Constraint({variable: 1.0}, value, value, claim))
        system.costs[claim] = 1.0
        system.shown[name] = ({variable: 1.0},)
    return system


def sides_of(system: System) -> list[set[str]]:
    return [{"+".join(sorted(side)) for side in one.sides} for found in diagnose(system) for one in found.suspicions]


def test_claims_that_agree_are_all_kept() -> None:
    assert least_cost(make_system(a=2, b=3, whole=5)) == 0
    assert sides_of(make_system(a=2, b=3, whole=5)) == []


def test_one_claim_against_two_that_agree_is_the_wrong_one() -> None:
    system = make_system(a=2, a_again=2, b=3, b_again=3, whole=6)
    assert sides_of(system) == [{"whole"}]
    (suspicion,) = diagnose(system)[0].suspicions
    assert suspicion.expected == {"whole": 5.0}


def test_a_tie_names_every_side_with_the_value_that_it_would_have() -> None:
    (suspicion,) = diagnose(make_system(a=2, b=3, whole=6))[0].suspicions
    assert {name for side in suspicion.sides for name in side} == {"a", "b", "whole"}
    assert suspicion.expected == {"a": 3.0, "b": 4.0, "whole": 5.0}


def test_two_claims_may_be_wrong_at_once() -> None:
    assert sorted(map(sorted, sides_of(make_system(a=2, a_again=2, a_other=7, b=3, b_again=3, b_other=9)))) == [
        ["a_other"],
        ["b_other"],
    ]


def test_a_side_may_be_of_two_claims() -> None:
    """Either both claims of a are wrong, or both of the whole: nothing tells."""
    system = make_system(a=2, a_again=2, b=3, b_again=3, b_thrice=3, whole=6, whole_again=6)
    assert sides_of(system) == [{"a+a_again", "whole+whole_again"}]


def test_a_cheaper_part_of_a_claim_falls_first() -> None:
    """A share that is only rounded otherwise costs less than a number that is wrong."""
    system = make_system(a=2, b=3)
    rounding = Claim("share", "rounding")
    system.constraints.append(Constraint({A: 1.0, B: -1.0}, 0.0, 0.0, rounding))
    system.costs[rounding] = 0.25
    assert sides_of(system) == [{"share"}]


def test_components_are_judged_apart() -> None:
    system = make_system(a=2)
    other = ("other",)
    system.bounds[other] = (0.0, 9.0)
    for name, value in (("x", 1.0), ("y", 2.0)):
        system.constraints.append(Constraint({other: 1.0}, value, value, Claim(name)))
        system.costs[Claim(name)] = 1.0
    assert [found.cost for found in diagnose(system)] == [0.0, 1.0]


@pytest.mark.parametrize("value", [1e-3, 1.0, 1e6, 1e9])
def test_the_size_of_numbers_has_no_effect(value: float) -> None:
    system = System({A: (0.0, 20.0 * value)}, {A})
    for name, said in (("x", value), ("y", value), ("z", 1.01 * value)):
        system.constraints.append(Constraint({A: 1.0}, said, said, Claim(name)))
        system.costs[Claim(name)] = 1.0
    assert sides_of(system) == [{"z"}]


def test_more_than_the_limit_costs_infinitely_much() -> None:
    assert least_cost(make_system(a=2, b=3, whole=6), limit=0.5) == float("inf")
