"""The generator: its optimum, and that it makes the committed files again to the byte."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from types import ModuleType

import pytest

from orchestration.rounds.codings import FILE
from samples import deviations, eoi, eoi_codebook, second_survey, survey
from samples.codebook import load
from samples.fit import fits
from samples.population import Summary, populations
from samples.workbook import write
from tests.samples.extracts import ROUNDS


def test_optimum_is_65_and_no_item_has_a_share_that_its_contradiction_does_not_explain() -> None:
    objectives = {fitted.item.question: fitted.objective for fitted in fits() if fitted.objective}
    assert objectives == {
        "admin_structure": 18,
        "plan_type": 3,
        "ghg_inventory": 10,
        "ch_fragmentation": 3,
        "ch_funding": 2,
        "ch_market": 16,
        "sk_design": 1,
        "in_new_ideas": 12,
    }
    assert sum(objectives.values()) == 65
    assert all(cell.why for fitted in fits() for cell in fitted.deviations)


def test_deviations_file_is_what_comes_out() -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(deviations.COLUMNS)
    writer.writerows(deviations.rows())
    assert buffer.getvalue() == deviations.PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize("generator", [survey, second_survey], ids=["2024", "2025"])
def test_survey_is_made_again_to_the_byte(generator: ModuleType, tmp_path: Path) -> None:
    generator.build(tmp_path)
    bundled = load("nmc_survey", generator.DELIVERY.round).folder
    for name in ("extract.xlsx", FILE):
        assert (tmp_path / name).read_bytes() == (bundled / name).read_bytes()


def test_eoi_is_made_again_to_the_byte(tmp_path: Path) -> None:
    codebook = load("eoi", "2021")
    eoi_codebook.build(tmp_path)
    for name in ("questions.csv", "choices.csv"):
        assert (tmp_path / name).read_bytes() == (codebook.folder / name).read_bytes()
    again = tmp_path / "extract.xlsx"
    write(again, eoi.ALIAS, eoi.EXPORTED, codebook, eoi.contributions())
    assert again.read_bytes() == (codebook.folder / "extract.xlsx").read_bytes()


@pytest.mark.parametrize("folder", ["nmc_survey/2024", "nmc_survey/2025", "eoi/2021", "city_registry/2022"])
def test_card_has_the_checksum_of_the_extract(folder: str) -> None:
    import yaml

    card = yaml.safe_load((ROUNDS / folder / "round.yml").read_text(encoding="utf-8"))
    extract = (ROUNDS / folder / card["extract"]).read_bytes()
    assert card["sha256"] == hashlib.sha256(extract).hexdigest()


def test_populations_that_cannot_be_are_refused() -> None:
    impossible = Summary(n=62, mean=100.0, median=121500.0, sd=1.0, minimum=3145, maximum=1818133)
    sizes = {"large_metropolitan": 1, "metropolitan": 8, "medium": 13, "small": 26, "town": 14}
    with pytest.raises(ValueError, match="no populations found"):
        populations(impossible, sizes)
