# Grain: one row what the numbers of a printed report contradict (wave, rule_code, finding).
"""The judgement of each printed number by all others, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.contradictions import find_contradictions

    return find_contradictions(
        numbers=dbt.ref("int_published_numbers").to_arrow_table(),
        places=dbt.ref("int_report_places").to_arrow_table(),
        items=dbt.ref("dim_item").to_arrow_table(),
        choices=dbt.ref("dim_choice").to_arrow_table(),
        known_numbers=dbt.ref("int_known_numbers").to_arrow_table(),
        measures=dbt.source("knowledge", "measures").to_arrow_table(),
        measure_terms=dbt.source("knowledge", "measure_terms").to_arrow_table(),
        claims=dbt.source("knowledge", "claims").to_arrow_table(),
        thresholds=dbt.source("knowledge", "thresholds").to_arrow_table(),
    )
