"""Who is accused in small reports: one item by one dimension, figures and sentences beside them."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from orchestration.statistics.contradictions import Finding, judge
from orchestration.statistics.diagnosis import least_cost
from orchestration.statistics.printed_report import Knowledge, Printed, Report, Term, read_stated_base
from orchestration.statistics.printed_system import ReportSystem, Votes

LEVELS = {"1": "Low", "2": "Middle", "3": "High"}
SIZES = {"town": "Towns", "city": "Cities"}
KNOWLEDGE = Knowledge(
    items={
        "need": {"kind": "single", "base_rule": "all", "label": "Need"},
        "wish": {"kind": "single", "base_rule": "all", "label": "Wish"},
        "size": {"kind": "single", "base_rule": "all", "label": "Size"},
        "help": {"kind": "multiple", "base_rule": "all", "label": "Help"},
        "people": {"kind": "number", "base_rule": "all", "label": "People"},
    },
    choices={"need": LEVELS, "wish": LEVELS, "size": SIZES, "help": {"money": "Money", "time": "Time"}},
    measures={
        name: {"base_rule": "all", "label": name, "cohort_code": "C", "subject": None}
        for name in ("high_need", "high_need_of_towns", "high_need_of_cities", "need_of_towns", "towns")
    },
    terms={
        "high_need": (Term("numerator", "need", "3", True),),
        "high_need_of_towns": (Term("base", "size", "town", True), Term("numerator", "need", "3", True)),
        "high_need_of_cities": (Term("base", "size", "city", True), Term("numerator", "need", "3", True)),
        "need_of_towns": (
            Term("base", "size", "town", True),
            *(Term("numerator", "need", level, True) for level in LEVELS),
        ),
        "towns": (Term("numerator", "size", "town", True),),
    },
)
# 20 towns, of which 9 have a high need; 10 cities, of which 6 have.
NEED = {"town": {"1": 5, "2": 6, "3": 9}, "city": {"1": 1, "2": 3, "3": 6}}
WISH = {"town": {"1": 2, "2": 8, "3": 10}, "city": {"1": 4, "2": 4, "3": 2}}


def number(cell_id: str, value: float, **more: object) -> Printed:
    told = {
        "source": "prose",
        "source_label": cell_id.split(".")[0],
        "source_order": 1,
        "place": cell_id,
        "printed": f"{value:g}",
        "decimals": 0,
        "precision_code": "exact",
        "statistic": "count",
        "cohort_code": "C",
    }
    return Printed(cell_id=cell_id, value=value, **{**told, **more})


def table(name: str, item: str, counts: dict[str, dict[str, int]]) -> list[Printed]:
    return [
        number(
            f"{name}.{size}.{level}",
            count,
            source="table",
            table_id=name,
            row_code=size,
            column_code=level,
            row_label=SIZES[size],
            column_label=LEVELS[level],
            item_code=item,
            choice_code=level,
            dimension_code="size",
            member_code=size,
        )
        for size, levels in counts.items()
        for level, count in levels.items()
    ]


def bar(name: str, item: str, counts: Iterable[int]) -> list[Printed]:
    levels = zip(LEVELS, counts, strict=True)
    return [
        number(
            f"{name}.{level}",
            count,
            source="figure",
            table_id=name,
            row_code=item,
            column_code=level,
            row_label=item,
            item_code=item,
            choice_code=level,
        )
        for level, count in levels
    ]


def share(cell_id: str, value: float, measure: str, **more: object) -> Printed:
    return number(cell_id, value, statistic="share", measure_id=measure, **more)


def claim(cell_id: str, logic: str, measure: str | None = None, **more: object) -> Printed:
    return number(cell_id, 0.0, statistic="claim", logic=logic, measure_id=measure, **more)


COHORT = number("P1", 30, item_code="all", choice_code="all")
CORRECT = [
    COHORT,
    *table("T1", "need", NEED),
    *table("T2", "wish", WISH),
    *bar("F1", "need", (6, 9, 15)),
    *bar("F2", "wish", (6, 12, 12)),
    share("P2", 50, "high_need"),
    share("P3", 45, "high_need_of_towns", stated_base_n=20.0),
    share("P4", 67, "towns"),
]


def findings(numbers: Iterable[Printed]) -> list[Finding]:
    return judge(Report(list(numbers), KNOWLEDGE, copied_cells_min=6, copied_cells_share=0.9, pattern_p=0.05))


def found(numbers: Iterable[Printed]) -> list[tuple[str, str, float | None]]:
    return [(one.rule_code, one.finding, one.expected_value) for one in findings(numbers)]


def changed(cell_id: str, **told: object) -> list[Printed]:
    return [replace(one, **told) if one.cell_id == cell_id else one for one in CORRECT]


def test_numbers_that_agree_are_not_accused() -> None:
    assert findings(CORRECT) == []


@pytest.mark.parametrize(
    ("cell_id", "value", "accused"),
    [
        ("T1.town.3", 8, ("counts", "T1.town.3", 9.0)),
        ("T2.city.1", 9, ("counts", "T2.city.1", 4.0)),
        ("F1.3", 16, ("counts", "F1.3", 15.0)),
        ("P1", 31, ("counts", "P1", 30.0)),
        ("P2", 80, ("shares", "P2", 50.0)),
        ("P3", 90, ("shares", "P3", 45.0)),
    ],
)
def test_the_number_that_was_changed_is_accused(cell_id: str, value: float, accused: tuple[str, str, float]) -> None:
    assert found(changed(cell_id, value=value)) == [accused]


def test_a_base_that_is_not_the_one_used_is_accused_and_not_its_share() -> None:
    assert found(changed("P3", stated_base_n=30.0)) == [("bases", "P3", 20.0)]


def test_a_share_cut_off_is_another_rounding() -> None:
    (finding,) = findings(changed("P4", value=66))
    assert (finding.rule_code, finding.explanation_code) == ("shares", "other_rounding")


@pytest.mark.parametrize(("printed", "rules"), [(13, []), (12, ["shares"])])
def test_a_half_is_rounded_up(printed: int, rules: list[str]) -> None:
    sizes = [number(f"P{n}", 8, item_code="all", choice_code="all") for n in range(4)]
    bars = [one for name in ("F1", "F2") for one in bar(name, "need", (3, 4, 1))]
    assert [one.rule_code for one in findings([*sizes, *bars, share("P9", printed, "high_need")])] == rules


def test_the_share_of_the_cohort_for_one_of_a_group_is_a_wrong_base() -> None:
    (finding,) = findings(changed("P3", value=30))
    assert (finding.finding, finding.explanation_code) == ("P3", "wrong_base")


def test_agreeing_shares_win_against_one_count() -> None:
    """Three sentences say 60 %, one figure says 15 of 30."""
    sizes = [number(f"P{n}", 30, item_code="all", choice_code="all") for n in (8, 9)]
    shares = [share(f"P{n}", 60, "high_need") for n in (2, 3, 4)]
    numbers = [COHORT, *sizes, *bar("F1", "need", (6, 9, 15))[2:], *shares]
    assert found(numbers) == [("counts", "F1.3", 18.0)]


def test_two_numbers_alone_are_a_tie_with_both_sides() -> None:
    numbers = [COHORT, *bar("F1", "need", (6, 9, 15))[2:], share("P2", 60, "high_need")]
    (finding,) = findings(numbers)
    assert finding.rule_code == "ties"
    assert "P2" in f"{finding.place} {finding.alternatives}"
    assert "F1.3" in f"{finding.place} {finding.alternatives}"


@pytest.mark.parametrize(("kind", "codes"), [("row", ("town", "city")), ("column", ("1", "3"))])
def test_exchanged_lines_are_one_finding(kind: str, codes: tuple[str, str]) -> None:
    one, other = codes
    swap = {one: other, other: one}
    wide = [*CORRECT, *(share(f"P{n}", 67, "towns") for n in range(5, 8))]
    exchanged = []
    values = {(x.row_code, x.column_code): x.value for x in wide if x.table_id == "T1"}
    for cell in wide:
        if cell.table_id == "T1":
            row = swap.get(str(cell.row_code), cell.row_code) if kind == "row" else cell.row_code
            column = swap.get(str(cell.column_code), cell.column_code) if kind == "column" else cell.column_code
            exchanged.append(replace(cell, value=values[row, column]))
        else:
            exchanged.append(cell)
    assert [(rule, name) for rule, name, _ in found(exchanged)] == [
        ("exchanges", ".".join(("T1", kind, *sorted(codes))))
    ]


def test_a_table_with_many_wrong_cells_is_told_by_its_lines() -> None:
    wrong = {"T1.town.1": 1.0, "T1.city.2": 9.0, "T1.city.3": 1.0}
    more = [*bar("F3", "need", (6, 9, 15)), *(share(f"P{n}", 67, "towns") for n in range(5, 8))]
    numbers = [replace(one, value=wrong.get(one.cell_id, one.value)) for one in [*CORRECT, *more]]
    assert {rule for rule, *_ in found(numbers)} == {"sums"}
    assert {name for _, name, _ in found(numbers)} == {
        "T1.row.city.count",
        "T1.row.town.count",
        *(f"T1.column.{level}.count" for level in "123"),
    }


def test_a_wrong_cell_in_exchanged_columns_is_named_where_it_stands() -> None:
    """Below the header 3 stand the answers 1, one of which is printed 8 instead of 5."""
    printed = {("town", "1"): 9.0, ("town", "3"): 8.0, ("city", "1"): 6.0, ("city", "3"): 1.0}
    more = [*bar("F3", "need", (6, 9, 15)), *(share(f"P{n}", 67, "towns") for n in range(5, 8))]
    numbers = [
        replace(one, value=printed.get((str(one.row_code), str(one.column_code)), one.value))
        if one.table_id == "T1"
        else one
        for one in [*CORRECT, *more]
    ]
    assert sorted(found(numbers)) == [("counts", "T1.town.3", 5.0), ("exchanges", "T1.column.1.3", None)]


def test_of_two_equal_tables_the_one_that_others_contradict_is_the_copy() -> None:
    """The copy is the earlier table here: its figure says otherwise."""
    numbers = [one for one in CORRECT if one.table_id != "T1"] + table("T1", "need", WISH)
    assert found(numbers) == [("copies", "T1.T2", None)]


def test_a_table_copied_twice_has_two_copies() -> None:
    items = {**KNOWLEDGE.items, "hope": KNOWLEDGE.items["wish"]}
    knowledge = replace(KNOWLEDGE, items=items, choices={**KNOWLEDGE.choices, "hope": LEVELS})
    numbers = [one for one in CORRECT if one.table_id != "T1"] + table("T1", "need", WISH) + table("T3", "hope", WISH)
    copies = [one.finding for one in judge(Report(numbers, knowledge, 6, 0.9, 0.05))]
    assert len(copies) == 2


def test_a_group_that_a_table_leaves_out_is_told() -> None:
    numbers = [one for one in CORRECT if not one.cell_id.startswith("T2.city")]
    assert found(numbers) == [("lost_rows", "T2.city", 10.0)]


def test_a_bar_that_falls_short_is_told_as_a_sum() -> None:
    numbers = [COHORT, number("P9", 30, item_code="all", choice_code="all"), *bar("F1", "need", (6, 9, 5))]
    assert found(numbers) == [("sums", "F1.row.need.count", 30.0)]


def test_a_part_is_not_larger_than_its_whole() -> None:
    """More towns with a high need than there are with one, where no table crosses both."""
    numbers = [
        COHORT,
        number("P5", 4, measure_id="high_need"),
        number("P6", 4, measure_id="high_need"),
        number("P7", 9, measure_id="high_need_of_towns"),
    ]
    assert [(rule, name) for rule, name, _ in found(numbers)] == [("counts", "P7")]


def test_statistics_of_a_number_bound_each_other() -> None:
    """No 30 numbers between 10 and 20 have a standard deviation of 9."""
    said = {"min": 10.0, "max": 20.0, "mean": 14.0, "median": 13.0, "sd": 9.0}
    numbers = [COHORT] + [
        number(f"T3.{name}{copy}", value, statistic=name, item_code="people")
        for name, value in said.items()
        for copy in ("", "again")
        if name != "sd" or not copy
    ]
    assert [(rule, name) for rule, name, _ in found(numbers)] == [("repeats", "T3.sd")]


@pytest.mark.parametrize(
    ("logic", "measure", "than", "is_wrong"),
    [
        ("majority", "towns", (), False),
        ("majority", "high_need", (), True),
        ("majority", "high_need_of_cities", (), False),
        ("all", "need_of_towns", (), False),
        ("all", "high_need_of_towns", (), True),
        ("part", "high_need", ("towns",), False),
        ("part", "towns", ("high_need",), True),
        ("some", "high_need_of_towns", (), False),
        ("largest", "towns", ("high_need",), False),
        ("largest", "high_need", ("towns",), True),
        ("smallest", "high_need", ("towns",), False),
        ("smallest", "towns", ("high_need",), True),
    ],
)
def test_claims_in_words_are_held_against_the_numbers(
    logic: str, measure: str, than: tuple[str, ...], is_wrong: bool
) -> None:
    rules = [(one.rule_code, one.finding) for one in findings([*CORRECT, claim("P8", logic, measure, than=than)])]
    assert rules == ([("claims", "P8")] if is_wrong else [])


@pytest.mark.parametrize(("logic", "is_wrong"), [("pattern", True), ("no pattern", False)])
def test_a_pattern_is_one_by_a_test_of_association(logic: str, is_wrong: bool) -> None:
    rules = [one.rule_code for one in findings([*CORRECT, claim("P8", logic, table_id="T1")])]
    assert rules == (["claims"] if is_wrong else [])


def test_the_order_of_rows_changes_no_finding_and_no_id() -> None:
    numbers = [*changed("T1.town.3", value=7), claim("P8", "majority", "high_need")]
    first = sorted(found(numbers))
    for seed in range(5):
        random.Random(seed).shuffle(numbers)
        assert sorted(found(numbers)) == first


@pytest.mark.parametrize("seed", range(8))
def test_a_report_in_which_nothing_fits_still_has_a_least_diagnosis(seed: int) -> None:
    """Settled totals that contradict each other included: the cohort is 30, and five figures say more of one item."""
    rng = random.Random(seed)
    figures = [one for name in "VWXYZ" for one in bar(name, "wish", (14, 15, 16))]
    sizes = [number(f"P{n}", 30, item_code="all", choice_code="all") for n in range(10, 14)]
    wild = [replace(one, value=float(rng.randrange(40))) for one in CORRECT]
    numbers = [*wild, *figures, *sizes]
    votes = Votes(numbers, KNOWLEDGE)
    system = ReportSystem(numbers, KNOWLEDGE, votes.find_settled(KNOWLEDGE))
    assert least_cost(system.system) < float("inf")


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("62 NMCs", 62.0),
        ("cities with a target in place or in process (58)", None),
        ('stated "of these cities" (50); reproducible base 62 (24/62)', 50.0),
        ("33 NMCs with existing target (inferred)", None),
        ("35 or 62", None),
        ("14", 14.0),
        ("", None),
        (None, None),
    ],
)
def test_a_stated_base_is_one_number_that_the_report_says(text: str | None, base: float | None) -> None:
    assert read_stated_base(text) == base
