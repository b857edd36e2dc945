"""Outcomes of quality rules as Dagster asset checks, and their record for manifests and `needs status`.

Not here: the rules (expectations/) and dbt's tests (dbt_project/), which dagster-dbt turns into checks by itself.
"""
