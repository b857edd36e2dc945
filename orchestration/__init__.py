"""What runs, when and on what: readers, Dagster assets, checks, release and the `needs` command.

Not here: the meaning of a column (dbt_project/), reviewed knowledge (seeds/), quality rules (expectations/).
"""
