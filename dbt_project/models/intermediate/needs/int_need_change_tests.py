# Grain: one row a change of a need that can be compared (comparison_code): difference, interval and p values.
"""The tests of changes from wave to wave, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.evidence import evidence_tests, verdict_alternatives

    thresholds = dict(dbt.ref("int_thresholds").fetchall())
    comparable = "is_comparable and base_n is not null and comparison_base_n is not null"
    changes = dbt.ref("int_need_changes").filter(comparable).to_arrow_table()
    tests = evidence_tests(changes, thresholds)
    return tests.append_column("alternatives_n", verdict_alternatives(changes, thresholds))
