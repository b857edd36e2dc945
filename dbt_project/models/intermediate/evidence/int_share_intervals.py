# Grain: one row a count and its base (n, base_n): the interval of the share, by the method that the thresholds choose.
"""The intervals of all shares, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.evidence import share_intervals

    thresholds = dict(dbt.ref("int_thresholds").fetchall())
    return share_intervals(dbt.ref("int_share_counts").to_arrow_table(), thresholds)
