"""Units of systemd: what systemd itself says of them, and that they start what there is."""

import json
import os
import re
import subprocess
from pathlib import Path

import click
import pytest
import typer
from bare_debian import steps_of
from units import CODE, DEPLOY, SERVICES, UNITS, command_of, directives, install_units, settings_lines

from orchestration.deployment.backup import back_up
from orchestration.settings import PROJECT_ROOT, Settings

# Of 10, of which systemd gives 9.6 to a service that says nothing.
MOST_EXPOSED = 2.0
RUNBOOK = (PROJECT_ROOT / "docs/runbooks/deploy.md").read_text(encoding="utf-8")


def systemd(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze of the units in a folder, before those of the machine."""
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
    command = ["systemd-analyze", "--no-pager", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    install_units(tmp_path)
    return tmp_path


def complaints(folder: Path) -> str:
    units = [str(path) for path in sorted(folder.glob("needs-*.*")) if path.is_file()]
    assert len(units) == 7
    done = systemd(folder, "verify", "--man=no", *units)
    # Other units of the machine may be complained of as well.
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if "needs-" in line)


def test_systemd_takes_every_unit_without_a_word(installed: Path) -> None:
    assert complaints(installed) == ""


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("needs-.service.d/needs.conf", "ProtectSystem=", "ProtectSytem=", "Unknown key 'ProtectSytem'"),
        ("needs-web.service", "/dagster-webserver", "/dagster-web-server", "is not executable"),
        ("needs-cleanup.timer", "04:30", "25:30", "Failed to parse calendar specification"),
    ],
)
def test_what_is_wrong_in_a_unit_is_told(name: str, old: str, new: str, told: str, installed: Path) -> None:
    path = installed / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert told in complaints(installed)


@pytest.mark.parametrize("unit", SERVICES)
def test_systemd_finds_little_that_a_service_may_do(unit: str, installed: Path) -> None:
    path = installed / f"{unit}.service"
    done = systemd(installed, "security", "--offline=true", "--json=short", str(path))
    exposed = {entry["json_field"]: float(entry["exposure"] or 0) for entry in json.loads(done.stdout)}
    for name in (
        "ProtectSystem",
        "PrivateTmp",
        "NoNewPrivileges",
        "ProtectHome",
        "CapabilityBoundingSet_CAP_SYS_ADMIN",
    ):
        assert exposed[name] == 0, name
    most = f"--threshold={MOST_EXPOSED * 10:.0f}"
    assert systemd(installed, "security", "--offline=true", most, str(path)).returncode == 0
    (installed / "needs-.service.d/needs.conf").unlink()
    assert systemd(installed, "security", "--offline=true", most, str(path)).returncode == 1


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_has_a_user_of_its_own_and_writes_for_its_group_alone(unit: str) -> None:
    said = directives(unit)
    assert (said["User"], said["Group"], said["UMask"]) == (["needs"], ["needs"], ["0027"])
    assert said["EnvironmentFile"] == ["/etc/needs/environment"]


def test_dagster_takes_the_command_of_each_service_and_nothing_is_a_server_for_development() -> None:
    from dagster._cli import create_dagster_cli
    from dagster._daemon.cli import create_dagster_daemon_cli
    from dagster_webserver.cli import create_dagster_webserver_cli

    from orchestration.cli.main import app

    programs = {
        "dagster": create_dagster_cli(),
        "dagster-daemon": create_dagster_daemon_cli(),
        "dagster-webserver": create_dagster_webserver_cli(),
        "needs": typer.main.get_command(app),
    }
    for unit in SERVICES:
        program, *words = (word.replace(CODE, str(PROJECT_ROOT)) for word in command_of(unit))
        assert taken_by(programs[Path(program).name], words) != "dev"
        if Path(program).name != "needs":
            assert taken_by(programs[Path(program).name], [*words, "--log-format", "json"]), "as the runbook says"
    with pytest.raises(click.NoSuchOption):
        taken_by(programs["dagster-daemon"], ["run", "--log-lvl", "warning"])


def taken_by(command: click.Command, words: list[str]) -> str | None:
    """The last command of a line that is parsed to its end; nothing is run."""
    context = command.make_context(command.name, list(words))
    if not isinstance(command, click.Group):
        return command.name
    name, inner, rest = command.resolve_command(context, [*context.protected_args, *context.args])
    assert inner is not None, name
    return taken_by(inner, rest)


def test_one_code_server_is_what_web_and_daemon_load() -> None:
    code = command_of("needs-code")
    assert code[code.index("-p") + 1] == "4266"
    assert "port: 4266" in (DEPLOY / "workspace.yaml").read_text(encoding="utf-8")
    for unit in ("needs-daemon", "needs-web"):
        command = command_of(unit)
        assert command[command.index("-w") + 1] == "/opt/needs/deploy/workspace.yaml"
        assert "needs-code.service" in directives(unit)["After"][0]
    for unit in SERVICES:
        assert "NEEDS_CODE_HOST=127.0.0.1" in directives(unit)["Environment"]
    web = command_of("needs-web")
    assert web[web.index("-h") + 1] == "127.0.0.1", "Dagster has no authentication of its own"


def test_each_setting_that_names_a_place_is_one_that_services_may_write() -> None:
    places = dict(line.split("=", 1) for line in settings_lines() if "=/" in line)
    written = [path.lstrip("-") for line in directives("needs-code")["ReadWritePaths"] for path in line.split()]
    for name in ("NEEDS_DATA", "NEEDS_RELEASES", "NEEDS_SITE", "DAGSTER_HOME"):
        assert any(Path(places[name]).is_relative_to(path) for path in written), name
    assert places["DAGSTER_HOME"] == f"{places['NEEDS_DATA']}/dagster"
    assert "/opt/needs/reports" in written, "the site is built in its project"
    read = directives("needs-code")["ReadOnlyPaths"][0]
    assert Path(places["NEEDS_SEEDS"]).is_relative_to(read)


def test_old_backups_go_and_nothing_else(tmp_path: Path) -> None:
    """The command of the unit, at another place, on what `needs backup` writes."""
    unit = directives("needs-backup")
    backups = command_of("needs-backup")[-1]
    assert any(backups in line for line in unit["ReadWritePaths"])
    settings = Settings(seeds=tmp_path / "seeds", data=tmp_path / "data", releases=str(tmp_path / "releases"))
    settings.seeds.mkdir()
    settings.data.mkdir()
    old = back_up(settings, tmp_path / "backups").file
    new = old.with_name("needs-29991231T000000Z.tar")
    other = old.with_name("mine.tar")
    for path in (new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (1, 1))
    (line,) = unit["ExecStartPost"]
    subprocess.run(line.replace(backups, str(old.parent)), shell=True, check=True)
    assert sorted(path.name for path in old.parent.iterdir()) == ["mine.tar", new.name]


def test_the_runbook_installs_and_switches_on_what_there_is() -> None:
    (enabled,) = re.findall(r"systemctl enable --now (.*)", RUNBOOK)
    timers = {path.name for path in UNITS.glob("*.timer")}
    assert set(enabled.split()) == timers | {name for name in SERVICES if f"{name}.timer" not in timers}
    for path in re.findall(r"/opt/needs/(deploy/[\w./-]+)", RUNBOOK):
        assert (PROJECT_ROOT / path).exists(), path


def test_the_lines_of_the_runbook_are_whole_and_in_the_order_of_their_steps() -> None:
    """`make bare-debian` runs them; this looks at each alone."""
    steps = steps_of(RUNBOOK)
    in_order = ["Packages and user", "Settings", "First refresh", "Services", "Proxy", "Try it", "Restore", "Upgrade"]
    assert list(steps) == in_order
    for title, lines in steps.items():
        parsed = subprocess.run(["bash", "-n"], input=lines, capture_output=True, text=True, check=False)
        assert (parsed.returncode, parsed.stderr) == (0, ""), title
