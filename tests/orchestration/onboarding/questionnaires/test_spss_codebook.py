"""SPSS files as codebooks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyreadstat
import pytest

from orchestration.onboarding.questionnaires.imported import CodebookImportError, ImportedCodebook, Kind
from orchestration.onboarding.questionnaires.importing import import_codebook
from orchestration.onboarding.questionnaires.spss import codebook_of
from tests.orchestration.onboarding.questionnaires.forms import loaded, notes


def sav(tmp_path: Path, language: str = "") -> ImportedCodebook:
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "q1": [1.0, 9.0],
            "age": [30.0, 99.0],
            "share": [0.5, 1.5],
            "day": [date(2024, 1, 2), date(2024, 3, 4)],
            "region": ["n", "s"],
            "score": [0.0, 10.0],
        }
    )
    pyreadstat.write_sav(
        frame,
        tmp_path / "round.sav",
        column_labels={"q1": "Do you\nagree?", "age": "Age of the plan", "region": "Region", "score": "Score"},
        variable_value_labels={
            "q1": {1.0: "Yes", 2.0: "No", 9.0: "Refused"},
            "age": {99.0: "Unknown"},
            "region": {"n": "North", "s": "South"},
            "score": {0.0: "Bad", 10.0: "Good"},
        },
        missing_ranges={"q1": [9.0], "age": [{"lo": 98, "hi": 99}]},
        variable_measure={"q1": "nominal", "age": "scale", "score": "scale"},
        variable_format={"age": "F3.0", "share": "F8.2", "score": "F2.0"},
    )
    return import_codebook(tmp_path / "round.sav", language=language)


def test_variables_have_types_by_labels_measure_and_format(tmp_path: Path) -> None:
    codebook = loaded(sav(tmp_path), tmp_path / "round")
    assert [(q.name, q.base_type, q.label, q.source) for q in codebook.questions] == [
        ("id", "text", "id", "id"),
        ("q1", "select_one", "Do you agree?", "q1"),
        ("age", "integer", "Age of the plan", "age"),
        ("share", "decimal", "share", "share"),
        ("day", "date", "day", "day"),
        ("region", "select_one", "Region", "region"),
        ("score", "integer", "Score", "score"),
    ]


def test_values_are_the_codes_of_choices_and_missing_values_are_none(tmp_path: Path) -> None:
    codebook = loaded(sav(tmp_path), tmp_path / "round")
    assert [(c.name, c.label, c.source) for c in codebook.choices["q1"]] == [("1", "Yes", "1"), ("2", "No", "2")]
    assert [(c.name, c.label) for c in codebook.choices["region"]] == [("n", "North"), ("s", "South")]


def test_missing_values_are_noted_with_their_labels(tmp_path: Path) -> None:
    assert notes(sav(tmp_path), Kind.LEFT_OUT) == {
        "q1": "missing values: 9 = Refused",
        "age": "missing values: 98 to 99 (99 = Unknown)",
    }


def test_labelled_numbers_of_measure_scale_are_numbers_and_told(tmp_path: Path) -> None:
    look = notes(sav(tmp_path), Kind.LOOK)
    assert look["score"] == "its measure is scale, though values have labels: a number here"


def test_the_language_is_the_one_that_is_given(tmp_path: Path) -> None:
    imported = sav(tmp_path, "pl")
    assert (imported.language, imported.languages, imported.questions[1].label) == ("pl", ("pl",), "Do you agree?")


def metadata(mr_sets: dict[str, object]) -> SimpleNamespace:
    """What pyreadstat tells of a file with three variables; it can read response sets, but not write them."""
    names = ["bus", "bike", "why"]
    return SimpleNamespace(
        column_names=names,
        column_names_to_labels={"bus": "Bus", "bike": "Bike", "why": None},
        variable_value_labels={name: {0.0: "No", 1.0: "Yes"} for name in names[:2]},
        missing_ranges={},
        variable_measure=dict.fromkeys(names, "nominal"),
        original_variable_types={"bus": "F1.0", "bike": "F1.0", "why": "A20"},
        readstat_variable_types={"bus": "double", "bike": "double", "why": "string"},
        mr_sets=mr_sets,
    )


def response_set(kind: str) -> dict[str, object]:
    return {
        "type": kind,
        "is_dichotomy": kind == "D",
        "counted_value": 1 if kind == "D" else None,
        "label": "Modes used",
        "variable_list": ["bus", "bike"],
    }


def test_a_set_of_yes_or_no_variables_is_one_multiple_choice(tmp_path: Path) -> None:
    imported = codebook_of(metadata({"modes": response_set("D")}))
    codebook = loaded(imported, tmp_path / "round")
    assert [(q.name, q.base_type, q.label, q.source) for q in codebook.questions] == [
        ("modes", "select_multiple", "Modes used", "modes"),
        ("why", "text", "why", "why"),
    ]
    assert [(choice.label, choice.source) for choice in codebook.choices["modes"]] == [("Bus", "bus"), ("Bike", "bike")]
    assert notes(imported, Kind.CHANGED) == {"modes": "a set: 1 in a variable means that it is chosen"}


def test_a_set_of_categories_stays_a_question_a_variable(tmp_path: Path) -> None:
    imported = codebook_of(metadata({"modes": response_set("C")}))
    assert [question.name for question in imported.questions] == ["bus", "bike", "why"]
    assert notes(imported, Kind.LOOK)["modes"].endswith("its variables are questions each: bus, bike")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.sav"
    path.write_bytes(b"$FL2@(#) SPSS DATA FILE" + b"\x00" * 40)
    with pytest.raises(CodebookImportError, match="not a readable SPSS file"):
        import_codebook(path)
