"""Landed extracts: immutable Parquet, which submissions count, what was rejected, corrections and codings of answers.

Not here: reading extracts (readers/), models over landings (dbt_project/).
"""
