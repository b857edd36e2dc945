# Grain: one row a comparison (comparison_code): difference, interval, effect size and p values.
"""The tests of all comparisons, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.evidence import evidence_tests

    thresholds = dict(dbt.ref("int_thresholds").fetchall())
    return evidence_tests(dbt.ref("int_comparisons").to_arrow_table(), thresholds)
