"""Real exports: CDP's city disclosures of two years as two rounds, and a LimeSurvey export, from the extracts alone."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from deployments import CDP_EXTRACT, CDP_SEEDS, PROJECT_ROOT

from orchestration.common.text import clean_label
from orchestration.extracts.delimited import TextForm
from orchestration.extracts.parts import local_part
from orchestration.onboarding.check import check_round
from orchestration.onboarding.confirm import confirm_round
from orchestration.onboarding.extract_table import read_extract_table
from orchestration.onboarding.new import NewRound, new_round
from orchestration.onboarding.proposals import propose_questions
from orchestration.rounds.codebook import load_codebook
from orchestration.rounds.crosswalk import load_crosswalk
from tests.orchestration.readers.deliveries import part_of

CDP_2019 = CDP_EXTRACT.with_name("2019_City-wide_Emissions.csv")
RSE = PROJECT_ROOT.parent / "shared" / "real" / "rse_2017_us" / "data" / "public_data.csv"
KNOWN = {
    "title": "City-wide emissions",
    "producer": "CDP",
    "licence": "CDP Open Data Portal terms of use",
    "citation": "CDP.",
    "fieldwork_start": None,
    "fieldwork_end": None,
    "synthetic": False,
}
with_cdp = pytest.mark.skipif(not CDP_2019.exists(), reason="the CDP extracts lie beside the project and are not there")
with_rse = pytest.mark.skipif(not RSE.exists(), reason="the survey lies beside the project and is not there")


@with_cdp
def test_cdp_2018_is_typed_as_by_hand_but_for_one_column(tmp_path: Path) -> None:
    new_round(tmp_path, NewRound("cdp", "2018", (str(CDP_EXTRACT),), values=KNOWN))
    found = load_codebook(tmp_path / "rounds/cdp/2018").questions
    by_hand = {clean_label(q.header): q for q in load_codebook(CDP_SEEDS / "rounds/cdp/2018").questions}
    assert len(found) == len(by_hand) == 33
    other = [
        (q.name, q.base_type, by_hand[q.header].base_type)
        for q in found
        if (q.base_type, q.roles, q.is_personal) != (by_hand[q.header].base_type, by_hand[q.header].roles, False)
    ]
    # Its values are choices, with some that say "Other: ..."; by hand it was left as text.
    assert other == [("reason_for_change", "select_one", "text")]
    check = check_round(tmp_path, "cdp/2018")
    assert (check.problems, check.responses_n, len(check.unknown_values)) == ((), 488, 31)
    assert {value.question for value in check.unknown_values} == {"population"}


@with_cdp
def test_cdp_2019_follows_the_codebook_of_2018_written_by_hand(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    shutil.copytree(CDP_SEEDS, seeds)
    shutil.copyfile(CDP_EXTRACT, seeds / "rounds/cdp/2018/extract.csv")
    new_round(seeds, NewRound("cdp", "2019", (str(CDP_2019),), values=KNOWN))
    rows = load_crosswalk(seeds / "rounds/cdp/2019/crosswalk.csv").rows
    assert [row.question_code for row in rows] == [row.earlier_code for row in rows]
    assert Counter(row.verdict for row in rows) == {"same": 23, "new scale": 10}
    notes = {row.question_code: row.note for row in rows if row.verdict == "new scale"}
    # Empty in 2018 or mixed with words, so text then; numbers now.
    as_text = {code for code, note in notes.items() if note == "type was text, is decimal"}
    assert as_text == {
        "scope1_generation", "scope1_excluding", "scope2_generation", "scope2_excluding",
        "scope3_generation", "scope3_excluding", "basic_total", "basic_plus_total",
    }  # fmt: skip
    assert notes.keys() - as_text == {"boundary", "protocol"}
    assert "same_covers_entire_city_and_nothing_else" in notes["boundary"]
    assert "relabelled: global_protocol_for_community_scale_gree" in notes["protocol"]
    countries = load_codebook(seeds / "rounds/cdp/2019").choices["country"]
    assert [choice.name for choice in countries if len(choice.name) != 2] == ["russian_federation"]
    assert check_round(seeds, "cdp/2019").unknown_values == ()
    confirmed = confirm_round(seeds, "cdp/2019", take_all=True)
    assert {line.split(",")[0] for _, line in confirmed.added} == {
        "population", "size_class", "cdp_region", "mission_city", "inventory",
    }  # fmt: skip
    assert [told.split(":")[0] for told in confirmed.to_decide] == ["item protocol"]


@with_rse
def test_a_limesurvey_export_without_codebook_is_taken_apart_by_its_headings() -> None:
    """Of its 242 columns the first has no header; the number of ticked columns is counted in the header by hand."""
    data = b"id" + RSE.read_bytes()
    found = {
        question.code: question
        for question in propose_questions(read_extract_table(part_of("rse.csv", data), TextForm()))
    }
    multiple = {code: len(q.choices) for code, q in found.items() if q.base_type == "select_multiple"}
    assert multiple == {
        "currentEmp13": 65, "proj4can": 4, "fund2": 18, "fund3": 18, "fund4": 18, "tool4can": 36, "ukrse2": 3,
    }  # fmt: skip
    assert "id" not in found
    assert (found["soft1can"].base_type, found["rse3"].base_type) == ("decimal", "select_one")
    assert [found[f"likert2_affSat{n}"].array for n in (1, 2, 3, 4)] == ["likert2"] * 4
    assert (found["prevEmp2_1"].matrix.split(" dependent")[0], found["prevEmp2_1"].label) == (
        "Rank the following factors", "Rank 1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "right_n", "questions_n"),
    [("nmc_survey/2024", 91, 99), ("eoi/2021", 372, 374), ("city_registry/2022", 10, 11)],
)
def test_bundled_extracts_are_typed_as_their_codebooks(name: str, right_n: int, questions_n: int) -> None:
    folder = PROJECT_ROOT / "seeds" / "rounds" / name
    (extract,) = folder.glob("extract.*")
    by_hand = {clean_label(q.header): q for q in load_codebook(folder).questions}
    found = propose_questions(read_extract_table(local_part(extract), TextForm()))
    right = [
        question
        for question in found
        for other in [by_hand.get(clean_label(question.header))]
        if other
        and (question.base_type, set(question.roles), question.is_personal)
        == (other.base_type, set(other.roles), other.is_personal)
    ]
    assert (len(right), len(found)) == (right_n, questions_n)


def test_next_years_export_of_the_bundled_survey_takes_over_all_that_was_reviewed(tmp_path: Path) -> None:
    first, second = (tmp_path / "rounds" / "nmc_survey" / name for name in ("2024", "2025"))
    shutil.copytree(PROJECT_ROOT / "seeds" / "rounds" / "nmc_survey" / "2024", first)
    shutil.copyfile(first / "extract.xlsx", tmp_path / "export.xlsx")
    found = new_round(tmp_path, NewRound("nmc_survey", "2025", (str(tmp_path / "export.xlsx"),), values=KNOWN))
    assert found.problems == ()
    assert (second / "questions.csv").read_bytes() == (first / "questions.csv").read_bytes()
    assert sorted((second / "choices.csv").read_text().splitlines()) == sorted(
        (first / "choices.csv").read_text().splitlines()
    )
    assert Counter(row.verdict for row in load_crosswalk(second / "crosswalk.csv").rows) == {"same": 99}
