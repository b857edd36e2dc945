"""The plain SQL of the site over a release."""

import duckdb
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT


def test_sources_of_the_site_run_on_a_release(bundled: Deployment) -> None:
    """The printed report is compared with wave 2024 alone, who takes part in what is in 2025, who uses what in 2026."""
    queries = sorted((PROJECT_ROOT / "reports" / "sources" / "release").glob("*.sql"))
    assert queries
    for query in queries:
        sql = query.read_text(encoding="utf-8").replace("${waves}", str(bundled.releases / "*" / "internal"))
        releases = (bundled.releases / name / "internal" for name in ("2024.0", "2025.0", "2026.0"))
        rows = [duckdb.sql(sql.replace("${release}", str(release))).fetchone() for release in releases]
        assert any(row is not None for row in rows), query.name
