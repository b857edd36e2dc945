"""A Debian of nothing but systemd, brought up by the runbook alone: `make bare-debian`, as root, with debootstrap.

The lines of docs/runbooks/deploy.md are run as they stand, step by step, in a Debian 12 that is booted in namespaces of
its own: packages, user, settings, first refresh, services under their hardening, proxy, backup, a pulled plug in the
middle of a build, a restore into an empty place, an upgrade. Only what a reader has to fill in is filled in. It takes
some minutes and a network (packages); nothing of the machine itself is changed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deployments import MINI_SEEDS

from orchestration.settings import PROJECT_ROOT

RUNBOOK = PROJECT_ROOT / "docs/runbooks/deploy.md"
BASE = "systemd,systemd-sysv,dbus,ca-certificates"
# What this machine trusts, for a network that has certificates of its own.
CERTIFICATES, TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt"), "/srv/certificates.crt"
CODE, SEEDS, HOST = "/srv/code.git", "/srv/seeds.git", "needs.example.org"
FILLED_IN = {
    "<this repository>": CODE,
    "<your seeds>": SEEDS,
    "<file>": "/root/backup.tar",
    "<person>": "ada",
    # Asks on the terminal otherwise.
    "htpasswd -B -c": "echo 'a pass word' | htpasswd -i -B -c",
}
LONGEST_STEP = 1800
_GIT = "git -c user.name=x -c user.email=x@x.example"
# One run is in the middle of its work, another waits for it, when the machine loses its power.
_PLUG = r"""
import json, subprocess, sys, time, urllib.request
def ask(query, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    asked = urllib.request.Request("http://127.0.0.1:3000/graphql", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(asked, timeout=60))["data"]
def launch(job, **tags):
    selector = {"repositoryLocationName": "needs", "repositoryName": "__repository__", "jobName": job}
    tags = [{"key": name, "value": value} for name, value in tags.items()]
    query = "mutation($p: ExecutionParams!) {launchRun(executionParams: $p) {... on LaunchRunSuccess {run {runId}}}}"
    return ask(query, p={"selector": selector, "executionMetadata": {"tags": tags}})["launchRun"]["run"]["runId"]
def status(run):
    try:
        return ask("query($i: ID!) {runOrError(runId: $i) {... on Run {status}}}", i=run)["runOrError"]["status"]
    except OSError:
        return None
def wait(run, *wanted):
    end = time.monotonic() + 400
    while status(run) not in wanted:
        assert time.monotonic() < end, (run, status(run))
        time.sleep(1)
lost, waiting = launch("build"), launch("land", **{"dagster/partition": "pulse.2030"})
wait(lost, "STARTED")
time.sleep(5)
for line in sys.argv[1:]:
    subprocess.run(line, shell=True)
begin = time.monotonic()
wait(lost, "FAILURE")
told = time.monotonic() - begin
wait(waiting, "SUCCESS")
print(f"told as failed after {told:.0f} s, the next one done after {time.monotonic() - begin:.0f} s")
"""
_WHOLE = (
    "cd /var/lib/needs && find data/landing data/warehouse releases -type f ! -name 'build.duckdb*' | sort"
    " | xargs sha256sum"
)


@dataclass
class Debian:
    """A Debian in a folder, and the first of its processes once it is booted."""

    root: Path
    init: int = 0
    told: list[tuple[str, float, str]] = field(default_factory=list)

    def run(self, step: str, script: str) -> str:
        """What a script says that is run there; it stops at the first line that fails. Raises RuntimeError."""
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "DEBIAN_FRONTEND": "noninteractive",
            "SSL_CERT_FILE": TRUSTED,
            "PIP_CERT": TRUSTED,
        }
        inside = ["nsenter", "-t", str(self.init), "-m", "-p", "-i", "-u", "-n", "-r", "-w"]
        enter = inside if self.init else ["chroot", str(self.root)]
        begin = time.monotonic()
        done = subprocess.run(
            [*enter, "bash", "-ec", f"umask 022\n{script}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_STEP,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{step}: status {done.returncode} of\n{script}\n{done.stdout[-2000:]}")
        last = next((line.strip() for line in reversed(done.stdout.splitlines()) if line.strip()), "")
        self.told.append((step, time.monotonic() - begin, last))
        print(f"{step:24} {time.monotonic() - begin:6.0f} s  {last[:110]}", flush=True)
        return done.stdout

    @contextmanager
    def booted(self) -> Iterator[None]:
        """systemd as the first process, in namespaces of its own; all of it is killed in the end."""
        mounts = (
            'mount --bind "$0" "$0"; for part in run tmp; do mount -t tmpfs tmpfs "$0/$part"; done; '
            'mount --rbind /sys "$0/sys"; mount --rbind /dev "$0/dev"; '
            'exec env -i container=other /usr/sbin/chroot "$0" /lib/systemd/systemd --log-target=null'
        )
        spaces = ["unshare", "-m", "-p", "-i", "-u", "-n", "--fork", "--kill-child=KILL"]
        command = [*spaces, f"--mount-proc={self.root}/proc", "bash", "-ec", mounts, str(self.root)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as outer:
            try:
                self.init = self._first_of(outer.pid)
                self.run("boot", "until systemctl is-system-running --wait | grep -x running; do sleep 1; done")
                yield
            finally:
                outer.kill()
                self.init = 0

    def _first_of(self, outer: int) -> int:
        children = Path(f"/proc/{outer}/task/{outer}/children")
        for _ in range(600):
            found = children.read_text().split()
            if found and Path(f"/proc/{found[0]}/comm").read_text().strip() == "systemd":
                # It listens a moment later.
                time.sleep(2)
                return int(found[0])
            time.sleep(0.1)
        raise RuntimeError("systemd does not start in namespaces of its own on this machine")


def steps_of(runbook: str) -> dict[str, str]:
    """The lines of each step of the runbook, by its title, with what a reader fills in filled in."""
    steps: dict[str, list[str]] = {}
    title = ""
    for line in runbook.splitlines():
        title = found[1] if (found := re.match(r"(?:\d\. )?\*\*([^*]+)\*\*", line)) else title
        if line.startswith("       "):
            steps.setdefault(title, []).append(line.strip())
    return {title: _filled_in("\n".join(lines)) for title, lines in steps.items()}


def _filled_in(text: str) -> str:
    for gap, filling in FILLED_IN.items():
        text = text.replace(gap, filling)
    assert not (left := re.search(r"<[a-z ]+>", text)), left
    return text


def make_repositories(root: Path) -> None:
    """The code as it is here, and the seeds of the small deployment, to be cloned from."""
    for name, source in ((CODE, None), (SEEDS, MINI_SEEDS)):
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            if source is None:
                listed = subprocess.run(
                    ["git", "-C", str(PROJECT_ROOT), "ls-files", "-z"], check=True, capture_output=True, text=True
                )
                for path in filter(None, listed.stdout.split("\0")):
                    if (PROJECT_ROOT / path).is_file():
                        (tree / path).parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy2(PROJECT_ROOT / path, tree / path)
            else:
                shutil.copytree(source, tree)
            make = f"git init -q -b main . && git add -A && {_GIT} commit -q -m One"
            subprocess.run(f"{make} && git clone -q --bare . {root}{name}", shell=True, cwd=tree, check=True)


def hand_over(root: Path) -> None:
    """What a newcomer has beside the Debian: a network, and repositories of the code and of seeds."""
    for path in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copyfile(path, f"{root}{path}")
    shutil.copyfile(CERTIFICATES, f"{root}{TRUSTED}")
    make_repositories(root)


def make_base(root: Path) -> None:
    """A Debian of nothing but systemd."""
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={BASE}", "bookworm", str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    hand_over(root)


def bring_up(debian: Debian) -> None:
    """The runbook from its first line to its last. Raises RuntimeError where a line fails."""
    steps = steps_of(RUNBOOK.read_text(encoding="utf-8"))
    # Packages need the network of this machine; all else is done without any.
    debian.run("1 packages and user", f"apt-get update -qq\n{steps.pop('Packages and user')}")
    with debian.booted():
        debian.run("2 settings", steps.pop("Settings"))
        debian.run("3 first refresh", steps.pop("First refresh"))
        debian.run("4 services", f"{steps.pop('Services')}\n! systemctl --failed --no-legend | grep needs")
        certificates = f"/etc/letsencrypt/live/{HOST}"
        debian.run(
            "5 proxy",
            f"mkdir -p {certificates}; cd {certificates}\nopenssl req -x509 -newkey rsa:2048 -nodes"
            f" -keyout privkey.pem -out fullchain.pem -subj /CN={HOST} 2> /dev/null\n{steps.pop('Proxy')}\n"
            "ask() { curl -sk --retry 9 --retry-delay 1 --retry-connrefused --resolve '*:443:127.0.0.1'"
            " -o /dev/null -w '%{http_code} ' \"$@\"; }\n"
            "runuser -u needs -- bash -c 'umask 027; cd /var/www/needs; mkdir 2030; echo site > 2030/index.html'\n"
            f"told=$(ask https://{HOST}/; ask -u 'ada:a pass word' https://{HOST}/; ask https://2030.{HOST}/)\n"
            f"echo without a password, with one, a public site: $told; test \"$told\" = '401 200 200 '",
        )
        backup, plug, look = steps.pop("Try it").splitlines()
        debian.run("7 backup", backup)
        (debian.root / "root" / "plug.py").write_text(_PLUG, encoding="utf-8")
        debian.run("7 pulled plug", f"python3 /root/plug.py '{plug}'\n! {look} --json | grep 'process is gone'")
        debian.run("  mended by a refresh", "needs refresh > /dev/null; needs doctor")
        debian.run(
            "restore",
            f"systemctl start needs-backup; mv $(ls -t /var/backups/needs/*.tar | head -1) /root/backup.tar\n"
            f"chmod 0755 /root; systemctl stop needs-web needs-daemon needs-code; {_WHOLE} > /root/before\n"
            f"mv /var/lib/needs /var/lib/lost; install -d -o needs -g needs -m 0750 /var/lib/needs\n"
            f"{steps.pop('Restore')}\n{_WHOLE} > /root/after; cmp /root/before /root/after\n"
            "echo $(wc -l < /root/after) files as they were",
        )
        debian.run(
            "upgrade",
            f"git clone -q {CODE} /root/next; cd /root/next; echo '# The next version.' >> orchestration/__init__.py\n"
            f"{_GIT} commit -q -a -m Two; git push -q; cd /\n{steps.pop('Upgrade')}\n"
            "grep -h git_revision /var/lib/needs/releases/*/internal/manifest.json",
        )
        debian.run("nobody else reads", "! find /var/{lib,backups}/needs /etc/needs/environment -perm /007 | grep .")
    assert not steps, f"steps that nobody took: {', '.join(steps)}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--base", type=Path, help="a folder that debootstrap has filled: it is copied, and saves minutes"
    )
    given = parser.parse_args()
    if os.getuid() or not shutil.which("debootstrap"):
        print("It boots a Debian in namespaces of its own: this takes root and debootstrap.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bare-debian-") as folder:
        root = Path(folder) / "root"
        if given.base:
            subprocess.run(["cp", "-a", str(given.base), str(root)], check=True)
            hand_over(root)
        else:
            make_base(root)
        debian = Debian(root)
        try:
            bring_up(debian)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
