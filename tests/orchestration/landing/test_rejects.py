"""What `needs rejects` tells: of a landing that was admitted, refused, or that there is not."""

import csv
import io
from pathlib import Path

import pytest
from deployments import Deployment

from orchestration.landing.landing import admit, land, write_door
from orchestration.landing.rejects import RoundError, Wanted, read_rejects
from orchestration.pipeline.refresh import RefreshError
from orchestration.readers.workbook import column_letters
from orchestration.rounds.card import load_round
from orchestration.settings import Settings
from tests.orchestration.readers.deliveries import (
    CHOICES,
    FIRST,
    HEADER,
    METADATA,
    QUESTIONS,
    SECOND,
    Serial,
    choices,
    deliver,
    eusurvey,
    question,
    workbook,
)

EXTRACT = Path("rounds/pulse/2030/extract.csv")
BAD = SECOND.replace("No target", "Perhaps [soon]").replace(",7,", ",many,")


def _settings(tmp_path: Path, content: str | bytes = HEADER + FIRST + BAD + "x\n") -> Settings:
    deliver(tmp_path / "seeds/rounds/eoi/2021", QUESTIONS, CHOICES, content)
    return Settings(seeds=tmp_path / "seeds", data=tmp_path / "data", releases=tmp_path / "releases")


def _land(settings: Settings, *, is_admitted: bool = True) -> str:
    landed = land(load_round(settings.seeds / "rounds/eoi/2021/round.yml"), settings.landing)
    if is_admitted:
        admit(landed)
    return landed.landing_id


def test_every_rejected_row_and_answer_has_its_place_text_reason_and_remedy(tmp_path: Path) -> None:
    settings = _settings(tmp_path, HEADER + FIRST + BAD)
    name = _land(settings)
    (found,) = read_rejects(settings, "eoi.2021", Wanted())
    assert (found.landed.landing_id, found.state) == (name, "")
    assert found.entries.to_pylist()[1] == {
        "instrument": "eoi",
        "round": "2021",
        "landing_id": name,
        "scope": "answer",
        "response_id": "r2",
        "question_code": "population",
        "source_file": "eoi/2021/extract.csv",
        "source_sheet": None,
        "source_row": 3,
        "source_column": 6,
        "column_letter": None,
        "reason_code": "not_a_number",
        "reason": "'many' is not a number",
        "remedy": "write digits with a decimal point, without units",
        "raw": "many",
    }


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (Wanted(), ["beside_broken_row", "wrong_field_count", "unknown_choice", "not_a_number"]),
        (Wanted(question="target"), ["unknown_choice"]),
        (Wanted(reason="not_a_number"), ["not_a_number"]),
        (Wanted(scope="row"), ["beside_broken_row", "wrong_field_count"]),
        (Wanted(scope="answer"), ["unknown_choice", "not_a_number"]),
        (Wanted(question="target", scope="row"), []),
    ],
)
def test_rejects_are_chosen_by_question_reason_and_scope(tmp_path: Path, wanted: Wanted, codes: list[str]) -> None:
    settings = _settings(tmp_path, HEADER + BAD + FIRST + "x\n")
    _land(settings)
    (found,) = read_rejects(settings, None, wanted)
    assert sorted(found.entries.column("reason_code").to_pylist()) == sorted(codes)


def test_a_landing_that_the_door_refused_is_shown_with_the_rule(tmp_path: Path) -> None:
    settings = _settings(tmp_path, HEADER + FIRST + SECOND)
    _land(settings)
    _settings(tmp_path)
    refused = _land(settings, is_admitted=False)
    failed = {"rule": "rejected_rows_within_limit", "passed": False, "severity": "error"}
    write_door(settings.landing / "eoi" / "2021" / refused, {"checks": [failed]})
    (found,) = read_rejects(settings, "eoi.2021", Wanted())
    assert found.landed.landing_id == refused
    assert found.state == "refused by the door: rejected_rows_within_limit"


