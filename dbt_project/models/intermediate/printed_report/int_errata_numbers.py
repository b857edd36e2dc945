# Grain: one row what the numbers of a printed report contradict (wave, rule_code, finding).
"""The judgement of each printed number by all others, by orchestration/statistics."""


def model(dbt, session):
    """Table that dbt builds."""
    from orchestration.statistics.contradictions import find_contradictions

    tables = {
        "numbers": dbt.ref("int_published_numbers"),
        "places": dbt.ref("int_report_places").filter("not is_merged"),
        "items": dbt.ref("dim_item"),
        "choices": dbt.ref("dim_choice"),
        "known_numbers": dbt.ref("int_known_numbers"),
        "measures": dbt.source("knowledge", "measures"),
        "measure_terms": dbt.source("knowledge", "measure_terms"),
        "claims": dbt.source("knowledge", "claims"),
        "thresholds": dbt.source("knowledge", "thresholds"),
    }
    return find_contradictions({name: table.to_arrow_table() for name, table in tables.items()})
