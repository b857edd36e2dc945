"""Questions and choices as the data alone suggest them."""

from collections.abc import Sequence

import pytest

from orchestration.onboarding.extract_table import ExtractTable
from orchestration.onboarding.inherit import propose_codebook
from orchestration.onboarding.names import country_code, question_slug, slug
from orchestration.onboarding.proposals import ProposedQuestion, propose_questions
from orchestration.onboarding.wording import is_personal_heading

IDS = [f"r{number}" for number in range(12)]


def table(platform: str = "delimited", **columns: Sequence[object]) -> ExtractTable:
    """A delivered table of columns by heading."""
    rows = tuple(zip(*columns.values(), strict=True))
    return ExtractTable(platform, tuple(columns), rows, len(rows))  # type: ignore[arg-type]


def proposed(heading: str, cells: Sequence[object]) -> ProposedQuestion:
    """The proposal for one column beside an id."""
    columns = {"id": [f"r{number}" for number in range(len(cells))], heading: cells}
    return propose_questions(table(**columns))[1]


@pytest.mark.parametrize(
    ("cells", "base_type"),
    [
        pytest.param(["1", "2 000", "70", "0"], "integer", id="whole_numbers"),
        pytest.param(["1", "2000", "007"], "text", id="a_code_begins_with_a_zero"),
        pytest.param(["250,000", "84,500"], "text", id="thousands_or_decimals_with_a_comma"),
        pytest.param(["250.000", "7", "1.250.000"], "text", id="thousands_or_decimals_with_a_point"),
        pytest.param(["0.250", "1.500"], "decimal", id="no_number_of_thousands_begins_with_zero"),
        pytest.param([f"12345678901239900{n}" for n in range(6)], "text", id="more_digits_than_a_number_holds"),
        pytest.param(["1", "2.5", "3"], "decimal", id="numbers"),
        pytest.param(["2024-01-31", "2024-02-01", ""], "date", id="days"),
        pytest.param(["2024-01-31T10:00:00", "2024-02-01", ""], "text", id="a_moment_is_more_than_a_day"),
        pytest.param(["Yes", "No", ""], "select_one", id="yes_and_no_however_few"),
        pytest.param(["High", "Low"] * 6, "select_one", id="few_values_that_repeat"),
        pytest.param(["1 (Never)", "2", "3 (Always)"] * 4, "select_one", id="a_scale_with_words"),
        pytest.param(["Money; Advice", "Money;", "Advice"] * 4, "select_multiple", id="parts_that_repeat"),
        pytest.param([f"a; {number}" for number in range(12)], "text", id="parts_that_do_not_repeat"),
        pytest.param(["CH4, CO2", "CO2, N2O", "CH4, CO2, N2O"] * 4, "text", id="enumerations"),
        pytest.param(["2016-01-01 - 2016-12-31", "2015-01-01 - 2015-12-31"] * 6, "text", id="spans_of_time"),
        pytest.param(["the same"] * 12, "text", id="one_value"),
        pytest.param([f"city {number}" for number in range(12)], "text", id="no_value_twice"),
        pytest.param(["", "", ""], "text", id="nothing"),
    ],
)
def test_a_type_is_what_all_values_can_be(cells: list[str], base_type: str) -> None:
    assert proposed("Which one?", cells).base_type == base_type


def test_a_text_of_numbers_and_words_says_so() -> None:
    found = proposed("Total", ["1", "2", "3", "n/a"])
    assert found.remark == "3 of 4 values are numbers, others not ('n/a' 1): text keeps all, decimal rejects the others"


def test_comments_stay_text_however_often_the_same_ones_come() -> None:
    assert proposed("Further comments", ["none", "nothing"] * 6).base_type == "text"


def test_an_empty_column_says_that_nothing_is_known() -> None:
    assert proposed("Area", ["", " "]).remark == "every cell is empty: the type is not known"


def test_choices_come_by_frequency_then_label_and_scales_by_their_numbers() -> None:
    cells = {"Need": ["Low", *["High"] * 6, *["None"] * 5], "Rank": ["10 (Always)", "2", "1 (Never)"] * 4}
    codebook = propose_codebook(propose_questions(table(id=IDS, **cells)), None)
    labels = {listed.name: [choice.label for choice in listed.choices] for listed in codebook.lists}
    assert labels == {"need": ["High", "None", "Low"], "rank": ["1 (Never)", "2", "10 (Always)"]}


