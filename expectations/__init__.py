"""Quality rules run by Great Expectations: of a landed round at the door, of a draft release at the gate.

Not here: what a reader decides on single cells (orchestration/readers/), keys and joins (dbt tests).
"""
