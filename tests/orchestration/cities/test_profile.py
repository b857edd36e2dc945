"""The page of a city: found by key or name, grouped into sections, in no public file."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployments import Deployment
from openpyxl import load_workbook

from orchestration.cities.profile import TABLE, ProfileError, group_profiles, read_profile
from orchestration.settings import SITE_PROJECT
from orchestration.site.documents import write_city_pages

ROW = {
    "wave": "2030",
    "cohort_code": "C",
    "city_key": "P-0001",
    "city_name": "P-0001",
    "section_position": 3,
    "section_label": "What the city said",
    "position": 1,
    "label": "Lack of <funding>",
    "value_text": "5 = High challenge",
    "value_number": 5.0,
    "size_class_median": 3.5,
    "size_class_base_n": 26,
    "region_median": None,
    "region_base_n": 7,
    "reason": None,
}
NUMBER = {**ROW, "section_position": 1, "section_label": "About the city", "label": "Inhabitants", "value_text": None}
FRAME = {
    "wave": "2030",
    "wave_label": "Wave 2030",
    "release": "2030.0",
    "short_title": "City needs 2030",
    "mark": "INTERNAL: ",
}


def asked(deployment: Deployment, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deployment.settings.served_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def keys(deployment: Deployment, table: str = TABLE) -> set[str]:
    return {key for (key,) in asked(deployment, f"select distinct city_key from gaps.{table}")}


def test_sections_follow_their_order_and_medians_stand_with_their_base() -> None:
    [profile] = group_profiles([ROW, {**NUMBER, "value_number": 148629.0}])
    assert [section.label for section in profile.sections] == ["About the city", "What the city said"]
    assert profile.sections[0].lines == (("Inhabitants", "148,629", "3.5 (n = 26)", "too few (n = 7)", ""),)
    assert profile.sections[1].lines[0][1] == "5 = High challenge"
    assert profile.sections[1].filled == (0, 1, 2, 3)
    assert profile.title == "P-0001"


def test_each_wave_and_city_has_a_profile_of_its_own() -> None:
    rows = [{**ROW, "city_key": key, "wave": wave} for wave in ("2031", "2030") for key in ("b", "a")]
    assert [(profile.wave, profile.city_key) for profile in group_profiles(rows)] == [
        ("2030", "a"), ("2030", "b"), ("2031", "a"), ("2031", "b"),
    ]  # fmt: skip


def test_the_command_shows_what_the_city_said(refreshed: Deployment) -> None:
    said_first = (
        "select city_key, label, value_text from gaps.gap_city_profile where value_text <> '' order by all limit 1"
    )
    [(key, label, said)] = asked(refreshed, said_first)
    done = refreshed.needs("city", key.lower())
    assert done.returncode == 0, done.stderr
    assert key in done.stdout
    assert label in done.stdout
    assert said in done.stdout


def test_a_key_that_no_city_has_is_answered_by_those_near(refreshed: Deployment) -> None:
    key = min(keys(refreshed))
    with pytest.raises(ProfileError, match=f"Near are: .*{key}"):
        read_profile(refreshed.settings.served_database, f"{key}x")
    with pytest.raises(ProfileError, match="in wave 1999"):
        read_profile(refreshed.settings.served_database, key, "1999")


def test_the_profile_is_in_the_internal_release_alone(refreshed: Deployment) -> None:
    """Neither the table, nor a sheet of it, nor the key of a confidential city is in any public file."""
    assert list(refreshed.releases.glob(f"*/internal/gaps/{TABLE}.parquet"))
    assert not list(refreshed.releases.glob(f"*/public/**/{TABLE}*"))
    confidential = keys(refreshed) - keys(refreshed, "gap_city_place")
    assert confidential
    told: set[str] = set()
    for path in refreshed.releases.glob("*/public/**/*.csv"):
        told.update(cell for row in csv.reader(path.open(encoding="utf-8")) for cell in row)
    for path in refreshed.releases.glob("*/public/*.xlsx"):
        sheets = load_workbook(path, read_only=True)
        told.update(str(cell) for sheet in sheets for row in sheet.values for cell in row)
        told.update(sheets.sheetnames)
    assert told
    assert not told & {*confidential, TABLE, "The page of each city"}


def city_pages(tmp_path: Path, audience: str, rows: list[dict[str, Any]]) -> list[str]:
    schema = pa.Table.from_pylist([{**ROW, "region_median": 1.0, "reason": "why"}]).schema
    pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "table.parquet")
    write_city_pages(SITE_PROJECT, {**FRAME, "audience": audience}, tmp_path / "table.parquet", tmp_path / "documents")
    return sorted(path.name for path in tmp_path.glob("documents/**/*.html"))


def test_an_internal_site_has_a_page_a_city_and_their_list(tmp_path: Path) -> None:
    assert city_pages(tmp_path, "internal", [ROW]) == ["P-0001.html", "index.html"]
    page = (tmp_path / "documents" / "cities" / "P-0001.html").read_text(encoding="utf-8")
    assert "Lack of &lt;funding&gt;" in page
    assert "too few (n = 7)" in page


def test_columns_stand_below_each_other_and_long_answers_have_the_width_of_the_page(tmp_path: Path) -> None:
    nothing = {"value_number": None, "size_class_base_n": None, "region_base_n": None, "size_class_median": None}
    answer = {**ROW, **nothing, "position": 2, "label": "Plans", "value_text": "A; B"}
    service = {
        **ROW,
        **nothing,
        "section_position": 7,
        "section_label": "Services",
        "value_text": None,
        "reason": "why",
    }
    city_pages(tmp_path, "internal", [ROW, answer, service])
    page = (tmp_path / "documents" / "cities" / "P-0001.html").read_text(encoding="utf-8")
    assert '<th scope="row">Plans</th><td colspan="3">A; B</td></tr>' in page
    assert "<td>5 = High challenge</td><td>3.5 (n = 26)</td>" in page
    said, services = page.split("<table")[1:]
    assert '<col class="of-0" /><col class="of-1" /><col class="of-2" /><col class="of-3" />' in said
    assert "<thead>" in said
    assert "<thead>" not in services, "no column of it has a heading"


def test_a_public_site_has_no_page_of_a_city_even_if_it_were_given_the_rows(tmp_path: Path) -> None:
    assert city_pages(tmp_path, "public", [ROW]) == []


def test_a_release_without_cities_has_no_list_of_pages(tmp_path: Path) -> None:
    assert city_pages(tmp_path, "internal", []) == []
