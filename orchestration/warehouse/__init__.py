"""The DuckDB warehouse as files: loading what dbt builds from, what a build was made of, explaining its numbers.

Not here: models (dbt_project/), running dbt (pipeline/dbt.py).
"""
