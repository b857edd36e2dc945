"""The plain SQL of the site over a release."""

import duckdb
from deployments import Deployment

from orchestration.settings import PROJECT_ROOT


def test_sources_of_the_site_run_on_a_release(bundled: Deployment) -> None:
    release = bundled.releases / "2025.0" / "internal"
    queries = sorted((PROJECT_ROOT / "reports" / "sources" / "release").glob("*.sql"))
    assert queries
    for query in queries:
        sql = query.read_text(encoding="utf-8")
        sql = sql.replace("${release}", str(release)).replace("${waves}", str(bundled.releases / "*" / "internal"))
        assert duckdb.sql(sql).fetchone() is not None, query.name
