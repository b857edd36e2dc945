"""Writing, describing and publishing the release of a wave: pure functions, no Dagster.

draft.py writes the tables, manifest.py says what they are and where they came from, store.py makes them immutable.
Not here: what is in a table (dbt_project/) and whether it may be published (expectations/).
"""
