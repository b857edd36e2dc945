"""How much of a core a deployment takes while nothing happens: `make at-rest`.

Webserver, daemon and one code server are started by the commands of their units (deploy/systemd/) over a small
deployment, every schedule and sensor is switched on, and after a while their processor time is counted for minutes.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from deployments import MINI_SEEDS, Deployment, deploy
from servers import free_port

from orchestration.settings import PROJECT_ROOT

UNITS = {"code server": "needs-code", "daemon": "needs-daemon", "webserver": "needs-web"}
MOST_PCT = 2.0
_REPOSITORY = {"repositoryLocationName": "needs", "repositoryName": "__repository__"}
_NAMES = """query($of: RepositorySelector!) {
  sensorsOrError(repositorySelector: $of) { ... on Sensors { results { name } } }
  schedulesOrError(repositorySelector: $of) { ... on Schedules { results { name } } }
}"""
_START = {
    "sensor": "mutation($of: SensorSelector!) { startSensor(sensorSelector: $of) { __typename } }",
    "schedule": "mutation($of: ScheduleSelector!) { startSchedule(scheduleSelector: $of) { __typename } }",
}
_UNDER_WAY = "query { runsOrError(filter: {statuses: [QUEUED, STARTING, STARTED]}) { ... on Runs { results { id } } } }"


def command_of(unit: str, ports: Mapping[str, str]) -> list[str]:
    """What a unit starts, from this project and at other ports."""
    lines = (PROJECT_ROOT / "deploy" / "systemd" / f"{unit}.service").read_text(encoding="utf-8").splitlines()
    (line,) = (line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
    words = shlex.split(line.replace("/opt/needs", str(PROJECT_ROOT)))
    return [ports.get(word, word) for word in words]


def environment_of_units() -> dict[str, str]:
    """What all units have in their environment."""
    path = PROJECT_ROOT / "deploy" / "systemd" / "needs-.service.d" / "needs.conf"
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.removeprefix("Environment=").split("=", 1) for line in lines if line.startswith("Environment="))


@contextmanager
def services(deployment: Deployment, workspace: Path) -> Iterator[tuple[dict[str, psutil.Process], str]]:
    """The three services of a deployment by name, and the address of the web UI."""
    code, web = str(free_port()), str(free_port())
    text = (PROJECT_ROOT / "deploy" / "workspace.yaml").read_text(encoding="utf-8")
    workspace.write_text(text.replace("4266", code), encoding="utf-8")
    ports = {"4266": code, "3000": web, str(PROJECT_ROOT / "deploy" / "workspace.yaml"): str(workspace)}
    environment = {
        **os.environ,
        "NEEDS_SEEDS": str(deployment.seeds),
        "NEEDS_DATA": str(deployment.data),
        "NEEDS_RELEASES": str(deployment.releases),
        **environment_of_units(),
        "DAGSTER_HOME": str(deployment.settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    started: dict[str, psutil.Process] = {}
    try:
        for name, unit in UNITS.items():
            started[name] = psutil.Popen(
                command_of(unit, ports), env=environment, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL
            )
        yield started, f"http://127.0.0.1:{web}/graphql"
    finally:
        for process in started.values():
            process.send_signal(signal.SIGINT)
        psutil.wait_procs(list(started.values()), timeout=60)


def ask(address: str, query: str, **variables: Any) -> Any:
    """The data of an answer of the web UI."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]


def switch_on(address: str, seconds: float) -> list[str]:
    """Start every schedule and sensor as soon as the web UI knows them; their names."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = ask(address, _NAMES, of=_REPOSITORY)
            sensors = [("sensor", one["name"]) for one in found["sensorsOrError"]["results"]]
            named = [*sensors, *(("schedule", one["name"]) for one in found["schedulesOrError"]["results"])]
            break
        except (OSError, KeyError, TypeError):
            if time.monotonic() > end:
                raise
            time.sleep(5)
    for kind, name in named:
        ask(address, _START[kind], of={**_REPOSITORY, f"{kind}Name": name})
    return [name for _, name in named]


def seconds_of(process: psutil.Process) -> float:
    """Processor time of a process and of those that it started."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--settle", type=float, default=6, help="minutes before it is counted")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        deployment = deploy(Path(name) / "rest", MINI_SEEDS)
        deployment.refresh()
        with services(deployment, Path(name) / "workspace.yaml") as (started, address):
            print(f"switched on: {', '.join(switch_on(address, 600))}", flush=True)
            time.sleep(60 * given.settle)
            while ask(address, _UNDER_WAY)["runsOrError"]["results"]:
                time.sleep(30)
            begin, before = time.monotonic(), {name: seconds_of(one) for name, one in started.items()}
            time.sleep(60 * given.minutes)
            after, seconds = {name: seconds_of(one) for name, one in started.items()}, time.monotonic() - begin
            held = {name: one.memory_info().rss / 2**20 for name, one in started.items()}
    shares = {name: 100 * (after[name] - before[name]) / seconds for name in before}
    print(f"{'service':12} {'% of a core':>12} {'MiB':>6}")
    for name, share in shares.items():
        print(f"{name:12} {share:12.2f} {held[name]:6.0f}")
    print(f"{'all':12} {sum(shares.values()):12.2f} {sum(held.values()):6.0f}  over {seconds:.0f} s")
    return int(sum(shares.values()) > MOST_PCT)


if __name__ == "__main__":
    sys.exit(main())
