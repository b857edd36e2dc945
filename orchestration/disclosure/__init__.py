"""Statistical disclosure control of a wave by cell suppression: which cells are hidden, why, and how safely.

rules.py is primary suppression, protect.py complementary suppression, tables.py takes suppressed cells out of the
published tables, audit.py attacks those, and protect.py hides what it finds. Not here: what is counted (dbt_project/),
the limits (orchestration/settings.py), writing files (orchestration/release/).
Source: Hundepool and others (2012), Statistical Disclosure Control, Wiley, whose words are used.
"""
