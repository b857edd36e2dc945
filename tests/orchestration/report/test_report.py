"""The draft report of the bundled waves: read back from its DOCX and held against the release."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pyarrow.parquet as pq
import pytest
from deployments import Deployment
from report_documents import read_tables

from orchestration.disclosure.tables import LOW_RELIABILITY, OBS_STATUS, SUPPRESSED
from orchestration.report.charts import chart
from orchestration.report.content import Figure, ReportError, print_number, read_chapters
from orchestration.report.write import write_report
from orchestration.settings import Settings

CHAPTERS = read_chapters()
COLUMNS = {gap["title"]: gap for gap in CHAPTERS["gaps"]}


def printed(row: dict[str, Any], name: str) -> str:
    """How a number of a release is printed."""
    if row[name] is None:
        return "[c]" if row[OBS_STATUS] == SUPPRESSED else ""
    mark = " [u]" if row[OBS_STATUS] == LOW_RELIABILITY and not name.endswith("base_n") else ""
    return print_number(row[name]) + mark


def cells_of(row: dict[str, Any]) -> str:
    """The number that a cell of a report table shows."""
    name = {"count": "n", "share": "share_pct"}.get(row["measure_code"], "value")
    return printed(row, name)


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / f"{name}.parquet").to_pylist()


@pytest.fixture(scope="module", params=["public", "internal"])
def report(request: pytest.FixtureRequest, bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("report") / "2024.docx"
    write_report(bundled.settings, "2024", request.param, path)
    return request.param, path.read_bytes(), newest(bundled.settings) / request.param


def newest(settings: Settings, wave: str = "2024") -> Path:
    name = json.loads((Path(settings.releases) / "latest.json").read_text())[wave]
    return Path(settings.releases) / name


def test_every_cell_of_a_report_table_is_the_release_s(report: Any) -> None:
    _, content, folder = report
    by_name = {table.key: table.cells() for table in read_tables(content) if table.key}
    rows = read(folder, "cells")
    names = {f"{row['source'].capitalize()} {row['number']}" for row in rows}
    assert names == by_name.keys(), "every table and figure of the release stands in the document, and no other"
    for name in names:
        own = [row for row in rows if f"{row['source'].capitalize()} {row['number']}" == name]
        wanted = {(row["row_label"], row["column_label"] or ""): cells_of(row) for row in own}
        found = by_name[name]
        if not wanted.keys() & found.keys():
            found = {(column, label): cell for (label, column), cell in found.items()}
        assert len(wanted) == len(own), name
        assert {key: found.get(key) for key in wanted} == wanted, name
        beside = {value for key, value in found.items() if key not in wanted}
        assert beside <= {"", *(printed(row, "base_n") for row in own)}, name


def test_every_row_of_a_gap_table_is_the_release_s(report: Any) -> None:
    _, content, folder = report
    checked = 0
    for table in read_tables(content):
        gap = COLUMNS.get(table.caption.partition(": ")[2])
        if gap is None:
            continue
        names = {label: name for name, label in gap["columns"].items()}
        rows = read(folder, f"gaps/{gap['table']}")
        numbers = [
            place
            for place, label in enumerate(table.header)
            if any(isinstance(row[names[label]], int | float) for row in rows)
        ]
        held = {tuple(printed(row, names[table.header[place]]) for place in numbers) for row in rows}
        assert {tuple(row[place] for place in numbers) for row in table.rows} <= held, table.caption
        checked += len(table.rows) * len(numbers)
    assert checked > 50


def test_the_same_release_makes_the_same_bytes(report: Any, bundled: Deployment, tmp_path: Path) -> None:
    audience, content, _ = report
    again = write_report(bundled.settings, "2024", audience, tmp_path / "again.docx")
    assert again.read_bytes() == content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_each_page_says_whom_it_is_for(report: Any) -> None:
    audience, content, _ = report
    header = docx.Document(io.BytesIO(content)).sections[0].header.paragraphs[0].text
    assert (CHAPTERS["internal"] in header) == (audience == "internal")
    assert "synthetic" in header


def test_a_reader_without_eyes_or_with_a_long_table_is_served(report: Any) -> None:
    """Pictures have a text, headers of tables are repeated and marked, chapters are headings with contents."""
    document = docx.Document(io.BytesIO(report[1]))
    body = document.element.body
    pictures = body.xpath(".//wp:docPr")
    assert len(pictures) > 20
    assert all(picture.get("descr") for picture in pictures)
    assert all(table.rows[0]._tr.xpath("./w:trPr/w:tblHeader") for table in document.tables)
    headings = [block for block in document.paragraphs if block.style.name.startswith("Heading")]
    links = body.xpath(".//w:hyperlink/@w:anchor")
    assert len(links) == len(headings) > 20
    assert links == body.xpath(".//w:bookmarkStart/@w:name")


@pytest.mark.parametrize("report", ["public"], indirect=True)
def test_a_public_report_names_nothing_internal(report: Any, bundled: Deployment) -> None:
    titles = {gap["title"] for gap in CHAPTERS["gaps"]}
    public = {path.stem for path in (newest(bundled.settings) / "public" / "gaps").glob("*.parquet")}
    internal_titles = {gap["title"] for gap in CHAPTERS["gaps"] if gap["table"] not in public}
    texts = {block.text for block in docx.Document(io.BytesIO(report[1])).paragraphs}
    assert internal_titles
    assert internal_titles < titles
    assert not texts & internal_titles
    assert CHAPTERS["internal"] not in " ".join(texts)


@pytest.mark.parametrize("wave", ["2025", "2026"])
def test_a_later_wave_has_its_chapters(bundled: Deployment, tmp_path: Path, wave: str) -> None:
    """What changed comes with its rows, ranked by evidence; a wave without tables of its own has its gap chapters."""
    content = write_report(bundled.settings, wave, "public", tmp_path / "later.docx").read_bytes()
    found = {table.caption.partition(": ")[2]: table for table in read_tables(content)}
    changes = COLUMNS[found_title := "What changed since the last wave"]
    places = changes["ranked"]["verdict"]
    verdicts = [row[-1] for row in found[found_title].rows]
    assert verdicts == sorted(verdicts, key=lambda verdict: places.index(verdict) if verdict in places else len(places))
    assert len(found) >= 4


def test_a_wave_without_a_release_and_a_section_without_a_title_are_refused(
    bundled: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ReportError, match=r"wave 1999 has no release .* Run `needs refresh`"):
        write_report(bundled.settings, "1999", "public", tmp_path / "none.docx")
    lacking = {**CHAPTERS, "sections": {code: title for code, title in CHAPTERS["sections"].items() if code != "2.3"}}
    monkeypatch.setattr("orchestration.report.write.read_chapters", lambda: lacking)
    with pytest.raises(ReportError, match=r"section 2\.3 has no title.*Add its title to `sections`"):
        write_report(bundled.settings, "2024", "public", tmp_path / "none.docx")


FIGURE = Figure("Figure 1", "Figure 1: x", "", ("a", "b"), ("yes", "no"), ((3.0, None), (5.0, 1.0)), "n", True, False)


def test_a_hidden_bar_has_a_mark_and_no_length() -> None:
    style = CHAPTERS["charts"]
    grouped = chart(replace(FIGURE, is_stacked=False), style)
    hidden = next(record for record in grouped["data"]["values"] if (record["row"], record["column"]) == ("a", "no"))
    assert (hidden["text"], hidden["value"], hidden["place"]) == ("[c]", None, 0)
    assert "[c]" in json.dumps(chart(FIGURE, style)["layer"])


@pytest.mark.parametrize(
    ("value", "text"),
    [(31.25, "31.3"), (31.349, "31.3"), (-0.05, "-0.1"), (1234567.0, "1,234,567"), (12, "12"), (None, ""), (0.0, "0")],
)
def test_numbers_are_rounded_half_up(value: float | None, text: str) -> None:
    assert print_number(value) == text