def test_questions_with_the_same_choices_share_a_list() -> None:
    scale = ["Low", "High"] * 6
    codebook = propose_codebook(propose_questions(table(id=IDS, A=scale, B=scale[::-1], C=["Yes", "No"] * 6)), None)
    assert [question.list_name for question in codebook.questions] == ["", "a", "a", "yes_no"]
    assert [listed.name for listed in codebook.lists] == ["a", "yes_no"]


def test_the_id_is_the_unique_column_that_speaks_of_one() -> None:
    columns = {"Organisation": [f"o{number}" for number in range(12)], "Account Number": list(range(12))}
    found = propose_questions(table(**columns))
    assert [(question.code, question.base_type, question.roles) for question in found] == [
        ("organisation", "text", ()),
        ("account_number", "text", ("response_id",)),
    ]


def test_no_id_is_proposed_where_a_value_repeats_or_the_platform_has_its_own() -> None:
    assert propose_questions(table(**{"Account Number": ["1", "1", "2"]}))[0].roles == ()
    assert propose_questions(table("eusurvey_xlsx", **{"Account Number": ["1", "2"]}))[0].roles == ()


def test_city_country_and_population_are_told_by_heading_and_values() -> None:
    columns = {
        "City": [f"City {number}" for number in range(12)],
        "City-wide inventory": ["Yes", "No"] * 6,
        "Country": ["Spain", "Viet Nam", "Atlantis"] * 4,
        "Population": ["1000.5", *map(str, range(1000, 1011))],
        "Population Year": ["2017"] * 12,
    }
    found = {question.label: question for question in propose_questions(table(id=IDS, **columns))}
    assert {label: question.roles for label, question in found.items() if question.roles} == {
        "id": ("response_id",),
        "City": ("city_name",),
        "Country": ("country",),
        "Population": ("population",),
    }
    assert found["Population"].base_type == "integer"
    assert found["Population"].remark == "no whole number, so rejected: '1000.5'"
    assert {(choice.label, choice.code) for choice in found["Country"].choices} == {
        ("Spain", "ES"),
        ("Viet Nam", "VN"),
        ("Atlantis", ""),
    }


@pytest.mark.parametrize("heading", ["Organization", "Name der Organisation", "Ente", "Organisation / Organisme"])
def test_the_organisation_is_read_where_a_row_has_no_city(heading: str) -> None:
    columns = {"City": [f"City {number}" for number in range(12)], heading: [f"Town hall {n}" for n in range(12)]}
    assert [question.roles for question in propose_questions(table(id=IDS, **columns))] == [
        ("response_id",),
        ("city_name",),
        ("organisation",),
    ]


@pytest.mark.parametrize(
    ("city", "heading", "cells"),
    [
        ("Comment", "Organisation", [f"Town hall {number}" for number in range(12)]),
        ("City", "Organisation", ["Town hall", "Company"] * 6),
        ("City", "What would help your organisation most?", [f"Some help {number}" for number in range(12)]),
    ],
)
def test_without_cities_for_kinds_and_for_opinions_no_organisation_is_proposed(
    city: str, heading: str, cells: list[str]
) -> None:
    columns = {city: [f"Place {number}" for number in range(12)], heading: cells}
    assert ("organisation",) not in [question.roles for question in propose_questions(table(id=IDS, **columns))]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("E-mail", ["", "", ""]),
        ("Name of the respondent", ["Ada", "Ada", "Ada"]),
        ("How can we reach you?", ["ada@example.org", "bob@example.org", "no"]),
    ],
)
def test_personal_columns_are_marked_and_their_values_become_no_choices(heading: str, cells: list[str]) -> None:
    found = proposed(heading, cells * 4)
    assert (found.is_personal, found.base_type, found.choices) == (True, "text", ())


@pytest.mark.parametrize("heading", ["How do you address heat?", "Name of the city", "Contact with other cities"])
def test_a_word_alone_makes_nothing_personal(heading: str) -> None:
    assert not is_personal_heading(heading)


