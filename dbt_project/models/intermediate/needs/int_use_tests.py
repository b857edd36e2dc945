# Grain: one row a comparison of the same cities before and after services came (comparison_code): difference and p
# values.
"""The tests of intent against use, and of needs with and without use, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.evidence import evidence_tests

    thresholds = dict(dbt.ref("int_thresholds").fetchall())
    return evidence_tests(dbt.ref("int_use_comparisons").to_arrow_table(), thresholds)
