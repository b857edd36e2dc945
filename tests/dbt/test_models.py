"""dbt's own unit tests, its data tests on planted faults, and the conventions of the models."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from deployments import Deployment
from planted import results_of, states

from orchestration.settings import DBT_PROJECT_DIR

MODELS_DIR = DBT_PROJECT_DIR / "models"
MODELS = sorted(MODELS_DIR.rglob("*.sql"))
UNIT_TEST = re.compile(r"^  - name: (\w+)$", re.MULTILINE)
SELECT_STAR = re.compile(r"select\s+\*|\.\*", re.IGNORECASE)


def test_unit_tests_pass(built: Deployment) -> None:
    found = states(built, "test_type:unit")
    written = [name for path in MODELS_DIR.rglob("_unit_tests*.yml") for name in UNIT_TEST.findall(path.read_text())]
    assert sorted(name for name, _ in found) == sorted(written)
    assert {state for _, state in found} == {"pass"}


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        (
            "unique_grain_gap_cube_wave__cohort_code__item_code__choice_code__dimension_code__member_code",
            "insert into gaps.gap_cube from gaps.gap_cube limit 1",
        ),
        (
            "not_above_gap_cube_n_base_n__answered_n_members_n",
            "update gaps.gap_cube set n = base_n + 1 where item_code = 'plan'",
        ),
        ("cube_accounts_for_every_member", "update gaps.gap_cube set n = 0 where choice_code = 'missing'"),
        (
            "item_answers_are_choices_of_their_scale",
            "update intermediate.int_item_answers set choice_code = '9'",
        ),
        (
            "members_of_a_dimension_add_up_to_the_cohort",
            "delete from intermediate.int_group_members where member_code = 'small'",
        ),
        (
            "landed_answers_belong_to_a_known_question",
            "update staging.stg_answers set question_code = 'other'",
        ),
        ("landings_account_for_every_row", "update dimensions.dim_round set superseded_n = 1, responses_n = 7"),
        ("landings_account_for_every_row", "update dimensions.dim_round set rows_in = 9"),
        ("landings_account_for_every_row", "delete from landing.landings"),
        (
            "accepted_values_stg_submissions_standing__counted__superseded__incomplete__test",
            "update staging.stg_submissions set standing = 'maybe' where response_id = 'A'",
        ),
        (
            "relationships_fct_submission_superseded_by__response_key__ref_fct_response_",
            "update facts.fct_submission set superseded_by = 'pulse.2030.Z' where response_id = 'A'",
        ),
        ("report_tables_have_cells", "delete from gaps.gap_report_cell"),
        (
            "classes_are_merged_as_a_whole",
            "insert into knowledge.class_merges values ('size_class', 'small', 'size_merged', 'small')",
        ),
        ("knowledge_codes_are_known", "delete from knowledge.scales where scale_code = 'yes_no'"),
        ("relationships_fct_response_city_key__city_key__ref_dim_city_", "delete from dimensions.dim_city"),
    ],
)
def test_a_planted_fault_is_found(built: Deployment, test: str, fault: str) -> None:
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute(fault)
    assert states(built, test) == [(test, "fail")]


@pytest.mark.parametrize(
    ("test", "fault", "told"),
    [
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set method = 'same' where item_code = 'population'",
            "item_sources.method",
        ),
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set method = 'map' where item_code = 'plan'",
            "choice_maps.source_choice: not mapped",
        ),
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set method = 'coded' where item_code = 'plan'",
            "item_sources.method: coded is for open questions",
        ),
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set method = 'coded', question_code = 'id' where item_code like '%n%'",
            "item_sources.method: one item is coded from a question",
        ),
        (
            "rounds_are_read_in_one_way",
            "insert into knowledge.wave_rounds from knowledge.wave_rounds",
            "wave_rounds: a wave has one round",
        ),
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set pick = 'any' where item_code = 'plan'",
            "item_sources.pick: for rounds of records, and for them only",
        ),
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set pick = 'none' where item_code = 'plan'",
            "item_sources.pick: none goes with any, latest or count",
        ),
        (
            "rounds_are_read_in_one_way",
            "update knowledge.item_sources set pick = 'count' where item_code = 'plan'",
            "item_sources.pick: count is for numbers, any for choices",
        ),
        (
            "rounds_are_read_in_one_way",
            "update staging.stg_rounds set complete_for = ['all', 'EVERYBODY']",
            "EVERYBODY",
        ),
        (
            "rounds_are_read_in_one_way",
            "insert into knowledge.wave_rounds (wave, instrument, round, rank) "
            "select '2030', 'register', '2029', rank from knowledge.wave_rounds",
            "wave_rounds.rank: one round a rank",
        ),
        (
            "report_tables_have_cells",
            "insert into knowledge.table_labels (wave, table_id, axis, code, label) "
            "values ('2030', 'T1', 'row', 'medium', 'Middling')",
            "Middling",
        ),
    ],
)
def test_a_planted_fault_is_told_by_its_code(built: Deployment, test: str, fault: str, told: str) -> None:
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute(fault)
    found = results_of(built, test)[test]
    assert str(found.status) == "fail"
    with duckdb.connect(str(built.settings.build_database), read_only=True) as connection:
        rows = connection.execute(found.node.compiled_code).fetchall()
    assert any(told in str(value) for row in rows for value in row)


def test_a_city_that_answers_twice_is_a_warning(built: Deployment) -> None:
    with duckdb.connect(str(built.settings.build_database)) as connection:
        connection.execute("update intermediate.int_response_cities set city_key = 'same'")
    test = "a_city_answers_a_round_once"
    assert states(built, test) == [(test, "warn")]


def per_model(check: Callable[[str], bool]) -> list[str]:
    return [path.stem for path in MODELS if not check(path.read_text(encoding="utf-8"))]


def layer(path: Path) -> str:
    return path.relative_to(MODELS_DIR).parts[0]


def test_every_model_opens_with_its_grain() -> None:
    assert per_model(lambda sql: sql.startswith("-- Grain: one row ")) == []


def test_no_model_selects_star() -> None:
    assert per_model(lambda sql: not SELECT_STAR.search(sql)) == []


def test_model_names_parse_into_layer_and_subject() -> None:
    prefixes = {
        "staging": "stg_",
        "intermediate": "int_",
        "dimensions": "dim_",
        "facts": "fct_",
        "gaps": "gap_",
        # Analysts call a table macro, and a view of the marts, by its subject alone.
        "main": "",
        "mart": "",
    }
    assert [path.stem for path in MODELS if not path.stem.startswith(prefixes[layer(path)])] == []


def test_every_column_is_described_and_documented_once(refreshed: Deployment) -> None:
    manifest = json.loads((refreshed.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(refreshed.settings.served_database), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where schema_name in ('staging', 'intermediate', 'dimensions', 'facts', 'gaps')"
        ).fetchall()
    described = {
        (node["name"], column["name"]): column["description"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] != "mart"
        for column in node["columns"].values()
    }
    assert {(table, column): comment for table, column, comment in found} == described
    assert all(described.values())


def test_gap_models_have_enforced_contracts(refreshed: Deployment) -> None:
    manifest = json.loads((refreshed.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    gaps = [node for node in manifest["nodes"].values() if node["name"].startswith("gap_")]
    assert gaps
    assert all(node["contract"]["enforced"] for node in gaps)


def test_a_column_without_the_publish_mark_stays_inside(refreshed: Deployment) -> None:
    from orchestration.release.draft import published_tables

    manifest = json.loads((refreshed.settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    cube = manifest["nodes"]["model.city_needs.gap_cube"]
    cube["columns"]["answered_n"]["config"]["meta"]["publish"] = False
    published = {table.model: table.columns for table in published_tables(manifest)}
    assert "answered_n" not in published["gap_cube"]
    assert "base_n" in published["gap_cube"]
    assert not any(model.startswith(("stg_", "int_", "dim_", "fct_")) for model in published)


def test_paths_are_named_in_no_model() -> None:
    assert per_model(lambda sql: "read_parquet" not in sql and "read_csv" not in sql) == []
    told = re.findall(r"env_var\('(\w+)'\)", Path(DBT_PROJECT_DIR / "profiles.yml").read_text())
    assert set(told) == {"NEEDS_BUILD_DATABASE", "NEEDS_MEMORY_LIMIT"}
