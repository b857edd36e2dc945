"""A PostgreSQL of Debian's, for the time of some tests, on the loopback address."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import free_port, wait_until_it_answers

USER, PASSWORD = "needs", "not:to/be@seen"
IN_ADDRESS = "not%3Ato%2Fbe%40seen"


def find_programs() -> Path | None:
    """The folder of initdb and postgres, if they are installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@contextmanager
def postgres() -> Iterator[str]:
    """A server with one empty database; gives its address as an operator writes it."""
    programs = find_programs()
    assert programs is not None
    # It refuses to be run by root, and another user sees nothing below pytest's own folder.
    user = "nobody" if os.getuid() == 0 else None
    port = free_port()
    home = Path(tempfile.mkdtemp(prefix="postgres-"))
    (home / "password").write_text(PASSWORD)
    if user:
        shutil.chown(home, user)
        shutil.chown(home / "password", user)
    data = str(home / "data")
    try:
        make = [str(programs / "initdb"), "-D", data, "-U", USER, "-A", "scram-sha-256", "-E", "UTF8"]
        subprocess.run(
            [*make, "--no-sync", "--pwfile", str(home / "password")], user=user, check=True, stdout=subprocess.DEVNULL
        )
        options = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}"]
        serve = [str(programs / "postgres"), "-D", data, "-p", str(port), *options]
        with subprocess.Popen(serve, user=user, stderr=subprocess.DEVNULL) as server:
            wait_until_it_answers(port, "PostgreSQL")
            yield f"postgresql://{USER}:{IN_ADDRESS}@127.0.0.1:{port}/postgres"
            # Fast: it waits for nobody who is still connected.
            server.send_signal(signal.SIGINT)
    finally:
        shutil.rmtree(home)
