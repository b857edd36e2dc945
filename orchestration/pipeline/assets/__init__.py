"""Dagster assets, one module a stage: thin shells around pure functions.

Not here: reading, transforming, judging or writing itself (readers/, dbt_project/, expectations/, release/).
"""
