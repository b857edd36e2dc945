"""Drafts of a printed report: one printed from the data, in which nothing is wrong, and errors planted into it.

Each is a wave of its own, without any answer behind it: the rules of the errata need none.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from orchestration.pipeline import dbt as dbt_run
from orchestration.settings import Settings

CORRECT = "correct"
REPORT_TABLES = ("waves", "tables", "table_members", "table_labels", "statements")

# What 2024 would have printed without a slip: every cell of its tables and figures, and every number of its sentences.
# Left out is the item that 15 cities did not answer: a bar that hides its missing answers is a finding.
PRINT_CORRECTLY = f"""
create temp table correct as
select p.* replace ('{CORRECT}' as wave, coalesce(r.value, p.value) as value,
                    coalesce(r.value, p.printed) as printed, r.base as base_as_stated, cast(null as varchar) as note)
from knowledge.published_cells p
join (
    select cell_id, cast(cast(floor(computed_value + 0.5 + 1e-9) as bigint) as varchar) as value,
        case statistic when 'share' then base_n || ' cities' end as base
    from gaps.gap_reconciliation
    where source = 'prose'
        and reconciliation_status in ('reproduced', 'differs', 'reproduced under another rounding')
        and printed not like 'over%' and printed not like 'almost%' and printed not like 'nearly%'
) r using (cell_id)
union all by name
select '{CORRECT}' as wave, table_id || '.' || row_label || '.' || column_label || '.' || measure_code as cell_id,
    source, number, row_label, column_label,
    case measure_code when 'share' then 'percent' else measure_code end as measure, 'certain' as confidence,
    case measure_code when 'share' then floor(share_pct + 0.5 + 1e-9)::bigint::varchar else value::varchar end
        as printed,
    printed as value
from gaps.gap_report_cell
where wave = '2024' and not is_merged and (measure_code <> 'count' or n > 0)
    and (source = 'table' or number in (17, 21, 22, 23, 32))
    and row_label not like 'Lack of technical knowledge%'
"""

# What a report printed from the data would claim: all that no finding calls wrong.
TRUE_CLAIMS = """
create temp table true_claims as
select * from knowledge.claims
where wave = '2024' and not exists (
    select 1 from gaps.gap_errata
    where ends_with(erratum_id, '.' || claim_id)
        or contains(coalesce(alternatives, ''), 'Line ' || line || ', ' || says)
)
"""


def print_drafts(home: Settings, served: Path, drafts: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Build the errata of drafts, each a wave and the edits of the table `draft` that plant its error."""
    home.build_database.parent.mkdir(parents=True)
    home.build_database.write_bytes(served.read_bytes())
    with duckdb.connect(str(home.build_database)) as connection:
        connection.execute(PRINT_CORRECTLY)
        connection.execute(TRUE_CLAIMS)
        for wave, edits in drafts:
            connection.execute("create or replace temp table draft as from correct")
            for table in REPORT_TABLES:
                connection.execute(
                    f"insert into knowledge.{table} select * replace ('{wave}' as wave) from knowledge.{table} "
                    "where wave = '2024'"
                )
            connection.execute(f"insert into knowledge.claims select * replace ('{wave}' as wave) from true_claims")
            for edit in edits:
                connection.execute(edit)
            connection.execute(
                f"insert into knowledge.published_cells by name select * replace ('{wave}' as wave) from draft"
            )
    home.prepare_environment()
    models = "int_report_places int_known_numbers int_published_numbers+ int_errata_facts int_errata_lists"
    result = dbt_run.invoke("run", home.dbt_target, "--select", models)
    assert result.success, dbt_run.failure_message(result, home.build_database)
