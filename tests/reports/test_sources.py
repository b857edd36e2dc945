"""The plain SQL of the site over a release."""

import json
import re
from pathlib import Path

import duckdb
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT, SITE_PROJECT
from orchestration.site.parts import write_parts


def test_sources_of_the_site_run_on_a_release(bundled: Deployment) -> None:
    """The printed report is compared with wave 2024 alone, who takes part in what is in 2025, who uses what in 2026."""
    queries = sorted((PROJECT_ROOT / "reports" / "sources" / "release").glob("*.sql"))
    assert queries
    for query in queries:
        sql = query.read_text(encoding="utf-8").replace("${waves}", str(bundled.releases / "*" / "internal"))
        releases = (bundled.releases / name / "internal" for name in ("2024.0", "2025.0", "2026.0"))
        rows = [duckdb.sql(sql.replace("${release}", str(release))).fetchone() for release in releases]
        assert any(row is not None for row in rows), query.name


def test_each_question_of_the_cube_is_a_part_and_can_be_found(bundled: Deployment, tmp_path: Path) -> None:
    """What services cover is in waves 2024 and 2025 alone; an answer of an earlier wave is found in each later one."""
    pattern = bundled.releases / "*" / "internal"
    asked = {code for (code,) in duckdb.sql(f"select item_code from '{pattern}/gaps/gap_cube.parquet'").fetchall()}
    kinds = {"Need", "Question", "Answer", "Initiative", "Term"}
    for name, found_kinds in (("2025.0", {*kinds, "Service", "Report"}), ("2026.0", kinds)):
        folder = tmp_path / name
        write_parts(SITE_PROJECT, folder, {"release": str(bundled.releases / name / "internal"), "waves": str(pattern)})
        assert {path.stem for path in (folder / "cube").iterdir()} == asked
        found = json.loads((folder / "search" / "all.json").read_text(encoding="utf-8"))
        entries = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
        assert {entry["code"] for entry in entries if entry["kind"] == "Question"} == asked
        assert {entry["kind"] for entry in entries} == found_kinds
        assert "/tables?item=plans" in [entry["path"] for entry in entries if entry["code"] == "secap"]


def test_findings_are_sentences_with_the_numbers_of_the_release(bundled: Deployment) -> None:
    """l.2138: 50 of 62 rate capital costs 4 or 5. Nothing is told that hangs on a hidden number."""
    query = (PROJECT_ROOT / "reports" / "sources" / "release" / "findings.sql").read_text(encoding="utf-8")
    for name in ("2024.0", "2025.0"):
        for audience in ("public", "internal"):
            release = bundled.releases / name / audience
            told = duckdb.sql(query.replace("${release}", str(release))).fetchall()
            sentences = [sentence for *_, sentence in told]
            assert {part for part, *_ in told} == ({1, 3, 4} if name == "2024.0" else {1, 2, 3, 4})
            assert all(sentence and re.search(r"\d+ of \d+", sentence) for sentence in sentences)
            assert len(sentences) == len(set(sentences))
    public = bundled.releases / "2024.0" / "public"
    sentences = [row[-1] for row in duckdb.sql(query.replace("${release}", str(public))).fetchall()]
    assert (
        "50 of 62 Non-Mission Cities (80.6 %) state “High initial capital costs of technologies and solutions”: "
        "the most of 23 needs that were asked by rating."
    ) in sentences
    evidence = f"read_parquet('{public}/gaps/gap_evidence.parquet')"
    for sentence in (one for one in sentences if "may be from" in one):
        n, base_n, other_n, other_base_n = map(
            int, re.findall(r"(\d+) of (\d+)", sentence)[0] + re.findall(r"(\d+) of (\d+)", sentence)[1]
        )
        found = duckdb.sql(
            f"from {evidence} where verdict = 'clear gap' and (n, base_n, comparison_n, comparison_base_n) "
            f"= ({n}, {base_n}, {other_n}, {other_base_n})"
        ).fetchall()
        assert found, sentence