def test_a_refused_landing_stays_the_one_shown_while_its_answers_are_corrected(tmp_path: Path) -> None:
    """A correction changes what the round's files would land as, and there is often more than one to make."""
    settings = _settings(tmp_path, HEADER + FIRST + SECOND)
    _land(settings)
    _settings(tmp_path)
    refused = _land(settings, is_admitted=False)
    (settings.seeds / "rounds/eoi/2021/corrections.csv").write_text("changed")
    (found,) = read_rejects(settings, "eoi.2021", Wanted())
    assert found.landed.landing_id == refused
    assert "changed since" in found.state


def test_a_round_that_is_not_known_or_not_landed_is_told(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with pytest.raises(RoundError, match=r"no round 'eoi\.2012'\. Is eoi\.2021 meant\? There are: eoi\.2021\."):
        read_rejects(settings, "eoi.2012", Wanted())
    with pytest.raises(RoundError, match=r"eoi\.2021 has no landing\. Run `needs refresh`"):
        read_rejects(settings, "eoi.2021", Wanted())
    assert read_rejects(settings, None, Wanted()) == []


def test_a_column_of_a_sheet_has_its_letter_where_it_is_counted_from_the_sheets_own_first(tmp_path: Path) -> None:
    """EUSurvey's columns are counted over all sheets: the letter of one on a further sheet would be another's."""
    asked = [question("select_one yes", name, name.upper()) for name in ("q1", "q2", "q3")]
    header = ["Q1", "Q2", "Q3", *METADATA]
    rows = [["Yes", "Perhaps", "Perhaps", None, "id-1", None, Serial(45400), None, "EN"]]
    content = workbook(eusurvey(header, rows, columns_a_sheet=2))
    card = {"platform": "eusurvey_xlsx", "extract": "extract.xlsx"}
    deliver(tmp_path / "seeds/rounds/eoi/2021", asked, choices("yes", yes="Yes"), content, **card)
    settings = Settings(seeds=tmp_path / "seeds", data=tmp_path / "data", releases=tmp_path / "releases")
    _land(settings)
    (found,) = read_rejects(settings, None, Wanted())
    places = [(row["source_sheet"], row["source_column"], row["column_letter"]) for row in found.entries.to_pylist()]
    assert places == [("Content", 2, "B"), ("Content1", 3, None)]


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")])
def test_columns_have_the_letters_of_a_spreadsheet(number: int, letters: str) -> None:
    assert column_letters(number) == letters


def test_the_command_tells_rejects_after_a_refused_refresh_and_before_the_first_warehouse(mini: Deployment) -> None:
    assert "No round has landed yet" in mini.needs("rejects").stdout
    extract = mini.seeds / EXTRACT
    extract.write_text(extract.read_text().replace(",Yes,", ",Perhaps [soon],"))
    card = extract.with_name("round.yml")
    card.write_text(card.read_text().replace("rejected_share_limit: 0.25", "rejected_share_limit: 0.05"))
    with pytest.raises(RefreshError, match="rejected_answers_within_limit"):
        mini.refresh()
    shown = mini.needs("rejects", "pulse.2030").stdout
    assert "pulse.2030: 0 of 8 rows and 3 answers rejected" in shown
    assert "refused by the door: rejected_answers_within_limit" in shown
    assert "answers    unknown_choice   plan       3" in shown
    assert "row 2, column 4" in shown
    assert "Perhaps [soon]" in shown
    assert "The first 1 of 3. More: --limit, or --csv for all." in mini.needs("rejects", "--limit", "1").stdout
    rows = list(csv.DictReader(io.StringIO(mini.needs("rejects", "--csv").stdout)))
    assert [(row["response_id"], row["raw"]) for row in rows] == [(city, "Perhaps [soon]") for city in "ABD"]
    assert mini.needs("rejects", "pulse.2031").stderr.startswith("there is no round 'pulse.2031'. Is pulse.2030 meant?")