def test_ticked_columns_are_one_question_with_a_choice_a_column() -> None:
    columns = {
        "Which support? [Money]": ["Yes", "No", ""],
        "Which support? [Advice]": ["No", "No", "Yes"],
        "Rate [Money]": ["5", "4", "1"],
        "Rate [Advice]": ["5", "4", "1"],
    }
    found = propose_questions(table(id=IDS[:3], **columns))
    assert [(q.base_type, q.label) for q in found[1:]] == [
        ("select_multiple", "Which support?"),
        ("integer", "Rate [Money]"),
        ("integer", "Rate [Advice]"),
    ]
    assert [(choice.label, choice.count) for choice in found[1].choices] == [("Money", 1), ("Advice", 1)]


def test_headings_with_codes_give_codes_sources_and_matrices() -> None:
    columns = {
        "id": IDS,
        "q1. Do you have a plan?": ["Yes", "No"] * 6,
        "q2[SQ1]. How pressing? [Money]": ["Low", "High"] * 6,
        "q2[SQ2]. How pressing? [Staff]": ["Low", "Mid"] * 6,
        "q3[a]. Which tools? [R]": ["Yes", "No"] * 6,
        "q3[b]. Which tools? [C]": ["No", "No"] * 6,
        "q4[SQ001]. Who uses it? []": ["Low", "High"] * 6,
    }
    codebook = propose_codebook(propose_questions(table(**columns)), None)
    assert [(q.base_type, q.code, q.header, q.source, q.list_name) for q in codebook.questions] == [
        ("text", "id", "id", "", ""),
        ("select_one", "q1", "Do you have a plan?", "q1", "yes_no"),
        ("select_one", "q2_SQ1", "How pressing?: Money", "q2[SQ1]", "q2"),
        ("select_one", "q2_SQ2", "How pressing?: Staff", "q2[SQ2]", "q2"),
        ("select_multiple", "q3", "Which tools?", "q3", "q3"),
        ("select_one", "q4", "Who uses it?", "q4[SQ001]", "q4"),
    ]
    lists = {
        listed.name: [(choice.code, choice.label, choice.source) for choice in listed.choices]
        for listed in codebook.lists
    }
    assert lists["q2"] == [("low", "Low", ""), ("high", "High", ""), ("mid", "Mid", "")]
    assert lists["q3"] == [("r", "R", "a"), ("c", "C", "b")]


def test_what_was_written_beside_the_choices_is_a_text_of_its_own() -> None:
    columns = {"q3[a]": ["Y", "", "Y"], "q3[b]": ["", "Y", ""], "q3[other]": ["", "Y", "12"], "q4": ["x", "y", "z"]}
    found = propose_questions(table(id=IDS[:3], **columns))
    assert [(q.base_type, q.code, q.source, len(q.choices)) for q in found[1:3]] == [
        ("select_multiple", "q3", "q3", 2),
        ("text", "q3_other", "q3[other]", 0),
    ]


def test_rows_of_a_eusurvey_matrix_are_told_by_what_they_have_in_common() -> None:
    scale = ["Low", "High"] * 6
    found = propose_questions(
        table("eusurvey_xlsx", **{"Needs: Money": scale, "Needs: Staff": scale, "Note: this": scale})
    )
    assert [(q.matrix, q.label) for q in found] == [("Needs", "Money"), ("Needs", "Staff"), ("", "Note: this")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Äußere Länge", "aussere_lange"),
        ("BASIC+ (GPC)", "basic_plus_gpc"),
        ("one two three four five six seven eight nine", "one_two_three_four_five_six_seven_eight"),
        ("具体", "c1"),
    ],
)
def test_codes_are_latin_words_cut_between_words(text: str, code: str) -> None:
    assert slug(text, "c1") == code


def test_a_questions_code_begins_with_a_letter() -> None:
    assert question_slug("2018 total", 3) == "q2018_total"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Spain", "ES"),
        ("PT", "PT"),
        ("The Netherlands", "NL"),
        ("Bolivia (Plurinational State of)", "BO"),
        ("United Kingdom of Great Britain and Northern Ireland", "GB"),
        ("United States of America", "US"),
        ("United Republic of Tanzania", "TZ"),
        ("Northern Ireland", None),
        ("China, Hong Kong Special Administrative Region", None),
        ("Congo", None),
        ("Atlantis", None),
        ("UK", "GB"),
        ("EL", "GR"),
        ("uk", None),
    ],
)
def test_a_country_is_told_by_its_name_or_left_open(label: str, code: str | None) -> None:
    assert country_code(label) == code
