"""The main job on an extract that lies at an address."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import pytest
from deployments import Deployment
from servers import Server

from orchestration.extracts.errors import ExtractError
from orchestration.pipeline.graph import build_definitions
from orchestration.pipeline.jobs import BUILD, LAND


@dataclass
class Store:
    """Where the extract of the small deployment lies; its content may change."""

    server: Server
    address: str
    content: bytes


@pytest.fixture
def store(mini: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("NEEDS_FETCH_SCHEMES", '["http"]')
    extract = mini.seeds / "rounds" / "pulse" / "2030" / "extract.csv"
    with Server() as server:
        kept = Store(server, "", extract.read_bytes())
        kept.address = server.serve("/pulse.csv", lambda http: http.answer(kept.content))
        extract.unlink()
        server.start()
        yield kept
        server.stop()


def point_to(mini: Deployment, store: Store, *lines: str) -> None:
    card = mini.seeds / "rounds" / "pulse" / "2030" / "round.yml"
    text = card.read_text().replace("extract: extract.csv", "\n".join([f"extract: {store.address}?v=1", *lines]))
    card.write_text(text)


def test_an_unchanged_refresh_asks_no_server_for_a_file_that_round_yml_names(mini: Deployment, store: Store) -> None:
    point_to(mini, store, f"sha256: {hashlib.sha256(store.content).hexdigest()}")
    report = mini.refresh()
    assert [entry.rows_in for entry in report.rounds] == [8]
    assert store.server.requests == ["/pulse.csv?v=1"]
    assert mini.refresh().is_unchanged
    assert "pulse.2030" in mini.needs("status").stdout
    assert len(store.server.requests) == 1
    sources = mini.needs("query", "--csv", "select extract from landing.landings").stdout
    assert store.address in sources
    assert "v=1" not in sources


def test_a_file_that_round_yml_does_not_name_is_landed_again_when_it_changes(mini: Deployment, store: Store) -> None:
    point_to(mini, store)
    mini.refresh()
    assert store.server.requests == ["/pulse.csv?v=1"], "it is fetched once to be known and to be read"
    assert mini.refresh().is_unchanged
    assert len(store.server.requests) == 2
    store.content += b"I,,5000,No,3\n"
    card = mini.seeds / "rounds" / "pulse" / "2030" / "round.yml"
    assert "expected_responses: 8" in card.read_text()
    with pytest.raises(Exception, match="expected_responses_reached"):
        mini.refresh()
    store.server.serve("/pulse.csv", lambda http: http.answer(b"", 404))
    with pytest.raises(ExtractError, match="nothing is at this address"):
        mini.refresh()


def test_a_sensor_that_looks_every_few_minutes_asks_no_server(mini: Deployment, store: Store) -> None:
    point_to(mini, store)
    definitions = build_definitions(mini.settings)
    sensor = definitions.get_sensor_def("changed_seeds")

    def look(cursor: str | None) -> tuple[list[str | None], str | None]:
        with dg.DagsterInstance.ephemeral() as instance:
            context = dg.build_sensor_context(instance, cursor=cursor, definitions=definitions)
            result = sensor.evaluate_tick(context)
        return [request.job_name for request in result.run_requests or ()], result.cursor

    asked, cursor = look(None)
    assert asked == [LAND], "it was never landed"
    assert look(cursor)[0] == []
    assert store.server.requests == []
    mini.land()
    assert len(store.server.requests) == 1
    asked, cursor = look(cursor)
    assert asked == [BUILD]
    store.content += b"I,,5000,No,3\n"
    assert look(cursor)[0] == []
    assert len(store.server.requests) == 1
