"""Every number that everybody may see is guarded by disclosure control, or was reviewed as no count of answers."""

import json

from deployments import Deployment

from orchestration.release.draft import published_tables

# Printed, positions, numbers of needs, services and initiatives, and levels: none of them counts answers.
NO_COUNTS_OF_ANSWERS = {
    "gap_city_place.latitude",
    "gap_city_place.longitude",
    "gap_errata.position",
    "gap_initiative_by_cohort.position",
    "gap_label.need_level",
    "gap_label.position",
    "gap_need_by_cohort.comparison_ranked_needs_n",
    "gap_need_by_cohort.ranked_needs_n",
    "gap_need_statement.line",
    "gap_need_statement.number",
    "gap_pathway_progress.initiatives_n",
    "gap_ranking.least_need_level",
    "gap_report_cell.number",
    "gap_service_coverage.open_services_n",
    "gap_service_coverage.services_n",
    "gap_service_usage.position",
    "gap_support_coverage.initiatives_n",
    "gap_support_coverage.planned_services_n",
    "gap_support_coverage.services_n",
}


def test_every_public_number_is_guarded(bundled: Deployment) -> None:
    manifest = json.loads((bundled.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    types = {
        f"{node['name']}.{name}": column["data_type"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for name, column in node["columns"].items()
    }
    open_numbers = {
        f"{table.model}.{name}"
        for table in published_tables(manifest)
        for name in table.public_columns
        if types[f"{table.model}.{name}"] in ("bigint", "integer", "double")
        and name not in table.disclosure.guarded_columns
    }
    assert open_numbers == NO_COUNTS_OF_ANSWERS


def test_guarded_columns_are_columns_of_their_table(bundled: Deployment) -> None:
    manifest = json.loads((bundled.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    for table in published_tables(manifest):
        assert table.disclosure.guarded_columns <= {*table.columns}, table.model
