# Grain: one row a wave × pair of cohorts × need that both were asked in a list
# (wave, cohort_code, comparison_cohort_code, need_code): the share of resamples in which it overlaps.
"""How firm the ranks of needs are, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.resampling import rank_stability

    thresholds = dict(dbt.ref("int_thresholds").fetchall())
    pairs = dbt.source("knowledge", "cohort_pairs").to_arrow_table()
    return rank_stability(dbt.ref("int_need_patterns").to_arrow_table(), pairs, thresholds)
