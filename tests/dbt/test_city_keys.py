"""City keys are append-only: what was served neither vanishes nor changes its meaning unless a person reviewed it."""

import duckdb
import pytest
from deployments import Deployment
from planted import results_of

from orchestration.pipeline.refresh import RefreshError

RULE = "city_keys_are_append_only"
SERVED_A = "insert into landing.served_responses values ('pulse.2030.A', 'pulse', '2030', 'gn-1'); "
SERVED_GONE = "insert into landing.served_responses values ('pulse.2030.Z', 'pulse', '2030', 'gn-1'); "
MOVED = "update intermediate.int_response_cities set city_key = 'gn-2' where response_key = 'pulse.2030.A'; "


def reviewed(old: str, new: str) -> str:
    """SQL of a reviewed change; an empty new key is none."""
    return f"insert into knowledge.city_key_changes values ('{old}', nullif('{new}', ''), 'why', '2026-01-02')"


FAULTS = {
    "now open": SERVED_A,
    "another city": SERVED_A + MOVED,
    "another change was reviewed": SERVED_A + MOVED + reviewed("gn-1", "gn-3"),
    "no response has it": SERVED_GONE,
    "another country": "insert into landing.served_responses select response_key, instrument, round, 'gn-1' "
    "from intermediate.int_response_cities where response_key = 'pulse.2030.A'; "
    "update intermediate.int_response_cities set city_key = 'gn-1' where response_key = 'pulse.2030.A'; "
    "insert into landing.served_cities values ('gn-1', 'AT'); "
    "update dimensions.dim_city set city_key = 'gn-1', country_code = 'IT' where city_key = 'pulse.2030.A'",
}
NO_FAULTS = {
    "nothing was served": "",
    "the change was reviewed": SERVED_A + MOVED + reviewed("gn-1", "gn-2"),
    "the name was confirmed": SERVED_A + MOVED + "update intermediate.int_response_cities "
    "set link_method = 'confirmed alias'",
    "the loss was reviewed": SERVED_GONE + reviewed("gn-1", ""),
    "another response has it": SERVED_GONE + "update dimensions.dim_city set city_key = 'gn-1' "
    "where city_key = 'pulse.2030.B'",
    "the round was taken out": "insert into landing.served_responses values ('pulse.2029.A', 'pulse', '2029', 'gn-1')",
    "a response without a city": "insert into landing.served_cities values ('pulse.2030.A', 'AT'); "
    "update dimensions.dim_city set country_code = 'IT'",
}


def test_a_key_that_vanished_or_means_another_city_is_found_and_what_was_reviewed_is_not(built: Deployment) -> None:
    rule = results_of(built, RULE)[RULE]
    assert str(rule.status) == "pass"
    found = {}
    with duckdb.connect(str(built.settings.build_database)) as connection:
        for name, planted in {**FAULTS, **NO_FAULTS}.items():
            connection.execute(f"begin; {planted}")
            found[name] = len(connection.execute(rule.node.compiled_code).fetchall())
            connection.execute("rollback")
    assert found == {**dict.fromkeys(FAULTS, 1), **dict.fromkeys(NO_FAULTS, 0)}


def test_a_refresh_stops_before_a_served_key_is_lost_until_the_loss_is_reviewed(refreshed: Deployment) -> None:
    questions = refreshed.seeds / "rounds" / "pulse" / "2030" / "questions.csv"
    extract = questions.with_name("extract.csv")
    questions.write_text(questions.read_text().replace(",response_id,", ",response_id city_pseudonym,"))
    # As if the pseudonym had been served before, under another spelling.
    refreshed.settings.served_database.chmod(0o640)
    with duckdb.connect(str(refreshed.settings.served_database)) as connection:
        served = "set city_key = 'A' where city_key = 'pulse.2030.A'"
        connection.execute(f"update intermediate.int_response_cities {served}")
        connection.execute(f"update dimensions.dim_city {served}")
    extract.write_text(extract.read_text().replace("\nA,", "\nAA,"))
    with pytest.raises(RefreshError) as stopped:
        refreshed.refresh()
    for words in (
        RULE,
        "neither vanishes nor changes its meaning",
        "city_key_changes.csv",
        "old_key A",
        "pulse.2030.A",
    ):
        assert words in str(stopped.value)
    (refreshed.seeds / "city_key_changes.csv").write_text(
        "old_key,new_key,reason,decided_on\nA,,spelt anew by the survey team,2026-01-02\n"
    )
    refreshed.refresh()
    with duckdb.connect(str(refreshed.settings.served_database), read_only=True) as connection:
        keys = {row[0] for row in connection.sql("select city_key from dimensions.dim_city").fetchall()}
    assert "AA" in keys
    assert "A" not in keys
