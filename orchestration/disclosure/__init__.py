"""What may leave a wave's tables: which cells are hidden, why, and whether the hidden ones stay hidden.

rules.py says which counts tell what a single city said, protect.py hides what they could be computed from, tables.py
takes the hidden cells out of the published tables, audit.py checks them with an independent tool. Not here: what is
counted (dbt_project/), the limits (orchestration/settings.py), writing files (orchestration/release/).
"""
