"""Two coders of the same texts: kappa as it is computed by hand."""

import pytest

from orchestration.statistics.agreement import Codes, measure_agreement

# Ten answers. Money: both 4, Anna alone 1, Ben alone 2, neither 3: observed 0.7, expected
# 0.5 * 0.6 + 0.5 * 0.4 = 0.5. Tools: both 3, Anna alone 3, Ben alone 1, neither 3: observed 0.6, expected
# 0.6 * 0.4 + 0.4 * 0.6 = 0.48.
ANNA = ["m", "m", "m", "mt", "mt", "t", "t", "t", "t", "x"]
BEN = ["m", "m", "m", "m", "t", "mt", "mt", "x", "x", "t"]
ONE_OF_THREE_ANNA = "aaaaabbbcc"
ONE_OF_THREE_BEN = "aaaabbbcca"


def codes(answers: list[str] | str) -> list[Codes]:
    return [frozenset(answer) for answer in answers]


def test_each_code_has_its_own_kappa() -> None:
    found = measure_agreement(codes(ANNA), codes(BEN), ["m", "t", "x"], is_single=False)
    money, tools, _ = found.codes
    assert (money.first_n, money.second_n, money.both_n, money.agreement_pct) == (5, 6, 4, 70.0)
    assert money.kappa == pytest.approx((0.7 - 0.5) / 0.5)
    assert (tools.first_n, tools.second_n, tools.both_n, tools.agreement_pct) == (6, 4, 3, 60.0)
    assert tools.kappa == pytest.approx((0.6 - 0.48) / 0.52)


def test_kappa_of_all_codes_pools_observed_and_expected_agreement() -> None:
    first = ["m", "m", "m", "m", "mx", "x", "x", "x", "x", "x"]
    second = ["m", "m", "m", "m", "x", "mx", "mx", "x", "x", "x"]
    # m as Money above; x: both 6, neither 4: observed 1, expected 0.6 * 0.6 + 0.4 * 0.4 = 0.52.
    found = measure_agreement(codes(first), codes(second), ["m", "x"], is_single=False)
    assert [code.kappa for code in found.codes] == pytest.approx([0.4, 1.0])
    observed, expected = (0.7 + 1.0) / 2, (0.5 + 0.52) / 2
    assert found.kappa == pytest.approx((observed - expected) / (1 - expected))
    assert (found.answers_n, found.same_n) == (10, 7)


def test_of_one_code_an_answer_the_codes_are_categories() -> None:
    found = measure_agreement(codes(ONE_OF_THREE_ANNA), codes(ONE_OF_THREE_BEN), "abc", is_single=True)
    # On the diagonal 4 a, 2 b, 1 c: 0.7. By chance 0.5 * 0.5 + 0.3 * 0.3 + 0.2 * 0.2 = 0.38.
    assert found.kappa == pytest.approx((0.7 - 0.38) / 0.62)
    assert found.same_n == 7


def test_coders_who_agree_less_than_by_chance_have_a_negative_kappa() -> None:
    found = measure_agreement(codes("abab"), codes("baba"), "ab", is_single=True)
    assert found.kappa == pytest.approx(-1)


def test_a_code_that_both_gave_to_all_or_to_none_has_no_kappa() -> None:
    found = measure_agreement(codes(["m", "mt"]), codes(["m", "mt"]), ["m", "t", "unused"], is_single=False)
    assert [code.kappa for code in found.codes] == [None, 1.0, None]
    assert found.kappa == 1.0
    assert measure_agreement(codes("aa"), codes("aa"), "ab", is_single=True).kappa is None


def test_a_code_that_nobody_gave_changes_no_overall_kappa() -> None:
    first, second = codes(ANNA), codes(BEN)
    without = measure_agreement(first, second, ["m", "t", "x"], is_single=False)
    assert measure_agreement(first, second, ["m", "t", "x", "y"], is_single=False).kappa == pytest.approx(without.kappa)


def test_no_answer_of_both_has_no_agreement() -> None:
    with pytest.raises(ValueError, match="both coders have coded"):
        measure_agreement([], [], ["m"], is_single=False)
