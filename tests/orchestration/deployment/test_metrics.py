"""Metrics are of the state that is there, in a format that Prometheus takes; `doctor --json` is for probes."""

import json
import shutil
import time

import pytest
from deployments import Deployment
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from orchestration.deployment.metrics import metrics_text
from orchestration.pipeline.refresh import RefreshError


class Samples:
    """The value of each metric by its name and the values of its labels, in any order."""

    def __init__(self, text: str) -> None:
        self._values = {
            (sample.name.removeprefix("needs_"), frozenset(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __getitem__(self, key: tuple[str, ...]) -> float:
        return self._values[key[0], frozenset(key[1:])]


def test_metrics_tell_stages_rounds_waves_and_bytes(refreshed: Deployment) -> None:
    done = refreshed.needs("metrics")
    assert (done.returncode, done.stdout.endswith("# EOF\n")) == (0, True)
    found = Samples(done.stdout)
    assert found["round_rows", "pulse.2030", "rows_in"] == 8
    assert found["round_rows", "pulse.2030", "rejected_rows"] == 0
    assert found["round_landed", "pulse.2030"] == 1
    assert found["wave_revisions", "2030", "open"] == 1
    assert found["wave_cells", "2030", "shown"] + found["wave_cells", "2030", "hidden"] > 0
    assert found["wave_cells", "2030", "hidden"] > 0
    assert found["stage_ok", "land", "pulse.2030"] == found["stage_ok", "serve", ""] == 1
    assert 0 < found["stage_done_timestamp_seconds", "refresh", ""] <= time.time() + 1
    assert found["stage_duration_seconds", "build", ""] > 0
    served = refreshed.settings.served_database.stat().st_size
    assert found["bytes", "warehouse"] >= served
    assert found["bytes", "releases"] > 0


def test_a_round_that_failed_and_one_that_is_not_there_are_told(refreshed: Deployment) -> None:
    extract = refreshed.seeds / "rounds/pulse/2030/extract.csv"
    extract.write_text(extract.read_text().replace("900000", "-5"))
    with pytest.raises(RefreshError):
        refreshed.refresh()
    shutil.copytree(refreshed.seeds / "rounds/pulse/2030", refreshed.seeds / "rounds/pulse/2031")
    found = Samples(metrics_text(refreshed.settings))
    assert found["stage_ok", "land", "pulse.2030"] == 0
    assert found["stage_done_timestamp_seconds", "land", "pulse.2030"] > 0, "the last that was well stays told"
    assert found["round_landed", "pulse.2031"] == 0


def test_an_empty_deployment_has_metrics_too(mini: Deployment) -> None:
    found = Samples(metrics_text(mini.settings))
    assert found["round_landed", "pulse.2030"] == 0
    assert found["wave_revisions", "2030", "open"] == 0


def test_the_doctor_tells_a_probe_in_json(refreshed: Deployment) -> None:
    done = refreshed.needs("doctor", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"ok": True, "empty": False, "findings": []})
    (refreshed.releases / "latest.json").write_text("{}")
    done = refreshed.needs("doctor", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"]) == (1, False)
    (finding,) = told["findings"]
    assert set(finding) == {"part", "place", "found", "to_do"}
    assert finding["place"] == "latest.json"
