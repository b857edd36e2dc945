"""The report site of a wave: built from releases, with the documentation of checks and models beside it.

Not here: pages, charts and queries (reports/).
"""
