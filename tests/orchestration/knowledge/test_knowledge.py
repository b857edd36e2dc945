"""Seeds are read strictly, and every fault is told at once."""

from pathlib import Path

import pytest
from deployments import MINI_SEEDS, deploy

from orchestration.knowledge.load import KnowledgeError, load_knowledge, load_waves_to_release
from orchestration.settings import PROJECT_ROOT


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    return deploy(tmp_path, MINI_SEEDS).seeds


def test_bundled_seeds_are_valid() -> None:
    knowledge = load_knowledge(PROJECT_ROOT / "seeds")
    assert knowledge.waves_to_release() == ("2024", "2025", "2026")
    assert [card.key for card in knowledge.rounds] == [
        "city_registry.2022",
        "eoi.2021",
        "initiative_mapping.2025",
        "nmc_survey.2024",
        "nmc_survey.2025",
        "participation.2025",
        "service_feedback.2026",
        "service_usage.2026",
    ]


def test_faults_of_several_seeds_are_told_at_once_with_file_line_and_column(seeds: Path) -> None:
    (seeds / "waves.csv").write_text("wave,label,report,status,report_year\n2030,W,R,closing,soon\n")
    (seeds / "items.csv").unlink()
    with pytest.raises(KnowledgeError) as told:
        load_knowledge(seeds)
    for words in ("waves.csv, row 2, column status", "column report_year", "'soon'", "items.csv: the seed is missing"):
        assert words in str(told.value)


def test_a_seed_that_is_missing_has_no_rows_as_one_with_its_header_alone(seeds: Path) -> None:
    assert not (seeds / "services.csv").exists()
    without = load_knowledge(seeds).tables()["services"]
    (seeds / "services.csv").write_text(",".join(without.column_names) + "\n")
    assert load_knowledge(seeds).tables()["services"].equals(without)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("item.csv", "items.csv"),
        ("Table_labels.CSV", "table_labels.csv"),
        ("published/2030/cell.csv", "cells.csv"),
        ("budget.csv", None),
    ],
)
def test_a_table_that_no_seed_is_named_like_is_refused(seeds: Path, name: str, near: str | None) -> None:
    (seeds / name).parent.mkdir(parents=True, exist_ok=True)
    (seeds / name).write_text("a\n")
    with pytest.raises(KnowledgeError, match="no such seed is known") as told:
        load_knowledge(seeds)
    assert f"{seeds / name}: " in str(told.value)
    assert ("Rename it to" in str(told.value), f"to {near}," in str(told.value)) == (near is not None, near is not None)


def test_a_row_with_a_field_too_many_is_refused(seeds: Path) -> None:
    (seeds / "themes.csv").write_text("theme_code,label,chapter,position\nfinance,Finance,1,1,surplus\n")
    with pytest.raises(KnowledgeError, match=r"themes\.csv"):
        load_knowledge(seeds)


def test_an_empty_field_is_a_missing_value(seeds: Path) -> None:
    table = load_knowledge(seeds).tables()["items"]
    assert table.column("scale_code").to_pylist() == ["challenge", "yes_no", None, "size_class"]


def test_only_open_waves_with_rounds_are_released(seeds: Path) -> None:
    assert load_waves_to_release(PROJECT_ROOT / "seeds") == ("2024", "2025", "2026")
    waves = seeds / "waves.csv"
    waves.write_text(waves.read_text().replace(",open,", ",planned,"))
    assert load_waves_to_release(seeds) == (), "what is planned is not released"


def test_a_wave_without_a_base_may_leave_the_column_out_and_no_wave_is_told_since_a_later_one(seeds: Path) -> None:
    assert [wave.base_wave for wave in load_knowledge(seeds).waves()] == [None]
    waves = "wave,label,report,status,report_year,base_wave\n2029,W,R,open,2029,\n2030,W,R,open,2030,{}\n"
    (seeds / "waves.csv").write_text(waves.format("2029"))
    assert [wave.base_wave for wave in load_knowledge(seeds).waves()] == [None, "2029"]
    for later in ("2030", "2031"):
        (seeds / "waves.csv").write_text(waves.format(later))
        with pytest.raises(KnowledgeError, match=rf"waves\.csv, row 3.*{later} is no wave before 2030"):
            load_knowledge(seeds)


def test_a_city_name_that_is_confirmed_twice_is_refused(seeds: Path) -> None:
    (seeds / "city_aliases.csv").write_text(
        "country_code,name,city_key,reason,decided_on\n"
        "DE,Münster,gn-2867543,asked,2026-01-02\n"
        "DE,MUNSTER,gn-2867542,asked,2026-01-02\n"
    )
    with pytest.raises(KnowledgeError, match=r"city_aliases\.csv: DE: 'Münster' \(gn-2867543\) and 'MUNSTER'"):
        load_knowledge(seeds)


@pytest.mark.parametrize("key", ["Münster", "gn-", "gn-12a", "de-", "de-12", "DE-munster"])
def test_a_city_key_that_is_none_is_refused(seeds: Path, key: str) -> None:
    row = f"DE,Münster,{key},asked,2026-01-02\n"
    (seeds / "city_aliases.csv").write_text("country_code,name,city_key,reason,decided_on\n" + row)
    with pytest.raises(KnowledgeError, match=r"city_aliases\.csv, row 2, column city_key"):
        load_knowledge(seeds)


def test_labels_of_a_codebook_keep_their_languages_but_for_personal_questions(seeds: Path) -> None:
    folder = seeds / "rounds" / "pulse" / "2030"
    lines = (folder / "questions.csv").read_text(encoding="utf-8").splitlines()
    # French for two questions, one of them personal.
    more = {"type": "label::fr,matrix::fr", "text,contact": "Contact,", "select_one yes_no": "Un plan,"}
    lines = [f"{line},{next((text for start, text in more.items() if line.startswith(start)), ',')}" for line in lines]
    (folder / "questions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = load_knowledge(seeds).tables()["labels"].to_pylist()
    told = {(row["label_kind"], row["code"], row["language"]): row["label"] for row in table}
    assert told["question", "plan", "fr"] == "Un plan"
    assert told["question", "plan", "und"] == "Plan"
    assert told["choice", "yes", "und"] == "Yes"
    assert not {code for kind, code, _ in told if kind == "question"} & {"contact"}
    assert {language for *_, language in told} == {"fr", "und"}
