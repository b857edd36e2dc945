"""Releases in a further language: what is missing is named; tables and workbook have the words where all are there."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployments import Deployment
from lxml import etree
from openpyxl import load_workbook

from orchestration.knowledge.load import KnowledgeError, load_knowledge
from orchestration.release.description import Headings
from orchestration.release.languages import (
    TRANSLATIONS,
    LanguageError,
    read_languages,
    read_translations,
    read_words,
    translate_headings,
    translate_tables,
)
from orchestration.release.sdmx import LABELS
from orchestration.release.store import ReleaseStore
from orchestration.site.build import _hand_over

FRENCH = {
    "cohorts": {"ALL": "Toutes les villes", "PLAN": "Villes avec un plan"},
    "themes": {"finance": "Finances"},
    "needs": {"funding": "Manque de fonds"},
    "items": {"plan": "A un plan", "population": "Habitants", "size_class": "Taille de la ville"},
    "scales": {"large": "Grande", "small": "Petite"},
}


def add_labels(seeds: Path, language: str, labels: dict[str, dict[str, str]]) -> None:
    """Write a column of labels into the seeds; a code without one has an empty field."""
    keys = {"cohorts": "cohort_code", "themes": "theme_code", "needs": "need_code", "items": "item_code"}
    for seed, texts in labels.items():
        path, key = seeds / f"{seed}.csv", keys.get(seed, "choice_code")
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], f"label::{language}"], lineterminator="\n")
            writer.writeheader()
            writer.writerows({**row, f"label::{language}": texts.get(row[key], "")} for row in rows)


def add_codebook_labels(folder: Path, file: str, texts: dict[str, str]) -> None:
    """Write French labels into a codebook, by its own."""
    path = folder / file
    with path.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [*rows[0], "label::fr"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "label::fr": texts.get(row["label"], "")} for row in rows)


@pytest.fixture(scope="module")
def french(another_mini: Callable[..., Deployment]) -> Deployment:
    """The small deployment with all labels in French, of its seeds and of its codebook, and one in German."""
    deployment = another_mini()
    add_labels(deployment.seeds, "fr", FRENCH)
    add_labels(deployment.seeds, "de", {"needs": {"funding": "Fehlende Mittel"}})
    pulse = deployment.seeds / "rounds" / "pulse" / "2030"
    add_codebook_labels(pulse, "questions.csv", {"Lack of funding": "Manque de moyens", "Plan": "Plan, en français"})
    ends = {"1": "1 = aucun défi", "5": "5 = grand défi"}
    add_codebook_labels(pulse, "choices.csv", {"Yes": "Oui", "No": "Non", **{str(n): str(n) for n in range(2, 5)}})
    add_labels_of_ends(deployment.seeds, ends)
    deployment.refresh()
    return deployment


def add_labels_of_ends(seeds: Path, ends: dict[str, str]) -> None:
    """Of a scale whose ends the codebook calls otherwise, these alone are translated in the seeds."""
    path = seeds / "scales.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for code, text in ends.items():
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"challenge,{code},")]
        lines[at] = f"{lines[at]}{text}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def public(deployment: Deployment) -> Path:
    return deployment.releases / "2030.0" / "public"


def test_words_come_from_seeds_and_from_codebooks_that_say_the_same(french: Deployment) -> None:
    words = read_words(public(french))
    found = {word: one.translated for word, one in read_translations(public(french), "fr", words).items()}
    assert found["item", "", "plan"] == "A un plan", "its question is called otherwise"
    assert found["item", "", "funding"] == "Manque de moyens"
    assert found["choice", "plan", "yes"] == "Oui"
    assert found["choice", "funding", "5"] == "5 = grand défi"
    assert found["need", "", "funding"] == "Manque de fonds"
    assert read_languages(public(french)) == ("fr",)


def test_what_is_missing_is_named_with_its_file(french: Deployment) -> None:
    with pytest.raises(LanguageError) as told:
        read_translations(public(french), "de", read_words(public(french)))
    message = str(told.value)
    assert "labels are not there in 'de'" in message
    assert "cohorts.csv: cohort ALL “All cities”" in message
    assert "label::de" in message
    assert "needs.csv" not in message


def test_a_release_has_a_workbook_in_each_language_that_is_whole(french: Deployment) -> None:
    for audience in ("public", "internal"):
        folder = french.releases / "2030.0" / audience
        assert [path.name for path in sorted(folder.glob("workbook*"))] == ["workbook-fr.xlsx", "workbook.xlsx"]
        english, translated = (load_workbook(folder / name) for name in ("workbook.xlsx", "workbook-fr.xlsx"))
        assert english.sheetnames == translated.sheetnames
        texts = {
            name: {
                cell
                for sheet in book
                for row in sheet.iter_rows(values_only=True)
                for cell in row
                if cell is not None and sheet.title != "Label language"
            }
            for name, book in (("en", english), ("fr", translated))
        }
        assert {"Grande", "Petite", "5 = grand défi"} <= texts["fr"] - texts["en"]
        assert not {"Large", "Small", "5 = High challenge"} & texts["fr"]
        numbers = {name: sorted(text for text in found if isinstance(text, float)) for name, found in texts.items()}
        assert numbers["en"] == numbers["fr"]
    resources = json.loads((public(french) / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    (listed,) = [entry for entry in resources if entry["path"] == "workbook-fr.xlsx"]
    assert "fr" in listed["title"]


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_tables_in_the_language_have_the_numbers_of_the_release(
    french: Deployment, tmp_path: Path, audience: str
) -> None:
    released, folder = french.releases / "2030.0" / audience, tmp_path / audience
    shutil.copytree(released, folder, copy_function=shutil.copyfile)
    translate_tables(folder, read_translations(folder, "fr", read_words(folder)))
    for path in sorted(released.rglob("*.parquet")):
        before, after = pq.read_table(path), pq.read_table(folder / path.relative_to(released))
        assert after.schema == before.schema
        labels = {name for name in before.column_names if name == "label" or name.endswith("_label")}
        others = [name for name in before.column_names if name not in labels | {"value_text"}]
        assert after.select(others) == before.select(others), path.name
    evidence = pq.read_table(folder / "gaps" / "gap_evidence.parquet").to_pylist()
    assert {row["item_label"] for row in evidence if row["item_code"] == "size_class"} == {"Taille de la ville"}
    cells = pq.read_table(folder / "cells.parquet").to_pylist()
    assert {row["row_label"] for row in cells} == {"Grande", "Petite"}


def test_pages_of_cities_have_their_answers_in_the_language(french: Deployment, tmp_path: Path) -> None:
    folder = tmp_path / "internal"
    shutil.copytree(french.releases / "2030.0" / "internal", folder, copy_function=shutil.copyfile)
    translate_tables(folder, read_translations(folder, "fr", read_words(folder)))
    lines = pq.read_table(folder / "gaps" / "gap_city_profile.parquet").to_pylist()
    said = {(line["code"], line["label"]): line["value_text"] for line in lines if line["value_text"]}
    assert said["size_class", "Taille de la ville"] in ("Grande", "Petite")
    assert said["plan", "A un plan"] in ("Oui", "Non")


def test_a_site_is_handed_the_labels_and_its_downloads_stay_the_release(french: Deployment, tmp_path: Path) -> None:
    frame = _hand_over(ReleaseStore(str(french.releases)), "2030.0", "public", tmp_path, "fr")
    assert frame["themes"] == [{"code": "finance", "label": "Finances"}]
    needs = pq.read_table(tmp_path / "content" / "2030" / "gaps" / "gap_need_by_cohort.parquet").to_pylist()
    assert {row["need_label"] for row in needs} <= {"Manque de fonds"}
    labels = pq.read_table(tmp_path / "content" / "2030" / LABELS).to_pylist()
    assert "Toutes les villes" in {row["label"] for row in labels}
    assert (tmp_path / "static" / "release" / LABELS).read_bytes() == (public(french) / LABELS).read_bytes()
    with pytest.raises(LanguageError, match="'el'"):
        _hand_over(ReleaseStore(str(french.releases)), "2030.0", "public", tmp_path, "el")


def test_site_build_refuses_a_language_that_is_not_whole(french: Deployment) -> None:
    done = french.needs("site", "build", "--lang", "de")
    assert done.returncode == 1
    assert "cohorts.csv: cohort ALL" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_codebook_in_ddi_has_each_label_that_is_known(french: Deployment) -> None:
    names = {"d": "ddi:codebook:2_5"}
    root = etree.parse(str(public(french) / "ddi" / "pulse_2030.xml")).getroot()
    labels = root.xpath("//d:var[@name='size_class']/d:labl", namespaces=names)
    assert [(label.get("{http://www.w3.org/XML/1998/namespace}lang"), label.text) for label in labels] == [
        ("en", "City size"),
        ("fr", "Taille de la ville"),
    ]
    assert "Toutes les villes" in root.xpath("//d:sumDscr/d:universe/text()", namespaces=names)


def test_a_label_goes_by_the_code_that_it_stands_for() -> None:
    """Texts that are alike and mean different things; a code without a word; a cohort before a label."""
    headings = Headings("Wave", "Report", {}, {"A": "All", "X": "Unknown"}, {"t": ("Size", "choice")})
    folder_words = {("cohort", "", "A"): "All", ("dimension", "", "size"): "Size"}
    translations = read_translations(_release(folder_words), "fr", folder_words)
    done = translate_headings(headings, translations)
    assert done.cohorts == {"A": "fr All", "X": "Unknown"}
    assert done.axes == {"t": ("fr Size", "choice")}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _release(words: dict[tuple[str, str, str], str]) -> Path:
    """A folder whose words are all there in French."""
    folder = Path("made")
    (folder / "gaps").mkdir(parents=True, exist_ok=True)
    rows = [
        {"label_kind": kind, "parent_code": parent, "code": code, "label_language": "fr", "label": f"fr {label}"}
        for (kind, parent, code), label in words.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / TRANSLATIONS)
    return folder


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"item_code": "i", "choice_code": "yes", "item_label": "Open", "choice_label": "Open"}, ("fr i", "fr yes")),
        ({"item_code": "i", "choice_code": "no", "item_label": "Open", "choice_label": None}, ("fr i", None)),
        ({"item_code": "?", "choice_code": "yes", "item_label": "Open", "choice_label": "Open"}, ("Open", "Open")),
    ],
)
def test_words_that_look_alike_keep_apart(row: dict[str, str | None], expected: tuple[str | None, ...]) -> None:
    words = {("item", "", "i"): "i", ("choice", "i", "yes"): "yes"}
    folder = _release(words)
    translations = {
        word: type(one)("Open", one.translated) for word, one in read_translations(folder, "fr", words).items()
    }
    pq.write_table(pa.Table.from_pylist([row]), folder / "table.parquet")
    translate_tables(folder, translations)
    (found,) = pq.read_table(folder / "table.parquet").to_pylist()
    assert (found["item_label"], found["choice_label"]) == expected


def test_labels_of_report_tables_may_begin_with_their_cohort() -> None:
    words = {("cohort", "", "A"): "All", ("choice", "size", "big"): "Big"}
    folder = _release(words)
    row = {"cohort_code": "A", "row_code": "big", "dimension_code": "size", "row_label": "All: Big"}
    other = {**row, "row_label": "A label of its own"}
    pq.write_table(pa.Table.from_pylist([row, other]), folder / "cells.parquet")
    translate_tables(folder, read_translations(folder, "fr", words))
    assert pq.read_table(folder / "cells.parquet")["row_label"].to_pylist() == ["fr All: fr Big", "A label of its own"]


@pytest.mark.parametrize("column", ["label::french", "label:fr", "label::FR", "labels"])
def test_a_column_that_is_no_language_is_refused(mini: Deployment, column: str) -> None:
    path = mini.seeds / "needs.csv"
    path.write_text(
        path.read_text().replace("theme_code\n", f"theme_code,{column}\n").replace("finance\n", "finance,x\n")
    )
    with pytest.raises(KnowledgeError, match=r"needs\.csv.*no such column is known"):
        load_knowledge(mini.seeds)
